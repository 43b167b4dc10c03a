"""Typed events to handlers: in order per conversation, one failure harms one handler.

A handler may return a Deferred or be a coroutine function; the next event of the
same conversation waits for it, other conversations do not. What a handler brings
about, for example a change of state, comes after the event that it handles. When too
much waits, the account's connection is paused until there is room again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Event
from ..errors import CallError, LocalProtocolError
from .frames import WaitingFrames, holds_much
from .handlers import Handler, HandlerFailed, name_of
from .withheld import told

__all__ = [
    "MAX_HANDLERS",
    "MAX_WAITING_BYTES",
    "MAX_WAITING_BYTES_DURING_CALLS",
    "MAX_WAITING_DURING_CALLS",
    "MAX_WAITING_EVENTS",
    "MAX_WAITING_NEWS",
    "RESUME_AT",
    "Dispatch",
    "Line",
]

#: Most events of one account that handlers are not done with, those that wait for their
#: turn included; then reading is paused.
MAX_WAITING_EVENTS = 1000

#: As long as a call is in flight, reading goes on up to this many: a handler may be
#: waiting for the call's reply, which comes behind the events that were sent before.
MAX_WAITING_DURING_CALLS = 10 * MAX_WAITING_EVENTS

#: Reading begins again when this many are left.
RESUME_AT = MAX_WAITING_EVENTS // 2

#: Most bytes of the frames that they came in (as JSON), as many as a durable inbox
#: holds: a push with a picture in it has up to some MiB. Reading is paused until half
#: of them are left.
MAX_WAITING_BYTES = 16 * 1024 * 1024

#: As long as a call is in flight, reading goes on up to this many.
MAX_WAITING_BYTES_DURING_CALLS = 4 * MAX_WAITING_BYTES

#: Most news of our own, such as ``StateChanged``, that wait behind one handler: no
#: pause ends them, and an outage has two a minute. Then the oldest of them go.
MAX_WAITING_NEWS = MAX_WAITING_EVENTS

#: Most handlers of one account: a bot has some ten, and whoever registers one for each
#: event fills the memory, and has each event take longer than the one before.
MAX_HANDLERS = 1000

_log = Logger()


class Line(deque[object]):
    """The events of one conversation that wait for a handler.

    Attributes:
        handler: the handler that is busy.
        event: what it has.
    """

    __slots__ = ("event", "handler")

    handler: Handler[Any, Any]
    event: object


class Dispatch:
    """Hands the events of one account to its handlers.

    Args:
        account: the first argument of every handler.
        name: label of the account, for the log.
        set_paused: called with True for every event while too many wait, and with
            False when enough of them are done.

    Attributes:
        name: label of the account.
        failures: handlers that raised.
        dropped: news of our own that went since too many of them waited.
        pending: events that a handler has and is not done with, and those that wait for
            an earlier one of their conversation.
        last: handlers that come last, for events of every kind.
        busy: what waits for a handler that is not done, by conversation.
        became_busy: called when a handler is not done at once, while it is there.
    """

    __slots__ = (
        "_account",
        "_caused",
        "_found",
        "_frames",
        "_handlers",
        "_is_delivering",
        "_is_full",
        "_is_running",
        "_set_paused",
        "became_busy",
        "busy",
        "dropped",
        "failures",
        "last",
        "name",
        "pending",
    )

    def __init__(
        self, account: object, name: str, set_paused: Callable[[bool], None]
    ) -> None:
        self._account = account
        self.name = name
        self._set_paused = set_paused
        self._handlers: dict[type, list[Handler[Any, Any]]] = {}
        self._found: dict[type, tuple[Handler[Any, Any], ...]] = {}
        self.busy: dict[str, Line] = {}
        # As good as always empty, for which a list is smaller than a deque.
        self._caused: list[object] = []
        self._is_running = False
        self._is_delivering = False
        self._is_full = False
        # Of the pending events; None while none of them counts.
        self._frames: WaitingFrames | None = None
        self.failures = 0
        self.dropped = 0
        self.pending = 0
        self.last: tuple[Handler[Any, Any], ...] = ()
        self.became_busy: Callable[[], None] | None = None

    @property
    def waiting_bytes(self) -> int:
        """How many bytes the frames of pending events have, small ones left out."""
        return 0 if self._frames is None else self._frames.held_bytes

    @property
    def is_overfull(self) -> bool:
        """Whether too much waits to read on even while a call is in flight."""
        return (
            self.pending >= MAX_WAITING_DURING_CALLS
            or self.waiting_bytes >= MAX_WAITING_BYTES_DURING_CALLS
        )

    def on(self, kind: type, handler: Handler[Any, Any]) -> Callable[[], None]:
        """Call *handler* for each event of *kind* or of a class below it.

        Returns:
            Call it to take the handler away again.

        Raises:
            LocalProtocolError: there are too many.
        """
        if sum(map(len, self._handlers.values())) >= MAX_HANDLERS:
            raise LocalProtocolError(
                f"account {self.name} has {MAX_HANDLERS} handlers, which is the limit:"
                " register each once, or take it away by calling what on() returned"
            )
        handlers = self._handlers.setdefault(kind, [])
        handlers.append(handler)
        self._found.clear()
        is_there = True

        def remove() -> None:
            nonlocal is_there
            if is_there:
                is_there = False
                handlers.remove(handler)
                self._found.clear()

        return remove

    def deliver(self, event: object) -> None:
        """Hand *event* to its handlers, now or when its conversation is free."""
        handlers = self._found.get(type(event))
        if handlers is None:
            handlers = self._find(type(event))
        if not handlers:
            return
        if self._is_running:
            self._caused.append(event)
            return
        if self.busy:
            waiting = self.busy.get(_conversation(event))
            if waiting is not None:
                waiting.append(event)
                if len(waiting) <= MAX_WAITING_NEWS or not self._drop_news(waiting):
                    self._add_pending(event)
                return
        if len(handlers) > 1:
            self._run(event, handlers, 0)
        else:
            # The hot case, without a loop.
            self._is_running = True
            try:
                outcome = handlers[0](self._account, event)
                if outcome is not None:
                    self._is_done(outcome, event, handlers, 1)
            except Exception:
                self._failed(Failure(), handlers[0], event)
            finally:
                self._is_running = False
        if self._caused:
            self._deliver_caused()

    # Steps

    def _find(self, kind: type) -> tuple[Handler[Any, Any], ...]:
        found = tuple(
            handler for base in kind.__mro__ for handler in self._handlers.get(base, ())
        )
        found += self.last
        self._found[kind] = found
        return found

    def _run(
        self, event: object, handlers: tuple[Handler[Any, Any], ...], at: int
    ) -> bool:
        """Run the handlers from *at* on; tell whether all of them are done."""
        account = self._account
        count = len(handlers)
        was_running = self._is_running
        self._is_running = True
        try:
            while at < count:
                handler = handlers[at]
                at += 1
                try:
                    outcome = handler(account, event)
                    if outcome is None or self._is_done(outcome, event, handlers, at):
                        continue
                    return False
                except Exception:
                    self._failed(Failure(), handler, event)
        finally:
            self._is_running = was_running
        return True

    def _is_done(
        self,
        outcome: object,
        event: object,
        handlers: tuple[Handler[Any, Any], ...],
        at: int,
    ) -> bool:
        """Tell whether a handler is done, and if not go on after it from *at* on."""
        if isinstance(outcome, Coroutine):
            outcome = Deferred.fromCoroutine(outcome)
        if not isinstance(outcome, Deferred):
            return True
        # One that waits for another Deferred counts as paused.
        if outcome.called and not outcome.paused:
            outcome.addErrback(self._failed, handlers[at - 1], event)
            return True
        conversation = _conversation(event)
        line = self.busy.get(conversation)
        if line is None:
            line = self.busy[conversation] = Line()
            self._add_pending(event)
        line.handler = handlers[at - 1]
        line.event = event
        if self.became_busy is not None:
            self.became_busy()
        outcome.addErrback(self._failed, handlers[at - 1], event)
        outcome.addBoth(lambda _: self._go_on(conversation, event, handlers, at))
        return False

    def _go_on(
        self,
        conversation: str,
        event: object,
        handlers: tuple[Handler[Any, Any], ...],
        at: int,
    ) -> None:
        if self._run(event, handlers, at):
            self._run_waiting(conversation, event)
        self._deliver_caused()

    def _run_waiting(self, conversation: str, done: object) -> None:
        waiting = self.busy[conversation]
        self._remove_pending(done)
        while waiting:
            event = waiting.popleft()
            kind = type(event)
            handlers = self._found.get(kind)
            if not self._run(
                event, self._find(kind) if handlers is None else handlers, 0
            ):
                return
            self._remove_pending(event)
        del self.busy[conversation]

    def _add_pending(self, event: object) -> None:
        self.pending += 1
        if holds_much(event):
            self._hold(event)
        if self.pending >= MAX_WAITING_EVENTS or (
            self._frames is not None and self._frames.held_bytes >= MAX_WAITING_BYTES
        ):
            self._is_full = True
            self._set_paused(True)

    def _drop_news(self, line: Line) -> bool:
        """Drop the oldest news of our own when too many wait; tell whether it did."""
        if isinstance(line[-1], Event):
            return False
        news = [at for at, event in enumerate(line) if not isinstance(event, Event)]
        if len(news) <= MAX_WAITING_NEWS:
            return False
        self._drop(line[news[0]])
        if holds_much(line[-1]):
            self._hold(line[-1])
        del line[news[0]]
        self.dropped += 1
        if self.dropped == 1:
            _log.error(
                "account {account}: handler {handler} is not done, and {limit} news of"
                " the account wait for it, so the oldest of them are dropped",
                account=self.name,
                handler=name_of(line.handler),
                limit=MAX_WAITING_NEWS,
            )
        return True

    def _remove_pending(self, event: object) -> None:
        self.pending -= 1
        if self._frames is not None:
            self._drop(event)
        if (
            self._is_full
            and self.pending <= RESUME_AT
            and self.waiting_bytes <= MAX_WAITING_BYTES // 2
        ):
            self._is_full = False
            self._set_paused(False)

    def _hold(self, event: object) -> None:
        if self._frames is None:
            self._frames = WaitingFrames()
        self._frames.hold(event)

    def _drop(self, event: object) -> None:
        if self._frames is not None and holds_much(event):
            self._frames.drop(event)
            if not self._frames.held_bytes:
                self._frames = None

    def _deliver_caused(self) -> None:
        # What these cause comes behind them, in this loop and not in one within it.
        if self._is_delivering or self._is_running:
            return
        self._is_delivering = True
        try:
            while self._caused:
                caused, self._caused = self._caused, []
                for event in caused:
                    self.deliver(event)
        finally:
            self._is_delivering = False

    def _failed(
        self, failure: Failure, handler: Handler[Any, Any], event: object
    ) -> None:
        self.failures += 1
        what = (
            f"handler {name_of(handler)} of account {self.name} failed on"
            f" {type(event).__name__}"
        )
        if failure.check(CallError):
            # A command that did not work, not a mistake in the handler.
            _log.error("{what}: {why}", what=what, why=str(failure.value))
        else:
            had = event.event if isinstance(event, HandlerFailed) else event
            _log.failure("{what}", told(failure, had), what=what)
        if type(event) is not HandlerFailed and failure.value is not None:
            self.deliver(HandlerFailed(name_of(handler), event, failure.value))


def _conversation(event: object) -> str:
    return event.conversation if isinstance(event, Event) else ""
