"""Connections of our client to padchat_server.js that break, end or last."""

from __future__ import annotations

import signal

from padchat_twisted import GetContact, NotSent, OutcomeUnknown, QRCode, TextMessage
from padchat_twisted.errors import Disconnected, LoggedOut

from .peers import PadchatServer
from .watched_account import ClientTestCase, WatchedAccount

BOB = GetContact("wxid_bob")


class LossTests(ClientTestCase):
    """The connection is lost, and made again."""

    async def back_by_token(self, server: PadchatServer, bot: WatchedAccount) -> None:
        """The account must come back without a code, and work."""
        await bot.when_state("logging_in")
        await bot.when_state("ready")
        self.assertEqual(bot.take(QRCode), [])
        login = await server.peer.when_event("command", cmd="login")
        self.assertEqual(login["args"][0]["loginType"], "token")
        self.assertEqual((await bot.account.call(BOB)).user_name, "wxid_bob")

    async def logged_in_by_code(
        self, *arguments: str
    ) -> tuple[PadchatServer, WatchedAccount]:
        """An account that has logged in, whose code and states are forgotten."""
        server, bot = await self.logged_in(*arguments)
        await bot.when(QRCode)
        await bot.when_state("logging_in")
        await server.peer.when_event("command", cmd="login")
        return server, bot

    async def test_gateway_gone_and_back(self) -> None:
        """It tries again by itself until the gateway is there."""
        server, bot = await self.logged_in_by_code()
        await self.order(server, "gone")
        lost = await bot.when_state("retrying")
        self.assertIsInstance(lost.reason, Disconnected)
        with self.assertRaises(NotSent):
            await bot.account.call(BOB)
        # The first attempt is ordered, and fails; the next one comes by itself.
        bot.account.try_again()
        refused = await bot.when_state("retrying")
        self.assertIn(f"127.0.0.1:{server.port}", str(refused.reason))
        server.peer.send({"do": "back"})
        await self.back_by_token(server, bot)

    async def test_kicked(self) -> None:
        """A connection that breaks without a word is made again."""
        server, bot = await self.logged_in_by_code()
        await self.order(server, "kick", to="bot1")
        lost = await bot.when_state("retrying")
        assert isinstance(lost.reason, Disconnected)
        self.assertEqual(lost.reason.reason, "transport close")
        bot.account.try_again()
        await self.back_by_token(server, bot)

    async def test_disconnected_from_the_namespace(self) -> None:
        """So is one of which the gateway took leave."""
        server, bot = await self.logged_in_by_code()
        await self.order(server, "disconnect", to="bot1")
        lost = await bot.when_state("retrying")
        assert isinstance(lost.reason, Disconnected)
        self.assertEqual(lost.reason.reason, "io server disconnect")
        bot.account.try_again()
        await self.back_by_token(server, bot)

    async def test_task_closed(self) -> None:
        """After the event close the task is begun anew, by token."""
        server, bot = await self.logged_in_by_code()
        await self.order(server, "close", to="bot1")
        lost = await bot.when_state("retrying")
        self.assertIn("task closed", str(lost.reason))
        bot.account.try_again()
        await self.back_by_token(server, bot)

    async def test_logged_out_on_the_phone(self) -> None:
        """After the event logout only a code helps, and the device stays the same."""
        server, bot = await self.logged_in_by_code()
        before = await server.peer.when_event("command", cmd="init")
        await self.order(server, "logout", to="bot1")
        lost = await bot.when_state("retrying")
        self.assertIsInstance(lost.reason, LoggedOut)
        self.assertIn("logged out on the phone", str(lost.reason))
        bot.account.try_again()
        await bot.when(QRCode)
        await bot.when_state("ready")
        login = await server.peer.when_event("command", cmd="login")
        self.assertEqual(login["args"], [{"loginType": "qrcode"}])
        after = await server.peer.when_event("command", cmd="init")
        self.assertTrue(after["args"][0].pop("deviceData"))
        self.assertEqual(after["args"], before["args"])

    async def test_gateway_gone_during_a_login(self) -> None:
        """A login that was cut off begins again, with a new code."""
        server = await self.start_server()
        bot = await self.connect(server)
        await bot.when(QRCode)
        await self.order(server, "gone")
        await bot.when_state("retrying")
        server.peer.send({"do": "back"})
        await server.peer.when_event("listening", port=server.port)
        bot.account.try_again()
        await bot.when(QRCode)

    async def test_gateway_that_does_not_answer(self) -> None:
        """A gateway that hangs is left after its own time, and found again.

        It has 5 seconds more for the closing handshake, which it does not use.
        """
        server, bot = await self.logged_in_by_code(
            *("--ping-interval", "200", "--ping-timeout", "600")
        )
        server.peer.transport.signalProcess("STOP")
        self.addCleanup(self.resume, server)
        calling = bot.account.call(BOB)
        lost = await bot.when_state("retrying")
        assert isinstance(lost.reason, Disconnected)
        self.assertEqual(lost.reason.reason, "ping timeout")
        with self.assertRaises(OutcomeUnknown):
            await calling
        self.resume(server)
        bot.account.try_again()
        await self.back_by_token(server, bot)

    def resume(self, server: PadchatServer) -> None:
        """Let a gateway that was stopped go on."""
        server.peer.transport.signalProcess(signal.SIGCONT)


class LastingTests(ClientTestCase):
    """The connection lasts as long as it should, and no longer."""

    async def test_heartbeat(self) -> None:
        """The client pings as often as the gateway said."""
        server, bot = await self.logged_in("--ping-interval", "50")
        for _ in range(3):
            await server.peer.when_event("heartbeat", name="bot1")
        self.assertEqual(bot.account.state, "ready")
        self.assertEqual((await bot.account.call(BOB)).user_name, "wxid_bob")

    async def test_close(self) -> None:
        """Who closes the session leaves in good order; nobody is logged out."""
        path = self.store_path()
        server, bot = await self.logged_in(store=path)
        closed = bot.account.when_closed()
        await bot.account.close()
        self.successResultOf(closed)
        gone = await server.peer.when_event("disconnected")
        self.assertEqual(gone["reason"], "client namespace disconnect")
        say = {"from": "wxid_bob", "to": "bot1", "content": "meanwhile"}
        await self.order(server, "say", **say)
        self.assertEqual(bot.take(TextMessage), [])

    async def test_logout(self) -> None:
        """Who logs out needs a code the next time; the device stays the same."""
        path = self.store_path()
        server, bot = await self.logged_in(store=path)
        await bot.account.logout()
        self.assertEqual(bot.account.state, "closed")
        await server.peer.when_event("command", cmd="logout")
        bot = await self.connect(server, store=path)
        await bot.when(QRCode)
        await bot.when_state("ready")
        before = await server.peer.when_event("command", cmd="init")
        after = await server.peer.when_event("command", cmd="init")
        self.assertTrue(after["args"][0].pop("deviceData"))
        self.assertEqual(after["args"], before["args"])
