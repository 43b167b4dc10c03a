"""AccountSession: what users hold."""

from __future__ import annotations

import base64
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from padchat_twisted.catalogue import (
    Close,
    Event,
    GetContact,
    Image,
    ImageMessage,
    Login,
    Message,
    Push,
    SendImage,
    SendMsg,
    TextMessage,
)
from padchat_twisted.catalogue.messages import MAX_IMAGE_BYTES, REFUSED_RECEIVERS
from padchat_twisted.errors import (
    AuthKeyInvalid,
    CallRejected,
    ConnectError,
    Disconnected,
    NeedsHuman,
    NotSent,
    OutcomeUnknown,
    PadChatError,
)
from padchat_twisted.session.account import AccountSession
from padchat_twisted.testing import RecordedHandler, image_message, text_message
from padchat_twisted.wire.dialect_socketio import RESERVED_CODES

from .case import TEXT, TOKEN, USER_NAME, AccountCase


class CommandTests(AccountCase):
    """Commands of a ready account."""

    def setUp(self) -> None:
        """Be ready."""
        super().setUp()
        self.log_in()

    def not_sent(self, calling: Deferred[Any], problem: str) -> None:
        """Expect that a call was refused before it left."""
        error = self.failureResultOf(calling, NotSent).value
        self.assertIn(problem, str(error))
        self.assertEqual(self.connection.calls, [])

    def test_call(self) -> None:
        """A command is sent by its wire name, and its result is typed."""
        calling = self.account.call(GetContact("wxid_friend"))
        (call,) = self.connection.calls
        self.assertEqual(
            (call.code, call.body),
            (
                "getContact",
                b'{"userId":"wxid_friend"}',
            ),
        )
        self.connection.reply(call.call_id, {"userName": "wxid_friend", "sex": 1})
        contact = self.successResultOf(calling)
        self.assertEqual((contact.user_name, contact.sex), ("wxid_friend", 1))

    def test_rejected(self) -> None:
        """The gateway's no is an exception with its text and status."""
        calling = self.account.call(GetContact("x"))
        self.refuse("getContact", "no such contact", -1)
        error = self.failureResultOf(calling, CallRejected).value
        self.assertEqual((error.message, error.status), ("no such contact", -1))

    def test_time_limit(self) -> None:
        """The dialect's limit is a minute; a call may have its own."""
        usual = self.account.call(GetContact("x"))
        short = self.account.call(GetContact("x"), time_limit=5)
        raw = self.account.call_raw("custom", {}, time_limit=7)
        for seconds, calling in ((5, short), (2, raw), (53, usual)):
            self.assertNoResult(calling)
            self.clock.advance(seconds)
            self.failureResultOf(calling, OutcomeUnknown)

    def test_cancel(self) -> None:
        """A call that has not left is taken back, one that has is unknown."""
        left = self.account.call(GetContact("x"))
        self.connection.is_writable = False
        waiting = self.account.call(GetContact("y"))
        for calling in (left, waiting):
            calling.cancel()
        self.failureResultOf(left, OutcomeUnknown)
        self.failureResultOf(waiting, CancelledError)
        self.connection.let_out()
        self.assertEqual(len(self.connection.calls), 1)

    def test_send_text(self) -> None:
        """A text is a ``sendMsg``."""
        sending = self.account.send("filehelper", TEXT)
        (call,) = self.connection.calls
        self.assertEqual(call.code, "sendMsg")
        self.assertEqual(
            call.params, {"toUserName": "filehelper", "content": TEXT, "atList": []}
        )
        self.connection.reply(call.call_id, {"msgId": "1"})
        self.assertEqual(self.successResultOf(sending).msg_id, "1")

    def test_send_image(self) -> None:
        """An image is a ``sendImage`` with its bytes in base64."""
        sending = self.account.send("filehelper", Image(b"\xff\xd8\xff"))
        (call,) = self.connection.calls
        self.assertEqual(call.code, "sendImage")
        self.assertEqual(base64.b64decode(call.params["image"]), b"\xff\xd8\xff")
        self.connection.reply(call.call_id, {"msgId": "1"})
        self.assertEqual(self.successResultOf(sending).msg_id, "1")

    def test_refused_receivers(self) -> None:
        """Nobody writes to WeChat's own accounts, nor to nobody."""
        for to in REFUSED_RECEIVERS:
            self.not_sent(self.account.send(to, TEXT), "must not be written to")
            self.not_sent(self.account.send(to, Image(b"")), "must not be written to")
        self.not_sent(self.account.send("", TEXT), "to_user_name is empty")

    def test_image_size(self) -> None:
        """An image that is too large is refused before anybody carries it."""
        limit = "x" * (MAX_IMAGE_BYTES * 4 // 3 + 4)
        self.not_sent(self.account.call(SendImage("a", limit + "x")), "image has more")
        sending = self.account.call(SendImage("a", limit))
        self.answer("sendImage")
        self.successResultOf(sending)

    def test_call_raw(self) -> None:
        """A command of no catalogue goes as it is, and comes back as it is."""
        calling = self.account.call_raw("brandNew", {"snake_case": [1, None, "ü"]})
        (call,) = self.connection.calls
        self.assertEqual(call.body, '{"snake_case":[1,null,"ü"]}'.encode())
        self.connection.reply(call.call_id, {"PascalCase": {"a": 1}})
        self.assertEqual(self.successResultOf(calling), {"PascalCase": {"a": 1}})

    def test_call_raw_rejected(self) -> None:
        """It is refused as any other."""
        calling = self.account.call_raw("brandNew", {})
        self.refuse("brandNew", "unknown command")
        self.failureResultOf(calling, CallRejected)

    def test_reserved_names(self) -> None:
        """Names of Socket.IO itself do not leave."""
        for code in RESERVED_CODES:
            self.not_sent(self.account.call_raw(code, {}), "keeps this name")

    def test_names_that_break_the_frame(self) -> None:
        """A name that would not stay one JSON string does not leave."""
        for code in ("", 'a"b', "a\\", "a\nb", "\ud83d", "é"):
            self.not_sent(self.account.call_raw(code, {}), "not the name of a command")

    def test_params_that_json_cannot_hold(self) -> None:
        """What cannot be written is refused, not raised."""
        circle: dict[str, object] = {}
        circle["self"] = circle
        for params in ({"a": object()}, circle, {(1, 2): 3}):
            self.not_sent(
                self.account.call_raw("custom", params),  # type: ignore[arg-type] # wrong on purpose
                "JSON cannot hold",
            )
        command = SendMsg("a", object())  # type: ignore[arg-type] # wrong on purpose
        self.not_sent(self.account.call(command), "JSON cannot hold")

    def test_states_without_commands(self) -> None:
        """Commands are refused until the account is logged in, with its state."""
        self.connection.lose()
        self.not_sent_in("retrying")
        self.clock.advance(10)
        self.not_sent_in("connecting")
        self.connector.let_in()
        self.not_sent_in("initialising")
        self.answer("init")
        self.not_sent_in("logging_in")
        self.connection.notice("login", {})
        self.assertEqual(self.account.state, "syncing")
        self.assertNoResult(self.account.call(GetContact("x")).addErrback(lambda _: 0))
        self.account.close()
        self.not_sent_in("closed")

    def not_sent_in(self, state: str) -> None:
        """Expect that commands are refused in that state."""
        self.assertEqual(self.account.state, state)
        for calling in (
            self.account.call(SendMsg("a", "b")),
            self.account.call_raw("custom", {}),
            self.account.send("a", "b"),
        ):
            error = self.failureResultOf(calling, NotSent).value
            self.assertIn(f"account 'bot' is {state}", str(error))


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
