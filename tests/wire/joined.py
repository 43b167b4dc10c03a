"""Connections that are up: with a peer made by hand, and two roles joined in memory."""

from __future__ import annotations

from collections.abc import Iterable

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.occurrences import NamespaceRequested, SocketOccurrence
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

#: Content of the open packet of the servers in here.
HANDSHAKE = engineio.Handshake("sid-1", (), 25000, 20000)

OPEN_PACKET = b"0" + engineio.encode_handshake(HANDSHAKE)


def frames(actions: Iterable[Asked]) -> list[bytes]:
    """Return the content of the messages among *actions*."""
    return [action.data for action in actions if isinstance(action, SendWebSocket)]


def told(connection: SocketIOConnection, *texts: bytes) -> list[object]:
    """Feed text messages; return what comes out."""
    connection.receive_texts(texts, 1.0)
    return list(connection.events_received())


def client(*namespaces: str, max_buffered: int = 1 << 20) -> SocketIOConnection:
    """Return a client's connection that is in *namespaces* since time 0."""
    connection = SocketIOConnection(
        EngineIOConnection(Role.CLIENT), max_buffered=max_buffered
    )
    for namespace in namespaces:
        connection.join(namespace)
    connection.start(now=0.0)
    connection.receive(WebSocketOpened(), now=0.0)
    connection.receive_texts([OPEN_PACKET], 0.0)
    for namespace in namespaces:
        suffix = b"" if namespace == "/" else namespace.encode() + b","
        connection.receive_texts([b"40" + suffix], 0.0)
    connection.events_received()
    connection.actions_to_take()
    return connection


def server(*namespaces: str, max_buffered: int = 1 << 20) -> SocketIOConnection:
    """Return a server's connection whose client is in ``/`` and *namespaces*."""
    connection = SocketIOConnection(
        EngineIOConnection(Role.SERVER, handshake=HANDSHAKE),
        max_buffered=max_buffered,
    )
    connection.start(now=0.0)
    connection.receive(WebSocketOpened(), now=0.0)
    connection.accept("/")
    for namespace in namespaces:
        connection.receive_texts([b"40" + namespace.encode() + b","], 0.0)
        connection.accept(namespace)
    connection.events_received()
    connection.actions_to_take()
    return connection


class ConnectionPair:
    """A client and a server joined in memory; what one sends the other receives.

    Args:
        client: its connection, not started.
        server: likewise.
        accepts: whether the server lets the client into every namespace.
    """

    def __init__(
        self,
        client: SocketIOConnection,
        server: SocketIOConnection,
        *,
        accepts: bool = True,
    ) -> None:
        self.client = client
        self.server = server
        self.now = 0.0
        self.seen: dict[str, list[SocketOccurrence]] = {"client": [], "server": []}
        self.closed: dict[str, Closed] = {}
        self.sent: dict[str, list[bytes]] = {"client": [], "server": []}
        self._accepts = accepts
        self._closing: set[str] = set()
        client.start(now=0.0)
        server.start(now=0.0)
        self.turn()

    def _other(self, side: str) -> str:
        return "server" if side == "client" else "client"

    def _of(self, side: str) -> SocketIOConnection:
        return self.client if side == "client" else self.server

    def turn(self) -> None:
        """Carry over what both sides ask for, until neither asks for anything."""
        while self._take("client") | self._take("server"):
            pass

    def advance(self, seconds: float) -> None:
        """Let time pass; each deadline is kept at its time."""
        until = self.now + seconds
        while True:
            pending = [
                deadline
                for side in ("client", "server")
                if (deadline := self._of(side).next_deadline()) is not None
            ]
            if not pending or min(pending) > until:
                break
            self.now = max(self.now, min(pending))
            self.client.deadline_reached(now=self.now)
            self.server.deadline_reached(now=self.now)
            self.turn()
        self.now = until

    def _take(self, side: str) -> bool:
        connection = self._of(side)
        occurrences = connection.events_received()
        self.seen[side] += occurrences
        for occurrence in occurrences:
            if isinstance(occurrence, NamespaceRequested) and self._accepts:
                connection.accept(occurrence.namespace)
        actions = connection.actions_to_take()
        for action in actions:
            self._carry_out(side, action)
        return bool(occurrences or actions)

    def _carry_out(self, side: str, action: Asked) -> None:
        other = self._of(self._other(side))
        match action:
            case OpenWebSocket():
                self.client.receive(WebSocketOpened(), now=self.now)
                self.server.receive(WebSocketOpened(), now=self.now)
            case SendWebSocket(data, is_text):
                self.sent[side].append(data)
                other.receive(WebSocketMessage(data, is_text), now=self.now)
            case CloseWebSocket(code, reason):
                other.receive(WebSocketClosed(code, reason), now=self.now)
                self._of(side).receive(WebSocketClosed(code, reason), now=self.now)
            case Closed():
                assert side not in self.closed, "closed twice"
                self.closed[side] = action
            case _:
                raise AssertionError(f"asked for {action!r}")


def pair(*namespaces: str, accepts: bool = True) -> ConnectionPair:
    """Return a client that asks for *namespaces* joined with a server."""
    connection = SocketIOConnection(EngineIOConnection(Role.CLIENT))
    for namespace in namespaces:
        connection.join(namespace)
    return ConnectionPair(
        connection,
        SocketIOConnection(EngineIOConnection(Role.SERVER, handshake=HANDSHAKE)),
        accepts=accepts,
    )
