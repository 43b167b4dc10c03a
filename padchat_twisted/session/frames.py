"""How many bytes wait with events: each frame counts once, whatever waits of it."""

from __future__ import annotations

from ..catalogue import Event
from .handlers import HandlerFailed

__all__ = ["WaitingFrames"]


class WaitingFrames:
    """The frames that events of one account hold while they wait for handlers.

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
        """Count an event that begins to wait; news of our own hold no frame."""
        frame = _frame_of(event)
        if frame:
            count = self._events.get(id(frame), 0)
            self._events[id(frame)] = count + 1
            if not count:
                self.held_bytes += len(frame)

    def drop(self, event: object) -> None:
        """Count it no more; its frame goes with the last one."""
        frame = _frame_of(event)
        if frame:
            left = self._events.pop(id(frame)) - 1
            if left:
                self._events[id(frame)] = left
            else:
                self.held_bytes -= len(frame)


def _frame_of(event: object) -> bytes:
    if isinstance(event, HandlerFailed):
        event = event.event
    return event._body if isinstance(event, Event) else b""
