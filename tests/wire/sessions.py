"""The steps of one session of Engine.IO."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

#: How far beyond the last recorded moment deadlines are still run (seconds).
TAIL = 0.01


def steps_of_ours(
    steps: list[dict[str, Any]], own: str, ignored: Container[int] = ()
) -> Iterator[dict[str, Any]]:
    """Return the frames, requests and answers of our side."""
    closed_by_peer: set[int] = set()
    for step in steps:
        connection = step.get("conn", -1)
        if connection in ignored:
            continue
        is_close = step["kind"] == "ws-close"
        if step.get("dir") not in (own, None) and is_close:
            closed_by_peer.add(connection)
        elif step.get("dir") == own and step["kind"] not in ("tcp-close", "note"):
            # Who is asked to close answers by itself, below us.
            yield {**step, "is_answer": is_close and connection in closed_by_peer}
