"""QR codes of a login: the gateway's picture in, lines for a terminal out.

What is in a picture or a code lets its reader log in: neither is ever logged, and
their ``repr`` shows nothing of them. Pictures come from the gateway, so every size
is bounded before work is done on it.

Reading a picture needs the extra ``qr``; saving and drawing do not.

Source: PADCHAT index.js, event ``qrcode``: ``qrCode`` is a JPEG image as base64 text.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import segno

from ..errors import PadChatError, PictureRefused

__all__ = [
    "Picture",
    "QRCodeUnreadable",
    "Style",
    "decode_picture",
    "draw",
    "encode_picture",
    "read_code",
    "save_picture",
]

#: Largest picture (bytes, decoded): a code of 1,000 x 1,000 pixels is a tenth of it
#: even as a badly compressed JPEG.
MAX_QR_PICTURE_BYTES: Final = 1024 * 1024

#: Most pixels of a picture, looked up in its header: 4 million take 16 MiB and some
#: tens of milliseconds, a few bytes of header could claim billions.
MAX_QR_PICTURE_PIXELS: Final = 4_000_000

#: Most scans of a JPEG. A progressive one has about ten; each costs a walk over all
#: pixels, so that 1 MiB of tiny scans keeps a processor busy for half a minute.
MAX_JPEG_SCANS: Final = 100

#: Longest side at which a picture is searched for a code (pixels); larger ones are
#: scaled down first. A picture full of false corners of codes takes seven seconds
#: at 2,000 pixels, a tenth of one at 500, where a module of a login code still has
#: a dozen pixels.
MAX_SEARCHED_SIDE: Final = 512

#: Longest part of an account's name in a file's name (characters, up to 4 bytes each;
#: names of files end at 255 bytes).
MAX_FILE_NAME_LENGTH: Final = 40

#: Pixels of a module of a picture that we make: a phone reads it from a screen.
PICTURE_SCALE: Final = 6

#: Light modules around a code. Source: ISO/IEC 18004, quiet zone.
QUIET_ZONE: Final = 4

#: How to draw: half blocks for light text on dark ground, half blocks for dark text
#: on light ground, or two ``#`` per light module where there are no blocks.
Style = Literal["blocks", "inverted", "ascii"]

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
_START_OF_SCAN = b"\xff\xda"


class QRCodeUnreadable(PadChatError):
    """A code could not be read from its picture, or not be drawn.

    Args:
        problem: why, and what to do about it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a bounded size; nothing but its first bytes was looked at.

    Args:
        data: the file's content.
        format: ``PNG`` or ``JPEG``.
    """

    data: bytes = field(repr=False)
    format: str


def encode_picture(code: str) -> str:
    """Make the picture that a gateway of dialect ``sdk`` leaves to us.

    Args:
        code: what the code says.

    Returns:
        Base64 of a PNG file.

    Raises:
        PictureRefused: more text than a QR code holds.
    """
    file = io.BytesIO()
    try:
        segno.make_qr(code).save(file, kind="png", scale=PICTURE_SCALE)
    except ValueError:  # too long, or text that no encoding of it holds
        raise PictureRefused("a QR code that holds more than can be drawn") from None
    return base64.b64encode(file.getvalue()).decode("ascii")


def decode_picture(base64_text: str) -> Picture:
    """Decode the gateway's picture.

    Args:
        base64_text: with or without line breaks, without a data URL prefix.

    Raises:
        PictureRefused: too large, no base64, or neither PNG nor JPEG.
    """
    largest_text = 4 * -(-MAX_QR_PICTURE_BYTES // 3)
    # Line breaks, as MIME puts them: 2 characters after each 76.
    if len(base64_text) > largest_text + largest_text // 76 * 2:
        raise PictureRefused(f"a QR picture over {MAX_QR_PICTURE_BYTES} bytes")
    try:
        data = base64.b64decode("".join(base64_text.split()), validate=True)
    except ValueError:
        raise PictureRefused("a QR picture that is no base64 text") from None
    if len(data) > MAX_QR_PICTURE_BYTES:
        raise PictureRefused(f"a QR picture over {MAX_QR_PICTURE_BYTES} bytes")
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            return Picture(data, name)
    raise PictureRefused("a QR picture that is neither PNG nor JPEG")


def read_code(picture: Picture) -> str:
    """Read the text of the QR code in a picture.

    Raises:
        PictureRefused: too many pixels, broken, or made to keep us busy.
        QRCodeUnreadable: no code in it, or the extra ``qr`` is not installed.
    """
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        raise QRCodeUnreadable(
            "drawing it here needs: pip install 'padchat-twisted[qr]'"
        ) from None
    if picture.data.count(_START_OF_SCAN) > MAX_JPEG_SCANS and picture.format == "JPEG":
        raise PictureRefused(f"a QR picture of over {MAX_JPEG_SCANS} scans")
    too_many = f"a QR picture over {MAX_QR_PICTURE_PIXELS} pixels"
    try:
        with warnings.catch_warnings():
            # Its own limit on pixels is twenty times ours: we look right after it.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture.data), formats=(picture.format,))
        if image.width * image.height > MAX_QR_PICTURE_PIXELS:
            raise PictureRefused(too_many)
        grey = image.convert("L")
        grey.thumbnail((MAX_SEARCHED_SIDE, MAX_SEARCHED_SIDE))
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused(too_many) from None
    # Pillow has no closed list of what a broken file raises.
    except Exception as error:
        raise PictureRefused("a QR picture that is broken") from error
    code = zxingcpp.read_barcode(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    if code is None or not code.text:
        raise QRCodeUnreadable("no QR code was found in the picture")
    return code.text


def draw(code: str, *, style: Style) -> list[str]:
    """Draw a QR code as lines of text, with its quiet zone.

    Args:
        code: what it says.
        style: see :data:`Style`.

    Returns:
        Lines of equal length without line ends; two rows of modules per line, but
        one with ``ascii``, which has two characters per module.

    Raises:
        QRCodeUnreadable: more text than a QR code holds.
    """
    try:
        # The least redundancy gives the smallest code, and a screen has no scratches.
        symbol = segno.make_qr(code, error="l")
    except ValueError:  # too long, or text that no encoding of it holds
        raise QRCodeUnreadable("the code holds more than can be drawn") from None
    rows = [
        [module == 0 for module in row] for row in symbol.matrix_iter(1, QUIET_ZONE)
    ]
    if style == "ascii":
        return ["".join("##" if light else "  " for light in row) for row in rows]
    if len(rows) % 2:
        rows.append([True] * len(rows[0]))
    full, upper, lower, none = "█▀▄ " if style == "blocks" else " ▄▀█"
    cells = {
        (True, True): full,
        (True, False): upper,
        (False, True): lower,
        (False, False): none,
    }
    return [
        "".join(cells[pair] for pair in zip(top, bottom, strict=True))
        for top, bottom in zip(rows[::2], rows[1::2], strict=True)
    ]


def save_picture(folder: Path, account_name: str, picture: Picture) -> Path:
    """Save a picture for its owner alone, in place of the account's last one.

    Args:
        folder: made if it is not there, for its owner alone.
        account_name: any text; letters, digits, ``-`` and ``_`` stay as they are.
        picture: what to save.

    Returns:
        The file: whole or not there, mode 0600.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_file_name(account_name)}.{picture.format.lower()}"
    descriptor, unfinished = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(picture.data)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _file_name(account_name: str) -> str:
    """Make a name that is no path; other names give others."""
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in account_name)
    if plain == account_name and len(plain) <= MAX_FILE_NAME_LENGTH:
        return f"qrcode-{plain}"
    digest = hashlib.sha256(account_name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"qrcode-{plain[:MAX_FILE_NAME_LENGTH]}-{digest[:8]}"
