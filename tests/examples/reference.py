"""The tables of the reference, made from the catalogue and its docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

import padchat_twisted
from padchat_twisted.catalogue import (
    COMMANDS,
    EVENTS,
    Contact,
    Done,
    Event,
    ImageMessage,
    Message,
    Push,
    PushItem,
    Result,
    SystemMessage,
    TextMessage,
    UnknownItem,
)

#: The kinds of items of a push, with what all messages have first.
ITEMS: tuple[type[PushItem], ...] = (
    Message,
    TextMessage,
    ImageMessage,
    SystemMessage,
    Contact,
    UnknownItem,
)

_SECTION = re.compile(r"^(Args|Raises|Attributes|Source):")
_ARGUMENT = re.compile(r"^    (\w+): (.*)$")


def commands() -> str:
    """Make the part on commands: one table, then one section for each."""
    lines = ["| Command | On the wire | Result | What it does |", "|---|---|---|---|"]
    for wire_name, command in COMMANDS.items():
        name, result = command.__name__, command.result_type.__name__
        cells = f"[`{name}`](#{name.lower()})", f"`{wire_name}`", f"`{result}`"
        lines.append(_row(*cells, _summary(command)))
    for command in COMMANDS.values():
        lines += ["", f"### {command.__name__}", "", *_about(command), ""]
        lines += _table("Parameter", command)
        lines += ["", *_result(command.result_type)]
    return _joined(lines)


def events() -> str:
    """Make the part on events."""
    lines = ["| Event | On the wire | What happened |", "|---|---|---|"]
    for wire_name, event in EVENTS.items():
        name = event.__name__
        shown = f"[`{name}`](#{name.lower()})" if _has_section(event) else f"`{name}`"
        lines.append(_row(shown, f"`{wire_name}`", _summary(event)))
    for event in EVENTS.values():
        if _has_section(event):
            lines += ["", f"### {event.__name__}", "", *_about(event), ""]
            lines += _table("Field", event)
    return _joined(lines)


def items() -> str:
    """Make the part on the items of a push."""
    lines = []
    for item in ITEMS:
        bases = "" if item in (Message, UnknownItem, Contact) else " It is a `Message`."
        lines += ["", f"### {item.__name__}", "", *_about(item, bases), ""]
        lines += _table("Field", item)
    return _joined(lines[1:])


def _result(result: type[Result]) -> Iterator[str]:
    if result is Done:
        yield "No result is documented; `raw` has what the gateway sent."
    else:
        yield f"Result `{result.__name__}`: {_summary(result)}"
        yield ""
        yield from _table("Field", result)


def _has_section(event: type[Event]) -> bool:
    return event is not Push and bool(_own_fields(event) or _properties(event))


def _joined(lines: Iterable[str]) -> str:
    text = "\n".join(lines).replace("``", "`")
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _row(*cells: str) -> str:
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _doc(kind: type) -> list[str]:
    return (inspect.getdoc(kind) or "").splitlines()


def _summary(kind: type) -> str:
    """Return the first sentence of a docstring."""
    text = " ".join(_paragraphs(kind)[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", text)[0]


def _paragraphs(kind: type) -> list[str]:
    """Return the paragraphs of a docstring before its sections."""
    lines: list[str] = []
    for line in _doc(kind):
        if _SECTION.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip().split("\n\n")


def _source(kind: type) -> str:
    found = re.search(r"(?s)Source: (.*?)(?:\n\n|\Z)", inspect.getdoc(kind) or "")
    return "" if found is None else " ".join(found[1].split())


def _about(kind: type, more: str = "") -> Iterator[str]:
    """Tell what a class is for, where it is imported from and where it comes from."""
    paragraphs = [" ".join(text.split()) for text in _paragraphs(kind)]
    paragraphs[0] = paragraphs[0].partition(" Source: ")[0] + more
    yield "\n\n".join(paragraphs)
    if kind.__name__ not in padchat_twisted.__all__:
        yield f"\nImport it from `{padchat_twisted.__name__}.catalogue`."
    if source := _source(kind):
        yield f"\nSource: {source}"


def _meanings(kind: type) -> dict[str, str]:
    """Read what a docstring says of each argument."""
    found: dict[str, str] = {}
    name, is_args = "", False
    for line in _doc(kind):
        if _SECTION.match(line):
            is_args = line.startswith("Args:")
        elif is_args and (argument := _ARGUMENT.match(line)):
            name = argument[1]
            found[name] = argument[2]
        elif is_args and name and line.startswith("        "):
            found[name] += f" {line.strip()}"
    return found


def _own_fields(kind: type[Struct]) -> list[msgspec.structs.FieldInfo]:
    """List the fields that a class adds to those of the classes that all share."""
    shared = {"_body", "_index"}
    if kind is not Message and issubclass(kind, Message):
        shared |= {info.name for info in msgspec.structs.fields(Message)}
    if kind is Contact:
        shared.add("msg_id")
    return [x for x in msgspec.structs.fields(kind) if x.name not in shared]


def _properties(kind: type) -> dict[str, property]:
    return {
        name: value
        for name, value in vars(kind).items()
        if isinstance(value, property) and name not in ("arguments", "raw")
    }


def _annotation(kind: type, name: str) -> str:
    for owner in kind.__mro__:
        annotations = inspect.get_annotations(owner)
        if name in annotations:
            return str(annotations[name]).replace(" | UnsetType", "")
    raise LookupError(f"{kind.__name__}.{name} has no annotation")


def _table(title: str, kind: type[Struct]) -> Iterator[str]:
    """Make a table of the fields and properties of a class."""
    meanings = _meanings(PushItem) | _meanings(kind)
    rows, others = [], []
    for info in _own_fields(kind):
        name, annotation = info.name, _annotation(kind, info.name)
        meaning = meanings.get(name, "")
        if info.default is msgspec.UNSET:
            meaning += " May be left out."
        if meaning:
            rows.append(_row(f"`{name}`", f"`{annotation}`", meaning))
        else:
            others.append(f"`{name}: {annotation}`")
    for name, value in _properties(kind).items():
        getter = value.fget
        assert getter is not None
        meaning = (inspect.getdoc(getter) or "").splitlines()[0]
        annotation = str(inspect.get_annotations(getter)["return"])
        rows.append(_row(f"`{name}`", f"`{annotation}`", meaning))
    if rows:
        yield from (_row(title, "Type", "Meaning"), "|---|---|---|", *rows, "")
    if others:
        which = "Further fields" if rows else "Fields"
        yield f"{which}, as the wire has them: {', '.join(others)}."
    if not rows and not others:
        more = " of its own" if issubclass(kind, Message) else ""
        yield f"No {title.lower()}s{more}."
