"""From the samples of a run to its table: medians, ratios, spread. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.client import MEASURES, SERVER_MEASURES

OURS = "ours"

LEGEND = """\
Medians of all rounds, each with its ratio to ours and to sio4; less is better.
command: µs CPU of the client process per command with reply, {in_flight} in flight
push: µs CPU of the client process per pushed message, 900 bytes, Chinese, of a room
idle: KiB resident memory per idle account, {settle_seconds} s after the last of them:
  (RSS with a first and {idle_accounts} - RSS with the first) / {idle_accounts}; ours
  are in `ready` with {contacts} contacts each, the others are bare connections"""


@dataclass(frozen=True)
class Comparison:
    """What is compared with what.

    Attributes:
        measures: in the order of the table.
        peer: name of the one to be held against.
        aims: by measure, the most that ours may be of the peer's figure.
    """

    measures: tuple[str, ...]
    peer: str
    aims: Mapping[str, float]


CLIENTS = Comparison(MEASURES, "sio4", {"command": 0.75, "push": 1.0, "idle": 1.0})
SERVERS = Comparison(
    SERVER_MEASURES, "npm", {"ack": 1.25, "push": 1.25, "broadcast": 1.0}
)

#: Decimals in the table; one where nothing stands here.
DECIMALS = {"idle": 0}


@dataclass(frozen=True)
class Sample:
    """The figure that one process printed.

    Attributes:
        name: of the client or server, such as ``sio4``.
        measure: what was measured.
        figure: in the unit of the measure.
    """

    name: str
    measure: str
    figure: float


@dataclass(frozen=True)
class Row:
    """What all rounds say about one client or server in one measure.

    Attributes:
        figure: median of the rounds, in the unit of the measure.
        to_ours: this median divided by ours; None when ours was not measured.
        to_peer: this median divided by that of the peer; None likewise.
        spread: (largest - smallest) / median of the rounds.
    """

    figure: float
    to_ours: float | None
    to_peer: float | None
    spread: float


Results = dict[tuple[str, str], Row]
"""Rows by name and measure, in the order in which the names were first seen."""


def summarise(samples: Sequence[Sample], comparison: Comparison = CLIENTS) -> Results:
    """Take medians over the rounds, and their ratios to ours and to the peer's.

    Args:
        samples: of all rounds, in any order.
        comparison: names the peer.

    Returns:
        One row per name and measure that has a sample.
    """
    figures: dict[tuple[str, str], list[float]] = {}
    for sample in samples:
        figures.setdefault((sample.name, sample.measure), []).append(sample.figure)
    medians = {key: median(values) for key, values in figures.items()}

    def ratio(key: tuple[str, str], other: str) -> float | None:
        divisor = medians.get((other, key[1]))
        return medians[key] / divisor if divisor else None

    return {
        key: Row(
            figure=medians[key],
            to_ours=ratio(key, OURS),
            to_peer=ratio(key, comparison.peer),
            spread=(max(values) - min(values)) / medians[key] if medians[key] else 0.0,
        )
        for key, values in figures.items()
    }


def _cells(measure: str, row: Row | None) -> list[str]:
    if row is None:
        return ["-", "-", "-"]
    return [
        f"{row.figure:.{DECIMALS.get(measure, 1)}f}",
        "-" if row.to_ours is None else f"{row.to_ours:.2f}",
        "-" if row.to_peer is None else f"{row.to_peer:.2f}",
    ]


def render(
    results: Results, titles: Mapping[str, str], comparison: Comparison = CLIENTS
) -> str:
    """Draw the table, in Markdown that is also readable as plain text.

    Args:
        results: as `summarise` gives them.
        titles: what to call each of them in the table, with its version.
        comparison: has the measures, and names the peer.

    Returns:
        Lines: heads, a rule, one line per name.
    """
    head: list[str] = [""]
    for measure in comparison.measures:
        head += [measure, "to ours", f"to {comparison.peer}"]
    lines = [head]
    for name in dict.fromkeys(name for name, _ in results):
        line = [titles[name]]
        for measure in comparison.measures:
            line += _cells(measure, results.get((name, measure)))
        lines.append(line)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    drawn = []
    for line in [head, rule, *lines[1:]]:
        first, *others = line
        cells = [first.ljust(widths[0])]
        cells += [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        drawn.append("| " + " | ".join(cells) + " |")
    return "\n".join(drawn)


def verdict(results: Results, comparison: Comparison = CLIENTS) -> str:
    """Say where we stand against the aims, in each measure."""
    parts = []
    for measure in comparison.measures:
        aim = comparison.aims[measure]
        row = results.get((OURS, measure))
        if row is None or row.to_peer is None:
            parts.append(f"{measure} not measured")
        else:
            word = "held" if row.to_peer <= aim else "missed"
            parts.append(f"{measure} {row.to_peer:.2f} of {aim:.2f} {word}")
    return f"aims (at most so much of {comparison.peer}): " + ", ".join(parts)


def widest_spread(results: Results) -> str:
    """Name the figure whose rounds differ most, as a warning about all of them."""
    (name, measure), row = max(results.items(), key=lambda entry: entry[1].spread)
    return f"widest spread of the rounds: {row.spread:.0%} ({name}, {measure})"
