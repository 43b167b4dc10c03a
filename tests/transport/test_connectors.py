"""The two ways to get a connection: by an endpoint, and from somebody else."""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from padchat_twisted.errors import ConnectError, ConnectTimedOut, Disconnected
from padchat_twisted.interfaces import IConnector
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.connectors import EndpointConnector, OfferedConnector
from padchat_twisted.transport.websocket import ClientWebSocket
from padchat_twisted.wire.limits import OPEN_TIMEOUT

from .by_hand import answer_upgrade, close_frame, read_frames
from .in_memory import KEY, OPEN_PACKET, URL, MemoryTransport, Receiver

ADDRESS = IPv4Address("TCP", "10.0.0.9", 7700)


@implementer(IStreamClientEndpoint)
class FakeEndpoint:
    """An endpoint whose connections the test makes.

    Attributes:
        attempts: Deferreds of the attempts, with their factories.
        cancelled: how many attempts were cancelled.
    """

    def __init__(self) -> None:
        self.attempts: list[tuple[Deferred[IProtocol], IProtocolFactory]] = []
        self.cancelled = 0

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Begin an attempt."""
        deferred: Deferred[IProtocol] = Deferred(self._cancel)
        self.attempts.append((deferred, factory))
        return deferred

    def _cancel(self, deferred: Deferred[IProtocol]) -> None:
        self.cancelled += 1

    def makes(self) -> tuple[ClientWebSocket, MemoryTransport]:
        """Make the connection of the last attempt."""
        deferred, factory = self.attempts[-1]
        websocket = factory.buildProtocol(ADDRESS)
        assert isinstance(websocket, ClientWebSocket)
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        deferred.callback(websocket)
        return websocket, transport


def lets_in(websocket: ClientWebSocket, transport: MemoryTransport) -> None:
    """Play a gateway that lets the client in."""
    websocket.dataReceived(answer_upgrade(transport.taken()))
    for text in (OPEN_PACKET, b"40", b"40/user"):
        websocket.dataReceived(bytes((0x81, len(text))) + text)
    transport.taken()


class EndpointConnectorTests(SynchronousTestCase):
    """Connecting by an endpoint."""

    def setUp(self) -> None:
        """Build a connector over a fake endpoint."""
        self.clock = Clock()
        self.endpoint = FakeEndpoint()
        self.receiver = Receiver()
        self.connector = EndpointConnector(
            self.clock, self.endpoint, parse_url(URL), Secret(KEY), "bot1"
        )

    def tearDown(self) -> None:
        """No timer is left."""
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_interface(self) -> None:
        """It is what the session expects, and paces nothing."""
        verifyObject(IConnector, self.connector)
        self.assertFalse(self.connector.paces_itself)
        self.assertEqual(self.connector.url, URL)

    def test_connected(self) -> None:
        """An attempt that succeeds ends in a connection, which then can be lost."""
        self.connector.connect(self.receiver)
        websocket, transport = self.endpoint.makes()
        lets_in(websocket, transport)
        self.assertEqual(self.receiver.order, ["connected"])
        transport.disconnecting = True
        transport.finish(websocket)
        self.assertIsInstance(self.receiver.loss, Disconnected)

    def test_session_that_pauses(self) -> None:
        """A session that pauses as soon as it is told is not read."""
        self.receiver.connected = lambda connection: connection.pause()  # type: ignore[method-assign] # of this one
        self.connector.connect(self.receiver)
        websocket, transport = self.endpoint.makes()
        lets_in(websocket, transport)
        self.assertTrue(transport.is_paused)
        self.connector.stop()
        self.clock.advance(OPEN_TIMEOUT)

    def test_refused(self) -> None:
        """What TCP says is in the error, in our words."""
        self.connector.connect(self.receiver)
        error = ConnectionRefusedError("nobody listens")
        self.endpoint.attempts[0][0].errback(error)
        self.assertIs(type(self.receiver.loss), ConnectError)
        self.assertEqual(
            str(self.receiver.loss),
            "no connection to gateway.invalid:7700 (TCP): the connection was refused;"
            " does it run, and is the port right?",
        )

    def test_failure_without_text(self) -> None:
        """An error without a text is named by its class."""
        self.connector.connect(self.receiver)
        self.endpoint.attempts[0][0].errback(KeyError())
        self.assertIn("KeyError", str(self.receiver.loss))

    def test_raising_endpoint(self) -> None:
        """An endpoint that raises is an endpoint that failed."""

        class Raising(FakeEndpoint):
            def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
                raise ZeroDivisionError("oops")

        connector = EndpointConnector(
            self.clock, Raising(), parse_url(URL), Secret(KEY), "bot1"
        )
        connector.connect(self.receiver)
        self.assertIn("oops", str(self.receiver.loss))

    def test_cancelled_at_the_deadline(self) -> None:
        """TCP that does not come about is cancelled when the time is up."""
        self.connector.connect(self.receiver)
        self.clock.advance(OPEN_TIMEOUT - 0.25)
        self.assertEqual(self.endpoint.cancelled, 0)
        self.clock.advance(0.25)
        self.assertEqual(self.endpoint.cancelled, 1)
        self.assertIsInstance(self.receiver.loss, ConnectTimedOut)

    def test_too_late(self) -> None:
        """An endpoint that connects although it was cancelled gets no protocol."""
        self.connector.connect(self.receiver)
        self.clock.advance(OPEN_TIMEOUT)
        _, factory = self.endpoint.attempts[0]
        self.assertIsNone(factory.buildProtocol(ADDRESS))

    def test_stop_before_tcp(self) -> None:
        """``stop`` cancels an attempt; nobody hears of it."""
        self.connector.connect(self.receiver)
        self.connector.stop()
        self.assertEqual(self.endpoint.cancelled, 1)
        self.assertEqual(self.receiver.order, [])

    def test_stop_within_the_handshake(self) -> None:
        """``stop`` drops a connection that is not open yet."""
        self.connector.connect(self.receiver)
        websocket, transport = self.endpoint.makes()
        self.connector.stop()
        self.assertTrue(transport.disconnected)
        transport.finish(websocket)
        self.assertEqual(self.receiver.order, [])

    def test_stop_when_connected(self) -> None:
        """``stop`` leaves a connection in good order; nobody hears of it."""
        self.connector.connect(self.receiver)
        websocket, transport = self.endpoint.makes()
        lets_in(websocket, transport)
        self.connector.stop()
        frames = [f.payload for f in read_frames(transport.taken())]
        self.assertEqual(frames, [b"41/user,", b""])
        websocket.dataReceived(close_frame(None))
        transport.finish(websocket)
        self.assertEqual(self.receiver.order, ["connected"])

    def test_stop_without_attempt(self) -> None:
        """``stop`` may be called at any time."""
        self.connector.stop()
        self.connector.connect(self.receiver)
        self.endpoint.attempts[0][0].errback(ConnectionRefusedError())
        self.connector.stop()
        self.connector.stop()
        self.assertEqual(self.receiver.order, ["lost"])

    def test_next_attempt(self) -> None:
        """Each attempt is a connection of its own."""
        self.connector.connect(self.receiver)
        self.endpoint.attempts[0][0].errback(ConnectionRefusedError())
        second = Receiver()
        self.connector.connect(second)
        websocket, transport = self.endpoint.makes()
        lets_in(websocket, transport)
        self.assertEqual(second.order, ["connected"])
        transport.disconnecting = True
        transport.finish(websocket)

    def test_real_endpoint(self) -> None:
        """An endpoint of Twisted is connected, and cancelled, as it should be."""
        reactor = MemoryReactorClock()
        for end in ("refused", "deadline"):
            connector = EndpointConnector(
                self.clock,
                TCP4ClientEndpoint(reactor, "10.0.0.9", 7700),
                parse_url(URL),
                Secret(KEY),
                "bot1",
            )
            receiver = Receiver()
            connector.connect(receiver)
            host, port, factory, *_ = reactor.tcpClients[-1]
            self.assertEqual((host, port), ("10.0.0.9", 7700))
            if end == "refused":
                failure = Failure(ConnectionRefusedError())
                factory.clientConnectionFailed(reactor.connectors[-1], failure)
            else:
                self.clock.advance(OPEN_TIMEOUT)
                self.assertTrue(reactor.connectors[-1].stoppedConnecting)
            self.assertIsInstance(receiver.loss, ConnectError)


class OfferedConnectorTests(SynchronousTestCase):
    """Taking connections that somebody else makes."""

    def setUp(self) -> None:
        """Build a connector."""
        self.clock = Clock()
        self.receiver = Receiver()
        self.connector = OfferedConnector(
            self.clock, parse_url(URL), Secret(KEY), "bot1"
        )

    def tearDown(self) -> None:
        """No timer is left."""
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def offers(self) -> tuple[ClientWebSocket, MemoryTransport]:
        """Make a connection and offer it."""
        websocket = self.connector.offer(ADDRESS)
        assert websocket is not None
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        return websocket, transport

    def end(self, websocket: ClientWebSocket, transport: MemoryTransport) -> None:
        """Have the gateway drop a connection."""
        transport.disconnecting = True
        transport.finish(websocket)

    def test_interface(self) -> None:
        """It is what the session expects; whoever makes connections sets the pace."""
        verifyObject(IConnector, self.connector)
        self.assertTrue(self.connector.paces_itself)

    def test_waiting_session(self) -> None:
        """A session that waits gets the next connection."""
        self.connector.connect(self.receiver)
        opened = self.offers()
        lets_in(*opened)
        self.assertEqual(self.receiver.order, ["connected"])
        self.end(*opened)
        self.assertEqual(self.receiver.order, ["connected", "lost"])

    def test_waiting_connection(self) -> None:
        """A connection that waits goes to the session when it comes."""
        opened = self.offers()
        lets_in(*opened)
        self.assertTrue(opened[1].is_paused)
        self.connector.connect(self.receiver)
        self.assertEqual(self.receiver.order, ["connected"])
        self.assertFalse(opened[1].is_paused)
        self.end(*opened)

    def test_one_after_the_other(self) -> None:
        """After a loss the session takes the next connection that is made."""
        self.connector.connect(self.receiver)
        opened = self.offers()
        lets_in(*opened)
        self.end(*opened)
        self.connector.connect(self.receiver)
        self.assertEqual(self.receiver.order, ["connected", "lost"])
        opened = self.offers()
        lets_in(*opened)
        self.assertEqual(self.receiver.order, ["connected", "lost", "connected"])
        self.end(*opened)

    def test_second_connection(self) -> None:
        """While there is a connection, a second one is not wanted."""
        self.connector.connect(self.receiver)
        opened = self.offers()
        self.assertIsNone(self.connector.offer(ADDRESS))
        lets_in(*opened)
        self.assertIsNone(self.connector.offer(ADDRESS))
        self.end(*opened)
        opened = self.offers()
        self.end(*opened)

    def test_lost_before_it_was_taken(self) -> None:
        """A session that comes too late hears of the loss, then gets the next one."""
        self.end(*self.offers())
        self.connector.connect(self.receiver)
        self.assertIsInstance(self.receiver.loss, ConnectError)
        self.connector.connect(self.receiver)
        opened = self.offers()
        lets_in(*opened)
        self.assertEqual(self.receiver.order, ["lost", "connected"])
        self.end(*opened)

    def test_stop(self) -> None:
        """``stop`` leaves the connection in good order; nobody hears of it."""
        self.connector.connect(self.receiver)
        websocket, transport = self.offers()
        lets_in(websocket, transport)
        self.connector.stop()
        websocket.dataReceived(close_frame(None))
        transport.finish(websocket)
        self.assertEqual(self.receiver.order, ["connected"])

    def test_stop_while_waiting(self) -> None:
        """After ``stop`` the next connection is not given to the old session."""
        self.connector.connect(self.receiver)
        self.connector.stop()
        opened = self.offers()
        lets_in(*opened)
        self.end(*opened)
        self.assertEqual(self.receiver.order, [])

    def test_connection_that_nobody_takes(self) -> None:
        """A connection that nobody takes is kept alive, unread, until ``stop``."""
        websocket, transport = self.offers()
        lets_in(websocket, transport)
        for _ in range(50):
            self.clock.advance(5)
        self.assertTrue(transport.is_paused)
        pings = [f.payload for f in read_frames(transport.taken())]
        self.assertEqual(set(pings), {b"2"})
        self.connector.stop()
        self.assertFalse(transport.is_paused)
        websocket.dataReceived(close_frame(None))
        transport.finish(websocket)
