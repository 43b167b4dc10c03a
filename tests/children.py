"""Child processes of the tests: what they say, what they are told, how they end.

In a trial test::

    child = start_child(self, PADCHAT, "sandbox", "--port", "0", folder=folder)
    line = await child.when_says("listening on ")
    child.type("ping")
    child.signal("INT")
    self.assertEqual(await child.when_ended(), 0)

Children end with their test. Nothing sleeps: a test waits for a line or for the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ProcessTerminated
from twisted.internet.interfaces import (
    IDelayedCall,
    IProcessTransport,
    IReactorFDSet,
    IReactorProcess,
    IReactorTime,
    IReadDescriptor,
)
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from zope.interface import implementer

ROOT = Path(__file__).parent.parent

#: How the console script and twistd are started, by this Python.
PADCHAT = ("-m", "padchat_twisted.cli")
TWISTD = ("-c", "from twisted.scripts.twistd import run; run()")

#: Seconds in which a child must have done what a test waits for. Only a broken test
#: waits that long; a start on a busy machine takes two or three.
PATIENCE = 60.0

#: Descriptors of a child, as its parent sees them.
STDOUT = 1
STDERR = 2


class CleansUp(Protocol):
    """Runs functions at its end, as a trial test does."""

    def addCleanup(self, function: Callable[[], object], /) -> None:
        """Have a function called at the end."""


class ChildError(Exception):
    """A child ended, or did not say or do what was awaited."""


class Child(ProcessProtocol):
    """A child process.

    Args:
        clock: limits the waiting.
        name: what error messages call it.

    Attributes:
        said: the text of each of its descriptors so far.
    """

    transport: IProcessTransport

    def __init__(self, clock: IReactorTime, name: str) -> None:
        self._clock = clock
        self._name = name
        self._bytes: dict[int, bytes] = {}
        self._heard: dict[int, int] = {}
        self._wait: tuple[int, str, Deferred[str], IDelayedCall] | None = None
        self._ended: list[Deferred[int]] = []
        self._status: int | None = None
        self._take: Callable[[str], None] | None = None

    def said(self, channel: int = STDOUT) -> str:
        """Return all that it wrote to a descriptor so far."""
        return self._bytes.get(channel, b"").decode(errors="replace")

    def lines(self, channel: int = STDOUT) -> list[str]:
        """Return the lines that it wrote to a descriptor so far."""
        return self.said(channel).splitlines()

    def hand_lines(self, take: Callable[[str], None]) -> None:
        """Hand out its standard output line by line, and keep nothing of it.

        Args:
            take: called with each whole line behind those that were waited for.
        """
        heard = self._heard.get(STDOUT, 0)
        unheard = self._bytes.pop(STDOUT, b"").split(b"\n", heard)[heard:]
        self._take = take
        self._hand(b"".join(unheard))

    def when_says(self, text: str, channel: int = STDOUT) -> Deferred[str]:
        """Wait for the next whole line with *text* in it, said already or not.

        Lines are read in order: those before it are passed over for good.

        Returns:
            The line. Fails with `ChildError` when the child ends before, or says no
            such line within `PATIENCE` seconds.
        """
        assert self._wait is None, "wait for one line at a time"
        waiting: Deferred[str] = Deferred()
        limit = self._clock.callLater(PATIENCE, self._give_up, "says nothing like it")
        self._wait = (channel, text, waiting, limit)
        self._look()
        if self._status is not None:
            self._give_up("has ended")
        return waiting

    def when_ended(self) -> Deferred[int]:
        """Wait for its end and that of its output.

        Returns:
            Its exit status; the negative number of the signal that ended it.
        """
        if self._status is not None:
            return succeed(self._status)
        ended: Deferred[int] = Deferred()
        self._ended.append(ended)
        return ended.addTimeout(PATIENCE, self._clock, self._not_ended)

    def type(self, line: str) -> None:
        """Type a line on its standard input."""
        self.transport.write(f"{line}\n".encode())

    def signal(self, name: str) -> None:
        """Send it a signal, such as ``INT``."""
        self.transport.signalProcess(name)

    def number(self) -> int | None:
        """Return its number among the processes, None when it has ended."""
        return self.transport.pid if self._status is None else None

    def stop(self) -> Deferred[int]:
        """End it by force, if it has not ended; fires when it is gone."""
        if self._status is None:
            self.transport.signalProcess("KILL")
        return self.when_ended()

    # From Twisted

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Take what it wrote."""
        if childFD == STDOUT and self._take is not None:
            self._hand(data)
            return
        self._bytes[childFD] = self._bytes.get(childFD, b"") + data
        self._look()

    def processEnded(self, reason: Failure) -> None:
        """Tell who waits."""
        value = reason.value
        self._status = 0
        if isinstance(value, ProcessTerminated):
            self._status = -value.signal if value.signal else value.exitCode or 0
        self._give_up("has ended")
        ended, self._ended = self._ended, []
        for waiting in ended:
            waiting.callback(self._status)

    # Steps

    def _hand(self, data: bytes) -> None:
        assert self._take is not None
        *lines, rest = (self._bytes.get(STDOUT, b"") + data).split(b"\n")
        self._bytes[STDOUT] = rest
        for line in lines:
            self._take(line.decode(errors="replace"))

    def _look(self) -> None:
        if self._wait is None:
            return
        channel, text, waiting, limit = self._wait
        heard = self._heard.get(channel, 0)
        whole = self._bytes.get(channel, b"").split(b"\n")[:-1]
        for at, line in enumerate(whole[heard:], heard + 1):
            if text in (found := line.decode(errors="replace")):
                self._heard[channel] = at
                self._wait = None
                limit.cancel()
                waiting.callback(found)
                return

    def _give_up(self, why: str) -> None:
        if self._wait is None:
            return
        _, text, waiting, limit = self._wait
        self._wait = None
        if limit.active():
            limit.cancel()
        waiting.errback(ChildError(f"{text!r} is awaited, but {self._all_told(why)}"))

    def _not_ended(self, _: object, timeout: float) -> int:
        raise ChildError(self._all_told(f"does not end within {timeout:g} s"))

    def _all_told(self, why: str) -> str:
        told = "\n".join(f"{fd}: {self.said(fd)}" for fd in sorted(self._bytes))
        return f"{self._name} {why} (status {self._status}); it said:\n{told}"


@implementer(IReadDescriptor)
class Pipe:
    """Reads one end of a pipe, for a test that needs the other end as it is."""

    def __init__(self, descriptor: int) -> None:
        from twisted.internet import reactor

        self._reactor = cast(IReactorFDSet, reactor)
        self._descriptor = descriptor
        self._said = b""
        self._wait: tuple[bytes, Deferred[None]] | None = None
        os.set_blocking(descriptor, False)
        self._reactor.addReader(self)

    def when_says(self, text: bytes) -> Deferred[None]:
        """Wait until *text* has come."""
        said: Deferred[None] = Deferred()
        self._wait = (text, said)
        return said

    def close(self) -> None:
        """Read no more."""
        self._reactor.removeReader(self)
        os.close(self._descriptor)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def logPrefix(self) -> str:
        """Return how the log calls it."""
        return "pipe"

    def doRead(self) -> None:
        """Take what is there."""
        self._said += os.read(self._descriptor, 65536)
        if self._wait is not None and self._wait[0] in self._said:
            (_, said), self._wait = self._wait, None
            said.callback(None)

    def connectionLost(self, reason: Failure) -> None:
        """The other end is ours too, so it does not close before."""


def start_child(
    test: CleansUp,
    start: tuple[str, ...],
    *arguments: str,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    descriptors: Mapping[int, str | int] | None = None,
) -> Child:
    """Run Python until the test ends.

    Args:
        test: whose clean-up ends it.
        start: see ``spawn_child``.
        arguments: see ``spawn_child``.
        folder: see ``spawn_child``.
        environ: see ``spawn_child``.
        descriptors: see ``spawn_child``.
    """
    child = spawn_child(
        start, *arguments, folder=folder, environ=environ, descriptors=descriptors
    )
    test.addCleanup(child.stop)
    return child


def spawn_child(
    start: tuple[str, ...],
    *arguments: str,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    descriptors: Mapping[int, str | int] | None = None,
) -> Child:
    """Run Python; whoever calls this ends it.

    Args:
        start: `PADCHAT`, `TWISTD`, or any other beginning of a command line.
        arguments: the rest of it.
        folder: where it runs.
        environ: variables that it gets beside ours.
        descriptors: as ``childFDs`` of ``spawnProcess``.
    """
    from twisted.internet import reactor

    child = Child(cast(IReactorTime, reactor), " ".join(arguments) or "the child")
    search_path = os.pathsep.join([str(ROOT), *sys.path])
    ours = {k: v for k, v in os.environ.items() if k != "PADCHAT_AUTH_KEY"}
    cast(IReactorProcess, reactor).spawnProcess(
        child,
        sys.executable,
        [sys.executable, *start, *arguments],
        env={
            **ours,
            "PYTHONPATH": search_path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            **(environ or {}),
        },
        path=str(folder),
        childFDs=descriptors,
    )
    return child


def new_folder(test: TestCase) -> Path:
    """Make a folder for a test, of which only its owner sees anything."""
    folder = Path(test.mktemp()).absolute()
    folder.mkdir(mode=0o700)
    return folder


def signal_number(name: str) -> int:
    """Return the number of a signal such as ``TERM``."""
    return int(getattr(signal, f"SIG{name}"))
