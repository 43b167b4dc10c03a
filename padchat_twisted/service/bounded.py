"""The connections to the control socket: counted, and not too many."""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure

from ..transport.site import BoundedSite
from ..wire import json_text

__all__ = ["LINGER_SECONDS", "MAX_CONTROL_CONNECTIONS", "BoundedFactory"]

#: Most connections at once. A person has one, a program some ten; many systems give a
#: process a thousand files, and the accounts need theirs.
MAX_CONTROL_CONNECTIONS = 500

#: How long one beyond that is left open for its client to read why (seconds).
LINGER_SECONDS = 5.0


class BoundedFactory(WrappingFactory[ProtocolWrapper]):
    """Serves a site, and knows its connections; those that are too many get 503.

    Args:
        site: what is served.
        reactor: has the time for those that are refused.
    """

    noisy = False

    def __init__(self, site: BoundedSite, reactor: IReactorTime) -> None:
        super().__init__(site)
        self._reactor = reactor

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper:
        """Serve a connection, or refuse it."""
        if len(self.protocols) < MAX_CONTROL_CONNECTIONS:
            return super().buildProtocol(addr)
        # Not wrapped, so not counted; to Twisted it is a protocol as any other.
        return cast(ProtocolWrapper, _Refused(self._reactor))


class _Refused(Protocol):
    """Says 503, and reads on without looking: closed at once, nobody would see it."""

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Tell why, and that nothing follows."""
        error = f"{MAX_CONTROL_CONNECTIONS} connections are open, which is the limit"
        content = json_text.write({"error": error})
        transport: Any = self.transport
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(content), content)
        )
        transport.loseWriteConnection()
        self._timer = self._reactor.callLater(LINGER_SECONDS, transport.abortConnection)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Wait no more."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
