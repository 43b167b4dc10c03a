"""The pages on events and on the items of pushes, made from the catalogue."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from padchat_twisted import catalogue
from padchat_twisted.catalogue import (
    DIALECTS,
    EVENTS,
    AppMessage,
    Contact,
    Event,
    Message,
    MessageType,
    Push,
    PushItem,
    RedPacketMessage,
    RoomInvitation,
    SysmsgMessage,
    TransferMessage,
    UnknownEvent,
    Warn,
)
from padchat_twisted.catalogue.parameters import Param, params_of
from tests.scenes.pushes import PUSHES

from ..children import ROOT
from .command_pages import field_name, field_type, spellings, those, wire_names
from .docstrings import about, joined, meanings, properties, row, source, summary
from .enumerations import numbers
from .heard import event_heard, item_heard

__all__ = ["events", "item_classes", "items"]

#: The types of the classes that stand for several, or that are made in a second pass.
SEVERAL_TYPES: dict[type, tuple[int, ...]] = {
    TransferMessage: (MessageType.APP, MessageType.TRANSFER),
    RedPacketMessage: (MessageType.APP, MessageType.RED_PACKET),
    RoomInvitation: (MessageType.APP, MessageType.ROOM_INVITE),
    AppMessage: (MessageType.APP,),
    SysmsgMessage: (MessageType.SYSMSG,),
}


def events() -> str:
    """Make the page on events."""
    lines = ["| Event | On the wire | Dialects | What happened |", "|---|---|---|---|"]
    for name, event in EVENTS.items():
        shown = f"[`{event.__name__}`](#{event.__name__.lower()})"
        found = {d: wire_names(d).events.get(name, name) for d in _dialects(name)}
        lines.append(row(shown, spellings(found, name), those(found), summary(event)))
    lines.append(row("`UnknownEvent`", "any other", "all", summary(UnknownEvent)))
    for name, event in EVENTS.items():
        lines += ["", f"## {event.__name__}", "", about(event), ""]
        if event is Push:
            lines += ["Handlers get its items: see [Messages](messages.md).", ""]
        lines += [*_fields(event, params_of(event), _dialects(name))]
        lines += ["", f"Source: {source(event)}"]
        for dialect in _dialects(name):
            lines += ["", f"In `{dialect}`:", "", event_heard(name, dialect)]
    return joined([*lines, *numbers(EVENTS.values())])


def items() -> str:
    """Make the page on the items of pushes."""
    lines = ["| Class | Type | What it is |", "|---|---|---|"]
    kinds = item_classes()
    for kind in kinds:
        shown = f"[`{kind.__name__}`](#{kind.__name__.lower()})"
        lines.append(row(shown, _types(kind), summary(kind)))
    for kind in kinds:
        base = kind.__base__ or PushItem
        bases = "" if base is PushItem else f" It is {_one(base.__name__)}."
        lines += ["", f"## {kind.__name__}", "", f"{about(kind)}{bases}", ""]
        shared = set() if base is PushItem else {f.name for f in params_of(base)}
        own = [field for field in params_of(kind) if field.name not in shared]
        lines += [*_fields(kind, own, DIALECTS)]
        if found := source(kind):
            lines += ["", f"Source: {found}"]
        for dialect in DIALECTS if kind in PUSHES else ():
            lines += ["", f"In `{dialect}`:", "", item_heard(kind, dialect)]
    return joined([*lines, *numbers(kinds), "", "## Types", "", *_types_table()])


@cache
def item_classes() -> tuple[type[PushItem], ...]:
    """Find the classes of items that are handed out, what others build on first."""
    found: dict[type[PushItem], None] = {}
    for module in pkgutil.iter_modules(catalogue.__path__):
        place = importlib.import_module(f"{catalogue.__name__}.{module.name}")
        for name in place.__all__:
            kind = getattr(place, name)
            if inspect.isclass(kind) and issubclass(kind, PushItem):
                found[kind] = None
    offered = [
        k for k in found if k.__name__ in catalogue.__all__ and k is not PushItem
    ]
    return tuple(
        sorted(
            offered,
            key=lambda kind: (
                kind is not Message,
                kind is Contact,
                not issubclass(kind, Message),
                _numbers(kind) or (10**6,),
                len(kind.__mro__),
                kind.__name__,
            ),
        )
    )


def _numbers(kind: type[PushItem]) -> tuple[int, ...]:
    """Return the types of the wire that a class stands for."""
    tag = kind.__struct_config__.tag
    if isinstance(tag, int):
        return (tag,)
    owners = (owner for owner in kind.__mro__ if owner in SEVERAL_TYPES)
    return SEVERAL_TYPES.get(next(owners, kind), ())


def _types(kind: type[PushItem]) -> str:
    return ", ".join(f"`{number:d}`" for number in _numbers(kind)) or "any"


def _one(name: str) -> str:
    return f"{'an' if name[0] in 'AEIO' else 'a'} `{name}`"


def _types_table() -> Iterator[str]:
    """Make the table from the types of the wire to our classes."""
    yield from (row("Type", "Name", "Classes"), "|---|---|---|")
    for kind in MessageType:
        classes = [f"`{c.__name__}`" for c in item_classes() if kind in _numbers(c)]
        yield row(f"`{kind.value}`", f"`{kind.name}`", ", ".join(classes) or "none")


@cache
def _tables() -> dict[str, dict[str, Any]]:
    path = ROOT / "tests" / "protocol" / "events.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))["event"]
    return {event["name"]: event for event in found}


def _dialects(name: str) -> tuple[catalogue.Dialect, ...]:
    return tuple(d for d in DIALECTS if d in _tables()[name]["dialects"])


def _spelled(kind: type[Struct], field: Param, dialect: catalogue.Dialect) -> str:
    """Say where a field is in a dialect."""
    name = field.wire_name
    if name.startswith("~"):
        return "made of others"
    if name.startswith("@") or "/" in name:
        return f"XML `{name}`"
    if dialect == "legacy" and issubclass(kind, Event):
        code = next((code for code, event in EVENTS.items() if event is kind), "")
        rows = _tables()[code]["payload"] if code else []
        tops = {row["name"] for row in rows if row.get("legacy_at") == "top"}
        # The text of an error stands where other frames have one too.
        own = "msg" if kind is Warn and name == "error" else name
        if own in tops:
            return f"`{own}` of the frame"
    return field_name(field, dialect)


def _fields(
    kind: type[Struct],
    fields: list[Param] | tuple[Param, ...],
    dialects: tuple[catalogue.Dialect, ...],
) -> Iterator[str]:
    """Make the tables of fields and of properties."""
    told = meanings(kind)
    if fields:
        yield row("Field", "Type", *(f"`{d}`" for d in dialects), "Meaning")
        yield f"|---|---|{'---|' * len(dialects)}---|"
    for field in fields:
        yield row(
            f"`{field.name}`",
            f"`{field_type(field)}`",
            *(_spelled(kind, field, dialect) for dialect in dialects),
            told.get(field.name, ""),
        )
    base = kind.__base__ or object
    inherited = set(properties(base))
    rows = [line for line in properties(kind) if line not in inherited]
    if rows:
        yield from ("", row("Property", "Type", "Meaning"), "|---|---|---|", *rows)
    if not fields and not rows:
        more = " of its own" if issubclass(kind, Message | Event) else ""
        yield f"No fields{more}."
