"""A protocol that stands before another until the way is free.

What must be agreed first (a proxy's tunnel, TLS) happens in a gate; then the protocol
that was wanted takes its place, and never knew of it.
"""

from __future__ import annotations

import idna
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionClosed, NoProtocol
from twisted.internet.interfaces import IProtocol, IProtocolFactory
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from ..errors import LocalProtocolError, quoted

__all__ = ["Gate", "GateFactory", "ascii_name"]

# Longest part of a name between its dots. Source: RFC 1035, 2.3.4.
_LABEL_BYTES = 63


def ascii_name(host: str) -> str:
    """Return a host name as it goes over the wire.

    Raises:
        LocalProtocolError: it is no host name.
    """
    name = host
    if not host.isascii():
        try:
            name = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            name = ""
    # The system's resolver raises for such labels, in a thread of its own.
    labels = name.removesuffix(".").split(".")
    is_address = ":" in name
    if not is_address and not all(0 < len(label) <= _LABEL_BYTES for label in labels):
        raise LocalProtocolError(f"{quoted(host)!r} is no host name")
    return name


class Gate(Protocol):
    """Stands before the protocol of *factory*.

    A kind of gate implements ``connectionMade`` and ``dataReceived``, and calls either
    ``pass_on`` or ``refuse``, once.

    Args:
        factory: builds the protocol that is wanted.
    """

    def __init__(self, factory: IProtocolFactory) -> None:
        self._factory = factory
        self._protocol: IProtocol | None = None
        self._is_refused = False
        self._passed: Deferred[IProtocol] = Deferred(self._given_up)

    def when_passed(self) -> Deferred[IProtocol]:
        """Fire with the protocol behind the gate; for one caller.

        Raises:
            Exception: what ``refuse`` was told, or why the connection was lost.
        """
        return self._passed

    @property
    def is_decided(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self._is_refused or self._protocol is not None

    def pass_on(self, rest: bytes = b"") -> None:
        """Let the protocol that is wanted take over.

        Args:
            rest: what came already and is for that protocol.
        """
        transport = self.transport
        assert transport is not None  # noqa: S101 - we are connected
        protocol = self._factory.buildProtocol(transport.getPeer())
        if protocol is None:
            self.refuse(NoProtocol())
            return
        self._protocol = protocol
        self.opened(protocol)
        protocol.makeConnection(transport)
        self._passed.callback(protocol)
        if rest:
            protocol.dataReceived(rest)

    def opened(self, protocol: IProtocol) -> None:
        """Have reads go to *protocol*: they cost no step more than without a gate."""
        self.dataReceived = protocol.dataReceived  # type: ignore[method-assign] # for that

    def refuse(self, error: Exception) -> None:
        """End the connection at once; whoever waits gets *error*."""
        if not self.is_decided:
            self._is_refused = True
            self._drop()
            self._passed.errback(error)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever is concerned."""
        if self._protocol is not None:
            self._protocol.connectionLost(reason)
        elif not self._is_refused:
            self.refuse(self.lost(reason))

    def lost(self, reason: Failure) -> Exception:
        """Say what it means that the connection was lost before the way was free."""
        value = reason.value
        return value if isinstance(value, Exception) else ConnectionClosed()

    def _given_up(self, _: Deferred[IProtocol]) -> None:
        self._is_refused = True
        self._drop()

    def _drop(self) -> None:
        if self.transport is not None:
            # Interfaces lag behind: every stream transport has it.
            self.transport.abortConnection()  # type: ignore[attr-defined] # see above


class GateFactory(Factory):
    """Builds the one gate of an attempt.

    Args:
        gate: the gate.
    """

    noisy = False

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def buildProtocol(self, addr: object) -> Gate:
        """Return the gate."""
        return self._gate
