"""The sandbox gateway as a service: its port, its state file, its people."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted.catalogue import QRCode
from padchat_twisted.client import connect
from padchat_twisted.errors import AuthKeyInvalid, Disconnected
from padchat_twisted.sandbox.mail import MAX_TEXT_CHARACTERS
from padchat_twisted.sandbox.service import (
    MAX_PORT,
    MAX_STATE_BYTES,
    SAVE_SECONDS,
    Conversation,
    SandboxService,
    SandboxStateError,
    port_number,
)
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from tests.service.stage import when_state
from tests.store.contract import error_of

from .stage import DEVICE, KEY, Client


def log_in(world: World, name: str, **device: str) -> Client:
    """Log a client of a world in, as itself."""
    client = Client(world, name, KEY)
    client.init(**{**DEVICE, **device})
    client.call("login", {"loginType": "qrcode"})
    client.account.own_user.scan(client.account)
    client.account.own_user.confirm(client.account)
    return client


class StateCase(SynchronousTestCase):
    """Has a state file in a folder, and services in memory that use it."""

    def setUp(self) -> None:
        """Name a file that is not there."""
        self.path = Path(self.mktemp()).absolute() / "state" / "sandbox.json"

    def make(self, **options: Any) -> tuple[SandboxService, MemoryReactorClock]:  # noqa: ANN401 - the service's own
        """Make a service with that file."""
        reactor = MemoryReactorClock()
        options = {"state_path": self.path, **options}
        return SandboxService(reactor, **options), reactor

    def start(self) -> tuple[SandboxService, MemoryReactorClock]:
        """Make a service with that file, and start it."""
        service, reactor = self.make()
        service.startService()
        return service, reactor

    def write(self, content: bytes) -> None:
        """Put something where the state is kept."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(content)

    def problem(self) -> str:
        """Return why the file cannot be used; it must be left alone."""
        before = self.path.read_bytes()
        error = self.assertRaises(SandboxStateError, self.make)
        self.assertEqual(error.path, self.path)
        self.assertEqual(self.path.read_bytes(), before)
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])
        text = str(error)
        self.assertTrue(text.startswith(f"{self.path}: "), text)
        return text


class SaveTests(StateCase):
    """The world is written whole, for its owner only, and not too often."""

    def test_saved_in_time(self) -> None:
        """A change is in the file a second later, and not before."""
        service, reactor = self.start()
        service.world.person("alice")
        reactor.advance(SAVE_SECONDS * 0.9)
        self.assertFalse(self.path.exists())
        reactor.advance(SAVE_SECONDS * 0.1)
        self.assertIn("alice", self.make()[0].world.people)

    def test_saved_at_the_end(self) -> None:
        """What changed last is written when the service stops."""
        service, reactor = self.start()
        service.world.person("alice")
        self.successResultOf(service.stopService())
        self.assertIn("alice", self.make()[0].world.people)
        self.assertEqual(reactor.getDelayedCalls(), [])

    def test_only_changes(self) -> None:
        """Nothing is written while nothing changes."""
        service, reactor = self.start()
        service.world.person("alice")
        reactor.advance(SAVE_SECONDS)
        before = self.path.stat().st_ino
        reactor.pump([SAVE_SECONDS] * 3)
        self.assertEqual(self.path.stat().st_ino, before)
        service.world.person("bob")
        reactor.advance(SAVE_SECONDS)
        self.assertNotEqual(self.path.stat().st_ino, before)

    def test_mode(self) -> None:
        """File and folder are the owner's alone, whatever the usual mode is."""
        self.addCleanup(os.umask, os.umask(0))
        service, reactor = self.start()
        service.world.person("alice")
        reactor.advance(SAVE_SECONDS)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.path.parent.stat().st_mode), 0o700)

    def test_replaced(self) -> None:
        """The new state takes the old one's place in one step; nothing else stays."""
        service, reactor = self.start()
        service.world.person("alice")
        reactor.advance(SAVE_SECONDS)
        old = self.path.parent.parent / "old.json"
        os.link(self.path, old)
        content = old.read_bytes()
        service.world.person("bob")
        reactor.advance(SAVE_SECONDS)
        self.assertEqual(old.read_bytes(), content)
        self.assertNotEqual(self.path.read_bytes(), content)
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])

    def test_not_written(self) -> None:
        """What cannot be written is told, leaves nothing, and is tried again."""
        service, reactor = self.start()
        self.path.mkdir(parents=True)
        service.world.person("alice")
        with capturedLogs() as events:
            reactor.advance(SAVE_SECONDS)
        (event,) = events
        self.assertEqual(event["path"], str(self.path))
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])
        self.path.rmdir()
        reactor.advance(SAVE_SECONDS)
        self.assertIn("alice", self.make()[0].world.people)

    def test_half_an_emoji(self) -> None:
        """A device whose name was cut in the middle of an emoji is kept as it is."""
        service, reactor = self.start()
        client = log_in(service.world, "bot1", deviceName="iPad \ud83d")
        token = client.token()
        reactor.advance(SAVE_SECONDS)
        again, _ = self.make()
        client = Client(again.world, "bot1", KEY)
        client.init(**{**DEVICE, "deviceName": "iPad \ud83d"})
        reply = client.call("login", {"loginType": "token", "token": token})
        self.assertTrue(reply.success, reply.msg)

    def test_no_secrets(self) -> None:
        """Neither auth key nor token stand in the file."""
        service, reactor = self.start()
        token = log_in(service.world, "bot1").token()
        reactor.advance(SAVE_SECONDS)
        text = self.path.read_text()
        self.assertIn(DEVICE["deviceUuid"], text)
        self.assertNotIn(KEY, text)
        self.assertNotIn(token, text)

    def test_without_file(self) -> None:
        """Without a file the world ends with the service."""
        service, reactor = self.make(state_path=None)
        service.startService()
        service.world.person("alice")
        self.assertEqual(reactor.getDelayedCalls(), [])
        self.successResultOf(service.stopService())
        self.assertFalse(self.path.parent.exists())


class LoadTests(StateCase):
    """A file that cannot be used is told and left alone."""

    def test_damaged(self) -> None:
        """What is no saved world is refused, with the way out."""
        for content in (
            b"",
            b"{",
            b"\xff\xfe",
            b"[]",
            b"null",
            b"{}",
            b'{"version":NaN}',
            b"[" * 100_000,
            b'{"version":1,"people":[],"rooms":[],"accounts":[{}]}',
        ):
            self.write(content)
            self.assertIn("move it away to begin with an empty world", self.problem())

    def test_newer(self) -> None:
        """A file of a newer version is refused by its number."""
        self.write(b'{"version":99}')
        self.assertIn("it has version 99", self.problem())

    def test_not_a_file(self) -> None:
        """A folder in its place is told as such."""
        self.path.mkdir(parents=True)
        error = self.assertRaises(SandboxStateError, self.make)
        self.assertIn("it cannot be read: Is a directory", str(error))

    def test_size(self) -> None:
        """A file may have 64 MiB, and not one byte more."""
        service, _ = self.make()
        service.world.person("alice")
        content = json.dumps(service.world.dump()).encode()
        self.write(content + b" " * (MAX_STATE_BYTES - len(content)))
        self.assertIn("alice", self.make()[0].world.people)
        with self.path.open("ab") as file:
            file.write(b" ")
        error = self.assertRaises(SandboxStateError, self.make)
        self.assertIn(f"it has more than {MAX_STATE_BYTES} bytes", str(error))


class ConversationTests(StateCase):
    """One pretend person talks to everybody who is logged in."""

    def setUp(self) -> None:
        """Let alice talk."""
        super().setUp()
        self.world = self.make()[0].world
        self.shown: list[str] = []
        self.conversation = Conversation(self.world, "alice", self.shown.append)

    def test_everybody(self) -> None:
        """What is said reaches each account that is logged in, and no other."""
        one, two = log_in(self.world, "one"), log_in(self.world, "two")
        three = Client(self.world, "three", KEY)
        for client in (one, two, three):
            client.take()
        self.conversation.say("hello")
        self.assertEqual([x.texts() for x in (one, two, three)], [["hello"]] * 2 + [[]])
        self.assertEqual(self.shown, [])
        self.assertEqual(
            [account.name for account in self.conversation.accounts()], ["one", "two"]
        )

    def test_nobody(self) -> None:
        """Without anybody logged in that is told."""
        self.conversation.say("hello")
        self.assertEqual(self.shown, ["nobody is logged in yet"])

    def test_refused(self) -> None:
        """What cannot be said is told, for each account."""
        log_in(self.world, "one")
        self.conversation.say("x" * MAX_TEXT_CHARACTERS)
        self.assertEqual(self.shown, [])
        self.conversation.say("x" * (MAX_TEXT_CHARACTERS + 1))
        self.assertEqual(
            self.shown,
            [f"not said to one: a text has 1 to {MAX_TEXT_CHARACTERS} characters"],
        )

    def test_scan_at_the_terminal(self) -> None:
        """What begins with /scan scans and confirms a code; all else is said."""
        client = Client(self.world, "one", KEY)
        client.show_code()
        self.conversation.typed("/scan one")
        self.assertEqual([x.name for x in self.conversation.accounts()], ["one"])
        client.take()
        self.conversation.typed("/scanner")
        self.assertEqual(client.texts(), ["/scanner"])
        self.assertEqual(self.shown, [])
        self.conversation.typed("/scan two")
        self.assertEqual(len(self.shown), 1)
        self.assertIn("no client has connected as 'two'", self.shown[0])

    def test_scan_accounts_of_several_keys(self) -> None:
        """A name that several keys have means each of them that shows a code."""
        clients = [Client(self.world, "one", key) for key in ("a", "b")]
        for client in clients:
            client.show_code()
        self.conversation.typed("/scan one")
        logged_in = [client.account.is_logged_in for client in clients]
        self.assertEqual((logged_in, self.shown), ([True, True], []))


class PortNumberTests(SynchronousTestCase):
    """What a command line may name as a port."""

    def test_numbers(self) -> None:
        """All numbers of TCP are ports."""
        for text in ("0", "1", "7700", str(MAX_PORT)):
            self.assertEqual(port_number(text), int(text))

    def test_others(self) -> None:
        """Anything else is refused, with what a port is."""
        for text in ("", "-1", str(MAX_PORT + 1), "80 ", "http", "1e3", "٣", "9" * 99):
            error = self.assertRaises(ValueError, port_number, text)
            self.assertIn(f"a port is a number from 0 to {MAX_PORT}, not", str(error))


class RunningTests(TestCase):
    """The service on a real port."""

    timeout = 60

    def start(self, **options: Any) -> SandboxService:  # noqa: ANN401 - the service's own
        """Start a service that scans at once, until the test ends."""
        from twisted.internet import reactor

        options = {"port": 0, "auto_scan": True, **options}
        service = SandboxService(reactor, **options)
        service.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self.addCleanup(lambda: service.stopService() if service.running else None)
        service.startService()
        return service

    def connect(
        self, url: str, *, store: MemoryStore | None = None, key: str = KEY
    ) -> Deferred[AccountSession]:
        """Connect an account, until the test ends; ``codes`` counts its QR codes."""
        from twisted.internet import reactor

        self.codes = 0

        def count(account: AccountSession, code: QRCode) -> None:
            self.codes += 1

        def set_up(account: AccountSession) -> None:
            account.on(QRCode, count)
            self.addCleanup(account.close)

        return connect(
            reactor, url, auth_key=key, name="bot1", store=store, handlers=set_up
        )

    async def test_token_outlives_restart(self) -> None:
        """After a restart on the same port the saved token lets the account in."""
        state = Path(self.mktemp()).absolute() / "sandbox.json"
        store = MemoryStore()
        await store.open()
        service = self.start(state_path=state)
        account = await self.connect(service.url, store=store)
        await account.when_ready()
        self.assertEqual(self.codes, 1)
        await account.close()
        await service.stopService()

        port = int(service.url.rpartition(":")[2].removesuffix("/user"))
        again = self.start(state_path=state, port=port)
        self.assertEqual(again.url, service.url)
        account = await self.connect(again.url, store=store)
        await account.when_ready()
        self.assertEqual(self.codes, 0)

    async def test_stop_drops_clients(self) -> None:
        """A stop drops the clients; their accounts stay logged in."""
        service = self.start()
        account = await self.connect(service.url)
        await account.when_ready()
        lost = when_state(account, "retrying")
        await service.stopService()
        self.assertIsInstance((await lost).reason, Disconnected)
        self.assertTrue(service.world.account("bot1").is_logged_in)

    async def test_port_taken(self) -> None:
        """A port that is taken is an error of the start; stopping still works."""
        service = self.start()
        port = int(service.url.rpartition(":")[2].removesuffix("/user"))
        error = self.assertRaises(CannotListenError, self.start, port=port)
        self.assertEqual(error.port, port)

    async def test_keys(self) -> None:
        """Only the keys that were named are accepted, where any was named."""
        service = self.start(auth_keys=[KEY, "another"])
        await self.connect(service.url, key="another")
        await error_of(self.connect(service.url, key="a third"), AuthKeyInvalid)

    async def test_pages(self) -> None:
        """Its codes and its log lead to its own address."""
        with capturedLogs() as events:
            service = self.start()
        base = service.url.removesuffix("/user")
        self.assertEqual(service.world.base_url, base)
        logged = [event.get("url") for event in events]
        self.assertIn(service.url, logged)
        place = base.removeprefix("http://")
        others = {"legacy": f"ws://{place}/ws", "sdk": f"ws://{place}/AUTH_KEY"}
        self.assertEqual(service.other_urls, others)
        self.assertLess(set(others.values()), set(logged))
