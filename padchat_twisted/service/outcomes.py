"""How a call ended, as a value: for a program as JSON, for a person as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias
from unicodedata import category

import msgspec
from msgspec import UNSET, Struct

from ..catalogue import Result
from ..catalogue.base import decode_base64
from ..catalogue.lenient import lenient
from ..catalogue.parameters import params_of
from ..errors import CallRejected, NotSent, OutcomeUnknown, quoted
from ..secret import Secret
from .spelling import find_command

__all__ = ["FILES", "SECRETS", "Ending", "Outcome", "failed", "shown", "succeeded"]

#: What a call ended in: carried out; refused by the gateway, or by WeChat while the
#: gateway speaks of a success; surely not sent; sent, and nobody knows.
Ending: TypeAlias = Literal["done", "refused", "not_done", "not_sent", "unknown"]

#: Fields of results with which somebody gets into the account without a scan.
SECRETS = frozenset(("device_data", "password", "token"))

#: Fields of results that hold a file as base64.
FILES = frozenset(("image", "qr_code", "video", "voice"))


class Outcome(Struct, frozen=True, kw_only=True):
    """How a call ended.

    Args:
        outcome: in what.
        command: its canonical name, or what was sent for one that nobody knows.
        explanation: what happened, one sentence; empty when it was done.
        status: of the WeChat engine, where it told one with a refusal.
        result: fields of the result by canonical wire name; None without one.
        is_raw: whether the result is as it came, of no known type.
    """

    outcome: Ending
    command: str
    explanation: str = ""
    status: int | None = None
    result: dict[str, Any] | None = None
    is_raw: bool = False

    def __repr__(self) -> str:
        return f"Outcome({self.outcome!r}, {self.command!r})"


def succeeded(command: str, result: Result | Mapping[str, Any]) -> Outcome:
    """Return the outcome of a call that the gateway answered with a success.

    Args:
        command: its name.
        result: typed, or the original fields.
    """
    if not isinstance(result, Result):
        return Outcome(
            outcome="done", command=command, result=dict(result), is_raw=True
        )
    fields = _fields(result)
    # Several classes of results have it, each for its own reason.
    if not getattr(result, "was_done", True):
        status: int | None = getattr(result, "status", None)
        message: str = getattr(result, "message", "")
        return Outcome(
            outcome="not_done",
            command=command,
            explanation=f"WeChat refused {command!r}"
            + (f" (status {status})" if status else "")
            + (f": {quoted(message)}" if message else "")
            + "; the gateway passed it on as a success",
            status=status,
            result=fields,
        )
    return Outcome(outcome="done", command=command, result=fields)


def failed(command: str, error: BaseException | None) -> Outcome | None:
    """Return the outcome of a call that failed.

    Args:
        command: its name.
        error: of ``AccountSession.call``.

    Returns:
        None when that is no way for a call to end.
    """
    match error:
        case CallRejected():
            ending: Ending = "refused"
        case NotSent():
            ending = "not_sent"
        case OutcomeUnknown():
            ending = "unknown"
        case _:
            return None
    status = error.status if isinstance(error, CallRejected) else None
    return Outcome(
        outcome=ending, command=command, explanation=str(error), status=status
    )


def shown(outcome: Outcome, *, has_secrets: bool = False) -> list[str]:
    """Write the result of a call for a person.

    Args:
        outcome: of the call.
        has_secrets: whether tokens and device data are shown; else a fingerprint.

    Returns:
        Lines without control characters; fields without a value are left out.
    """
    fields = outcome.result
    if not fields:
        return []
    command = find_command(outcome.command)
    if command is not None and not outcome.is_raw:
        typed = lenient(command.result_type, fields)
        return list(_lines(_named(typed), has_secrets=has_secrets))
    return list(_lines(fields, has_secrets=has_secrets))


def _fields(result: Struct) -> dict[str, Any]:
    """Return the fields of a result by canonical wire name, those of ours left out."""
    found: dict[str, Any] = {}
    for param in params_of(type(result)):
        value = getattr(result, param.name)
        if value is not UNSET:
            found[param.wire_name] = msgspec.to_builtins(value)
    return found


def _named(value: object) -> Any:  # noqa: ANN401 - JSON has any shape
    """Return a value with the names that fields have in Python."""
    if isinstance(value, Struct):
        fields = ((p.name, getattr(value, p.name)) for p in params_of(type(value)))
        return {name: _named(item) for name, item in fields}
    if isinstance(value, tuple | list):
        return [_named(item) for item in value]
    return value


def _lines(fields: Mapping[str, Any], *, has_secrets: bool) -> Iterator[str]:
    """Write fields below each other, values in one column, nested ones indented."""
    kept = {
        name: value
        for name, value in fields.items()
        if value is not None and value is not UNSET and value not in ("", [], {})
    }
    width = max((len(_printable(name)) for name in kept), default=0) + 1
    for name, value in kept.items():
        head = f"{_printable(name)}:"
        if isinstance(value, Mapping):
            yield head
            yield from _indented(_lines(value, has_secrets=has_secrets))
        elif isinstance(value, list):
            yield head
            for item in value:
                yield from _item(item, has_secrets=has_secrets)
        else:
            first, *rest = _texts(name, value, has_secrets=has_secrets)
            yield f"{head:{width}} {first}".rstrip()
            yield from (f"{' ' * width} {line}" for line in rest)


def _item(item: object, *, has_secrets: bool) -> Iterator[str]:
    """Write one of a list, with a dash in front of its first line."""
    if isinstance(item, Mapping):
        lines = list(_lines(item, has_secrets=has_secrets)) or ["{}"]
    else:
        lines = _texts("", item, has_secrets=has_secrets)
    for number, line in enumerate(lines):
        yield f"  {'  ' if number else '- '}{line}"


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _texts(name: str, value: object, *, has_secrets: bool) -> list[str]:
    """Write one value; a text may have several lines."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if not isinstance(value, str):
        return [_printable(str(value))]
    bare = name.replace("_", "").lower()
    if bare in _SECRETS and not has_secrets:
        return [f"<secret {Secret(value).fingerprint()}>"]
    if bare in _FILES:
        return [_size(value)]
    return [_printable(line) for line in value.splitlines()] or [""]


_SECRETS = frozenset(name.replace("_", "") for name in (*SECRETS, "wx_data"))
_FILES = frozenset(name.replace("_", "") for name in FILES)

#: Categories of characters that are no text: control characters, halves of an emoji.
_OBEYED = ("Cc", "Cs")


def _size(text: str) -> str:
    try:
        return f"<{len(decode_base64(text))} bytes>"
    except ValueError:
        return f"<{len(text)} characters that are no base64>"


def _printable(text: str) -> str:
    """Replace what a terminal might obey, and halves of an emoji."""
    return "".join("\ufffd" if category(c) in _OBEYED else c for c in text)
