"""Engine.IO packets on a WebSocket, the open packet, and answers to bad requests.

One WebSocket message is one packet::

    text frame    = type-digit [ data ]            type-digit = "0" ... "6"
    binary frame  = type-byte data                 EIO3; type-byte = %x00 ... %x06
                  / data                           EIO4; always a message
    base64        = "b" type-digit base64-text     EIO3, binary over text
                  / "b" base64-text                EIO4, binary over text

    0 open  1 close  2 ping  3 pong  4 message  5 upgrade  6 noop

Source: engine.io-protocol 3 and 4, "Packet encoding"; engine.io-parser 2.2.1, 5.2.3.
"""

from __future__ import annotations

import binascii
from collections.abc import Container, Mapping
from enum import IntEnum
from typing import Literal

import msgspec
from msgspec import Struct

from ..errors import RemoteProtocolError
from . import json_text
from .limits import MAX_PING_MS, MIN_PING_MS
from .told import HttpResponse

__all__ = [
    "CLOSE",
    "EIO3",
    "EIO4",
    "MESSAGE",
    "NOOP",
    "OPEN",
    "PING",
    "PONG",
    "UPGRADE",
    "Handshake",
    "HttpError",
    "Packet",
    "Revision",
    "decode_binary",
    "decode_frame",
    "decode_handshake",
    "decode_text",
    "encode_base64",
    "encode_binary",
    "encode_handshake",
    "encode_text",
    "http_error",
    "refuse_known",
    "refuse_request",
    "revision_of",
]

Revision = Literal[3, 4]
"""Revision of the Engine.IO protocol."""

EIO3: Literal[3] = 3
EIO4: Literal[4] = 4

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = range(7)

#: The text digits of the packet types, as bytes.
_DIGITS = b"0123456"
_BASE64_MARK = 0x62  # "b"


class Packet(Struct, frozen=True, gc=False):
    """One Engine.IO packet.

    Args:
        type: 0 to 6.
        data: content, UTF-8 when ``is_text``.
        is_text: whether the content is text.
    """

    type: int
    data: bytes = b""
    is_text: bool = True

    def __repr__(self) -> str:
        return f"<Packet {self.type}: {len(self.data)} bytes, text: {self.is_text}>"


class Handshake(Struct, frozen=True, rename="camel", gc=False):
    """Content of the open packet; times in milliseconds.

    ``max_payload`` is the largest body of a polling request (bytes) that the server
    takes, None when it does not say. Servers of 4.x say it in both revisions.

    Source: engine.io-protocol 3 and 4, "open"; the values of engine.io 3.6.2; vector
    raw-server4-allowEIO3-handshake-polling.
    """

    sid: str
    upgrades: tuple[str, ...] = ()
    ping_interval: int = 25000
    ping_timeout: int = 20000
    max_payload: int | None = None


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("engine.io", problem)


def decode_frame(frame: bytes, *, is_text: bool, revision: Revision) -> Packet:
    """Decode the packet in a WebSocket message.

    Raises:
        RemoteProtocolError: as ``decode_text`` and ``decode_binary`` say.
    """
    return decode_text(frame, revision) if is_text else decode_binary(frame, revision)


def decode_text(frame: bytes, revision: Revision = EIO3) -> Packet:
    """Decode the packet in a text frame, or in the text form of a payload.

    Raises:
        RemoteProtocolError: empty, of an unknown type, or broken base64.

    Source: engine.io-parser 2.2.1 and 5.2.3, decodePacket; the base64 that they take
    though it is none is refused here.
    """
    if not frame:
        raise _error("an empty packet")
    kind = frame[0] - 0x30
    if 0 <= kind <= NOOP:
        return Packet(kind, frame[1:])
    if frame[0] == _BASE64_MARK:
        if revision == EIO4:
            return Packet(MESSAGE, _from_base64(frame[1:]), is_text=False)
        kind = frame[1] - 0x30 if len(frame) > 1 else -1
        if 0 <= kind <= NOOP:
            return Packet(kind, _from_base64(frame[2:]), is_text=False)
    raise _error("a packet of unknown type")


def _from_base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise _error("a binary packet that is not base64") from None


def decode_binary(frame: bytes, revision: Revision = EIO3) -> Packet:
    """Decode the packet in a binary frame.

    Raises:
        RemoteProtocolError: in EIO3, empty or of an unknown type.
    """
    if revision == EIO4:
        return Packet(MESSAGE, frame, is_text=False)
    if not frame:
        raise _error("an empty binary packet")
    if frame[0] > NOOP:
        raise _error("a binary packet of unknown type")
    return Packet(frame[0], frame[1:], is_text=False)


def encode_text(kind: int, data: bytes = b"") -> bytes:
    """Encode a packet with text for a text frame; alike in both revisions."""
    return _DIGITS[kind : kind + 1] + data


def encode_binary(kind: int, data: bytes, revision: Revision = EIO3) -> bytes:
    """Encode a packet with bytes for a binary frame; in EIO4 it is a message."""
    return data if revision == EIO4 else bytes((kind,)) + data


def encode_base64(kind: int, data: bytes, revision: Revision = EIO3) -> bytes:
    """Encode a packet with bytes as text; in EIO4 it is a message."""
    digit = b"" if revision == EIO4 else _DIGITS[kind : kind + 1]
    return b"b%b%b" % (digit, binascii.b2a_base64(data, newline=False))


_handshake = msgspec.json.Decoder(Handshake)


def decode_handshake(data: bytes) -> Handshake:
    """Decode the content of an open packet.

    Raises:
        RemoteProtocolError: not JSON, without sid, or with times out of bounds.
    """
    try:
        handshake = json_text.read_as(_handshake, data)
    except ValueError:
        raise _error("an open packet that cannot be read") from None
    for value in (handshake.ping_interval, handshake.ping_timeout):
        if not MIN_PING_MS <= value <= MAX_PING_MS:
            raise _error(f"a heartbeat of {value} ms")
    if handshake.max_payload is not None and handshake.max_payload < 1:
        raise _error(f"a largest payload of {handshake.max_payload} bytes")
    return handshake


def encode_handshake(handshake: Handshake) -> bytes:
    """Encode the content of an open packet."""
    fields: dict[str, object] = msgspec.to_builtins(handshake)
    if handshake.max_payload is None:
        del fields["maxPayload"]
    return json_text.write(fields)


class HttpError(IntEnum):
    """Why a server refuses a request. Source: engine.io 3.6.2, 6.6.12 Server.errors."""

    UNKNOWN_TRANSPORT = 0
    UNKNOWN_SID = 1
    BAD_METHOD = 2
    BAD_REQUEST = 3
    FORBIDDEN = 4
    UNSUPPORTED_REVISION = 5


_MESSAGES = {
    HttpError.UNKNOWN_TRANSPORT: "Transport unknown",
    HttpError.UNKNOWN_SID: "Session ID unknown",
    HttpError.BAD_METHOD: "Bad handshake method",
    HttpError.BAD_REQUEST: "Bad request",
    HttpError.FORBIDDEN: "Forbidden",
    HttpError.UNSUPPORTED_REVISION: "Unsupported protocol version",
}


def http_error(code: HttpError, message: str = "") -> HttpResponse:
    """Build the answer that refuses a request.

    Args:
        code: why.
        message: instead of the usual one; clients may show it.

    Source: vectors raw-server2-errors-http, raw-server4-allow-request.
    """
    body = json_text.write({"code": code, "message": message or _MESSAGES[code]})
    status = 403 if code is HttpError.FORBIDDEN else 400
    return HttpResponse(0, status, (("Content-Type", "application/json"),), body)


def revision_of(query: Mapping[str, str]) -> Revision:
    """Return the revision that a request asks for.

    Source: engine.io 6.6.12, computeProtocolRevision: 4 is exactly ``4``, everything
    else is 3; vector raw-server4-allowEIO3-errors-http.
    """
    return EIO4 if query.get("EIO") == "4" else EIO3


def refuse_request(
    query: Mapping[str, str],
    method: str,
    *,
    transports: Container[str],
    revisions: frozenset[Revision] = frozenset({EIO3}),
    is_websocket: bool | None = None,
) -> HttpResponse | None:
    """Check a request that opens a connection, as a server.

    A request whose ``sid`` the server knows is one for ``refuse_known``; any other
    ``sid`` is refused here. An empty one counts as none.

    Args:
        query: decoded query of the URL.
        method: HTTP method.
        transports: what this server offers.
        revisions: what this server speaks.
        is_websocket: whether the request asks for a WebSocket; None when the caller
            looks at that itself.

    Returns:
        None when the request is in order, else the answer that refuses it.

    Source: engine.io 3.6.2 and 6.6.12, Server.verify and handshake, in their order;
    vectors raw-server2-errors-http, raw-server4-errors-http, eio3-ws-transport-refused.
    """
    transport = query.get("transport", "")
    if transport not in transports:
        code = HttpError.UNKNOWN_TRANSPORT
    elif query.get("sid"):
        code = HttpError.UNKNOWN_SID
    elif method != "GET":
        code = HttpError.BAD_METHOD
    elif transport == "websocket" and is_websocket is False:
        code = HttpError.BAD_REQUEST
    elif revision_of(query) not in revisions:
        code = HttpError.UNSUPPORTED_REVISION
    else:
        return None
    return http_error(code)


def refuse_known(
    query: Mapping[str, str],
    *,
    transport: str,
    revision: Revision,
    transports: Container[str],
    is_websocket: bool,
) -> HttpResponse | None:
    """Check a further request of a connection that is there, as a server.

    Args:
        query: decoded query of the URL.
        transport: that the connection uses now.
        revision: of the connection; it cannot change.
        transports: what this server offers.
        is_websocket: whether the request asks for a WebSocket, to upgrade.

    Returns:
        None when the request is in order, else the answer that refuses it.

    Source: engine.io 3.6.2 and 6.6.12, Server.verify; vectors raw-server4-errors-http,
    raw-server4-upgrade-steps. 3.6.2 does not look at the revision.
    """
    asked = query.get("transport", "")
    if asked not in transports:
        return http_error(HttpError.UNKNOWN_TRANSPORT)
    if (asked != transport and not is_websocket) or revision_of(query) != revision:
        return http_error(HttpError.BAD_REQUEST)
    return None
