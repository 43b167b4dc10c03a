"""Tests of padchat_twisted.wire.socketio_connection: events, acks, ends.

Namespaces are in test_socketio_namespaces, what waits for the transport in
test_back_pressure, two roles joined in test_joined, garbage in test_fuzz.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    Disconnected,
    LocalProtocolError,
    RemoteProtocolError,
)
from padchat_twisted.wire.engineio_connection import EngineIOConnection
from padchat_twisted.wire.limits import MAX_ACK_DIGITS
from padchat_twisted.wire.occurrences import (
    NamespaceLeft,
    SocketAck,
    SocketEvent,
)
from padchat_twisted.wire.socketio_connection import (
    MAX_NAME_KEPT,
    MAX_NAMES_KEPT,
    SocketIOConnection,
)
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Lost,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketMessage,
)

from .joined import client, frames, server, told


class EventTests(SynchronousTestCase):
    """Events and acknowledgements, in both directions."""

    def test_in_and_out(self) -> None:
        """Each role sends and gets events and answers alike."""
        for connection in (client("/", "/user"), server("/user")):
            for namespace, prefix in (("/", b""), ("/user", b"/user,")):
                connection.emit(namespace, b'["a",1]')
                connection.emit(namespace, b'["a"]', ack_id=0)
                connection.acknowledge(namespace, 12, b"[]")
                sent = [b'2%b["a",1]', b'2%b0["a"]', b"3%b12[]"]
                texts = [b"4" + text % prefix for text in sent]
                self.assertEqual(frames(connection.actions_to_take()), texts)
                self.assertEqual(
                    told(connection, *texts),
                    [
                        SocketEvent(namespace, "a", b'["a",1]'),
                        SocketEvent(namespace, "a", b'["a"]', 0),
                        SocketAck(namespace, 12, b"[]"),
                    ],
                )

    def test_calls_in_a_hurry(self) -> None:
        """An event with an ack id is the same once its name is known."""
        for connection in (client("/", "/user"), server("/user")):
            frame = b'42/user,7["name",1]'
            wanted = [SocketEvent("/user", "name", b'["name",1]', 7)]
            self.assertEqual(told(connection, frame), wanted)
            connection.receive_texts([frame], 1.0)
            self.assertEqual(connection.events_received(), wanted)
            longest = b"9" * MAX_ACK_DIGITS
            connection.receive_texts([b'42/user,%b["name"]' % longest], 1.0)
            [event] = connection.events_received()
            self.assertEqual(
                event, SocketEvent("/user", "name", b'["name"]', int(longest))
            )
            connection.receive_texts([b'42/user,9%b["name"]' % longest], 1.0)
            self.assertIn(
                NamespaceLeft("/user", "parse error"), connection.events_received()
            )

    def test_takes_frames(self) -> None:
        """A frame may go past a connection where it would be the next to leave."""
        connection = server("/user")
        self.assertTrue(connection.takes_frames("/user"))
        self.assertFalse(connection.takes_frames("/other"))
        connection.emit("/user", b'["a"]')
        self.assertFalse(connection.takes_frames("/user"))
        connection.actions_to_take()
        self.assertTrue(connection.takes_frames("/user"))
        connection.set_writable(False)
        self.assertFalse(connection.takes_frames("/user"))
        connection.set_writable(True)
        connection.close(now=1.0)
        connection.actions_to_take()
        self.assertFalse(connection.takes_frames("/user"))

    def test_attachments(self) -> None:
        """Attachments follow their packet, out and in, also as base64."""
        connection = client("/user")
        connection.emit("/user", b'["a"]', ack_id=3, attachments=[b"\x01", b""])
        connection.acknowledge("/user", 4, b"[]", [b"\x02"])
        self.assertEqual(
            connection.actions_to_take(),
            [
                SendWebSocket(b'452-/user,3["a"]', is_text=True),
                SendWebSocket(b"\x04\x01", is_text=False),
                SendWebSocket(b"\x04", is_text=False),
                SendWebSocket(b"461-/user,4[]", is_text=True),
                SendWebSocket(b"\x04\x02", is_text=False),
            ],
        )
        self.assertEqual(told(connection, b'452-/user,3["a"]'), [])
        connection.receive(WebSocketMessage(b"\x04\x01", is_text=False), now=1.0)
        self.assertEqual(connection.events_received(), [])
        event = SocketEvent("/user", "a", b'["a"]', 3, (b"\x01", b"\x02"))
        self.assertEqual(told(connection, b"b4Ag=="), [event])
        ack = SocketAck("/user", 4, b"[]", (b"\x02",))
        self.assertEqual(told(connection, b"461-/user,4[]", b"b4Ag=="), [ack])

    def test_heartbeat_inside_attachments(self) -> None:
        """Packets of the layer below do not disturb the assembly."""
        connection = server("/user")
        self.assertEqual(told(connection, b'451-/user,["a"]', b"2", b"6"), [])
        self.assertEqual(len(told(connection, b"b4Ag==")), 1)

    def test_names(self) -> None:
        """A name is the same whichever way it was found."""
        connection = client("/user")
        body = '["事件",1]'.encode()
        event = SocketEvent("/user", "事件", body)
        for _ in range(3):
            self.assertEqual(told(connection, b"42/user," + body), [event])
        escaped = b'["\\u4e8b\\u4ef6",1]'
        event = SocketEvent("/user", "事件", escaped)
        for _ in range(3):
            self.assertEqual(told(connection, b"42/user," + escaped), [event])
        lone = b'["\\ud83d"]'
        for _ in range(3):
            came = told(connection, b"42/user," + lone, b'42/user,["?"]')
            self.assertEqual(came[0], SocketEvent("/user", "\ud83d", lone))

    def test_many_and_long_names(self) -> None:
        """Names beyond what is kept are read all the same."""
        connection = client("/user")
        names = [f"n{number}" for number in range(2 * MAX_NAMES_KEPT)]
        names += ["x" * (MAX_NAME_KEPT + extra) for extra in (0, 1, 10_000)]
        for name in names * 2:
            body = f'["{name}"]'.encode()
            event = SocketEvent("/user", name, body)
            self.assertEqual(told(connection, b"42/user," + body), [event])

    def test_namespace_joined_last_is_left(self) -> None:
        """No shortcut leads into a namespace that was left."""
        connection = client("/", "/user")
        self.assertEqual(len(told(connection, b'42/user,["push"]')), 1)
        told(connection, b"41/user,")
        self.assertEqual(told(connection, b'42/user,["push"]', b"43/user,1[]"), [])
        self.assertEqual(told(connection, b'42["push"]'), [ev("push")])
        told(connection, b'4\x00push"]')
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])

    def test_ack_without_array(self) -> None:
        """An acknowledgement without its array is no shortened one."""
        for text in (b"43/user,12", b"43/user,", b'43/user,1"a"', b"43/user,1{[]}"):
            connection = client("/user")
            (left,) = told(connection, text)
            self.assertEqual(left, NamespaceLeft("/user", "parse error"))


def ev(name: str) -> SocketEvent:
    """Make an event of the main namespace without arguments."""
    return SocketEvent("/", name, f'["{name}"]'.encode())


class BrokenRuleTests(SynchronousTestCase):
    """A peer that breaks a rule of this layer."""

    def test_each_rule(self) -> None:
        """The connection is closed with an error that names the layer."""
        attachment = WebSocketMessage(b"\x04\x01", is_text=False)
        event = WebSocketMessage(b'42/user,["a"]', is_text=True)
        announced = WebSocketMessage(b'451-/user,["a"]', is_text=True)
        nameless = WebSocketMessage(b"451-/user,[]", is_text=True)
        for messages in (
            (attachment,),
            (announced, event),
            (announced, attachment, attachment),
            (nameless,),
            (WebSocketMessage(b"42/user,[]", is_text=True),),
            (WebSocketMessage(b"4", is_text=True),),
            (WebSocketMessage(b"4x", is_text=True),),
            (WebSocketMessage(b"40/user,{", is_text=True),),
        ):
            for connection in (client("/user"), server("/user")):
                for message in messages:
                    self.assertEqual(connection.actions_to_take(), [])
                    connection.receive(message, now=1.0)
                self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
                left = connection.events_received()[-1]
                assert isinstance(left, NamespaceLeft)
                self.assertEqual(left.reason, "parse error")
                connection.receive(WebSocketClosed(), now=1.0)
                (closed,) = connection.actions_to_take()
                assert isinstance(closed, Closed)
                assert isinstance(closed.error, RemoteProtocolError)
                self.assertEqual(closed.error.layer, "socket.io")

    def test_of_a_layer_above(self) -> None:
        """Who reads the arguments can close with an error of its own."""
        connection = client("/user")
        error = RemoteProtocolError("padchat", "no list")
        connection.fail(error, now=1.0)
        connection.fail(RemoteProtocolError("padchat", "another"), now=1.0)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
        connection.receive(WebSocketClosed(), now=1.0)
        self.assertEqual(connection.actions_to_take(), [Closed("parse error", error)])


class EndTests(SynchronousTestCase):
    """However a connection ends, its namespaces are left first."""

    def test_close(self) -> None:
        """Every namespace gets a DISCONNECT, then the WebSocket is closed."""
        for connection, reason, last in (
            (client("/", "/user"), "io client disconnect", "io client disconnect"),
            (server("/user"), "server namespace disconnect", "forced server close"),
        ):
            connection.close(now=1.0)
            connection.close(now=1.0)
            self.assertEqual(
                connection.actions_to_take(),
                [
                    SendWebSocket(b"41", is_text=True),
                    SendWebSocket(b"41/user,", is_text=True),
                    CloseWebSocket(),
                ],
            )
            self.assertEqual(
                connection.events_received(),
                [NamespaceLeft("/", reason), NamespaceLeft("/user", reason)],
            )
            connection.receive(WebSocketClosed(), now=1.0)
            self.assertEqual(connection.actions_to_take(), [Closed(last)])

    def test_shut(self) -> None:
        """A server that shuts down says no word on Socket.IO, so clients come back."""
        connection = server("/user")
        connection.shut(now=1.0)
        self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
        self.assertEqual(
            connection.events_received(),
            [
                NamespaceLeft("/", "server shutting down"),
                NamespaceLeft("/user", "server shutting down"),
            ],
        )

    def test_close_before_open(self) -> None:
        """A client that never got anywhere ends at once."""
        connection = SocketIOConnection(EngineIOConnection(Role.CLIENT))
        connection.join("/user")
        connection.start(now=0.0)
        connection.actions_to_take()
        connection.close(now=1.0)
        self.assertEqual(connection.actions_to_take(), [Closed("io client disconnect")])
        self.assertEqual(connection.events_received(), [])

    def test_from_below(self) -> None:
        """The reason of the layer below is that of the namespaces."""
        error = Disconnected("aborted")
        for end, reason in (
            (WebSocketClosed(1006), "transport close"),
            (Lost(error), "transport error"),
            (WebSocketMessage(b"1", is_text=True), "transport close"),
            (WebSocketMessage(b"9", is_text=True), "transport error"),
        ):
            connection = client("/user")
            connection.receive(end, now=1.0)
            left = NamespaceLeft("/user", reason)
            self.assertEqual(connection.events_received(), [left])

    def test_timeout(self) -> None:
        """A heartbeat that fails leaves the namespaces, too."""
        connection = server("/user")
        connection.deadline_reached(now=1000.0)
        self.assertEqual(
            connection.events_received(),
            [
                NamespaceLeft("/", "ping timeout"),
                NamespaceLeft("/user", "ping timeout"),
            ],
        )

    def test_nothing_more_afterwards(self) -> None:
        """A closing connection takes nothing in and lets nothing be sent."""
        connection = server("/user")
        told(connection, b"40/late,")
        connection.receive(WebSocketClosed(), now=1.0)
        connection.events_received()
        connection.actions_to_take()
        self.assertEqual(told(connection, b'42/user,["a"]', b"43/user,0[]"), [])
        self.assertRaises(LocalProtocolError, connection.emit, "/user", b'["a"]')
        self.assertRaises(LocalProtocolError, connection.accept, "/late")
        connection.leave("/user", now=1.0)
        connection.close(now=1.0)
        self.assertEqual(connection.actions_to_take(), [])
