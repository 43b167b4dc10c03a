"""autobahn's WebSocket protocols for both roles: frames, nothing else.

autobahn keeps the handshake, control frames, fragments, unmasking of large frames
and limits. Beside it, a short loop reads the common case, whole text frames of up to
64 KiB, and messages are framed here. What that looks at in autobahn's protocol is
private; ``test_pins.py`` pins it, and ``docs/design/0006-transport.md`` lists it.

autobahn's own timers run on the global reactor, so all of them are off; deadlines
are the connection's. Its limits are on, and a broken rule closes with a code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from autobahn.util import encode_truncate
from autobahn.websocket.types import ConnectionRequest
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress, IPushProducer, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from txaio.tx import make_logger
from zope.interface import implementer

from ..errors import LocalProtocolError, RemoteProtocolError, quoted
from ..wire.told import WebSocketClosed, WebSocketMessage, WebSocketOpened
from .driver import Driver
from .frames import (
    FIN_BINARY,
    FIN_TEXT,
    MASKED,
    Masks,
    client_frame,
    server_frame,
    xor,
)

__all__ = [
    "ClientFactory",
    "ClientWebSocket",
    "ServerFactory",
    "ServerWebSocket",
]

#: Most bytes of an HTTP head: as much as Node's HTTP client takes of one.
MAX_HEAD_BYTES = 16 * 1024

#: The end of an HTTP head.
_END = b"\r\n\r\n"

#: Close code for "the peer goes away", autobahn's default. Source: RFC 6455, 7.4.1.
GOING_AWAY = 1001


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
    """What both roles do alike; mixed into autobahn's protocols.

    Args:
        driver: runs the connection.
        hide: takes secrets out of a text of the peer.
    """

    #: autobahn's log tells what peers say, and the auth key in the URL.
    log = make_logger(level="none")

    # Of autobahn's protocol:
    state: int
    data: bytes
    current_frame: Any
    inside_message: bool
    transport: Any

    STATE_CONNECTING: int
    STATE_OPEN: int
    STATE_CLOSED: int

    def __init__(self, driver: Driver, hide: Callable[[str], str] = str) -> None:
        super().__init__()
        self.driver = driver
        self._hide = hide
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
        if self.state == self.STATE_OPEN:
            if not self.data and self.current_frame is None and not self.inside_message:
                at, is_cut = self._take_small_frames(data)
                if at:
                    data = data[at:]
                if is_cut:
                    self._tail = data
                    data = b""
            if data:
                super().dataReceived(data)  # type: ignore[misc] # by the MRO
        elif self.state == self.STATE_CONNECTING:
            self._take_head(data)
        elif self.state != self.STATE_CLOSED:
            super().dataReceived(data)  # type: ignore[misc] # by the MRO
        self.driver.turn()

    def _take_head(self, data: bytes) -> None:
        """Take bytes of the HTTP head, and what follows it."""
        begun = self.data + data
        if len(begun) > MAX_HEAD_BYTES and _END not in begun[:MAX_HEAD_BYTES]:
            self._autobahn.failHandshake(
                f"an HTTP head of more than {MAX_HEAD_BYTES} bytes"
            )
            return
        try:
            super().dataReceived(data)  # type: ignore[misc] # by the MRO
        except UnicodeDecodeError:
            self._autobahn.failHandshake("an HTTP head that is not UTF-8")

    def _take_small_frames(self, data: bytes) -> tuple[int, bool]:
        """Take whole small text frames from the front.

        Returns:
            How many bytes were taken, and whether the rest is the beginning of
            another such frame.
        """
        raise NotImplementedError

    def onOpen(self) -> None:
        """The handshake is done."""
        if self._autobahn.factory.isServer:
            # The transport still has the HTTP channel that it came from.
            self.transport.unregisterProducer()
        # autobahn's own option does nothing: it is read before it is set. And not
        # every transport is TCP.
        with suppress(AttributeError, OSError):
            self.transport.setTcpNoDelay(True)
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

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The transport is gone; what TLS found wrong is the reason."""
        if not isinstance(error := reason.value, ConnectionDone | ConnectionLost):
            self._autobahn.wasNotCleanReason = f"{type(error).__name__}: {error}"
        super().connectionLost(reason)  # type: ignore[misc] # by the MRO

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """The WebSocket is gone, or never came about."""
        if not wasClean:
            # Then autobahn's code stands for "no close frame", and its text is wordy.
            code, reason = None, self._autobahn.wasNotCleanReason
        text = quoted(self._hide(reason or ""))
        self.driver.tell(WebSocketClosed(code, text))

    def _fail_connection(
        self, code: int = GOING_AWAY, reason: str = "going away"
    ) -> None:
        """The peer broke a rule: close with a code, and say so above at once."""
        super()._fail_connection(code, reason)  # type: ignore[misc] # by the MRO
        self.driver.fail_in_read(RemoteProtocolError("websocket", reason))

    # Out

    def send_message(self, data: bytes, *, is_text: bool) -> None:
        """Send one message; it is kept until ``flush``."""
        if self.state == self.STATE_OPEN:
            self._kept.append(self._frame(FIN_TEXT if is_text else FIN_BINARY, data))

    def flush(self) -> None:
        """Write what was kept, in one piece."""
        if self._kept:
            kept, self._kept = self._kept, []
            self.transport.write(kept[0] if len(kept) == 1 else b"".join(kept))

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Begin the closing handshake; without a code its frame is empty."""
        self.flush()
        if self.state == self.STATE_OPEN:
            # A reason needs a code, and a control frame has at most 125 bytes.
            text = None if code is None else encode_truncate(reason, 123)
            self._autobahn.sendCloseFrame(code, text)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self._autobahn.unregisterProducer()
            self._autobahn._closeConnection(abort=True)

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

    def __init__(self, driver: Driver, hide: Callable[[str], str] = str) -> None:
        super().__init__(driver, hide)
        self._masks = Masks()

    def _take_small_frames(self, data: bytes) -> tuple[int, bool]:
        receive_text = self.driver.receive_text
        now = self.driver.now()
        at = 0
        size = len(data)
        while size - at >= 2 and data[at] == FIN_TEXT:
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
        return client_frame(first, data, self._masks.next())


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
        while size - at >= 2 and data[at] == FIN_TEXT:
            length = data[at + 1] ^ MASKED
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
            receive_text(xor(data[start:end], data[start - 4 : start]), now=now)
            at = end
        return at, False

    def _frame(self, first: int, data: bytes) -> bytes:
        return server_frame(first, data)


def _options(max_frame: int) -> dict[str, Any]:
    """Return autobahn's options: no timers, but limits, and codes at a close."""
    return {
        "openHandshakeTimeout": 0,
        "closeHandshakeTimeout": 0,
        "autoPingInterval": 0,
        "autoPingTimeout": 0,
        "maxFramePayloadSize": max_frame,
        "maxMessagePayloadSize": max_frame,
        "failByDrop": False,
    }


class ClientFactory(WebSocketClientFactory):
    """Builds the one WebSocket of one driver.

    Args:
        clock: the reactor, for autobahn's signature; no timer of it is used.
        url: ``ws`` or ``wss`` URL with path and query.
        driver: runs the connection.
        max_frame: largest message accepted (bytes).
        hide: takes secrets out of a text of the peer.
    """

    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        url: str,
        driver: Driver,
        *,
        max_frame: int,
        hide: Callable[[str], str] = str,
    ) -> None:
        super().__init__(url=url, useragent=None, reactor=clock)
        if ":" in self.host:
            # It stands in the Host header only, and an IPv6 address needs these.
            self.host = f"[{self.host}]"
        self._driver = driver
        self._hide = hide
        self.setProtocolOptions(serverConnectionDropTimeout=0, **_options(max_frame))

    def buildProtocol(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the WebSocket; None when it comes too late."""
        if self._driver.is_over:
            return None
        websocket = ClientWebSocket(self._driver, self._hide)
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
        self.setProtocolOptions(**_options(max_frame))

    def buildProtocol(self, addr: IAddress | None) -> ServerWebSocket:
        """Build the WebSocket of ``next_driver``."""
        if self.next_driver is None:
            raise LocalProtocolError("nobody waits for a WebSocket")
        driver, self.next_driver = self.next_driver, None
        websocket = ServerWebSocket(driver)
        websocket.factory = self
        driver.attach(websocket)
        return websocket
