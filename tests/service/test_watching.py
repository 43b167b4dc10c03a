"""The section ``[watch]``."""

from __future__ import annotations

from padchat_twisted.service.config import load_configuration
from padchat_twisted.service.watching import MAX_STALL_SECONDS, MIN_STALL_SECONDS

from .test_config import CONFIGS, ENVIRON, ConfigCase


class WatchTests(ConfigCase):
    """What is read, and what is said of a broken one."""

    def with_watch(self, value: object) -> str:
        """Return a good configuration with this value."""
        text = (CONFIGS / "good.toml").read_text("utf-8")
        return f"{text}\n[watch]\nstall_seconds = {value}\n"

    def test_left_out(self) -> None:
        """Nobody looks unless it is asked for."""
        configuration = load_configuration(self.folder / "good.toml", ENVIRON)
        self.assertIsNone(configuration.stall_seconds)

    def test_good(self) -> None:
        """Whole numbers and others are taken, up to the limits."""
        for value in (1, 0.25, MIN_STALL_SECONDS, MAX_STALL_SECONDS):
            path = self.write(self.with_watch(value))
            found = load_configuration(path, ENVIRON).stall_seconds
            self.assertEqual(found, value)

    def test_broken(self) -> None:
        """Anything else is told."""
        for value, found in (
            ("true", "this is a boolean"),
            ("nan", "this is nan"),
            (MIN_STALL_SECONDS - 0.01, "this is 0.04"),
            (MAX_STALL_SECONDS + 1, "this is 61.0"),
        ):
            (problem,) = self.problems_of(self.with_watch(value))
            self.assertEqual(problem.found, f"[watch] stall_seconds: {found}")
