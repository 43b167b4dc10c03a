"""An endpoint whose connections the test makes, for any protocol."""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from zope.interface import implementer

from .in_memory import MemoryTransport

ADDRESS = IPv4Address("TCP", "10.0.0.9", 7700)


class Wire:
    """One connection that was made: what we send over it, and what the peer says."""

    def __init__(self, protocol: IProtocol) -> None:
        self.protocol = protocol
        self.transport = MemoryTransport()
        protocol.makeConnection(self.transport)

    def taken(self) -> bytes:
        """Take what was sent."""
        return self.transport.taken()

    def says(self, data: bytes) -> None:
        """Have the peer send bytes."""
        self.protocol.dataReceived(data)

    def answers(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Have the peer answer a request."""
        length = f"Content-Length: {len(body)}"
        head = "\r\n".join((f"HTTP/1.1 {status}", length, *headers))
        self.says(head.encode() + b"\r\n\r\n" + body)

    def ends(self) -> None:
        """End the connection: the peer's doing, or ours when we want that."""
        self.transport.disconnecting = True
        self.transport.finish(self.protocol)

    @property
    def is_dropped(self) -> bool:
        """Whether we dropped it."""
        return bool(self.transport.disconnected or self.transport.disconnecting)


@implementer(IStreamClientEndpoint)
class WireEndpoint:
    """Connects only when the test says so, or at once.

    Attributes:
        attempts: Deferreds of the attempts, with their factories.
        wires: the connections that were made.
        cancelled: how many attempts were cancelled.
    """

    def __init__(self, *, is_prompt: bool = False) -> None:
        self.attempts: list[tuple[Deferred[IProtocol], IProtocolFactory]] = []
        self.wires: list[Wire] = []
        self.cancelled = 0
        self._is_prompt = is_prompt

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Begin an attempt."""
        deferred: Deferred[IProtocol] = Deferred(self._cancel)
        self.attempts.append((deferred, factory))
        if self._is_prompt:
            self.makes()
        return deferred

    def makes(self) -> Wire:
        """Make the connection of the last attempt."""
        deferred, factory = self.attempts[-1]
        protocol = factory.buildProtocol(ADDRESS)
        assert protocol is not None
        wire = Wire(protocol)
        self.wires.append(wire)
        deferred.callback(protocol)
        return wire

    def _cancel(self, deferred: Deferred[IProtocol]) -> None:
        self.cancelled += 1
