"""WebSockets of the JSON dialects, for the resources of a ``twisted.web`` site."""

from __future__ import annotations

from typing import Protocol

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request

from ..wire.dialect_json import JsonOccurrence
from ..wire.json_server import JsonServer
from ..wire.limits import MAX_FRAME_BYTES
from .driver import Driver, WireUser
from .factories import ServerFactory
from .polling_server import asks_for_websocket
from .resource import MAX_CONNECTIONS

__all__ = ["JsonSockets", "ServedJson", "is_upgrade"]


class ServedJson(WireUser[JsonOccurrence], Protocol):
    """What a server does with one client."""

    def begin(self, driver: Driver, connection: JsonServer) -> None:
        """Take the connection; occurrences follow."""


def is_upgrade(request: Request) -> bool:
    """Tell whether a request asks for a WebSocket."""
    return request.method == b"GET" and asks_for_websocket(request)


class JsonSockets:
    """The WebSockets of all clients.

    Args:
        clock: for deadlines.
        max_frame: largest message accepted (bytes).
        max_connections: most clients at once.
    """

    def __init__(
        self,
        clock: IReactorTime,
        *,
        max_frame: int = MAX_FRAME_BYTES,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._clock = clock
        self._max_connections = max_connections
        self._factory = ServerFactory(clock, max_frame=max_frame)
        self._handover = WebSocketResource(self._factory)
        self._drivers: set[Driver] = set()

    @property
    def drivers(self) -> set[Driver]:
        """Those of the clients that are here."""
        return set(self._drivers)

    def open(
        self, request: Request, connection: JsonServer, served: ServedJson
    ) -> bytes | int:
        """Turn a request into a WebSocket; return what ``render`` has to return.

        Args:
            request: one for which ``is_upgrade`` holds. A secret in its path must have
                been taken out: autobahn and the site's log see what is left.
            connection: a new one.
            served: what happens is told to.
        """
        if len(self._drivers) >= self._max_connections:
            request.setResponseCode(503)
            return b"Too many connections\n"
        driver = Driver(self._clock, connection, served)
        self._drivers.add(driver)
        driver.when_over = lambda: self._drivers.discard(driver)
        served.begin(driver, connection)
        driver.start()
        self._factory.next_driver = driver
        result: bytes | int = self._handover.render(request)
        return result

    def drop_all(self) -> None:
        """Drop every client at once, as a process that dies would."""
        for driver in self.drivers:
            driver.drop()
