"""A protocol that stands before another."""

from __future__ import annotations

from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost, NoProtocol
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.transport.gates import Gate, GateFactory, ascii_name


class Behind(Protocol):
    """What is behind the gate."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def connectionMade(self) -> None:
        """Note it."""
        self.told.append("connected")

    def dataReceived(self, data: bytes) -> None:
        """Note it."""
        self.told.append(data)

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008 - as Twisted has it
        """Note it."""
        self.told.append(type(reason.value))


class _Nobody(Factory):
    def buildProtocol(self, addr: object) -> None:
        """Build none."""


class GateTests(SynchronousTestCase):
    """Each way through, and none."""

    def setUp(self) -> None:
        """Connect a gate."""
        self.behind = Behind()
        self.connect(Gate(Factory.forProtocol(lambda: self.behind)))

    def connect(self, gate: Gate) -> None:
        """Connect *gate*."""
        self.gate = gate
        self.transport = StringTransport()
        protocol = GateFactory(gate).buildProtocol(None)
        self.assertIs(protocol, gate)
        gate.makeConnection(self.transport)

    def test_passed(self) -> None:
        """The protocol behind gets the transport, what came for it, and the rest."""
        passed: list[IProtocol] = []
        self.gate.when_passed().addCallback(passed.append)
        self.assertFalse(self.gate.is_decided)
        self.gate.pass_on(b"rest")
        self.assertTrue(self.gate.is_decided)
        self.assertEqual(passed, [self.behind])
        self.assertIs(self.behind.transport, self.transport)
        self.gate.dataReceived(b"more")
        self.gate.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(
            self.behind.told, ["connected", b"rest", b"more", ConnectionLost]
        )

    def test_refused(self) -> None:
        """Whoever waits gets the error, and the connection is dropped at once."""
        self.gate.refuse(ValueError("no"))
        self.assertTrue(self.transport.disconnected)
        self.failureResultOf(self.gate.when_passed(), ValueError)
        self.gate.refuse(ValueError("again"))
        self.gate.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.behind.told, [])

    def test_lost(self) -> None:
        """A connection that is lost first is the error."""
        self.gate.connectionLost(Failure(ConnectionLost()))
        self.failureResultOf(self.gate.when_passed(), ConnectionLost)

    def test_cancelled(self) -> None:
        """Who does not wait any more drops the connection."""
        passed = self.gate.when_passed()
        passed.cancel()
        self.failureResultOf(passed, CancelledError)
        self.assertTrue(self.transport.disconnected)
        self.gate.connectionLost(Failure(ConnectionLost()))

    def test_cancelled_before(self) -> None:
        """That does no harm to a gate without a connection."""
        passed = Gate(_Nobody()).when_passed()
        passed.cancel()
        self.failureResultOf(passed, CancelledError)

    def test_nobody_behind(self) -> None:
        """A factory that builds nothing any more ends it as endpoints do."""
        self.connect(Gate(_Nobody()))
        self.gate.pass_on()
        self.failureResultOf(self.gate.when_passed(), NoProtocol)
        self.assertTrue(self.transport.disconnected)


class NameTests(SynchronousTestCase):
    """Names as they go over the wire."""

    def test_names(self) -> None:
        """ASCII stays; other scripts are encoded."""
        for host, wire in (
            ("gw.example", "gw.example"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("a_b.example", "a_b.example"),
            ("微信.example", "xn--vuqz89a.example"),
            ("Bücher.example", "xn--bcher-kva.example"),
        ):
            self.assertEqual(ascii_name(host), wire)

    def test_no_name(self) -> None:
        """What cannot be encoded is refused."""
        self.assertEqual(ascii_name("a" * 63 + ".example."), "a" * 63 + ".example.")
        for host in ("ü" * 64, "ü..example", "", "a" * 64, "a..b", ".a"):
            with self.assertRaisesRegex(LocalProtocolError, "is no host name"):
                ascii_name(host)
