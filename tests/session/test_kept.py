"""What is kept of a command with a key."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from msgspec import Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    Answer,
    Command,
    CreatedRoom,
    CreateRoom,
    QuitRoom,
    SendImage,
    SendMsg,
    SentImage,
    SentMessage,
    SnsSendMoment,
)
from padchat_twisted.catalogue.lenient import lenient
from padchat_twisted.catalogue.parameters import params_of
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.kept import (
    KEPT_TEXTS,
    MAX_KEPT_RESULT_BYTES,
    fingerprint_of,
    kept_result,
    read_result,
    receiver_of,
)

from .case import TEXT

ACCOUNT = AccountKey("http://gateway.example/user", "0" * 16, "shop")
HI = SendMsg("wxid_a", TEXT)


def fingerprint(
    command: Command[Any], key: str = "order-1", account: AccountKey = ACCOUNT
) -> str:
    """Take a fingerprint."""
    return fingerprint_of(account, key, command)


class FingerprintTests(SynchronousTestCase):
    """Telling commands apart without keeping them."""

    def test_same(self) -> None:
        """It is the same in every process and every version."""
        self.assertEqual(fingerprint(HI), "a5ecc2ed4b5ae806")
        self.assertEqual(fingerprint(SendMsg("wxid_a", TEXT, ())), fingerprint(HI))

    def test_differs(self) -> None:
        """Whatever differs in command, parameters, key or account shows."""
        found = {
            fingerprint(HI),
            fingerprint(SendMsg("wxid_a", TEXT + " ")),
            fingerprint(SendMsg("wxid_b", TEXT)),
            fingerprint(SendMsg("wxid_a", TEXT, ("wxid_c",))),
            fingerprint(SendImage("wxid_a", "AAAA")),
            fingerprint(HI, "order-2"),
            *(
                fingerprint(HI, account=replace(ACCOUNT, **{name: "other"}))
                for name in ("gateway", "key_fingerprint", "name")
            ),
        }
        self.assertEqual(len(found), 9)

    def test_lone_surrogate(self) -> None:
        """Half an emoji is a text as well."""
        one, other = (fingerprint(SendMsg("a", half)) for half in ("\ud83d", "\ud83e"))
        self.assertNotEqual(one, other)

    def test_what_json_cannot_hold(self) -> None:
        """That is said, and not taken for something else."""
        wrong: Any = object()
        self.assertRaises(TypeError, fingerprint, SendMsg("a", wrong))


class ReceiverTests(SynchronousTestCase):
    """Whom a command is for."""

    def test_each(self) -> None:
        """A person, a room, or nobody."""
        self.assertEqual(receiver_of(HI), "wxid_a")
        self.assertEqual(receiver_of(QuitRoom("1@chatroom")), "1@chatroom")
        self.assertEqual(receiver_of(CreateRoom(("a", "b"))), "")

    def test_bounded(self) -> None:
        """Whatever stands there is cut, and can be printed."""
        self.assertEqual(
            receiver_of(SendMsg("a\n" + 300 * "b", "")), "a " + 198 * "b" + "..."
        )


def filled(kind: type[Struct]) -> dict[str, Any]:
    """Fill every field of a result, texts with what must not be kept."""
    found: dict[str, Any] = {}
    for param in params_of(kind):
        if isinstance(param.type, type) and issubclass(param.type, Struct):
            found[param.wire_name] = filled(param.type)
        elif param.type in (int, bool):
            found[param.wire_name] = 1
        elif param.type is str:
            found[param.wire_name] = "id" if param.name in KEPT_TEXTS else TEXT
    return found


class ResultTests(SynchronousTestCase):
    """What a result becomes."""

    def test_ids_and_numbers(self) -> None:
        """Ids and numbers are kept, texts are not."""
        sent = SentImage(message=TEXT, status=-1, msg_id="7", size=3)
        text = kept_result(sent)
        self.assertEqual(json.loads(text), {"status": -1, "msgId": "7", "size": 3})
        again = read_result(SentImage, text)
        self.assertEqual(again, SentImage(status=-1, msg_id="7", size=3))
        room = CreatedRoom(user_name="1@chatroom")
        self.assertEqual(read_result(CreatedRoom, kept_result(room)), room)

    def test_no_text_of_any_command(self) -> None:
        """No result of a command that takes a key has its texts kept."""
        seen = 0
        for command in COMMANDS.values():
            if not command.changes_world:
                continue
            fields = filled(command.result_type)
            result = lenient(command.result_type, fields)
            text = kept_result(result)
            self.assertNotIn(TEXT, text, command.wire_name)
            again = read_result(command.result_type, text)
            self.assertEqual(kept_result(again), text, command.wire_name)
            seen += TEXT in json.dumps(fields)
        self.assertGreater(seen, 20)

    def test_inner_id(self) -> None:
        """The id of a new moment stands inside, and is kept."""
        kind = SnsSendMoment.result_type
        result = lenient(kind, {"data": {"id": "77", "content": TEXT}})
        self.assertEqual(json.loads(kept_result(result))["data"]["id"], "77")

    def test_bounded(self) -> None:
        """Of a result that is too long it is kept that it came."""
        frame = len(kept_result(SentMessage(msg_id="1"))) - 1
        fits = SentMessage(msg_id="1" * (MAX_KEPT_RESULT_BYTES - frame))
        self.assertEqual(len(kept_result(fits)), MAX_KEPT_RESULT_BYTES)
        self.assertEqual(kept_result(SentMessage(msg_id=fits.msg_id + "1")), "{}")

    def test_unreadable(self) -> None:
        """What somebody broke in the store is a result without fields."""
        for text in ("", "{", "[]", '{"msgId":[]}'):
            self.assertEqual(read_result(SentMessage, text), SentMessage())
        self.assertEqual(read_result(Answer, '{"status":"5"}'), Answer(status=5))
