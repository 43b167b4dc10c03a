"""One Engine.IO connection: transports, open packet, upgrade, heartbeat, closing.

::

    client   connecting --WebSocketOpened--> opening --open packet--> open
             connecting --first poll's answer--> open
    server   connecting --WebSocketOpened | first poll / open packet--> open
    both     open --close()--> closing
             closing --WebSocketClosed | last answer | deadline--> closed
             any --WebSocketClosed | Lost | broken rule--> closed

The upgrade, beside it::

    client   none --open packet offers it / OpenWebSocket--> opening
             opening --WebSocketOpened / 2probe--> probing --3probe--> upgrading
             upgrading --no request is open / 5--> none: WebSocket is in use
    server   none --WebSocketOpened--> probing --2probe / 3probe--> upgrading
             probing | upgrading --5--> none: WebSocket is in use
    both     any --WebSocketClosed | another packet | deadline--> none: polling goes on

Source: engine.io-client 3.5 and 6.6, Socket.probe; engine.io 3.6.2 and 6.6,
Socket.maybeUpgrade; vectors ``*-upgrade-*``, ``raw-server*``.
"""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from ..errors import (
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    PadChatError,
    RemoteProtocolError,
)
from . import engineio
from .engineio import EIO3, EIO4, Packet, Revision
from .heartbeat import Heartbeat
from .limits import (
    CLOSE_TIMEOUT,
    MAX_FRAME_BYTES,
    MAX_OUTBOX_BYTES,
    NOOP_SECONDS,
    OPEN_TIMEOUT,
    PACKET_BYTES,
    UPGRADE_TIMEOUT,
)
from .polling import ClientPolling, ServerPolling, bad_request
from .told import (
    TOO_BIG,
    Asked,
    Closed,
    CloseWebSocket,
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    OpenWebSocket,
    Role,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
    too_large,
)

__all__ = ["EngineIOConnection", "EngineState"]

_PROBE = b"probe"
_NOTHING: tuple[Packet, ...] = ()


class EngineState(Enum):
    """Where a connection is."""

    CONNECTING = "connecting"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class _Upgrade(Enum):
    """Where the change from polling to WebSocket is."""

    NONE = "none"
    OPENING = "opening"
    PROBING = "probing"
    UPGRADING = "upgrading"


class EngineIOConnection:
    """Engine.IO 3 or 4 over long polling and WebSocket, in either role.

    Tell it what happened (``start``, ``receive``, ``heard``, ``deadline_reached``);
    after each of these, and after ``send_message`` and ``close``, carry out
    ``actions_to_take()``. Messages come out of ``receive``.

    Args:
        role: which side we are.
        revision: 3 or 4.
        transports: ``polling``, ``websocket``, or both. A client begins with the
            first; if that is polling, it goes over to WebSocket when the server offers
            it. A server offers them.
        query: a client's pairs for every request.
        handshake: content of the open packet; a server must give it, a client
            learns it from the peer.
        peer: where the other side is, for errors.
        max_frame: largest message and largest POST accepted (bytes).
        open_timeout: time for a client to be open (seconds).
        close_timeout: time for the closing handshake (seconds).
        upgrade_timeout: time for a client to upgrade once its WebSocket is open
            (seconds).

    Attributes:
        role: which side we are.
        revision: of Engine.IO.
        state: where it is.
        is_writable: whether a message that is sent now leaves at the end of the turn.
    """

    __slots__ = (
        "_actions",
        "_client",
        "_close_timeout",
        "_closing_error",
        "_closing_reason",
        "_deadline",
        "_heartbeat",
        "_is_close_sent",
        "_max_frame",
        "_noop_at",
        "_offer",
        "_open_timeout",
        "_owed",
        "_peer",
        "_polling",
        "_query",
        "_server",
        "_transports",
        "_upgrade",
        "_upgrade_by",
        "_upgrade_timeout",
        "is_writable",
        "revision",
        "role",
        "state",
    )

    def __init__(
        self,
        role: Role,
        *,
        revision: Revision = EIO3,
        transports: tuple[str, ...] = ("websocket",),
        query: tuple[tuple[str, str], ...] = (),
        handshake: engineio.Handshake | None = None,
        peer: str = "the peer",
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        close_timeout: float = CLOSE_TIMEOUT,
        upgrade_timeout: float = UPGRADE_TIMEOUT,
    ) -> None:
        if (role is Role.SERVER) is (handshake is None):
            raise ValueError("a server gives the handshake, a client learns it")
        self.role = role
        self.revision = revision
        self.state = EngineState.CONNECTING
        self.is_writable = True
        self._transports = transports
        self._query = query
        self._offer = handshake
        self._peer = peer
        self._max_frame = max_frame
        self._open_timeout = open_timeout
        self._close_timeout = close_timeout
        self._upgrade_timeout = upgrade_timeout
        self._actions: list[Asked] = []
        is_client = role is Role.CLIENT
        self._heartbeat = Heartbeat(
            is_pinger=is_client is (revision == EIO3),
            is_ponger=is_client and revision == EIO4,
        )
        self._client: ClientPolling | None = None
        self._server: ServerPolling | None = None
        self._polling: ClientPolling | ServerPolling | None = None
        self._upgrade = _Upgrade.NONE
        self._upgrade_by: float | None = None
        self._noop_at: float | None = None
        self._deadline: float | None = None
        self._closing_reason = ""
        self._closing_error: PadChatError | None = None
        self._is_close_sent = False
        self._owed = 0

    # What happened

    def start(self, *, now: float) -> None:
        """Begin; a client asks for its first transport."""
        self._deadline = now + self._open_timeout
        if self.role is Role.CLIENT:
            if self._transports[0] == "polling":
                self._client = self._polling = ClientPolling(self.revision, self._query)
            else:
                self._ask_for_websocket("")

    def receive(self, told: Told, *, now: float) -> list[Packet] | tuple[Packet, ...]:
        """Take in what happened.

        Returns:
            The messages of the layer above that came.
        """
        if self.state is EngineState.CLOSED:
            return _NOTHING
        messages: list[Packet] | tuple[Packet, ...] = _NOTHING
        match told:
            case WebSocketMessage(data, is_text):
                messages = self._received_frame(data, is_text, now)
            case HttpResponse():
                messages = self._answered(told, now)
            case HttpRequest():
                messages = self._requested(told, now)
            case HttpFailed():
                self._http_failed(told)
            case WebSocketOpened():
                self._websocket_opened(now)
            case WebSocketClosed():
                self._websocket_closed(told)
            case Lost(error):
                if self.state is EngineState.CLOSING:
                    self._finish(self._closing_reason, self._closing_error)
                else:
                    self._finish("transport error", error)
        if self._polling is not None:
            self._step(now)
        return messages

    def heard(self, now: float) -> int:
        """Take note that text messages came, which the caller may read itself.

        Args:
            now: seconds on the driver's clock.

        Returns:
            Up to which size (bytes) those that begin with ``4`` are messages of the
            layer above; 0 while none is. ``receive`` must be told of all others.
        """
        if self.state is EngineState.OPEN and self._polling is None:
            self._heartbeat.last_received = now
            return self._max_frame
        return 0

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``: seconds on the clock of ``now``."""
        if self.state is not EngineState.OPEN:
            return self._deadline
        deadline = self._heartbeat.next_deadline()
        if self._upgrade_by is not None:
            deadline = min(deadline, self._upgrade_by)
        if self._noop_at is not None:
            deadline = min(deadline, self._noop_at)
        return deadline

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands; early calls do nothing.

        Args:
            now: seconds on the driver's clock.
            is_deaf: whether the driver does not read; the peer's silence then says
                nothing, and only our own signs of life go on.
        """
        if self.state is EngineState.OPEN:
            self._watch_heartbeat(now, is_deaf)
            self._watch_upgrade(now)
        elif self._deadline is not None and now >= self._deadline:
            if self.state is EngineState.CLOSING:
                self._finish(self._closing_reason, self._closing_error)
            else:
                what = "the Engine.IO open packet"
                if self.state is EngineState.CONNECTING and self._polling is None:
                    what = "the WebSocket handshake"
                limit = f"{self._open_timeout:g} seconds"
                problem = f"{what} did not come within {limit}"
                self._finish("timeout", ConnectTimedOut(self._peer, problem))

    # What we want

    def send_message(
        self, data: bytes, *, is_text: bool, is_counted: bool = False
    ) -> None:
        """Ask to send a message of the layer above; only while open.

        Args:
            data: of the message.
            is_text: whether it is text.
            is_counted: whether it waited above, in a queue that has a limit.
        """
        if self._polling is not None:
            self._send(Packet(engineio.MESSAGE, data, is_text), is_counted=is_counted)
        elif is_text:
            self._actions.append(SendWebSocket(b"4" + data, True))
        else:
            frame = engineio.encode_binary(engineio.MESSAGE, data, self.revision)
            self._actions.append(SendWebSocket(frame, is_text=False))

    def close(
        self, reason: str, error: PadChatError | None = None, *, now: float
    ) -> None:
        """Begin to close; ``Closed(reason, error)`` follows."""
        if self.state in (EngineState.CONNECTING, EngineState.OPENING):
            if self.state is EngineState.OPENING:
                self._actions.append(CloseWebSocket())
            self._finish(reason, error)
        elif self.state is EngineState.OPEN:
            self._close_now(reason, error, now)

    def actions_to_take(self) -> list[Asked]:
        """Return what must be carried out now, in order."""
        if self._polling is not None:
            self._polling.flush(self._actions)
            self.is_writable = self._polling.is_writable
            if not self._polling.outbox:
                self._owed = 0
        actions, self._actions = self._actions, []
        return actions

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.state is EngineState.OPEN

    @property
    def is_bare(self) -> bool:
        """Whether messages go over WebSocket alone, and nothing is to go before."""
        return (
            self._polling is None
            and self.state is EngineState.OPEN
            and not self._actions
        )

    @property
    def is_upgrading(self) -> bool:
        """Whether a WebSocket is there beside polling."""
        return self._upgrade is not _Upgrade.NONE

    @property
    def closing_reason(self) -> str:
        """Why it is closing or closed, empty while it is not."""
        return self._closing_reason

    # Steps: what came

    def _received_frame(
        self, data: bytes, is_text: bool, now: float
    ) -> list[Packet] | tuple[Packet, ...]:
        if self._polling is not None:
            if self._upgrade is not _Upgrade.NONE:
                self._received_probe(data, is_text, now)
            return _NOTHING
        if self.state not in (EngineState.OPENING, EngineState.OPEN):
            return _NOTHING
        self._heartbeat.last_received = now
        if len(data) > self._max_frame:
            error = too_large(data, self._max_frame)
            self._close_now("transport error", error, now, code=TOO_BIG)
            return _NOTHING
        try:
            packet = engineio.decode_frame(
                data, is_text=is_text, revision=self.revision
            )
            return [packet] if self._is_message(packet, now) else _NOTHING
        except RemoteProtocolError as error:
            self._close_now("transport error", error, now)
            return _NOTHING

    def _answered(
        self, response: HttpResponse, now: float
    ) -> list[Packet] | tuple[Packet, ...]:
        polling = self._client
        if polling is None:
            return _NOTHING
        try:
            packets = polling.answered(response)
            if packets is None or self.state is EngineState.CLOSING:
                return _NOTHING
            return self._received_packets(packets, now)
        except RemoteProtocolError as error:
            if self.state is EngineState.CLOSING:
                self._finish(self._closing_reason, self._closing_error)
            elif self.state is EngineState.OPEN:
                self._close_now("transport error", error, now)
            else:
                self._finish(
                    "transport error",
                    HandshakeRefused(
                        self._peer,
                        f"no Engine.IO {self.revision} answer: {error.problem}",
                        status=response.status,
                        body=response.body,
                    ),
                )
            return _NOTHING

    def _requested(
        self, request: HttpRequest, now: float
    ) -> list[Packet] | tuple[Packet, ...]:
        if self.state is EngineState.CONNECTING:
            self._server = self._polling = ServerPolling(self.revision, self._max_frame)
            self._server.polled(request)
            can_upgrade = "websocket" in self._transports
            self._open(now, upgrades=("websocket",) if can_upgrade else ())
            return _NOTHING
        polling = self._server
        if polling is None:
            # WebSocket is in use.
            self._actions.append(bad_request(request.id))
            return _NOTHING
        if request.method == "POST":
            return self._posted(polling, request, now)
        if not polling.polled(request):
            overlap = RemoteProtocolError("engine.io", "two polls at once")
            self._finish("transport error", overlap)
            closed = self._actions.pop()
            self._actions += [bad_request(request.id), closed]
        elif self.state is EngineState.CLOSING:
            polling.outbox.append(Packet(engineio.NOOP))
            self._finish(self._closing_reason, self._closing_error)
        return _NOTHING

    def _posted(
        self, polling: ServerPolling, request: HttpRequest, now: float
    ) -> list[Packet] | tuple[Packet, ...]:
        if self.state is EngineState.CLOSING:
            self._actions.append(bad_request(request.id))
            return _NOTHING
        try:
            return self._received_packets(polling.posted(request, self._actions), now)
        except RemoteProtocolError as error:
            self._close_now("transport error", error, now)
            return _NOTHING

    def _received_packets(self, packets: list[Packet], now: float) -> list[Packet]:
        self._heartbeat.last_received = now
        messages = []
        for packet in packets:
            if self._is_message(packet, now):
                messages.append(packet)
            if self.state in (EngineState.CLOSING, EngineState.CLOSED):
                break
        return messages

    def _is_message(self, packet: Packet, now: float) -> bool:
        """Take in a packet; tell whether it is for the layer above."""
        kind = packet.type
        if self.state is not EngineState.OPEN:
            if kind != engineio.OPEN:
                problem = "the first packet is not an open packet"
                raise RemoteProtocolError("engine.io", problem)
            self._learn(engineio.decode_handshake(packet.data), now)
            return False
        if kind == engineio.MESSAGE:
            return True
        if kind == engineio.PING:
            if self.role is (Role.SERVER if self.revision == EIO3 else Role.CLIENT):
                # Without the ping's content, which only a probe gets back. Source:
                # engine.io 3.6, Socket.onPacket; vector raw-server2-engine-frames.
                self._heartbeat.answered(now)
                self._send(Packet(engineio.PONG))
            elif self.revision == EIO4:
                raise RemoteProtocolError("engine.io", "a ping, which the server sends")
        elif kind == engineio.PONG:
            self._heartbeat.ponged(now)
        elif kind == engineio.CLOSE:
            error = Disconnected("transport close")
            if self._polling is None:
                self._close_now("transport close", error, now)
            else:
                self._finish("transport close", error, last=engineio.NOOP)
        # Everything else (a second open packet, upgrade, noop, a pong for nothing) is
        # ignored, as the reference implementations do.
        return False

    def _learn(self, handshake: engineio.Handshake, now: float) -> None:
        """Take in the open packet, as a client."""
        self.state = EngineState.OPEN
        self._deadline = None
        self._heartbeat.begin(handshake.ping_interval, handshake.ping_timeout, now)
        if self._client is not None:
            self._client.learn(handshake.sid, handshake.max_payload)
            if {"websocket"} & set(self._transports) & set(handshake.upgrades):
                self._upgrade = _Upgrade.OPENING
                self._upgrade_by = now + self._open_timeout
                self._ask_for_websocket(handshake.sid)

    def _http_failed(self, failed: HttpFailed) -> None:
        if self._server is not None:
            if self._server.cancelled(failed.id):
                self._lost_transport(
                    Disconnected("transport error", "the client gave up its poll")
                )
        elif self._client is not None and self._client.failed(failed.id):
            self._lost_transport(
                failed.error or Disconnected("transport error", failed.reason)
            )

    def _lost_transport(self, error: PadChatError) -> None:
        if self.state is EngineState.CLOSING:
            self._finish(self._closing_reason, self._closing_error)
            return
        if self.state is not EngineState.OPEN and not isinstance(error, ConnectError):
            error = ConnectError(self._peer, str(error))
        self._finish("transport error", error)

    # Steps: WebSocket

    def _websocket_opened(self, now: float) -> None:
        if self.state is EngineState.CONNECTING and self._polling is None:
            if self._offer is not None:
                self._open(now, upgrades=())
            else:
                self._heartbeat.last_received = now
                self.state = EngineState.OPENING
        elif self._client is not None and self._upgrade is _Upgrade.OPENING:
            self._upgrade = _Upgrade.PROBING
            self._send_frame(Packet(engineio.PING, _PROBE))
        elif self._server is not None and self.state is EngineState.OPEN:
            self._upgrade = _Upgrade.PROBING
            self._upgrade_by = now + self._upgrade_timeout

    def _received_probe(self, data: bytes, is_text: bool, now: float) -> None:
        """Take in a packet on the WebSocket while polling is in use."""
        try:
            packet = engineio.decode_frame(
                data, is_text=is_text, revision=self.revision
            )
        except RemoteProtocolError:
            packet = Packet(engineio.NOOP)
        is_probe = packet.data == _PROBE
        if self._client is not None:
            if packet.type == engineio.PONG and is_probe:
                # What is on its way by polling comes first.
                self._upgrade = _Upgrade.UPGRADING
                self._client.wants_poll = self._client.may_post = False
                return
        elif self.state is EngineState.OPEN:
            if packet.type == engineio.PING and is_probe:
                self._upgrade = _Upgrade.UPGRADING
                self._noop_at = now + NOOP_SECONDS
                self._send_frame(Packet(engineio.PONG, _PROBE))
                return
            if packet.type == engineio.UPGRADE:
                self._use_websocket()
                return
        self._give_up_upgrade()

    def _use_websocket(self) -> None:
        """Polling has ended: all goes over the WebSocket from now on."""
        waiting = self._polling.outbox if self._polling is not None else []
        if self._server is not None and self._server.is_writable:
            self._server.outbox = [Packet(engineio.NOOP)]
            self._server.flush(self._actions)
        self._client = self._server = self._polling = None
        self._upgrade = _Upgrade.NONE
        self._upgrade_by = self._noop_at = None
        self.is_writable = True
        for packet in waiting:
            self._send(packet)

    def _give_up_upgrade(self) -> None:
        """The WebSocket is of no use: go on by polling."""
        if self._upgrade is not _Upgrade.OPENING:
            self._actions.append(CloseWebSocket())
        self._end_upgrade()

    def _end_upgrade(self) -> None:
        self._upgrade = _Upgrade.NONE
        self._upgrade_by = self._noop_at = None
        if self._client is not None and self.state is EngineState.OPEN:
            self._client.wants_poll = self._client.may_post = True

    def _websocket_closed(self, closed: WebSocketClosed) -> None:
        if self._polling is not None:
            self._end_upgrade()
            return
        if self.state is EngineState.CLOSING:
            self._finish(self._closing_reason, self._closing_error)
            return
        error: PadChatError
        if self.state is EngineState.OPEN:
            error = Disconnected("transport close", closed.detail)
        else:
            error = closed.error or HandshakeRefused(
                self._peer,
                closed.detail or "closed before the connection was open",
                hop="WebSocket",
            )
        self._finish("transport close", error)

    # Steps: time

    def _watch_heartbeat(self, now: float, is_deaf: bool) -> None:
        if is_deaf:
            self._heartbeat.deaf(now)
        if self._heartbeat.is_over(now):
            # A silent peer will not answer a closing handshake either.
            if self._polling is None or self._upgrade is not _Upgrade.NONE:
                self._actions.append(CloseWebSocket())
            self._finish("ping timeout", Disconnected("ping timeout"))
        elif self._heartbeat.is_ping_due(now):
            self._send(Packet(engineio.PING))
        elif self._heartbeat.is_pong_due(now) and is_deaf:
            self._send(Packet(engineio.PONG))

    def _watch_upgrade(self, now: float) -> None:
        if self._upgrade_by is not None and now >= self._upgrade_by:
            self._give_up_upgrade()
        if self._noop_at is not None and now >= self._noop_at:
            # The client waits until its poll has ended.
            self._noop_at = now + NOOP_SECONDS
            if self._server is not None and self._server.is_writable:
                self._send(Packet(engineio.NOOP))

    def _step(self, now: float) -> None:
        """Do what can be done now that a request has ended."""
        polling = self._client
        if polling is not None and self.state is EngineState.CLOSING:
            if polling.has_sent_all:
                if self._is_close_sent:
                    self._finish(self._closing_reason, self._closing_error)
                else:
                    self._is_close_sent = True
                    polling.outbox.append(Packet(engineio.CLOSE))
        elif (
            polling is not None
            and self._upgrade is _Upgrade.UPGRADING
            and polling.is_idle
        ):
            self._send_frame(Packet(engineio.UPGRADE))
            self._use_websocket()
        if self._polling is not None:
            self.is_writable = self._polling.is_writable

    # Steps: out

    def _ask_for_websocket(self, sid: str) -> None:
        query = (*self._query, ("EIO", str(self.revision)), ("transport", "websocket"))
        if sid:
            query += (("sid", sid),)
        self._actions.append(OpenWebSocket(query))

    def _open(self, now: float, upgrades: tuple[str, ...]) -> None:
        """Send the open packet, as a server."""
        offer = self._offer
        if offer is None:
            return
        self.state = EngineState.OPEN
        self._deadline = None
        self._heartbeat.begin(offer.ping_interval, offer.ping_timeout, now)
        content = engineio.encode_handshake(replace(offer, upgrades=upgrades))
        self._send(Packet(engineio.OPEN, content))

    def _send(self, packet: Packet, *, is_counted: bool = False) -> None:
        """Send a packet over the transport that is in use."""
        polling = self._polling
        if polling is None:
            self._send_frame(packet)
            return
        polling.outbox.append(packet)
        is_waiting = not polling.is_writable and self.state is EngineState.OPEN
        if is_waiting and not is_counted:
            # Messages wait above. This is what cannot, and a peer may cause it without
            # taking it.
            self._owed += len(packet.data) + PACKET_BYTES
            if self._owed > MAX_OUTBOX_BYTES:
                polling.outbox.clear()
                unread = Disconnected("transport error", "the peer takes no packets")
                self._finish("transport error", unread)

    def _send_frame(self, packet: Packet) -> None:
        if packet.is_text:
            frame = engineio.encode_text(packet.type, packet.data)
        else:
            frame = engineio.encode_binary(packet.type, packet.data, self.revision)
        self._actions.append(SendWebSocket(frame, packet.is_text))

    def _close_now(
        self,
        reason: str,
        error: PadChatError | None,
        now: float,
        *,
        code: int | None = None,
    ) -> None:
        self.state = EngineState.CLOSING
        self._closing_reason = reason
        self._closing_error = error
        self._deadline = now + self._close_timeout
        if self._polling is None:
            self._actions.append(CloseWebSocket(code))
            return
        if self._upgrade is not _Upgrade.NONE:
            self._give_up_upgrade()
        if self._client is not None:
            self._client.wants_poll = False
            self._client.may_post = True
            self._step(now)
        elif self._server is not None and (
            self._server.is_writable or isinstance(error, RemoteProtocolError)
        ):
            self._finish(reason, error)

    def _finish(
        self, reason: str, error: PadChatError | None, *, last: int = engineio.CLOSE
    ) -> None:
        if self._server is not None and self._server.is_writable:
            # Whoever waits for an answer gets one.
            self._server.outbox.append(Packet(last))
            self._server.flush(self._actions)
        self._client = self._server = self._polling = None
        self.state = EngineState.CLOSED
        self._upgrade = _Upgrade.NONE
        self._upgrade_by = self._noop_at = None
        self._closing_reason, self._closing_error = reason, error
        self._deadline = None
        self._actions.append(Closed(reason, error))
