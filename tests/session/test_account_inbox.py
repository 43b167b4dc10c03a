"""An account whose messages outlive it, or whose old messages are not as others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, fail

from padchat_twisted.catalogue import Contact, TextMessage
from padchat_twisted.errors import StoreError
from padchat_twisted.interfaces import AccountKey, InboxItem
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.durable import MAX_HELD_ITEMS, RETRY_SECONDS
from padchat_twisted.session.policy import InboxPolicy
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnector, contact, text_message

from . import case
from .case import TOKEN, USER_NAME, AccountCase, retry_policy

DURABLE = InboxPolicy(durable=True)


class FillingStore(MemoryStore):
    """A store whose disk may be full."""

    is_full = False

    def change_inbox(
        self, key: AccountKey, added: Sequence[InboxItem], done: Sequence[str]
    ) -> Deferred[None]:
        """Fail while it is."""
        if self.is_full:
            return fail(StoreError("/store", "there is no room to write", "free some"))
        return super().change_inbox(key, added, done)


class InboxCase(AccountCase):
    """Accounts one after the other at one store, as after a crash."""

    policy = DURABLE
    store: FillingStore

    def setUp(self) -> None:
        """Log the first one in."""
        self.patch(case, "MemoryStore", FillingStore)
        super().setUp()
        self.handled: list[tuple[str, bool, bool]] = []
        self.open: list[Deferred[None]] = []
        self.log_in()

    def build(
        self,
        name: str = "bot",
        device: Any = None,  # noqa: ANN401 - see the base
    ) -> AccountSession:
        """Build an account with the policy and slow handlers."""
        self.key = AccountKey(self.connector.url, "0" * 16, name)
        account = AccountSession(
            self.clock,
            self.connector,
            self.key,
            self.store,
            device=device,
            retry_policy=retry_policy,
            inbox=self.policy,
        )
        account.on(StateChanged, self.states)
        account.on(TextMessage, self.handle)
        return account

    def handle(self, _: AccountSession, message: TextMessage) -> Deferred[None]:
        """Begin to handle a message."""
        self.handled.append((message.text, message.is_replayed, message.maybe_seen))
        handling: Deferred[None] = Deferred()
        self.open.append(handling)
        return handling

    def texts(self) -> list[str]:
        """What handlers got since the last look."""
        texts = [text for text, _, _ in self.handled]
        self.handled.clear()
        return texts

    def crash(self) -> None:
        """Leave the account as a crash would, and log the next one in by token."""
        self.connector = FakeConnector()
        self.handled.clear()
        self.open.clear()
        old, self.account = self.account, self.build()
        self.addCleanup(old.close)
        self.begin()
        self.finish_login()

    def inbox(self) -> list[str]:
        """Ids of what the store has."""
        return [i.message_id for i in self.successResultOf(self.store.inbox(self.key))]


class DurableTests(InboxCase):
    """Handed over at least once."""

    def test_done(self) -> None:
        """A message whose handlers are done does not come again."""
        self.connection.push(text_message("a", msg_id="1"))
        self.assertEqual(self.inbox(), ["1"])
        self.open.pop().callback(None)
        self.assertEqual(self.inbox(), [])
        self.crash()
        self.connection.push(text_message("a", msg_id="1"))
        self.assertEqual(self.texts(), [])

    def test_failed(self) -> None:
        """A handler that raises is done."""
        self.connection.push(text_message("a", msg_id="1"))
        self.open.pop().errback(ValueError("a mistake"))
        self.assertEqual(self.inbox(), [])
        self.flushLoggedErrors(ValueError)

    def test_nobody_listens(self) -> None:
        """A message that no handler wants is done at once."""
        self.connection.push(contact(), {**text_message(msg_id="1"), "msgType": 62})
        self.assertEqual(self.inbox(), [])
        seen = self.successResultOf(self.store.seen_message_ids(self.key, 9))
        self.assertEqual(seen, ["1"])

    def test_crash_inside_a_handler(self) -> None:
        """It is handed over again, marked and in order; what is pushed again is not."""
        pushed = [text_message(text, msg_id=text) for text in "abc"]
        self.connection.push(*pushed)
        self.assertEqual(self.handled, [("a", False, False)])
        self.crash()
        self.connection.push(*pushed, text_message("d", msg_id="d"))
        while self.open:
            self.open.pop().callback(None)
        self.assertEqual(self.handled, [(text, False, text != "d") for text in "abcd"])
        self.assertEqual(self.inbox(), [])

    def test_after_the_last_handler(self) -> None:
        """A message is done when the last of its handlers is, which came later."""
        slow: list[Deferred[None]] = []

        def last(_: object, __: object) -> Deferred[None]:
            slow.append(Deferred())
            return slow[-1]

        self.account.on(object, last)
        self.connection.push(text_message("a", msg_id="1"))
        self.open.pop().callback(None)
        self.assertEqual(self.inbox(), ["1"])
        slow.pop().callback(None)
        self.assertEqual(self.inbox(), [])

    def test_handed_over_when_calls_can_be_sent(self) -> None:
        """What is left waits for the login: a handler will want to answer."""
        self.connection.push(text_message("a", msg_id="1"))
        self.connector = FakeConnector()
        self.handled.clear()
        old, self.account = self.account, self.build()
        self.addCleanup(old.close)
        self.begin()
        self.assertEqual(self.handled, [])
        self.connection.notice("login", {"data": {"userName": USER_NAME}})
        self.assertEqual(self.account.state, "syncing")
        self.assertEqual(self.handled, [("a", False, True)])

    def test_closed_in_good_order(self) -> None:
        """What handlers still have when the account is closed comes again."""
        self.connection.push(text_message("a", msg_id="1"))
        self.account.close()
        self.connection.lose()
        self.assertEqual(self.inbox(), ["1"])

    def test_without_it(self) -> None:
        """Without the setting such a message is lost: it counts as seen."""
        self.policy = InboxPolicy()
        self.crash()
        pushed = text_message("a", msg_id="1")
        self.connection.push(pushed)
        self.assertEqual(self.texts(), ["a"])
        self.clock.advance(1)
        self.crash()
        self.connection.push(pushed)
        self.assertEqual(self.texts(), [])

    def test_full(self) -> None:
        """Reading pauses when too much is stored, whoever else wants it to go on."""
        count = MAX_HELD_ITEMS
        for number in range(count):
            self.connection.push(
                text_message("a", msg_id=str(number), from_user=str(number))
            )
        self.assertEqual(len(self.handled), count)
        self.assertTrue(self.connection.is_paused)
        self.account.call_raw("getMyInfo", {})
        self.assertFalse(self.connection.is_paused)
        self.answer("getMyInfo")
        self.connection.push(text_message("a", msg_id="x"))
        self.assertTrue(self.connection.is_paused)
        for handling in self.open[: count // 2 + 2]:
            handling.callback(None)
        self.assertFalse(self.connection.is_paused)

    def test_store_fails(self) -> None:
        """Nothing is handed over that is not stored; later it is."""
        self.store.is_full = True
        self.connection.push(text_message("a", msg_id="1"))
        self.assertEqual(self.texts(), [])
        self.store.is_full = False
        self.clock.advance(RETRY_SECONDS)
        self.assertEqual(self.texts(), ["a"])


class OldMessagesTests(InboxCase):
    """What is old when it comes."""

    policy = InboxPolicy(durable=True, old_messages="mark", old_seconds=10)

    def test_marked(self) -> None:
        """It is marked, and still so when it comes again after a crash."""
        self.clock.advance(1000)
        self.connection.push(text_message("a", msg_id="1", timestamp=100))
        self.connection.push(
            text_message("b", msg_id="2", timestamp=995, from_user="b")
        )
        self.assertEqual(self.handled, [("a", True, False), ("b", False, False)])
        self.crash()
        self.assertEqual(self.handled, [("a", True, True), ("b", False, True)])

    def test_dropped(self) -> None:
        """It is counted, not handed over and not stored."""
        self.policy = InboxPolicy(durable=True, old_messages="drop", old_seconds=10)
        self.crash()
        self.clock.advance(1000)
        self.connection.push(text_message("a", msg_id="1", timestamp=100))
        self.assertEqual((self.handled, self.inbox()), ([], []))
        self.assertEqual(self.account.dropped_messages, 1)


class PlainTests(AccountCase):
    """Without the setting nothing changes and nothing costs."""

    def test_nothing_between(self) -> None:
        """Messages go from the filter to the handlers directly, and to them only."""
        inbox = self.account._inbox
        self.assertEqual(inbox._hand_out, inbox.dispatch.deliver)
        self.assertIsNone(inbox.durable)
        self.account.on(TextMessage, lambda _, __: None)
        self.assertEqual(len(inbox.dispatch._find(TextMessage)), 1)
        self.assertEqual(inbox.dispatch._find(Contact), ())
        self.assertEqual(self.account.dropped_messages, 0)

    def test_store_is_not_asked(self) -> None:
        """The inbox of the store is neither read nor written."""

        def no(*_: object) -> Deferred[list[InboxItem]]:
            raise AssertionError("asked")

        self.patch(MemoryStore, "inbox", no)
        self.patch(MemoryStore, "change_inbox", no)
        self.account = self.build()
        self.log_in()
        self.connection.push(text_message("a"))
        self.assertEqual(self.record().login_token, TOKEN)
