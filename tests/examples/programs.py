"""Programs of the documents as child processes, started as a person would."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from .running import ROOT, reactor


class Program(ProcessProtocol):
    """A program that runs.

    Args:
        test: ends it when it is still there at the end.
        command: program and arguments.
        folder: where it runs.
        environ: variables beside those of this process.

    Attributes:
        output: what it has written so far, errors too.
        status: its exit status; negative for the signal that ended it.
    """

    def __init__(
        self,
        test: TestCase,
        command: Sequence[str],
        folder: Path,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.output = ""
        self.status: int | None = None
        self._ended: Deferred[int] = Deferred()
        variables = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        process = reactor.spawnProcess(
            self,
            command[0],
            args=list(command),
            env={**os.environ, **variables, **(environ or {})},
            path=str(folder),
        )
        self._process = cast(IProcessTransport, process)
        test.addCleanup(self._kill)

    def outReceived(self, data: bytes) -> None:
        """Keep what it writes."""
        self.output += data.decode(errors="replace")

    def errReceived(self, data: bytes) -> None:
        """Keep that too."""
        self.outReceived(data)

    def processEnded(self, reason: Failure | None = None) -> None:
        """Take its exit status."""
        ended = None if reason is None else reason.value
        if isinstance(ended, ProcessTerminated):
            self.status = -ended.signal if ended.signal else ended.exitCode
        elif isinstance(ended, ProcessDone):
            self.status = 0
        self._ended.callback(self.status or 0)

    def ended(self) -> Deferred[int]:
        """Fire when it has ended, with its exit status."""
        waiting: Deferred[int] = Deferred()

        def tell(status: int) -> int:
            waiting.callback(status)
            return status

        self._ended.addCallback(tell)
        return waiting

    def stop(self, signal: str) -> Deferred[int]:
        """Send a signal, for example ``TERM``; as ``ended`` otherwise."""
        self._process.signalProcess(signal)
        return self.ended()

    def _kill(self) -> Deferred[int] | None:
        return self.stop("KILL") if self.status is None else None
