"""What a session sees of a connection, whatever its dialect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from twisted.internet.interfaces import IAddress, IReactorTime, IStreamClientEndpoint
from zope.interface import implementer

from ..errors import ConnectError, Disconnected, LocalProtocolError, PadChatError
from ..interfaces import GatewayReceiver, IConnector, IGatewayConnection
from ..secret import Secret
from ..wire.envelope import Notice, Reply
from ..wire.limits import MAX_FRAME_BYTES
from ..wire.query import encode_query
from .address import GatewayAddress
from .dialer import Dialer, Place
from .driver import Driver, WireConnection
from .factories import ClientFactory
from .websocket import ClientWebSocket

__all__ = ["DialledSide", "OfferedSide", "SessionSide"]


def _as_it_is(error: PadChatError) -> PadChatError:
    """Return the error itself."""
    return error


@implementer(IGatewayConnection)
class SessionSide:
    """One connection as a client; a subclass adds what its dialect does.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: taken out of what the gateway says.
        connection: the pure object.
        path: of the WebSocket and of polling.
        endpoint: leads to the gateway; None where somebody else connects ``factory``.
        headers: further ones for every HTTP request.
        max_frame: largest message accepted, and largest parameters of a call (bytes).

    Attributes:
        peer: the gateway, for people.
        driver: runs the connection.
        explain: turns the error of an attempt that failed into the one to tell.
    """

    __slots__ = (
        "_auth_key",
        "_dialer",
        "_early",
        "_is_up",
        "_is_waiting",
        "_loss",
        "_max_frame",
        "_receiver",
        "driver",
        "explain",
        "peer",
    )

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        connection: WireConnection[Any],
        *,
        path: str,
        endpoint: IStreamClientEndpoint | None,
        headers: Sequence[tuple[str, str]],
        max_frame: int = MAX_FRAME_BYTES,
    ) -> None:
        self.peer = address.place
        self._auth_key = auth_key
        self._max_frame = max_frame
        self._dialer = Dialer(
            clock,
            Place(address.is_secure, address.host, address.port, path),
            endpoint,
            headers=headers,
            max_frame=max_frame,
            hide=self._hide,
        )
        self.driver = Driver(clock, connection, self, dialer=self._dialer)
        self.explain: Callable[[PadChatError], PadChatError] = _as_it_is
        self._receiver: GatewayReceiver | None = None
        self._is_up = False
        self._is_waiting = False
        self._early: list[Reply | Notice] = []
        self._loss: tuple[PadChatError, frozenset[int]] | None = None

    def attach(self, receiver: GatewayReceiver) -> None:
        """Tell *receiver* what happens, and what happened before."""
        self._receiver = receiver
        if self._is_up:
            receiver.connected(self)
            early, self._early = self._early, []
            if early:
                receiver.received(early)
            if self._is_waiting:
                self.resume()
        if self._loss is not None:
            receiver.lost(*self._loss)

    def leave(self) -> None:
        """Close, and tell nobody any more."""
        self._receiver = _Nobody()
        self.close()

    @property
    def factory(self) -> ClientFactory:
        """Builds the WebSocket that was asked for; there must have been one."""
        if self._dialer.factory is None:
            raise LocalProtocolError("no WebSocket was asked for")
        return self._dialer.factory

    @property
    def is_over(self) -> bool:
        """Whether the connection is gone, or never came about."""
        return self._loss is not None

    @property
    def was_up(self) -> bool:
        """Whether the gateway let us in, be it over or not."""
        return self._is_up

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call; see ``IGatewayConnection``."""
        raise NotImplementedError

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet."""
        raise NotImplementedError

    def pause(self) -> None:
        """Stop reading."""
        self._is_waiting = False
        self.driver.pause()

    def resume(self) -> None:
        """Read again."""
        self._is_waiting = False
        self.driver.resume()

    def close(self) -> None:
        """Leave in good order."""
        self.driver.close()

    def abort(self) -> None:
        """Drop the connection at once."""
        self.driver.drop()

    def fail(self, error: PadChatError) -> None:
        """Close since the peer broke a rule above the wire."""
        self.driver.fail(error)

    # From the driver

    def occurred(self, occurrences: Sequence[Any]) -> None:
        """Pass on what came."""
        raise NotImplementedError

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Tell that the connection is over."""
        loss = error or Disconnected(reason)
        if not self._is_up:
            if not isinstance(loss, ConnectError):
                cause = loss
                loss = ConnectError(self.peer, str(cause))
                loss.__cause__ = cause
            loss = self.explain(loss)
        self._loss = (loss, self._unsent())
        if self._receiver is not None:
            self._receiver.lost(*self._loss)

    # For the dialects

    def _unsent(self) -> frozenset[int]:
        """Return the ids of the calls whose bytes never left."""
        raise NotImplementedError

    def _let_in(self) -> None:
        """The gateway accepted us."""
        self._is_up = True
        if self._receiver is None:
            # Nobody is there yet: what comes meanwhile is bounded by one read.
            self.driver.pause()
            self._is_waiting = True
        else:
            self._receiver.connected(self)

    def _pass_on(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Hand out what came, or keep it until somebody is there."""
        if envelopes and self._is_up:
            if self._receiver is None:
                self._early.extend(envelopes)
            else:
                self._receiver.received(envelopes)

    def _refuse_size(self, params: bytes) -> None:
        size = f"{len(params)} bytes; the limit is {self._max_frame}"
        raise LocalProtocolError(f"its parameters have {size}")

    def _hide(self, text: str) -> str:
        """Take out the auth key: a gateway may repeat it in its texts."""
        key = self._auth_key.reveal()
        for form in (key, quote(key, safe=""), encode_query(((key, ""),))[:-1]):
            text = text.replace(form, "***") if form else text
        return text


class _Nobody:
    """Hears everything and does nothing."""

    def connected(self, connection: IGatewayConnection) -> None:
        """Nobody wants it; it is closing."""

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Nobody reads it."""

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """Nobody minds."""


#: The kind of connection that a connector takes.
_Side = TypeVar("_Side", bound=SessionSide)


@implementer(IConnector)
class DialledSide(Generic[_Side]):
    """Connects by itself, whenever it is asked to.

    Args:
        address: the gateway.
    """

    __slots__ = (
        "_connection",
        "url",
    )

    paces_itself = False

    def __init__(self, address: GatewayAddress) -> None:
        self.url = address.url
        self._connection: _Side | None = None

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin one attempt."""
        raise NotImplementedError

    def stop(self) -> None:
        """Leave the attempt or the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.leave()

    def _begin(self, connection: _Side, receiver: GatewayReceiver) -> None:
        """Start a connection, which nobody has started."""
        self._connection = connection
        connection.attach(receiver)
        connection.driver.start()


@implementer(IConnector)
class OfferedSide(Generic[_Side]):
    """Takes the connections that somebody else makes, for example a ClientService.

    Args:
        address: the gateway.
    """

    paces_itself = True

    def __init__(self, address: GatewayAddress) -> None:
        self.url = address.url
        self._waiting: GatewayReceiver | None = None
        self._current: _Side | None = None
        self._is_taken = False

    def offer(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the protocol of a connection that is being made.

        Returns:
            The protocol; None while there is another connection, since the gateway
            would let the newer one take over from it.
        """
        if self._current is not None and not self._current.is_over:
            return None
        connection = self._build(self._current)
        connection.driver.start()
        waiting, self._waiting = self._waiting, None
        self._current = connection
        self._is_taken = waiting is not None
        if waiting is not None:
            connection.attach(waiting)
        return connection.factory.buildProtocol(addr)

    def connect(self, receiver: GatewayReceiver) -> None:
        """Take the connection that was offered, or the next one."""
        if self._current is not None and not self._is_taken:
            self._is_taken = True
            self._current.attach(receiver)
        else:
            self._waiting = receiver

    def stop(self) -> None:
        """Take no connection any more."""
        self._waiting = None
        current, self._current = self._current, None
        if current is not None:
            current.leave()

    def _build(self, last: _Side | None) -> _Side:
        """Build a connection, after the one that was there last."""
        raise NotImplementedError
