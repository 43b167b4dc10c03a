"""Plays the matrix and the commands, and writes the tables of the documents.

``python -m tests.interop [PART OF A PEER'S NAME]``; with a part, no matrix is written.
"""

from __future__ import annotations

import shutil
import sys
from time import monotonic

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorProcess
from twisted.internet.task import react

from .callers import CALLERS
from .command_table import PLACES, command_table
from .commands import play_commands
from .matrix import Results, play
from .sides import PAIRS, Pair
from .table import PLACE, expected, table


async def main(reactor: IReactorProcess, part: str = "") -> None:
    """Play each pair, and each client's commands, one after the other."""
    is_good = await play_pairs(reactor, part)
    is_good &= await play_callers(reactor, part)
    if not is_good:
        sys.exit("not everything came off")


async def play_pairs(reactor: IReactorProcess, part: str) -> bool:
    """Play the matrix of docs/interop.md; tell whether everything came off."""
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
    if results:
        print(table(results))
    if not part:
        PLACE.write(table(results))
    return all(found == expected(pair) for pair, found in results.items())


async def play_callers(reactor: IReactorProcess, part: str) -> bool:
    """Play the commands of docs/compatibility.md; tell whether all are as promised."""
    is_good = True
    for kind in CALLERS:
        title = f"{kind.side.name} (commands)"
        if part not in title:
            continue
        begun = monotonic()
        caller = kind(reactor, find_node)
        try:
            found = await play_commands(caller)
        finally:
            await caller.peer.stop()
        print(f"{title}: {monotonic() - begun:.1f} s", flush=True)
        for row in found:
            for fault in row.faults:
                print(f"  {row.code}: {fault}")
                is_good = False
        PLACES[kind.dialect].write(command_table(found))
    return is_good


def find_node() -> str:
    """Return the path of node."""
    node = shutil.which("node")
    if node is None:
        sys.exit("the peers need node on PATH; install Node.js 18.11 or newer")
    return node


if __name__ == "__main__":
    react(
        lambda reactor, *arguments: Deferred.fromCoroutine(main(reactor, *arguments)),
        sys.argv[1:],
    )
