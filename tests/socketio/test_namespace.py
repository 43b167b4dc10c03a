"""A namespace as its client sees it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from padchat_twisted.errors import Disconnected, LocalProtocolError
from padchat_twisted.socketio import Client, Refuse, Refused, Socket

from .stage import StageCase


class NamespaceCase(StageCase):
    """With a server that has two namespaces."""

    def setUp(self) -> None:
        """Make the namespaces."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")
        self.news = self.stage.server.namespace("/news")

    def refuse(self, socket: Socket) -> None:
        """Refuse everybody."""
        raise Refuse("no key: hush-hush", {"code": 7})


class LifeTests(NamespaceCase):
    """Joined, lost, joined again, and over."""

    def test_joined(self) -> None:
        """Another namespace comes over the same connection."""
        client = self.stage.client()
        joined = client.join("/news", query=[("name", "a&b")])
        self.stage.flush()
        news = self.successResultOf(joined)
        self.assertTrue(news.is_connected)
        (socket,) = self.news.sockets.values()
        self.assertEqual(socket.query["name"], "a&b")
        self.assertEqual(self.stage.road.attempts, 1)
        self.assertIs(self.successResultOf(news.when_connected()), news)

    def test_refused(self) -> None:
        """A refusal ends it with what the server said; the others go on."""
        self.news.use(self.refuse)
        client = self.stage.client()
        joined = client.join("/news")
        self.stage.flush()
        error = self.failure_of(joined, Refused)
        self.assertEqual((error.namespace, error.data), ("/news", {"code": 7}))
        self.assertTrue(client.is_connected)
        again = client.join("/news")
        self.stage.flush()
        self.failure_of(again, Refused)

    def test_unknown(self) -> None:
        """A namespace that the server never made is refused."""
        client = self.stage.client()
        joined = client.join("/nowhere")
        self.stage.flush()
        error = self.failure_of(joined, Refused)
        self.assertEqual(error.message, "Invalid namespace")

    def test_left(self) -> None:
        """Who leaves one of two keeps the other."""
        client = self.stage.client()
        joined = client.join("/news")
        self.stage.flush()
        news = self.successResultOf(joined)
        closed = news.when_closed()
        news.leave()
        self.stage.flush()
        error = self.successResultOf(closed)
        assert isinstance(error, Disconnected)
        self.assertEqual(error.reason, "io client disconnect")
        self.assertEqual(dict(self.news.sockets), {})
        self.assertTrue(client.is_connected)
        self.failure_of(news.when_connected(), Disconnected)
        self.assertIs(self.successResultOf(news.when_closed()), error)
        news.leave()

    def test_cancelled_by_another(self) -> None:
        """Who hears of the end may cancel another who waits; a third one hears too."""
        client = self.stage.client()
        joined = client.join("/news")
        self.stage.flush()
        news = self.successResultOf(joined)
        first, second, third = (news.when_closed() for _ in range(3))
        first.addCallback(lambda _: second.cancel())
        news.leave()
        self.successResultOf(first)
        self.failure_of(second, CancelledError)
        self.assertIsInstance(self.successResultOf(third), Disconnected)

    def test_left_before_it_is_joined(self) -> None:
        """A join that is cancelled leaves the namespace."""
        self.news.use(lambda socket: Deferred())
        client = self.stage.client()
        joined = client.join("/news")
        self.stage.flush()
        joined.cancel()
        joined.addErrback(lambda _: None)
        self.stage.flush()
        self.assertTrue(client.is_connected)
        client.join("/news").addErrback(lambda _: None)

    def test_put_out(self) -> None:
        """Who was put out by the server does not come back by itself."""
        client = self.stage.client()
        joined = client.join("/news")
        self.stage.flush()
        news = self.successResultOf(joined)
        next(iter(self.news.sockets.values())).disconnect()
        self.stage.flush()
        error = self.successResultOf(news.when_closed())
        self.assertIn("io server disconnect", str(error))
        self.assertTrue(client.is_connected)
        self.stage.cut()
        self.stage.network.advance(5)
        self.assertTrue(client.is_connected)
        self.assertEqual(dict(self.news.sockets), {})

    def test_comes_back(self) -> None:
        """After a loss each namespace is joined again, and its handlers are there."""
        heard: list[Any] = []
        client = self.stage.client()
        joined = client.join("/news", handlers=lambda news: news.on("hi", heard.append))
        self.stage.flush()
        news = self.successResultOf(joined)
        news.on_connect(lambda: heard.append("connected"))
        news.on_disconnect(heard.append)
        self.stage.cut()
        back = news.when_connected()
        self.assertNoResult(back)
        self.stage.network.advance(1)
        self.successResultOf(back)
        self.news.broadcast("hi", 1)
        self.stage.flush()
        self.assertEqual(heard, ["transport close", "connected", 1])

    def test_repr(self) -> None:
        """It shows its name and state."""
        client = self.stage.client()
        self.assertEqual(repr(client.namespace), "<Namespace '/chat', connected>")


class EventTests(NamespaceCase):
    """Events of the server, and our answers."""

    def setUp(self) -> None:
        """Let a client in."""
        super().setUp()
        self.client: Client = self.stage.client()
        (self.socket,) = self.chat.sockets.values()

    def test_an_answer_after_a_reconnection(self) -> None:
        """It is not sent: its id means nothing to the new connection."""
        slow: Deferred[int] = Deferred()
        self.client.on("slow", lambda: slow)
        self.socket.call("slow").addErrback(lambda _: None)
        self.stage.flush()
        self.stage.cut()
        self.stage.network.advance(1)
        (socket,) = self.chat.sockets.values()
        # Ids count over all sockets of a namespace, so this one is 1, and never 0.
        asked = socket.call("later")
        slow.callback(1)
        self.stage.flush()
        self.assertNoResult(asked)
        asked.addErrback(lambda _: None)

    def test_leaving_in_a_handler(self) -> None:
        """What came behind it is not handled any more."""
        heard: list[str] = []
        self.client.on("bye", lambda: self.client.namespace.leave())
        self.client.on("more", lambda: heard.append("more"))
        self.socket.emit("bye")
        self.socket.emit("more")
        self.stage.flush()
        self.assertEqual(heard, [])

    def test_error_in_the_session(self) -> None:
        """An ERROR packet of protocol 4 is handed out, and the connection stays."""
        heard: list[Any] = []
        self.client.namespace.on_error(heard.append)
        self.socket._carrier.connection.send_error("/chat", b'{"message":"oh"}')
        self.socket._carrier.turn()
        self.stage.flush()
        self.assertEqual(heard, [{"message": "oh"}])
        self.assertTrue(self.client.is_connected)

    def test_arguments_that_cannot_be_read(self) -> None:
        """They end the connection, which comes back."""
        self.client.on("hi", lambda: None)
        self.socket._carrier.connection.emit("/chat", b'["hi",nonsense]')
        self.socket._carrier.turn()
        self.stage.flush()
        self.assertFalse(self.client.is_connected)
        self.stage.network.advance(1)
        self.assertTrue(self.client.is_connected)

    def test_two_handlers(self) -> None:
        """One name has one handler."""
        self.client.on("hi", lambda: None)
        self.assertRaises(LocalProtocolError, self.client.on, "hi", lambda: None)
