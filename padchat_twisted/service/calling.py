"""From the words of a command line, or a JSON object, to a command.

``field=value`` is a text that is read as what the field is, ``field=@FILE`` what a file
holds, ``field:=JSON`` and ``field:=@FILE`` JSON. ``field=@@...`` is a text that begins
with ``@``. Fields are taken in any spelling, see :mod:`.spelling`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_origin

import msgspec

from ..catalogue import UNIMPLEMENTED, Command, Dialect
from ..catalogue.base import decode_base64
from ..catalogue.parameters import Param, params_of
from ..wire import json_text
from .listing import likely
from .spelling import CallMistake, find_command, find_param, nearest

__all__ = [
    "FILE_FIELDS",
    "Given",
    "command_of",
    "filled",
    "find_or_tell",
    "given_words",
    "raw_params",
]

#: Parameters that hold a file as base64, by canonical wire name.
FILE_FIELDS = frozenset(("file", "image"))


@dataclass(frozen=True, slots=True)
class Given:
    """A field as it was given.

    Args:
        name: in whatever spelling.
        value: a text, the bytes of a file, or what JSON says.
        is_json: whether it is what JSON says, so that a text in it is no number.
    """

    name: str
    value: object = field(repr=False)
    is_json: bool = False


def given_words(words: Sequence[str], read_file: Callable[[str], bytes]) -> list[Given]:
    """Read the words behind the name of a command.

    Args:
        words: of the form ``field=value``.
        read_file: returns what a file holds, or raises ``CallMistake``.

    Raises:
        CallMistake: a word has another form.
    """
    return [_given(number, word, read_file) for number, word in enumerate(words, 1)]


def find_or_tell(name: str) -> type[Command[Any]]:
    """Return the command of that name in any spelling.

    Raises:
        CallMistake: there is none; the text has the nearest.
    """
    found = find_command(name)
    if found is not None:
        return found
    if name in UNIMPLEMENTED:
        raise CallMistake(
            f"no gateway is known to carry out {name!r} ({UNIMPLEMENTED[name]}):"
            " add --raw to send it all the same"
        )
    near = likely(name)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise CallMistake(
        f"there is no command {name!r}: {hint}`padchat commands` lists all,"
        " --raw sends what it does not list"
    )


def command_of(
    kind: type[Command[Any]], given: Sequence[Given], dialect: Dialect | None = None
) -> Command[Any]:
    """Build a command.

    Args:
        kind: its class.
        given: its fields.
        dialect: what the gateway speaks, for what is needed there; None if unknown.

    Raises:
        CallMistake: a field is unknown, missing, given twice, or of another type.
    """
    if dialect is not None and dialect not in kind.dialects:
        having = " and ".join(kind.dialects)
        raise CallMistake(
            f"{kind.wire_name}: the gateway speaks dialect {dialect}, and only"
            f" {having} has this command: `padchat commands --dialect {dialect}` lists"
            " those that it has"
        )
    by_param: dict[Param, list[Given]] = {}
    for each in given:
        by_param.setdefault(_param(kind, each.name), []).append(each)
    _tell_missing(kind, by_param, dialect)
    values = {
        param.name: _value(kind, param, found) for param, found in by_param.items()
    }
    command = kind(**values)
    problem = None if dialect is None else command.problem(dialect)
    if problem is not None:
        raise CallMistake(f"{kind.wire_name}: {problem}")
    return command


def filled(params: Mapping[str, object]) -> list[Given]:
    """Return the fields of a JSON object as given."""
    return [Given(name, value, is_json=True) for name, value in params.items()]


def raw_params(given: Sequence[Given]) -> dict[str, object]:
    """Return the fields of a command that the catalogue does not know, as spelled.

    A file is base64 in a field that is named as those that hold files, else text.

    Raises:
        CallMistake: a field is given twice, or a file is no text.
    """
    params: dict[str, object] = {}
    for each in given:
        if each.name in params:
            raise CallMistake(f"{each.name} is given twice: give it once")
        value = each.value
        if isinstance(value, bytes):
            value = _file_value(each.name, each.name in FILE_FIELDS, value)
        params[each.name] = value
    return params


# Words


def _given(number: int, word: str, read_file: Callable[[str], bytes]) -> Given:
    name, equals, text = word.partition("=")
    is_json = name.endswith(":")
    name = name.removesuffix(":")
    if not equals or not name:
        raise CallMistake(
            f"word {number} behind the command is not of the form FIELD=VALUE: a value"
            " with spaces needs quotes, as in content='hello world'"
        )
    is_file = text.startswith("@") and not text.startswith("@@")
    value: object = read_file(text[1:]) if is_file else text
    if is_json:
        content = value if isinstance(value, bytes) else text.encode(errors="replace")
        return Given(name, _json(name, content), is_json=True)
    if isinstance(value, str) and value.startswith("@@"):
        value = value[1:]
    return Given(name, value)


def _json(name: str, content: bytes) -> object:
    try:
        found: object = json_text.read(content)
    except ValueError:
        raise CallMistake(
            f"{name}:= is not followed by JSON: write {name}=VALUE for a text, or JSON"
            f""" in quotes, as in {name}:='["a","b"]'"""
        ) from None
    return found


# Fields


def _param(kind: type[Command[Any]], name: str) -> Param:
    found = find_param(kind, name)
    if found is not None:
        return found
    names = [param.name for param in params_of(kind)]
    if not names:
        raise CallMistake(f"{kind.wire_name} has no fields: take {name!r} away")
    near = nearest(name, names)
    hint = f"the nearest is {near}; " if near else ""
    raise CallMistake(
        f"{kind.wire_name} has no field {name!r}: {hint}its fields are"
        f" {', '.join(names)}"
    )


def _tell_missing(
    kind: type[Command[Any]], given: Mapping[Param, object], dialect: Dialect | None
) -> None:
    missing = [
        param
        for param in params_of(kind)
        if param not in given
        and not (param.rule.one_of and any(_same_group(param, x) for x in given))
        and (param.is_required if dialect is None else _is_needed(kind, param, dialect))
    ]
    if missing:
        names = ", ".join(f"{param.name} ({param.expected})" for param in missing)
        examples = " ".join(f"{param.name}={_example(param)}" for param in missing)
        raise CallMistake(f"{kind.wire_name}: missing {names}: add {examples}")


def _is_needed(kind: type[Command[Any]], param: Param, dialect: Dialect) -> bool:
    return dialect in param.dialects(kind.dialects) and param.is_needed(dialect)


def _same_group(param: Param, other: Param) -> bool:
    return param.rule.one_of == other.rule.one_of


def _example(param: Param) -> str:
    return "@FILE" if param.wire_name in FILE_FIELDS else "..."


def _value(kind: type[Command[Any]], param: Param, given: Sequence[Given]) -> object:
    """Return the value of a field, which may be given several times if it is a list."""
    where = f"{kind.wire_name}: {param.name}"
    is_list = get_origin(param.type) is tuple
    if len(given) > 1 and not is_list:
        raise CallMistake(f"{where} is given {len(given)} times: give it once")
    if len(given) == 1 and given[0].is_json:
        return _converted(where, param, given[0].value)
    texts = [_text(where, param, each) for each in given]
    if is_list and not (len(texts) == 1 and texts[0].startswith("[")):
        return tuple(part for text in texts for part in text.split(",") if part)
    (text,) = texts
    if is_list or get_origin(param.type) is dict:
        return _converted(
            where, param, _json(param.name, text.encode(errors="replace"))
        )
    return _converted(where, param, text)


def _text(where: str, param: Param, given: Given) -> str:
    is_media = param.wire_name in FILE_FIELDS
    value = given.value
    if isinstance(value, bytes):
        return _file_value(where, is_media, value)
    if not isinstance(value, str):
        raise CallMistake(f"{where}: give it either once as JSON, or as texts")
    if is_media:
        try:
            decode_base64(value)
        except ValueError:
            raise CallMistake(
                f"{where} is no base64: write {param.name}=@FILE to send a file"
            ) from None
    return value


def _file_value(where: str, is_media: bool, content: bytes) -> str:
    if is_media:
        return base64.b64encode(content).decode("ascii")
    try:
        # The line end that every editor leaves at the end of a file is none of it.
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise CallMistake(
            f"{where}: the file is no text in UTF-8: save it as that"
        ) from None


def _converted(where: str, param: Param, value: object) -> object:
    try:
        return msgspec.convert(value, param.type, strict=False)
    except ValueError:
        raise CallMistake(
            f"{where} is not {param.expected}: `padchat commands"
            f" {where.partition(':')[0]}` tells what belongs there"
        ) from None
