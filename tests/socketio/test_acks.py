"""Calls in flight: each ends once, in one of the outcomes."""

from __future__ import annotations

from itertools import count
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, NotSent, OutcomeUnknown
from padchat_twisted.socketio.acks import MAX_CALLS_IN_FLIGHT, Acks
from padchat_twisted.socketio.flow import Flow


class AcksTests(SynchronousTestCase):
    """The table, with a sender that notes the ids."""

    def setUp(self) -> None:
        """Make a table over nothing."""
        self.clock = Clock()
        self.sent: list[int] = []
        self.waiting: set[int] = set()
        self.acks = Acks(self.clock, count(), Flow(lambda _: None), self.withdraw)

    def withdraw(self, ack_id: int) -> bool:
        """Take back what waits."""
        is_there = ack_id in self.waiting
        self.waiting.discard(ack_id)
        return is_there

    def call(self, time_limit: float = 60) -> Deferred[Any]:
        """Make a call."""
        return self.acks.call("ask", time_limit, self.sent.append)

    def ended(self, deferred: Deferred[Any], kind: type[Exception]) -> str:
        """Return what the exception of a call says."""
        return str(self.failureResultOf(deferred, kind).value)

    def test_answered(self) -> None:
        """Answers find their calls by id, in any order; no timer stays."""
        one, other = self.call(), self.call()
        self.assertEqual(self.sent, [0, 1])
        self.acks.acknowledged(1, "b")
        self.acks.acknowledged(0, "a")
        self.assertEqual(self.successResultOf(one), "a")
        self.assertEqual(self.successResultOf(other), "b")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(len(self.acks), 0)

    def test_late_second_and_foreign_answers(self) -> None:
        """An answer that nobody waits for changes nothing."""
        one = self.call()
        self.acks.acknowledged(0, "a")
        self.acks.acknowledged(0, "b")
        self.acks.acknowledged(99, "c")
        self.assertEqual(self.successResultOf(one), "a")

    def test_time_limit(self) -> None:
        """At its limit the outcome of a call that left is unknown."""
        one = self.call(5)
        self.clock.advance(4.99)
        self.assertNoResult(one)
        self.clock.advance(0.01)
        self.assertIn("time limit", self.ended(one, OutcomeUnknown))
        self.acks.acknowledged(0, "late")

    def test_time_limit_while_waiting(self) -> None:
        """One that still waits in our buffer is taken back, and not sent."""
        one = self.call(5)
        self.waiting.add(0)
        self.clock.advance(5)
        self.assertIn("time limit", self.ended(one, NotSent))
        self.assertEqual(self.waiting, set())

    def test_cancelled(self) -> None:
        """Cancelled after it left, its outcome is unknown; the answer is ignored."""
        one = self.call()
        one.cancel()
        self.assertIn("cancelled", self.ended(one, OutcomeUnknown))
        self.acks.acknowledged(0, "late")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled_while_waiting(self) -> None:
        """Cancelled before it left, it ends in CancelledError."""
        one = self.call()
        self.waiting.add(0)
        one.cancel()
        self.ended(one, CancelledError)

    def test_connection_lost(self) -> None:
        """Each call ends with what is known of it."""
        one, other = self.call(), self.call()
        self.acks.end({1})
        self.assertIn("connection lost", self.ended(one, OutcomeUnknown))
        self.assertIn("connection lost", self.ended(other, NotSent))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_call_made_while_others_end(self) -> None:
        """Who calls again when a call ended is not ended with it."""
        again: list[Deferred[Any]] = []
        self.call().addErrback(lambda _: again.append(self.call()))
        self.acks.end(())
        self.assertNoResult(again[0])
        self.acks.end(())
        self.failureResultOf(again[0], OutcomeUnknown)

    def test_not_sent(self) -> None:
        """A sender that refuses makes it NotSent, with the reason as its cause."""

        def send(ack_id: int) -> None:
            raise BufferFull(10)

        failure = self.failureResultOf(self.acks.call("ask", 60, send), NotSent)
        self.assertIsInstance(failure.value.__cause__, BufferFull)
        self.assertEqual(len(self.acks), 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_ended_while_it_is_sent(self) -> None:
        """The connection may go while the call is sent: it ends once."""

        def send(ack_id: int) -> None:
            self.acks.end(())

        self.failureResultOf(self.acks.call("ask", 60, send), OutcomeUnknown)

    def test_limit(self) -> None:
        """At the limit of calls in flight, one more is not sent."""
        calls = [self.call() for _ in range(MAX_CALLS_IN_FLIGHT)]
        self.assertIn("which is the limit", self.ended(self.call(), NotSent))
        self.assertEqual(len(self.sent), MAX_CALLS_IN_FLIGHT)
        self.acks.acknowledged(0, None)
        calls.append(self.call())
        self.assertEqual(len(self.sent), MAX_CALLS_IN_FLIGHT + 1)
        self.acks.end(())
        for call in calls[1:]:
            self.failureResultOf(call, OutcomeUnknown)
