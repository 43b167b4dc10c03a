"""QR codes: pictures are read within bounds, and drawn codes can be scanned."""

from __future__ import annotations

import base64
import io
import random
import stat
import struct
import sys
import zlib
from pathlib import Path
from typing import get_args
from unittest.mock import patch

import segno
import zxingcpp
from PIL import Image
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PictureRefused
from padchat_twisted.service.qrcode import (
    MAX_JPEG_SCANS,
    MAX_QR_PICTURE_BYTES,
    MAX_QR_PICTURE_PIXELS,
    QUIET_ZONE,
    Picture,
    QRCodeUnreadable,
    Style,
    decode_picture,
    draw,
    read_code,
    save_picture,
)

#: As long as the codes of logins are.
CODE = "http://weixin.qq.com/x/Ab3dEfGhIjKlMnOpQrSt"

PNG = b"\x89PNG\r\n\x1a\n"
STYLES: tuple[Style, ...] = get_args(Style)

#: What a cell of two modules, or half of one with ``ascii``, shows: is it light?
CELLS: dict[str, dict[str, tuple[int, ...]]] = {
    "blocks": {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)},
    "inverted": {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)},
    "ascii": {"#": (1,), " ": (0,)},
}


def picture_of(code: str, form: str = "PNG", scale: int = 8) -> Picture:
    """Make the gateway's picture of a code."""
    png = io.BytesIO()
    segno.make(code, micro=False).save(png, kind="png", scale=scale, border=4)
    if form == "PNG":
        return Picture(png.getvalue(), form)
    other = io.BytesIO()
    Image.open(png).convert("RGB").save(other, form, quality=70)
    return Picture(other.getvalue(), form)


def png_of_size(width: int, height: int) -> bytes:
    """Make a PNG whose header claims a size, with no pixels behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [PNG]
    for content in (b"IHDR" + header, b"IDAT"):
        size, checksum = len(content) - 4, zlib.crc32(content)
        chunks += [struct.pack(">I", size), content, struct.pack(">I", checksum)]
    return b"".join(chunks)


def rasterise(lines: list[str], style: Style) -> Image.Image:
    """Look at a terminal: the modules that the lines show, four pixels each."""
    rows: list[list[int]] = []
    for line in lines:
        cells = [CELLS[style][character] for character in line]
        if style == "ascii":
            cells = cells[::2]
        rows += [list(row) for row in zip(*cells, strict=True)]
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([255 * module for row in rows for module in row])
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


class DecodeTests(SynchronousTestCase):
    """Base64 text becomes a picture of a bounded size."""

    def test_formats(self) -> None:
        """PNG and JPEG are told by their first bytes, with or without line breaks."""
        for form in ("PNG", "JPEG"):
            picture = picture_of(CODE, form)
            text = base64.b64encode(picture.data).decode()
            self.assertEqual(decode_picture(text), picture)
            lines = base64.encodebytes(picture.data).decode().replace("\n", "\r\n")
            self.assertEqual(decode_picture(lines), picture)

    def test_size(self) -> None:
        """The largest picture passes, also in lines; one byte more does not."""
        largest = PNG + bytes(MAX_QR_PICTURE_BYTES - len(PNG))
        for data, passes in ((largest, True), (largest + b"\0", False)):
            text = base64.b64encode(data).decode()
            mime = "\r\n".join(text[i : i + 76] for i in range(0, len(text), 76))
            for each in (text, mime):
                if passes:
                    self.assertEqual(decode_picture(each).data, data)
                else:
                    error = self.assertRaises(PictureRefused, decode_picture, each)
                    self.assertIn(f"over {MAX_QR_PICTURE_BYTES} bytes", str(error))

    def test_huge_text(self) -> None:
        """A text far over the limit is refused before it is looked at."""
        text = "!" * (MAX_QR_PICTURE_BYTES * 2)
        error = self.assertRaises(PictureRefused, decode_picture, text)
        self.assertIn("over", str(error))

    def test_no_base64(self) -> None:
        """Other text is refused: letters, lone surrogates, wrong padding, a prefix."""
        for text in ("不是", "\ud83d", "AAA", "A=A=", "data:image/png;base64,AAAA"):
            error = self.assertRaises(PictureRefused, decode_picture, text)
            self.assertIn("no base64", str(error))

    def test_other_formats(self) -> None:
        """Whatever else Pillow might open is refused, as is nothing at all."""
        gif = io.BytesIO()
        Image.new("L", (9, 9)).save(gif, "GIF")
        for data in (b"", gif.getvalue(), b"%PDF-1.7", b"<svg/>", b"RIFF\0\0\0\0WEBP"):
            text = base64.b64encode(data).decode()
            error = self.assertRaises(PictureRefused, decode_picture, text)
            self.assertIn("neither PNG nor JPEG", str(error))

    def test_repr_holds_no_content(self) -> None:
        """The picture is as good as a password: its repr shows nothing of it."""
        self.assertEqual(repr(Picture(b"secret", "PNG")), "Picture(format='PNG')")


class ReadTests(SynchronousTestCase):
    """The text of the code in a picture."""

    def test_formats(self) -> None:
        """Codes are read from PNG and JPEG, small and larger than is searched."""
        for form in ("PNG", "JPEG"):
            for scale in (3, 8, 40):
                self.assertEqual(read_code(picture_of(CODE, form, scale)), CODE)

    def test_other_text(self) -> None:
        """Text that is not ASCII is read as it was written."""
        for code in ("weixin://登录/ü", "0123456789", "A"):
            self.assertEqual(read_code(picture_of(code)), code)

    def test_pixels(self) -> None:
        """The most pixels pass, one row more does not, whatever is behind them."""
        side = int(MAX_QR_PICTURE_PIXELS**0.5)
        self.assertEqual(side * side, MAX_QR_PICTURE_PIXELS)
        blank = io.BytesIO()
        Image.new("1", (side, side), 1).save(blank, "PNG")
        picture = Picture(blank.getvalue(), "PNG")
        error = self.assertRaises(QRCodeUnreadable, read_code, picture)
        self.assertIn("no QR code", str(error))
        picture = Picture(png_of_size(side, side + 1), "PNG")
        refused = self.assertRaises(PictureRefused, read_code, picture)
        self.assertIn(f"over {MAX_QR_PICTURE_PIXELS} pixels", str(refused))

    def test_claimed_sizes(self) -> None:
        """Sizes that Pillow warns of, refuses or cannot hold are refused quietly."""
        for width, height in ((10_000, 10_000), (60_000, 60_000), (2**31 - 1, 1)):
            picture = Picture(png_of_size(width, height), "PNG")
            error = self.assertRaises(PictureRefused, read_code, picture)
            self.assertIn(f"over {MAX_QR_PICTURE_PIXELS} pixels", str(error))
        self.assertEqual(self.flushWarnings(), [])

    def test_scans(self) -> None:
        """A JPEG of many scans is refused before any of them is decoded."""
        for count, problem in (
            (MAX_JPEG_SCANS, "broken"),
            (MAX_JPEG_SCANS + 1, f"over {MAX_JPEG_SCANS} scans"),
        ):
            picture = Picture(b"\xff\xd8\xff" + b"\xff\xda" * count, "JPEG")
            error = self.assertRaises(PictureRefused, read_code, picture)
            self.assertIn(problem, str(error))

    def test_format_is_kept(self) -> None:
        """A file that poses as another format is not opened as what it is."""
        picture = Picture(picture_of(CODE, "JPEG").data, "PNG")
        self.assertRaises(PictureRefused, read_code, picture)

    def test_garbage(self) -> None:
        """Damaged pictures give a text or one of the two errors, nothing else."""
        chance = random.Random(4)
        results = {"read": 0, "refused": 0, "unreadable": 0}
        for round_ in range(200):
            picture = picture_of("x", ("PNG", "JPEG")[round_ % 2], 2)
            data = bytearray(picture.data)
            for _ in range(chance.randint(1, 8)):
                data[chance.randrange(2, len(data))] = chance.randrange(256)
            if chance.random() < 0.2:
                del data[chance.randrange(2, len(data)) :]
            try:
                read_code(Picture(bytes(data), picture.format))
                results["read"] += 1
            except PictureRefused:
                results["refused"] += 1
            except QRCodeUnreadable:
                results["unreadable"] += 1
        self.assertEqual(sum(results.values()), 200)
        self.assertGreater(results["refused"], 30)

    def test_without_the_extra(self) -> None:
        """Without the libraries the error says what to install."""
        for missing in ("zxingcpp", "PIL"):
            with patch.dict(sys.modules, {missing: None}):
                error = self.assertRaises(QRCodeUnreadable, read_code, picture_of("x"))
            self.assertIn("pip install 'padchat-twisted[qr]'", str(error))


class DrawTests(SynchronousTestCase):
    """Codes drawn as text."""

    def test_scanned_again(self) -> None:
        """What each style shows on a screen reads as the code that was drawn."""
        for style in STYLES:
            for code in (CODE, "A", "登录", "x" * 300):
                image = rasterise(draw(code, style=style), style)
                form = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
                found = zxingcpp.read_barcode(image, formats=form, try_invert=False)
                self.assertIsNotNone(found, (style, code))
                assert found is not None
                self.assertEqual(found.text, code)

    def test_quiet_zone(self) -> None:
        """Each side has four light modules, of the colour that light has."""
        for style, light in (("blocks", "█"), ("inverted", " "), ("ascii", "##")):
            lines = draw(CODE, style=style)  # type: ignore[arg-type] # of the literals
            self.assertEqual({len(line) for line in lines}, {len(lines[0])})
            rows = QUIET_ZONE if style == "ascii" else QUIET_ZONE // 2
            for line in lines[:rows] + lines[-rows:]:
                self.assertEqual(set(line), set(light))
            for line in lines:
                self.assertTrue(line.startswith(light * QUIET_ZONE))
                self.assertTrue(line.endswith(light * QUIET_ZONE))

    def test_width(self) -> None:
        """The code of a login fits into the 80 columns of a terminal."""
        self.assertEqual(len(draw(CODE, style="blocks")[0]), 37)
        self.assertLessEqual(len(draw(CODE, style="ascii")[0]), 80)

    def test_plain_ascii(self) -> None:
        """The plain style has no other letters than a sharp and a space."""
        self.assertEqual(set("".join(draw(CODE, style="ascii"))), set("# "))

    def test_too_long(self) -> None:
        """More than a QR code holds cannot be drawn; the most can."""
        self.assertEqual(len(draw("x" * 2953, style="blocks")[0]), 177 + 8)
        error = self.assertRaises(QRCodeUnreadable, draw, "x" * 2954, style="blocks")
        self.assertNotIn("xxx", str(error))

    def test_lone_surrogate(self) -> None:
        """Text that has no bytes cannot be drawn."""
        self.assertRaises(QRCodeUnreadable, draw, "\ud83d", style="blocks")


class SaveTests(SynchronousTestCase):
    """Pictures on disk."""

    def setUp(self) -> None:
        """Have a folder that is not there yet, two levels down."""
        self.folder = Path(self.mktemp()).absolute() / "qr"

    def test_saved(self) -> None:
        """File and folder are for the owner alone, and nothing else is left."""
        path = save_picture(self.folder, "shop-1", Picture(b"first", "PNG"))
        self.assertEqual(path, self.folder / "qrcode-shop-1.png")
        self.assertEqual(path.read_bytes(), b"first")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        again = save_picture(self.folder, "shop-1", Picture(b"second", "PNG"))
        self.assertEqual(again, path)
        self.assertEqual(path.read_bytes(), b"second")
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_mode_of_an_older_file(self) -> None:
        """A file that others could read is replaced by one that they cannot."""
        self.folder.mkdir(parents=True)
        old = self.folder / "qrcode-shop-1.jpeg"
        old.write_bytes(b"old")
        old.chmod(0o644)
        path = save_picture(self.folder, "shop-1", Picture(b"new", "JPEG"))
        self.assertEqual(path, old)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_names(self) -> None:
        """No name leaves the folder, is too long, or is that of another account."""
        names = [
            "shop-1", "店_1", "", ".", "..", "../x", "/etc/x", "a/b", "a_b", "a b",
            "a\0b", "a\nb", "\x1b[2J", "\ud83d", "店" * 64, "店" * 63, "x" * 500,
        ]  # fmt: skip
        paths = [save_picture(self.folder, n, Picture(b"p", "PNG")) for n in names]
        self.assertEqual(len(set(paths)), len(names))
        for path in paths:
            self.assertEqual(path.parent, self.folder)
            self.assertTrue(path.name.isprintable())
            self.assertNotIn(" ", path.name)

    def test_failure_leaves_nothing(self) -> None:
        """Where the file cannot be put, no unfinished one stays behind."""
        (self.folder / "qrcode-shop-1.png").mkdir(parents=True)
        picture = Picture(b"p", "PNG")
        self.assertRaises(OSError, save_picture, self.folder, "shop-1", picture)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["qrcode-shop-1.png"])
