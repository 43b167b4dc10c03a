"""Tests of padchat_twisted.sandbox.pushes: what is pushed, in the wire's spelling."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.contacts import Contact
from padchat_twisted.catalogue.events import decode_event
from padchat_twisted.catalogue.messages import (
    ImageMessage,
    Push,
    SystemMessage,
    TextMessage,
)
from padchat_twisted.sandbox.pushes import (
    Fields,
    batches,
    contact_profile,
    contact_push,
    message_push,
    room_members,
)
from padchat_twisted.wire.envelope import Notice

from .stage import Stage


class PushTests(SynchronousTestCase):
    """Items as messages.toml and the samples have them."""

    def setUp(self) -> None:
        """Have two people and a room."""
        self.world = Stage().world
        self.alice = self.world.person("alice", nick_name="李四 😀")
        self.bob = self.world.person("bob", nick_name="Bob B.")
        self.room = self.world.room("dev", members=["alice", "bob"])

    def test_text(self) -> None:
        """A private text has all fields of the samples, filled like there."""
        message = self.alice.says("ding", to="bob")
        self.assertEqual(
            message_push(message, self.bob, more=False),
            {
                "msgId": message.message_id,
                "msgType": 1,
                "fromUser": "wxid_alice",
                "toUser": "wxid_bob",
                "content": "ding",
                "description": "李四 😀 : ding",
                "msgSource": "<msgsource />\n",
                "timestamp": 1_700_000_000,
                "status": 1,
                "continue": 0,
                "uin": self.bob.uin,
            },
        )

    def test_room_text(self) -> None:
        """In a room the room is the sender and the writer stands in the content."""
        message = self.alice.says("hello room", to=self.room, at=["bob"])
        item = message_push(message, self.bob, more=True)
        self.assertEqual(item["fromUser"], self.room.user_name)
        self.assertEqual(item["toUser"], "wxid_bob")
        self.assertEqual(item["content"], "wxid_alice:\nhello room")
        self.assertEqual(item["description"], "李四 😀 : hello room")
        self.assertEqual(
            item["msgSource"],
            "<msgsource><atuserlist>wxid_bob</atuserlist><silence>0</silence>"
            "<membercount>2</membercount></msgsource>",
        )
        self.assertEqual(item["continue"], 1)

    def test_image(self) -> None:
        """An image has its small picture and the size of the full one."""
        message = self.alice.sends_image(b"12345", to=self.room)
        item = message_push(message, self.bob, more=False)
        self.assertEqual(item["content"], 'wxid_alice:\n<msg><img length="5" /></msg>')
        self.assertEqual(item["data"], "MTIzNDU=")
        self.assertEqual(item["description"], "李四 😀 : [image]")

    def test_contact(self) -> None:
        """A person has a v1 code and no room fields to speak of."""
        item = contact_push(self.alice, self.bob, more=True)
        self.assertEqual(
            (item["msgType"], item["userName"], item["nickName"]),
            (2, "wxid_alice", "李四 😀"),
        )
        self.assertRegex(str(item["stranger"]), r"\Av1_[0-9a-f]+@stranger\Z")
        self.assertEqual((item["chatroomId"], item["member"]), (0, []))
        self.assertEqual((item["status"], item["continue"]), (1, 1))
        self.assertEqual(item["uin"], self.bob.uin)
        self.assertEqual((item["pyInitial"], item["quanPin"]), ("", ""))
        bob = contact_push(self.bob, self.alice, more=False)
        self.assertEqual((bob["pyInitial"], bob["quanPin"]), ("BOBB", "bobb"))

    def test_room_contact(self) -> None:
        """A room has its version, owner and members, as a list."""
        item = contact_push(self.room, self.bob, more=False)
        self.assertEqual(item["chatroomId"], self.room.version)
        self.assertEqual(item["chatroomOwner"], "wxid_alice")
        self.assertEqual((item["memberCount"], item["maxMemberCount"]), (2, 500))
        self.assertEqual(item["member"], ["wxid_alice", "wxid_bob"])
        self.assertEqual(item["stranger"], "")

    def test_profile(self) -> None:
        """A profile has every field that is always there, also of nobody."""
        profile = contact_profile(self.alice)
        nobody = contact_profile(None)
        self.assertEqual(profile["bigHead"], f"{self.world.base_url}/head/wxid_alice")
        self.assertEqual(set(nobody), set(profile))
        self.assertEqual(
            {v for k, v in nobody.items() if k not in ("sex", "status")}, {""}
        )
        self.assertEqual((nobody["sex"], nobody["status"]), (0, 0))
        room = contact_profile(self.room)
        self.assertEqual(set(room) - set(profile), set(contact_room_fields()))

    def test_members(self) -> None:
        """Members say who invited them, the first ones nobody."""
        self.world.person("cy")
        self.room.invite("cy", by="bob")
        members = room_members(self.room)
        self.assertEqual([m["invitedBy"] for m in members], ["", "", "wxid_bob"])
        self.assertEqual(members[0]["nickName"], "李四 😀")
        self.assertEqual(members[0]["chatroomNickName"], "")

    def test_catalogue_reads_it(self) -> None:
        """A client's catalogue takes each item for what it is, on its strict way."""
        text = self.alice.says("ding", to=self.room)
        image = self.alice.sends_image(b"x", to="bob")
        self.room.rename("Other")
        system = self.bob.inbox[-1]
        items: list[Fields] = [
            message_push(message, self.bob, more=True)
            for message in (text, image, system)
        ]
        items.append(contact_push(self.room, self.bob, more=False))
        body = msgspec.json.encode(["push", {"list": items}])
        event = decode_event(Notice(event="push", body=body))
        assert isinstance(event, Push)
        read = event.list
        self.assertEqual(
            [type(item) for item in read],
            [TextMessage, ImageMessage, SystemMessage, Contact],
        )
        first, last = read[0], read[3]
        assert isinstance(first, TextMessage)
        assert isinstance(last, Contact)
        self.assertEqual((first.text, first.sender), ("ding", "wxid_alice"))
        self.assertEqual(last.members, ("wxid_alice", "wxid_bob"))


def contact_room_fields() -> list[str]:
    """Name what a room's profile has beyond a person's."""
    return ["chatroomId", "chatroomOwner", "memberCount", "maxMemberCount", "member"]


class BatchTests(SynchronousTestCase):
    """Cutting a list into pushes."""

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.lists(st.integers(), max_size=40), st.integers(1, 10))
    def test_whole_and_in_order(self, things: list[int], size: int) -> None:
        """Nothing is lost or moved; all but the very last say that more follow."""
        cut = list(batches(things, size))
        self.assertEqual([thing for batch in cut for thing, _ in batch], things)
        more = [more for batch in cut for _, more in batch]
        self.assertEqual(more, [True] * (len(things) - 1) + [False] * bool(things))
        for batch in cut:
            self.assertTrue(0 < len(batch) <= size)
        for batch in cut[:-1]:
            self.assertEqual(len(batch), size)
