"""A network in memory: sites and clients, and bytes that move when the test says."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.task import Clock
from zope.interface import implementer

from .in_memory import MemoryTransport

_ADDRESS = IPv4Address("TCP", "127.0.0.1", 7700)

#: Rounds after which a network that does not come to rest is taken for broken.
MAX_ROUNDS = 10_000


class _Wire:
    """One connection: two transports, each with its protocol."""

    def __init__(self, client: Any, server: Any) -> None:  # noqa: ANN401 - autobahn's has no types
        self.ends: list[Any] = []
        for protocol in (server, client):
            transport: Any = MemoryTransport()
            transport.protocol = protocol
            self.ends.append(transport)
        for transport in self.ends:
            transport.protocol.makeConnection(transport)

    def move(self) -> bool:
        """Carry what was written; tell whether anything happened."""
        one, other = self.ends
        has_moved = False
        for source, target in ((one, other), (other, one)):
            if target.connected and not target.is_paused and source.writes:
                data = source.taken()
                if not target.disconnecting:
                    target.protocol.dataReceived(data)
                has_moved = True
        for source, target in ((one, other), (other, one)):
            if source.is_half_closed and not source.writes and target.connected:
                # Twisted's own protocols take the end of one half for that of both.
                target.disconnecting = True
            if source.connected and source.disconnecting:
                if source.writes and not source.disconnected and not target.is_paused:
                    continue
                source.finish(source.protocol)
                target.disconnecting = True
                has_moved = True
        return has_moved


@implementer(IStreamClientEndpoint)
class MemoryNetwork:
    """An endpoint that leads to *site*; ``flush`` moves the bytes.

    Args:
        site: builds the servers' protocols.
        clock: has a turn between two rounds, for what was called later.
    """

    def __init__(self, site: IProtocolFactory, clock: Clock) -> None:
        self.site = site
        self._clock = clock
        self.wires: list[_Wire] = []

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect at once."""
        server = self.site.buildProtocol(_ADDRESS)
        client = factory.buildProtocol(_ADDRESS)
        self.wires.append(_Wire(client, server))
        return succeed(client)  # type: ignore[arg-type] # a factory of ours gives one

    def flush(self) -> None:
        """Move bytes until everything is at rest; no time passes."""
        quiet = 0
        for _ in range(MAX_ROUNDS):
            moved = [wire.move() for wire in self.wires]
            self._clock.advance(0)
            quiet = 0 if any(moved) else quiet + 1
            # What was called in the first quiet round may have written something.
            if quiet > 1:
                return
        raise AssertionError("the network does not come to rest")

    def advance(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps, bytes moving between them."""
        while seconds > 0:
            self._clock.advance(min(step, seconds))
            seconds -= step
            self.flush()
