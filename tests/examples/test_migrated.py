"""The code of the page on migrating, at the sandbox and at a fake gateway."""

from __future__ import annotations

import base64
import builtins
import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import AccountSession, QRCode
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import Person
from padchat_twisted.testing import (
    contact,
    image_message,
    push_item,
    ready_account,
    text_message,
)

from .running import AUTH_KEY, ExampleTestCase, load, reactor

example: Any = load("migrated")

FRIEND_REQUEST = (
    '<msg fromusername="wxid_new" encryptusername="v1_7@stranger"'
    ' ticket="v2_7@stranger" content="{greeting}" scene="3" />'
)


class SandboxTests(ExampleTestCase):
    """The bot as a whole."""

    def setUp(self) -> None:
        """Leave what the bot writes in a folder of its own."""
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def written_to(self, person: Person) -> Deferred[Message]:
        """Return a Deferred that fires with the next message to a person."""
        written: Deferred[Message] = Deferred()

        def message_sent(message: Message) -> None:
            if message.sender is not person and not written.called:
                written.callback(message)

        self.addCleanup(self.sandbox.world.on_message(message_sent))
        return written

    async def test_start_and_answer(self) -> None:
        """It logs in, says so, and answers a friend and a room."""
        alice = self.alice
        account = await example.start(reactor, self.sandbox.url, AUTH_KEY)
        self.addCleanup(account.close)
        self.assertTrue((self.folder / "bot.sqlite").exists())
        self.assertEqual(example.names[alice.user_name], "alice")
        written = self.written_to(alice)
        alice.says("ding", to="0")
        self.assertEqual((await written).content, "dong")
        room = self.sandbox.world.room("dev", members=["alice", "bob", "0"])
        written = self.written_to(alice)
        alice.says("ding", to=room)
        message = await written
        self.assertEqual(message.content, "@alice dong")
        self.assertEqual(message.mentioned, (alice.user_name,))

    async def test_scan(self) -> None:
        """Without a saved login it shows a code, and tells how the login goes."""
        self.sandbox.world.auto_scan = False
        said: list[str] = []
        self.patch(builtins, "print", said.append)
        shown: Deferred[None] = Deferred()
        show_code = example.show_code

        def show(account: AccountSession, code: QRCode) -> None:
            show_code(account, code)
            shown.callback(None)

        self.patch(example, "show_code", show)
        starting = Deferred.fromCoroutine(
            example.start(reactor, self.sandbox.url, AUTH_KEY)
        )
        await shown
        self.alice.scan("0")
        self.alice.confirm()
        account: AccountSession = await starting
        self.addCleanup(account.close)
        self.assertIn("0 is awaiting_scan", said)
        self.assertEqual(said[-1], "0 is ready")
        self.assertTrue((self.folder / "qrcode.png").read_bytes())


class PartTests(SynchronousTestCase):
    """Its parts, each with what comes in and what goes out."""

    def setUp(self) -> None:
        """Have the bot logged in at a gateway that the test plays."""
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        self.said: list[str] = []
        self.patch(builtins, "print", self.said.append)
        self.account, self.gateway = ready_account(handlers=example.setup)
        self.addCleanup(self.account.close)
        self.gateway.calls.clear()

    def take(self, code: str, **data: object) -> dict[str, Any]:
        """Take the only call, and answer it."""
        (call,) = self.gateway.calls
        self.gateway.calls.clear()
        self.assertEqual(call.code, code)
        self.gateway.reply(call.call_id, data)
        return call.params

    def test_own_texts(self) -> None:
        """What the account itself wrote is not answered."""
        own = text_message("ding", from_user="wxid_bot", to_user="wxid_friend")
        self.gateway.push(own)
        self.assertEqual(self.gateway.calls, [])

    def test_picture(self) -> None:
        """A picture is saved, and another one goes back."""
        (self.folder / "thanks.png").write_bytes(b"thanks")
        self.gateway.push(image_message(msg_id="77"))
        self.take("getMsgImage", image="YWJj", size=3)
        self.assertEqual((self.folder / "77.jpg").read_bytes(), b"abc")
        sent = self.take("sendImage")
        self.assertEqual(base64.b64decode(sent["image"]), b"thanks")
        self.assertEqual(sent["toUserName"], "wxid_friend")

    def test_friend(self) -> None:
        """Who says the word is accepted, with both codes."""
        for greeting in ("I am nobody", "padchat sent me"):
            self.gateway.push(
                push_item(
                    37,
                    from_user="fmessage",
                    to_user="wxid_bot",
                    content=FRIEND_REQUEST.format(greeting=greeting),
                )
            )
        accepted = self.take("acceptUser")
        self.assertEqual(
            accepted, {"stranger": "v1_7@stranger", "ticket": "v2_7@stranger"}
        )

    def test_contacts(self) -> None:
        """Names are kept, a remark before a nickname."""
        self.gateway.push(
            contact("wxid_a", nick_name="A"),
            contact("wxid_b", nick_name="B", remark="my friend B"),
        )
        self.assertEqual(example.names["wxid_a"], "A")
        self.assertEqual(example.names["wxid_b"], "my friend B")

    def test_room(self) -> None:
        """A room is created, and everybody in it is mentioned."""
        friends = ("wxid_a", "wxid_b")
        making = Deferred.fromCoroutine(example.make_room(self.account, friends))
        self.assertEqual(
            self.take("createRoom", userName="7@chatroom"), {"userList": [*friends]}
        )
        members = [{"userName": "wxid_a", "nickName": "A"}, {"nickName": "B"}]
        self.take("getRoomMembers", member=members)
        sent = self.take("sendMsg")
        self.assertEqual(
            (sent["content"], sent["atList"]), ("@A @B welcome", [*friends])
        )
        self.assertEqual(self.successResultOf(making), "7@chatroom")

    def test_no_room(self) -> None:
        """A refusal within a success is no room."""
        friends = ("wxid_a", "wxid_b")
        making = Deferred.fromCoroutine(example.make_room(self.account, friends))
        self.take("createRoom", userName="", message="not now", status=-1)
        error = self.failureResultOf(making, RuntimeError).value
        self.assertEqual(str(error), "no room: not now")

    def send(self) -> Deferred[bool]:
        """Send a text with care."""
        return Deferred.fromCoroutine(
            example.try_to_send(self.account, "wxid_a", "hello")
        )

    def test_sent(self) -> None:
        """What arrived arrived."""
        sending = self.send()
        self.take("sendMsg", msgId="1")
        self.assertTrue(self.successResultOf(sending))

    def test_not_sent(self) -> None:
        """What did not leave is sent once the account is back."""
        self.gateway.lose()
        sending = self.send()
        self.assertNoResult(sending)
        self.account.close()
        self.failureResultOf(sending)

    def test_refused(self) -> None:
        """A refusal is told, and final."""
        sending = self.send()
        (call,) = self.gateway.calls
        self.gateway.refuse(call.call_id, "no such contact")
        self.assertFalse(self.successResultOf(sending))
        self.assertEqual(self.said[-1], "the gateway says no: no such contact")

    def test_unknown(self) -> None:
        """What may have arrived is not sent again."""
        sending = self.send()
        self.gateway.lose()
        self.assertFalse(self.successResultOf(sending))
        self.assertIn("bot is retrying: the connection was lost", self.said[-1])
