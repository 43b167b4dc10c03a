"""Run every test and end with one plain line: ``412 passed, 0 failed, 0 skipped``.

``python -m tests`` runs trial in three processes at once, for a part of the tests each,
and for each reactor that matters, and adds up what trial reports. Without the
environment variable ``CI`` a skipped test is told aloud; with it, one is a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

#: Where .ci/run finds the last line again, after make has had its say.
COUNTS_FILE = ROOT / "_trial_temp_counts"

#: Packages whose tests run a second time, on the asyncio reactor: a program that
#: embeds us has either.
ALSO_ON_ASYNCIO = ("tests.examples",)

#: What two of the processes run; the third runs the rest, which takes no longer. The
#: first of them has work all the time, the second one waits for others most of it.
PARTS = (
    ("tests.interop", "tests.sandbox", "tests.session", "tests.transport"),
    ("tests.crash", "tests.soak", "tests.test_daemon_secrecy", "tests.verbs"),
)

#: How trial ends: "FAILED (skips=1, failures=2, successes=3)".
_VERDICT = re.compile(r"^(PASSED|FAILED)(?: \((?P<counts>[^)]*)\))?$", re.MULTILINE)


@dataclass(frozen=True)
class Counts:
    """How many tests ended in which way.

    Args:
        passed: tests that did what they should, expected failures included.
        failed: tests that failed or broke, and those that passed against
            expectation.
        skipped: tests that could not be run here.
    """

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add up two runs."""
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_report(report: str, *, exit_status: int) -> Counts:
    """Read the counts off what trial printed.

    Args:
        report: everything that trial wrote to its standard output.
        exit_status: what trial ended with; 0 is success.

    Returns:
        The counts. A trial that ended without a verdict, that ran nothing, or
        whose verdict and exit status disagree, counts as one more failure.
    """
    verdicts = list(_VERDICT.finditer(report))
    if not verdicts:
        return Counts(failed=1)
    pairs = (pair.split("=") for pair in (verdicts[-1]["counts"] or "").split(", "))
    found = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}
    counts = Counts(
        passed=found.get("successes", 0) + found.get("expectedFailures", 0),
        failed=found.get("failures", 0)
        + found.get("errors", 0)
        + found.get("unexpectedSuccesses", 0),
        skipped=found.get("skips", 0),
    )
    if counts == Counts() or (exit_status and not counts.failed):
        return counts + Counts(failed=1)
    return counts


def all_names() -> tuple[str, ...]:
    """Name every package and module below ``tests`` that may hold tests."""
    folder = ROOT / "tests"
    found = [*folder.glob("*/__init__.py"), *folder.glob("test_*.py")]
    return tuple(
        sorted(
            f"tests.{path.parent.name if path.stem == '__init__' else path.stem}"
            for path in found
        )
    )


def run_trial(
    names: tuple[str, ...], folder: str, *, reactor: str | None = None, quiet: bool
) -> Counts:
    """Run trial in a process of its own, showing what it prints.

    Args:
        names: packages or modules with tests.
        folder: where it works, below the root; its name begins with ``_trial_temp``.
        reactor: one of ``twistd --help-reactors``; None is the platform's own.
        quiet: whether what it prints comes when it is done, all at once.
    """
    command = [sys.executable, "-m", "twisted.trial", "--reporter=text"]
    command.append(f"--temp-directory={folder}")
    if reactor is not None:
        command.append(f"--reactor={reactor}")
    lines = [f"trial {' '.join(names)} (reactor: {reactor or 'default'})\n"]
    if not quiet:
        print(lines[0], end="", flush=True)
    with subprocess.Popen(
        [*command, *names], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as trial:
        assert trial.stdout is not None
        for line in trial.stdout:
            if not quiet:
                print(line, end="", flush=True)
            lines.append(line)
    report = "".join(lines)
    if quiet:
        print(report, flush=True)
    return read_report(report, exit_status=trial.returncode)


def run_rest() -> Counts:
    """Run what is in no part, and what has to pass on another reactor too."""
    others = {name for part in PARTS for name in part}
    rest = tuple(name for name in all_names() if name not in others)
    total = run_trial(rest, "_trial_temp", quiet=False)
    return total + run_trial(
        ALSO_ON_ASYNCIO, "_trial_temp", reactor="asyncio", quiet=False
    )


def main() -> int:
    """Run everything; return the exit status."""
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(run_trial, part, f"_trial_temp_{number}", quiet=True)
            for number, part in enumerate(PARTS, start=1)
        ]
        total = run_rest()
        for part in running:
            total += part.result()
    is_good = total.passed > 0 and not total.failed
    if total.skipped:
        print(f"SKIPPED: {total.skipped} tests; trial's report above gives the reasons")
        if os.environ.get("CI"):
            print("FAILED: with CI set nothing may be skipped")
            is_good = False
    COUNTS_FILE.write_text(f"{total}\n")
    print(total)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
