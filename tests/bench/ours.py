"""Our client as a client of the benchmark: typed commands and events, a handler."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater, react

from padchat_twisted import AccountSession, SendMsg, TextMessage, connect
from tests.bench.client import (
    Assignment,
    CPUWindow,
    IdleMemory,
    Measure,
    batches,
    load_workload,
    report,
)

WORKLOAD = load_workload()


def open_account(
    reactor: IReactorTime, assignment: Assignment[Measure], name: str
) -> Deferred[AccountSession]:
    """Open one account and wait until it is ready."""
    url = f"http://127.0.0.1:{assignment.port}{WORKLOAD['namespace']}"

    async def opened() -> AccountSession:
        account = await connect(reactor, url, auth_key=WORKLOAD["auth_key"], name=name)
        await account.when_ready()
        return account

    return Deferred.fromCoroutine(opened())


async def commands(reactor: IReactorTime, assignment: Assignment[Measure]) -> float:
    """CPU time per command with reply, in microseconds."""
    account = await open_account(reactor, assignment, "bench")
    finished: Deferred[None] = Deferred()
    window = CPUWindow(assignment, lambda: finished.callback(None))
    left = assignment.total
    to_user_name = WORKLOAD["command"]["toUserName"]
    content = WORKLOAD["command"]["content"]

    def call() -> None:
        nonlocal left
        if left:
            left -= 1
            sent = account.call(SendMsg(to_user_name, content))
            sent.addCallbacks(replied, finished.errback)

    def replied(_sent: object) -> None:
        window.tick()
        call()

    for _ in range(WORKLOAD["in_flight"]):
        call()
    await finished
    return window.figure()


async def pushes(reactor: IReactorTime, assignment: Assignment[Measure]) -> float:
    """CPU time per pushed message, in microseconds."""
    account = await open_account(reactor, assignment, "bench")
    finished: Deferred[None] = Deferred()
    window = CPUWindow(assignment, lambda: finished.callback(None))
    length = len(WORKLOAD["push"]["list"][0]["content"])

    def on_text(_account: AccountSession, message: TextMessage) -> None:
        if len(message.content) != length:
            finished.errback(RuntimeError("not the push of workload.json"))
        window.tick()

    account.on(TextMessage, on_text)
    await account.call(SendMsg(WORKLOAD["push_trigger"], str(assignment.total)))
    await finished
    return window.figure()


async def idle(reactor: IReactorTime, assignment: Assignment[Measure]) -> float:
    """Resident memory per idle account, in KiB."""
    await deferLater(reactor, WORKLOAD["settle_seconds"])
    memory = IdleMemory()
    accounts: list[AccountSession] = []
    for batch in batches(WORKLOAD, assignment.operations):
        accounts += await gatherResults(
            [open_account(reactor, assignment, f"idle-{number}") for number in batch],
            consumeErrors=True,
        )
    await deferLater(reactor, WORKLOAD["settle_seconds"])
    return memory.figure(len(accounts))


def main(reactor: Any, *arguments: str) -> Deferred[None]:  # noqa: ANN401 - react's
    """Do the assignment of the command line."""
    assignment = Assignment.from_arguments(list(arguments))
    work = {"command": commands, "push": pushes, "idle": idle}[assignment.measure]

    async def measured() -> None:
        figure = await work(reactor, assignment)
        report(assignment, figure, "padchat-twisted", "twisted", "autobahn", "msgspec")

    steps: Coroutine[Deferred[Any], Any, None] = measured()
    return Deferred.fromCoroutine(steps)


if __name__ == "__main__":
    react(main, sys.argv[1:])
