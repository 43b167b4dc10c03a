"""Engine.IO connections that poll, for their tests."""

from __future__ import annotations

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import EIO3, EIO4, Revision
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.engineio_payload import encode_payload
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpRequest,
    HttpResponse,
    OpenWebSocket,
    Role,
    SendWebSocket,
)

BOTH = ("polling", "websocket")

#: Heartbeat of the connections in here (seconds).
INTERVAL, TIMEOUT = 25.0, 20.0

#: Largest message and body of the connections in here (bytes).
LIMIT = 200


def handshake(*upgrades: str) -> engineio.Handshake:
    """Return the content of an open packet."""
    return engineio.Handshake("S", upgrades, 25000, 20000)


def body(*packets: str, revision: Revision = EIO4) -> bytes:
    """Encode packets of text into a body."""
    made = [engineio.Packet(int(p[0]), p[1:].encode()) for p in packets]
    return encode_payload(made, revision=revision).body


def open_body(*upgrades: str, revision: Revision = EIO4) -> bytes:
    """Return the body of the first answer."""
    content = engineio.encode_handshake(handshake(*upgrades)).decode()
    return body(f"0{content}", revision=revision)


def client(
    transports: tuple[str, ...] = ("polling",), revision: Revision = EIO4
) -> EngineIOConnection:
    """Return a client that has asked for its first poll, of id 1."""
    connection = EngineIOConnection(
        Role.CLIENT, revision=revision, transports=transports, peer="gw:80"
    )
    connection.start(now=0.0)
    connection.actions_to_take()
    return connection


def polling_client(
    transports: tuple[str, ...] = ("polling",), revision: Revision = EIO4
) -> EngineIOConnection:
    """Return a client that is open at 0, with poll 2 open.

    With both transports it has asked for a WebSocket as well.
    """
    connection = client(transports, revision)
    answer = open_body("websocket", revision=revision)
    connection.receive(HttpResponse(1, 200, (), answer), now=0.0)
    connection.actions_to_take()
    return connection


def polling_server(
    transports: tuple[str, ...] = BOTH, revision: Revision = EIO4
) -> EngineIOConnection:
    """Return a server that is open at 0, with no poll waiting."""
    connection = EngineIOConnection(
        Role.SERVER,
        revision=revision,
        transports=transports,
        handshake=handshake(),
        max_frame=LIMIT,
    )
    connection.start(now=0.0)
    connection.receive(HttpRequest(1, "GET", ()), now=0.0)
    connection.actions_to_take()
    return connection


def get(number: int) -> HttpRequest:
    """Return a poll."""
    return HttpRequest(number, "GET", ())


def post(number: int, *packets: str, revision: Revision = EIO4) -> HttpRequest:
    """Return a POST with packets of text."""
    return HttpRequest(number, "POST", (), (), body(*packets, revision=revision))


def shown(actions: list[Asked]) -> list[str]:
    """Say each action in a few words."""
    said = []
    for action in actions:
        match action:
            case HttpRequest(number, method):
                said.append(f"{method} {number} {action.body.decode()}".rstrip())
            case HttpResponse(number, status):
                said.append(f"{status} {number} {action.body.decode()}".rstrip())
            case OpenWebSocket():
                said.append("open websocket")
            case SendWebSocket(data, is_text):
                said.append(f"send {data.decode() if is_text else data.hex()}")
            case CloseWebSocket(code):
                said.append("close" if code is None else f"close {code}")
            case Closed(reason, error):
                said.append(f"closed: {reason}, {type(error).__name__}")
    return said


REVISIONS: tuple[Revision, ...] = (EIO3, EIO4)
