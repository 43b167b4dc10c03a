"""Tests of padchat_twisted.sandbox.pushes: what is pushed, in the wire's spelling."""

from __future__ import annotations

import msgspec
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.events import decode_event
from padchat_twisted.catalogue.media_messages import ImageMessage
from padchat_twisted.catalogue.messages import Push, TextMessage
from padchat_twisted.catalogue.system_messages import RoomRename
from padchat_twisted.sandbox.pushes import Fields, batches, message_push
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
        self.assertRegex(str(item["content"]), r'^wxid_alice:\n<msg><img .*length="5"')
        self.assertEqual(item["data"], "MTIzNDU=")
        self.assertEqual(item["description"], "李四 😀 : [image]")

    def test_image_file_name(self) -> None:
        """The name of an image file stands in its source, in private and in rooms."""
        for to in (self.bob, self.room):
            message = self.alice.sends_image(b"x", to=to, file_name="a<b.png")
            item = message_push(message, self.bob, more=False)
            source = fromstring(str(item["msgSource"]))
            self.assertEqual(source.findtext("img_file_name"), "a<b.png")

    def test_no_data(self) -> None:
        """A video has no data in its push, and what is no text a summary."""
        message = self.alice.sends_video(b"x", to="bob")
        item = message_push(message, self.bob, more=False)
        self.assertNotIn("data", item)
        self.assertEqual(item["description"], "李四 😀 : [video]")
        self.assertEqual(item["msgSource"], "<msgsource />\n")

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
        body = msgspec.json.encode(["push", {"list": items}])
        event = decode_event(Notice("push", body))
        assert isinstance(event, Push)
        read = event.list
        self.assertEqual(
            [type(item) for item in read],
            [TextMessage, ImageMessage, RoomRename],
        )
        first = read[0]
        assert isinstance(first, TextMessage)
        self.assertEqual((first.text, first.sender), ("ding", "wxid_alice"))


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
