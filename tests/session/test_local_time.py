"""Points in time for people."""

from __future__ import annotations

import os
import time

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from padchat_twisted.session.local_time import local_time


class LocalTimeTests(SynchronousTestCase):
    """The time of the place."""

    def go_to(self, zone: str) -> None:
        """Go to a time zone until the test ends."""
        if not hasattr(time, "tzset"):
            raise SkipTest("this system sets no time zone for a process")
        before = os.environ.get("TZ")
        os.environ["TZ"] = zone
        time.tzset()
        self.addCleanup(self.go_back, before)

    def go_back(self, zone: str | None) -> None:
        """Go to the time zone of before."""
        if zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = zone
        time.tzset()

    def test_zones(self) -> None:
        """One point in time is another hour elsewhere."""
        self.go_to("UTC0")
        self.assertEqual(local_time(1_790_000_000.9), "2026-09-21 14:13:20")
        self.go_to("CST-8")
        self.assertEqual(local_time(1_790_000_000.0), "2026-09-21 22:13:20")
