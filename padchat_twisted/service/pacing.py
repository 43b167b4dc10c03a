"""The section ``[pacing]``: how often each account may do what others see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..session.pacing import Pacing, Rate
from ..session.work import PACED_KINDS
from .problems import Where
from .reading import Reader, Section, kind_of
from .values import KEYS

__all__ = ["read_pacing"]

_RATES: Final = ("overall", "conversation")
_FLAGS: Final = ("cautious", "dry_run")
_NUMBERS: Final = (
    "cool_down",
    "longest_cool_down",
    "max_waiting",
    "longest_wait",
    "max_large_uploads",
)
_ARRAYS: Final = ("too_often_codes", "too_often_texts")
_PACING = Section((), (*_FLAGS, *_RATES, "kinds", "per_day", *_NUMBERS, *_ARRAYS))
_RATE = Section(("every",), ("burst",))
_KINDS = Section((), PACED_KINDS)


def read_pacing(reader: Reader, value: object) -> Pacing | None:
    """Read the section.

    Args:
        reader: of the file; gets the problems.
        value: the section.

    Returns:
        None when there is none, or when it has problems.
    """
    if value is None:
        return None
    before = len(reader.problems)
    table = reader.fields(("pacing",), value, _PACING)
    flags = {key: _flag(reader, key, table) for key in _FLAGS}
    given: dict[str, Any] = {"dry_run": flags["dry_run"]}
    for key in _RATES:
        if key in table:
            given[key] = _rate(reader, ("pacing", key), table[key])
    if "kinds" in table:
        where: Where = ("pacing", "kinds")
        kinds = reader.fields(where, table["kinds"], _KINDS)
        given["kinds"] = {
            kind: _rate(reader, (*where, kind), rate) for kind, rate in kinds.items()
        }
    if "per_day" in table:
        where = ("pacing", "per_day")
        days = reader.fields(where, table["per_day"], _KINDS)
        given["per_day"] = {}
        for kind, most in days.items():
            if _fits(reader, (*where, kind), {"per_day": {kind: most}}, most):
                given["per_day"][kind] = most
    for key in _NUMBERS:
        if key in table and _is_number(reader, key, table[key]):
            given[key] = table[key]
    for key in _ARRAYS:
        if key in table:
            given[key] = _array(reader, key, table[key])
    if len(reader.problems) > before:
        return None
    try:
        return Pacing.cautious(**given) if flags["cautious"] else Pacing(**given)
    except ValueError as error:
        # Each for itself was right: only these two depend on each other.
        expected = "not less than cool_down"
        reader.problem(("pacing", "longest_cool_down"), str(error), expected)
        return None


def _flag(reader: Reader, key: str, table: Mapping[str, object]) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        found = f"this is {kind_of(value)}"
        reader.problem(("pacing", key), found, "true or false")
    return value is True


def _rate(reader: Reader, where: Where, value: object) -> Rate | None:
    table: Mapping[str, Any] = reader.fields(where, value, _RATE)
    if "every" not in table:
        return None
    for key, number in table.items():
        if type(number) not in (int, float):
            reader.problem((*where, key), f"this is {kind_of(number)}", "a number")
            return None
    try:
        return Rate(**table)
    except ValueError as error:
        name, _, found = str(error).partition(": ")
        reader.problem((*where, name), found, KEYS[name].meaning)
        return None


def _is_number(reader: Reader, key: str, value: object) -> bool:
    if type(value) not in (int, float):
        found = f"this is {kind_of(value)}"
        reader.problem(("pacing", key), found, KEYS[key].meaning)
        return False
    changes: dict[str, object] = {key: value}
    if key == "cool_down":
        changes["longest_cool_down"] = value
    elif key == "longest_cool_down":
        changes["cool_down"] = value
    return _fits(reader, ("pacing", key), changes, value)


def _fits(
    reader: Reader, where: Where, changes: Mapping[str, Any], value: object
) -> bool:
    """Whether the settings take it."""
    try:
        Pacing(**changes)
    except ValueError:
        key = str(where[1])
        found = f"this is {value}" if type(value) in (int, float) else kind_of(value)
        reader.problem(where, found, KEYS[key].meaning)
        return False
    return True


def _array(reader: Reader, key: str, value: object) -> frozenset[int] | tuple[str, ...]:
    kind = int if key == "too_often_codes" else str
    if not isinstance(value, list) or not all(type(item) is kind for item in value):
        found = "not all in it are right"
        if not isinstance(value, list):
            found = f"this is {kind_of(value)}"
        reader.problem(("pacing", key), found, KEYS[key].meaning)
    elif kind is int:
        return frozenset(value)
    elif _fits(reader, ("pacing", key), {key: tuple(value)}, value):
        return tuple(value)
    return ()
