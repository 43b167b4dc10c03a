"""The benchmark of the servers: ours, npm socket.io 4, and python-socketio's.

``python -m tests.bench.servers`` starts each server in turn, loads it by
``server_load.py``, and prints a table of the CPU time of the server's process.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.client import SERVER_MEASURES, ServerMeasure, load_workload
from tests.bench.processes import (
    FOLDER,
    QUICK_PART,
    WARM_UP_PART,
    BenchError,
    python_module,
    run_process,
    running_server,
    say,
)
from tests.bench.report import (
    SERVERS,
    Sample,
    render,
    summarise,
    verdict,
    widest_spread,
)

LEGEND = """\
Medians of all rounds, each with its ratio to ours and to npm; less is better. What is
measured is the CPU time of the server's process, in microseconds.
ack: per sendMsg with its answer, {in_flight} in flight over {on[ack]} connections
push: per event emitted to one client, 900 bytes, Chinese, in bursts of {burst}
broadcast: the same event to {on[broadcast]} clients, per client"""

#: Python modules that it takes.
MODULES = ("padchat_twisted", "picows", "socketio", "aiohttp", "uvloop")


@dataclass(frozen=True)
class Contender:
    """One of the servers that are compared.

    Attributes:
        name: short, for the table.
        package: name of the package whose version stands in the table.
        argv: its command line.
        operations: per measure; the amounts take 1 to 4 s of CPU.
    """

    name: str
    package: str
    argv: tuple[str, ...]
    operations: dict[ServerMeasure, int]


FAST: dict[ServerMeasure, int] = {"ack": 60_000, "push": 64_000, "broadcast": 100_000}
SLOW: dict[ServerMeasure, int] = {"ack": 10_000, "push": 12_800, "broadcast": 20_000}

CONTENDERS = (
    Contender("ours", "padchat-twisted", python_module("our_server"), FAST),
    Contender("npm", "socket.io", ("node", str(FOLDER / "server.js")), FAST),
    Contender("psio", "python-socketio", python_module("python_socketio_server"), SLOW),
)


@dataclass(frozen=True)
class Run:
    """What a run gave: its samples, and the versions by server and of the load."""

    samples: list[Sample]
    versions: dict[str, dict[str, str]]


def run_one(contender: Contender, measure: ServerMeasure, part: float, run: Run) -> str:
    """Run one server under one load, and note what came out.

    Args:
        contender: which server.
        measure: what is measured.
        part: of its usual number of operations, 1 for all.
        run: takes the sample and the versions.

    Returns:
        A word about it, for the person who waits.

    Raises:
        BenchError: server or load failed.
    """
    operations = contender.operations[measure]
    numbers = [round(operations * part), round(operations * WARM_UP_PART)]
    with running_server(contender.argv) as server:
        assignment = [measure, server.port, *numbers, server.pid]
        argv = [*python_module("server_load"), *map(str, assignment)]
        printed = run_process(argv, f"server {contender.name}, measure {measure}")
    figure = float(printed["figure"])
    run.samples.append(Sample(contender.name, measure, figure))
    run.versions[contender.name] = server.versions
    run.versions["load"] = printed["versions"]
    return f"{contender.name} {figure:.1f}"


def run_rounds(rounds: int, part: float) -> Run:
    """Run every server under every load, in turns, round after round."""
    run = Run([], {})
    for number in range(1, rounds + 1):
        for measure in SERVER_MEASURES:
            figures = [run_one(one, measure, part, run) for one in CONTENDERS]
            say(f"round {number} of {rounds}, {measure}: {', '.join(figures)}")
    return run


def present(run: Run, part: float) -> None:
    """Print the table, the versions, the verdict, and the JSON line."""
    results = summarise(run.samples, SERVERS)
    titles = {
        one.name: f"{one.name}: {one.package} {run.versions[one.name][one.package]}"
        for one in CONTENDERS
    }
    workload = load_workload()
    connections = workload["server_connections"]
    say("")
    say(LEGEND.format(**workload, on=connections))
    say("")
    say(render(results, titles, SERVERS))
    say("")
    for name, versions in run.versions.items():
        listed = ", ".join(f"{package} {text}" for package, text in versions.items())
        say(f"{name}: {listed}")
    say(widest_spread(results))
    say(verdict(results, SERVERS))
    if part != 1:
        say("quick: a tenth of the operations, so these figures are rough")
    samples = [[s.name, s.measure, round(s.figure, 3)] for s in run.samples]
    say(json.dumps({"servers": samples, "versions": run.versions, "part": part}))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark of the servers; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.servers")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    part = QUICK_PART if options.quick else 1.0
    try:
        run = run_rounds(options.rounds, part)
    except BenchError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    present(run, part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
