"""What the collector of garbage looks at."""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.garbage import leave_alone_what_stays


class GarbageTests(SynchronousTestCase):
    """Before and after."""

    def test_what_stays(self) -> None:
        """What is there is not looked at any more; what is made later is."""
        self.addCleanup(gc.unfreeze)
        stays: list[object] = []
        leave_alone_what_stays()
        later: list[object] = []
        looked_at = {id(each) for each in gc.get_objects()}
        self.assertNotIn(id(stays), looked_at)
        self.assertIn(id(later), looked_at)
