"""AccountSession: its messages, and who waits for it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from padchat_twisted.catalogue import (
    Close,
    Event,
    ImageMessage,
    Login,
    Message,
    Push,
    TextMessage,
)
from padchat_twisted.errors import (
    AuthKeyInvalid,
    ConnectError,
    Disconnected,
    NeedsHuman,
    NotSent,
    PadChatError,
)
from padchat_twisted.session.account import AccountSession
from padchat_twisted.testing import (
    RecordedHandler,
    image_message,
    push_item,
    text_message,
)

from .case import TEXT, TOKEN, USER_NAME, AccountCase


class NameTests(AccountCase):
    """What the account is called."""

    def test_told_late(self) -> None:
        """A scan that is told behind its login tells still which messages are own."""
        messages: RecordedHandler[Message] = RecordedHandler()
        self.account.on(Message, messages)
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.answer("getDeviceInfo", {})
        self.answer("getAutoLoginData", {})
        self.connection.notice("loaded")
        self.assertEqual((self.account.state, self.account.user_name), ("ready", ""))
        self.connection.notice("scan", {"status": 2, "userName": USER_NAME})
        self.assertEqual(self.account.user_name, USER_NAME)
        self.connection.push(
            text_message("hi", from_user=USER_NAME, to_user="wxid_friend")
        )
        [message] = messages.events
        self.assertTrue(message.is_from_me)
        self.assertEqual(message.conversation, "wxid_friend")


class MessageTests(AccountCase):
    """Messages and answers."""

    def setUp(self) -> None:
        """Be ready, and answer every message."""
        super().setUp()
        self.log_in()
        self.account.on(Message, self.answer_message)

    def answer_message(self, account: AccountSession, message: Message) -> None:
        """Answer with the same text."""
        account.reply(message, message.text).addErrback(lambda _: None)

    def answered(self) -> list[tuple[str, str]]:
        """To whom what was answered."""
        return [
            (call.params["toUserName"], call.params["content"])
            for call in self.connection.calls
        ]

    def test_private(self) -> None:
        """A private message is answered to its sender."""
        self.connection.push(text_message("hi", from_user="wxid_friend"))
        self.assertEqual(self.answered(), [("wxid_friend", "hi")])

    def test_room(self) -> None:
        """A message in a room is answered in the room, without its sender's name."""
        self.connection.push(text_message("hi", room="7@chatroom"))
        self.assertEqual(self.answered(), [("7@chatroom", "hi")])

    def test_own_message_in_a_room(self) -> None:
        """What the account wrote in a room from another device belongs there too."""
        self.connection.push(
            text_message("hi", from_user=USER_NAME, to_user="7@chatroom")
        )
        self.assertEqual(self.answered(), [("7@chatroom", "hi")])

    def test_own_private_message(self) -> None:
        """What the account wrote to a friend is not answered to the account."""
        self.connection.push(
            text_message("hi", from_user=USER_NAME, to_user="wxid_friend")
        )
        self.assertEqual(self.answered(), [("wxid_friend", "hi")])

    def test_image(self) -> None:
        """Handlers of images get images only."""
        images: RecordedHandler[ImageMessage] = RecordedHandler()
        self.account.on(ImageMessage, images)
        self.connection.push(text_message(), image_message("abcd"))
        self.assertEqual([image.data for image in images.events], ["abcd"])

    def test_repeated(self) -> None:
        """A message that comes again, also after a reconnect, is answered once."""
        item = text_message("hi", msg_id="77")
        self.connection.push(item)
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.connection.notice("login", {})
        self.connection.push(item)
        self.assertNotIn("sendMsg", self.codes())
        self.assertEqual(self.account.repeated_messages, 1)

    def test_handler_failures(self) -> None:
        """Failures of handlers are counted, and the account goes on."""
        self.account.on(Message, lambda account, message: 1 // 0)
        self.connection.push(text_message(TEXT))
        self.assertEqual(self.account.handler_failures, 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.account.state, "ready")

    def test_unparsed_messages(self) -> None:
        """Messages that cannot be read are counted, and handed out as such."""
        self.connection.push(push_item(49, from_user="a", content="<msg>"))
        self.assertEqual(self.account.unparsed_messages, 1)

    def test_push_is_no_event_to_handle(self) -> None:
        """Who registers for pushes is told what to register for."""
        error = self.assertRaises(
            ValueError, self.account.on, Push, lambda account, push: None
        )
        self.assertIn("TextMessage", str(error))

    def test_remove(self) -> None:
        """A handler can be taken away again."""
        texts: RecordedHandler[TextMessage] = RecordedHandler()
        remove = self.account.on(TextMessage, texts)
        self.connection.push(text_message())
        remove()
        self.connection.push(text_message())
        self.assertEqual(len(texts.events), 1)

    def test_everything(self) -> None:
        """A handler of ``Event`` sees whatever comes."""
        events: RecordedHandler[Event] = RecordedHandler()
        self.account.on(Event, events)
        self.connection.notice("warn", {"error": "x"})
        self.connection.push(text_message())
        self.connection.notice("brandNew")
        self.assertEqual(
            [type(event).__name__ for event in events.events],
            ["Warn", "TextMessage", "UnknownEvent"],
        )


class WaitingTests(AccountCase):
    """Who waits for the account."""

    def test_when_connected(self) -> None:
        """It fires when the gateway let us in, and at once after that."""
        waiting = self.account.when_connected()
        self.account.start()
        self.assertNoResult(waiting)
        self.connector.let_in()
        self.assertIs(self.successResultOf(waiting), self.account)
        self.assertIs(self.successResultOf(self.account.when_connected()), self.account)

    def test_when_connected_fails(self) -> None:
        """It fails with the attempt; who asks again waits for the next one."""
        self.account.start()
        first = self.account.when_connected()
        self.connector.fail()
        self.failureResultOf(first, ConnectError)
        second = self.account.when_connected()
        self.clock.advance(10)
        self.connector.refuse()
        self.failureResultOf(second, AuthKeyInvalid)
        error = self.failureResultOf(self.account.when_connected(), NeedsHuman).value
        self.assertIn("authKey is not valid", str(error))

    def test_when_connected_ends(self) -> None:
        """It fails when the account is closed before."""
        waiting = self.account.when_connected()
        self.account.close()
        error = self.failureResultOf(waiting, Disconnected).value
        self.assertIn("the session was closed", str(error))

    def test_when_ready(self) -> None:
        """It fires when the account is ready, and at once after that."""
        waiting = self.account.when_ready()
        self.log_in()
        self.assertIs(self.successResultOf(waiting), self.account)
        self.assertIs(self.successResultOf(self.account.when_ready()), self.account)
        self.connection.lose()
        self.assertNoResult(self.account.when_ready().addErrback(lambda _: None))

    def test_when_ready_fails(self) -> None:
        """It fails when a person is needed, and at once as long as that is so."""
        waiting = self.account.when_ready()
        self.account.start()
        self.connector.refuse()
        for deferred in (waiting, self.account.when_ready()):
            self.failureResultOf(deferred, NeedsHuman)

    def test_each_has_its_own(self) -> None:
        """One caller's callbacks and cancellations do not reach the others."""
        changed = self.account.when_ready().addCallback(lambda _: "mine")
        cancelled = self.account.when_ready()
        cancelled.cancel()
        plain = self.account.when_ready()
        self.log_in()
        self.assertEqual(self.successResultOf(changed), "mine")
        self.failureResultOf(cancelled, CancelledError)
        self.assertIs(self.successResultOf(plain), self.account)

    def test_everything_ends(self) -> None:
        """After the close no Deferred is left waiting, whatever it waited for."""
        self.log_in()
        self.connection.closes_at_once = False
        self.connection.is_writable = False
        calls: list[Deferred[Any]] = [
            self.account.send("a", "b"),
            self.account.call_raw("custom", {}),
            self.account.logout(),
        ]
        over = self.account.close()
        waiting: list[Deferred[Any]] = [
            *calls,
            self.account.when_ready(),
            self.account.when_closed(),
            over,
        ]
        for deferred in waiting:
            self.assertNoResult(deferred)
        self.connection.lose()
        for deferred in calls:
            self.failureResultOf(deferred, NotSent)
        self.failureResultOf(waiting[3], Disconnected)
        self.assertIsNone(self.successResultOf(over))
        self.assertIsNone(self.successResultOf(waiting[4]))
        for ended in (self.account.when_ready(), self.account.when_connected()):
            self.failureResultOf(ended, PadChatError)
        self.successResultOf(self.account.when_closed())

    def test_repr(self) -> None:
        """It shows name and state, and nothing else."""
        self.log_in()
        self.assertEqual(repr(self.account), "<AccountSession bot ready>")
        self.assertNotIn(TOKEN, repr(vars(self.account)))

    def test_login_by_hand(self) -> None:
        """A command of the login is a command like any other."""
        self.log_in()
        calling = self.account.call(Login(login_type="qrcode"))
        self.answer("login", {})
        self.successResultOf(calling)
        self.assertNoResult(self.account.call(Close()).addErrback(lambda _: 0))
