"""The real JavaScript peers as child processes, and the sandbox gateway they use.

A peer is one of the scripts of this folder. It takes orders and gives reports as JSON
objects, one a line::

    > {"do": "say", "from": "wxid_alice", "to": "bot1", "content": "ping"}
    < {"event": "command", "name": "bot1", "cmd": "sendMsg", "args": [...]}

In a trial test::

    gateway = await start_padchat_server(self, reactor, "--auto-scan")
    ...                                     # connect our client to gateway.url
    login = await gateway.peer.when_event("command", cmd="login")
    gateway.peer.send({"do": "kick"})

Peers end with their test. What a script can be told to do stands at its end.
"""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest import SkipTest

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ProcessDone
from twisted.internet.interfaces import (
    IDelayedCall,
    IProcessTransport,
    IReactorProcess,
    IReactorTime,
)
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

INTEROP = Path(__file__).parent

#: The authorisation key that padchat_server.js knows when it is given no other.
AUTH_KEY = "test-key"

#: Seconds in which a peer must have said what a test waits for. Only a broken test
#: waits that long; a start of node on a busy machine takes two or three.
PATIENCE = 30.0

#: Seconds between the polite end of a peer and its being killed.
GRACE = 5.0

#: Lines kept until a test asks for them; no test makes a peer say as much.
MAX_KEPT_LINES = 5_000

#: Bytes of one line; a picture of the tests has a few thousand.
MAX_LINE_BYTES = 4_000_000

#: Bytes of standard error that an error message quotes: the end of a stack trace.
MAX_QUOTED_BYTES = 4_000

#: One line of a peer, a JSON object.
Line = dict[str, Any]


class PeerError(Exception):
    """A peer could not be started, died, broke off or did not say what was awaited."""


@dataclass(eq=False, slots=True)
class _Wait:
    """Somebody waits for a line."""

    predicate: Callable[[Line], bool]
    deferred: Deferred[Line]
    limit: IDelayedCall


class Peer(ProcessProtocol):
    """One script of this folder, running as a child process.

    Args:
        clock: what limits the waiting; usually the reactor that runs the process.
        name: what error messages call it.
    """

    transport: IProcessTransport

    def __init__(self, clock: IReactorTime, name: str) -> None:
        self.name = name
        self._clock = clock
        self._unfinished_line = b""
        self._errors = b""
        self._lines: deque[Line] = deque(maxlen=MAX_KEPT_LINES)
        self._waits: list[_Wait] = []
        self._stops: list[Deferred[None]] = []
        self._kill: IDelayedCall | None = None
        self._is_killed = False
        self._has_ended = False
        self._fault: PeerError | None = None
        self._is_told = False

    def when(self, predicate: Callable[[Line], bool]) -> Deferred[Line]:
        """Wait for a line, which may have been said already.

        Each line is handed out once, so that a second login is not taken for the first.

        Args:
            predicate: says whether it is this line.

        Returns:
            The first line that fits and was not handed out before. Fails with
            `PeerError` when the peer dies, reports a fault, or says no such line
            within `PATIENCE` seconds.
        """
        for line in self._lines:
            if predicate(line):
                self._lines.remove(line)
                return succeed(line)
        if self._fault is not None:
            self._is_told = True
            return fail(self._fault)
        deferred: Deferred[Line] = Deferred(self._forget)
        limit = self._clock.callLater(PATIENCE, self._give_up, deferred)
        self._waits.append(_Wait(predicate, deferred, limit))
        return deferred

    def when_event(self, event: str, **fields: object) -> Deferred[Line]:
        """Wait for a report by its name and fields, as `when` does.

        Args:
            event: field ``event`` of the line.
            fields: other fields of the line and their values.
        """
        wanted = {"event": event, **fields}
        return self.when(lambda line: wanted == {key: line.get(key) for key in wanted})

    def forget_lines(self) -> None:
        """Forget what was said and not asked for."""
        self._lines.clear()

    def send(self, order: Mapping[str, object]) -> None:
        """Give an order; the peer reports "done", or "fault" when it cannot."""
        self.transport.write(json.dumps(order).encode() + b"\n")

    def stop(self) -> Deferred[None]:
        """End the process politely, and by force after `GRACE` seconds.

        Returns:
            Fires when the process is gone. Fails with `PeerError` when a fault was
            found with it that no waiting has failed with.
        """
        if self._has_ended:
            if self._fault is None or self._is_told:
                return succeed(None)
            self._is_told = True
            return fail(self._fault)
        if self._kill is None:
            self.transport.closeStdin()
            self._kill = self._clock.callLater(
                GRACE, self.transport.signalProcess, "KILL"
            )
        stopped: Deferred[None] = Deferred()
        self._stops.append(stopped)
        return stopped

    def kill(self) -> Deferred[None]:
        """End the process as a crash would; fires when it is gone."""
        self._is_killed = True
        if not self._has_ended:
            self.transport.signalProcess("KILL")
        return self.stop()

    def outReceived(self, data: bytes) -> None:
        """Take what the process printed."""
        *lines, self._unfinished_line = (self._unfinished_line + data).split(b"\n")
        for line in lines:
            self._heard(line)
        if len(self._unfinished_line) > MAX_LINE_BYTES:
            self._unfinished_line = b""
            self._blame(f"printed a line of more than {MAX_LINE_BYTES} bytes")

    def errReceived(self, data: bytes) -> None:
        """Keep the end of what the process printed on standard error."""
        self._errors = (self._errors + data)[-MAX_QUOTED_BYTES:]

    def processEnded(self, reason: Failure) -> None:
        """Tell everybody who waits for a line or for the end."""
        self._has_ended = True
        is_stopped = self._kill is not None and reason.check(ProcessDone)
        if not is_stopped and not self._is_killed:
            self._blame(f"ended by itself: {reason.getErrorMessage()}")
        elif self._waits:
            self._blame("was stopped while a test waited for a line of it")
        if self._kill is not None and self._kill.active():
            self._kill.cancel()
        stops, self._stops = self._stops, []
        for stopped in stops:
            self.stop().chainDeferred(stopped)

    def _heard(self, text: bytes) -> None:
        try:
            line = json.loads(text)
        except ValueError:
            self._blame(f"printed a line that is no JSON: {text[:200]!r}")
            return
        for wait in self._waits:
            if wait.predicate(line):
                self._forget(wait.deferred)
                wait.deferred.callback(line)
                return
        if line["event"] == "fault":
            self._blame(f"reported a fault: {line['error']}")
        self._lines.append(line)

    def _blame(self, what: str) -> None:
        """Remember the first fault; fail everybody who waits."""
        if self._fault is None:
            self._fault = self._error(what)
        for wait in list(self._waits):
            self._is_told = True
            self._forget(wait.deferred)
            wait.deferred.errback(self._fault)

    def _give_up(self, deferred: Deferred[Line]) -> None:
        self._forget(deferred)
        unclaimed = "\n".join(str(line)[:200] for line in list(self._lines)[-20:])
        deferred.errback(
            self._error(
                f"did not say what was awaited within {PATIENCE} s; "
                f"its last lines that nobody asked for:\n{unclaimed or 'none'}\n"
            )
        )

    def _forget(self, deferred: Deferred[Line]) -> None:
        for wait in list(self._waits):
            if wait.deferred is deferred:
                self._waits.remove(wait)
                if wait.limit.active():
                    wait.limit.cancel()

    def _error(self, what: str) -> PeerError:
        errors = self._errors.decode(errors="replace").strip()
        return PeerError(f"{self.name} {what}; its standard error: {errors or 'empty'}")


def real_reactor() -> IReactorProcess:
    """The reactor that runs the tests; imported late, for importing it installs it."""
    from twisted.internet import reactor

    return cast(IReactorProcess, reactor)


def require_node(test: TestCase, *, folder: Path = INTEROP) -> str:
    """Skip a test that cannot run here.

    Args:
        test: who needs the peers, for the reason that is printed.
        folder: where package.json and node_modules are.

    Returns:
        The path of node.

    Raises:
        SkipTest: node is not on PATH, or a package of package.json is missing under
            node_modules or has another version there; the reason says which and
            what to do.
    """
    who = type(test).__name__
    node = shutil.which("node")
    if node is None:
        raise SkipTest(f"{who}: node is not on PATH; install Node.js 18.11 or newer")
    packages = json.loads((folder / "package.json").read_text())["dependencies"]
    for name, wanted in packages.items():
        version = wanted.rpartition("@")[2]
        try:
            installed = json.loads(
                (folder / "node_modules" / name / "package.json").read_text()
            )
        except FileNotFoundError:
            installed = {}
        if installed.get("version") != version:
            raise SkipTest(
                f"{who}: {name} {version} is not in tests/interop/node_modules; "
                "run `npm ci` in tests/interop"
            )
    return node


def start_peer(
    test: TestCase, reactor: IReactorProcess, script: str, *arguments: str
) -> Peer:
    """Run a script of this folder until the test ends.

    Args:
        test: whose clean-up stops the peer.
        reactor: what runs the process and, as `IReactorTime`, limits the waiting.
        script: name of the file.
        arguments: its command line.

    Raises:
        SkipTest: as `require_node` does.
    """
    node = require_node(test)
    peer = Peer(IReactorTime(reactor), script)
    # Without an environment, so that no proxy or debug setting of the machine counts.
    reactor.spawnProcess(
        peer, node, [node, str(INTEROP / script), *arguments], env={}, path=str(INTEROP)
    )
    test.addCleanup(peer.stop)
    return peer


@dataclass(frozen=True)
class PadchatServer:
    """The small PadChat gateway on npm socket.io 2.x, listening.

    Args:
        peer: its process.
        port: where it listens on 127.0.0.1.
    """

    peer: Peer
    port: int

    @property
    def url(self) -> str:
        """What a client connects to: the path is the namespace."""
        return f"http://127.0.0.1:{self.port}/user"


async def start_padchat_server(
    test: TestCase, reactor: IReactorProcess, *arguments: str
) -> PadchatServer:
    """Start padchat_server.js on a free port.

    Args:
        test: whose clean-up stops it.
        reactor: what runs it.
        arguments: its options, for example ``"--auto-scan"``.
    """
    peer = start_peer(test, reactor, "padchat_server.js", *arguments)
    return PadchatServer(peer, (await peer.when_event("listening"))["port"])


def start_padchat_client(
    test: TestCase,
    reactor: IReactorProcess,
    url: str,
    *arguments: str,
    auth_key: str = AUTH_KEY,
    name: str = "bot1",
) -> Peer:
    """Start padchat_client.js; it reconnects faster than its users' do.

    Args:
        test: whose clean-up stops it.
        reactor: what runs it.
        url: of the gateway, with the namespace as path.
        arguments: further options, for example ``"--auto"``.
        auth_key: authorisation key.
        name: label of the sub-account.
    """
    return start_peer(
        test,
        reactor,
        "padchat_client.js",
        *("--url", url, "--auth-key", auth_key, "--name", name),
        *("--reconnection-delay", "50"),
        *arguments,
    )


async def call(client: Peer, cmd: str, **data: object) -> Line:
    """Have padchat_client.js send a command.

    Args:
        client: its process.
        cmd: name of the command.
        data: its parameters.

    Returns:
        The first argument of the acknowledgement: success, msg, data.
    """
    client.send({"do": "send", "cmd": cmd, "data": data})
    result: Line = (await client.when_event("ack", cmd=cmd))["args"][0]
    return result
