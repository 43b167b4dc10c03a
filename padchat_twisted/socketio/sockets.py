"""One client in one namespace, as the server sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from twisted.internet.interfaces import IReactorTime

from ..errors import BufferFull, LocalProtocolError
from ..transport.resource import FirstRequest
from .emitter import Carrier, Emitter
from .rooms import Rooms

__all__ = ["Socket", "SocketCarrier"]


class SocketCarrier(Carrier, Protocol):
    """The client's connection, with its sockets of other namespaces."""

    def leave(self, namespace: str) -> None:
        """Put the client out of a namespace."""

    def close(self) -> None:
        """Put the client out of every namespace, and close."""

    def drop(self) -> None:
        """Drop the connection: the client does not read."""

    def send_frame(self, namespace: str, frame: bytes) -> bool:
        """Send a frame that is ready; tell whether that could be."""


class Socket(Emitter):
    """One client in one namespace.

    Handlers get it as their first argument. It is good for one connection: a client
    that connects again is another socket.

    Args:
        clock: for time limits.
        carrier: the client's connection.
        namespace: its name.
        ack_ids: of the namespace, over all its sockets.
        rooms: of the namespace.
        socket_id: hard to guess.
        first: the request by which the client came.
        query: see below.
        auth: see below.

    Attributes:
        id: hard to guess, and the name of a room that the client is always in.
        query: the query of the URL, and over it that of the namespace (protocol 4).
        auth: what the client gave as ``auth`` (protocol 5), decoded; else empty.
        headers: of the request by which it came, by their names in lower case.
        address: of the client, or of the proxy before us.
        data: whatever the program wants to keep of this client.
        is_connected: whether the client is in the namespace.
    """

    def __init__(
        self,
        clock: IReactorTime,
        carrier: SocketCarrier,
        namespace: str,
        ack_ids: Iterator[int],
        rooms: Rooms[Socket],
        *,
        socket_id: str,
        first: FirstRequest,
        query: Mapping[str, str],
        auth: Mapping[str, Any],
    ) -> None:
        super().__init__(clock, carrier, namespace, ack_ids)
        self.id = socket_id
        self.query = query
        self.auth = auth
        self.headers = first.headers
        self.address = first.address
        self.data: dict[str, Any] = {}
        self._owner = carrier
        self._rooms = rooms
        self._last_rooms: frozenset[str] | None = None

    def __repr__(self) -> str:
        state = "connected" if self.is_connected else "not connected"
        return f"<Socket of namespace {self._namespace!r}, {state}>"

    def enter(self, room: str) -> None:
        """Enter a room; a client that is gone enters none.

        Raises:
            LocalProtocolError: it is in a thousand already, its own among them.
        """
        if self._last_rooms is None:
            if room != self.id:
                self._rooms.check_number(self, room)
            self._rooms.enter(self, room)

    def leave(self, room: str) -> None:
        """Leave a room."""
        self._rooms.leave(self, room)

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms it is in, or, when it is gone, was in at the end."""
        if self._last_rooms is not None:
            return self._last_rooms
        return self._rooms.rooms_of(self)

    def disconnect(self, *, close: bool = False) -> None:
        """Put the client out of the namespace.

        Args:
            close: close the whole connection, and so leave its other namespaces too.
        """
        if self.is_connected:
            if close:
                self._owner.close()
            else:
                self._owner.leave(self._namespace)

    # For the namespace

    def send_encoded(
        self,
        body: bytes,
        attachments: Sequence[bytes],
        frame: bytes,
        *,
        volatile: bool,
    ) -> None:
        """Send an event of a broadcast; a client that does not read is dropped.

        Args:
            body: the array of its arguments.
            attachments: of it.
            frame: the same as a WebSocket frame; empty when it has attachments.
            volatile: leave it out if it cannot leave now.
        """
        if frame and self._owner.send_frame(self._namespace, frame):
            return
        try:
            self._emit(body, attachments, volatile=volatile)
        except BufferFull:
            self._owner.drop()
        except LocalProtocolError:
            # It is leaving at this moment.
            return

    def gone(self) -> None:
        """The client left the namespace, or was never let in."""
        self._last_rooms = self.rooms
        self._rooms.leave_all(self)
        self.end_calls()
