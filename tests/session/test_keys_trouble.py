"""Commands with a key: mistakes, a store that fails, and what a person settles."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import (
    GetContact,
    Image,
    Logout,
    SendMsg,
    SentMessage,
    TextMessage,
)
from padchat_twisted.errors import (
    CallRejected,
    LocalProtocolError,
    NotSent,
    StillUnknown,
    StoreError,
)
from padchat_twisted.interfaces import KeyedSend
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.keys import MAX_KEY_CHARACTERS
from padchat_twisted.store.sends import MAX_UNKNOWN_KEYS
from padchat_twisted.testing import text_message

from .case import TEXT
from .keyed import KEY, KeyedCase


class MistakeTests(KeyedCase):
    """What cannot be is told, and does not leave."""

    def test_other_parameters(self) -> None:
        """A key belongs to one command with its parameters, whatever became of it."""
        others = (
            SendMsg("wxid_friend", "another text"),
            SendMsg("wxid_other", TEXT),
            SendMsg("wxid_friend", TEXT, ("wxid_a",)),
            Logout(),
        )
        sending = self.send()
        self.is_another(others)
        self.answer("sendMsg")
        self.successResultOf(sending)
        self.is_another(others)
        self.lose(self.send("order-18"))
        self.come_back()
        self.is_another(others, "order-18")

    def is_another(self, others: tuple[Any, ...], key: str = KEY) -> None:
        """Check that a key is not taken for other commands."""
        for other in others:
            calling = self.account.call(other, key=key)
            error = self.failureResultOf(calling, NotSent).value
            self.assertIn(f"key: {key!r} belongs to another command", str(error))
            self.assertNotIn(TEXT, str(error))

    def test_reading_command(self) -> None:
        """A command that changes nothing takes none."""
        calling = self.account.call(GetContact("x"), key=KEY)
        self.not_sent(calling, "key: only commands that change something take one")
        self.assertEqual(self.unknown(), [])

    def test_shape(self) -> None:
        """A key is a text that can be printed."""
        for key in ("", "a\nb", "\ud83d", "\x1b[2J", "a" * (MAX_KEY_CHARACTERS + 1)):
            self.not_sent(self.send(key), f"key: found a text of length {len(key)}")
        number: Any = 17
        self.not_sent(self.send(number), "key: found a int, expected a text")
        sending = self.send("订单 17 " + "a" * (MAX_KEY_CHARACTERS - 6))
        self.answer("sendMsg")
        self.successResultOf(sending)

    def test_wrong_command(self) -> None:
        """What is wrong with a command is told before its key is stored."""
        calling = self.account.call(SendMsg("weixin", TEXT), key=KEY)
        self.not_sent(calling, "must not be written to")
        circle: dict[str, Any] = {}
        circle["self"] = circle
        command = SendMsg("a", circle)  # type: ignore[arg-type] # wrong on purpose
        self.not_sent(self.account.call(command, key=KEY), "JSON cannot hold")
        self.assertEqual(self.unknown(), [])

    def test_not_ready(self) -> None:
        """Without a connection a known key is answered, a new one is not taken."""
        sending = self.send("done")
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(sending)
        self.lose(self.send())
        self.assertEqual(self.successResultOf(self.send("done")).msg_id, "1")
        self.failureResultOf(self.send(), StillUnknown)
        error = self.failureResultOf(self.send("new"), NotSent).value
        self.assertIn("account 'bot' is retrying", str(error))
        self.assertEqual(self.unknown(), [KEY])

    def test_too_many_unknown(self) -> None:
        """Beyond the bound a new key is refused, and none is forgotten."""
        for number in range(MAX_UNKNOWN_KEYS):
            send = KeyedSend(f"key {number}", "sendMsg", "", "", float(number))
            self.store.begin_send(self.key, send)
        self.not_sent(self.send(), "look at them by `padchat unknown bot`")
        self.assertEqual(len(self.unknown()), MAX_UNKNOWN_KEYS)


class StoreTroubleTests(KeyedCase):
    """A store that cannot be written."""

    def break_store(self, name: str) -> None:
        """Let a method of the store fail."""

        def fails(*_: object) -> Deferred[Any]:
            failing: Deferred[Any] = Deferred()
            failing.errback(StoreError("a.db", "there is no room to write", "make it"))
            return failing

        self.patch(self.store, name, fails)

    def test_before_it_leaves(self) -> None:
        """What cannot be noted does not leave."""
        self.break_store("begin_send")
        self.not_sent(self.send(), "a.db: there is no room to write")

    def test_result(self) -> None:
        """A result is told all the same; the key stays unknown, and the log says so."""
        self.break_store("finish_send")
        sending = self.send()
        self.answer("sendMsg", {"msgId": "1"})
        self.assertEqual(self.successResultOf(sending).msg_id, "1")
        self.failureResultOf(self.send(), StillUnknown)
        self.assertTrue(self.log.has(f"the outcome of {KEY} is not stored"))

    def test_refusal(self) -> None:
        """A refusal is told; the key is not free, for that would have to be stored."""
        self.break_store("forget_send")
        sending = self.send()
        self.refuse("sendMsg", "no")
        self.failureResultOf(sending, CallRejected)
        self.failureResultOf(self.send(), StillUnknown)
        self.assertTrue(self.log.has(f"the outcome of {KEY} is not stored"))


class SettleTests(KeyedCase):
    """What a person finds out."""

    def setUp(self) -> None:
        """Have an unknown send."""
        super().setUp()
        self.account._keyed._now = lambda: 1500000000.0
        self.lose(self.send())
        self.come_back()

    def test_listed(self) -> None:
        """The list says what it was, to whom and when; not what it said."""
        (send,) = self.successResultOf(self.account.unknown_sends())
        self.assertEqual((send.key, send.command), (KEY, "sendMsg"))
        self.assertEqual((send.receiver, send.began), ("wxid_friend", 1500000000.0))
        self.assertNotIn(TEXT, repr(send))

    def test_happened(self) -> None:
        """What happened is done: the key gives a result without a message id."""
        self.successResultOf(self.account.settle(KEY, happened=True))
        self.assertEqual(self.successResultOf(self.send()), SentMessage())
        self.assertEqual(self.codes(), [])
        self.assertEqual(self.unknown(), [])

    def test_did_not_happen(self) -> None:
        """What did not may be sent under its key."""
        self.successResultOf(self.account.settle(KEY, happened=False))
        sending = self.send()
        self.answer("sendMsg", {"msgId": "2"})
        self.assertEqual(self.successResultOf(sending).msg_id, "2")

    def test_nothing_to_settle(self) -> None:
        """A key that is not unknown is told, and stays what it is."""
        sending = self.send("done")
        self.answer("sendMsg", {"msgId": "1"})
        self.successResultOf(sending)
        for key in ("done", "never"):
            for happened in (True, False):
                settling = self.account.settle(key, happened=happened)
                error = self.failureResultOf(settling, LocalProtocolError).value
                self.assertIn(f"has no unknown send with key {key!r}", str(error))
        self.assertEqual(self.successResultOf(self.send("done")).msg_id, "1")


class WaysTests(KeyedCase):
    """Every way to send takes a key."""

    def test_text(self) -> None:
        """A text, with and without mentions."""
        for at in ((), ("wxid_a",)):
            for _ in range(2):
                sending = self.account.send("7@chatroom", "hi", at=at, key=f"{at}")
                if not sending.called:
                    self.answer("sendMsg", {"msgId": "1"})
                self.assertEqual(self.successResultOf(sending).msg_id, "1")
        self.assertEqual(self.codes(), ["sendMsg", "sendMsg"])

    def test_file(self) -> None:
        """A file is part of what was sent."""
        sending = self.account.send("a", Image(b"abc"), key=KEY)
        self.answer("sendImage", {"msgId": "1"})
        self.successResultOf(sending)
        again = self.account.send("a", Image(b"abc"), key=KEY)
        self.assertEqual(self.successResultOf(again).msg_id, "1")
        other = self.account.send("a", Image(b"abd"), key=KEY)
        self.failureResultOf(other, NotSent)
        self.assertEqual(self.codes(), ["sendImage"])

    def test_reply(self) -> None:
        """A reply: who gets a message again answers it once."""

        def answer(account: AccountSession, message: TextMessage) -> object:
            return account.reply(message, "pong", key=f"reply to {message.msg_id}")

        self.account.on(TextMessage, answer)
        for msg_id in ("1", "2"):
            self.connection.push(text_message("ping", msg_id=msg_id))
            self.answer("sendMsg", {"msgId": "9"})
        self.assertEqual(self.unknown(), [])
        found = self.successResultOf(self.store.find_send(self.key, "reply to 1"))
        assert found is not None
        self.assertEqual(found.result, '{"status":0,"msgId":"9"}')
        self.assertEqual(self.codes(), ["sendMsg", "sendMsg"])
