"""What the classes of the catalogue say of themselves, for the pages made of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin

__all__ = [
    "about",
    "joined",
    "meanings",
    "properties",
    "row",
    "source",
    "summary",
    "type_text",
]

_SECTION = re.compile(r"^(Args|Raises|Attributes|Source):")
_ARGUMENT = re.compile(r"^    (\w+): (.*)$")


def joined(lines: Iterable[str]) -> str:
    """Put lines together as a part of a page."""
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def row(*cells: str) -> str:
    """Make a row of a table."""
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def summary(kind: type) -> str:
    """Return the first sentence of a docstring."""
    text = " ".join(_paragraphs(kind)[0].split())
    return _plain(re.split(r"(?<=\.) (?=[A-Z])", text)[0])


def about(kind: type) -> str:
    """Tell what a class is for."""
    paragraphs = [" ".join(text.split()) for text in _paragraphs(kind)]
    paragraphs[0] = paragraphs[0].partition(" Source: ")[0]
    return _plain("\n\n".join(paragraphs))


def source(kind: type) -> str:
    """Return what a docstring names as its source; empty for none."""
    found = re.search(r"(?s)Source: (.*?)(?:\n\n|\Z)", inspect.getdoc(kind) or "")
    return "" if found is None else _plain(" ".join(found[1].split()))


def meanings(kind: type) -> dict[str, str]:
    """Read what docstrings say of each argument, those of the bases too."""
    found: dict[str, str] = {}
    for owner in reversed(kind.__mro__):
        name, is_args = "", False
        for line in inspect.cleandoc(owner.__doc__ or "").splitlines():
            if _SECTION.match(line):
                is_args = line.startswith("Args:")
            elif is_args and (argument := _ARGUMENT.match(line)):
                name = argument[1]
                found[name] = argument[2]
            elif is_args and name and line.startswith("        "):
                found[name] += f" {line.strip()}"
    return {name: _plain(text) for name, text in found.items()}


def properties(kind: type) -> Iterator[str]:
    """Make a row for each property of a class and its bases: name, type, meaning."""
    shown: dict[str, property] = {}
    for owner in reversed(kind.__mro__):
        for name, value in vars(owner).items():
            is_hidden = name.startswith("_") or name in ("arguments", "raw")
            if isinstance(value, property) and not is_hidden:
                shown[name] = value
    for name, value in shown.items():
        getter = value.fget
        assert getter is not None
        meaning = (inspect.getdoc(getter) or "").splitlines()[0]
        annotation = str(inspect.get_annotations(getter)["return"])
        yield row(f"`{name}`", f"`{annotation}`", _plain(meaning))


def type_text(kind: Any) -> str:  # noqa: ANN401 - any annotation
    """Write a type as a person would."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin is tuple:
        return f"tuple[{type_text(arguments[0])}, ...]"
    if origin is dict:
        return "dict[str, Any]"
    if arguments:
        return " | ".join(type_text(argument) for argument in arguments)
    return "None" if kind is type(None) else str(getattr(kind, "__name__", kind))


def _paragraphs(kind: type) -> list[str]:
    """Return the paragraphs of a docstring before its sections."""
    lines: list[str] = []
    for line in (inspect.getdoc(kind) or "").splitlines():
        if _SECTION.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip().split("\n\n")


def _plain(text: str) -> str:
    """Write code as a page does."""
    return text.replace("``", "`")
