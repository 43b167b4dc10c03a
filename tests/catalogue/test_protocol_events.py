"""The catalogue against the tables of the protocol: events, messages, contacts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, Struct
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    COMMANDS,
    DIALECTS,
    EVENTS,
    AppType,
    AvatarMessage,
    Contact,
    Dialect,
    ErrorMessage,
    Event,
    FriendConfirm,
    ImageMessage,
    Message,
    MessageType,
    PossibleFriend,
    PushItem,
    RoomInvite,
    RoomOwner,
    ScanStatus,
    SelfProfile,
    StatusMessage,
    SysmsgMessage,
    SysNotice,
    SystemMessage,
    UnknownItem,
    UnparsedMessage,
    VoipInvite,
    VoipNotify,
)
from padchat_twisted.catalogue.kinds import KINDS
from padchat_twisted.catalogue.messages import ROOM_SUFFIX
from padchat_twisted.wire.dialect_table import LEGACY, SDK
from tests.examples.event_pages import item_classes
from tests.scenes.pushes import PUSHES

from .tables import (
    Row,
    declared_type,
    entry,
    has_row,
    names_in,
    of_dialect,
    rows,
    section,
)

#: Events of the tables without a class, each with the reason.
NO_CLASS = {
    "cmdRet": "the reply to a command: its result",
    "contact": "the client's own name for one item of a push: Contact",
    "other": "the client's own name for what it does not know: UnknownEvent",
    "log": "a type of frame without a description: comes as UnknownEvent `other`",
    "sysEvent": "the same",
}

#: Fields of events whose canonical name is ours: by event, name and dialect.
RENAMED: dict[tuple[str, str, str], str] = {("warn", "msg", "legacy"): "error"}

#: Fields that a class has and the tables have not, each with the reason.
ADDED = {("warn", "success", "sdk"): "read where a frame has it"}

#: Fields of items that a class has not, each with the reason.
ITEM_LEFT_OUT = {
    "msgType": "it tells the class",
    "subType": "the same, where a dialect wraps it",
    "data": "only files of messages have it: ImageMessage and its like",
}

#: Types of items without a class, each with the reason.
NO_ITEM = {
    5: "the wrapper of dialect sdk; the type inside it counts",
    2048: "marks a place in a synchronisation",
    32768: "the same",
}

_UNSEEN = "no source shows what it holds; read in tests/catalogue/test_messages.py"
_BASE = "what others build on, or what is not known"

#: Classes of items that nobody in the pretend WeChat causes, each with the reason.
NOT_CAUSED: dict[type[PushItem], str] = {
    **dict.fromkeys((Message, SystemMessage, SysmsgMessage), _BASE),
    **dict.fromkeys((UnknownItem, UnparsedMessage), _BASE),
    **dict.fromkeys(
        (ErrorMessage, StatusMessage, AvatarMessage, PossibleFriend), _UNSEEN
    ),
    **dict.fromkeys(
        (VoipNotify, VoipInvite, RoomInvite, SysNotice, SelfProfile), _UNSEEN
    ),
    FriendConfirm: "the same as FriendConfirmText, by a server of another version",
    RoomOwner: "no source shows when the owner's leaving says so",
}

#: Names that dialects spell in their own way.
SPELLINGS = {"legacy": LEGACY.events, "sdk": SDK.events}


def each() -> Iterator[tuple[Row, type[Event], Dialect]]:
    """Go through the events that have a class, in each of their dialects."""
    for row in rows("events", "event"):
        if row["name"] not in NO_CLASS:
            for dialect in row["dialects"]:
                yield row, EVENTS[row["name"]], dialect


class EventTests(SynchronousTestCase):
    """events.toml, row by row."""

    def test_every_event(self) -> None:
        """Each has a class of its name, or a reason to have none."""
        found = rows("events", "event")
        self.assertEqual({row["name"] for row in found}, set(EVENTS) | set(NO_CLASS))
        for name, event in EVENTS.items():
            expected = {"qrcode": "QRCode"}.get(name, name[0].upper() + name[1:])
            if name in COMMANDS:
                expected += "Event"
            self.assertEqual(event.__name__, expected)
        pairs = len(list(each()))
        print(f"{len(found)} events, {len(EVENTS)} classes, {pairs} with dialects")

    def test_fields(self) -> None:
        """Each has exactly the fields that its dialect has."""
        count = 0
        for row, event, dialect in each():
            name = row["name"]
            wanted: dict[str, Row] = {
                str(RENAMED.get((name, field["name"], dialect), field["name"])): field
                for field in of_dialect(row["payload"], dialect)
            }
            found = names_in(event, dialect, DIALECTS)
            for field_name in [n for n in found if (name, n, dialect) in ADDED]:
                del found[field_name]
            if name == "push" and dialect == "legacy":
                # There the items are the payload itself.
                del found["list"]
            self.assertEqual(set(found), set(wanted), (name, dialect))
            for field_name, field in wanted.items():
                where = (name, field_name, dialect)
                param = found[field_name]
                self.assertIsNot(param.default, UNSET, where)
                if field.get("of") != "PushItem":
                    self.assertEqual(param.type, declared_type(field), where)
                count += 1
        print(f"{count} fields of events")

    def test_scan_status(self) -> None:
        """The scan statuses are the table's."""
        (values,) = (
            row["values"]
            for row in rows("events", "enum")
            if row["name"] == "ScanStatus"
        )
        theirs = {row["name"].upper(): row["value"] for row in values}
        # No code of ours needs the difference; the number passes as it is.
        del theirs["IGNORE"]
        self.assertEqual({s.name: s.value for s in ScanStatus}, theirs)

    def test_documents(self) -> None:
        """Each has a row, a source, and a transcript for each dialect."""
        count = 0
        for row, event, dialect in each():
            name = event.__name__
            self.assertIn("Source:", inspect.getdoc(event) or "", name)
            self.assertTrue(has_row("events", name), name)
            _, is_there, rest = section("events", name).partition(
                f"\nIn `{dialect}`:\n\n```text\n"
            )
            self.assertTrue(is_there, (name, dialect))
            spelled = SPELLINGS.get(dialect, {}).get(row["name"], row["name"])
            self.assertIn(f'"{spelled}"', rest.partition("\n```")[0], (name, dialect))
            count += 1
        print(f"{count} transcripts")


class ItemTests(SynchronousTestCase):
    """messages.toml: what is pushed."""

    def compare(
        self, kind: type[Struct], table: str, left_out: dict[str, Any]
    ) -> dict[str, Row]:
        """Expect that *kind* has the fields of a table."""
        found = {row["name"]: row for row in rows("messages", table)}
        wanted = {
            name: row for name, row in found.items() if not row.get("client_side")
        }
        fields = names_in(kind, "sdk", DIALECTS)
        self.assertEqual(set(fields), set(wanted) - set(left_out), table)
        for name, param in fields.items():
            self.assertIsNot(param.default, UNSET, name)
            if name != "member":
                self.assertEqual(param.type, declared_type(wanted[name]), name)
            if wanted[name].get("always"):
                self.assertIn(param.default, ("", 0, None), name)
        return wanted

    def test_messages(self) -> None:
        """Messages have the table's fields, and those with a file have it too."""
        self.compare(Message, "item_field", ITEM_LEFT_OUT)
        shared = set(names_in(Message, "sdk", DIALECTS))
        own = set(names_in(ImageMessage, "sdk", DIALECTS))
        self.assertEqual(own, shared | {"data"})

    def test_contacts(self) -> None:
        """Contacts have the table's fields, and the id that all items have."""
        wanted = {row["name"] for row in rows("messages", "contact_field")}
        found = set(names_in(Contact, "sdk", DIALECTS))
        self.assertEqual(found, wanted - {"msgType"} | {"msgId"})

    def test_types(self) -> None:
        """Each type has a number of its name, and a class that is handed out."""
        found = rows("messages", "message_type")
        self.assertEqual(
            {row["value"]: row["name"].upper() for row in found},
            {int(kind): kind.name for kind in MessageType},
        )
        types = {row["value"] for row in found}
        self.assertEqual(set(KINDS), types - set(NO_ITEM))
        for number, kind in KINDS.items():
            self.assertEqual(kind.type, number)
            self.assertTrue(issubclass(kind.first, PushItem))
        print(f"{len(found)} types of items, {len(KINDS)} read")

    def test_app_types(self) -> None:
        """So has each type of app messages; one that is newer is ours."""
        theirs = {row["value"] for row in rows("messages", "app_type")}
        self.assertEqual({int(kind) for kind in AppType} - theirs, {AppType.QUOTE})
        self.assertEqual(theirs - {int(kind) for kind in AppType}, set())

    def test_documents(self) -> None:
        """Each class has a row and a transcript in each dialect, each type its row."""
        count = 0
        self.assertEqual(set(item_classes()), set(PUSHES) | set(NOT_CAUSED))
        for kind in item_classes():
            self.assertTrue(has_row("messages", kind.__name__), kind)
            for dialect in DIALECTS if kind in PUSHES else ():
                _, is_there, rest = section("messages", kind.__name__).partition(
                    f"\nIn `{dialect}`:\n\n```text\n"
                )
                self.assertTrue(is_there, (kind, dialect))
                self.assertIn('"push"', rest.partition("\n```")[0], (kind, dialect))
                count += 1
        print(f"{len(item_classes())} classes of items, {count} transcripts")
        text = section("messages", "Types")
        for row in rows("messages", "message_type"):
            if row["value"] not in NO_ITEM:
                self.assertIn(f"| `{row['value']}` |", text)

    def test_room_suffix(self) -> None:
        """Rooms are known by the table's suffix."""
        item = entry("messages", "item")
        self.assertEqual(item["room_id_suffix"], ROOM_SUFFIX)


class ExceptionTests(SynchronousTestCase):
    """The lists above name what is there."""

    def test_needed(self) -> None:
        """Each exception is of an event or a field of the tables."""
        found = {row["name"]: row for row in rows("events", "event")}
        self.assertLessEqual(set(NO_CLASS), set(found))
        for name, field, dialect in RENAMED:
            fields = of_dialect(found[name]["payload"], dialect)  # type: ignore[arg-type] # a dialect
            self.assertIn(field, [row["name"] for row in fields])
        for name, field, dialect in ADDED:
            fields = of_dialect(found[name]["payload"], dialect)  # type: ignore[arg-type] # a dialect
            self.assertNotIn(field, [row["name"] for row in fields])
        for field in ITEM_LEFT_OUT:
            self.assertIn(
                field, [row["name"] for row in rows("messages", "item_field")]
            )
        types = {row["value"] for row in rows("messages", "message_type")}
        self.assertLessEqual(set(NO_ITEM), types)
