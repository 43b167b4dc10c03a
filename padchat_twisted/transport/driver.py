"""Runs one connection of the wire over its WebSocket, with an injected clock.

The order of a turn is always: tell, take the occurrences, carry out the actions. A
read of the socket is one turn, whatever number of messages it brought.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import Disconnected, PadChatError
from ..wire.occurrences import SocketOccurrence
from ..wire.socketio_connection import SocketIOConnection
from ..wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    Lost,
    OpenWebSocket,
    SendWebSocket,
    Told,
    WebSocketClosed,
)

__all__ = ["Driver", "DriverUser", "WebSocketTransport"]


class WebSocketTransport(Protocol):
    """What the driver needs of a WebSocket that is connected."""

    def send_message(self, data: bytes, *, is_text: bool) -> None:
        """Send one message; it may be kept until ``flush``."""

    def flush(self) -> None:
        """Hand what was kept to the operating system."""

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Begin the closing handshake."""

    def abort(self) -> None:
        """Drop the connection at once."""

    def pause_reading(self) -> None:
        """Take no more bytes from the peer."""

    def resume_reading(self) -> None:
        """Take bytes again."""


class DriverUser(Protocol):
    """Who a driver works for."""

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Something came."""

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over; called once, last."""


class Driver:
    """Runs a connection.

    Args:
        clock: for deadlines.
        connection: the pure object.
        user: hears what comes.
        open_websocket: begins to connect; None for a server, whose WebSocket is
            there already, and where somebody else connects.

    Attributes:
        is_over: whether the user was told that the connection is over.
        when_over: called before the user is told.
    """

    def __init__(
        self,
        clock: IReactorTime,
        connection: SocketIOConnection,
        user: DriverUser,
        open_websocket: Callable[[], None] | None = None,
    ) -> None:
        self._clock = clock
        self._connection = connection
        self._user = user
        self._open_websocket = open_websocket
        self._websocket: WebSocketTransport | None = None
        self._timer: IDelayedCall | None = None
        self._is_turning = False
        self._is_paused = False
        self.is_over = False
        self.when_over: Callable[[], None] = lambda: None
        self.receive_texts = connection.receive_texts

    def start(self) -> None:
        """Begin; a client connects."""
        self._connection.start(now=self._clock.seconds())
        self.turn()

    def now(self) -> float:
        """Seconds on the driver's clock."""
        return self._clock.seconds()

    # From the WebSocket

    def attach(self, websocket: WebSocketTransport) -> None:
        """Take the WebSocket over which to run, before it is open."""
        self._websocket = websocket

    def tell(self, told: Told) -> None:
        """Pass on what happened, and do what follows from it."""
        if isinstance(told, WebSocketClosed):
            self._websocket = None
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
                for action in actions:
                    if type(action) is SendWebSocket and self._websocket is not None:
                        self._websocket.send_message(
                            action.data, is_text=action.is_text
                        )
                    else:
                        self._carry_out(action)
        finally:
            self._is_turning = False
        if self._websocket is not None:
            self._websocket.flush()
        if connection.has_new_deadline:
            connection.has_new_deadline = False
            self._arm()

    def pause(self) -> None:
        """Stop reading; the peer's silence then says nothing."""
        self._is_paused = True
        if self._websocket is not None:
            self._websocket.pause_reading()

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        if self._websocket is not None:
            self._websocket.resume_reading()

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
            case OpenWebSocket():
                if self._open_websocket is not None:
                    self._open_websocket()
            case CloseWebSocket(code, reason):
                if self._websocket is not None:
                    # A paused reader would not see the peer's answer.
                    self.resume()
                    self._websocket.close_websocket(code, reason)
            case Closed(reason, error):
                self._finish(reason, error)
            case _:
                pass

    def _finish(self, reason: str, error: PadChatError | None) -> None:
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.abort()
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
            if self._timer is not None:
                self._timer.cancel()
            delay = max(0.0, deadline - self._clock.seconds())
            self._timer = self._clock.callLater(delay, self._deadline_reached)

    def _deadline_reached(self) -> None:
        self._timer = None
        self._connection.deadline_reached(
            now=self._clock.seconds(), is_deaf=self._is_paused
        )
        self.turn()
