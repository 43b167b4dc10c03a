"""The sandbox gateway, logged in to and used by npm socket.io-client 2.x."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from twisted.trial.unittest import TestCase

from .peers import (
    AUTH_KEY,
    PATIENCE,
    Line,
    Peer,
    call,
    real_reactor,
    require_node,
    start_padchat_client,
)
from .sandbox import Sandbox, start_sandbox

#: How a PNG and a JPEG file begin.
PICTURE_STARTS = (b"\x89PNG\r\n", b"\xff\xd8\xff")


class SandboxByNodeTests(TestCase):
    """What a bot on PADCHAT's own Socket.IO client sees of the sandbox gateway."""

    timeout = 3 * PATIENCE

    def setUp(self) -> None:
        """A sandbox, and a place for the saved login."""
        require_node(self)
        self.token_file = Path(self.mktemp()).absolute()
        self.sandbox: Sandbox = start_sandbox(self)
        self.alice = self.sandbox.world.person("alice")

    def start_bot(self, *, auth_key: str = AUTH_KEY, name: str = "bot1") -> Peer:
        """Start a bot that logs in by itself and answers ding with dong."""
        return start_padchat_client(
            self,
            real_reactor(),
            self.sandbox.url,
            *("--auto", "--token-file", str(self.token_file)),
            auth_key=auth_key,
            name=name,
        )

    async def logged_in(self) -> Peer:
        """A bot that has logged in by a code that Bob scanned, contacts and all."""
        bot = self.start_bot()
        await bot.when_event("server_event", name="qrcode")
        bob = self.sandbox.world.person("bob")
        bob.scan("bot1")
        bob.confirm("bot1")
        await bot.when_event("logged_in", loginType="qrcode")
        await bot.when_event("server_event", name="loaded")
        return bot

    async def scan_status(self, bot: Peer, status: int) -> Line:
        """Wait for a scan event with this status; the waiting one is repeated."""
        line = await bot.when(
            lambda line: (
                line.get("name") == "scan" and line["args"][0]["status"] == status
            )
        )
        scan: Line = line["args"][0]
        return scan

    async def message(self, bot: Peer, content: str) -> Line:
        """Wait for the push of a text message; give its item."""

        def found(line: Line) -> list[Line]:
            items = line["args"][0]["list"] if line.get("name") == "push" else []
            return [item for item in items if item.get("content") == content]

        return found(await bot.when(lambda line: bool(found(line))))[0]

    async def test_qr_login(self) -> None:
        """Code, scan, confirmation, login: what came of each is seen by the bot."""
        bot = self.start_bot()
        code = await bot.when_event("server_event", name="qrcode")
        picture = base64.b64decode(code["args"][0]["qrCode"], validate=True)
        self.assertTrue(picture.startswith(PICTURE_STARTS))
        await self.scan_status(bot, 0)
        bob = self.sandbox.world.person("bob")
        bob.scan("bot1")
        await self.scan_status(bot, 1)
        bob.confirm("bot1")
        confirmed = await self.scan_status(bot, 2)
        self.assertEqual(confirmed["subStatus"], 0)
        self.assertEqual(confirmed["userName"], bob.user_name)
        await bot.when_event("server_event", name="login")
        await bot.when_event("logged_in", loginType="qrcode")
        await bot.when_event("server_event", name="loaded")
        saved = json.loads(self.token_file.read_text())
        self.assertTrue(saved["token"])
        self.assertTrue(saved["device"]["deviceData"])

    async def test_cancelled_scan(self) -> None:
        """A code that was cancelled on the telephone is followed by a new one."""
        bot = self.start_bot()
        await bot.when_event("server_event", name="qrcode")
        self.alice.scan("bot1")
        self.alice.cancel("bot1")
        await self.scan_status(bot, 4)
        self.assertTrue((await call(bot, "login", loginType="qrcode"))["success"])
        await bot.when_event("server_event", name="qrcode")

    async def test_token_login(self) -> None:
        """The second start needs no code."""
        bot = await self.logged_in()
        await bot.stop()
        bot = self.start_bot()
        await bot.when_event("logged_in", loginType="token")
        await bot.when_event("server_event", name="loaded")

    async def test_close_keeps_the_token_and_logout_voids_it(self) -> None:
        """After close the token is taken, after logout it is refused."""
        bot = await self.logged_in()
        self.assertTrue((await call(bot, "close"))["success"])
        await bot.when_event("server_event", name="close")
        await bot.stop()
        bot = self.start_bot()
        await bot.when_event("logged_in", loginType="token")
        self.assertTrue((await call(bot, "logout"))["success"])
        await bot.when_event("server_event", name="logout")
        await bot.stop()
        bot = self.start_bot()
        login = (await bot.when_event("ack", cmd="login"))["args"][0]
        self.assertFalse(login["success"])
        await bot.when_event("server_event", name="qrcode")

    async def test_command_with_reply(self) -> None:
        """A command does what it says, and its result comes back."""
        bot = await self.logged_in()
        to = self.alice.user_name
        sent = await call(bot, "sendMsg", toUserName=to, content="嗨 😀", atList=[])
        self.assertTrue(sent["success"])
        self.assertIsInstance(sent["data"]["msgId"], str)
        self.assertEqual(self.alice.inbox[-1].content, "嗨 😀")
        contact = await call(bot, "getContact", userId=to)
        self.assertEqual(contact["data"]["userName"], to)
        refused = await call(bot, "getContact")
        self.assertFalse(refused["success"])
        self.assertTrue(refused["msg"])

    async def test_push(self) -> None:
        """What somebody says is pushed, and the bot's answer gets there."""
        bot = await self.logged_in()
        self.alice.says("ding", to="bot1")
        item = await self.message(bot, "ding")
        self.assertEqual(item["fromUser"], self.alice.user_name)
        await bot.when_event("ack", cmd="sendMsg")
        self.assertEqual(self.alice.inbox[-1].content, "dong")

    async def test_refused_key(self) -> None:
        """A wrong key gets an ERROR packet with a text that does not repeat it."""
        bot = self.start_bot(auth_key="KEY-9999")
        error = (await bot.when_event("error"))["error"]
        self.assertIsInstance(error, str)
        self.assertNotIn("KEY-9999", error)

    async def test_refused_namespace(self) -> None:
        """So does a namespace that there is not."""
        url = self.sandbox.url.replace("/user", "/nobody")
        bot = start_padchat_client(self, real_reactor(), url)
        await bot.when_event("error")

    async def test_server_gone_and_back(self) -> None:
        """The bot comes back by token, and gets what was said meanwhile."""
        bot = await self.logged_in()
        await self.sandbox.gone()
        await bot.when_event("disconnect")
        await bot.when_event("connect_error")
        self.alice.says("are you there?", to="bot1")
        self.sandbox.back()
        await bot.when_event("logged_in", loginType="token")
        await self.message(bot, "are you there?")

    async def test_taken_over(self) -> None:
        """The newer connection of an account stays; the older one is told why."""
        bot = await self.logged_in()
        newer = self.start_bot()
        await newer.when_event("logged_in", loginType="token")
        close = await bot.when_event("server_event", name="close")
        self.assertTrue(close["args"][0]["msg"])
        await bot.when_event("disconnect", reason="io server disconnect")

    async def test_two_accounts_of_one_key(self) -> None:
        """Sub-accounts are told apart by their names."""
        bot = await self.logged_in()
        self.token_file = Path(self.mktemp()).absolute()
        other = self.start_bot(name="bot2")
        await other.when_event("server_event", name="qrcode")
        self.alice.scan("bot2")
        self.alice.confirm("bot2")
        await other.when_event("logged_in", loginType="qrcode")
        sent = await call(bot, "sendMsg", toUserName=self.alice.user_name, content="hi")
        self.assertTrue(sent["success"])
        await self.message(other, "hi")
