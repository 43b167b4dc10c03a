"""``make crash``: a service is killed at random moments, and nothing is lost.

``python -m tests.crash [KILLS [SEED]]``. The exit status is 1 when something does not
hold: with the kills, on a full disk, or with a store that is made read-only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import react

from .stage import Stage
from .trouble import Disk, fill_the_disk, forbid_writing


class Cleaner:
    """Runs functions at its end, the last one first."""

    def __init__(self) -> None:
        self._functions: list[Callable[[], object]] = []

    def addCleanup(self, function: Callable[[], object], /) -> None:
        """Have a function called at the end."""
        self._functions.append(function)

    async def clean_up(self) -> None:
        """Call them."""
        while self._functions:
            await maybeDeferred(self._functions.pop())


def tell(stage: Stage) -> bool:
    """Print the figures of a stage and what does not hold; tell whether all does."""
    problems = [f"  FAILED: {problem}" for problem in stage.figures.problems()]
    print("\n".join([*stage.figures.lines(), *problems]), flush=True)
    return not problems


async def run(reactor: Any, kills: int, seed: int) -> bool:  # noqa: ANN401 - any reactor
    """Play all of it, each act in a folder of its own; tell whether all holds."""
    cleaner = Cleaner()
    with TemporaryDirectory() as top:
        folders = [Path(top, name) for name in ("kills", "full", "read-only")]
        for folder in folders:
            folder.mkdir()
        try:
            disk = Disk(folders[1], may_mount=True)
            cleaner.addCleanup(disk.unmount)
            stages = [Stage(reactor, cleaner, folder, seed) for folder in folders]
            print("killed at random moments", flush=True)
            await stages[0].play(kills)
            is_good = tell(stages[0])
            said = await fill_the_disk(stages[1], disk)
            print(f"the disk is full ({disk.kind})\n  {said}")
            is_good &= tell(stages[1])
            said = await forbid_writing(stages[2])
            print(f"the store is read-only\n  {said}")
            return is_good & tell(stages[2])
        finally:
            await cleaner.clean_up()


async def run_to_status(reactor: Any, kills: str = "100", seed: str = "1") -> None:  # noqa: ANN401 - any reactor
    """Play, and end with the status."""
    if not await run(reactor, int(kills), int(seed)):
        raise SystemExit(1)


def main(reactor: Any, *arguments: str) -> Deferred[None]:  # noqa: ANN401 - any reactor
    """Play as many kills as the first argument says, with the seed of the second."""
    return Deferred.fromCoroutine(run_to_status(reactor, *arguments))


if __name__ == "__main__":
    react(main, sys.argv[1:])
