"""A TCP relay between two peers, which can go silent, or break every connection."""

from __future__ import annotations

from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTCP
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure


class _Side(Protocol):
    """One of the two connections of a client."""

    transport: Connection

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.other: _Side | None = None

    def connectionMade(self) -> None:
        """Count it in."""
        self.relay.sides.add(self)

    def dataReceived(self, data: bytes) -> None:
        """Pass it on, unless the relay is silent."""
        if self.other is not None and not self.relay.is_silent:
            self.other.transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the other one too, unless the relay is silent."""
        self.relay.sides.discard(self)
        if self.other is not None and not self.relay.is_silent:
            self.other.transport.loseConnection()


class _FromClient(_Side):
    """The connection that a client made."""

    def connectionMade(self) -> None:
        """Connect to the server before anything is read."""
        super().connectionMade()
        self.transport.pauseProducing()
        if self.relay.is_cut:
            self.transport.abortConnection()
        elif not self.relay.is_silent:
            connecting = connectProtocol(self.relay.server, _ToServer(self))
            connecting.addErrback(lambda _: self.transport.loseConnection())


class _ToServer(_Side):
    """The connection to the server, for one client."""

    def __init__(self, client: _FromClient) -> None:
        super().__init__(client.relay)
        self.other = client

    def connectionMade(self) -> None:
        """Let the client speak."""
        super().connectionMade()
        client = self.other
        if client is None or client.transport.disconnected:
            self.transport.loseConnection()
            return
        client.other = self
        client.transport.resumeProducing()


class Relay(Factory):
    """The relay.

    Args:
        reactor: runs it.
        server_port: where the server listens on 127.0.0.1.

    Attributes:
        is_cut: whether new connections are broken at once.
        is_silent: whether nothing is passed on, not even that a side has closed.
        server: leads to the server.
        sides: the connections.
    """

    noisy = False

    def __init__(self, reactor: IReactorTCP, server_port: int) -> None:
        self.is_cut = False
        self.is_silent = False
        self.server = TCP4ClientEndpoint(reactor, "127.0.0.1", server_port)
        self.sides: set[_Side] = set()
        self._listening: IListeningPort = reactor.listenTCP(
            0,
            self,  # type: ignore[arg-type]  # a Factory that serves
            interface="127.0.0.1",
        )

    @property
    def port(self) -> int:
        """Where it listens itself."""
        return cast(IPv4Address, self._listening.getHost()).port

    def buildProtocol(self, addr: IAddress | None) -> _FromClient:
        """Serve a client."""
        return _FromClient(self)

    def cut(self) -> None:
        """Break every connection, as a network does that is gone."""
        self.is_cut = True
        for side in list(self.sides):
            side.transport.abortConnection()

    async def stop(self) -> None:
        """Break every connection, and take no more."""
        await maybeDeferred(self._listening.stopListening)
        self.cut()
