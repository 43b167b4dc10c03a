"""The factories of WebSockets, with autobahn's options.

autobahn's own timers run on the global reactor, so all of them are off; deadlines
are the connection's. Its limits are on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketServerFactory
from twisted.internet.interfaces import IAddress, IReactorTime

from ..errors import LocalProtocolError
from .driver import Driver
from .websocket import ClientWebSocket, ServerWebSocket

__all__ = ["ClientFactory", "ServerFactory"]


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
    """

    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        url: str,
        driver: Driver,
        *,
        max_frame: int,
        hide: Callable[[str], str] = str,
    ) -> None:
        super().__init__(url=url, useragent=None, reactor=clock)
        if ":" in self.host:
            # It stands in the Host header only, and an IPv6 address needs these.
            self.host = f"[{self.host}]"
        self._driver = driver
        self._hide = hide
        self.setProtocolOptions(serverConnectionDropTimeout=0, **_options(max_frame))

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
        max_frame: largest message accepted (bytes).
    """

    noisy = False

    def __init__(self, clock: IReactorTime, *, max_frame: int) -> None:
        super().__init__(reactor=clock)
        self.next_driver: Driver | None = None
        self.setProtocolOptions(**_options(max_frame))

    def buildProtocol(self, addr: IAddress | None) -> ServerWebSocket:
        """Build the WebSocket of ``next_driver``."""
        if self.next_driver is None:
            raise LocalProtocolError("nobody waits for a WebSocket")
        driver, self.next_driver = self.next_driver, None
        websocket = ServerWebSocket(driver)
        websocket.factory = self
        driver.attach(websocket)
        return websocket
