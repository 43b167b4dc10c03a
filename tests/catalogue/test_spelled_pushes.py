"""Pushes in the spelling of their dialect give what their canonical spelling gives."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact, PushItem, decode_push
from padchat_twisted.catalogue.messages import UnknownItem
from padchat_twisted.catalogue.spelled_pushes import decode_spelled
from padchat_twisted.wire import json_text
from padchat_twisted.wire.envelope import Notice
from padchat_twisted.wire.json_keys import pascal_key, snake_key
from padchat_twisted.wire.json_pushes import KeyCase
from padchat_twisted.wire.limits import MAX_JSON_VALUES
from tests.wire.json_examples import table

from .kind_examples import EXAMPLES
from .pushed import OWN, fields_of, frame, heard, message

DIALECT_OF: dict[KeyCase, Literal["legacy", "sdk"]] = {
    "pascal": "legacy",
    "snake": "sdk",
}
SPELL = {"pascal": pascal_key, "snake": snake_key}


def spelled(item: dict[str, Any], case: KeyCase) -> dict[str, Any]:
    """Spell the keys of an item."""
    return {SPELL[case](name): value for name, value in item.items()}


def text_of(items: list[Any], case: KeyCase) -> bytes:
    """Write a push as the wire keeps it."""
    given = [spelled(i, case) if isinstance(i, dict) else i for i in items]
    found: object = given if case == "pascal" else {"type": 2, "list": given}
    return json_text.write(found)


class SameTests(SynchronousTestCase):
    """Both ways."""

    def check(self, items: list[Any], case: KeyCase) -> tuple[PushItem, ...] | None:
        """Expect the same items both ways; return what the short way gave."""
        notice = Notice("push", text_of(items, case), case)
        canonical = Notice("push", notice.body)
        wanted = decode_push(canonical, OWN) or ()
        found = decode_push(notice, OWN) or ()
        self.assertEqual([type(i) for i in found], [type(i) for i in wanted])
        for ours, theirs in zip(found, wanted, strict=True):
            self.assertEqual(fields_of(ours), fields_of(theirs))
            self.assertEqual(ours.raw, theirs.raw)
            self.assertEqual(ours.conversation, theirs.conversation)
        return decode_spelled(notice.text, case, OWN)

    def test_examples(self) -> None:
        """Each kind goes the short way, wrapped and not, and so do contacts."""
        items: list[dict[str, Any]] = []
        for example in EXAMPLES:
            item = message(example.type, example.content, **example.more)
            items += [item, {**item, "msgType": 5, "subType": example.type}]
        types = {"string": "x", "url": "u", "int": 7, "string[]": ["a"]}
        rows = table("messages")["contact_field"]
        contact = {row["name"]: types[row["type"]] for row in rows}
        items += [{**contact, "msgType": 2}, {"msgType": 2}]
        items += [{"msgType": 2, "member": member} for member in ("", '["a"]\n', "x")]
        items += [{"msgType": 2, "member": member} for member in ("null\n", " [] ")]
        items += [{"msgType": 2048, "continue": 1}, message(1, "the last")]
        for case in DIALECT_OF:
            found = self.check(items, case)
            assert found is not None
            self.assertEqual(len(found), len(items) - 1)

    def test_odd(self) -> None:
        """What is odd in any way goes the other way."""
        for odd in (
            message(1, "hi", brandNew=1),
            message(1, {"a": "b"}),
            message(1, "cut \ud83d"),
            message(1, "hi", msgId=5),
            message(1, "hi", timestamp="1500000001"),
            message(1, None),
            message(4711, "hi"),
            message(5, "hi"),
            message(5, "hi", subType=4711),
            message(5, "hi", subType=2),
            message(5, "hi", subType=2048),
            message(1, "hi", data="x"),
            {"msgType": "1"},
            {"msgType": True},
            {"msgType": 1.0},
            {"msgType": None},
            {"content": "hi"},
            {},
            None,
            "text",
            [message(1, "hi")],
            {"msgType": 2, "member": "[1]"},
            {"msgType": 2, "member": "{}"},
            {"msgType": 2, "member": "["},
        ):
            for case in DIALECT_OF:
                for items in ([odd], [message(1, "before"), odd]):
                    self.assertIsNone(self.check(items, case), odd)

    def test_other_spellings(self) -> None:
        """Keys in another letter case than their dialect's are read all the same."""
        item = message(1, "hi")
        for case, other in (("pascal", "snake"), ("snake", "pascal")):
            given = frame(DIALECT_OF[case], spelled(item, other))  # type: ignore[index, arg-type] # of strings
            (found,) = heard(DIALECT_OF[case], given)  # type: ignore[index] # of strings
            self.assertEqual(fields_of(found)["content"], "hi")

    def test_own_fields_cannot_be_sent(self) -> None:
        """A peer that knows our own fields' names changes nothing by it."""
        item = {
            **message(1, "hi"),
            "~own": "x",
            "~case": "snake",
            "~index": 7,
            "~marks": 1,
        }
        for case in DIALECT_OF:
            self.assertIsNone(self.check([item, item], case))

    def test_many_members(self) -> None:
        """The members of all rooms in a push are bounded together."""
        half = '["' + "a" * (MAX_JSON_VALUES // 2) + '"]'
        room = {"msgType": 2, "member": half}
        for case in DIALECT_OF:
            found = self.check([room], case)
            assert found is not None
            (contact,) = found
            assert isinstance(contact, Contact)
            self.assertEqual(len(contact.members), 1)
            self.assertIsNone(self.check([room, room], case))

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Whatever the items, both ways agree."""
        names = [row["name"] for row in table("messages")["item_field"]]
        names += [row["name"] for row in table("messages")["contact_field"]]
        values = (
            st.sampled_from((1, 2, 3, 5, 34, 49, 2048, 10000, "1", True, None))
            | st.text(max_size=5)
            | st.integers(-3, 3)
            | st.sampled_from((["a"], {}, {"aKey": 1}, '["a"]\n', "null"))
        )
        items = data.draw(
            st.lists(
                st.builds(
                    lambda fields, kind: {**fields, "msgType": kind},
                    st.dictionaries(st.sampled_from(names), values, max_size=4),
                    st.sampled_from((1, 2, 3, 5, 37, 49, 2048, 10000, 4711)),
                )
                | st.dictionaries(st.sampled_from(names), values, max_size=4),
                min_size=1,
                max_size=3,
            )
        )
        for case in DIALECT_OF:
            self.check(items, case)


class UnknownTests(SynchronousTestCase):
    """Kinds that nobody knows, in the JSON dialects."""

    def test_unknown_kind(self) -> None:
        """It is an unknown item with its type, and so is one without any."""
        for case, dialect in DIALECT_OF.items():
            given = frame(dialect, spelled(message(4711, "hi"), case))
            (found,) = heard(dialect, given)
            assert isinstance(found, UnknownItem)
            self.assertEqual((found.msg_type, found.raw["content"]), (4711, "hi"))
            self.assertTrue(found.is_unparsed)
