"""Chaos that comes again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.chaos import (
    RESTART_PAUSE,
    Chaos,
    ChaosPlayer,
    duration,
)
from padchat_twisted.sandbox.faults.deeds import DEEDS, Trigger
from padchat_twisted.sandbox.faults.player import MAX_ACCOUNTS_PLAYED, Who
from padchat_twisted.sandbox.faults.scenario import Fault

#: So many that each fault comes.
MANY = 20_000

BOT = Who("key", "bot")


def played(player: ChaosPlayer, account: str, times: int = 500) -> list[Fault]:
    """Play commands, events and connections of an account."""
    faults: list[Fault] = []
    for number in range(times):
        for trigger, name in (
            (Trigger.COMMAND, "sendMsg"),
            (Trigger.EVENT, "push"),
            (Trigger.CONNECTION, ""),
        ):
            now = float(number)
            faults += player.met(trigger, name, Who("key", account), now=now, age=now)
    return faults


def _own(faults: list[Fault]) -> list[Fault]:
    """Leave out what concerns all accounts."""
    return [fault for fault in faults if fault.do != "restart"]


class ChaosTests(SynchronousTestCase):
    """Faults by chance."""

    def test_same_seed(self) -> None:
        """The same seed makes the same faults, another one makes others."""
        first = played(ChaosPlayer(Chaos(42)), "bot")
        self.assertEqual(played(ChaosPlayer(Chaos(42)), "bot"), first)
        self.assertNotEqual(played(ChaosPlayer(Chaos(43)), "bot"), first)
        self.assertGreater(len(first), 100)

    def test_accounts(self) -> None:
        """What hits an account does not depend on others, and is not the same."""
        alone = _own(played(ChaosPlayer(Chaos(42)), "one"))
        both = ChaosPlayer(Chaos(42))
        other = _own(played(both, "two"))
        self.assertEqual(_own(played(both, "one")), alone)
        self.assertNotEqual(other, alone)

    def test_kinds(self) -> None:
        """Each fault is one that a scenario could have; none ends an account."""
        for trigger, name in (
            (Trigger.COMMAND, "sendMsg"),
            (Trigger.EVENT, "push"),
            (Trigger.EVENT, "loaded"),
            (Trigger.CONNECTION, ""),
        ):
            player = ChaosPlayer(Chaos(1))
            kinds: Counter[str] = Counter()
            for _ in range(MANY):
                for fault in player.met(trigger, name, BOT, now=0, age=0):
                    kinds[fault.do] += 1
                    self.assertIn(trigger, DEEDS[fault.do].triggers)
                    if "seconds" in DEEDS[fault.do].needs:
                        self.assertGreater(fault.seconds, 0)
            self.assertEqual(kinds & Counter({"take-over": 1, "refuse-key": 1}), {})
            self.assertGreater(kinds["close"], 0)

    def test_nothing_is_lost(self) -> None:
        """No message is lost on a connection that lives, and no login is refused."""
        player = ChaosPlayer(Chaos(7))
        for _ in range(MANY):
            for event in ("push", "notify", "login", "qrcode"):
                faults = player.met(Trigger.EVENT, event, BOT, now=0, age=0)
                self.assertNotIn("drop", [fault.do for fault in faults])
                self.assertNotIn("garble", [fault.do for fault in faults])
            faults = [
                *player.met(Trigger.COMMAND, "login", BOT, now=0, age=0),
                *player.met(Trigger.LOGIN_BY_TOKEN, "login", BOT, now=0, age=0),
            ]
            self.assertNotIn("refuse", [fault.do for fault in faults])

    def test_restarts(self) -> None:
        """However many accounts there are, restarts do not follow each other."""
        player = ChaosPlayer(Chaos(3))
        times = [
            now
            for now in map(float, range(1000))
            for account in map(str, range(20))
            for fault in player.met(
                Trigger.CONNECTION, "", Who("key", account), now=now, age=0
            )
            if fault.do == "restart"
        ]
        self.assertGreater(len(times), 2)
        for first, second in pairwise(times):
            self.assertGreaterEqual(second - first, RESTART_PAUSE)

    def test_many_accounts(self) -> None:
        """Names without end do not fill the memory."""
        player = ChaosPlayer(Chaos(1))
        for number in range(MAX_ACCOUNTS_PLAYED):
            player.met(
                Trigger.COMMAND, "sendMsg", Who("key", str(number)), now=0, age=0
            )
        self.assertEqual(played(player, "one more"), [])


class DurationTests(SynchronousTestCase):
    """A time on a command line."""

    def test_good(self) -> None:
        """Numbers of seconds are times."""
        self.assertEqual([duration("0"), duration("1.5")], [0.0, 1.5])

    def test_bad(self) -> None:
        """What is none is refused, with what one is."""
        for text in ("soon", "-1", "nan", "inf"):
            error = self.assertRaises(ValueError, duration, text)
            self.assertIn("a time is a number of seconds", str(error))
            self.assertIn(repr(text), str(error))
