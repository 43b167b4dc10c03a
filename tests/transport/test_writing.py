"""Writing past the reactor: what a socket takes at once, and what waits as ever.

The connections here are Twisted's own, over a pair of sockets; the private parts that
``writing.py`` looks at are pinned by them.
"""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.writing import (
    BackPressure,
    can_write_at_once,
    write_at_once,
)

from .in_memory import MemoryTransport


class _Reactor:
    """Notes who waits for a socket to take bytes."""

    def __init__(self) -> None:
        self.writers: list[Any] = []

    def addWriter(self, writer: Any) -> None:  # noqa: ANN401 - as Twisted has it
        self.writers.append(writer)

    def removeWriter(self, writer: Any) -> None:  # noqa: ANN401 - as Twisted has it
        self.writers.clear()


def connection_of(ours: socket.socket, reactor: Any) -> Any:  # noqa: ANN401 - a part
    """Return Twisted's connection over a socket."""
    return Connection(ours, Protocol(), reactor)


class WriterAtOnceTests(SynchronousTestCase):
    """Bytes go to the socket when nothing is before them."""

    def setUp(self) -> None:
        """Connect a pair of sockets, one of them in Twisted's hands."""
        ours, self.peer = socket.socketpair()
        ours.setblocking(False)
        self.peer.setblocking(False)
        self.addCleanup(self.peer.close)
        self.addCleanup(ours.close)
        self.reactor = _Reactor()
        self.connection = connection_of(ours, self.reactor)
        self.connection.connected = True

    def write_at_once(self, data: bytes) -> None:
        """Write past the reactor."""
        write_at_once(self.connection, data)

    def fill(self) -> int:
        """Write until the socket takes no more; return how many bytes were written."""
        written = 0
        while not self.reactor.writers:
            self.write_at_once(b"x" * 65536)
            written += 65536
        return written

    def drain(self, size: int) -> bytes:
        """Read *size* bytes as the peer, and let Twisted write what waits."""
        came = b""
        while len(came) < size:
            came += self.peer.recv(65536)
            if self.reactor.writers:
                self.connection.doWrite()
        return came

    def test_at_once(self) -> None:
        """The peer has the bytes before the reactor has its turn."""
        self.write_at_once(b"one")
        self.write_at_once(b"two")
        self.assertEqual(self.peer.recv(100), b"onetwo")
        self.assertEqual(self.reactor.writers, [])

    def test_behind_what_waits(self) -> None:
        """What was written the usual way comes first."""
        self.connection.write(b"one")
        self.write_at_once(b"two")
        self.assertRaises(BlockingIOError, self.peer.recv, 100)
        self.connection.doWrite()
        self.assertEqual(self.peer.recv(100), b"onetwo")

    def test_full(self) -> None:
        """What a full socket does not take waits in the transport, and is not lost."""
        written = self.fill()
        self.write_at_once(b"last")
        came = self.drain(written + 4)
        self.assertEqual(len(came), written + 4)
        self.assertEqual((came[:1], came[-4:]), (b"x", b"last"))
        self.assertEqual(self.reactor.writers, [])

    def test_behind_a_part(self) -> None:
        """While a part of the bytes waits, nothing overtakes it."""
        self.write_at_once(b"x" * 1_000_000)
        self.connection.doWrite()
        self.assertNotEqual(self.reactor.writers, [])
        self.peer.recv(65536)
        self.write_at_once(b"last")
        self.assertEqual(self.drain(1_000_000 - 65536 + 4)[-4:], b"last")

    def test_broken(self) -> None:
        """An error of the socket is left to the transport to find."""
        self.peer.close()
        self.write_at_once(b"one")
        self.assertEqual(self.reactor.writers, [self.connection])
        self.assertIsInstance(self.connection.doWrite(), Exception)

    def test_gone(self) -> None:
        """Nothing is written to a connection that is gone or leaves."""
        self.connection.disconnecting = True
        self.write_at_once(b"one")
        self.assertRaises(BlockingIOError, self.peer.recv, 100)
        self.connection.connected = False
        self.write_at_once(b"two")
        self.assertRaises(BlockingIOError, self.peer.recv, 100)

    def test_other_transports(self) -> None:
        """Where Twisted does more than write to a socket, it goes its way."""
        self.assertFalse(can_write_at_once(MemoryTransport()))
        self.assertTrue(can_write_at_once(self.connection))
        self.connection.TLS = True
        self.assertFalse(can_write_at_once(self.connection))


class _Told:
    """A WebSocket and its driver, as far as back-pressure concerns them."""

    def __init__(self) -> None:
        self.driver: Any = self
        self.is_writable = True
        self.unread = 7
        self.told: list[bool] = []

    def set_writable(self, writable: bool) -> None:
        self.told.append(writable)


class BackPressureTests(SynchronousTestCase):
    """A transport that has enough stops the connection."""

    def test_pause_and_resume(self) -> None:
        """The connection is told, and the count of what is not read begins anew."""
        websocket = _Told()
        producer = BackPressure(websocket)
        producer.pauseProducing()
        self.assertEqual((websocket.is_writable, websocket.unread), (False, 0))
        producer.resumeProducing()
        producer.stopProducing()
        self.assertTrue(websocket.is_writable)
        self.assertEqual(websocket.told, [False, True])
