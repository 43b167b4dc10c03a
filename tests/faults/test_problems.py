"""The table of problems names what is there."""

from __future__ import annotations

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.faults.library import find_scenario, scenario_names

from .__main__ import count, names_of
from .problems import PROBLEMS


class ProblemTests(SynchronousTestCase):
    """``make faults`` runs what is named here."""

    def test_numbers(self) -> None:
        """There are 25, each once."""
        self.assertEqual([p.number for p in PROBLEMS], list(range(1, 26)))

    def test_scenarios(self) -> None:
        """Each scenario stands with each problem that it says it provokes."""
        for name in scenario_names():
            found = tuple(p.number for p in PROBLEMS if name in p.scenarios)
            self.assertEqual(found, find_scenario(name).problems, name)

    def test_tests(self) -> None:
        """Each name is that of at least one test."""
        loader = TestLoader()
        for problem in PROBLEMS:
            for _, name in names_of(problem):
                self.assertTrue(loader.loadByName(name).countTestCases(), name)

    def test_places(self) -> None:
        """Each problem has tests in both places, or is due; ten are tried without."""
        for problem in PROBLEMS:
            if not problem.due:
                self.assertTrue(problem.memory and problem.sockets, problem.number)
        self.assertGreaterEqual(sum(bool(p.without) for p in PROBLEMS), 10)


class CountTests(SynchronousTestCase):
    """Which tests a name stands for."""

    def test_whole_names(self) -> None:
        """A module, a class, a method; no name that only begins the same."""
        ran = {"tests.a.B.test_c", "tests.a.B.test_cd", "tests.ab.B.test_c"}
        for name, number in (
            ("tests.a", 2),
            ("tests.a.B", 2),
            ("tests.a.B.test_c", 1),
            ("tests.b", 0),
        ):
            self.assertEqual(count(ran, name), number, name)
