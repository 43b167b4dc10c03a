r"""Reading and writing JSON as JavaScript peers do.

msgspec reads and writes nearly everything. What it refuses and JavaScript sends is
a lone surrogate such as ``"\ud83d"``: every text that was cut in the middle of an
emoji holds one. The standard library is the second reader and the second writer
for exactly those texts; a lone surrogate stays one.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from .limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

__all__ = [
    "OutOfBoundsError",
    "check_bounds",
    "is_too_deep",
    "read",
    "read_as",
    "to_utf8_text",
    "write",
]

T = TypeVar("T")

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Possessive, and an unfinished string matches to the end, so that no text of a
# hostile peer takes more than one pass.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_untyped = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


def is_too_deep(data: bytes) -> bool:
    """Tell whether *data* nests deeper than ``MAX_JSON_DEPTH``.

    Whether there are more opening brackets is looked at first: they bound the depth.
    """
    if not _has_more(data, MAX_JSON_DEPTH):
        return False
    depth = 0
    for byte in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        if byte in b"[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                return True
        else:
            depth -= 1
    return False


def _has_more(data: bytes, brackets: int) -> bool:
    """Tell whether *data* has more opening brackets than *brackets*.

    To look for the few that there are costs a fraction of counting them.
    """
    for bracket in (b"[", b"{"):
        at = data.find(bracket)
        while at >= 0:
            if brackets == 0:
                return True
            brackets -= 1
            at = data.find(bracket, at + 1)
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


class OutOfBoundsError(ValueError):
    """JSON text that would cost too much to read."""


def check_bounds(data: bytes) -> None:
    """Check what JSON text would cost to read, before it is read.

    Raises:
        OutOfBoundsError: nested deeper than ``MAX_JSON_DEPTH``, or of more than
            ``MAX_JSON_VALUES`` values.
    """
    size = len(data)
    if size <= MAX_JSON_DEPTH:
        # Too short for either.
        return
    if (
        size > MAX_JSON_VALUES
        and _signs(data) > MAX_JSON_VALUES
        and _signs(_STRING.sub(b"", data)) > MAX_JSON_VALUES
    ):
        raise OutOfBoundsError(f"JSON of more than {MAX_JSON_VALUES} values")
    if is_too_deep(data):
        raise OutOfBoundsError(f"JSON nested deeper than {MAX_JSON_DEPTH} levels")


def _signs(data: bytes) -> int:
    """Count what begins or parts values: no text has many more values than that."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def read(data: bytes) -> Any:  # noqa: ANN401 - JSON has any shape
    """Decode JSON text of any shape.

    Args:
        data: UTF-8 text.

    Returns:
        The decoded value; lone surrogates stay lone surrogates.

    Raises:
        ValueError: not JSON, not UTF-8, or out of bounds.
    """
    check_bounds(data)
    try:
        return _untyped.decode(data)
    except (msgspec.DecodeError, RecursionError):
        if _ESCAPED_SURROGATE.search(data) is None:
            raise
        return json.loads(data.decode("utf-8"), parse_constant=_refuse)


def read_as(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """Decode JSON text with a typed *decoder*.

    Args:
        decoder: of the expected type.
        data: UTF-8 text.

    Raises:
        msgspec.ValidationError: JSON, but not of the decoder's type.
        ValueError: not JSON (``msgspec.DecodeError`` is one), not UTF-8, or out of
            bounds.
    """
    check_bounds(data)
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if _ESCAPED_SURROGATE.search(data) is None:
            raise
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        found: T = msgspec.convert(value, decoder.type)
        return found


def write(value: object) -> bytes:
    r"""Encode *value* as compact JSON.

    Non-ASCII stays as it is, lone surrogates become ``\udXXX``, NaN and infinities
    become null, as ``JSON.stringify`` has it.

    Raises:
        TypeError: a value that JSON cannot hold.
        ValueError: a value that holds itself.
    """
    try:
        try:
            return _encode(value)
        except UnicodeEncodeError:
            return _write_with_surrogates(value)
    except RecursionError:
        raise ValueError("a value that holds itself, or is nested too deeply") from None


def _write_with_surrogates(value: object) -> bytes:
    text = json.dumps(
        _finite(msgspec.to_builtins(value)), ensure_ascii=False, separators=(",", ":")
    )
    escaped = _SURROGATE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
    return escaped.encode("utf-8")


def _finite(value: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def to_utf8_text(text: str) -> str:
    """Replace lone surrogates by U+FFFD, for places that cannot hold them."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
