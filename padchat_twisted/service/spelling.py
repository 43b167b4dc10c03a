"""The names of commands and fields, in whatever spelling somebody has them.

``sendMsg``, ``SendMsg`` and ``send_msg`` are one command, ``toUserName``,
``ToUserName`` and ``to_user_name`` one field; what a dialect calls by another name is
found by that as well (``getWxData``, ``file``).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

from ..catalogue import COMMANDS, DIALECTS, Command, Dialect
from ..catalogue.parameters import Param, params_of
from ..errors import PadChatError
from ..wire.dialect_table import LEGACY, SDK, Differences

__all__ = [
    "CallMistake",
    "find_command",
    "find_param",
    "nearest",
    "wire_codes",
    "wire_params",
]

_TABLES: dict[Dialect, Differences] = {"legacy": LEGACY, "sdk": SDK}

#: How like two names must be for one to be offered for the other, from 0 to 1.
LIKENESS = 0.5


class CallMistake(PadChatError):
    """What somebody asked for cannot be; nothing was sent. The text says what to do."""


def find_command(name: str) -> type[Command[Any]] | None:
    """Return the command of that name in any spelling, None where there is none."""
    return _commands().get(_bare(name))


def find_param(command: type[Command[Any]], name: str) -> Param | None:
    """Return the parameter of that name in any spelling, None where there is none."""
    return _params(command).get(_bare(name))


def wire_codes(command: type[Command[Any]]) -> dict[Dialect, str]:
    """Return what each dialect that has *command* calls it."""
    code = command.wire_name
    return {
        dialect: _TABLES[dialect].codes.get(code, code) if dialect in _TABLES else code
        for dialect in DIALECTS
        if dialect in command.dialects
    }


def wire_params(command: type[Command[Any]], param: Param) -> dict[Dialect, str]:
    """Return what each dialect that has a parameter of *command* calls it."""
    found: dict[Dialect, str] = {}
    for dialect in DIALECTS:
        if dialect not in param.dialects(command.dialects):
            continue
        name = param.wire_name
        if dialect in _TABLES:
            table = _TABLES[dialect]
            if name in table.without.get(command.wire_name, ()):
                continue
            name = table.params.get(command.wire_name, {}).get(name, name)
        found[dialect] = name
    return found


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return which of *names* was perhaps meant, None when none is like it."""
    by_bare = {_bare(each): each for each in names}
    near = get_close_matches(_bare(name), by_bare, 1, LIKENESS)
    return by_bare[near[0]] if near else None


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


@cache
def _commands() -> dict[str, type[Command[Any]]]:
    found: dict[str, type[Command[Any]]] = {}
    for command in COMMANDS.values():
        for code in wire_codes(command).values():
            found[_bare(code)] = command
    # The canonical name counts where a dialect gives it to another command.
    found.update({_bare(code): command for code, command in COMMANDS.items()})
    return found


@cache
def _params(command: type[Command[Any]]) -> dict[str, Param]:
    params = params_of(command)
    found: dict[str, Param] = {}
    for param in params:
        for name in wire_params(command, param).values():
            found[_bare(name)] = param
    by_wire_name = {param.wire_name: param for param in params}
    for table in _TABLES.values():
        accepted = table.accepted_params.get(command.wire_name, {})
        for name, canonical in accepted.items():
            found[_bare(name)] = by_wire_name[canonical]
    found.update({_bare(param.name): param for param in params})
    return found
