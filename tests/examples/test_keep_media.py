"""Files of messages, against a gateway that is played and against the sandbox."""

from __future__ import annotations

import base64
import builtins
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import AccountSession, ImageMessage, Message, connect
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.testing import image_message, push_item, ready_account

from .running import AUTH_KEY, ExampleTestCase, load, reactor
from .test_commands import PICTURE

example: Any = load("keep_media")

PARTIES = {"from_user": "wxid_friend", "to_user": "wxid_bot"}


class KeeperTests(SynchronousTestCase):
    """What comes is kept, each file once."""

    def setUp(self) -> None:
        """Have a bot that keeps files."""
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.keeper = example.Keeper(self.folder)
        self.account, self.gateway = ready_account(handlers=self.keeper.setup)
        self.addCleanup(self.account.close)
        self.gateway.calls.clear()

    def answer(self, content: bytes) -> None:
        """Give the image that is asked for."""
        call = self.gateway.last_call("getMsgImage")
        image = base64.b64encode(content).decode()
        self.gateway.reply(call.call_id, {"image": image, "size": len(content)})

    def kept(self) -> dict[str, bytes]:
        """Return what was kept, by the names of the files."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def test_image(self) -> None:
        """An image is fetched and saved; the same one again is not."""
        self.gateway.push(image_message(msg_id="1"))
        self.answer(b"abc")
        self.gateway.push(image_message(msg_id="2"))
        self.answer(b"abc")
        self.assertEqual(self.kept(), {"1.jpg": b"abc"})

    def test_voice(self) -> None:
        """A short voice needs no command."""
        self.gateway.push(push_item(34, msg_id="3", data="YWJj", **PARTIES))
        self.assertEqual(self.kept(), {"3.silk": b"abc"})

    def test_video(self) -> None:
        """A video cannot be had in every dialect, which is told."""
        said: list[str] = []
        self.patch(builtins, "print", said.append)
        self.gateway.push(push_item(43, msg_id="4", **PARTIES))
        (text,) = said
        self.assertIn("message 4 was not kept: 'getMsgVideo' was not sent", text)
        self.assertEqual(self.kept(), {})

    def test_too_large(self) -> None:
        """What is too large is not fetched."""
        content = '<msg><img length="5000001" /></msg>'
        self.gateway.push(push_item(3, msg_id="5", content=content, **PARTIES))
        self.assertEqual(self.gateway.calls, [])


class SendingTests(SynchronousTestCase):
    """What is sent."""

    def setUp(self) -> None:
        """Have a bot, and two files."""
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.file = self.folder / "file"
        self.file.write_bytes(b"abc")
        self.account, self.gateway = ready_account()
        self.addCleanup(self.account.close)
        self.gateway.calls.clear()

    def start(self, sending: Any) -> Deferred[None]:  # noqa: ANN401 - a coroutine
        """Start a coroutine of the example."""
        return Deferred.fromCoroutine(sending)

    def take(self, code: str) -> dict[str, Any]:
        """Take the only call, and answer it."""
        (call,) = self.gateway.calls
        self.gateway.calls.clear()
        self.assertEqual(call.code, code)
        data = {"image": "YWJj", "msgId": "1"}
        self.gateway.reply(call.call_id, data)
        return call.params

    def test_files(self) -> None:
        """A file goes by its path and by its bytes."""
        sending = self.start(example.send_files(self.account, "wxid_a", self.file))
        for _ in range(2):
            image = self.take("sendImage")
            self.assertEqual(image, {"toUserName": "wxid_a", "image": "YWJj"})
        self.successResultOf(sending)

    def test_pass_on(self) -> None:
        """What came is fetched, then sent."""
        message = ImageMessage(msg_id="1")
        sending = self.start(example.pass_on(self.account, message, "wxid_a"))
        self.take("getMsgImage")
        image = self.take("sendImage")
        self.assertEqual(image, {"toUserName": "wxid_a", "image": "YWJj"})
        self.successResultOf(sending)


class SandboxTests(ExampleTestCase):
    """The same over a real connection of dialect ``sdk``, which has all commands."""

    async def test_all_kinds(self) -> None:
        """What a friend sends is kept whole, and a voice goes back."""
        alice = self.alice
        keeper = example.Keeper(self.folder)
        keep, kept, waiting = keeper.keep, Deferred[None](), [1, 2, 3]

        async def keep_and_count(account: AccountSession, message: Message) -> None:
            await keep(account, message)
            waiting.pop()
            if not waiting:
                kept.callback(None)

        keeper.keep = keep_and_count
        url = self.sandbox.other_urls["sdk"].removesuffix("/AUTH_KEY")
        account = await connect(reactor, url, auth_key=AUTH_KEY, handlers=keeper.setup)
        self.addCleanup(account.close)
        await account.when_ready()
        large = bytes(range(256)) * 4096
        alice.sends_image(PICTURE, to="0")
        alice.sends_voice(b"short", to="0")
        alice.sends_video(large, to="0")
        await kept
        files = {path.suffix: path.read_bytes() for path in self.folder.iterdir()}
        self.assertEqual(files, {".jpg": PICTURE, ".silk": b"short", ".mp4": large})
        (silk,) = self.folder.glob("*.silk")
        await example.say(account, alice.user_name, silk)
        self.assertEqual(alice.inbox[-1].kind, MessageType.VOICE)
