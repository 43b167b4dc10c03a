"""The limits of a server and of calls, as they are when nobody sets them."""

from __future__ import annotations

import inspect

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from padchat_twisted.socketio import Namespace, Socket, SocketIOServer
from padchat_twisted.socketio.acks import DEFAULT_TIME_LIMIT
from padchat_twisted.socketio.server import JOIN_TIMEOUT, MAX_MESSAGE_BYTES
from padchat_twisted.transport.site import BoundedSite

from ..transport.by_hand import CLOSE, TEXT, header
from ..transport.http_by_hand import UPGRADE, Tcp


class DefaultTests(SynchronousTestCase):
    """A server that was built without options."""

    def setUp(self) -> None:
        """Build it, and open a WebSocket of revision 4."""
        self.clock = Clock()
        server = SocketIOServer(self.clock)
        root = Resource()
        root.putChild(b"socket.io", server.resource())
        self.tcp = Tcp(BoundedSite(root, reactor=self.clock))
        url = "/socket.io/?EIO=4&transport=websocket"
        self.assertEqual(self.tcp.get(url, headers=UPGRADE).status, 101)
        self.tcp.hear()

    def tearDown(self) -> None:
        """Nothing is left when the client is gone."""
        self.tcp.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_message(self) -> None:
        """A message of the limit may come; one byte more closes with code 1009."""
        self.tcp.write(header(TEXT, MAX_MESSAGE_BYTES, mask=bytes(4)))
        self.assertEqual(self.tcp.frames(), [])
        self.tcp.write(bytes(MAX_MESSAGE_BYTES))
        self.tcp.hear()
        self.setUp()
        self.tcp.write(header(TEXT, MAX_MESSAGE_BYTES + 1, mask=bytes(4)))
        (frame,) = self.tcp.frames()
        self.assertEqual(frame.opcode, CLOSE)
        self.assertEqual(int.from_bytes(frame.payload[:2], "big"), 1009)

    def test_join(self) -> None:
        """Who asks for no namespace in time is closed; a pong is no question."""
        self.clock.advance(25)
        self.tcp.say(b"3")
        self.clock.advance(JOIN_TIMEOUT - 25 - 0.1)
        self.assertNotIn(CLOSE, [frame.opcode for frame in self.tcp.frames()])
        self.clock.advance(0.2)
        self.assertIn(CLOSE, [frame.opcode for frame in self.tcp.frames()])

    def test_call(self) -> None:
        """A call waits for its answer as long, in both roles."""
        for role in (Namespace, Socket):
            found = inspect.signature(role.call).parameters["time_limit"]
            self.assertEqual(found.default, DEFAULT_TIME_LIMIT)
