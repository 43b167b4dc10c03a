"""Tests of padchat_twisted.wire.limits: each limit holds where bytes come in.

The edges of packets (attachments, ack ids, namespaces, JSON depth, heartbeats) are
in the tests of their modules; in here is what a whole connection takes.
"""

from __future__ import annotations

import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, RemoteProtocolError
from padchat_twisted.wire import limits, socketio
from padchat_twisted.wire.dialect_socketio import client_connection, server_connection
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.occurrences import SocketEvent
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Role,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .joined import HANDSHAKE, OPEN_PACKET, client, frames, told


class DefaultTests(SynchronousTestCase):
    """Without being told otherwise, connections keep the limits of the module."""

    def test_frame(self) -> None:
        """The largest frame passes, one byte more ends the connection with 1009."""
        head, tail = b'42/user,["', b'"]'
        largest = limits.MAX_FRAME_BYTES - len(head) - len(tail)
        frame = head + b"A" * largest + tail
        connection = client("/user")
        (event,) = told(connection, frame)
        assert isinstance(event, SocketEvent)
        self.assertEqual(len(event.body), len(frame) - len(b"42/user,"))
        told(connection, frame + b" ")
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket(1009)])
        connection.receive(WebSocketClosed(), now=1.0)
        (closed,) = connection.actions_to_take()
        assert isinstance(closed, Closed)
        assert isinstance(closed.error, RemoteProtocolError)
        self.assertEqual(closed.error.layer, "websocket")
        self.assertIn(str(limits.MAX_FRAME_BYTES), str(closed.error))

    def test_buffer(self) -> None:
        """The buffer takes as many bytes as its limit says, and not one more."""
        connection = SocketIOConnection(EngineIOConnection(Role.CLIENT))
        connection.join("/")
        text = b"2" + b'["a"]'
        attachment = bytes(limits.MAX_BUFFERED_BYTES - len(b'51-["a"]') - len(text))
        connection.emit("/", b'["a"]', attachments=[attachment])
        connection.emit("/", b'["a"]')
        self.assertEqual(connection.buffered_bytes, limits.MAX_BUFFERED_BYTES)
        self.assertRaises(BufferFull, connection.emit, "/", b"[]")

    def test_attachments(self) -> None:
        """Attachments of one packet have a limit together, at its edge."""
        half = limits.MAX_ATTACHMENT_BYTES // 2
        for rest in (0, 1):
            connection = client("/user")
            told(connection, b'453-/user,["a"]')
            for size in (half - 1, half - 1, 2 + rest):
                self.assertEqual(connection.actions_to_take(), [])
                attachment = WebSocketMessage(b"\x04" + bytes(size), is_text=False)
                connection.receive(attachment, now=1.0)
            events = connection.events_received()
            is_whole = any(isinstance(event, SocketEvent) for event in events)
            self.assertEqual(is_whole, not rest)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
        connection.receive(WebSocketClosed(), now=1.0)
        (closed,) = connection.actions_to_take()
        assert isinstance(closed, Closed)
        assert isinstance(closed.error, RemoteProtocolError)
        self.assertIn(str(limits.MAX_ATTACHMENT_BYTES), str(closed.error))

    def test_large_attachment(self) -> None:
        """One alone has the limit of a message, also where that is a higher one."""
        engine = EngineIOConnection(Role.CLIENT, max_frame=1 << 30)
        connection = SocketIOConnection(engine)
        connection.join("/")
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        told(connection, OPEN_PACKET, b"40", b'451-["a"]')
        large = bytes(limits.MAX_ATTACHMENT_BYTES + 1)
        connection.receive(WebSocketMessage(b"\x04" + large, is_text=False), now=1.0)
        *_, event = connection.events_received()
        assert isinstance(event, SocketEvent)
        self.assertEqual(len(event.attachments[0]), len(large))

    def test_names_of_events(self) -> None:
        """A connection remembers names, but not long ones."""
        connection = client("/user")
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before, _ = tracemalloc.get_traced_memory()
        for number in range(100):
            told(connection, b'42/user,["%d%b"]' % (number, b"x" * 100_000))
        after, _ = tracemalloc.get_traced_memory()
        self.assertLess(after - before, 1_000_000)

    def test_times(self) -> None:
        """The open timeout and the close timeout are those of the module."""
        for connection in (
            client_connection("/user", (), peer="gw:80"),
            server_connection("a"),
        ):
            connection.start(now=5.0)
            self.assertEqual(connection.next_deadline(), 5.0 + limits.OPEN_TIMEOUT)
        connection.receive(WebSocketOpened(), now=5.0)
        connection.close(now=5.0)
        self.assertEqual(connection.next_deadline(), 5.0 + limits.CLOSE_TIMEOUT)

    def test_deep_arguments(self) -> None:
        """JSON of a thousand levels comes in as bytes, and is refused when read."""
        connection = client("/user")
        deep = b'["a",' + b"[" * 1000 + b"]" * 1000 + b"]"
        for text in (b"42/user," + deep, b"42/user,1" + deep):
            (event,) = told(connection, text)
            assert isinstance(event, SocketEvent)
            self.assertRaises(
                RemoteProtocolError, socketio.decode_arguments, event.body
            )

    def test_deep_content_of_connect(self) -> None:
        """Also where nobody above would read it."""
        connection = SocketIOConnection(
            EngineIOConnection(Role.SERVER, handshake=HANDSHAKE)
        )
        connection.receive(WebSocketOpened(), now=0.0)
        self.assertEqual(frames(connection.actions_to_take()), [OPEN_PACKET])
        told(connection, b"40/user," + b"[" * 1000 + b"]" * 1000)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
