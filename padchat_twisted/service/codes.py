"""Brings the QR codes of accounts to the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from ..catalogue import QRCode, Scan, ScanStatus
from ..session.account import AccountSession, StateChanged
from ..session.login import CODE_SECONDS
from .qrcode import Style
from .terminal import QRTerminal

__all__ = ["STYLES", "terminal_of_process", "watch_codes"]

#: How codes can be drawn.
STYLES: tuple[Style, ...] = get_args(Style)

#: What a scan event says of a code that cannot be scanned any more.
ENDS = (ScanStatus.CONFIRMED, ScanStatus.EXPIRED, ScanStatus.CANCELLED)

#: Columns and lines of a terminal that does not tell.
DEFAULT_SIZE = (80, 24)

_log = Logger()


def _log_line(line: str) -> None:
    _log.info("{line}", line=line)


def watch_codes(account: AccountSession, terminal: QRTerminal) -> None:
    """Show each code of *account*, and take it away when it is not needed.

    Args:
        account: whose codes.
        terminal: where they are shown.
    """

    def code_came(_: AccountSession, event: QRCode) -> None:
        terminal.show(account.name, event.qr_code, CODE_SECONDS, code=event.url)

    def scan_came(_: AccountSession, event: Scan) -> None:
        if event.status == ScanStatus.WAIT_CONFIRM:
            terminal.scanned(account.name)
        elif event.status in ENDS or event.is_finished:
            terminal.finished(account.name)

    def state_changed(_: AccountSession, change: StateChanged) -> None:
        if change.new not in ("awaiting_scan", "awaiting_confirm"):
            terminal.finished(account.name)

    account.on(QRCode, code_came)
    account.on(Scan, scan_came)
    account.on(StateChanged, state_changed)


def terminal_of_process(
    clock: IReactorTime,
    folder: Path,
    style: Style,
    say: Callable[[str], object] = _log_line,
    *,
    is_daemon: bool = False,
) -> QRTerminal:
    """Return what shows QR codes on the terminal of this process.

    Where there is none, the paths of the pictures are said instead.

    Args:
        clock: for the time left.
        folder: where pictures are saved.
        style: how codes are drawn.
        say: writes a line where there is no terminal; by default to the log.
        is_daemon: whether this process is about to leave its terminal.
    """
    # twistd turns sys.stdout into a log; a code does not go there.
    stdout = sys.__stdout__
    is_terminal = (
        stdout is not None and not is_daemon and not stdout.closed and stdout.isatty()
    )
    if stdout is not None and not _can_draw(stdout.encoding):
        style = "ascii"

    def write(text: str) -> None:
        if is_terminal and stdout is not None:
            stdout.write(
                text.encode(stdout.encoding, "replace").decode(stdout.encoding)
            )
            stdout.flush()
        else:
            say(text.strip())

    return QRTerminal(
        clock,
        write,
        is_terminal=is_terminal,
        style=style,
        picture_folder=folder,
        width=shutil.get_terminal_size(DEFAULT_SIZE).columns,
    )


def _can_draw(encoding: str) -> bool:
    """Tell whether a terminal of this encoding has half blocks."""
    try:
        "\u2580\u2584\u2588".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
