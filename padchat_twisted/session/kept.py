"""What is kept of a command with a key: no text of a message, nothing secret."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct

from ..catalogue import Command, Result
from ..catalogue.lenient import lenient
from ..catalogue.parameters import params_of
from ..errors import quoted
from ..interfaces import AccountKey
from ..wire import json_text

__all__ = [
    "MAX_KEPT_RESULT_BYTES",
    "fingerprint_of",
    "kept_result",
    "read_result",
    "receiver_of",
]

R = TypeVar("R", bound=Result)

#: Longest result that is kept (bytes of JSON): ids and addresses of files have a few
#: hundred. Of a longer one it is kept that it came.
MAX_KEPT_RESULT_BYTES = 4096

#: Hex digits of a fingerprint: enough to tell two commands under one key apart.
FINGERPRINT_DIGITS = 16

#: Texts of results that are kept: ids, and addresses of files. Neither the texts of
#: messages nor what opens anything is among them.
KEPT_TEXTS = frozenset(
    (
        "big_head",
        "big_url",
        "id",
        "moment_id",
        "msg_id",
        "small_head",
        "small_url",
        "user_name",
    )
)

#: Parameters that say whom a command is for; the first that it has counts.
RECEIVERS = ("to_user_name", "group_id", "user_id", "gh_name")


def fingerprint_of(account: AccountKey, key: str, command: Command[Any]) -> str:
    """Tell a command with its parameters from others under the same key.

    Parameters with their default value are left out, so that a version with more of
    them finds the same. Account and key are in it: equal texts look different.

    Raises:
        TypeError, ValueError: a parameter that JSON cannot hold.
    """
    whole = [*astuple(account), key, command.wire_name]
    digest = hashlib.sha256(_hashable(whole))
    for param in params_of(type(command)):
        value = getattr(command, param.name)
        if value is UNSET or value == param.default:
            continue
        # A file is one long text: to hash it costs a fifth of writing it as JSON.
        content = _text(value) if isinstance(value, str) else _hashable(value)
        digest.update(_hashable([param.wire_name, type(value).__name__, len(content)]))
        digest.update(content)
    return digest.hexdigest()[:FINGERPRINT_DIGITS]


def _hashable(value: object) -> bytes:
    """Write a value the same way each time."""
    return _text(json.dumps(msgspec.to_builtins(value), sort_keys=True))


def _text(text: str) -> bytes:
    # Texts may hold halves of an emoji.
    return text.encode("utf-8", "surrogatepass")


def receiver_of(command: Command[Any]) -> str:
    """Tell whom a command is for, empty for nobody."""
    for name in RECEIVERS:
        value = getattr(command, name, None)
        if isinstance(value, str) and value:
            return quoted(value)
    return ""


def kept_result(result: Result) -> str:
    """Return what is kept of a result, as JSON: its numbers and ``KEPT_TEXTS``."""
    text = json_text.write(_kept(result))
    return text.decode() if len(text) <= MAX_KEPT_RESULT_BYTES else "{}"


def read_result(kind: type[R], text: str) -> R:
    """Return what was kept of a result; the rest of its fields is empty."""
    try:
        fields = json_text.read(text.encode())
    except ValueError:
        fields = {}
    return lenient(kind, fields if isinstance(fields, dict) else {})


def _kept(value: Struct) -> dict[str, object]:
    found: dict[str, object] = {}
    for param in params_of(type(value)):
        item = getattr(value, param.name)
        if isinstance(item, Struct):
            found[param.wire_name] = _kept(item)
        elif isinstance(item, bool | int) or (
            isinstance(item, str) and item and param.name in KEPT_TEXTS
        ):
            found[param.wire_name] = item
    return found
