"""Print what of the vectors is covered: ``python -m tests.wire``."""

from __future__ import annotations

import sys

from .covered import run, table


def main() -> int:
    """Replay everything; the exit status is 1 when something is wrong."""
    coverage = run()
    print(table(coverage))
    for problem in coverage.problems():
        print(problem)
    return 1 if coverage.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
