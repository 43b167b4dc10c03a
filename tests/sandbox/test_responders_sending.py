"""Tests of padchat_twisted.sandbox.responders: texts and pictures."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.messages import REFUSED_RECEIVERS, MessageImage
from padchat_twisted.sandbox.images import MAX_IMAGE_BYTES
from padchat_twisted.sandbox.mail import MAX_TEXT_CHARACTERS
from padchat_twisted.sandbox.responders import Reply

from .stage import Stage, as_read


class SendingTests(SynchronousTestCase):
    """Sending texts and pictures, and fetching pictures."""

    def setUp(self) -> None:
        """Have two accounts, a person and a room of one account and the person."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.other = self.stage.connect("bot2").log_in()
        self.room = self.world.room("dev", members=["alice", "bot1"])
        self.client.take()
        self.other.take()

    def send(self, to: str, content: str = "pong", **more: object) -> Reply:
        """Send a text message."""
        params = {"toUserName": to, "content": content, **more}
        return self.client.call("sendMsg", params)

    def test_to_a_person(self) -> None:
        """The message is in the person's inbox, under the id of the reply."""
        reply = self.send("wxid_alice")
        (message,) = self.alice.inbox
        self.assertEqual(message.content, "pong")
        self.assertEqual(
            reply.data, {"message": "", "status": 0, "msgId": message.message_id}
        )
        self.assertEqual(self.client.events(), [])

    def test_to_an_account(self) -> None:
        """Another account gets it pushed."""
        user_name = self.other.account.user.user_name
        self.assertTrue(self.send(user_name).success)
        self.assertEqual(self.other.texts(), ["pong"])

    def test_to_a_room(self) -> None:
        """All other members get it; a mention is passed on."""
        self.room.invite("bot2")
        self.other.take()
        mentioned = self.other.account.user.user_name
        self.assertTrue(self.send(self.room.user_name, atList=[mentioned]).success)
        (item,) = self.other.pushed(1)
        self.assertEqual(item["content"], "wxid_bot1:\npong")
        self.assertIn(f"<atuserlist>{mentioned}</atuserlist>", item["msgSource"])
        self.assertEqual(self.alice.inbox[-1].mentioned, (mentioned,))

    def test_to_filehelper(self) -> None:
        """The file helper takes everything."""
        self.assertTrue(self.send("filehelper", "logged in").success)
        (message,) = self.world.filehelper.inbox
        self.assertEqual(message.sender, self.client.account.user)

    def test_reserved(self) -> None:
        """System accounts must not be written to, text or picture."""
        for user_name in REFUSED_RECEIVERS:
            self.assertIn("must not be written to", self.send(user_name).msg)
            self.assertFalse(
                self.client.call(
                    "sendImage", {"toUserName": user_name, "image": "eA=="}
                ).success
            )

    def test_nobody(self) -> None:
        """Nobody, a mere name, and a room without the account are refused."""
        other = self.world.room("other", members=["alice"])
        for user_name in ("wxid_nobody", "alice", "dev", "bot2"):
            self.assertIn("nobody", self.send(user_name).msg)
        self.assertIn("not in", self.send(other.user_name).msg)
        self.assertEqual(self.alice.inbox, [])

    def test_text_limit(self) -> None:
        """A text at the limit is sent, one character more is refused."""
        longest = "x" * MAX_TEXT_CHARACTERS
        self.assertTrue(self.send("wxid_alice", longest).success)
        self.assertFalse(self.send("wxid_alice", longest + "x").success)

    def test_at_list(self) -> None:
        """A list of mentions holds texts only, and may be missing."""
        for at_list in ("wxid_alice", {"a": 1}, [1], ["a", None]):
            reply = self.send("wxid_alice", atList=at_list)
            self.assertEqual(reply.msg, "atList must be a list of strings")
        self.assertTrue(self.send("wxid_alice", atList=None).success)

    def test_image_there_and_back(self) -> None:
        """A picture that one account sends, the other fetches whole."""
        image = bytes(range(256)) * 100
        reply = self.client.call(
            "sendImage",
            {
                "toUserName": self.other.account.user.user_name,
                "image": base64.b64encode(image).decode(),
            },
        )
        (item,) = self.other.pushed(3)
        self.assertEqual(item["msgId"], reply.data["msgId"])
        self.assertLess(len(item["data"]), 1000)
        raw = {name: value for name, value in item.items() if name != "data"}
        fetched = self.other.call("getMsgImage", {"rawMsgData": raw})
        read = as_read(fetched, MessageImage)
        self.assertEqual((read.content, read.size, read.status), (image, 25_600, 0))

    def test_no_image(self) -> None:
        """No picture of that id, or somebody else's, is refused."""
        message = self.alice.sends_image(b"x", to=self.other.account)
        for message_id in ("1", message.message_id):
            raw = {"rawMsgData": {"msgId": message_id}}
            self.assertIn("no image", self.client.refused("getMsgImage", raw))

    def test_not_base64(self) -> None:
        """What is not base64 is refused, a data URL too; so is one too large."""
        for image in ("$$$$", "eA=", "data:image/png;base64,eA==", "é"):
            params = {"toUserName": "wxid_alice", "image": image}
            self.assertEqual(
                self.client.refused("sendImage", params), "image is not base64"
            )
        large = base64.b64encode(bytes(MAX_IMAGE_BYTES + 1)).decode()
        params = {"toUserName": "wxid_alice", "image": large}
        self.assertIn("larger than", self.client.refused("sendImage", params))
        self.assertEqual(self.alice.inbox, [])
