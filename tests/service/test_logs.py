"""The log of a process that is run from a terminal; a process has but one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

PROGRAM = """
from pathlib import Path
from twisted.logger import Logger
from padchat_twisted.service.logs import log_to_file, log_to_terminal
{begin}
log = Logger("bot")
log.info("so far, so good")
log.warn("\\u4f60\\ud83d")
print("shown")
"""


class LogTests(SynchronousTestCase):
    """In processes of their own."""

    def run_with(self, begin: str) -> tuple[str, str]:
        """Run a program that logs; return what it wrote to the terminal."""
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(begin=begin)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout, ran.stderr

    def test_file(self) -> None:
        """A file gets everything, behind what is in it, and is its owner's alone."""
        path = Path(self.mktemp()).absolute()
        for _ in range(2):
            out, err = self.run_with(f"log_to_file(Path({str(path)!r}))")
            self.assertEqual((out, err), ("shown\n", ""))
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count("[bot#info] so far, so good\n"), 2)
        self.assertEqual(text.count("[bot#warn] 你?\n"), 2)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_terminal(self) -> None:
        """The terminal gets warnings only."""
        out, err = self.run_with("log_to_terminal()")
        self.assertEqual(out, "shown\n")
        self.assertIn("[bot#warn] 你", err)
        self.assertNotIn("so far", err)
