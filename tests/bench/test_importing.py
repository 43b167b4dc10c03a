"""The time of the import is measured in processes of its own."""

from __future__ import annotations

import os

from twisted.trial.unittest import SynchronousTestCase

from tests.bench.importing import measure


class ImportingTests(SynchronousTestCase):
    """What is measured; how long it takes is for `make bench`."""

    def test_measured(self) -> None:
        """Each round gives a time, and nothing is left behind."""
        before = dict(os.environ)
        (seconds,) = measure(rounds=1)
        self.assertGreater(seconds, 0.0)
        self.assertEqual(dict(os.environ), before)
