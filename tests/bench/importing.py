"""How long ``import padchat_twisted`` takes beyond what it imports of Twisted's.

``python -m tests.bench.importing`` prints the figures and one JSON line. One process
finds which modules the package brings along from other distributions. Then, in turns
and each in a process of its own, those that belong to Twisted and autobahn or to what
these need are imported first, and the package after them, which is what is timed. The
bytecode of all of it is in a folder of its own by then, which is removed at the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.processes import ROOT

#: The aim (seconds).
AIM = 0.35

ROUNDS = 9

PACKAGE = "padchat_twisted"

#: What Twisted and autobahn need themselves; everything else counts as ours.
THEIRS = ("twisted", "autobahn")

_FIND = f"""
import json, sys
import {PACKAGE}
print(json.dumps([n for n in sys.modules if n.split(".")[0] in {THEIRS!r}]))
"""

_TIME = """
import importlib, sys, time
for name in sys.argv[1:]:
    importlib.import_module(name)
begun = time.perf_counter()
import padchat_twisted
print(time.perf_counter() - begun)
"""


def run(bytecode: str, program: str, *arguments: str) -> str:
    """Run a program in a fresh interpreter and return what it prints."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPYCACHEPREFIX": bytecode},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def measure(rounds: int = ROUNDS) -> list[float]:
    """Time the import so many times (seconds)."""
    with TemporaryDirectory() as bytecode:
        theirs = json.loads(run(bytecode, _FIND))
        return [float(run(bytecode, _TIME, *theirs)) for _ in range(rounds)]


def main() -> int:
    """Measure, and print a line for people and one for programs."""
    rounds = 1 if "--quick" in sys.argv[1:] else ROUNDS
    times = measure(rounds)
    figure = median(times)
    word = "held" if figure <= AIM else "missed"
    print(
        f"import {PACKAGE}, beyond Twisted and autobahn: {figure * 1000:.0f} ms"
        f" (aim {AIM * 1000:.0f} ms: {word})"
    )
    print(json.dumps({"import": times}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
