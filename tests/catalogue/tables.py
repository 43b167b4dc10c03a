"""The tables of the protocol (tests/protocol/*.toml), and what they say of a field."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from types import GenericAlias
from typing import Any

from msgspec import Struct

from padchat_twisted import catalogue
from padchat_twisted.catalogue import Dialect
from padchat_twisted.catalogue.parameters import Param, params_of
from tests.children import ROOT

__all__ = [
    "Row",
    "declared_type",
    "entry",
    "enum_numbers",
    "has_row",
    "names_in",
    "of_dialect",
    "rows",
    "section",
]

#: One table of the protocol, or one of its fields.
Row = dict[str, Any]

_TYPES: dict[str, Any] = {
    "string": str,
    "base64": str,
    "url": str,
    "xml": str,
    "int": int,
    "bool": bool,
    "string[]": tuple[str, ...],
    "object": dict[str, Any],
    "object[]": tuple[dict[str, Any], ...],
}

#: The type of what is handed on as it came, an object without a class.
_RAW = "RawMsgData"


@cache
def _file(name: str) -> Row:
    path = ROOT / "tests" / "protocol" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def rows(file: str, table: str) -> list[Row]:
    """Return a list of tables, for example ``rows("commands", "type")``."""
    found: list[Row] = _file(file)[table]
    return found


def entry(file: str, table: str) -> Row:
    """Return a single table, for example ``entry("commands", "dialect")``."""
    found: Row = _file(file)[table]
    return found


def of_dialect(fields: list[Row], dialect: Dialect) -> list[Row]:
    """Keep the fields that a dialect has and that come over the wire."""
    return [
        field
        for field in fields
        if dialect in field.get("dialects", [dialect]) and not field.get("client_side")
    ]


def names_in(
    kind: type[Struct], dialect: Dialect, of_kind: tuple[Dialect, ...]
) -> dict[str, Param]:
    """Return the fields that a class has in a dialect, by wire name."""
    return {
        param.wire_name: param
        for param in params_of(kind)
        if dialect in param.dialects(of_kind)
    }


def declared_type(row: Row) -> Any:  # noqa: ANN401 - any annotation
    """Return the type that a field of the tables has with us."""
    of = row.get("of", _RAW)
    if of == _RAW:
        return _TYPES[row["type"]]
    part = getattr(catalogue, of)
    return GenericAlias(tuple, (part, ...)) if row["type"] == "object[]" else part


def enum_numbers(name: str) -> set[int]:
    """Return the numbers of one of our enumerations."""
    return {int(member) for member in getattr(catalogue, name)}


def section(page: str, heading: str) -> str:
    """Return the section of a page of docs/commands; empty when there is none."""
    pattern = rf"(?ms)^##+ {re.escape(heading)}$(.*?)(?=^## |\Z)"
    found = re.search(pattern, _page(page))
    return "" if found is None else found[1]


def has_row(page: str, name: str, wire_name: str = "") -> bool:
    """Whether the first table of a page of docs/commands leads to a class.

    Args:
        page: name of the file.
        name: of the class, empty for none.
        wire_name: what there is without a class.
    """
    first = f"[`{name}`](#{name.lower()})" if name else f"none | `{wire_name}`"
    return f"\n| {first} |" in _page(page)


@cache
def _page(name: str) -> str:
    return (ROOT / "docs" / "commands" / f"{name}.md").read_text(encoding="utf-8")
