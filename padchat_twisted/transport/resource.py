"""The ``/socket.io/`` resource of a server: polling, WebSocket, and the way between.

The table of sids is here. What a request may do to a connection is the connection's
to say, as soon as it is clear which one it is for.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from autobahn.twisted.resource import WebSocketResource
from msgspec import Struct
from msgspec.structs import replace
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from zope.interface import implementer

from ..wire import json_text
from ..wire.engineio import (
    EIO3,
    EIO4,
    Handshake,
    HttpError,
    Revision,
    http_error,
    refuse_known,
    refuse_request,
    revision_of,
)
from ..wire.engineio_connection import EngineIOConnection
from ..wire.limits import MAX_BUFFERED_BYTES, MAX_FRAME_BYTES, OPEN_TIMEOUT
from ..wire.socketio_connection import SocketIOConnection
from ..wire.told import HttpResponse, Role
from .cors import Cors
from .driver import Driver, DriverUser
from .factories import ServerFactory
from .polling_server import (
    WaitingRequests,
    answer,
    asks_for_websocket,
    body_size,
    set_headers,
)

__all__ = [
    "MAX_CONNECTIONS",
    "FirstRequest",
    "Forbidden",
    "ServedConnection",
    "SocketIOResource",
]

#: Most clients at once; each may hold one frame of the largest size in memory. One
#: that only shook hands and never polls counts until its heartbeat is missed.
MAX_CONNECTIONS = 10_000

_TOO_MANY = HttpResponse(
    0,
    503,
    (("Content-Type", "application/json"),),
    b'{"message":"Too many connections"}',
)


@dataclass(frozen=True)
class FirstRequest:
    """The request by which a client comes.

    Args:
        query: of the URL, decoded.
        headers: by their names in lower case; what was sent several times is joined,
            as Node does it.
        address: of who sent it, which may be a proxy; empty where it has none.
    """

    query: dict[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    address: str


class Forbidden(Exception):
    """Refuses a client before it has a connection.

    Args:
        message: what it is told.
    """


class ServedConnection(DriverUser, Protocol):
    """What a server does with one client."""

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection; occurrences follow."""


@dataclass(frozen=True, eq=False)
class _Session:
    """One connection, by its sid."""

    driver: Driver
    revision: Revision
    waiting: WaitingRequests


class _Asked(Struct, frozen=True):
    """What a request asks for."""

    method: str
    pairs: tuple[tuple[str, str], ...]
    query: dict[str, str]
    is_websocket: bool

    @property
    def names_websocket(self) -> bool:
        """Whether the query says so, too."""
        return self.query.get("transport") == "websocket"


@implementer(IResource)
class SocketIOResource:
    """Serves Engine.IO over long polling and WebSocket; hang it under ``socket.io``.

    Put it on a ``transport.site.BoundedSite``: ``twisted.web`` reads whole bodies, of
    any size, before a resource sees a request.

    Args:
        clock: for deadlines.
        serve: is given the first request of a client, and gives who serves it; it may
            raise ``Forbidden``.
        new_sid: gives ids of connections, hard to guess.
        ping_interval_ms: how often a sign of life is asked for.
        ping_timeout_ms: how long it may take.
        max_frame: largest message, and largest body of a POST, accepted (bytes).
        max_buffered: most bytes that wait for a client that does not read.
        max_connections: most clients at once.
        revisions: of Engine.IO, those that are spoken.
        transports: that are offered.
        join_timeout: time for a client of EIO4 to be in a namespace (seconds).
        cors: what browsers let pages of other origins do; None for nothing.
        cookie: name of a cookie with the sid, for a load balancer that sends all
            requests of a client to one process; None for none.
    """

    isLeaf = True

    def __init__(
        self,
        clock: IReactorTime,
        serve: Callable[[FirstRequest], ServedConnection],
        *,
        new_sid: Callable[[], str],
        ping_interval_ms: int = 25000,
        ping_timeout_ms: int = 20000,
        max_frame: int = MAX_FRAME_BYTES,
        max_buffered: int = MAX_BUFFERED_BYTES,
        max_connections: int = MAX_CONNECTIONS,
        revisions: frozenset[Revision] = frozenset({EIO3}),
        transports: tuple[str, ...] = ("polling", "websocket"),
        join_timeout: float = OPEN_TIMEOUT,
        cors: Cors | None = None,
        cookie: str | None = None,
    ) -> None:
        self._clock = clock
        self._serve = serve
        self._new_sid = new_sid
        self._handshake = Handshake("", (), ping_interval_ms, ping_timeout_ms)
        self._max_frame = max_frame
        self._max_buffered = max_buffered
        self._max_connections = max_connections
        self._revisions = revisions
        self._transports = transports
        self._join_timeout = join_timeout
        self._cors = cors
        self._cookie = cookie
        self._factory = ServerFactory(clock, max_frame=max_frame)
        self._handover = WebSocketResource(self._factory)
        self._sessions: dict[str, _Session] = {}

    @property
    def drivers(self) -> set[Driver]:
        """Those of the clients that are here."""
        return {session.driver for session in self._sessions.values()}

    def getChildWithDefault(self, name: bytes, request: Request) -> SocketIOResource:
        """Everything below is the same resource."""
        return self

    def putChild(self, path: bytes, child: IResource) -> None:
        """There are no children."""
        raise ValueError("the /socket.io/ resource has no children")

    def render(self, request: Request) -> int:
        """Answer the request, have it wait, or turn it into a WebSocket."""
        asked = _asked(request)
        if self._cors is not None:
            set_headers(request, self._cors.headers(request.getHeader("origin")))
            if asked.method == "OPTIONS":
                names = request.getHeader("access-control-request-headers")
                set_headers(request, self._cors.preflight_headers(names))
                answer(request, HttpResponse(0, 204))
                return NOT_DONE_YET
        found = self._find(request, asked)
        if isinstance(found, HttpResponse):
            return _refuse(request, found, is_websocket=asked.is_websocket)
        if asked.is_websocket:
            self._factory.next_driver = found.driver
            result: int = self._handover.render(request)
            return result
        return found.waiting.take(request, asked.pairs)

    def close_all(self) -> None:
        """Leave every client in good order."""
        for session in list(self._sessions.values()):
            session.driver.close()

    def drop_all(self) -> None:
        """Drop every client at once, as a process that dies would."""
        for session in list(self._sessions.values()):
            session.waiting.abort()
            session.driver.drop()

    # Steps

    def _find(self, request: Request, asked: _Asked) -> _Session | HttpResponse:
        """Return the connection that a request is for, or the answer that refuses it.

        What goes beyond engine.io's own rules: a known sid takes GET and POST only,
        for others are answered 500 there; a second WebSocket is refused, and so is one
        for ``transport=polling``, while these are opened and closed there.
        """
        session = self._sessions.get(asked.query.get("sid", ""))
        if session is None:
            refusal = refuse_request(
                asked.query,
                asked.method,
                transports=self._transports,
                revisions=self._revisions,
                is_websocket=asked.is_websocket,
            )
        else:
            refusal = refuse_known(
                asked.query,
                # What it uses now is the connection's to know.
                transport="polling",
                revision=session.revision,
                transports=self._transports,
                is_websocket=asked.is_websocket,
            )
        if refusal is not None:
            return refusal
        if asked.is_websocket:
            is_in_order = asked.method == "GET" and asked.names_websocket
        else:
            is_in_order = asked.method in ("GET", "POST")
        if not is_in_order:
            return http_error(HttpError.BAD_REQUEST)
        if session is None:
            return self._begin(request, asked)
        if asked.is_websocket:
            if session.driver.has_websocket:
                return http_error(HttpError.BAD_REQUEST)
        elif body_size(request) > self._max_frame:
            return HttpResponse(0, 413)
        return session

    def _begin(self, request: Request, asked: _Asked) -> _Session | HttpResponse:
        """Begin a connection, or return the answer that refuses it."""
        if len(self._sessions) >= self._max_connections:
            return _TOO_MANY
        try:
            served = self._serve(_first(request, asked))
        except Forbidden as forbidden:
            return http_error(HttpError.FORBIDDEN, str(forbidden))
        sid = self._new_sid()
        revision = revision_of(asked.query)
        # As servers of 4.x do, which say it to clients of either revision.
        max_payload = self._max_frame if EIO4 in self._revisions else None
        engine = EngineIOConnection(
            Role.SERVER,
            revision=revision,
            transports=self._transports,
            handshake=replace(self._handshake, sid=sid, max_payload=max_payload),
            max_frame=self._max_frame,
        )
        connection = SocketIOConnection(
            engine, max_buffered=self._max_buffered, join_timeout=self._join_timeout
        )
        waiting = WaitingRequests(lambda told: driver.tell(told))
        driver = Driver(self._clock, connection, served, respond=waiting.respond)
        session = self._sessions[sid] = _Session(driver, revision, waiting)

        def forget() -> None:
            del self._sessions[sid]
            waiting.end()

        driver.when_over = forget
        if self._cookie is not None and not asked.is_websocket:
            value = f"{self._cookie}={sid}; Path=/; HttpOnly; SameSite=Lax"
            set_headers(request, [("Set-Cookie", value)])
        served.begin(driver, connection)
        if driver.is_over:
            return http_error(HttpError.UNKNOWN_SID)
        driver.start()
        return session


def _asked(request: Request) -> _Asked:
    """Read what a request asks for, and take the query out of it.

    The query may hold an auth key: neither autobahn nor a site's log shall see it.
    """
    request.uri, _, search = request.uri.partition(b"?")
    pairs = tuple(parse_qsl(search.decode("latin-1"), keep_blank_values=True))
    return _Asked(
        request.method.decode("latin-1"),
        pairs,
        dict(pairs),
        asks_for_websocket(request),
    )


def _first(request: Request, asked: _Asked) -> FirstRequest:
    """Gather what a client tells of itself when it comes.

    Source: Node's http.IncomingMessage.headers.
    """
    headers = {}
    for raw_name, values in request.requestHeaders.getAllRawHeaders():
        name = raw_name.decode("latin-1").lower()
        joint = b"; " if name == "cookie" else b", "
        headers[name] = joint.join(values).decode("latin-1")
    address = getattr(request.getClientAddress(), "host", "")
    return FirstRequest(asked.query, headers, address)


def _refuse(request: Request, refusal: HttpResponse, *, is_websocket: bool) -> int:
    """Answer a request that is refused.

    Who asks for a WebSocket is told in plain words. Source: engine.io 6.6.12,
    abortUpgrade; vectors raw-server2-errors-websocket, raw-server4-allow-request.
    """
    if is_websocket:
        said: Any = json_text.read(refusal.body)
        body = html.escape(said["message"]).encode()
        status = refusal.status if refusal.status == _TOO_MANY.status else 400
        headers = (("Content-Type", "text/html"), ("Connection", "close"))
        refusal = HttpResponse(0, status, headers, body)
        channel: Any = request.channel
        channel.persistent = False
    answer(request, refusal)
    return NOT_DONE_YET
