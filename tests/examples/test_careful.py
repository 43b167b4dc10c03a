"""The bot that loses no message to a crash, and its configuration."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.config import load_configuration
from padchat_twisted.session.policy import InboxPolicy

from ..children import STDERR, start_child
from .running import AUTH_KEY, EXAMPLES, ExampleTestCase, load, reactor

#: What the account is asked, and what it answers.
QUESTION = "what is it?"
ANSWER = hashlib.pbkdf2_hmac("sha256", QUESTION.encode(), b"salt", 100_000).hex()


class CarefulTests(ExampleTestCase):
    """It answers from a thread, and is done with what it answered."""

    async def test_answers(self) -> None:
        """A message is answered, and not in the store any more."""
        example: Any = load("careful_bot")
        bot = example.make_service(reactor, self.sandbox.url)
        bot.startService()
        self.addCleanup(lambda: maybeDeferred(bot.stopService))
        account = next(iter(bot)).accounts["careful"]
        await account.when_ready()
        answered = self.all_answered(ANSWER, ["careful"])
        self.alice.says(QUESTION, to="careful")
        await answered
        while account._inbox.durable.held:
            await deferLater(reactor, 0)
        await bot.stopService()
        self.assertEqual(account.handler_failures, 0)

    async def test_by_itself(self) -> None:
        """The file runs as a program, until SIGTERM."""
        self.alice.says(QUESTION, to=self.sandbox.world.person("careful"))
        answered = self.all_answered(ANSWER, ["careful"])
        file = (str(EXAMPLES / "careful_bot.py"),)
        child = start_child(self, file, self.sandbox.url, folder=self.folder)
        await answered
        child.signal("TERM")
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual(child.said(STDERR), "")


class ConfigurationTests(SynchronousTestCase):
    """The configuration says the same."""

    def test_no_problems(self) -> None:
        """It is right, and its account has the same inbox."""
        folder = Path(self.mktemp())
        folder.mkdir()
        for name in ("careful.toml", "careful_bot.py"):
            shutil.copy(EXAMPLES / name, folder)
        found = load_configuration(
            folder / "careful.toml", {"PADCHAT_AUTH_KEY": AUTH_KEY}
        )
        policy = InboxPolicy(durable=True, old_messages="drop", old_seconds=600.0)
        self.assertEqual(found.accounts[0].inbox, policy)
        self.assertEqual(found.stall_seconds, 1.0)
