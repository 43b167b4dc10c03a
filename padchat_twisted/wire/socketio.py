"""Socket.IO packets of protocols 4 and 5: text, and attachments beside it.

::

    packet    = type [ count "-" ] [ namespace [ "," ] ] [ ack-id ] [ json ]
    type      = "0" connect  "1" disconnect  "2" event  "3" ack  "4" error
              | "5" binary event  "6" binary ack
    count     = 1*DIGIT              attachments that follow; types 5 and 6 only
    namespace = "/" *(any but ",")   left out for the main namespace "/"
    ack-id    = 1*DIGIT
    json      = array (2 3 5 6), string or object (4)
                (0) object or array in protocol 4, object in protocol 5

The comma after a namespace may be missing when nothing follows. An attachment
stands in the JSON as ``{"_placeholder":true,"num":0}``. Type 4 is ERROR in protocol 4,
at any time and with any content, and CONNECT_ERROR in protocol 5.

Source: socket.io-protocol 4 and 5; socket.io-parser 3.4.5 and 4.2.7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ..errors import LocalProtocolError, RemoteProtocolError
from . import json_text
from .limits import MAX_ACK_DIGITS, MAX_ATTACHMENTS, MAX_NAMESPACE_BYTES

__all__ = [
    "ACK",
    "BINARY_ACK",
    "BINARY_EVENT",
    "CONNECT",
    "CONNECT_ERROR",
    "DISCONNECT",
    "ERROR",
    "EVENT",
    "RESERVED_EVENTS",
    "Packet",
    "Protocol",
    "decode",
    "decode_arguments",
    "decode_connected",
    "encode",
    "encode_arguments",
    "encode_connected",
    "event_name",
    "may_be_of_1x",
    "refuse_text_of_1x",
]

Protocol = Literal[4, 5]
"""Version of the Socket.IO protocol."""

CONNECT, DISCONNECT, EVENT, ACK, ERROR, BINARY_EVENT, BINARY_ACK = range(7)
CONNECT_ERROR = ERROR

#: Events that a peer of protocol 5 must not send: they have a meaning of their own in
#: the JavaScript library. Protocol 4 hands them on. Source: socket.io-parser 4.2.7.
RESERVED_EVENTS = frozenset(
    (
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
    )
)

_ATTACHED = (BINARY_EVENT, BINARY_ACK)

#: What values are in JSON, and bytes beside it.
_PLAIN = frozenset((str, int, float, bool, type(None)))
_ARRAYS = (list, tuple)
_BYTES = (bytes, bytearray, memoryview)

#: All before the JSON. The quantifiers give nothing back, so no text takes long.
_match_head = re.compile(
    rb"(?:[0-4]|[56]([1-9][0-9]{0,15})-)(?:(/[^,]*+),?)?([0-9]*+)"
).match


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
    """Encode the text of a packet, alike in both protocols; attachments follow it."""
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


def decode(text: bytes, protocol: Protocol = 4) -> Packet:
    """Decode the text of a packet; its JSON is looked at, but not read.

    Only the content of a CONNECT packet is read, and of a CONNECT_ERROR packet.

    Args:
        text: one message of the layer below.
        protocol: of the connection.

    Returns:
        The packet. Whether its JSON is well-formed shows when it is read, by
        ``decode_arguments`` or a typed decoder.

    Raises:
        RemoteProtocolError: of unknown type, over a limit, or with a body that the
            type cannot have.

    Source: socket.io-parser 3.4.5 and 4.2.7, decodeString; what they take only because
    of how JavaScript turns text into numbers is refused here.
    """
    found = _match_head(text)
    if found is None:
        raise _error(_what_is_wrong(text))
    digits, name, ack_digits = found.groups()
    kind = text[0] - 0x30
    count = 0
    if digits is not None:
        count = int(digits)
        if count > MAX_ATTACHMENTS:
            raise _error(f"{count} attachments; the limit is {MAX_ATTACHMENTS}")
    namespace = "/"
    if name is not None:
        if len(name) > MAX_NAMESPACE_BYTES:
            raise _error(f"a namespace of more than {MAX_NAMESPACE_BYTES} bytes")
        try:
            namespace = name.decode()
        except UnicodeDecodeError:
            raise _error("a namespace that is not UTF-8") from None
    ack_id = None
    if ack_digits:
        if len(ack_digits) > MAX_ACK_DIGITS:
            raise _error(f"an ack id of more than {MAX_ACK_DIGITS} digits")
        ack_id = int(ack_digits)
    body = text[found.end() :]
    _check_body(kind, body, ack_id, protocol)
    return Packet(kind, namespace, ack_id, body, count)


def _what_is_wrong(text: bytes) -> str:
    if not text:
        return "an empty packet"
    if text.startswith((b"5", b"6")):
        return "an attachment count that is no number above zero"
    return "a packet of unknown type"


def _check_body(kind: int, body: bytes, ack_id: int | None, protocol: Protocol) -> None:
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
            _check_connect(body, protocol)
    elif not body:
        raise _error("an error packet without content")
    elif protocol == 5 and not isinstance(_read_or_false(body), str | dict):
        raise _error("a connect error that is neither string nor object")


def _check_connect(body: bytes, protocol: Protocol) -> None:
    # Nobody above reads the content of a connect packet, so it is read here.
    value = _read_or_false(body)
    if isinstance(value, dict):
        return
    if protocol == 5 or not (value is None or isinstance(value, list)):
        raise _error("a connect packet with content that is no object")


def _read_or_false(body: bytes) -> Any:  # noqa: ANN401 - JSON has any shape
    try:
        return json_text.read(body)
    except ValueError:
        return False


def may_be_of_1x(text: bytes) -> bool:
    """Tell whether a CONNECT has no comma, as in socket.io 1.x, though not only there.

    Source: vectors legacy17-polling-session, legacy20-polling-session.
    """
    return text.startswith(b"0/") and b"," not in text


def refuse_text_of_1x(text: bytes) -> None:
    """Check a packet that came over polling for UTF-8 bytes as characters.

    Raises:
        RemoteProtocolError: it has some, as the payloads of 1.x have.

    Source: engine.io-parser 1.3.2; vector legacy17-polling-session.
    """
    if text.isascii():
        return
    with suppress(UnicodeError):
        text.decode().encode("latin-1").decode()
        raise _error("text of socket.io 1.x, which is spoken over WebSocket alone")


class _Connected(Struct, frozen=True, gc=False):
    sid: str


_connected = msgspec.json.Decoder(_Connected)


def encode_connected(sid: str) -> bytes:
    """Encode the body with which a server of protocol 5 lets a client in."""
    return json_text.write(_Connected(sid))


def decode_connected(body: bytes) -> str:
    """Return the sid with which a server of protocol 5 let us in.

    Raises:
        RemoteProtocolError: there is none: the server speaks protocol 4.

    Source: socket.io-client 4.8.4, Socket.onpacket.
    """
    try:
        sid = json_text.read_as(_connected, body).sid
    except ValueError:
        sid = ""
    if not sid:
        raise _error(
            "a connect packet without sid; the server seems to be a socket.io 2.x,"
            " which speaks Engine.IO 3"
        )
    return sid


def event_name(body: bytes, protocol: Protocol = 4) -> str:
    """Return the name of the event whose arguments are *body*.

    Raises:
        RemoteProtocolError: not an array whose first element is a text or number, or,
            in protocol 5, a reserved name.

    Source: socket.io-parser 3.4.5 and 4.2.7, isPayloadValid; names that are numbers
    pass and are handed out as text.
    """
    name = None
    if body[:2] == b'["':
        end = body.find(b'"', 2)
        plain = body[2:end]
        if end > 0 and 0x5C not in plain:  # no backslash
            try:
                name = plain.decode()
            except UnicodeDecodeError:
                raise _error("an event name that is not UTF-8") from None
    if name is None:
        name = _name_in(decode_arguments(body))
    if protocol == 5 and name in RESERVED_EVENTS:
        raise _error(f"an event of the reserved name {name}")
    return name


def _name_in(arguments: Sequence[object]) -> str:
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
        if _hold_bytes(arguments):
            arguments = [_emptied(item, attachments) for item in arguments]
        body = json_text.write(list(arguments))
    except (TypeError, ValueError, RecursionError) as error:
        raise LocalProtocolError(f"arguments that JSON cannot hold: {error}") from None
    if len(attachments) > MAX_ATTACHMENTS:
        raise LocalProtocolError(
            f"{len(attachments)} attachments; the limit is {MAX_ATTACHMENTS}"
        )
    return body, tuple(attachments)


def _hold_bytes(values: Collection[object]) -> bool:
    """Tell whether there is something to be sent as an attachment."""
    if _PLAIN.issuperset(map(type, values)):
        return False
    for value in values:
        if type(value) in _PLAIN:
            continue
        if isinstance(value, dict):
            value = value.values()
        elif isinstance(value, _BYTES):
            return True
        elif not isinstance(value, _ARRAYS):
            continue
        if _hold_bytes(value):
            return True
    return False


def _emptied(value: object, attachments: list[bytes]) -> object:
    if isinstance(value, _BYTES):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, _ARRAYS):
        return [_emptied(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _emptied(item, attachments) for key, item in value.items()}
    return value
