"""Reading the recorded traffic of ``tests/vectors`` (see the README.md there)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from padchat_twisted.wire import engineio

VECTORS = Path(__file__).parent.parent / "vectors"

#: All scenarios, by the beginning of their names.
SCENARIO_PREFIXES = (
    "eio3-ws-",
    "eio3-polling-",
    "eio3-upgrade-",
    "eio3on4-",
    "eio4-ws-",
    "eio4-polling-",
    "eio4-upgrade-",
    "legacy17-",
    "legacy20-",
    "mismatch-",
    "padchat-",
    "raw-server2-",
    "raw-server4-",
)

#: A picture that the recorded applications made by rule.
_BLOCK = bytes((number * 37 + number // 8) % 256 for number in range(768))

#: Large values of the recorded applications; ``observed`` has only their hash.
_MADE: tuple[Callable[[], str | bytes], ...] = (
    lambda: _BLOCK * 27,
    lambda: base64.b64encode(_BLOCK * 300).decode(),
    lambda: "ACVKb5S53g" + "汉😀" * 900,
    lambda: "重复的文字😀" * 300,
    lambda: b"\x07" * 3000,
    lambda: "x" * 2000,
)


@cache
def _made() -> dict[str, str | bytes]:
    values = [make() for make in _MADE]
    return {
        hashlib.sha256(v.encode() if isinstance(v, str) else v).hexdigest(): v
        for v in values
    }


def joined(parts: str | list[Any]) -> str:
    """Join a payload that is written with repeats."""
    if isinstance(parts, str):
        return parts
    return "".join(
        part if isinstance(part, str) else part["repeat"] * part["times"]
        for part in parts
    )


def payload(step: dict[str, Any]) -> tuple[bytes, bool]:
    """Return the bytes of a message, and whether it was text.

    A lone surrogate, which no real text message can hold, becomes its three bytes.
    """
    for key in ("text", "text_parts"):
        if key in step:
            return joined(step[key]).encode("utf-8", "surrogatepass"), True
    for key in ("hex", "hex_parts"):
        if key in step:
            return bytes.fromhex(joined(step[key])), False
    raise ValueError("a message without payload")


def value_of(written: Any) -> Any:  # noqa: ANN401 - JSON has any shape
    """Turn a value as the vectors write it into the value that it stands for."""
    if isinstance(written, list):
        return [value_of(entry) for entry in written]
    if not isinstance(written, dict):
        return written
    if "$hex" in written or "$hex_parts" in written:
        return bytes.fromhex(
            joined(written.get("$hex") or written.get("$hex_parts", ""))
        )
    if "$text_parts" in written:
        return joined(written["$text_parts"])
    if "sha256" in written and ("$text" in written or "$bytes" in written):
        return _made()[written["sha256"]]
    if written == {"$undefined": True}:
        return None
    return {key: value_of(entry) for key, entry in written.items()}


@dataclass(frozen=True)
class Observed:
    """What an application on one side saw.

    Args:
        after_step: number of the last step before it.
        t: seconds.
        side: ``client`` or ``server``.
        namespace: the one it belongs to, where it is told.
        event: what happened.
        args: values.
    """

    after_step: int
    t: float
    side: str
    namespace: str | None
    event: str
    args: Any


@dataclass(frozen=True)
class Scenario:
    """One file of recorded traffic."""

    name: str
    server_options: dict[str, Any]
    client_options: dict[str, Any]
    client: str
    server: str
    revision: engineio.Revision
    engine_sids: tuple[str, ...]
    namespace_sids: tuple[str, ...]
    steps: tuple[dict[str, Any], ...]
    observed: tuple[Observed, ...]

    @property
    def ends_at(self) -> float:
        """When the last thing happened (seconds)."""
        last_step: float = self.steps[-1]["t"] / 1000
        return max([last_step, *(seen.t for seen in self.observed)])

    def sessions(self) -> list[list[dict[str, Any]]]:
        """Return the steps of each session of Engine.IO; notes go with those before.

        A request without the sid of a known session begins one.
        """
        sessions: list[list[dict[str, Any]]] = []
        by_sid: dict[str, int] = {}
        by_request: dict[int, int] = {}
        by_connection: dict[int, int] = {}
        number = 0
        for step in self.steps:
            if step["kind"] == "http-request":
                sid = dict(step["query"]).get("sid", "")
                number = by_sid.get(sid, len(sessions))
                if number == len(sessions):
                    sessions.append([])
                by_connection[step["conn"]] = by_request[step["i"]] = number
            elif step["kind"] == "http-response":
                number = by_request[step["re"]]
            else:
                number = by_connection.get(step.get("conn", -1), number)
            if number < len(sessions):
                sessions[number].append(step)
            opened = _open_packet_in(step)
            if "sid" in opened:
                by_sid[opened["sid"]] = number
        return sessions

    @property
    def is_by_hand(self) -> bool:
        """Whether a person wrote the requests; then only a server can be replayed."""
        return self.name.startswith("raw-")

    @property
    def kind(self) -> str:
        """What happens in it: the third part of its name."""
        return self.name.split("-", 2)[2]

    @property
    def transport(self) -> str:
        """How it is carried: the second part of its name."""
        return self.name.split("-")[1]

    def last_step_before(self, t: float) -> int:
        """Return the number of the last step before a time (seconds)."""
        before = [s["i"] for s in self.steps if s["t"] / 1000 < t]
        return before[-1] if before else -1

    def seen_by(self, side: str) -> list[Observed]:
        """Return what one side saw."""
        return [seen for seen in self.observed if seen.side == side]


def is_upgrade(request: dict[str, Any]) -> bool:
    """Tell whether a recorded request asks for a WebSocket."""
    return any(key.lower() == "upgrade" for key, _ in request["headers"])


def _open_packet_in(step: dict[str, Any]) -> dict[str, Any]:
    """Return the content of the open packet that a step brings, if it does."""
    found = step.get("body") if step["kind"] == "http-response" else step
    if step.get("dir") != "s2c" or found is None or "text" not in found:
        return {}
    match = re.match(r"(?:\d+:)?0(\{\"sid\".*?\})", found["text"])
    content: dict[str, Any] = json.loads(match[1]) if match else {}
    return content


def open_packet(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the content of the first open packet of a session."""
    return next(filter(None, map(_open_packet_in, steps)), {})


def _observed(entry: dict[str, Any]) -> Observed:
    side, _, namespace = entry["side"].rstrip("]").partition("[")
    args = entry["args"]
    if args and isinstance(args[0], dict):
        namespace = args[0].get("nsp", namespace)
    return Observed(
        entry["after_step"],
        entry["t"] / 1000,
        side,
        namespace or None,
        entry["event"],
        value_of(args),
    )


@cache
def scenario(name: str) -> Scenario:
    """Read one scenario."""
    written = json.loads((VECTORS / f"{name}.json").read_text())
    return Scenario(
        name,
        written["server_options"],
        written["client_options"],
        written["client"] or "",
        written["server"] or "",
        written["eio"],
        tuple(written["varies"].get("engine_sid", ())),
        tuple(written["varies"].get("namespace_sid", ())),
        tuple(written["steps"]),
        tuple(_observed(entry) for entry in written["observed"]),
    )


def file_names() -> list[str]:
    """Return the names of all scenario files that are there."""
    names = sorted(path.stem for path in VECTORS.glob("*.json"))
    return [n for n in names if n != "index" and not n.startswith("codec-")]


def indexed_names() -> list[str]:
    """Return the names of all scenario files that should be there."""
    index = json.loads((VECTORS / "index.json").read_text())
    return sorted(entry["name"] for entry in index["vectors"])


def scenario_names() -> list[str]:
    """Return the names of the scenarios of PadChat's own kind of connection."""
    return [n for n in file_names() if n.startswith(("eio3-ws-", "padchat-"))]


@cache
def codec_entries(name: str) -> tuple[dict[str, Any], ...]:
    """Read a codec file."""
    return tuple(json.loads((VECTORS / f"{name}.json").read_text()))
