"""Messages of the system in XML; texts are in ``test_system_texts``.

Source: messages.toml, [[sysmsg]].
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Message,
    MessageType,
    RecalledMessage,
    RoomJoin,
    SysmsgMessage,
)
from tests.wire.json_examples import table

from .pushed import ROOM, each_way, message


def sysmsg(kind: str, inner: str = "") -> str:
    """Write a message of the system."""
    return f'<sysmsg type="{kind}"><{kind}>{inner}</{kind}></sysmsg>'


def joined(plain: str, link: str = "", tag: str = "plain") -> str:
    """Write an invitation that the account made."""
    inner = f"<{tag}><![CDATA[{plain}]]></{tag}><link>{link}</link>"
    return sysmsg("delchatroommember", inner)


_MEMBERS = "<memberlist><username>wxid_b</username><username /></memberlist>"


class RecallTests(SynchronousTestCase):
    """Messages that were taken back."""

    def test_in_a_room(self) -> None:
        """The one who did it stands in front, as a writer does."""
        content = sysmsg("revokemsg", "<msgid>1</msgid><newmsgid>2</newmsgid>")
        item = message(10002, f"wxid_a:\n{content}", fromUser=ROOM)
        for found in each_way(item):
            assert isinstance(found, RecalledMessage)
            self.assertEqual((found.room, found.sender), (ROOM, "wxid_a"))
            self.assertEqual((found.recalled_id, found.short_id), ("2", "1"))

    def test_which_is_missing(self) -> None:
        """Without the id of the message it is no recall."""
        for found in each_way(message(10002, sysmsg("revokemsg", "<msgid>1</msgid>"))):
            self.assertIs(type(found), SysmsgMessage)


class JoinTests(SynchronousTestCase):
    """Invitations that the account made."""

    def test_room_in_front(self) -> None:
        """The room may stand in front instead of a writer."""
        content = joined('你邀请"B"加入了群聊  ', "<scene>invite</scene>" + _MEMBERS)
        item = message(10002, f"{ROOM}:\n{content}", fromUser=ROOM)
        for found in each_way(item):
            assert isinstance(found, RoomJoin)
            self.assertEqual((found.room, found.sender), (ROOM, ROOM))
            self.assertEqual(found.text, '你邀请"B"加入了群聊')
            self.assertEqual(found.user_names, ("wxid_b",))
            self.assertEqual((found.inviter, found.invitees), (None, ("B",)))
            self.assertIs(found.type, MessageType.SYSMSG)

    def test_by_qr_code(self) -> None:
        """The scene tells that a QR code was used, whatever the language."""
        for plain, names in (
            ('" B"通过扫描你分享的二维码加入群聊', ("B",)),
            ('" B" joined group chat via the QR code you shared', ("B",)),
            ("a text of another language", ()),
        ):
            content = joined(plain, "<scene>qrcode</scene>" + _MEMBERS)
            for found in each_way(message(10002, content, fromUser=ROOM)):
                assert isinstance(found, RoomJoin)
                self.assertTrue(found.is_by_qr_code)
                self.assertEqual(found.invitees, names)

    def test_text_instead(self) -> None:
        """Where there is no plain text, the other one stands for it."""
        content = joined("You invited B to the group chat", tag="text")
        for found in each_way(message(10002, content)):
            assert isinstance(found, RoomJoin)
            self.assertEqual(found.invitees, ("B",))
            self.assertEqual(found.user_names, ())

    def test_says_nothing(self) -> None:
        """Neither a known text nor ids: a message of the system in general."""
        for content in (
            joined("a text of another language"),
            joined("你已成为新群主"),
            joined("", _MEMBERS),
            '<sysmsg type="delchatroommember" />',
        ):
            for found in each_way(message(10002, content)):
                assert isinstance(found, SysmsgMessage)
                self.assertEqual(found.kind, "delchatroommember")
                self.assertFalse(found.is_unparsed)


class GeneralTests(SynchronousTestCase):
    """All others."""

    def test_kinds(self) -> None:
        """Those of the table without more, and those that nobody knows."""
        kinds = [row["type"] for row in table("messages")["sysmsg"]]
        for kind in (*kinds, "brandNew"):
            for found in each_way(message(10002, sysmsg(kind))):
                assert isinstance(found, SysmsgMessage)
                self.assertIs(type(found), SysmsgMessage)
                self.assertEqual((found.kind, found.is_unparsed), (kind, False))

    def test_unreadable(self) -> None:
        """What has no kind is counted as not understood."""
        for content in ("", "text", "<sysmsg />", "<msg type='a' />", "<sysmsg"):
            for found in each_way(message(10002, content)):
                assert isinstance(found, Message)
                self.assertIs(type(found), SysmsgMessage)
                self.assertTrue(found.is_unparsed)
                self.assertEqual(found.text, content)
