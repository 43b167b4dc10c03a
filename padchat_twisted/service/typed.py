"""What a person types, line by line."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from twisted.protocols.basic import LineOnlyReceiver

__all__ = ["TypedLines", "read_lines"]


class TypedLines(LineOnlyReceiver):
    """Hands out lines that are typed.

    Args:
        typed: called with each line, stripped, that is not empty.
    """

    delimiter = b"\n"

    def __init__(self, typed: Callable[[str], None]) -> None:
        self._typed = typed

    def lineReceived(self, line: bytes) -> None:
        """Say what was typed."""
        text = line.decode("utf-8", "replace").strip()
        if text:
            self._typed(text)


def read_lines(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    typed: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Read lines from the standard input, where there is one to read.

    Args:
        reactor: reads them.
        typed: called with each.
        say: told when nothing can be read.
    """
    try:
        from twisted.internet.stdio import StandardIO

        StandardIO(TypedLines(typed), reactor=reactor)
        # Twisted makes both streams non-blocking, and with them the terminal that they
        # share with the shell; then print fails when it is slow. Reading needs it not:
        # the reactor reads what is there.
        os.set_blocking(0, True)
        os.set_blocking(1, True)
    except (OSError, ImportError):
        say("(nothing can be typed here)")
