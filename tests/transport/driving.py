"""A driver between a WebSocket and a user that note what happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.task import Clock

from padchat_twisted.errors import PadChatError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.wire.dialect_socketio import client_connection, server_connection
from padchat_twisted.wire.occurrences import SocketOccurrence
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import HttpRequest, SendWebSocket, WebSocketOpened

#: The open packet of a gateway, with its two times in milliseconds.
OPEN_PACKET = b'0{"sid":"x","pingInterval":%d,"pingTimeout":%d}'


class FakeWebSocket:
    """A WebSocket that notes what it is asked for, in one list with the user."""

    def __init__(self, seen: list[Any]) -> None:
        self._seen = seen

    def send_messages(self, messages: Sequence[SendWebSocket]) -> None:
        """Note them, each apart."""
        self._seen += [message.data for message in messages]

    def send_ping(self) -> None:
        """Note it."""
        self._seen.append("ping")

    def send_frame(self, frame: bytes) -> bool:
        """Note it, and take it unless a WebSocket has more to write."""
        self._seen.append(("frame", frame))
        return True

    def flush(self) -> None:
        """Note it, when something came before."""
        if self._seen and self._seen[-1] != "flush":
            self._seen.append("flush")

    def close_websocket(self, code: int | None, reason: str) -> None:
        """Note it."""
        self._seen.append(("close", code))

    def abort(self) -> None:
        """Note it."""
        self._seen.append("abort")

    def pause_reading(self) -> None:
        """Note it."""
        self._seen.append("pause")

    def resume_reading(self) -> None:
        """Note it."""
        self._seen.append("resume")


class Running:
    """A driver with a WebSocket and a user that note everything.

    Attributes:
        seen: what the user heard and what the WebSocket was asked for, in order.
        cancelled: how often all transports were dropped.
        on_occurrence: called by the user with each occurrence.
    """

    def __init__(self, connection: SocketIOConnection) -> None:
        self.clock = Clock()
        self.seen: list[Any] = []
        self.cancelled = 0
        self.closed_with: list[tuple[str, PadChatError | None]] = []
        self.on_occurrence: Callable[[SocketOccurrence], object] = lambda _: None
        self.connection = connection
        self.driver = Driver(self.clock, connection, self, dialer=self)

    def open_websocket(
        self, driver: Driver, query: tuple[tuple[str, str], ...]
    ) -> None:
        """Note it."""
        self.seen.append("open")

    def request(self, driver: Driver, request: HttpRequest) -> None:
        """Note it."""
        self.seen.append(request)

    def cancel(self) -> None:
        """Note it."""
        self.cancelled += 1

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Note them."""
        for occurrence in occurrences:
            self.seen.append(occurrence)
            self.on_occurrence(occurrence)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note it."""
        self.seen.append("closed")
        self.closed_with.append((reason, error))

    def taken(self) -> list[Any]:
        """Take what was seen."""
        seen = self.seen[:]
        self.seen.clear()
        return seen

    def opens(self, interval_ms: int = 25000, timeout_ms: int = 20000) -> None:
        """Get everything to the point where namespace ``/user`` is joined."""
        self.driver.start()
        self.driver.attach(FakeWebSocket(self.seen))
        self.driver.tell(WebSocketOpened())
        self.reads(OPEN_PACKET % (interval_ms, timeout_ms), b"40")
        self.reads(b"40/user")
        self.taken()

    def reads(self, *texts: bytes) -> None:
        """Have one read bring these small text messages."""
        self.driver.receive_texts(texts, self.clock.seconds())
        self.driver.turn()

    @property
    def next_call(self) -> float | None:
        """When the one timer fires (seconds from now); None without one."""
        calls = self.clock.getDelayedCalls()
        assert len(calls) <= 1, calls
        return calls[0].getTime() - self.clock.seconds() if calls else None


def client() -> Running:
    """Build a client that asks for ``/user``."""
    pairs = (("authKey", "K"),)
    return Running(client_connection("/user", pairs, peer="gateway.invalid:1"))


def server() -> Running:
    """Build a server whose WebSocket is open."""
    running = Running(server_connection("sid1"))
    running.driver.start()
    running.driver.attach(FakeWebSocket(running.seen))
    running.driver.tell(WebSocketOpened())
    return running
