"""Starting the processes of the benchmark, and reading what they print."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent

# A client process needs 2 to 10 s on the slowest machine seen; one that takes this
# long has lost its connection or waits for a message that never came.
TIME_LIMIT = 180.0

# A process compiles, fills caches and settles before its window opens: node is twice
# as slow in its first thousands of operations. So --quick does not shorten this.
WARM_UP_PART = 0.25

# --quick proves that everything runs; its figures are rough.
QUICK_PART = 0.1


class BenchError(Exception):
    """The benchmark cannot go on; the text says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: its port, the versions it told, and its process."""

    port: int
    versions: dict[str, str]
    pid: int


def environment() -> dict[str, str]:
    """Return the environment of all processes: they leave nothing behind."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def python_module(name: str) -> tuple[str, ...]:
    """Command line of a module of this package."""
    return (sys.executable, "-m", f"tests.bench.{name}")


def find_missing_modules(modules: Sequence[str]) -> list[str]:
    """Which Python modules are not there, each with its remedy."""
    return [
        f"Python package {module} is missing: run pip install . and "
        "pip install -r tests/bench/requirements.txt"
        for module in modules
        if importlib.util.find_spec(module) is None
    ]


@contextmanager
def running_server(argv: Sequence[str]) -> Iterator[Server]:
    """Run a server; it ends with its standard input: with the block, or with us.

    Args:
        argv: its command line. It prints one JSON line, with port and versions.

    Raises:
        BenchError: it said nothing useful.
    """
    with subprocess.Popen(
        argv,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise BenchError(f"{argv[-1]} ended at once; its own message stands above")
        yield Server(**json.loads(line), pid=process.pid)
        process.stdin.close()


def run_process(argv: Sequence[str], what: str) -> dict[str, Any]:
    """Run one process to its end.

    Args:
        argv: its command line.
        what: it is, for errors.

    Returns:
        The JSON line that it printed last.

    Raises:
        BenchError: it failed, printed no such line or took too long.
    """
    try:
        process = subprocess.run(
            argv,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"{what}: not finished after {TIME_LIMIT:.0f} s") from None
    lines = process.stdout.splitlines()
    if process.returncode != 0 or not lines:
        raise BenchError(
            f"{what}: exit status {process.returncode}\n{process.stderr.strip()}"
        )
    printed: dict[str, Any] = json.loads(lines[-1])
    return printed


def say(text: str) -> None:
    """Write a line for the person who waits."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
