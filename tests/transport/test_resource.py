"""The ``/socket.io/`` resource: refusals, and the handing over of a connection."""

from __future__ import annotations

import io
import json
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource, Resource
from zope.interface.verify import verifyObject

from padchat_twisted.errors import HandshakeRefused
from padchat_twisted.wire.limits import OPEN_TIMEOUT

from .by_hand import TEXT, close_frame, frame, read_frames
from .in_memory import MemoryTransport
from .served import EchoServer

PATH = "/socket.io/?EIO=3&transport=websocket"

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class Browser:
    """One HTTP connection to the site, in memory."""

    def __init__(self, server: EchoServer) -> None:
        self.channel: Any = server.site.buildProtocol(None)
        transport: Any = MemoryTransport()
        self.transport = transport
        # As TCP has it; the WebSocket takes this place.
        self.transport.protocol = self.channel
        self.channel.makeConnection(self.transport)

    def asks(self, target: str, headers: str = UPGRADE, method: str = "GET") -> bytes:
        """Send a request; return what comes back."""
        request = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"
        self.transport.protocol.dataReceived(request.encode())
        answer: bytes = self.transport.taken()
        return answer

    def opens(self, target: str = PATH) -> bytes:
        """Open a WebSocket; return the first frames."""
        head, _, frames = self.asks(target).partition(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n")[0], head
        return frames

    def says(self, *texts: bytes) -> list[bytes]:
        """Send text frames; return the texts that come back."""
        for text in texts:
            data = frame(TEXT, text, is_client=True)
            self.transport.protocol.dataReceived(data)
        return [f.payload for f in read_frames(self.transport.taken())]

    def leaves(self) -> None:
        """Drop the connection."""
        self.transport.disconnecting = True
        self.transport.finish(self.transport.protocol)


class RefusalTests(SynchronousTestCase):
    """Requests that are no WebSocket of EIO3."""

    def setUp(self) -> None:
        """Build a server."""
        self.clock = Clock()
        self.server = EchoServer(self.clock, max_connections=2)

    def tearDown(self) -> None:
        """Nothing is left."""
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def refused(self, target: str, **how: str) -> tuple[int, dict[str, Any]]:
        """Send a request that is refused; return status and body."""
        browser = Browser(self.server)
        head, _, body = browser.asks(target, **how).partition(b"\r\n\r\n")
        browser.leaves()
        self.assertIn(b"\r\nContent-Type: application/json", head)
        self.assertEqual(self.server.sockets.drivers, set())
        return int(head.split()[1]), json.loads(body)

    def test_errors_of_engine_io(self) -> None:
        """Each wrong request has engine.io's code. Source: raw-server2-errors-http."""
        path = "/socket.io/"
        for target, how, code in (
            (f"{path}?EIO=3&transport=polling", {}, 0),
            (f"{path}?EIO=3", {}, 0),
            (path, {}, 0),
            (f"{path}?EIO=4&transport=websocket", {}, 5),
            (f"{PATH}&sid=abc", {}, 1),
            (PATH, {"method": "POST", "headers": "Content-Length: 0\r\n"}, 2),
            (PATH, {"method": "PUT"}, 2),
            (PATH, {"headers": ""}, 3),
            (PATH, {"headers": "Upgrade: h2c\r\n"}, 3),
        ):
            status, body = self.refused(target, **how)
            self.assertEqual((status, body["code"]), (400, code), target)
            self.assertTrue(body["message"])

    def test_too_many(self) -> None:
        """Above the limit clients are refused, until another one has left."""
        first, second = Browser(self.server), Browser(self.server)
        for browser in (first, second):
            browser.opens()
        third = Browser(self.server)
        answer = third.asks(PATH)
        self.assertIn(b" 503 ", answer.split(b"\r\n")[0])
        self.assertIn(b"Too many connections", answer)
        third.leaves()
        first.leaves()
        third = Browser(self.server)
        third.opens()
        for browser in (second, third):
            browser.leaves()

    def test_query_is_not_logged(self) -> None:
        """The site's log of requests has the path, but no key."""
        log = self.server.site.logFile = io.BytesIO()
        self.refused("/socket.io/?authKey=SECRET&transport=polling")
        self.refused(f"{PATH}&authKey=SECRET", headers="")
        self.assertEqual(log.getvalue().count(b'"GET /socket.io/ HTTP/1.1" 400'), 2)
        self.assertNotIn(b"SECRET", log.getvalue())

    def test_no_children(self) -> None:
        """Everything below is the same resource, and nothing is put below it."""
        sockets = self.server.sockets
        verifyObject(IResource, sockets)
        status, body = self.refused("/socket.io/a/b?transport=polling")
        self.assertEqual((status, body["code"]), (400, 0))
        with self.assertRaises(ValueError):
            sockets.putChild(b"x", Resource())

    def test_bad_websocket_request(self) -> None:
        """Autobahn refuses a request that has no key; the client is forgotten."""
        browser = Browser(self.server)
        headers = UPGRADE.replace("Sec-WebSocket-Key", "X-Key")
        answer = browser.asks(PATH, headers)
        self.assertIn(b" 400 ", answer.split(b"\r\n")[0])
        browser.transport.finish(browser.transport.protocol)
        self.assertEqual(self.server.sockets.drivers, set())
        ((_, error),) = self.server.served[0].closed_with
        self.assertIsInstance(error, HandshakeRefused)


class HandoverTests(SynchronousTestCase):
    """A request that becomes a WebSocket."""

    def setUp(self) -> None:
        """Build a server."""
        self.clock = Clock()
        self.server = EchoServer(self.clock)

    def tearDown(self) -> None:
        """Nothing is left."""
        self.assertEqual(self.server.sockets.drivers, set())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_session(self) -> None:
        """The open packet and ``40`` follow the handshake; then events go round."""
        browser = Browser(self.server)
        opened = [f.payload for f in read_frames(browser.opens())]
        self.assertEqual(json.loads(opened[0][1:])["sid"], "sid1")
        self.assertEqual(opened[1:], [b"40"])
        self.assertEqual(browser.says(b"40/user"), [b"40/user,"])
        answers = browser.says(b'42/user,3["a",{}]')
        self.assertEqual(answers, [b'42/user,["a",{}]', b'43/user,3["done"]'])
        self.assertEqual(browser.says(b"2"), [b"3"])
        browser.leaves()
        self.assertEqual(self.server.served[0].closed_with[0][0], "transport close")

    def test_query(self) -> None:
        """The query is decoded, odd characters included, for who serves it."""
        browser = Browser(self.server)
        browser.opens(f"{PATH}&authKey=a%20b%2B%E5%AF%86&name=&x+y=1")
        query = self.server.served[0].query
        self.assertEqual(query["authKey"], "a b+密")
        self.assertEqual((query["name"], query["x y"]), ("", "1"))
        browser.leaves()

    def test_each_its_own(self) -> None:
        """Every client has its own id, its own driver, and who serves it."""
        browsers = [Browser(self.server) for _ in range(3)]
        sids = {
            json.loads(read_frames(b.opens())[0].payload[1:])["sid"] for b in browsers
        }
        self.assertEqual(sids, {"sid1", "sid2", "sid3"})
        self.assertEqual(len(self.server.sockets.drivers), 3)
        for browser in browsers:
            browser.leaves()

    def test_close_all(self) -> None:
        """``close_all`` leaves each client in good order."""
        browser = Browser(self.server)
        browser.opens()
        browser.says(b"40/user")
        self.server.sockets.close_all()
        sent = [f.payload for f in read_frames(browser.transport.taken())]
        self.assertEqual(sent, [b"41", b"41/user,", b""])
        browser.transport.protocol.dataReceived(close_frame(None, is_client=True))
        browser.transport.finish(browser.transport.protocol)
        ((reason, error),) = self.server.served[0].closed_with
        self.assertEqual((reason, error), ("forced server close", None))

    def test_drop_all(self) -> None:
        """``drop_all`` drops each client at once."""
        browser = Browser(self.server)
        browser.opens()
        self.server.sockets.drop_all()
        self.assertTrue(browser.transport.disconnected)
        browser.transport.finish(browser.transport.protocol)
        self.assertEqual(len(self.server.served[0].closed_with), 1)

    def test_transport_that_ends_early(self) -> None:
        """A client that is gone before its handshake was done is forgotten in time."""
        browser = Browser(self.server)
        browser.transport.disconnecting = True
        browser.asks(PATH)
        self.clock.advance(OPEN_TIMEOUT)
        browser.transport.finish(browser.transport.protocol)
        self.clock.advance(100)
