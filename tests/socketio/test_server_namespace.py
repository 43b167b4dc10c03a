"""A namespace of a server: who is let in, who hears what, and broadcasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio import Refuse, Socket
from padchat_twisted.socketio.server import MAX_WAITING_BYTES
from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    SocketAck,
    SocketEvent,
)

from .stage import StageCase, WireClient


class NamespaceCase(StageCase):
    """With a namespace that has no handlers yet."""

    def setUp(self) -> None:
        """Make a namespace."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")

    def say(self, peer: WireClient, body: bytes, ack_id: int | None = None) -> None:
        """Have a client send an event."""
        peer.connection.emit("/chat", body, ack_id=ack_id)
        peer.driver.turn()
        self.stage.flush()

    def bodies(self, peer: WireClient) -> list[bytes]:
        """Take the events that came to a client."""
        return [came.body for came in peer.takes() if isinstance(came, SocketEvent)]


class AdmissionTests(NamespaceCase):
    """Middleware and connect handlers."""

    def test_let_in(self) -> None:
        """Without middleware everybody is let in, and the handler has the socket."""
        sockets: list[Socket] = []
        self.chat.on_connect(sockets.append)
        peer = self.stage.wire_client(query="name=alice")
        self.assertIn(NamespaceJoined("/chat"), peer.takes())
        (socket,) = sockets
        self.assertTrue(socket.is_connected)
        self.assertEqual(socket.query["name"], "alice")
        self.assertEqual(dict(self.chat.sockets), {socket.id: socket})

    def test_query_of_the_namespace_wins(self) -> None:
        """Over the one of the URL, which is there too."""
        self.stage.wire_client(
            query="name=alice", url_query=(("name", "bob"), ("k", "v"))
        )
        (socket,) = self.chat.sockets.values()
        self.assertEqual((socket.query["name"], socket.query["k"]), ("alice", "v"))

    def test_emit_when_connected(self) -> None:
        """What a connect handler sends comes behind the answer."""
        self.chat.on_connect(lambda socket: socket.emit("welcome"))
        peer = self.stage.wire_client()
        joined, event = peer.takes()
        self.assertEqual(joined, NamespaceJoined("/chat"))
        assert isinstance(event, SocketEvent)
        self.assertEqual(event.name, "welcome")

    def refused(self, middleware: Callable[[Socket], object]) -> bytes:
        """Return what a client is told that the middleware refuses."""
        remove = self.chat.use(middleware)
        peer = self.stage.wire_client()
        (error,) = peer.takes()
        assert isinstance(error, ErrorReceived)
        self.assertTrue(error.is_refusal)
        self.assertEqual(dict(self.chat.sockets), {})
        remove()
        return error.body

    def test_refused(self) -> None:
        """The message of a refusal comes to the client, or its data (protocol 4)."""

        def refuse(socket: Socket) -> None:
            raise Refuse("no key")

        async def refuse_with_data(socket: Socket) -> None:
            raise Refuse("no key", {"code": 7})

        self.assertEqual(self.refused(refuse), b'"no key"')
        self.assertEqual(self.refused(refuse_with_data), b'{"code":7}')

    def test_middleware_that_fails(self) -> None:
        """Its failure is for our log, not for the client."""

        def fail(socket: Socket) -> None:
            raise ValueError("a secret")

        said = self.refused(fail)
        self.assertNotIn(b"secret", said)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_middleware_that_was_cancelled(self) -> None:
        """A question that the program itself gave up keeps the client out, too."""

        def cancel(socket: Socket) -> Deferred[None]:
            question: Deferred[None] = Deferred()
            question.cancel()
            return question

        self.assertEqual(self.refused(cancel), b'"the server failed"')

    def test_data_that_cannot_be_sent(self) -> None:
        """The client is refused all the same, with the message."""

        def refuse(socket: Socket) -> None:
            raise Refuse("no key", object())

        self.assertEqual(self.refused(refuse), b'"no key"')
        self.assertEqual(len(self.flushLoggedErrors(LocalProtocolError)), 1)

    def test_several_in_order(self) -> None:
        """Each is asked after the one before it has decided."""
        asked: list[str] = []
        decision: Deferred[None] = Deferred()

        def first(socket: Socket) -> Deferred[None]:
            asked.append("first")
            return decision

        self.chat.use(first)
        self.chat.use(lambda socket: asked.append("second"))
        peer = self.stage.wire_client()
        self.assertEqual((asked, peer.takes()), (["first"], []))
        decision.callback(None)
        self.stage.flush()
        self.assertEqual(asked, ["first", "second"])
        self.assertEqual(peer.takes(), [NamespaceJoined("/chat")])

    def test_client_that_leaves_meanwhile(self) -> None:
        """The question is cancelled, and nothing of the client is kept."""
        cancelled: list[object] = []

        def ask(socket: Socket) -> Deferred[None]:
            socket.enter("hall")
            return Deferred(cancelled.append)

        self.chat.use(ask)
        connected: list[Socket] = []
        self.chat.on_connect(connected.append)
        peer = self.stage.wire_client()
        self.assertEqual(len(self.chat.rooms), 1)
        peer.driver.drop()
        self.stage.flush()
        self.assertEqual(len(cancelled), 1)
        self.assertEqual((len(self.chat.rooms), connected), (0, []))

    def test_a_decision_that_comes_too_late(self) -> None:
        """A question that cannot be cancelled may end after the connection."""
        decision: Deferred[None] = Deferred(lambda _: decision.callback(None))
        self.chat.use(lambda socket: decision)
        peer = self.stage.wire_client()
        peer.driver.drop()
        self.stage.flush()
        self.assertTrue(decision.called)
        self.assertEqual(dict(self.chat.sockets), {})

    def test_handlers_taken_away(self) -> None:
        """What the registration returned ends it."""
        heard: list[Any] = []
        for register in (self.chat.use, self.chat.on_connect, self.chat.on_disconnect):
            register(lambda *arguments: heard.append(arguments))()
        self.chat.on("hi", heard.append)()
        peer, _ = self.stage.joined()
        self.say(peer, b'["hi"]')
        peer.driver.close()
        self.stage.flush()
        self.assertEqual(heard, [])


class EventTests(NamespaceCase):
    """Events of clients, and their answers."""

    def test_arguments(self) -> None:
        """A handler is called with the socket and the arguments."""
        heard: list[Any] = []
        self.chat.on("hi", lambda *arguments: heard.append(arguments))
        peer, socket = self.stage.joined()
        self.say(peer, b'["hi",1,{"a":[null]}]')
        self.assertEqual(heard, [(socket, 1, {"a": [None]})])

    def test_answer(self) -> None:
        """What the handler returns is the acknowledgement, if one is wanted."""
        self.chat.on("add", lambda socket, a, b: a + b)
        peer, _ = self.stage.joined()
        self.say(peer, b'["add",1,2]', ack_id=0)
        self.say(peer, b'["add",1,2]')
        self.assertEqual(peer.takes(), [SocketAck("/chat", 0, b"[3]")])

    def test_answer_later(self) -> None:
        """A coroutine's answers go when they are there, attachments too."""
        decision: Deferred[bytes] = Deferred()

        async def answer(socket: Socket) -> tuple[object, ...]:
            return 1, await decision

        self.chat.on("ask", answer)
        peer, _ = self.stage.joined()
        self.say(peer, b'["ask"]', ack_id=5)
        self.assertEqual(peer.takes(), [])
        decision.callback(b"x")
        self.stage.flush()
        (ack,) = peer.takes()
        assert isinstance(ack, SocketAck)
        self.assertEqual((ack.ack_id, ack.attachments), (5, (b"x",)))

    def test_answer_for_a_client_that_is_gone(self) -> None:
        """It goes nowhere, and nothing is logged."""
        decision: Deferred[int] = Deferred()
        self.chat.on("ask", lambda socket: decision)
        peer, _ = self.stage.joined()
        self.say(peer, b'["ask"]', ack_id=0)
        peer.driver.close()
        self.stage.flush()
        decision.callback(1)

    def test_failing_handler(self) -> None:
        """The client gets no answer, and goes on."""

        def bad(socket: Socket) -> None:
            raise ValueError("oh")

        self.chat.on("bad", bad)
        self.chat.on("good", lambda socket: 1)
        peer, _ = self.stage.joined()
        self.say(peer, b'["bad"]', ack_id=0)
        self.say(peer, b'["bad","too many"]', ack_id=1)
        self.say(peer, b'["good"]', ack_id=2)
        self.assertEqual(peer.takes(), [SocketAck("/chat", 2, b"[1]")])
        self.assertEqual(len(self.flushLoggedErrors(ValueError, TypeError)), 2)

    def test_event_without_handler(self) -> None:
        """It is ignored, whatever it holds."""
        peer, socket = self.stage.joined()
        self.say(peer, b'["hi",nonsense]', ack_id=0)
        self.assertEqual(peer.takes(), [])
        self.assertTrue(socket.is_connected)

    def test_arguments_that_cannot_be_read(self) -> None:
        """They end the connection."""
        self.chat.on("hi", lambda socket: None)
        peer, socket = self.stage.joined()
        self.say(peer, b'["hi",nonsense]')
        self.assertFalse(socket.is_connected)
        self.assertEqual(len(peer.ended), 1)

    def test_why_a_client_left(self) -> None:
        """The handler has the socket and the reason, as Socket.IO spells it."""
        left: list[Any] = []
        self.chat.on_disconnect(lambda *arguments: left.append(arguments))
        peer, one = self.stage.joined()
        other_peer, other = self.stage.joined()
        peer.connection.leave("/chat", now=0.0)
        peer.driver.turn()
        self.stage.flush()
        other_peer.driver.drop()
        self.stage.flush()
        self.assertEqual(
            left,
            [(one, "client namespace disconnect"), (other, "transport close")],
        )


class BroadcastTests(NamespaceCase):
    """One event for many."""

    def setUp(self) -> None:
        """Let three clients in."""
        super().setUp()
        self.peers = []
        self.sockets = []
        for _ in range(3):
            peer, socket = self.stage.joined()
            self.peers.append(peer)
            self.sockets.append(socket)

    def heard(self) -> list[int]:
        """Tell which clients heard one event since the last time."""
        self.stage.flush()
        return [number for number, p in enumerate(self.peers) if self.bodies(p)]

    def test_everybody(self) -> None:
        """Without a room, everybody in the namespace hears it."""
        self.chat.broadcast("hi", 1)
        self.assertEqual(self.heard(), [0, 1, 2])

    def test_except_one(self) -> None:
        """Mostly who brought it about is left out."""
        self.chat.broadcast("hi", except_=self.sockets[1])
        self.assertEqual(self.heard(), [0, 2])

    def test_rooms(self) -> None:
        """One room, several, and the room of a single client."""
        self.sockets[0].enter("a")
        self.sockets[1].enter("a")
        self.sockets[1].enter("b")
        self.chat.broadcast("hi", to="a")
        self.assertEqual(self.heard(), [0, 1])
        self.chat.broadcast("hi", to=["a", "b"])
        self.assertEqual([len(self.bodies(p)) for p in self.peers], [0, 0, 0])
        self.stage.flush()
        self.assertEqual([len(self.bodies(p)) for p in self.peers], [1, 1, 0])
        self.chat.broadcast("hi", to=self.sockets[2].id)
        self.assertEqual(self.heard(), [2])
        self.chat.broadcast("hi", to="nowhere")
        self.assertEqual(self.heard(), [])

    def test_binary(self) -> None:
        """Attachments go to each client."""
        self.chat.broadcast("hi", b"x")
        self.stage.flush()
        for peer in self.peers:
            (event,) = peer.takes()
            assert isinstance(event, SocketEvent)
            self.assertEqual(event.attachments, (b"x",))

    def test_while_clients_leave(self) -> None:
        """A handler may broadcast that somebody left, also when all leave at once."""
        self.chat.on_disconnect(
            lambda socket, reason: self.chat.broadcast("left", to=socket.rooms)
        )
        for socket in self.sockets:
            socket.enter("a")
        self.sockets[0].disconnect()
        self.assertEqual(self.heard(), [1, 2])
        for socket in self.sockets[1:]:
            socket.disconnect()
        self.stage.flush()
        self.assertEqual(dict(self.chat.sockets), {})

    def test_client_that_does_not_read(self) -> None:
        """It is dropped when too much waits for it, and the others go on."""
        self.fail_to_read(0)
        self.sockets[0].enter("slow")
        around = len(b'2/chat,["hi",""]')
        for size in (1_000_000, MAX_WAITING_BYTES - 1_000_000):
            self.chat.broadcast("hi", "x" * (size - around), to="slow")
            self.assertTrue(self.sockets[0].is_connected)
        waiting = self.sockets[0]
        self.chat.broadcast("hi", to="slow")
        self.assertFalse(waiting.is_connected)
        self.chat.broadcast("hi")
        self.assertEqual(self.heard(), [1, 2])

    def test_volatile(self) -> None:
        """A client that does not read now misses it, and stays."""
        self.fail_to_read(0)
        self.chat.broadcast("hi", "x" * 300_000, volatile=True)
        self.stage.flush()
        self.assertTrue(self.sockets[0].is_connected)
        self.assertEqual([len(self.bodies(p)) for p in self.peers], [0, 1, 1])

    def fail_to_read(self, number: int) -> None:
        """Have the server's transport to a client take no bytes."""
        server_end = self.stage.network.wires[number].ends[0]
        server_end.fill()

    def test_names_that_cannot_be(self) -> None:
        """They are refused before anybody hears anything."""
        self.assertRaises(LocalProtocolError, self.chat.broadcast, "connect")
        self.assertEqual(self.heard(), [])

    def test_repr(self) -> None:
        """A namespace shows its name, and how many are in it."""
        self.assertEqual(repr(self.chat), "<ServerNamespace '/chat' with 3 clients>")
