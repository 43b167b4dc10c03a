"""Back-pressure both ways: a peer that does not read, and a session that is slow."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.interfaces import IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from padchat_twisted.errors import BufferFull, Disconnected
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.limits import MAX_BUFFERED_BYTES

from .by_hand import CLOSE, TEXT, close_frame, frame, read_frames
from .in_memory import MemoryTransport, Opened, Receiver, Side


class NarrowTransport(MemoryTransport):
    """A transport that pauses its producer within ``write``, as TCP does.

    Args:
        room: bytes that it takes before that.
    """

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: bytes) -> None:
        """Take it, and ask for no more when there is no room left."""
        super().write(data)
        self.room -= len(data)
        if self.room < 0 and self.producer is not None:
            self.fill()


def texts(transport: MemoryTransport) -> list[bytes]:
    """Take the text messages that were sent."""
    return [f.payload for f in read_frames(transport.taken()) if f.opcode == TEXT]


class WritingTests(SynchronousTestCase):
    """Towards a peer that does not read."""

    def test_producer(self) -> None:
        """The transport gets a push producer, and gives it back at the end."""
        opened = Opened(Receiver())
        producer = opened.transport.producer
        assert producer is not None
        self.assertTrue(opened.transport.streaming)
        verifyObject(IPushProducer, producer)
        opened.connection.close()
        opened.websocket.dataReceived(close_frame(None))
        self.assertIsNone(opened.transport.producer)
        producer.stopProducing()

    def test_calls_wait(self) -> None:
        """While the transport is full, calls wait here; then they leave at once."""
        opened = Opened(Receiver())
        opened.transport.fill()
        for call_id in range(50):
            opened.connection.send_call(call_id, "getContact", b"{}")
        self.assertEqual(opened.transport.writes, [])
        opened.transport.drain()
        self.assertEqual(len(opened.transport.writes), 1)
        wanted = [b'42/user,%d["getContact",{}]' % n for n in range(50)]
        self.assertEqual(texts(opened.transport), wanted)

    def test_withdrawn(self) -> None:
        """A call that waits can be taken back, one that left cannot."""
        opened = Opened(Receiver())
        opened.connection.send_call(1, "init", b"{}")
        opened.transport.fill()
        opened.connection.send_call(2, "init", b"{}")
        opened.connection.send_call(3, "init", b"{}")
        self.assertFalse(opened.connection.withdraw_call(1))
        self.assertTrue(opened.connection.withdraw_call(2))
        self.assertFalse(opened.connection.withdraw_call(2))
        opened.transport.drain()
        self.assertFalse(opened.connection.withdraw_call(3))
        sent = texts(opened.transport)
        self.assertEqual(sent, [b'42/user,1["init",{}]', b'42/user,3["init",{}]'])

    def test_unsent_calls(self) -> None:
        """At a loss it is known which calls never left."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.connection.send_call(1, "init", b"{}")
        opened.transport.fill()
        opened.connection.send_call(2, "init", b"{}")
        opened.lose()
        self.assertEqual(receiver.losses[0][1], frozenset((2,)))
        self.assertIsInstance(receiver.loss, Disconnected)

    def test_bounded(self) -> None:
        """What waits is bounded, to the byte, and what has no room is refused."""
        opened = Opened(Receiver())
        opened.transport.fill()
        size = MAX_BUFFERED_BYTES // 4
        head = len(b'42/user,1["x",]') - 1
        for call_id in range(4):
            opened.connection.send_call(call_id, "x", b" " * (size - head))
        with self.assertRaises(BufferFull):
            opened.connection.send_call(4, "x", b"")
        self.assertGreater(opened.connection.buffered_bytes, 0)
        self.assertTrue(opened.connection.withdraw_call(0))
        opened.connection.send_call(4, "x", b"")

    def test_paused_within_a_write(self) -> None:
        """A transport that is full in the middle of a turn loses and mixes nothing."""
        transport = NarrowTransport(10**6)
        opened = Opened(Receiver(), transport=transport)
        transport.room = 300
        for call_id in range(100):
            opened.connection.send_call(call_id, "x", b"{}")
        sent = texts(transport)
        self.assertLess(len(sent), 20)
        transport.room = 300
        transport.drain()
        # What waited leaves in one piece, or in as many as the transport wants.
        sent += texts(transport)
        self.assertEqual(sent, [b'42/user,%d["x",{}]' % n for n in range(100)])

    def test_pings_go_on(self) -> None:
        """The heartbeat is not held back: its bytes are few, its time is not ours."""
        opened = Opened(Receiver())
        opened.transport.fill()
        opened.clock.advance(25)
        self.assertEqual(texts(opened.transport), [b"2"])

    def test_server(self) -> None:
        """A server's WebSocket has the same producer, in place of HTTP's."""
        side = Side(hears_client=True)
        verifyObject(IPushProducer, side.transport.producer)


class JoinedWriteTests(SynchronousTestCase):
    """What one turn sends is one write."""

    def test_calls_of_one_turn(self) -> None:
        """Calls that are made while a read is told leave in one write."""

        class Busy(Receiver):
            def received(self, envelopes: Sequence[Reply | Notice]) -> None:
                super().received(envelopes)
                assert self.connection is not None
                for call_id in range(20):
                    self.connection.send_call(call_id, "sendMsg", b"{}")

        receiver = Busy()
        opened = Opened(receiver)
        opened.says(b'42/user,["push",{}]', b'42/user,["push",{}]')
        self.assertEqual(receiver.groups, 1)
        self.assertEqual(len(opened.transport.writes), 1)
        self.assertEqual(len(texts(opened.transport)), 20)

    def test_call_outside_of_a_turn(self) -> None:
        """A call that is made at another time leaves at once."""
        opened = Opened(Receiver())
        opened.connection.send_call(1, "sendMsg", b"{}")
        opened.connection.send_call(2, "sendMsg", b"{}")
        self.assertEqual(len(opened.transport.writes), 2)

    def test_large_between_small(self) -> None:
        """A large message keeps its place between small ones."""
        opened = Opened(Receiver())
        opened.transport.fill()
        opened.connection.send_call(1, "x", b"1")
        opened.connection.send_call(2, "x", b'"%b"' % (b"x" * 100_000))
        opened.connection.send_call(3, "x", b"3")
        opened.transport.drain()
        sent = texts(opened.transport)
        self.assertEqual([text[8:9] for text in sent], [b"1", b"2", b"3"])
        self.assertGreater(len(sent[1]), 100_000)


class ReadingTests(SynchronousTestCase):
    """Towards a session that is slow."""

    def test_pause_and_resume(self) -> None:
        """A slow session stops the reads, and starts them again."""
        opened = Opened(Receiver())
        opened.connection.pause()
        self.assertTrue(opened.transport.is_paused)
        opened.connection.resume()
        self.assertFalse(opened.transport.is_paused)

    def test_close_while_paused(self) -> None:
        """Closing reads again, or the peer's answer would never be seen."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.connection.pause()
        opened.connection.close()
        self.assertFalse(opened.transport.is_paused)
        self.assertEqual(read_frames(opened.transport.taken())[-1].opcode, CLOSE)
        opened.websocket.dataReceived(frame(CLOSE, b""))
        opened.finish()
        self.assertEqual(len(receiver.losses), 1)

    def test_nobody_there_yet(self) -> None:
        """Without a receiver nothing is read after the gateway let us in."""
        opened = Opened()
        self.assertTrue(opened.transport.is_paused)
        receiver = Receiver()
        opened.connection.attach(receiver)
        self.assertFalse(opened.transport.is_paused)
        self.assertEqual(receiver.order, ["connected"])
