"""One Socket.IO connection of protocol 4 or 5: namespaces, acks, attachments.

::

    namespace of a client   idle --join()--> joining --CONNECT--> joined
    namespace of a server   requested --accept()--> joined | --refuse()--> idle
    both                    joined --leave() | DISCONNECT | connection over--> idle

In protocol 4, over Engine.IO 3, the client sends no CONNECT for the main namespace: the
server connects it unasked (``40``). In protocol 5, over Engine.IO 4, each namespace is
asked for, and the answer has an id. Source: socket.io-protocol 4 and 5; socket.io and
socket.io-client 2.5 and 4.8.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from urllib.parse import parse_qsl

from msgspec import Struct

from ..errors import (
    ConnectTimedOut,
    LocalProtocolError,
    PadChatError,
    RemoteProtocolError,
)
from . import json_text, socketio
from .backlog import Backlog, Waiting
from .engineio import EIO3
from .limits import (
    MAX_ACK_DIGITS,
    MAX_ATTACHMENT_BYTES,
    MAX_BUFFERED_BYTES,
    MAX_NAMESPACES,
    OPEN_TIMEOUT,
    PACKET_BYTES,
)
from .message_connection import MessageConnection
from .occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from .told import Asked, HttpRequest, HttpResponse, Role, Told, WebSocketMessage

__all__ = ["SocketIOConnection"]

#: Most names of events that a connection keeps decoded; PadChat has ten.
MAX_NAMES_KEPT = 64

#: Longest name that is kept (characters); a peer may send names as long as a frame.
MAX_NAME_KEPT = 64

#: A choice of no beginnings, which no packet has: ``startswith(())`` is false.
_NOTHING: tuple[bytes, ...] = ()


#: What ends a namespace, its query, or a packet in a payload of Engine.IO 4.
_NOT_IN_NAMESPACES = frozenset(",?\x1e")


class _Assembly(Struct):
    packet: socketio.Packet
    attachments: list[bytes]
    byte_count: int = 0


class SocketIOConnection:
    """Socket.IO over one Engine.IO connection, in either role.

    Tell it what happened, then take ``events_received()``, then carry out
    ``actions_to_take()``, in this order. Ack ids are the caller's: a client goes on
    counting after a reconnect, a server counts over all of its sockets.

    Args:
        engine: the connection below.
        max_buffered: most bytes kept for a transport that takes none.
        peer: where the other side is, for errors.
        join_timeout: time from the start for the answer to each namespace that was
            asked for before; for a server of protocol 5 the time for a client to be
            in a namespace (seconds).

    Attributes:
        protocol: 4 or 5.
        has_new_deadline: whether ``next_deadline`` may have become earlier; its
            reader resets it.
    """

    __slots__ = (
        "_ack_start",
        "_answer_by",
        "_assembly",
        "_backlog",
        "_call_start",
        "_early",
        "_early_bytes",
        "_engine",
        "_event_start",
        "_events",
        "_is_client",
        "_is_writable",
        "_join_timeout",
        "_joined",
        "_joined_last",
        "_joining",
        "_max_early",
        "_may_be_of_1x",
        "_names",
        "_peer",
        "_requested",
        "_was_open",
        "has_new_deadline",
        "protocol",
    )

    def __init__(
        self,
        engine: MessageConnection,
        *,
        max_buffered: int = MAX_BUFFERED_BYTES,
        peer: str = "the peer",
        join_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self._engine = engine
        self._is_client = engine.role is Role.CLIENT
        self.protocol: socketio.Protocol = 4 if engine.revision == EIO3 else 5
        self._peer = peer
        self._join_timeout = join_timeout
        self._answer_by: float | None = None
        self._events: list[SocketOccurrence] = []
        self._joined: dict[str, bytes] = {}
        self._joining: dict[str, tuple[str, bytes]] = {}
        self._early: list[SocketEvent] = []
        self._early_bytes = 0
        # By name, of a server; a dict without entries is smaller than a set.
        self._requested: dict[str, None] = {}
        self._backlog = Backlog(max_buffered)
        self._max_early = max_buffered
        self._is_writable = True
        self._was_open = False
        self._may_be_of_1x = False
        self._assembly: _Assembly | None = None
        self._joined_last = ""
        self._event_start: bytes | tuple[bytes, ...] = _NOTHING
        self._ack_start: bytes | tuple[bytes, ...] = _NOTHING
        self._call_start: bytes | tuple[bytes, ...] = _NOTHING
        self._names: dict[bytes, str] = {}
        self.has_new_deadline = False

    # What happened

    def start(self, *, now: float) -> None:
        """Begin."""
        self._answer_by = now + self._join_timeout
        self.has_new_deadline = True
        self._engine.start(now=now)

    def receive(self, told: Told, *, now: float) -> None:
        """Take in what happened."""
        self.has_new_deadline = True
        messages = self._engine.receive(told, now=now)
        # Before the messages that came with it, what opens or changes the engine.
        self._look_below(is_message_due=bool(messages))
        is_polled = self.protocol == 4 and isinstance(told, HttpRequest | HttpResponse)
        for message in messages:
            if message.is_text:
                self._received_text(message.data, now, is_polled=is_polled)
            else:
                self._received_attachment(message.data, now)
        if messages:
            self._look_below()

    def receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        """Take in the text messages of one read, the hot case.

        It does what ``receive`` does for each of them.
        """
        engine = self._engine
        limit = engine.heard(now)
        for data in frames:
            # The hot cases: what comes in numbers in the namespace joined last.
            if len(data) <= limit and self._assembly is None:
                if data.startswith(self._event_start):
                    at = len(self._event_start)
                    name = self._names.get(data[at : data.find(b'"', at)])
                    if name is not None:
                        self._events.append(
                            SocketEvent(self._joined_last, name, data[at - 2 :])
                        )
                        continue
                elif data.startswith(self._ack_start):
                    start = len(self._ack_start)
                    at = data.find(b"[", start, start + MAX_ACK_DIGITS + 1)
                    digits = data[start:at]
                    if at > start and digits.isdigit():
                        self._events.append(
                            SocketAck(self._joined_last, int(digits), data[at:])
                        )
                        continue
                elif data.startswith(self._call_start):
                    start = len(self._call_start)
                    at = data.find(b'["', start, start + MAX_ACK_DIGITS + 2)
                    digits = data[start:at]
                    name = self._names.get(data[at + 2 : data.find(b'"', at + 2)])
                    if at > start and name is not None and digits.isdigit():
                        self._events.append(
                            SocketEvent(self._joined_last, name, data[at:], int(digits))
                        )
                        continue
            self.receive(WebSocketMessage(data, is_text=True), now=now)
            limit = engine.heard(now)

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``: seconds on the clock of ``now``."""
        deadline = self._engine.next_deadline()
        if deadline is not None and self._answer_by is not None and self._is_waiting():
            return min(deadline, self._answer_by)
        return deadline

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands; early calls do nothing.

        Args:
            now: seconds on the driver's clock.
            is_deaf: whether the driver does not read; the peer's silence then says
                nothing.
        """
        self.has_new_deadline = True
        self._engine.deadline_reached(now=now, is_deaf=is_deaf)
        if self._answer_by is not None and now >= self._answer_by:
            if self._is_waiting():
                self._engine.close("timeout", self._join_timed_out(), now=now)
            self._answer_by = None
        self._look_below()

    def set_writable(self, writable: bool) -> None:
        """Tell whether the transport takes bytes; if not, they wait here."""
        self._is_writable = writable
        self._flush()

    def events_received(self) -> list[SocketOccurrence]:
        """Return what came, in wire order."""
        events, self._events = self._events, []
        return events

    def actions_to_take(self) -> list[Asked]:
        """Return what must be carried out now, in order."""
        return self._engine.actions_to_take()

    # What we want

    def join(self, namespace: str, query: str = "", auth: bytes = b"") -> None:
        """As a client, ask for a namespace, now or as soon as we are open.

        Args:
            namespace: begins with ``/``.
            query: percent-encoded, travels in the CONNECT packet of protocol 4.
            auth: JSON object, travels in the CONNECT packet of protocol 5.
        """
        if not self._is_client:
            raise LocalProtocolError("a server does not ask for a namespace")
        if namespace[:1] != "/" or set(namespace) & _NOT_IN_NAMESPACES:
            raise LocalProtocolError(f"{namespace!r} cannot be a namespace")
        if namespace in self._joined or namespace in self._joining:
            raise LocalProtocolError(f"namespace {namespace!r} is joined already")
        self._backlog.take((namespace,))
        has_query = query and self.protocol == 4
        self._joining[namespace] = (
            f"{namespace}?{query}" if has_query else namespace,
            auth if self.protocol == 5 else b"",
        )
        if self._engine.is_open:
            self._send_connect(namespace)

    def accept(self, namespace: str, sid: str = "") -> None:
        """As a server, let the client into a namespace that it asked for.

        Args:
            namespace: the one asked for.
            sid: the client's id in it, for protocol 5; unique and hard to guess.
        """
        if namespace not in self._requested:
            raise LocalProtocolError(f"nobody asked for namespace {namespace!r}")
        self._requested.pop(namespace, None)
        self._answer_by = None
        self._backlog.take((namespace,))
        self._mark_joined(namespace)
        body = socketio.encode_connected(sid) if self.protocol == 5 else b""
        self._send_control(socketio.CONNECT, namespace, body)

    def refuse(self, namespace: str, body: bytes) -> None:
        """As a server, refuse a namespace.

        Args:
            namespace: the one asked for.
            body: JSON text, a string or an object.
        """
        if namespace not in self._requested:
            raise LocalProtocolError(f"nobody asked for namespace {namespace!r}")
        self._requested.pop(namespace, None)
        self._send_control(socketio.ERROR, namespace, body)

    def send_error(self, namespace: str, body: bytes) -> None:
        """As a server, send an ERROR packet in the middle of a session."""
        if namespace not in self._joined:
            raise LocalProtocolError(f"namespace {namespace!r} is not joined")
        self._send_control(socketio.ERROR, namespace, body)

    def leave(self, namespace: str, *, now: float) -> None:
        """Leave a namespace; a client that has no other one closes."""
        self.has_new_deadline = True
        self._joining.pop(namespace, None)
        self._take_early(namespace)
        if namespace in self._joined:
            self._leave(namespace)
        if self._is_client and not self._joined and not self._joining:
            self._engine.close("io client disconnect", now=now)
            self._look_below()

    def close(self, *, now: float) -> None:
        """Leave every namespace and close the connection."""
        self.has_new_deadline = True
        for namespace in list(self._joined):
            self._leave(namespace)
        self._joining.clear()
        reason = "io client disconnect" if self._is_client else "forced server close"
        self._engine.close(reason, now=now)
        self._look_below()

    def shut(self, *, now: float) -> None:
        """As a server, close the connection; a client may come back by itself.

        Source: socket.io 4.8.4, Server.close: it closes connections without a word,
        for who was told DISCONNECT does not connect again.
        """
        self.has_new_deadline = True
        self._engine.close("server shutting down", now=now)
        self._look_below()

    def fail(self, error: PadChatError, *, now: float) -> None:
        """Close since the peer broke a rule of this layer or of one above."""
        self.has_new_deadline = True
        self._engine.close("parse error", error, now=now)
        self._look_below()

    def emit(
        self,
        namespace: str,
        body: bytes,
        *,
        ack_id: int | None = None,
        attachments: Sequence[bytes] = (),
        volatile: bool = False,
    ) -> None:
        """Send an event.

        Args:
            namespace: joined, or (client) being joined: then it waits.
            body: JSON array of arguments, the name first.
            ack_id: when an acknowledgement is wanted.
            attachments: bytes for the placeholders in *body*.
            volatile: drop it when it could not leave at once.

        Raises:
            LocalProtocolError: not in this namespace.
            BufferFull: too much waits already.
        """
        prefix = self._joined.get(namespace)
        if prefix is None:
            if namespace not in self._joining:
                raise LocalProtocolError(f"namespace {namespace!r} is not joined")
            prefix = _prefix(namespace)
        digits = b"" if ack_id is None else b"%d" % ack_id
        if attachments:
            text = b"5%d-%b%b%b" % (len(attachments), prefix, digits, body)
        else:
            text = b"2%b%b%b" % (prefix, digits, body)
            engine = self._engine
            if self._is_writable and engine.is_writable and namespace in self._joined:
                engine.send_message(text, is_text=True)
                return
        self._send(namespace, text, attachments, ack_id, volatile=volatile)

    def acknowledge(
        self,
        namespace: str,
        ack_id: int,
        body: bytes,
        attachments: Sequence[bytes] = (),
    ) -> None:
        """Answer an event that wants it; *body* is a JSON array."""
        prefix = self._joined.get(namespace)
        if prefix is None:
            raise LocalProtocolError(f"namespace {namespace!r} is not joined")
        if attachments:
            text = b"6%d-%b%d%b" % (len(attachments), prefix, ack_id, body)
        else:
            text = b"3%b%d%b" % (prefix, ack_id, body)
            if self._is_writable and self._engine.is_writable:
                self._engine.send_message(text, is_text=True)
                return
        self._send(namespace, text, attachments, None)

    def takes_frames(self, namespace: str) -> bool:
        """Tell whether an event would leave now, as a WebSocket message of its own.

        Then a server may write the frame of a broadcast itself, which is the same for
        all clients. It has nothing to do with what waits here, for nothing does.
        """
        return self._is_writable and namespace in self._joined and self._engine.is_bare

    def withdraw(self, namespace: str, ack_id: int) -> bool:
        """Take back an event that still waits here; tell whether it did."""
        return self._backlog.withdraw(namespace, ack_id)

    def unsent_ack_ids(self, namespace: str) -> frozenset[int]:
        """Return the ack ids of the events that still wait here."""
        return self._backlog.ack_ids(namespace)

    @property
    def buffered_bytes(self) -> int:
        """Bytes that wait here; what still sits here was not sent."""
        return self._backlog.size

    # Steps

    def _is_waiting(self) -> bool:
        """Whether we are open, and the peer has yet to do something for a namespace."""
        if not self._engine.is_open:
            return False
        if self._is_client:
            return bool(self._joining)
        return self.protocol == 5 and not self._joined and not self._requested

    def _join_timed_out(self) -> ConnectTimedOut | None:
        """The error of a client; a server closes without one."""
        if not self._is_client:
            return None
        return ConnectTimedOut(
            self._peer,
            f"the server did not answer for namespace {next(iter(self._joining))}"
            f" within {self._join_timeout:g} seconds",
        )

    def _leave(self, namespace: str) -> None:
        if self._is_writable and self._engine.is_open:
            # What waits for a poll goes before. A WebSocket that takes no bytes gets
            # no more of them: what waits for it stays, and is known as not sent.
            for waiting in self._backlog.take((namespace,)):
                self._send_now(waiting.text, waiting.attachments)
        self._send_control(socketio.DISCONNECT, namespace)
        reason = "io client disconnect"
        if not self._is_client:
            reason = "server namespace disconnect"
        self._mark_left(namespace, reason)

    def _received_text(self, text: bytes, now: float, *, is_polled: bool) -> None:
        self.has_new_deadline = True
        try:
            if is_polled:
                self._may_be_of_1x = self._may_be_of_1x or socketio.may_be_of_1x(text)
                if self._may_be_of_1x:
                    socketio.refuse_text_of_1x(text)
            if self._assembly is not None:
                raise _error("text while attachments are due")
            packet = socketio.decode(text, self.protocol)
            if packet.attachment_count:
                if packet.type == socketio.BINARY_EVENT:
                    socketio.event_name(packet.body, self.protocol)
                self._assembly = _Assembly(packet, [])
            else:
                self._received_packet(packet, (), now)
        except RemoteProtocolError as error:
            self.fail(error, now=now)

    def _received_attachment(self, data: bytes, now: float) -> None:
        assembly = self._assembly
        if assembly is None:
            self.fail(_error("an attachment that nobody announced"), now=now)
            return
        assembly.attachments.append(data)
        assembly.byte_count += len(data)
        # A single one has the limit of a message.
        is_too_large = (
            assembly.byte_count > MAX_ATTACHMENT_BYTES and len(assembly.attachments) > 1
        )
        if is_too_large:
            self._assembly = None
            problem = f"attachments of more than {MAX_ATTACHMENT_BYTES} bytes together"
            self.fail(_error(problem), now=now)
            return
        if len(assembly.attachments) == assembly.packet.attachment_count:
            self._assembly = None
            try:
                self._received_packet(assembly.packet, tuple(assembly.attachments), now)
            except RemoteProtocolError as error:
                self.fail(error, now=now)

    def _received_packet(
        self, packet: socketio.Packet, attachments: tuple[bytes, ...], now: float
    ) -> None:
        kind = packet.type
        namespace = packet.namespace
        if kind in (socketio.EVENT, socketio.BINARY_EVENT):
            name = self._event_name(packet.body)
            event = SocketEvent(
                namespace, name, packet.body, packet.ack_id, attachments
            )
            if namespace in self._joined:
                self._events.append(event)
            elif namespace in self._joining:
                self._received_early(event)
            else:
                self._received_for_nobody(namespace)
        elif kind in (socketio.ACK, socketio.BINARY_ACK):
            if namespace not in self._joined:
                self._received_for_nobody(namespace)
            elif packet.ack_id is not None:
                self._events.append(
                    SocketAck(namespace, packet.ack_id, packet.body, attachments)
                )
        elif kind == socketio.CONNECT:
            self._received_connect(packet)
        elif kind == socketio.DISCONNECT:
            self._received_disconnect(namespace, now)
        elif self.protocol == 5 and not self._is_client:
            raise _error("a connect error, which the server sends")
        elif namespace in self._joining:
            del self._joining[namespace]
            self._backlog.take((namespace,))
            self._take_early(namespace)
            self._events.append(ErrorReceived(namespace, packet.body, is_refusal=True))
        elif namespace in self._joined:
            self._events.append(ErrorReceived(namespace, packet.body, is_refusal=False))

    def _received_early(self, event: SocketEvent) -> None:
        """Keep an event until its namespace is joined: it was missed before."""
        size = len(event.body) + sum(map(len, event.attachments))
        self._early_bytes += size + PACKET_BYTES
        if self._early_bytes > self._max_early:
            raise _error(f"more than {self._max_early} bytes before a namespace")
        self._early.append(event)

    def _take_early(self, namespace: str) -> list[SocketEvent]:
        taken = [event for event in self._early if event.namespace == namespace]
        if taken:
            self._early = [e for e in self._early if e.namespace != namespace]
        if not self._early:
            self._early_bytes = 0
        return taken

    def _received_for_nobody(self, namespace: str) -> None:
        if self.protocol == 5 and not self._is_client:
            raise _error(f"a packet for namespace {namespace!r}, which is not joined")

    def _received_connect(self, packet: socketio.Packet) -> None:
        namespace, query = packet.namespace, ""
        if self.protocol == 4:
            namespace, _, query = namespace.partition("?")
        if self._is_client:
            # A server of protocol 4 shows itself by having no sid, unasked too.
            sid = socketio.decode_connected(packet.body) if self.protocol == 5 else ""
            if namespace in self._joining:
                del self._joining[namespace]
                self._mark_joined(namespace)
                self._events.append(
                    NamespaceJoined(namespace, sid, _recovery_id(packet.body))
                )
                self._events += self._take_early(namespace)
                self._flush()
        elif namespace in self._joined and self.protocol == 5:
            raise _error(f"a second connect packet for namespace {namespace!r}")
        elif namespace not in self._joined and namespace not in self._requested:
            if len(self._joined) + len(self._requested) >= MAX_NAMESPACES:
                raise _error(f"more than {MAX_NAMESPACES} namespaces")
            self._requested[namespace] = None
            pairs = tuple(parse_qsl(query, keep_blank_values=True))
            self._events.append(NamespaceRequested(namespace, pairs, packet.body))

    def _received_disconnect(self, namespace: str, now: float) -> None:
        if namespace not in self._joined:
            self._received_for_nobody(namespace)
            return
        if self._is_client:
            self._mark_left(namespace, "io server disconnect")
            if not self._joined and not self._joining:
                self._engine.close("io server disconnect", now=now)
        else:
            self._mark_left(namespace, "client namespace disconnect")

    def _event_name(self, body: bytes) -> str:
        name = socketio.event_name(body, self.protocol)
        if (
            len(self._names) < MAX_NAMES_KEPT
            and len(name) <= MAX_NAME_KEPT
            and body.startswith(b'["%b"' % name.encode("utf-8", "replace"))
        ):
            # Each connection of a process hears the same names.
            name = sys.intern(name)
            self._names[name.encode()] = name
        return name

    def _look_below(self, *, is_message_due: bool = False) -> None:
        engine = self._engine
        if engine.is_open:
            if not self._was_open:
                self._was_open = True
                self._opened()
            self._flush()
        elif is_message_due:
            # The connection ended by the same read: they came before.
            pass
        elif engine.closing_reason:
            for namespace in list(self._joined):
                self._mark_left(namespace, engine.closing_reason)
            self._requested.clear()

    def _opened(self) -> None:
        if self._is_client:
            for namespace in self._joining:
                self._send_connect(namespace)
        elif self.protocol == 4:
            self._requested["/"] = None
            self._events.append(NamespaceRequested("/"))

    def _send_connect(self, namespace: str) -> None:
        if namespace != "/" or self.protocol == 5:
            self._send_control(socketio.CONNECT, *self._joining[namespace])

    def _send_control(self, kind: int, namespace: str, body: bytes = b"") -> None:
        if self._engine.is_open:
            packet = socketio.Packet(kind, namespace, body=body)
            self._engine.send_message(socketio.encode(packet), is_text=True)

    def _send(
        self,
        namespace: str,
        text: bytes,
        attachments: Sequence[bytes],
        ack_id: int | None,
        *,
        volatile: bool = False,
    ) -> None:
        # While the transport takes bytes, only what is not joined yet waits.
        can_leave = self._is_writable and self._engine.is_writable
        if can_leave and namespace in self._joined:
            self._send_now(text, attachments)
        elif not volatile:
            self._backlog.add(Waiting(namespace, ack_id, text, tuple(attachments)))

    def _send_now(self, text: bytes, attachments: Sequence[bytes]) -> None:
        self._engine.send_message(text, is_text=True, is_counted=True)
        for attachment in attachments:
            self._engine.send_message(attachment, is_text=False, is_counted=True)

    def _flush(self) -> None:
        if self._backlog and self._is_writable and self._engine.is_writable:
            for waiting in self._backlog.take(self._joined):
                self._send_now(waiting.text, waiting.attachments)

    def _mark_joined(self, namespace: str) -> None:
        self._joined[namespace] = _prefix(namespace)
        self._joined_last = namespace
        self._event_start = b'42%b["' % _prefix(namespace)
        self._ack_start = b"43" + _prefix(namespace)
        self._call_start = b"42" + _prefix(namespace)

    def _mark_left(self, namespace: str, reason: str) -> None:
        del self._joined[namespace]
        if namespace == self._joined_last:
            self._event_start = self._ack_start = self._call_start = _NOTHING
        self._events.append(NamespaceLeft(namespace, reason))


def _prefix(namespace: str) -> bytes:
    return b"" if namespace == "/" else namespace.encode() + b","


def _recovery_id(body: bytes) -> str:
    """Return what a server that keeps missed events says in its CONNECT packet."""
    said = json_text.read(body) if body else {}
    found = said.get("pid") if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""


def _error(problem: str) -> RemoteProtocolError:
    return RemoteProtocolError("socket.io", problem)
