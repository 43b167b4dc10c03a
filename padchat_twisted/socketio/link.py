"""The way to a Socket.IO server: attempts to connect, until one is understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from twisted.internet.interfaces import IStreamClientEndpoint

from ..errors import PadChatError
from ..transport.dialer import Dialer, Place
from ..transport.driver import Driver, DriverUser
from ..transport.revision import RevisionFinder, RevisionSetting, Way
from ..wire.engineio import EIO4
from ..wire.engineio_connection import EngineIOConnection
from ..wire.limits import MAX_BUFFERED_BYTES, MAX_FRAME_BYTES, OPEN_TIMEOUT
from ..wire.occurrences import SocketOccurrence
from ..wire.socketio_connection import SocketIOConnection
from ..wire.told import Role

__all__ = ["LinkUser", "Query", "ServerLink"]

#: Pairs of a query, or of headers.
Query = Iterable[tuple[str, str]]

#: Texts shorter than this (characters) are no secrets, and would make the texts of a
#: server unreadable where they are taken out of them.
SECRET_LENGTH = 4


class LinkUser(DriverUser, Protocol):
    """Who a link works for."""

    def began(self, driver: Driver, connection: SocketIOConnection) -> None:
        """An attempt begins: ask for namespaces. ``closed`` comes once, at the end."""


class ServerLink:
    """The way to a server; it remembers which revision the server speaks.

    Args:
        reactor: for time, and to connect.
        place: where the server is.
        endpoint: leads there; with TLS in it where the URL says so.
        query: pairs of each request.
        headers: of each request.
        revision: of Engine.IO, or ``"auto"`` to find out: 4 is tried first.
        transports: ``polling``, ``websocket`` or both; the first is tried.
        fallback: whether the next is tried when one does not work.
        max_frame: largest message accepted (bytes).
        max_buffered: most bytes that wait for a server that does not read.
        open_timeout: time until the server let us in, all attempts together (seconds).
        secrets: texts that no error may show.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        place: Place,
        endpoint: IStreamClientEndpoint,
        *,
        query: Query = (),
        headers: Query = (),
        revision: RevisionSetting = "auto",
        transports: tuple[str, ...] = ("polling", "websocket"),
        fallback: bool = False,
        max_frame: int = MAX_FRAME_BYTES,
        max_buffered: int = MAX_BUFFERED_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
        secrets: Iterable[str] = (),
    ) -> None:
        self.place = place.name
        self.finder = RevisionFinder(
            place.name, revision, transports, has_fallback=fallback, first=EIO4
        )
        self.open_timeout = open_timeout
        self._reactor = reactor
        self._place = place
        self._endpoint = endpoint
        self._query = tuple(query)
        self._headers = tuple(headers)
        self._max_frame = max_frame
        self._max_buffered = max_buffered
        self._secrets = [text for text in secrets if len(text) >= SECRET_LENGTH]

    def hide(self, text: str) -> str:
        """Take secrets out of a text of the server, which may repeat them."""
        for secret in self._secrets:
            text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        return text

    def connect(self, user: LinkUser) -> None:
        """Begin to connect."""
        _Search(self, user).begin(self.finder.begin())

    def now(self) -> float:
        """Seconds on the reactor's clock."""
        seconds: float = self._reactor.seconds()
        return seconds

    def build(
        self, way: Way, user: DriverUser, time_limit: float
    ) -> tuple[Driver, SocketIOConnection]:
        """Build a connection for one attempt, which nobody has started.

        Args:
            way: revision and transports.
            user: hears what comes.
            time_limit: time until the server let us in (seconds).
        """
        engine = EngineIOConnection(
            Role.CLIENT,
            revision=way.revision,
            transports=way.transports,
            query=self._query,
            peer=self.place,
            max_frame=self._max_frame,
            open_timeout=time_limit,
        )
        connection = SocketIOConnection(
            engine,
            max_buffered=self._max_buffered,
            peer=self.place,
            join_timeout=time_limit,
        )
        dialer = Dialer(
            self._reactor,
            self._place,
            self._endpoint,
            headers=self._headers,
            max_frame=self._max_frame,
            hide=self.hide,
        )
        return Driver(self._reactor, connection, user, dialer=dialer), connection


class _Search:
    """Attempts one after the other, until the server is understood or no way is left.

    Args:
        link: the way to the server.
        user: hears of one connection, however many attempts it took.
    """

    def __init__(self, link: ServerLink, user: LinkUser) -> None:
        self._link = link
        self._user = user
        self._until = link.now() + link.open_timeout
        self._is_understood = False

    def begin(self, way: Way) -> None:
        """Begin an attempt."""
        driver, connection = self._link.build(way, self, self._until - self._link.now())
        self._user.began(driver, connection)
        driver.start()

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Pass on what came; any answer shows that the server understood us."""
        if not self._is_understood:
            self._is_understood = True
            self._link.finder.worked()
        self._user.occurred(occurrences)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Try the next way, or tell that the connection is over."""
        if error is not None and not self._is_understood:
            finder = self._link.finder
            if (
                self._link.now() < self._until
                and (way := finder.after(error)) is not None
            ):
                self.begin(way)
                return
            error = finder.explain(error)
        self._user.closed(reason, error)
