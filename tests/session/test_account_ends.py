"""How an account begins and ends: start, close, logout, and what is stored."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred, fail

from padchat_twisted.catalogue import Close, Logout, Message
from padchat_twisted.errors import (
    BufferFull,
    CallRejected,
    DeviceInUse,
    Disconnected,
    LocalProtocolError,
    NotSent,
    OutcomeUnknown,
    StoreError,
    StoreReadOnly,
)
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.seen import GROUP_SECONDS
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import RecordedHandler, text_message

from .case import DEVICE, DEVICE_DATA, TOKEN, AccountCase


class OddStore(MemoryStore):
    """A store that is slow or broken where it is told to be."""

    remembering: Deferred[None] | None = None
    reading: Deferred[list[str]] | None = None
    is_read_only = False

    def seen_message_ids(self, key: AccountKey, limit: int) -> Deferred[list[str]]:
        """Read them when it is time."""
        return self.reading or super().seen_message_ids(key, limit)

    def remember_message_ids(
        self, key: AccountKey, ids: Sequence[str]
    ) -> Deferred[None]:
        """Do it, and say so when it is time."""
        if self.is_read_only:
            return fail(StoreReadOnly("/disk", "it is full", "make room"))
        remembered: Deferred[None] = super().remember_message_ids(key, ids)
        return self.remembering or remembered

    def void_login_token(self, key: AccountKey, reason: str) -> Deferred[None]:
        """Do it, or fail."""
        if self.is_read_only:
            return fail(StoreReadOnly("/disk", "it is full", "make room"))
        voided: Deferred[None] = super().void_login_token(key, reason)
        return voided


class OddStoreCase(AccountCase):
    """An account over such a store."""

    def setUp(self) -> None:
        """Build it."""
        super().setUp()
        self.odd = OddStore()
        self.odd.open()
        self.store = self.odd
        self.account = self.build()


class StartTests(OddStoreCase):
    """The start."""

    def test_device_is_stored_before_init(self) -> None:
        """Before anything is sent, the device data is in the store."""
        self.successResultOf(self.account.start())
        self.assertEqual(self.connector.connections, [])
        stored = dict(self.record().device or {})
        self.connector.let_in()
        self.assertEqual(self.connection.last_call("init").params, stored)

    def test_device_is_kept(self) -> None:
        """One device all along: over logins by code, logouts and restarts."""
        self.log_in()
        self.connection.notice("logout", {})
        self.clock.advance(10)
        self.connector.let_in()
        sent = self.connection.last_call("init").params
        self.assertEqual(sent, {**DEVICE, "deviceData": DEVICE_DATA})
        self.account.close()
        self.account = self.build()
        self.account.start()
        self.connector.let_in()
        self.assertEqual(self.connection.last_call("init").params, sent)

    def test_shared_device(self) -> None:
        """The second account with one set of device data does not start."""
        first = self.build("first", DEVICE)
        self.successResultOf(first.start())
        second = self.build("second", DEVICE)
        error = self.failureResultOf(second.start(), DeviceInUse).value
        self.assertIn("'first'", str(error))
        self.assertEqual(second.state, "offline")
        self.assertEqual(self.connector.attempts, 1)
        for account in (first, second):
            self.successResultOf(account.close())

    def test_incomplete_device(self) -> None:
        """Given device data without a field is refused before anything is sent."""
        account = self.build("other", {"deviceName": "An iPad"})
        self.failureResultOf(account.start(), LocalProtocolError)
        self.assertEqual(self.connector.attempts, 0)

    def test_closed_store(self) -> None:
        """A store that cannot be used fails the start; the account can be closed."""
        ready = self.account.when_ready()
        self.store.close()
        self.failureResultOf(self.account.start(), StoreError)
        self.assertEqual(self.account.state, "offline")
        self.successResultOf(self.account.close())
        self.failureResultOf(ready, Disconnected)

    def test_seen_messages_are_loaded(self) -> None:
        """A message that was handled before a restart is not handled again."""
        self.log_in()
        item = text_message(msg_id="77")
        self.connection.push(item)
        self.clock.advance(GROUP_SECONDS)
        self.successResultOf(self.account.close())
        self.account = self.build()
        messages: RecordedHandler[Message] = RecordedHandler()
        self.account.on(Message, messages)
        self.begin()
        self.connection.push(item, text_message(msg_id="78"))
        self.assertEqual([m.msg_id for m in messages.events], ["78"])


class CloseTests(OddStoreCase):
    """To leave without logging out."""

    def test_ready(self) -> None:
        """The connection is left in good order, and nothing is said to WeChat."""
        self.log_in()
        over = self.account.close()
        self.assertTrue(self.connection.is_closing)
        self.assertIsNone(self.successResultOf(over))
        self.assertEqual(self.codes(), [])
        self.assertEqual(self.record().login_token, TOKEN)
        self.assertEqual(self.entered(), ["closing", "closed"])

    def test_waits_for_the_connection(self) -> None:
        """It is over when the connection is gone, not before."""
        self.log_in()
        self.connection.closes_at_once = False
        over = self.account.close()
        self.assertNoResult(over)
        self.assertEqual(self.account.state, "closing")
        self.connection.lose()
        self.successResultOf(over)

    def become_ready(self) -> None:
        """Have the login proven and time pass, without device data or ``loaded``."""
        self.answer("getDeviceInfo")
        self.clock.advance(60)

    def test_in_every_state(self) -> None:
        """Whatever the state, the close ends, and nothing comes after it."""
        steps = (
            lambda: None,
            lambda: self.account.start(),
            lambda: self.connector.let_in(),
            lambda: self.answer("init"),
            lambda: self.connection.notice("scan", {"status": 1}),
            lambda: self.connection.notice("scan", {"status": 2}),
            lambda: self.connection.notice("login"),
            self.become_ready,
            lambda: self.connection.notice("close", {"msg": "task closed"}),
            lambda: self.clock.advance(10),
            lambda: self.connector.refuse(),
        )
        closed_in = []
        for count in range(1, len(steps) + 1):
            self.account = self.build(name=f"bot {count}")
            for step in steps[:count]:
                step()
            closed_in.append(self.account.state)
            self.successResultOf(self.account.close())
            self.assertEqual(self.clock.getDelayedCalls(), [], closed_in)
        self.assertEqual(
            closed_in,
            [
                "offline",
                "connecting",
                "initialising",
                "awaiting_scan",
                "awaiting_confirm",
                "logging_in",
                "syncing",
                "ready",
                "retrying",
                "connecting",
                "needs_human",
            ],
        )

    def test_twice(self) -> None:
        """To close again is to wait for the same end."""
        self.log_in()
        self.connection.closes_at_once = False
        first, second = self.account.close(), self.account.close()
        first.cancel()
        self.failureResultOf(first)
        self.connection.lose()
        self.successResultOf(second)
        self.successResultOf(self.account.close())

    def test_during_the_start(self) -> None:
        """An account that is closed while it starts does not connect."""
        self.odd.reading = Deferred()
        starting = self.account.start()
        self.successResultOf(self.account.close())
        self.odd.reading.callback([])
        self.successResultOf(starting)
        self.assertEqual(self.connector.attempts, 0)
        self.assertEqual(self.account.state, "closed")

    def test_from_a_handler(self) -> None:
        """A handler may close its account; the rest of the read does no harm."""
        self.log_in()
        self.account.on(Message, lambda account, message: account.close())
        self.connection.push(text_message(), text_message())
        self.assertEqual(self.account.state, "closed")
        self.assertEqual(self.account.handler_failures, 0)

    def test_waits_for_the_store(self) -> None:
        """It is over when the ids of the last messages are stored, not before."""
        self.log_in()
        self.connection.push(text_message())
        self.odd.remembering = Deferred()
        over = self.account.close()
        again = self.account.close()
        self.assertEqual(self.account.state, "closed")
        for deferred in (over, again, self.account.when_closed()):
            self.assertNoResult(deferred)
        self.odd.remembering.callback(None)
        self.successResultOf(over)
        self.successResultOf(again)

    def test_store_that_raises(self) -> None:
        """A store that raises in place of failing does not keep the account either."""
        self.log_in()
        self.patch(self.odd, "remember_message_ids", {}.__getitem__)
        self.connection.push(text_message(msg_id="77"))
        self.clock.advance(GROUP_SECONDS)
        self.connection.push(text_message(msg_id="78"))
        self.successResultOf(self.account.close())
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 2)

    def test_broken_store(self) -> None:
        """A store that fails in the end does not keep the account from it."""
        self.log_in()
        self.connection.push(text_message())
        self.odd.is_read_only = True
        self.successResultOf(self.account.close())
        self.assertEqual(len(self.flushLoggedErrors(StoreReadOnly)), 1)
        self.assertTrue(self.log.has("account bot: the store failed"))


class LogoutTests(OddStoreCase):
    """To log out, and to end the task."""

    def setUp(self) -> None:
        """Be ready."""
        super().setUp()
        self.log_in()

    def test_logout(self) -> None:
        """The account is logged out, its token void, the session over."""
        over = self.account.logout()
        self.assertEqual(self.codes(), ["logout"])
        self.connection.notice("logout", {"msg": "logged out"})
        self.assertEqual(self.account.state, "ready")
        self.answer("logout")
        self.assertIsNone(self.successResultOf(over))
        self.assertEqual(self.entered(), ["closing", "closed"])
        self.assertIsNone(self.record().login_token)
        self.assertEqual(
            dict(self.record().device or {})["deviceUuid"], (DEVICE["deviceUuid"])
        )

    def test_logout_refused(self) -> None:
        """A logout that was refused changes nothing."""
        over = self.account.logout()
        self.refuse("logout", "not now")
        self.failureResultOf(over, CallRejected)
        self.assertEqual(self.account.state, "ready")
        self.assertEqual(self.record().login_token, TOKEN)
        self.connection.notice("logout", {"msg": "on the phone"})
        self.assertEqual(self.account.state, "retrying")

    def test_logout_twice(self) -> None:
        """A second one that does not leave takes nothing from the first."""
        over = self.account.logout()

        def refuse(*args: object) -> None:
            raise BufferFull(64)

        self.patch(self.connection, "send_call", refuse)
        self.failureResultOf(self.account.logout(), NotSent)
        self.connection.notice("logout", {"msg": "logged out"})
        self.assertEqual(self.account.state, "ready")
        self.answer("logout")
        self.assertIsNone(self.successResultOf(over))

    def test_logout_without_an_answer(self) -> None:
        """A logout whose connection goes is of unknown outcome; we come back."""
        over = self.account.logout()
        self.connection.lose()
        self.failureResultOf(over, OutcomeUnknown)
        self.assertEqual(self.account.state, "retrying")

    def test_logout_elsewhere(self) -> None:
        """Only a ready account can be logged out."""
        self.connection.lose()
        self.failureResultOf(self.account.logout(), NotSent)

    def test_close_command(self) -> None:
        """``Close`` ends task and session, and keeps the token."""
        calling = self.account.call(Close())
        self.connection.notice("close", {"msg": "task closed"})
        self.answer("close")
        self.successResultOf(calling)
        self.assertEqual(self.account.state, "closed")
        self.assertEqual(self.record().login_token, TOKEN)

    def test_logout_command(self) -> None:
        """``Logout`` by ``call`` does what ``logout`` does."""
        calling = self.account.call(Logout())
        self.answer("logout")
        self.successResultOf(calling)
        self.assertEqual(self.account.state, "closed")
        self.assertIsNone(self.record().login_token)

    def test_broken_store(self) -> None:
        """A store that fails at the logout is told, and the session is over."""
        over = self.account.logout()
        self.odd.is_read_only = True
        self.answer("logout")
        self.successResultOf(over)
        self.assertEqual(len(self.flushLoggedErrors(StoreReadOnly)), 1)


class StateTests(AccountCase):
    """States as handlers see them."""

    def test_in_order(self) -> None:
        """Each handler sees the states in their order, whatever another one does."""

        def try_again(account: AccountSession, change: StateChanged) -> None:
            if change.new == "needs_human":
                account.try_again()

        self.account = self.build("eager")
        self.account.on(StateChanged, try_again)
        after: RecordedHandler[StateChanged] = RecordedHandler()
        self.account.on(StateChanged, after)
        self.account.start()
        self.connector.refuse()
        expected = ["connecting", "needs_human", "connecting"]
        self.assertEqual([event.new for event in after.events], expected)
        self.assertEqual(after.events[1].old, "connecting")
        self.assertEqual(self.connector.attempts, 2)

    def test_log(self) -> None:
        """The log tells each change with account and reason."""
        self.account.start()
        self.connector.fail()
        self.assertTrue(
            self.log.has(
                "account bot: connecting -> retrying (no connection to"
                " gateway.test:80: connection refused)"
            )
        )
