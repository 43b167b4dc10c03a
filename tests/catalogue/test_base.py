"""What commands, results and events have in common."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import catalogue
from padchat_twisted.catalogue import (
    Command,
    Contact,
    Done,
    Event,
    RefusedReply,
    Result,
    RoomMembers,
    Scan,
    SendMsg,
    SentMessage,
    TextMessage,
    decode_reply,
)
from padchat_twisted.catalogue.base import (
    SHOWN,
    Wire,
    engine_text,
    remember,
)
from padchat_twisted.catalogue.lenient import lenient
from padchat_twisted.wire import json_text
from padchat_twisted.wire.limits import MAX_JSON_DEPTH

#: Fields that hold what nobody but the user may read.
PRIVATE = {
    *("content", "text", "description", "msg_source", "message", "msg", "error"),
    *("token", "username", "password", "phone", "code"),
    *("email", "phone_number", "qq", "external", "ticket", "stranger", "key"),
    *("device_data", "device_uuid", "device_name"),
    *("device_wifi_mac", "device_wifi_name"),
    *("qr_code", "image", "data", "raw_msg_data", "head_url"),
    *("nick_name", "remark", "signature", "member"),
}

#: Characters that no repr of ours has by itself.
secrets = st.text(alphabet="秘密文字汉语", min_size=1, max_size=20)


def all_structs() -> list[type[Struct]]:
    """Find every Struct class of the catalogue."""
    modules = [
        importlib.import_module(f"{catalogue.__name__}.{module.name}")
        for module in pkgutil.iter_modules(catalogue.__path__)
    ]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Struct)
        and value.__module__.startswith(catalogue.__name__)
    }
    return sorted(found, key=lambda kind: kind.__name__)


def filled(kind: type[Struct], secret: str) -> Struct:
    """Build a value with a secret wherever one fits."""
    values: dict[str, Any] = {}
    for info in msgspec.structs.fields(kind):
        if info.name in SHOWN:
            continue
        candidates: tuple[object, ...] = (secret, (secret,), {"key": secret})
        if info.name == "_body":
            candidates = (secret.encode(),)
        for candidate in candidates:
            try:
                msgspec.convert(candidate, info.type)
            except msgspec.ValidationError:
                continue
            except TypeError:
                # A type that is never decoded, and may be a text.
                pass
            values[info.name] = candidate
            break
    for info in msgspec.structs.fields(kind):
        if info.required and info.name not in values:
            values[info.name] = "qrcode"
    return kind(**values)


class ReprTests(SynchronousTestCase):
    """What a log may show."""

    def test_all_classes_are_found(self) -> None:
        """The search finds public classes and those that are only used inside."""
        names = {kind.__name__ for kind in all_structs()}
        self.assertLessEqual(
            {"SendMsg", "TextMessage", "RefusedReply", "_Sending", "Image"}, names
        )
        self.assertGreater(len(names), 40)

    @settings(database=None, deadline=None, max_examples=20)
    @given(secrets)
    def test_no_secret(self, secret: str) -> None:
        """No class shows the text of any field but the few that say who and what."""
        for kind in all_structs():
            if kind.__name__.startswith("_"):
                continue
            value = filled(kind, secret)
            for shown in (repr(value), str(value), f"{value}"):
                self.assertNotIn(secret, shown, kind)
                self.assertIn(kind.__name__, shown)

    def test_private_fields_are_not_shown(self) -> None:
        """The list of what is shown has nothing private in it."""
        self.assertEqual(SHOWN & PRIVATE, frozenset())

    def test_private_fields_exist(self) -> None:
        """The list of what is private names fields that there are."""
        fields = {
            info.name for kind in all_structs() for info in msgspec.structs.fields(kind)
        }
        self.assertEqual(PRIVATE - fields, {"text"})

    def test_form(self) -> None:
        """A repr says who and what, and of the rest how long it is."""
        message = TextMessage(
            msg_id="1", from_user="a", to_user="b", content="12345", timestamp=7
        )
        self.assertEqual(
            repr(message),
            "TextMessage(msg_id='1', from_user='a', to_user='b', content=<5>,"
            " timestamp=7)",
        )
        self.assertEqual(
            repr(SendMsg("filehelper", "hi", ("a", "b"))),
            "SendMsg(to_user_name='filehelper', content=<2>, at_list=<2>)",
        )
        self.assertEqual(repr(Scan(status=1, uin=5)), "Scan(status=1, uin=...)")


class RawTests(SynchronousTestCase):
    """The original fields."""

    def test_result(self) -> None:
        """A result's are those of ``data``."""
        result = Done()
        remember(result, b'[{"success":true,"data":{"a":1}},2]')
        self.assertEqual(result.raw, {"a": 1})

    def test_result_of_another_shape(self) -> None:
        """Where there are none, there are none."""
        for body in (b"", b"[]", b"5", b"[5]", b"[{}]", b'[{"data":[1]}]'):
            result = Done()
            remember(result, body)
            self.assertEqual(result.raw, {})

    def test_event(self) -> None:
        """An event's are those of its first argument."""
        event = Event()
        remember(event, b'["sns",{"a":1},"b"]')
        self.assertEqual((event.raw, event.arguments), ({"a": 1}, [{"a": 1}, "b"]))
        for body in (b"", b'["sns"]', b'["sns",5]'):
            remember(event, body)
            self.assertEqual(event.raw, {})

    def test_too_deep(self) -> None:
        """What nests deeper than the limit is not decoded."""
        for depth, is_good in ((MAX_JSON_DEPTH - 1, True), (MAX_JSON_DEPTH, False)):
            event = Event()
            remember(event, b'["x",' + b"[" * depth + b"]" * depth + b"]")
            if is_good:
                self.assertEqual(len(event.arguments), 1)
            else:
                self.assertRaises(ValueError, getattr, event, "arguments")

    def test_own_fields_cannot_be_sent(self) -> None:
        """A peer that knows our own fields' names changes nothing by it."""
        value = lenient(Contact, {"userName": "a", "~body": "eHh4", "~index": 5})
        self.assertEqual(value, Contact(user_name="a"))


class CommandTests(SynchronousTestCase):
    """How a command is declared."""

    def test_declaration(self) -> None:
        """Name and result follow from the class."""

        class DoSomething(Command[SentMessage], frozen=True):
            to_user_name: str
            at_list: tuple[str, ...] = ()

        self.assertEqual(DoSomething.wire_name, "doSomething")
        self.assertIs(DoSomething.result_type, SentMessage)
        self.assertIsNone(DoSomething.time_limit)
        self.assertFalse(DoSomething.changes_world)
        self.assertIsNone(DoSomething("a").problem("sdk"))
        self.assertEqual(
            json_text.write(DoSomething("a")), b'{"toUserName":"a","atList":[]}'
        )

    def test_frozen(self) -> None:
        """A command does not change once it is made."""
        command = SendMsg("a", "b")
        self.assertRaises(AttributeError, setattr, command, "content", "c")


class EngineTextTests(SynchronousTestCase):
    """The length that the engine leaves in front of its texts."""

    def test_taken_away(self) -> None:
        """It is, where it is the length of the rest in bytes, in both its sizes."""
        for rest in ("", "Everything is OK", "嗨 😀", "x" * 127):
            prefix = "\n" + chr(len(rest.encode()))
            self.assertEqual(engine_text(prefix + rest), rest)
        for rest in ("x" * 128, "嗨" * 100, "x" * 16383):
            length = len(rest.encode())
            prefix = "\n" + chr(length & 0x7F | 0x80) + chr(length >> 7)
            self.assertEqual(engine_text(prefix + rest), rest)

    def test_left_alone(self) -> None:
        """A text whose length is another one, or that has none, stays as it is."""
        for text in (
            "",
            "\n",
            "Everything is OK",
            "\nEverything is OK",
            "\n\x0fEverything is OK",
            "\n\x11Everything is OK",
            "\n\x80",
            "\n\x80\x01" + "x" * 127,
            "<e>\n</e>",
            "\n\x03\ud83d!",
        ):
            self.assertEqual(engine_text(text), text)
        self.assertEqual(engine_text("\n\x03\ud83d"), "\ud83d")

    def test_in_a_result(self) -> None:
        """A result's text is without it, ``raw`` keeps it."""
        text = "\n\x10Everything is OK"
        for count in (3, "3"):
            data = {"message": text, "count": count}
            body = json_text.write(({"success": True, "data": data},))
            found = decode_reply(RoomMembers, body)
            assert isinstance(found, RoomMembers)
            self.assertEqual(found.message, "Everything is OK")
            self.assertEqual((found.count, found.raw["message"]), (3, text))

    def test_status_is_another_success(self) -> None:
        """The engine's status is told, and makes no failure of a success."""
        body = b'[{"success":true,"msg":"no","data":{"message":"m","status":-24}}]'
        found = decode_reply(SentMessage, body)
        assert isinstance(found, SentMessage)
        self.assertEqual((found.status, found.message), (-24, "m"))
        refused = decode_reply(SentMessage, body.replace(b"true", b"false"))
        self.assertEqual(refused, RefusedReply("no", -24))


class HierarchyTests(SynchronousTestCase):
    """What is what."""

    def test_values(self) -> None:
        """Every value that comes over the wire is an event or a result."""
        for kind in all_structs():
            if issubclass(kind, Wire) and kind is not Wire:
                self.assertTrue(issubclass(kind, Event | Result), kind)
        self.assertFalse(issubclass(RefusedReply, Wire))
