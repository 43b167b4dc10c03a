"""autobahn's WebSocket protocols for both roles: frames, nothing else.

autobahn keeps the handshake, control frames, fragments, masks and limits. Two short
loops serve the common case beside it: whole, unfragmented, uncompressed text frames
of up to 64 KiB, in and out. They look at ``state``, ``data``, ``current_frame`` and
``inside_message`` of autobahn's protocol, which ``test_websocket.py`` pins.

autobahn's own timers run on the global reactor, so all of them are off; deadlines
are the connection's. Its limits are on, and a broken rule closes with a code.
"""

from __future__ import annotations

import os
from typing import Any

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from autobahn.websocket.types import ConnectionRequest
from twisted.internet.interfaces import IAddress, IPushProducer, IReactorTime
from zope.interface import implementer

from ..errors import LocalProtocolError
from ..wire.told import WebSocketClosed, WebSocketMessage, WebSocketOpened
from .driver import Driver

__all__ = [
    "ClientFactory",
    "ClientWebSocket",
    "ServerFactory",
    "ServerWebSocket",
]

_FIN_TEXT = 0x81
_FIN_BINARY = 0x82
_MASKED = 0x80

#: Longest payload of a frame whose length takes at most two bytes.
SMALL = 0xFFFF

#: Random bytes for masks are drawn in blocks of this size.
MASK_POOL = 4096

#: Close codes that stand for "the frame had none" and "there was no frame".
#: Source: RFC 6455, 7.4.1.
NO_CODE = 1005
ABNORMAL = 1006


class _Masks:
    """Unpredictable masks, drawn from the operating system in blocks."""

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0

    def next(self) -> bytes:
        if self._at >= len(self._pool):
            self._pool = os.urandom(MASK_POOL)
            self._at = 0
        self._at += 4
        return self._pool[self._at - 4 : self._at]


def _xor(data: bytes, mask: bytes) -> bytes:
    """Mask or unmask *data*: one operation on two long integers."""
    size = len(data)
    key = (mask * ((size + 3) >> 2))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(
        size, "big"
    )


def _header(first: int, size: int, masked: int) -> bytes:
    if size < 126:
        return bytes((first, masked | size))
    return bytes((first, masked | 126, size >> 8, size & 0xFF))


@implementer(IPushProducer)
class _Writer:
    """Turns the transport's back-pressure into ``set_writable``."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def pauseProducing(self) -> None:
        self._driver.set_writable(False)

    def resumeProducing(self) -> None:
        self._driver.set_writable(True)

    def stopProducing(self) -> None:
        """The connection is lost; connectionLost follows."""


class _WebSocket:
    """What both roles do alike; mixed into autobahn's protocols."""

    driver: Driver
    # Of autobahn's protocol:
    state: int
    data: bytes
    current_frame: Any
    inside_message: bool
    transport: Any

    STATE_OPEN: int
    STATE_CLOSED: int

    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self.driver = driver
        self._kept: list[bytes] = []
        self._tail = b""

    @property
    def _autobahn(self) -> Any:  # noqa: ANN401 - the half of us that has no types
        return self

    # In

    def dataReceived(self, data: bytes) -> None:
        """Take a read: the short loop first, autobahn for all else."""
        if self._tail:
            data = self._tail + data
            self._tail = b""
        if (
            self.state == self.STATE_OPEN
            and not self.data
            and self.current_frame is None
            and not self.inside_message
        ):
            at, is_cut = self._take_small_frames(data)
            if at:
                data = data[at:]
            if is_cut:
                self._tail = data
                data = b""
        if data:
            super().dataReceived(data)  # type: ignore[misc] # autobahn's, by the MRO
        self.driver.turn()

    def _take_small_frames(self, data: bytes) -> tuple[int, bool]:
        """Take whole small text frames from the front.

        Returns:
            How many bytes were taken, and whether the rest is the beginning of
            another such frame.
        """
        raise NotImplementedError

    def onOpen(self) -> None:
        """The handshake is done."""
        # A server's transport still has the HTTP channel that it came from.
        self.transport.unregisterProducer()
        self.transport.registerProducer(_Writer(self.driver), True)
        self.driver.tell(WebSocketOpened())

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """A message came the long way; always within a read."""
        self.driver.tell_in_read(WebSocketMessage(payload, not isBinary))

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool | None:
        """Answer a close frame; then a client leaves too, without waiting.

        RFC 6455, 7.1.1, lets a client wait for the server to close the TCP
        connection first. A server that does not would keep us.
        """
        is_broken: bool | None = super().onCloseFrame(  # type: ignore[misc] # MRO
            code, reasonRaw
        )
        if not self._autobahn.factory.isServer:
            self._autobahn.dropConnection(abort=False)
        return is_broken

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """The WebSocket is gone, or never came about."""
        known = None if code in (NO_CODE, ABNORMAL) else code
        self.driver.tell(WebSocketClosed(known, reason or ""))

    # Out

    def send_message(self, data: bytes, *, is_text: bool) -> None:
        """Send one message; small ones are kept until ``flush``."""
        if self.state != self.STATE_OPEN:
            return
        if len(data) > SMALL:
            self.flush()
            self._autobahn.sendMessage(data, not is_text)
        else:
            self._kept.append(self._frame(_FIN_TEXT if is_text else _FIN_BINARY, data))

    def flush(self) -> None:
        """Write what was kept, in one piece."""
        if self._kept:
            kept, self._kept = self._kept, []
            self.transport.write(kept[0] if len(kept) == 1 else b"".join(kept))

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Begin the closing handshake; without a code its frame is empty."""
        self.flush()
        if self.state == self.STATE_OPEN:
            self._autobahn.sendCloseFrame(code, reason.encode()[:123] or None)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self.transport.unregisterProducer()
            self.transport.abortConnection()

    def pause_reading(self) -> None:
        """Take no more bytes from the peer."""
        if self.transport is not None:
            self.transport.pauseProducing()

    def resume_reading(self) -> None:
        """Take bytes again."""
        if self.transport is not None:
            self.transport.resumeProducing()

    def _frame(self, first: int, data: bytes) -> bytes:
        raise NotImplementedError


class ClientWebSocket(  # type: ignore[misc] # autobahn's own bases disagree
    _WebSocket, WebSocketClientProtocol
):
    """A client's WebSocket."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._masks = _Masks()

    def _take_small_frames(self, data: bytes) -> tuple[int, bool]:
        receive_text = self.driver.receive_text
        now = self.driver.now()
        at = 0
        size = len(data)
        while size - at >= 2 and data[at] == _FIN_TEXT:
            length = data[at + 1]
            if length < 126:
                start = at + 2
            elif length == 126:
                if size - at < 4:
                    return at, True
                length = data[at + 2] << 8 | data[at + 3]
                if length < 126:
                    return at, False
                start = at + 4
            else:
                return at, False
            end = start + length
            if end > size:
                return at, True
            receive_text(data[start:end], now=now)
            at = end
        return at, False

    def _frame(self, first: int, data: bytes) -> bytes:
        mask = self._masks.next()
        return _header(first, len(data), _MASKED) + mask + _xor(data, mask)


class ServerWebSocket(  # type: ignore[misc] # autobahn's own bases disagree
    _WebSocket, WebSocketServerProtocol
):
    """A server's WebSocket."""

    def onConnect(self, request: ConnectionRequest) -> None:
        """Accept: the resource has looked at the request."""

    def _take_small_frames(self, data: bytes) -> tuple[int, bool]:
        receive_text = self.driver.receive_text
        now = self.driver.now()
        at = 0
        size = len(data)
        while size - at >= 2 and data[at] == _FIN_TEXT:
            length = data[at + 1] ^ _MASKED
            if length < 126:
                start = at + 6
            elif length == 126:
                if size - at < 4:
                    return at, True
                length = data[at + 2] << 8 | data[at + 3]
                if length < 126:
                    return at, False
                start = at + 8
            else:
                return at, False
            end = start + length
            if end > size:
                return at, True
            receive_text(_xor(data[start:end], data[start - 4 : start]), now=now)
            at = end
        return at, False

    def _frame(self, first: int, data: bytes) -> bytes:
        return _header(first, len(data), 0) + data


class ClientFactory(WebSocketClientFactory):
    """Builds the one WebSocket of one driver.

    Args:
        clock: the reactor, for autobahn's signature; no timer of it is used.
        url: ``ws`` or ``wss`` URL with path and query.
        driver: runs the connection.
        max_frame: largest message accepted (bytes).
    """

    noisy = False

    def __init__(
        self, clock: IReactorTime, url: str, driver: Driver, *, max_frame: int
    ) -> None:
        super().__init__(url=url, useragent=None, reactor=clock)
        self._driver = driver
        self.setProtocolOptions(
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            serverConnectionDropTimeout=0,
            autoPingInterval=0,
            autoPingTimeout=0,
            maxFramePayloadSize=max_frame,
            maxMessagePayloadSize=max_frame,
            failByDrop=False,
            tcpNoDelay=True,
        )

    def buildProtocol(self, addr: IAddress | None) -> ClientWebSocket:
        """Build the WebSocket."""
        websocket = ClientWebSocket(self._driver)
        websocket.factory = self
        self._driver.attach(websocket)
        return websocket


class ServerFactory(WebSocketServerFactory):
    """Builds a server's WebSockets, each for the driver that was named before.

    Args:
        clock: the reactor, for autobahn's signature; no timer of it is used.
        max_frame: largest message accepted (bytes).
    """

    noisy = False

    def __init__(self, clock: IReactorTime, *, max_frame: int) -> None:
        super().__init__(reactor=clock)
        self.next_driver: Driver | None = None
        self.setProtocolOptions(
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            autoPingInterval=0,
            autoPingTimeout=0,
            maxFramePayloadSize=max_frame,
            maxMessagePayloadSize=max_frame,
            failByDrop=False,
            tcpNoDelay=True,
        )

    def buildProtocol(self, addr: IAddress | None) -> ServerWebSocket:
        """Build the WebSocket of ``next_driver``."""
        if self.next_driver is None:
            raise LocalProtocolError("nobody waits for a WebSocket")
        driver, self.next_driver = self.next_driver, None
        websocket = ServerWebSocket(driver)
        websocket.factory = self
        driver.attach(websocket)
        return websocket
