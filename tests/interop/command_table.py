"""The tables of docs/compatibility.md: what each client got for each command."""

from __future__ import annotations

from collections.abc import Sequence

from padchat_twisted.catalogue import Dialect

from .commands import Row
from .place import DOCS, Place, rows

PAGE = DOCS / "compatibility.md"

#: Where the table of each client stands, by what it speaks.
PLACES: dict[Dialect, Place] = {
    "sdk": Place(PAGE, "sdk"),
    "socketio": Place(PAGE, "socketio"),
}


def command_table(found: Sequence[Row]) -> str:
    """Write the table, in Markdown: a command a line."""
    head = ["Command", "Called", "Promised in `data`", "Got", "When refused"]
    return rows([head, *(_line(row) for row in found)])


def _line(row: Row) -> list[str]:
    got = " ".join(["all", *row.notes] if row.promised else ["the answer"])
    if row.further:
        got += f"; also {', '.join(f'`{name}`' for name in row.further)}"
    if row.faults:
        got = "; ".join(row.faults)
    return [
        f"`{row.code}`",
        f"`{row.way}`",
        ", ".join(map(_field, row.promised.items())) or "nothing",
        got,
        row.refusal or "cannot be",
    ]


def _field(promise: tuple[str, int]) -> str:
    name, inner = promise
    return f"`{name}` ({inner} inside)" if inner else f"`{name}`"
