"""The key ``inbox`` of an account."""

from __future__ import annotations

from padchat_twisted.service.config import load_configuration
from padchat_twisted.service.inboxes import MAX_OLD_SECONDS
from padchat_twisted.session.policy import InboxPolicy

from .test_config import CONFIGS, ENVIRON, ConfigCase

#: Another account, which is the third.
ACCOUNT = '[[account]]\nname = "shop-3"\nhandlers = "bots.shop:setup"'
NUMBER = 3


class InboxTests(ConfigCase):
    """What is read, and what is said of a broken one."""

    def policy_of(self, inbox: str) -> InboxPolicy:
        """Read a good configuration with this table."""
        text = (CONFIGS / "good.toml").read_text("utf-8")
        path = self.write(f"{text}\n{ACCOUNT}\ninbox = {{ {inbox} }}\n")
        return load_configuration(path, ENVIRON).accounts[-1].inbox

    def told_of(self, inbox: str) -> list[str]:
        """Read a broken one, and return what is said of it."""
        text = (CONFIGS / "good.toml").read_text("utf-8")
        problems = self.problems_of(f"{text}\n{ACCOUNT}\ninbox = {inbox}\n")
        return [problem.found for problem in problems]

    def test_good(self) -> None:
        """Each key is read; what is left out is as usual."""
        self.assertEqual(self.policy_of(""), InboxPolicy())
        self.assertEqual(self.policy_of("durable = true"), InboxPolicy(durable=True))
        self.assertEqual(
            self.policy_of('old_messages = "drop", old_seconds = 60'),
            InboxPolicy(old_messages="drop", old_seconds=60.0),
        )

    def test_broken(self) -> None:
        """Each key is told what it must be."""
        for inbox, key, found in (
            ("true", "", "this is a boolean"),
            ("{ durable = 1 }", "durable", "this is 1"),
            ('{ old_messages = "keep" }', "old_messages", "this is another text"),
            ("{ old_messages = [] }", "old_messages", "this is an array"),
            ("{ old_seconds = 0 }", "old_seconds", "this is 0"),
            ("{ old_seconds = inf }", "old_seconds", "this is inf"),
            ("{ old_seconds = true }", "old_seconds", "this is a boolean"),
        ):
            (told,) = self.told_of(inbox)
            self.assertTrue(told.startswith(f"[[account]] {NUMBER} inbox"), told)
            self.assertTrue(told.endswith(f"{key}: {found}".strip()), told)

    def test_longest_age(self) -> None:
        """An age of a year can be written, and no longer one."""
        year = MAX_OLD_SECONDS
        policy = self.policy_of(f"old_seconds = {year}")
        self.assertEqual(policy.old_seconds, year)
        (told,) = self.told_of(f"{{ old_seconds = {year + 1} }}")
        self.assertIn(str(year + 1), told)
