"""Socket.IO packets of protocol 4: text, and attachments beside it.

::

    packet    = type [ count "-" ] [ namespace [ "," ] ] [ ack-id ] [ json ]
    type      = "0" connect  "1" disconnect  "2" event  "3" ack  "4" error
              | "5" binary event  "6" binary ack
    count     = 1*DIGIT              attachments that follow; types 5 and 6 only
    namespace = "/" *(any but ",")   left out for the main namespace "/"
    ack-id    = 1*DIGIT
    json      = array (2 3 5 6), string or object (4), object or array (0)

The comma after a namespace may be missing when nothing follows. An attachment
stands in the JSON as ``{"_placeholder":true,"num":0}``.

Source: socket.io-protocol 4; socket.io-parser 3.4.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ..errors import LocalProtocolError, RemoteProtocolError
from . import json_text
from .limits import MAX_ACK_DIGITS, MAX_ATTACHMENTS, MAX_NAMESPACE_BYTES

__all__ = [
    "ACK",
    "BINARY_ACK",
    "BINARY_EVENT",
    "CONNECT",
    "DISCONNECT",
    "ERROR",
    "EVENT",
    "Packet",
    "decode",
    "decode_arguments",
    "encode",
    "encode_arguments",
    "event_name",
]

CONNECT, DISCONNECT, EVENT, ACK, ERROR, BINARY_EVENT, BINARY_ACK = range(7)

_ATTACHED = (BINARY_EVENT, BINARY_ACK)
_DIGITS = frozenset(b"0123456789")
_LENGTHS = range(1, MAX_ACK_DIGITS + 1)


class Packet(Struct, frozen=True, gc=False):
    """One Socket.IO packet, its JSON not decoded.

    Args:
        type: 0 to 6.
        namespace: with its query, as sent.
        ack_id: number that the answer repeats, or None.
        body: JSON text, empty when there is none.
        attachment_count: attachments that follow as frames of their own.
    """

    type: int
    namespace: str = "/"
    ack_id: int | None = None
    body: bytes = b""
    attachment_count: int = 0

    def __repr__(self) -> str:
        # The query may hold an auth key, the body the text of a message.
        bare = self.namespace.partition("?")[0]
        return f"<Packet {self.type} {bare!r} {self.ack_id}: {len(self.body)} bytes>"


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("socket.io", problem)


def encode(packet: Packet) -> bytes:
    """Encode the text of a packet; attachments follow it as they are."""
    namespace = b""
    if packet.namespace != "/":
        namespace = packet.namespace.encode() + b","
    return b"%d%s%s%s%s" % (
        packet.type,
        b"%d-" % packet.attachment_count if packet.type in _ATTACHED else b"",
        namespace,
        b"" if packet.ack_id is None else b"%d" % packet.ack_id,
        packet.body,
    )


def decode(text: bytes) -> Packet:
    """Decode the text of a packet; its JSON is looked at, but not read.

    Args:
        text: one message of the layer below.

    Returns:
        The packet. Whether its JSON is well-formed shows when it is read, by
        ``decode_arguments`` or a typed decoder.

    Raises:
        RemoteProtocolError: of unknown type, over a limit, or with a body that the
            type cannot have.

    Source: socket.io-parser 3.4.5, decodeString; what it takes only because of how
    JavaScript turns text into numbers is refused here.
    """
    if not text:
        raise _error("an empty packet")
    kind = text[0] - 0x30
    if not 0 <= kind <= BINARY_ACK:
        raise _error("a packet of unknown type")
    at = 1
    count = 0
    if kind >= BINARY_EVENT:
        count, at = _attachment_count(text)
    namespace = "/"
    if text[at : at + 1] == b"/":
        end = text.find(b",", at)
        if end < 0:
            end = len(text)
        if end - at > MAX_NAMESPACE_BYTES:
            raise _error(f"a namespace of more than {MAX_NAMESPACE_BYTES} bytes")
        try:
            namespace = text[at:end].decode()
        except UnicodeDecodeError:
            raise _error("a namespace that is not UTF-8") from None
        at = end + 1
    ack_id = None
    start = at
    size = len(text)
    while at < size and text[at] in _DIGITS:
        at += 1
    if at > start:
        if at - start not in _LENGTHS:
            raise _error(f"an ack id of more than {MAX_ACK_DIGITS} digits")
        ack_id = int(text[start:at])
    body = text[at:]
    _check_body(kind, body, ack_id)
    return Packet(kind, namespace, ack_id, body, count)


def _attachment_count(text: bytes) -> tuple[int, int]:
    dash = text.find(b"-", 1, 16)
    digits = text[1:dash] if dash > 1 else b""
    if not digits.isdigit() or digits.startswith(b"0"):
        raise _error("an attachment count that is no number above zero")
    count = int(digits)
    if count > MAX_ATTACHMENTS:
        raise _error(f"{count} attachments; the limit is {MAX_ATTACHMENTS}")
    return count, dash + 1


def _check_body(kind: int, body: bytes, ack_id: int | None) -> None:
    first = body[:1]
    if kind in (EVENT, BINARY_EVENT):
        if first != b"[":
            raise _error("an event without an array of arguments")
    elif kind in (ACK, BINARY_ACK):
        if first != b"[" or ack_id is None:
            raise _error("an acknowledgement without id or array of arguments")
    elif kind == DISCONNECT:
        if body or ack_id is not None:
            raise _error("a disconnect packet with content")
    elif ack_id is not None:
        raise _error("a number where JSON is expected")
    elif kind == CONNECT:
        if body:
            _check_connect(body)
    elif not body:
        raise _error("an error packet without content")


def _check_connect(body: bytes) -> None:
    # Nobody above reads the content of a connect packet, so it is read here.
    try:
        value = json_text.read(body)
    except ValueError:
        value = False
    if value is not None and not isinstance(value, dict | list):
        raise _error("a connect packet with content that is no object")


def event_name(body: bytes) -> str:
    """Return the name of the event whose arguments are *body*.

    Raises:
        RemoteProtocolError: not an array whose first element is a text or number.

    Source: socket.io-parser 3.4.5, isPayloadValid; names that are numbers pass in
    protocol 4 and are handed out as text.
    """
    if body[:2] == b'["':
        end = body.find(b'"', 2)
        plain = body[2:end]
        if end > 0 and b"\\" not in plain:
            try:
                return plain.decode()
            except UnicodeDecodeError:
                raise _error("an event name that is not UTF-8") from None
    arguments = decode_arguments(body)
    name = arguments[0] if arguments else None
    if isinstance(name, str):
        return name
    if isinstance(name, int | float) and not isinstance(name, bool):
        return str(name)
    raise _error("an event without a name")


def decode_arguments(body: bytes, attachments: Sequence[bytes] = ()) -> list[Any]:
    """Decode an array of arguments and put the attachments into their places.

    Args:
        body: JSON text of an array.
        attachments: in the order in which they came.

    Raises:
        RemoteProtocolError: not a JSON array, or a placeholder out of range.
    """
    try:
        arguments = json_text.read(body)
    except ValueError:
        raise _error("arguments that are not JSON") from None
    if not isinstance(arguments, list):
        raise _error("arguments that are not an array")
    if attachments:
        return [_filled(argument, attachments) for argument in arguments]
    return arguments


def _filled(value: Any, attachments: Sequence[bytes]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_filled(item, attachments) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            number = value.get("num")
            if type(number) is int and 0 <= number < len(attachments):
                return attachments[number]
            raise _error("a placeholder without its attachment")
        return {key: _filled(item, attachments) for key, item in value.items()}
    return value


def encode_arguments(arguments: Sequence[object]) -> tuple[bytes, tuple[bytes, ...]]:
    """Encode arguments; each ``bytes`` in them becomes an attachment.

    Returns:
        JSON text of an array, and the attachments in order.

    Raises:
        LocalProtocolError: a value that JSON cannot hold, or too many attachments.
    """
    attachments: list[bytes] = []
    try:
        body = json_text.write([_emptied(item, attachments) for item in arguments])
    except (TypeError, ValueError, RecursionError) as error:
        raise LocalProtocolError(f"arguments that JSON cannot hold: {error}") from None
    if len(attachments) > MAX_ATTACHMENTS:
        raise LocalProtocolError(
            f"{len(attachments)} attachments; the limit is {MAX_ATTACHMENTS}"
        )
    return body, tuple(attachments)


def _emptied(value: object, attachments: list[bytes]) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list | tuple):
        return [_emptied(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _emptied(item, attachments) for key, item in value.items()}
    return value
