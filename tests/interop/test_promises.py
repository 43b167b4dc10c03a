"""Whether a broken promise is noticed."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .peers import Line
from .promises import faults_by_examples, faults_by_table, promised

#: A good result of ``getRoomMembers``, as Socket.IO brings it.
MEMBER = {
    "userName": "wxid_alice",
    "nickName": "alice",
    "chatroomNickName": "",
    "bigHead": "",
    "smallHead": "",
    "invitedBy": "",
}
MEMBERS = {
    "userName": "1@chatroom",
    "chatroomId": 7,
    "count": 1,
    "member": [MEMBER],
    "message": "",
    "status": 0,
}


class TableTests(SynchronousTestCase):
    """Promises of the tables."""

    def faults(self, **changes: object) -> list[str]:
        """Change a good result; tell what is wrong with it; None takes a field away."""
        data = {**MEMBERS, **changes}
        found = {name: value for name, value in data.items() if value is not None}
        return list(faults_by_table("getRoomMembers", "socketio", found))

    def test_good(self) -> None:
        """A good result has no fault, also with JSON text."""
        self.assertEqual(self.faults(), [])
        self.assertEqual(self.faults(member="[]"), [])

    def test_missing(self) -> None:
        """A field that is always there."""
        self.assertEqual(self.faults(count=None), ["count is missing"])

    def test_unknown(self) -> None:
        """A field that nobody has documented."""
        self.assertEqual(self.faults(more=1), ["more is in no table"])

    def test_type(self) -> None:
        """Another type; true is no number, and JSON text stands for what it holds."""
        self.assertEqual(self.faults(count="1"), ["count is a text, not a number"])
        self.assertEqual(
            self.faults(count=True), ["count is true or false, not a number"]
        )
        self.assertEqual(self.faults(member="{}"), ["member is an object, not a list"])

    def test_inside(self) -> None:
        """A field of an item of a list."""
        item = {**MEMBER, "nickName": 1}
        self.assertEqual(
            self.faults(member=[MEMBER, item]),
            ["member.nickName is a number, not a text"],
        )

    def test_unread_text(self) -> None:
        """What padchat-sdk should have read and is still JSON text."""
        found = list(
            faults_by_table("getRoomMembers", "sdk", {**MEMBERS, "member": "[]"})
        )
        self.assertEqual(found, ["member is a text, not a list"])


class ExampleTests(SynchronousTestCase):
    """Promises of examples."""

    def test_depth(self) -> None:
        """All of an example must be there, at every depth; values may differ."""
        example = {"data": {"a": 1, "b": {"c": [{"d": "x"}]}}}
        good = {"data": {"a": 2, "b": {"c": [{"d": ""}, {"d": "", "e": 1}]}}, "f": 1}
        self.assertEqual(faults_by_examples([example], good), [])
        bad = {"data": {"a": None, "b": {"c": [{"d": ""}, {"e": 1}]}}}
        self.assertEqual(
            faults_by_examples([example], bad),
            ["data.a is null, not a number", "data.b.c.d is missing"],
        )

    def test_alternatives(self) -> None:
        """A result need be like the nearest example, and so an item of a list."""
        examples = [{"a": 1}, {"a": 1, "c": [0, {"d": 1}]}]
        self.assertEqual(faults_by_examples(examples, {"a": 2}), [])
        good = {"a": 2, "c": [{"d": 2}, 1]}
        self.assertEqual(faults_by_examples(examples, good), [])
        self.assertEqual(faults_by_examples(examples, {"c": []}), ["a is missing"])
        self.assertEqual(
            faults_by_examples(examples, {"a": 1, "c": [""]}),
            ["c is a text, not a number"],
        )
        self.assertEqual(faults_by_examples([], {}), [])

    def test_promised(self) -> None:
        """Those of the table and of the example that is meant, with their insides."""
        examples: list[Line] = [{"data": {"x": {}}}, {"data": {"y": [{"a": {"b": 1}}]}}]
        always = {"message": 0, "msgId": 0, "status": 0}
        found = promised("sendMsg", "sdk", examples, {"data": {"y": []}})
        self.assertEqual(found, {**always, "y": 2})
        found = promised("sendMsg", "sdk", examples, {"data": {"x": {}}})
        self.assertEqual(found, {**always, "x": 0})
