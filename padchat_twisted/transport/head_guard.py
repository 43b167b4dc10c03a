"""Bounds the heads of HTTP answers: Twisted's client takes any number of headers."""

from __future__ import annotations

import re
from collections.abc import Callable

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IAddress,
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from .websocket import MAX_HEAD_BYTES

__all__ = ["GuardedEndpoint", "HeadGuard"]

#: The end of a head, as far as Twisted's parser is concerned.
_END = re.compile(rb"\n\r?\n")

#: An answer that is followed by another one for the same request.
_INFORMATIONAL = re.compile(rb"HTTP/\d\.\d 1\d\d\b")


class HeadGuard(ProtocolWrapper):
    """Drops an HTTP connection whose answer has a head without end.

    It stands between the connection and Twisted's HTTP client. A head may come after
    each write.

    Args:
        factory: its factory.
        inner: Twisted's HTTP client.
        owner: knows the connections that are open, and why one was dropped.
    """

    def __init__(
        self,
        factory: WrappingFactory[HeadGuard],
        inner: IProtocol,
        owner: GuardedEndpoint,
    ) -> None:
        super().__init__(factory, inner)
        self._owner = owner
        self._head: bytes | None = b""
        self._is_dropped = False

    def connectionMade(self) -> None:
        """The connection is there."""
        self._owner.open.add(self)

    def write(self, data: bytes) -> None:
        """Pass on a request, or a part of one."""
        self._head = b""
        super().write(data)

    def writeSequence(self, data: list[bytes]) -> None:
        """Pass on a request, or a part of one."""
        self._head = b""
        super().writeSequence(data)

    def dataReceived(self, data: bytes) -> None:
        """Pass on bytes of an answer."""
        if self._head is not None:
            self._look_at(self._head + data)
        if not self._is_dropped:
            super().dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone."""
        self._owner.open.discard(self)
        super().connectionLost(reason)

    def _look_at(self, head: bytes) -> None:
        while (end := _END.search(head)) is not None:
            if end.end() > MAX_HEAD_BYTES:
                break
            if _INFORMATIONAL.match(head) is None:
                self._head = None
                return
            head = head[end.end() :]
        self._head = head
        if len(head) > MAX_HEAD_BYTES:
            self._owner.problem = f"an HTTP head of more than {MAX_HEAD_BYTES} bytes"
            self._is_dropped = True
            self._head = None
            self.abortConnection()


class _GuardFactory(WrappingFactory[HeadGuard]):
    """Puts a guard around the one protocol of a factory."""

    noisy = False

    def __init__(self, factory: IProtocolFactory, owner: GuardedEndpoint) -> None:
        super().__init__(factory)
        self._owner = owner
        if isinstance(factory, Factory):
            # Twisted's HTTP client has one for each connection, and logs its end.
            factory.noisy = False

    def buildProtocol(self, addr: IAddress | None) -> HeadGuard:
        return HeadGuard(self, self.wrappedFactory.buildProtocol(addr), self._owner)


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """Connects as another endpoint does, with a guard around each connection.

    Args:
        endpoint: the other one; it may raise.
        explain: turns its failure into the error that is to be seen.

    Attributes:
        open: the connections that are open.
        problem: why one was dropped, empty when none was.
    """

    def __init__(
        self, endpoint: IStreamClientEndpoint, explain: Callable[[Failure], Failure]
    ) -> None:
        self._endpoint = endpoint
        self._explain = explain
        self.open: set[HeadGuard] = set()
        self.problem = ""

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; the result is the protocol without its guard."""
        connecting = maybeDeferred(self._endpoint.connect, _GuardFactory(factory, self))
        return connecting.addCallbacks(_without_guard, self._explain)

    def abort_all(self) -> None:
        """Drop every connection at once."""
        for guard in list(self.open):
            guard.abortConnection()


def _without_guard(guard: HeadGuard) -> IProtocol:
    inner: IProtocol = guard.wrappedProtocol
    return inner
