"""autobahn's WebSocket protocols for both roles: their handshakes.

A client's handshake is written as the clients for Node write it, and what a server
answers in place of a WebSocket is read here, for the reason is in it. autobahn looks
at a good answer, and does the whole handshake of a server.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Sequence

from autobahn.twisted.websocket import (
    WebSocketClientProtocol,
    WebSocketServerProtocol,
)
from autobahn.websocket.types import ConnectionRequest
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from ..errors import ConnectError, HandshakeRefused, quoted
from ..wire.told import SendWebSocket
from .driver import Driver
from .frames import (
    MASKED,
    client_frame,
    client_frames,
    masks,
    server_frame,
    server_frames,
)
from .framing import Framing
from .http_answer import (
    END_OF_HEAD,
    HTTP_SIGN,
    MAX_HEAD_BYTES,
    HttpAnswer,
    as_text,
    is_http,
    is_switching,
)
from .resting import Resting

__all__ = ["MAX_HEAD_BYTES", "ClientWebSocket", "ServerWebSocket"]

#: First byte of a record of TLS that is an alert. Source: RFC 8446, 5.1 and 6.
_TLS_ALERT = 0x15

#: Characters that are repeated of what does not speak HTTP: its greeting.
MAX_SAID = 60

#: Of all connections: a pool of its own would be most of what one that waits takes.
_masks = masks()

_TOO_LONG = f"an HTTP head of more than {MAX_HEAD_BYTES} bytes"
_NOT_UTF8 = "an HTTP head that is not UTF-8"


class ClientWebSocket(  # type: ignore[misc,override] # autobahn's own bases disagree
    Framing, Resting, WebSocketClientProtocol
):
    """A client's WebSocket.

    Args:
        driver: runs the connection.
        hide: takes secrets out of a text of the peer.
    """

    mask_bit = 0
    _begun = b""
    _answer: HttpAnswer | None = None

    def __init__(self, driver: Driver, hide: Callable[[str], str] = str) -> None:
        super().__init__(driver, hide)
        self.is_new = True

    def startHandshake(self) -> None:
        """Send the HTTP head, its lines in the order of the clients for Node.

        Source: vectors ``*-ws-*`` (ws 7.5 and 8); RFC 6455, 4.1.
        """
        self.websocket_key = b64encode(os.urandom(16))
        factory = self._autobahn.factory
        lines = [
            f"GET {factory.resource} HTTP/1.1",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {self.websocket_key.decode()}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            *(f"{name}: {value}" for name, value in factory.more_headers),
        ]
        offers = self._autobahn.perMessageCompressionOffers
        if offers:
            offered = ", ".join(offer.get_extension_string() for offer in offers)
            lines.append(f"Sec-WebSocket-Extensions: {offered}")
        if factory.protocols:
            lines.append(f"Sec-WebSocket-Protocol: {','.join(factory.protocols)}")
        lines += [f"Host: {factory.host_header}", "", ""]
        self.transport.write("\r\n".join(lines).encode())

    def _look_at_first(self, data: bytes) -> bytes:
        """Look at what comes before the first frame; return the frames.

        A server of socket.io 4 that does not want our revision says 101, and then an
        answer of HTTP in place of frames. Source: vector
        eio3on4-ws-unsupported-protocol.
        """
        if self._answer is not None:
            self._take_answer(self._answer, data)
            return b""
        begun = self._begun + data
        if self.state == self.STATE_CONNECTING:
            if not is_http(begun):
                self._begun = b""
                self.failHandshake(_what_else(begun, self._hide))
                return b""
            head, end, rest = begun.partition(END_OF_HEAD)
            if len(head) + len(end) > MAX_HEAD_BYTES:
                self._begun = b""
                self.failHandshake(_TOO_LONG)
                return b""
            if not end:
                self._begun = begun
                return b""
            if not is_switching(head):
                self._take_answer(HttpAnswer("instead of a WebSocket"), begun)
                return b""
            self._begun = b""
            try:
                self._take_head(head + end)
            except UnicodeDecodeError:
                self.failHandshake(_NOT_UTF8)
            begun = rest
        if self.state == self.STATE_CLOSED or not begun:
            return b""
        if not is_http(begun):
            self.is_new = False
            self._begun = b""
            self.rest()
            self._autobahn.factory.forget()
            return begun
        self._begun = begun
        if len(begun) >= len(HTTP_SIGN):
            self._take_answer(HttpAnswer("after 101"), begun)
        return b""

    def _take_answer(self, answer: HttpAnswer, data: bytes) -> None:
        """Take bytes of an answer of HTTP; leave when it is whole."""
        self._answer = answer
        answer.take(data)
        if answer.is_whole and self._error is None:
            self._refused(answer)
            super().failHandshake(self._autobahn.wasNotCleanReason)

    def _refused(self, answer: HttpAnswer) -> None:
        error = answer.error(self._autobahn.factory.place, self._hide)
        self._error = error
        self._autobahn.wasNotCleanReason = error.problem

    def failHandshake(self, reason: str) -> None:
        """End: the answer is wrong; what was wrong is autobahn's word or ours."""
        problem = quoted(self._hide(reason))
        place = self._autobahn.factory.place
        self._error = HandshakeRefused(place, problem, hop="HTTP")
        super().failHandshake(reason)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The transport is gone; before the first frame there is more to say."""
        error = reason.value
        if self.is_new and self._error is None:
            if self._answer is not None:
                self._refused(self._answer)
            elif isinstance(error, ConnectError):
                self._error = error
            elif isinstance(error, SSL.Error | VerificationError):
                # An endpoint of ours says it better, and before we are built.
                problem = f"{type(error).__name__}: {error}"
                place = self._autobahn.factory.place
                self._error = ConnectError(place, problem, hop="TLS")
        super().connectionLost(reason)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """The WebSocket is gone; when many go at once, it is told in a later turn."""
        close = super().onClose
        self._autobahn.factory.losses.tell(lambda: close(wasClean, code, reason))

    def _frame(self, first: int, data: bytes) -> bytes:
        return client_frame(first, data, next(_masks))

    def _frames(self, messages: Sequence[SendWebSocket]) -> list[bytes]:
        return client_frames(messages, _masks)


def _what_else(begun: bytes, hide: Callable[[str], str]) -> str:
    if begun[0] == _TLS_ALERT:
        return "it speaks TLS: the URL must begin with https"
    # Hidden before it is cut: half a secret would not be found.
    said = hide(as_text(begun))[:MAX_SAID]
    return f"what answered does not speak HTTP: {said!r}"


class ServerWebSocket(  # type: ignore[misc] # autobahn's own bases disagree
    Framing, WebSocketServerProtocol
):
    """A server's WebSocket.

    Args:
        driver: runs the connection.
        hide: takes secrets out of a text of the peer.
    """

    mask_bit = MASKED

    def onConnect(self, request: ConnectionRequest) -> None:
        """Accept: the resource has looked at the request."""

    def _take_head(self, data: bytes) -> None:
        """Take bytes of the HTTP head, and what follows it."""
        begun = self.data + data
        if len(begun) > MAX_HEAD_BYTES and END_OF_HEAD not in begun[:MAX_HEAD_BYTES]:
            self._autobahn.failHandshake(_TOO_LONG)
            return
        try:
            super()._take_head(data)
        except UnicodeDecodeError:
            self._autobahn.failHandshake(_NOT_UTF8)

    def _frame(self, first: int, data: bytes) -> bytes:
        return server_frame(first, data)

    def _frames(self, messages: Sequence[SendWebSocket]) -> list[bytes]:
        return server_frames(messages)
