"""Tests of padchat_twisted.wire.socketio_connection: namespaces, in both roles."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectTimedOut, LocalProtocolError
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import MAX_NAMESPACES, OPEN_TIMEOUT
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketOpened,
)

from .joined import HANDSHAKE, OPEN_PACKET, client, frames, server, told


class ClientNamespaceTests(SynchronousTestCase):
    """A client asks for namespaces."""

    def test_join_before_open(self) -> None:
        """CONNECT goes out when the open packet is there, with its query."""
        connection = SocketIOConnection(EngineIOConnection(Role.CLIENT))
        connection.join("/user", "authKey=a&name=b")
        connection.join("/")
        connection.start(now=0.0)
        query = (("EIO", "3"), ("transport", "websocket"))
        self.assertEqual(connection.actions_to_take(), [OpenWebSocket(query)])
        connection.receive(WebSocketOpened(), now=0.0)
        self.assertEqual(connection.actions_to_take(), [])
        connection.receive_texts([OPEN_PACKET], 0.0)
        sent = frames(connection.actions_to_take())
        self.assertEqual(sent, [b"40/user?authKey=a&name=b,"])
        self.assertEqual(told(connection, b"40"), [NamespaceJoined("/")])
        self.assertEqual(told(connection, b"40/user"), [NamespaceJoined("/user")])

    def test_join_later(self) -> None:
        """A namespace can be asked for while others are joined."""
        connection = client("/user")
        connection.join("/admin")
        self.assertEqual(frames(connection.actions_to_take()), [b"40/admin,"])
        self.assertEqual(told(connection, b"40/admin,"), [NamespaceJoined("/admin")])

    def test_join_twice(self) -> None:
        """A namespace that is joined or asked for is not asked for again."""
        connection = client("/user")
        self.assertRaises(LocalProtocolError, connection.join, "/user")
        connection.join("/admin")
        self.assertRaises(LocalProtocolError, connection.join, "/admin")
        self.assertRaises(LocalProtocolError, server().join, "/user")

    def test_nobody_asked(self) -> None:
        """What comes for a namespace that is not ours is ignored."""
        connection = client("/user")
        ignored = (
            b"40",
            b"40/user,",
            b"40/other,",
            b"41/other,",
            b'42["x"]',
            b'42/other,["x"]',
            b"43/other,1[]",
            b'44/other,"x"',
        )
        self.assertEqual(told(connection, *ignored), [])
        self.assertEqual(connection.actions_to_take(), [])

    def test_refused(self) -> None:
        """An ERROR packet while joining is a refusal; the connection stays."""
        connection = client("/user")
        connection.join("/admin")
        connection.actions_to_take()
        (error,) = told(connection, b'44/admin,{"code":401}')
        wanted = ErrorReceived("/admin", b'{"code":401}', is_refusal=True)
        self.assertEqual(error, wanted)
        self.assertEqual(connection.actions_to_take(), [])
        connection.join("/admin")

    def test_error_in_the_middle(self) -> None:
        """An ERROR packet in a session is no refusal, and nothing ends."""
        connection = client("/user")
        (error,) = told(connection, b'44/user,"rejected"')
        self.assertEqual(error, ErrorReceived("/user", b'"rejected"', is_refusal=False))
        self.assertEqual(len(told(connection, b'42/user,["a"]')), 1)

    def test_left_by_the_server(self) -> None:
        """The last namespace that the server closes takes the connection with it."""
        connection = client("/", "/user")
        left = NamespaceLeft("/user", "io server disconnect")
        self.assertEqual(told(connection, b"41/user,"), [left])
        self.assertEqual(connection.actions_to_take(), [])
        self.assertEqual(told(connection, b"41"), [NamespaceLeft("/", left.reason)])
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])

    def test_leave(self) -> None:
        """A client that leaves its last namespace closes."""
        connection = client("/", "/user")
        connection.leave("/user", now=1.0)
        self.assertEqual(frames(connection.actions_to_take()), [b"41/user,"])
        connection.leave("/user", now=1.0)
        self.assertEqual(connection.actions_to_take(), [])
        connection.leave("/", now=1.0)
        self.assertEqual(
            connection.actions_to_take(), [SendWebSocket(b"41", True), CloseWebSocket()]
        )
        reason = "io client disconnect"
        self.assertEqual(
            connection.events_received(),
            [NamespaceLeft("/user", reason), NamespaceLeft("/", reason)],
        )

    def test_leave_while_joining(self) -> None:
        """A namespace that was only asked for is left without a packet."""
        connection = client("/")
        connection.join("/user")
        connection.actions_to_take()
        connection.leave("/user", now=1.0)
        self.assertEqual(connection.actions_to_take(), [])
        self.assertEqual(told(connection, b"40/user,"), [])

    def test_join_timeout(self) -> None:
        """A gateway that opens but does not let us in is given up."""
        connection = SocketIOConnection(EngineIOConnection(Role.CLIENT), peer="gw:80")
        connection.join("/user")
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=1.0)
        connection.receive_texts([OPEN_PACKET], 1.0)
        connection.actions_to_take()
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        connection.deadline_reached(now=OPEN_TIMEOUT - 0.001)
        self.assertEqual(connection.actions_to_take(), [])
        connection.deadline_reached(now=OPEN_TIMEOUT)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
        connection.receive(WebSocketClosed(), now=OPEN_TIMEOUT)
        (closed,) = connection.actions_to_take()
        assert isinstance(closed, Closed)
        self.assertIsInstance(closed.error, ConnectTimedOut)
        self.assertIn("/user", str(closed.error))
        self.assertIn("gw:80", str(closed.error))

    def test_joined_in_time(self) -> None:
        """Once the answers are there, only the heartbeat counts."""
        connection = client("/user")
        self.assertEqual(connection.next_deadline(), 25.0)
        connection.deadline_reached(now=OPEN_TIMEOUT)
        self.assertEqual(connection.actions_to_take(), [])


class ServerNamespaceTests(SynchronousTestCase):
    """A server lets clients into namespaces."""

    def opened(self) -> SocketIOConnection:
        """Make a server that accepted nothing yet."""
        connection = SocketIOConnection(
            EngineIOConnection(Role.SERVER, handshake=HANDSHAKE)
        )
        connection.start(now=0.0)
        connection.receive(WebSocketOpened(), now=0.0)
        return connection

    def test_main_namespace(self) -> None:
        """The main namespace is asked for by the connection itself."""
        connection = self.opened()
        self.assertEqual(connection.events_received(), [NamespaceRequested("/")])
        connection.accept("/")
        self.assertEqual(frames(connection.actions_to_take()), [OPEN_PACKET, b"40"])

    def test_query(self) -> None:
        """The query of CONNECT is decoded; the answer names the bare namespace."""
        connection = server()
        (requested,) = told(connection, b"40/user?a=%E4%BD%A0%20+&b=&a=2,")
        query = (("a", "你  "), ("b", ""), ("a", "2"))
        self.assertEqual(requested, NamespaceRequested("/user", query))
        connection.accept("/user")
        self.assertEqual(frames(connection.actions_to_take()), [b"40/user,"])

    def test_once(self) -> None:
        """A namespace that was asked for is asked for once, and accepted once."""
        connection = server()
        self.assertEqual(len(told(connection, b"40/user,", b"40/user?a=1,")), 1)
        connection.accept("/user")
        self.assertRaises(LocalProtocolError, connection.accept, "/user")
        self.assertEqual(told(connection, b"40/user,"), [])
        self.assertRaises(LocalProtocolError, connection.refuse, "/other", b'"no"')

    def test_refuse(self) -> None:
        """A refusal is an ERROR packet; it can be asked for again."""
        connection = server()
        told(connection, b"40/user,")
        connection.refuse("/user", b'"no"')
        self.assertEqual(frames(connection.actions_to_take()), [b'44/user,"no"'])
        self.assertEqual(told(connection, b'42/user,["a"]'), [])
        self.assertEqual(told(connection, b"40/user,"), [NamespaceRequested("/user")])

    def test_before_it_is_accepted(self) -> None:
        """Events before the answer are ignored, and nothing can be sent."""
        connection = server()
        told(connection, b"40/user,")
        self.assertEqual(told(connection, b'42/user,["a"]', b"43/user,0[]"), [])
        for send in (connection.emit, connection.send_error):
            self.assertRaises(LocalProtocolError, send, "/user", b'["a"]')
        self.assertRaises(LocalProtocolError, connection.acknowledge, "/user", 0, b"[]")

    def test_send_error(self) -> None:
        """An ERROR packet in the middle of a session."""
        connection = server("/user")
        connection.send_error("/user", b'{"a":1}')
        self.assertEqual(frames(connection.actions_to_take()), [b'44/user,{"a":1}'])

    def test_left_by_the_client(self) -> None:
        """The client leaves namespaces; the connection stays, even without any."""
        connection = server("/user")
        reason = "client namespace disconnect"
        self.assertEqual(
            told(connection, b"41/user,", b"41"),
            [NamespaceLeft("/user", reason), NamespaceLeft("/", reason)],
        )
        self.assertEqual(connection.actions_to_take(), [])
        self.assertEqual(told(connection, b"40/user,"), [NamespaceRequested("/user")])

    def test_leave(self) -> None:
        """The server closes a namespace and keeps the connection."""
        connection = server("/user")
        connection.leave("/user", now=1.0)
        connection.leave("/", now=1.0)
        self.assertEqual(frames(connection.actions_to_take()), [b"41/user,", b"41"])
        left = NamespaceLeft("/user", "server namespace disconnect")
        self.assertEqual(connection.events_received()[0], left)

    def test_number_of_namespaces(self) -> None:
        """As many as the limit, the main one included, asked for or joined."""
        connection = server("/joined")
        for number in range(MAX_NAMESPACES - 2):
            self.assertEqual(len(told(connection, b"40/%d," % number)), 1)
        self.assertEqual(connection.actions_to_take(), [])
        told(connection, b"40/one-more,")
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
