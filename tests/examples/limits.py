"""The limits of the code, and those that the page on limits tells."""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import padchat_twisted

PACKAGE = Path(padchat_twisted.__file__).parent

_UNITS = {"KiB": 1024, "MiB": 1024 * 1024}
_ROW = re.compile(
    r"^\|(.+)\|(.+)\|(.+)\|(.*)\| `([\w.]+)` \| `([\w.]+)\.([A-Z_]+)` \|$"
)
_VALUE = re.compile(r"^([\d,]+(?:\.\d+)?)(?: (\w+))?$")


@dataclass(frozen=True)
class Row:
    """A row of the page.

    Args:
        limit: what is limited.
        value: its value, in the unit of the constant.
        why: the reason.
        beyond: what happens beyond it.
        test: one that holds it, below ``tests``.
        place: module below the package, and name of the constant.
    """

    limit: str
    value: float
    why: str
    beyond: str
    test: str
    place: str


def told(page: Path) -> list[Row]:
    """Read the tables of the page."""
    rows = []
    for line in page.read_text().splitlines():
        found = _ROW.match(line)
        if found is None:
            continue
        limit, default, why, beyond, test, module, name = (
            text.strip() for text in found.groups()
        )
        value = _VALUE.match(default)
        if value is None:
            raise ValueError(f"{default!r} is not a number with a unit")
        number = float(value[1].replace(",", "")) * _UNITS.get(value[2], 1)
        rows.append(Row(limit, number, why, beyond, test, f"{module}.{name}"))
    return rows


def value_of(place: str) -> object:
    """Return the value of a constant.

    Raises:
        AttributeError: the module does not have it.
        ModuleNotFoundError: there is no such module.
    """
    module, _, name = place.rpartition(".")
    found = importlib.import_module(f"{padchat_twisted.__name__}.{module}")
    value: object = getattr(found, name)
    return value


def errors_of(beyond: str) -> set[str]:
    """Find the classes that a text names."""
    return set(re.findall(r"`([A-Z]\w*[a-z]\w*)`", beyond))


def exception_names() -> set[str]:
    """List the exceptions of ours."""
    return {
        statement.name
        for file in PACKAGE.rglob("*.py")
        for statement in ast.parse(file.read_text()).body
        if isinstance(statement, ast.ClassDef) and _is_exception(file, statement.name)
    }


def _is_exception(file: Path, name: str) -> bool:
    module = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    found = getattr(importlib.import_module(module), name)
    return isinstance(found, type) and issubclass(found, BaseException)


def constants(pattern: str) -> set[str]:
    """List the constants whose names fit, where they are defined."""
    return {
        f"{'.'.join(file.relative_to(PACKAGE).with_suffix('').parts)}.{name}"
        for file in PACKAGE.rglob("*.py")
        for name in _assigned(file)
        if re.fullmatch(pattern, name)
    }


def _assigned(file: Path) -> list[str]:
    names = []
    for statement in ast.parse(file.read_text()).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.append(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case _:
                pass
    return names
