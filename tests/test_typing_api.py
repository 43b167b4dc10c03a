"""Users' calls are typed: mypy agrees with every line of ``typing_api``."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import GROUPS

from .children import ROOT

FILE = ROOT / "tests" / "typing_api.py"

#: What marks a call that must not type-check.
_MISTAKE = re.compile(r"# type: ignore\[[\w,-]+\] # \S")


class TypingTests(SynchronousTestCase):
    """What must and what must not type-check."""

    def test_mypy(self) -> None:
        """Under mypy strict each good call is of its exact type, each mistake one."""
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", str(FILE.relative_to(ROOT))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_every_group(self) -> None:
        """Each group has calls of both kinds, and each mistake says what it is."""
        text = FILE.read_text(encoding="utf-8")
        lines = text.splitlines()
        found = {
            node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
            for node in ast.parse(text).body
            if isinstance(node, ast.AsyncFunctionDef)
        }
        self.assertEqual(list(found), list(GROUPS))
        for group, source in found.items():
            self.assertIn("await account.call(", source, group)
            self.assertIn("assert_type(", source, group)
            self.assertRegex(source, _MISTAKE, group)
        marks = len(_MISTAKE.findall(text))
        self.assertEqual(marks, text.count("# type: ignore"))
        print(f"{text.count('assert_type(')} exact types, {marks} mistakes")
