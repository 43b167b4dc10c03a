"""What the sandbox says of its faults."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .gateway import OVER, read_faults


class ReadFaultsTests(SynchronousTestCase):
    """The line at their end."""

    def test_read(self) -> None:
        """Names with numbers, or nothing."""
        self.assertEqual(
            read_faults(f"{OVER}12 close, 3 half-close"),
            {"close": 12, "half-close": 3},
        )
        self.assertEqual(read_faults(f"{OVER}there were none"), {})
