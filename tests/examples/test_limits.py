"""The page on limits has them all, with the values of the code."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .limits import constants, told, value_of
from .pages import DOCS

PAGE = DOCS / "limits.md"

#: How the names of limits begin.
PREFIXES = ("MAX_", "MIN_", "LONGEST_")


class LimitTests(SynchronousTestCase):
    """Each row against its constant."""

    def test_values(self) -> None:
        """Each constant of the page exists and has the value that is told."""
        for row in told(PAGE):
            self.assertEqual(value_of(row.place), row.value, row.place)

    def test_reasons(self) -> None:
        """Each row says what it limits and why."""
        for row in told(PAGE):
            self.assertTrue(row.limit and row.why, row.place)

    def test_complete(self) -> None:
        """No limit of the code is missing, and none is told twice."""
        places = [row.place for row in told(PAGE)]
        self.assertEqual(len(places), len(set(places)))
        for prefix in PREFIXES:
            self.assertEqual(constants(prefix) - set(places), set())

    def test_every_row_is_read(self) -> None:
        """A row that cannot be read is not passed over."""
        lines = PAGE.read_text().splitlines()
        rows = [line for line in lines if line.startswith("| ") and "`" in line]
        self.assertEqual(len(rows), len(told(PAGE)))
