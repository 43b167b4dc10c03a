"""The way to a server: every revision and transport, found out or set."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionRefusedError as TCPRefused

from padchat_twisted.errors import ConnectError, HandshakeRefused
from padchat_twisted.socketio import Client, Refuse, Refused, Socket
from padchat_twisted.wire.engineio import EIO3, EIO4

from .stage import Stage, StageCase

#: Every way to talk: revision, and transports.
WAYS: list[tuple[Any, tuple[str, ...]]] = [
    (revision, transports)
    for revision in (EIO3, EIO4)
    for transports in (("websocket",), ("polling",), ("polling", "websocket"))
]


class WayTests(StageCase):
    """The same session over each way."""

    def test_session(self) -> None:
        """Events, calls and binary in both directions, a loss, and the end."""
        for revision, transports in WAYS:
            with self.subTest(revision=revision, transports=transports):
                stage = self.make_chat()
                link = stage.link(revision=revision, transports=transports)
                self.run_session(stage, stage.client(link=link))

    def run_session(self, stage: Stage, client: Client) -> None:
        """Run a session."""
        chat = stage.server.namespace("/chat")
        heard: list[Any] = []
        if not client.is_connected:
            stage.network.advance(1)
        self.assertTrue(client.is_connected)
        chat.on("echo", lambda socket, *arguments: arguments)
        client.on("echo", lambda *arguments: arguments)
        client.on("news", lambda *arguments: heard.append(arguments))
        (socket,) = chat.sockets.values()
        values = [1, "emoji 😀", {"deep": [b"\x00\x01", None]}]
        for side in (client, socket):
            asked = side.call("echo", *values)
            stage.network.advance(1)
            self.assertEqual(self.successResultOf(asked), tuple(values))
        for number in range(20):
            chat.broadcast("news", number, b"x" * number)
        stage.network.advance(1)
        self.assertEqual(heard, [(number, b"x" * number) for number in range(20)])
        stage.network.advance(120)
        self.assertTrue(client.is_connected)
        gone = client.disconnect()
        stage.network.advance(1)
        self.successResultOf(gone)
        self.assertEqual(dict(chat.sockets), {})

    def make_chat(self) -> Stage:
        """Make a stage whose server has the namespace."""
        stage = self.make_stage()
        stage.server.namespace("/chat")
        return stage

    def test_auth(self) -> None:
        """Protocol 5 brings an auth, protocol 4 a query; both have the URL's."""
        for revision, transports in WAYS:
            with self.subTest(revision=revision, transports=transports):
                stage = self.make_chat()
                client = stage.client(
                    link=stage.link(revision=revision, transports=transports),
                    auth={"token": "t", "deep": [1]},
                    query=[("name", "alice")],
                )
                stage.network.advance(1)
                (socket,) = stage.server.namespace("/chat").sockets.values()
                if revision == EIO4:
                    self.assertEqual(socket.auth, {"token": "t", "deep": [1]})
                    self.assertEqual(client.namespace.sid, socket.id)
                else:
                    self.assertEqual(socket.auth, {})
                    self.assertEqual(socket.query["name"], "alice")
                    self.assertEqual(client.namespace.sid, "")

    def test_refused(self) -> None:
        """The message and the data of a refusal come in both protocols."""

        def refuse(socket: Socket) -> None:
            raise Refuse("no key", {"code": 7})

        for revision, transports in WAYS:
            with self.subTest(revision=revision, transports=transports):
                stage = self.make_chat()
                stage.server.namespace("/chat").use(refuse)
                client = stage.client(
                    link=stage.link(revision=revision, transports=transports)
                )
                stage.network.advance(1)
                error: Any = self.successResultOf(client.when_closed())
                self.assertIsInstance(error, Refused)
                self.assertEqual(error.data, {"code": 7})
                if revision == EIO4:
                    self.assertEqual(error.message, "no key")


class RevisionTests(StageCase):
    """Finding out what the server speaks."""

    def connect(self, served: Any, **options: Any) -> tuple[Stage, Client]:  # noqa: ANN401 - see Stage
        """Connect to a server that speaks one revision."""
        stage = self.make_stage(revisions=frozenset({served}))
        stage.server.namespace("/chat")
        client = stage.client(link=stage.link(**options))
        stage.network.advance(1)
        return stage, client

    def test_found_out(self) -> None:
        """With "auto" the client comes to a server of either revision."""
        for served in (EIO3, EIO4):
            for transports in (("websocket",), ("polling",), ("polling", "websocket")):
                with self.subTest(served=served, transports=transports):
                    stage, client = self.connect(
                        served, revision="auto", transports=transports
                    )
                    self.assertTrue(client.is_connected)
                    attempts = stage.road.attempts
                    stage.cut()
                    stage.network.advance(3)
                    self.assertTrue(client.is_connected)
                    # It remembers, so coming back takes no search.
                    self.assertLessEqual(stage.road.attempts, 2 * attempts)

    def test_auto_begins_with_the_newer(self) -> None:
        """A server of both revisions is spoken to in 4, so that it gets an auth."""
        for revisions, revision in (({EIO3, EIO4}, EIO4), ({EIO3}, EIO3)):
            for namespace in ("/", "/chat"):
                stage = self.make_stage(revisions=frozenset(revisions))
                sockets = stage.server.namespace(namespace).sockets
                client = stage.client(
                    namespace, link=stage.link(revision="auto"), auth={"token": "t"}
                )
                stage.network.advance(1)
                self.assertTrue(client.is_connected)
                (socket,) = sockets.values()
                self.assertEqual(bool(socket.auth), revision == EIO4)
                requests = [data for _, sign, data in stage.road.heard if sign == ">"]
                self.assertIn(b"EIO=4", requests[0])

    def test_the_wrong_one(self) -> None:
        """A revision that was set is the only one tried, and the error says so."""
        for served, tried in ((EIO3, EIO4), (EIO4, EIO3)):
            with self.subTest(served=served):
                _, client = self.connect(served, revision=tried)
                error = self.successResultOf(client.when_closed())
                self.assertIsInstance(error, HandshakeRefused)
                self.assertIn(f'set revision to {served} or "auto"', str(error))

    def test_no_server(self) -> None:
        """Where nothing is, nothing is tried twice."""
        stage = self.make_stage()
        stage.road.blocked_by = TCPRefused()
        client = stage.client(link=stage.link(revision="auto"))
        error = self.successResultOf(client.when_closed())
        self.assertIsInstance(error, ConnectError)
        self.assertEqual(stage.road.attempts, 1)

    def test_fallback(self) -> None:
        """The next transport is tried when that was asked for, and only then."""
        for fallback in (False, True):
            stage = self.make_stage(transports=("polling",))
            stage.server.namespace("/chat")
            client = stage.client(
                link=stage.link(transports=("websocket", "polling"), fallback=fallback)
            )
            stage.network.advance(1)
            self.assertEqual(client.is_connected, fallback)

    def test_time_limit(self) -> None:
        """All attempts together have one time limit."""
        stage = self.make_stage()
        client = stage.client(link=stage.link(revision="auto", open_timeout=5.0))
        self.assertFalse(client.is_connected)
        stage.network.advance(5)
        error = self.successResultOf(client.when_closed())
        self.assertIsInstance(error, ConnectError)


class SecretTests(StageCase):
    """What no error may show."""

    def test_hidden(self) -> None:
        """Secrets go out of a server's text, encoded or not; short ones are none."""
        link = self.make_stage().link(secrets=["a secret/å", "abc"])
        self.assertEqual(
            link.hide("x a secret/å y a%20secret%2F%C3%A5 z abc"), "x *** y *** z abc"
        )
