"""Tests of what waits for its namespace or for the transport."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull
from padchat_twisted.wire import backlog as module
from padchat_twisted.wire.backlog import Backlog, Waiting


def waiting(ack_id: int | None, size: int = 10, namespace: str = "/user") -> Waiting:
    """Build a packet of *size* bytes."""
    return Waiting(namespace, ack_id, b"x" * size, ())


class BacklogTests(SynchronousTestCase):
    """A bounded queue that keeps its order."""

    def test_limit_at_its_edge(self) -> None:
        """Exactly the limit fits, one byte more does not, and nothing is lost."""
        backlog = Backlog(20)
        backlog.add(waiting(1))
        backlog.add(waiting(2))
        with self.assertRaises(BufferFull) as caught:
            backlog.add(waiting(3, size=1))
        self.assertEqual(caught.exception.limit, 20)
        self.assertEqual((len(backlog), backlog.size), (2, 20))

    def test_number_at_its_edge(self) -> None:
        """Not more packets fit than the limit, however small they are."""
        self.patch(module, "MAX_WAITING_PACKETS", 3)
        backlog = Backlog(1000)
        for ack_id in range(3):
            backlog.add(waiting(ack_id, size=0))
        with self.assertRaises(BufferFull) as caught:
            backlog.add(waiting(3, size=0))
        self.assertIn("3 packets are waiting", str(caught.exception))
        self.assertEqual(len(backlog), 3)

    def test_takes_by_namespace_in_order(self) -> None:
        """Only what waits for the namespaces is taken, in the order it came."""
        backlog = Backlog(1000)
        for ack_id, namespace in ((1, "/user"), (2, "/"), (3, "/user")):
            backlog.add(waiting(ack_id, namespace=namespace))
        taken = backlog.take({"/user": b""})
        self.assertEqual([packet.ack_id for packet in taken], [1, 3])
        self.assertEqual((len(backlog), backlog.size), (1, 10))
        self.assertEqual(backlog.take(()), [])

    def test_withdraw(self) -> None:
        """One packet can be taken back, once, and its room is free again."""
        backlog = Backlog(10)
        backlog.add(waiting(1))
        self.assertFalse(backlog.withdraw("/", 1))
        self.assertTrue(backlog.withdraw("/user", 1))
        self.assertFalse(backlog.withdraw("/user", 1))
        self.assertEqual(backlog.size, 0)
        backlog.add(waiting(2))

    def test_ack_ids(self) -> None:
        """The ids of a namespace are told; packets without one have none."""
        backlog = Backlog(1000)
        backlog.add(waiting(1))
        backlog.add(waiting(None))
        backlog.add(waiting(2, namespace="/"))
        self.assertEqual(backlog.ack_ids("/user"), frozenset((1,)))

    def test_attachments_count(self) -> None:
        """Attachments take room, and the repr shows sizes only."""
        packet = Waiting("/user", 7, b"51-x", (b"secret", b"yy"))
        self.assertEqual(packet.size, 12)
        self.assertNotIn("secret", repr(packet))
