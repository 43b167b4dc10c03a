"""A client's connection to a gateway of a JSON dialect, and the ways to get one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import quote

from twisted.internet.interfaces import (
    IAddress,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.logger import Logger
from zope.interface import implementer

from ..errors import (
    ConnectError,
    Disconnected,
    LocalProtocolError,
    PadChatError,
)
from ..interfaces import GatewayReceiver, IConnector, IGatewayConnection
from ..secret import Secret
from ..wire import dialect_legacy, dialect_sdk, json_text
from ..wire.dialect_json import JsonOccurrence, LetIn, OddFrame
from ..wire.envelope import Notice, Reply
from ..wire.json_client import JsonClient
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from .address import GatewayAddress
from .dialer import Dialer, Place
from .driver import Driver
from .factories import ClientFactory
from .websocket import ClientWebSocket

__all__ = ["JsonEndpointConnector", "JsonGatewayConnection", "JsonOfferedConnector"]

#: Characters of a UUID before the last twelve, which count the calls.
ID_HEAD = 24

_log = Logger()


@implementer(IGatewayConnection)
class JsonGatewayConnection:
    """One connection of dialect ``legacy`` or ``sdk``, as a client.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: sent by ``auth`` in ``legacy``, a part of the URL in ``sdk``.
        endpoint: leads to the gateway; None where somebody else connects ``factory``.
        headers: further ones for the HTTP request.
        max_frame: largest message accepted, and largest parameters of a call (bytes).
        open_timeout: time until the gateway let us in (seconds).
    """

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        *,
        endpoint: IStreamClientEndpoint | None = None,
        headers: Sequence[tuple[str, str]] = (),
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self.peer = address.place
        self._auth_key = auth_key
        self._max_frame = max_frame
        self._connection = _client(address, auth_key, max_frame, open_timeout)
        path = address.websocket_path(auth_key.reveal())
        self._dialer = Dialer(
            clock,
            Place(address.is_secure, address.host, address.port, path),
            endpoint,
            headers=headers,
            max_frame=max_frame,
            hide=self._hide,
        )
        self.driver = Driver(clock, self._connection, self, dialer=self._dialer)
        self._receiver: GatewayReceiver | None = None
        self._is_up = False
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
            self.driver.resume()
        if self._loss is not None:
            receiver.lost(*self._loss)

    def detach(self) -> None:
        """Tell nobody any more."""
        self._receiver = _Nobody()

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

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call; see ``IGatewayConnection``."""
        if len(params) > self._max_frame:
            size = f"{len(params)} bytes; the limit is {self._max_frame}"
            raise LocalProtocolError(f"its parameters have {size}")
        self._connection.send_call(call_id, code, params)
        self.driver.turn()

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet."""
        return self._connection.withdraw(call_id)

    def pause(self) -> None:
        """Stop reading."""
        self.driver.pause()

    def resume(self) -> None:
        """Read again."""
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

    def occurred(self, occurrences: Sequence[JsonOccurrence]) -> None:
        """Pass on what came; a frame that was not understood as event ``error``."""
        envelopes: list[Reply | Notice] = []
        for occurrence in occurrences:
            if type(occurrence) is Reply or type(occurrence) is Notice:
                envelopes.append(occurrence)
            elif type(occurrence) is LetIn:
                self._let_in()
            elif type(occurrence) is OddFrame:
                _log.warn(
                    "{gateway} sent {problem}; it was ignored",
                    gateway=self.peer,
                    problem=occurrence.problem,
                )
                body = json_text.write(("error", {"msg": occurrence.problem}))
                envelopes.append(Notice("error", body))
        if envelopes and self._is_up:
            if self._receiver is None:
                self._early.extend(envelopes)
            else:
                self._receiver.received(envelopes)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Tell that the connection is over."""
        loss = error or Disconnected(reason)
        if not self._is_up and not isinstance(loss, ConnectError):
            cause = loss
            loss = ConnectError(self.peer, str(cause))
            loss.__cause__ = cause
        self._loss = (loss, self._connection.unsent_call_ids())
        if self._receiver is not None:
            self._receiver.lost(*self._loss)

    # Steps

    def _let_in(self) -> None:
        self._is_up = True
        if self._receiver is None:
            # Nobody is there yet: what comes meanwhile is bounded by one read.
            self.driver.pause()
        else:
            self._receiver.connected(self)

    def _hide(self, text: str) -> str:
        """Take out the auth key: a gateway may repeat it in its texts."""
        key = self._auth_key.reveal()
        for form in (key, quote(key, safe="")):
            text = text.replace(form, "***") if form else text
        return text


def _client(
    address: GatewayAddress, auth_key: Secret, max_frame: int, open_timeout: float
) -> JsonClient:
    if address.dialect == "legacy":
        return dialect_legacy.client_connection(
            auth_key.reveal(),
            id_head=str(uuid.uuid4())[:ID_HEAD],
            peer=address.place,
            max_frame=max_frame,
            open_timeout=open_timeout,
        )
    return dialect_sdk.client_connection(
        peer=address.place, max_frame=max_frame, open_timeout=open_timeout
    )


class _Nobody:
    """Hears everything and does nothing."""

    def connected(self, connection: IGatewayConnection) -> None:
        """Nobody wants it any more."""
        connection.close()

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Nobody reads it."""

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """Nobody minds."""


@implementer(IConnector)
class JsonEndpointConnector:
    """Connects by an endpoint, once per attempt.

    Args:
        clock: for deadlines.
        endpoint: leads to the gateway; with TLS in it where the URL says so.
        address: the gateway, of a JSON dialect.
        auth_key: the key.
        headers: further ones for the HTTP request.
        max_frame: largest message accepted (bytes).
        open_timeout: time for an attempt until the gateway let us in (seconds).
    """

    paces_itself = False

    def __init__(
        self,
        clock: IReactorTime,
        endpoint: IStreamClientEndpoint,
        address: GatewayAddress,
        auth_key: Secret,
        *,
        headers: Sequence[tuple[str, str]] = (),
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self.url = address.url
        self._clock = clock
        self._endpoint = endpoint
        self._address = address
        self._auth_key = auth_key
        self._headers = tuple(headers)
        self._max_frame = max_frame
        self._open_timeout = open_timeout
        self._connection: JsonGatewayConnection | None = None

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin one attempt."""
        connection = JsonGatewayConnection(
            self._clock,
            self._address,
            self._auth_key,
            endpoint=self._endpoint,
            headers=self._headers,
            max_frame=self._max_frame,
            open_timeout=self._open_timeout,
        )
        self._connection = connection
        connection.attach(receiver)
        connection.driver.start()

    def stop(self) -> None:
        """Leave the attempt or the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.detach()
            connection.close()


@implementer(IConnector)
class JsonOfferedConnector:
    """Takes the connections that somebody else makes, for example a ClientService.

    Args:
        clock: for deadlines.
        address: the gateway, of a JSON dialect.
        auth_key: the key.
    """

    paces_itself = True

    def __init__(
        self, clock: IReactorTime, address: GatewayAddress, auth_key: Secret
    ) -> None:
        self.url = address.url
        self._clock = clock
        self._address = address
        self._auth_key = auth_key
        self._waiting: GatewayReceiver | None = None
        self._current: JsonGatewayConnection | None = None
        self._is_taken = False

    def offer(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the protocol of a connection that is being made.

        Returns:
            The protocol; None while there is another connection.
        """
        if self._current is not None and not self._current.is_over:
            return None
        connection = JsonGatewayConnection(self._clock, self._address, self._auth_key)
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
            current.detach()
            current.close()
