"""The settings: what is refused, and what the cautious ones are."""

from __future__ import annotations

from math import inf, nan
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.pacing import (
    COOL_DOWN,
    LONGEST_COOL_DOWN,
    LONGEST_WAIT,
    MAX_LARGE_UPLOADS,
    MAX_WAITING_CALLS,
    Pacing,
    Rate,
)


class SettingsTests(SynchronousTestCase):
    """Rates and settings."""

    def refused(self, text: str, **fields: Any) -> None:  # noqa: ANN401 - any field
        """Expect an error that names what is wrong."""
        self.assertIn(text, str(self.assertRaises(ValueError, Pacing, **fields)))

    def test_rates(self) -> None:
        """A rate has some time, and a whole number at once."""
        Rate(0.1, 1)
        for every in (0, -1.0, inf, nan):
            self.assertRaises(ValueError, Rate, every)
        for burst in (0, -1, 1.5, True):
            self.assertRaises(ValueError, Rate, 1.0, burst)

    def test_edges(self) -> None:
        """What is just right passes, what is just wrong tells what it should be."""
        Pacing(per_day={"text": 0}, max_waiting=1, cool_down=5, longest_cool_down=5)
        self.refused(
            "found the kind 'texts', expected one of text, image",
            kinds={"texts": Rate(1)},
        )
        self.refused("found the kind 'all'", per_day={"all": 1})
        self.refused("per_day of text: found -1", per_day={"text": -1})
        self.refused("max_waiting: found 0", max_waiting=0)
        self.refused("max_large_uploads: found 0", max_large_uploads=0)
        self.refused("longest_wait: found 0", longest_wait=0)
        self.refused("cool_down: found 0", cool_down=0)
        self.refused("longest_cool_down: found less", longest_cool_down=COOL_DOWN / 2)
        self.refused("too_often_texts: found an empty text", too_often_texts=("", "a"))

    def test_nothing_limited(self) -> None:
        """Without numbers nothing is limited but what waits, and it cools down."""
        pacing = Pacing()
        self.assertEqual(
            (pacing.overall, pacing.kinds, pacing.conversation, pacing.per_day),
            (None, {}, None, {}),
        )
        self.assertEqual(
            (
                pacing.max_waiting,
                pacing.longest_wait,
                pacing.max_large_uploads,
                pacing.cool_down,
                pacing.longest_cool_down,
            ),
            (
                MAX_WAITING_CALLS,
                LONGEST_WAIT,
                MAX_LARGE_UPLOADS,
                COOL_DOWN,
                LONGEST_COOL_DOWN,
            ),
        )

    def test_cautious(self) -> None:
        """The guesses are a start; what is given goes before."""
        pacing = Pacing.cautious(per_day={"text": 7}, dry_run=True)
        self.assertEqual(pacing.per_day, {"text": 7})
        self.assertTrue(pacing.dry_run)
        self.assertEqual(pacing.overall, Rate(1.0, 10))
        self.assertIn("guess", Pacing.cautious.__doc__ or "")
