"""The example of faults, and what the page on the sandbox tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.deeds import DEEDS
from padchat_twisted.sandbox.faults.library import scenario_names
from padchat_twisted.sandbox.faults.scenario import FAULT_KEYS, FILE_KEYS

from . import fault_pages, pages
from .running import load

example: Any = load("test_faults")

if not TYPE_CHECKING:

    class LostReplyTests(example.LostReplyTests):
        """A bot at a gateway that loses a reply."""


class PageTests(SynchronousTestCase):
    """The tables."""

    def test_made(self) -> None:
        """Each fault has a row, and each scenario."""
        for word in DEEDS:
            self.assertIn(f"| `{word}` |", fault_pages.faults())
        for name in scenario_names():
            self.assertIn(f"| `{name}` |", fault_pages.scenarios())

    def test_keys(self) -> None:
        """Each key of a scenario is told, and none that is none."""
        page = (pages.DOCS / "sandbox.md").read_text()
        table = page.partition("| Key | Meaning |")[2].partition("\n\n")[0]
        cells = [line.split(" | ")[0] for line in table.splitlines()]
        told = [key for cell in cells for key in cell.split("`")[1::2]]
        self.assertEqual(sorted(told), sorted([*FILE_KEYS, *FAULT_KEYS]))
