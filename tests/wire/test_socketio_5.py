"""Tests of padchat_twisted.wire.socketio_connection: protocol 5."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    ConnectTimedOut,
    LocalProtocolError,
    RemoteProtocolError,
)
from padchat_twisted.wire.engineio import EIO3, EIO4
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import OPEN_TIMEOUT, PACKET_BYTES
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)
from padchat_twisted.wire.socketio import RESERVED_EVENTS
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Role,
    WebSocketClosed,
    WebSocketMessage,
    WebSocketOpened,
)

from .joined import HANDSHAKE, OPEN_PACKET, frames, told

CLIENT, SERVER = Role.CLIENT, Role.SERVER


def client(*joins: str, max_buffered: int = 1 << 20) -> SocketIOConnection:
    """Return a client of protocol 5 that is open, and has asked for namespaces."""
    connection = SocketIOConnection(
        EngineIOConnection(CLIENT, revision=EIO4), max_buffered=max_buffered
    )
    for namespace in joins:
        connection.join(namespace)
    connection.start(now=0.0)
    connection.receive(WebSocketOpened(), now=0.0)
    connection.receive_texts([OPEN_PACKET], 0.0)
    return connection


def server(*joins: str) -> SocketIOConnection:
    """Return a server of protocol 5 whose client is in namespaces since 0."""
    connection = SocketIOConnection(
        EngineIOConnection(SERVER, revision=EIO4, handshake=HANDSHAKE)
    )
    connection.start(now=0.0)
    connection.receive(WebSocketOpened(), now=0.0)
    for namespace in joins:
        connection.receive_texts([b"40" + namespace.encode() + b","], 0.0)
        connection.accept(namespace, "sid-" + namespace)
    connection.events_received()
    connection.actions_to_take()
    return connection


def broken(connection: SocketIOConnection) -> RemoteProtocolError:
    """Let a connection that broke off end, and return its error."""
    assert any(
        isinstance(action, CloseWebSocket) for action in connection.actions_to_take()
    )
    connection.receive(WebSocketClosed(), now=2.0)
    closed = connection.actions_to_take()[-1]
    assert isinstance(closed, Closed)
    assert isinstance(closed.error, RemoteProtocolError), closed
    return closed.error


class ClientTests(SynchronousTestCase):
    """A client asks for every namespace, and gets an id in each."""

    def test_join(self) -> None:
        """The main namespace is asked for too; auth travels, a query does not."""
        connection = SocketIOConnection(EngineIOConnection(CLIENT, revision=EIO4))
        self.assertEqual(connection.protocol, 5)
        connection.join("/")
        connection.join("/user", "a=b", b'{"token":"t"}')
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        connection.receive_texts([OPEN_PACKET], 0.0)
        sent = frames(connection.actions_to_take())
        self.assertEqual(sent, [b"40", b'40/user,{"token":"t"}'])
        self.assertEqual(
            told(connection, b'40{"sid":"s0"}', b'40/user,{"sid":"s1","pid":"p1"}'),
            [NamespaceJoined("/", "s0"), NamespaceJoined("/user", "s1", "p1")],
        )

    def test_protocol_4_has_no_auth(self) -> None:
        """There it is the query that travels."""
        connection = SocketIOConnection(EngineIOConnection(CLIENT, revision=EIO3))
        connection.join("/user", "a=b", b'{"token":"t"}')
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        connection.receive_texts([OPEN_PACKET], 0.0)
        self.assertEqual(frames(connection.actions_to_take()), [b"40/user?a=b,"])

    def test_no_sid(self) -> None:
        """A server of 2.x shows itself by an answer without id, asked for or not."""
        for text in (b"40", b"40/user,"):
            connection = client("/user")
            self.assertEqual(told(connection, text), [])
            self.assertIn("2.x", str(broken(connection)))

    def test_refused(self) -> None:
        """A refusal has an object; the connection stays, and another try is ours."""
        connection = client("/user")
        refusal = b'{"message":"no","data":{"code":1}}'
        self.assertEqual(
            told(connection, b"44/user," + refusal),
            [ErrorReceived("/user", refusal, is_refusal=True)],
        )
        connection.join("/user")
        self.assertIn(b"40/user,", frames(connection.actions_to_take()))

    def test_missed_events(self) -> None:
        """Events before the answer are what was missed: they come after it."""
        connection = client("/user", "/admin")
        self.assertEqual(told(connection, b'42/user,["a"]', b'42/admin,["x"]'), [])
        self.assertEqual(
            told(connection, b'42/user,["b"]', b'40/user,{"sid":"s"}'),
            [
                NamespaceJoined("/user", "s"),
                SocketEvent("/user", "a", b'["a"]'),
                SocketEvent("/user", "b", b'["b"]'),
            ],
        )
        self.assertEqual(
            told(connection, b'40/admin,{"sid":"t"}'),
            [NamespaceJoined("/admin", "t"), SocketEvent("/admin", "x", b'["x"]')],
        )

    def test_missed_events_are_bounded(self) -> None:
        """As many bytes as may be buffered, and not one more."""
        size = len(b'["a"]') + PACKET_BYTES
        connection = client("/user", max_buffered=2 * size)
        told(connection, b'42/user,["a"]', b'42/user,["a"]')
        self.assertEqual(frames(connection.actions_to_take()), [b"40/user,"])
        connection = client("/user", max_buffered=2 * size - 1)
        told(connection, b'42/user,["a"]', b'42/user,["a"]')
        broken(connection)

    def test_missed_events_are_counted_anew(self) -> None:
        """What was handed out, or dropped with its namespace, counts no more."""
        size = len(b'["a"]') + PACKET_BYTES
        connection = client("/user", "/admin", max_buffered=size)
        told(connection, b'42/user,["a"]', b"44/user,{}")
        self.assertEqual(len(told(connection, b'42/admin,["a"]')), 0)
        self.assertEqual(len(told(connection, b'40/admin,{"sid":"t"}')), 2)
        connection.join("/user")
        self.assertEqual(told(connection, b'40/user,{"sid":"s"}')[1:], [])

    def test_reserved_names(self) -> None:
        """An event named like one of Socket.IO's own ends the connection."""
        for name in RESERVED_EVENTS:
            connection = client("/user")
            told(connection, b'40/user,{"sid":"s"}')
            self.assertEqual(
                told(connection, b'42/user,["%b"]' % name.encode()),
                [NamespaceLeft("/user", "parse error")],
            )
            broken(connection)

    def test_not_joined(self) -> None:
        """What comes for a namespace that nobody asked for is dropped."""
        connection = client("/user")
        told(connection, b'40/user,{"sid":"s"}')
        texts = (b'42/b,["a"]', b"43/b,1[]", b"41/b,", b"44/b,{}", b'40/b,{"sid":"x"}')
        for text in texts:
            self.assertEqual(told(connection, text), [])
        connection.actions_to_take()
        self.assertEqual(
            told(connection, b'42/user,["a"]'), [SocketEvent("/user", "a", b'["a"]')]
        )

    def test_second_answer(self) -> None:
        """A second answer for a namespace that is joined changes nothing."""
        connection = client("/user")
        told(connection, b'40/user,{"sid":"s"}')
        self.assertEqual(told(connection, b'40/user,{"sid":"t"}'), [])
        self.assertEqual(len(told(connection, b'42/user,["a"]')), 1)

    def test_names(self) -> None:
        """A name that would end itself, or a packet, is refused before it is sent."""
        connection = client()
        for name in ("user", "", "/a,b", "/a?b", "/a\x1eb"):
            self.assertRaises(LocalProtocolError, connection.join, name)

    def test_binary(self) -> None:
        """Attachments have no type byte."""
        connection = client("/user")
        told(connection, b'40/user,{"sid":"s"}')
        connection.actions_to_take()
        text = b'["a",{"_placeholder":true,"num":0}]'
        connection.emit("/user", text, attachments=(b"\x01",))
        self.assertEqual(
            frames(connection.actions_to_take()), [b"451-/user," + text, b"\x01"]
        )
        told(connection, b"451-/user," + text)
        connection.receive(WebSocketMessage(b"\x02", is_text=False), now=1.0)
        (event,) = connection.events_received()
        self.assertEqual(event, SocketEvent("/user", "a", text, None, (b"\x02",)))


class ServerTests(SynchronousTestCase):
    """A server answers with ids, and is strict."""

    def test_accept(self) -> None:
        """Nothing is joined unasked; the answer has the id that it was given."""
        connection = server()
        self.assertEqual(
            told(connection, b"40", b'40/user,{"token":"t"}'),
            [
                NamespaceRequested("/"),
                NamespaceRequested("/user", (), b'{"token":"t"}'),
            ],
        )
        connection.accept("/", "s0")
        connection.accept("/user", "s1")
        sent = frames(connection.actions_to_take())
        self.assertEqual(sent, [b'40{"sid":"s0"}', b'40/user,{"sid":"s1"}'])

    def test_query_is_a_name(self) -> None:
        """There is no query in a CONNECT of protocol 5."""
        (asked,) = told(server(), b"40/user?a=b,")
        self.assertEqual(asked, NamespaceRequested("/user?a=b"))

    def test_broken_rules(self) -> None:
        """What a client may not send ends the connection."""
        for text in (
            b'40/user,{"a":1}',
            b'42/other,["a"]',
            b"43/other,1[]",
            b"41/other,",
            b'44/user,{"message":"x"}',
            b"40/new,[]",
            b'42/user,["disconnect"]',
            b'451-/user,["connect",{"_placeholder":true,"num":0}]',
        ):
            connection = server("/user")
            self.assertEqual(
                [o for o in told(connection, text) if not isinstance(o, NamespaceLeft)],
                [],
                text,
            )
            self.assertEqual(broken(connection).layer, "socket.io")

    def test_mild_in_protocol_4(self) -> None:
        """The same packets do no harm there."""
        for text in (
            b"40/user,",
            b'42/other,["a"]',
            b"43/other,1[]",
            b"41/other,",
            b'42/user,["disconnect"]',
        ):
            connection = SocketIOConnection(
                EngineIOConnection(SERVER, handshake=HANDSHAKE)
            )
            connection.start(now=0.0)
            connection.receive(WebSocketOpened(), now=0.0)
            connection.receive_texts([b"40/user,"], 0.0)
            connection.accept("/user")
            connection.actions_to_take()
            told(connection, text)
            self.assertEqual(connection.actions_to_take(), [], text)

    def test_acks(self) -> None:
        """Answers come with their numbers, as in protocol 4."""
        connection = server("/user")
        connection.emit("/user", b'["a"]', ack_id=0)
        self.assertEqual(frames(connection.actions_to_take()), [b'42/user,0["a"]'])
        acked = told(connection, b"43/user,0[1]")
        self.assertEqual(acked, [SocketAck("/user", 0, b"[1]")])

    def test_nobody_asks(self) -> None:
        """A client that asks for no namespace in time is left, without an error."""
        connection = server()
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        connection.deadline_reached(now=OPEN_TIMEOUT - 0.1)
        self.assertEqual(connection.actions_to_take(), [])
        connection.deadline_reached(now=OPEN_TIMEOUT)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
        connection.receive(WebSocketClosed(), now=OPEN_TIMEOUT)
        self.assertEqual(connection.actions_to_take(), [Closed("timeout")])

    def test_somebody_asked(self) -> None:
        """One that is in a namespace, or waits for our answer, is not."""
        joined = server("/user")
        waiting = server()
        told(waiting, b"40/user,")
        for connection in (joined, waiting):
            connection.deadline_reached(now=OPEN_TIMEOUT)
            actions = connection.actions_to_take()
            self.assertFalse(any(isinstance(a, CloseWebSocket) for a in actions))

    def test_client_waits(self) -> None:
        """A client that gets no answer ends in an error that names the namespace."""
        connection = client("/user")
        connection.actions_to_take()
        connection.deadline_reached(now=OPEN_TIMEOUT)
        connection.receive(WebSocketClosed(), now=OPEN_TIMEOUT)
        closed = connection.actions_to_take()[-1]
        assert isinstance(closed, Closed)
        assert isinstance(closed.error, ConnectTimedOut)
        self.assertIn("/user", str(closed.error))
