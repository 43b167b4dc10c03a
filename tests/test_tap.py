"""The service by twistd."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.protocols.policies import WrappingFactory
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from padchat_twisted import tap
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.codes import STYLES
from padchat_twisted.socketio import Socket, SocketIOServer
from padchat_twisted.store import SQLiteStore
from padchat_twisted.store.cipher import make_store_key
from padchat_twisted.tap import Options, makeService

from .children import STDERR, TWISTD, Child, signal_number, start_child
from .service.stage import KEY, StageCase, real_reactor, when_detached, when_says

#: A descriptor that a daemon keeps open as long as it lives.
ALIVE = 3

GREETING = "你登录了！"
DING_DONG = "padchat_twisted.service.bots:ding_dong"


#: A bot that logs what it should not, as a library might.
TALKATIVE = """
from pathlib import Path
from twisted.logger import Logger
log = Logger("library")
def setup(account):
    from twisted.internet import reactor
    reactor.callWhenRunning(talk, Path("auth.key").read_text())
def talk(key):
    log.info("GET /?authKey={key}&name=0", key=key)
    try:
        raise ValueError("bad key " + key)
    except ValueError:
        log.failure("the handshake failed")
    log.info("the bot is up")
"""


async def when_written(path: Path, text: str) -> None:
    """Wait until a file has a text in it."""
    while not (path.exists() and text in path.read_text()):
        await deferLater(real_reactor(), 0.05)


def write_configuration(
    folder: Path, url: str, *ways: str, handlers: dict[str, str] | None = None
) -> Path:
    """Write a configuration of accounts and their handlers; return its path.

    Args:
        folder: where.
        url: of the gateway.
        ways: further lines of its section.
        handlers: references by names of accounts.
    """
    accounts = handlers or {"one": DING_DONG, "two": DING_DONG}
    key_file = folder / "auth.key"
    key_file.touch(mode=0o600)
    key_file.write_text(KEY)
    lines = ["[gateway]", f'url = "{url}"', 'auth_key = { file = "auth.key" }', *ways]
    for name, reference in accounts.items():
        lines += ["[[account]]", f'name = "{name}"', f'handlers = "{reference}"']
    path = folder / "padchat.toml"
    path.write_text("\n".join(lines))
    return path


def parsed(*arguments: str) -> Options:
    """Read a command line."""
    options = Options()
    options.parseOptions(list(arguments))
    return options


class OptionsTests(SynchronousTestCase):
    """The command line."""

    def refused(self, *arguments: str) -> str:
        """Return what is said of a command line that is refused."""
        return str(self.assertRaises(UsageError, parsed, *arguments))

    def test_config(self) -> None:
        """Without a configuration it says how to name one."""
        told = "name the configuration file: --config padchat.toml"
        self.assertEqual(self.refused(), told)
        self.assertEqual(self.refused("--config", ""), told)
        self.assertEqual(parsed("-c", "a.toml")["config"], "a.toml")

    def test_style(self) -> None:
        """A style that there is not is refused, with those that there are."""
        told = "--qr is one of blocks, inverted, ascii, not colour"
        self.assertEqual(self.refused("-c", "a.toml", "--qr", "colour"), told)
        for style in STYLES:
            self.assertEqual(parsed("-c", "a.toml", "--qr", style)["qr"], style)

    def test_unknown(self) -> None:
        """An unknown option is refused."""
        self.refused("-c", "a.toml", "--logfile", "a.log")


class MakeServiceTests(SynchronousTestCase):
    """What the command line makes."""

    def setUp(self) -> None:
        """Make a folder."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()

    def make(self, path: Path) -> PadChatService:
        """Make the service of a configuration."""
        service = cast(MultiService, makeService(parsed("--config", str(path))))
        (accounts,) = list(service)
        self.assertIsInstance(accounts, PadChatService)
        return cast(PadChatService, accounts)

    def test_accounts(self) -> None:
        """All accounts of the configuration are in it, and none is started."""
        path = write_configuration(self.folder, "http://gateway.invalid/user")
        before = sorted(self.folder.iterdir())
        service = self.make(path)
        states = {name: each.state for name, each in service.accounts.items()}
        self.assertEqual(states, {"one": "offline", "two": "offline"})
        self.assertFalse(service.running)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_store_keys(self) -> None:
        """The keys of the configuration are the store's."""
        path = write_configuration(self.folder, "http://gateway.invalid/user")
        path.write_text(f'{path.read_text()}\n[store]\nkeys.file = "store.key"\n')
        key = make_store_key()
        (self.folder / "store.key").touch(0o600)
        (self.folder / "store.key").write_text(key.reveal())
        store = cast(SQLiteStore, self.make(path)._store)
        self.assertEqual(store._cipher.fingerprints, (key.fingerprint(),))

    def test_problems(self) -> None:
        """All problems of a configuration end twistd, as text for a person."""
        path = write_configuration(
            self.folder, "ws://gateway.invalid/user", handlers={"one": "nothing"}
        )
        told = str(self.assertRaises(SystemExit, self.make, path))
        self.assertIn(f"{path}:2: [gateway] url: it begins with 'ws'", told)
        self.assertIn(f"{path}:6: [[account]] 1 handlers: 'nothing' is not of", told)

    def test_set_up_raises(self) -> None:
        """An account whose set-up raises is left out; the others stay."""
        module = self.folder / "broken_bot_of_test_tap.py"
        module.write_text("def setup(account):\n    raise ZeroDivisionError\n")
        path = write_configuration(
            self.folder,
            "http://gateway.invalid/user",
            handlers={"one": "broken_bot_of_test_tap:setup", "two": DING_DONG},
        )
        service = self.make(path)
        self.assertEqual(list(service.accounts), ["two"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class WayTests(StageCase):
    """What the configuration says of the way to the gateway."""

    async def test_handed_on(self) -> None:
        """The accounts connect in the revision and over the transports that it says."""
        reactor = real_reactor()
        came: Deferred[Socket] = Deferred()
        server = SocketIOServer(reactor, transports=("polling",))
        server.namespace("/user").on_connect(came.callback)
        root = Resource()
        root.putChild(b"socket.io", server.resource())
        site = WrappingFactory(Site(root))
        channels = site.protocols
        port = reactor.listenTCP(0, site, interface="127.0.0.1")
        path = write_configuration(
            self.folder,
            f"http://127.0.0.1:{port.getHost().port}/user",
            *("revision = 4", 'transports = ["websocket", "polling"]'),
            "fallback = true",
            handlers={"one": DING_DONG},
        )
        service = makeService(parsed("--config", str(path)))
        left_alone: list[bool] = []
        # This process is not the service's own: its collector goes on as before.
        self.patch(tap, "leave_alone_what_stays", lambda: left_alone.append(True))
        service.startService()
        self.assertEqual(left_alone, [True])
        try:
            socket = await came
            self.assertEqual(socket.query["EIO"], "4")
            self.assertEqual(socket.query["transport"], "polling")
        finally:
            await service.stopService()
            await server.stop()
            await port.stopListening()
            # Connections that were dropped end in the reactor's next turns.
            while channels:
                await deferLater(reactor, 0)
            for _ in range(3):
                await deferLater(reactor, 0)


class TwistdTests(StageCase):
    """A real twistd, against a sandbox in this process."""

    timeout = 120

    def twistd(self, *arguments: str, has_alive: bool = False) -> Child:
        """Run twistd in the folder of the test."""
        pipes: dict[int, str | int] = {0: "w", 1: "r", STDERR: "r"}
        if has_alive:
            pipes[ALIVE] = "r"
        return start_child(
            self, TWISTD, *arguments, folder=self.folder, descriptors=pipes
        )

    async def test_foreground_then_daemon(self) -> None:
        """In the foreground or as a daemon, it logs in, works, and logs nobody out."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        path = write_configuration(self.folder, sandbox.url)

        greeted = self.both_greet(sandbox)
        child = self.twistd("-n", "padchat", "--config", path.name)
        await greeted
        self.assertEqual(child.said(STDERR), "")
        control = self.folder / "padchat.sqlite.sock"
        self.assertTrue(control.is_socket())
        pictures = self.folder / "qrcodes"
        for name in ("one", "two"):
            told = (
                f"{name}: scan within 240 s with WeChat: {pictures}/qrcode-{name}.png"
            )
            self.assertIn(told, child.said())
        child.signal("TERM")
        self.assertEqual(await child.when_ended(), -signal_number("TERM"))
        self.assertIn("Server Shut Down.", child.said())
        self.assertNotIn("Traceback", child.said())
        self.assertFalse(control.exists())
        for name in ("one", "two"):
            await when_detached(sandbox, name)
            self.assertTrue(sandbox.world.account(name).is_logged_in)

        greeted = self.both_greet(sandbox)
        daemon = self.twistd(
            *("--logfile", "padchat.log", "--pidfile", "padchat.pid"),
            *("padchat", "--config", path.name),
            has_alive=True,
        )
        self.addCleanup(self.kill_daemon)
        await greeted
        self.assertEqual(daemon.said() + daemon.said(STDERR), "")
        answered = when_says(sandbox, "two", "dong")
        sandbox.world.person("alice").says("ding", to="two")
        await answered
        os.kill(int((self.folder / "padchat.pid").read_text()), signal.SIGTERM)
        # The parent ended long ago, with status 0; its pipe ends with the daemon.
        self.assertEqual(await daemon.when_ended(), 0)
        self.assertFalse((self.folder / "padchat.pid").exists())
        log = (self.folder / "padchat.log").read_text()
        self.assertIn("account one: syncing -> ready", log)
        self.assertIn("Server Shut Down.", log)
        # It came in by its tokens.
        self.assertNotIn("awaiting_scan", log)
        self.assertNotIn("Traceback", log)

    async def test_store_cannot_be_used(self) -> None:
        """A store that cannot be used ends it: one line, and no status of success."""
        path = write_configuration(self.folder, "http://gateway.invalid/user")
        store = self.folder / "padchat.sqlite"
        store.write_bytes(b"this is not a store")
        child = self.twistd("-n", "padchat", "--config", path.name)
        status = await child.when_ended()
        (line,) = child.lines(STDERR)
        told = f"padchat: {store.resolve()}: is not a store; put a copy back that works"
        self.assertTrue(line.startswith(told), line)
        self.assertEqual(status, -signal_number("TERM"))
        self.assertIn("no account was started: ", child.said())
        self.assertEqual(store.read_bytes(), b"this is not a store")
        self.assertFalse((self.folder / "twistd.pid").exists())

    async def test_planted_secret(self) -> None:
        """What others log of the auth key is redacted, wherever twistd writes it."""
        (self.folder / "talkative_bot_of_test_tap.py").write_text(TALKATIVE)
        path = write_configuration(
            self.folder,
            "http://gateway.invalid/user",
            handlers={"one": "talkative_bot_of_test_tap:setup"},
        )
        (self.folder / "auth.key").write_text("a-planted-auth-key-0123")
        for options, place in (
            (("-n",), None),
            (("-n", "--logfile", "a.log"), "a.log"),
        ):
            child = self.twistd(*options, "padchat", "--config", path.name)
            if place is None:
                await child.when_says("the bot is up")
            else:
                await when_written(self.folder / place, "the bot is up")
            child.signal("TERM")
            await child.when_ended()
            log = child.said() if place is None else (self.folder / place).read_text()
            self.assertIn("[library#info] GET /?authKey=[secret]&name=0", log)
            self.assertIn("ValueError: bad key [secret]", log)
            self.assertNotIn("a-planted-auth-key", log + child.said(STDERR))

    async def test_configuration_problems(self) -> None:
        """A configuration with problems ends it with status 1, and no traceback."""
        path = write_configuration(self.folder, "http://gateway.invalid/user#part")
        child = self.twistd("-n", "padchat", "--config", path.name)
        self.assertEqual(await child.when_ended(), 1)
        lines = child.lines(STDERR)
        self.assertTrue(lines[0].startswith("padchat.toml:2: [gateway] url: "), lines)
        self.assertTrue(lines[-1].startswith("    remedy: "), lines)

    def both_greet(self, sandbox: SandboxService) -> Deferred[list[Message]]:
        """Wait until both bots have greeted after their login."""
        return gatherResults(
            [when_says(sandbox, name, GREETING) for name in ("one", "two")]
        )

    def kill_daemon(self) -> None:
        """Leave no daemon behind when the test fails."""
        pid_file = self.folder / "padchat.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGKILL)
