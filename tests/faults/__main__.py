"""``python -m tests.faults [NUMBER ...]``: a table of the problems, and what holds.

Every test of the table is run, in this process, on the reactor that trial uses. The
exit status is 1 when one fails, or when one that shows what happens without a mechanism
does not show it any more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import cast
from unittest import TestCase, TestSuite

from twisted.trial.reporter import Reporter
from twisted.trial.runner import TestLoader, TrialRunner

from .problems import PROBLEMS, Problem

#: What the three groups of tests are called.
_PLACES = ("memory", "sockets", "without")


@dataclass(frozen=True)
class Outcomes:
    """The names of the tests that passed, and of those that did not or were skipped."""

    passed: set[str]
    failed: set[str]


def names_of(problem: Problem) -> Iterator[tuple[str, str]]:
    """Go through the tests of a problem, each with its place."""
    for place in _PLACES:
        for name in getattr(problem, place):
            yield place, f"tests.{name}"


def each_test(suite: TestSuite | TestCase) -> Iterator[TestCase]:
    """Go through the tests of a suite and of the suites in it."""
    if isinstance(suite, TestSuite):
        for inner in suite:
            yield from each_test(inner)
    else:
        yield suite


def run(names: set[str]) -> Outcomes:
    """Run tests, modules or classes by their names; print the failures.

    Raises:
        AttributeError: there is no such test.
    """
    report = StringIO()
    loader = TestLoader()
    suite = TestSuite([loader.loadByName(name) for name in sorted(names)])
    ran = {test.id() for test in each_test(suite)}
    result = cast(Reporter, TrialRunner(Reporter, stream=report).run(suite))
    if not result.wasSuccessful():
        print(report.getvalue())
    bad = (*result.failures, *result.errors, *result.skips)
    failed = {test.id() for test, *_ in bad}
    return Outcomes(ran - failed, failed)


def count(names: set[str], name: str) -> int:
    """Count the tests of a module, a class or a method among *names*."""
    return sum(f"{each}.".startswith(f"{name}.") for each in names)


def show(problem: Problem, outcomes: Outcomes) -> bool:
    """Print the row of a problem and the lines of its tests; tell whether it holds."""
    lines = []
    holds = True
    for place, name in names_of(problem):
        passed, failed = count(outcomes.passed, name), count(outcomes.failed, name)
        is_good = passed > 0 and failed == 0
        holds = holds and is_good
        word = "ok" if is_good else "FAILED"
        lines.append(
            f"      {place:8} {word:6} {passed:3} of {passed + failed:3} {name}"
        )
    verdict = "due later" if not lines else "holds" if holds else "DOES NOT HOLD"
    print(f"{problem.number:3}  {problem.title}: {verdict}")
    if problem.scenarios:
        print(f"      scenario {', '.join(problem.scenarios)}")
    print("\n".join(lines), end="\n" if lines else "")
    if problem.due:
        print(f"      due      {problem.due}")
    return holds


def main(arguments: list[str]) -> int:
    """Run the tests of all problems, or of those that are named."""
    wanted = [p for p in PROBLEMS if not arguments or str(p.number) in arguments]
    outcomes = run({name for problem in wanted for _, name in names_of(problem)})
    holding = [show(problem, outcomes) for problem in wanted]
    without = sum(bool(problem.without) for problem in wanted)
    print(
        f"{len(wanted)} problems, {len(wanted) - sum(holding)} that do not hold;"
        f" {len(outcomes.passed)} tests passed, {len(outcomes.failed)} failed;"
        f" for {without} problems it is shown what happens without the mechanism;"
        f" of {sum(bool(p.due) for p in wanted)} a part is due later"
    )
    return 0 if all(holding) and not outcomes.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
