"""Counts between two midnights, stored in groups."""

from __future__ import annotations

import time

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.day_counts import SAVE_SECONDS, DayCounts

#: Ten seconds before midnight, wherever the test runs.
EVENING = time.mktime((2026, 1, 31, 23, 59, 50, 0, 0, -1))


class DayCountsTests(SynchronousTestCase):
    """The counts of one account."""

    def setUp(self) -> None:
        """Begin in the evening."""
        self.clock = Clock()
        self.clock.advance(EVENING)
        self.saved: list[tuple[str, dict[str, int]]] = []
        self.counts = DayCounts(self.clock, self.clock.seconds, self.save)

    def save(self, day: str, counts: dict[str, int]) -> Deferred[None]:
        """Store a group."""
        self.saved.append((day, counts))
        return succeed(None)

    def test_groups(self) -> None:
        """All that comes within the time is stored at once, and nothing else."""
        self.counts.load({"text": 5})
        for kind in ("text", "image", "text"):
            self.counts.add(kind)
        self.clock.advance(SAVE_SECONDS - 2**-10)
        self.assertEqual(self.saved, [])
        self.clock.advance(2**-10)
        self.assertEqual(self.saved, [("2026-01-31", {"text": 7, "image": 1})])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.counts.flush()
        self.assertEqual(len(self.saved), 1)

    def test_flush(self) -> None:
        """At the end what is not stored yet is stored."""
        self.counts.add("text")
        self.counts.flush()
        self.assertEqual(self.saved, [("2026-01-31", {"text": 1})])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_closed(self) -> None:
        """After the end nothing is stored any more, and no timer is left."""
        self.counts.add("text")
        self.assertIsNone(self.counts.close())
        self.counts.add("text", -1)
        self.assertIsNone(self.counts.close())
        self.assertEqual(self.saved, [("2026-01-31", {"text": 1})])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_taken_back(self) -> None:
        """What did not leave is not counted, and never below zero."""
        self.counts.add("text")
        self.counts.add("text", -1)
        self.counts.add("text", -1)
        self.assertEqual(self.counts.of("text"), 0)
        self.counts.flush()

    def test_midnight(self) -> None:
        """With the new day all begins at zero; the old one is stored as it was."""
        self.clock.advance(9.5)
        self.counts.add("text")
        self.clock.advance(0.5)
        self.counts.add("text")
        self.assertEqual(self.saved, [("2026-01-31", {"text": 1})])
        self.assertEqual(self.counts.counts(), {"text": 1})
        self.counts.flush()
        self.assertEqual(self.saved[1:], [("2026-02-01", {"text": 1})])

    def test_slow_store(self) -> None:
        """A store that takes long has one save at a time, and the newest after it."""
        saving: list[Deferred[None]] = [Deferred() for _ in range(3)]

        def save(day: str, counts: dict[str, int]) -> Deferred[None]:
            self.saved.append((day, counts))
            return saving[len(self.saved) - 1]

        self.counts = DayCounts(self.clock, self.clock.seconds, save)
        for _ in range(3):
            self.counts.add("text")
            self.clock.advance(SAVE_SECONDS)
        self.assertEqual(self.saved, [("2026-01-31", {"text": 1})])
        self.clock.advance(10)
        self.counts.add("text")
        closing = self.counts.close()
        assert closing is not None
        saving[0].callback(None)
        saving[1].callback(None)
        self.assertNoResult(closing)
        saving[2].callback(None)
        self.successResultOf(closing)
        days = [("2026-01-31", {"text": 3}), ("2026-02-01", {"text": 1})]
        self.assertEqual(self.saved[1:], days)
