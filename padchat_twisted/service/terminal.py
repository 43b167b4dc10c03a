"""Shows the QR codes of logins on the terminal, one at a time.

What it writes goes to the terminal and not through the log: whoever reads a code
can log in. Where there is no terminal to draw on, it says where the picture is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import PictureRefused, quoted
from .qrcode import (
    Picture,
    QRCodeUnreadable,
    Style,
    decode_picture,
    draw,
    encode_picture,
    read_code,
    save_picture,
)

__all__ = ["QRTerminal"]

#: Most codes that wait for their turn: a person at a terminal does not get through
#: more before they expire; each holds some 10 KiB. The others are told by path.
MAX_WAITING_CODES: Final = 50

#: How often the time left is written again (seconds).
REFRESH_SECONDS: Final = 5.0

#: Longest life of a code that is believed (seconds). A real one counts down from
#: about 240. Source: events.toml, ``scan``, ``expiredTime``.
MAX_LIFE: Final = 600.0

# To the end of the line. The time left ends with \r, so that the cursor stands before
# it: whatever is written next, by us or by a log on the same terminal, replaces it.
_ERASE = "\x1b[K"


@dataclass(slots=True)
class _Code:
    """A code that is shown or waits for it."""

    account_name: str
    lines: list[str] = field(repr=False)
    saved: str
    expires_at: float

    @property
    def name(self) -> str:
        return quoted(self.account_name)


class QRTerminal:
    """Draws one code at a time; the codes of other accounts wait.

    The next one follows when the one shown is scanned, finished or expired. Bad
    input never raises: it is told in one line.

    Args:
        clock: for the time left.
        write: writes text to the terminal, as it is, without adding line ends.
        is_terminal: whether there is a terminal; without one, only the paths of the
            saved pictures are written.
        style: how codes are drawn.
        picture_folder: where the pictures are saved, one file per account.
        width: columns of the terminal.
    """

    def __init__(
        self,
        clock: IReactorTime,
        write: Callable[[str], object],
        *,
        is_terminal: bool,
        style: Style,
        picture_folder: Path,
        width: int,
    ) -> None:
        self._clock = clock
        self._write = write
        self._is_terminal = is_terminal
        self._style = style
        self._folder = picture_folder
        self._width = width
        self._shown: _Code | None = None
        self._waiting: dict[str, _Code] = {}
        self._timer: IDelayedCall | None = None

    @property
    def waiting(self) -> int:
        """How many codes wait until another one is gone."""
        return len(self._waiting)

    def show(
        self,
        account_name: str,
        picture_base64: str,
        expires_in: float,
        *,
        code: str | None = None,
    ) -> None:
        """Show the code of a picture now or in its turn; it replaces an older one.

        Args:
            account_name: whose login it is.
            picture_base64: the gateway's picture, as it came.
            expires_in: seconds that the code is good for.
            code: what it says, from a gateway that sends no picture.
        """
        name = quoted(account_name)
        try:
            if code and not picture_base64:
                picture_base64 = encode_picture(code)
            picture = decode_picture(picture_base64)
        except PictureRefused as error:
            self._replace(account_name, f"{name}: the gateway sent {error.problem}")
            return
        life = max(0.0, expires_in if expires_in <= MAX_LIFE else MAX_LIFE)  # NaN too
        saved = self._save(account_name, picture)
        line = f"{name}: scan within {life:.0f} s with WeChat: {saved}"
        if not self._is_terminal:
            self._say(line)
            return
        try:
            lines = self._lines(picture, code)
        except PictureRefused as error:
            self._replace(account_name, f"{name}: the gateway sent {error.problem}")
            return
        except QRCodeUnreadable as error:
            self._replace(account_name, f"{line} ({error.problem})")
            return
        drawn = _Code(account_name, lines, saved, self._clock.seconds() + life)
        if self._shown is None or self._shown.account_name == account_name:
            self._draw(drawn)
            self._show_next()
        elif account_name in self._waiting or len(self._waiting) < MAX_WAITING_CODES:
            self._waiting[account_name] = drawn
            self._say(f"{line} (or here, after {self._shown.name})")
        else:
            self._say(f"{line} (too many others wait to be drawn here)")

    def scanned(self, account_name: str) -> None:
        """Take the code of an account away: its phone asks for a confirmation."""
        if self._drop(account_name):
            self._say(f"{quoted(account_name)}: scanned; confirm it on the phone")
            self._show_next()

    def finished(self, account_name: str) -> None:
        """Take the code of an account away: it is not needed any more."""
        if self._drop(account_name):
            self._say(f"{quoted(account_name)}: its QR code is not needed any more")
            self._show_next()

    def close(self) -> None:
        """Forget all codes and stop counting."""
        self._waiting.clear()
        self._clear()

    def _save(self, account_name: str, picture: Picture) -> str:
        """Save a picture; say where, or why not."""
        try:
            return str(save_picture(self._folder, account_name, picture))
        except OSError as error:
            return f"(its picture cannot be saved in {self._folder}: {error.strerror})"

    def _lines(self, picture: Picture, code: str | None) -> list[str]:
        """Draw the code of a picture; what it says need not be read when it is told.

        Raises:
            PictureRefused, QRCodeUnreadable: see :func:`read_code`; or the terminal
                is too narrow.
        """
        lines = draw(code or read_code(picture), style=self._style)
        if len(lines[0]) > self._width:
            raise QRCodeUnreadable(f"drawing it here needs {len(lines[0])} columns")
        return lines

    def _replace(self, account_name: str, line: str) -> None:
        """Write *line* in place of an account's code, if it has one."""
        self._drop(account_name)
        self._say(line)
        self._show_next()

    def _drop(self, account_name: str) -> bool:
        """Forget the code of an account; tell whether there was one."""
        if self._shown is not None and self._shown.account_name == account_name:
            self._clear()
            return True
        return self._waiting.pop(account_name, None) is not None

    def _clear(self) -> None:
        """Stop counting for the code that is shown, if one is."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self._shown is not None:
            self._write(_ERASE)
        self._timer = self._shown = None

    def _show_next(self) -> None:
        while self._shown is None and self._waiting:
            self._draw(self._waiting.pop(next(iter(self._waiting))))

    def _draw(self, code: _Code) -> None:
        """Draw a code, unless it expired before its turn."""
        self._clear()
        if code.expires_at <= self._clock.seconds():
            self._say(f"{code.name}: its QR code has expired")
            return
        head = f"{code.name}: scan this QR code with WeChat"
        self._write("\n".join([_ERASE, head, *code.lines, code.saved, ""]))
        self._shown = code
        self._count(code)

    def _count(self, code: _Code) -> None:
        """Write the time left of the code that is shown, until there is none."""
        left = code.expires_at - self._clock.seconds()
        if left > 0:
            self._write_time_left(left)
            delay = min(left, REFRESH_SECONDS)
            self._timer = self._clock.callLater(delay, self._count, code)
            return
        self._clear()
        self._say(f"{code.name}: its QR code has expired")
        self._show_next()

    def _say(self, line: str) -> None:
        """Write one line, above the time left."""
        self._write(f"{_ERASE}{line}\n" if self._is_terminal else f"{line}\n")
        if self._shown is not None:
            self._write_time_left(self._shown.expires_at - self._clock.seconds())

    def _write_time_left(self, left: float) -> None:
        self._write(f"{_ERASE}{math.ceil(left)} s left\r")
