"""The load of the servers: clients that are framed by hand, on picows and uvloop.

It is started as ``server_load MEASURE PORT OPERATIONS WARM_UP PID`` and prints one JSON
line. Its connections cost a few microseconds a message, so that each server is as
busy as it can be; what is measured is the CPU time of the server, process PID.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench.client import (
    Assignment,
    CPUWindow,
    ServerMeasure,
    batches,
    load_workload,
    report,
)
from tests.bench.picows_client import HandFramed, Peer, Push, Reply, check_reply

WORKLOAD = load_workload()


def cpu_seconds_of(pid: int) -> float:
    """CPU time, user and system, of a process and all of its threads so far.

    Source: proc(5), /proc/PID/stat, fields 14 and 15.
    """
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load:
    """The clients of one server.

    Args:
        assignment: what to do.
        window: counts what came, and ends the work.
    """

    def __init__(
        self, assignment: Assignment[ServerMeasure], window: CPUWindow
    ) -> None:
        """Remember what to do."""
        self._assignment = assignment
        self._window = window
        self._connections: list[HandFramed] = []
        self._length = len(WORKLOAD["push"]["list"][0]["content"])

    async def begin(self) -> None:
        """Connect, and set the work going."""
        begin = {"ack": self._acks, "push": self._pushes, "broadcast": self._broadcasts}
        peer = Peer(self._assignment.port)
        number = WORKLOAD["server_connections"][self._assignment.measure]
        for batch in batches(WORKLOAD, number):
            self._connections += await asyncio.gather(
                *(peer.connect(f"load-{number}") for number in batch)
            )
        begin[self._assignment.measure]()

    def _acks(self) -> None:
        """Keep commands in flight, each connection its share of them."""
        left = self._assignment.total
        to_user_name = WORKLOAD["command"]["toUserName"]
        content = WORKLOAD["command"]["content"]

        def call(connection: HandFramed) -> None:
            nonlocal left
            if left:
                left -= 1
                parameters = {
                    "toUserName": to_user_name,
                    "content": content,
                    "atList": [],
                }
                connection.call("sendMsg", parameters, partial(replied, connection))

        def replied(connection: HandFramed, reply: Reply) -> None:
            check_reply(reply)
            self._window.tick()
            call(connection)

        for number in range(WORKLOAD["in_flight"]):
            call(self._connections[number % len(self._connections)])

    def _pushes(self) -> None:
        """Have the server push in bursts, each when the one before has come."""
        [connection] = self._connections
        self._want_pushes(WORKLOAD["burst"], partial(connection.emit, "bench-burst"))

    def _broadcasts(self) -> None:
        """Have the server broadcast, each time when everybody has heard the last."""
        first = self._connections[0]
        size = len(self._connections)
        self._want_pushes(size, partial(first.emit, "bench-broadcast"))

    def _want_pushes(self, size: int, ask: Callable[[], None]) -> None:
        """Count pushes, and ask for *size* more when so many have come."""
        missing = size

        def on_push(push: Push) -> None:
            nonlocal missing
            for message in push.messages:
                if len(message.content) != self._length:
                    raise RuntimeError("not the push of workload.json")
            self._window.tick()
            missing -= 1
            if not missing:
                missing = size
                ask()

        for connection in self._connections:
            connection.on_push = on_push
        ask()


async def measured(assignment: Assignment[ServerMeasure], pid: int) -> float:
    """CPU time of the server per operation, in microseconds."""
    finished = asyncio.Event()
    window = CPUWindow(assignment, finished.set, clock=partial(cpu_seconds_of, pid))
    await Load(assignment, window).begin()
    await finished.wait()
    return window.figure()


def main() -> None:
    """Do the assignment of the command line."""
    *arguments, pid = sys.argv[1:]
    assignment = Assignment.of_server(arguments)
    figure = importlib.import_module("uvloop").run(measured(assignment, int(pid)))
    report(assignment, figure, "picows", "uvloop", "msgspec")


if __name__ == "__main__":
    main()
