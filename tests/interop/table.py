"""The table of docs/interop.md: which act comes off with whom."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .acts import ACTS, GAPS
from .matrix import Results
from .peers import INTEROP
from .sides import PAIRS, WAYS, Pair

PAGE = INTEROP.parent.parent / "docs" / "interop.md"

_TABLE = re.compile(r"(<!-- table: matrix -->\n).*?(<!-- end of table -->)", re.DOTALL)


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
    lines = [
        ["", *(pair.title for pair in results)],
        ["---"] * (len(results) + 1),
    ]
    for act in ACTS:
        lines.append([act, *(_cell(act, found) for found in results.values())])
    rows = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    notes = [f"\nNo: {act}. {why}.\n" for (_, act), why in GAPS.items()]
    return "".join((rows, *notes))


def expected_table() -> str:
    """Return the table when everything goes well."""
    return table({pair: expected(pair) for pair in PAIRS})


def written_table() -> str:
    """Return the table that stands in the page."""
    found = _TABLE.search(PAGE.read_text())
    if found is None:
        raise ValueError(f"{PAGE.name} has no place for the table")
    return found[0]


def write_table(text: str) -> None:
    """Put a table into the page."""
    page = PAGE.read_text()
    PAGE.write_text(_TABLE.sub(lambda found: in_page(text), page))


def in_page(text: str) -> str:
    """Return a table between the comments that mark its place."""
    return f"<!-- table: matrix -->\n{text}<!-- end of table -->"


def _cell(act: str, results: Results) -> str:
    good = [way for way in WAYS if results.get((act, way)) == ""]
    if len(good) == len(WAYS):
        return "yes"
    return ", ".join(good) or "no"
