"""What the documents show of commands, against the sandbox."""

from __future__ import annotations

import base64
from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted import AccountSession, CallRejected, ImageMessage, connect
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.shelf import Medium
from padchat_twisted.testing import ready_account

from .running import AUTH_KEY, ExampleTestCase, load, reactor

example: Any = load("commands")

#: A picture of one pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


class CommandTests(ExampleTestCase):
    """Each function does what it says."""

    async def ready(self) -> AccountSession:
        """Log an account in that has a room with alice and bob."""
        account = await connect(
            reactor, self.sandbox.url, auth_key=AUTH_KEY, name="bot"
        )
        self.addCleanup(account.close)
        await account.when_ready()
        world = self.sandbox.world
        self.room = world.room("dev", members=["alice", "bob", "bot"])
        return account

    async def test_outcomes(self) -> None:
        """A result and a refusal, each told in a sentence."""
        account = await self.ready()
        alice = self.alice.user_name
        said = await example.send_carefully(account, alice, "hello")
        self.assertEqual(said, f"sent as message {self.alice.inbox[-1].message_id}")
        said = await example.send_carefully(account, "wxid_nobody", "hello")
        self.assertEqual(
            said, "the gateway said no: toUserName is nobody in this world"
        )
        await account.close()
        said = await example.send_carefully(account, alice, "hello")
        self.assertEqual(
            said, "it did not leave, so it may be sent again: account 'bot' is closed"
        )

    def test_unknown_outcome(self) -> None:
        """A call whose connection goes is told from one that did not leave."""
        account, gateway = ready_account()
        saying = Deferred.fromCoroutine(
            example.send_carefully(account, "wxid_friend", "hello")
        )
        self.assertNoResult(saying)
        gateway.lose()
        self.assertEqual(
            self.successResultOf(saying),
            "it left, and no answer came: connection lost",
        )
        self.successResultOf(account.close())

    async def test_key(self) -> None:
        """An order is confirmed once, and its outcome is known again."""
        account = await self.ready()
        alice = self.alice.user_name
        said = [await example.confirm(account, alice, 17) for _ in range(2)]
        message = self.alice.inbox[-1]
        self.assertEqual(message.content, "order 17 is here")
        self.assertEqual(said, [f"sent as message {message.message_id}"] * 2)
        got = [each.content for each in self.alice.inbox]
        self.assertEqual(got.count("order 17 is here"), 1)

    def test_unknown_key(self) -> None:
        """A send that nobody knows of waits until it is settled."""
        account, gateway = ready_account()
        confirming = example.confirm(account, "wxid_friend", 17)
        self.assertNoResult(Deferred.fromCoroutine(confirming).addErrback(str))
        gateway.lose()
        confirming = Deferred.fromCoroutine(example.confirm(account, "wxid_friend", 17))
        self.assertEqual(
            self.successResultOf(confirming),
            "look whether it is in the chat, then settle order-17",
        )
        for has_message in ({"order-17"}, set()):
            settling = Deferred.fromCoroutine(example.settle(account, has_message))
            self.successResultOf(settling)
        self.assertEqual(self.successResultOf(account.unknown_sends()), [])
        self.successResultOf(account.close())

    async def test_rooms(self) -> None:
        """The members of a room are listed, and one of them is mentioned."""
        account = await self.ready()
        room = self.room.user_name
        name = await example.nick_name(account, self.alice.user_name)
        self.assertEqual(name, "alice")
        names = await example.member_names(account, room)
        self.assertEqual(names, ["alice", "bob", "bot"])
        self.assertEqual(await example.member_names(account, "1@chatroom"), [])
        await example.mention(account, room, self.alice.user_name, "look here")
        message = self.alice.inbox[-1]
        self.assertEqual(message.content, "@alice look here")
        self.assertEqual(message.mentioned, (self.alice.user_name,))

    async def test_pictures(self) -> None:
        """A picture comes back, and one is sent from a file."""
        account = await self.ready()
        account.on(ImageMessage, example.return_picture)
        came: Deferred[None] = Deferred()

        def message_sent(message: Message) -> None:
            if message.to is self.alice:
                came.callback(None)

        forget = self.sandbox.world.on_message(message_sent)
        self.alice.sends_image(PICTURE, to="bot")
        await came
        forget()
        file = self.folder / "picture.png"
        file.write_bytes(PICTURE)
        await example.send_file(account, self.alice.user_name, file)
        kinds = [message.kind for message in self.alice.inbox]
        self.assertEqual(kinds, [MessageType.IMAGE, MessageType.IMAGE])
        shelf = self.sandbox.world.mail.shelf
        for message in self.alice.inbox:
            picture = shelf.get(message.message_id, Medium.IMAGE, self.alice.user_name)
            self.assertEqual(picture, PICTURE)

    async def test_raw(self) -> None:
        """A command without a class reaches the gateway, which says what it knows."""
        account = await self.ready()
        with self.assertRaises(CallRejected) as caught:
            await example.task_state(account)
        self.assertEqual(caught.exception.code, "status")
