"""How a client reaches its peer: one endpoint for its WebSocket and its requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IProtocol,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure

from ..wire.limits import MAX_FRAME_BYTES
from ..wire.query import encode_query
from ..wire.told import HttpFailed, HttpRequest, Lost, WebSocketClosed
from .address import place
from .driver import Driver
from .endpoints import connect_error
from .factories import ClientFactory, check_headers
from .polling_client import PollingClient

__all__ = ["BODIES_PER_FRAME", "ENGINE_PATH", "Dialer", "Place"]

#: Path of Engine.IO where nothing else is said. Source: socket.io 2.5 and 4.8.
ENGINE_PATH = "/socket.io/"

#: How many times the largest message the body of an answer may have: as base64 a
#: message is a third longer, and small ones may come with it.
BODIES_PER_FRAME = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is.

    Args:
        is_secure: whether TLS is spoken.
        host: name or address.
        port: TCP port.
        path: of Engine.IO, with its slashes.
    """

    is_secure: bool
    host: str
    port: int
    path: str = ENGINE_PATH

    @property
    def name(self) -> str:
        """Host and port, for people and URLs."""
        return place(self.host, self.port)

    def url(self, scheme: str) -> str:
        """Return the URL, without query, of ``ws`` or ``http``."""
        return f"{scheme}{'s' if self.is_secure else ''}://{self.name}{self.path}"


class Dialer:
    """The transports of one client connection.

    Args:
        clock: for the time that HTTP connections are kept; no timer of a WebSocket.
        place: where the server is.
        endpoint: leads there, with TLS and proxies in it; None where somebody else
            connects ``factory``, and then there is no polling.
        headers: further ones of the caller, for every request.
        max_frame: largest message accepted (bytes).
        hide: takes secrets out of a text of the peer.

    Raises:
        LocalProtocolError: a header that HTTP cannot hold, or one of our own.

    Attributes:
        factory: of the WebSocket that was asked for last, None before.
    """

    __slots__ = (
        "_clock",
        "_connecting",
        "_endpoint",
        "_headers",
        "_hide",
        "_is_over",
        "_max_frame",
        "_place",
        "_polling",
        "factory",
    )

    def __init__(
        self,
        clock: IReactorTime,
        place: Place,
        endpoint: IStreamClientEndpoint | None,
        *,
        headers: Sequence[tuple[str, str]] = (),
        max_frame: int = MAX_FRAME_BYTES,
        hide: Callable[[str], str] = str,
    ) -> None:
        self.factory: ClientFactory | None = None
        self._clock = clock
        self._place = place
        self._endpoint = endpoint
        self._headers = check_headers(headers)
        self._max_frame = max_frame
        self._hide = hide
        self._polling: PollingClient | None = None
        self._connecting: Deferred[IProtocol] | None = None
        self._is_over = False

    def open_websocket(
        self, driver: Driver, query: tuple[tuple[str, str], ...]
    ) -> None:
        """Begin to connect; see ``ClientTransports``."""
        headers = self._headers
        if self._polling is not None and (cookie := self._polling.cookies.header()):
            headers = (*headers, ("Cookie", cookie))
        self.factory = factory = ClientFactory(
            self._clock,
            f"{self._place.url('ws')}?{encode_query(query)}",
            driver,
            max_frame=self._max_frame,
            hide=self._hide,
            headers=headers,
        )
        if self._endpoint is None:
            return
        # An endpoint of somebody else may raise.
        connecting = maybeDeferred(self._endpoint.connect, factory)
        self._connecting = connecting
        connecting.addCallbacks(self._connected, self._failed, errbackArgs=(driver,))

    def request(self, driver: Driver, request: HttpRequest) -> None:
        """Make a request; see ``ClientTransports``."""
        if self._endpoint is None:
            problem = "polling needs an endpoint; connect with one, or use websocket"
            driver.tell(HttpFailed(request.id, problem))
            return
        if self._polling is None:
            self._polling = PollingClient(
                self._clock,
                self._place.url("http"),
                self._endpoint,
                place=self._place.name,
                max_body=BODIES_PER_FRAME * self._max_frame,
                headers=self._headers,
                hide=self._hide,
            )
        self._polling.request(request, driver.tell)

    def cancel(self) -> None:
        """Drop everything; see ``ClientTransports``."""
        self._is_over = True
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        if self._polling is not None:
            self._polling.cancel()

    # Steps

    def _connected(self, protocol: IProtocol) -> None:
        self._connecting = None

    def _failed(self, failure: Failure, driver: Driver) -> None:
        self._connecting = None
        if self._is_over:
            return
        error = connect_error(self._place.name, failure)
        if self._polling is not None:
            # An upgrade that fails ends nothing.
            driver.tell(WebSocketClosed(None, error.problem))
        else:
            driver.tell(Lost(error))
