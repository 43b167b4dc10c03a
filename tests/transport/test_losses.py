"""Losses, one by one and many at once."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.losses import SHARE_SECONDS, Losses, losses_of


class LossesTests(SynchronousTestCase):
    """When each is told."""

    def setUp(self) -> None:
        """Nothing was lost yet."""
        self.clock = Clock()
        self.losses = Losses(self.clock)
        self.told: list[int] = []

    def lose(self, number: int, seconds: float = 0.0) -> None:
        """Lose a connection, which takes some time to tell."""

        def loss() -> None:
            self.clock.rightNow += seconds
            self.told.append(number)

        self.losses.tell(loss)

    def test_at_once(self) -> None:
        """What takes no time is told at once, and leaves no timer."""
        for number in range(1000):
            self.lose(number)
        self.assertEqual(self.told, list(range(1000)))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_in_turns(self) -> None:
        """What takes long is told in several turns, in order."""
        for number in range(10):
            self.lose(number, SHARE_SECONDS / 2)
        self.assertEqual(self.told, [0, 1])
        self.assertEqual(self.losses.waiting, 8)
        self.clock.callLater(0, self.told.append, -1)
        self.clock.advance(0)
        self.assertEqual(self.told, [0, 1, 2, 3, -1, *range(4, 10)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_later(self) -> None:
        """One that comes after a while is told at once."""
        self.lose(0, SHARE_SECONDS)
        self.clock.advance(1.0)
        self.lose(1)
        self.assertEqual(self.told, [0, 1])

    def test_one_that_fails(self) -> None:
        """What raises does not keep the others back."""

        def fail() -> None:
            raise RuntimeError

        self.lose(0, SHARE_SECONDS)
        self.losses.tell(fail)
        self.lose(1)
        self.assertRaises(RuntimeError, self.clock.advance, 0)
        self.clock.advance(0)
        self.assertEqual(self.told, [0, 1])

    def test_shared(self) -> None:
        """There is one for each clock."""
        losses = losses_of(self.clock)
        self.assertIs(losses_of(self.clock), losses)
        self.assertIsNot(losses_of(Clock()), losses)
