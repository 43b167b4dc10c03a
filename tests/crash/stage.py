"""A sandbox gateway whose people write, and a service that is killed meanwhile."""

from __future__ import annotations

import itertools
import random
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater

from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.store import SQLiteStore

from ..children import Child, CleansUp, start_child
from .bot import ANSWER, AUTH_KEY, NAME, PEOPLE, key_at
from .figures import Figures

#: Within this time the sandbox pushes again what it pushed (seconds); no service is
#: away for so long.
WINDOW = 120.0

#: Time between two messages of a person (seconds).
PAUSE = 0.04

#: Most messages of which a service hears before it is killed.
MOST_HEARD = 60

#: Latest moment after its beginning at which an early kill comes (seconds).
EARLY = 0.5

#: How a kill finds its moment: in the middle of messages, when an answer is at the
#: gateway and its reply is not yet away, or while the service starts.
MOMENTS = ("messages", "messages", "answer", "start")


class Stage:
    """Kills a service, and counts.

    Args:
        reactor: runs the gateway.
        cleaner: stops everything at its end.
        folder: where the store is.
        seed: of the random moments.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        cleaner: CleansUp,
        folder: Path,
        seed: int,
    ) -> None:
        self._reactor = reactor
        self._cleaner = cleaner
        self.store = folder / "store.sqlite"
        self.figures = Figures(seed)
        self._chance = random.Random(seed)
        self._numbers = itertools.count()
        self._to_kill: Child | None = None
        self._sandbox = SandboxService(
            port=0, auto_scan=True, reactor=reactor, auth_keys=[AUTH_KEY]
        )
        self.world = self._sandbox.world
        self.world.settings = WorldSettings(auto_scan_seconds=0, replay_seconds=WINDOW)
        self.world.on_message(self._hear)
        self._sandbox.startService()
        cleaner.addCleanup(self._sandbox.stopService)

    def start(self) -> Child:
        """Start the service."""
        return start_child(
            self._cleaner,
            ("-m", "tests.crash.bot"),
            *(self._sandbox.url, str(self.store)),
            folder=self.store.parent,
        )

    async def begin(self) -> Child:
        """Start the service for the first time, with a scan."""
        bot = self.start()
        await bot.when_says("saved")
        await bot.when_says("ready")
        return bot

    def say(self) -> None:
        """Have each of the people write once."""
        for who in PEOPLE:
            text = str(next(self._numbers))
            self.figures.said.append(text)
            self._say(who, text)

    async def kill(self, bot: Child) -> None:
        """Kill the service, if it has not been, and take what it said."""
        status = await bot.stop()
        self.figures.kills += 1
        if status != -signal.SIGKILL:
            self.figures.wrong.append(f"a service ended by itself, with {status}")
        self.figures.read(bot.lines())

    async def play(self, kills: int) -> None:
        """Kill the service so many times at random moments, and end."""
        bot = await self.begin()
        moment = "messages"
        for number in range(kills):
            if number:
                moment = self._next_moment(moment)
                bot = self.start()
                await bot.when_says("opening" if moment == "start" else "ready")
            await self._live(bot, moment)
            await self.kill(bot)
            for _ in range(self._chance.randrange(4)):
                self.say()
        await self.end()

    async def end(self, bot: Child | None = None) -> None:
        """Wait until all is handled, settle what is unknown, look at the store.

        Args:
            bot: the service that runs; None when there is none.
        """
        if bot is None:
            bot = self.start()
            await bot.when_says("ready")
        for who in PEOPLE:
            self._say(who, f"end of {who}")
            await bot.when_says(f"done end of {who}")
        await bot.stop()
        self.figures.read(bot.lines())
        with closing(sqlite3.connect(self.store)) as connection:
            rows = connection.execute("PRAGMA integrity_check").fetchall()
        self.figures.store = "; ".join(row[0] for row in rows)
        await self._settle()

    # Steps

    def _say(self, who: str, text: str) -> None:
        to = self.world.account(NAME).own_user
        self.world.person(who).says(text, to=to)

    def _hear(self, message: Message) -> None:
        """Count an answer; the reply to the service has not left yet."""
        if not message.content.startswith(ANSWER):
            return
        self.figures.answers[message.content.removeprefix(ANSWER)] += 1
        if self._to_kill is not None:
            self._to_kill.signal("KILL")
            self._to_kill = None

    def _next_moment(self, last: str) -> str:
        """Choose one; a service is not killed twice before it could do anything."""
        moment = self._chance.choice(MOMENTS)
        return "messages" if moment == last == "start" else moment

    async def _live(self, bot: Child, moment: str) -> None:
        """Let a service live until its moment has come."""
        if moment == "start":
            await self._wait(self._chance.random() * EARLY)
            return
        talking = LoopingCall(self.say)
        talking.clock = self._reactor
        talking.start(PAUSE)
        for _ in range(self._chance.randrange(MOST_HEARD)):
            await bot.when_says("begin")
        if moment == "answer":
            self._to_kill = bot
            await bot.when_ended()
        await self._wait(self._chance.random() * PAUSE)
        talking.stop()

    def _wait(self, seconds: float) -> Deferred[None]:
        return deferLater(self._reactor, seconds)

    async def _settle(self) -> None:
        """Do what a person does who looks whether an answer arrived."""
        store = SQLiteStore(self._reactor, self.store)
        await store.open()
        account = key_at(self._sandbox.url)
        for send in await store.unknown_sends(account):
            self.figures.unknown.add(send.key)
            if send.key in self.figures.answers:
                await store.finish_send(account, send.key, "{}")
            else:
                await store.forget_send(account, send.key)
        self.figures.left = {s.key for s in await store.unknown_sends(account)}
        await store.close()
