"""One client of a server, with several namespaces on one connection."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted.socketio import Socket
from padchat_twisted.socketio.flow import MAX_RUNNING_HANDLERS
from padchat_twisted.socketio.server import MAX_WAITING_BYTES
from padchat_twisted.wire.occurrences import NamespaceJoined

from .stage import StageCase


class PeerTests(StageCase):
    """What concerns the connection, and not one namespace."""

    def setUp(self) -> None:
        """Make two namespaces, and let a client into both."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")
        self.news = self.stage.server.namespace("/news")
        self.peer, self.socket = self.stage.joined()
        self.peer.connection.join("/news")
        self.peer.driver.turn()
        self.stage.flush()
        self.assertEqual(self.peer.takes(), [NamespaceJoined("/news")])

    def test_each_namespace_has_its_socket(self) -> None:
        """They share nothing but the connection."""
        (news_socket,) = self.news.sockets.values()
        self.assertNotEqual(news_socket.id, self.socket.id)
        news_socket.enter("a")
        self.assertEqual(self.chat.rooms.members(["a"]), [])

    def test_connection_lost(self) -> None:
        """Both sockets are gone, each with the reason."""
        left: list[Any] = []
        for namespace in (self.chat, self.news):
            namespace.on_disconnect(
                lambda socket, reason, name=namespace.name: left.append((name, reason))
            )
        self.peer.driver.drop()
        self.stage.flush()
        self.assertEqual(
            left, [("/chat", "transport close"), ("/news", "transport close")]
        )

    def test_close_in_a_handler(self) -> None:
        """A socket that is closed with the other is not heard any more."""
        heard: list[str] = []
        self.chat.on("close", lambda socket: socket.disconnect(close=True))
        self.news.on("hi", lambda socket: heard.append("hi"))
        self.peer.connection.emit("/chat", b'["close"]')
        self.peer.connection.emit("/news", b'["hi"]')
        self.peer.driver.turn()
        self.stage.flush()
        self.assertEqual(heard, [])
        self.assertEqual(dict(self.news.sockets), {})

    def test_slow_handlers_slow_the_client(self) -> None:
        """When too many handlers are not done, reading is paused until they are."""
        slow: list[Deferred[None]] = []

        def wait(socket: Socket) -> Deferred[None]:
            slow.append(Deferred())
            return slow[-1]

        self.chat.on("hi", wait)
        server_end = self.stage.network.wires[0].ends[0]
        for _ in range(MAX_RUNNING_HANDLERS):
            self.assertFalse(server_end.is_paused)
            self.peer.connection.emit("/chat", b'["hi"]')
            self.peer.driver.turn()
            self.stage.flush()
        self.assertTrue(server_end.is_paused)
        for deferred in slow:
            deferred.callback(None)
        self.assertFalse(server_end.is_paused)

    def test_answers_for_a_client_that_does_not_read(self) -> None:
        """When too much waits for it, it is dropped."""
        self.chat.on("hi", lambda socket: "x" * (MAX_WAITING_BYTES // 2))
        self.stage.network.wires[0].ends[0].fill()
        for ack_id in range(2):
            self.peer.connection.emit("/chat", b'["hi"]', ack_id=ack_id)
        self.peer.driver.turn()
        self.stage.flush()
        self.assertFalse(self.socket.is_connected)
