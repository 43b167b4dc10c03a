"""How many bytes wait with events: each frame counts once, whatever waits of it."""

from __future__ import annotations

from ..catalogue import Event
from .handlers import HandlerFailed

__all__ = ["LEAST_COUNTED_BYTES", "WaitingFrames", "holds_much"]

#: Smaller frames are not counted (bytes), so that a text costs nothing: as many as may
#: wait by their number hold a MiB, or ten while a call is in flight.
LEAST_COUNTED_BYTES = 1024


class WaitingFrames:
    """The large frames that events of one account hold while they wait for handlers.

    An event holds the text that it came in; the items of one push share theirs. What
    was decoded of it takes about as much again.

    Attributes:
        held_bytes: of all of them, as JSON.
    """

    __slots__ = ("_events", "held_bytes")

    def __init__(self) -> None:
        # How many events hold a frame, by its identity: no other one has that as long
        # as they do.
        self._events: dict[int, int] = {}
        self.held_bytes = 0

    def hold(self, event: object) -> None:
        """Count an event for which ``holds_much`` is so, and which begins to wait."""
        frame = _frame_of(event)
        count = self._events.get(id(frame), 0)
        self._events[id(frame)] = count + 1
        if not count:
            self.held_bytes += len(frame)

    def drop(self, event: object) -> None:
        """Count it no more; its frame goes with the last one."""
        frame = _frame_of(event)
        left = self._events.pop(id(frame)) - 1
        if left:
            self._events[id(frame)] = left
        else:
            self.held_bytes -= len(frame)


def holds_much(event: object) -> bool:
    """Tell whether an event holds a frame that counts; news of our own have none."""
    return len(_frame_of(event)) >= LEAST_COUNTED_BYTES


def _frame_of(event: object) -> bytes:
    # All events have it; to ask for the class takes longer.
    frame: bytes | None = getattr(event, "_body", None)
    if frame is not None:
        return frame
    if isinstance(event, HandlerFailed) and isinstance(event.event, Event):
        return event.event._body
    return b""
