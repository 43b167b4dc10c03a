"""A client's WebSocket at rest: what it keeps, and that nobody notices the rest.

The first tests pin autobahn's own attributes: when one of them fails after an update,
``padchat_twisted/transport/resting.py`` has to follow.
"""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport import resting
from padchat_twisted.transport.factories import ClientFactory
from padchat_twisted.transport.resting import Resting
from padchat_twisted.wire.told import WebSocketClosed

from .by_hand import CONTINUATION, TEXT, answer_upgrade, close_frame, frame
from .in_memory import MemoryTransport, Recorder, open_client

#: What autobahn is told to do without, as ``transport.factories`` tells it for servers.
OPTIONS = {
    "openHandshakeTimeout": 0,
    "closeHandshakeTimeout": 0,
    "serverConnectionDropTimeout": 0,
    "failByDrop": False,
}


def plain() -> Any:  # noqa: ANN401 - the half of us that has no types
    """Return autobahn's own protocol with its handshake done."""
    factory: Any = WebSocketClientFactory("ws://gateway.invalid:1/", reactor=Clock())
    factory.setProtocolOptions(**OPTIONS)
    protocol: Any = WebSocketClientProtocol()
    protocol.factory = factory
    transport = MemoryTransport()
    protocol.makeConnection(transport)
    protocol.dataReceived(answer_upgrade(transport.taken()))
    return protocol


class PinTests(SynchronousTestCase):
    """What is taken for granted of autobahn."""

    def test_values(self) -> None:
        """What ``Resting`` says of all connections is what autobahn sets on each."""
        protocol = plain()
        said = {
            name: value
            for name, value in vars(Resting).items()
            if not name.startswith("_") and isinstance(value, bool | int | None)
        }
        self.assertGreater(len(said), 40)
        for name, value in said.items():
            self.assertIs(getattr(protocol, name), value, name)

    def test_options(self) -> None:
        """An option that the protocol has is not taken from the factory."""
        options = set(WebSocketClientProtocol.CONFIG_ATTRS)
        left = options - set(vars(Resting))
        self.assertEqual(left, set(Resting.CONFIG_ATTRS))
        self.assertEqual(set(Resting.CONFIG_ATTRS) - options, set())

    def test_over(self) -> None:
        """What is dropped after the handshake was there before it was over."""
        self.assertEqual(resting._OVER - set(vars(plain())), set())


class RestTests(SynchronousTestCase):
    """A client after its first frame."""

    def setUp(self) -> None:
        """Open it, and have it rest."""
        self.driver = Recorder()
        self.websocket, self.transport = open_client(self.driver)
        self.before = set(vars(self.websocket))
        self.receive(frame(TEXT, b"first"))

    def receive(self, data: bytes) -> None:
        """Let it read."""
        self.websocket.dataReceived(data)

    def test_less_is_kept(self) -> None:
        """A quarter of the attributes is left, in a table of their size."""
        self.assertGreater(len(self.before), 60)
        self.assertLess(len(vars(self.websocket)), 22)
        self.assertEqual(resting._OVER & set(vars(self.websocket)), set())

    def test_not_before_the_end_of_the_handshake(self) -> None:
        """Until the first frame all of it is there: an answer may follow the 101."""
        websocket, _ = open_client(Recorder())
        self.assertGreater(len(vars(websocket)), 60)

    def test_fragments(self) -> None:
        """A text that comes in pieces is put together, and looked at."""
        self.receive(frame(TEXT, b"a", is_final=False))
        self.receive(frame(CONTINUATION, b"b"))
        self.assertEqual(self.driver.taken()[-1], (b"ab", True))
        self.receive(frame(TEXT, b"\xff", is_final=False))
        self.assertEqual(len(self.driver.failures), 1)
        self.assertIn((1007).to_bytes(2, "big"), _unmasked(self.transport.taken()))

    def test_close(self) -> None:
        """A close frame is answered, and its code is told."""
        self.receive(close_frame(4000, "go"))
        self.assertEqual(
            _unmasked(self.transport.taken())[:2], (1000).to_bytes(2, "big")
        )
        self.websocket.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.driver.told[-1], WebSocketClosed(4000, "go", None))

    def test_limit(self) -> None:
        """Each connection keeps its own limit."""
        websocket, transport = open_client(Recorder(), max_frame=100)
        websocket.dataReceived(frame(TEXT, b"first"))
        websocket.dataReceived(frame(TEXT, b"x" * 101, is_final=False))
        self.assertIn((1009).to_bytes(2, "big"), _unmasked(transport.taken()))

    def test_another_factory(self) -> None:
        """A connection that rests changes nothing for the next one."""
        factory = ClientFactory(
            Clock(), "ws://gateway.invalid:1/", Recorder(), max_frame=7
        )
        websocket: Any = factory.buildProtocol(None)
        websocket.makeConnection(MemoryTransport())
        self.assertEqual(websocket.maxFramePayloadSize, 7)
        self.assertEqual(websocket.state, websocket.STATE_CONNECTING)


def _unmasked(sent: bytes) -> bytes:
    """Return the payload of the one frame that a client sent."""
    mask, payload = sent[2:6], sent[6:]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
