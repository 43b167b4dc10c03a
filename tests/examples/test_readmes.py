"""The README and its Chinese translation are in step."""

from __future__ import annotations

import re
from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from .pages import README, README_ZH, blocks, commands, headings, prose, spans


def links(text: str) -> list[str]:
    """List where the links of a page lead."""
    return re.findall(r"\]\(([^)]+)\)", text)


class InStepTests(SynchronousTestCase):
    """What needs no translation is the same."""

    def test_headings(self) -> None:
        """The same headings, of the same levels, in the same order."""
        self.assertEqual(headings(README), headings(README_ZH))
        self.assertGreater(len(headings(README)), 8)

    def test_blocks(self) -> None:
        """The same blocks of code."""
        shown = [[(x.language, x.text) for x in blocks(p)] for p in (README, README_ZH)]
        self.assertEqual(shown[0], shown[1])

    def test_commands(self) -> None:
        """The same commands, names and links in the text."""
        self.assertEqual(sorted(commands(README)), sorted(commands(README_ZH)))
        self.assertEqual(sorted(set(spans(README))), sorted(set(spans(README_ZH))))
        self.assertEqual(links(prose(README))[1:], links(prose(README_ZH))[1:])

    def test_tables(self) -> None:
        """The same tables, row by row."""
        rows = [
            [line.count("|") for line in prose(page).splitlines() if line[:1] == "|"]
            for page in (README, README_ZH)
        ]
        self.assertEqual(rows[0], rows[1])

    def test_each_leads_to_the_other(self) -> None:
        """Whoever opened the wrong one finds the other in the first lines."""
        self.assertEqual(links(prose(README))[0], README_ZH.name)
        self.assertEqual(links(prose(README_ZH))[0], README.name)

    def test_no_stray_spaces(self) -> None:
        """A Chinese paragraph is one line: a line's end would be shown as a space."""
        lines = prose(README_ZH).splitlines()
        for line, following in pairwise(lines):
            if line and following and line[0] not in "#|<-":
                self.assertIn(following[0], "#|<-", line)
