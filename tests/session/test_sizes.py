"""What an account says of how much it holds."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import GetContact, SendMsg, TextMessage
from padchat_twisted.errors import CallError
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.dispatch import MAX_WAITING_NEWS
from padchat_twisted.session.seen import GROUP_SECONDS
from padchat_twisted.testing import text_message

from .case import ReadyCase
from .test_account_inbox import InboxCase


class SizeTests(ReadyCase):
    """An account that is ready."""

    def setUp(self) -> None:
        """Have handlers that are done when the test says so."""
        super().setUp()
        self.open: list[Deferred[None]] = []

    def wait(self, account: AccountSession, event: object) -> Deferred[None]:
        """Begin to handle an event."""
        self.open.append(Deferred())
        return self.open[-1]

    def test_calls(self) -> None:
        """Calls count until their reply, those with a key for each caller."""
        self.assertEqual(self.account.calls_in_flight, 0)
        asking = self.account.call(GetContact("a"))
        sending = [self.account.call(SendMsg("a", "b"), key="1") for _ in range(2)]
        self.assertEqual(self.account.calls_in_flight, 2)
        self.assertEqual(self.account.keyed_calls, 2)
        self.answer("getContact", {})
        self.answer("sendMsg", {"msgId": "1"})
        self.assertEqual(self.account.calls_in_flight, 0)
        self.assertEqual(self.account.keyed_calls, 0)
        self.successResultOf(asking)
        for each in sending:
            self.successResultOf(each)

    def test_events(self) -> None:
        """Events count until their handlers are done, and ids until they are stored."""
        self.account.on(TextMessage, self.wait)
        for text, sender in (("1", "a"), ("2" * 2000, "a"), ("3", "b")):
            self.connection.push(text_message(text, from_user=sender))
        self.assertEqual(self.account.waiting_events, 3)
        self.assertGreater(self.account.waiting_bytes, 2000)
        self.assertEqual(self.account.busy_handlers, 2)
        self.assertEqual(self.account.seen_messages, 3)
        self.assertEqual(self.account.unsaved_messages, 3)
        self.clock.advance(GROUP_SECONDS)
        self.assertEqual(self.account.unsaved_messages, 0)
        for number in range(3):
            self.open[number].callback(None)
        self.assertEqual(self.account.waiting_events, 0)
        self.assertEqual(self.account.waiting_bytes, 0)
        self.assertEqual(self.account.busy_handlers, 0)
        self.assertEqual(self.account.held_messages, 0)
        self.assertEqual(self.account.held_bytes, 0)

    def test_news(self) -> None:
        """News that a handler missed are counted."""
        self.account.on(StateChanged, self.wait)
        deliver = self.account._inbox.dispatch.deliver
        for _ in range(MAX_WAITING_NEWS + 2):
            deliver(StateChanged("ready", "ready"))
        self.assertEqual(self.account.dropped_news, 1)

    def test_bytes(self) -> None:
        """A connection that does not count its bytes has none, as no connection has."""
        self.assertEqual(self.account.outgoing_bytes, 0)
        self.assertEqual(self.account.buffered_bytes, 0)
        self.connection.buffered_bytes = 5  # type: ignore[attr-defined] # as ours
        self.assertEqual(self.account.buffered_bytes, 5)
        self.connection.lose()
        self.assertEqual(self.account.buffered_bytes, 0)
        waiting = self.account.call(GetContact("a"))
        self.failureResultOf(waiting, CallError)


class HeldTests(InboxCase):
    """An account whose messages are stored until they are handled."""

    def test_held(self) -> None:
        """They count until then, with their bytes."""
        self.connection.push(text_message("1"))
        self.assertEqual(self.account.held_messages, 1)
        self.assertGreater(self.account.held_bytes, 10)
        self.open[0].callback(None)
        self.assertEqual(self.account.held_messages, 0)
        self.assertEqual(self.account.held_bytes, 0)
