"""Turns to connect."""

from __future__ import annotations

import gc
import weakref
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.budget import (
    MAX_CONNECTS_PER_SECOND,
    ConnectBudget,
    Pace,
    budget_of,
)
from tests.busiest import most_in_a_second


class PaceTests(SynchronousTestCase):
    """When the next one may be."""

    def test_at_once(self) -> None:
        """The first few need not wait."""
        pace = Pace(3)
        for _ in range(3):
            self.assertEqual(pace.next_at(), 0.0)
            pace.take(5.0)
        self.assertEqual(pace.next_at(), 6.0)

    def test_evenly(self) -> None:
        """When there were as many, they follow each other evenly."""
        pace = Pace(4)
        times = []
        for _ in range(12):
            times.append(max(10.0, pace.next_at()))
            pace.take(times[-1])
        self.assertEqual(times[:5], [10.0] * 4 + [11.0])
        self.assertEqual(times[5:], [11.25 + n / 4 for n in range(7)])

    def test_never_more(self) -> None:
        """Whenever they come, no second has more than it may."""
        for seed in range(20):
            chance = Random(seed)
            per_second = chance.randint(1, 7)
            pace, now, times = Pace(per_second), 0.0, []
            for _ in range(300):
                now += chance.choice((0.0, 0.0, 0.01, 0.3, 2.0))
                now = max(now, pace.next_at())
                pace.take(now)
                times.append(now)
            self.assertLessEqual(most_in_a_second(times), per_second, seed)

    def test_none(self) -> None:
        """Less than one in a second is refused."""
        self.assertRaises(ValueError, Pace, 0)


class ConnectBudgetTests(SynchronousTestCase):
    """Who waits for a turn."""

    def setUp(self) -> None:
        """Three in a second."""
        self.clock = Clock()
        self.budget = ConnectBudget(self.clock, 3)
        self.turns: list[tuple[str, float]] = []

    def wait(self, name: str) -> int:
        """Wait for a turn."""
        return self.budget.wait(lambda: self.turns.append((name, self.clock.seconds())))

    def test_order(self) -> None:
        """First come, first served, with one timer for all."""
        for name in "abcdef":
            self.wait(name)
        self.assertEqual("".join(name for name, _ in self.turns), "abc")
        self.assertEqual(self.budget.waiting, 3)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.pump([0.1] * 20)
        self.assertEqual("".join(name for name, _ in self.turns), "abcdef")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_given_up(self) -> None:
        """A turn that is not wanted goes to the next one; twice is once."""
        turns = [self.wait(name) for name in "abcdef"]
        for number in (turns[3], turns[3], turns[0]):
            self.budget.give_up(number)
        self.clock.advance(1.0)
        self.assertEqual(self.turns[3:], [("e", 1.0)])

    def test_nobody_waits(self) -> None:
        """When all have given up there is no timer left."""
        for number in [self.wait(name) for name in "abcdef"]:
            self.budget.give_up(number)
        self.assertEqual(self.budget.waiting, 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_asked_in_a_turn(self) -> None:
        """Who asks again in their turn comes last."""

        def ask_again() -> None:
            self.wait("again")

        self.budget.wait(ask_again)
        for name in "bcd":
            self.wait(name)
        self.clock.pump([0.5] * 6)
        self.assertEqual([name for name, _ in self.turns], ["again", *"bcd"])

    def test_one_that_fails(self) -> None:
        """A turn that raises does not take the others' away."""

        def fail() -> None:
            raise RuntimeError

        for name in "abc":
            self.wait(name)
        self.budget.wait(fail)
        self.wait("d")
        self.clock.pump([0.5] * 4)
        self.assertEqual("".join(name for name, _ in self.turns), "abcd")
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_long_turn(self) -> None:
        """A turn connects somewhere between its begin and its end: the end counts."""
        connected = []

        def connect() -> None:
            self.clock.rightNow += 0.5
            connected.append(self.clock.seconds())

        for turn in [connect, *[lambda: connected.append(self.clock.seconds())] * 4]:
            self.budget.wait(turn)
        self.clock.pump([0.125] * 20)
        self.assertEqual(len(connected), 5)
        self.assertEqual(most_in_a_second(connected), 3)

    def test_of_a_reactor(self) -> None:
        """The accounts of a reactor share one; that of another is its own."""
        other = Clock()
        shared = budget_of(self.clock)
        self.assertIs(budget_of(self.clock), shared)
        self.assertIsNot(budget_of(other), shared)
        times = []
        for _ in range(MAX_CONNECTS_PER_SECOND + 1):
            shared.wait(lambda: times.append(self.clock.seconds()))
        self.assertEqual(len(times), MAX_CONNECTS_PER_SECOND)

    def test_forgotten(self) -> None:
        """One that no account has is not kept, and keeps no reactor."""
        clock = Clock()
        budget, reactor = weakref.ref(budget_of(clock)), weakref.ref(clock)
        del clock
        gc.collect()
        self.assertIsNone(budget())
        self.assertIsNone(reactor())
