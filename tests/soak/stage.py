"""A sandbox gateway in chaos, and the accounts that live through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    eventAsText,
    globalLogPublisher,
)
from zope.interface import implementer

from padchat_twisted.sandbox.service import SAVE_SECONDS
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.session.policy import InboxPolicy
from padchat_twisted.session.retry import LONGEST_LOGIN_DELAY
from padchat_twisted.store import SQLiteStore

from .figures import Figures
from .gateway import Gateway
from .ledger import Ledger, Told
from .memory import Memory, median_of_thirds
from .worker import Call, Worker

__all__ = ["LIVES", "Plan", "Stage"]

#: How often the gateway is started: once for each third of the time.
LIVES = 3

#: How often it is looked whether all is well again (seconds).
LOOK_SECONDS = 0.2

#: Of so many accounts one polls, and one each has another dialect.
POLLING = 10
OF_ANOTHER_DIALECT = 20

#: Most errors of the log that are kept.
MOST_LOGGED = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen.

    Attributes:
        accounts: how many there are; at least five.
        seconds: of chaos in each life of the gateway.
        seed: of the chaos in the first one; the next one has the next seed.
        scenario: what goes wrong in place of chaos.
        talk_every: time between two messages to all accounts (seconds); some hundred in
            an hour, as the busiest account of the reports has.
        act_every: time between two things that one account does (seconds).
        time_limit: of a command (seconds).
        patience: time in which all must be well again when chaos is over (seconds): an
            account whose logins did not hold may wait so long until it tries again.
        lives: how often the gateway is started.
        endurance: of the accounts; None for what a service has.
    """

    accounts: int
    seconds: float
    seed: int = 1
    scenario: str = ""
    talk_every: float = 15.0
    act_every: float = 10.0
    time_limit: float = 20.0
    patience: float = LONGEST_LOGIN_DELAY + 60.0
    lives: int = LIVES
    endurance: Endurance | None = None

    def faults(self, life: int) -> tuple[str, ...]:
        """Return the options of the sandbox for one of its lives."""
        if self.scenario:
            return ("--scenario", self.scenario)
        return (
            *("--chaos", str(self.seed + life)),
            *("--chaos-seconds", f"{self.seconds:g}"),
        )


@implementer(ILogObserver)
class Errors:
    """Keeps the first errors that are logged.

    Attributes:
        lines: them, in words.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, event: LogEvent) -> None:
        """Look at an event."""
        if event["log_level"] >= LogLevel.error and len(self.lines) < MOST_LOGGED:
            self.lines.append(eventAsText(event, includeTimestamp=False))


class Stage:
    """Lets accounts live, and counts.

    Args:
        reactor: runs them.
        folder: for the stores, and the state of the gateway.
        plan: what is to happen.
        say: tells what is going on.
        make_store: makes the store of some accounts; a test has a broken one.
        call: sends a command; the same.

    Attributes:
        figures: what it comes to.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        folder: Path,
        plan: Plan,
        say: Callable[[str], None],
        make_store: Callable[[Any, Path], SQLiteStore] = SQLiteStore,
        call: Call = AccountSession.call,
    ) -> None:
        self._reactor = reactor
        self._folder = folder
        self._plan = plan
        self._say = say
        self._make_store = make_store
        self._ledger = Ledger(plan.accounts)
        minutes = plan.seconds * plan.lives / 60
        self.figures = Figures(plan.seed, minutes, self._ledger)
        self._gateway = Gateway(folder, self._ledger)
        self._memory = Memory(reactor)
        self._errors = Errors()
        self._is_watching = False
        self._services: list[PadChatService] = []
        chance = Random(plan.seed)
        self._workers = [
            Worker(number, self._ledger, chance, plan.time_limit, call)
            for number in range(plan.accounts)
        ]
        self._order = Random(plan.seed)
        self._said = 0
        self._talking = LoopingCall(self._talk)
        self._acting = LoopingCall(self._act)
        self._talking.clock = self._acting.clock = reactor

    async def run(self) -> None:
        """Play all of it, and make the figures."""
        plan, figures = self._plan, self.figures
        globalLogPublisher.addObserver(self._errors)
        self._is_watching = True
        await self._gateway.start(*plan.faults(0))
        figures.gateways += 1
        self._start_services()
        self._acting.start(plan.act_every / plan.accounts)
        self._memory.start()
        for life in range(plan.lives):
            if life:
                self._say("the gateway is killed and started again")
                await self._gateway.kill()
                await self._gateway.start(*plan.faults(life))
                figures.gateways += 1
            await self._live()
        await self._end()

    async def stop(self) -> None:
        """End everything, also in the middle of it."""
        if self._is_watching:
            globalLogPublisher.removeObserver(self._errors)
            self._is_watching = False
        for looping in (self._talking, self._acting):
            if looping.running:
                looping.stop()
        self._memory.stop()
        for service in self._services:
            if service.running:
                await service.stopService()
        await self._gateway.kill()

    # Steps

    def _start_services(self) -> None:
        """Share the accounts out: most in one service, one in each of others."""
        accounts = self._plan.accounts
        polling = max(1, accounts // POLLING)
        others = max(1, accounts // OF_ANOTHER_DIALECT)
        workers = iter(self._workers)
        place = f"127.0.0.1:{self._gateway.port}"
        for number in range(others):
            self._serve(f"legacy-{number}", f"ws://{place}/ws", [next(workers)])
            self._serve(f"sdk-{number}", f"ws://{place}", [next(workers)])
        url = f"http://{place}/user"
        some = [next(workers) for _ in range(polling)]
        self._serve("polling", url, some, transports=("polling",))
        self._serve("websocket", url, list(workers))

    def _serve(
        self,
        name: str,
        url: str,
        workers: list[Worker],
        transports: tuple[str, ...] = ("websocket",),
    ) -> None:
        """Start a service with a key and a store of its own."""
        service = PadChatService(
            self._reactor,
            url,
            auth_key=f"key of {name}",
            store=self._make_store(self._reactor, self._folder / f"{name}.sqlite"),
            transports=transports,
            endurance=self._plan.endurance,
        )
        self._services.append(service)
        for number, worker in enumerate(workers):
            service.add_account(
                f"{name}-{number}",
                handlers=worker.set_up,
                inbox=InboxPolicy(durable=True),
            )
        service.startService()

    async def _live(self) -> None:
        """Live through one life of the gateway, and be well at its end."""
        plan = self._plan
        self._say(f"{plan.seconds:g} s with {' '.join(plan.faults(self._life))}")
        for worker in self._workers:
            worker.wait_for_ready()
        self._talking.start(plan.talk_every)
        if plan.scenario:
            await deferLater(self._reactor, plan.seconds)
        else:
            limit = plan.seconds + plan.patience
            await self._gateway.when_over().addTimeout(limit, self._reactor)
        self._talking.stop()
        self._say(f"the faults are over, {self._told()}")
        # The gateway has said all when it is looked whether all was handed over, and
        # written every token when it is killed.
        await deferLater(self._reactor, SAVE_SECONDS)
        await self._until(self._are_well)
        await deferLater(self._reactor, 3 * SAVE_SECONDS)

    @property
    def _life(self) -> int:
        return self.figures.gateways - 1

    async def _end(self) -> None:
        figures = self.figures
        self._acting.stop()
        self._memory.stop()
        await self._until(lambda: not self._ledger.hanging and self._are_well())
        figures.states = Counter(self._states())
        self._say("each account gets and sends one more message")
        said = self._ledger.said + self._plan.accounts
        self._talk()
        for worker in self._workers:
            worker.send()
        await self._until(lambda: self._ledger.said >= said)
        await self._until(lambda: not self._ledger.hanging and self._are_well())
        figures.well = sum(s.told[-1] == Told.DONE for s in self._ledger.sends)
        for worker in self._workers:
            unknown, untold, left = await worker.settle()
            figures.unknown += unknown
            figures.untold += untold
            figures.left += left
        figures.memory = median_of_thirds(self._memory.samples)
        await self.stop()
        figures.logged = self._errors.lines + self._gateway.complaints

    def _talk(self) -> None:
        self._gateway.say(self._said)
        self._said += 1

    def _act(self) -> None:
        self._order.choice(self._workers).act()

    def _states(self) -> list[str]:
        return [worker.account.state for worker in self._workers]

    def _are_well(self) -> bool:
        return self._ledger.missing == 0 and set(self._states()) == {"ready"}

    def _told(self) -> str:
        states = Counter(self._states()).most_common()
        told = ", ".join(f"{times} {state}" for state, times in states)
        return f"{told}, {self._ledger.missing} messages on their way"

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, but no longer than patience."""
        end = self._reactor.seconds() + self._plan.patience
        while not holds() and self._reactor.seconds() < end:
            await deferLater(self._reactor, LOOK_SECONDS)
        if not holds():
            self._say(
                f"not all is well after {self._plan.patience:g} s: {self._told()}"
            )
