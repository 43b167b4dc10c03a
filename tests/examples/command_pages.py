"""The pages on commands, one for each group, made from the catalogue and the scenes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, get_args, get_origin

from msgspec import UNSET, Struct

from padchat_twisted.catalogue import (
    DIALECTS,
    GROUPS,
    UNIMPLEMENTED,
    Command,
    Dialect,
    Done,
    Result,
)
from padchat_twisted.catalogue.parameters import Param, params_of
from padchat_twisted.session.dialects import DIALECTS as LOGIN_DIALECTS
from padchat_twisted.wire.dialect_table import LEGACY, SDK, Differences
from padchat_twisted.wire.json_keys import snake_key

from ..children import ROOT
from .dialogues import dialogue
from .docstrings import about, joined, meanings, properties, row, source, summary
from .docstrings import type_text as written
from .enumerations import numbers

__all__ = [
    "MAKERS",
    "field_name",
    "field_type",
    "group_page",
    "spellings",
    "statuses",
    "those",
    "wire_names",
]

#: How a dialect spells what the canonical form spells otherwise.
_TABLES: dict[Dialect, Differences] = {"legacy": LEGACY, "sdk": SDK}
_NO_DIFFERENCES = Differences("legacy", {}, {}, {}, {}, {}, {}, {}, {})

#: What a value that is never sent by itself stands as in the tables.
LEFT_OUT = "may be left out"


def group_page(group: str) -> str:
    """Make the page of one group, without its heading."""
    commands = GROUPS[group]
    lines = ["| Command | On the wire | Dialects | What it does |", "|---|---|---|---|"]
    for command in commands:
        lines.append(
            row(
                f"[`{command.__name__}`](#{command.__name__.lower()})",
                _codes(command),
                those(command.dialects),
                summary(command),
            )
        )
    for code in _unimplemented(group):
        reason = f"Unimplemented upstream: {UNIMPLEMENTED[code]}."
        way = f'`call_raw("{code}", ...)` sends it.'
        lines.append(row("none", f"`{code}`", "none", f"{reason} {way}"))
    for command in commands:
        lines += _command(command)
    parts = list(dict.fromkeys(_parts(c.result_type for c in commands)))
    if parts:
        lines += ["", "## Parts of results", ""]
        lines.append("Their keys are spelled as those of the result around them.")
        for part in parts:
            lines += ["", f"### {part.__name__}", "", about(part), "", *_fields(part)]
    named = [*commands, *(c.result_type for c in commands), *parts]
    return joined([*lines, *numbers(named)])


#: What makes the page of each group, by the name of its place.
MAKERS = {f"commands-{group}": partial(group_page, group) for group in GROUPS}


def statuses() -> str:
    """Make the table of what the engine's statuses mean."""
    lines = [row("Status", "In the result of", "Meaning"), "|---|---|---|"]
    for status in _tables()["status_code"]:
        commands = ", ".join(f"`{code}`" for code in status["commands"]) or "any"
        lines.append(row(f"`{status['value']}`", commands, status["meaning"]))
    return joined(lines)


@cache
def _tables() -> dict[str, Any]:
    path = ROOT / "tests" / "protocol" / "commands.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _unimplemented(group: str) -> tuple[str, ...]:
    """Return the commands of a group that no class stands for, in their order."""
    return tuple(
        table["code"]
        for table in _tables()["command"]
        if table["group"] == group and table["code"] in UNIMPLEMENTED
    )


def _command(command: type[Command[Any]]) -> Iterator[str]:
    """Make the section of one command."""
    yield from ("", f"## {command.__name__}", "", about(command), "")
    changed = "something" if command.changes_world else "nothing"
    yield f"{_codes(command)} in {those(command.dialects)}. {_limits(command)}"
    yield f"It changes {changed} in WeChat."
    yield from ("", *_parameters(command), "", *_result(command))
    yield from ("", f"Source: {source(command)}")
    for dialect in command.dialects:
        yield from ("", f"In `{dialect}`:", "", dialogue(command.wire_name, dialect))


def _codes(command: type[Command[Any]]) -> str:
    """Write the wire names of a command."""
    code = command.wire_name
    found = {d: wire_names(d).codes.get(code, code) for d in command.dialects}
    return spellings(found, code)


def wire_names(dialect: Dialect) -> Differences:
    """Return how a dialect spells names; ``socketio`` spells none in its own way."""
    return _TABLES.get(dialect, _NO_DIFFERENCES)


def spellings(found: Mapping[Dialect, str], canonical: str) -> str:
    """Write the canonical name, and how dialects spell it otherwise."""
    names = set(found.values())
    if len(names) == 1:
        return f"`{names.pop()}`"
    others = [f"`{name}` in `{d}`" for d, name in found.items() if name != canonical]
    return f"`{canonical}` ({', '.join(others)})"


def those(dialects: Iterable[Dialect]) -> str:
    """List dialects."""
    shown = [f"`{dialect}`" for dialect in dialects]
    return ", ".join(shown[:-1]) + (" and " if shown[1:] else "") + shown[-1]


def _limits(command: type[Command[Any]]) -> str:
    """Tell how long a reply may take."""
    limits = {
        dialect: f"{LOGIN_DIALECTS[dialect].limit(command.wire_name):g}"
        for dialect in command.dialects
    }
    if len(set(limits.values())) == 1:
        return f"A reply may take {next(iter(limits.values()))} s."
    shown = [f"{seconds} s in `{dialect}`" for dialect, seconds in limits.items()]
    return f"A reply may take {', '.join(shown)}."


def _parameters(command: type[Command[Any]]) -> Iterator[str]:
    """Make the table of parameters."""
    params, told = params_of(command), meanings(command)
    if not params:
        yield "No parameters."
        return
    yield row("Parameter", "On the wire", "Type", "Given", "Meaning")
    yield "|---|---|---|---|---|"
    for param in params:
        dialects = param.dialects(command.dialects)
        names = {dialect: _param_name(command, param, dialect) for dialect in dialects}
        yield row(
            f"`{param.name}`",
            spellings(names, param.wire_name),
            f"`{written(param.type)}`",
            _given(param, command),
            told[param.name],
        )


def _param_name(command: type[Command[Any]], param: Param, dialect: Dialect) -> str:
    names = wire_names(dialect).params.get(command.wire_name, {})
    return names.get(param.wire_name, param.wire_name)


def _given(param: Param, command: type[Command[Any]]) -> str:
    """Tell whether it must be given, and where there is none."""
    dialects = param.dialects(command.dialects)
    needed = [dialect for dialect in dialects if param.is_needed(dialect)]
    notes = []
    if param.rule.only and dialects != command.dialects:
        notes.append(f"only in {those(dialects)}")
    if needed and len(needed) == len(dialects):
        notes.append("always")
    elif param.default is not UNSET:
        notes.append(f"default `{_default(param)}`")
    else:
        where = f"needed in {those(needed)}, else " if needed else ""
        notes.append(f"{where}{LEFT_OUT}")
    if param.rule.one_of:
        group = [p for p in params_of(command) if p.rule.one_of == param.rule.one_of]
        several = [
            d
            for d in dialects
            if sum(d in p.dialects(command.dialects) for p in group) > 1
        ]
        names = " or ".join(f"`{p.name}`" for p in group)
        notes.append(f"in {those(several)} exactly one of {names}")
    return "; ".join(notes)


def _default(param: Param) -> str:
    return '""' if param.default == "" else str(param.default)


def _result(command: type[Command[Any]]) -> Iterator[str]:
    kind = command.result_type
    if kind is Done:
        yield "No result is documented; `raw` has what the gateway sent."
        return
    yield f"Result `{kind.__name__}`: {summary(kind)}"
    yield ""
    yield row("Field", "Type", *(f"`{d}`" for d in command.dialects), "Meaning")
    yield f"|---|---|{'---|' * len(command.dialects)}---|"
    told = meanings(kind)
    for field in params_of(kind):
        yield row(
            f"`{field.name}`",
            f"`{field_type(field)}`",
            *(field_name(field, dialect) for dialect in command.dialects),
            told.get(field.name, ""),
        )
    yield from _properties(kind)


def field_type(field: Param) -> str:
    """Write the type of a field."""
    return f"{written(field.type)}{' | None' if field.default is None else ''}"


def field_name(field: Param, dialect: Dialect) -> str:
    """Spell a field as a dialect does."""
    if dialect not in (field.rule.only or DIALECTS):
        return "none"
    name = wire_names(dialect).results.get(field.wire_name, field.wire_name)
    if dialect == "legacy":
        name = name[:1].upper() + name[1:]
    return f"`{snake_key(name) if dialect == 'sdk' else name}`"


def _properties(kind: type) -> Iterator[str]:
    rows = list(properties(kind))
    if rows:
        yield from ("", row("Property", "Type", "Meaning"), "|---|---|---|", *rows)


def _fields(part: type[Struct]) -> Iterator[str]:
    """Make the table of a part."""
    told = meanings(part)
    yield row("Field", "On the wire", "Type", "Meaning")
    yield "|---|---|---|---|"
    for field in params_of(part):
        yield row(
            f"`{field.name}`",
            f"`{field.wire_name}`",
            f"`{field_type(field)}`",
            told.get(field.name, ""),
        )
    yield from _properties(part)


def _parts(kinds: Iterable[type[Struct]]) -> Iterator[type[Struct]]:
    """Find the objects inside results, at every depth."""
    for kind in kinds:
        for field in params_of(kind):
            inner = field.type
            if get_origin(inner) is tuple:
                inner = get_args(inner)[0]
            is_part = isinstance(inner, type) and issubclass(inner, Struct)
            if is_part and inner is not kind and not issubclass(inner, Result):
                yield inner
                yield from _parts([inner])
