"""Deferreds that wait for one thing, one for each caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, fail

from .errors import LocalProtocolError

__all__ = ["MAX_OBSERVERS", "Observers", "cancelled_by"]

#: Most that wait for one thing, as many as handlers may at most: more are a loop that
#: begins to wait again and again.
MAX_OBSERVERS = 10_000

T = TypeVar("T")


class Observers(Generic[T]):
    """Who waits for one thing: each caller has a Deferred of its own.

    Cancelling one of them leaves the others alone.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        # There is as good as never anybody.
        self._waiting: list[Deferred[T]] | None = None

    def __len__(self) -> int:
        """Count those who wait."""
        return len(self._waiting or ())

    def wait(self) -> Deferred[T]:
        """Return a Deferred that ends at the next ``fire`` or ``fail``.

        Raises:
            LocalProtocolError: too many wait.
        """
        if len(self) >= MAX_OBSERVERS:
            problem = f"{MAX_OBSERVERS} wait for this already, which is the limit"
            return fail(LocalProtocolError(problem))
        deferred: Deferred[T] = Deferred(self._forget)
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(deferred)
        return deferred

    def fire(self, result: T) -> None:
        """Give *result* to everybody who waits now."""
        for deferred in self._take():
            deferred.callback(result)

    def fail(self, error: BaseException) -> None:
        """Fail everybody who waits now; each gets a Failure of its own."""
        for deferred in self._take():
            deferred.errback(error)

    def _take(self) -> Iterator[Deferred[T]]:
        # Who begins to wait meanwhile waits for the next time.
        waiting, self._waiting = self._waiting, None
        for deferred in waiting or ():
            # One of them may cancel another.
            if not deferred.called:
                yield deferred

    def _forget(self, deferred: Deferred[T]) -> None:
        if self._waiting is not None and deferred in self._waiting:
            self._waiting.remove(deferred)


def cancelled_by(waiting: Deferred[T], cancel: Callable[[], object]) -> Deferred[T]:
    """Pass on what *waiting* gives; when it is cancelled, call *cancel* too."""

    def cancelled(_: Deferred[T]) -> None:
        waiting.cancel()
        cancel()

    outer: Deferred[T] = Deferred(cancelled)
    waiting.addCallbacks(outer.callback, outer.errback)
    return outer
