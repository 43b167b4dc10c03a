"""Typed events to handlers: in order per conversation, one failure harms one handler.

A handler may return a Deferred or be a coroutine function; the next event of the
same conversation waits for it, other conversations do not. When too much waits, the
account's connection is paused until there is room again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Event

__all__ = ["MAX_WAITING_EVENTS", "Dispatch", "Handler"]

#: Most events of one account that wait for handlers; then reading is paused.
MAX_WAITING_EVENTS = 1000

#: Reading begins again when this many are left.
RESUME_AT = MAX_WAITING_EVENTS // 2

A = TypeVar("A")
E = TypeVar("E")

#: ``handler(account, event)``; it may be a coroutine function.
Handler = Callable[[A, E], object]

_log = Logger()


class Dispatch:
    """Hands the events of one account to its handlers.

    Args:
        account: the first argument of every handler.
        name: label of the account, for the log.
        set_paused: called with True when too much waits, with False when it is done.

    Attributes:
        failures: handlers that raised.
    """

    def __init__(
        self, account: object, name: str, set_paused: Callable[[bool], None]
    ) -> None:
        self._account = account
        self._name = name
        self._set_paused = set_paused
        self._handlers: dict[type, list[Handler[Any, Any]]] = {}
        self._found: dict[type, tuple[Handler[Any, Any], ...]] = {}
        self._busy: dict[str, deque[object]] = {}
        self._waiting = 0
        self._is_paused = False
        self.failures = 0

    def on(self, kind: type, handler: Handler[Any, Any]) -> Callable[[], None]:
        """Call *handler* for each event of *kind* or of a class below it.

        Returns:
            Call it to take the handler away again.
        """
        self._handlers.setdefault(kind, []).append(handler)
        self._found.clear()

        def remove() -> None:
            handlers = self._handlers.get(kind, [])
            if handler in handlers:
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
        if self._busy:
            waiting = self._busy.get(_conversation(event))
            if waiting is not None:
                waiting.append(event)
                self._waiting += 1
                if self._waiting >= MAX_WAITING_EVENTS and not self._is_paused:
                    self._is_paused = True
                    self._set_paused(True)
                return
        self._run(event, handlers, 0)

    # Steps

    def _find(self, kind: type) -> tuple[Handler[Any, Any], ...]:
        found = tuple(
            handler for base in kind.__mro__ for handler in self._handlers.get(base, ())
        )
        self._found[kind] = found
        return found

    def _run(
        self, event: object, handlers: tuple[Handler[Any, Any], ...], at: int
    ) -> bool:
        """Run the handlers from *at* on; tell whether all of them are done."""
        account = self._account
        while at < len(handlers):
            handler = handlers[at]
            at += 1
            try:
                outcome = handler(account, event)
            except Exception:
                self._failed(Failure(), handler, event)
                continue
            if outcome is None:
                continue
            if isinstance(outcome, Coroutine):
                outcome = Deferred.fromCoroutine(outcome)
            if isinstance(outcome, Deferred):
                if outcome.called and not outcome.paused and _is_settled(outcome):
                    outcome.addErrback(self._failed, handler, event)
                    continue
                self._wait(outcome, event, handlers, at)
                return False
        return True

    def _wait(
        self,
        outcome: Deferred[Any],
        event: object,
        handlers: tuple[Handler[Any, Any], ...],
        at: int,
    ) -> None:
        conversation = _conversation(event)
        self._busy.setdefault(conversation, deque())
        outcome.addErrback(self._failed, handlers[at - 1], event)
        outcome.addBoth(lambda _: self._go_on(conversation, event, handlers, at))

    def _go_on(
        self,
        conversation: str,
        event: object,
        handlers: tuple[Handler[Any, Any], ...],
        at: int,
    ) -> None:
        if not self._run(event, handlers, at):
            return
        waiting = self._busy[conversation]
        while waiting:
            following = waiting.popleft()
            self._waiting -= 1
            if self._is_paused and self._waiting <= RESUME_AT:
                self._is_paused = False
                self._set_paused(False)
            if not self._run(following, self._find(type(following)), 0):
                return
        del self._busy[conversation]

    def _failed(
        self, failure: Failure, handler: Handler[Any, Any], event: object
    ) -> None:
        self.failures += 1
        _log.failure(
            "handler {handler} of account {account} failed on {event}",
            failure,
            handler=getattr(handler, "__qualname__", type(handler).__name__),
            account=self._name,
            event=type(event).__name__,
        )


def _is_settled(deferred: Deferred[Any]) -> bool:
    """Whether a Deferred that was called does not wait for another one."""
    return not isinstance(getattr(deferred, "result", None), Deferred)


def _conversation(event: object) -> str:
    return event.conversation if isinstance(event, Event) else ""
