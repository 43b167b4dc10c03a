"""What a parameter must be, in each dialect, and what is said when it is not."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AddContact,
    AddContactSource,
    Command,
    Done,
    GetMsgImage,
    GetUserQrcode,
    SendMsg,
    SetRemark,
    SetRoomName,
    SnsObjectOp,
    SyncContact,
)
from padchat_twisted.catalogue.parameters import For, Param, params_of, plain_type

SECRET = "秘密"


class Example(Struct, rename="camel"):
    """A parameter of each kind."""

    user_id: str
    item: dict[str, Any]
    names: tuple[str, ...] = ()
    count: int = 3
    is_new: bool | UnsetType = UNSET
    key: Annotated[str | UnsetType, For(only=("sdk",), needed=("sdk",))] = UNSET


class ParamTests(SynchronousTestCase):
    """The parameters of a command as they are declared."""

    def test_declared(self) -> None:
        """Name, spelling, type, default and rule follow from the class."""
        params = {param.name: param for param in params_of(Example)}
        self.assertEqual(
            params["user_id"], Param("user_id", "userId", str, UNSET, True, For())
        )
        self.assertEqual(params["count"].default, 3)
        self.assertIs(params["is_new"].type, bool)
        key = params["key"]
        self.assertIs(key.type, str)
        self.assertEqual(key.dialects(("legacy", "sdk")), ("sdk",))
        self.assertEqual(params["count"].dialects(("legacy",)), ("legacy",))
        self.assertTrue(key.is_needed("sdk"))
        self.assertFalse(key.is_needed("legacy"))

    def test_own_fields(self) -> None:
        """What a value keeps for itself is no field of a result."""
        self.assertEqual(params_of(Done), ())

    def test_expected(self) -> None:
        """Each type has its words."""
        words = [param.expected for param in params_of(Example)]
        self.assertEqual(
            words,
            [
                *("a text", "an object", "a list of texts", "a whole number"),
                *("true or false", "a text"),
            ],
        )

    def test_plain_type(self) -> None:
        """A choice of several types stays one."""
        self.assertEqual(plain_type(str | int)[0], str | int)
        self.assertEqual(plain_type(str | None), (str, For()))


class ProblemTests(SynchronousTestCase):
    """One test for each kind of mistake."""

    def test_good(self) -> None:
        """What is right has no problem, in any of its dialects."""
        for command, dialects in (
            (SendMsg("wxid_a", "hi", ("wxid_b",)), ("legacy", "socketio", "sdk")),
            (GetUserQrcode("wxid_a"), ("sdk",)),
            (SetRemark("wxid_a", ""), ("legacy", "socketio", "sdk")),
        ):
            assert isinstance(command, Command)
            for dialect in command.dialects:
                self.assertIn(dialect, dialects)
                self.assertIsNone(command.problem(dialect))

    def test_dialect_lacks_the_command(self) -> None:
        """It is told who has it."""
        self.assertEqual(
            SetRoomName("1@chatroom", "x").problem("socketio"),
            "dialect socketio has no such command: sdk has",
        )

    def test_dialect_lacks_the_field(self) -> None:
        """A field that is given although there is none is refused."""
        self.assertIsNone(SyncContact().problem("socketio"))
        self.assertEqual(
            SyncContact(reset=True).problem("socketio"),
            "reset: dialect socketio does not have it",
        )

    def test_missing(self) -> None:
        """What is missing is named, as what is empty."""
        operation = SnsObjectOp(moment_id="1", type=1)
        self.assertIsNone(operation.problem("sdk"))
        for dialect in ("legacy", "socketio"):
            self.assertEqual(
                operation.problem(dialect), "user_id: missing, expected a text"
            )
        self.assertEqual(
            SetRemark("", "x").problem("sdk"),
            "user_id: found an empty text, expected a text",
        )

    def test_wrong_type(self) -> None:
        """What was found is told, but never its text."""
        found: tuple[tuple[object, str], ...] = (
            (5, "found 5"),
            (True, "found True"),
            (b"xx", "found a bytes of length 2"),
            ([SECRET], "found a list of length 1"),
            ({SECRET: SECRET}, "found a dict of length 1"),
            (object(), "found a object"),
            (None, "missing"),
        )
        for value, words in found:
            command = SetRemark("wxid_a", value)  # type: ignore[arg-type] # the mistake
            self.assertEqual(
                command.problem("sdk"), f"remark: {words}, expected a text"
            )
        wrong = AddContact(stranger="v1", type=SECRET)  # type: ignore[arg-type] # the mistake
        self.assertEqual(
            wrong.problem("sdk"),
            "type: found a str of length 2, expected a whole number",
        )

    def test_wrong_items(self) -> None:
        """A list with something else in it is refused, without its content."""
        command = SendMsg("wxid_a", "x", (SECRET, 5))  # type: ignore[arg-type] # the mistake
        self.assertEqual(
            command.problem("sdk"),
            "at_list: found a tuple of length 2, expected a list of texts",
        )

    def test_no_item(self) -> None:
        """What is no push item is refused, and harms nothing before."""
        for value, words in ((None, "missing"), ("x", "found a str of length 1")):
            command = GetMsgImage(value)  # type: ignore[arg-type] # the mistake
            self.assertEqual(
                command.problem("sdk"), f"raw_msg_data: {words}, expected an object"
            )

    def test_one_of(self) -> None:
        """Of a group exactly one is given, where the dialect has several."""
        neither, both = AddContact(), AddContact(user_id="a", stranger="v1")
        start = "user_id or stranger: found"
        self.assertEqual(
            neither.problem("legacy"), f"{start} none, expected exactly one of them"
        )
        self.assertEqual(
            both.problem("legacy"),
            f"{start} user_id and stranger, expected exactly one of them",
        )
        for command in (AddContact(user_id="a"), AddContact(stranger="v1")):
            self.assertIsNone(command.problem("legacy"))
        self.assertEqual(neither.problem("sdk"), "stranger: missing, expected a text")

    def test_enums(self) -> None:
        """A number of an enumeration is a number, and any other passes."""
        for kind in (AddContactSource.ROOM, 99):
            command = AddContact(stranger="v1", type=kind)
            self.assertIsNone(command.problem("sdk"))
            self.assertEqual(msgspec.to_builtins(command)["type"], int(kind))
