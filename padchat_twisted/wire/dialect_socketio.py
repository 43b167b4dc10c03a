"""The dialect ``socketio``: envelopes over Socket.IO events and acknowledgements.

A call is an event with the command's name and one argument, sent with an ack id; its
reply is the acknowledgement; a notice is an event without ack id::

    C> 42/user,3["getAutoLoginData",{}]
    S> 43/user,3[{"success":true,"msg":"","data":{"token":"..."}}]
    S> 42/user,["push",{"list":[...]}]

Source: dialects.md, 2; PADCHAT 3.0.1, index.js; vectors ``padchat-*``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import engineio, json_text
from .engineio import EIO3, Revision
from .engineio_connection import EngineIOConnection
from .envelope import Call, Notice, Reply
from .limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from .occurrences import SocketAck, SocketEvent, SocketOccurrence
from .query import encode_query
from .socketio_connection import SocketIOConnection
from .told import Role

__all__ = [
    "DEFAULT_NAMESPACE",
    "RESERVED_CODES",
    "call_body",
    "client_connection",
    "notice_body",
    "reply_body",
    "server_connection",
    "translate",
    "translate_call",
]

#: PadChat's namespace. Source: PADCHAT 3.0.1, README.
DEFAULT_NAMESPACE = "/user"

#: Names that Socket.IO keeps for itself. Source: commands.toml, [dialect.socketio].
RESERVED_CODES = frozenset(
    (
        "error",
        "connect",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
        "ping",
        "pong",
    )
)


def client_connection(
    namespace: str,
    pairs: Iterable[tuple[str, str]],
    *,
    peer: str,
    revision: Revision = EIO3,
    transports: tuple[str, ...] = ("websocket",),
    max_frame: int = MAX_FRAME_BYTES,
    open_timeout: float = OPEN_TIMEOUT,
) -> SocketIOConnection:
    """Build a client's connection that asks for *namespace*.

    Args:
        namespace: begins with ``/``.
        pairs: the query; it travels in the URL, and with Engine.IO 3 in the CONNECT
            packet too.
        peer: where it goes, for errors.
        revision: of Engine.IO.
        transports: of ``polling`` and ``websocket``, the first one first.
        max_frame: largest message accepted (bytes).
        open_timeout: time until the open packet, and until the answer for the
            namespace, both from the start (seconds).

    Source: vectors eio3-ws-connect-user, eio4-polling-connect-user.
    """
    query = tuple(pairs)
    engine = EngineIOConnection(
        Role.CLIENT,
        revision=revision,
        transports=transports,
        query=query,
        peer=peer,
        max_frame=max_frame,
        open_timeout=open_timeout,
    )
    connection = SocketIOConnection(engine, peer=peer, join_timeout=open_timeout)
    connection.join(namespace, encode_query(query))
    return connection


def server_connection(
    sid: str,
    *,
    ping_interval_ms: int = 25000,
    ping_timeout_ms: int = 20000,
    max_frame: int = MAX_FRAME_BYTES,
) -> SocketIOConnection:
    """Build a server's connection.

    Args:
        sid: its id, hard to guess.
        ping_interval_ms: how often the client pings.
        ping_timeout_ms: how long a pong may take.
        max_frame: largest message accepted (bytes).
    """
    handshake = engineio.Handshake(sid, (), ping_interval_ms, ping_timeout_ms)
    return SocketIOConnection(
        EngineIOConnection(Role.SERVER, handshake=handshake, max_frame=max_frame)
    )


def translate(
    occurrences: Sequence[SocketOccurrence], namespace: str
) -> tuple[list[Reply | Notice], list[SocketOccurrence]]:
    """Turn what came to a client in its namespace into envelopes.

    Returns:
        The envelopes, and what of this namespace is none; each in wire order.
    """
    envelopes: list[Reply | Notice] = []
    others: list[SocketOccurrence] = []
    for occurrence in occurrences:
        if occurrence.namespace != namespace:
            continue
        # `type(x) is` costs a fraction of isinstance, which asks abc for a Struct.
        if type(occurrence) is SocketEvent:
            envelopes.append(Notice(occurrence.name, occurrence.body))
        elif type(occurrence) is SocketAck:
            envelopes.append(Reply(occurrence.ack_id, occurrence.body))
        else:
            others.append(occurrence)
    return envelopes, others


def translate_call(occurrence: SocketOccurrence) -> Call | None:
    """Turn what came to a server into a call; None when it is none."""
    if isinstance(occurrence, SocketEvent):
        return Call(occurrence.ack_id, occurrence.name, occurrence.body)
    return None


def call_body(code: str, params: bytes) -> bytes:
    """Join a command's name and its encoded parameters to an array of arguments."""
    return b'["%b",%b]' % (code.encode(), params)


def notice_body(event: str, *arguments: object) -> bytes:
    """Encode the arguments of a notice."""
    return json_text.write((event, *arguments))


def reply_body(result: object) -> bytes:
    """Encode the one argument of a reply."""
    return json_text.write((result,))
