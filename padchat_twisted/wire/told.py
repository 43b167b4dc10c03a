"""What a connection is told, and what it asks for.

A connection of this room has no transport. Its driver tells it what happened and
carries out what it asks for; see ``docs/design/0001-connections.md``. No ``repr``
shows what a message says.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..errors import PadChatError, RemoteProtocolError

__all__ = [
    "TOO_BIG",
    "Asked",
    "CloseWebSocket",
    "Closed",
    "HttpFailed",
    "HttpRequest",
    "HttpResponse",
    "Lost",
    "OpenWebSocket",
    "PingWebSocket",
    "Role",
    "SendWebSocket",
    "Told",
    "WebSocketClosed",
    "WebSocketHeard",
    "WebSocketMessage",
    "WebSocketOpened",
    "too_large",
]

#: Close code for a message over the limit. Source: RFC 6455, 7.4.1.
TOO_BIG = 1009


class Role(Enum):
    """Which side of a connection we are."""

    CLIENT = "client"
    SERVER = "server"


class HttpRequest(Struct, frozen=True):
    """A request of long polling: told to a server, asked for by a client."""

    id: int
    method: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<HttpRequest {self.id} {self.method}: {len(self.body)} bytes>"


class HttpResponse(Struct, frozen=True):
    """The answer to the request with the same id."""

    id: int
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<HttpResponse {self.id} {self.status}: {len(self.body)} bytes>"


class HttpFailed(Struct, frozen=True):
    """The request with this id got no answer, or its sender gave it up.

    Args:
        id: of the request.
        reason: what happened.
        error: the exception behind it, when a client's driver knows one.
    """

    id: int
    reason: str
    error: PadChatError | None = None


class WebSocketOpened(Struct, frozen=True):
    """The WebSocket handshake is done."""


class WebSocketMessage(Struct, frozen=True, gc=False):
    """A whole WebSocket message arrived."""

    data: bytes
    is_text: bool

    def __repr__(self) -> str:
        return f"<WebSocketMessage: {len(self.data)} bytes, text: {self.is_text}>"


class WebSocketHeard(Struct, frozen=True):
    """A sign of life that is no message: a pong, or a part of a large message."""


class WebSocketClosed(Struct, frozen=True):
    """The WebSocket is gone.

    Args:
        code: close code of the peer, None when its frame had none or none came.
        reason: text of the close frame, or of the transport.
        error: the exception behind it, when the driver knows one.
    """

    code: int | None = None
    reason: str = ""
    error: PadChatError | None = None

    @property
    def detail(self) -> str:
        """Code and reason, for people; empty when there is neither."""
        code = f"code {self.code}" if self.code else ""
        return " ".join(part for part in (code, self.reason) if part)


class Lost(Struct, frozen=True):
    """The driver gives the connection up, for example since connecting failed."""

    error: PadChatError


class OpenWebSocket(Struct, frozen=True):
    """Open a WebSocket to the peer.

    Args:
        query: pairs of its URL.
    """

    query: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        # The query may hold an auth key.
        return f"<OpenWebSocket: {len(self.query)} pairs>"


class SendWebSocket(Struct, frozen=True, gc=False):
    """Send one WebSocket message."""

    data: bytes
    is_text: bool

    def __repr__(self) -> str:
        return f"<SendWebSocket: {len(self.data)} bytes, text: {self.is_text}>"


class PingWebSocket(Struct, frozen=True):
    """Send a ping of WebSocket. Source: RFC 6455, 5.5.2."""


class CloseWebSocket(Struct, frozen=True):
    """Begin the closing handshake; without a code the close frame has no body."""

    code: int | None = None
    reason: str = ""


class Closed(Struct, frozen=True):
    """The connection is over; asked for once, as the last action.

    The driver drops whatever transport is still there.

    Args:
        reason: as Socket.IO names it, for example ``ping timeout``.
        error: the exception behind it, None after a close in good order.
    """

    reason: str
    error: PadChatError | None = None


def too_large(data: bytes, limit: int) -> RemoteProtocolError:
    """Make the error of a message over the limit (bytes); it ends in ``TOO_BIG``."""
    size = f"{len(data)} bytes; the limit is {limit}"
    return RemoteProtocolError("websocket", f"a message of {size}")


Told = (
    HttpRequest
    | HttpResponse
    | HttpFailed
    | WebSocketOpened
    | WebSocketMessage
    | WebSocketHeard
    | WebSocketClosed
    | Lost
)
Asked = (
    HttpRequest
    | HttpResponse
    | OpenWebSocket
    | SendWebSocket
    | PingWebSocket
    | CloseWebSocket
    | Closed
)
