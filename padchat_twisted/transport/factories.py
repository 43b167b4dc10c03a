"""The factories of WebSockets, with autobahn's options.

autobahn's own timers run on the global reactor, so all of them are off; deadlines
are the connection's. Its limits are on. A client's other options are in ``Resting``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketServerFactory
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateOfferAccept,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)
from twisted.internet.interfaces import IAddress, IReactorTime

from ..errors import LocalProtocolError
from .address import bracketed, place
from .driver import Driver
from .losses import losses_of
from .websocket import ClientWebSocket, ServerWebSocket

__all__ = ["ClientFactory", "ServerFactory", "check_headers"]

#: A header's name, and what a header's value must not hold. Source: RFC 9110, 5.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUE = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")

#: Headers that are the handshake's own, beside those of WebSocket.
_OWN = frozenset({"host", "connection", "upgrade", "content-length"})


def check_headers(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Look at a caller's headers for the handshake.

    Args:
        headers: names and values.

    Returns:
        The headers.

    Raises:
        LocalProtocolError: one is the handshake's own, or is no header. The error
            does not repeat the value, which may be secret.
    """
    for name, value in headers:
        if _NAME.fullmatch(name) is None or _NOT_IN_VALUE.search(value):
            raise LocalProtocolError(
                f"header {name!r} has a name or value that no line of HTTP can hold"
            )
        if name.lower() in _OWN or name.lower().startswith("sec-websocket-"):
            raise LocalProtocolError(
                f"header {name!r} is one that the WebSocket handshake sets itself"
            )
    return tuple(headers)


def _accept_offers(
    offers: list[PerMessageDeflateOffer],
) -> PerMessageDeflateOfferAccept:
    """Take the first offer of a client, as it wants it."""
    return PerMessageDeflateOfferAccept(offers[0])


def _accept_none(_: PerMessageDeflateResponse) -> None:
    """Take no compression: none was offered."""


def _accept_response(
    response: PerMessageDeflateResponse,
) -> PerMessageDeflateResponseAccept:
    """Take what a server chose."""
    return PerMessageDeflateResponseAccept(response)


def _options(max_frame: int) -> dict[str, Any]:
    """Return autobahn's options: no timers, but limits, and codes at a close."""
    return {
        "openHandshakeTimeout": 0,
        "closeHandshakeTimeout": 0,
        "autoPingInterval": 0,
        "autoPingTimeout": 0,
        "maxFramePayloadSize": max_frame,
        "maxMessagePayloadSize": max_frame,
        "failByDrop": False,
    }


class ClientFactory(WebSocketClientFactory):
    """Builds the one WebSocket of one driver.

    Args:
        clock: the reactor, for autobahn's signature; no timer of it is used.
        url: ``ws`` or ``wss`` URL with path and query.
        driver: runs the connection.
        max_frame: largest message accepted (bytes).
        hide: takes secrets out of a text of the peer.
        headers: further ones of the caller, for example a cookie.
        protocols: subprotocols that are offered.
        compress: whether to offer compression, and to compress what is sent; see
            docs/design/0006-transport.md for what it costs.

    Attributes:
        more_headers: the caller's headers.
        host_header: host, and port where it is not the scheme's own.
        place: host and port, for errors.
        losses: of all connections of the reactor.
    """

    noisy = False

    perMessageCompressionOffers: Sequence[PerMessageDeflateOffer] = ()  # type: ignore[assignment] # autobahn only reads it
    perMessageCompressionAccept: Callable[[Any], Any] = staticmethod(_accept_none)

    def __init__(
        self,
        clock: IReactorTime,
        url: str,
        driver: Driver,
        *,
        max_frame: int,
        hide: Callable[[str], str] = str,
        headers: Sequence[tuple[str, str]] = (),
        protocols: Sequence[str] = (),
        compress: bool = False,
    ) -> None:
        super().__init__(
            url=url, useragent=None, protocols=list(protocols), reactor=clock
        )
        # No timer of autobahn's is used, and of the URL no parameter.
        del self._batched_timer, self.params
        self.place = place(self.host, self.port)
        # Some servers take a name with the port that goes without saying for another.
        is_default = self.port == (443 if self.isSecure else 80)
        self.host_header = bracketed(self.host) if is_default else self.place
        self.more_headers = check_headers(headers)
        self.losses = losses_of(clock)
        self._driver = driver
        self._hide = hide
        self.maxFramePayloadSize = self.maxMessagePayloadSize = max_frame
        if compress:
            self.perMessageCompressionOffers = [
                PerMessageDeflateOffer(accept_no_context_takeover=False)
            ]
            self.perMessageCompressionAccept = _accept_response

    def forget(self) -> None:
        """The handshake is over: let go of what it was made of, and of the auth key."""
        self.headers = self.more_headers = self.protocols = ()
        self.host_header = self.path = self.resource = self.url = ""

    def resetProtocolOptions(self) -> None:
        """Leave autobahn's options to our protocol, see ``Resting``."""

    def buildProtocol(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the WebSocket; None when it comes too late."""
        if self._driver.is_over:
            return None
        websocket = ClientWebSocket(self._driver, self._hide)
        websocket.factory = self
        self._driver.attach(websocket)
        return websocket


class ServerFactory(WebSocketServerFactory):
    """Builds a server's WebSockets, each for the driver that was named before.

    Args:
        clock: the reactor, for autobahn's signature; no timer of it is used.
        max_frame: largest message accepted (bytes), also after inflating it.
        compress: whether to accept compression, and to compress what is sent.
    """

    noisy = False

    def __init__(
        self, clock: IReactorTime, *, max_frame: int, compress: bool = False
    ) -> None:
        super().__init__(reactor=clock)
        self.next_driver: Driver | None = None
        self.setProtocolOptions(**_options(max_frame))
        if compress:
            self.setProtocolOptions(perMessageCompressionAccept=_accept_offers)

    def buildProtocol(self, addr: IAddress | None) -> ServerWebSocket:
        """Build the WebSocket of ``next_driver``."""
        if self.next_driver is None:
            raise LocalProtocolError("nobody waits for a WebSocket")
        driver, self.next_driver = self.next_driver, None
        websocket = ServerWebSocket(driver)
        websocket.factory = self
        driver.attach(websocket)
        return websocket
