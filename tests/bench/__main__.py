"""Run the benchmark: ``python -m tests.bench``, see README.md of this folder."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench import servers
from tests.bench.client import MEASURES, Measure, load_workload
from tests.bench.processes import (
    FOLDER,
    QUICK_PART,
    ROOT,
    WARM_UP_PART,
    BenchError,
    Server,
    environment,
    find_missing_modules,
    python_module,
    run_process,
    running_server,
    say,
)
from tests.bench.report import (
    LEGEND,
    Sample,
    render,
    summarise,
    verdict,
    widest_spread,
)


@dataclass(frozen=True)
class Client:
    """One of the clients that are compared.

    Attributes:
        name: short, for options and the JSON line.
        package: name of the package whose version stands in the table.
        argv: its command line, to which the assignment is appended.
        modules: Python modules it needs.
        operations: per measure; the amounts take 2 to 4 s of CPU.
    """

    name: str
    package: str
    argv: tuple[str, ...]
    modules: tuple[str, ...]
    operations: dict[Measure, int]


IDLE = load_workload()["idle_accounts"]
FAST: dict[Measure, int] = {"command": 60_000, "push": 100_000, "idle": IDLE}
SLOW: dict[Measure, int] = {"command": 12_000, "push": 40_000, "idle": IDLE}


def node_client(package: str) -> tuple[str, ...]:
    """Command line of npm socket.io-client, installed under the name *package*."""
    return ("node", str(FOLDER / "socket_io_client.js"), package)


CLIENTS = (
    Client(
        "ours", "padchat-twisted", python_module("ours"), ("padchat_twisted",), FAST
    ),
    Client("sio2", "socket.io-client", node_client("socket.io-client-2"), (), FAST),
    Client("sio4", "socket.io-client", node_client("socket.io-client"), (), FAST),
    Client(
        "psio",
        "python-socketio",
        python_module("python_socketio_client"),
        ("socketio", "aiohttp"),
        SLOW,
    ),
    Client(
        "picows",
        "picows",
        python_module("picows_client"),
        ("picows", "uvloop"),
        FAST,
    ),
)


#: The server of all clients.
SERVER = ("node", str(FOLDER / "server.js"))

#: The part that compares servers: see servers.py.
SERVER_PART = "servers"

#: The name of the part without clients, and the Python modules it needs.
CODECS = "codecs"
CODEC_MODULES = ("padchat_twisted", "engineio", "socketio")

#: Another part without clients, against the standard library alone.
DECODING = "decoding"

#: And a third one: how long the import of the package takes.
IMPORTING = "importing"


def find_missing(clients: Sequence[Client], others: Sequence[str]) -> list[str]:
    """What the chosen parts lack, each with its remedy.

    Args:
        clients: those that are compared.
        others: the parts without clients.
    """
    missing: list[str] = []
    if CODECS in others:
        missing += find_missing_modules(CODEC_MODULES)
    if SERVER_PART in others:
        missing += find_missing_modules(servers.MODULES)
    elif not clients:
        return missing
    if shutil.which("node") is None:
        missing.append("node is not on PATH: install Node.js 18 or newer")
    elif not (FOLDER / "node_modules" / "socket.io").is_dir():
        missing.append("npm packages are missing: run npm ci in tests/bench")
    for client in clients:
        missing += find_missing_modules(client.modules)
    return missing


def run_client(
    client: Client, measure: Measure, server: Server, part: float
) -> dict[str, Any]:
    """Run one client process.

    Args:
        client: which.
        measure: what it is to measure.
        server: what to connect to.
        part: of the client's usual number of operations, 1 for all.

    Returns:
        The JSON line that it printed.

    Raises:
        BenchError: it failed, printed no such line or took too long.
    """
    operations = client.operations[measure]
    warm_up = round(operations * WARM_UP_PART)
    if measure != "idle":
        operations = round(operations * part)
    assignment = [measure, server.port, operations, warm_up]
    what = f"client {client.name}, measure {measure}"
    return run_process([*client.argv, *map(str, assignment)], what)


@dataclass(frozen=True)
class Run:
    """What a run gave: its samples, and the versions by client and of the server."""

    samples: list[Sample]
    versions: dict[str, dict[str, str]]


def run_rounds(clients: Sequence[Client], rounds: int, part: float) -> Run:
    """Run every client in every measure, round after round.

    The clients of a round take turns, so that a machine that slows down or speeds up
    does so for all of them.
    """
    run = Run([], {})
    with running_server(SERVER) as server:
        run.versions["server"] = server.versions
        for number in range(1, rounds + 1):
            for measure in MEASURES:
                figures = []
                for client in clients:
                    printed = run_client(client, measure, server, part)
                    figure = float(printed["figure"])
                    run.samples.append(Sample(client.name, measure, figure))
                    run.versions[client.name] = printed["versions"]
                    figures.append(f"{client.name} {figure:.1f}")
                say(f"round {number} of {rounds}, {measure}: {', '.join(figures)}")
    return run


def run_part(name: str, is_quick: bool) -> None:
    """Run a part without clients, which prints for itself.

    Raises:
        BenchError: it failed.
    """
    argv = [*python_module(name), *(["--quick"] if is_quick else [])]
    process = subprocess.run(
        argv, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, check=False
    )
    if process.returncode != 0:
        raise BenchError(f"{name}: exit status {process.returncode}")


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
    }


def present(run: Run, clients: Sequence[Client], part: float) -> None:
    """Print the table, the versions, the verdict, and the JSON line."""
    results = summarise(run.samples)
    titles = {
        client.name: f"{client.name}: {client.package} "
        f"{run.versions[client.name][client.package]}"
        for client in clients
    }
    say("")
    say(LEGEND.format(**load_workload()))
    say("")
    say(render(results, titles))
    say("")
    for name, versions in run.versions.items():
        listed = ", ".join(f"{package} {text}" for package, text in versions.items())
        say(f"{name}: {listed}")
    on = machine()
    say(f"machine: {on['system']}, {on['cores']} cores")
    say(widest_spread(results))
    say(verdict(results))
    if part != 1:
        say("quick: a tenth of the operations, so these figures are rough")
    record = {
        "samples": [
            [sample.name, sample.measure, round(sample.figure, 3)]
            for sample in run.samples
        ],
        "medians": [
            [client, measure, round(row.figure, 3)]
            for (client, measure), row in results.items()
        ],
        "versions": run.versions,
        "machine": on,
        "part": part,
    }
    say(json.dumps(record))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = [
        *(client.name for client in CLIENTS),
        CODECS,
        DECODING,
        IMPORTING,
        SERVER_PART,
    ]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, help="how many (default 5, with --quick 1)", metavar="N"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the operations, one round"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        default=names,
        help="only these clients, codecs, decoding, importing or servers",
    )
    options = parser.parse_args(arguments)
    if options.rounds is None:
        options.rounds = 1 if options.quick else 5
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the result is the exit status."""
    options = parse(arguments)
    clients = [client for client in CLIENTS if client.name in options.only]
    part = QUICK_PART if options.quick else 1.0
    try:
        if missing := find_missing(clients, options.only):
            raise BenchError("\n".join(dict.fromkeys(missing)))
        for part_name in (CODECS, DECODING, IMPORTING):
            if part_name in options.only:
                run_part(part_name, options.quick)
        if SERVER_PART in options.only:
            servers.present(servers.run_rounds(options.rounds, part), part)
        if not clients:
            return 0
        run = run_rounds(clients, options.rounds, part)
    except BenchError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    present(run, clients, part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
