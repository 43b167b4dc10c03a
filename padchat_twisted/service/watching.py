"""The section ``[watch]``: what the service looks at while it runs."""

from __future__ import annotations

from typing import Any

from .reading import Reader, Section, kind_of
from .values import KEYS

__all__ = ["MAX_STALL_SECONDS", "MIN_STALL_SECONDS", "read_watch"]

_WATCH = Section((), ("stall_seconds",))

#: Shortest and longest time in which the reactor must turn, where it is watched
#: (seconds): below, a thread wakes up a hundred times a second; above, connections
#: are lost before anything is said.
MIN_STALL_SECONDS = 0.05
MAX_STALL_SECONDS = 60.0


def read_watch(reader: Reader, value: object) -> float | None:
    """Read for how long the reactor may not turn before that is told.

    Args:
        reader: of the file; gets the problems.
        value: of the section, None when it is not there.

    Returns:
        The time (seconds); None when nobody looks, and where there are problems.
    """
    watch = reader.fields(("watch",), value, _WATCH)
    seconds: Any = watch.get("stall_seconds")
    if seconds is None:
        return None
    if type(seconds) not in (int, float):
        found = f"this is {kind_of(seconds)}"
    elif not MIN_STALL_SECONDS <= seconds <= MAX_STALL_SECONDS:
        found = f"this is {seconds}"
    else:
        return float(seconds)
    where = ("watch", "stall_seconds")
    reader.problem(where, found, KEYS["stall_seconds"].meaning)
    return None
