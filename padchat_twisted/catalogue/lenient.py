"""Values from fields that have another type than ours: what fits is taken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct

from ..wire import json_text
from ..wire.json_keys import camel_case
from .parameters import plain_type

__all__ = ["json_list", "lenient"]

S = TypeVar("S", bound=Struct)

#: What the names of fields begin with that are not on the wire: no peer may set them.
_OWN = "~"


def lenient(kind: type[S], fields: Mapping[str, Any]) -> S:
    """Build *kind* from fields of which some may have another type than ours.

    What fits is taken, at every depth; numbers in texts and texts for numbers are
    turned, JSON text is read where an object or a list should be, and the rest is left
    at its default: a field never turns a success into a failure.
    """
    if not any(name.startswith(_OWN) for name in fields):
        try:
            return msgspec.convert(fields, kind)
        except ValueError:
            pass
    values: dict[str, Any] = {}
    infos = _fields(kind)
    for info in infos:
        if info.encode_name not in fields:
            continue
        value = _fitting(plain_type(info.type)[0], fields[info.encode_name])
        if value is not UNSET:
            values[info.name] = value
    for info in infos:
        if info.required and info.name not in values:
            values[info.name] = _empty(info.type)
    return kind(**values)


def json_list(text: str) -> list[Any]:
    """Read the list that some gateways write as JSON text into a field.

    Returns:
        The list; an empty one when the text holds none.
    """
    try:
        found = json_text.read(json_text.to_utf8_text(text).encode())
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _fitting(kind: Any, value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Return *value* as the type *kind*, ``UNSET`` when it cannot be one."""
    is_items = get_origin(kind) is tuple
    is_struct = isinstance(kind, type) and issubclass(kind, Struct)
    if isinstance(value, str) and (is_items or is_struct or get_origin(kind) is dict):
        value = _read_text(value)
    if is_struct:
        return lenient(kind, value) if isinstance(value, dict) else UNSET
    if is_items and isinstance(value, list | tuple):
        found = (_fitting(get_args(kind)[0], item) for item in value)
        return tuple(item for item in found if item is not UNSET)
    candidates: tuple[Any, ...] = (value,)
    if isinstance(value, int | float) and not isinstance(value, bool):
        candidates = (value, str(value))
    for candidate in candidates:
        try:
            return msgspec.convert(candidate, kind, strict=False)
        except ValueError:
            continue
    return UNSET


def _read_text(text: str) -> object:
    """Read the JSON that some gateways write as text into a field; None if it is none.

    Its keys come out in camelCase, as all others are.
    """
    try:
        return camel_case(json_text.read(json_text.to_utf8_text(text).encode()))
    except ValueError:
        return None


@cache
def _fields(kind: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields that come over the wire; to find them costs 100 µs."""
    infos = msgspec.structs.fields(kind)
    return tuple(info for info in infos if info.encode_name[0] != _OWN)


def _empty(kind: object) -> object:
    return {int: 0, str: "", bool: False, float: 0.0}.get(cast(type, kind), ())
