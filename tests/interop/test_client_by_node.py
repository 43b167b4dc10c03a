"""Our client logs in to padchat_server.js, a gateway on npm socket.io 2.5.1."""

from __future__ import annotations

from padchat_twisted import (
    ConnectError,
    Contact,
    NeedsHuman,
    QRCode,
    Scan,
    StateChanged,
    TextMessage,
)
from padchat_twisted.catalogue import ScanStatus
from padchat_twisted.errors import (
    AuthKeyInvalid,
    LoginCancelled,
    LoginDeclined,
    NamespaceRefused,
    QRCodeExpired,
    TakenOver,
)
from padchat_twisted.service.qrcode import decode_picture, read_code

from .peers import AUTH_KEY, Line, PadchatServer
from .watched_account import ClientTestCase, WatchedAccount


async def sent(server: PadchatServer, cmd: str) -> Line:
    """The parameters of the next command of that name that the gateway got."""
    command = await server.peer.when_event("command", cmd=cmd)
    params: Line = command["args"][0]
    return params


class LoginTests(ClientTestCase):
    """Codes and tokens."""

    def states(self, bot: WatchedAccount) -> list[str]:
        """The states that the account entered and nobody waited for."""
        return [change.new for change in bot.take(StateChanged)]

    async def test_qr_login(self) -> None:
        """The picture is a code, and each step on the phone is a state."""
        server = await self.start_server()
        bot = await self.connect(server)
        connected = await server.peer.when_event("connected")
        self.assertEqual(connected["transport"], "websocket")
        code = await bot.when(QRCode)
        self.assertEqual(
            read_code(decode_picture(code.qr_code)),
            f"http://example.invalid/{connected['uin']}",
        )
        await bot.when(Scan, lambda scan: scan.status == ScanStatus.WAIT_SCAN)
        self.assertEqual(bot.account.state, "awaiting_scan")
        server.peer.send({"do": "scan"})
        scanned = await bot.when(Scan)
        self.assertEqual(scanned.nick_name, "账号 bot1 🐼")
        self.assertEqual(bot.account.state, "awaiting_confirm")
        ready = bot.account.when_ready()
        self.assertNoResult(ready)
        server.peer.send({"do": "confirm"})
        self.assertIs(await ready, bot.account)
        self.assertEqual(bot.account.user_name, connected["userName"])
        self.assertEqual(
            self.states(bot),
            [
                *("connecting", "initialising", "awaiting_scan", "awaiting_confirm"),
                *("logging_in", "syncing", "ready"),
            ],
        )

    async def test_contacts(self) -> None:
        """After the login the people and rooms come, and then it is ready."""
        _, bot = await self.logged_in()
        contacts = {contact.user_name: contact for contact in bot.take(Contact)}
        self.assertEqual(len(contacts), 5)
        self.assertEqual(contacts["wxid_bob"].nick_name, "李四 😀")
        room = contacts["10000000001@chatroom"]
        self.assertTrue(room.is_room)
        self.assertEqual(
            room.members, (bot.account.user_name, "wxid_alice", "wxid_bob")
        )

    async def test_token_login(self) -> None:
        """A second session finds device data and token in the store."""
        path = self.store_path()
        store = await self.open_store(path)
        server, bot = await self.logged_in(store=store)
        made = await sent(server, "init")
        self.assertEqual(
            sorted(made),
            ["deviceName", "deviceUuid", "deviceWifiMac", "deviceWifiName"],
        )
        self.assertEqual(await sent(server, "login"), {"loginType": "qrcode"})
        await bot.account.close()
        await store.close()

        bot = await self.connect(server, store=await self.open_store(path))
        await bot.when_state("ready")
        self.assertEqual(
            self.states(bot),
            ["connecting", "initialising", "logging_in", "syncing"],
        )
        self.assertEqual(bot.take(QRCode), [])
        kept = await sent(server, "init")
        self.assertTrue(kept.pop("deviceData"))
        self.assertEqual(kept, made)
        login = await sent(server, "login")
        self.assertEqual(login["loginType"], "token")
        self.assertTrue(login["token"])

    async def test_token_login_by_path(self) -> None:
        """A store of the session's own is free when the session is closed."""
        path = self.store_path()
        server, bot = await self.logged_in(store=path)
        await bot.account.close()
        bot = await self.connect(server, store=path)
        await bot.when_state("ready")
        self.assertEqual(bot.take(QRCode), [])

    async def test_expired_token(self) -> None:
        """A token that is refused is followed by a code, in the same session."""
        path = self.store_path()
        server, bot = await self.logged_in(store=path)
        await bot.account.close()
        await self.order(server, "expire_token")
        bot = await self.connect(server, store=path)
        await bot.when_state("ready")
        self.assertEqual(
            self.states(bot),
            [
                *("connecting", "initialising", "logging_in", "awaiting_scan"),
                *("awaiting_confirm", "logging_in", "syncing"),
            ],
        )

    async def test_codes_that_come_to_nothing(self) -> None:
        """Declined, cancelled and expired are three things; the third is the last."""
        server = await self.start_server()
        bot = await self.connect(server)
        reasons = []
        ready = bot.account.when_ready()
        for orders in (["scan", "decline"], ["scan", "cancel"], ["expire_code"]):
            await bot.when(QRCode)
            await bot.when(Scan, lambda scan: scan.status == ScanStatus.WAIT_SCAN)
            for order in orders:
                await self.order(server, order)
            change = await bot.when(StateChanged, lambda change: bool(change.reason))
            reasons.append(change.reason)
        self.assertIsInstance(reasons[0], LoginDeclined)
        self.assertIsInstance(reasons[1], LoginCancelled)
        self.assertIsInstance(reasons[2], NeedsHuman)
        assert reasons[2] is not None
        self.assertIsInstance(reasons[2].__cause__, QRCodeExpired)
        with self.assertRaises(NeedsHuman):
            await ready
        await server.peer.when_event("disconnected")
        bot.account.try_again()
        await bot.when(QRCode)


class AdmissionTests(ClientTestCase):
    """Who is let in, and who is not."""

    async def test_refused_key(self) -> None:
        """A wrong key has an error of its own, which does not repeat it."""
        server = await self.start_server()
        with self.assertRaises(AuthKeyInvalid) as caught:
            await self.connect(server, auth_key="KEY-9999")
        self.assertIn("authKey is not valid", str(caught.exception))
        self.assertIn(f"127.0.0.1:{server.port}", str(caught.exception))
        self.assertNotIn("KEY-9999", str(caught.exception))
        await server.peer.when_event("refused", authKey="KEY-9999")

    async def test_key_that_is_not_plain(self) -> None:
        """A key of any characters arrives as it is."""
        key = "a&b=c %41+/?#密钥"
        server = await self.start_server("--keys", key)
        await self.connect(server, auth_key=key, name="店 1&2")
        connected = await server.peer.when_event("connected")
        self.assertEqual(connected["query"]["authKey"], key)
        self.assertEqual(connected["query"]["name"], "店 1&2")

    async def test_unknown_namespace(self) -> None:
        """So has a namespace that there is not; the key is not to blame."""
        server = await self.start_server()
        url = server.url.replace("/user", "/nobody")
        with self.assertRaises(NamespaceRefused) as caught:
            await self.connect(server, url=url)
        self.assertNotIsInstance(caught.exception, AuthKeyInvalid)
        self.assertIn("/nobody", str(caught.exception))

    async def test_nobody_listens(self) -> None:
        """A gateway that is not there is named."""
        server = await self.start_server()
        await self.order(server, "gone")
        path = self.store_path()
        with self.assertRaises(ConnectError) as caught:
            await self.connect(server, store=path)
        self.assertFalse(caught.exception.is_permanent)
        self.assertIn(f"127.0.0.1:{server.port}", str(caught.exception))
        # Whoever tries again at once finds the store free.
        server.peer.send({"do": "back"})
        await server.peer.when_event("listening", port=server.port)
        await self.connect(server, store=path)

    async def test_two_accounts_of_one_key(self) -> None:
        """Sub-accounts log in side by side, and each hears its own."""
        server = await self.start_server("--auto-scan")
        store = await self.open_store(self.store_path())
        bots = [
            await self.connect(server, name=name, store=store)
            for name in ("bot1", "bot2")
        ]
        for bot in bots:
            await bot.when_state("ready")
        self.assertNotEqual(bots[0].account.user_name, bots[1].account.user_name)
        devices = [await sent(server, "init") for _ in bots]
        self.assertNotEqual(devices[0]["deviceUuid"], devices[1]["deviceUuid"])
        for bot in bots:
            name = bot.account.name
            say = {"from": "wxid_alice", "to": name, "content": f"to {name}"}
            await self.order(server, "say", **say)
        for bot in bots:
            message = await bot.when(TextMessage)
            self.assertEqual(message.text, f"to {bot.account.name}")
            self.assertEqual(message.to_user, bot.account.user_name)
            self.assertEqual(bot.take(TextMessage), [])

    async def test_taken_over(self) -> None:
        """The older session is told, and does not come back by itself."""
        server, older = await self.logged_in()
        await server.peer.when_event("connected")
        newer = await self.connect(server)
        await newer.when_state("ready")
        change = await older.when_state("needs_human")
        assert change.reason is not None
        self.assertIsInstance(change.reason.__cause__, TakenOver)
        await server.peer.when_event("disconnected")
        await server.peer.when_event("connected")
        # It does when a person says so; then the other one is told.
        older.account.try_again()
        await older.when_state("ready")
        await newer.when_state("needs_human")

    async def test_keys_do_not_meet(self) -> None:
        """Accounts of one name under two keys are two accounts."""
        server = await self.start_server("--auto-scan", "--keys", f"{AUTH_KEY},other")
        one = await self.connect(server)
        other = await self.connect(server, auth_key="other")
        for bot in (one, other):
            await bot.when_state("ready")
        self.assertNotEqual(one.account.user_name, other.account.user_name)
