"""The table of docs/interop.md: which act comes off with whom."""

from __future__ import annotations

from collections.abc import Mapping

from .acts import ACTS, GAPS
from .matrix import Results
from .place import DOCS, Place, rows
from .sides import PAIRS, WAYS, Pair

PLACE = Place(DOCS / "interop.md", "matrix")


def expected(pair: Pair) -> Results:
    """Return the results of a pair when everything goes well."""
    return {
        (act, way): ""
        for act in ACTS
        if (pair.server.language, act) not in GAPS
        for way in WAYS
    }


def table(results: Mapping[Pair, Results]) -> str:
    """Write the table, in Markdown: an act a line, a peer a column."""
    lines = [["", *(pair.title for pair in results)]]
    for act in ACTS:
        lines.append([act, *(_cell(act, found) for found in results.values())])
    notes = [f"\nNo: {act}. {why}.\n" for (_, act), why in GAPS.items()]
    return "".join((rows(lines), *notes))


def expected_table() -> str:
    """Return the table when everything goes well."""
    return table({pair: expected(pair) for pair in PAIRS})


def _cell(act: str, results: Results) -> str:
    good = [way for way in WAYS if results.get((act, way)) == ""]
    if len(good) == len(WAYS):
        return "yes"
    return ", ".join(good) or "no"
