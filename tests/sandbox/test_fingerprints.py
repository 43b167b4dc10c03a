"""Tests of padchat_twisted.sandbox.fingerprints."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.fingerprints import fingerprint


class FingerprintTests(SynchronousTestCase):
    """Digits that stand for a text."""

    def test_same_and_other(self) -> None:
        """The same text has the same digits, another one others, whatever is in it."""
        self.assertRegex(fingerprint("李四 \ud800"), r"\A[0-9a-f]{64}\Z")
        self.assertEqual(fingerprint("a"), fingerprint("a"))
        self.assertNotEqual(fingerprint("a"), fingerprint("b"))
