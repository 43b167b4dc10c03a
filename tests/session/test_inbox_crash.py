"""A bot that is killed inside a handler, against a sandbox over real sockets."""

from __future__ import annotations

import itertools
import random
import secrets
import signal
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.trial.unittest import TestCase
from twisted.web.server import Site

from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World

from ..children import Child, start_child

reactor: Any = _reactor

KEY = "crash-key"

#: How often a bot is killed at any moment.
KILLS = 3


class KilledTests(TestCase):
    """Nothing is lost, and nothing is handled twice without a mark."""

    timeout = 120

    def setUp(self) -> None:
        """Serve a sandbox on this machine."""
        self.world = World(
            clock=reactor.seconds,
            random_hex=secrets.token_hex,
            settings=WorldSettings(auto_scan_seconds=0.01),
        )
        self.world.auto_scan = True
        self.gateway = SandboxGateway(reactor, self.world, auth_keys=[KEY])
        site = Site(self.gateway.resource(), reactor=reactor)
        self.port = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.store = Path(self.mktemp()).absolute()
        self.addCleanup(self.clean_up)

    async def clean_up(self) -> None:
        """Stop the sandbox."""
        await self.gateway.stop()
        await maybeDeferred(self.port.stopListening)
        for _ in range(3):
            await deferLater(reactor, 0)

    def start(self, policy: str) -> Child:
        """Start the bot."""
        url = f"http://127.0.0.1:{self.port.getHost().port}/user"
        return start_child(
            self,
            ("-m", "tests.session.inbox_child"),
            *(url, KEY, str(self.store), policy),
            folder=self.store.parent,
        )

    def say(self, who: str, text: str) -> None:
        """Have somebody write to the bot."""
        to = self.world.account("0").own_user
        self.world.person(who).says(text, to=to)

    async def kill_inside_a_handler(self, policy: str) -> None:
        """Have a bot handle messages until one of them kills it."""
        bot = self.start(policy)
        await bot.when_says("ready")
        self.say("alice", "one")
        await bot.when_says("done one")
        self.say("bob", "hang")
        await bot.when_says("begin hang")
        self.say("alice", "die")
        self.assertEqual(await bot.when_ended(), -signal.SIGKILL, bot.lines(2))

    async def test_durable(self) -> None:
        """What handlers had comes again, marked, and before what came meanwhile."""
        await self.kill_inside_a_handler("durable")
        self.say("alice", "late")
        bot = self.start("durable")
        await bot.when_says("ready")
        self.say("alice", "end")
        await bot.when_says("done end")
        await bot.stop()
        lines = [line for line in bot.lines() if line != "ready"]
        self.assertEqual(lines.count("begin hang marked"), 1)
        lines.remove("begin hang marked")
        expected = ["begin die marked", "done die", "begin late", "done late"]
        self.assertEqual(lines, [*expected, "begin end", "done end"])

    async def test_plain(self) -> None:
        """Without the setting it is handled again as if it were new."""
        await self.kill_inside_a_handler("plain")
        bot = self.start("plain")
        self.assertEqual(await bot.when_says("begin die"), "begin die")
        self.assertEqual(await bot.when_ended(), -signal.SIGKILL)

    async def test_at_any_moment(self) -> None:
        """Killed while messages flow, again and again: none lost, none twice."""
        people = ("alice", "bob", "carol")
        chance = random.Random(7)
        numbers = itertools.count()
        said: list[str] = []
        begun: list[str] = []

        def say() -> None:
            for who in people:
                said.append(str(next(numbers)))
                self.say(who, said[-1])

        for _ in range(KILLS):
            bot = self.start("durable")
            await bot.when_says("ready")
            talking = LoopingCall(say)
            talking.start(0.005)
            for _ in range(chance.randrange(10, 60)):
                await bot.when_says("begin")
            await deferLater(reactor, chance.random() / 50)
            await bot.stop()
            talking.stop()
            begun += [line for line in bot.lines() if line.startswith("begin ")]
        bot = self.start("durable")
        await bot.when_says("ready")
        for who in people:
            self.say(who, f"end of {who}")
            await bot.when_says(f"done end of {who}")
        await bot.stop()
        begun += [line for line in bot.lines() if line.startswith("begin ")]

        words = [line.split() for line in begun if "end of" not in line]
        self.assertEqual({word[1] for word in words}, set(said))
        unmarked = [word[1] for word in words if len(word) == 2]
        self.assertEqual(len(unmarked), len(set(unmarked)))
        first = list(dict.fromkeys(word[1] for word in words))
        for place in range(len(people)):
            own = [int(text) for text in first if int(text) % len(people) == place]
            self.assertEqual(own, sorted(own))
