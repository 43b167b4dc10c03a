"""Writing to a transport: its back-pressure, and a way without a round of the reactor.

Twisted keeps what is written until the socket is found to take bytes, which is two
calls of the operating system to ask and one to stop asking. A socket that has nothing
before it nearly always takes them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.interfaces import IPushProducer
from twisted.internet.tcp import Connection
from zope.interface import implementer

from .driver import Driver

__all__ = ["BackPressure", "Writing", "writer_at_once"]


class Writing(Protocol):
    """A WebSocket, as far as back-pressure concerns it.

    Attributes:
        driver: runs the connection.
        is_writable: whether the transport takes bytes.
        unread: bytes of answers that wait for a peer who does not read.
    """

    driver: Driver
    is_writable: bool
    unread: int


@implementer(IPushProducer)
class BackPressure:
    """Turns the transport's back-pressure into ``set_writable``."""

    def __init__(self, websocket: Writing) -> None:
        self._websocket = websocket

    def pauseProducing(self) -> None:
        """The transport has enough."""
        self._websocket.unread = 0
        self._websocket.is_writable = False
        self._websocket.driver.set_writable(False)

    def resumeProducing(self) -> None:
        """The transport takes bytes again."""
        self._websocket.is_writable = True
        self._websocket.driver.set_writable(True)

    def stopProducing(self) -> None:
        """The connection is lost; connectionLost follows."""


def writer_at_once(transport: Any) -> Callable[[bytes], None]:  # noqa: ANN401 - any
    """Return how to write to a transport as soon as may be.

    Args:
        transport: where it has TLS, or is not Twisted's own TCP, the way is ``write``.

    Returns:
        Takes bytes. What the socket does not take waits in the transport, as ever, and
        an error is found there, too.
    """
    write: Callable[[bytes], None] = transport.write
    if not isinstance(transport, Connection) or transport.TLS:
        return write

    def write_at_once(data: bytes) -> None:
        # Private parts, which test_writing.py pins.
        if (
            transport.dataBuffer
            or transport._tempDataBuffer
            or transport.disconnecting
            or not transport.connected
        ):
            write(data)
            return
        try:
            sent = transport.socket.send(data)
        except OSError:
            # It takes nothing now, or is broken: the transport finds out which.
            sent = 0
        if sent < len(data):
            write(data[sent:])

    return write_at_once
