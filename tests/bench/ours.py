"""Our client as a client of the benchmark: typed commands and events, a handler."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater, react
from twisted.logger import globalLogBeginner

from padchat_twisted import (
    AccountSession,
    Endurance,
    MemoryStore,
    PadChatService,
    SendMsg,
    TextMessage,
    connect,
)
from padchat_twisted.session.budget import ConnectBudget
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


def url_of(assignment: Assignment[Measure]) -> str:
    """URL of the gateway."""
    return f"http://127.0.0.1:{assignment.port}{WORKLOAD['namespace']}"


def open_account(
    reactor: IReactorTime, assignment: Assignment[Measure], name: str
) -> Deferred[AccountSession]:
    """Open one account and wait until it is ready."""
    url = url_of(assignment)

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
    # As any program does; until then Twisted keeps what is logged.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False)
    service = PadChatService(
        reactor,
        url_of(assignment),
        auth_key=WORKLOAD["auth_key"],
        store=MemoryStore(),
        endurance=Endurance(budget=ConnectBudget(reactor, WORKLOAD["idle_accounts"])),
    )
    service.startService()
    await service.add_account("first").when_ready()
    await deferLater(reactor, WORKLOAD["settle_seconds"])
    memory = IdleMemory()
    for batch in batches(WORKLOAD, assignment.operations):
        accounts = [service.add_account(f"idle-{number}") for number in batch]
        await gatherResults(
            [account.when_ready() for account in accounts], consumeErrors=True
        )
    await deferLater(reactor, WORKLOAD["settle_seconds"])
    figure = memory.figure(assignment.operations)
    for account in service.accounts.values():
        if account.state != "ready" or len(account.contacts) != WORKLOAD["contacts"]:
            raise RuntimeError(f"{account} has {len(account.contacts)} contacts")
    return figure


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
