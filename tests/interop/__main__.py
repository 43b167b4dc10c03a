"""Plays the matrix, prints its results and writes the table of docs/interop.md.

``python -m tests.interop [PART OF A PEER'S NAME]``; with a part, nothing is written.
"""

from __future__ import annotations

import shutil
import sys
from time import monotonic

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorProcess
from twisted.internet.task import react

from .matrix import Results, play
from .sides import PAIRS, Pair
from .table import expected, table, write_table


async def main(reactor: IReactorProcess, part: str = "") -> None:
    """Play each pair after the other."""
    results: dict[Pair, Results] = {}
    for pair in PAIRS:
        if part not in pair.title:
            continue
        begun = monotonic()
        results[pair] = await play(reactor, pair, find_node)
        print(f"{pair.title}: {monotonic() - begun:.1f} s", flush=True)
        for (act, way), problem in results[pair].items():
            if problem:
                print(f"  {act}, by {way}: {problem}")
    print(table(results))
    if not part:
        write_table(table(results))
    if any(found != expected(pair) for pair, found in results.items()):
        sys.exit("not everything came off")


def find_node() -> str:
    """Return the path of node."""
    node = shutil.which("node")
    if node is None:
        sys.exit("the matrix needs node on PATH; install Node.js 18.11 or newer")
    return node


if __name__ == "__main__":
    react(
        lambda reactor, *arguments: Deferred.fromCoroutine(main(reactor, *arguments)),
        sys.argv[1:],
    )
