"""What an account can be asked to do: commands, texts, files and answers."""

from __future__ import annotations

import base64
from typing import Any

from twisted.internet.defer import CancelledError

from padchat_twisted.catalogue import (
    UNIMPLEMENTED,
    Command,
    Dialect,
    GetContact,
    GetMpInfo,
    GetMsgVideo,
    Image,
    ImageMessage,
    SendImage,
    SendMsg,
    TextMessage,
)
from padchat_twisted.catalogue.sending import MAX_IMAGE_BYTES, REFUSED_RECEIVERS
from padchat_twisted.errors import CallRejected, NotSent, OutcomeUnknown
from padchat_twisted.testing import RecordedHandler, image_message, text_message
from padchat_twisted.wire.dialect_socketio import RESERVED_CODES

from .case import TEXT, ReadyCase


class CommandTests(ReadyCase):
    """Commands of a ready account."""

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

    def test_at_without_a_list(self) -> None:
        """One member may be named alone, and several by anything that lists them."""
        for at in ("wxid_a", ("wxid_a",), iter(["wxid_a"])):
            self.account.send("7@chatroom", "hi", at=at).addErrback(lambda _: None)
            call = self.connection.calls[-1]
            self.assertEqual(call.params["atList"], ["wxid_a"])

    def test_file_that_mentions(self) -> None:
        """A file mentions nobody, and is not sent as if it did."""
        sending = self.account.send("7@chatroom", Image(b"abc"), at="wxid_a")
        self.not_sent(sending, "at: only a text mentions anybody")

    def test_reply_with_a_file(self) -> None:
        """A reply takes whatever can be sent, and goes to the room."""
        self.account.on(
            TextMessage,
            lambda account, message: account.reply(message, Image(b"abc")),
        )
        self.connection.push(text_message("hi", room="7@chatroom"))
        (call,) = self.connection.calls
        self.assertEqual(
            (call.code, call.params),
            ("sendImage", {"toUserName": "7@chatroom", "image": "YWJj"}),
        )
        self.connection.reply(call.call_id, {})

    def test_reply_with_mentions(self) -> None:
        """Who is answered in a room can be mentioned."""
        self.account.on(
            TextMessage,
            lambda account, message: account.reply(
                message, "@A hello", at=message.sender
            ),
        )
        self.connection.push(text_message("hi", room="7@chatroom"))
        (call,) = self.connection.calls
        self.assertEqual(call.params["atList"], ["wxid_friend"])
        self.connection.reply(call.call_id, {})

    def test_media(self) -> None:
        """The file of a message is fetched by the account's own calls."""
        images: RecordedHandler[ImageMessage] = RecordedHandler()
        self.account.on(ImageMessage, images)
        self.connection.push(image_message(msg_id="77"))
        fetching = self.account.media(images.events[0]).fetch()
        call = self.connection.last_call("getMsgImage")
        self.assertEqual(call.params["rawMsgData"]["msgId"], "77")
        self.connection.reply(call.call_id, {"image": "YWJj", "size": 3})
        self.assertEqual(self.successResultOf(fetching), b"abc")

    def test_refused_receivers(self) -> None:
        """Nobody writes to WeChat's own accounts, nor to nobody."""
        for to in REFUSED_RECEIVERS:
            self.not_sent(self.account.send(to, TEXT), "must not be written to")
            self.not_sent(self.account.send(to, Image(b"a")), "must not be written to")
        self.not_sent(self.account.send("", TEXT), "to_user_name: found an empty text")

    def test_image_size(self) -> None:
        """An image that is too large is refused before anybody carries it."""
        large = base64.b64encode(bytes(MAX_IMAGE_BYTES + 9)).decode()
        self.not_sent(self.account.call(SendImage("a", large)), str(MAX_IMAGE_BYTES))
        sending = self.account.call(SendImage("a", large[:-16]))
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
        self.not_sent(self.account.call(command), "content: found a object")

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


class SocketIOTests(ReadyCase):
    """What is alike in all dialects, and what is not."""

    lacking: Command[Any] = GetMsgVideo({"msgId": "1"})
    mentioning = "hello"

    def test_unimplemented_and_unknown(self) -> None:
        """A raw command goes out whether or not any gateway is known to have it."""
        for code in (*UNIMPLEMENTED, self.lacking.wire_name, "brandNew"):
            calling = self.account.call_raw(code, {"a": 1})
            call = self.connection.calls[-1]
            self.assertEqual((call.code, call.params), (code, {"a": 1}))
            self.connection.reply(call.call_id, {"b": 2})
            self.assertEqual(self.successResultOf(calling), {"b": 2})

    def test_lacking(self) -> None:
        """A command that the dialect lacks does not leave."""
        self.not_sent(
            self.account.call(self.lacking), f"dialect {self.dialect} has no such"
        )

    def test_mentions(self) -> None:
        """Missing marks are put in front where the dialect's own client does it."""
        for add_marks, text in (
            (None, self.mentioning),
            (True, "@@\nhello"),
            (False, "hello"),
        ):
            self.account.send(
                "7@chatroom", "hello", at=("a", "b"), add_marks=add_marks
            ).addErrback(lambda _: None)
            call = self.connection.calls[-1]
            self.assertEqual(call.params["content"], text)
            self.assertEqual(call.params["atList"], ["a", "b"])


class LegacyTests(SocketIOTests):
    """The same in dialect ``legacy``."""

    dialect: Dialect = "legacy"


class SdkTests(SocketIOTests):
    """The same in dialect ``sdk``."""

    dialect: Dialect = "sdk"
    lacking = GetMpInfo("gh_x")
    mentioning = "@@\nhello"
