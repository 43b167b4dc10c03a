"""HTTP spoken by hand to a site in memory, and who serves there."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import Site

from padchat_twisted.errors import PadChatError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.resource import FirstRequest, SocketIOResource
from padchat_twisted.transport.site import BoundedSite
from padchat_twisted.wire.limits import MAX_FRAME_BYTES
from padchat_twisted.wire.occurrences import (
    NamespaceRequested,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection

from .by_hand import TEXT, Frame, frame, read_frames
from .in_memory import MemoryTransport

#: What a client sends to have a WebSocket.
UPGRADE = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)

NO_BODY = (101, 204, 304)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the values of a header, joined; None without one."""
        values = [v for key, v in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def inflated(self) -> bytes:
        """The body as it was before it was compressed."""
        match self.header("content-encoding"):
            case "gzip":
                return gzip.decompress(self.body)
            case "deflate":
                return zlib.decompress(self.body)
            case _:
                return self.body


@dataclass
class Tcp:
    """One TCP connection to a site."""

    site: Site
    transport: MemoryTransport = field(default_factory=MemoryTransport)
    is_websocket: bool = False

    def __post_init__(self) -> None:
        self._unread = b""
        self._asked: list[str] = []
        channel: Any = self.site.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1))
        # As TCP has it; a WebSocket takes this place.
        transport: Any = self.transport
        transport.protocol = channel
        channel.makeConnection(self.transport)

    @property
    def protocol(self) -> Any:  # noqa: ANN401 - twisted.web's has no types
        """Who hears this connection."""
        transport: Any = self.transport
        return transport.protocol

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection is over."""
        if self.transport.connected:
            self.protocol.dataReceived(data)

    def ask(
        self,
        target: str,
        body: bytes | None = None,
        *,
        method: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Send a request: POST with a body, else GET."""
        method = method or ("GET" if body is None else "POST")
        lines = [f"{method} {target} HTTP/1.1"]
        names = {name.lower() for name, _ in headers}
        if "host" not in names:
            lines.append("Host: localhost")
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join((*lines, "", "")).encode()
        self._asked.append(method)
        self.write(head + (body or b""))

    def answers(self) -> list[Answer]:
        """Take the answers that came since."""
        self._unread += self.transport.taken()
        found = []
        while not self.is_websocket and b"\r\n\r\n" in self._unread:
            head, _, rest = self._unread.partition(b"\r\n\r\n")
            status_line, *lines = head.decode().split("\r\n")
            headers = tuple(
                (name, value.strip())
                for name, _, value in (line.partition(":") for line in lines)
            )
            answer = Answer(int(status_line.split()[1]), headers, b"")
            method = self._asked.pop(0) if self._asked else ""
            size = int(answer.header("content-length") or 0)
            if answer.status in NO_BODY or method == "HEAD":
                size = 0
            assert answer.header("transfer-encoding") is None, "nothing is chunked"
            assert len(rest) >= size, "answers are written whole"
            found.append(Answer(answer.status, headers, rest[:size]))
            self._unread = rest[size:]
            self.is_websocket = answer.status == 101
        return found

    def get(self, target: str, body: bytes | None = None, **how: Any) -> Answer:  # noqa: ANN401
        """Send a request, and take its answer."""
        self.ask(target, body, **how)
        (answer,) = self.answers()
        return answer

    def say(self, *texts: bytes) -> None:
        """Send text frames."""
        for text in texts:
            self.write(frame(TEXT, text, is_client=True))

    def frames(self) -> list[Frame]:
        """Take the frames that came since."""
        data, self._unread = self._unread + self.transport.taken(), b""
        return read_frames(data)

    def hear(self) -> list[bytes]:
        """Take the payloads of the frames that came since."""
        return [one.payload for one in self.frames()]

    def lose(self) -> None:
        """Drop the connection."""
        self.transport.disconnecting = True
        self.finish()

    def finish(self) -> None:
        """End the connection if the server wants that."""
        self.transport.finish(self.protocol)


class Served:
    """Serves one client: lets it in everywhere, and echoes its events."""

    def __init__(self, first: FirstRequest) -> None:
        self.first = first
        self.seen: list[SocketOccurrence] = []
        self.closed_with: list[tuple[str, PadChatError | None]] = []
        self.driver: Driver
        self.connection: SocketIOConnection

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self.driver = driver
        self.connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Let it in, and answer."""
        for occurrence in occurrences:
            self.seen.append(occurrence)
            if isinstance(occurrence, NamespaceRequested):
                self.connection.accept(occurrence.namespace, "socket1")
            elif isinstance(occurrence, SocketEvent):
                self.connection.emit(occurrence.namespace, occurrence.body)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note it."""
        self.closed_with.append((reason, error))

    def push(self, body: bytes, namespace: str = "/") -> None:
        """Send an event."""
        self.connection.emit(namespace, body)
        self.driver.turn()


class Server:
    """The resource on a bounded site; its sids are ``sid1``, ``sid2``, ...

    Args:
        clock: of the site and of all connections.
        serve: who serves a client.
        max_body: of the site (bytes).
        options: of the resource.
    """

    def __init__(
        self,
        clock: IReactorTime,
        serve: Callable[[FirstRequest], Any] = Served,
        *,
        max_body: int = MAX_FRAME_BYTES,
        **options: Any,  # noqa: ANN401 - those of SocketIOResource
    ) -> None:
        self.served: list[Any] = []
        self.sids: list[str] = []
        self._serve_one = serve
        self.sockets = SocketIOResource(
            clock, self._serve, new_sid=self._new_sid, **options
        )
        root = Resource()
        root.putChild(b"socket.io", self.sockets)
        self.site = BoundedSite(root, reactor=clock, max_body=max_body)

    def connect(self) -> Tcp:
        """Open a TCP connection."""
        return Tcp(self.site)

    def get(self, target: str, body: bytes | None = None, **how: Any) -> Answer:  # noqa: ANN401
        """Make a request over a TCP connection of its own."""
        tcp = self.connect()
        answer = tcp.get(target, body, **how)
        tcp.lose()
        return answer

    def _serve(self, first: FirstRequest) -> Any:  # noqa: ANN401 - the test's
        served = self._serve_one(first)
        self.served.append(served)
        return served

    def _new_sid(self) -> str:
        return self.sids.pop(0) if self.sids else f"sid{len(self.served)}"
