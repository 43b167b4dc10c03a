"""One recorded vector ``raw-server*`` before our server.

All requests and frames of the clients are sent, at their times; what comes back is
compared: status, body and headers of each answer, and each frame.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from twisted.internet.task import Clock

from padchat_twisted.transport.cors import Cors
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.resource import FirstRequest, Forbidden
from padchat_twisted.wire.engineio import EIO3, EIO4, Revision
from padchat_twisted.wire.occurrences import (
    NamespaceRequested,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection

from ..wire.recorded import payload, scenario
from .by_hand import BINARY, CLOSE, PING, TEXT, close_frame, frame
from .http_by_hand import Answer, Server, Tcp

#: Timers of a busy Node are late (seconds).
LATE = 0.02

#: Headers of answers that are not, and why.
NOT_COMPARED = {
    "connection": "twisted.web says close only when it closes",
    "keep-alive": "a hint of Node's",
    "transfer-encoding": "our answers are written whole, with a length",
    "content-length": "the body is compared",
    "date": "the clock's",
    "server": "twisted.web's",
    "cache-control": "we say no-store for both revisions",
    "vary": "ours is said in more cases; test_cors looks at it",
    "set-cookie": "2.x repeats it with each answer; test_resource looks at it",
    "access-control-allow-methods": "ours are those that Engine.IO uses",
    "upgrade": "autobahn's, as is all of the WebSocket handshake",
    "sec-websocket-accept": "the same",
    "sec-websocket-version": "the same",
    "sec-websocket-extensions": "the same",
}

#: What is answered to the events of the recorded application, by namespace.
ANSWERS = {"/": b'["root"]', "/user": b'["alive"]'}

#: Events that the recorded application sent by itself while a poll was waiting.
PUSHED = re.compile(rb'42/user,(\["(?:small|large)".*\])')

#: The one with bytes that it sent so.
PUSHED_BINARY = b'["bin","\xe6\xb1\x89\xf0\x9f\x98\x80",{"_placeholder":true,"num":0}]'
PUSHED_ATTACHMENT = b"\x00\x01\xfe\xff"

_OPEN_SID = re.compile(rb'"sid":"([^"]+)"')
_SOCKET_SID = re.compile(rb'^40[^{]*\{"sid":"([^"]+)"\}')


class App:
    """The application behind the recorded servers.

    Args:
        replay: knows the ids that were given.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.driver: Driver
        self.connection: SocketIOConnection

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self.driver = driver
        self.connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Do what the application did."""
        for occurrence in occurrences:
            if isinstance(occurrence, NamespaceRequested):
                self._requested(occurrence.namespace)
            elif isinstance(occurrence, SocketEvent) and occurrence.ack_id is not None:
                self._answer(occurrence, occurrence.ack_id)

    def closed(self, reason: str, error: Exception | None) -> None:
        """The connection is over."""

    def push(self, body: bytes, attachments: Sequence[bytes] = ()) -> None:
        """Send an event."""
        self.connection.emit("/user", body, attachments=attachments)
        self.driver.turn()

    def _requested(self, namespace: str) -> None:
        if namespace == "/" and self._replay.is_joined_late:
            self._replay.clock.callLater(0, self._join, namespace)
        elif namespace in ANSWERS or re.fullmatch(r"/dyn-\d+", namespace):
            self.connection.accept(namespace, self._replay.next_socket_sid())
        else:
            problem: object = "Invalid namespace"
            if not self._replay.name.startswith("raw-server2"):
                problem = {"message": problem}
            body = json.dumps(problem, separators=(",", ":")).encode()
            self.connection.refuse(namespace, body)

    def _join(self, namespace: str) -> None:
        if not self.driver.is_over:
            self.connection.accept(namespace)
            self.driver.turn()

    def _answer(self, event: SocketEvent, ack_id: int) -> None:
        namespace = event.namespace
        body, attachments = ANSWERS.get(namespace, b'["dynamic"]'), event.attachments
        if event.name == "e":
            body = b"[" + event.body.partition(b",")[2]
        elif event.name != "ok":
            return
        self.connection.acknowledge(namespace, ack_id, body, attachments)


class Replay:
    """One vector before our server.

    Args:
        name: of the vector.
        options: of the server, beside the recorded ones.

    Attributes:
        differences: number of a step, what was recorded, and what ours is.
    """

    def __init__(self, name: str, **options: Any) -> None:  # noqa: ANN401
        self.name = name
        self.clock = Clock()
        self.differences: list[tuple[int, str, str]] = []
        self._scenario = scenario(name)
        # Servers of 4.x have clients of EIO3 join "/" in the next tick.
        self.is_joined_late = "allowEIO3" in name
        self._answers: dict[int, Answer] = {}
        self._requests: dict[int, list[int]] = {}
        self._frames: dict[int, list[tuple[str, object]]] = {}
        self._tcps: dict[int, Tcp] = {}
        self._sids = {
            step["re"]: found[1].decode()
            for step in self._scenario.steps
            if step["kind"] == "http-response"
            and (found := _OPEN_SID.search(_body(step)))
            and b'"pingInterval"' in _body(step)
        }
        for step in self._scenario.steps:
            # A WebSocket says its sid in its first frame.
            if step["kind"] == "ws-text" and step["dir"] == "s2c":
                data, _ = payload(step)
                if data.startswith(b"0{") and (found := _OPEN_SID.search(data)):
                    self._sids[self._request_of(step)] = found[1].decode()
        self._socket_sids = list(self._find_socket_sids())
        self._server = Server(self.clock, self._serve, **{**self._options(), **options})

    def run(self) -> None:
        """Send everything, and compare."""
        for step in self._scenario.steps:
            self.clock.advance(max(0.0, step["t"] / 1000 - self.clock.seconds()))
            if step["kind"] == "note":
                if step["text"] == "io.close()":
                    self._server.sockets.close_all()
            elif step["dir"] == "c2s":
                self._send(step)
            else:
                self._compare(step)
        self._server.sockets.drop_all()

    def next_socket_sid(self) -> str:
        """Give the next id of a socket."""
        return self._socket_sids.pop(0) if self._socket_sids else "none"

    # Steps

    def _serve(self, first: FirstRequest) -> App:
        if "allow-request" in self.name:
            raise Forbidden("" if "server2" in self.name else "no entry 禁止")
        return App(self)

    def _options(self) -> dict[str, Any]:
        options = self._scenario.server_options
        revisions: frozenset[Revision] = frozenset({EIO3})
        cors: Cors | None = Cors(allows_credentials=True)
        if "server2" not in self.name:
            revisions = frozenset({EIO4, *([EIO3] if "allow" in self.name else ())})
            cors = self._cors(options.get("cors"))
        max_frame = options.get("maxHttpBufferSize", 1_000_000)
        return {
            "revisions": revisions,
            "cors": cors,
            "max_body": max_frame,
            "max_frame": max_frame,
            "ping_interval_ms": options.get("pingInterval", 25000),
            "ping_timeout_ms": options.get("pingTimeout", 20000),
            "join_timeout": options.get("connectTimeout", 45000) / 1000,
        }

    @staticmethod
    def _cors(option: dict[str, Any] | None) -> Cors | None:
        if option is None:
            return None
        origins = option["origin"]
        headers = option.get("allowedHeaders")
        return Cors(
            (origins,) if isinstance(origins, str) else tuple(origins),
            option.get("credentials", False),
            None if headers is None else tuple(headers),
        )

    def _find_socket_sids(self) -> Iterator[str]:
        for step in self._scenario.steps:
            if step.get("dir") != "s2c" or step["kind"] not in (
                "http-response",
                "ws-text",
            ):
                continue
            data = _body(step) if step["kind"] == "http-response" else payload(step)[0]
            for packet in data.split(b"\x1e"):
                if found := _SOCKET_SID.match(packet):
                    yield found[1].decode()

    def _request_of(self, step: dict[str, Any]) -> int:
        """Return the number of the last request on a step's connection before it."""
        numbers: list[int] = [
            s["i"]
            for s in self._scenario.steps
            if s["kind"] == "http-request"
            and s["conn"] == step["conn"]
            and s["i"] < step["i"]
        ]
        return max(numbers)

    def _send(self, step: dict[str, Any]) -> None:
        number = step["conn"]
        tcp = self._tcps.get(number)
        if tcp is None:
            tcp = self._tcps[number] = self._server.connect()
        match step["kind"]:
            case "http-request":
                self._ask(tcp, step)
            case "ws-text" | "ws-binary":
                data, _ = payload(step)
                opcode = TEXT if step["kind"] == "ws-text" else BINARY
                tcp.write(frame(opcode, data, is_client=True))
            case "ws-ping":
                tcp.write(frame(PING, bytes.fromhex(step["hex"]), is_client=True))
            case "ws-close":
                tcp.write(close_frame(step["code"], step["reason"], is_client=True))
            case "tcp-close":
                tcp.lose()
        self.clock.advance(0)
        self._take()

    def _ask(self, tcp: Tcp, step: dict[str, Any]) -> None:
        if step["i"] in self._sids:
            self._server.sids = [self._sids[step["i"]]]
        headers = [(name, value) for name, value in step["headers"]]
        body = None if step["body"] is None else payload(step["body"])[0]
        if body is not None and any(
            name.lower() == "transfer-encoding" for name, _ in headers
        ):
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        self._requests.setdefault(step["conn"], []).append(step["i"])
        tcp.ask(step["target"], body, method=step["method"], headers=headers)
        self._take()
        if step["i"] not in self._answers:
            self._push(step)

    def _push(self, step: dict[str, Any]) -> None:
        """Send what the application sent while this poll waited."""
        for answer in self._scenario.steps:
            if answer["kind"] == "http-response" and answer["re"] == step["i"]:
                body = _body(answer)
                app = self._server.served[-1] if self._server.served else None
                if app is not None and (found := PUSHED.search(body)):
                    app.push(found[1])
                elif app is not None and b'["bin"' in body:
                    app.push(PUSHED_BINARY, [PUSHED_ATTACHMENT])

    def _take(self) -> None:
        """Take what has come over all connections."""
        for number, tcp in self._tcps.items():
            for answer in tcp.answers():
                self._answers[self._requests[number].pop(0)] = answer
            if tcp.is_websocket:
                for one in tcp.frames():
                    seen: tuple[str, object] = ("message", one.payload)
                    if one.opcode == CLOSE:
                        code = int.from_bytes(one.payload[:2], "big") or None
                        seen = ("close", code)
                    self._frames.setdefault(number, []).append(seen)
            tcp.finish()

    def _compare(self, step: dict[str, Any]) -> None:
        self._take()
        match step["kind"]:
            case "http-response":
                self._compare_answer(step)
            case "ws-text" | "ws-binary":
                self._compare_frame(step, ("message", payload(step)[0]))
            case "ws-pong":
                self._compare_frame(step, ("message", bytes.fromhex(step["hex"])))
            case "ws-close":
                self._compare_frame(step, ("close", step["code"]))

    def _compare_frame(
        self, step: dict[str, Any], recorded: tuple[str, object]
    ) -> None:
        if not self._frames.get(step["conn"]):
            self._wait()
        frames = self._frames.get(step["conn"])
        ours = frames.pop(0) if frames else ("nothing", "")
        if recorded != ours:
            self._note(step, f"{recorded[0]} {recorded[1]}", f"{ours[0]} {ours[1]}")

    def _compare_answer(self, step: dict[str, Any]) -> None:
        if step["re"] not in self._answers:
            self._wait()
        answer = self._answers.get(step["re"])
        recorded = Answer(
            step["status"],
            tuple((name, value) for name, value in step["headers"]),
            _body(step),
        )
        if answer is None or (answer.status, answer.inflated) != (
            recorded.status,
            recorded.body,
        ):
            ours = "nothing" if answer is None else _told(answer)
            self._note(step, _told(recorded), ours)
            return
        for name in sorted({n.lower() for n, _ in recorded.headers + answer.headers}):
            values = [_plain(one.header(name)) for one in (recorded, answer)]
            if name not in NOT_COMPARED and values[0] != values[1]:
                self._note(step, f"{name}: {values[0]}", f"{name}: {values[1]}")

    def _wait(self) -> None:
        """Give our server as much time as a busy one took."""
        self.clock.advance(LATE)
        self._take()

    def _note(self, step: dict[str, Any], recorded: str, ours: str) -> None:
        self.differences.append((step["i"], recorded, ours))


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.inflated.decode('utf-8', 'replace')}"


def _body(step: dict[str, Any]) -> bytes:
    """Return the body of a recorded answer, inflated."""
    body = step["body"]
    if body is None:
        return b""
    return payload(body.get("decoded", body))[0]


def _plain(value: str | None) -> str | None:
    return None if value is None else value.lower().replace(" ", "")
