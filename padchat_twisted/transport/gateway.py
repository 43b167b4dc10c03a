"""A client's connection to a gateway of dialect ``socketio``."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint

from ..errors import AuthKeyInvalid, NamespaceRefused, quoted
from ..secret import Secret
from ..wire import json_text
from ..wire.dialect_socketio import call_body, client_connection, translate
from ..wire.engineio import EIO3
from ..wire.envelope import Notice
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from ..wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    SocketOccurrence,
)
from .address import GatewayAddress
from .dialer import ENGINE_PATH
from .revision import Way
from .session_side import SessionSide

__all__ = ["WEBSOCKET_3", "GatewayConnection"]

#: How PadChat's own client connects. Source: PADCHAT 3.0.1, index.js; the vector
#: padchat-login-flow.
WEBSOCKET_3 = Way(EIO3, ("websocket",))

#: What a Socket.IO server says of a namespace that it does not have.
#: Source: vector eio3-ws-connect-error-unknown-namespace.
INVALID_NAMESPACE = "Invalid namespace"


class GatewayConnection(SessionSide):
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
    """

    __slots__ = (
        "_connection",
        "_namespace",
    )

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
        self._namespace = address.namespace
        self._connection = client_connection(
            self._namespace,
            (("authKey", auth_key.reveal()), ("name", name)),
            peer=address.place,
            revision=way.revision,
            transports=way.transports,
            max_frame=max_frame,
            open_timeout=open_timeout,
        )
        super().__init__(
            clock,
            address,
            auth_key,
            self._connection,
            path=ENGINE_PATH,
            endpoint=endpoint,
            headers=headers,
            max_frame=max_frame,
        )

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call; see ``IGatewayConnection``."""
        if len(params) > self._max_frame:
            self._refuse_size(params)
        self._connection.emit(self._namespace, call_body(code, params), ack_id=call_id)
        self.driver.turn()

    @property
    def buffered_bytes(self) -> int:
        """Bytes of calls that wait for a gateway that does not read."""
        return self._connection.buffered_bytes

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet."""
        return self._connection.withdraw(self._namespace, call_id)

    # From the driver

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Pass on what concerns our namespace."""
        envelopes, others = translate(occurrences, self._namespace)
        # What is over by the end of the same read was never up.
        is_left = any(type(occurrence) is NamespaceLeft for occurrence in others)
        for occurrence in others:
            if isinstance(occurrence, NamespaceJoined):
                if not is_left:
                    self._let_in()
            elif isinstance(occurrence, ErrorReceived):
                if occurrence.is_refusal:
                    self.driver.fail(self._refusal(occurrence.body))
                else:
                    body = b'["error",%b]' % occurrence.body
                    envelopes.append(Notice("error", body))
        self._pass_on(envelopes)

    # Steps

    def _unsent(self) -> frozenset[int]:
        return self._connection.unsent_ack_ids(self._namespace)

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
