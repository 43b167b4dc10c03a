"""What is tried: an echo over our WebSockets, and one over autobahn's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateOfferAccept,
    PerMessageDeflateResponseAccept,
)
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory

from padchat_twisted.errors import PadChatError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.factories import ClientFactory, ServerFactory
from padchat_twisted.transport.websocket import ClientWebSocket, ServerWebSocket
from padchat_twisted.wire.limits import CLOSE_TIMEOUT
from padchat_twisted.wire.told import (
    Asked,
    Closed,
    CloseWebSocket,
    HttpRequest,
    Lost,
    OpenWebSocket,
    SendWebSocket,
    Told,
    WebSocketClosed,
    WebSocketMessage,
)

_WebSocket = TypeVar("_WebSocket", ClientWebSocket, ServerWebSocket)

#: Largest message of the cases is 16 MiB.
MAX_MESSAGE = 32 * 1024 * 1024

#: Close code for text that is not UTF-8. Source: RFC 6455, 7.4.1.
NOT_UTF8 = 1007


class EchoConnection:
    """A connection of the wire that sends back every message, or keeps it.

    Args:
        is_client: whether it asks for its WebSocket.
        keeps: whether it keeps messages in place of sending them back.
    """

    def __init__(self, *, is_client: bool, keeps: bool = False) -> None:
        self.has_new_deadline = False
        self.kept: list[bytes] = []
        self._actions: list[Asked] = [OpenWebSocket()] if is_client else []
        self._keeps = keeps
        self._is_closing = False
        self._deadline: float | None = None

    def start(self, *, now: float) -> None:
        """Nothing is to be begun."""

    def receive(self, told: Told, *, now: float) -> None:
        """Send a message back; end with the WebSocket."""
        if isinstance(told, WebSocketMessage):
            self._echo(told.data, told.is_text)
        elif isinstance(told, WebSocketClosed | Lost):
            self._actions.append(Closed("closed"))

    def receive_texts(self, frames: Sequence[bytes], now: float) -> None:
        """Send texts back; their UTF-8 is looked at here, as who reads JSON does."""
        for text in frames:
            try:
                text.decode()
            except UnicodeDecodeError:
                if not self._is_closing:
                    self._actions.append(CloseWebSocket(NOT_UTF8, "not UTF-8"))
                self._close_soon(now)
                return
            self._echo(text, True)

    def _echo(self, data: bytes, is_text: bool) -> None:
        if self._keeps:
            self.kept.append(data)
        elif not self._is_closing:
            self._actions.append(SendWebSocket(data, is_text))

    def _close_soon(self, now: float) -> None:
        self._is_closing = True
        self._deadline = now + CLOSE_TIMEOUT
        self.has_new_deadline = True

    def next_deadline(self) -> float | None:
        """When a peer that does not answer our close frame is dropped."""
        return self._deadline

    def deadline_reached(self, *, now: float, is_deaf: bool = False) -> None:
        """Drop it."""
        if self._deadline is not None and now >= self._deadline:
            self._actions.append(Closed("timeout"))

    def set_writable(self, writable: bool) -> None:
        """Everything is kept by the transport: the cases are bounded."""

    def events_received(self) -> Sequence[str]:
        """There are none."""
        return ()

    def actions_to_take(self) -> list[Asked]:
        """Return what is to be sent."""
        actions, self._actions = self._actions, []
        return actions

    def close(self, *, now: float) -> None:
        """Leave in good order."""
        self._actions.append(CloseWebSocket(1000))
        self._close_soon(now)

    def fail(self, error: PadChatError, *, now: float) -> None:
        """The WebSocket has sent its close frame with a code."""
        self._close_soon(now)


def _compressing(websocket: _WebSocket) -> _WebSocket:
    """Have every message compressed: cases 12 and 13 read nothing else."""
    websocket.compress_from = 0
    return websocket


class _OurClient(ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> ClientWebSocket | None:
        websocket = super().buildProtocol(addr)
        return None if websocket is None else _compressing(websocket)


class _User:
    """Hears when a connection is over."""

    def __init__(self) -> None:
        self.when_over: Deferred[None] = Deferred()

    def occurred(self, occurrences: Sequence[str]) -> None:
        """Nothing occurs."""

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Tell who waits."""
        self.when_over.callback(None)


class _Dialer:
    """Connects a client by the reactor."""

    def __init__(self, reactor: Any, port: int, path: str) -> None:  # noqa: ANN401 - a reactor has many faces
        self._reactor = reactor
        self._port = port
        self._path = path

    def open_websocket(
        self, driver: Driver, query: tuple[tuple[str, str], ...]
    ) -> None:
        """Connect."""
        url = f"ws://127.0.0.1:{self._port}{self._path}"
        factory = _OurClient(
            self._reactor, url, driver, max_frame=MAX_MESSAGE, compress=True
        )
        # The clients for Node do not offer to do without a context; cases 13.2, 13.5
        # and 13.6 are only run with who does.
        factory.setProtocolOptions(
            perMessageCompressionOffers=[PerMessageDeflateOffer()]
        )
        self._reactor.connectTCP("127.0.0.1", self._port, factory)

    def request(self, driver: Driver, request: HttpRequest) -> None:
        """There is no polling."""
        raise NotImplementedError

    def cancel(self) -> None:
        """The driver drops the WebSocket."""


class OurServer(Factory):
    """Builds our WebSocket of a server for each connection."""

    noisy = False

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._factory = ServerFactory(clock, max_frame=MAX_MESSAGE, compress=True)

    def buildProtocol(self, addr: IAddress | None) -> ServerWebSocket:
        """Build the WebSocket with a driver of its own."""
        driver = Driver(self._clock, EchoConnection(is_client=False), _User())
        self._factory.next_driver = driver
        driver.start()
        return _compressing(self._factory.buildProtocol(addr))


async def visit_ours(reactor: Any, port: int, path: str) -> list[bytes]:  # noqa: ANN401 - as above
    """Connect our client once; return what it was told, when there is no echo."""
    keeps = not path.startswith("/runCase")
    connection = EchoConnection(is_client=True, keeps=keeps)
    user = _User()
    dialer = _Dialer(reactor, port, path)
    Driver(reactor, connection, user, dialer=dialer).start()
    await user.when_over
    return connection.kept


class _Plain:
    """autobahn's own echo."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        autobahn: Any = self
        if autobahn.factory.kept is not None:
            autobahn.factory.kept.append(payload)
        elif autobahn.state == autobahn.STATE_OPEN:
            autobahn.sendMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        autobahn: Any = self
        autobahn.factory.when_over()


class _PlainServer(_Plain, WebSocketServerProtocol):  # type: ignore[misc] # autobahn's own bases disagree
    pass


class _PlainClient(_Plain, WebSocketClientProtocol):  # type: ignore[misc] # autobahn's own bases disagree
    pass


def _prepare(factory: Any, when_over: Callable[[], object]) -> Any:  # noqa: ANN401 - autobahn's has no types
    factory.noisy = False
    factory.kept = None
    factory.when_over = when_over
    factory.setProtocolOptions(
        failByDrop=False,
        openHandshakeTimeout=0,
        closeHandshakeTimeout=0,
        maxMessagePayloadSize=MAX_MESSAGE,
        maxFramePayloadSize=MAX_MESSAGE,
    )
    return factory


def plain_server(clock: IReactorTime) -> Any:  # noqa: ANN401 - as above
    """Make the factory of autobahn's own server."""
    factory = _prepare(WebSocketServerFactory(reactor=clock), lambda: None)
    factory.protocol = _PlainServer
    factory.setProtocolOptions(
        perMessageCompressionAccept=lambda o: PerMessageDeflateOfferAccept(o[0])
    )
    return factory


async def visit_plain(reactor: Any, port: int, path: str) -> list[bytes]:  # noqa: ANN401 - as above
    """Do as ``visit_ours`` with autobahn's own client."""
    over: Deferred[None] = Deferred()
    url = f"ws://127.0.0.1:{port}{path}"
    factory = _prepare(
        WebSocketClientFactory(url, reactor=reactor), lambda: over.callback(None)
    )
    factory.protocol = _PlainClient
    factory.setProtocolOptions(
        serverConnectionDropTimeout=0,
        perMessageCompressionOffers=[PerMessageDeflateOffer()],
        perMessageCompressionAccept=PerMessageDeflateResponseAccept,
    )
    if not path.startswith("/runCase"):
        factory.kept = []
    reactor.connectTCP("127.0.0.1", port, factory)
    await over
    return factory.kept or []
