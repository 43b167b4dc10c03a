"""Writing to a transport: its back-pressure, and a way without a round of the reactor.

Twisted keeps what is written until the socket is found to take bytes, which is two
calls of the operating system to ask and one to stop asking. A socket that has nothing
before it nearly always takes them at once.
"""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet.interfaces import IPushProducer
from twisted.internet.tcp import Connection
from zope.interface import implementer

from .driver import Driver

__all__ = ["BackPressure", "Writing", "can_write_at_once", "write_at_once"]


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

    __slots__ = ("_websocket",)

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


def can_write_at_once(transport: Any) -> bool:  # noqa: ANN401 - any
    """Tell whether ``write_at_once`` is for a transport: Twisted's own TCP, no TLS."""
    return isinstance(transport, Connection) and not transport.TLS


def write_at_once(transport: Connection, data: bytes) -> None:
    """Write to a transport as soon as may be.

    What the socket does not take waits in the transport, as ever, and an error is found
    there, too.

    Args:
        transport: one of which ``can_write_at_once`` is true.
        data: at least one byte.
    """
    # Private parts, which test_writing.py pins.
    if (
        transport.dataBuffer
        or transport._tempDataBuffer
        or transport.disconnecting
        or not transport.connected
    ):
        transport.write(data)
        return
    try:
        sent = transport.socket.send(data)
    except OSError:
        # It takes nothing now, or is broken: the transport finds out which.
        sent = 0
    if sent < len(data):
        transport.write(data[sent:])
