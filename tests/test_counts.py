"""The counting of ``python -m tests``."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .__main__ import PARTS, ROOT, Counts, all_names, read_report


class ReadReportTests(SynchronousTestCase):
    """What trial prints becomes three numbers."""

    def test_all_passed(self) -> None:
        """Successes are what passed."""
        report = "...\nRan 3 tests in 0.1s\n\nPASSED (successes=3)\n"
        self.assertEqual(read_report(report, exit_status=0), Counts(passed=3))

    def test_every_kind(self) -> None:
        """Each of trial's six kinds counts on one of the three sides."""
        report = (
            "FAILED (skips=1, expectedFailures=2, unexpectedSuccesses=4, "
            "failures=8, errors=16, successes=32)\n"
        )
        self.assertEqual(
            read_report(report, exit_status=1), Counts(passed=34, failed=28, skipped=1)
        )

    def test_the_last_verdict_counts(self) -> None:
        """A test that prints the like of a verdict does not count."""
        report = "PASSED (successes=900)\n...\nPASSED (successes=1)\n"
        self.assertEqual(read_report(report, exit_status=0), Counts(passed=1))

    def test_no_verdict(self) -> None:
        """A run that died before its verdict is a failure, whatever its status."""
        self.assertEqual(read_report("....", exit_status=0), Counts(failed=1))

    def test_exit_status_disagrees(self) -> None:
        """A run that says PASSED and ends in error is a failure."""
        report = "PASSED (successes=3)\n"
        self.assertEqual(read_report(report, exit_status=1), Counts(passed=3, failed=1))

    def test_nothing_ran(self) -> None:
        """A run that found no tests is a failure: somebody meant it to find some."""
        self.assertEqual(read_report("PASSED\n", exit_status=0), Counts(failed=1))

    def test_line(self) -> None:
        """The last line is plain, and counts of several runs add up."""
        total = Counts(passed=400) + Counts(passed=12, failed=1, skipped=2)
        self.assertEqual(str(total), "412 passed, 1 failed, 2 skipped")


class AllNamesTests(SynchronousTestCase):
    """No test is left out, and none runs twice."""

    def test_every_module(self) -> None:
        """Every module of tests is below one of the names."""
        names = all_names()
        for path in (ROOT / "tests").rglob("test_*.py"):
            if "node_modules" not in path.parts:
                place = path.relative_to(ROOT / "tests").parts[0]
                self.assertIn(f"tests.{place.removesuffix('.py')}", names)
        self.assertEqual(len(set(names)), len(names))

    def test_parts(self) -> None:
        """What is in a part is one of those that there are, and in no other part."""
        named = [name for part in PARTS for name in part]
        self.assertEqual(set(named) - set(all_names()), set())
        self.assertEqual(len(set(named)), len(named))
