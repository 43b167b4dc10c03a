"""One Engine.IO connection: open packet, heartbeat, deadlines, closing.

::

    client   connecting --WebSocketOpened--> opening --open packet--> open
    server   connecting --WebSocketOpened / sends the open packet--> open
    both     open --close()--> closing --WebSocketClosed | deadline--> closed
             any --WebSocketClosed | Lost | broken rule--> closed

Heartbeat of EIO3: the client pings ``ping_interval`` after the open packet and
after each pong and gives up ``ping_timeout`` after a ping; the server gives up
``ping_interval + ping_timeout`` after the last packet. Source: engine.io-client
3.5, Socket.setPing; engine.io 3.6.2, Socket.setPingTimeout.

Long polling, the upgrade and EIO4 come in here: the face stays.
"""

from __future__ import annotations

from enum import Enum

from ..errors import (
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    PadChatError,
    RemoteProtocolError,
)
from . import engineio
from .limits import CLOSE_TIMEOUT, MAX_FRAME_BYTES, OPEN_TIMEOUT
from .told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    OpenWebSocket,
    Role,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

__all__ = ["EngineIOConnection", "EngineState"]

_MESSAGE_DIGIT = 0x34  # "4"

#: Close code for a message over the limit. Source: RFC 6455, 7.4.1.
TOO_BIG = 1009


class EngineState(Enum):
    """Where a connection is."""

    CONNECTING = "connecting"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class EngineIOConnection:
    """Engine.IO 3 over one WebSocket, in either role.

    Tell it what happened (``start``, ``receive``, ``heard``,
    ``deadline_reached``); after each of these, and after ``send_message`` and
    ``close``, carry out ``actions_to_take()``. Messages come out of ``receive*``.

    Args:
        role: which side we are.
        handshake: content of the open packet; a server must give it, a client
            learns it from the peer.
        peer: where the other side is, for errors.
        max_frame: largest message accepted (bytes).
        open_timeout: time for a client to be open (seconds).
        close_timeout: time for the closing handshake (seconds).
    """

    def __init__(
        self,
        role: Role,
        *,
        handshake: engineio.Handshake | None = None,
        peer: str = "the peer",
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        close_timeout: float = CLOSE_TIMEOUT,
    ) -> None:
        if (role is Role.SERVER) is (handshake is None):
            raise ValueError("a server gives the handshake, a client learns it")
        self.role = role
        self.state = EngineState.CONNECTING
        self._offer = handshake
        self._interval = handshake.ping_interval / 1000 if handshake else 0.0
        self._timeout = handshake.ping_timeout / 1000 if handshake else 0.0
        self._peer = peer
        self._max_frame = max_frame
        self._open_timeout = open_timeout
        self._close_timeout = close_timeout
        self._actions: list[Asked] = []
        self._last_received = 0.0
        self._next_ping: float | None = None
        self._pinged_at: float | None = None
        self._deadline: float | None = None
        self._closing_reason = ""
        self._closing_error: PadChatError | None = None

    # What happened

    def start(self, *, now: float) -> None:
        """Begin; a client asks for its WebSocket."""
        self._deadline = now + self._open_timeout
        if self.role is Role.CLIENT:
            self._actions.append(OpenWebSocket())

    def receive(self, told: Told, *, now: float) -> engineio.Packet | None:
        """Take in what happened.

        Returns:
            The message packet, when a message of the layer above came.
        """
        if self.state is EngineState.CLOSED:
            return None
        match told:
            case WebSocketMessage(data, is_text):
                return self._received_frame(data, is_text, now)
            case WebSocketOpened():
                self._opened(now)
            case WebSocketClosed(code, reason):
                self._websocket_closed(code, reason)
            case Lost(error):
                if self.state is EngineState.CLOSING:
                    self._finish(self._closing_reason, self._closing_error)
                else:
                    self._finish("transport error", error)
            case HttpRequest() | HttpResponse() | HttpFailed():
                raise TypeError("this connection has no polling transport")
        return None

    def heard(self, now: float) -> int:
        """Take note that text messages came, which the caller may read itself.

        Args:
            now: seconds on the driver's clock.

        Returns:
            Up to which size (bytes) those that begin with ``4`` are messages of the
            layer above; 0 while none is. ``receive`` must be told of all others.
        """
        if self.state is EngineState.OPEN:
            self._last_received = now
            return self._max_frame
        return 0

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``: seconds on the clock of ``now``."""
        if self.state is EngineState.OPEN:
            gives_up = self._gives_up_at()
            return (
                gives_up if self._next_ping is None else min(self._next_ping, gives_up)
            )
        return self._deadline

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands; early calls do nothing.

        Args:
            now: seconds on the driver's clock.
            is_deaf: whether the driver does not read; the peer's silence then says
                nothing, and only our own signs of life go on.
        """
        if self.state is EngineState.OPEN:
            if is_deaf:
                self._last_received = now
                if self._pinged_at is not None:
                    self._pinged_at = None
                    self._next_ping = now
            if now >= self._gives_up_at():
                # A silent peer will not answer a closing handshake either.
                self._actions.append(CloseWebSocket())
                self._finish("ping timeout", Disconnected("ping timeout"))
            elif self._next_ping is not None and now >= self._next_ping:
                self._next_ping = None
                self._pinged_at = now
                self._send_text(engineio.encode_text(engineio.PING))
        elif self._deadline is not None and now >= self._deadline:
            if self.state is EngineState.CLOSING:
                self._finish(self._closing_reason, self._closing_error)
            else:
                what = (
                    "the WebSocket handshake"
                    if self.state is EngineState.CONNECTING
                    else "the Engine.IO open packet"
                )
                self._finish(
                    "timeout",
                    ConnectTimedOut(
                        self._peer,
                        f"{what} did not come within {self._open_timeout:g} seconds",
                    ),
                )

    # What we want

    def send_message(self, data: bytes, *, is_text: bool) -> None:
        """Ask to send a message of the layer above; only while open."""
        if is_text:
            self._actions.append(SendWebSocket(b"4" + data, True))
        else:
            frame = engineio.encode_binary(engineio.MESSAGE, data)
            self._actions.append(SendWebSocket(frame, is_text=False))

    def close(
        self, reason: str, error: PadChatError | None = None, *, now: float
    ) -> None:
        """Begin to close; ``Closed(reason, error)`` follows."""
        if self.state in (EngineState.CONNECTING, EngineState.OPENING):
            if self.state is EngineState.OPENING:
                self._actions.append(CloseWebSocket())
            self._finish(reason, error)
        elif self.state is EngineState.OPEN:
            self._close_now(reason, error, now)

    def actions_to_take(self) -> list[Asked]:
        """Return what must be carried out now, in order."""
        actions, self._actions = self._actions, []
        return actions

    # Steps

    def _gives_up_at(self) -> float:
        if self._pinged_at is not None and self._last_received <= self._pinged_at:
            return self._pinged_at + self._timeout
        return self._last_received + self._interval + self._timeout

    def _send_text(self, frame: bytes) -> None:
        self._actions.append(SendWebSocket(frame, is_text=True))

    def _opened(self, now: float) -> None:
        if self.state is not EngineState.CONNECTING:
            return
        self._last_received = now
        if self._offer is not None:
            self.state = EngineState.OPEN
            self._send_text(
                engineio.encode_text(
                    engineio.OPEN, engineio.encode_handshake(self._offer)
                )
            )
        else:
            self.state = EngineState.OPENING

    def _received_frame(
        self, data: bytes, is_text: bool, now: float
    ) -> engineio.Packet | None:
        if self.state not in (EngineState.OPENING, EngineState.OPEN):
            return None
        self._last_received = now
        if len(data) > self._max_frame:
            error = RemoteProtocolError(
                "websocket",
                f"a message of {len(data)} bytes; the limit is {self._max_frame}",
            )
            self._close_now("transport error", error, now, code=TOO_BIG)
            return None
        try:
            packet = (
                engineio.decode_text(data) if is_text else engineio.decode_binary(data)
            )
            return self._received_packet(packet, now)
        except RemoteProtocolError as error:
            self._close_now("transport error", error, now)
            return None

    def _received_packet(
        self, packet: engineio.Packet, now: float
    ) -> engineio.Packet | None:
        if self.state is EngineState.OPENING:
            if packet.type != engineio.OPEN:
                raise RemoteProtocolError(
                    "engine.io", "the first packet is not an open packet"
                )
            handshake = engineio.decode_handshake(packet.data)
            self._interval = handshake.ping_interval / 1000
            self._timeout = handshake.ping_timeout / 1000
            self.state = EngineState.OPEN
            self._deadline = None
            self._schedule_ping(now)
            return None
        if packet.type == engineio.MESSAGE:
            return packet
        if packet.type == engineio.PING and self.role is Role.SERVER:
            # Without the ping's content, which only a probe gets back. Source:
            # engine.io 3.6, Socket.onPacket; vector raw-server2-engine-frames.
            self._send_text(engineio.encode_text(engineio.PONG))
        elif packet.type == engineio.PONG and self.role is Role.CLIENT:
            self._schedule_ping(now)
        elif packet.type == engineio.CLOSE:
            self._close_now("transport close", Disconnected("transport close"), now)
        # Everything else (a second open packet, upgrade, noop, a heartbeat in the
        # wrong direction) is ignored, as engine.io-client 3.5 and engine.io 3.6 do.
        return None

    def _schedule_ping(self, now: float) -> None:
        if self.role is Role.CLIENT and self._next_ping is None:
            self._pinged_at = None
            self._next_ping = now + self._interval

    def _websocket_closed(self, code: int | None, reason: str) -> None:
        if self.state is EngineState.CLOSING:
            self._finish(self._closing_reason, self._closing_error)
            return
        detail = " ".join(
            part for part in (f"code {code}" if code else "", reason) if part
        )
        error: PadChatError
        if self.state is EngineState.OPEN:
            error = Disconnected("transport close", detail)
        else:
            error = HandshakeRefused(
                self._peer, detail or "closed before the connection was open"
            )
        self._finish("transport close", error)

    def _close_now(
        self,
        reason: str,
        error: PadChatError | None,
        now: float,
        *,
        code: int | None = None,
    ) -> None:
        self.state = EngineState.CLOSING
        self._closing_reason = reason
        self._closing_error = error
        self._deadline = now + self._close_timeout
        self._actions.append(CloseWebSocket(code))

    def _finish(self, reason: str, error: PadChatError | None) -> None:
        self.state = EngineState.CLOSED
        self._closing_reason, self._closing_error = reason, error
        self._deadline = None
        self._actions.append(Closed(reason, error))

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.state is EngineState.OPEN

    @property
    def closing_reason(self) -> str:
        """Why it is closing or closed, empty while it is not."""
        return self._closing_reason
