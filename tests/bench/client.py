"""What the Python clients of the benchmark share: assignment, workload, measuring.

A client process is started as ``... MEASURE PORT OPERATIONS WARM_UP`` and prints one
JSON line: measure, operations, figure, versions. The unit of the figure is
microseconds of CPU per operation for the measures ``command`` and ``push``, KiB of
resident memory per account, or per bare connection, for ``idle``.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Generic, Literal, TypedDict, TypeVar, cast

Measure = Literal["command", "push", "idle"]
"""What is measured: CPU per command with reply, per pushed message; idle memory."""

MEASURES: tuple[Measure, ...] = ("command", "push", "idle")

ServerMeasure = Literal["ack", "push", "broadcast"]
"""What is measured of a server: its CPU per acknowledged event, per event that it
pushes, and per client and event that it broadcasts."""

SERVER_MEASURES: tuple[ServerMeasure, ...] = ("ack", "push", "broadcast")

M = TypeVar("M", bound=str)


class CommandParameters(TypedDict):
    """Parameters of the one command that is sent."""

    toUserName: str
    content: str
    atList: list[str]


class PushItem(TypedDict):
    """Those fields of the pushed message that a client looks at."""

    content: str


class Push(TypedDict):
    """Argument of the event ``push``."""

    list: list[PushItem]


class Reply(TypedDict):
    """Argument of the acknowledgement."""

    success: bool
    msg: str


class Workload(TypedDict):
    """Content of workload.json, which the clients and the server all read."""

    namespace: str
    auth_key: str
    in_flight: int
    connect_batch: int
    settle_seconds: float
    idle_accounts: int
    contacts: int
    push_trigger: str
    burst: int
    server_connections: dict[ServerMeasure, int]
    command: CommandParameters
    reply: Reply
    push: Push


def load_workload() -> Workload:
    """Read workload.json, the only place where payloads and amounts are written."""
    text = Path(__file__).with_name("workload.json").read_text(encoding="utf-8")
    return cast(Workload, json.loads(text))


_pushed = count(1)


def next_push(workload: Workload) -> dict[str, Any]:
    """Return the push of the workload under a message id that was never used before."""
    item: dict[str, Any] = {**workload["push"]["list"][0]}
    item["msgId"] = f"5{next(_pushed):018}"
    return {"list": [item]}


@dataclass(frozen=True)
class Assignment(Generic[M]):
    """What a client process was told to do.

    Attributes:
        measure: what to measure.
        port: of the server, on 127.0.0.1.
        operations: measured commands or pushes; for ``idle`` the connections.
        warm_up: commands or pushes before those that are measured.
    """

    measure: M
    port: int
    operations: int
    warm_up: int

    @staticmethod
    def from_arguments(arguments: list[str]) -> Assignment[Measure]:
        """Read the four arguments of a client process.

        Raises:
            ValueError: another number of arguments, no such measure, or no number.
        """
        return _assigned(arguments, MEASURES)

    @staticmethod
    def of_server(arguments: list[str]) -> Assignment[ServerMeasure]:
        """Read those of the process that loads a server, as above."""
        return _assigned(arguments, SERVER_MEASURES)

    @property
    def total(self) -> int:
        """Commands or pushes to do, warm-up included."""
        return self.warm_up + self.operations


def _assigned(arguments: list[str], known: Sequence[M]) -> Assignment[M]:
    measure, port, operations, warm_up = arguments
    for name in known:
        if name == measure:
            return Assignment(name, int(port), int(operations), int(warm_up))
    raise ValueError(f"no such measure: {measure!r}; known: {known}")


def cpu_seconds() -> float:
    """CPU time, user and system, of this process and all of its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident_kib() -> float:
    """Resident memory of this process in KiB, from /proc/self/statm."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024


class CPUWindow:
    """CPU time from the end of the warm-up to the last operation.

    ``tick`` is to be called once per operation. There is no pause between warm-up
    and window: the load stays what it is.
    """

    def __init__(
        self,
        assignment: Assignment[Any],
        finished: Callable[[], object],
        clock: Callable[[], float] = cpu_seconds,
    ) -> None:
        """Remember whom to tell.

        Args:
            assignment: how many operations.
            finished: called once, within the last ``tick``.
            clock: CPU time in seconds.
        """
        self._assignment = assignment
        self._finished = finished
        self._clock = clock
        self._began = self._ended = 0.0
        self._total = assignment.total
        self.seen = 0

    def tick(self) -> None:
        """Count one operation."""
        self.seen += 1
        if self.seen == self._assignment.warm_up:
            self._began = self._clock()
        if self.seen == self._total:
            self._ended = self._clock()
            self._finished()

    def figure(self) -> float:
        """CPU time per operation in microseconds."""
        return (self._ended - self._began) / self._assignment.operations * 1e6


class IdleMemory:
    """Resident memory per connection: with one of them, and with all others too.

    The first one brings what a process makes once.
    """

    def __init__(self) -> None:
        """Note the memory with one connection: the process has to be settled."""
        self._with_one_kib = resident_kib()

    def figure(self, others: int) -> float:
        """KiB per connection: (now - with one) / others."""
        return (resident_kib() - self._with_one_kib) / others


def batches(workload: Workload, connections: int) -> list[range]:
    """Numbers of the connections that are opened together, batch by batch."""
    size = workload["connect_batch"]
    return [
        range(first, min(first + size, connections))
        for first in range(0, connections, size)
    ]


def check_reply(reply: Reply) -> None:
    """Refuse an acknowledgement that is no success: the figure would mean nothing.

    Raises:
        RuntimeError: the server did not get the command of workload.json.
    """
    if not reply["success"]:
        raise RuntimeError(f"the server refused the command: {reply['msg']}")


def report(assignment: Assignment[Any], figure: float, *packages: str) -> None:
    """Print the JSON line of this process.

    Args:
        assignment: what was measured.
        figure: in the unit of the measure.
        packages: distributions whose versions matter for this client.
    """
    versions = {"python": platform.python_version()}
    versions.update({name: importlib.metadata.version(name) for name in packages})
    line = {
        "measure": assignment.measure,
        "operations": assignment.operations,
        "figure": figure,
        "versions": versions,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
