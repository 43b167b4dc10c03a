"""A service that is killed at the worst moments comes back (acceptance A4).

The service is a real process, ``twistd -n padchat``; the sandbox gateway runs in the
test. Between them is a proxy that holds back a reply, so that the process is killed
after the gateway did something and before the process knows.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from twisted.internet.defer import DeferredQueue
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from twisted.trial.unittest import TestCase

from padchat_twisted import GetDeviceInfo, SQLiteStore, connect
from padchat_twisted.sandbox.messages import Message

from .holding_proxy import start_proxy
from .peers import AUTH_KEY, PATIENCE, Peer, real_reactor
from .sandbox import start_sandbox
from .watched_account import WatchedAccount

ROOT = Path(__file__).parents[2]

NAME = "bot1"

CONFIGURATION = """
[gateway]
url = "{url}"
auth_key = {{ env = "TEST_AUTH_KEY" }}

[[account]]
name = "{name}"
handlers = "tests.interop.reporting_bot:setup"
"""

# Replies of the gateway. The second call of a connection, with ack id 1, is the login;
# the token comes alone, and only a sent message gives an id.
LOGIN_REPLY = rb"43/user,1\["
TOKEN_REPLY = rb'43/user,\d+\[\{"success":true,[^\[\]]*"token":"'
SENT_REPLY = rb'43/user,\d+\[\{"success":true,[^\[\]]*"msgId":"'


@dataclass(frozen=True)
class Stored:
    """What a store has of the account.

    Args:
        device: its device data, as text.
        login_token: its token, or None.
    """

    device: str
    login_token: str | None


class KilledServiceTests(TestCase):
    """kill -9, and what the next start finds."""

    timeout = 3 * PATIENCE

    def setUp(self) -> None:
        """A sandbox behind a proxy, and the folder of a service."""
        self.sandbox = start_sandbox(self)
        self.world = self.sandbox.world
        self.alice = self.world.person("alice")
        self.proxy = start_proxy(self, self.sandbox.port)
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.store = self.folder / "padchat.sqlite"
        text = CONFIGURATION.format(url=self.proxy.url, name=NAME)
        (self.folder / "padchat.toml").write_text(text)
        self.echoes: DeferredQueue[str] = DeferredQueue()
        self.addCleanup(self.world.on_message(self._sent))

    def _sent(self, message: Message) -> None:
        if message.content.startswith("echo of "):
            self.echoes.put(message.content)

    def start_service(self) -> Peer:
        """Start the service; its handlers report what happens.

        It is started as it is by hand, so a killed one leaves its ``twistd.pid``.
        """
        reactor = real_reactor()
        service = Peer(IReactorTime(reactor), "twistd padchat")
        twistd = Path(sys.executable).with_name("twistd")
        reactor.spawnProcess(
            service,
            sys.executable,
            [
                *(sys.executable, *(["-B"] if sys.dont_write_bytecode else [])),
                *(str(twistd), "--nodaemon", "--logfile", "twistd.log"),
                *("padchat", "--config", "padchat.toml"),
            ],
            env={"TEST_AUTH_KEY": AUTH_KEY, "PYTHONPATH": str(ROOT)},
            path=str(self.folder),
        )
        self.addCleanup(service.kill)
        return service

    async def state(self, service: Peer, state: str) -> None:
        """Wait until the account enters a state, of which nobody asked before."""
        await service.when_event("state", state=state)

    def code(self) -> str:
        """What the code says that the gateway shows now."""
        return self.world.login_shown_by(NAME).content

    async def log_in(self) -> Stored:
        """Let the account log in by a code once, here, and give back its store."""
        reactor = IReactorFromThreads(real_reactor())
        store = SQLiteStore(reactor, self.store)
        await store.open()
        token_came = self.proxy.when_passed(TOKEN_REPLY)
        self.world.auto_scan = True
        bot = WatchedAccount()
        account = await connect(
            reactor,
            self.proxy.url,
            auth_key=AUTH_KEY,
            name=NAME,
            handlers=bot.listen,
            store=store,
        )
        await token_came
        await bot.when_state("ready")
        # Its reply comes behind that of the token.
        await account.call(GetDeviceInfo())
        await account.close()
        await store.close()
        # From now on only a token helps.
        self.world.auto_scan = False
        stored = self.stored()
        self.assertTrue(stored.login_token)
        self.assertIn("deviceData", stored.device)
        return stored

    def stored(self) -> Stored:
        """Read the store, which must be intact; a copy of it, as a kill left it."""
        copy = Path(self.mktemp())
        copy.mkdir()
        for file in (self.store, *self.folder.glob(f"{self.store.name}-*")):
            shutil.copy(file, copy)
        with closing(sqlite3.connect(copy / self.store.name)) as database:
            self.assertEqual(
                database.execute("PRAGMA quick_check").fetchall(), [("ok",)]
            )
            rows = database.execute("SELECT device, login_token FROM account")
            (row,) = rows.fetchall()
        return Stored(*row)

    async def comes_back_by_token(self) -> None:
        """The next start must need no code, and work."""
        service = self.start_service()
        found = await service.when(
            lambda line: line["event"] == "qrcode" or line.get("state") == "ready"
        )
        self.assertEqual(found["event"], "state")
        self.alice.says("are you there?", to=NAME)
        while await self.echoes.get() != "echo of are you there?":
            # A message that was on its way when the service died comes again.
            pass

    async def test_during_the_token_login(self) -> None:
        """The gateway let the account in, and the service did not hear of it."""
        before = await self.log_in()
        held = self.proxy.hold_from(LOGIN_REPLY)
        service = self.start_service()
        await self.state(service, "logging_in")
        await held
        await service.kill()
        self.assertEqual(self.stored(), before)
        await self.comes_back_by_token()

    async def test_during_a_command(self) -> None:
        """The gateway sent a message, and the service does not know whether it did."""
        before = await self.log_in()
        held = self.proxy.hold_from(SENT_REPLY)
        service = self.start_service()
        await self.state(service, "ready")
        self.alice.says("ding", to=NAME)
        self.assertEqual(await self.echoes.get(), "echo of ding")
        await held
        await service.kill()
        after = self.stored()
        self.assertEqual(after.device, before.device)
        self.assertTrue(after.login_token)
        await self.comes_back_by_token()

    async def test_while_idle(self) -> None:
        """Nothing is going on."""
        before = await self.log_in()
        service = self.start_service()
        await self.state(service, "ready")
        self.alice.says("ding", to=NAME)
        await service.when_event("echoed", text="ding")
        await service.kill()
        after = self.stored()
        self.assertEqual(after.device, before.device)
        self.assertTrue(after.login_token)
        await self.comes_back_by_token()

    async def test_during_the_first_qr_login(self) -> None:
        """Each start shows a code of its own, for the same device."""
        service = self.start_service()
        await service.when_event("qrcode")
        codes = [self.code()]
        await service.kill()
        before = self.stored()
        self.assertIsNone(before.login_token)
        service = self.start_service()
        await service.when_event("qrcode")
        codes.append(self.code())
        self.alice.scan(NAME)
        await self.state(service, "awaiting_confirm")
        await service.kill()
        self.assertEqual(self.stored(), before)
        service = self.start_service()
        await service.when_event("qrcode")
        codes.append(self.code())
        self.assertEqual(len(set(codes)), 3)
        self.alice.scan(NAME)
        self.alice.confirm(NAME)
        await self.state(service, "ready")

    async def test_before_the_first_token_came(self) -> None:
        """Who confirmed the code has to scan another one, for the same device."""
        held = self.proxy.hold_from(TOKEN_REPLY)
        service = self.start_service()
        await service.when_event("qrcode")
        code = self.code()
        self.alice.scan(NAME)
        self.alice.confirm(NAME)
        await held
        await service.kill()
        before = self.stored()
        self.assertIsNone(before.login_token)
        self.assertIn("deviceData", before.device)
        service = self.start_service()
        await service.when_event("qrcode")
        self.assertNotEqual(self.code(), code)
        self.assertEqual(self.stored(), before)
