"""python-socketio's AsyncClient as a client of the benchmark.

Commands go out by ``emit`` with a callback, as in socket.io-client; its ``call``, which
waits for the reply within a time limit, costs about 1.4 times as much.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

from tests.bench.client import (
    Assignment,
    CPUWindow,
    IdleMemory,
    Measure,
    Push,
    Reply,
    batches,
    check_reply,
    load_workload,
    report,
)

WORKLOAD = load_workload()
NAMESPACE = WORKLOAD["namespace"]


class AsyncClient(Protocol):
    """As much of socketio.AsyncClient as is used here."""

    connected: bool

    async def connect(
        self, url: str, *, namespaces: list[str], transports: list[str]
    ) -> None:
        """Connect to the server and its namespaces."""

    async def emit(
        self,
        event: str,
        data: object,
        *,
        namespace: str,
        callback: Callable[[Reply], Awaitable[None]],
    ) -> None:
        """Emit an event, and hand its acknowledgement to a callback."""

    def on(
        self, event: str, handler: Callable[[Push], object], *, namespace: str
    ) -> None:
        """Register the handler of an event."""

    async def disconnect(self) -> None:
        """Close the connection."""


async def connect(assignment: Assignment[Measure], name: str) -> AsyncClient:
    """Open one connection in the name of an account."""
    # python-socketio is in requirements.txt of this folder, not in the environment
    # that mypy sees: hence no plain import.
    client: AsyncClient = importlib.import_module("socketio").AsyncClient()
    query = f"authKey={WORKLOAD['auth_key']}&name={name}"
    await client.connect(
        f"http://127.0.0.1:{assignment.port}?{query}",
        namespaces=[NAMESPACE],
        transports=["websocket"],
    )
    return client


async def commands(assignment: Assignment[Measure]) -> float:
    """CPU time per command with reply, in microseconds."""
    client = await connect(assignment, "bench")
    finished = asyncio.Event()
    window = CPUWindow(assignment, finished.set)
    left = assignment.total
    to_user_name = WORKLOAD["command"]["toUserName"]
    content = WORKLOAD["command"]["content"]

    async def call() -> None:
        nonlocal left
        if left:
            left -= 1
            parameters = {"toUserName": to_user_name, "content": content, "atList": []}
            await client.emit(
                "sendMsg", parameters, namespace=NAMESPACE, callback=replied
            )

    async def replied(reply: Reply) -> None:
        check_reply(reply)
        window.tick()
        await call()

    for _ in range(WORKLOAD["in_flight"]):
        await call()
    await finished.wait()
    await client.disconnect()
    return window.figure()


async def pushes(assignment: Assignment[Measure]) -> float:
    """CPU time per pushed message, in microseconds."""
    client = await connect(assignment, "bench")
    finished = asyncio.Event()
    window = CPUWindow(assignment, finished.set)
    length = len(WORKLOAD["push"]["list"][0]["content"])

    async def on_push(push: Push) -> None:
        for message in push["list"]:
            if len(message["content"]) != length:
                raise RuntimeError("not the push of workload.json")
            window.tick()

    client.on("push", on_push, namespace=NAMESPACE)
    trigger = {
        "toUserName": WORKLOAD["push_trigger"],
        "content": str(assignment.total),
        "atList": [],
    }

    async def replied(reply: Reply) -> None:
        check_reply(reply)

    await client.emit("sendMsg", trigger, namespace=NAMESPACE, callback=replied)
    await finished.wait()
    await client.disconnect()
    return window.figure()


async def idle(assignment: Assignment[Measure]) -> float:
    """Resident memory per idle connection, in KiB."""
    clients = [await connect(assignment, "first")]
    await asyncio.sleep(WORKLOAD["settle_seconds"])
    memory = IdleMemory()
    for batch in batches(WORKLOAD, assignment.operations):
        clients += await asyncio.gather(
            *(connect(assignment, f"idle-{number}") for number in batch)
        )
    await asyncio.sleep(WORKLOAD["settle_seconds"])
    if not all(client.connected for client in clients):
        raise RuntimeError("a connection was lost")
    figure = memory.figure(assignment.operations)
    await asyncio.gather(*(client.disconnect() for client in clients))
    return figure


def main() -> None:
    """Do the assignment of the command line."""
    assignment = Assignment.from_arguments(sys.argv[1:])
    work = {"command": commands, "push": pushes, "idle": idle}[assignment.measure]
    figure = asyncio.run(work(assignment))
    report(assignment, figure, "python-socketio", "aiohttp")


if __name__ == "__main__":
    main()
