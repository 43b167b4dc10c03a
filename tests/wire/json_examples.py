"""The examples of the JSON dialects, and connections to try them with.

``tests/protocol/examples.json`` has the JSON blocks of dialects.md by number.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from padchat_twisted.wire import dialect_legacy, dialect_sdk
from padchat_twisted.wire.dialect_json import JsonOccurrence, LetIn
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.json_client import JsonClient
from padchat_twisted.wire.json_connection import JsonConnection
from padchat_twisted.wire.json_server import JsonServer
from padchat_twisted.wire.told import SendWebSocket, WebSocketOpened

PROTOCOL = Path(__file__).parent.parent / "protocol"

#: What the ids of the examples of ``legacy`` begin with; example K9 has other ones.
ID_HEAD = "11111111-0000-4000-8000-"

TASK = "22222222-0000-4000-8000-000000000001"


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    """Read the examples by number: frames in the order of the page."""
    found: dict[str, list[dict[str, Any]]] = json.loads(
        (PROTOCOL / "examples.json").read_text(encoding="utf-8")
    )
    return found


def frames_of(series: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the examples of one series: number, frame."""
    for number, frames in examples().items():
        if number.startswith(series):
            for frame in frames:
                yield number, frame


@cache
def table(name: str) -> dict[str, Any]:
    """Read one of the tables of the protocol."""
    return tomllib.loads((PROTOCOL / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def spellings(case: str) -> dict[str, str]:
    """Return canonical keys by those of a dialect, as the tables have them.

    Args:
        case: ``pascal`` or ``snake``.
    """
    found: dict[str, str] = {}

    def look(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("name"), str) and case in value:
                found[value[case]] = value["name"]
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    for name in ("commands", "events", "messages"):
        look(table(name))
    return found


def canonical(value: Any, case: str) -> Any:  # noqa: ANN401 - JSON has any shape
    """Spell keys canonically by the tables; one that they do not have is an error."""
    if isinstance(value, dict):
        names = spellings(case)
        return {names[key]: canonical(item, case) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item, case) for item in value]
    return value


def canonical_code(wire_code: str, dialect: str) -> str:
    """Return the canonical name of a command by the tables."""
    for command in table("commands")["command"]:
        wire = command.get("wire", {}).get(dialect, {})
        if wire.get("code", command["code"]) == wire_code:
            return str(command["code"])
    raise KeyError(wire_code)


def text(frame: object) -> bytes:
    """Write a frame as a peer does."""
    return json.dumps(frame, ensure_ascii=False).encode()


def sent(connection: JsonConnection) -> list[dict[str, Any]]:
    """Take the frames that a connection asks to send."""
    return [
        json.loads(action.data)
        for action in connection.actions_to_take()
        if isinstance(action, SendWebSocket)
    ]


def hears(connection: JsonConnection, *frames: object) -> list[JsonOccurrence]:
    """Feed frames; return what comes out."""
    connection.receive_texts([text(frame) for frame in frames], 1.0)
    return connection.events_received()


def plain(occurrence: JsonOccurrence) -> object:
    """Return what an occurrence says, its body decoded."""
    if isinstance(occurrence, Call | Reply | Notice):
        return json.loads(occurrence.body)
    return occurrence


def legacy_client(*, is_let_in: bool = True, **options: Any) -> JsonClient:  # noqa: ANN401 - of the constructor
    """Return a client of ``legacy`` whose WebSocket is open since time 0."""
    client = dialect_legacy.client_connection("KEY-1", id_head=ID_HEAD, **options)
    client.start(now=0.0)
    client.receive(WebSocketOpened(), now=0.0)
    if is_let_in:
        (auth,) = sent(client)
        assert hears(client, {"cmdId": auth["cmdId"], "success": True}) == [LetIn()]
    return client


def legacy_server(*, is_let_in: bool = True, **options: Any) -> JsonServer:  # noqa: ANN401 - of the constructor
    """Return a server of ``legacy`` whose WebSocket is open since time 0."""
    server = dialect_legacy.server_connection(**options)
    server.start(now=0.0)
    server.receive(WebSocketOpened(), now=0.0)
    if is_let_in:
        hears(server, {"code": "auth", "authKey": "KEY-1"})
        server.accept()
        server.actions_to_take()
    return server


def sdk_client(**options: Any) -> JsonClient:  # noqa: ANN401 - of the constructor
    """Return a client of ``sdk`` whose WebSocket is open since time 0."""
    client = dialect_sdk.client_connection(**options)
    client.start(now=0.0)
    client.receive(WebSocketOpened(), now=0.0)
    assert client.events_received() == [LetIn()]
    client.actions_to_take()
    return client


def sdk_server(*, is_let_in: bool = True) -> JsonServer:
    """Return a server of ``sdk`` whose WebSocket is open since time 0."""
    server = dialect_sdk.server_connection("TOKEN-1", task_id=TASK)
    server.start(now=0.0)
    server.receive(WebSocketOpened(), now=0.0)
    if is_let_in:
        server.events_received()
        server.accept()
    return server
