"""A server: its namespaces, its limits, and its end."""

from __future__ import annotations

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio import SocketIOServer, server
from padchat_twisted.socketio.server import new_id
from padchat_twisted.wire.occurrences import ErrorReceived, NamespaceJoined

from .stage import StageCase


class ServerTests(StageCase):
    """The whole server, with clients of the wire."""

    def setUp(self) -> None:
        """Start a server that takes two clients."""
        self.stage = self.make_stage(max_connections=2)
        self.server: SocketIOServer = self.stage.server

    def test_namespaces_are_made_once(self) -> None:
        """The same name gives the same namespace."""
        chat = self.server.namespace("/chat")
        self.assertIs(self.server.namespace("/chat"), chat)
        self.assertEqual(self.server.namespace().name, "/")
        self.assertRaises(LocalProtocolError, self.server.namespace, "chat")

    def test_too_many_namespaces(self) -> None:
        """One more than the limit is not made; those that are there stay."""
        self.patch(server, "MAX_SERVER_NAMESPACES", 2)
        chat = self.server.namespace("/chat")
        self.server.namespace("/other")
        self.assertRaises(LocalProtocolError, self.server.namespace, "/third")
        self.assertIs(self.server.namespace("/chat"), chat)

    def test_unknown_namespace(self) -> None:
        """A client that asks for one which was never made is refused."""
        peer = self.stage.wire_client("/nowhere")
        self.assertEqual(
            peer.takes(),
            [ErrorReceived("/nowhere", b'"Invalid namespace"', is_refusal=True)],
        )

    def test_main_namespace_is_there_for_everybody(self) -> None:
        """A server that never made it lets clients into the main one."""
        peer = self.stage.wire_client("/")
        self.assertEqual(peer.takes(), [NamespaceJoined("/")])

    def test_too_many_connections(self) -> None:
        """One more than the limit is refused; who leaves makes room."""
        self.server.namespace("/chat")
        peers = [self.stage.wire_client() for _ in range(3)]
        self.assertEqual([len(peer.ended) for peer in peers], [0, 0, 1])
        self.assertEqual(self.server.connections, 2)
        peers[0].driver.close()
        self.stage.flush()
        self.assertEqual(self.stage.wire_client().ended, [])

    def test_ids(self) -> None:
        """Each socket has an id of its own, which is hard to guess."""
        self.assertGreaterEqual(len(new_id()), 20)
        _, one = self.stage.joined()
        _, other = self.stage.joined()
        self.assertNotEqual(one.id, other.id)

    def test_stopped(self) -> None:
        """Every client is left in good order, and may come back by itself."""
        peer, _ = self.stage.joined()
        other_peer, _ = self.stage.joined()
        stopped = self.server.stop()
        self.assertNoResult(stopped)
        again = self.server.stop()
        self.stage.flush()
        self.successResultOf(stopped)
        self.successResultOf(again)
        for one in (peer, other_peer):
            self.assertEqual(one.ended, ["transport close"])
        self.assertEqual(dict(self.server.namespace("/chat").sockets), {})

    def test_stopped_with_a_client_that_does_not_answer(self) -> None:
        """It is dropped after some seconds, and then the server has stopped."""
        self.stage.joined()
        for transport in self.stage.network.wires[0].ends:
            transport.pauseProducing()
        stopped = self.server.stop()
        self.stage.network.advance(4)
        self.assertNoResult(stopped)
        self.stage.network.advance(2)
        self.successResultOf(stopped)

    def test_clients_that_come_too_late(self) -> None:
        """A server that has stopped lets nobody in."""
        self.server.namespace("/chat")
        self.successResultOf(self.server.stop())
        peer = self.stage.wire_client()
        self.stage.network.advance(10)
        self.assertEqual(len(peer.ended), 1)
        self.assertNotIn(NamespaceJoined("/chat"), peer.takes())
