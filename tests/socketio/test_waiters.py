"""Deferreds that wait for one thing."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio.waiters import MAX_WAITERS, Waiters, cancelled_by


class WaitersTests(SynchronousTestCase):
    """Each has a fate of its own."""

    def test_all_get_it(self) -> None:
        """Who waits gets the thing; who comes later waits for the next."""
        waiters: Waiters[int] = Waiters()
        first, second = waiters.wait(), waiters.wait()
        waiters.callback(1)
        third = waiters.wait()
        self.assertEqual(self.successResultOf(first), 1)
        self.assertEqual(self.successResultOf(second), 1)
        self.assertNoResult(third)
        waiters.errback(ValueError())
        self.failureResultOf(third, ValueError)

    def test_cancelled(self) -> None:
        """Who cancels waits no more, and the others go on."""
        waiters: Waiters[int] = Waiters()
        first, second = waiters.wait(), waiters.wait()
        first.cancel()
        self.failureResultOf(first, CancelledError)
        waiters.callback(1)
        self.assertEqual(self.successResultOf(second), 1)

    def test_bound(self) -> None:
        """One too many is told at once; the others go on."""
        waiters: Waiters[int] = Waiters()
        waiting = [waiters.wait() for _ in range(MAX_WAITERS)]
        self.assertEqual(len(waiters), MAX_WAITERS)
        self.failureResultOf(waiters.wait(), LocalProtocolError)
        waiters.callback(1)
        self.assertEqual(self.successResultOf(waiting[-1]), 1)
        self.assertEqual(len(waiters), 0)


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
