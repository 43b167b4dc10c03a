"""Who hears the connection: replies, notices, the end, and when reading pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import SendMsg, TextMessage
from padchat_twisted.errors import (
    ConnectError,
    Disconnected,
    NotSent,
    OutcomeUnknown,
    RemoteProtocolError,
)
from padchat_twisted.interfaces import GatewayReceiver
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.dispatch import (
    MAX_WAITING_BYTES,
    MAX_WAITING_BYTES_DURING_CALLS,
    MAX_WAITING_DURING_CALLS,
    MAX_WAITING_EVENTS,
    RESUME_AT,
)
from padchat_twisted.session.frames import LEAST_COUNTED_BYTES
from padchat_twisted.testing import (
    FakeConnection,
    FakeConnector,
    RecordedHandler,
    text_message,
)
from padchat_twisted.wire.dialect_socketio import notice_body, reply_body
from padchat_twisted.wire.envelope import Notice, Reply

from .case import AccountCase


class ReceiverTests(AccountCase):
    """What a connection tells."""

    def test_one_read(self) -> None:
        """Replies and notices of one read are taken in their order."""
        self.log_in()
        order: list[str] = []
        self.account.on(TextMessage, lambda _, event: order.append(event.content))
        calling = self.account.call(SendMsg("a", "b"))
        calling.addCallback(lambda _: order.append("reply"))
        (call,) = self.connection.calls
        first, second = (
            notice_body("push", {"list": [text_message(word)]}) for word in "ab"
        )
        self.connection.say(
            Notice("push", first),
            Reply(call.call_id, reply_body({"success": True, "data": {}})),
            Notice("push", second),
        )
        self.assertEqual(order, ["a", "reply", "b"])

    def test_unreadable_event(self) -> None:
        """An event that is no JSON ends the connection, and the next one follows."""
        self.log_in()
        self.connection.say(Notice("push", b'["push",{'))
        self.assertIsInstance(self.connection.failure, RemoteProtocolError)
        self.assertEqual(self.account.state, "retrying")
        self.assertIn("that cannot be read", str(self.reason()))

    def test_unreadable_reply(self) -> None:
        """A reply that is no JSON fails its call, and ends the connection."""
        self.log_in()
        calling = self.account.call(SendMsg("a", "b"))
        other = self.account.call(SendMsg("a", "c"))
        self.connection.say(Reply(self.connection.calls[0].call_id, b"[{"))
        error = self.failureResultOf(calling, OutcomeUnknown).value
        self.assertIn("its reply cannot be read", str(error))
        self.failureResultOf(other, OutcomeUnknown)
        self.assertEqual(self.account.state, "retrying")

    def test_too_deep(self) -> None:
        """JSON of a thousand levels ends the connection, and nothing worse."""
        self.log_in()
        body = b'["brandNew",' + b"[" * 1000 + b"]" * 1000 + b"]"
        self.connection.say(Notice("brandNew", body))
        self.assertIsInstance(self.connection.failure, RemoteProtocolError)

    def test_reply_that_nobody_waits_for(self) -> None:
        """It is counted, whatever it holds."""
        self.log_in()
        self.connection.say(Reply(4711, b"[{"))
        self.assertEqual(self.account.late_replies, 1)
        self.assertEqual(self.account.state, "ready")

    def test_attempt_failed(self) -> None:
        """Who waits for the connection is told; the account goes on trying."""
        connected = self.account.when_connected()
        self.account.start()
        self.connector.fail()
        self.failureResultOf(connected, ConnectError)
        self.assertEqual(self.account.state, "retrying")

    def test_calls_end_with_the_connection(self) -> None:
        """What had left is unknown, what waited is not sent."""
        self.log_in()
        left = self.account.call(SendMsg("a", "b"))
        self.connection.is_writable = False
        waiting = self.account.call(SendMsg("a", "c"))
        self.connection.lose()
        self.failureResultOf(left, OutcomeUnknown)
        self.failureResultOf(waiting, NotSent)


class EagerConnector(FakeConnector):
    """A connector whose attempts succeed at once."""

    def connect(self, receiver: GatewayReceiver) -> None:
        """Let it in."""
        super().connect(receiver)
        self.let_in()


class NextConnectionTests(AccountCase):
    """A connection that is up before the end of the last one was told to all."""

    def setUp(self) -> None:
        """Connect eagerly."""
        super().setUp()
        self.connector = EagerConnector()
        self.account = self.build()

    def test_calls_of_the_next_connection(self) -> None:
        """The end of a connection ends its own calls only."""
        self.account.on(StateChanged, self.try_again)
        self.account.start()
        self.answer("init")
        self.connection.notice("login")
        calling = self.account.call(SendMsg("a", "b"))
        old = self.connection
        old.lose()
        self.assertIsNot(self.connection, old)
        self.failureResultOf(calling, OutcomeUnknown)
        self.assertEqual(len(self.connector.connections), 2)
        self.answer("init")
        self.assertEqual(self.account.state, "awaiting_scan")

    def try_again(self, account: AccountSession, change: StateChanged) -> None:
        """Do not wait for the delay."""
        if change.new == "retrying":
            account.try_again()


class PauseTests(AccountCase):
    """Reading is paused when handlers do not keep up, unless one awaits a reply."""

    def setUp(self) -> None:
        """Be ready."""
        super().setUp()
        self.log_in()
        self.held: list[Deferred[Any]] = []
        self.handled = 0

    def hold(self, account: object, event: TextMessage) -> Deferred[Any]:
        """Handle it until somebody ends it."""
        self.held.append(Deferred())
        return self.held[-1]

    def reply(self, account: AccountSession, event: TextMessage) -> Deferred[Any]:
        """Answer it, and wait for the outcome."""
        return account.reply(event, "pong").addBoth(self.count)

    def count(self, _: object) -> None:
        """Count what was handled."""
        self.handled += 1

    def flood(
        self, handler: Callable[[AccountSession, TextMessage], object], count: int
    ) -> None:
        """Push so many messages, of which one can be handled at once."""
        self.account.on(TextMessage, handler)
        for _ in range(count):
            self.connection.push(text_message())

    def end(self, count: int) -> None:
        """End the handling of so many messages."""
        for _ in range(count):
            self.held.pop().callback(None)

    def test_pause_and_resume(self) -> None:
        """Reading pauses at the limit, and begins again at half of it."""
        self.flood(self.hold, MAX_WAITING_EVENTS - 1)
        self.assertFalse(self.connection.is_paused)
        self.connection.push(text_message())
        self.assertTrue(self.connection.is_paused)
        self.end(MAX_WAITING_EVENTS - RESUME_AT - 1)
        self.assertTrue(self.connection.is_paused)
        self.end(1)
        self.assertFalse(self.connection.is_paused)

    def test_next_connection_is_read(self) -> None:
        """A new connection is read until it brings more than fits."""
        self.flood(self.hold, MAX_WAITING_EVENTS)
        self.assertTrue(self.connection.is_paused)
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.finish_login()
        self.assertEqual(self.account.state, "ready")
        self.assertFalse(self.connection.is_paused)
        self.connection.push(text_message())
        self.assertTrue(self.connection.is_paused)

    def test_replies_are_read(self) -> None:
        """A handler that awaits a reply gets it, however much waits behind it."""
        self.flood(self.reply, MAX_WAITING_EVENTS + 10)
        self.assertFalse(self.connection.is_paused)
        while self.connection.calls:
            call = self.connection.calls.pop()
            self.connection.reply(call.call_id, {"msgId": "1"})
        self.assertEqual(self.handled, MAX_WAITING_EVENTS + 10)

    def test_call_ends_the_pause(self) -> None:
        """A call that is made while reading is paused has its reply read."""
        self.flood(self.hold, MAX_WAITING_EVENTS)
        calls: tuple[Callable[[], Deferred[Any]], ...] = (
            lambda: self.account.call(SendMsg("a", "b")),
            lambda: self.account.call_raw("custom", {}),
        )
        for call in calls:
            self.assertTrue(self.connection.is_paused)
            calling = call()
            self.assertFalse(self.connection.is_paused)
            self.connection.reply(self.connection.calls.pop().call_id)
            self.successResultOf(calling)
            self.connection.push(text_message())

    def test_bound_while_a_reply_is_awaited(self) -> None:
        """Even then what waits is bounded, and the call ends by its time limit."""
        self.flood(self.reply, MAX_WAITING_DURING_CALLS - 1)
        self.assertFalse(self.connection.is_paused)
        self.connection.push(text_message())
        self.assertTrue(self.connection.is_paused)
        self.clock.advance(60)
        self.assertEqual(self.handled, 1)
        self.connection.lose()
        self.assertEqual(self.handled, MAX_WAITING_DURING_CALLS)

    def test_large_ones(self) -> None:
        """Large ones pause it by their bytes: at one limit, or at that of a call."""
        self.account.on(TextMessage, self.hold)
        self.push_large(MAX_WAITING_BYTES - LEAST_COUNTED_BYTES)
        self.assertFalse(self.connection.is_paused)
        self.push_large(LEAST_COUNTED_BYTES)
        self.assertTrue(self.connection.is_paused)
        calling = self.account.call(SendMsg("a", "b"))
        self.assertFalse(self.connection.is_paused)
        rest = MAX_WAITING_BYTES_DURING_CALLS - self.account.waiting_bytes
        self.push_large(rest - LEAST_COUNTED_BYTES)
        self.assertFalse(self.connection.is_paused)
        self.push_large(LEAST_COUNTED_BYTES + 1)
        self.assertTrue(self.connection.is_paused)
        for _ in range(3):
            self.assertTrue(self.connection.is_paused)
            self.held[-1].callback(None)
        self.assertFalse(self.connection.is_paused)
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(calling)

    def push_large(self, size: int) -> None:
        """Push a message in a frame of that size."""
        item = text_message("", msg_id=str(size))
        empty = len(notice_body("push", {"list": [item]}))
        self.connection.push({**item, "content": "x" * (size - empty)})

    def test_slow_states_do_not_matter(self) -> None:
        """A pause that nobody asked for is not ended."""
        recorded: RecordedHandler[TextMessage] = RecordedHandler()
        self.account.on(TextMessage, recorded)
        self.flood(self.hold, RESUME_AT + 1)
        self.end(RESUME_AT + 1)
        self.assertFalse(self.connection.is_paused)
        self.assertEqual(len(recorded.events), RESUME_AT + 1)


class RememberingConnector(FakeConnector):
    """Keeps who heard each attempt, as one does that tells things late."""

    def __init__(self) -> None:
        super().__init__()
        self.heard_by: list[GatewayReceiver] = []

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin an attempt."""
        self.heard_by.append(receiver)
        super().connect(receiver)


class LateTests(AccountCase):
    """What an older connection tells when another one is up changes nothing."""

    def setUp(self) -> None:
        """Log in, lose the connection, and log in again."""
        super().setUp()
        self.connector = self.remembering = RememberingConnector()
        self.account = self.build()
        self.log_in()
        self.older = self.connection
        self.older.lose()
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.finish_login()
        self.states.events.clear()

    def test_lost_again(self) -> None:
        """Its end is told once more: the new connection and its calls go on."""
        calling = self.account.call(SendMsg("a", "b"))
        self.remembering.heard_by[0].lost(Disconnected("too late"), frozenset())
        self.assertEqual(self.account.state, "ready")
        self.assertNoResult(calling)
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(calling)

    def test_reply(self) -> None:
        """A reply on it ends no call of the new one."""
        calling = self.account.call(SendMsg("a", "b"))
        call_id = self.connection.last_call("sendMsg").call_id
        body = reply_body({"success": True, "data": {}})
        self.remembering.heard_by[0].received([Reply(call_id, body)])
        self.assertNoResult(calling)
        calling.addErrback(lambda _: None)

    def test_events(self) -> None:
        """A logout or a takeover of the older session is none of this one."""
        for event, msg in (("logout", "logged out"), ("close", "taken over")):
            notice = Notice(event, notice_body(event, {"msg": msg}))
            self.remembering.heard_by[0].received([notice])
        self.assertEqual(self.account.state, "ready")

    def test_up_again(self) -> None:
        """An attempt that was given up and comes about is dropped at once."""
        late = FakeConnection(receiver := self.remembering.heard_by[0])
        receiver.connected(late)
        self.assertTrue(late.is_lost)
        self.assertEqual(self.account.state, "ready")
        self.successResultOf(self.account.when_connected())

    def test_after_a_drop(self) -> None:
        """A connection that we left is not heard while we wait for the next."""
        self.connection.notice("close", {"msg": "task closed"})
        self.assertEqual(self.entered(), ["retrying"])
        receiver = self.remembering.heard_by[1]
        receiver.lost(Disconnected("too late"), frozenset())
        notice = Notice("close", notice_body("close", {"msg": "taken over"}))
        receiver.received([notice])
        self.assertEqual(self.entered(), [])
