"""The helper that runs the JavaScript peers, and the versions of their packages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase

from .peers import (
    INTEROP,
    MAX_KEPT_LINES,
    MAX_LINE_BYTES,
    PATIENCE,
    Peer,
    PeerError,
    real_reactor,
    require_node,
    start_padchat_server,
    start_peer,
)

VECTORS = INTEROP.parent / "vectors"


def printed(line: object) -> bytes:
    """A line as a peer prints it."""
    return json.dumps(line).encode() + b"\n"


class PeerTests(SynchronousTestCase):
    """`Peer`, without a process."""

    def setUp(self) -> None:
        """A peer whose clock stands still."""
        self.clock = Clock()
        self.peer = Peer(self.clock, "script.js")

    def test_hands_out_what_was_said_before(self) -> None:
        """A line that came before somebody asked for it is not lost."""
        self.peer.outReceived(printed({"event": "listening", "port": 1}))
        line = self.successResultOf(self.peer.when_event("listening"))
        self.assertEqual(line["port"], 1)

    def test_hands_out_each_line_once(self) -> None:
        """Of two lines that fit, the second waiter gets the second."""
        first, second = self.peer.when_event("login"), self.peer.when_event("login")
        self.peer.outReceived(printed({"event": "login", "n": 1}))
        self.assertEqual(self.successResultOf(first)["n"], 1)
        self.assertNoResult(second)
        self.peer.outReceived(printed({"event": "login", "n": 2}))
        self.assertEqual(self.successResultOf(second)["n"], 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_looks_at_the_fields(self) -> None:
        """A line with another value, or without the field, is not the one."""
        waiting = self.peer.when_event("command", cmd="init")
        self.peer.outReceived(printed({"event": "command", "cmd": "login"}))
        self.peer.outReceived(printed({"event": "command"}))
        self.assertNoResult(waiting)
        self.peer.outReceived(printed({"event": "command", "cmd": "init"}))
        self.successResultOf(waiting)

    def test_puts_cut_lines_together(self) -> None:
        """A line that comes byte by byte is read when it is whole."""
        waiting = self.peer.when_event("listening")
        for byte in printed({"event": "listening"}):
            self.assertNoResult(waiting)
            self.peer.outReceived(bytes([byte]))
        self.successResultOf(waiting)

    def test_keeps_a_bounded_number_of_lines(self) -> None:
        """The oldest lines that nobody asked for go first."""
        self.peer.outReceived(printed({"event": "old"}))
        self.peer.outReceived(printed({"event": "new"}) * MAX_KEPT_LINES)
        self.successResultOf(self.peer.when_event("new"))
        waiting = self.peer.when_event("old")
        self.assertNoResult(waiting)
        waiting.cancel()
        self.failureResultOf(waiting)

    def test_a_line_of_the_limit_is_read(self) -> None:
        """As many bytes as a line may have are no fault, one more are."""
        self.peer.outReceived(b"x" * MAX_LINE_BYTES)
        waiting = self.peer.when_event("listening")
        self.assertNoResult(waiting)
        self.peer.outReceived(b"x")
        self.assertIn("bytes", str(self.failureResultOf(waiting, PeerError).value))

    def test_gives_up_and_tells_what_was_said_instead(self) -> None:
        """After `PATIENCE` seconds the error quotes lines and standard error."""
        waiting = self.peer.when_event("login")
        self.peer.outReceived(printed({"event": "refused"}))
        self.peer.errReceived(b"a warning")
        self.clock.advance(PATIENCE)
        error = str(self.failureResultOf(waiting, PeerError).value)
        self.assertIn("{'event': 'refused'}", error)
        self.assertIn("a warning", error)

    def test_cancelled_waiting_leaves_nothing(self) -> None:
        """Cancelling stops the clock and leaves the line to the next who asks."""
        waiting = self.peer.when_event("login")
        waiting.cancel()
        self.failureResultOf(waiting)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.peer.outReceived(printed({"event": "login"}))
        self.successResultOf(self.peer.when_event("login"))

    def test_a_dead_peer_fails_those_who_wait_with_its_last_words(self) -> None:
        """The error names script, end and standard error, now and for who comes."""
        waiting = self.peer.when_event("listening")
        self.peer.errReceived(b"Error: Cannot find module")
        self.peer.processEnded(Failure(ProcessTerminated(1)))
        for failed in (waiting, self.peer.when_event("login")):
            error = str(self.failureResultOf(failed, PeerError).value)
            self.assertIn("script.js ended by itself", error)
            self.assertIn("exit code 1", error)
            self.assertIn("Cannot find module", error)
        self.successResultOf(self.peer.stop())

    def test_an_end_without_error_is_a_fault_too(self) -> None:
        """A peer that was not stopped must not end; its stop tells, once."""
        self.peer.processEnded(Failure(ProcessDone(0)))
        self.failureResultOf(self.peer.stop(), PeerError)
        self.successResultOf(self.peer.stop())

    def test_a_fault_is_told_at_once(self) -> None:
        """Nobody waits for what a refused order will never bring."""
        waiting = self.peer.when_event("login")
        self.peer.outReceived(printed({"event": "fault", "error": "no such order"}))
        error = self.failureResultOf(waiting, PeerError)
        self.assertIn("no such order", str(error.value))

    def test_an_awaited_fault_is_a_line_like_others(self) -> None:
        """A test may provoke a fault; it is no reason to fail then."""
        waiting = self.peer.when_event("fault")
        self.peer.outReceived(printed({"event": "fault", "error": "reserved"}))
        self.assertEqual(self.successResultOf(waiting)["error"], "reserved")

    def test_output_that_is_no_json_is_a_fault(self) -> None:
        """Whatever a library prints between the lines is shown."""
        waiting = self.peer.when_event("listening")
        self.peer.outReceived(b"deprecated\n")
        error = self.failureResultOf(waiting, PeerError)
        self.assertIn("deprecated", str(error.value))


class RequireNodeTests(TestCase):
    """`require_node`."""

    def folder(self, installed: dict[str, str]) -> Path:
        """A folder whose package.json wants socket.io, also under another name."""
        folder = Path(self.mktemp())
        folder.mkdir()
        wanted = {"socket.io": "2.5.1", "socket.io-4": "npm:socket.io@4.8.4"}
        (folder / "package.json").write_text(json.dumps({"dependencies": wanted}))
        for name, version in installed.items():
            package = folder / "node_modules" / name
            package.mkdir(parents=True)
            (package / "package.json").write_text(json.dumps({"version": version}))
        return folder

    def test_without_node(self) -> None:
        """The reason says that node is not there."""
        with patch.dict(os.environ, {"PATH": self.mktemp()}):
            skip = self.assertRaises(SkipTest, require_node, self)
        self.assertIn("node is not on PATH", str(skip))

    def test_without_a_package(self) -> None:
        """The reason names the package, its version and the remedy."""
        require_node(self)
        folder = self.folder({"socket.io": "2.5.1"})
        skip = self.assertRaises(SkipTest, require_node, self, folder=folder)
        self.assertIn("socket.io-4 4.8.4 is not in", str(skip))
        self.assertIn("npm ci", str(skip))

    def test_with_another_version(self) -> None:
        """What an older lock file has left behind does not count."""
        require_node(self)
        folder = self.folder({"socket.io": "2.4.0", "socket.io-4": "4.8.4"})
        skip = self.assertRaises(SkipTest, require_node, self, folder=folder)
        self.assertIn("socket.io 2.5.1 is not in", str(skip))

    def test_with_all_packages(self) -> None:
        """The path of node comes back."""
        require_node(self)
        folder = self.folder({"socket.io": "2.5.1", "socket.io-4": "4.8.4"})
        self.assertTrue(Path(require_node(self, folder=folder)).is_file())


class LockFileTests(SynchronousTestCase):
    """package-lock.json."""

    def setUp(self) -> None:
        """Read the lock file."""
        lock = json.loads((INTEROP / "package-lock.json").read_text())
        self.packages: dict[str, dict[str, str]] = lock["packages"]

    def version(self, path: str) -> str:
        """The locked version of the package at a path below node_modules."""
        return self.packages[f"node_modules/{path}"]["version"]

    def test_names_no_registry(self) -> None:
        """A package is pinned by version and checksum, wherever it comes from."""
        for path, package in self.packages.items():
            self.assertNotIn("resolved", package, path)
            self.assertTrue(path == "" or package["integrity"], path)

    def test_has_the_versions_of_the_vectors(self) -> None:
        """The peers are those whose bytes the vectors are."""
        for scenario, server, engine, client in (
            (
                "eio3-ws-padchat-transports",
                *("socket.io", "engine.io", "socket.io-client"),
            ),
            (
                "eio4-ws-connect-user",
                *("socket.io-4", "socket.io-4/node_modules/engine.io"),
                "socket.io-client-4",
            ),
        ):
            recorded = json.loads((VECTORS / f"{scenario}.json").read_text())
            self.assertEqual(
                f"socket.io@{self.version(server)} (engine.io@{self.version(engine)})",
                recorded["server"],
            )
            self.assertEqual(
                f"socket.io-client@{self.version(client)}", recorded["client"]
            )


class ProcessTests(TestCase):
    """`start_peer`, with processes."""

    timeout = 3 * PATIENCE

    async def test_a_script_that_fails_shows_its_error(self) -> None:
        """What node says about it is in the error."""
        peer = start_peer(self, real_reactor(), "no_such_script.js")
        with self.assertRaises(PeerError) as caught:
            await peer.when_event("listening")
        self.assertIn("no_such_script.js", str(caught.exception))

    async def test_a_killed_peer_is_no_failure(self) -> None:
        """A test may end a peer as a crash would, and stop it all the same."""
        server = await start_padchat_server(self, real_reactor())
        await server.peer.kill()
        await server.peer.stop()

    async def test_a_peer_ends_with_its_standard_input(self) -> None:
        """Stopping is polite: nothing has to be killed."""
        server = await start_padchat_server(self, real_reactor())
        await server.peer.stop()

    async def test_an_order_that_there_is_not(self) -> None:
        """The fault names the orders that there are."""
        server = await start_padchat_server(self, real_reactor())
        fault = server.peer.when_event("fault")
        server.peer.send({"do": "snooze"})
        self.assertIn("there are: scan confirm", (await fault)["error"])
