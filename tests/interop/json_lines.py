"""How a Python peer speaks with the test that started it; see json_lines.js.

Values go as `pack` writes them: what JSON does not hold is ``{"$bytes": base64}`` or
``{"$number": "NaN"}``, at any depth. What is large is ordered as
``{"$repeat": [text, count]}`` or ``{"$repeatByte": [byte, count]}``, and reported as
``{"$large": [length, SHA-1]}``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import sys
from collections.abc import Callable
from typing import Any

#: Longest text (characters) and longest bytes that are reported as they are.
LARGE = 10_000

#: What peers give on order: values that JSON has no way for, and halves of an emoji.
ODD: dict[str, list[Any]] = {
    "nan": [math.nan, math.inf, {"deep": [-math.inf]}],
    "surrogate": ["\ud83d", "\ude00x"],
}

#: Who is kept out is told this.
REFUSAL = "no entry"
REFUSAL_DATA = {"code": 7, "text": "嗨 😀"}

#: Seconds between two items of a stream: so it lasts longer than an upgrade.
STREAM_INTERVAL = 0.001


def report(event: str, **fields: object) -> None:
    """Say something to the test."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def obey(line: bytes, orders: dict[str, Callable[[dict[str, Any]], object]]) -> None:
    """Carry out an order; report a fault when it cannot be done."""
    try:
        order = json.loads(line)
        orders[order["do"]](order)
    except Exception as error:
        report(
            "fault", error=f"{type(error).__name__}: {error} (order: {line[:500]!r})"
        )


def pack(value: object) -> Any:  # noqa: ANN401 - any value
    """Turn a value into one that JSON holds."""
    if isinstance(value, float) and not math.isfinite(value):
        names = {math.inf: "Infinity", -math.inf: "-Infinity"}
        return {"$number": names.get(value, "NaN")}
    if isinstance(value, str | bytes) and len(value) > LARGE:
        content = value.encode() if isinstance(value, str) else value
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return {"$large": [len(value), digest]}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return _mapped(value, pack)


def unpack(value: object) -> Any:  # noqa: ANN401 - any value
    """Turn it back."""
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        if "$number" in value:
            return float(value["$number"])
        if "$repeat" in value:
            return value["$repeat"][0] * value["$repeat"][1]
        if "$repeatByte" in value:
            return bytes([value["$repeatByte"][0]]) * value["$repeatByte"][1]
    return _mapped(value, unpack)


def _mapped(value: object, change: Callable[[object], Any]) -> object:
    if isinstance(value, list | tuple):
        return [change(item) for item in value]
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    return value
