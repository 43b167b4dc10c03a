"""WebSocket frames of whole messages, and their masks; RFC 6455, 5.2 and 5.3.

::

    frame  = first-byte  mask-bit + length  [ mask ]  payload
    length = 7 bits | 126 and 2 bytes | 127 and 8 bytes
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ..wire.told import SendWebSocket

__all__ = [
    "COMPRESSED",
    "FIN_BINARY",
    "FIN_PING",
    "FIN_PONG",
    "FIN_TEXT",
    "MASKED",
    "SMALL",
    "client_frame",
    "client_frames",
    "frame_size",
    "masks",
    "server_frame",
    "server_frames",
    "xor",
]

#: First byte of a frame that is a whole text or binary message, not compressed.
FIN_TEXT = 0x81
FIN_BINARY = 0x82

#: The bit of a message that is compressed, in the first byte. Source: RFC 7692, 6.
COMPRESSED = 0x40

#: First byte of a ping, and of a pong.
FIN_PING = 0x89
FIN_PONG = 0x8A

#: The mask bit, in the second byte.
MASKED = 0x80

#: Longest payload of a frame whose length takes at most two bytes.
SMALL = 0xFFFF

#: Random bytes for masks are drawn in blocks of this size.
MASK_POOL = 4096

#: Bytes that are masked in one operation; larger integers do not fit into caches.
MASKED_AT_ONCE = 0x10000

_int = int.from_bytes


def masks() -> Iterator[bytes]:
    """Give masks without end, drawn from the operating system in blocks.

    Each is four bytes that nobody can foresee.
    """
    while True:
        pool = os.urandom(MASK_POOL)
        for at in range(0, MASK_POOL, 4):
            yield pool[at : at + 4]


def xor(data: bytes, mask: bytes) -> bytes:
    """Mask or unmask *data*: one operation on two long integers."""
    size = len(data)
    key = (mask * ((size >> 2) + 1))[:size]
    return (_int(data, "big") ^ _int(key, "big")).to_bytes(size, "big")


def frame_size(data: bytes, at: int) -> int:
    """Return the size of the frame that begins in *data* at *at* (bytes).

    When its header is not whole, that is as much as there is.

    Source: RFC 6455, 5.2.
    """
    there = len(data) - at
    if there < 2:
        return there
    second = data[at + 1]
    length = second & 0x7F
    header = 2
    if length >= 126:
        header = 4 if length == 126 else 10
        if there < header:
            return there
        length = int.from_bytes(data[at + 2 : at + header], "big")
    return header + (4 if second & MASKED else 0) + length


def server_frame(first: int, data: bytes) -> bytes:
    """Frame a whole message as a server does.

    Args:
        first: ``FIN_TEXT`` or ``FIN_BINARY``.
        data: its payload.
    """
    return _header(first, len(data), 0) + data


def client_frame(first: int, data: bytes, mask: bytes) -> bytes:
    """Frame a whole message as a client does.

    Args:
        first: ``FIN_TEXT`` or ``FIN_BINARY``.
        data: its payload, not masked.
        mask: four bytes that nobody can foresee.
    """
    size = len(data)
    header = _header(first, size, MASKED)
    if size <= MASKED_AT_ONCE:
        return b"%b%b%b" % (header, mask, xor(data, mask))
    places = range(0, size, MASKED_AT_ONCE)
    pieces = (xor(data[at : at + MASKED_AT_ONCE], mask) for at in places)
    return b"".join((header, mask, *pieces))


def server_frames(messages: Sequence[SendWebSocket]) -> list[bytes]:
    """Frame whole messages as a server does."""
    return [
        server_frame(FIN_TEXT if message.is_text else FIN_BINARY, message.data)
        for message in messages
    ]


def client_frames(
    messages: Sequence[SendWebSocket], draw: Iterator[bytes]
) -> list[bytes]:
    """Frame whole messages as a client does: ``client_frame`` for many, in one place.

    Args:
        messages: in their order.
        draw: gives masks.
    """
    frames = []
    for message in messages:
        data = message.data
        first = FIN_TEXT if message.is_text else FIN_BINARY
        size = len(data)
        if size > SMALL:
            frames.append(client_frame(first, data, next(draw)))
            continue
        mask = next(draw)
        key = (mask * ((size >> 2) + 1))[:size]
        masked = (_int(data, "big") ^ _int(key, "big")).to_bytes(size, "big")
        if size < 126:
            frames.append(b"%c%c%b%b" % (first, MASKED | size, mask, masked))
        else:
            head = (first, MASKED | 126, size >> 8, size & 0xFF)
            frames.append(b"%c%c%c%c%b%b" % (*head, mask, masked))
    return frames


def _header(first: int, size: int, masked: int) -> bytes:
    if size < 126:
        return bytes((first, masked | size))
    if size <= SMALL:
        return bytes((first, masked | 126, size >> 8, size & 0xFF))
    return bytes((first, masked | 127)) + size.to_bytes(8, "big")
