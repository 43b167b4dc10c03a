"""The world stays consistent, whatever three accounts do to it at once."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .consistency import play

#: Sequences and steps that take a few seconds; ``python -m tests.sandbox.consistency``
#: plays longer ones.
EXAMPLES, STEPS = 60, 40


class ConsistencyTests(SynchronousTestCase):
    """What each account sees agrees with what was done."""

    def test_consistent(self) -> None:
        """Membership, messages, contacts and all else agree after every step."""
        play(EXAMPLES, STEPS)
