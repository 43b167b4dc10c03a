"""Tests of padchat_twisted.wire.dialect_socketio."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire import dialect_socketio as dialect
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)
from padchat_twisted.wire.told import CloseWebSocket

from .joined import ConnectionPair, frames

KEY, NAME = "key-测试/1+2&3", "小助手 😀"
PAIRS = (("authKey", KEY), ("name", NAME))
QUERY = (
    "authKey=key-%E6%B5%8B%E8%AF%95%2F1%2B2%263"
    "&name=%E5%B0%8F%E5%8A%A9%E6%89%8B%20%F0%9F%98%80"
)

NO_ENVELOPES = (
    NamespaceRequested("/user", ()),
    NamespaceJoined("/user"),
    NamespaceLeft("/user", "transport close"),
    ErrorReceived("/user", b'"no"', is_refusal=False),
)


class TranslationTests(SynchronousTestCase):
    """Occurrences become envelopes."""

    def test_client(self) -> None:
        """To a client an event is a notice, an acknowledgement a reply, in order."""
        event = SocketEvent("/user", "push", b'["push",{}]')
        ack = SocketAck("/user", 3, b"[{}]")
        envelopes, others = dialect.translate((event, ack), "/user")
        self.assertEqual(envelopes, [Notice("push", b'["push",{}]'), Reply(3, b"[{}]")])
        self.assertEqual(others, [])

    def test_others(self) -> None:
        """What is no envelope is handed on; another namespace is nobody's."""
        envelopes, others = dialect.translate(NO_ENVELOPES, "/user")
        self.assertEqual(envelopes, [])
        mine = [seen for seen in NO_ENVELOPES if seen.namespace == "/user"]
        self.assertEqual(others, mine)
        event = SocketEvent("/other", "push", b'["push",{}]')
        self.assertEqual(dialect.translate((event,), "/user"), ([], []))

    def test_server(self) -> None:
        """To a server an event is a call, with or without a wish for a reply."""
        event = SocketEvent("/user", "init", b'["init",{}]', 0)
        self.assertEqual(dialect.translate_call(event), Call(0, "init", b'["init",{}]'))
        event = SocketEvent("/user", "init", b'["init"]')
        self.assertEqual(dialect.translate_call(event), Call(None, "init", b'["init"]'))
        for occurrence in (*NO_ENVELOPES, SocketAck("/user", 3, b"[{}]")):
            self.assertIsNone(dialect.translate_call(occurrence))

    def test_bodies(self) -> None:
        """Calls, notices and replies are arrays of arguments."""
        self.assertEqual(dialect.call_body("init", b"{}"), b'["init",{}]')
        self.assertEqual(
            dialect.notice_body("sns", {"success": True}, "朋友圈"),
            '["sns",{"success":true},"朋友圈"]'.encode(),
        )
        self.assertEqual(dialect.notice_body("loaded"), b'["loaded"]')
        self.assertEqual(dialect.reply_body({"success": True}), b'[{"success":true}]')


class ConnectionTests(SynchronousTestCase):
    """Both roles, put together."""

    def test_joined(self) -> None:
        """A call goes over, its reply and a notice come back."""
        client = dialect.client_connection(
            dialect.DEFAULT_NAMESPACE, PAIRS, peer="gw:80"
        )
        server = dialect.server_connection("sid-9", ping_interval_ms=300)
        pair = ConnectionPair(client, server)
        self.assertEqual(
            pair.sent["server"][0],
            b'0{"sid":"sid-9","upgrades":[],"pingInterval":300,"pingTimeout":20000}',
        )
        self.assertEqual(pair.sent["client"], [b"40/user?" + QUERY.encode() + b","])
        requested = pair.seen["server"][1]
        assert isinstance(requested, NamespaceRequested)
        self.assertEqual(dict(requested.query), {"authKey": KEY, "name": NAME})

        client.emit("/user", dialect.call_body("init", b"{}"), ack_id=0)
        pair.turn()
        call = dialect.translate_call(pair.seen["server"][-1])
        self.assertEqual(call, Call(0, "init", b'["init",{}]'))
        server.acknowledge("/user", 0, dialect.reply_body({"success": True}))
        server.emit("/user", dialect.notice_body("loaded"))
        pair.turn()
        came, _ = dialect.translate(pair.seen["client"][-2:], "/user")
        self.assertEqual(
            came, [Reply(0, b'[{"success":true}]'), Notice("loaded", b'["loaded"]')]
        )

    def test_limits_are_handed_down(self) -> None:
        """The largest frame is that of the caller, in both roles."""
        for sender in ("server", "client"):
            client = dialect.client_connection("/user", (), peer="gw:80", max_frame=200)
            server = dialect.server_connection("a", max_frame=200)
            ConnectionPair(client, server)
            connection, other = client, server
            if sender == "server":
                connection, other = server, client
            connection.emit("/user", b'["a"]')
            (frame,) = frames(connection.actions_to_take())
            other.receive_texts([frame.ljust(200)], 0.0)
            self.assertEqual(other.actions_to_take(), [])
            other.receive_texts([frame.ljust(201)], 0.0)
            self.assertEqual(other.actions_to_take(), [CloseWebSocket(1009)])
