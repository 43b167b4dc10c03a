"""One switch for several."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.pausing import Pausing


class PausingTests(SynchronousTestCase):
    """Who wants reading to pause."""

    def test_two(self) -> None:
        """It goes on when nobody wants the pause any more."""
        told: list[bool] = []
        pausing = Pausing(told.append)
        one, other = pausing.by("one"), pausing.by("other")
        one(True)
        other(True)
        other(True)
        self.assertEqual(told, [True, True, True])
        one(False)
        one(False)
        self.assertEqual(told, [True, True, True])
        other(False)
        self.assertEqual(told, [True, True, True, False])

    def test_nobody_paused(self) -> None:
        """Who did not want it says nothing by wanting it no more."""
        told: list[bool] = []
        Pausing(told.append).by("one")(False)
        self.assertEqual(told, [])
