"""Tests of padchat_twisted.sandbox.responders.media: fetching files."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import MessageImage, MessageVideo, MessageVoice
from padchat_twisted.sandbox import parcels
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.responders.media import MAX_FETCHED_VOICE_BYTES

from ..stage import Client, Stage, as_read

CODES = ("getMsgImage", "getMsgVideo", "getMsgVoice")


class MediaTests(SynchronousTestCase):
    """Who gets which file."""

    def setUp(self) -> None:
        """Have a person and two accounts, one of them in a room with the person."""
        self.stage = Stage()
        self.alice = self.stage.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.other = self.stage.connect("bot2").log_in()
        self.stage.world.room("dev", members=["alice", "bot1"])

    def fetch(self, code: str, message: Message, client: Client | None = None) -> Reply:
        """Fetch the file of a message."""
        raw = {"rawMsgData": {"msgId": message.message_id}}
        return (client or self.client).call(code, raw)

    def test_image(self) -> None:
        """A picture comes whole."""
        image = bytes(range(256)) * 100
        read = as_read(
            self.fetch("getMsgImage", self.alice.sends_image(image, to="bot1")),
            MessageImage,
        )
        self.assertEqual((read.content, read.size, read.status), (image, 25_600, 0))

    def test_video(self) -> None:
        """A video comes whole, short or not."""
        for is_short in (False, True):
            message = self.alice.sends_video(b"video", to="dev", is_short=is_short)
            read = as_read(self.fetch("getMsgVideo", message), MessageVideo)
            self.assertEqual((read.content, read.size), (b"video", 5))

    def test_voice(self) -> None:
        """A voice comes whole up to a limit, and is cut off there."""
        for size in (MAX_FETCHED_VOICE_BYTES, MAX_FETCHED_VOICE_BYTES + 1):
            message = self.alice.sends_voice(bytes(size), to="bot1")
            read = as_read(self.fetch("getMsgVoice", message), MessageVoice)
            self.assertEqual(len(read.content), MAX_FETCHED_VOICE_BYTES)
            self.assertEqual(read.size, MAX_FETCHED_VOICE_BYTES)

    def test_own(self) -> None:
        """What the account sent itself it can fetch too."""
        user = self.client.account.user
        mail = self.stage.world.mail
        message = mail.send(user, self.alice, parcels.image(b"x"))
        self.assertTrue(self.fetch("getMsgImage", message).success)

    def test_refused(self) -> None:
        """Another kind, somebody else's file, and what is none are refused."""
        image = self.alice.sends_image(b"x", to="dev")
        for code in CODES:
            is_image = code == "getMsgImage"
            self.assertEqual(self.fetch(code, image).success, is_image)
            reply = self.fetch(code, image, self.other)
            self.assertEqual((reply.success, reply.data), (False, {}))
            medium = code.removeprefix("getMsg").lower()
            self.assertIn(f"there is no {medium}", reply.msg)
        text = self.alice.says("x", to="dev")
        self.assertFalse(self.fetch("getMsgImage", text).success)
