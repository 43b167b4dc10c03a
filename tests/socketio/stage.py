"""A server, its clients and the network between them, all in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer

from padchat_twisted.errors import PadChatError
from padchat_twisted.socketio import Client, Socket, SocketIOServer
from padchat_twisted.socketio.link import ServerLink
from padchat_twisted.transport.dialer import Place
from padchat_twisted.transport.driver import Driver
from padchat_twisted.wire.occurrences import NamespaceJoined, SocketOccurrence
from padchat_twisted.wire.socketio_connection import SocketIOConnection

from ..transport.network import MemoryNetwork

PLACE = Place(False, "server.invalid", 8080)


@implementer(IStreamClientEndpoint)
class Road:
    """Leads to the server over a network in memory, while it is open.

    Attributes:
        attempts: how often somebody connected.
        blocked_by: why nobody can connect now, or None.
        heard: what went over it: number of the connection, ``>`` to the server or
            ``<`` to a client, and the bytes.
    """

    def __init__(self, network: MemoryNetwork) -> None:
        self._network = network
        self.attempts = 0
        self.blocked_by: Exception | None = None
        self.heard: list[tuple[int, str, bytes]] = []

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect, or fail."""
        self.attempts += 1
        if self.blocked_by is not None:
            return fail(self.blocked_by)
        connected = self._network.connect(factory)
        number = len(self._network.wires)
        for sign, transport in zip("<>", self._network.wires[-1].ends, strict=True):
            # HTTP writes its pieces by this; a MemoryTransport notes those of write.
            transport.writeSequence = partial(_write_all, transport)
            transport.taken = partial(self._taken, number, sign, transport.taken)
        return connected

    def _taken(self, number: int, sign: str, taken: Callable[[], bytes]) -> bytes:
        data = taken()
        self.heard.append((number, sign, data))
        return data


def _write_all(transport: Any, pieces: Sequence[bytes]) -> None:  # noqa: ANN401 - a transport of the network's
    transport.write(b"".join(pieces))


class WireClient:
    """A client that is only the wire's connection: it notes what comes.

    Args:
        link: the way to the server.
        namespace: asked for at once.
        query: percent-encoded, of the namespace.
        auth: JSON object, of the namespace.
    """

    def __init__(
        self, link: ServerLink, namespace: str, query: str = "", auth: bytes = b""
    ) -> None:
        self._wish = (namespace, query, auth)
        self.came: list[SocketOccurrence] = []
        self.ended: list[str] = []
        link.connect(self)

    def began(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Ask for the namespace."""
        self.driver = driver
        self.connection = connection
        connection.join(*self._wish)

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Note what came."""
        self.came += occurrences

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note the end."""
        self.ended.append(reason)

    def takes(self) -> list[SocketOccurrence]:
        """Take what came."""
        came, self.came = self.came, []
        return came


class Stage:
    """A server with its network; ``flush`` moves the bytes.

    Args:
        options: of the server.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the server's
        self.clock = Clock()
        self.server = SocketIOServer(self.clock, **options)
        self.root = Resource()
        self.root.putChild(b"socket.io", self.server.resource())
        self.network = MemoryNetwork(Site(self.root, reactor=self.clock), self.clock)
        self.road = Road(self.network)
        self.clients: list[Client] = []

    def flush(self) -> None:
        """Move bytes until all is at rest."""
        self.network.flush()

    def link(self, **options: Any) -> ServerLink:  # noqa: ANN401 - those of ServerLink
        """Make a way to the server."""
        options.setdefault("secrets", ["hush-hush"])
        options.setdefault("revision", 3)
        options.setdefault("transports", ("websocket",))
        options.setdefault("max_buffered", 64 * 1024)
        return ServerLink(self.clock, PLACE, self.road, **options)

    def wire_client(
        self,
        namespace: str = "/chat",
        query: str = "",
        auth: bytes = b"",
        url_query: tuple[tuple[str, str], ...] = (),
        **options: Any,  # noqa: ANN401 - those of ServerLink
    ) -> WireClient:
        """Connect a client of the wire; whether it is let in shows in what came."""
        client = WireClient(
            self.link(query=url_query, **options), namespace, query, auth
        )
        self.flush()
        return client

    def joined(self, namespace: str = "/chat") -> tuple[WireClient, Socket]:
        """Connect a client of the wire, and find its socket."""
        known = set(self.server.namespace(namespace).sockets)
        client = self.wire_client(namespace)
        came = client.takes()
        assert any(isinstance(one, NamespaceJoined) for one in came), came
        sockets = self.server.namespace(namespace).sockets
        (socket,) = (sockets[one] for one in sockets if one not in known)
        return client, socket

    def client(
        self,
        namespace: str = "/chat",
        handlers: Callable[[Client], object] | None = None,
        link: ServerLink | None = None,
        **options: Any,  # noqa: ANN401 - those of Client
    ) -> Client:
        """Connect a client; it is let in, or not, when this returns."""
        options.setdefault("retry_policy", lambda attempt: float(attempt))
        client = Client(self.clock, link or self.link(), namespace=namespace, **options)
        self.clients.append(client)
        if handlers is not None:
            handlers(client)
        client.start()
        self.flush()
        return client

    def cut(self) -> None:
        """Break every connection, as a network does."""
        for wire in self.network.wires:
            for transport in wire.ends:
                transport.disconnecting = True
        self.flush()


class StageCase(SynchronousTestCase):
    """Tests with a stage; nothing may stay in its clock at the end."""

    def make_stage(self, **options: Any) -> Stage:  # noqa: ANN401 - the server's
        """Make a stage that is stopped and looked at when the test ends."""
        stage = Stage(**options)

        def stop() -> None:
            for client in stage.clients:
                client.disconnect()
            stage.flush()
            stopped = stage.server.stop()
            stage.network.advance(10)
            self.successResultOf(stopped)
            self.assertEqual(stage.clock.getDelayedCalls(), [])

        self.addCleanup(stop)
        return stage

    def failure_of(self, deferred: Deferred[Any], kind: type[Exception]) -> Any:  # noqa: ANN401 - the exception
        """Return the exception that *deferred* failed with."""
        failure: Failure = self.failureResultOf(deferred, kind)
        return failure.value
