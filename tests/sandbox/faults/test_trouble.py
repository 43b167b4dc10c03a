"""The faults of a gateway as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from padchat_twisted.sandbox.binding import Notice
from padchat_twisted.sandbox.faults.chaos import Chaos
from padchat_twisted.sandbox.faults.deeds import Trigger
from padchat_twisted.sandbox.faults.library import UnknownScenario
from padchat_twisted.sandbox.faults.player import Who
from padchat_twisted.sandbox.faults.scenario import ALWAYS, Fault, Scenario
from padchat_twisted.sandbox.faults.trouble import (
    MAX_REPLAYED,
    Plan,
    Trouble,
)

BOT = Who("key", "bot")

ALL = Scenario("mine", "all is lost", (Fault("drop", Trigger.COMMAND, times=ALWAYS),))


class _Client:
    """A connection with faults."""

    recovered = 0

    def recover(self) -> None:
        """Count it."""
        self.recovered += 1


def push(*ids: str) -> Notice:
    """Make a push of messages."""
    items = [{"msgId": each, "msgType": 1, "timestamp": 5} for each in ids]
    return Notice("push", ({"list": items, "type": 2},))


class TroubleTests(SynchronousTestCase):
    """Without a gateway."""

    def setUp(self) -> None:
        """Have a clock, and count what is dropped."""
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.drops = 0

    def drop(self) -> None:
        """Count it."""
        self.drops += 1

    def made(self, plan: Plan) -> Trouble:
        """Make the faults of a plan."""
        return Trouble(self.clock, plan, self.drop)

    def met(self, trouble: Trouble) -> Sequence[Fault]:
        """Meet a command."""
        return trouble.met(Trigger.COMMAND, "sendMsg", BOT, 0.0)

    def test_plans(self) -> None:
        """A scenario, its name and a seed are played, and say what they are."""
        self.assertEqual(self.made(ALL).told, "scenario mine: all is lost")
        self.assertEqual(self.made(Chaos(42)).told, "chaos with seed 42")
        told = "scenario half-dead: the connection looks alive and is dead"
        self.assertEqual(self.made("half_dead").told, told)
        self.assertRaises(UnknownScenario, self.made, "nothing")

    def test_played(self) -> None:
        """What was done is counted."""
        trouble = self.made(ALL)
        self.met(trouble)
        self.met(trouble)
        self.assertEqual(trouble.played, {"drop": 2})

    def test_end(self) -> None:
        """After its time nothing happens any more, and nothing goes on."""
        trouble = self.made(Scenario("mine", "", ALL.faults, ends_after=60))
        # A gateway that is made and not served has no timers.
        self.assertEqual(self.clock.getDelayedCalls(), [])
        trouble.guard(Resource())
        client, gone = _Client(), _Client()
        trouble.add(client)
        trouble.add(gone)
        trouble.remove(gone)
        over = trouble.when_over()
        self.clock.advance(59)
        self.assertEqual(len(self.met(trouble)), 1)
        self.assertEqual(client.recovered, 0)
        self.assertNoResult(over)
        self.clock.advance(1)
        self.assertIsNone(self.successResultOf(over))
        self.assertEqual(self.met(trouble), ())
        self.assertEqual((client.recovered, gone.recovered), (1, 0))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_play(self) -> None:
        """Something else may be played, with new counts; what went on ends."""
        trouble = self.made(Scenario("once", "", (Fault("drop", Trigger.COMMAND),)))
        client = _Client()
        trouble.add(client)
        self.assertEqual([len(self.met(trouble)) for _ in range(2)], [1, 0])
        trouble.play(ALL)
        self.assertEqual(client.recovered, 1)
        self.assertEqual([len(self.met(trouble)) for _ in range(2)], [1, 1])
        self.assertRaises(UnknownScenario, trouble.play, "nothing")
        self.assertEqual(len(self.met(trouble)), 1)

    def test_stop(self) -> None:
        """They may be stopped before."""
        trouble = self.made(Chaos(1, ends_after=60))
        trouble.guard(Resource())
        trouble.play(Chaos(2, ends_after=90))
        [ending] = self.clock.getDelayedCalls()
        self.assertEqual(ending.getTime(), self.clock.seconds() + 90)
        trouble.stop()
        trouble.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual([self.met(trouble) for _ in range(500)], [()] * 500)

    def test_replay(self) -> None:
        """Messages are kept one by one, and come again as they were."""
        trouble = self.made(ALL)
        trouble.remember(BOT, push("1", "2"))
        trouble.remember(BOT, push("1"))
        trouble.remember(BOT, Notice("push", ({"list": [{"msgType": 2}]},)))
        self.assertEqual(trouble.replayed(BOT, 0), [push("2"), push("1")])
        self.assertEqual(trouble.replayed(Who("key", "other"), 0), [])

    def test_replay_is_old(self) -> None:
        """They may say that they were written long ago."""
        trouble = self.made(ALL)
        trouble.remember(BOT, push("1"))
        [again] = trouble.replayed(BOT, 86400)
        item = {"msgId": "1", "msgType": 1, "timestamp": 1_000_000 - 86400}
        self.assertEqual(again.args, ({"list": [item], "type": 2},))

    def test_replay_is_bounded(self) -> None:
        """The oldest are forgotten."""
        trouble = self.made(ALL)
        for number in range(MAX_REPLAYED + 1):
            trouble.remember(BOT, push(str(number)))
        again = trouble.replayed(BOT, 0)
        self.assertEqual(len(again), MAX_REPLAYED)
        self.assertEqual(again[0], push("1"))

    def test_restart(self) -> None:
        """Everybody is dropped."""
        self.made(ALL).restart(5)
        self.assertEqual(self.drops, 1)
