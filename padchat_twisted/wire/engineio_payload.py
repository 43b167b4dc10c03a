r"""Engine.IO payloads: the packets in the body of one request of long polling.

::

    EIO4         = packet *( %x1E packet )         packet as in a text frame
    EIO3 text    = 1*( length ":" packet ) / "0:"  length in UTF-16 code units
    EIO3 binary  = 1*( %x00 length %xFF packet     packet as in a text frame
                     / %x01 length %xFF packet )   packet as in a binary frame;
                                                   length in bytes, digits as %x00-09

The binary form has the content type ``application/octet-stream``. Servers of 2.x and
newer give it to a client that did not ask for ``b64=1``, and only with binary in it;
they take it always. Else binary travels as base64, as it always does in EIO4.

The text form of socket.io 1.x is not spoken, though 1.x calls its revision 3 as well:
it holds UTF-8 bytes as characters, and counts those. Nothing in a payload tells it from
the text form of 2.x with strange text in it; ``socketio.refuse_text_of_1x`` does.

Source: engine.io-protocol 3, "Payload", and 4, "HTTP long-polling"; engine.io-parser
2.2.1 and 5.2.3; vectors codec-engineio, raw-server2-unicode-payload.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ..errors import RemoteProtocolError
from .engineio import (
    EIO4,
    NOOP,
    Packet,
    Revision,
    decode_binary,
    decode_text,
    encode_base64,
    encode_binary,
    encode_text,
)

__all__ = [
    "MAX_PACKETS_PER_PAYLOAD",
    "Payload",
    "decode_payload",
    "encode_payload",
    "encoded_size",
]

#: Most packets of one payload. Engine.IO has no limit. The million bytes that servers
#: accept by default hold so many messages of ten bytes; decoded, so many packets take
#: about 10 MB, where a largest body full of empty ones would take a gigabyte.
MAX_PACKETS_PER_PAYLOAD = 100_000

#: A length has at most so many digits: Python's own limit is never reached, and the
#: search for the end of a length is short.
_LENGTH_DIGITS = 9

_SEPARATOR = b"\x1e"

#: How a packet with text begins: the hot case, decoded on the spot.
_TYPES = frozenset(b"%d" % kind for kind in range(NOOP + 1))
_AS_DIGITS = b"0123456789" + b"x" * 246
_FROM_DIGITS = bytes(max(0, byte - 0x30) for byte in range(256))

#: The first bytes of UTF-8 sequences that stand for two code units of UTF-16.
_FOUR_BYTES = (0xF0, 0xF1, 0xF2, 0xF3, 0xF4)

#: U+DC00, which no UTF-8 holds.
_MARK = b"\xed\xb0\x80"

_LONE_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


class Payload(Struct, frozen=True, gc=False):
    """The body of a request or of its answer.

    Args:
        body: the bytes.
        is_binary: whether they are in the binary form of EIO3.
    """

    body: bytes
    is_binary: bool = False

    @property
    def content_type(self) -> str:
        """The content type to send it with."""
        if self.is_binary:
            return "application/octet-stream"
        return "text/plain; charset=UTF-8"

    def __repr__(self) -> str:
        return f"<Payload: {len(self.body)} bytes, binary: {self.is_binary}>"


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("engine.io", problem)


def decode_payload(
    body: bytes, *, revision: Revision, is_binary: bool = False
) -> list[Packet]:
    """Split the body of one request or answer into packets.

    Args:
        body: HTTP body.
        revision: of the connection.
        is_binary: whether its content type was ``application/octet-stream``.

    Returns:
        Packets in wire order.

    Raises:
        RemoteProtocolError: broken anywhere, or more than ``MAX_PACKETS_PER_PAYLOAD``
            packets. The reference hands out the packets before the fault and then
            closes; here nothing of such a body counts.
    """
    if not body:
        raise _error("an empty payload")
    if revision == EIO4:
        if is_binary:
            raise _error("a binary payload, which EIO4 does not have")
        pieces = body.split(_SEPARATOR, MAX_PACKETS_PER_PAYLOAD)
        if len(pieces) > MAX_PACKETS_PER_PAYLOAD:
            raise _too_many()
        return [
            Packet(packet[0] - 0x30, packet[1:])
            if packet[:1] in _TYPES
            else decode_text(packet, EIO4)
            for packet in pieces
        ]
    if is_binary:
        return _decode_binary_form(body)
    if body == b"0:":
        return []
    return _decode_ascii(body) if body.isascii() else _decode_units(body)


def _too_many() -> RemoteProtocolError:
    return _error(f"a payload of more than {MAX_PACKETS_PER_PAYLOAD} packets")


def _decode_ascii(body: bytes) -> list[Packet]:
    """Decode the text form of EIO3 where each code unit is a byte."""
    packets: list[Packet] = []
    at = 0
    size = len(body)
    while at < size:
        colon = body.find(b":", at, at + _LENGTH_DIGITS + 1)
        digits = body[at:colon] if colon > 0 else b""
        if not digits.isdigit():
            raise _error("a payload whose length is no number")
        at = colon + 1 + int(digits)
        if at > size:
            raise _error("a payload shorter than its length")
        if len(packets) == MAX_PACKETS_PER_PAYLOAD:
            raise _too_many()
        start = colon + 1
        if start < at and body[start : start + 1] in _TYPES:
            packets.append(Packet(body[start] - 0x30, body[start + 1 : at]))
        else:
            packets.append(decode_text(body[start:at]))
    return packets


def _decode_units(body: bytes) -> list[Packet]:
    """Decode the text form of EIO3 where some code units are several bytes.

    A mark is put before each character of two code units. So positions in the text
    count code units, and marks of what is taken out are dropped again.
    """
    if _MARK in body:
        raise _error("a payload that is not UTF-8")
    has_marks = False
    for lead in _FOUR_BYTES:
        if lead in body:
            has_marks = True
            body = body.replace(bytes((lead,)), _MARK + bytes((lead,)))
    try:
        text = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise _error("a payload that is not UTF-8") from None
    packets: list[Packet] = []
    at = 0
    size = len(text)
    while at < size:
        colon = text.find(":", at, at + _LENGTH_DIGITS + 1)
        digits = text[at:colon] if colon > 0 else ""
        if not (digits.isascii() and digits.isdigit()):
            raise _error("a payload whose length is no number")
        at = colon + 1 + int(digits)
        if at > size:
            raise _error("a payload shorter than its length")
        if len(packets) == MAX_PACKETS_PER_PAYLOAD:
            raise _too_many()
        packet = text[colon + 1 : at].encode("utf-8", "surrogatepass")
        if has_marks:
            packet = packet.replace(_MARK, b"")
        packets.append(decode_text(packet))
    return packets


def _decode_binary_form(body: bytes) -> list[Packet]:
    packets: list[Packet] = []
    at = 0
    size = len(body)
    while at < size:
        form = body[at]
        mark = body.find(b"\xff", at + 1, at + _LENGTH_DIGITS + 2)
        digits = body[at + 1 : mark].translate(_AS_DIGITS) if mark > 0 else b""
        if form > 1 or not digits.isdigit():
            raise _error("a binary payload whose length is no number")
        at = mark + 1 + int(digits)
        if at > size:
            raise _error("a binary payload shorter than its length")
        if len(packets) == MAX_PACKETS_PER_PAYLOAD:
            raise _too_many()
        packet = body[mark + 1 : at]
        if form == 1:
            packets.append(decode_binary(packet))
        else:
            packets.append(decode_text(_checked(packet)))
    return packets


def _checked(text: bytes) -> bytes:
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            raise _error("a payload that is not UTF-8") from None
    return text


def encode_payload(
    packets: Sequence[Packet], *, revision: Revision, takes_binary: bool = False
) -> Payload:
    r"""Put packets into one body.

    Args:
        packets: in wire order. In EIO4 no text of theirs may hold ``\x1e``, as JSON
            never does: the packet would be cut there.
        revision: of the connection.
        takes_binary: whether the peer takes the binary form of EIO3: a client that
            did not ask for ``b64=1``, or any server.
    """
    if revision == EIO4:
        return Payload(
            _SEPARATOR.join(
                [
                    encode_text(packet.type, packet.data)
                    if packet.is_text
                    else encode_base64(packet.type, packet.data, EIO4)
                    for packet in packets
                ]
            )
        )
    if not packets:
        return Payload(b"0:")
    if takes_binary and not all(packet.is_text for packet in packets):
        return Payload(b"".join(map(_in_binary_form, packets)), is_binary=True)
    parts = []
    for packet in packets:
        if packet.is_text:
            units = 1 + _count_units(packet.data)
            parts.append(b"%d:%d%b" % (units, packet.type, packet.data))
        else:
            text = encode_base64(packet.type, packet.data)
            parts.append(b"%d:%b" % (len(text), text))
    return Payload(b"".join(parts))


def _count_units(text: bytes) -> int:
    """Count the UTF-16 code units: one for each character, two for an emoji."""
    if text.isascii():
        return len(text)
    units = len(text.decode("utf-8", "surrogatepass"))
    for lead in _FOUR_BYTES:
        if lead in text:
            units += text.count(lead)
    return units


def _in_binary_form(packet: Packet) -> bytes:
    if packet.is_text:
        # As Node writes a lone surrogate, which no UTF-8 can hold.
        text = _LONE_SURROGATE.sub(b"\xef\xbf\xbd", packet.data)
        form, content = b"\x00", encode_text(packet.type, text)
    else:
        form, content = b"\x01", encode_binary(packet.type, packet.data)
    length = (b"%d" % len(content)).translate(_FROM_DIGITS)
    return b"%b%b\xff%b" % (form, length, content)


def encoded_size(packet: Packet, revision: Revision) -> int:
    """Return how many bytes a packet takes at most in a body in the text form.

    Separator or length are counted. So sums of it can be held against
    ``Handshake.max_payload`` before anything is encoded.
    """
    size = len(packet.data)
    if not packet.is_text:
        size = (size + 2) // 3 * 4 + 1
    if revision == EIO4:
        return 1 + size + (1 if packet.is_text else 0)
    return len(str(size + 1)) + 1 + size + 1
