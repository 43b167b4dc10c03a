"""A login storm over real sockets: ``make storm N=1000``.

The sandbox gateway runs in a process of its own, all accounts in this one. When all
are ready the gateway is killed, and after a while it is started again with the same
state at the same port. It does not scan codes then: who comes back, comes by the saved
token.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import thread_time
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import (
    IDelayedCall,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.task import deferLater, react
from twisted.logger import ILogObserver, LogEvent, eventAsText, globalLogPublisher
from zope.interface import implementer, provider

from padchat_twisted.sandbox.service import SAVE_SECONDS
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.garbage import leave_alone_what_stays
from padchat_twisted.service.logs import log_to_file
from padchat_twisted.service.stall import StallWatch
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.budget import MAX_CONNECTS_PER_SECOND
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.store import SQLiteStore
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.endpoints import endpoint_for

from .busiest import most_in_a_second
from .children import PADCHAT, Child, spawn_child

__all__ = ["PROBE_SECONDS", "Figures", "Probe", "Stall", "Storm"]

#: For how long the reactor may not turn (seconds).
MAX_STALL = 0.2

#: How often the reactor is looked at (seconds).
PROBE_SECONDS = 0.005

#: How long the gateway is away (seconds).
OUTAGE = 10.0

#: For all to be ready (seconds), beside three turns to connect for each account.
PATIENCE = 120.0

#: Descriptors that a process needs beside the sockets of its accounts.
MORE_FILES = 200

KEY = "storm-key"


@implementer(IStreamClientEndpoint)
class NotedEndpoint:
    """Another endpoint, and when connections were begun.

    Args:
        clock: tells the time.
        endpoint: connects.

    Attributes:
        times: when each connection was begun (seconds).
    """

    def __init__(self, clock: IReactorTime, endpoint: IStreamClientEndpoint) -> None:
        self.times: list[float] = []
        self._clock = clock
        self._endpoint = endpoint

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Note the time, and connect."""
        self.times.append(self._clock.seconds())
        connecting: Deferred[IProtocol] = self._endpoint.connect(protocolFactory)
        return connecting


@dataclass(frozen=True, slots=True, order=True)
class Stall:
    """A time in which the reactor did not come round.

    Args:
        seconds: how long it was.
        work: how much of it this thread was at work; in the rest it waited for the
            machine, which had others to serve.
    """

    seconds: float = 0.0
    work: float = 0.0

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.seconds * 1000:.0f} ms, {self.work * 1000:.0f} ms of it at work"


class Probe:
    """Finds the longest stall.

    Args:
        clock: the reactor.

    Attributes:
        longest: it, since this was last set.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.longest = Stall()
        self._clock = clock
        self._last, self._worked = clock.seconds(), thread_time()
        self._timer: IDelayedCall = clock.callLater(PROBE_SECONDS, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        now, worked = self._clock.seconds(), thread_time()
        stall = Stall(now - self._last, worked - self._worked)
        self.longest = max(self.longest, stall)
        self._last, self._worked = now, worked
        self._timer = self._clock.callLater(PROBE_SECONDS, self._look)


class Crowd:
    """Knows which accounts are not ready, and who showed a code.

    Attributes:
        codes: how many codes were shown.
    """

    def __init__(self) -> None:
        self.codes = 0
        self._missing: set[str] = set()
        self._all_ready: Deferred[None] | None = None

    def handlers(self, account: AccountSession) -> None:
        """Register what the crowd wants to know of an account."""
        self._missing.add(account.name)
        account.on(StateChanged, self._changed)

    def when_all_ready(self) -> Deferred[None]:
        """Fire when all are; call it while one is not."""
        self._all_ready = Deferred()
        return self._all_ready

    def when_all_again(self, accounts: dict[str, AccountSession]) -> Deferred[None]:
        """Fire when all are ready again, who is ready now included."""
        self._missing.update(accounts)
        return self.when_all_ready()

    def _changed(self, account: AccountSession, change: StateChanged) -> None:
        self.codes += change.new == "awaiting_scan"
        if change.new != "ready":
            self._missing.add(account.name)
            return
        self._missing.discard(account.name)
        if not self._missing and self._all_ready is not None:
            waiting, self._all_ready = self._all_ready, None
            waiting.callback(None)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a storm came to.

    Args:
        accounts: how many there were.
        first: time until all were ready for the first time (seconds).
        first_stall: the longest stall until then.
        back: time from the end of the gateway until all were ready again (seconds).
        stall: the longest stall in that time.
        connects: connections begun in that time.
        most: the most of them, and of those before, in any second.
        codes: codes that were shown in that time.
        states: how many accounts are in which state at the end.
    """

    accounts: int
    first: float
    first_stall: Stall
    back: float
    stall: Stall
    connects: int
    most: int
    codes: int
    states: Counter[str]

    def lines(self) -> list[tuple[str, bool]]:
        """Say each figure with its aim, and whether the aim is met."""
        states = ", ".join(f"{n} {state}" for state, n in self.states.most_common())
        most, aim = self.most, MAX_CONNECTS_PER_SECOND
        return [
            (f"first login of {self.accounts} accounts: {self.first:.1f} s", True),
            (f"longest stall in it: {self.first_stall}", True),
            (
                f"all ready again after the end of the gateway: {self.back:.1f} s,"
                f" by {self.connects} connections",
                True,
            ),
            (f"connections begun in any second: {most} (aim: {aim})", most <= aim),
            (
                f"states at the end: {states} (aim: {self.accounts} ready)",
                self.states == Counter(ready=self.accounts),
            ),
            (f"codes shown after the restart: {self.codes} (aim: 0)", not self.codes),
            (
                f"longest stall of the reactor: {self.stall}"
                f" (aim: under {MAX_STALL * 1000:.0f} ms)",
                self.stall.seconds < MAX_STALL,
            ),
        ]


class Storm:
    """One storm.

    Args:
        reactor: runs all accounts.
        folder: for the store, and the state of the gateway.
        say: tells what is going on.
        endurance: of the accounts; None for what a service has.
        settle: called when the accounts are built, before they connect.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        folder: Path,
        say: Callable[[str], None],
        endurance: Endurance | None = None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._reactor = reactor
        self._folder = folder
        self._say = say
        self._endurance = endurance
        self._settle = settle
        self._gateway: Child | None = None
        self._service: PadChatService | None = None

    async def run(self, count: int, outage: float = OUTAGE) -> Figures:
        """Let *count* accounts log in, lose their gateway, and come back.

        Args:
            count: how many accounts.
            outage: how long the gateway is away (seconds).
        """
        reactor = self._reactor
        patience = PATIENCE + 3 * count / MAX_CONNECTS_PER_SECOND
        url = await self._start_gateway("--port", "0", "--scan")
        address = parse_url(url)
        noted = NotedEndpoint(reactor, endpoint_for(reactor, address))
        store = SQLiteStore(reactor, self._folder / "padchat.sqlite")
        self._service = service = PadChatService(
            reactor,
            url,
            auth_key=KEY,
            store=store,
            endpoint=noted,
            endurance=self._endurance,
        )
        crowd = Crowd()
        for number in range(count):
            service.add_account(f"account-{number}", handlers=crowd.handlers)
        self._settle()
        probe = Probe(reactor)
        try:
            self._say(f"{count} accounts log in for the first time")
            began = reactor.seconds()
            service.startService()
            await self._no_later(crowd.when_all_ready(), patience)
            first, first_stall = reactor.seconds() - began, probe.longest
            # The gateway has written every token when it is killed.
            await deferLater(reactor, 3 * SAVE_SECONDS)
            self._say(f"the gateway is killed, and away for {outage:g} s")
            probe.longest, crowd.codes, before = Stall(), 0, len(noted.times)
            began = reactor.seconds()
            again = crowd.when_all_again(service.accounts)
            await self._stop_gateway()
            await deferLater(reactor, outage)
            await self._start_gateway("--port", str(address.port))
            self._say("the gateway is back")
            await self._no_later(again, patience)
            back, stall = reactor.seconds() - began, probe.longest
        finally:
            probe.stop()
        return Figures(
            count,
            first,
            first_stall,
            back,
            stall,
            len(noted.times) - before,
            most_in_a_second(noted.times),
            crowd.codes,
            Counter(account.state for account in service.accounts.values()),
        )

    async def stop(self) -> None:
        """End the accounts and the gateway."""
        if self._service is not None and self._service.running:
            await self._service.stopService()
        await self._stop_gateway()

    async def _start_gateway(self, *options: str) -> str:
        self._gateway = gateway = spawn_child(
            PADCHAT,
            *("sandbox", "--state", "sandbox.json", "--auth-key", KEY, *options),
            folder=self._folder,
        )
        line = await gateway.when_says("listening on ")
        return line.rpartition(" ")[2]

    async def _stop_gateway(self) -> None:
        if self._gateway is not None:
            await self._gateway.stop()
            self._gateway = None

    async def _no_later(self, waiting: Deferred[None], limit: float) -> None:
        try:
            await waiting.addTimeout(limit, self._reactor)
        except TimeoutError:
            self._say(f"not all are ready after {limit:g} s")


def raise_file_limit(count: int) -> None:
    """Let this process, and its children, open as many files as *count* accounts need.

    Raises:
        SystemExit: it may not.
    """
    needed = count + MORE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        sys.exit(f"{count} accounts need {needed} open files, and {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@provider(ILogObserver)
def _tell_stall(event: LogEvent) -> None:
    if event.get("log_namespace") == StallWatch.__module__:
        print(eventAsText(event, includeSystem=False), flush=True)


async def _main(reactor: Any, count: int) -> None:  # noqa: ANN401 - see Storm
    raise_file_limit(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log_to_file(folder / "log")
        globalLogPublisher.addObserver(_tell_stall)
        watch = StallWatch(reactor, MAX_STALL)
        watch.startService()
        storm = Storm(
            reactor,
            folder,
            lambda line: print(line, flush=True),
            settle=leave_alone_what_stays,  # as ``twistd padchat`` does
        )
        try:
            lines = (await storm.run(count)).lines()
        finally:
            await storm.stop()
            watch.stopService()
    for line, _ in lines:
        print(line)
    failed = [line for line, holds in lines if not holds]
    print("\n".join(f"FAILED: {line}" for line in failed) or "all aims are met")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    react(lambda reactor: Deferred.fromCoroutine(_main(reactor, accounts)))
