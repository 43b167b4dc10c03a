"""Deferreds that wait for one thing, each with a fate of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, fail

from ..errors import LocalProtocolError

__all__ = ["MAX_WAITERS", "Waiters", "cancelled_by"]

#: Most who wait for one thing, as many as handlers may at most: more are a loop that
#: begins to wait again and again.
MAX_WAITERS = 10_000

T = TypeVar("T")


class Waiters(Generic[T]):
    """Those who wait for one thing; whoever cancels waits no more."""

    def __init__(self) -> None:
        self._waiting: list[Deferred[T]] = []

    def __len__(self) -> int:
        """Count them."""
        return len(self._waiting)

    def wait(self) -> Deferred[T]:
        """Return a Deferred that waits.

        Raises:
            LocalProtocolError: too many wait.
        """
        if len(self._waiting) >= MAX_WAITERS:
            problem = f"{MAX_WAITERS} wait for this already, which is the limit"
            return fail(LocalProtocolError(problem))
        deferred: Deferred[T] = Deferred(self._waiting.remove)
        self._waiting.append(deferred)
        return deferred

    def callback(self, value: T) -> None:
        """Give the thing to all who wait now."""
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(value)

    def errback(self, error: Exception) -> None:
        """Tell all who wait now that it does not come."""
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.errback(error)


def cancelled_by(waiting: Deferred[T], cancel: Callable[[], object]) -> Deferred[T]:
    """Pass on what *waiting* gives; when it is cancelled, call *cancel* too."""

    def cancelled(_: Deferred[T]) -> None:
        waiting.cancel()
        cancel()

    outer: Deferred[T] = Deferred(cancelled)
    waiting.addCallbacks(outer.callback, outer.errback)
    return outer
