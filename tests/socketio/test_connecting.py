"""The short way to a client: URLs, arguments, and a server on a real socket."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import serverFromString
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.resource import Resource

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.socketio import (
    BoundedSite,
    Client,
    ConnectError,
    Refuse,
    Refused,
    Socket,
    SocketIOServer,
    connect,
)
from padchat_twisted.socketio.connecting import parse_url
from padchat_twisted.transport.dialer import Place
from padchat_twisted.transport.websocket import ClientWebSocket

from .stage import Stage, StageCase


class UrlTests(SynchronousTestCase):
    """What a URL means."""

    def test_places(self) -> None:
        """Scheme, host, port and the path of the resource, each with its default."""
        for url, place in {
            "http://a": Place(False, "a", 80, "/socket.io/"),
            "https://a/": Place(True, "a", 443, "/socket.io/"),
            "ws://a:81": Place(False, "a", 81, "/socket.io/"),
            "WSS://A:82": Place(True, "a", 82, "/socket.io/"),
            "http://[::1]:83/chat/socket.io": Place(
                False, "::1", 83, "/chat/socket.io/"
            ),
            "http://a/x%20y z/": Place(False, "a", 80, "/x%20y%20z/"),
        }.items():
            self.assertEqual(parse_url(url), place)

    def test_what_is_none(self) -> None:
        """The error says how a URL is written, and shows no secret in it."""
        for url in (
            "",
            "a:80",
            "ftp://a",
            "http://",
            "http://a:0",
            "http://a:99999",
            "http://user:hush@a",
            "http://a?key=hush",
            "http://a/#hush",
        ):
            error = self.assertRaises(LocalProtocolError, parse_url, url)
            self.assertNotIn("hush", str(error))
            self.assertIn("server URL", str(error))


class MemoryTests(StageCase):
    """``connect`` over a network in memory."""

    def setUp(self) -> None:
        """Make a server with one namespace."""
        self.stage: Stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")

    def connect(self, **options: Any) -> Deferred[Client]:  # noqa: ANN401 - see connect
        """Connect, and let the bytes move."""
        connecting = connect(
            self.stage.clock,
            "http://server.invalid:8080",
            namespace="/chat",
            endpoint=self.stage.road,
            handlers=self.stage.clients.append,
            **options,
        )
        self.stage.network.advance(1)
        return connecting

    def test_connected(self) -> None:
        """It fires with the client, which has gone over to a WebSocket."""
        client = self.successResultOf(self.connect())
        self.assertTrue(client.is_connected)
        ends = [wire.ends[1].protocol for wire in self.stage.network.wires]
        self.assertTrue(any(isinstance(end, ClientWebSocket) for end in ends), ends)

    def test_refused(self) -> None:
        """It fails with the refusal, in which the secrets of query and auth are not."""

        def refuse(socket: Socket) -> None:
            raise Refuse("not query-secret nor auth-secret nor header-secret")

        self.chat.use(refuse)
        error = self.failure_of(
            self.connect(
                query=[("key", "query-secret")],
                auth={"key": "auth-secret", "n": 1},
                headers=[("Authorization", "header-secret")],
            ),
            Refused,
        )
        self.assertEqual(error.message, "not *** nor *** nor ***")

    def test_cancelled(self) -> None:
        """Who gives up leaves nothing behind."""
        self.chat.use(lambda socket: Deferred())
        connecting = self.connect()
        connecting.cancel()
        self.failure_of(connecting, CancelledError)
        self.stage.network.advance(1)
        self.assertEqual(self.stage.server._peers, set())

    def test_arguments_that_cannot_be(self) -> None:
        """They are the caller's mistake, and nothing is connected."""
        self.assertRaises(LocalProtocolError, self.connect, auth={"a": object()})
        self.assertEqual(self.stage.road.attempts, 0)


class RealTests(TestCase):
    """On real sockets, with the default endpoint."""

    timeout = 30

    async def test_session(self) -> None:
        """A resource somewhere in a site, and a client that finds it by its URL."""
        reactor: Any = installed_reactor
        server = SocketIOServer(reactor)
        chat = server.namespace("/chat")
        chat.on("echo", lambda socket, *arguments: arguments)
        root, folder = Resource(), Resource()
        root.putChild(b"app", folder)
        folder.putChild(b"live", server.resource())
        site = BoundedSite(root, reactor=reactor)
        port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(site)
        url = f"http://127.0.0.1:{port.getHost().port}/app/live"
        client = await connect(reactor, url, namespace="/chat", auth={"k": "v"})
        self.assertEqual(await client.call("echo", 1, b"x"), (1, b"x"))
        await client.disconnect()
        await server.stop()
        await port.stopListening()
        try:
            await connect(reactor, url)
        except ConnectError as error:
            self.assertEqual(error.hop, "TCP")
        else:
            self.fail("connected to nothing")
