"""App messages: what tells them apart. Source: messages.toml, [room_invitation]."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AppMessage,
    LinkMessage,
    RedPacketMessage,
    RoomInvitation,
    RoomInvite,
    TransferMessage,
)
from tests.wire.json_examples import table

from .kind_examples import app
from .pushed import each_way, message


class InvitationTests(SynchronousTestCase):
    """Invitations to rooms."""

    def test_templates(self) -> None:
        """Both languages of the table are known."""
        rows = table("messages")["room_invitation"]
        for title, des in zip(
            rows["title_templates"], rows["des_templates"], strict=True
        ):
            self.assertEqual(title["lang"], des["lang"])
            text = des["text"].format(inviter='Xiao "Ming"', room="Room，1")
            for found in each_way(message(49, app("5", title=title["text"], des=text))):
                assert isinstance(found, RoomInvitation)
                self.assertEqual(found.inviter, 'Xiao "Ming"')
                self.assertEqual(found.room_name, "Room，1")
                self.assertEqual(found.url, "http://example.invalid/?a=1&b=2")
                self.assertNotIn("Ming", repr(found))

    def test_imitations(self) -> None:
        """Where only one of the two fits, in either language, it is a link."""
        rows = table("messages")["room_invitation"]
        titles = [row["text"] for row in rows["title_templates"]]
        texts = [
            row["text"].format(inviter="A", room="R") for row in rows["des_templates"]
        ]
        for title, des in (
            (titles[0], texts[1]),
            (titles[1], texts[0]),
            (titles[0], ""),
            ("", texts[0]),
            (titles[0] + "!", texts[0]),
            (titles[0], texts[0][1:]),
            (titles[0], texts[0][:-1]),
            (titles[0], '""邀请你加入群聊R，进入可查看详情。'),
        ):
            for found in each_way(message(49, app("5", title=title, des=des))):
                self.assertIs(type(found), LinkMessage, (title, des))

    def test_other_kinds(self) -> None:
        """Of another kind it is no invitation."""
        row = table("messages")["room_invitation"]
        title = row["title_templates"][0]["text"]
        des = row["des_templates"][0]["text"].format(inviter="A", room="R")
        for found in each_way(message(49, app("4", title=title, des=des))):
            self.assertIs(type(found), AppMessage)
        for found in each_way(message(3000, app("4", title=title, des=des))):
            self.assertIs(type(found), RoomInvite)


class KindTests(SynchronousTestCase):
    """What decides."""

    def test_kind_that_is_no_number(self) -> None:
        """Without a kind it is an app message that was not understood."""
        for number in ("", "x", "-5", "\u0665", "5.0"):
            for found in each_way(message(49, app(number))):
                assert isinstance(found, AppMessage)
                self.assertIs(type(found), AppMessage)
                self.assertTrue(found.is_unparsed)

    def test_great_number(self) -> None:
        """A kind that nobody has is kept; one that no number holds is none."""
        for found in each_way(message(49, app("123456789012"))):
            assert isinstance(found, AppMessage)
            self.assertEqual(found.app_type, 123456789012)
        for found in each_way(message(49, app("9" * 5000))):
            assert isinstance(found, AppMessage)
            self.assertTrue(found.is_unparsed)

    def test_money_with_its_own_type(self) -> None:
        """The type of the message counts for money, whatever its XML says."""
        for number, kind in ((2000, TransferMessage), (2001, RedPacketMessage)):
            for found in each_way(message(number, app("5"))):
                assert isinstance(found, AppMessage)
                self.assertIs(type(found), kind)
                self.assertEqual((found.type, found.app_type), (number, 5))

    def test_handed_back(self) -> None:
        """What a command takes back is the item as it came."""
        item = message(49, app("2000"))
        for found in each_way(item):
            assert isinstance(found, TransferMessage)
            handed_back = {**found.raw_msg_data}
            handed_back.pop("subType", None)
            handed_back.pop("brandNew", None)
            self.assertEqual(handed_back, item)
