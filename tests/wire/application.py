"""The application on our side of a replay."""

from __future__ import annotations

import re
from collections import deque
from itertools import count
from typing import Any

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire import json_text, socketio
from padchat_twisted.wire.engineio import EIO3
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.query import encode_query
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import Role

from . import scripted
from .acts import (
    Acknowledge,
    Close,
    Deed,
    Emit,
    Forget,
    Join,
    Leave,
    SendError,
    SetWritable,
    refusals,
)
from .recorded import Scenario
from .setting import is_of_4

#: Pairs of a query that are not the application's.
OF_THE_ENGINE = ("EIO", "transport", "t", "b64", "sid")

#: The namespaces of the servers of hand-made requests.
KNOWN = re.compile(r"/|/user|/dyn-\d+")


class Application:
    """What our application does and sees, over all connections of a replay.

    Args:
        recording: what is replayed.
        role: ours.

    Attributes:
        seen: what it saw: event, namespace, values.
        was_joined: whether the connection was let in, or refused, somewhere.
        url_query: of the request that began the connection.
        now: seconds.
    """

    def __init__(self, recording: Scenario, role: Role) -> None:
        self._recording = recording
        self._role = role
        # The namespace of what was observed without one.
        self._default = scripted.namespaces_of(recording.name)[-1]
        self._refused = refusals(recording, self._default)
        self._answers = {
            name: deque(arguments)
            for name, arguments in scripted.ANSWERS.get(recording.name, {}).items()
        }
        # A client counts on after a reconnect, a server over all of its sockets.
        self._ack_ids: dict[str, count[int]] = {}
        self._ack_order = deque(scripted.ack_order(recording.name, role))
        self._calls: set[tuple[str, int]] = set()
        self.seen: list[tuple[str, str | None, Any]] = []
        self._auths: dict[str, deque[Any]] = {}
        for seen in recording.seen_by("server"):
            if seen.event == "connection" and "auth" in seen.args[0]:
                auths = self._auths.setdefault(seen.args[0]["nsp"], deque())
                auths.append(seen.args[0]["auth"])
        self._sids = deque(recording.namespace_sids)

    def begin(self, connection: SocketIOConnection) -> None:
        """Go on with another connection."""
        self._connection = connection
        self._to_answer: list[tuple[str, int]] = []
        self.was_joined = False
        self.url_query: tuple[tuple[str, str], ...] = ()
        self.now = 0.0

    def do(self, deed: Deed) -> None:
        """Do something."""
        connection = self._connection
        match deed:
            case Join(namespace):
                query = encode_query(self.query())
                connection.join(namespace, query, self._next_auth(namespace))
            case Emit(namespace, arguments, wants_ack, is_volatile):
                self._emit(namespace, arguments, wants_ack, is_volatile)
            case Acknowledge(arguments, ack_id):
                self._acknowledge(arguments, ack_id)
            case SendError(namespace, content):
                connection.send_error(namespace, json_text.write(content))
            case Leave(namespace):
                connection.leave(namespace, now=self.now)
            case Close():
                connection.close(now=self.now)
            case SetWritable(writable):
                connection.set_writable(writable)
            case Forget(ack_id):
                self._calls.discard((self._default, ack_id))

    def query(self) -> list[tuple[str, str]]:
        """Return the application's pairs of a query."""
        for seen in self._recording.seen_by("server"):
            if seen.event == "connection":
                query = dict(seen.args[0]["query"])
                return [(k, query[k]) for k in query if k not in OF_THE_ENGINE]
        query = self._recording.client_options.get("query", {})
        return [(key, str(value)) for key, value in query.items()]

    def _next_auth(self, namespace: str) -> bytes:
        seen = self._auths.get(namespace)
        auth = seen.popleft() if seen else self._recording.client_options.get("auth")
        return json_text.write(auth) if auth else b""

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

    def occurred(self, occurrence: SocketOccurrence) -> None:
        """See what came out of the connection."""
        namespace = occurrence.namespace
        match occurrence:
            case NamespaceRequested(_, query, auth):
                self._wants_in(namespace, query, auth)
            case NamespaceJoined():
                self.was_joined = True
                self.seen.append(("connect", namespace, []))
            case ErrorReceived(_, body):
                self.was_joined = True
                event = "error" if self._recording.revision == EIO3 else "connect_error"
                self.seen.append((event, namespace, [json_text.read(body)]))
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
            self._connection.fail(error, now=self.now)
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
        if self._recording.is_by_hand:
            self._answer_by_hand(event, arguments)
        answers = self._answers.get(event.name)
        if answers and self._role is Role.SERVER:
            self._acknowledge(answers.popleft(), None)

    def _answer_by_hand(self, event: SocketEvent, arguments: list[Any]) -> None:
        """Answer as the servers of hand-made requests do."""
        if event.ack_id is None or event.name not in ("e", "ok"):
            return
        answer = arguments[1:]
        if event.name == "ok":
            word = {"/": "root", "/user": "alive"}.get(event.namespace, "dynamic")
            answer = [word]
        body, attachments = socketio.encode_arguments(answer)
        self._connection.acknowledge(event.namespace, event.ack_id, body, attachments)

    def _wants_in(
        self, namespace: str, query: tuple[tuple[str, str], ...], auth: bytes
    ) -> None:
        if self._recording.is_by_hand and not KNOWN.fullmatch(namespace):
            self._refused[namespace] = "Invalid namespace"
            if is_of_4(self._recording):
                self._refused[namespace] = {"message": "Invalid namespace"}
        if namespace in self._refused:
            content = json_text.write(self._refused[namespace])
            self._connection.refuse(namespace, content)
            return
        self._connection.accept(namespace, self._sids.popleft() if self._sids else "")
        # The query of CONNECT wins over that of the URL; for 4.x it is the auth.
        whole = dict(self.url_query)
        seen: dict[str, Any] = {"nsp": namespace, "query": whole}
        if is_of_4(self._recording):
            seen["auth"] = json_text.read(auth) if auth else dict(query)
        else:
            whole.update(query)
        self.seen.append(("connection", namespace, [seen]))
