"""Tests of padchat_twisted.sandbox.refusals: why something is not done."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.refusals import Refused


class RefusedTests(SynchronousTestCase):
    """A refusal, as an exception."""

    def test_text_and_status(self) -> None:
        """The text says why; a status of the engine may stand beside it."""
        refused = Refused("token has expired", -2023)
        self.assertEqual((refused.text, refused.status), (str(refused), -2023))
        self.assertIsNone(Refused("no").status)
