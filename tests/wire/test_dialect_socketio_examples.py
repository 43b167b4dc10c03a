"""The dialect ``socketio``: each example of dialects.md, 2, packet by packet.

``tests/protocol/transcripts.txt`` has the transcripts. Where a client speaks, ours must
ask for the same bytes; where the gateway does, ours must understand them; and the
other way round as a gateway.
"""

from __future__ import annotations

import json
import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import dialect_socketio, engineio, json_text
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceRequested,
    SocketOccurrence,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import OpenWebSocket, WebSocketOpened

from .joined import client, frames, server
from .json_examples import PROTOCOL, examples

#: A packet of the examples: event or acknowledgement, ack id, arguments.
PACKET = re.compile(r"4([23])/user,(\d*)(\[.*\])\Z", re.DOTALL)

PAIRS = (("authKey", "KEY-0001"), ("name", "bot1"))


def transcripts() -> dict[str, list[tuple[str, str]]]:
    """Read the transcripts: side (``C`` or ``S``) and packet, by example."""
    found: dict[str, list[tuple[str, str]]] = {}
    lines: list[tuple[str, str]] = []
    for line in (PROTOCOL / "transcripts.txt").read_text(encoding="utf-8").splitlines():
        side, mark, packet = line.partition("> ")
        if mark and side in ("C", "S"):
            lines.append((side, packet))
        elif re.fullmatch(r"S\d+", line):
            lines = found[line] = []
    return found


def parts(packet: str) -> tuple[str, int | None, list[Any]]:
    """Take a packet apart by hand: type, ack id, arguments."""
    match = PACKET.fullmatch(packet)
    assert match is not None, packet
    kind, number, arguments = match.groups()
    return kind, int(number) if number else None, json.loads(arguments)


def heard(connection: SocketIOConnection, *packets: bytes) -> list[SocketOccurrence]:
    """Feed packets; return what comes out."""
    connection.receive_texts(packets, 1.0)
    return list(connection.events_received())


def say(connection: SocketIOConnection, packet: str) -> None:
    """Have a connection say what a packet of the examples says."""
    kind, ack_id, arguments = parts(packet)
    if kind == "2":
        connection.emit("/user", json_text.write(arguments), ack_id=ack_id)
    else:
        assert ack_id is not None
        body = dialect_socketio.reply_body(arguments[0])
        connection.acknowledge("/user", ack_id, body)


class ExampleTests(SynchronousTestCase):
    """Examples S1 to S10, in both directions and both roles."""

    def packets(self) -> list[tuple[str, str, str]]:
        """List example, side and packet of all that come after the connection."""
        return [
            (number, side, packet)
            for number, lines in transcripts().items()
            if number != "S1"
            for side, packet in lines
        ]

    def test_all_are_there(self) -> None:
        """No example is left out, and the blocks of JSON say the same."""
        found = transcripts()
        self.assertEqual(list(found), [f"S{n}" for n in range(1, 11)])
        for number, blocks in examples().items():
            if number.startswith("S"):
                said = [parts(packet)[2] for _, packet in found[number]]
                for block in blocks:
                    self.assertIn(block, said, number)

    def test_packets_of_a_client(self) -> None:
        """A client writes each command, byte for byte."""
        for number, side, packet in self.packets():
            if side == "C":
                connection = client("/user")
                say(connection, packet)
                written = frames(connection.actions_to_take())
                self.assertEqual(written, [packet.encode()], number)

    def test_packets_at_a_server(self) -> None:
        """A server understands each as the call with its id."""
        for number, side, packet in self.packets():
            if side == "C":
                _, ack_id, arguments = parts(packet)
                (occurrence,) = heard(server("/user"), packet.encode())
                call = dialect_socketio.translate_call(occurrence)
                assert isinstance(call, Call)
                self.assertEqual((call.call_id, call.code), (ack_id, arguments[0]))
                self.assertEqual(json.loads(call.body), arguments, number)

    def test_packets_of_a_server(self) -> None:
        """A server writes each reply and event, byte for byte."""
        for number, side, packet in self.packets():
            if side == "S":
                connection = server("/user")
                ack_id = parts(packet)[1]
                if ack_id is not None:
                    heard(connection, b'42/user,%d["x",{}]' % ack_id)
                say(connection, packet)
                written = frames(connection.actions_to_take())
                self.assertEqual(written, [packet.encode()], number)

    def test_packets_at_a_client(self) -> None:
        """A client understands each reply and event."""
        for number, side, packet in self.packets():
            if side == "S":
                kind, ack_id, arguments = parts(packet)
                connection = client("/user")
                if ack_id is not None:
                    connection.emit("/user", b'["x",{}]', ack_id=ack_id)
                found = heard(connection, packet.encode())
                (envelope,), others = dialect_socketio.translate(found, "/user")
                self.assertEqual(others, [])
                self.assertEqual(json.loads(envelope.body), arguments, number)
                if kind == "3":
                    assert isinstance(envelope, Reply)
                    self.assertEqual(envelope.call_id, ack_id, number)
                else:
                    assert isinstance(envelope, Notice)
                    self.assertEqual(envelope.event, arguments[0], number)

    def test_in_order(self) -> None:
        """S3 and S6: what the gateway says comes out in its order, a push as well."""
        for number in ("S3", "S6"):
            connection = client("/user")
            wanted: list[list[Any]] = []
            found: list[SocketOccurrence] = []
            for side, packet in transcripts()[number]:
                if side == "C":
                    say(connection, packet)
                else:
                    wanted.append(parts(packet)[2])
                    found += heard(connection, packet.encode())
            envelopes, _ = dialect_socketio.translate(found, "/user")
            self.assertEqual([json.loads(e.body) for e in envelopes], wanted)

    def test_connection_of_a_client(self) -> None:
        """S1: the query goes into the URL and into the CONNECT packet."""
        packets = [packet.encode() for _, packet in transcripts()["S1"]]
        opened, connected, asked, joined, refused = packets
        for answer, wanted in (
            (joined, NamespaceJoined("/user")),
            (refused, ErrorReceived("/user", refused[8:], is_refusal=True)),
        ):
            connection = dialect_socketio.client_connection("/user", PAIRS, peer="a:1")
            connection.start(now=0.0)
            (opening,) = connection.actions_to_take()
            assert isinstance(opening, OpenWebSocket)
            pairs = {*PAIRS, ("EIO", "3"), ("transport", "websocket")}
            self.assertEqual(set(opening.query), pairs)
            connection.receive(WebSocketOpened(), now=0.0)
            heard(connection, opened, connected)
            self.assertEqual(frames(connection.actions_to_take()), [asked])
            self.assertIn(wanted, heard(connection, answer))

    def test_connection_of_a_server(self) -> None:
        """S1: what is asked for is accepted, or refused by a text."""
        packets = [packet.encode() for _, packet in transcripts()["S1"]]
        opened, connected, asked, joined, refused = packets
        for is_accepted in (True, False):
            connection = dialect_socketio.server_connection(
                "EXAMPLESID0000000001", ping_timeout_ms=5000
            )
            connection.start(now=0.0)
            connection.receive(WebSocketOpened(), now=0.0)
            connection.accept("/")
            written = frames(connection.actions_to_take())
            self.assertEqual(written, [opened, connected])
            connection.events_received()
            (requested,) = heard(connection, asked)
            assert isinstance(requested, NamespaceRequested)
            self.assertEqual(dict(requested.query), dict(PAIRS))
            if is_accepted:
                connection.accept("/user")
            else:
                connection.refuse("/user", b'"authKey is not valid"')
            answer = joined if is_accepted else refused
            self.assertEqual(frames(connection.actions_to_take()), [answer])

    def test_handshake_is_read(self) -> None:
        """S1: the open packet says how often to ping, and how long to wait."""
        (_, opened), *_ = transcripts()["S1"]
        handshake = engineio.decode_handshake(opened[1:].encode())
        self.assertEqual(
            (handshake.ping_interval, handshake.ping_timeout), (25000, 5000)
        )
