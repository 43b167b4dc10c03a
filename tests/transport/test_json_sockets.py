"""WebSockets of the JSON dialects on a site, and their pings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Request

from padchat_twisted.errors import Disconnected, LocalProtocolError, PadChatError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.json_sockets import JsonSockets, is_upgrade
from padchat_twisted.transport.site import BoundedSite
from padchat_twisted.wire import dialect_sdk
from padchat_twisted.wire.dialect_json import AuthRequested, JsonOccurrence
from padchat_twisted.wire.json_server import SERVER_PING_INTERVAL, JsonServer

from .by_hand import (
    PING,
    PONG,
    TEXT,
    UPGRADE_REQUEST,
    close_frame,
    frame,
    header,
    read_frames,
)
from .in_memory import MemoryTransport


class _Served:
    """Lets everybody in, and notes what happens."""

    def __init__(self) -> None:
        self.occurrences: list[JsonOccurrence] = []
        self.closed_with: list[tuple[str, PadChatError | None]] = []

    def begin(self, driver: Driver, connection: JsonServer) -> None:
        """Take the connection."""
        self.connection = connection

    def occurred(self, occurrences: Sequence[JsonOccurrence]) -> None:
        """Note it."""
        self.occurrences += occurrences
        if any(isinstance(found, AuthRequested) for found in occurrences):
            self.connection.accept()

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note it."""
        self.closed_with.append((reason, error))


class _Page(Resource):
    """Opens a WebSocket for each request that asks for one."""

    isLeaf = True

    def __init__(self, sockets: JsonSockets) -> None:
        super().__init__()
        self._sockets = sockets
        self.served: list[_Served] = []

    def render_GET(self, request: Request) -> bytes | int:
        """Open it."""
        if not is_upgrade(request):
            return b"page"
        served = _Served()
        self.served.append(served)
        return self._sockets.open(request, dialect_sdk.server_connection("k"), served)


def _transport() -> Any:  # noqa: ANN401 - it gets a protocol, as autobahn expects
    return MemoryTransport()


class SocketsCase(SynchronousTestCase):
    """Has a site with such a page."""

    max_connections = 2

    def setUp(self) -> None:
        """Build it; at the end nothing of it must be left."""
        self.clock = Clock()
        self.sockets = JsonSockets(
            self.clock, max_frame=100_000, max_connections=self.max_connections
        )
        self.page = _Page(self.sockets)
        self.site = BoundedSite(self.page, reactor=self.clock)
        self.transports: list[Any] = []
        self.addCleanup(self._check_end)

    def _check_end(self) -> None:
        self.sockets.drop_all()
        for transport in self.transports:
            transport.disconnecting = True
            transport.finish(transport.protocol)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.sockets.drivers, set())

    def connect(self, request: bytes = UPGRADE_REQUEST) -> Any:  # noqa: ANN401 - see above
        """Send a request on a new connection."""
        transport = _transport()
        transport.protocol = self.site.buildProtocol(None)
        transport.protocol.makeConnection(transport)
        transport.protocol.dataReceived(request)
        self.transports.append(transport)
        return transport

    def opened(self) -> Any:  # noqa: ANN401 - see above
        """Connect a WebSocket."""
        transport = self.connect()
        self.assertTrue(transport.taken().startswith(b"HTTP/1.1 101 "))
        return transport


class OpenTests(SocketsCase):
    """Requests that become WebSockets."""

    def test_messages(self) -> None:
        """What a client says reaches the one who serves it."""
        transport = self.opened()
        text = b'{"type":"user","cmd":"init","payload":{}}'
        transport.protocol.dataReceived(frame(TEXT, text, is_client=True))
        (served,) = self.page.served
        self.assertEqual(len(served.occurrences), 2)
        self.assertEqual(len(self.sockets.drivers), 1)

    def test_leaves(self) -> None:
        """A client that closes is forgotten, and pinged no more."""
        transport = self.opened()
        transport.protocol.dataReceived(close_frame(1000, is_client=True))
        transport.finish(transport.protocol)
        (served,) = self.page.served
        self.assertEqual(
            [reason for reason, _ in served.closed_with], ["transport close"]
        )
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.sockets.drivers, set())

    def test_too_many(self) -> None:
        """One more than there may be is answered 503; when one leaves there is room."""
        first = self.opened()
        self.opened()
        self.assertIn(b" 503 ", self.connect().taken())
        first.disconnecting = True
        first.finish(first.protocol)
        self.opened()

    def test_not_a_websocket(self) -> None:
        """Only a GET that asks for an upgrade is one."""
        for old, new in ((b"websocket", b"h2c"), (b"Upgrade: websocket\r\n", b"")):
            transport = self.connect(UPGRADE_REQUEST.replace(old, new))
            self.assertIn(b"page", transport.taken())
        head = self.connect(UPGRADE_REQUEST.replace(b"GET", b"HEAD")).taken()
        self.assertIn(b" 200 ", head)
        self.assertEqual(self.page.served, [])

    def test_broken_handshake(self) -> None:
        """A handshake that is none is refused, and nothing of it stays."""
        broken = UPGRADE_REQUEST.replace(b"Version: 13", b"Version: 99")
        transport = self.connect(broken)
        self.assertNotIn(b" 101 ", transport.taken())
        transport.finish(transport.protocol)
        self.assertEqual(self.sockets.drivers, set())

    def test_drop_all(self) -> None:
        """All are dropped at once."""
        transports = [self.opened(), self.opened()]
        self.sockets.drop_all()
        self.assertTrue(all(transport.disconnecting for transport in transports))

    def test_factory(self) -> None:
        """Nobody can connect past the page."""
        factory = self.sockets._factory
        self.assertRaises(LocalProtocolError, factory.buildProtocol, None)


class PingTests(SocketsCase):
    """Pings, and clients that do not answer."""

    def pings(self, transport: Any) -> int:  # noqa: ANN401 - see above
        """Take what came; return how many pings that were."""
        return [x.opcode for x in read_frames(transport.taken())].count(PING)

    def test_answered(self) -> None:
        """A client that answers is pinged again and again."""
        transport = self.opened()
        for _ in range(5):
            self.clock.advance(SERVER_PING_INTERVAL - 0.1)
            self.assertEqual(self.pings(transport), 0)
            self.clock.advance(0.1)
            self.assertEqual(self.pings(transport), 1)
            transport.protocol.dataReceived(frame(PONG, b"", is_client=True))
        self.assertFalse(transport.disconnecting)

    def test_silent(self) -> None:
        """A silent one is dropped when the next ping would be due."""
        transport = self.opened()
        self.clock.advance(SERVER_PING_INTERVAL)
        self.clock.advance(SERVER_PING_INTERVAL - 0.1)
        self.assertFalse(transport.disconnecting)
        self.clock.advance(0.1)
        self.assertTrue(transport.disconnecting)
        ((_, error),) = self.page.served[0].closed_with
        assert isinstance(error, Disconnected)
        self.assertIn("no answer to a ping", str(error))

    def test_in_the_middle_of_a_message(self) -> None:
        """Whoever sends a large message slowly is not silent."""
        transport = self.opened()
        begun = header(TEXT, 90_000, mask=b"abcd")
        for data in (begun, *[b"x" * 100] * 10):
            transport.protocol.dataReceived(data)
            self.clock.advance(SERVER_PING_INTERVAL)
        self.assertFalse(transport.disconnecting)

    def test_interval(self) -> None:
        """Clients may count on less than 20 seconds between two pings."""
        self.assertLess(SERVER_PING_INTERVAL, 20)
