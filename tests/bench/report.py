"""From the samples of a run to its table: medians, ratios, spread. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.client import MEASURES, Measure

OURS = "ours"
SIO4 = "sio4"

LEGEND = """\
Medians of all rounds, each with its ratio to ours and to sio4; less is better.
command: µs CPU of the client process per command with reply, {in_flight} in flight
push: µs CPU of the client process per pushed message, 900 bytes, Chinese, of a room
idle: KiB resident memory per idle connection, 500 of them in one process, measured
  {settle_seconds} s after the last one: (RSS with 500 - RSS with none) / 500"""

DECIMALS: dict[Measure, int] = {"command": 1, "push": 1, "idle": 0}


@dataclass(frozen=True)
class Sample:
    """The figure that one client process printed.

    Attributes:
        client: name of the client, such as ``sio4``.
        measure: what was measured.
        figure: in the unit of the measure.
    """

    client: str
    measure: Measure
    figure: float


@dataclass(frozen=True)
class Row:
    """What all rounds say about one client in one measure.

    Attributes:
        figure: median of the rounds, in the unit of the measure.
        to_ours: this median divided by ours; None when ours was not measured.
        to_sio4: this median divided by that of socket.io-client 4; None likewise.
        spread: (largest - smallest) / median of the rounds.
    """

    figure: float
    to_ours: float | None
    to_sio4: float | None
    spread: float


Results = dict[tuple[str, Measure], Row]
"""Rows by client and measure, in the order in which the clients were first seen."""


def summarise(samples: Sequence[Sample]) -> Results:
    """Take medians over the rounds, and their ratios to ours and to sio4.

    Args:
        samples: of all rounds, in any order.

    Returns:
        One row per client and measure that has a sample.
    """
    figures: dict[tuple[str, Measure], list[float]] = {}
    for sample in samples:
        figures.setdefault((sample.client, sample.measure), []).append(sample.figure)
    medians = {key: median(values) for key, values in figures.items()}

    def ratio(key: tuple[str, Measure], other: str) -> float | None:
        divisor = medians.get((other, key[1]))
        return medians[key] / divisor if divisor else None

    return {
        key: Row(
            figure=medians[key],
            to_ours=ratio(key, OURS),
            to_sio4=ratio(key, SIO4),
            spread=(max(values) - min(values)) / medians[key] if medians[key] else 0.0,
        )
        for key, values in figures.items()
    }


def _cells(measure: Measure, row: Row | None) -> list[str]:
    if row is None:
        return ["-", "-", "-"]
    return [
        f"{row.figure:.{DECIMALS[measure]}f}",
        "-" if row.to_ours is None else f"{row.to_ours:.2f}",
        "-" if row.to_sio4 is None else f"{row.to_sio4:.2f}",
    ]


def render(results: Results, titles: Mapping[str, str]) -> str:
    """Draw the table, in Markdown that is also readable as plain text.

    Args:
        results: as `summarise` gives them.
        titles: what to call each client in the table, with its version.

    Returns:
        Lines: heads, a rule, one line per client.
    """
    head: list[str] = ["client"]
    for measure in MEASURES:
        head += [measure, "to ours", "to sio4"]
    lines = [head]
    for client in dict.fromkeys(client for client, _ in results):
        line = [titles[client]]
        for measure in MEASURES:
            line += _cells(measure, results.get((client, measure)))
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


def verdict(results: Results) -> str:
    """Say where we stand against the aim: at most sio4's figure, in each measure."""
    parts = []
    for measure in MEASURES:
        row = results.get((OURS, measure))
        if row is None or row.to_sio4 is None:
            parts.append(f"{measure} not measured")
        else:
            word = "held" if row.to_sio4 <= 1 else "missed"
            parts.append(f"{measure} {row.to_sio4:.2f} {word}")
    return "aim (at most 1.00 of sio4): " + ", ".join(parts)


def widest_spread(results: Results) -> str:
    """Name the figure whose rounds differ most, as a warning about all of them."""
    (client, measure), row = max(results.items(), key=lambda entry: entry[1].spread)
    return f"widest spread of the rounds: {row.spread:.0%} ({client}, {measure})"
