"""What comes out of a Socket.IO connection.

No ``repr`` shows what was said: a query holds the auth key, a body message text.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "ErrorReceived",
    "NamespaceJoined",
    "NamespaceLeft",
    "NamespaceRequested",
    "SocketAck",
    "SocketEvent",
    "SocketOccurrence",
]


class NamespaceRequested(Struct, frozen=True):
    """A client asks for a namespace: ``accept`` or ``refuse`` it.

    Args:
        namespace: the one asked for.
        query: of the CONNECT packet of protocol 4, which wins over the URL's.
        auth: of the CONNECT packet of protocol 5, a JSON object; empty without one.
    """

    namespace: str
    query: tuple[tuple[str, str], ...] = ()
    auth: bytes = b""

    def __repr__(self) -> str:
        return f"<NamespaceRequested {self.namespace!r}>"


class NamespaceJoined(Struct, frozen=True):
    """The server let us into a namespace.

    Args:
        namespace: the one that we asked for.
        sid: our id in it, of protocol 5; empty in protocol 4.
        recovery_id: what brings back missed events after a reconnection, with the
            offset of the last one; empty when the server keeps none. Source:
            socket.io 4.8, "connection state recovery" (``pid``).
    """

    namespace: str
    sid: str = ""
    recovery_id: str = ""

    def __repr__(self) -> str:
        # Both ids let somebody else take the session.
        return f"<NamespaceJoined {self.namespace!r}>"


class ErrorReceived(Struct, frozen=True):
    """An ERROR packet: a refused namespace, or an error in the middle of a session.

    Args:
        namespace: the one it is for.
        body: JSON text, a string or the error's data.
        is_refusal: whether we were joining.
    """

    namespace: str
    body: bytes
    is_refusal: bool

    def __repr__(self) -> str:
        return f"<ErrorReceived {self.namespace!r}: {len(self.body)} bytes>"


class NamespaceLeft(Struct, frozen=True):
    """A joined namespace is left; the reason is spelled as Socket.IO spells it."""

    namespace: str
    reason: str


class SocketEvent(Struct, frozen=True, gc=False):
    """An event with its undecoded arguments (the array, the name first)."""

    namespace: str
    name: str
    body: bytes
    ack_id: int | None = None
    attachments: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        which = f"{self.namespace!r} {self.name!r} {self.ack_id}"
        return f"<SocketEvent {which}: {len(self.body)} bytes>"


class SocketAck(Struct, frozen=True, gc=False):
    """An acknowledgement with its undecoded arguments."""

    namespace: str
    ack_id: int
    body: bytes
    attachments: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"<SocketAck {self.namespace!r} {self.ack_id}: {len(self.body)} bytes>"


SocketOccurrence = (
    NamespaceRequested
    | NamespaceJoined
    | ErrorReceived
    | NamespaceLeft
    | SocketEvent
    | SocketAck
)
