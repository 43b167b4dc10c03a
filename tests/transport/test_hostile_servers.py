"""Servers that are slow, silent or deaf, or send bombs, at our client."""

from __future__ import annotations

import gzip

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, ConnectTimedOut, Disconnected
from padchat_twisted.transport.polling_client import PollingClient
from padchat_twisted.transport.websocket import MAX_SAID
from padchat_twisted.wire.limits import MAX_BUFFERED_BYTES, OPEN_TIMEOUT
from padchat_twisted.wire.told import HttpFailed, HttpRequest, Told

from .by_hand import TEXT, header
from .fake_endpoint import Wire, WireEndpoint
from .in_memory import OPEN_PACKET, Opened, Receiver
from .served import connector_to
from .test_both_sides import WAYS, Scene
from .test_hostile_clients import BESIDE, MIB, MISSED, Traced


class SlowTests(SynchronousTestCase):
    """A byte a second."""

    def test_handshake(self) -> None:
        """A head that drips is given up with the time for opening."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.websocket.dataReceived(b"HTTP/1.1 101 OK\r\nX: ")
        seconds = 0
        while not receiver.losses and seconds < 100:
            opened.websocket.dataReceived(b"x")
            opened.clock.advance(1)
            seconds += 1
        self.assertEqual(seconds, OPEN_TIMEOUT)
        self.assertIsInstance(receiver.loss, ConnectTimedOut)
        opened.finish()

    def test_frame(self) -> None:
        """A frame that drips is no sign of life, be it small or large."""
        for size in (1000, 100_000):
            receiver = Receiver()
            opened = Opened(receiver)
            opened.websocket.dataReceived(header(TEXT, size))
            seconds = 0
            while not receiver.losses and seconds < 100:
                opened.websocket.dataReceived(b"4")
                opened.clock.advance(1)
                seconds += 1
            self.assertEqual(seconds, MISSED)
            self.assertIn("ping timeout", str(receiver.loss))
            opened.finish()

    def drip(self, wire: Wire, clock: Clock, receiver: Receiver) -> int:
        """Answer a poll, a byte a second; return when the client has enough."""
        wire.says(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        seconds = 0
        while not receiver.losses and seconds < 100:
            wire.says(b"x")
            clock.advance(1)
            seconds += 1
        self.assertTrue(wire.is_dropped)
        return seconds

    def test_first_answer(self) -> None:
        """The answer to the first poll has the time for opening."""
        clock, endpoint, receiver = Clock(), WireEndpoint(is_prompt=True), Receiver()
        connector = connector_to(endpoint, clock, transports=("polling",), revision=3)
        connector.connect(receiver)
        seconds = self.drip(endpoint.wires[0], clock, receiver)
        self.assertEqual(seconds, OPEN_TIMEOUT)
        self.assertIsInstance(receiver.loss, ConnectTimedOut)

    def test_answer(self) -> None:
        """An answer that drips later is no sign of life."""
        clock, endpoint, receiver = Clock(), WireEndpoint(is_prompt=True), Receiver()
        connector = connector_to(endpoint, clock, transports=("polling",), revision=3)
        connector.connect(receiver)
        body = b"%d:%b2:407:40/user" % (len(OPEN_PACKET), OPEN_PACKET)
        endpoint.wires[0].answers(body)
        self.assertEqual(receiver.order, ["connected"])
        for wire in endpoint.wires:
            # The POST is answered, so that pings can leave; the poll drips.
            if b"POST " in wire.taken():
                wire.answers(b"ok")
            else:
                poll = wire
        self.assertLessEqual(self.drip(poll, clock, receiver), MISSED)
        self.assertIsInstance(receiver.loss, Disconnected)


class HalfOpenTests(SynchronousTestCase):
    """Servers that are gone, and nobody said so."""

    def test_missed(self) -> None:
        """Each is missed by its heartbeat, over every transport and revision."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            scene.connect()
            for _ in range(int(MISSED) + 2):
                scene.clock.advance(1)
            self.assertIn("ping timeout", str(scene.receiver.loss))
            scene.settle(600)
            self.assertEqual(scene.clock.getDelayedCalls(), [])


class DeafTests(SynchronousTestCase):
    """Servers that take nothing."""

    def test_calls(self) -> None:
        """What waits for a server that answers no POST, or does not read, is bounded.

        A call beyond it is surely not sent.
        """
        for transports in (("polling",), ("websocket",)):
            scene = Scene(3, transports)
            connection = scene.connect()
            if transports == ("websocket",):
                scene.network.wires[0].ends[1].fill()
            else:
                connection.send_call(0, "a", b"{}")
            body = b'"%b"' % (b"x" * 4 * MIB)
            with Traced() as traced, self.assertRaises(BufferFull):
                for ack_id in range(1, 30):
                    connection.send_call(ack_id, "a", body)
            self.assertLess(traced.held, MAX_BUFFERED_BYTES + 5 * MIB)
            self.assertGreater(traced.held, MAX_BUFFERED_BYTES / 2)
            connection.abort()
            scene.settle(600)


class BombTests(SynchronousTestCase):
    """What grows when it is inflated."""

    def test_answer(self) -> None:
        """Of a bomb no more is inflated than the limit, in one piece or in many."""
        bomb = gzip.compress(bytes(64 * MIB))
        for step in (len(bomb), 1000):
            clock, endpoint = Clock(), WireEndpoint(is_prompt=True)
            told: list[Told] = []
            client = PollingClient(
                clock,
                "http://gateway.invalid:7700/socket.io/",
                endpoint,
                place="gateway.invalid:7700",
                max_body=MIB,
            )
            client.request(HttpRequest(1, "GET", ()), told.append)
            (wire,) = endpoint.wires
            wire.says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
            with Traced() as traced:
                for at in range(0, len(bomb), step):
                    if not wire.is_dropped:
                        wire.says(bomb[at : at + step])
            self.assertLess(traced.peak, 3 * MIB + BESIDE)
            (failed,) = told
            assert isinstance(failed, HttpFailed)
            self.assertIn("a body of more than", failed.reason)
            client.cancel()
            wire.ends()


class GreetingTests(SynchronousTestCase):
    """Servers that speak something else."""

    def test_quoted(self) -> None:
        """Of a greeting as much is repeated as the limit says."""
        receiver = Receiver()
        opened = Opened(receiver, is_joined=False)
        opened.websocket.dataReceived(b"+" * (MAX_SAID + 1) + b"\r\n")
        opened.finish()
        self.assertIn("+" * MAX_SAID, str(receiver.loss))
        self.assertNotIn("+" * (MAX_SAID + 1), str(receiver.loss))
