"""A Socket.IO server, to hang anywhere in a ``twisted.web`` site."""

from __future__ import annotations

import secrets

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from ..errors import LocalProtocolError
from ..observers import Observers
from ..transport.cors import Cors
from ..transport.resource import (
    MAX_CONNECTIONS,
    FirstRequest,
    Forbidden,
    SocketIOResource,
)
from ..wire.engineio import EIO3, EIO4, Revision
from .events import check_namespace
from .peer import Peer
from .server_namespace import ServerNamespace

__all__ = ["JOIN_TIMEOUT", "MAX_MESSAGE_BYTES", "MAX_WAITING_BYTES", "SocketIOServer"]

#: Largest message that a client may send (bytes): clients are strangers, and each may
#: hold one in memory. Source: socket.io 4.8.4, maxHttpBufferSize.
MAX_MESSAGE_BYTES = 1_000_000

#: Most bytes that wait for a client (bytes): four of the largest messages, or thousands
#: of usual ones, so one that is between two polls, or goes over to WebSocket, is not
#: taken for one that does not read. That one is dropped, and so costs no more.
MAX_WAITING_BYTES = 4 * 1024 * 1024

#: Most namespaces of a server: programs that make one for each of their customers have
#: some thousand; one for each event would fill the memory.
MAX_SERVER_NAMESPACES = 10_000

#: Time for a client to ask for a namespace (seconds). Source: socket.io 4.8.4,
#: connectTimeout.
JOIN_TIMEOUT = 45.0

#: Random bytes in an id: hard to guess.
ID_BYTES = 15


def new_id() -> str:
    """Make an id that is hard to guess."""
    return secrets.token_urlsafe(ID_BYTES)


class SocketIOServer:
    """A Socket.IO server.

    Register handlers in its namespaces, then hang ``resource()`` under the name
    ``socket.io`` in a site: that is where clients look for it. A ``BoundedSite`` bounds
    what a request may take before a resource sees it; an ordinary ``Site`` does not.

    Args:
        reactor: for time.
        ping_interval_ms: how often a sign of life is asked for.
        ping_timeout_ms: how long it may take.
        max_frame: largest message, and largest body of a POST, accepted (bytes).
        max_buffered: most bytes that wait for a client; one that does not read is
            dropped.
        max_connections: most clients at once; one more is refused with status 503.
        join_timeout: time for a client of protocol 5 to ask for a namespace (seconds).
        revisions: of Engine.IO: 3 for clients of 2.x, 4 for later ones.
        transports: that are offered, of ``polling`` and ``websocket``.
        cors: what browsers let pages of other origins do; None for nothing.
    """

    def __init__(
        self,
        reactor: IReactorTime,
        *,
        ping_interval_ms: int = 25000,
        ping_timeout_ms: int = 20000,
        max_frame: int = MAX_MESSAGE_BYTES,
        max_buffered: int = MAX_WAITING_BYTES,
        max_connections: int = MAX_CONNECTIONS,
        join_timeout: float = JOIN_TIMEOUT,
        revisions: frozenset[Revision] = frozenset({EIO3, EIO4}),
        transports: tuple[str, ...] = ("polling", "websocket"),
        cors: Cors | None = None,
    ) -> None:
        self._clock = reactor
        self._namespaces: dict[str, ServerNamespace] = {}
        self._peers: set[Peer] = set()
        self._stopping: Observers[None] = Observers()
        self._is_stopped = False
        self._resource = SocketIOResource(
            reactor,
            self._serve,
            new_sid=new_id,
            ping_interval_ms=ping_interval_ms,
            ping_timeout_ms=ping_timeout_ms,
            max_frame=max_frame,
            max_buffered=max_buffered,
            max_connections=max_connections,
            join_timeout=join_timeout,
            revisions=revisions,
            transports=transports,
            cors=cors,
        )

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._peers)

    def namespace(self, name: str = "/") -> ServerNamespace:
        """Return a namespace, which is made when it is asked for the first time.

        Clients that ask for one which was never made are refused. The main one,
        ``/``, lets everybody in when it was never made, for older clients are in it
        without asking.

        Raises:
            LocalProtocolError: no name for a namespace, or there are too many.
        """
        namespace = self._namespaces.get(name)
        if namespace is None:
            if len(self._namespaces) >= MAX_SERVER_NAMESPACES:
                raise LocalProtocolError(
                    f"there are {MAX_SERVER_NAMESPACES} namespaces, which is the limit"
                )
            namespace = ServerNamespace(check_namespace(name))
            self._namespaces[name] = namespace
        return namespace

    def resource(self) -> IResource:
        """Return the resource that serves the clients."""
        return self._resource

    def stop(self) -> Deferred[None]:
        """Leave every client in good order, and take no more.

        Clients that connect again by themselves do so, for they were not put out.

        Returns:
            Fires when the last connection is closed; a client that does not answer is
            dropped after some seconds.
        """
        self._is_stopped = True
        for peer in list(self._peers):
            peer.shut()
        if not self._peers:
            return succeed(None)
        return self._stopping.wait()

    # Steps

    def _serve(self, first: FirstRequest) -> Peer:
        if self._is_stopped:
            raise Forbidden("the server has stopped")
        peer = Peer(
            self._clock,
            first,
            self._namespaces,
            new_id=new_id,
            when_over=self._over,
        )
        self._peers.add(peer)
        return peer

    def _over(self, peer: Peer) -> None:
        self._peers.discard(peer)
        if not self._peers:
            self._stopping.fire(None)
