"""Running the entries of the codec files in both directions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from padchat_twisted.errors import LocalProtocolError, RemoteProtocolError
from padchat_twisted.wire import engineio, json_text, socketio
from padchat_twisted.wire.engineio import EIO3, EIO4
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.engineio_payload import decode_payload, encode_payload
from padchat_twisted.wire.occurrences import SocketAck, SocketEvent
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Role,
    WebSocketMessage,
    WebSocketOpened,
)

from .bodies import BYTE_EQUAL, EQUAL
from .codec_tables import DIFFERENT_ENTRIES
from .compared import DIFFERENT
from .joined import HANDSHAKE, client, frames
from .meanings import exact, meaning
from .recorded import codec_entries, payload, value_of

# Categories beside those of the replays.
DECODED = "decoded alike"
DECODED_AS_2 = "of 1.x, decoded as the parser of 2.x does"
REFUSED = "refused alike"
QUIRK_DECODED = "quirk, decoded alike"
QUIRK_OTHERWISE = "quirk, decoded otherwise"
QUIRK_REFUSED = "quirk, refused"
REFUSED_WHOLE = "refused alike, with what stood before the fault"

_ENGINE_TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
_FIRST_TYPES = ("CONNECT", "DISCONNECT", "EVENT", "ACK")
_LAST_TYPES = ("BINARY_EVENT", "BINARY_ACK")
_SOCKET_TYPES: dict[socketio.Protocol, tuple[str, ...]] = {
    4: (*_FIRST_TYPES, "ERROR", *_LAST_TYPES),
    5: (*_FIRST_TYPES, "CONNECT_ERROR", *_LAST_TYPES),
}


Entry = dict[str, Any]


@dataclass
class Decoded:
    """What came out: the packets, and whether the input was refused or unfinished."""

    packets: list[Any]
    is_refused: bool = False
    is_waiting: bool = False


#: The frames of a packet: content, and whether it is text.
Encode = Callable[[Entry], list[tuple[bytes, bool]]]
Decode = Callable[[Entry], Decoded]


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
    """Run every entry of a codec file."""
    results = []
    for entry in codec_entries(name):
        if name == "codec-socketio":
            results.append(_run(entry, _encode_socket, _decode_socket))
        elif entry["kind"] == "payload":
            results.append(_run(entry, _encode_payload, _decode_payload))
        else:
            results.append(_run(entry, _encode_engine, _decode_engine))
    return results


def count(results: list[EntryResult]) -> Counter[str]:
    """Count the categories."""
    return Counter(c for result in results for c in result.categories)


def _meaning(frame: tuple[bytes, bool]) -> object:
    data, is_text = frame
    return meaning(b"4" + data) if is_text else data


def _run(entry: Entry, encode: Encode, decode: Decode) -> EntryResult:
    result = EntryResult(entry["id"])
    wanted = entry.get("decoded_by_parser_2", entry.get("decoded"))
    is_refused = "decode_error" in entry or _has_fault(wanted)
    if entry["op"] == "decode":
        is_refused = bool(entry["error"])
    else:
        _check_encoding(entry, encode, result)
    if wanted is not None:
        _check_decoding(entry, wanted, is_refused, decode(entry), result)
    return result


def _has_fault(wanted: object) -> bool:
    """Tell whether the decoder of Engine.IO ended with a packet that says an error."""
    return isinstance(wanted, list) and wanted[-1:] == [
        {"type": "error", "data": "parser error"}
    ]


def _check_encoding(entry: Entry, encode: Encode, result: EntryResult) -> None:
    try:
        ours = encode(entry)
    except LocalProtocolError:
        if entry["id"] in DIFFERENT_ENTRIES:
            result.categories.append(DIFFERENT)
        elif entry.get("error"):
            result.categories.append(REFUSED)
        else:
            result.problems.append(f"{entry['id']}: not encoded")
        return
    encoded = entry["encoded"]
    recorded = [
        payload(f) for f in (encoded if isinstance(encoded, list) else [encoded])
    ]
    if ours == recorded:
        result.categories.append(BYTE_EQUAL)
    elif entry["id"] in DIFFERENT_ENTRIES:
        result.categories.append(DIFFERENT)
    elif "kind" not in entry and (
        [_meaning(f) for f in ours] == [_meaning(f) for f in recorded]
    ):
        result.categories.append(EQUAL)
    else:
        result.problems.append(f"{entry['id']}: encoded {ours!r:.200}")


def _check_decoding(
    entry: Entry, wanted: object, is_refused: bool, got: Decoded, result: EntryResult
) -> None:
    expected = wanted if isinstance(wanted, list) else [wanted]
    refused, decoded = REFUSED, DECODED
    if is_refused and wanted is not expected:
        # The decoder of Engine.IO hands out a packet that says what was wrong.
        expected = []
    elif is_refused and _has_fault(expected):
        # That of its payloads also hands out what stood before; we do not.
        refused = REFUSED if len(expected) == 1 else REFUSED_WHOLE
        expected = []
    elif wanted != entry["decoded"]:
        decoded = DECODED_AS_2
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
        result.categories.append(refused if is_refused else decoded)
    elif entry["id"] in DIFFERENT_ENTRIES and got.is_refused:
        result.categories.append(DIFFERENT)
    else:
        result.problems.append(f"{entry['id']}: decoded {got!r:.300}")


# Engine.IO


def _revision(entry: Entry) -> engineio.Revision:
    return EIO3 if entry["proto"] == 3 else EIO4


def _packet(written: Entry) -> engineio.Packet:
    kind = _ENGINE_TYPES.index(written["type"])
    content = value_of(written.get("data", ""))
    if isinstance(content, str):
        return engineio.Packet(kind, content.encode("utf-8", "surrogatepass"))
    return engineio.Packet(kind, content, is_text=False)


def _read_engine(packet: engineio.Packet) -> Entry:
    read: Entry = {"type": _ENGINE_TYPES[packet.type]}
    if not packet.is_text:
        read["data"] = packet.data
    elif packet.data:
        read["data"] = packet.data.decode("utf-8", "surrogatepass")
    return read


def _encode_engine(entry: Entry) -> list[tuple[bytes, bool]]:
    packet = _packet(entry["packet"])
    if packet.is_text:
        return [(engineio.encode_text(packet.type, packet.data), True)]
    encode = (
        engineio.encode_binary if entry["supports_binary"] else engineio.encode_base64
    )
    encoded = encode(packet.type, packet.data, _revision(entry))
    return [(encoded, not entry["supports_binary"])]


def _decode_engine(entry: Entry) -> Decoded:
    data, is_text = payload(entry["encoded"])
    try:
        packet = engineio.decode_frame(data, is_text=is_text, revision=_revision(entry))
    except RemoteProtocolError:
        return Decoded([], is_refused=True)
    return Decoded([_read_engine(packet)])


def _encode_payload(entry: Entry) -> list[tuple[bytes, bool]]:
    encoded = encode_payload(
        [_packet(written) for written in entry["packets"]],
        revision=_revision(entry),
        takes_binary=entry.get("supports_binary", False),
    )
    return [(encoded.body, not encoded.is_binary)]


def _decode_payload(entry: Entry) -> Decoded:
    body, is_text = payload(entry["encoded"])
    try:
        packets = decode_payload(body, revision=_revision(entry), is_binary=not is_text)
    except RemoteProtocolError:
        return Decoded([], is_refused=True)
    return Decoded([_read_engine(packet) for packet in packets])


# Socket.IO


def _encode_socket(entry: Entry) -> list[tuple[bytes, bool]]:
    written = entry["packet"]
    kind = _SOCKET_TYPES[entry["proto"]].index(written["type"])
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
    if attachments and entry["proto"] == 5:
        kind = {socketio.EVENT: socketio.BINARY_EVENT}.get(kind, socketio.BINARY_ACK)
    packet = socketio.Packet(kind, namespace, ack_id, body, len(attachments))
    encoded = [
        (socketio.encode(packet), True),
        *((attachment, False) for attachment in attachments),
    ]
    if "," not in namespace and encoded != _emitted(
        packet, attachments, entry["proto"]
    ):
        raise AssertionError(f"{entry['id']}: the connection encodes otherwise")
    return encoded


def _connection(protocol: socketio.Protocol, *namespaces: str) -> SocketIOConnection:
    """Return a client's connection that is in *namespaces*."""
    if protocol == 4:
        return client(*namespaces)
    connection = SocketIOConnection(EngineIOConnection(Role.CLIENT, revision=EIO4))
    for namespace in namespaces:
        connection.join(namespace)
    connection.start(now=0.0)
    connection.receive(WebSocketOpened(), now=0.0)
    connection.receive_texts([b"0" + engineio.encode_handshake(HANDSHAKE)], 0.0)
    for namespace in namespaces:
        answer = socketio.Packet(0, namespace, body=socketio.encode_connected("s"))
        connection.receive_texts([b"4" + socketio.encode(answer)], 0.0)
    connection.events_received()
    connection.actions_to_take()
    return connection


def _emitted(
    packet: socketio.Packet, attachments: tuple[bytes, ...], protocol: socketio.Protocol
) -> list[tuple[bytes, bool]]:
    """Return what a connection sends for *packet*, without Engine.IO's types."""
    connection = _connection(protocol, packet.namespace)
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
    skipped = 1 if protocol == 4 else 0
    return [(text[1:], True), *((frame[skipped:], False) for frame in rest)]


def _decode_socket(entry: Entry) -> Decoded:
    parts = [payload(frame) for frame in entry["encoded"]]
    text, is_text = parts[0]
    if is_text and len(parts) == 1 and not text.startswith((b"5", b"6")):
        try:
            return Decoded([_read(socketio.decode(text, entry["proto"]), entry)])
        except RemoteProtocolError:
            return Decoded([], is_refused=True)
    return _assembled(parts, entry["proto"])


def _read(packet: socketio.Packet, entry: Entry) -> Entry:
    """Read a packet as the layers above do."""
    read: Entry = {
        "type": _SOCKET_TYPES[entry["proto"]][packet.type],
        "nsp": packet.namespace,
    }
    if packet.ack_id is not None:
        read["id"] = packet.ack_id
    if packet.type == socketio.EVENT:
        socketio.event_name(packet.body, entry["proto"])
    if packet.type in (socketio.EVENT, socketio.ACK):
        read["data"] = socketio.decode_arguments(packet.body)
    elif packet.body:
        try:
            read["data"] = json_text.read(packet.body)
        except ValueError:
            raise RemoteProtocolError("socket.io", "content that is no JSON") from None
    return read


def _assembled(parts: list[tuple[bytes, bool]], protocol: socketio.Protocol) -> Decoded:
    """Feed messages to a connection that is in every namespace of the entries."""
    connection = _connection(protocol, "/", "/user")
    mark = b"\x04" if protocol == 4 else b""
    packets: list[Any] = []
    for data, is_text in parts:
        frame = b"4" + data if is_text else mark + data
        connection.receive(WebSocketMessage(frame, is_text), now=0.0)
        for occurrence in connection.events_received():
            if not isinstance(occurrence, SocketEvent | SocketAck):
                continue
            try:
                packets.append(_assembled_packet(occurrence, protocol))
            except RemoteProtocolError as error:
                connection.fail(error, now=0.0)
    actions = connection.actions_to_take()
    is_refused = any(isinstance(a, CloseWebSocket | Closed) for a in actions)
    return Decoded(packets, is_refused, not packets and not is_refused)


def _assembled_packet(
    occurrence: SocketEvent | SocketAck, protocol: socketio.Protocol
) -> Entry:
    kind = "EVENT" if isinstance(occurrence, SocketEvent) else "ACK"
    is_marked = protocol == 4 and occurrence.attachments
    read: Entry = {
        "type": f"BINARY_{kind}" if is_marked else kind,
        "nsp": occurrence.namespace,
        "data": socketio.decode_arguments(occurrence.body, occurrence.attachments),
    }
    if occurrence.ack_id is not None:
        read["id"] = occurrence.ack_id
    return read
