"""Deferreds that wait for one thing."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.observers import MAX_OBSERVERS, Observers, cancelled_by


class ObserversTests(SynchronousTestCase):
    """Each caller has a Deferred of its own."""

    def setUp(self) -> None:
        """Have two who wait."""
        self.observers: Observers[int] = Observers()
        self.first = self.observers.wait()
        self.second = self.observers.wait()

    def test_fire(self) -> None:
        """Everybody gets the result, whatever the others make of theirs."""
        self.first.addCallback(lambda result: result + 1)
        self.observers.fire(1)
        self.assertEqual(self.successResultOf(self.first), 2)
        self.assertEqual(self.successResultOf(self.second), 1)

    def test_fail(self) -> None:
        """Everybody gets a Failure of their own."""
        self.observers.fail(ValueError("no"))
        first = self.failureResultOf(self.first, ValueError)
        second = self.failureResultOf(self.second, ValueError)
        self.assertIsNot(first, second)

    def test_once(self) -> None:
        """Who waits later waits for the next time."""
        self.observers.fire(1)
        later = self.observers.wait()
        self.assertNoResult(later)
        self.observers.fire(2)
        self.assertEqual(self.successResultOf(later), 2)
        self.assertEqual(self.successResultOf(self.first), 1)

    def test_cancel(self) -> None:
        """Who does not want to wait leaves the others alone."""
        self.first.cancel()
        self.failureResultOf(self.first, CancelledError)
        self.observers.fire(1)
        self.assertEqual(self.successResultOf(self.second), 1)

    def test_cancel_while_firing(self) -> None:
        """One may cancel another in its callback; the third still gets its turn."""
        third = self.observers.wait()
        self.first.addCallback(lambda _: self.second.cancel())
        self.observers.fire(1)
        self.failureResultOf(self.second, CancelledError)
        self.assertEqual(self.successResultOf(third), 1)

    def test_wait_while_firing(self) -> None:
        """One that begins to wait in a callback waits for the next time."""
        later: list[Deferred[int]] = []
        self.first.addCallback(lambda _: later.append(self.observers.wait()))
        self.observers.fire(1)
        self.assertNoResult(later[0])
        self.observers.fire(2)
        self.assertEqual(self.successResultOf(later[0]), 2)

    def test_bound(self) -> None:
        """One too many is told at once; those who wait are left alone."""
        waiting = [self.observers.wait() for _ in range(MAX_OBSERVERS - 2)]
        self.assertEqual(len(self.observers), MAX_OBSERVERS)
        self.failureResultOf(self.observers.wait(), LocalProtocolError)
        waiting[0].addErrback(lambda failure: failure.trap(CancelledError))
        waiting[0].cancel()
        self.assertNoResult(self.observers.wait())
        self.observers.fire(1)
        self.assertEqual(self.successResultOf(waiting[-1]), 1)
        self.assertEqual(len(self.observers), 0)


class CancelledByTests(SynchronousTestCase):
    """Cancelling what somebody else waits for."""

    def test_passed_on(self) -> None:
        """Result and failure come through."""
        inner: Deferred[int] = Deferred()
        outer = cancelled_by(inner, self.fail)
        inner.callback(1)
        self.assertEqual(self.successResultOf(outer), 1)
        broken: Deferred[int] = Deferred()
        outer = cancelled_by(broken, self.fail)
        broken.errback(ValueError())
        self.failureResultOf(outer, ValueError)

    def test_cancelled(self) -> None:
        """It ends in CancelledError, and what has to be done then is done."""
        done: list[str] = []
        outer = cancelled_by(Deferred[int](), lambda: done.append("done"))
        outer.cancel()
        self.failureResultOf(outer, CancelledError)
        self.assertEqual(done, ["done"])
