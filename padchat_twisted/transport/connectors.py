"""The ways for a session to get a connection to its gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint

from ..errors import PadChatError
from ..interfaces import GatewayReceiver, IGatewayConnection
from ..secret import Secret
from ..wire.envelope import Notice, Reply
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from .address import GatewayAddress
from .gateway import GatewayConnection
from .revision import RevisionFinder, RevisionSetting, Way
from .session_side import DialledSide, OfferedSide

__all__ = ["EndpointConnector", "OfferedConnector"]


class EndpointConnector(DialledSide[GatewayConnection]):
    """Connects by an endpoint, in as many attempts as it takes to find the way.

    Args:
        clock: for deadlines.
        endpoint: leads to the gateway; with TLS in it where the URL says so.
        address: the gateway.
        auth_key: the key.
        name: label of the sub-account.
        revision: of Engine.IO: ``"auto"`` to find out, 3, or 4.
        transports: of ``websocket`` and ``polling``, in the order to try them; polling
            goes over to a WebSocket where both are named and the gateway offers it.
        has_fallback: whether the next transport is tried when one does not work.
        headers: further ones for every HTTP request.
        max_frame: largest message accepted (bytes).
        open_timeout: time for all attempts together until the gateway let us in
            (seconds).
    """

    __slots__ = (
        "_address",
        "_auth_key",
        "_clock",
        "_endpoint",
        "_finder",
        "_headers",
        "_max_frame",
        "_name",
        "_open_timeout",
    )

    def __init__(
        self,
        clock: IReactorTime,
        endpoint: IStreamClientEndpoint,
        address: GatewayAddress,
        auth_key: Secret,
        name: str,
        *,
        revision: RevisionSetting = "auto",
        transports: tuple[str, ...] = ("websocket",),
        has_fallback: bool = False,
        headers: Sequence[tuple[str, str]] = (),
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        super().__init__(address)
        self._clock = clock
        self._endpoint = endpoint
        self._address = address
        self._auth_key = auth_key
        self._name = name
        self._finder = RevisionFinder(
            address.place, revision, transports, has_fallback=has_fallback
        )
        self._headers = tuple(headers)
        self._max_frame = max_frame
        self._open_timeout = open_timeout

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin to connect."""
        until = self._clock.seconds() + self._open_timeout
        _Search(self._finder, self._attempt, receiver, until).begin()

    def _attempt(self, way: Way, receiver: GatewayReceiver, until: float) -> bool:
        """Make one attempt; tell whether there was time for it."""
        time_limit = until - self._clock.seconds()
        if time_limit <= 0:
            return False
        connection = GatewayConnection(
            self._clock,
            self._address,
            self._auth_key,
            self._name,
            endpoint=self._endpoint,
            way=way,
            headers=self._headers,
            max_frame=self._max_frame,
            open_timeout=time_limit,
        )
        self._begin(connection, receiver)
        return True


class _Search:
    """Attempts one after the other, until one is up or no way is left.

    It hears an attempt until that is up; then the session hears it itself.
    """

    def __init__(
        self,
        finder: RevisionFinder,
        attempt: Callable[[Way, GatewayReceiver, float], bool],
        receiver: GatewayReceiver,
        until: float,
    ) -> None:
        self._finder = finder
        self._attempt = attempt
        self._receiver = receiver
        self._until = until

    def begin(self) -> None:
        self._attempt(self._finder.begin(), self, self._until)

    def connected(self, connection: IGatewayConnection) -> None:
        """It is up."""
        self._finder.worked()
        if isinstance(connection, GatewayConnection):
            connection.attach(self._receiver)

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Nothing comes before it is up."""

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """It failed before it was up."""
        way = self._finder.after(reason)
        if way is None or not self._attempt(way, self, self._until):
            self._receiver.lost(self._finder.explain(reason), unsent)


class OfferedConnector(OfferedSide[GatewayConnection]):
    """Takes the connections that somebody else makes, for example a ClientService.

    These can only be WebSockets. A revision that has to be found out is found out from
    one connection to the next.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: the key.
        name: label of the sub-account.
        revision: of Engine.IO: ``"auto"`` to find out, 3, or 4.
    """

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        name: str,
        *,
        revision: RevisionSetting = "auto",
    ) -> None:
        super().__init__(address)
        self._clock = clock
        self._address = address
        self._auth_key = auth_key
        self._name = name
        self._finder = RevisionFinder(address.place, revision)
        self._way = self._finder.begin()

    def _build(self, last: GatewayConnection | None) -> GatewayConnection:
        if last is not None and last.was_up:
            self._finder.worked()
            self._way = self._finder.begin()
        connection = GatewayConnection(
            self._clock, self._address, self._auth_key, self._name, way=self._way
        )
        connection.explain = self._explain
        return connection

    def _explain(self, error: PadChatError) -> PadChatError:
        """Say what an attempt that failed means, and choose the way of the next one."""
        way = self._finder.after(error)
        if way is None:
            error = self._finder.explain(error)
            way = self._finder.begin()
        self._way = way
        return error
