"""Messages: who wrote what where, and sending."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    GetMsgImage,
    Image,
    ImageMessage,
    MessageImage,
    Push,
    SendImage,
    SendMsg,
    SystemMessage,
    TextMessage,
    UnknownItem,
    decode_event,
)
from padchat_twisted.catalogue.messages import (
    MAX_IMAGE_BYTES,
    REFUSED_RECEIVERS,
    receiver_problem,
)
from padchat_twisted.testing import image_message
from padchat_twisted.wire import json_text
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice

ROOM = "10000000001@chatroom"


class RoomTests(SynchronousTestCase):
    """Who wrote it, where, and what. Source: messages.toml, [item].room_rule."""

    def check(
        self,
        message: TextMessage | SystemMessage,
        *,
        room: str | None,
        sender: str,
        text: str,
        conversation: str,
    ) -> None:
        """Compare what a message says of itself."""
        self.assertEqual(
            (message.room, message.sender, message.text, message.conversation),
            (room, sender, text, conversation),
        )

    def test_private(self) -> None:
        """A private message is its sender's; colons are part of the text."""
        for content in ("hi", "wxid_b:\nhi", ":\n", ""):
            self.check(
                TextMessage(from_user="wxid_a", to_user="me", content=content),
                room=None,
                sender="wxid_a",
                text=content,
                conversation="wxid_a",
            )

    def test_room(self) -> None:
        """In a room the sender stands in front; only the first mark counts."""
        for text in ("hi", "a:\nb", "", "\nx"):
            self.check(
                TextMessage(from_user=ROOM, content=f"wxid_a:\n{text}"),
                room=ROOM,
                sender="wxid_a",
                text=text,
                conversation=ROOM,
            )

    def test_room_without_a_sender(self) -> None:
        """Where nobody stands in front, the room says it, and nothing is cut off."""
        for content in ("hi", "a: b", "two words:\nhi", ""):
            self.check(
                TextMessage(from_user=ROOM, content=content),
                room=ROOM,
                sender=ROOM,
                text=content,
                conversation=ROOM,
            )

    def test_own_message_in_a_room(self) -> None:
        """The account's own message, from another device, has nobody in front."""
        self.check(
            TextMessage(from_user="me", to_user=ROOM, content="wxid_a:\nhi"),
            room=ROOM,
            sender="me",
            text="wxid_a:\nhi",
            conversation=ROOM,
        )

    def test_system_text(self) -> None:
        """A text of WeChat has nobody in front, also in a room."""
        self.check(
            SystemMessage(from_user=ROOM, content="A:\njoined"),
            room=ROOM,
            sender=ROOM,
            text="A:\njoined",
            conversation=ROOM,
        )

    @settings(database=None, deadline=None, max_examples=50)
    @given(st.text(max_size=20), st.text(max_size=20))
    def test_nothing_is_lost(self, before: str, after: str) -> None:
        """Sender and text together are the content, whatever that is."""
        content = f"{before}:\n{after}"
        message = TextMessage(from_user=ROOM, content=content)
        if message.sender == ROOM:
            self.assertEqual(message.text, content)
        else:
            self.assertEqual(f"{message.sender}:\n{message.text}", content)

    def test_unknown_items(self) -> None:
        """An item of an unknown kind belongs to its conversation too."""
        for from_user, to_user, conversation in (
            ("a", "me", "a"),
            (ROOM, "me", ROOM),
            ("me", ROOM, ROOM),
            ("", "", ""),
        ):
            item = UnknownItem(from_user=from_user, to_user=to_user)
            self.assertEqual(item.conversation, conversation)


class ImageTests(SynchronousTestCase):
    """Images: thumbnails, full size, sending."""

    def test_raw_msg_data(self) -> None:
        """What is handed back is the item as it came, without its thumbnail."""
        item = {**image_message("abcd", msg_id="1"), "brandNew": [1]}
        event = decode_event(Notice("push", notice_body("push", {"list": [item]})))
        assert isinstance(event, Push)
        (message,) = event.list
        assert isinstance(message, ImageMessage)
        self.assertEqual(message.data, "abcd")
        handed_back = message.raw_msg_data
        self.assertNotIn("data", handed_back)
        self.assertEqual({**handed_back, "data": "abcd"}, item)
        # In the order in which it came, as the reference client does.
        names = [name for name in item if name != "data"]
        self.assertEqual(list(handed_back), names)
        self.assertEqual(message.raw["data"], "abcd")
        written = json_text.write(GetMsgImage(handed_back))
        self.assertEqual(json_text.read(written), {"rawMsgData": handed_back})

    def test_handed_back_with_a_thumbnail(self) -> None:
        """The command leaves it out of a copy; the caller's item stays what it is."""
        item = {"msgId": "1", "data": "/9j/", "fromUser": "a"}
        for command in (GetMsgImage(item), GetMsgImage(raw_msg_data=item)):
            self.assertEqual(
                json_text.write(command),
                b'{"rawMsgData":{"msgId":"1","fromUser":"a"}}',
            )
        self.assertEqual(item, {"msgId": "1", "data": "/9j/", "fromUser": "a"})

    def test_without_a_thumbnail(self) -> None:
        """An image that has none can be fetched all the same."""
        self.assertEqual(ImageMessage().raw_msg_data, {})

    def test_full_size(self) -> None:
        """The image is decoded, also with a data URL in front."""
        text = base64.b64encode(b"\xff\xd8\xff").decode()
        for image in (text, f"data:image/jpeg;base64,{text}"):
            self.assertEqual(MessageImage(image=image).content, b"\xff\xd8\xff")
        self.assertEqual(MessageImage().content, b"")

    def test_no_base64(self) -> None:
        """What is no image raises ValueError, and does not repeat it."""
        for image in ("äöü", "a", "ab*d", "\ud83d"):
            error = self.assertRaises(
                ValueError, getattr, MessageImage(image=image), "content"
            )
            self.assertEqual(str(error), "the image is not base64")

    def test_image_to_send(self) -> None:
        """An image shows its size only."""
        self.assertEqual(repr(Image(b"secret")), "Image(<6>)")


class SendingTests(SynchronousTestCase):
    """What must not be sent."""

    def test_receivers(self) -> None:
        """System accounts are refused; filehelper, people and rooms are not."""
        for to in REFUSED_RECEIVERS:
            for problem in (
                SendMsg(to, "x").problem(),
                SendImage(to, "x").problem(),
                receiver_problem(to),
            ):
                self.assertIn(repr(to), problem or "")
        for to in ("filehelper", "wxid_a", ROOM, "gh_a"):
            self.assertIsNone(SendMsg(to, "x").problem())
            self.assertIsNone(SendImage(to, "x").problem())

    def test_nobody(self) -> None:
        """A receiver that is empty is refused with what to do."""
        self.assertIn("name a WeChat id", SendMsg("", "x").problem() or "")

    def test_image_size(self) -> None:
        """The largest image is the largest, and one more byte is not."""
        largest = (MAX_IMAGE_BYTES + 2) // 3 * 4
        self.assertIsNone(SendImage("a", "x" * largest).problem())
        problem = SendImage("a", "x" * (largest + 4)).problem()
        self.assertIn(str(MAX_IMAGE_BYTES), problem or "")

    def test_lone_surrogates(self) -> None:
        """A text of ours that was cut inside an emoji leaves as JavaScript's does."""
        written = json_text.write(SendMsg("a", "cut \ud83d"))
        self.assertEqual(
            written, b'{"toUserName":"a","content":"cut \\ud83d","atList":[]}'
        )

    def test_world(self) -> None:
        """Sending is seen by others, fetching is not."""
        self.assertTrue(SendMsg.changes_world)
        self.assertTrue(SendImage.changes_world)
        self.assertFalse(GetMsgImage.changes_world)
