"""A client: connecting, coming back, and ending."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as TCPRefused

from padchat_twisted.errors import (
    ConnectError,
    Disconnected,
    LocalProtocolError,
    NotSent,
)
from padchat_twisted.socketio import Client, Refuse, Refused, Socket
from padchat_twisted.socketio import client as module
from padchat_twisted.socketio.client import FIRST_DELAY, LONGEST_DELAY

from .stage import Stage, StageCase


class ConnectTests(StageCase):
    """The first attempt."""

    def setUp(self) -> None:
        """Make a server with one namespace."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")

    def end_of(self, client: Client) -> Any:  # noqa: ANN401 - some exception
        """Return why a client is closed."""
        return self.successResultOf(client.when_closed())

    def test_connected(self) -> None:
        """The client is in its namespace, and its handlers missed nothing."""
        heard: list[Any] = []
        self.chat.on_connect(lambda socket: socket.emit("welcome", 1))
        client = self.stage.client(handlers=lambda c: c.on("welcome", heard.append))
        self.assertTrue(client.is_connected)
        self.assertEqual(heard, [1])
        self.assertEqual(repr(client), "<Client of server.invalid:8080, connected>")

    def test_main_namespace(self) -> None:
        """The main namespace is as good as any."""
        root = self.stage.server.namespace()
        root.on("add", lambda socket, a, b: a + b)
        client = self.stage.client("/")
        asked = client.call("add", 1, 2)
        self.stage.flush()
        self.assertEqual(self.successResultOf(asked), 3)

    def test_refused(self) -> None:
        """A refusal closes the client, shows no secret, and is not tried again."""

        def refuse(socket: Socket) -> None:
            raise Refuse("not with hush-hush")

        self.chat.use(refuse)
        client = self.stage.client()
        error = self.end_of(client)
        self.assertIsInstance(error, Refused)
        self.assertIn("not with ***", str(error))
        self.failure_of(client.namespace.when_connected(), Refused)
        self.stage.network.advance(100)
        self.assertEqual(self.stage.road.attempts, 1)

    def test_too_many_namespaces(self) -> None:
        """One namespace too many is refused; one that is left makes room."""
        self.patch(module, "MAX_JOINED_NAMESPACES", 2)
        self.stage.server.namespace("/other")
        client = self.stage.client()
        other = client.join("/other")
        self.assertRaises(LocalProtocolError, client.join, "/third")
        self.stage.flush()
        self.successResultOf(other).leave()
        again = client.join("/other")
        self.stage.flush()
        self.successResultOf(again)

    def test_no_server(self) -> None:
        """The first attempt's error is told, and there is no second one."""
        self.stage.road.blocked_by = TCPRefused()
        client = self.stage.client()
        error = self.failure_of(client.namespace.when_connected(), ConnectError)
        self.assertIs(self.end_of(client), error)
        self.assertEqual(self.stage.road.attempts, 1)

    def test_lost_before_it_was_up(self) -> None:
        """A connection that breaks while the server decides is a failed attempt."""
        self.chat.use(lambda socket: Deferred())
        client = self.stage.client()
        self.stage.cut()
        error = self.end_of(client)
        self.assertIsInstance(error, ConnectError)
        self.assertIn("transport close", str(error))

    def test_given_up(self) -> None:
        """Who disconnects before it is up has asked for that."""
        self.chat.use(lambda socket: Deferred())
        client = self.stage.client()
        gone = client.disconnect()
        self.stage.flush()
        self.successResultOf(gone)
        self.assertEqual(self.end_of(client).reason, "io client disconnect")

    def test_disconnected_before_it_began(self) -> None:
        """A client that was disconnected in its handlers never connects."""
        client = self.stage.client(handlers=lambda client: client.disconnect())
        self.assertEqual(self.stage.road.attempts, 0)
        self.assertIsInstance(self.end_of(client), Disconnected)

    def test_names_that_cannot_be(self) -> None:
        """They are the caller's mistake."""
        self.assertRaises(LocalProtocolError, self.stage.client, "chat")
        client = self.stage.client()
        self.assertRaises(LocalProtocolError, client.join, "news")
        self.assertRaises(LocalProtocolError, client.join, "/chat")
        self.assertRaises(LocalProtocolError, client.join, "/news", auth={"a": object})
        self.assertRaises(
            LocalProtocolError, self.stage.client, auth=lambda: {"a": object()}
        )


class ReconnectTests(StageCase):
    """Coming back after a loss."""

    def setUp(self) -> None:
        """Let a client in that notes what happens to it."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")
        self.happened: list[str] = []
        self.client = self.stage.client(handlers=self.note)

    def note(self, client: Client) -> None:
        """Note connections and losses."""
        client.on_connect(lambda: self.happened.append("connect"))
        client.on_disconnect(self.happened.append)

    def test_comes_back(self) -> None:
        """After the delay it connects again, and asks for its namespace."""
        self.stage.cut()
        self.assertEqual(self.happened, ["connect", "transport close"])
        self.assertRaises(NotSent, self.client.emit, "hi")
        self.client.emit("hi", volatile=True)
        self.stage.network.advance(0.9)
        self.assertFalse(self.client.is_connected)
        self.stage.network.advance(0.1)
        self.assertTrue(self.client.is_connected)
        self.assertEqual(self.happened[2:], ["connect"])

    def test_delays_grow_until_it_works(self) -> None:
        """Each failure waits longer; a success begins at the first delay again."""
        self.stage.road.blocked_by = TCPRefused()
        self.stage.cut()
        self.stage.network.advance(1 + 2 + 3)
        self.assertEqual(self.stage.road.attempts, 1 + 3)
        self.stage.road.blocked_by = None
        self.stage.network.advance(4)
        self.assertTrue(self.client.is_connected)
        self.stage.cut()
        self.stage.network.advance(1)
        self.assertTrue(self.client.is_connected)

    def test_ping_timeout(self) -> None:
        """A server that falls silent is left, and looked for again."""
        for wire in self.stage.network.wires:
            wire.ends[1].pauseProducing()
            wire.ends[0].pauseProducing()
        self.stage.network.advance(25 + 20 + 1)
        self.assertEqual(self.happened, ["connect", "ping timeout", "connect"])

    def test_refused_when_it_comes_back(self) -> None:
        """A server that does not want us any more ends it."""

        def refuse(socket: Socket) -> None:
            raise Refuse("not any more")

        self.chat.use(refuse)
        closed = self.client.when_closed()
        self.stage.cut()
        self.stage.network.advance(1)
        self.assertIsInstance(self.successResultOf(closed), Refused)

    def test_put_out(self) -> None:
        """Who was put out by the server does not come back by itself."""
        (socket,) = self.chat.sockets.values()
        socket.disconnect()
        self.stage.flush()
        self.assertEqual(self.happened, ["connect", "io server disconnect"])
        self.successResultOf(self.client.when_closed())
        self.assertEqual(self.stage.road.attempts, 1)

    def test_closed_by_the_server(self) -> None:
        """The same when the server closes the whole connection."""
        (socket,) = self.chat.sockets.values()
        socket.disconnect(close=True)
        self.stage.flush()
        self.assertEqual(self.happened, ["connect", "io server disconnect"])

    def test_disconnect(self) -> None:
        """It leaves in good order, once, and everybody who waits is told."""
        left: list[str] = []
        self.chat.on_disconnect(lambda socket, reason: left.append(reason))
        gone = [self.client.disconnect(), self.client.disconnect()]
        self.stage.flush()
        for one in gone:
            self.successResultOf(one)
        self.assertEqual(left, ["client namespace disconnect"])
        self.assertEqual(self.happened, ["connect", "io client disconnect"])
        self.successResultOf(self.client.disconnect())
        self.assertRaises(LocalProtocolError, self.client.join, "/news")
        self.assertRaises(NotSent, self.client.emit, "hi")

    def test_disconnect_while_waiting(self) -> None:
        """Between two attempts it is closed at once."""
        self.stage.cut()
        self.successResultOf(self.client.disconnect())
        self.stage.network.advance(100)
        self.assertEqual(self.stage.road.attempts, 1)

    def test_join_while_waiting(self) -> None:
        """A namespace that is asked for meanwhile is asked for with the others."""
        self.stage.server.namespace("/news")
        self.stage.cut()
        joined = self.client.join("/news")
        self.stage.network.advance(1)
        self.assertTrue(self.successResultOf(joined).is_connected)

    def test_without_reconnect(self) -> None:
        """With reconnect=False a loss is the end."""
        client = self.stage.client(reconnect=False)
        self.stage.cut()
        error: Any = self.successResultOf(client.when_closed())
        self.assertEqual(error.reason, "transport close")

    def test_auth_is_asked_for_each_time(self) -> None:
        """A function gives a fresh one; when it fails, the namespace ends."""
        asked: list[int] = []

        def auth() -> dict[str, object]:
            asked.append(len(asked))
            if len(asked) > 2:
                raise ValueError("no more")
            return {"token": len(asked)}

        client = self.stage.client(auth=auth)
        for _ in range(2):
            self.stage.cut()
            self.stage.network.advance(1)
        self.assertEqual(asked, [0, 1, 2])
        error = self.successResultOf(client.when_closed())
        self.assertIn("its auth failed with ValueError", str(error))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_default_delays(self) -> None:
        """They grow from the first to the longest, with jitter."""
        client = self.stage.client(retry_policy=None)
        delays = [client._policy(attempt) for attempt in range(1, 40)]
        self.assertLessEqual(delays[0], 2.5 * FIRST_DELAY)
        self.assertGreater(delays[-1], LONGEST_DELAY / 2)
        self.assertLessEqual(max(delays), LONGEST_DELAY + FIRST_DELAY)


class FlowTests(StageCase):
    """Slow handlers."""

    def make_busy(self) -> tuple[Stage, Client, list[Deferred[None]]]:
        """Give a client a thousand events whose handlers end with the Deferreds."""
        stage = self.make_stage()
        chat = stage.server.namespace("/chat")
        slow: list[Deferred[None]] = []

        def wait() -> Deferred[None]:
            slow.append(Deferred())
            return slow[-1]

        client = stage.client(handlers=lambda client: client.on("hi", wait))
        for _ in range(1000):
            chat.broadcast("hi")
        stage.flush()
        return stage, client, slow

    def test_slow_handlers_slow_the_server(self) -> None:
        """When too many handlers are not done, reading is paused until they are."""
        stage, client, slow = self.make_busy()
        client_end = stage.network.wires[0].ends[1]
        self.assertTrue(client_end.is_paused)
        for deferred in slow:
            deferred.callback(None)
        self.assertFalse(client_end.is_paused)
        self.assertTrue(client.is_connected)

    def test_slow_handlers_outlive_the_connection(self) -> None:
        """The connection that comes after a loss is not read either, until then."""
        stage, client, slow = self.make_busy()
        stage.cut()
        stage.network.advance(1)
        self.assertTrue(client.is_connected)
        client_end = stage.network.wires[-1].ends[1]
        self.assertTrue(client_end.is_paused)
        for deferred in slow:
            deferred.callback(None)
        self.assertFalse(client_end.is_paused)
