"""What the documentation promises of a result, and whether a result keeps it.

Two sources say it: the tables of ``tests/protocol/commands.toml`` for each dialect, and
the examples in padchat-sdk's own documentation, read by padchat_sdk_docs.js.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from padchat_twisted.catalogue import Dialect

from .peers import INTEROP

__all__ = ["faults_by_examples", "faults_by_table", "promised"]

COMMANDS = INTEROP.parent / "protocol" / "commands.toml"

#: What JSON has for each type of the tables; all others are texts.
_KINDS: dict[str, type] = {
    "int": int,
    "bool": bool,
    "object": dict,
    "object[]": list,
    "string[]": list,
}

#: A row of the tables.
Row = Mapping[str, Any]


@cache
def _tables() -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Read the fields of each result, and those of each named type."""
    tables = tomllib.loads(COMMANDS.read_text())
    results = {command["code"]: command["result"] for command in tables["command"]}
    return results, {kind["name"]: kind["fields"] for kind in tables["type"]}


def promised(
    code: str, dialect: Dialect, examples: Sequence[Row], found: Row
) -> dict[str, int]:
    """Name the fields of ``data`` that a good result has.

    Args:
        code: canonical name of the command.
        dialect: what is spoken.
        examples: whole results, as the documentation shows them.
        found: the result, which need be like one of the examples.

    Returns:
        How many fields there are inside each, at every depth, in the example.
    """
    rows = _fields(_tables()[0][code], dialect)
    names = {row["name"]: 0 for row in rows if row.get("always")}
    nearest = _nearest(examples, found) or {}
    names |= {name: _count(value) for name, value in nearest.get("data", {}).items()}
    return dict(sorted(names.items()))


def faults_by_table(code: str, dialect: Dialect, data: Row) -> Iterator[str]:
    """Tell which fields of a result lack, have another type or are in no table.

    Args:
        code: canonical name of the command.
        dialect: what is spoken.
        data: of the result.
    """
    return _row_faults(_tables()[0][code], dialect, data, "")


def faults_by_examples(
    examples: Sequence[object], found: object, place: str = ""
) -> list[str]:
    """Tell what a result lacks of the example that it is most like.

    Args:
        examples: as the documentation shows them; a result need be like one of them.
        found: the result.
        place: where in the whole result they are.
    """
    nearest = _nearest(examples, found)
    return list(_example_faults(nearest, found, place)) if examples else []


def _nearest(examples: Sequence[Any], found: object) -> Any:  # noqa: ANN401 - JSON
    """Choose the example that shares most with a result, and then lacks least in it."""
    return max(
        examples,
        key=lambda example: (_shared(example, found), -_count(example)),
        default=None,
    )


def _fields(rows: Sequence[Row], dialect: Dialect) -> list[Row]:
    return [row for row in rows if dialect in row.get("dialects", (dialect,))]


def _row_faults(
    rows: Sequence[Row], dialect: Dialect, found: Row, path: str
) -> Iterator[str]:
    fields = _fields(rows, dialect)
    # No source shows the result of a command that has none.
    for name in found.keys() - {row["name"] for row in fields} if rows else ():
        yield f"{path}{name} is in no table"
    for row in fields:
        place = f"{path}{row['name']}"
        if row["name"] not in found:
            if row.get("always"):
                yield f"{place} is missing"
            continue
        value = found[row["name"]]
        if isinstance(value, str) and "json_encoded" in row and dialect != "sdk":
            # Nobody reads it for a bot on Socket.IO, and padchat-sdk does.
            value = json.loads(value)
        kind = _KINDS.get(row["type"], str)()
        if _kind(value) != _kind(kind):
            yield f"{place} is {_kind(value)}, not {_kind(kind)}"
        elif "of" in row:
            inner = _tables()[1][row["of"]]
            for item in value if isinstance(value, list) else [value]:
                yield from _row_faults(inner, dialect, item, f"{place}.")


def _example_faults(example: object, found: object, place: str) -> Iterator[str]:
    if _kind(example) != _kind(found):
        yield f"{place} is {_kind(found)}, not {_kind(example)}"
    elif isinstance(example, dict) and isinstance(found, dict):
        for name, value in example.items():
            inner = f"{place}.{name}" if place else name
            if name in found:
                yield from _example_faults(value, found[name], inner)
            else:
                yield f"{inner} is missing"
    elif isinstance(example, list) and isinstance(found, list) and example:
        for item in found:
            yield from faults_by_examples(example, item, place)


def _shared(example: object, found: object) -> int:
    """Count the fields that an example and a result both have."""
    if isinstance(example, dict) and isinstance(found, dict):
        names = example.keys() & found.keys()
        return len(names) + sum(_shared(example[name], found[name]) for name in names)
    if isinstance(example, list) and isinstance(found, list):
        return max((_shared(x, y) for x in example for y in found), default=0)
    return 0


def _count(value: object) -> int:
    """Count the fields inside a value; items of a list are alike."""
    if isinstance(value, list):
        return max(map(_count, value), default=0)
    if isinstance(value, dict):
        return len(value) + sum(map(_count, value.values()))
    return 0


def _kind(value: object) -> str:
    """Say in JSON's words what a value is."""
    words: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return words.get(type(value), "a number")
