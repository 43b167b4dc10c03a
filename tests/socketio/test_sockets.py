"""One client in one namespace, as the server sees it."""

from __future__ import annotations

from padchat_twisted.errors import LocalProtocolError, NotSent, OutcomeUnknown
from padchat_twisted.socketio import Socket
from padchat_twisted.socketio.rooms import MAX_ROOMS
from padchat_twisted.wire.occurrences import NamespaceLeft, SocketEvent

from .stage import StageCase


class SocketTests(StageCase):
    """A socket over a whole server, with a client of the wire."""

    def setUp(self) -> None:
        """Let a client in."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")
        self.peer, self.socket = self.stage.joined()

    def answer(self, body: bytes, ack_id: int = 0) -> None:
        """Have the client acknowledge a call."""
        self.peer.connection.acknowledge("/chat", ack_id, body)
        self.peer.driver.turn()
        self.stage.flush()

    def test_emit(self) -> None:
        """An event comes to the client, with its arguments and attachments."""
        self.socket.emit("hi", 1, b"x")
        self.stage.flush()
        (event,) = self.peer.takes()
        assert isinstance(event, SocketEvent)
        self.assertEqual(event.name, "hi")
        self.assertEqual(event.attachments, (b"x",))
        self.assertIsNone(event.ack_id)

    def test_where_from(self) -> None:
        """The headers and the address of the request by which the client came."""
        link = self.stage.link(headers=[("Cookie", "session=1")])
        self.stage.client(link=link)
        *_, socket = self.stage.server.namespace("/chat").sockets.values()
        self.assertEqual(socket.headers["cookie"], "session=1")
        self.assertEqual(socket.address, "192.168.1.1")

    def test_call(self) -> None:
        """The client's acknowledgement is the result."""
        asked = self.socket.call("ask", 1)
        self.stage.flush()
        (event,) = self.peer.takes()
        assert isinstance(event, SocketEvent)
        self.assertEqual((event.body, event.ack_id), (b'["ask",1]', 0))
        self.answer(b'["a","b"]')
        self.assertEqual(self.successResultOf(asked), ("a", "b"))

    def test_too_many_rooms(self) -> None:
        """A client is in so many rooms at most, and always in its own."""
        for number in range(MAX_ROOMS - 1):
            self.socket.enter(str(number))
        self.assertRaises(LocalProtocolError, self.socket.enter, "one more")
        self.socket.leave(self.socket.id)
        self.socket.enter("one more")
        self.socket.enter(self.socket.id)
        self.assertEqual(len(self.socket.rooms), MAX_ROOMS + 1)

    def test_ack_ids_count_over_all_sockets(self) -> None:
        """As the JavaScript server counts: per namespace, over all its sockets."""
        other_peer, other = self.stage.joined()
        calls = [self.socket.call("ask"), other.call("ask")]
        self.stage.flush()
        (event,) = other_peer.takes()
        assert isinstance(event, SocketEvent)
        self.assertEqual(event.ack_id, 1)
        # Nobody answers for another.
        self.answer(b'["stolen"]', ack_id=1)
        self.assertNoResult(calls[1])
        other_peer.connection.acknowledge("/chat", 1, b"[]")
        other_peer.driver.turn()
        self.stage.flush()
        self.assertIsNone(self.successResultOf(calls[1]))
        self.answer(b"[]")
        self.assertIsNone(self.successResultOf(calls[0]))

    def test_call_without_answer(self) -> None:
        """A call ends at its time limit, or when the client goes."""
        late, lost = self.socket.call("ask", time_limit=5), self.socket.call("ask")
        self.stage.network.advance(5)
        self.failure_of(late, OutcomeUnknown)
        self.assertNoResult(lost)
        self.peer.driver.close()
        self.stage.flush()
        self.failure_of(lost, OutcomeUnknown)

    def test_an_answer_that_cannot_be_read(self) -> None:
        """It ends the connection, and with it the call."""
        asked = self.socket.call("ask")
        self.stage.flush()
        self.answer(b"[nonsense]")
        self.failure_of(asked, OutcomeUnknown)
        self.assertEqual(len(self.peer.ended), 1)
        self.assertFalse(self.socket.is_connected)

    def test_gone(self) -> None:
        """Nothing is sent to a client that is gone, and the caller knows."""
        self.peer.driver.close()
        self.stage.flush()
        self.assertRaises(NotSent, self.socket.emit, "hi")
        self.failure_of(self.socket.call("hi"), NotSent)
        self.socket.emit("hi", volatile=True)
        self.socket.disconnect()
        self.socket.disconnect(close=True)

    def test_names_and_arguments_that_cannot_be(self) -> None:
        """They are the caller's mistake, whether there is a connection or not."""
        for send in (self.socket.emit, self.socket.call):
            self.assertRaises(LocalProtocolError, send, "connect")
            self.assertRaises(LocalProtocolError, send, "hi", object())

    def test_rooms(self) -> None:
        """A socket is in a room of its own, and in those that it entered."""
        self.socket.enter("a")
        self.socket.enter("b")
        self.socket.leave("b")
        self.assertEqual(self.socket.rooms, {self.socket.id, "a"})
        self.peer.driver.close()
        self.stage.flush()
        self.assertEqual(self.socket.rooms, {self.socket.id, "a"})
        self.socket.enter("c")
        self.assertEqual(len(self.chat.rooms), 0)

    def test_disconnect(self) -> None:
        """The client is put out of the namespace; its connection stays."""
        reasons: list[str] = []
        self.chat.on_disconnect(lambda socket, reason: reasons.append(reason))
        self.peer.connection.join("/other")
        self.stage.server.namespace("/other")
        self.peer.driver.turn()
        self.stage.flush()
        self.peer.takes()
        self.socket.disconnect()
        self.assertFalse(self.socket.is_connected)
        self.stage.flush()
        self.assertEqual(
            self.peer.takes(), [NamespaceLeft("/chat", "io server disconnect")]
        )
        self.assertEqual(reasons, ["server namespace disconnect"])
        self.assertEqual(self.peer.ended, [])

    def test_disconnect_and_close(self) -> None:
        """With close=True every namespace and the connection go."""
        self.socket.disconnect(close=True)
        self.stage.flush()
        self.assertEqual(len(self.peer.ended), 1)
        self.assertEqual(dict(self.chat.sockets), {})

    def test_disconnect_in_a_handler(self) -> None:
        """What the client sent behind it is not handled any more."""
        heard: list[str] = []

        def leave(socket: Socket) -> None:
            heard.append("leave")
            socket.disconnect()

        self.chat.on("leave", leave)
        self.chat.on("more", lambda socket: heard.append("more"))
        for name in ("leave", "more"):
            self.peer.connection.emit("/chat", b'["%b"]' % name.encode())
        self.peer.driver.turn()
        self.stage.flush()
        self.assertEqual(heard, ["leave"])

    def test_repr(self) -> None:
        """What a socket shows of itself is no id, query or data."""
        self.socket.data["name"] = "alice"
        self.assertEqual(repr(self.socket), "<Socket of namespace '/chat', connected>")
