"""Each kind of message, in the spelling of each dialect, on the short and the long way.

Source: messages.toml; tests/catalogue/kind_examples.py.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    DIALECTS,
    Contact,
    Message,
    MessageType,
    PushItem,
    SelfProfile,
    UnparsedMessage,
)
from padchat_twisted.catalogue.kinds import (
    KINDS,
    MARKER_CLASSES,
    MAX_PUSH_XML_LENGTH,
    UNFINISHED,
    refine,
)
from padchat_twisted.catalogue.messages import TextMessage
from tests.wire.json_examples import table

from .kind_examples import EXAMPLES, Example
from .pushed import FRIEND, ROOM, each_way, fields_of, message, pushed

#: Types that no item is handed out with, each with the reason.
NEVER_HANDED_OUT = {
    5: "its items have the type that is wrapped",
    2048: "a marker of the synchronisation",
    32768: "a marker of the synchronisation",
}

#: Types whose items are no messages: they have tests of their own.
NO_MESSAGES = {2: Contact, 101: SelfProfile}


def item_of(example: Example, **fields: object) -> dict[str, Any]:
    """Build the item of an example."""
    return message(example.type, example.content, **{**example.more, **fields})


class ExampleTests(SynchronousTestCase):
    """Each example in each dialect."""

    def check(self, example: Example, found: PushItem) -> None:
        """Expect what the example says."""
        assert isinstance(found, Message)
        self.assertIs(type(found), example.kind, example)
        self.assertEqual(found.type, example.type)
        for name, value in example.says.items():
            self.assertEqual(getattr(found, name), value, (example, name))
        repr(found)

    def test_alone(self) -> None:
        """In private, each is its kind and says what is in it."""
        for example in EXAMPLES:
            for found in each_way(item_of(example)):
                self.check(example, found)
                assert isinstance(found, Message)
                self.assertIsNone(found.room)

    def test_in_a_room(self) -> None:
        """In a room, with the writer in front, it says the same."""
        for example in EXAMPLES:
            if example.type in (0, 10000):
                continue
            content = f"{FRIEND}:\n{example.content}"
            item = {**item_of(example), "content": content, "fromUser": ROOM}
            if "content" in example.says:
                continue
            for found in each_way(item):
                self.check(example, found)
                assert isinstance(found, Message)
                self.assertEqual(found.room, ROOM)
                if found.type is not MessageType.SYSTEM and "text" not in example.says:
                    self.assertIn(found.sender, (FRIEND, ROOM))

    def test_wrapped(self) -> None:
        """A type 5 with another below it is that one, in every dialect."""
        for example in EXAMPLES:
            item = {**item_of(example), "msgType": 5, "subType": example.type}
            for found in each_way(item):
                self.check(example, found)

    def test_together(self) -> None:
        """All of them in one push keep their order, their fields and their source."""
        items = [item_of(example) for example in EXAMPLES]
        for dialect in DIALECTS:
            found = pushed(dialect, *items)
            for example, item, each in zip(EXAMPLES, items, found, strict=True):
                self.check(example, each)
                raw = {**each.raw}
                raw.pop("subType", None)
                self.assertEqual(raw, item)

    def test_both_ways_agree(self) -> None:
        """The short way gives exactly what the lenient one gives."""
        for example in EXAMPLES:
            first, *others = each_way(item_of(example))
            for other in others:
                self.assertIs(type(first), type(other))
                self.assertEqual(fields_of(first), fields_of(other))

    def test_content_as_object(self) -> None:
        """An object as content is its JSON text, and stays an object in the source."""
        content = {"title": "T", "list": [1, {"name": None}]}
        for number in {example.type for example in EXAMPLES}:
            for found in each_way(message(number, content)):
                assert isinstance(found, Message)
                self.assertEqual(
                    found.content, '{"title":"T","list":[1,{"name":null}]}', number
                )
                self.assertEqual(found.raw["content"], content)
                self.assertEqual(found.type, number)

    def test_broken_content(self) -> None:
        """Content that cannot be read makes the general kind, and is counted."""
        for example in EXAMPLES:
            for found in each_way(item_of(Example(example.type, "<msg", *example[2:]))):
                assert isinstance(found, Message)
                self.assertEqual(found.type, example.type)
                self.assertEqual(found.content, "<msg")
                if "<" in example.content and example.type not in (3, 34, 43, 47, 62):
                    is_general = example.type in (3000,)
                    self.assertEqual(found.is_unparsed, not is_general, example)
                    if example.type in (37, 42, 48, 50, 51):
                        self.assertIs(type(found), UnparsedMessage)


class TableTests(SynchronousTestCase):
    """messages.toml, [[message_type]]."""

    def test_types(self) -> None:
        """Each type of the table has a name, and a kind or a reason to have none."""
        rows = {row["value"]: row["name"] for row in table("messages")["message_type"]}
        names = {number: name.upper() for number, name in rows.items()}
        self.assertEqual({t.value: t.name for t in MessageType}, names)
        self.assertEqual(set(KINDS), set(rows) - set(NEVER_HANDED_OUT))

    def test_examples(self) -> None:
        """Each kind of message has an example."""
        numbers = {example.type for example in EXAMPLES}
        self.assertEqual(numbers, set(KINDS) - set(NO_MESSAGES))
        for number, kind in NO_MESSAGES.items():
            self.assertIs(KINDS[number].first, kind)

    def test_names(self) -> None:
        """A class is named as its type: one word gets ``Message`` behind it."""
        odd = {"RoomJoin", "RoomInvitation"}
        for example in EXAMPLES:
            kind: type = example.kind
            bases = [base.__name__ for base in kind.__mro__]
            (name,) = (
                row["name"]
                for row in table("messages")["message_type"]
                if row["value"] == example.type
            )
            words = name.split("_")
            expected = "".join(word.capitalize() for word in words)
            if len(words) == 1 or expected == "RedPacket":
                expected += "Message"
            if not odd.intersection(bases):
                self.assertIn(expected, bases)

    def test_dropped(self) -> None:
        """Markers never reach anybody, alone or beside others."""
        for number in table("messages")["item"]["drop_types"]:
            marker = {"msgType": number, "continue": 0, "status": 1, "uin": 1}
            text = message(1, "hi")
            for dialect in DIALECTS:
                for found in (
                    pushed(dialect, marker, text),
                    pushed(dialect, text, marker, marker),
                    pushed(dialect, {**marker, "brandNew": 1}, text),
                ):
                    (item,) = found
                    self.assertIsInstance(item, TextMessage)
                    raw = {**item.raw}
                    raw.pop("subType", None)
                    self.assertEqual(raw, text)
                self.assertEqual(pushed(dialect, marker), ())


class RefineTests(SynchronousTestCase):
    """The second pass by itself."""

    def test_refine(self) -> None:
        """Each class of the first pass is read again or is what it should be."""
        for kind in KINDS.values():
            (item,) = refine((kind.first(),))
            if kind.first in UNFINISHED and kind.first.__name__ != "SystemMessage":
                self.assertIsNot(type(item), kind.first)
            else:
                self.assertIs(type(item), kind.first)
        self.assertEqual(refine(tuple(marker() for marker in MARKER_CLASSES)), ())


class BudgetTests(SynchronousTestCase):
    """How much XML is read of one push."""

    def test_edge(self) -> None:
        """What comes when the budget is spent is handed out as it came."""
        app = next(example for example in EXAMPLES if example.type == 49)
        quarter = app.content.ljust(MAX_PUSH_XML_LENGTH // 4)
        items = [message(49, quarter) for _ in range(4)]
        items += [message(49, app.content), message(1, "hi")]
        for dialect in DIALECTS:
            found = pushed(dialect, *items)
            kinds = [type(item) for item in found]
            self.assertEqual(kinds, [app.kind] * 4 + [UnparsedMessage, TextMessage])
