"""Runs one connection of the wire over its transports, with an injected clock.

The order of a turn is always: tell, take the occurrences, carry out the actions. A
read of the socket is one turn, whatever number of messages it brought.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import Disconnected, PadChatError, RemoteProtocolError
from ..wire.occurrences import SocketOccurrence
from ..wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpRequest,
    HttpResponse,
    Lost,
    OpenWebSocket,
    PingWebSocket,
    SendWebSocket,
    Told,
    WebSocketClosed,
)

__all__ = [
    "ClientTransports",
    "Driver",
    "DriverUser",
    "WebSocketTransport",
    "WireConnection",
    "WireUser",
]

#: What comes out of a connection.
_Occurrence = TypeVar("_Occurrence")
_Heard = TypeVar("_Heard", contravariant=True)
_Came = TypeVar("_Came", covariant=True)


class WireConnection(Protocol[_Came]):
    """What the driver needs of a pure connection; see ``docs/design/0001``.

    Attributes:
        has_new_deadline: whether ``next_deadline`` may have become earlier; the driver
            takes it back.
    """

    has_new_deadline: bool

    def start(self, *, now: float) -> None:
        """Begin."""

    def receive(self, told: Told, *, now: float) -> None:
        """Take in what happened."""

    def receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        """Take in whole text messages of one read."""

    def next_deadline(self) -> float | None:
        """When to call ``deadline_reached``."""

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Do what time demands."""

    def set_writable(self, writable: bool) -> None:
        """Take note whether the WebSocket takes bytes."""

    def events_received(self) -> Sequence[_Came]:
        """Return what came."""

    def actions_to_take(self) -> Sequence[Asked]:
        """Return what must be carried out now, in order."""

    def close(self, *, now: float) -> None:
        """Leave in good order."""

    def fail(self, error: PadChatError, *, now: float) -> None:
        """Close since the peer broke a rule above."""


class WebSocketTransport(Protocol):
    """What the driver needs of a WebSocket that is connected."""

    def send_messages(self, messages: Sequence[SendWebSocket]) -> None:
        """Send messages, in order; they may be kept until ``flush``."""

    def send_ping(self) -> None:
        """Send a ping; it may be kept until ``flush``."""

    def flush(self) -> None:
        """Hand what was kept to the operating system."""

    def send_frame(self, frame: bytes) -> bool:
        """Write a frame that is ready, at once; tell whether that could be."""

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Begin the closing handshake."""

    def abort(self) -> None:
        """Drop the connection at once."""

    def pause_reading(self) -> None:
        """Take no more bytes from the peer."""

    def resume_reading(self) -> None:
        """Take bytes again."""


class ClientTransports(Protocol):
    """How a client reaches its peer."""

    def open_websocket(
        self, driver: Driver, query: tuple[tuple[str, str], ...]
    ) -> None:
        """Begin to connect a WebSocket, which is attached to *driver* before it opens.

        Failing is told as ``Lost``, or as ``WebSocketClosed`` where polling goes on.
        """

    def request(self, driver: Driver, request: HttpRequest) -> None:
        """Make a request; *driver* is told ``HttpResponse`` or ``HttpFailed``."""

    def cancel(self) -> None:
        """Drop everything: the connection is over, and *driver* is told no more."""


class WireUser(Protocol[_Heard]):
    """Who a driver works for."""

    def occurred(self, occurrences: Sequence[_Heard]) -> None:
        """Something came."""

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over; called once, last."""


class DriverUser(WireUser[SocketOccurrence], Protocol):
    """Who a driver of a Socket.IO connection works for."""


def _do_nothing() -> None:
    """Nobody minds."""


class Driver:
    """Runs a connection.

    Args:
        clock: for deadlines.
        connection: the pure object.
        user: hears what comes.
        dialer: connects, for a client; None for a server.
        respond: answers a request that was told, for a server with polling.

    Attributes:
        is_over: whether the user was told that the connection is over.
        when_over: called before the user is told.
    """

    def __init__(
        self,
        clock: IReactorTime,
        connection: WireConnection[_Occurrence],
        user: WireUser[_Occurrence],
        *,
        dialer: ClientTransports | None = None,
        respond: Callable[[HttpResponse], None] | None = None,
    ) -> None:
        self._clock = clock
        self._connection: WireConnection[Any] = connection
        self._user: WireUser[Any] = user
        self._dialer = dialer
        self._respond = respond
        self._poll_id: int | None = None
        self._held: HttpRequest | HttpResponse | None = None
        self._websocket: WebSocketTransport | None = None
        self._timer: IDelayedCall | None = None
        self._is_turning = False
        self._is_paused = False
        self._was_paused = False
        self.is_over = False
        self.when_over: Callable[[], None] = _do_nothing
        self.receive_texts = connection.receive_texts

    def start(self) -> None:
        """Begin; a client connects."""
        self._connection.start(now=self._clock.seconds())
        self.turn()

    def now(self) -> float:
        """Seconds on the driver's clock."""
        return self._clock.seconds()

    # From the WebSocket

    @property
    def has_websocket(self) -> bool:
        """Whether there is a WebSocket, be it open or not."""
        return self._websocket is not None

    def attach(self, websocket: WebSocketTransport) -> None:
        """Take the WebSocket over which to run, before it is open."""
        self._websocket = websocket

    def tell(self, told: Told) -> None:
        """Pass on what happened, and do what follows from it."""
        if isinstance(told, WebSocketClosed):
            self._websocket = None
        elif self._is_paused and self._brings_messages(told):
            self._hold(told)
            return
        self._connection.receive(told, now=self._clock.seconds())
        self.turn()

    def tell_in_read(self, told: Told) -> None:
        """Pass on what happened in a read whose end is a turn."""
        self._connection.receive(told, now=self._clock.seconds())

    def fail_in_read(self, error: PadChatError) -> None:
        """Close since the peer broke a rule, in a read whose end is a turn."""
        self._connection.fail(error, now=self._clock.seconds())

    def set_writable(self, writable: bool) -> None:
        """Tell whether the transport takes bytes."""
        self._connection.set_writable(writable)
        self.turn()

    # For the user

    def turn(self) -> None:
        """Hand out what came and carry out what is asked for, until all is done."""
        if self._is_turning:
            return
        self._is_turning = True
        connection = self._connection
        try:
            while True:
                while occurrences := connection.events_received():
                    self._user.occurred(occurrences)
                actions = connection.actions_to_take()
                if not actions:
                    break
                messages = []
                for action in actions:
                    if type(action) is SendWebSocket:
                        messages.append(action)
                    else:
                        if messages:
                            self._send(messages)
                            messages = []
                        self._carry_out(action)
                if messages:
                    self._send(messages)
        finally:
            self._is_turning = False
        if self._websocket is not None:
            self._websocket.flush()
        if connection.has_new_deadline:
            connection.has_new_deadline = False
            self._arm()

    def send_frame(self, frame: bytes) -> bool:
        """Send a WebSocket frame that is ready, past the connection.

        Only for a connection whose message would leave now, alone.

        Args:
            frame: of a message, as our side frames it.

        Returns:
            False when it must go the usual way: within a turn, or when the WebSocket
            has something to write before, or something to do with the message.
        """
        if self._is_turning or self._websocket is None:
            return False
        return self._websocket.send_frame(frame)

    def pause(self) -> None:
        """Stop reading; the peer's silence then says nothing.

        Of polling, the body that brings messages is held: the peer waits for its
        answer, or for the next poll.
        """
        self._is_paused = self._was_paused = True
        if self._websocket is not None:
            self._websocket.pause_reading()

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        if self._websocket is not None:
            self._websocket.resume_reading()
        held, self._held = self._held, None
        if held is not None:
            self.tell(held)

    def close(self) -> None:
        """Leave in good order."""
        self._connection.close(now=self._clock.seconds())
        self.turn()

    def drop(self) -> None:
        """Drop the connection at once."""
        self.tell(Lost(Disconnected("aborted")))

    def fail(self, error: PadChatError) -> None:
        """Close since the peer broke a rule above the wire."""
        self.fail_in_read(error)
        self.turn()

    # Steps

    def _carry_out(self, action: Asked) -> None:
        match action:
            case HttpRequest(id, method):
                if method == "GET":
                    self._poll_id = id
                if self._dialer is not None:
                    self._dialer.request(self, action)
            case HttpResponse():
                if self._respond is not None:
                    self._respond(action)
            case OpenWebSocket(query):
                if self._dialer is not None:
                    self._dialer.open_websocket(self, query)
            case PingWebSocket():
                if self._websocket is not None:
                    self._websocket.send_ping()
            case CloseWebSocket(code, reason):
                if self._websocket is not None:
                    # A paused reader would not see the peer's answer.
                    self.resume()
                    self._websocket.close_websocket(code, reason)
            case Closed(reason, error):
                self._finish(reason, error)
            case _:
                pass

    def _send(self, messages: Sequence[SendWebSocket]) -> None:
        if self._websocket is not None:
            self._websocket.send_messages(messages)

    def _brings_messages(self, told: Told) -> bool:
        if isinstance(told, HttpRequest):
            return told.method == "POST"
        return isinstance(told, HttpResponse) and told.id == self._poll_id

    def _hold(self, told: Told) -> None:
        """Keep one body until reading goes on; there must not be another one.

        Source: engine.io 3.6.2 and 6.6, Polling.onDataRequest: "data request overlap
        from client".
        """
        if self._held is not None:
            self._held = None
            self.fail(RemoteProtocolError("engine.io", "two POST requests at once"))
        elif isinstance(told, HttpRequest | HttpResponse):
            self._held = told

    def _finish(self, reason: str, error: PadChatError | None) -> None:
        self.is_over = True
        self._held = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.abort()
        if self._dialer is not None:
            self._dialer.cancel()
        self.when_over()
        self._user.closed(reason, error)

    def _arm(self) -> None:
        deadline = None if self.is_over else self._connection.next_deadline()
        if deadline is None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        elif self._timer is None or deadline < self._timer.getTime():
            # A timer that is too early asks again when it fires.
            delay = max(0.0, deadline - self._clock.seconds())
            if self._timer is None:
                self._timer = self._clock.callLater(delay, self._deadline_reached)
            else:
                self._timer.reset(delay)

    def _deadline_reached(self) -> None:
        self._timer = None
        # What came during a pause that has just ended may not have been read yet.
        is_deaf, self._was_paused = self._was_paused, self._is_paused
        self._connection.deadline_reached(now=self._clock.seconds(), is_deaf=is_deaf)
        self.turn()
