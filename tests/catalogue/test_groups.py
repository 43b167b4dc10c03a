"""The commands by area."""

from __future__ import annotations

import tomllib
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import COMMANDS, GROUPS, UNIMPLEMENTED

TABLES = Path(__file__).parent.parent / "protocol"


class GroupTests(SynchronousTestCase):
    """Each command stands in one group, that of the tables."""

    def test_groups(self) -> None:
        """The groups and what is in them are those of the tables."""
        tables = tomllib.loads((TABLES / "commands.toml").read_text(encoding="utf-8"))
        self.assertEqual(list(GROUPS), tables["groups"])
        for command in tables["command"]:
            code = command["code"]
            if code in COMMANDS:
                self.assertIn(COMMANDS[code], GROUPS[command["group"]])
        self.assertEqual(sum(map(len, GROUPS.values())), len(COMMANDS))

    def test_unimplemented(self) -> None:
        """What nobody carries out has a reason and no class."""
        self.assertEqual(set(UNIMPLEMENTED) & set(COMMANDS), set())
        self.assertTrue(all(UNIMPLEMENTED.values()))
