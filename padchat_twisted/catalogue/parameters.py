"""The parameters of commands and the fields of results: how dialects differ in them.

A difference is noted at the annotation, ``Annotated[str, For(only=("sdk",))]``; what is
not noted holds in every dialect of the command.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
)

import msgspec
from msgspec import UNSET, Struct, UnsetType

__all__ = [
    "DIALECTS",
    "Dialect",
    "For",
    "Param",
    "any_of",
    "params_of",
    "plain_type",
    "problem_with",
]

#: Name of a dialect of the protocol.
Dialect: TypeAlias = Literal["legacy", "socketio", "sdk"]

#: All of them, the oldest first.
DIALECTS: tuple[Dialect, ...] = ("legacy", "socketio", "sdk")


@dataclass(frozen=True, slots=True)
class For:
    """How dialects differ in one parameter or field of a result.

    Args:
        only: the dialects that have it; empty for all of the command.
        needed: the dialects in which it must be given although it has a default.
        one_of: name of a group of which exactly one must be given, where a dialect has
            several of them.
    """

    only: tuple[Dialect, ...] = ()
    needed: tuple[Dialect, ...] = ()
    one_of: str = ""


_EVERYWHERE = For()


class Param(NamedTuple):
    """A parameter of a command, or a field of a result.

    Args:
        name: of the field.
        wire_name: canonical name on the wire.
        type: of the value, without ``UnsetType`` and None.
        default: its default; ``UNSET`` for none.
        is_required: whether it has no default.
        rule: how dialects differ.
    """

    name: str
    wire_name: str
    type: Any
    default: object
    is_required: bool
    rule: For

    def dialects(self, of_command: tuple[Dialect, ...]) -> tuple[Dialect, ...]:
        """Return the dialects that have it."""
        return self.rule.only or of_command

    def is_needed(self, dialect: Dialect) -> bool:
        """Whether it must be given in *dialect*."""
        return self.is_required or dialect in self.rule.needed

    @property
    def expected(self) -> str:
        """What is expected, in words."""
        origin = get_origin(self.type)
        if origin is Literal:
            return any_of(tuple(repr(value) for value in get_args(self.type)))
        if origin is tuple:
            return "a list of texts"
        if origin is dict:
            return "an object"
        return {str: "a text", int: "a whole number", bool: "true or false"}.get(
            self.type, f"a {getattr(self.type, '__name__', 'value')}"
        )

    def problem(
        self, value: object, dialect: Dialect, *, may_be_empty: bool
    ) -> str | None:
        """Tell what is wrong with its value where *dialect* has it; None for nothing.

        Args:
            value: what it is.
            dialect: what the gateway speaks.
            may_be_empty: whether the empty text is a value where it is needed.
        """
        is_needed = self.is_needed(dialect)
        if value is UNSET or value is None:
            return f"missing, expected {self.expected}" if is_needed else None
        try:
            msgspec.convert(value, self.type)
        except ValueError:
            return f"found {_found(value)}, expected {self.expected}"
        if value == "" and is_needed and not may_be_empty:
            return f"found an empty text, expected {self.expected}"
        return None


@cache
def params_of(kind: type[Struct]) -> tuple[Param, ...]:
    """Return the parameters of a command, or the fields of a result.

    Our own fields, which begin with an underscore, are left out.
    """
    found = []
    for info in msgspec.structs.fields(kind):
        if info.name.startswith("_"):
            continue
        kept, rule = plain_type(info.type)
        default = UNSET if info.default is msgspec.NODEFAULT else info.default
        found.append(
            Param(info.name, info.encode_name, kept, default, info.required, rule)
        )
    return tuple(found)


def plain_type(annotation: Any) -> tuple[Any, For]:  # noqa: ANN401 - any annotation
    """Take what is ours off an annotation.

    Returns:
        The type of a value that is given, and how dialects differ.
    """
    rule = _EVERYWHERE
    if get_origin(annotation) is Annotated:
        annotation, *notes = get_args(annotation)
        rule = next((note for note in notes if isinstance(note, For)), rule)
    if get_origin(annotation) in (Union, UnionType):
        kept = [
            kind for kind in get_args(annotation) if kind not in (UnsetType, type(None))
        ]
        if len(kept) == 1:
            annotation = kept[0]
    return annotation, rule


def problem_with(
    command: Struct,
    dialect: Dialect,
    dialects: tuple[Dialect, ...],
    may_be_empty: tuple[str, ...] = (),
) -> str | None:
    """Tell what is wrong with the parameters of a command, None when nothing is.

    Args:
        command: the values.
        dialect: what the gateway speaks.
        dialects: those that have the command.
        may_be_empty: needed texts for which the empty text is a value.

    Returns:
        Which field, what was found and what is expected; never a text of a field.
    """
    params = params_of(type(command))
    groups: dict[str, list[Param]] = {}
    for param in params:
        value = getattr(command, param.name)
        if dialect not in param.dialects(dialects):
            if value is not UNSET and value != param.default:
                return f"{param.name}: dialect {dialect} does not have it"
            continue
        may_be_empty_here = param.name in may_be_empty
        problem = param.problem(value, dialect, may_be_empty=may_be_empty_here)
        if problem is not None:
            return f"{param.name}: {problem}"
        if param.rule.one_of:
            groups.setdefault(param.rule.one_of, []).append(param)
    for group in groups.values():
        given = [p.name for p in group if getattr(command, p.name) is not UNSET]
        if len(given) != 1:
            names = any_of(tuple(param.name for param in group))
            found = " and ".join(given) or "none"
            return f"{names}: found {found}, expected exactly one of them"
    return None


def any_of(names: tuple[str, ...]) -> str:
    """Write *names* as a choice."""
    return " or ".join(names)


def _found(value: object) -> str:
    """Say what *value* is, without its text."""
    if isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str | bytes | tuple | list | dict):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"a {type(value).__name__}"
