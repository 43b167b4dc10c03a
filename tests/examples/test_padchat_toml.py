"""The configuration of the documents: checked, and run by twistd."""

from __future__ import annotations

import shutil
from pathlib import Path

from twisted.internet.defer import gatherResults
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service import check

from ..children import PADCHAT, STDERR, TWISTD, signal_number, start_child
from .running import AUTH_KEY, EXAMPLES, ExampleTestCase

NAMES = ("shop-1", "shop-2")


class CheckTests(SynchronousTestCase):
    """The file as it stands."""

    def test_no_problems(self) -> None:
        """It has no problems, once the variable with the key is set."""
        file = EXAMPLES / "padchat.toml"
        self.assertEqual(check(file, {"PADCHAT_AUTH_KEY": AUTH_KEY}), [])
        self.assertEqual(len(check(file, {})), 1)


class RunTests(ExampleTestCase):
    """The file with the port of the test's sandbox in place of the usual one."""

    def copied(self) -> Path:
        """Put the configuration and its handlers into the test's folder."""
        shutil.copy(EXAMPLES / "shop_bot.py", self.folder)
        text = (EXAMPLES / "padchat.toml").read_text()
        usual = '"http://127.0.0.1:7700/user"'
        self.assertIn(usual, text)
        copy = self.folder / "padchat.toml"
        copy.write_text(text.replace(usual, f'"{self.sandbox.url}"'))
        return copy

    async def test_check(self) -> None:
        """`padchat check` says so."""
        self.copied()
        arguments = ("check", "--config", "padchat.toml")
        key = {"PADCHAT_AUTH_KEY": AUTH_KEY}
        child = start_child(self, PADCHAT, *arguments, folder=self.folder, environ=key)
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual(child.lines(), ["padchat.toml: no problems found"])

    async def test_twistd(self) -> None:
        """`twistd -n padchat` runs both accounts; SIGTERM logs nobody out."""
        self.copied()
        people = [self.sandbox.world.person(name) for name in NAMES]
        answered = gatherResults([self.all_answered("pong", [x]) for x in NAMES])
        for person in people:
            self.alice.says("ping", to=person)
        child = start_child(
            self,
            TWISTD,
            *("-n", "padchat", "--config", "padchat.toml"),
            folder=self.folder,
            environ={"PADCHAT_AUTH_KEY": AUTH_KEY},
        )
        await answered
        child.signal("TERM")
        self.assertEqual(await child.when_ended(), -signal_number("TERM"))
        self.assertEqual(child.said(STDERR), "")
        for name in NAMES:
            self.assertTrue(self.sandbox.world.account(name).is_logged_in)
        self.assertIn("padchat.sqlite", {file.name for file in self.folder.iterdir()})
