"""Running handlers: one failure harms one handler, and slow ones slow the peer down.

Handlers begin in the order in which their events came. One that returns a Deferred,
or is a coroutine function, does not hold up the next: the same as in the JavaScript
library. Who needs one after the other has ``twisted.internet.defer.DeferredLock``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from types import NoneType
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..errors import CallError

__all__ = ["MAX_RUNNING_DURING_CALLS", "MAX_RUNNING_HANDLERS", "Flow", "Handler"]

#: Most handlers of one connection that are not done yet; then reading is paused.
MAX_RUNNING_HANDLERS = 1000

#: The same while a call is in flight: a handler may be waiting for the answer, which
#: comes behind the events that were sent before it.
MAX_RUNNING_DURING_CALLS = 10 * MAX_RUNNING_HANDLERS

#: Types of what most handlers return, none of which has to be waited for: asking
#: whether something is a coroutine takes longer than the rest of a call.
_READY = frozenset((NoneType, bool, int, float, str, bytes, list, tuple, dict))

#: A handler of anything; what it may return is told where it is registered.
Handler = Callable[..., object]

_log = Logger()


class Flow:
    """The handlers of one connection.

    Args:
        set_paused: told True when too many handlers are not done, and False when
            half of them are.
    """

    def __init__(self, set_paused: Callable[[bool], None]) -> None:
        self._set_paused = set_paused
        self._is_paused = False
        self._handlers = 0
        self._calls = 0

    @property
    def running(self) -> int:
        """How many handlers are not done yet."""
        return self._handlers

    def run(
        self,
        where: str,
        handler: Handler,
        arguments: Sequence[object],
        answer: Callable[[object], None] | None = None,
    ) -> None:
        """Run a handler; what it raises is logged, and raised no further.

        Args:
            where: names the namespace in the log.
            handler: may return a Deferred or be a coroutine function.
            arguments: for the handler.
            answer: called with what the handler returned at last.
        """
        try:
            outcome = handler(*arguments)
            if type(outcome) not in _READY:
                if isinstance(outcome, Coroutine):
                    outcome = Deferred.fromCoroutine(outcome)
                if isinstance(outcome, Deferred):
                    self._wait_for(outcome, where, handler, answer)
                    return
            if answer is not None:
                answer(outcome)
        except Exception:
            _failed(Failure(), where, handler)

    def connected(self) -> None:
        """There is another connection, which is paused if too many are not done yet."""
        if self._is_paused:
            self._set_paused(True)

    def call_began(self) -> None:
        """A call is in flight; a paused connection would not see its answer."""
        self._calls += 1
        if self._is_paused:
            self._look()

    def call_ended(self) -> None:
        """A call is in flight no more."""
        self._calls -= 1

    def _wait_for(
        self,
        outcome: Deferred[Any],
        where: str,
        handler: Handler,
        answer: Callable[[object], None] | None,
    ) -> None:
        self._handlers += 1
        self._look()
        if answer is not None:
            outcome.addCallback(answer)
        outcome.addErrback(_failed, where, handler)
        outcome.addBoth(self._done)

    def _done(self, _: object) -> None:
        self._handlers -= 1
        if self._is_paused:
            self._look()

    def _look(self) -> None:
        limit = MAX_RUNNING_DURING_CALLS if self._calls else MAX_RUNNING_HANDLERS
        if self._is_paused:
            if self._handlers <= limit // 2:
                self._is_paused = False
                self._set_paused(False)
        elif self._handlers >= limit:
            self._is_paused = True
            self._set_paused(True)


def _failed(failure: Failure, where: str, handler: Handler) -> None:
    name = getattr(handler, "__qualname__", type(handler).__name__)
    what = f"handler {name} of namespace {where}"
    if failure.check(CallError):
        # An event or call that did not work, such as one for a client that is gone:
        # no mistake in the handler.
        _log.warn("{what}: {why}", what=what, why=str(failure.value))
    else:
        _log.failure("{what} failed", failure, what=what)
