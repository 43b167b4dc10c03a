"""Points in time for people, as the clock on their wall shows them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["local_time"]


def local_time(at: float) -> str:
    """Write a point in time in the time zone of this process.

    Args:
        at: Unix time (seconds).
    """
    return f"{datetime.fromtimestamp(at, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
