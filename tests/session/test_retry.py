"""Delays between attempts."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.retry import (
    FIRST_DELAY,
    LEAST_DELAY,
    LONGEST_DELAY,
    MOST_DOUBLINGS,
    full_jitter,
)

#: Next to 1, where chance ends.
ALMOST_ONE = 1.0 - 2.0**-53


class FullJitterTests(SynchronousTestCase):
    """Between nothing and an end that doubles."""

    def test_ends(self) -> None:
        """The end doubles up to the cap, and never passes it."""
        ends = [full_jitter(attempt, lambda: ALMOST_ONE) for attempt in range(1, 9)]
        for end, expected in zip(ends, (1, 2, 4, 8, 16, 32, 60, 60), strict=True):
            self.assertAlmostEqual(end, expected)
            self.assertLess(end, expected)

    def test_other_cap(self) -> None:
        """The cap can be another one."""
        self.assertEqual(full_jitter(20, lambda: 0.5, 600.0), 300.0)

    def test_least(self) -> None:
        """Chance may say nothing; something is waited all the same."""
        self.assertEqual(full_jitter(1, lambda: 0.0), LEAST_DELAY)

    def test_after_years(self) -> None:
        """The number of attempts has no end; the doubling has one."""
        self.assertEqual(full_jitter(10**6, lambda: 0.5), LONGEST_DELAY / 2)
        self.assertGreater(FIRST_DELAY * 2**MOST_DOUBLINGS, LONGEST_DELAY)

    def test_spread(self) -> None:
        """A thousand accounts that fell together come back evenly."""
        chance = Random(7).random
        delays = [full_jitter(7, chance) for _ in range(1000)]
        for tenth in range(10):
            low = LONGEST_DELAY / 10 * tenth
            count = sum(low <= delay < low + LONGEST_DELAY / 10 for delay in delays)
            self.assertTrue(70 <= count <= 130, (tenth, count))
