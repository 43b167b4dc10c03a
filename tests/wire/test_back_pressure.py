"""Tests of padchat_twisted.wire.socketio_connection: what waits for the transport."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, LocalProtocolError
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketOpened,
)

from .joined import OPEN_PACKET, client, frames, server, told

#: The text of ``event(n)`` in namespace /user, without Engine.IO's digit: 14 bytes.
SIZE = len(b'2/user,0["a0"]')


def event(number: int) -> bytes:
    """Make the body of an event with a number."""
    return b'["a%d"]' % number


class WaitingTests(SynchronousTestCase):
    """A transport that takes no bytes."""

    def test_order(self) -> None:
        """What waits leaves in its order, when the transport takes bytes again."""
        for connection in (client("/", "/user"), server("/user")):
            connection.set_writable(False)
            connection.emit("/user", event(1))
            connection.emit("/", event(2), ack_id=0)
            connection.acknowledge("/user", 5, b"[]", [b"\x01"])
            self.assertEqual(connection.actions_to_take(), [])
            connection.set_writable(True)
            connection.emit("/user", event(3))
            self.assertEqual(
                connection.actions_to_take(),
                [
                    SendWebSocket(b'42/user,["a1"]', is_text=True),
                    SendWebSocket(b'420["a2"]', is_text=True),
                    SendWebSocket(b"461-/user,5[]", is_text=True),
                    SendWebSocket(b"\x04\x01", is_text=False),
                    SendWebSocket(b'42/user,["a3"]', is_text=True),
                ],
            )
            self.assertEqual(connection.buffered_bytes, 0)

    def test_told_twice(self) -> None:
        """Being told the same again changes nothing."""
        connection = client("/user")
        connection.set_writable(True)
        connection.set_writable(False)
        connection.set_writable(False)
        connection.emit("/user", event(1))
        connection.set_writable(True)
        connection.set_writable(True)
        self.assertEqual(frames(connection.actions_to_take()), [b'42/user,["a1"]'])

    def test_volatile(self) -> None:
        """A volatile event leaves at once or never."""
        connection = server("/user")
        connection.emit("/user", event(0), volatile=True)
        connection.set_writable(False)
        connection.emit("/user", event(1), volatile=True)
        self.assertEqual(connection.buffered_bytes, 0)
        connection.set_writable(True)
        connection.emit("/user", event(2), volatile=True)
        sent = [b'42/user,["a0"]', b'42/user,["a2"]']
        self.assertEqual(frames(connection.actions_to_take()), sent)

    def test_heartbeat_does_not_wait(self) -> None:
        """The layer below answers pings whatever waits here."""
        connection = server("/user")
        connection.set_writable(False)
        connection.emit("/user", event(1))
        told(connection, b"2")
        self.assertEqual(frames(connection.actions_to_take()), [b"3"])

    def test_limit(self) -> None:
        """The buffer takes exactly its limit; what does not fit raises."""
        connection = client("/user", max_buffered=2 * SIZE)
        connection.set_writable(False)
        connection.emit("/user", event(1), ack_id=1)
        connection.emit("/user", event(2), ack_id=2)
        self.assertEqual(connection.buffered_bytes, 2 * SIZE)
        for number, attachments in ((3, ()), (4, (b"",)), (5, (b"x" * SIZE,))):
            error = self.assertRaises(
                BufferFull,
                connection.emit,
                "/user",
                event(number),
                attachments=attachments,
            )
            assert isinstance(error, BufferFull)
            self.assertEqual(error.limit, 2 * SIZE)
        self.assertRaises(BufferFull, connection.acknowledge, "/user", 1, b"[]")
        connection.emit("/user", event(6), volatile=True)
        self.assertEqual(connection.buffered_bytes, 2 * SIZE)
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((1, 2)))
        connection.set_writable(True)
        self.assertEqual(len(frames(connection.actions_to_take())), 2)

    def test_attachments_count(self) -> None:
        """Attachments are part of what waits."""
        connection = client("/user", max_buffered=1000)
        connection.set_writable(False)
        connection.emit("/user", event(1), attachments=[b"x" * 100, b"y" * 50])
        self.assertEqual(connection.buffered_bytes, len(b'52-/user,["a1"]') + 150)

    def test_no_limit_without_waiting(self) -> None:
        """A writable transport takes events beyond the limit of the buffer."""
        connection = client("/user", max_buffered=1)
        connection.emit("/user", event(1))
        self.assertEqual(len(frames(connection.actions_to_take())), 1)


class WithdrawTests(SynchronousTestCase):
    """What still waits can be taken back; what was asked for cannot."""

    def test_withdraw(self) -> None:
        """An event that waits is taken back once."""
        connection = client("/", "/user")
        connection.emit("/user", event(0), ack_id=0)
        connection.set_writable(False)
        for number in (1, 2, 3):
            connection.emit("/user", event(number), ack_id=number)
        connection.emit("/", event(2), ack_id=2)
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((1, 2, 3)))
        self.assertEqual(connection.unsent_ack_ids("/"), frozenset((2,)))
        self.assertFalse(connection.withdraw("/user", 0))
        before = connection.buffered_bytes
        self.assertTrue(connection.withdraw("/user", 2))
        self.assertEqual(connection.buffered_bytes, before - SIZE)
        self.assertFalse(connection.withdraw("/user", 2))
        connection.set_writable(True)
        self.assertEqual(
            frames(connection.actions_to_take()),
            [
                b'42/user,0["a0"]',
                b'42/user,1["a1"]',
                b'42/user,3["a3"]',
                b'422["a2"]',
            ],
        )
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset())

    def test_after_the_end(self) -> None:
        """What did not leave before the end is still told, and never sent."""
        connection = client("/user")
        connection.set_writable(False)
        connection.emit("/user", event(1), ack_id=1)
        connection.receive(WebSocketClosed(), now=1.0)
        connection.actions_to_take()
        connection.set_writable(True)
        self.assertEqual(connection.actions_to_take(), [])
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((1,)))


class JoiningTests(SynchronousTestCase):
    """Events for a namespace that is not joined yet wait for it."""

    def test_emitted_early(self) -> None:
        """They leave in order when the namespace lets us in, not before."""
        connection = SocketIOConnection(EngineIOConnection(Role.CLIENT))
        self.assertRaises(LocalProtocolError, connection.emit, "/user", event(0))
        connection.join("/user")
        connection.emit("/user", event(1), ack_id=1)
        connection.emit("/user", event(2), attachments=[b"\x07"])
        connection.emit("/user", event(3), volatile=True)
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        connection.actions_to_take()
        told(connection, OPEN_PACKET, b"40")
        self.assertEqual(frames(connection.actions_to_take()), [b"40/user,"])
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((1,)))
        told(connection, b"40/user,")
        self.assertEqual(
            frames(connection.actions_to_take()),
            [b'42/user,1["a1"]', b'451-/user,["a2"]', b"\x04\x07"],
        )

    def test_another_namespace_does_not_wait(self) -> None:
        """Only the namespace that is being joined holds its events back."""
        connection = client("/")
        connection.join("/user")
        connection.emit("/user", event(1))
        connection.emit("/", event(2))
        connection.emit("/", event(3), volatile=True)
        self.assertEqual(
            frames(connection.actions_to_take()),
            [b"40/user,", b'42["a2"]', b'42["a3"]'],
        )
        told(connection, b'44/user,"no"')
        self.assertEqual(connection.buffered_bytes, 0)

    def test_nothing_leaks_into_the_next_life(self) -> None:
        """What waited for a namespace that was left is not sent after a new join."""
        connection = client("/", "/user")
        connection.set_writable(False)
        connection.emit("/user", event(1), ack_id=1)
        connection.leave("/user", now=1.0)
        self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((1,)))
        connection.join("/user")
        self.assertEqual(connection.buffered_bytes, 0)
        told(connection, b"40/user,")
        connection.set_writable(True)
        sent = frames(connection.actions_to_take())
        self.assertEqual(sent, [b"41/user,", b"40/user,"])

    def test_nor_at_a_server(self) -> None:
        """The same for a client that leaves and comes back."""
        connection = server("/user")
        connection.set_writable(False)
        connection.emit("/user", event(1))
        told(connection, b"41/user,", b"40/user,")
        connection.accept("/user")
        connection.set_writable(True)
        self.assertEqual(frames(connection.actions_to_take()), [b"40/user,"])
