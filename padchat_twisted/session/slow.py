"""Handlers that take long: named, so that somebody can look at them.

Handlers that are done at once cost nothing here. While any are busy, one timer looks at
them all now and then.
"""

from __future__ import annotations

from dataclasses import dataclass

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from .dispatch import Dispatch
from .handlers import name_of

__all__ = [
    "LOOK_SECONDS",
    "MAX_TOLD_HANDLERS",
    "SLOW_SECONDS",
    "TELL_AGAIN_SECONDS",
    "SlowHandler",
    "SlowWatch",
]

#: From when on a handler that is not done is slow (seconds): longer than most commands
#: may take, so that one that waits for a reply is not named.
SLOW_SECONDS = 30.0

#: How often busy handlers are looked at (seconds), so one is named that much late.
LOOK_SECONDS = 10.0

#: A handler that was named is not named again in this time (seconds).
TELL_AGAIN_SECONDS = 3600.0

#: Most handlers that are remembered as named (a count); the first goes first.
MAX_TOLD_HANDLERS = 100

_log = Logger()


@dataclass(frozen=True, slots=True)
class SlowHandler:
    """A handler is not done for long; ``account.on(SlowHandler, handler)``.

    Its conversation waits for it, all others go on. Told at most once an hour of each
    handler.

    Args:
        handler: its name.
        event: class of the event that it has.
        conversation: of that event.
        seconds: since when, at least.
        waiting: how many events of the conversation wait for it.
    """

    handler: str
    event: str
    conversation: str
    seconds: float
    waiting: int


class SlowWatch:
    """Looks at the busy handlers of one account.

    Args:
        clock: for its timer.
        name: label of the account, for the log.
        dispatch: runs the handlers; it tells when one of them becomes busy.
    """

    __slots__ = (
        "_clock",
        "_dispatch",
        "_name",
        "_since",
        "_timer",
        "_told",
    )

    def __init__(self, clock: IReactorTime, name: str, dispatch: Dispatch) -> None:
        self._clock = clock
        self._name = name
        self._dispatch = dispatch
        self._timer: IDelayedCall | None = None
        # Handler, event, and when they were seen first, by conversation.
        self._since: dict[str, tuple[object, object, float]] | None = None
        self._told: dict[str, float] | None = None
        dispatch.became_busy = self._begin

    def close(self) -> None:
        """Look no more."""
        self._dispatch.became_busy = None
        self._since = None
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _begin(self) -> None:
        self._dispatch.became_busy = None
        self._look()

    def _look(self) -> None:
        now = self._clock.seconds()
        before = self._since or {}
        seen = self._since = {}
        for conversation, line in list(self._dispatch.busy.items()):
            handler, event, since = before.get(conversation, (None, None, now))
            if handler is not line.handler or event is not line.event:
                since = now
            seen[conversation] = (line.handler, line.event, since)
            if now - since >= SLOW_SECONDS:
                self._tell(
                    SlowHandler(
                        name_of(line.handler),
                        type(line.event).__name__,
                        conversation,
                        now - since,
                        len(line),
                    )
                )
        if seen:
            self._timer = self._clock.callLater(LOOK_SECONDS, self._look)
        else:
            self._dispatch.became_busy = self._begin

    def _tell(self, slow: SlowHandler) -> None:
        now = self._clock.seconds()
        if self._told is None:
            self._told = {}
        told = self._told
        told_at = told.get(slow.handler)
        if told_at is not None and now - told_at < TELL_AGAIN_SECONDS:
            return
        told.pop(slow.handler, None)
        if len(told) >= MAX_TOLD_HANDLERS:
            del told[next(iter(told))]
        told[slow.handler] = now
        _log.warn(
            "account {account}: handler {handler} is not done with a {event} since"
            " {seconds:.0f} s; {waiting} events of its conversation wait",
            account=self._name,
            handler=slow.handler,
            event=slow.event,
            seconds=slow.seconds,
            waiting=slow.waiting,
        )
        self._dispatch.deliver(slow)
