"""Our side of a replay: one pure connection after another, and its application."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from padchat_twisted.errors import PadChatError, RemoteProtocolError
from padchat_twisted.wire import engineio, json_text, socketio
from padchat_twisted.wire.dialect_socketio import encode_query
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import MAX_FRAME_BYTES
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from . import scripted
from .acts import (
    Acknowledge,
    Act,
    Close,
    Emit,
    Forget,
    Join,
    Leave,
    SendError,
    SetWritable,
    refusals,
)
from .recorded import Scenario, payload

#: Adding milliseconds as floats may miss a deadline by a hair (seconds).
HAIR = 1e-6


@dataclass(frozen=True)
class Frame:
    """What our side asked to send.

    Args:
        t: when (seconds).
        kind: as the vectors name it.
        data: bytes of it.
        content: code and reason of a close frame, or the whole HTTP answer.
        is_lost: whether the recording proxy dropped it.
    """

    t: float
    kind: str
    data: bytes
    content: object = None
    is_lost: bool = False


class Player:
    """Plays our side.

    Args:
        recording: what is replayed.
        role: ours.
    """

    def __init__(self, recording: Scenario, role: Role) -> None:
        self._recording = recording
        self._role = role
        self._key = (recording.name, role)
        self._peer = "s2c" if role is Role.CLIENT else "c2s"
        # The namespace of what was observed without one.
        self._default = scripted.namespaces_of(recording.name)[-1]
        self._refused = refusals(recording, self._default)
        self._answers = {
            name: deque(arguments)
            for name, arguments in scripted.ANSWERS.get(recording.name, {}).items()
        }
        # A client counts on after a reconnect, a server over all of its sockets.
        self._ack_ids: dict[str, count[int]] = {}
        self._ack_order = deque(scripted.ACK_ORDER.get(self._key, ()))
        self._calls: set[tuple[str, int]] = set()
        self.seen: list[tuple[str, str | None, Any]] = []
        self.problems: list[str] = []
        self.closing_error: PadChatError | None = None
        self.begin(0)

    def begin(self, number: int) -> None:
        """Begin the connection with this number."""
        self.frames: list[Frame] = []
        self._now = 0.0
        self._is_lossy = False
        self._is_over = False
        self._was_joined = False
        self._url_query: tuple[tuple[str, str], ...] = ()
        self._to_answer: list[tuple[str, int]] = []
        self._peer_close: tuple[int | None, str] = (None, "")
        self._has_closed = False
        self._connection = SocketIOConnection(self._engine(number))

    def _engine(self, number: int) -> EngineIOConnection:
        if self._role is Role.CLIENT:
            return EngineIOConnection(Role.CLIENT)
        options = self._recording.server_options
        sids = self._recording.engine_sids
        handshake = engineio.Handshake(
            sids[number] if sids else "",
            (),
            options.get("pingInterval", 25000),
            options.get("pingTimeout", 20000),
        )
        limit = options.get("maxHttpBufferSize", MAX_FRAME_BYTES)
        return EngineIOConnection(Role.SERVER, handshake=handshake, max_frame=limit)

    # What the recording says

    def step(self, step: dict[str, Any]) -> None:
        """Take in one recorded step, ours or the peer's."""
        if self._is_over:
            return
        self._pass_time(step["t"] / 1000)
        is_peers = step.get("dir") == self._peer
        match step["kind"]:
            case "note":
                mine = "server" if self._role is Role.SERVER else "client"
                if f"bytes from {mine} to" in step["text"]:
                    self._is_lossy = True
            case "http-request":
                self._requested(step)
            case "http-response":
                self._responded(step)
            case "ws-text" | "ws-binary" if is_peers:
                self._received(*payload(step))
            case "ws-close" if is_peers:
                self._peer_close = (step["code"], step["reason"])
            case "ws-close":
                self._has_closed = True
            case "tcp-close":
                self._tcp_closed(is_peers)
        self._turn()

    def finish(self, until: float) -> None:
        """Let time pass to the end of the connection."""
        if not self._is_over:
            self._pass_time(until)
            self._turn()

    def _pass_time(self, until: float) -> None:
        while True:
            deadline = self._connection.next_deadline()
            if deadline is None or deadline > until + HAIR:
                break
            self._now = max(self._now, deadline)
            self._connection.deadline_reached(now=self._now)
            self._turn()
        self._now = max(self._now, until)

    def _requested(self, step: dict[str, Any]) -> None:
        if self._role is Role.CLIENT:
            self._connection.start(now=self._now)
            return
        self._url_query = tuple(parse_qsl(urlsplit(step["target"]).query))
        transports = tuple(self._recording.server_options.get("transports", ()))
        refusal = engineio.refuse_request(
            dict(self._url_query),
            step["method"],
            transports=transports or ("polling", "websocket"),
        )
        if refusal is not None:
            self._note("http-response", refusal.body, refusal)
            self._is_over = True
        else:
            self._connection.start(now=self._now)

    def _responded(self, step: dict[str, Any]) -> None:
        if step["status"] == 101:
            self._connection.receive(WebSocketOpened(), now=self._now)
        else:
            self._connection.receive(WebSocketClosed(None, "HTTP 400"), now=self._now)

    def _received(self, data: bytes, is_text: bool) -> None:
        if is_text:
            self._connection.receive_texts([data], self._now)
        else:
            self._connection.receive(
                WebSocketMessage(data, is_text=False), now=self._now
            )

    def _tcp_closed(self, is_peers: bool) -> None:
        if is_peers or self._has_closed:
            self._connection.receive(WebSocketClosed(*self._peer_close), now=self._now)
            self._turn()
        # Else the process on our side was ended: nobody is there to be told.
        self._is_over = True

    # What our application does

    def do(self, act: Act) -> None:
        """Carry out one act of the application."""
        if self._is_over:
            return
        self._pass_time(act.t)
        connection = self._connection
        match act.deed:
            case Join(namespace):
                connection.join(namespace, encode_query(self._query()))
            case Emit(namespace, arguments, wants_ack, is_volatile):
                self._emit(namespace, arguments, wants_ack, is_volatile)
            case Acknowledge(arguments, ack_id):
                self._acknowledge(arguments, ack_id)
            case SendError(namespace, content):
                connection.send_error(namespace, json_text.write(content))
            case Leave(namespace):
                connection.leave(namespace, now=self._now)
            case Close():
                connection.close(now=self._now)
            case SetWritable(writable):
                connection.set_writable(writable)
            case Forget(ack_id):
                self._calls.discard((self._default, ack_id))
        self._turn()

    def _query(self) -> list[tuple[str, str]]:
        for seen in self._recording.seen_by("server"):
            if seen.event == "connection":
                query = dict(seen.args[0]["query"])
                return [(k, query[k]) for k in query if k not in ("EIO", "transport")]
        query = self._recording.client_options.get("query", {})
        return [(key, str(value)) for key, value in query.items()]

    def _emit(
        self, namespace: str, arguments: list[Any], wants_ack: bool, is_volatile: bool
    ) -> None:
        ack_id = None
        if wants_ack:
            ack_id = next(self._ack_ids.setdefault(namespace, count()))
            self._calls.add((namespace, ack_id))
        body, attachments = socketio.encode_arguments(arguments)
        self._connection.emit(
            namespace,
            body,
            ack_id=ack_id,
            attachments=attachments,
            volatile=is_volatile,
        )

    def _acknowledge(self, arguments: list[Any], ack_id: int | None) -> None:
        if ack_id is None and self._ack_order:
            ack_id = self._ack_order.popleft()
        if ack_id is None:
            namespace, ack_id = self._to_answer.pop(0)
        else:
            namespace = self._default
        body, attachments = socketio.encode_arguments(arguments)
        self._connection.acknowledge(namespace, ack_id, body, attachments)

    # What the connection reports and asks for

    def _turn(self) -> None:
        while True:
            occurrences = self._connection.events_received()
            for occurrence in occurrences:
                self._occurred(occurrence)
            actions = self._connection.actions_to_take()
            for action in actions:
                self._asked(action)
            if not occurrences and not actions:
                return

    def _asked(self, action: Asked) -> None:
        match action:
            case OpenWebSocket():
                query = [*self._query(), ("EIO", "3"), ("transport", "websocket")]
                self._note(
                    "http-request", f"/socket.io/?{encode_query(query)}".encode()
                )
            case SendWebSocket(data, is_text):
                self._note("ws-text" if is_text else "ws-binary", data)
            case CloseWebSocket(code, reason):
                self._has_closed = True
                self._note("ws-close", b"", (code, reason))
            case Closed(reason, error):
                self.closing_error = error
                self._is_over = True
                if self._role is Role.CLIENT and not self._was_joined:
                    self.seen.append(("connect_error", None, [reason]))
            case _:
                self.problems.append(f"asked for {action!r}")

    def _note(self, kind: str, data: bytes, content: object = None) -> None:
        self.frames.append(Frame(self._now, kind, data, content, self._is_lossy))

    def _occurred(self, occurrence: SocketOccurrence) -> None:
        namespace = occurrence.namespace
        match occurrence:
            case NamespaceRequested(_, query):
                self._wants_in(namespace, query)
            case NamespaceJoined():
                self._was_joined = True
                self.seen.append(("connect", namespace, []))
            case ErrorReceived(_, body):
                self._was_joined = True
                self.seen.append(("error", namespace, [json_text.read(body)]))
            case NamespaceLeft(_, reason):
                left: object = reason
                if self._role is Role.SERVER:
                    left = {"nsp": namespace, "reason": reason}
                self.seen.append(("disconnect", namespace, [left]))
            case SocketEvent():
                self._got_event(occurrence)
            case SocketAck(_, ack_id, body, attachments):
                # An answer that nobody waits for is ignored, as a second one is.
                if (namespace, ack_id) in self._calls:
                    self._calls.remove((namespace, ack_id))
                    arguments = self._read(body, attachments)
                    self.seen.append(("ack", namespace, [arguments]))

    def _read(self, body: bytes, attachments: tuple[bytes, ...]) -> list[Any] | None:
        try:
            return socketio.decode_arguments(body, attachments)
        except RemoteProtocolError as error:
            self._connection.fail(error, now=self._now)
            return None

    def _got_event(self, event: SocketEvent) -> None:
        arguments = self._read(event.body, event.attachments)
        if arguments is None:
            return
        seen: dict[str, Any] = {"nsp": event.namespace, "data": arguments}
        if event.ack_id is not None:
            seen["id"] = event.ack_id
            self._to_answer.append((event.namespace, event.ack_id))
        self.seen.append(("event", event.namespace, [seen]))
        answers = self._answers.get(event.name)
        if answers and self._role is Role.SERVER:
            self._acknowledge(answers.popleft(), None)

    def _wants_in(self, namespace: str, query: tuple[tuple[str, str], ...]) -> None:
        if namespace in self._refused:
            content = json_text.write(self._refused[namespace])
            self._connection.refuse(namespace, content)
            return
        self._connection.accept(namespace)
        # The query of CONNECT wins over that of the URL.
        whole = {**dict(self._url_query), **dict(query)}
        self.seen.append(
            ("connection", namespace, [{"nsp": namespace, "query": whole}])
        )
