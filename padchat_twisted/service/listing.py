"""The catalogue for people and programs: which commands there are, and their fields."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct

from ..catalogue import DIALECTS, GROUPS, UNIMPLEMENTED, Command, Dialect
from ..catalogue.parameters import Param, params_of
from ..wire.dialect_table import SDK
from ..wire.json_keys import pascal_case, snake_key
from .spelling import find_command, wire_codes, wire_params

__all__ = [
    "CommandEntry",
    "FieldEntry",
    "described",
    "entries",
    "likely",
    "listed",
    "unheard_of",
]

#: Columns of what is written.
WIDTH = 88

#: How like a command must be to be offered, from 0 to 2: as much as its name is alike,
#: and as many of the words as it is told with.
LIKELINESS = 0.8

_EMPHASIS = re.compile(r"\*(\w+)\*")
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")
_SECTION = re.compile(r"^(?:Args|Raises|Attributes|Source):")
_ARGUMENT = re.compile(r"^    (\w+): (.*)$")


class FieldEntry(Struct, frozen=True, kw_only=True):
    """A parameter of a command, or a field of its result.

    Args:
        name: of the field; what `padchat call` prints.
        type: ``text``, ``whole number``, ``number``, ``true or false``, ``object``,
            ``anything``, or ``list of`` one of them.
        wire: its wire name in each dialect that has it.
        needed: the dialects in which it must be given.
        one_of: name of a group of which exactly one must be given.
        values: the only values that it may have; empty for any.
        meaning: what it is.
        fields: what the object, or each object of the list, has.
    """

    name: str
    type: str
    wire: dict[Dialect, str]
    needed: tuple[Dialect, ...] = ()
    one_of: str = ""
    values: tuple[str | int, ...] = ()
    meaning: str = ""
    fields: tuple[FieldEntry, ...] = ()


class CommandEntry(Struct, frozen=True, kw_only=True):
    """A command.

    Args:
        name: the canonical name.
        group: its area.
        summary: what it does, one sentence.
        wire: its wire name in each dialect that has it.
        changes_world: whether others can see that it was carried out.
        parameters: in their order.
        result: fields of the result.
    """

    name: str
    group: str
    summary: str
    wire: dict[Dialect, str]
    changes_world: bool
    parameters: tuple[FieldEntry, ...]
    result: tuple[FieldEntry, ...]


def entries(
    word: str = "", group: str = "", dialect: Dialect | None = None
) -> list[CommandEntry]:
    """List commands in the order of the catalogue.

    Args:
        word: the name of one, in any spelling, or a part of names and summaries; empty
            for all.
        group: of this area only; empty for all.
        dialect: those that it has only; None for all.
    """
    named = find_command(word) if word else None
    return [
        entry
        for area, commands in GROUPS.items()
        for command in commands
        if group in ("", area)
        and (dialect is None or dialect in command.dialects)
        and (named is None or command is named)
        and _matches(entry := _entry(area, command), "" if named else word)
    ]


def unheard_of(word: str = "") -> dict[str, str]:
    """Return the commands that no gateway is known to carry out, with the reason."""
    return {
        name: reason
        for name, reason in UNIMPLEMENTED.items()
        if word.lower() in name.lower()
    }


def likely(name: str, most: int = 3) -> list[str]:
    """Return the commands that were perhaps meant by *name*, the likeliest first.

    Names that are spelled alike count, and so do words of *name* in a summary:
    ``sendText`` is nearest to the command that sends a text message.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    scores: dict[str, float] = {}
    for entry in entries():
        text = f"{entry.name} {entry.summary}".lower()
        told = sum(word in text for word in words) / max(len(words), 1)
        spelled = SequenceMatcher(None, name.lower(), entry.name.lower()).ratio()
        if told + spelled >= LIKELINESS:
            scores[entry.name] = told + spelled
    return sorted(scores, key=lambda code: -scores[code])[:most]


def listed(found: Sequence[CommandEntry]) -> list[str]:
    """Write commands as a table, by area."""
    lines: list[str] = []
    width = max((len(entry.name) for entry in found), default=0)
    group = ""
    for entry in found:
        if entry.group != group:
            group = entry.group
            lines += [*([""] if lines else []), group]
        only = "" if len(entry.wire) == len(DIALECTS) else f" ({', '.join(entry.wire)})"
        lines += _hanging(f"  {entry.name:{width}}  ", entry.summary + only)
    return lines


def described(entry: CommandEntry) -> list[str]:
    """Write all about one command."""
    lines = _hanging("", f"{entry.name}: {entry.summary}")
    lines.append(f"  group: {entry.group}")
    spelled = [f"{d} ({code})" for d, code in entry.wire.items() if code != entry.name]
    plain = [d for d, code in entry.wire.items() if code == entry.name]
    lines.append(f"  dialects: {', '.join([*plain, *spelled])}")
    lines.append(f"  fields:{'' if entry.parameters else ' none'}")
    lines += _fields(entry.parameters, 4, set(entry.wire))
    lines.append(f"  result:{'' if entry.result else ' no documented fields'}")
    lines += _fields(entry.result, 4, set(entry.wire), is_result=True)
    return lines


# Entries


def _entry(group: str, command: type[Command[Any]]) -> CommandEntry:
    summary, meanings = _documented(command)
    return CommandEntry(
        name=command.wire_name,
        group=group,
        summary=summary,
        wire=wire_codes(command),
        changes_world=command.changes_world,
        parameters=tuple(
            _parameter(command, param, meanings) for param in params_of(command)
        ),
        result=_result_fields(command.result_type, command.dialects),
    )


def _parameter(
    command: type[Command[Any]], param: Param, meanings: dict[str, str]
) -> FieldEntry:
    wire = wire_params(command, param)
    return FieldEntry(
        name=param.name,
        type=_type_name(param.type),
        wire=wire,
        needed=tuple(dialect for dialect in wire if param.is_needed(dialect)),
        one_of=param.rule.one_of,
        values=get_args(param.type) if get_origin(param.type) is Literal else (),
        meaning=meanings.get(param.name, ""),
    )


def _result_fields(
    kind: type[Struct],
    dialects: tuple[Dialect, ...],
    above: tuple[type[Struct], ...] = (),
) -> tuple[FieldEntry, ...]:
    """Describe the fields of a result, or of an object in it.

    Args:
        kind: its class.
        dialects: those that have it.
        above: the classes that it is in; buttons of a menu hold buttons.
    """
    if kind in above:
        return ()
    _, meanings = _documented(kind)
    found = []
    for param in params_of(kind):
        having = tuple(d for d in DIALECTS if d in param.dialects(dialects))
        found.append(
            FieldEntry(
                name=param.name,
                type=_type_name(param.type),
                wire={d: _result_name(param.wire_name, d) for d in having},
                meaning=meanings.get(param.name, ""),
                fields=tuple(
                    field
                    for part in _parts_of(param.type)
                    for field in _result_fields(part, having, (*above, kind))
                ),
            )
        )
    return tuple(found)


def _result_name(name: str, dialect: Dialect) -> str:
    if not name.isidentifier():
        return name
    if dialect == "legacy":
        return str(*pascal_case({name: None}))
    return snake_key(SDK.results.get(name, name)) if dialect == "sdk" else name


def _parts_of(kind: object) -> Iterator[type[Struct]]:
    """Find the classes of objects in a type."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
    for part in get_args(kind):
        yield from _parts_of(part)


def _type_name(kind: Any) -> str:  # noqa: ANN401 - any type of a field
    origin = get_origin(kind)
    if origin is Literal:
        return _type_name(type(get_args(kind)[0]))
    if origin is tuple:
        return f"list of {_type_name(get_args(kind)[0])}s"
    if origin is dict or (isinstance(kind, type) and issubclass(kind, Struct)):
        return "object"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(kind, "anything")


def _documented(kind: type[Struct]) -> tuple[str, dict[str, str]]:
    """Return the first sentence of a docstring, and what it says of each field."""
    summary = ""
    meanings: dict[str, str] = {}
    for owner in reversed(kind.__mro__):
        if not (isinstance(owner, type) and issubclass(owner, Struct)):
            continue
        text = _EMPHASIS.sub(r"\1", inspect.cleandoc(owner.__doc__ or ""))
        lines = text.replace("``", "").splitlines()
        summary = " ".join(_first_sentence(lines).split()) or summary
        for name, meaning in _arguments(lines):
            # "See" the base class, of which we come.
            if name not in meanings or not meaning.startswith("see "):
                meanings[name] = meaning
    return summary, meanings


def _first_sentence(lines: Iterable[str]) -> str:
    kept = []
    for line in lines:
        if not line or _SECTION.match(line):
            break
        kept.append(line)
    return re.split(r"(?<=\.) (?=[A-Z])", " ".join(kept))[0]


def _arguments(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    is_inside, name, text = False, "", ""
    for line in [*lines, "Source:"]:
        begins = _ARGUMENT.match(line) if is_inside else None
        if begins or not line.startswith("     "):
            if name:
                yield name, text
            name, text = (begins[1], begins[2]) if begins else ("", "")
        elif name:
            text += f" {line.strip()}"
        if _SECTION.match(line):
            is_inside = line.startswith("Args:")


def _matches(entry: CommandEntry, word: str) -> bool:
    return any(
        word.lower() in text.lower()
        for text in (entry.name, entry.summary, *entry.wire.values())
    )


# Text


def _fields(
    fields: Sequence[FieldEntry],
    indent: int,
    dialects: set[Dialect],
    *,
    is_result: bool = False,
) -> Iterator[str]:
    names = max((len(field.name) for field in fields), default=0)
    types = max((len(field.type) for field in fields), default=0)
    for field in fields:
        notes = [] if is_result else [_need(field)]
        if not is_result and field.values:
            notes.append(" or ".join(map(str, field.values)))
        if set(field.wire) != dialects:
            notes.append(f"only {', '.join(field.wire)}")
        head = f"{' ' * indent}{field.name:{names}}  {field.type:{types}}  "
        text = "; ".join(note for note in (*notes, field.meaning) if note)
        yield from _hanging(head, text)
        yield from _fields(field.fields, indent + 2, set(field.wire), is_result=True)


def _need(field: FieldEntry) -> str:
    if field.one_of:
        needed = f"; needed in {', '.join(field.needed)}" if field.needed else ""
        return f"one of these must be given{needed}"
    if not field.needed:
        return "optional"
    is_everywhere = set(field.needed) == set(field.wire)
    return "" if is_everywhere else f"needed in {', '.join(field.needed)}"


def _hanging(head: str, text: str) -> list[str]:
    lines = textwrap.wrap(
        text, max(WIDTH - len(head), WIDTH // 2), break_on_hyphens=False
    )
    first, *rest = lines or [""]
    return [(head + first).rstrip(), *(" " * len(head) + line for line in rest)]
