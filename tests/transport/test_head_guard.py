"""The guard over the heads of HTTP answers."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.transport.head_guard import GuardedEndpoint
from padchat_twisted.transport.websocket import MAX_HEAD_BYTES

from .fake_endpoint import Wire, WireEndpoint

HEAD = b"HTTP/1.1 200 OK\r\n"


class Inner(Protocol):
    """What the guard stands before."""

    def __init__(self) -> None:
        self.received = b""

    def dataReceived(self, data: bytes) -> None:
        """Note it."""
        self.received += data


@implementer(IStreamClientEndpoint)
class _Starting:
    """Begins and ends what a connection would begin and end."""

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Do so."""
        protocolFactory.doStart()
        protocolFactory.doStop()
        return Deferred()


class HeadGuardTests(SynchronousTestCase):
    """What passes, and what does not."""

    def setUp(self) -> None:
        """Make a connection through a guard."""
        self.endpoint = WireEndpoint(is_prompt=True)
        self.guarded = GuardedEndpoint(self.endpoint, lambda failure: failure)
        self.inner: Inner
        self.wire = self.connect()

    def connect(self) -> Wire:
        """Make a connection."""
        protocol = self.successResultOf(
            self.guarded.connect(Factory.forProtocol(Inner))
        )
        assert isinstance(protocol, Inner)
        self.inner = protocol
        return self.endpoint.wires[-1]

    def head(self, size: int) -> bytes:
        """Return a head of this size."""
        return HEAD + b"X: ".ljust(size - len(HEAD) - 4, b"x") + b"\r\n\r\n"

    def test_at_the_limit(self) -> None:
        """A head of the largest size passes, in whatever pieces it comes."""
        for step in (1 << 20, 1000, 1):
            self.wire = self.connect()
            data = self.head(MAX_HEAD_BYTES) + b"y" * 100
            for at in range(0, len(data), step):
                self.wire.says(data[at : at + step])
            self.assertEqual(self.inner.received, data)
            self.assertFalse(self.wire.is_dropped)
        self.assertEqual(self.guarded.problem, "")

    def test_over_the_limit(self) -> None:
        """One byte more drops the connection, and the reason is kept."""
        self.wire.says(self.head(MAX_HEAD_BYTES + 1))
        self.assertTrue(self.wire.is_dropped)
        self.assertEqual(self.inner.received, b"")
        self.assertIn("HTTP head of more than 16384 bytes", self.guarded.problem)

    def test_endless(self) -> None:
        """A head without end is not passed on beyond the limit."""
        self.wire.says(HEAD)
        for _ in range(2 * MAX_HEAD_BYTES // 100):
            self.wire.says(b"X: y\r\n".ljust(100, b"z"))
        self.assertTrue(self.wire.is_dropped)
        self.assertLessEqual(len(self.inner.received), MAX_HEAD_BYTES)

    def test_bodies(self) -> None:
        """A body of any size passes, and lines in it are no head."""
        body = (b"x" * 998 + b"\r\n") * 100
        self.wire.says(self.head(100))
        self.wire.says(body)
        self.assertEqual(self.inner.received, self.head(100) + body)

    def test_each_request(self) -> None:
        """After the next request there is a head again."""
        for is_sequence in (False, True):
            self.wire = self.connect()
            self.wire.says(self.head(100) + b"x" * MAX_HEAD_BYTES)
            transport = self.inner.transport
            assert transport is not None
            if is_sequence:
                transport.writeSequence([b"GET"])
            else:
                transport.write(b"GET")
            self.assertEqual(self.wire.taken(), b"GET")
            self.wire.says(self.head(MAX_HEAD_BYTES + 1))
            self.assertTrue(self.wire.is_dropped)

    def test_informational_answers(self) -> None:
        """Behind an answer such as 100 another head follows, which is bounded too."""
        self.wire.says(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000)
        self.assertFalse(self.wire.is_dropped)
        self.wire.says(self.head(MAX_HEAD_BYTES + 1))
        self.assertTrue(self.wire.is_dropped)

    def test_bare_line_feeds(self) -> None:
        """A head ends where Twisted's parser sees its end."""
        self.wire.says(b"HTTP/1.1 200 OK\n\n" + b"x" * 2 * MAX_HEAD_BYTES)
        self.assertFalse(self.wire.is_dropped)

    def test_quiet(self) -> None:
        """A connection leaves no line in the log, for there is one in a few seconds."""
        factory = Factory.forProtocol(Inner)
        guarded = GuardedEndpoint(_Starting(), lambda failure: failure)
        with capturedLogs() as logged:
            guarded.connect(factory)
        self.assertEqual(logged, [])

    def test_abort_all(self) -> None:
        """All that is open can be dropped; what is gone already is not touched."""
        first, second = self.wire, self.connect()
        first.ends()
        first.transport.disconnected = False
        self.guarded.abort_all()
        self.assertFalse(first.transport.disconnected)
        self.assertTrue(second.is_dropped)
        second.ends()
        self.assertEqual(self.guarded.open, set())

    def test_failure(self) -> None:
        """What the endpoint fails with is explained, be it raised or not."""

        class Raising(WireEndpoint):
            def connect(self, factory: object) -> None:  # type: ignore[override] # fails
                raise ZeroDivisionError

        def explain(failure: Failure) -> Failure:
            failure.trap(ZeroDivisionError)
            return Failure(KeyError("explained"))

        guarded = GuardedEndpoint(Raising(), explain)
        connecting = guarded.connect(Factory.forProtocol(Inner))
        self.failureResultOf(connecting, KeyError)
