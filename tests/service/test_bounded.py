"""The connections to the control socket, without sockets."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from padchat_twisted.service import bounded
from padchat_twisted.service.bounded import (
    LINGER_SECONDS,
    MAX_CONTROL_CONNECTIONS,
    BoundedFactory,
)
from padchat_twisted.transport.site import BoundedSite


class HalfTransport(StringTransport):
    """A transport that closes one way."""

    is_half_closed = False
    is_dropped = False

    def loseWriteConnection(self) -> None:
        """Take no more; what was written is there."""
        self.is_half_closed = True

    def abortConnection(self) -> None:
        """Note that the connection was dropped."""
        self.is_dropped = True


class BoundedFactoryTests(SynchronousTestCase):
    """How many connections are served."""

    def setUp(self) -> None:
        """Build one."""
        self.clock = Clock()
        site = BoundedSite(Resource(), reactor=self.clock)
        self.factory = BoundedFactory(site, self.clock)

    def connect(self) -> tuple[ProtocolWrapper, HalfTransport]:
        """Connect somebody, who asks for something."""
        protocol, transport = self.factory.buildProtocol(None), HalfTransport()
        protocol.makeConnection(transport)
        protocol.dataReceived(b"GET /accounts HTTP/1.1\r\nHost: x\r\n\r\n")
        return protocol, transport

    def leave(self, protocol: ProtocolWrapper) -> None:
        """Have somebody go."""
        protocol.connectionLost(Failure(ConnectionDone()))

    def test_edge(self) -> None:
        """One too many gets 503, until another one goes."""
        served = [self.connect() for _ in range(MAX_CONTROL_CONNECTIONS)]
        self.assertEqual(len(self.factory.protocols), MAX_CONTROL_CONNECTIONS)
        self.assertIn(b" 404 ", served[-1][1].value())
        protocol, refused = self.connect()
        self.assertTrue(refused.value().startswith(b"HTTP/1.1 503 "))
        told = b'{"error":"500 connections are open, which is the limit"}'
        self.assertTrue(refused.value().endswith(told))
        self.assertTrue(refused.is_half_closed)
        self.leave(protocol)
        self.leave(served[0][0])
        self.assertIn(b" 404 ", self.connect()[1].value())
        self.assertEqual(len(self.factory.protocols), MAX_CONTROL_CONNECTIONS)

    def test_deaf(self) -> None:
        """Who was told so and stays is dropped after a while."""
        self.patch(bounded, "MAX_CONTROL_CONNECTIONS", 0)
        before = len(self.clock.getDelayedCalls())
        protocol, transport = self.connect()
        self.clock.advance(LINGER_SECONDS / 2)
        self.assertFalse(transport.is_dropped)
        self.clock.advance(LINGER_SECONDS / 2)
        self.assertTrue(transport.is_dropped)
        self.leave(protocol)
        self.leave(self.connect()[0])
        self.assertEqual(len(self.clock.getDelayedCalls()), before)
