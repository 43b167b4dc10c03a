"""Tests of padchat_twisted.sandbox.responders.sending: what an account sends."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import MessageImage
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.catalogue.sending import REFUSED_RECEIVERS
from padchat_twisted.sandbox.mail import MAX_TEXT_CHARACTERS
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.responders.sending import MAX_TITLE_CHARACTERS

from ..stage import Stage, as_read


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
        self.world.befriend(self.client.account.user, self.other.account.user)
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

    def test_text_limit(self) -> None:
        """A text at the limit is sent, one character more is refused."""
        longest = "x" * MAX_TEXT_CHARACTERS
        self.assertTrue(self.send("wxid_alice", longest).success)
        self.assertFalse(self.send("wxid_alice", longest + "x").success)

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

    def test_reserved(self) -> None:
        """System accounts must not be written to, whatever it is."""
        for code, params in (
            ("sendMsg", {"content": "x"}),
            ("sendImage", {"image": "eA=="}),
            ("sendVoice", {"file": "eA=="}),
            ("shareCard", {"userId": "wxid_alice", "content": "x"}),
        ):
            for user_name in REFUSED_RECEIVERS:
                reason = self.client.refused(code, {"toUserName": user_name, **params})
                self.assertIn("must not be written to", reason)

    def test_not_base64(self) -> None:
        """A picture or a voice that is not base64 is refused."""
        for code, name in (("sendImage", "image"), ("sendVoice", "file")):
            params = {"toUserName": "wxid_alice", name: "data:image/png;base64,eA=="}
            self.assertEqual(self.client.refused(code, params), f"{name} is not base64")
        self.assertEqual(self.alice.inbox, [])

    def test_image_in_sdk(self) -> None:
        """Dialect sdk is told how large the picture was."""
        params = {"toUserName": "wxid_alice", "image": "eA=="}
        self.assertEqual(self.client.call("sendImage", params).sdk["size"], 1)

    def test_app_message(self) -> None:
        """The room gets the element that the client made, in the element msg."""
        fragment = "<appmsg><title>News</title><type>5</type></appmsg>"
        params = {"toUserName": self.room.user_name, "content": fragment}
        reply = self.client.call("sendAppMsg", params)
        (message,) = self.alice.inbox
        self.assertEqual(message.message_id, reply.data["msgId"])
        self.assertEqual(message.kind, MessageType.APP)
        self.assertTrue(message.content.startswith(f"<msg>{fragment}<fromusername>"))

    def test_no_app_message(self) -> None:
        """What is no XML is refused, and nobody gets it."""
        params = {"toUserName": "wxid_alice", "content": "News"}
        self.assertIn("content is no XML", self.client.refused("sendAppMsg", params))
        self.assertEqual(self.alice.inbox, [])

    def test_voice(self) -> None:
        """A voice is sent; one that is too long is not."""
        params = {"toUserName": "wxid_alice", "file": "eA==", "time": 60_000}
        reply = self.client.call("sendVoice", params)
        self.assertEqual(reply.sdk, {"data": 1, "size": 0})
        (message,) = self.alice.inbox
        self.assertIn('voicelength="60000"', message.content)
        reason = self.client.refused("sendVoice", {**params, "time": 60_001})
        self.assertIn("milliseconds", reason)
        self.assertEqual(len(self.alice.inbox), 1)

    def test_card(self) -> None:
        """A card has the title that the client wants."""
        self.world.person("carol")
        params = {
            "toUserName": "wxid_alice",
            "userId": "wxid_carol",
            "content": "x" * MAX_TITLE_CHARACTERS,
        }
        self.assertTrue(self.client.call("shareCard", params).success)
        (message,) = self.alice.inbox
        self.assertIn(f'nickname="{params["content"]}"', message.content)
        long = {**params, "content": params["content"] + "x"}
        self.assertIn("longer than", self.client.refused("shareCard", long))

    def test_no_card(self) -> None:
        """There is no card of a room, of nobody, nor of a stranger."""
        self.world.add_person("dave")
        for user_id in (self.room.user_name, "wxid_nobody", "wxid_dave"):
            params = {"toUserName": "wxid_alice", "userId": user_id, "content": "x"}
            self.client.refused("shareCard", params)
        self.assertEqual(self.alice.inbox, [])

    def test_not_delivered(self) -> None:
        """Who deleted the account gets nothing; the command is a success."""
        self.alice.deletes(self.client.account.user)
        self.assertTrue(self.send("wxid_alice").success)
        self.assertEqual(self.alice.inbox, [])
        (told,) = self.client.pushed(10000)
        self.assertIn("Friend Confirmation", told["content"])
