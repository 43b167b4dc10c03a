"""Each text of WeChat that is known, with names of all sorts.

Source: messages.toml, [system_text_rules] and [[system_text]].
"""

from __future__ import annotations

import re
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    FriendConfirm,
    FriendConfirmText,
    FriendVerify,
    Message,
    RoomJoin,
    RoomLeave,
    RoomOwner,
    RoomRename,
    SystemMessage,
)
from padchat_twisted.catalogue.system_texts import (
    CONFIRMING_TEXTS,
    MAX_SYSTEM_TEXT,
    SYSTEM_TEXTS,
    match,
    names_in,
)
from tests.wire.json_examples import table

from .pushed import ROOM, each_way, message

KINDS: dict[str, type[Message]] = {
    "room_join": RoomJoin,
    "room_leave": RoomLeave,
    "room_rename": RoomRename,
    "room_owner": RoomOwner,
    "friend_confirm": FriendConfirm,
    "friend_verify": FriendVerify,
}

#: Names that people have, each of them a trap for one pattern or another.
NAMES = ('A"B', "小“明”", "<a href='x'>b</a>", "invited", "a{b}", "😀", "x:\ny", "和")


def rows(message_type: int = 10000) -> list[dict[str, Any]]:
    """Return the texts of the table of one message type."""
    found = table("messages")["system_text"]
    return [row for row in found if message_type in row["message_types"]]


def filled(row: dict[str, Any], **names: str) -> str:
    """Write a text."""
    text: str = row["template"]
    for role, name in names.items():
        text = text.replace("{" + role + "}", name)
    return text


class TableTests(SynchronousTestCase):
    """The templates are the table's."""

    def test_templates(self) -> None:
        """All of them, in its order, with its roles."""
        ours = [(text.kind, text.lang, text.template) for text in SYSTEM_TEXTS]
        theirs = [(row["kind"], row["lang"], row["template"]) for row in rows()]
        self.assertEqual(ours, theirs)
        for text, row in zip(SYSTEM_TEXTS, rows(), strict=True):
            selves = [
                role
                for role, who in row["roles"].items()
                if who.split(",")[0] == "self" and role != "user"
            ]
            self.assertEqual([text.self_role] if text.self_role else [], selves)

    def test_whole_texts(self) -> None:
        """The texts that are messages of type 1 are the table's."""
        self.assertEqual(CONFIRMING_TEXTS, {row["template"] for row in rows(1)})

    def test_separators(self) -> None:
        """Lists are split as the table says."""
        rules = table("messages")["system_text_rules"]
        for lang in ("zh", "en"):
            names = rules[f"list_separator_{lang}"].join(("A", "B C"))
            self.assertEqual(names_in(f" {names}", lang), ("A", "B C"))
        self.assertEqual(names_in("", "zh"), ())


class TextTests(SynchronousTestCase):
    """Each text in each dialect."""

    def holes(self, row: dict[str, Any], *names: str) -> dict[str, str]:
        """Put names into a template, the last one into the last hole."""
        roles = re.findall(r"\{(\w+)\}", row["template"])
        return dict(zip(roles, names[len(names) - len(roles) :], strict=True))

    def test_each(self) -> None:
        """Each becomes its kind, with the names that stand in it."""
        for row in rows():
            names = self.holes(row, "小明", "小红")
            text = filled(row, **names)
            for found in each_way(message(10000, text, fromUser=ROOM)):
                assert isinstance(found, SystemMessage)
                self.assertIs(type(found), KINDS[row["kind"]], text)
                self.assertEqual(found.type, 10000)
                self.assertEqual((found.sender, found.text), (ROOM, text))
                self.assertFalse(found.is_unparsed)
                self.check_names(found, row, names)

    def check_names(
        self, found: SystemMessage, row: dict[str, Any], names: dict[str, str]
    ) -> None:
        """Expect the roles of the table."""
        for role, who in row["roles"].items():
            is_me = who.split(",")[0] == "self"
            if role in ("inviter", "remover", "actor"):
                self.assertEqual(getattr(found, role), None if is_me else names[role])
            elif role in ("invitees", "leavers"):
                expected = (names[role],) if role in names else ()
                self.assertEqual(getattr(found, role), expected)
                self.assertEqual(getattr(found, "includes_me", None), is_me)
            elif role == "name":
                self.assertEqual(getattr(found, role), names[role])
        if "name" in names:
            self.assertEqual(getattr(found, "name", None), names["name"])

    def test_odd_names(self) -> None:
        """Names may hold quotation marks and markup."""
        for row in rows():
            for name in NAMES:
                holes = self.holes(row, "Xiao Ming", name)
                text = filled(row, **holes)
                found = match(text)
                assert found is not None, text
                self.assertEqual(found.text.template, row["template"])
                self.assertEqual(found.names, holes)

    def test_lists(self) -> None:
        """Several names are several, and those behind are told apart."""
        for text, invitees, others in (
            ('你邀请"A、B"加入了群聊', ("A", "B"), ()),
            ("You invited A, B to the group chat", ("A", "B"), ()),
            ('" A"通过扫描你分享的二维码加入群聊', ("A",), ()),
            ('"M"邀请你加入了群聊，群聊参与人还有：A、B', (), ("A", "B")),
            ("M invited you to a group chat with A, B", (), ("A", "B")),
        ):
            for found in each_way(message(10000, text)):
                assert isinstance(found, RoomJoin)
                self.assertEqual((found.invitees, found.others), (invitees, others))
                self.assertEqual(found.is_by_qr_code, "二维码" in text)

    def test_more_behind(self) -> None:
        """More text may follow; what stands in front makes it another text."""
        for row in rows():
            names = self.holes(row, "小明", "小红")
            text = filled(row, **names)
            found = match(f'{text}. <a href="x">more</a>')
            assert found is not None
            self.assertEqual(found.text.template, row["template"])
        for text in (
            'x你邀请"A"加入了群聊',
            "x你已成为新群主",
            'x"A" changed the group name',
        ):
            self.assertIsNone(match(text))

    def test_confirming_texts(self) -> None:
        """A text of type 1 that confirms is one only as a whole, and in private."""
        for text in CONFIRMING_TEXTS:
            for found in each_way(message(1, text)):
                self.assertIs(type(found), FriendConfirmText)
                self.assertEqual(found.raw["content"], text)
            for other in (text + ".", text[:-1] + "?", f"wxid_a:\n{text}"):
                for found in each_way(message(1, other)):
                    self.assertNotIsInstance(found, FriendConfirmText)

    def test_unknown(self) -> None:
        """Any other text is a system message and nothing more."""
        for text in ("", "收到红包，请在手机上查看", '"A"邀请', "You invited", '""'):
            for found in each_way(message(10000, text)):
                assert isinstance(found, SystemMessage)
                self.assertIs(type(found), SystemMessage)
                self.assertTrue(found.is_unparsed)

    def test_no_name(self) -> None:
        """A hole holds one character at least."""
        for text in ('你邀请""加入了群聊', "你修改群名为“”", '""邀请"A"加入了群聊'):
            self.assertIsNone(match(text), text)

    def test_longest(self) -> None:
        """A text at the limit is read, a longer one is not."""
        ends = '你邀请"', '"加入了群聊'
        name = "x" * (MAX_SYSTEM_TEXT - len("".join(ends)))
        self.assertIsNotNone(match(name.join(ends)))
        self.assertIsNone(match(f"{name}x".join(ends)))

    def test_hostile(self) -> None:
        """No text at the limit takes long, whatever it repeats."""
        begun = time.process_time()
        for piece in ('"', '"邀请"', " invited ", "“", '"邀请你和"', '" "'):
            match(piece * (MAX_SYSTEM_TEXT // len(piece)))
        self.assertLess(time.process_time() - begun, 1.0)

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.text(max_size=60))
    def test_anything(self, text: str) -> None:
        """Whatever the text, it is some system message with that content."""
        for found in each_way(message(10000, text)):
            assert isinstance(found, SystemMessage)
            self.assertEqual(found.content, text)
