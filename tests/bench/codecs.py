"""The codecs, ours against python-engineio's and python-socketio's: no network.

``python -m tests.bench.codecs`` prints a table of packets per second and one JSON
line. Both sides work in this process, in turns, on the same packets:

- *frame*: one Engine.IO packet in a WebSocket message, from and to bytes;
- *payload*: ten of them in the body of a polling request, from and to bytes;
- *event*: one Socket.IO event with ack id, its name and arguments included. Theirs
  begins and ends with ``str`` here; ours, with bytes, reads and writes the UTF-8.

The contents are a short command, the push of ``workload.json`` (900 bytes, Chinese),
and 1 KiB of binary, in an event as its attachment. The peers speak EIO4 and SIO5 alone,
so ours of EIO3 and SIO4 are held against those, as the nearest.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from padchat_twisted.wire import engineio, socketio
from padchat_twisted.wire.engineio_payload import decode_payload, encode_payload
from tests.bench.client import load_workload

#: The aim: our packets per second, divided by theirs.
AIM = 5.0

#: A measurement takes so much CPU (seconds), and there are so many of each.
SECONDS = 0.04
ROUNDS = 5

PACKETS_PER_PAYLOAD = 10
NAMESPACE = "/user"
ACK_ID = 7

Work = Callable[[], Any]
"""Does one piece of work; the result is only looked at by the tests."""

Frame = tuple[bytes, bool]
"""What a WebSocket message holds, and whether it is text."""


@dataclass(frozen=True)
class Task:
    """Something that both sides do.

    Attributes:
        protocol: of ours, such as ``EIO3``.
        unit: frame, payload or event.
        content: small, push or binary.
        direction: decode or encode.
        ours: our way.
        theirs: the peer's way, in its own protocol.
        packets: how many packets one call works on.
    """

    protocol: str
    unit: str
    content: str
    direction: str
    ours: Work
    theirs: Work
    packets: int = 1


@dataclass(frozen=True)
class Row:
    """What was measured of one task: packets per second, medians of the rounds."""

    protocol: str
    unit: str
    content: str
    direction: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as fast we are."""
        return self.ours / self.theirs


def contents() -> dict[str, list[Any]]:
    """Return the arguments of an event, by content."""
    return {
        "small": ["sendMsg", {"toUserName": "a", "content": "hi"}],
        "push": ["push", load_workload()["push"]],
        "binary": ["file", bytes(range(256)) * 4],
    }


# Ours


def our_frame(packet: engineio.Packet, revision: engineio.Revision) -> Frame:
    """Encode a packet for a WebSocket message."""
    if packet.is_text:
        return engineio.encode_text(packet.type, packet.data), True
    return engineio.encode_binary(packet.type, packet.data, revision), False


def our_payload(data: bytes, is_text: bool, revision: engineio.Revision) -> bytes:
    """Make packets, and of them a body."""
    packets = [
        engineio.Packet(engineio.MESSAGE, data, is_text)
        for _ in range(PACKETS_PER_PAYLOAD)
    ]
    return encode_payload(packets, revision=revision).body


def our_event(arguments: Sequence[object]) -> list[bytes]:
    """Encode an event: text, then attachments."""
    body, attachments = socketio.encode_arguments(arguments)
    count = len(attachments)
    kind = socketio.BINARY_EVENT if count else socketio.EVENT
    packet = socketio.Packet(kind, NAMESPACE, ACK_ID, body, count)
    return [socketio.encode(packet), *attachments]


def our_event_read(parts: Sequence[bytes], protocol: socketio.Protocol) -> list[Any]:
    """Decode an event to its arguments."""
    packet = socketio.decode(parts[0], protocol)
    socketio.event_name(packet.body, protocol)
    return socketio.decode_arguments(packet.body, parts[1:])


# Theirs


class Peer:
    """python-engineio and python-socketio, from and to the bytes of the wire."""

    def __init__(self) -> None:
        # They are in requirements.txt of this folder, not in the environment that
        # mypy sees: hence no plain import.
        self._engine: Any = importlib.import_module("engineio.packet").Packet
        self._payload: Any = importlib.import_module("engineio.payload").Payload
        self._socket: Any = importlib.import_module("socketio.packet").Packet

    def frame(self, data: str | bytes) -> bytes:
        """Encode a packet for a WebSocket message."""
        encoded: str | bytes = self._engine(4, data).encode()
        return encoded.encode() if isinstance(encoded, str) else encoded

    def read_frame(self, frame: bytes, is_text: bool) -> str | bytes:
        """Decode the packet of a WebSocket message."""
        packet = self._engine(encoded_packet=frame.decode() if is_text else frame)
        data: str | bytes = packet.data
        return data

    def payload(self, data: str | bytes) -> bytes:
        """Make packets, and of them a body."""
        packets = [self._engine(4, data) for _ in range(PACKETS_PER_PAYLOAD)]
        encoded: str = self._payload(packets=packets).encode()
        return encoded.encode()

    def read_payload(self, body: bytes) -> list[Any]:
        """Decode a body to packets."""
        packets: list[Any] = self._payload(encoded_payload=body.decode()).packets
        return packets

    def event(self, arguments: Sequence[object]) -> str | list[str | bytes]:
        """Encode an event as its layer below takes it: text, then attachments."""
        packet = self._socket(2, data=arguments, namespace=NAMESPACE, id=ACK_ID)
        encoded: str | list[str | bytes] = packet.encode()
        return encoded

    def read_event(self, parts: Sequence[str | bytes]) -> list[Any]:
        """Decode an event, as its layer below gives it, to its arguments."""
        packet = self._socket(encoded_packet=parts[0])
        for attachment in parts[1:]:
            packet.add_attachment(attachment)
        arguments: list[Any] = packet.data
        return arguments


def tasks() -> Iterator[Task]:
    """Yield everything that is measured."""
    peer = Peer()
    for content, arguments in contents().items():
        is_text = content != "binary"
        data = our_event(arguments)[0] if is_text else arguments[1]
        their_data = data.decode() if is_text else data
        for revision in (engineio.EIO3, engineio.EIO4):
            packet = engineio.Packet(engineio.MESSAGE, data, is_text)
            frame, _ = our_frame(packet, revision)
            task = partial(Task, f"EIO{revision}")
            yield task(
                "frame",
                content,
                "decode",
                partial(
                    engineio.decode_frame, frame, is_text=is_text, revision=revision
                ),
                partial(peer.read_frame, peer.frame(their_data), is_text),
            )
            yield task(
                "frame",
                content,
                "encode",
                partial(our_frame, packet, revision),
                partial(peer.frame, their_data),
            )
            body = our_payload(data, is_text, revision)
            yield task(
                "payload",
                content,
                "decode",
                partial(decode_payload, body, revision=revision),
                partial(peer.read_payload, peer.payload(their_data)),
                PACKETS_PER_PAYLOAD,
            )
            yield task(
                "payload",
                content,
                "encode",
                partial(our_payload, data, is_text, revision),
                partial(peer.payload, their_data),
                PACKETS_PER_PAYLOAD,
            )
        parts = our_event(arguments)
        their_parts: list[str | bytes] = [parts[0].decode(), *parts[1:]]
        protocols: tuple[socketio.Protocol, ...] = (4, 5)
        for protocol in protocols:
            task = partial(Task, f"SIO{protocol}", "event", content)
            yield task(
                "decode",
                partial(our_event_read, parts, protocol),
                partial(peer.read_event, their_parts),
            )
            yield task(
                "encode", partial(our_event, arguments), partial(peer.event, arguments)
            )


# Measuring


def calls_per_second(work: Work, calls: int) -> float:
    """Measure the CPU of this process over so many calls."""
    repeat = range(calls)
    begun = time.process_time()
    for _ in repeat:
        work()
    return calls / (time.process_time() - begun)


def measure(task: Task, rounds: int) -> Row:
    """Measure both sides in turns."""
    sides = (task.ours, task.theirs)
    amounts = [max(20, round(SECONDS * calls_per_second(work, 20))) for work in sides]
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, calls, gathered in zip(sides, amounts, figures, strict=True):
            gathered.append(calls_per_second(work, calls) * task.packets)
    return Row(
        task.protocol,
        task.unit,
        task.content,
        task.direction,
        median(figures[0]),
        median(figures[1]),
    )


def render(rows: Sequence[Row]) -> str:
    """Draw the table: a line for each protocol, unit and content."""
    lines = [
        "| thousand packets per second | decode: ours | theirs | ratio"
        " | encode: ours | theirs | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    by_line: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        cells = by_line.setdefault((row.protocol, row.unit, row.content), [])
        cells += [
            f"{row.ours / 1000:,.0f}",
            f"{row.theirs / 1000:,.0f}",
            f"{row.ratio:.1f}",
        ]
    for (protocol, unit, content), cells in by_line.items():
        lines.append(f"| {protocol} {unit}, {content} | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(rows: Sequence[Row]) -> str:
    """Say where we stand against the aim."""
    missed = [
        f"{row.protocol} {row.unit}, {row.content}, {row.direction} {row.ratio:.1f}"
        for row in rows
        if row.ratio < AIM
    ]
    held = len(rows) - len(missed)
    text = f"aim (at least {AIM:g} times theirs): held in {held} of {len(rows)}"
    return f"{text}; missed: {', '.join(missed)}" if missed else text


def main() -> int:
    """Measure everything, print the table and the JSON line."""
    rounds = 1 if "--quick" in sys.argv[1:] else ROUNDS
    rows = [measure(task, rounds) for task in tasks()]
    rows.sort(key=lambda row: (row.protocol, row.unit))
    versions = {
        name: importlib.metadata.version(name)
        for name in ("padchat-twisted", "python-engineio", "python-socketio")
    }
    versions["python"] = platform.python_version()
    record = {
        "codecs": [
            [
                row.protocol,
                row.unit,
                row.content,
                row.direction,
                round(row.ours),
                round(row.theirs),
            ]
            for row in rows
        ],
        "versions": versions,
    }
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        "Codecs: medians; theirs speak EIO4 and SIO5 alone",
        "",
        render(rows),
        "",
        listed,
        verdict(rows),
        json.dumps(record),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
