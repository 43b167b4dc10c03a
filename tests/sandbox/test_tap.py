"""The sandbox gateway by twistd."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted.client import connect
from padchat_twisted.sandbox.service import DEFAULT_PORT, SandboxService
from padchat_twisted.sandbox.tap import Options, makeService
from tests.children import STDERR, TWISTD, Child, new_folder, signal_number, start_child


def parsed(*arguments: str) -> Options:
    """Read a command line."""
    options = Options()
    options.parseOptions(list(arguments))
    return options


def made(*arguments: str) -> SandboxService:
    """Make the service of a command line."""
    return cast(SandboxService, makeService(parsed(*arguments)))


class OptionsTests(SynchronousTestCase):
    """The command line, and what it makes."""

    def test_defaults(self) -> None:
        """Without options it is the gateway of the documents, open to every key."""
        service = made()
        self.assertEqual(service.url, f"http://127.0.0.1:{DEFAULT_PORT}/user")
        self.assertFalse(service.world.auto_scan)
        self.assertTrue(service.gateway.accepts("any key"))
        self.assertFalse(service.running)

    def test_options(self) -> None:
        """Each option reaches the service; a key may be given several times."""
        service = made(
            *("--host", "127.0.0.2", "--port", "7", "--scan"),
            *("--auth-key", "one", "--auth-key", "two"),
        )
        self.assertEqual(service.url, "http://127.0.0.2:7/user")
        self.assertTrue(service.world.auto_scan)
        accepted = [service.gateway.accepts(key) for key in ("one", "two", "three")]
        self.assertEqual(accepted, [True, True, False])

    def test_keys_are_not_shared(self) -> None:
        """One command line does not have the keys of another."""
        parsed("--auth-key", "one")
        self.assertEqual(parsed()["auth_keys"], [])

    def test_port(self) -> None:
        """What is no port is refused, with what one is."""
        for text in ("http", "65536"):
            error = self.assertRaises(UsageError, parsed, "--port", text)
            self.assertIn(
                f"a port is a number from 0 to 65535, not {text!r}", str(error)
            )

    def test_unknown(self) -> None:
        """An unknown option is refused."""
        self.assertRaises(UsageError, parsed, "--scann")

    def test_state(self) -> None:
        """A state that cannot be used ends twistd with a text, and is left alone."""
        state = Path(self.mktemp())
        state.write_text("{")
        error = self.assertRaises(SystemExit, made, "--state", str(state))
        told = f"padchat-sandbox: {state.absolute()}: the saved state of the sandbox"
        self.assertTrue(str(error).startswith(told), str(error))
        self.assertEqual(state.read_text(), "{")


class FaultTests(SynchronousTestCase):
    """What goes wrong on purpose."""

    def told(self, *arguments: str) -> str:
        """Say what the service of a command line plays."""
        trouble = made(*arguments).gateway.trouble
        return "nothing" if trouble is None else trouble.told

    def test_options(self) -> None:
        """A scenario or a seed reaches the gateway; without them there is nothing."""
        self.assertEqual(self.told(), "nothing")
        self.assertIn("scenario push-twice", self.told("--scenario", "push-twice"))
        told = self.told("--chaos", "42", "--chaos-seconds", "60")
        self.assertEqual(told, "chaos with seed 42")

    def test_refused(self) -> None:
        """What cannot be played is refused, with the reason."""
        both = ("--scenario", "slow", "--chaos", "1")
        error = self.assertRaises(UsageError, parsed, *both)
        self.assertEqual(str(error), "either --scenario or --chaos")
        error = self.assertRaises(UsageError, parsed, "--chaos-seconds", "soon")
        self.assertIn("a time is a number of seconds", str(error))
        ended = self.assertRaises(SystemExit, made, "--scenario", "sloow")
        self.assertIn("did you mean slow?", str(ended))


class TwistdTests(TestCase):
    """A real twistd."""

    timeout = 90

    def start(self, *arguments: str) -> Child:
        """Run ``twistd -n padchat-sandbox``."""
        self.folder = new_folder(self)
        return start_child(
            self, TWISTD, "-n", "padchat-sandbox", *arguments, folder=self.folder
        )

    async def test_run(self) -> None:
        """It says where it listens, lets accounts in, and ends on SIGTERM."""
        from twisted.internet import reactor

        child = self.start("--port", "0", "--scan", "--state", "sandbox.json")
        line = await child.when_says("the sandbox gateway listens on ")
        account = await connect(reactor, line.rpartition(" ")[2], auth_key="key")
        self.addCleanup(account.close)
        await account.when_ready()
        await account.close()
        child.signal("TERM")
        # twistd ends as the signal says that it was told to end by.
        self.assertEqual(await child.when_ended(), -signal_number("TERM"))
        self.assertIn("Server Shut Down.", child.said())
        self.assertEqual(child.said(STDERR), "")
        self.assertTrue((self.folder / "sandbox.json").exists())

    async def test_cannot_start(self) -> None:
        """A state file that is none ends it with one line and status 1."""
        (folder := new_folder(self)).joinpath("sandbox.json").write_text("{")
        arguments = ("-n", "padchat-sandbox", "--port", "0", "--state", "sandbox.json")
        child = start_child(self, TWISTD, *arguments, folder=folder)
        self.assertEqual(await child.when_ended(), 1)
        (line,) = child.lines(STDERR)
        self.assertIn("sandbox.json: the saved state of the sandbox cannot", line)
