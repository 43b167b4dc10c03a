"""WebSocket bytes made and read without any code of ours or of autobahn's."""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass

#: Opcodes. Source: RFC 6455, 5.2.
CONTINUATION, TEXT, BINARY = 0, 1, 2
CLOSE, PING, PONG = 8, 9, 10

#: A mask for frames of clients; what it is does not matter.
MASK = b"\x1f\xa2\x00\x7c"

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: What a client sends first; the key is the one of RFC 6455, 1.3.
UPGRADE_REQUEST = (
    b"GET /socket.io/?EIO=3&transport=websocket HTTP/1.1\r\n"
    b"Host: localhost\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@dataclass(frozen=True)
class Frame:
    """One frame that was read."""

    opcode: int
    payload: bytes
    is_final: bool = True
    is_masked: bool = False


def header(
    opcode: int, size: int, *, first_bits: int = 0x80, mask: bytes = b""
) -> bytes:
    """Begin a frame of *size* bytes, which the caller need not send."""
    mask_bit = 0x80 if mask else 0
    first = first_bits | opcode
    if size <= 125:
        return struct.pack("!BB", first, mask_bit | size) + mask
    if size < 2**16:
        return struct.pack("!BBH", first, mask_bit | 126, size) + mask
    return struct.pack("!BBQ", first, mask_bit | 127, size) + mask


def masked(payload: bytes, mask: bytes) -> bytes:
    """Mask or unmask, byte by byte as in RFC 6455, 5.3."""
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def frame(
    opcode: int,
    payload: bytes,
    *,
    is_client: bool = False,
    is_final: bool = True,
    reserved: int = 0,
) -> bytes:
    """Write a frame as a server does, or as a client does."""
    mask = MASK if is_client else b""
    bits = (0x80 if is_final else 0) | reserved << 4
    begin = header(opcode, len(payload), first_bits=bits, mask=mask)
    return begin + (masked(payload, mask) if mask else payload)


def close_frame(
    code: int | None, reason: str = "", *, is_client: bool = False
) -> bytes:
    """Write a close frame; without a code it has no body."""
    body = b"" if code is None else struct.pack("!H", code) + reason.encode()
    return frame(CLOSE, body, is_client=is_client)


def read_frames(data: bytes) -> list[Frame]:
    """Read whole frames, with nothing left over."""
    frames = []
    at = 0
    while at < len(data):
        first, second = data[at], data[at + 1]
        at += 2
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack_from("!H", data, at)
            at += 2
        elif size == 127:
            (size,) = struct.unpack_from("!Q", data, at)
            at += 8
        mask = b""
        if second & 0x80:
            mask = data[at : at + 4]
            at += 4
        payload = data[at : at + size]
        if len(payload) != size:
            raise ValueError(f"a frame of {size} bytes has {len(payload)}")
        at += size
        payload = masked(payload, mask) if mask else payload
        frames.append(Frame(first & 0x0F, payload, bool(first & 0x80), bool(mask)))
    return frames


def answer_upgrade(request: bytes, *, more_headers: bytes = b"") -> bytes:
    """Answer a client's first request as a server that takes it."""
    lines = request.split(b"\r\n")
    (key,) = (
        line.partition(b": ")[2]
        for line in lines
        if line.startswith(b"Sec-WebSocket-Key")
    )
    digest = hashlib.sha1(key + _GUID).digest()  # noqa: S324 - RFC 6455, 4.2.2, wants it
    return (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n"
        b"" + more_headers + b"\r\n"
    )
