"""The terminal shows one QR code at a time, and survives what it is given."""

from __future__ import annotations

import base64
import math
import sys
from pathlib import Path
from unittest.mock import patch

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.qrcode import Style, draw
from padchat_twisted.service.terminal import (
    MAX_LIFE,
    MAX_WAITING_CODES,
    REFRESH_SECONDS,
    QRTerminal,
)
from tests.service.test_qrcode import picture_of, png_of_size

ERASE = "\x1b[K"


def text_of(code: str) -> str:
    """Make what the gateway sends for a code."""
    return base64.b64encode(picture_of(code).data).decode()


class TerminalCase(SynchronousTestCase):
    """Has a clock, a folder and a list of what was written."""

    def setUp(self) -> None:
        """Begin with nothing written; end with no timer left."""
        self.clock = Clock()
        self.written: list[str] = []
        self.folder = Path(self.mktemp()).absolute()
        self.qr_terminal = self.make()

    def tearDown(self) -> None:
        """Closing always leaves the clock alone."""
        self.qr_terminal.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def make(
        self, *, is_terminal: bool = True, style: Style = "blocks", width: int = 80
    ) -> QRTerminal:
        """Make a terminal that writes to the list."""
        return QRTerminal(
            self.clock,
            self.written.append,
            is_terminal=is_terminal,
            style=style,
            picture_folder=self.folder,
            width=width,
        )

    def path(self, name: str) -> str:
        """Say where a picture is saved."""
        return str(self.folder / f"qrcode-{name}.png")

    def taken(self) -> str:
        """Take what was written since the last time."""
        text = "".join(self.written)
        self.written.clear()
        return text

    def drawing(self, name: str, code: str, left: int, style: Style = "blocks") -> str:
        """Say what showing a code writes."""
        lines = [f"{name}: scan this QR code with WeChat"]
        lines += [*draw(code, style=style), self.path(name)]
        return f"{ERASE}\n" + "".join(f"{x}\n" for x in lines) + self.left(left)

    def left(self, seconds: int) -> str:
        """Say what writing the time left writes."""
        return f"{ERASE}{seconds} s left\r"


class OneCodeTests(TerminalCase):
    """A single account."""

    def test_shown(self) -> None:
        """Name, code, path of the picture and time left are written."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.assertEqual(self.taken(), self.drawing("shop-1", "one", 240))
        self.assertTrue(Path(self.path("shop-1")).is_file())

    def test_styles(self) -> None:
        """The code is drawn in the style that was asked for."""
        for style in ("inverted", "ascii"):
            self.qr_terminal.close()
            self.taken()
            chosen: Style = "ascii" if style == "ascii" else "inverted"
            self.qr_terminal = self.make(style=chosen)
            self.qr_terminal.show("shop-1", text_of("one"), 9)
            self.assertEqual(self.taken(), self.drawing("shop-1", "one", 9, chosen))

    def test_time_left(self) -> None:
        """The time left is written every few seconds over the last one."""
        self.qr_terminal.show("shop-1", text_of("one"), 12)
        self.taken()
        self.clock.advance(REFRESH_SECONDS - 0.1)
        self.assertEqual(self.taken(), "")
        self.clock.advance(0.1)
        self.assertEqual(self.taken(), self.left(7))
        self.clock.advance(REFRESH_SECONDS)
        self.assertEqual(self.taken(), self.left(2))

    def test_expired(self) -> None:
        """At its end a code is said to have expired, and counting stops."""
        self.qr_terminal.show("shop-1", text_of("one"), 12)
        self.clock.pump([5, 5, 1.9])
        self.taken()
        self.clock.advance(0.1)
        told = f"{ERASE}{ERASE}shop-1: its QR code has expired\n"
        self.assertEqual(self.taken(), told)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_scanned(self) -> None:
        """A scanned code gives way to the phone; a second time says nothing."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.taken()
        self.qr_terminal.scanned("shop-1")
        told = f"{ERASE}{ERASE}shop-1: scanned; confirm it on the phone\n"
        self.assertEqual(self.taken(), told)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.qr_terminal.scanned("shop-1")
        self.qr_terminal.finished("shop-1")
        self.assertEqual(self.taken(), "")

    def test_finished(self) -> None:
        """A code that is not needed any more is said to be so."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.taken()
        self.qr_terminal.finished("shop-1")
        told = f"{ERASE}{ERASE}shop-1: its QR code is not needed any more\n"
        self.assertEqual(self.taken(), told)

    def test_newer_code(self) -> None:
        """A newer code of the same account takes the place of the older one."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.qr_terminal.show("shop-2", text_of("two"), 240)
        self.taken()
        self.clock.advance(1)
        self.qr_terminal.show("shop-1", text_of("new"), 100)
        self.assertEqual(self.taken(), ERASE + self.drawing("shop-1", "new", 100))
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_close(self) -> None:
        """Closing forgets all codes: nothing is written later."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.qr_terminal.show("shop-2", text_of("two"), 240)
        self.qr_terminal.close()
        self.taken()
        self.clock.advance(300)
        self.assertEqual(self.taken(), "")


class ManyCodesTests(TerminalCase):
    """Several accounts at once."""

    def setUp(self) -> None:
        """Show one code, let a second one wait."""
        super().setUp()
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.taken()
        self.qr_terminal.show("shop-2", text_of("two"), 100)

    def test_waiting(self) -> None:
        """A code that waits is told in one line, with its path."""
        told = (
            f"{ERASE}shop-2: scan within 100 s with WeChat: {self.path('shop-2')}"
            " (or here, after shop-1)\n"
        )
        self.assertEqual(self.taken(), told + self.left(240))

    def test_next_after_scan(self) -> None:
        """The next code follows a scan, with the time that it still has."""
        self.clock.advance(3)
        self.taken()
        self.qr_terminal.scanned("shop-1")
        told = f"{ERASE}{ERASE}shop-1: scanned; confirm it on the phone\n"
        self.assertEqual(self.taken(), told + self.drawing("shop-2", "two", 97))

    def test_next_after_end(self) -> None:
        """The next code follows one that expires; those that expired are passed."""
        self.qr_terminal.show("shop-3", text_of("three"), 300)
        for _ in range(48):
            self.clock.advance(5)
        text = self.taken()
        self.assertNotIn("shop-2: scan this QR code", text)
        self.assertIn(f"{ERASE}shop-2: its QR code has expired\n", text)
        self.assertTrue(text.endswith(self.drawing("shop-3", "three", 60)))

    def test_waiting_is_scanned(self) -> None:
        """A code that is scanned from its picture does not come up later."""
        self.taken()
        self.qr_terminal.scanned("shop-2")
        told = f"{ERASE}shop-2: scanned; confirm it on the phone\n"
        self.assertEqual(self.taken(), told + self.left(240))
        self.qr_terminal.finished("shop-1")
        self.assertNotIn("shop-2", self.taken())

    def test_waiting_is_renewed(self) -> None:
        """A newer code of an account that waits keeps its place."""
        self.qr_terminal.show("shop-3", text_of("three"), 100)
        self.qr_terminal.show("shop-2", text_of("new"), 200)
        self.qr_terminal.finished("shop-1")
        self.assertTrue(self.taken().endswith(self.drawing("shop-2", "new", 200)))

    def test_bound(self) -> None:
        """So many codes wait and no more; of the rest the path is told."""
        for number in range(3, MAX_WAITING_CODES + 3):
            self.taken()
            self.qr_terminal.show(f"shop-{number}", text_of("more"), 200)
        self.assertIn("(too many others wait to be drawn here)", self.taken())
        self.assertEqual(self.qr_terminal.waiting, MAX_WAITING_CODES)
        for number in range(1, MAX_WAITING_CODES + 2):
            self.qr_terminal.finished(f"shop-{number}")
        self.assertNotIn(f"shop-{number + 1}", self.taken())

    def test_waiting_is_renewed_when_full(self) -> None:
        """A newer code of an account that waits needs no more room."""
        for number in range(3, MAX_WAITING_CODES + 2):
            self.qr_terminal.show(f"shop-{number}", text_of("more"), 200)
        self.taken()
        self.qr_terminal.show("shop-2", text_of("new"), 200)
        self.assertIn("(or here, after shop-1)", self.taken())


class NoDrawingTests(TerminalCase):
    """Where there is nothing to draw on, or nothing to draw with."""

    def test_no_terminal(self) -> None:
        """Without a terminal each path is told once, with the time; no escapes."""
        qr_terminal = self.make(is_terminal=False)
        qr_terminal.show("shop-1", text_of("one"), 240)
        qr_terminal.show("shop-2", text_of("two"), 100.4)
        qr_terminal.scanned("shop-1")
        qr_terminal.finished("shop-2")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        qr_terminal.close()
        self.assertEqual(
            self.taken(),
            f"shop-1: scan within 240 s with WeChat: {self.path('shop-1')}\n"
            f"shop-2: scan within 100 s with WeChat: {self.path('shop-2')}\n",
        )
        self.assertTrue(Path(self.path("shop-2")).is_file())

    def test_no_extra(self) -> None:
        """Without the extra the path is told, and what to install."""
        with patch.dict(sys.modules, {"zxingcpp": None}):
            self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.assertEqual(
            self.taken(),
            f"{ERASE}shop-1: scan within 240 s with WeChat: {self.path('shop-1')}"
            " (drawing it here needs: pip install 'padchat-twisted[qr]')\n",
        )

    def test_width(self) -> None:
        """A code as wide as the terminal is drawn; a wider one is told by path."""
        needed = len(draw("one", style="blocks")[0])
        for width, drawn in ((needed, True), (needed - 1, False)):
            qr_terminal = self.make(width=width)
            qr_terminal.show("shop-1", text_of("one"), 240)
            self.assertEqual("█" in self.taken(), drawn)
            qr_terminal.show("shop-1", text_of("one"), 240)
            told = f"(drawing it here needs {needed} columns)"
            self.assertEqual(told in self.taken(), not drawn)
            qr_terminal.close()

    def test_not_saved(self) -> None:
        """Where the picture cannot be saved, that is told and the code is drawn."""
        self.folder.write_text("in the way")
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        text = self.taken()
        self.assertIn("█", text)
        told = f"(its picture cannot be saved in {self.folder}: File exists)"
        self.assertIn(told, text)


class HostileTests(TerminalCase):
    """What a gateway may send."""

    def test_pictures(self) -> None:
        """Each picture that cannot be used is one line, without its content."""
        bomb = base64.b64encode(png_of_size(60_000, 60_000)).decode()
        for picture, problem in (
            ("", "the gateway sent a QR picture that is neither PNG nor JPEG"),
            ("?" * 9, "the gateway sent a QR picture that is no base64 text"),
            ("A" * 2_000_000, "the gateway sent a QR picture over 1048576 bytes"),
            (bomb, "the gateway sent a QR picture over 4000000 pixels"),
        ):
            self.qr_terminal.show("shop-1", picture, 240)
            self.assertEqual(self.taken(), f"{ERASE}shop-1: {problem}\n")

    def test_bad_picture_replaces(self) -> None:
        """A bad picture ends the account's older code, and the next one comes."""
        self.qr_terminal.show("shop-1", text_of("one"), 240)
        self.qr_terminal.show("shop-2", text_of("two"), 240)
        self.taken()
        self.qr_terminal.show("shop-1", "?", 240)
        text = self.taken()
        self.assertIn("shop-1: the gateway sent a QR picture that", text)
        self.assertTrue(text.endswith(self.drawing("shop-2", "two", 240)))

    def test_long_code(self) -> None:
        """A code of thousands of letters is too wide for the terminal."""
        self.qr_terminal.show("shop-1", text_of("x" * 2000), 240)
        self.assertIn("(drawing it here needs", self.taken())

    def test_times(self) -> None:
        """Times that are none, or too long to be believed, are kept in bounds."""
        for seconds, left in (
            (MAX_LIFE, MAX_LIFE),
            (MAX_LIFE + 1, MAX_LIFE),
            (math.inf, MAX_LIFE),
            (math.nan, MAX_LIFE),
            (10**400, MAX_LIFE),
            (0.2, 1),
        ):
            self.qr_terminal.show("shop-1", text_of("one"), seconds)
            self.assertTrue(self.taken().endswith(self.left(round(left))), seconds)

    def test_expired_already(self) -> None:
        """A code without time left is not drawn, and the next one comes."""
        for seconds in (0, -1, -math.inf):
            self.qr_terminal.show("shop-1", text_of("one"), 240)
            self.qr_terminal.show("shop-2", text_of("two"), 240)
            self.taken()
            self.qr_terminal.show("shop-1", text_of("new"), seconds)
            text = self.taken()
            self.assertIn("shop-1: its QR code has expired\n", text)
            self.assertTrue(text.endswith(self.drawing("shop-2", "two", 240)))
            self.qr_terminal.close()

    def test_names(self) -> None:
        """Control characters and endless names do not reach the terminal."""
        for name in ("a\x1b[2Jb", "a\x9b2Jb", "a\r\nb", "a\u202eb", "x" * 10_000):
            self.qr_terminal.show(name, text_of("one"), 240)
            self.qr_terminal.show("other", text_of("two"), 240)
            self.qr_terminal.scanned(name)
            self.qr_terminal.finished("other")
            text = self.taken().replace(ERASE, "").replace("\r", "")
            for line in text.split("\n"):
                self.assertTrue(line.isprintable(), repr(line))
                self.assertLess(len(line), 500)
