"""The ``/socket.io/`` resource of a server: checks the request, hands the socket on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qsl

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request
from twisted.web.resource import IResource
from zope.interface import implementer

from ..wire.dialect_socketio import server_connection
from ..wire.engineio import refuse_request
from ..wire.limits import MAX_FRAME_BYTES
from ..wire.socketio_connection import SocketIOConnection
from .driver import Driver, DriverUser
from .factories import ServerFactory

__all__ = ["MAX_CONNECTIONS", "ServedConnection", "SocketIOResource"]

#: Most clients at once; each may hold one frame of the largest size in memory.
MAX_CONNECTIONS = 10_000


class ServedConnection(DriverUser, Protocol):
    """What a server does with one client."""

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection; occurrences follow."""


@implementer(IResource)
class SocketIOResource:
    """Serves Engine.IO 3 over WebSocket; hang it under ``socket.io``.

    Args:
        clock: for deadlines.
        serve: is given the decoded query of the URL, and gives who serves it.
        new_sid: gives ids of connections, hard to guess.
        ping_interval_ms: how often clients ping.
        ping_timeout_ms: how long a pong may take.
        max_frame: largest message accepted (bytes).
        max_connections: most clients at once.
    """

    isLeaf = True

    def __init__(
        self,
        clock: IReactorTime,
        serve: Callable[[dict[str, str]], ServedConnection],
        *,
        new_sid: Callable[[], str],
        ping_interval_ms: int = 25000,
        ping_timeout_ms: int = 20000,
        max_frame: int = MAX_FRAME_BYTES,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._clock = clock
        self._serve = serve
        self._new_sid = new_sid
        self._ping_interval_ms = ping_interval_ms
        self._ping_timeout_ms = ping_timeout_ms
        self._max_frame = max_frame
        self._max_connections = max_connections
        self._factory = ServerFactory(clock, max_frame=max_frame)
        self._handover = WebSocketResource(self._factory)
        self.drivers: set[Driver] = set()

    def getChildWithDefault(self, name: bytes, request: Request) -> SocketIOResource:
        """Everything below is the same resource."""
        return self

    def putChild(self, path: bytes, child: IResource) -> None:
        """There are no children."""
        raise ValueError("the /socket.io/ resource has no children")

    def render(self, request: Request) -> bytes | int:
        """Refuse the request, or turn its connection into a WebSocket."""
        path, _, search = request.uri.partition(b"?")
        query = dict(parse_qsl(search.decode("latin-1"), keep_blank_values=True))
        refusal = refuse_request(
            query, request.method.decode("latin-1"), transports=("websocket",)
        )
        upgrade = request.getHeader(b"upgrade") or b""
        result: bytes | int
        if refusal is not None:
            result = _answer(request, refusal.status, refusal.body)
        elif upgrade.lower() != b"websocket":
            result = _answer(request, 400, b'{"code":3,"message":"Bad request"}')
        elif len(self.drivers) >= self._max_connections:
            result = _answer(request, 503, b'{"message":"Too many connections"}')
        else:
            self._begin(query)
            result = self._handover.render(request)
        # The query may hold an auth key, and a site logs what is left here.
        request.uri = path
        return result

    def close_all(self) -> None:
        """Leave every client in good order."""
        for driver in list(self.drivers):
            driver.close()

    def drop_all(self) -> None:
        """Drop every client at once, as a process that dies would."""
        for driver in list(self.drivers):
            driver.drop()

    def _begin(self, query: dict[str, str]) -> None:
        served = self._serve(query)
        connection = server_connection(
            self._new_sid(),
            ping_interval_ms=self._ping_interval_ms,
            ping_timeout_ms=self._ping_timeout_ms,
            max_frame=self._max_frame,
        )
        driver = Driver(self._clock, connection, served)
        self.drivers.add(driver)
        driver.when_over = lambda: self.drivers.discard(driver)
        served.begin(driver, connection)
        self._factory.next_driver = driver
        driver.start()


def _answer(request: Request, status: int, body: bytes) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"application/json")
    return body
