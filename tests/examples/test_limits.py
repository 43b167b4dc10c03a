"""The page on limits has them all, with the values of the code."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from ..named import is_test
from .limits import constants, errors_of, exception_names, told, value_of
from .pages import DOCS

PAGE = DOCS / "limits.md"

#: What the names of limits look like.
LIMITS = r"(MAX|MIN|LONGEST)_.*|.*_(TIMEOUT|TIME_LIMIT)"


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

    def test_errors(self) -> None:
        """Each row says what happens beyond it; the exceptions it names are ours."""
        known = exception_names()
        for row in told(PAGE):
            self.assertTrue(row.beyond, row.place)
            self.assertEqual(errors_of(row.beyond) - known, set(), row.place)

    def test_tests(self) -> None:
        """Each row names a test that is there."""
        for row in told(PAGE):
            self.assertTrue(is_test(f"tests.{row.test}"), (row.place, row.test))

    def test_complete(self) -> None:
        """No limit of the code is missing, and none is told twice."""
        places = [row.place for row in told(PAGE)]
        self.assertEqual(len(places), len(set(places)))
        self.assertEqual(constants(LIMITS) - set(places), set())

    def test_every_row_is_read(self) -> None:
        """A row that cannot be read is not passed over."""
        lines = PAGE.read_text().splitlines()
        rows = [line for line in lines if line.startswith("| ") and "`" in line]
        self.assertEqual(len(rows), len(told(PAGE)))
