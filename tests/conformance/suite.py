"""Runs the cases in a process of its own: ``python -m tests.conformance.suite``.

kosoku puts a package named ``autobahn`` before the real one, so it cannot share a
process with what it tries. Its results leave as lines of JSON; as a server it writes
its port first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from kosoku import FailureError, run_fuzzingclient, run_fuzzingserver


def _tell(result: Any) -> None:  # noqa: ANN401 - kosoku may not be installed for mypy
    line = {
        "case": result.case_id,
        "behavior": result.behavior.value,
        "close": result.behavior_close.value,
        "passed": result.passed,
        "duration": result.duration,
        "description": result.description,
        "expectation": result.expectation,
        "result": f"{result.result} {result.result_close}",
    }
    print(json.dumps(line), flush=True)


async def _run(role: str, address: str, cases: Sequence[str]) -> None:
    try:
        if role == "server":
            # What is tried is a server, so the suite is the client.
            results = await run_fuzzingclient(address, cases or None)
        else:
            async with run_fuzzingserver(cases or None, port=0) as server:
                print(json.dumps({"port": server.port}), flush=True)
                results = await server.get_result()
    except FailureError as failure:
        results = failure.results
    for result in results:
        _tell(result)


def main() -> None:
    """Run the cases that the command line names; without any, all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("client", "server"))
    parser.add_argument("address")
    parser.add_argument("cases", nargs="*")
    given = parser.parse_args()
    asyncio.run(_run(given.role, given.address, given.cases))
    # kosoku's own threads may abort the process while Python is leaving (seen with
    # 0.1.0: one run in ten ended by signal 6 with all its results written).
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
