"""``make conformance``: every case, both roles, ours beside autobahn's own.

The exit status is 0 when every case of ours went as well as autobahn's own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred

from .runs import KINDS, ROLES, Result, run

#: What the groups of cases are about. Source: Autobahn|Testsuite, CaseCategories.
GROUPS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8 handling",
    "7": "close handling",
    "9": "limits and performance",
    "10": "miscellaneous",
    "12": "compression, several payloads",
    "13": "compression, several parameters",
}

#: Verdicts from good to bad; the suite accepts the first three.
ORDER = ("OK", "INFORMATIONAL", "NON-STRICT")


def is_as_good(ours: Result, theirs: Result) -> bool:
    """Tell whether a case of ours went as well as autobahn's own."""
    if not ours.passed:
        return False
    if not theirs.passed or ours.verdict == theirs.verdict:
        return True
    return theirs.behavior not in ORDER or (
        ORDER.index(ours.behavior) <= ORDER.index(theirs.behavior)
    )


def count(results: Sequence[Result], group: str) -> str:
    """Count the verdicts of a group, for example ``42 OK, 2 NON-STRICT``."""
    verdicts = [r.verdict for r in results if r.case.split(".")[0] == group]
    kinds = sorted(set(verdicts), key=lambda v: (v not in ORDER, v != "OK", v))
    return ", ".join(f"{verdicts.count(kind)} {kind}" for kind in kinds)


def table(role: str, ours: Sequence[Result], theirs: Sequence[Result]) -> list[str]:
    """Write the table of one role, a line for each group of cases."""
    groups = sorted({r.case.split(".")[0] for r in ours}, key=int)
    rows = [
        (f"{g} {GROUPS.get(g, '')}", count(ours, g), count(theirs, g)) for g in groups
    ]
    rows.insert(0, (f"as {role}", "ours", "autobahn's own"))
    passed = [f"{sum(r.passed for r in rs)} of {len(rs)}" for rs in (ours, theirs)]
    seconds = [f"{sum(r.duration for r in rs) / 1000:.0f} s" for rs in (ours, theirs)]
    ours_sum, theirs_sum = (f"{p} in {s}" for p, s in zip(passed, seconds, strict=True))
    rows.append(("passed", ours_sum, theirs_sum))
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]


def differences(ours: Sequence[Result], theirs: Sequence[Result]) -> list[str]:
    """Name every case that did not go the same way."""
    lines = []
    for a, b in zip(ours, theirs, strict=True):
        verdicts = f"{a.case}: {a.verdict}; autobahn's own: {b.verdict}"
        if not is_as_good(a, b):
            lines += [f"! {verdicts}", f"    {a.expectation}", f"    {a.result}"]
        elif a.verdict != b.verdict:
            lines.append(f"  {verdicts}")
    return lines


async def _told(
    reactor: Any,  # noqa: ANN401 - a reactor has many faces
    kind: str,
    role: str,
    cases: Sequence[str],
) -> list[Result]:
    """Run cases; tell how far we are."""
    whose = "ours" if kind == "ours" else "autobahn's own"
    print(f"{whose} as {role}: ", end="", flush=True)
    began = reactor.seconds()
    results = await run(reactor, kind, role, cases)
    print(f"{len(results)} cases in {reactor.seconds() - began:.0f} s", flush=True)
    return results


async def _main(reactor: Any, roles: Sequence[str], cases: Sequence[str]) -> None:  # noqa: ANN401 - a reactor has many faces
    is_good = True
    lines: list[str] = []
    for role in roles:
        ours, theirs = [await _told(reactor, kind, role, cases) for kind in KINDS]
        is_good = is_good and all(map(is_as_good, ours, theirs))
        lines += ["", *table(role, ours, theirs), *differences(ours, theirs)]
    print("\n".join(lines))
    print("\nPASSED" if is_good else "\nFAILED: see the cases with a ! above")
    if not is_good:
        sys.exit(1)


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="make conformance ARGS=...")
    parser.add_argument("--role", choices=ROLES, action="append")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="such as 9.* or 1.1.1")
    given = parser.parse_args()
    roles = given.role or ROLES
    task.react(lambda r: Deferred.fromCoroutine(_main(r, roles, given.cases)))


if __name__ == "__main__":
    main()
