"""A clock for ten thousand timers: Twisted's own sorts all of them for each one."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from twisted.internet.base import DelayedCall
from twisted.internet.task import Clock


class HeapClock(Clock):
    """As ``Clock``, with the calls in a heap; those that are over stay until due."""

    def __init__(self) -> None:
        super().__init__()
        self._count = itertools.count()
        self._heap: list[tuple[float, int, DelayedCall]] = []

    def callLater(
        self, delay: float, callable: Callable[..., object], *args: object, **kw: object
    ) -> DelayedCall:
        """Arrange for *callable* to be called *delay* seconds from now."""
        call = DelayedCall(
            self.seconds() + delay,
            callable,
            args,
            kw,
            lambda _: None,
            self._push,
            self.seconds,
        )
        self._push(call)
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """Return the calls that are still to come."""
        return [call for _, _, call in self._heap if call.active()]

    def advance(self, amount: float) -> None:
        """Let time pass, and call what is due, in order."""
        self.rightNow += amount
        while self._heap and self._heap[0][0] <= self.rightNow:
            _, _, call = heapq.heappop(self._heap)
            if not call.active():
                continue
            if call.getTime() > self.rightNow:
                self._push(call)
                continue
            call.called = 1
            call.func(*call.args, **call.kw)

    def _push(self, call: DelayedCall) -> None:
        heapq.heappush(self._heap, (call.getTime(), next(self._count), call))
