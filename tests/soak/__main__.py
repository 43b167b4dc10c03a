"""``make soak``: hours of trouble in some minutes, and nothing may be left of it.

``python -m tests.soak [MINUTES [SEED [ACCOUNTS]]]``. The exit status is 1 when
something does not hold.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from padchat_twisted.service.logs import log_to_file

from ..storm import raise_file_limit
from .stage import LIVES, Plan, Stage

__all__ = ["main"]


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


async def run(
    reactor: Any,  # noqa: ANN401 - any reactor
    minutes: str = "15",
    seed: str = "1",
    accounts: str = "200",
) -> None:
    """Play, print the figures, and end with the status."""
    plan = Plan(int(accounts), float(minutes) * 60 / LIVES, int(seed))
    raise_file_limit(plan.accounts)
    folder = Path(mkdtemp())
    log_to_file(folder / "log")
    stage = Stage(reactor, folder, plan, tell)
    try:
        await stage.run()
    except Exception as error:
        tell(f"FAILED: {error!r}; the log is in {folder}")
        raise
    finally:
        await stage.stop()
    problems = [f"FAILED: {problem}" for problem in stage.figures.problems()]
    tell("\n".join([*stage.figures.lines(), *(problems or ["all of it holds"])]))
    if problems:
        tell(f"its log and its stores are left in {folder}")
        raise SystemExit(1)
    rmtree(folder)


def main(reactor: Any, *arguments: str) -> Deferred[None]:  # noqa: ANN401 - any reactor
    """Play as many minutes as the first argument says."""
    return Deferred.fromCoroutine(run(reactor, *arguments))


if __name__ == "__main__":
    react(main, sys.argv[1:])
