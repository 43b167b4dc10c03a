"""The bot of the README: one file, run as it stands."""

from __future__ import annotations

import ast
import os

from padchat_twisted.service.qrcode import Picture, read_code

from ..children import ROOT, STDERR, Child, start_child
from .running import EXAMPLES, ExampleTestCase

#: Starts bot.py with the address of the sandbox; alone it goes to port 7700.
_START = "import bot, sys, twisted.internet.task as t; t.react(bot.main, sys.argv[1:])"


class BotTests(ExampleTestCase):
    """The bot logs in, answers, and remembers its login."""

    def start_bot(self) -> Child:
        """Run the bot in the test's folder."""
        return start_child(
            self,
            ("-c", _START),
            self.sandbox.url,
            folder=self.folder,
            environ={
                "PYTHONPATH": os.pathsep.join((str(EXAMPLES), str(ROOT))),
                # What it prints comes at once, as on a terminal.
                "PYTHONUNBUFFERED": "1",
            },
        )

    async def test_answers(self) -> None:
        """It answers ping with pong, and nothing else."""
        bot = self.start_bot()
        await bot.when_says("logged in as wxid_0")
        answered = self.all_answered("pong", ["0"])
        self.alice.says("good morning", to="0")
        self.alice.says("ping", to="0")
        await answered
        self.assertEqual([message.content for message in self.alice.inbox], ["pong"])
        self.assertEqual(bot.said(STDERR), "")

    async def test_logs_in_by_token(self) -> None:
        """Ended by Ctrl-C and started again, it needs no scan."""
        bot = self.start_bot()
        await bot.when_says("logged in as wxid_0")
        bot.signal("INT")
        self.assertEqual(await bot.when_ended(), 0)
        self.assertEqual(bot.said(STDERR), "")
        self.sandbox.world.auto_scan = False
        bot = self.start_bot()
        await bot.when_says("logged in as wxid_0")
        self.assertNotIn("scan", bot.said())

    async def test_shows_the_code(self) -> None:
        """Without a saved login it saves the picture and says what to do."""
        self.sandbox.world.auto_scan = False
        bot = self.start_bot()
        await bot.when_says("scan qrcode.png with WeChat")
        picture = (self.folder / "qrcode.png").read_bytes()
        code = read_code(Picture(picture, "PNG"))
        self.assertEqual(code, self.sandbox.world.login_shown_by("0").content)
        answered = self.all_answered("pong", ["0"])
        self.alice.scan("0")
        self.alice.confirm()
        self.sandbox.world.person("bob").says("ping", to="0")
        await answered

    def test_length(self) -> None:
        """It has fifteen lines, and the two that start it."""
        text = (EXAMPLES / "bot.py").read_text()
        documented = {
            number
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
            for number in (node.body[0].lineno,)
        }
        lines = [
            line
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and number not in documented
        ]
        self.assertEqual(len(lines), 15 + 2)
