"""Tests of padchat_twisted.sandbox.settings: how the pretend WeChat behaves."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.settings import WorldSettings


class WorldSettingsTests(SynchronousTestCase):
    """The settings and their limits."""

    def test_defaults(self) -> None:
        """A code lives four minutes; five minutes of messages come again."""
        settings = WorldSettings()
        self.assertEqual(settings.qr_code_seconds, 240)
        self.assertEqual(settings.replay_seconds, 300)

    def test_times_that_would_stop_the_clock(self) -> None:
        """A code without life, or repeated without pause, cannot be."""
        self.assertRaises(ValueError, WorldSettings, qr_code_seconds=0)
        self.assertRaises(ValueError, WorldSettings, scan_repeat_seconds=0)
        WorldSettings(replay_seconds=0, token_seconds=0, auto_scan_seconds=0)
