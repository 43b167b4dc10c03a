"""How a client reaches its peer."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.interfaces import IProtocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, LocalProtocolError
from padchat_twisted.transport.dialer import BODIES_PER_FRAME, Dialer, Place
from padchat_twisted.transport.websocket import ClientWebSocket
from padchat_twisted.wire.told import (
    HttpFailed,
    HttpRequest,
    HttpResponse,
    Lost,
    WebSocketClosed,
)

from .fake_endpoint import ADDRESS, WireEndpoint
from .in_memory import Recorder

PLACE = Place(False, "gateway.invalid", 7700)
QUERY = (("EIO", "3"), ("transport", "websocket"), ("sid", "s 1"))
GET = HttpRequest(1, "GET", (("EIO", "3"),))


class PlaceTests(SynchronousTestCase):
    """Where a server is."""

    def test_urls(self) -> None:
        """The scheme tells whether TLS is spoken."""
        self.assertEqual(PLACE.url("ws"), "ws://gateway.invalid:7700/socket.io/")
        place = Place(True, "::1", 443, "/chat/")
        self.assertEqual(place.url("http"), "https://[::1]:443/chat/")
        self.assertEqual(place.name, "[::1]:443")


class DialerTests(SynchronousTestCase):
    """What is connected, and what is told when that fails."""

    def setUp(self) -> None:
        """Build a dialer over an endpoint that waits for the test."""
        self.clock = Clock()
        self.driver = Recorder()
        self.endpoint = WireEndpoint()
        self.dialer = Dialer(
            self.clock,
            PLACE,
            self.endpoint,
            headers=(("X-Ours", "yes"),),
            max_frame=100,
        )

    def tearDown(self) -> None:
        """When it is over, nothing is left."""
        self.dialer.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_websocket(self) -> None:
        """The query of the WebSocket is what was asked for, encoded."""
        self.dialer.open_websocket(self.driver, QUERY)
        wire = self.endpoint.makes()
        self.assertIsInstance(wire.protocol, ClientWebSocket)
        head = wire.taken().decode()
        self.assertTrue(
            head.startswith("GET /socket.io/?EIO=3&transport=websocket&sid=s%201 HTTP"),
            head,
        )
        self.assertIn("\r\nX-Ours: yes\r\n", head)
        self.assertNotIn("Cookie", head)

    def test_websocket_that_does_not_connect(self) -> None:
        """Then the connection is lost, and the error names the hop."""
        self.dialer.open_websocket(self.driver, QUERY)
        self.endpoint.attempts[0][0].errback(ConnectionRefusedError())
        (lost,) = self.driver.told
        assert isinstance(lost, Lost)
        assert isinstance(lost.error, ConnectError)
        self.assertEqual(lost.error.hop, "TCP")

    def test_upgrade_that_does_not_connect(self) -> None:
        """Where polling goes on, only the WebSocket is gone."""
        self.dialer.request(self.driver, GET)
        self.endpoint.makes()
        self.dialer.open_websocket(self.driver, QUERY)
        self.endpoint.attempts[1][0].errback(ConnectionRefusedError())
        (closed,) = self.driver.told
        assert isinstance(closed, WebSocketClosed)
        self.assertIn("refused", closed.reason)

    def test_cookies_of_an_upgrade(self) -> None:
        """The WebSocket has the cookies that came with polling."""
        self.dialer.request(self.driver, GET)
        self.endpoint.makes().answers(b"", "Set-Cookie: io=s1; Path=/")
        self.dialer.open_websocket(self.driver, QUERY)
        self.assertIn(b"\r\nCookie: io=s1\r\n", self.endpoint.makes().taken())

    def test_request(self) -> None:
        """A request goes to the same place, with the same headers."""
        self.dialer.request(self.driver, GET)
        wire = self.endpoint.makes()
        head = wire.taken()
        self.assertTrue(head.startswith(b"GET /socket.io/?EIO=3&t="), head)
        self.assertIn(b"\r\nX-Ours: yes\r\n", head)
        wire.answers(b"x")
        (answer,) = self.driver.told
        assert isinstance(answer, HttpResponse)
        self.assertEqual(answer.body, b"x")

    def test_largest_body(self) -> None:
        """The largest body has a fixed ratio to the largest message."""
        for size, kind in ((200, HttpResponse), (201, HttpFailed)):
            self.dialer.request(self.driver, GET)
            if not self.endpoint.wires:
                self.endpoint.makes()
            self.endpoint.wires[-1].answers(b"x" * size)
            self.assertIs(type(self.driver.told[-1]), kind)
        self.assertEqual(BODIES_PER_FRAME, 2)

    def test_no_endpoint(self) -> None:
        """Where somebody else connects there is a factory, and no polling."""
        dialer = Dialer(self.clock, PLACE, None)
        dialer.open_websocket(self.driver, QUERY)
        assert dialer.factory is not None
        self.assertIsInstance(dialer.factory.buildProtocol(ADDRESS), ClientWebSocket)
        dialer.request(self.driver, GET)
        (failed,) = self.driver.told
        assert isinstance(failed, HttpFailed)
        self.assertIn("polling needs an endpoint", failed.reason)
        dialer.cancel()

    def test_cancelled(self) -> None:
        """``cancel`` reaches whatever is under way, at any time."""
        self.dialer.open_websocket(self.driver, QUERY)
        self.dialer.request(self.driver, GET)
        self.dialer.cancel()
        self.assertEqual(self.endpoint.cancelled, 2)
        self.assertEqual(self.driver.told, [])

    def test_raising_endpoint(self) -> None:
        """An endpoint that raises is one that failed, for both transports."""

        class Raising(WireEndpoint):
            def connect(self, factory: object) -> Deferred[IProtocol]:
                raise ZeroDivisionError("oops")

        dialer = Dialer(self.clock, PLACE, Raising())
        dialer.open_websocket(self.driver, QUERY)
        dialer.request(self.driver, GET)
        lost, failed = self.driver.told
        assert isinstance(lost, Lost)
        assert isinstance(failed, HttpFailed)
        self.assertIn("oops", str(lost.error))
        self.assertIn("oops", failed.reason)
        dialer.cancel()

    def test_headers(self) -> None:
        """A header that HTTP cannot hold is refused when the dialer is built."""
        for header in (("X", "a\r\nb"), ("X Y", "a"), ("Host", "a")):
            with self.assertRaises(LocalProtocolError):
                Dialer(self.clock, PLACE, self.endpoint, headers=(header,))
