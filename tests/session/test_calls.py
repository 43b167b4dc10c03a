"""Calls in flight: the four outcomes, time limits, cancellation, late replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Result, SentMessage
from padchat_twisted.errors import (
    BufferFull,
    CallRejected,
    NotSent,
    OutcomeUnknown,
    PadChatError,
    RemoteProtocolError,
)
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.session.calls import MAX_CALLS_IN_FLIGHT, Calls
from padchat_twisted.testing import FakeConnection
from padchat_twisted.wire.envelope import Notice, Reply

from .case import INSTANT

SUCCESS = b'[{"success":true,"msg":"","data":{"msgId":"1"}}]'
REFUSAL = b'[{"success":false,"msg":"no such room","data":{"status":-19}}]'


class CallsReceiver:
    """Hands replies to the calls, and nothing else."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def connected(self, connection: IGatewayConnection) -> None:
        """Send over it."""
        self._calls.connected(connection)

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Hand the replies on."""
        for envelope in envelopes:
            assert isinstance(envelope, Reply)
            self._calls.replied(envelope)

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """End the calls."""
        self._calls.lost(unsent)()


class EagerConnection(FakeConnection):
    """A connection on which something happens while a call is being sent."""

    def __init__(
        self, receiver: CallsReceiver, meanwhile: Callable[[int], None]
    ) -> None:
        super().__init__(receiver)
        self._meanwhile = meanwhile

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send it, and let it happen."""
        super().send_call(call_id, code, params)
        self._meanwhile(call_id)


class FullConnection(FakeConnection):
    """A connection that has no room."""

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Refuse it."""
        raise BufferFull(64)


class CallsCase(SynchronousTestCase):
    """Calls over a fake connection."""

    def setUp(self) -> None:
        """Connect."""
        self.clock = Clock()
        self.calls = Calls(self.clock)
        self.receiver = CallsReceiver(self.calls)
        self.connection = FakeConnection(self.receiver)
        self.calls.connected(self.connection)

    def call(self, time_limit: float = 60.0) -> Deferred[Result]:
        """Send a call."""
        return self.calls.call("sendMsg", {}, SentMessage, time_limit)

    def fails(
        self, calling: Deferred[Result], kind: type[PadChatError], problem: str
    ) -> None:
        """Expect an outcome that names the command and says what happened."""
        error = self.failureResultOf(calling, kind).value
        self.assertIn("'sendMsg'", str(error))
        self.assertIn(problem, str(error))


class OutcomeTests(CallsCase):
    """How a call may end."""

    def test_result(self) -> None:
        """A reply with success is the command's result."""
        calling = self.call()
        self.assertNoResult(calling)
        self.connection.reply(0, {"msgId": "1"})
        result = self.successResultOf(calling)
        self.assertIsInstance(result, SentMessage)
        assert isinstance(result, SentMessage)
        self.assertEqual(result.msg_id, "1")
        self.assertEqual(len(self.calls), 0)

    def test_rejected(self) -> None:
        """A reply without success is the gateway's text and status."""
        calling = self.call()
        self.connection.refuse(0, "no such room", -19)
        error = self.failureResultOf(calling, CallRejected).value
        self.assertEqual(error.args, ("sendMsg", "no such room", -19))

    def test_any_order(self) -> None:
        """Replies are matched by id, whatever their order."""
        first, second = self.call(), self.call()
        self.connection.reply(1, {"msgId": "b"})
        self.assertNoResult(first)
        self.connection.reply(0, {"msgId": "a"})
        for calling, msg_id in ((first, "a"), (second, "b")):
            self.assertEqual(self.successResultOf(calling).raw, {"msgId": msg_id})

    def test_connection_lost(self) -> None:
        """What had left is unknown, what had not is not sent; all end at once."""
        left = self.call()
        self.connection.is_writable = False
        waiting = self.call()
        self.connection.lose()
        self.fails(left, OutcomeUnknown, "connection lost")
        self.fails(waiting, NotSent, "connection lost")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled_by_who_hears_of_the_loss(self) -> None:
        """It may have happened; the other calls end as they would."""
        cancelled, other = self.call(), self.call()
        end = self.calls.lost(frozenset())
        cancelled.cancel()
        self.fails(cancelled, OutcomeUnknown, "cancelled")
        end()
        self.fails(other, OutcomeUnknown, "connection lost")

    def test_abandoned(self) -> None:
        """The same holds when it is we who leave, and what waited never leaves."""
        left = self.call()
        self.connection.is_writable = False
        waiting = self.call()
        self.calls.abandon()
        self.fails(left, OutcomeUnknown, "connection lost")
        self.fails(waiting, NotSent, "connection lost")
        self.connection.let_out()
        self.assertEqual([call.call_id for call in self.connection.calls], [0])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.calls.abandon()

    def test_no_connection(self) -> None:
        """Without a connection a call is refused on the spot."""
        self.failureResultOf(Calls(self.clock).call("x", {}, Result, 1.0), NotSent)
        self.connection.lose()
        self.failureResultOf(self.call(), NotSent)

    def test_no_room(self) -> None:
        """A connection that takes no more bytes has sent nothing."""
        connection = FullConnection(self.receiver)
        self.calls.connected(connection)
        self.fails(self.call(), NotSent, "64 bytes are waiting")
        self.assertEqual(len(self.calls), 0)
        self.clock.advance(60)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_params_that_json_cannot_hold(self) -> None:
        """What cannot be written takes no id and leaves no deadline."""
        circle: dict[str, object] = {}
        circle["self"] = circle
        for params in ({"a": object()}, circle, {(1, 2): 3}):
            calling = self.calls.call("sendMsg", params, Result, 1.0)
            self.fails(calling, NotSent, "a parameter that JSON cannot hold")
        self.assertEqual((len(self.calls), self.clock.getDelayedCalls()), (0, []))
        self.call().addErrback(lambda _: None)
        self.assertEqual([call.call_id for call in self.connection.calls], [0])
        self.calls.abandon()

    def test_ids_go_on(self) -> None:
        """Ids are not used again on the next connection."""
        self.call().addErrback(lambda _: None)
        self.connection.lose()
        following = FakeConnection(self.receiver)
        self.calls.connected(following)
        calling = self.call()
        self.assertEqual([call.call_id for call in following.calls], [1])
        following.reply(0)
        self.assertNoResult(calling)
        self.assertEqual(self.calls.late_replies, 1)

    def test_unreadable_reply(self) -> None:
        """A reply that is no JSON fails its call, and says whose fault it was."""
        calling = self.call()
        error = self.assertRaises(
            RemoteProtocolError, self.calls.replied, Reply(0, b"[{")
        )
        self.assertEqual(error.layer, "padchat")
        self.assertIsNone(error.__cause__)
        self.fails(calling, OutcomeUnknown, "cannot be read")

    def test_reply_while_sending(self) -> None:
        """A reply that comes before the call returns is not late."""
        connection = EagerConnection(
            self.receiver, lambda call_id: connection.reply(call_id)
        )
        self.calls.connected(connection)
        self.successResultOf(self.call())
        self.assertEqual(self.calls.late_replies, 0)

    def test_lost_while_sending(self) -> None:
        """A connection that goes while a call is being sent leaves no timer."""
        connection = EagerConnection(self.receiver, lambda _: connection.lose())
        self.calls.connected(connection)
        self.fails(self.call(), OutcomeUnknown, "connection lost")
        self.assertEqual(self.clock.getDelayedCalls(), [])


class TimeLimitTests(CallsCase):
    """How long a reply may take."""

    def test_edge(self) -> None:
        """The limit is exact."""
        calling = self.call(10.0)
        self.clock.advance(10 - INSTANT)
        self.assertNoResult(calling)
        self.clock.advance(INSTANT)
        self.fails(calling, OutcomeUnknown, "time limit")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_not_sent(self) -> None:
        """What could not leave within its limit never leaves."""
        self.connection.is_writable = False
        calling = self.call(10.0)
        self.clock.advance(10)
        self.fails(calling, NotSent, "time limit")
        self.connection.let_out()
        self.assertEqual(self.connection.calls, [])

    def test_each_its_own(self) -> None:
        """A later call may have an earlier limit."""
        limits = (30.0, 5.0, 60.0, 10.0)
        callings = [self.call(limit) for limit in limits]
        for calling, limit in sorted(
            zip(callings, limits, strict=True), key=lambda pair: pair[1]
        ):
            self.clock.advance(limit - INSTANT - self.clock.seconds())
            self.assertNoResult(calling)
            self.clock.advance(INSTANT)
            self.fails(calling, OutcomeUnknown, "time limit")

    def test_call_from_a_limit(self) -> None:
        """A call that is made when another one ended delays no other limit."""
        again: list[Deferred[Result]] = []
        self.call(1.0).addErrback(lambda _: again.append(self.call(60.0)))
        second = self.call(2.0)
        self.clock.advance(1)
        self.assertEqual(len(again), 1)
        self.clock.advance(1)
        self.fails(second, OutcomeUnknown, "time limit")
        self.clock.advance(59)
        self.fails(again[0], OutcomeUnknown, "time limit")

    def test_late_replies(self) -> None:
        """A reply after the limit, a second one and a foreign one only count."""
        calling = self.call(1.0)
        self.clock.advance(1)
        self.fails(calling, OutcomeUnknown, "time limit")
        self.connection.reply(0)
        self.assertEqual(self.calls.late_replies, 1)
        self.call()
        self.connection.reply(1)
        self.connection.reply(1)
        self.assertEqual(self.calls.late_replies, 2)
        self.connection.reply(77)
        self.assertEqual(self.calls.late_replies, 3)

    def test_bounded(self) -> None:
        """Ten thousand answered calls leave one timer and a bounded queue."""
        waiting = self.call(3600.0)
        longest = 0
        for _ in range(10_000):
            self.call(60.0)
            self.connection.reply(self.connection.calls.pop().call_id)
            longest = max(longest, len(self.calls._deadlines))
            self.clock.advance(INSTANT)
        self.assertLessEqual(longest, 2 * 1 + 64 + 1)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(3600)
        self.fails(waiting, OutcomeUnknown, "time limit")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_limit_of_calls(self) -> None:
        """A thousand calls may be in flight; then each answer makes room for one."""
        for _ in range(MAX_CALLS_IN_FLIGHT):
            self.call().addErrback(lambda _: None)
        self.fails(self.call(), NotSent, "1000 calls are in flight")
        self.connection.reply(500)
        self.assertNoResult(self.call().addErrback(lambda _: None))
        self.failureResultOf(self.call(), NotSent)
        self.assertEqual(len(self.connection.calls), MAX_CALLS_IN_FLIGHT + 1)
        self.connection.lose()


class CancellationTests(CallsCase):
    """Who does not want the reply any more."""

    def test_before_it_left(self) -> None:
        """A call that could not leave yet is taken back."""
        self.connection.is_writable = False
        calling, other = self.call(), self.call()
        calling.cancel()
        self.failureResultOf(calling, CancelledError)
        self.connection.let_out()
        self.assertEqual([call.call_id for call in self.connection.calls], [1])
        self.assertNoResult(other)

    def test_after_it_left(self) -> None:
        """A call that left may have happened; its reply is late."""
        calling, other = self.call(), self.call()
        calling.cancel()
        self.fails(calling, OutcomeUnknown, "cancelled")
        self.assertEqual(len(self.calls), 1)
        self.connection.reply(0)
        self.assertEqual(self.calls.late_replies, 1)
        self.connection.reply(1)
        self.successResultOf(other)

    def test_after_its_end(self) -> None:
        """To cancel what has ended does nothing."""
        calling = self.call()
        self.connection.reply(0)
        calling.cancel()
        self.successResultOf(calling)

    def test_leaves_no_timer_behind(self) -> None:
        """The limits of cancelled calls do nothing when they come."""
        for _ in range(3):
            calling = self.call(10.0)
            calling.cancel()
            self.failureResultOf(calling, OutcomeUnknown)
        self.clock.advance(10)
        self.assertEqual(self.clock.getDelayedCalls(), [])
