"""The catalogue against the tables of the protocol (tests/protocol/*.toml)."""

from __future__ import annotations

import inspect
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    EVENTS,
    Contact,
    ImageMessage,
    LoginType,
    Message,
    RoomMember,
    ScanStatus,
    SystemMessage,
    TextMessage,
)
from padchat_twisted.catalogue.messages import REFUSED_RECEIVERS, ROOM_SUFFIX
from padchat_twisted.session.dialects import DIALECTS
from padchat_twisted.wire.dialect_socketio import RESERVED_CODES

TABLES = Path(__file__).parent.parent / "protocol"

#: The commands of this part of the catalogue.
SLICE = {
    *("init", "login", "logout", "close", "getDeviceInfo", "getAutoLoginData"),
    *("getContact", "syncContact", "getRoomMembers"),
    *("sendMsg", "sendImage", "getMsgImage", "syncMsg"),
}

#: Fields of the tables that a class does not have, each with the reason.
LEFT_OUT = {
    ("login", "username"): "logins by user are commented out in PADCHAT",
    ("login", "password"): "the same",
    ("login", "phone"): "logins by phone are commented out in PADCHAT",
    ("login", "code"): "the same",
    ("item", "msgType"): "it is the tag of the class",
    ("item", "subType"): "wrapped types are of the dialect sdk",
    ("item", "data"): "only images have it: ImageMessage",
    ("contact", "msgType"): "it is the tag of the class",
}

#: Fields that a class has although its table does not, each with the reason.
ADDED = {
    ("contact", "msgId"): "of all items; always empty here",
    ("login", "deviceData"): "of the other dialects; wxData in sdk",
    ("qrcode", "url"): "of the dialect sdk",
    ("warn", "success"): "of the dialects legacy and sdk",
}

#: What a type of the tables is for a sample value of ours.
SAMPLES: dict[str, object] = {
    "string": "text",
    "base64": "/9j/4A==",
    "url": "http://example.invalid/",
    "xml": "<msg />",
    "int": 7,
    "bool": True,
    "string[]": ["a", "b"],
    "object": {"a": 1},
    "object[]": [],
}


@cache
def table(name: str) -> dict[str, Any]:
    """Read one of the tables."""
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def command_table(code: str) -> dict[str, Any]:
    """Return the table of a command."""
    (found,) = (c for c in table("commands")["command"] if c["code"] == code)
    assert isinstance(found, dict)
    return found


def event_table(name: str) -> dict[str, Any]:
    """Return the table of an event."""
    (found,) = (e for e in table("events")["event"] if e["name"] == name)
    assert isinstance(found, dict)
    return found


def of_socketio(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the fields that the dialect socketio has."""
    return [
        field
        for field in fields
        if "socketio" in field.get("dialects", ["socketio"])
        and not field.get("client_side")
    ]


def fields_of(kind: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the fields of a class by wire name, our own left out."""
    return {
        info.encode_name: info
        for info in msgspec.structs.fields(kind)
        if not info.name.startswith("_")
    }


class ProtocolCase(SynchronousTestCase):
    """Comparison of a class with a table."""

    def compare(
        self, what: str, kind: type[Struct], rows: list[dict[str, Any]]
    ) -> None:
        """Expect that *kind* has the fields of the table, of fitting types."""
        ours = fields_of(kind)
        rows = of_socketio(rows)
        theirs = [row["name"] for row in rows if (what, row["name"]) not in LEFT_OUT]
        added = {name for owner, name in ADDED if owner == what}
        self.assertEqual(set(ours) - added, set(theirs), what)
        for row in rows:
            if row["name"] in ours and "enum" not in row:
                sample = SAMPLES[row["type"]]
                # Raises when the type does not fit.
                msgspec.convert(sample, ours[row["name"]].type)


class CommandTableTests(ProtocolCase):
    """commands.toml."""

    def test_commands(self) -> None:
        """The catalogue has the commands of this slice; the dialect knows them all."""
        self.assertEqual(set(COMMANDS), SLICE)
        for code in SLICE - {"syncMsg"}:
            self.assertIn("socketio", command_table(code)["dialects"])

    def test_parameters(self) -> None:
        """Each has the table's parameters, with the same ones required."""
        for code, command in COMMANDS.items():
            rows = command_table(code).get("params", [])
            self.compare(code, command, rows)
            for row in of_socketio(rows):
                if (code, row["name"]) in LEFT_OUT:
                    continue
                is_required = "socketio" in row.get(
                    "required_in", ["socketio"] if row["required"] else []
                )
                info = fields_of(command)[row["name"]]
                self.assertEqual(info.required, is_required, (code, row["name"]))
                if "default" in row:
                    self.assertEqual(list(info.default), row["default"])

    def test_results(self) -> None:
        """Each has the table's result fields, and none of them must be there."""
        for code, command in COMMANDS.items():
            self.compare(code, command.result_type, command_table(code)["result"])
            for info in fields_of(command.result_type).values():
                self.assertIsNot(info.default, NODEFAULT, (code, info.name))

    def test_types(self) -> None:
        """So has the type of a room's members."""
        (rows,) = (
            kind["fields"]
            for kind in table("commands")["type"]
            if kind["name"] == "RoomMember"
        )
        self.compare("RoomMember", RoomMember, rows)

    def test_names(self) -> None:
        """A class is named like its command, and says where it is from."""
        for code, command in COMMANDS.items():
            self.assertEqual(command.wire_name, code)
            self.assertEqual(command.__name__, code[0].upper() + code[1:])
            self.assertIn("Source:", inspect.getdoc(command) or "", code)

    def test_login_types(self) -> None:
        """The login types are those of the tables, but for the untested ones."""
        known = {
            value["value"]
            for kind in table("commands")["enum"]
            if kind["name"] == "LoginType"
            for value in kind["values"]
        }
        ours = set(LoginType.__args__)  # type: ignore[attr-defined] # of a Literal
        self.assertEqual(ours, known - {"user", "phone"})

    def test_time_limits(self) -> None:
        """The time limit of each dialect is the table's."""
        for name, dialect in DIALECTS.items():
            row = table("commands")["dialect"][name]
            self.assertEqual(dialect.time_limit, row["default_timeout_s"])

    def test_limits_of_the_dialect(self) -> None:
        """Reserved names and refused receivers are the table's."""
        commands = table("commands")
        dialect = commands["dialect"]["socketio"]
        self.assertEqual(RESERVED_CODES, set(dialect["reserved_command_names"]))
        blacklist = commands["receiver_blacklist"]
        self.assertEqual(REFUSED_RECEIVERS, set(blacklist["enforced"]))
        for command in COMMANDS.values():
            hint = command_table(command.wire_name).get("timeout_hint_s")
            self.assertEqual(command.time_limit, hint, command)


class EventTableTests(ProtocolCase):
    """events.toml."""

    def test_events(self) -> None:
        """The catalogue has the events of gateways, by their canonical names."""
        names = {
            row["name"] for row in table("events")["event"] if row["kind"] == "server"
        }
        # Frames without a description are handed on as event ``other``.
        self.assertEqual(set(EVENTS), names - {"log", "sysEvent"})

    def test_payloads(self) -> None:
        """Each has the table's fields."""
        for row in table("events")["event"]:
            if row["name"] in EVENTS and "socketio" in row["dialects"]:
                self.compare(row["name"], EVENTS[row["name"]], row["payload"])

    def test_names(self) -> None:
        """A class is named like its event, with Event behind where a command is."""
        for name, event in EVENTS.items():
            expected = {"qrcode": "QRCode"}.get(name, name[0].upper() + name[1:])
            if name in COMMANDS:
                expected += "Event"
            self.assertEqual(event.__name__, expected)
            self.assertIn("Source:", inspect.getdoc(event) or "", name)

    def test_scan_status(self) -> None:
        """The scan statuses are the table's."""
        (rows,) = (
            enum["values"]
            for enum in table("events")["enum"]
            if enum["name"] == "ScanStatus"
        )
        theirs = {row["name"].upper(): row["value"] for row in rows}
        # No code of ours needs the difference; the number passes as it is.
        del theirs["IGNORE"]
        self.assertEqual({s.name: s.value for s in ScanStatus}, theirs)


class MessageTableTests(ProtocolCase):
    """messages.toml."""

    def test_messages(self) -> None:
        """Messages have the table's fields."""
        rows = table("messages")["item_field"]
        for kind in (Message, TextMessage, SystemMessage):
            self.compare("item", kind, rows)
        self.assertEqual(
            set(fields_of(ImageMessage)), set(fields_of(Message)) | {"data"}
        )

    def test_contacts(self) -> None:
        """So have contacts."""
        self.compare("contact", Contact, table("messages")["contact_field"])

    def test_kinds(self) -> None:
        """The tags are the table's types."""
        types = {row["name"]: row["value"] for row in table("messages")["message_type"]}
        for name, kind in (
            ("text", TextMessage),
            ("contact", Contact),
            ("image", ImageMessage),
            ("system", SystemMessage),
        ):
            config = msgspec.structs.StructConfig
            self.assertIsInstance(kind.__struct_config__, config)
            self.assertEqual(kind.__struct_config__.tag, types[name])
            self.assertEqual(kind.__struct_config__.tag_field, "msgType")

    def test_room_suffix(self) -> None:
        """Rooms are known by the table's suffix."""
        self.assertEqual(table("messages")["item"]["room_id_suffix"], ROOM_SUFFIX)


class ExceptionTests(SynchronousTestCase):
    """The lists of exceptions above."""

    def test_needed(self) -> None:
        """Each names a field that the tables have and the class has not."""
        rows = {
            "login": command_table("login")["params"],
            "item": table("messages")["item_field"],
            "contact": table("messages")["contact_field"],
            "qrcode": of_socketio(event_table("qrcode")["payload"]),
            "warn": of_socketio(event_table("warn")["payload"]),
        }
        kinds: dict[str, type[Struct]] = {
            "login": COMMANDS["login"],
            "item": Message,
            "contact": Contact,
            "qrcode": EVENTS["qrcode"],
            "warn": EVENTS["warn"],
        }
        for what, name in LEFT_OUT:
            self.assertIn(name, [row["name"] for row in rows[what]])
            self.assertNotIn(name, fields_of(kinds[what]))
        for what, name in ADDED:
            theirs = of_socketio(rows[what])
            self.assertNotIn(name, [row["name"] for row in theirs])
            self.assertIn(name, fields_of(kinds[what]))
