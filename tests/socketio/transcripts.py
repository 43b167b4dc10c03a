"""The transcripts of the page: what goes over the wire of the chat of the examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from padchat_twisted.socketio import Client

from ..examples.running import load
from ..transport.by_hand import BINARY, TEXT, read_frames
from .stage import Stage

#: Ids, which are different each time.
_ID = re.compile(r'("sid":")[\w-]+(")')

_REQUEST = re.compile(r"GET (\S+) HTTP/1.1\r\n")


def lines(heard: list[tuple[str, bytes]]) -> Iterator[str]:
    """Tell what went over a WebSocket, one line for each message."""
    for sign, data in heard:
        if data.startswith((b"GET ", b"HTTP/1.1 101")):
            head, _, data = data.partition(b"\r\n\r\n")
            request = _REQUEST.match(head.decode() + "\r\n")
            if request is not None:
                yield f"{sign} GET {request[1]}"
        for frame in read_frames(data):
            if frame.opcode == TEXT:
                yield f"{sign} " + _ID.sub(r"\1...\2", frame.payload.decode())
            elif frame.opcode == BINARY:
                yield f"{sign} (binary: {frame.payload.hex(' ')})"


def enter(stage: Stage, name: str, revision: int) -> Client:
    """Have somebody come into the hall of the chat."""
    client = stage.client(
        link=stage.link(
            revision=revision, transports=("websocket",), query=[("name", name)]
        ),
        auth={"name": name},
        query=[("name", name)],
    )
    if client.is_connected:
        client.call("enter", "hall").addErrback(lambda _: None)
        stage.flush()
    return client


def chat_5(stage: Stage) -> None:
    """A client of protocol 5 comes, is answered, and goes."""
    enter(stage, "alice", 4).disconnect()


def chat_4(stage: Stage) -> None:
    """The same with protocol 4."""
    enter(stage, "alice", 3).disconnect()


def refused_5(stage: Stage) -> None:
    """Somebody else with the same name, protocol 5."""
    enter(stage, "bob", 4)


def refused_4(stage: Stage) -> None:
    """The same with protocol 4."""
    enter(stage, "bob", 3)


def binary(stage: Stage) -> None:
    """An event with bytes in it."""
    client = enter(stage, "alice", 4)
    stage.road.heard.clear()
    client.emit("picture", {"name": "cat.png", "bytes": b"\x89PNG"})


#: Each transcript of the page.
SCENES: dict[str, Callable[[Stage], None]] = {
    "chat-5": chat_5,
    "chat-4": chat_4,
    "refused-5": refused_5,
    "refused-4": refused_4,
    "binary": binary,
}


def transcript(name: str) -> str:
    """Play a scene, and tell what went over the connection that it made."""
    stage = Stage()
    example: Any = load("chat_server")
    example.Chat(stage.server)
    bob = enter(stage, "bob", 4)
    number = len(stage.network.wires)
    stage.road.heard.clear()
    SCENES[name](stage)
    stage.flush()
    text = "\n".join(
        lines([(sign, d) for at, sign, d in stage.road.heard if at > number])
    )
    bob.disconnect()
    stage.flush()
    return text
