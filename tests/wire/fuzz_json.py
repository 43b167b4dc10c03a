"""Fuzzing of the JSON dialects ``legacy`` and ``sdk``, in either role."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from random import Random

from padchat_twisted.errors import PadChatError
from padchat_twisted.wire import dialect_legacy, dialect_sdk
from padchat_twisted.wire.dialect_json import AuthRequested
from padchat_twisted.wire.envelope import Call
from padchat_twisted.wire.json_client import JsonClient
from padchat_twisted.wire.json_connection import JsonConnection
from padchat_twisted.wire.json_server import JsonServer
from padchat_twisted.wire.told import (
    Closed,
    Lost,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .json_examples import ID_HEAD, examples

#: What a connection of the fuzzer takes (bytes).
LIMIT = 1000

CONNECTIONS: dict[str, Callable[[], JsonConnection]] = {
    "client of legacy": lambda: dialect_legacy.client_connection(
        "key", id_head=ID_HEAD, max_frame=LIMIT
    ),
    "server of legacy": lambda: dialect_legacy.server_connection(max_frame=LIMIT),
    "client of sdk": lambda: dialect_sdk.client_connection(max_frame=LIMIT),
    "server of sdk": lambda: dialect_sdk.server_connection("key", max_frame=LIMIT),
}


@cache
def frames() -> tuple[bytes, ...]:
    """Return the frames of the examples, and some that only look like them."""
    written = [
        json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
        for number in sorted(examples())
        for frame in examples()[number]
    ]
    return (*written, b"[]", b"null", b'{"a":1}', b'{"cmdId":{},"data":[]}')


def run_json(chance: Random, damaged: Callable[..., bytes]) -> str:
    """Tell one connection several damaged frames, and of its end.

    Args:
        chance: decides.
        damaged: makes a frame of the good ones.
    """
    name = chance.choice(tuple(CONNECTIONS))
    connection = CONNECTIONS[name]()
    connection.start(now=0.0)
    ends = _turn(connection, chance, 0.0)
    if chance.random() < 0.9:
        connection.receive(WebSocketOpened(), now=0.0)
        ends += _turn(connection, chance, 0.0)
    now = 0.0
    for _ in range(chance.randint(1, 8)):
        match chance.randrange(8):
            case 0:
                now += chance.choice((0.1, 5.0, 30.0))
                connection.deadline_reached(now=now)
            case 1:
                connection.receive(WebSocketClosed(1008, "x"), now=now)
            case 2:
                connection.set_writable(chance.random() < 0.7)
            case 3:
                data = damaged(chance, frames())
                connection.receive(WebSocketMessage(data, is_text=False), now=now)
            case _:
                connection.receive_texts([damaged(chance, frames())], now)
        ends += _turn(connection, chance, now)
    connection.receive(Lost(PadChatError("the end")), now=now)
    ends += _turn(connection, chance, now)
    assert ends == 1, f"ended {ends} times"
    return name


def _turn(connection: JsonConnection, chance: Random, now: float) -> int:
    ends = 0
    for _ in range(3):
        for occurrence in connection.events_received():
            # What may no longer be said since it is closing is refused.
            with suppress(PadChatError):
                _answer(connection, occurrence, chance, now)
        if isinstance(connection, JsonClient) and chance.random() < 0.2:
            with suppress(PadChatError):
                connection.send_call(chance.randint(0, 9), "getMyInfo", b"{}")
        for action in connection.actions_to_take():
            assert not ends, "something was asked for after Closed"
            ends += isinstance(action, Closed)
    return ends


def _answer(
    connection: JsonConnection, occurrence: object, chance: Random, now: float
) -> None:
    if not isinstance(connection, JsonServer):
        return
    match occurrence:
        case AuthRequested():
            if chance.random() < 0.8:
                connection.accept()
            else:
                connection.refuse("no", now=now)
        case Call() if occurrence.call_id is not None:
            connection.reply(occurrence.call_id, success=True, msg="ok", data={})
