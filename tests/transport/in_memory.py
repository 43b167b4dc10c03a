"""Transports in memory, and what stands around a WebSocket in its tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from padchat_twisted.errors import PadChatError
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.factories import ClientFactory, ServerFactory
from padchat_twisted.transport.gateway import GatewayConnection
from padchat_twisted.transport.websocket import ClientWebSocket, ServerWebSocket
from padchat_twisted.wire.dialect_socketio import server_connection
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.limits import MAX_FRAME_BYTES
from padchat_twisted.wire.occurrences import SocketOccurrence
from padchat_twisted.wire.told import Told, WebSocketHeard, WebSocketMessage

from .by_hand import (
    CLOSE,
    TEXT,
    UPGRADE_REQUEST,
    answer_upgrade,
    frame,
    read_frames,
)

#: The gateway of the tests, where nothing is.
URL = "http://gateway.invalid:7700/user"

KEY = "KEY-0001/å"

#: The open packet of a gateway.
OPEN_PACKET = b'0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'


class MemoryTransport(StringTransport):
    """What TCP is to a protocol: it ends only when the reactor has its turn.

    Attributes:
        writes: what was written, each call apart.
        is_half_closed: whether the protocol writes no more.
    """

    def __init__(self) -> None:
        super().__init__(lenient=True)
        self.writes: list[bytes] = []
        self.is_nodelay = False
        self.is_half_closed = False

    def write(self, data: bytes) -> None:
        """Keep what is written, unless the connection is gone."""
        if not self.disconnecting and not self.is_half_closed:
            super().write(data)
            self.writes.append(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Keep what is written, in one piece."""
        self.write(b"".join(data))

    def taken(self) -> bytes:
        """Take what was written."""
        value: bytes = self.value()
        self.clear()
        self.writes.clear()
        return value

    def unregisterProducer(self) -> None:
        """Forget the producer; like TCP, without one it does nothing."""
        self.producer = None

    def loseWriteConnection(self) -> None:
        """Write no more, and read on."""
        self.is_half_closed = True

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Note it."""
        self.is_nodelay = enabled

    def fill(self) -> None:
        """Take no more from the protocol, as when the peer does not read."""
        assert self.producer is not None
        self.producer.pauseProducing()

    def drain(self) -> None:
        """Take from the protocol again."""
        assert self.producer is not None
        self.producer.resumeProducing()

    @property
    def is_paused(self) -> bool:
        """Whether the protocol wants no bytes."""
        return bool(self.producerState == "paused")

    def finish(self, protocol: Any) -> None:  # noqa: ANN401 - autobahn's has no types
        """End the connection as the reactor would, when the protocol wants that."""
        if self.connected and self.disconnecting:
            self.connected = False
            kind = ConnectionAborted if self.disconnected else ConnectionDone
            protocol.connectionLost(Failure(kind()))


class Recorder(Driver):
    """A driver that runs nothing: it notes what a WebSocket tells."""

    def __init__(self) -> None:
        super().__init__(Clock(), server_connection("none"), _Nobody())
        self.messages: list[tuple[bytes, bool]] = []
        self.told: list[Told] = []
        self.failures: list[PadChatError] = []
        self.signs_of_life = 0
        self.turns = 0
        self.receive_texts = self._receive_texts

    def _receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        self.messages += [(data, True) for data in frames]

    def tell(self, told: Told) -> None:
        """Note it."""
        self.told.append(told)

    def tell_in_read(self, told: Told) -> None:
        """Note a message, or a sign of life."""
        if isinstance(told, WebSocketMessage):
            self.messages.append((told.data, told.is_text))
        else:
            assert isinstance(told, WebSocketHeard)
            self.signs_of_life += 1

    def fail_in_read(self, error: PadChatError) -> None:
        """Note the failure."""
        self.failures.append(error)

    def turn(self) -> None:
        """Count the turn."""
        self.turns += 1

    def taken(self) -> list[tuple[bytes, bool]]:
        """Take the messages."""
        messages, self.messages = self.messages, []
        return messages


class _Nobody:
    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Nobody hears it."""

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Nobody hears it."""


#: How a server agrees to compress.
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


def open_client(
    driver: Driver, *, max_frame: int = MAX_FRAME_BYTES, compress: bool = False
) -> tuple[ClientWebSocket, MemoryTransport]:
    """Open a client's WebSocket for *driver*, the handshake done."""
    url = "ws://gateway.invalid:7700/socket.io/?EIO=3&transport=websocket"
    factory = ClientFactory(
        Clock(), url, driver, max_frame=max_frame, compress=compress
    )
    websocket = factory.buildProtocol(None)
    assert websocket is not None
    transport = MemoryTransport()
    websocket.makeConnection(transport)
    more_headers = DEFLATE if compress else b""
    websocket.dataReceived(answer_upgrade(transport.taken(), more_headers=more_headers))
    return websocket, transport


def open_server(
    driver: Driver, *, max_frame: int = MAX_FRAME_BYTES, compress: bool = False
) -> tuple[ServerWebSocket, MemoryTransport]:
    """Open a server's WebSocket for *driver*, the handshake done."""
    factory = ServerFactory(Clock(), max_frame=max_frame, compress=compress)
    factory.next_driver = driver
    websocket = factory.buildProtocol(None)
    transport = MemoryTransport()
    websocket.makeConnection(transport)
    offer = DEFLATE if compress else b""
    websocket.dataReceived(UPGRADE_REQUEST[:-2] + offer + b"\r\n")
    transport.taken()
    return websocket, transport


class Side:
    """One side that hears the other.

    Args:
        hears_client: makes it a server's WebSocket, else it is a client's.
        max_frame: largest message accepted (bytes).
        compress: whether both sides agreed on compression.
    """

    def __init__(
        self,
        *,
        hears_client: bool,
        max_frame: int = MAX_FRAME_BYTES,
        compress: bool = False,
    ) -> None:
        self.hears_client = hears_client
        self.driver = Recorder()
        self.websocket: ClientWebSocket | ServerWebSocket
        self.transport: MemoryTransport
        opened = open_server if hears_client else open_client
        self.websocket, self.transport = opened(
            self.driver, max_frame=max_frame, compress=compress
        )
        self.driver.told.clear()

    def said(self, opcode: int, data: bytes, *, is_final: bool = True) -> bytes:
        """Write a frame of the other side."""
        return frame(opcode, data, is_client=self.hears_client, is_final=is_final)

    def hears(self, *pieces: bytes) -> list[tuple[bytes, bool]]:
        """Feed reads; return the messages that were told of."""
        for piece in pieces:
            self.websocket.dataReceived(piece)
        return self.driver.taken()

    def closes_with(self) -> int:
        """Return the code of the one frame that was sent, a close frame."""
        (sent,) = read_frames(self.transport.taken())
        assert sent.opcode == CLOSE, sent
        return int.from_bytes(sent.payload[:2], "big")


class Receiver:
    """A session that notes what its connection tells."""

    def __init__(self) -> None:
        self.connection: IGatewayConnection | None = None
        self.envelopes: list[Reply | Notice] = []
        self.groups = 0
        self.losses: list[tuple[PadChatError, frozenset[int]]] = []
        self.order: list[str] = []

    def connected(self, connection: IGatewayConnection) -> None:
        """Note the connection."""
        self.connection = connection
        self.order.append("connected")

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Note the envelopes."""
        self.envelopes += envelopes
        self.groups += 1
        self.order.append("received")

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """Note the loss."""
        self.losses.append((reason, unsent))
        self.order.append("lost")

    @property
    def loss(self) -> PadChatError:
        """Why the connection was lost; it must have been, once."""
        ((reason, _),) = self.losses
        return reason


class Opened:
    """A gateway's client in memory, before a gateway that the test plays.

    Args:
        receiver: who hears it; None for nobody yet.
        max_frame: largest message accepted (bytes).
        is_joined: whether the gateway has let it in.
        key: the auth key.
        url: the gateway.
        transport: over what.
    """

    def __init__(
        self,
        receiver: Receiver | None = None,
        *,
        max_frame: int = MAX_FRAME_BYTES,
        is_joined: bool = True,
        key: str = KEY,
        url: str = URL,
        transport: MemoryTransport | None = None,
    ) -> None:
        self.clock = Clock()
        self.connection = GatewayConnection(
            self.clock, parse_url(url), Secret(key), "bot1", max_frame=max_frame
        )
        if receiver is not None:
            self.connection.attach(receiver)
        self.connection.driver.start()
        websocket = self.connection.factory.buildProtocol(None)
        assert websocket is not None
        self.websocket = websocket
        self.transport = transport or MemoryTransport()
        websocket.makeConnection(self.transport)
        self.request = self.transport.taken()
        if is_joined:
            self.let_in()

    def let_in(self) -> None:
        """Have the gateway let it in."""
        self.answer()
        self.says(OPEN_PACKET, b"40", b"40/user")
        self.transport.taken()

    def answer(self) -> None:
        """Take the WebSocket handshake."""
        self.websocket.dataReceived(answer_upgrade(self.request))

    def says(self, *texts: bytes) -> None:
        """Have the gateway send text frames, in one read."""
        self.websocket.dataReceived(b"".join(frame(TEXT, text) for text in texts))

    def finish(self) -> None:
        """End the connection when our side wants that."""
        self.transport.finish(self.websocket)

    def lose(self) -> None:
        """Have the gateway drop the connection."""
        self.transport.disconnecting = True
        self.finish()
