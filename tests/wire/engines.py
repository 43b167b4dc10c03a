"""Engine.IO connections in any state, for their tests."""

from __future__ import annotations

from padchat_twisted.errors import Disconnected, RemoteProtocolError
from padchat_twisted.wire.engineio_connection import EngineIOConnection, EngineState
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .joined import HANDSHAKE, OPEN_PACKET

CLIENT, SERVER = Role.CLIENT, Role.SERVER

#: Heartbeat of the connections in here (seconds).
INTERVAL, TIMEOUT = 25.0, 20.0

#: Largest message of the connections in here (bytes).
LIMIT = 200


def new(role: Role) -> EngineIOConnection:
    """Make a connection that was started at 0."""
    connection = EngineIOConnection(
        role,
        handshake=HANDSHAKE if role is SERVER else None,
        peer="gw:80",
        max_frame=LIMIT,
    )
    connection.start(now=0.0)
    return connection


def opened(role: Role) -> EngineIOConnection:
    """Make a connection that is open since 0, with nothing to carry out."""
    connection = new(role)
    connection.receive(WebSocketOpened(), now=0.0)
    if role is CLIENT:
        connection.receive(text(OPEN_PACKET), now=0.0)
    connection.actions_to_take()
    return connection


def in_state(role: Role, state: EngineState) -> EngineIOConnection:
    """Make a connection in any state, with nothing to carry out."""
    if state is EngineState.CONNECTING:
        connection = new(role)
    elif state is EngineState.OPENING:
        connection = new(role)
        connection.receive(WebSocketOpened(), now=0.0)
    else:
        connection = opened(role)
        if state is not EngineState.OPEN:
            connection.close("io client disconnect", Disconnected("why"), now=0.0)
        if state is EngineState.CLOSED:
            connection.receive(WebSocketClosed(), now=0.0)
    connection.actions_to_take()
    assert connection.state is state
    return connection


def text(data: bytes) -> WebSocketMessage:
    """Make a text message."""
    return WebSocketMessage(data, is_text=True)


def binary(data: bytes) -> WebSocketMessage:
    """Make a binary message."""
    return WebSocketMessage(data, is_text=False)


def shown(action: Asked) -> str:
    """Say an action in a word or two."""
    match action:
        case SendWebSocket(data, is_text):
            return f"send {data.decode() if is_text else data.hex()}"
        case CloseWebSocket(code):
            return "close" if code is None else f"close {code}"
        case Closed(reason, error):
            return f"closed: {reason}, {type(error).__name__}"
    return type(action).__name__


def closing_error(connection: EngineIOConnection) -> RemoteProtocolError:
    """Let a connection that broke off end, and return its error."""
    connection.actions_to_take()
    connection.receive(WebSocketClosed(), now=1.0)
    (closed,) = connection.actions_to_take()
    assert isinstance(closed, Closed)
    assert isinstance(closed.error, RemoteProtocolError), closed.error
    return closed.error


def sent(connection: EngineIOConnection) -> list[bytes]:
    """Return the messages that are asked for, and nothing else may be."""
    actions = connection.actions_to_take()
    assert all(isinstance(action, SendWebSocket) for action in actions)
    return [a.data for a in actions if isinstance(a, SendWebSocket)]
