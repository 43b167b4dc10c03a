"""A client's connection to a gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
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
from ..interfaces import GatewayReceiver, IGatewayConnection
from ..secret import Secret
from ..wire import json_text
from ..wire.dialect_socketio import call_body, client_connection, translate
from ..wire.engineio import EIO3
from ..wire.envelope import Notice, Reply
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from ..wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    SocketOccurrence,
)
from ..wire.query import encode_query
from .address import GatewayAddress
from .dialer import Dialer, Place
from .driver import Driver
from .factories import ClientFactory
from .revision import Way

__all__ = ["WEBSOCKET_3", "GatewayConnection"]

#: How PadChat's own client connects. Source: PADCHAT 3.0.1, index.js; the vector
#: padchat-login-flow.
WEBSOCKET_3 = Way(EIO3, ("websocket",))

#: What a Socket.IO server says of a namespace that it does not have.
#: Source: vector eio3-ws-connect-error-unknown-namespace.
INVALID_NAMESPACE = "Invalid namespace"


@implementer(IGatewayConnection)
class GatewayConnection:
    """One connection of dialect ``socketio``, as a client.

    Args:
        clock: for deadlines.
        address: the gateway.
        auth_key: travels in the query, percent-encoded.
        name: label of the sub-account.
        endpoint: leads to the gateway; None where somebody else connects ``factory``.
        way: revision and transports.
        headers: further ones for every HTTP request.
        max_frame: largest message accepted, and largest parameters of a call (bytes).
        open_timeout: time until the gateway let us in (seconds).

    Attributes:
        explain: turns the error of an attempt that failed into the one to tell.
    """

    def __init__(
        self,
        clock: IReactorTime,
        address: GatewayAddress,
        auth_key: Secret,
        name: str,
        *,
        endpoint: IStreamClientEndpoint | None = None,
        way: Way = WEBSOCKET_3,
        headers: Sequence[tuple[str, str]] = (),
        max_frame: int = MAX_FRAME_BYTES,
        open_timeout: float = OPEN_TIMEOUT,
    ) -> None:
        self.peer = address.place
        self._auth_key = auth_key
        self._namespace = address.namespace
        self._connection = client_connection(
            self._namespace,
            (("authKey", auth_key.reveal()), ("name", name)),
            peer=self.peer,
            revision=way.revision,
            transports=way.transports,
            max_frame=max_frame,
            open_timeout=open_timeout,
        )
        self._max_frame = max_frame
        self._dialer = Dialer(
            clock,
            Place(address.is_secure, address.host, address.port),
            endpoint,
            headers=headers,
            max_frame=max_frame,
            hide=self._hide,
        )
        self.driver = Driver(clock, self._connection, self, dialer=self._dialer)
        self.explain: Callable[[PadChatError], PadChatError] = lambda error: error
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
        if not self._is_up:
            loss = self.explain(loss)
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
