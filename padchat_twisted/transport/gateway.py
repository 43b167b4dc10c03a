"""A client's connection to a gateway, and the ways to get one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import (
    IAddress,
    IProtocol,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import (
    AuthKeyInvalid,
    ConnectError,
    Disconnected,
    LocalProtocolError,
    NamespaceRefused,
    PadChatError,
    quoted,
)
from ..interfaces import GatewayReceiver, IConnector, IGatewayConnection
from ..secret import Secret
from ..wire import json_text
from ..wire.dialect_socketio import (
    call_body,
    client_connection,
    encode_query,
    translate,
)
from ..wire.envelope import Notice, Reply
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from ..wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    SocketOccurrence,
)
from ..wire.told import Lost
from .address import GatewayAddress
from .driver import Driver
from .factories import ClientFactory
from .websocket import ClientWebSocket

__all__ = ["EndpointConnector", "GatewayConnection", "OfferedConnector"]

#: What a Socket.IO server says of a namespace that it does not have.
#: Source: vector eio3-ws-connect-error-unknown-namespace.
INVALID_NAMESPACE = "Invalid namespace"


@implementer(IGatewayConnection)
class GatewayConnection:
    """One connection of dialect ``socketio`` over a WebSocket, as a client.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: travels in the query, percent-encoded.
        name: label of the sub-account.
        open_websocket: begins to connect; None where somebody else does.
        max_frame: largest message accepted, and largest parameters of a call (bytes).
        open_timeout: time until the gateway let us in (seconds).
    """

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        name: str,
        *,
        open_websocket: Callable[[], None] | None = None,
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self.peer = address.place
        self._auth_key = auth_key
        self._namespace = address.namespace
        query = encode_query((("authKey", auth_key.reveal()), ("name", name)))
        self._connection = client_connection(
            self._namespace,
            query,
            peer=self.peer,
            max_frame=max_frame,
            open_timeout=open_timeout,
        )
        self._max_frame = max_frame
        self.driver = Driver(clock, self._connection, self, open_websocket)
        self.factory = ClientFactory(
            clock,
            address.websocket_url(query),
            self.driver,
            max_frame=max_frame,
            hide=self._hide,
        )
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

    @property
    def is_over(self) -> bool:
        """Whether the connection is gone, or never came about."""
        return self._loss is not None

    def detach(self) -> None:
        """Tell nobody any more."""
        self._receiver = _Nobody()

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call; see ``IGatewayConnection``."""
        if len(params) > self._max_frame:
            size = f"{len(params)} bytes; the limit is {self._max_frame}"
            raise LocalProtocolError(f"its parameters have {size}")
        self._connection.emit(self._namespace, call_body(code, params), ack_id=call_id)
        self.driver.turn()

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet."""
        return self._connection.withdraw(self._namespace, call_id)

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

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Pass on what concerns our namespace."""
        envelopes, others = translate(occurrences, self._namespace)
        # What is over by the end of the same read was never up.
        is_left = any(type(occurrence) is NamespaceLeft for occurrence in others)
        for occurrence in others:
            if isinstance(occurrence, NamespaceJoined):
                if not is_left:
                    self._joined()
            elif isinstance(occurrence, ErrorReceived):
                if occurrence.is_refusal:
                    self.driver.fail(self._refusal(occurrence.body))
                else:
                    body = b'["error",%b]' % occurrence.body
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
        unsent = self._connection.unsent_ack_ids(self._namespace)
        self._loss = (loss, unsent)
        if self._receiver is not None:
            self._receiver.lost(loss, unsent)

    # Steps

    def _joined(self) -> None:
        self._is_up = True
        if self._receiver is None:
            # Nobody is there yet: what comes meanwhile is bounded by one read.
            self.driver.pause()
        else:
            self._receiver.connected(self)

    def _refusal(self, body: bytes) -> NamespaceRefused:
        try:
            said = json_text.read(body)
        except ValueError:
            said = ""
        if isinstance(said, dict):
            said = said.get("message", said.get("msg", ""))
        text = self._hide(str(said))
        problem = f"the gateway refused namespace {self._namespace}: {quoted(text)}"
        if text == INVALID_NAMESPACE:
            return NamespaceRefused(self.peer, problem)
        return AuthKeyInvalid(self.peer, problem)

    def _hide(self, text: str) -> str:
        """Take out the auth key: a gateway may repeat it in its texts."""
        key = self._auth_key.reveal()
        for form in (key, encode_query(((key, ""),))[:-1]):
            text = text.replace(form, "***") if form else text
        return text


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
class EndpointConnector:
    """Connects by an endpoint, once per attempt.

    Args:
        clock: for deadlines.
        endpoint: leads to the gateway; with TLS in it where the URL says so.
        address: the gateway.
        auth_key: the key.
        name: label of the sub-account.
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
        name: str,
        *,
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self.url = address.url
        self._clock = clock
        self._endpoint = endpoint
        self._address = address
        self._auth_key = auth_key
        self._name = name
        self._max_frame = max_frame
        self._open_timeout = open_timeout
        self._attempt: _Attempt | None = None

    def connect(self, receiver: GatewayReceiver) -> None:
        """Begin one attempt."""
        connection = GatewayConnection(
            self._clock,
            self._address,
            self._auth_key,
            self._name,
            open_websocket=lambda: attempt.begin(),
            max_frame=self._max_frame,
            open_timeout=self._open_timeout,
        )
        attempt = _Attempt(self._endpoint, connection)
        self._attempt = attempt
        connection.driver.when_over = attempt.cancel
        connection.attach(receiver)
        connection.driver.start()

    def stop(self) -> None:
        """Give up the attempt that is under way."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.give_up()


class _Attempt:
    """One attempt to connect: its endpoint's part ends when the connection ends."""

    def __init__(
        self, endpoint: IStreamClientEndpoint, connection: GatewayConnection
    ) -> None:
        self._endpoint = endpoint
        self._connection = connection
        self._connecting: Deferred[IProtocol] | None = None

    def begin(self) -> None:
        # An endpoint of somebody else may raise.
        connect = self._endpoint.connect
        self._connecting = maybeDeferred(connect, self._connection.factory)
        self._connecting.addCallbacks(self._tcp_connected, self._tcp_failed)

    def give_up(self) -> None:
        self._connection.detach()
        self._connection.close()

    def cancel(self) -> None:
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()

    def _tcp_connected(self, protocol: IProtocol) -> None:
        self._connecting = None

    def _tcp_failed(self, failure: Failure) -> None:
        self._connecting = None
        problem = failure.getErrorMessage() or type(failure.value).__name__
        self._connection.driver.tell(Lost(ConnectError(self._connection.peer, problem)))


@implementer(IConnector)
class OfferedConnector:
    """Takes the connections that somebody else makes, for example a ClientService.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: the key.
        name: label of the sub-account.
    """

    paces_itself = True

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        name: str,
    ) -> None:
        self.url = address.url
        self._clock = clock
        self._address = address
        self._auth_key = auth_key
        self._name = name
        self._waiting: GatewayReceiver | None = None
        self._current: GatewayConnection | None = None
        self._is_taken = False

    def offer(self, addr: IAddress | None) -> ClientWebSocket | None:
        """Build the protocol of a connection that is being made.

        Returns:
            The protocol; None while there is another connection, since the gateway
            would let the newer one take over from it.
        """
        if self._current is not None and not self._current.is_over:
            return None
        connection = GatewayConnection(
            self._clock, self._address, self._auth_key, self._name
        )
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
