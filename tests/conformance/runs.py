"""One run of the suite against one kind of WebSocket in one role."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from .echo import OurServer, plain_server, visit_ours, visit_plain

ROOT = Path(__file__).parent.parent.parent

#: Who is tried: ours, or autobahn's own.
KINDS = ("ours", "autobahn")
ROLES = ("client", "server")


@dataclass(frozen=True)
class Result:
    """How one case went.

    Args:
        case: its id, for example ``1.1.1``.
        behavior: of the exchange: ``OK``, ``NON-STRICT``, ``FAILED``, ...
        close: of the closing handshake.
        passed: whether both are acceptable.
        duration: milliseconds.
        description: what is done.
        expectation: what should happen.
        result: what happened.
    """

    case: str
    behavior: str
    close: str
    passed: bool
    duration: int
    description: str
    expectation: str
    result: str

    @property
    def verdict(self) -> str:
        """Both verdicts, in short."""
        close = "" if self.close == "OK" else f" (closing: {self.close})"
        return self.behavior + close


class Suite(ProcessProtocol):
    """The process with the suite.

    Args:
        serves: whether it is the server, and tells its port.

    Attributes:
        when_port: fires with the port, when the suite is the server.
        when_ended: fires with the results.
    """

    def __init__(self, *, serves: bool) -> None:
        self._serves = serves
        self.when_port: Deferred[int] = Deferred()
        self.when_ended: Deferred[list[Result]] = Deferred()
        self._out = b""
        self._errors = b""

    def outReceived(self, data: bytes) -> None:
        """Collect what it writes; look for the port."""
        self._out += data
        first, end, _ = self._out.partition(b"\n")
        if end and not self.when_port.called and b'"port"' in first:
            self.when_port.callback(json.loads(first)["port"])

    def errReceived(self, data: bytes) -> None:
        """Collect what went wrong."""
        self._errors += data

    def processEnded(self, reason: Failure) -> None:
        """Read the results."""
        lines = [json.loads(line) for line in self._out.splitlines()]
        results = [Result(**line) for line in lines if "port" not in line]
        if reason.check(ProcessDone) and results:
            self.when_ended.callback(results)
            return
        said = self._errors.decode(errors="replace")
        error = RuntimeError(f"the suite ended ({reason.value}): {said}")
        # Who waits for the port will not wait for the end.
        waits_for_port = self._serves and not self.when_port.called
        (self.when_port if waits_for_port else self.when_ended).errback(error)


def _start(reactor: Any, role: str, address: str, cases: Sequence[str]) -> Suite:  # noqa: ANN401 - a reactor has many faces
    suite = Suite(serves=role == "client")
    arguments = [
        sys.executable,
        "-m",
        "tests.conformance.suite",
        role,
        address,
        *cases,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reactor.spawnProcess(
        suite, sys.executable, arguments, env=environment, path=str(ROOT)
    )
    return suite


async def run(
    reactor: Any,  # noqa: ANN401 - as above
    kind: str,
    role: str,
    cases: Sequence[str] = (),
) -> list[Result]:
    """Run cases.

    Args:
        reactor: the real one.
        kind: one of ``KINDS``.
        role: of what is tried: one of ``ROLES``.
        cases: ids or patterns such as ``9.*``; none for all.

    Returns:
        A result for each case, in the suite's order.
    """
    if role == "server":
        is_ours = kind == "ours"
        factory = OurServer(reactor) if is_ours else plain_server(reactor)
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        try:
            address = f"ws://127.0.0.1:{port.getHost().port}"
            return await _start(reactor, role, address, cases).when_ended
        finally:
            await port.stopListening()
    visit = visit_ours if kind == "ours" else visit_plain
    suite = _start(reactor, role, "none", cases)
    number = await suite.when_port
    (count,) = await visit(reactor, number, "/getCaseCount")
    for case in range(1, int(count) + 1):
        await visit(reactor, number, f"/runCase?case={case}&agent={kind}")
    await visit(reactor, number, f"/updateReports?agent={kind}")
    return await suite.when_ended
