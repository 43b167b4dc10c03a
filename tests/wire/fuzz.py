"""Fuzzing of every decoder and of both roles: ``make fuzz N=1000000``.

Recorded bytes are damaged and told to a decoder, or several of them to a connection in
some state, of either role and revision, by WebSocket, polling or both. Whatever comes,
the documented errors are all that a decoder raises, a connection raises nothing, ends
once, and keeps nothing when it is gone.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from time import monotonic

from padchat_twisted.errors import LocalProtocolError, PadChatError, RemoteProtocolError
from padchat_twisted.wire import engineio, json_text, socketio
from padchat_twisted.wire.engineio import EIO3, EIO4
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.engineio_payload import decode_payload
from padchat_twisted.wire.occurrences import (
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    Role,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .corpus import corpus
from .fuzz_json import run_json

#: Blocks of memory that may be more at the end than after the warm-up: caches of the
#: interpreter and of hypothesis; a leak of one object per case is far above.
MAX_MORE_BLOCKS = 3000

#: Part of the cases that warm up: caches fill.
WARM_UP = 0.2

#: Bytes that mean something to one of the decoders.
MARKS = b'0123456789-/,?:"[]{}\\b\x00\x01\x04\xff\x1e\x80'

#: What a connection of the fuzzer takes (bytes).
LIMIT = 1000

TRANSPORTS = (("websocket",), ("polling",), ("polling", "websocket"))


def damaged(chance: Random, seeds: tuple[bytes, ...]) -> bytes:
    """Return one of *seeds*, as it is, or changed, cut, doubled or mixed."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        at = chance.randint(0, len(data))
        match chance.randrange(7):
            case 0:
                data[at:at] = chance.choice(MARKS).to_bytes()
            case 1:
                data[at : at + 1] = chance.choice(MARKS).to_bytes()
            case 2:
                del data[at : at + chance.randint(1, 3)]
            case 3:
                del data[at:]
            case 4:
                data[at:at] = data[: chance.randint(0, 20)]
            case 5:
                other = chance.choice(seeds)
                data[at:] = other[chance.randint(0, len(other)) :]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 4))
    return bytes(data[: 2 * LIMIT])


# Decoders


def _decode_frame(chance: Random) -> None:
    is_text = chance.random() < 0.7
    seeds = corpus().texts if is_text else corpus().binaries
    revision = EIO3 if chance.random() < 0.5 else EIO4
    engineio.decode_frame(damaged(chance, seeds), is_text=is_text, revision=revision)


def _decode_payload(chance: Random) -> None:
    revision = EIO3 if chance.random() < 0.6 else EIO4
    body = damaged(chance, corpus().bodies)
    decode_payload(body, revision=revision, is_binary=chance.random() < 0.3)


def _decode_handshake(chance: Random) -> None:
    engineio.decode_handshake(damaged(chance, corpus().handshakes))


def _decode_packet(chance: Random) -> None:
    protocol: socketio.Protocol = 4 if chance.random() < 0.5 else 5
    packet = socketio.decode(damaged(chance, corpus().packets), protocol)
    if packet.type in (socketio.EVENT, socketio.BINARY_EVENT):
        socketio.event_name(packet.body, protocol)
    if packet.type in (socketio.EVENT, socketio.ACK):
        socketio.decode_arguments(packet.body, (b"x",))
    if packet.type == socketio.CONNECT:
        socketio.decode_connected(packet.body)


def _read_json(chance: Random) -> None:
    try:
        json_text.read(damaged(chance, corpus().packets)[1:])
    except ValueError:
        return


DECODERS: tuple[Callable[[Random], None], ...] = (
    _decode_frame,
    _decode_payload,
    _decode_handshake,
    _decode_packet,
    _read_json,
)


# Roles


class Fuzzed:
    """A connection, and an application that reads what comes."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.role = chance.choice((Role.CLIENT, Role.SERVER))
        self.transports = chance.choice(TRANSPORTS)
        revision = EIO3 if chance.random() < 0.5 else EIO4
        engine = EngineIOConnection(
            self.role,
            revision=revision,
            transports=self.transports,
            handshake=engineio.Handshake("S") if self.role is Role.SERVER else None,
            max_frame=LIMIT,
        )
        self._engine = engine
        self.connection = SocketIOConnection(engine, max_buffered=LIMIT)
        self.ends = 0
        self._now = 0.0
        self._next_id = 1
        self._asked: list[int] = []
        if self.role is Role.CLIENT:
            self.connection.join(chance.choice(("/", "/user")), "a=b", b"{}")
        self.connection.start(now=0.0)
        self._turn()

    @property
    def is_open(self) -> bool:
        """Whether the connection is."""
        return self._engine.is_open

    def run(self) -> None:
        """Tell it several things, and then of the end."""
        self.open()
        for _ in range(self._chance.randint(1, 8)):
            self._step()
        self.tell(Lost(PadChatError("the end")))
        assert self.ends == 1, f"ended {self.ends} times"
        assert self.connection.next_deadline() is None

    def tell(self, told: Told) -> None:
        """Tell the connection, and do what follows."""
        hot = isinstance(told, WebSocketMessage) and told.is_text
        if hot and self._chance.random() < 0.5:
            assert isinstance(told, WebSocketMessage)
            self.connection.receive_texts([told.data], self._now)
        else:
            self.connection.receive(told, now=self._now)
        self._turn()

    def open(self) -> None:
        """Let it be open most times, without any fault."""
        if self._chance.random() < 0.1:
            return
        if self.transports[0] == "websocket":
            self.tell(WebSocketOpened())
            if self.role is Role.CLIENT:
                opened = engineio.encode_handshake(engineio.Handshake("S"))
                self.tell(WebSocketMessage(b"0" + opened, is_text=True))
        elif self.role is Role.SERVER:
            self.tell(self._request("GET", b""))
        else:
            self.tell(HttpResponse(1, 200, (), damaged(self._chance, OPENINGS)))

    def _step(self) -> None:
        chance = self._chance
        match chance.randrange(10):
            case 0:
                self._now += chance.choice((0.1, 5.0, 30.0))
                self.connection.deadline_reached(
                    now=self._now, is_deaf=chance.random() < 0.2
                )
                self._turn()
            case 1:
                self._wish()
            case 2:
                self.tell(
                    chance.choice(
                        (
                            WebSocketOpened(),
                            WebSocketClosed(1006, "x"),
                            HttpFailed(chance.randint(1, self._next_id), "x"),
                        )
                    )
                )
            case 3 | 4 | 5 if self.transports[0] == "polling":
                self._http()
            case _:
                is_text = chance.random() < 0.8
                seeds = corpus().texts if is_text else corpus().binaries
                self.tell(WebSocketMessage(damaged(chance, seeds), is_text))

    def _http(self) -> None:
        chance = self._chance
        body = damaged(chance, corpus().bodies)
        if self.role is Role.SERVER:
            self.tell(self._request(chance.choice(("GET", "POST")), body))
        elif self._asked:
            number = self._asked.pop(chance.randrange(len(self._asked)))
            status = 200 if chance.random() < 0.9 else 400
            self.tell(HttpResponse(number, status, _kind(chance), body))

    def _request(self, method: str, body: bytes) -> HttpRequest:
        self._next_id += 1
        query = (("b64", "1"),) if self._chance.random() < 0.3 else ()
        return HttpRequest(self._next_id, method, query, _kind(self._chance), body)

    def _wish(self) -> None:
        namespace = self._chance.choice(("/", "/user"))
        try:
            match self._chance.randrange(5):
                case 0:
                    self.connection.close(now=self._now)
                case 1:
                    self.connection.leave(namespace, now=self._now)
                case 2:
                    self.connection.set_writable(self._chance.random() < 0.7)
                case _:
                    self.connection.emit(namespace, b'["a"]', ack_id=1)
        except (LocalProtocolError, PadChatError):
            pass
        self._turn()

    def _turn(self) -> None:
        for _ in range(3):
            for occurrence in self.connection.events_received():
                self._read(occurrence)
            for action in self.connection.actions_to_take():
                assert not self.ends, "something was asked for after Closed"
                if isinstance(action, HttpRequest):
                    self._asked.append(action.id)
                    self._next_id = max(self._next_id, action.id)
                self.ends += isinstance(action, Closed)

    def _read(self, occurrence: object) -> None:
        try:
            match occurrence:
                case NamespaceRequested(namespace):
                    self.connection.accept(namespace, "sid")
                case SocketEvent(namespace, _, body, ack_id, attachments):
                    socketio.decode_arguments(body, attachments)
                    if ack_id is not None:
                        self.connection.acknowledge(namespace, ack_id, b"[]")
                case SocketAck(_, _, body, attachments):
                    socketio.decode_arguments(body, attachments)
        except RemoteProtocolError as error:
            self.connection.fail(error, now=self._now)
        except PadChatError:
            # It may have been closed in the same turn, or too much waits.
            pass


def _kind(chance: Random) -> tuple[tuple[str, str], ...]:
    binary = "application/octet-stream"
    return (("Content-Type", binary if chance.random() < 0.2 else "text/plain"),)


def _opening(revision: engineio.Revision, *upgrades: str) -> bytes:
    opened = b"0" + engineio.encode_handshake(engineio.Handshake("S", upgrades))
    return b"%d:%b" % (len(opened), opened) if revision == EIO3 else opened


#: Answers that open a client, most of the times.
OPENINGS = (
    *(_opening(EIO3, "websocket") for _ in range(2)),
    *(_opening(EIO4, "websocket") for _ in range(2)),
)


# Running


def run(cases: int, seed: int) -> Counter[str]:
    """Run so many cases; return how many there were of each target.

    Raises:
        AssertionError: memory was kept, or a connection did what it may not.
        Exception: what a target may not raise, with its case in a note.
    """
    counts: Counter[str] = Counter()
    before = 0
    warm = int(cases * WARM_UP)
    for case in range(cases):
        if case == warm:
            before = _blocks()
        chance = Random(f"{seed}-{case}")
        try:
            counts[_run_case(chance)] += 1
        except Exception as error:
            error.add_note(f"case {case} of seed {seed}")
            raise
    more = _blocks() - before
    assert more <= MAX_MORE_BLOCKS, f"{more} blocks of memory more than before"
    return counts


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def _run_case(chance: Random) -> str:
    kind = chance.random()
    if kind < 0.2:
        return run_json(chance, damaged)
    if kind < 0.6:
        fuzzed = Fuzzed(chance)
        fuzzed.run()
        return f"{fuzzed.role.value} by {' and '.join(fuzzed.transports)}"
    decoder = chance.choice(DECODERS)
    with suppress(RemoteProtocolError):
        decoder(chance)
    return decoder.__name__.removeprefix("_")


def main() -> int:
    """Run as many cases as the first argument says, with the seed of the second."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = monotonic()
    counts = run(cases, seed)
    for name in sorted(counts):
        print(f"  {name:<34}{counts[name]:>9}")
    print(f"{cases} cases of seed {seed} in {monotonic() - began:.0f} s: no problem")
    return 0


if __name__ == "__main__":
    sys.exit(main())
