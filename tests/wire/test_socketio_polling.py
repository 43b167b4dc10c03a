"""Tests of padchat_twisted.wire.socketio_connection: over polling."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import EIO3, EIO4, Revision
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.engineio_payload import decode_payload
from padchat_twisted.wire.occurrences import NamespaceLeft, SocketEvent
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import HttpRequest, HttpResponse, Role

from .pollers import REVISIONS, body, open_body, shown

CLIENT = Role.CLIENT


class PollingTests(SynchronousTestCase):
    """Both protocols over polling."""

    def polled(self, revision: Revision) -> SocketIOConnection:
        """Return a client in ``/user``, with poll 3 open, that may send."""
        connection = SocketIOConnection(
            EngineIOConnection(CLIENT, revision=revision, transports=("polling",))
        )
        connection.join("/user")
        connection.start(now=0.0)
        connection.actions_to_take()
        answer = open_body(revision=revision)
        connection.receive(HttpResponse(1, 200, (), answer), now=0.0)
        self.assertEqual(len(connection.actions_to_take()), 2)
        connection.receive(HttpResponse(2, 200, (), b"ok"), now=0.0)
        sid = '{"sid":"s"}' if revision == EIO4 else ""
        joined = body(f"40/user,{sid}", revision=revision)
        connection.receive(HttpResponse(3, 200, (), joined), now=0.0)
        connection.actions_to_take()
        connection.events_received()
        return connection

    def test_one_body(self) -> None:
        """Events of one turn go as one body; later ones wait, and are known to."""
        for revision in REVISIONS:
            connection = self.polled(revision)
            connection.emit("/user", b'["a"]', ack_id=0)
            connection.emit("/user", b'["b"]', ack_id=1)
            (post,) = connection.actions_to_take()
            assert isinstance(post, HttpRequest)
            packets = engineio_packets(post.body, revision)
            self.assertEqual(packets, [b'2/user,0["a"]', b'2/user,1["b"]'])
            connection.emit("/user", b'["c"]', ack_id=2)
            connection.emit("/user", b'["d"]', volatile=True)
            self.assertEqual(connection.actions_to_take(), [])
            self.assertEqual(connection.unsent_ack_ids("/user"), frozenset((2,)))
            self.assertTrue(connection.withdraw("/user", 2))
            connection.emit("/user", b'["e"]')
            connection.receive(HttpResponse(post.id, 200), now=1.0)
            (post,) = connection.actions_to_take()
            assert isinstance(post, HttpRequest)
            packets = engineio_packets(post.body, revision)
            self.assertEqual(packets, [b'2/user,["e"]'])

    def test_several_messages(self) -> None:
        """All messages of a body come out, in order, before its end."""
        connection = self.polled(EIO4)
        content = body('42/user,["a"]', '42/user,["b"]', "1")
        connection.receive(HttpResponse(4, 200, (), content), now=1.0)
        self.assertEqual(
            connection.events_received(),
            [
                SocketEvent("/user", "a", b'["a"]'),
                SocketEvent("/user", "b", b'["b"]'),
                NamespaceLeft("/user", "transport close"),
            ],
        )
        said = shown(connection.actions_to_take())
        self.assertEqual(said, ["closed: transport close, Disconnected"])

    def test_leave_sends_what_waits(self) -> None:
        """What waits for the POST before goes before the DISCONNECT."""
        connection = self.polled(EIO4)
        connection.emit("/user", b'["a"]')
        (post,) = connection.actions_to_take()
        assert isinstance(post, HttpRequest)
        connection.emit("/user", b'["b"]')
        connection.leave("/user", now=1.0)
        connection.receive(HttpResponse(post.id, 200), now=1.0)
        (post,) = connection.actions_to_take()
        assert isinstance(post, HttpRequest)
        packets = engineio_packets(post.body, EIO4)
        self.assertEqual(packets, [b'2/user,["b"]', b"1/user,"])

    def test_version_1(self) -> None:
        """Text of socket.io 1.x is refused, once its spelling was seen."""
        garbled = '42/user,["消息"]'.encode().decode("latin-1")
        for answer, is_refused in (("40/user", True), ("40/user,", False)):
            connection = SocketIOConnection(
                EngineIOConnection(CLIENT, transports=("polling",))
            )
            connection.join("/user")
            connection.start(now=0.0)
            connection.actions_to_take()
            opened = open_body(revision=EIO3)
            connection.receive(HttpResponse(1, 200, (), opened), now=0.0)
            connection.actions_to_take()
            content = body("40", answer, garbled, revision=EIO3)
            connection.receive(HttpResponse(3, 200, (), content), now=0.0)
            events = connection.events_received()
            is_told = any(isinstance(event, SocketEvent) for event in events)
            self.assertEqual(is_told, not is_refused)


def engineio_packets(content: bytes, revision: Revision) -> list[bytes]:
    """Return the messages in a body."""
    packets = decode_payload(content, revision=revision)
    return [packet.data for packet in packets if packet.type == engineio.MESSAGE]
