"""What an account usually hears."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.habit import SLOT_SECONDS, SLOTS, Habit

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

#: How often it is looked (seconds).
LOOK = 5 * MINUTE


class HabitTests(SynchronousTestCase):
    """Silences, against what was learnt."""

    def setUp(self) -> None:
        """Begin at midnight, with somebody who writes now and then."""
        self.habit = Habit()
        self.now = 20_000 * DAY
        self.habit.watch(self.now)
        self.chance = Random(1).random

    def live(self, days: float, rate: float, first: float = 0, last: float = 24) -> int:
        """Let days pass with messages between two hours; count the alarms.

        Args:
            days: how many.
            rate: messages in an hour.
            first: hour of the day from which somebody writes.
            last: hour until which.
        """
        alarms = 0
        for _ in range(round(days * DAY / LOOK)):
            self.now += LOOK
            is_awake = first <= self.now % DAY / HOUR < last
            heard = is_awake and self.chance() < rate * LOOK / HOUR
            alarms += self.habit.look(self.now, heard=heard)
        return alarms

    def silence(self, most: float) -> float | None:
        """Be silent; tell after how many seconds there is an alarm."""
        began = self.now
        while self.now < began + most:
            self.now += LOOK
            if self.habit.look(self.now, heard=False):
                return self.now - began
        return None

    def test_busy(self) -> None:
        """An account that always hears something is missed within hours."""
        self.assertEqual(self.live(14, 30), 0)
        after = self.silence(DAY)
        assert after is not None
        self.assertTrue(2 * HOUR <= after <= 3 * HOUR, after)

    def test_told_once(self) -> None:
        """A silence is told once, until something is heard again."""
        self.live(14, 30)
        self.assertIsNotNone(self.silence(DAY))
        self.assertIsNone(self.silence(5 * DAY))
        self.live(14, 30)
        self.assertIsNotNone(self.silence(DAY))

    def test_nights(self) -> None:
        """Nobody writes at night, and nobody is missed then; by day it is noticed."""
        self.assertEqual(self.live(21, 10, 8, 22), 0)
        self.live(12 / 24, 10, 8, 22)
        after = self.silence(DAY)
        assert after is not None
        self.assertTrue(2 * HOUR <= after <= 3 * HOUR, after)

    def test_weekends(self) -> None:
        """Five days of work and two of rest: the rest is told as one silence."""
        for _ in range(6):
            self.assertEqual(self.live(5, 10, 9, 18), 0)
            self.assertLessEqual(self.live(2, 0), 1)

    def test_nobody_writes(self) -> None:
        """Who never hears anything is never missed."""
        self.assertEqual(self.live(30, 0), 0)

    def test_seldom(self) -> None:
        """Some messages a day, at any time: hours of silence are usual."""
        self.assertEqual(self.live(30, 0.2), 0)

    def test_new(self) -> None:
        """Of an account of yesterday little is known: it takes longer."""
        self.live(2, 30)
        after = self.silence(2 * DAY)
        assert after is not None
        self.assertGreater(after, 5 * HOUR)

    def test_not_watched(self) -> None:
        """A time in which nothing could be heard is not learnt, and no silence."""
        self.live(14, 30)
        self.now += 3 * DAY
        self.habit.watch(self.now)
        self.assertFalse(self.habit.look(self.now + MINUTE, heard=False))
        after = self.silence(DAY)
        assert after is not None
        self.assertGreater(after, 2 * HOUR)

    def test_clock_is_set(self) -> None:
        """A clock that jumps, either way, is no silence and costs no time."""
        self.live(14, 30)
        for jump in (-400 * DAY, 30_000 * DAY, 2 * SLOTS * SLOT_SECONDS):
            self.now += jump
            self.assertFalse(self.habit.look(self.now, heard=False))
