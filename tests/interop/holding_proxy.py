r"""A TCP proxy before a gateway, which holds back what a test names.

So a process can be killed while a reply is on its way to it::

    proxy = start_proxy(self, sandbox.port)
    held = proxy.hold_from(rb"43/user,1\[")
    ...                     # have the process connect to proxy.url
    await held              # the gateway has answered, the process does not know

Only whole messages of the gateway that are neither masked nor compressed can be named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTCP
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from .peers import real_reactor

#: Bytes of what was forwarded that are looked at again with what follows, since a
#: message may come in two reads.
MAX_PATTERN_BYTES = 200


@dataclass
class _Wait:
    """A test waits for bytes of the gateway."""

    pattern: re.Pattern[bytes]
    deferred: Deferred[None]
    is_held: bool


class _Side(Protocol):
    """One of the two connections of a client; with one of them the other ends."""

    transport: Connection

    def __init__(self, proxy: HoldingProxy) -> None:
        self.proxy = proxy
        self.other: _Side | None = None
        self.lost: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        """Count it in."""
        self.proxy.sides.append(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the other connection too."""
        self.proxy.sides.remove(self)
        if self.other is not None:
            self.other.transport.loseConnection()
            self.other = None
        self.lost.callback(None)


class _ToClient(_Side):
    """The connection that a client made to the proxy."""

    def connectionMade(self) -> None:
        """Connect to the gateway before anything is read."""
        super().connectionMade()
        self.transport.pauseProducing()
        endpoint = TCP4ClientEndpoint(
            cast(IReactorTCP, real_reactor()), "127.0.0.1", self.proxy.gateway_port
        )
        connecting = connectProtocol(endpoint, _ToGateway(self))
        connecting.addErrback(lambda _: self.transport.loseConnection())

    def dataReceived(self, data: bytes) -> None:
        """Forward everything."""
        if self.other is not None:
            self.other.transport.write(data)


class _ToGateway(_Side):
    """The connection of the proxy to the gateway, for one client."""

    def __init__(self, client: _ToClient) -> None:
        super().__init__(client.proxy)
        self.other = client
        self._forwarded = b""
        self._is_held = False

    def connectionMade(self) -> None:
        """Let the client speak."""
        super().connectionMade()
        client = self.other
        if client is None or client.transport.disconnected:
            self.transport.loseConnection()
            return
        client.other = self
        client.transport.resumeProducing()

    def dataReceived(self, data: bytes) -> None:
        """Forward it, unless it or something before it is to be held."""
        seen = self._forwarded + data
        self._is_held = self.proxy.saw(seen) or self._is_held
        self._forwarded = seen[-MAX_PATTERN_BYTES:]
        if self.other is not None and not self._is_held:
            self.other.transport.write(data)


class HoldingProxy(Factory):
    """The proxy; see the head of this file.

    Args:
        gateway_port: where the gateway listens on 127.0.0.1.
    """

    noisy = False

    def __init__(self, gateway_port: int) -> None:
        self.gateway_port = gateway_port
        self.sides: list[_Side] = []
        self._waits: list[_Wait] = []
        self._listening: IListeningPort = cast(IReactorTCP, real_reactor()).listenTCP(
            0,
            self,  # type: ignore[arg-type]  # a Factory that serves
            interface="127.0.0.1",
        )

    @property
    def url(self) -> str:
        """What a client connects to in place of the gateway."""
        port = cast(IPv4Address, self._listening.getHost()).port
        return f"http://127.0.0.1:{port}/user"

    def when_passed(self, pattern: bytes) -> Deferred[None]:
        """Fire when the gateway sends something that fits a regular expression."""
        return self._wait(pattern, is_held=False)

    def hold_from(self, pattern: bytes) -> Deferred[None]:
        """Hold back what fits a regular expression, and all that follows it.

        It is for one connection, the first that gets such a message.

        Returns:
            Fires when it is held.
        """
        return self._wait(pattern, is_held=True)

    def buildProtocol(self, addr: IAddress | None) -> _ToClient:
        """Serve a client."""
        return _ToClient(self)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        await maybeDeferred(self._listening.stopListening)
        sides = list(self.sides)
        for side in sides:
            side.transport.abortConnection()
        await gatherResults([side.lost for side in sides])

    def saw(self, data: bytes) -> bool:
        """Tell who waits for it; say whether it is to be held."""
        fitting = [wait for wait in self._waits if wait.pattern.search(data)]
        for wait in fitting:
            self._waits.remove(wait)
            wait.deferred.callback(None)
        return any(wait.is_held for wait in fitting)

    def _wait(self, pattern: bytes, *, is_held: bool) -> Deferred[None]:
        deferred: Deferred[None] = Deferred()
        self._waits.append(_Wait(re.compile(pattern), deferred, is_held))
        return deferred


def start_proxy(test: TestCase, gateway_port: int) -> HoldingProxy:
    """Start a proxy on a free port, until the test ends.

    Args:
        test: whose clean-up stops it.
        gateway_port: where the gateway listens on 127.0.0.1.
    """
    proxy = HoldingProxy(gateway_port)
    test.addCleanup(lambda: Deferred.fromCoroutine(proxy.stop()))
    return proxy
