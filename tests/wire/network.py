"""A client and a server joined by a network that delivers in any order it may.

HTTP requests and answers overtake each other and the WebSocket; messages of the
WebSocket, its opening and its end keep their order in each direction.
"""

from __future__ import annotations

from random import Random
from typing import Literal

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import Revision
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.occurrences import (
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketEvent,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpRequest,
    HttpResponse,
    OpenWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

Side = Literal["client", "server"]

#: What has been asked for and not delivered: whose it is, and what.
Pending = tuple[Side, Asked | WebSocketOpened]

#: How far the clock goes in one step (seconds): less than it takes to end a poll.
TICK = 0.05


class Network:
    """Both connections, started, with what is on its way between them.

    Args:
        chance: decides what comes next.
        revision: of Engine.IO.
        transports: of the client.
        offered: by the server.
        max_payload: that the server announces (bytes).
    """

    def __init__(
        self,
        chance: Random,
        revision: Revision,
        transports: tuple[str, ...],
        offered: tuple[str, ...],
        max_payload: int | None = None,
    ) -> None:
        handshake = engineio.Handshake("SID", (), 25000, 20000, max_payload)
        self.engines = {
            "client": EngineIOConnection(
                Role.CLIENT, revision=revision, transports=transports
            ),
            "server": EngineIOConnection(
                Role.SERVER,
                revision=revision,
                transports=offered,
                handshake=handshake,
            ),
        }
        self.connections = {
            side: SocketIOConnection(below) for side, below in self.engines.items()
        }
        self.now = 0.0
        self.bodies: dict[Side, list[bytes]] = {"client": [], "server": []}
        self.left: dict[Side, list[str]] = {"client": [], "server": []}
        self.closed: dict[Side, Closed] = {}
        self.is_joined = False
        self._chance = chance
        self._pending: list[Pending] = []
        self._is_server_started = False
        self.connections["client"].join("/user", "k=v", b'{"t":1}')
        self.connections["client"].start(now=0.0)
        self.turn("client")

    def emit(self, side: Side, number: int) -> None:
        """Send the event with this number."""
        self.connections[side].emit("/user", b'["n",%d]' % number)
        self.turn(side)

    def close(self, side: Side) -> None:
        """Let one side close."""
        self.connections[side].close(now=self.now)
        self.turn(side)

    def tick(self, seconds: float = TICK) -> None:
        """Let time pass."""
        self.now += seconds
        for side in self._sides():
            connection = self.connections[side]
            deadline = connection.next_deadline()
            if side not in self.closed and deadline is not None:
                connection.deadline_reached(now=self.now)
                self.turn(side)

    def deliver(self) -> bool:
        """Deliver one thing that is on its way; tell whether there was any."""
        ready = []
        has_websocket = set()
        for index, (side, action) in enumerate(self._pending):
            is_http = isinstance(action, HttpRequest | HttpResponse)
            if is_http or side not in has_websocket:
                ready.append(index)
            if not is_http:
                has_websocket.add(side)
        if not ready:
            return False
        side, action = self._pending.pop(self._chance.choice(ready))
        self._arrive(side, action)
        return True

    def turn(self, side: Side) -> None:
        """Take what came out of one side, and what it asks for."""
        connection = self.connections[side]
        while True:
            occurrences = connection.events_received()
            for occurrence in occurrences:
                match occurrence:
                    case NamespaceRequested(namespace):
                        connection.accept(namespace, "nsid")
                    case NamespaceJoined():
                        self.is_joined = True
                    case NamespaceLeft(namespace, reason):
                        if namespace == "/user":
                            self.left[side].append(reason)
                    case SocketEvent(body=body):
                        self.bodies[side].append(body)
            actions = connection.actions_to_take()
            for action in actions:
                if side in self.closed:
                    raise AssertionError(f"{side} asked for {action!r} after its end")
                if isinstance(action, Closed):
                    self.closed[side] = action
                else:
                    self._pending.append((side, action))
            if not occurrences and not actions:
                return

    def _sides(self) -> tuple[Side, Side]:
        return "client", "server"

    def _arrive(self, side: Side, action: Asked | WebSocketOpened) -> None:
        other: Side = "server" if side == "client" else "client"
        if isinstance(action, CloseWebSocket):
            for each in (other, side):
                self._tell(each, WebSocketClosed())
        elif isinstance(action, OpenWebSocket):
            self._tell(other, WebSocketOpened())
            # The server's first messages come after its answer to the handshake.
            self._pending.insert(0, (other, WebSocketOpened()))
        elif isinstance(action, SendWebSocket):
            self._tell(other, WebSocketMessage(action.data, action.is_text))
        elif isinstance(action, HttpRequest | HttpResponse | WebSocketOpened):
            self._tell(other, action)

    def _tell(
        self,
        side: Side,
        told: HttpRequest
        | HttpResponse
        | WebSocketOpened
        | WebSocketMessage
        | WebSocketClosed,
    ) -> None:
        if side in self.closed:
            return
        connection = self.connections[side]
        if side == "server" and not self._is_server_started:
            self._is_server_started = True
            connection.start(now=self.now)
        is_text = isinstance(told, WebSocketMessage) and told.is_text
        if is_text and self._chance.random() < 0.5:
            assert isinstance(told, WebSocketMessage)
            connection.receive_texts([told.data], self.now)
        else:
            connection.receive(told, now=self.now)
        self.turn(side)
