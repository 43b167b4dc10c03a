"""Running the entries of the codec files in both directions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from padchat_twisted.errors import LocalProtocolError, RemoteProtocolError
from padchat_twisted.wire import engineio, json_text, socketio
from padchat_twisted.wire.occurrences import SocketAck, SocketEvent
from padchat_twisted.wire.told import Closed, CloseWebSocket, WebSocketMessage

from .joined import client, frames
from .recorded import codec_entries, payload, value_of
from .replay import BYTE_EQUAL, DIFFERENT, EQUAL, exact, meaning

# Categories beside those of the replays.
DECODED = "decoded alike"
REFUSED = "refused alike"
QUIRK_DECODED = "quirk, decoded alike"
QUIRK_OTHERWISE = "quirk, decoded otherwise"
QUIRK_REFUSED = "quirk, refused"
LATER = "of a later part"

#: Entries of a later part, by (file, protocol, kind), each with the reason.
NOT_YET = {
    ("codec-engineio", 3, "payload"): "payloads are of polling, which comes later",
    ("codec-engineio", 4, "packet"): "Engine.IO 4 comes later",
    ("codec-engineio", 4, "payload"): "Engine.IO 4 comes later",
    ("codec-socketio", 5, None): "Socket.IO protocol 5 rides Engine.IO 4: later",
}

_NO_NAMESPACE = (
    "the JavaScript decoder hands out an ERROR packet without a namespace, which nobody"
    " gets; a type that does not exist is an error of the peer here"
)
_CANNOT_ENCODE = (
    "the JavaScript encoder sends an ERROR packet to the peer; we raise"
    " LocalProtocolError and send nothing"
)

#: Entries in which we differ on purpose, each with the reason.
DIFFERENT_ENTRIES = {
    "sio-033": "functions, dates and toJSON are values of JavaScript alone",
    "sio-081": "eleven attachments: every decoder refuses them, so nothing is sent",
    "sio-087": _CANNOT_ENCODE,
    "sio-089": _CANNOT_ENCODE,
    "sio-227": "an event without arguments is refused, as 2.x does in other spellings",
    **dict.fromkeys(
        (
            "sio-371",
            "sio-373",
            "sio-375",
            "sio-377",
            "sio-379",
            "sio-383",
            "sio-385",
            "sio-387",
        ),
        _NO_NAMESPACE,
    ),
}

_ENGINE_TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
_SOCKET_TYPES = (
    "CONNECT",
    "DISCONNECT",
    "EVENT",
    "ACK",
    "ERROR",
    "BINARY_EVENT",
    "BINARY_ACK",
)


Entry = dict[str, Any]


@dataclass
class Decoded:
    """What came out: the packets, and whether the input was refused or unfinished."""

    packets: list[Any]
    is_refused: bool = False
    is_waiting: bool = False


#: The frames of a packet: content, and whether it is text.
Encode = Callable[[Entry], list[tuple[bytes, bool]]]
Decode = Callable[[Any], Decoded]


@dataclass
class EntryResult:
    """What running one entry gave.

    Args:
        id: of the entry.
        categories: one for each direction that was run.
        problems: what was wrong; each a sentence.
    """

    id: str
    categories: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def run_file(name: str) -> list[EntryResult]:
    """Run every entry of a codec file; those of a later part are only counted."""
    results = []
    for entry in codec_entries(name):
        key = (name, entry["proto"], entry.get("kind"))
        if key in NOT_YET:
            results.append(EntryResult(entry["id"], [LATER]))
        elif name == "codec-engineio":
            results.append(_run(entry, _encode_engine, _decode_engine))
        else:
            results.append(_run(entry, _encode_socket, _decode_socket))
    return results


def count(results: list[EntryResult]) -> Counter[str]:
    """Count the categories."""
    return Counter(c for result in results for c in result.categories)


def _meaning(frame: tuple[bytes, bool]) -> object:
    data, is_text = frame
    return meaning(b"4" + data) if is_text else data


def _run(entry: Entry, encode: Encode, decode: Decode) -> EntryResult:
    result = EntryResult(entry["id"])
    if entry["op"] == "decode":
        encoded, wanted = entry["encoded"], entry["decoded"]
        is_refused = bool(entry["error"])
    else:
        _check_encoding(entry, encode, result)
        encoded, wanted = entry["encoded"], entry.get("decoded")
        is_refused = "decode_error" in entry
        if wanted is None:
            return result
    got = decode(encoded)
    _check_decoding(entry, wanted, is_refused, got, result)
    return result


def _check_encoding(entry: Entry, encode: Encode, result: EntryResult) -> None:
    try:
        ours = encode(entry)
    except LocalProtocolError:
        if entry["id"] in DIFFERENT_ENTRIES:
            result.categories.append(DIFFERENT)
        else:
            result.problems.append(f"{entry['id']}: not encoded")
        return
    encoded = entry["encoded"]
    recorded = [
        payload(f) for f in (encoded if isinstance(encoded, list) else [encoded])
    ]
    if ours == recorded:
        result.categories.append(BYTE_EQUAL)
    elif [_meaning(f) for f in ours] == [_meaning(f) for f in recorded]:
        result.categories.append(EQUAL)
    else:
        result.problems.append(f"{entry['id']}: encoded {ours!r:.200}")


def _check_decoding(
    entry: Entry, wanted: object, is_refused: bool, got: Decoded, result: EntryResult
) -> None:
    expected = wanted if isinstance(wanted, list) else [wanted]
    if is_refused and wanted is not expected:
        # The decoder of Engine.IO hands out a packet that says what was wrong.
        expected = []
    is_alike = (
        got.is_refused is is_refused
        and got.is_waiting is entry.get("waiting", False)
        and exact(got.packets) == exact(value_of(expected))
    )
    if entry.get("quirk", False):
        if got.is_refused:
            result.categories.append(QUIRK_REFUSED)
        else:
            result.categories.append(QUIRK_DECODED if is_alike else QUIRK_OTHERWISE)
    elif is_alike:
        result.categories.append(REFUSED if is_refused else DECODED)
    elif entry["id"] in DIFFERENT_ENTRIES and got.is_refused:
        result.categories.append(DIFFERENT)
    else:
        result.problems.append(f"{entry['id']}: decoded {got!r:.300}")


# Engine.IO


def _encode_engine(entry: Entry) -> list[tuple[bytes, bool]]:
    packet = entry["packet"]
    kind = _ENGINE_TYPES.index(packet["type"])
    content = value_of(packet.get("data", ""))
    if isinstance(content, str):
        text = content.encode("utf-8", "surrogatepass")
        return [(engineio.encode_text(kind, text), True)]
    if entry["supports_binary"]:
        return [(engineio.encode_binary(kind, content), False)]
    return [(engineio.encode_base64(kind, content), True)]


def _decode_engine(encoded: dict[str, Any]) -> Decoded:
    data, is_text = payload(encoded)
    try:
        decode = engineio.decode_text if is_text else engineio.decode_binary
        packet = decode(data)
    except RemoteProtocolError:
        return Decoded([], is_refused=True)
    read: dict[str, Any] = {"type": _ENGINE_TYPES[packet.type]}
    if not packet.is_text:
        read["data"] = packet.data
    elif packet.data:
        read["data"] = packet.data.decode("utf-8", "surrogatepass")
    return Decoded([read])


# Socket.IO


def _encode_socket(entry: Entry) -> list[tuple[bytes, bool]]:
    written = entry["packet"]
    kind = _SOCKET_TYPES.index(written["type"])
    namespace, ack_id = written["nsp"], written.get("id")
    if kind in (socketio.CONNECT, socketio.DISCONNECT, socketio.ERROR):
        body = json_text.write(written["data"]) if "data" in written else b""
        return [(socketio.encode(socketio.Packet(kind, namespace, None, body)), True)]
    arguments = value_of(written["data"])
    if "value JSON cannot hold" in entry.get("note", ""):
        arguments[1] = arguments if "cyclic" in entry["note"] else object()
    if "$ack" in json.dumps(written):
        raise LocalProtocolError("a function, which JavaScript alone leaves out")
    body, attachments = socketio.encode_arguments(arguments)
    packet = socketio.Packet(kind, namespace, ack_id, body, len(attachments))
    encoded = [
        (socketio.encode(packet), True),
        *((attachment, False) for attachment in attachments),
    ]
    if "," not in namespace and encoded != _emitted(packet, attachments):
        raise AssertionError(f"{entry['id']}: the connection encodes otherwise")
    return encoded


def _emitted(
    packet: socketio.Packet, attachments: tuple[bytes, ...]
) -> list[tuple[bytes, bool]]:
    """Return what a connection sends for *packet*, without Engine.IO's types."""
    connection = client(packet.namespace)
    if packet.type in (socketio.EVENT, socketio.BINARY_EVENT):
        connection.emit(
            packet.namespace,
            packet.body,
            ack_id=packet.ack_id,
            attachments=attachments,
        )
    else:
        assert packet.ack_id is not None
        connection.acknowledge(
            packet.namespace, packet.ack_id, packet.body, attachments
        )
    text, *rest = frames(connection.actions_to_take())
    return [(text[1:], True), *((frame[1:], False) for frame in rest)]


def _decode_socket(encoded: list[dict[str, Any]]) -> Decoded:
    parts = [payload(frame) for frame in encoded]
    text, is_text = parts[0]
    if is_text and len(parts) == 1 and not text.startswith((b"5", b"6")):
        try:
            return Decoded([_read(socketio.decode(text))])
        except RemoteProtocolError:
            return Decoded([], is_refused=True)
    return _assembled(parts)


def _read(packet: socketio.Packet) -> dict[str, Any]:
    """Read a packet as the layers above do."""
    read: dict[str, Any] = {
        "type": _SOCKET_TYPES[packet.type],
        "nsp": packet.namespace,
    }
    if packet.ack_id is not None:
        read["id"] = packet.ack_id
    if packet.type == socketio.EVENT:
        socketio.event_name(packet.body)
    if packet.type in (socketio.EVENT, socketio.ACK):
        read["data"] = socketio.decode_arguments(packet.body)
    elif packet.body:
        try:
            read["data"] = json_text.read(packet.body)
        except ValueError:
            raise RemoteProtocolError("socket.io", "content that is no JSON") from None
    return read


def _assembled(parts: list[tuple[bytes, bool]]) -> Decoded:
    """Feed messages to a connection that is in every namespace of the entries."""
    connection = client("/", "/user")
    packets: list[Any] = []
    for data, is_text in parts:
        frame = b"4" + data if is_text else b"\x04" + data
        connection.receive(WebSocketMessage(frame, is_text), now=0.0)
        for occurrence in connection.events_received():
            if not isinstance(occurrence, SocketEvent | SocketAck):
                continue
            try:
                packets.append(_assembled_packet(occurrence))
            except RemoteProtocolError as error:
                connection.fail(error, now=0.0)
    actions = connection.actions_to_take()
    is_refused = any(isinstance(a, CloseWebSocket | Closed) for a in actions)
    return Decoded(packets, is_refused, not packets and not is_refused)


def _assembled_packet(occurrence: SocketEvent | SocketAck) -> dict[str, Any]:
    kind = "EVENT" if isinstance(occurrence, SocketEvent) else "ACK"
    read: dict[str, Any] = {
        "type": f"BINARY_{kind}" if occurrence.attachments else kind,
        "nsp": occurrence.namespace,
        "data": socketio.decode_arguments(occurrence.body, occurrence.attachments),
    }
    if occurrence.ack_id is not None:
        read["id"] = occurrence.ack_id
    return read
