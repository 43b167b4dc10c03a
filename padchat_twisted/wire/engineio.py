"""Engine.IO packets on a WebSocket.

One WebSocket message is one packet::

    text frame    = type-digit [ data ]            type-digit = "0" ... "6"
    binary frame  = type-byte data                 EIO3; type-byte = %x00 ... %x06
    base64        = "b" type-digit base64-text     EIO3, binary over text

    0 open  1 close  2 ping  3 pong  4 message  5 upgrade  6 noop

Source: engine.io-protocol 3, "Packet encoding"; engine.io-parser 2.2.1.
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from msgspec import Struct

from ..errors import RemoteProtocolError
from . import json_text
from .limits import MAX_PING_MS, MIN_PING_MS
from .told import HttpResponse

__all__ = [
    "CLOSE",
    "MESSAGE",
    "NOOP",
    "OPEN",
    "PING",
    "PONG",
    "UPGRADE",
    "Handshake",
    "Packet",
    "decode_binary",
    "decode_handshake",
    "decode_text",
    "encode_base64",
    "encode_binary",
    "encode_handshake",
    "encode_text",
    "refuse_request",
]

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

    Source: engine.io-protocol 3, "open"; the values of engine.io 3.6.2.
    """

    sid: str
    upgrades: tuple[str, ...] = ()
    ping_interval: int = 25000
    ping_timeout: int = 20000


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("engine.io", problem)


def decode_text(frame: bytes) -> Packet:
    """Decode the packet in a text frame.

    Raises:
        RemoteProtocolError: empty, of an unknown type, or broken base64.

    Source: engine.io-parser 2.2.1, decodePacket.
    """
    if not frame:
        raise _error("an empty frame")
    kind = frame[0] - 0x30
    if 0 <= kind <= NOOP:
        return Packet(kind, frame[1:])
    if frame[0] == _BASE64_MARK and len(frame) > 1:
        kind = frame[1] - 0x30
        if 0 <= kind <= NOOP:
            try:
                data = base64.b64decode(frame[2:], validate=True)
            except binascii.Error:
                raise _error("a binary packet that is not base64") from None
            return Packet(kind, data, is_text=False)
    raise _error("a frame of unknown packet type")


def decode_binary(frame: bytes) -> Packet:
    """Decode the packet in a binary frame of EIO3.

    Raises:
        RemoteProtocolError: empty, or of an unknown type.
    """
    if not frame:
        raise _error("an empty binary frame")
    if frame[0] > NOOP:
        raise _error("a binary frame of unknown packet type")
    return Packet(frame[0], frame[1:], is_text=False)


def encode_text(kind: int, data: bytes = b"") -> bytes:
    """Encode a packet with text for a text frame."""
    return _DIGITS[kind : kind + 1] + data


def encode_binary(kind: int, data: bytes) -> bytes:
    """Encode a packet with bytes for a binary frame of EIO3."""
    return bytes((kind,)) + data


def encode_base64(kind: int, data: bytes) -> bytes:
    """Encode a packet with bytes as text, for transports without binary."""
    return b"b" + _DIGITS[kind : kind + 1] + base64.b64encode(data)


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
    return handshake


def encode_handshake(handshake: Handshake) -> bytes:
    """Encode the content of an open packet."""
    return json_text.write(handshake)


#: Error answers to the first request, by code. Source: engine.io 3.6.2 Server.errors.
_REFUSALS = {
    0: "Transport unknown",
    1: "Session ID unknown",
    2: "Bad handshake method",
    3: "Bad request",
    4: "Forbidden",
    5: "Unsupported protocol version",
}


def refuse_request(
    query: dict[str, str], method: str, *, transports: tuple[str, ...]
) -> HttpResponse | None:
    """Check the request that opens a transport, as an EIO3 server.

    Args:
        query: decoded query of the URL.
        method: HTTP method.
        transports: what this server offers.

    Returns:
        None when the request is in order, else the answer that refuses it.

    Source: vectors raw-server2-errors-http, eio3-ws-transport-refused.
    """
    if query.get("transport") not in transports:
        code = 0
    elif query.get("EIO", "3") != "3":
        code = 5
    elif "sid" in query:
        code = 1
    elif method != "GET":
        code = 2
    else:
        return None
    body = json_text.write({"code": code, "message": _REFUSALS[code]})
    return HttpResponse(0, 400, (("Content-Type", "application/json"),), body)
