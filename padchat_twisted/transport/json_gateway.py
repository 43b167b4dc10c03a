"""A client's connection to a gateway of a JSON dialect, and the ways to get one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.logger import Logger

from ..interfaces import GatewayReceiver
from ..secret import Secret
from ..wire import dialect_legacy, dialect_sdk, json_text
from ..wire.dialect_json import JsonOccurrence, LetIn, OddFrame
from ..wire.envelope import Notice, Reply
from ..wire.json_client import JsonClient
from ..wire.limits import MAX_FRAME_BYTES, OPEN_TIMEOUT
from .address import GatewayAddress
from .session_side import DialledSide, OfferedSide, SessionSide

__all__ = ["JsonEndpointConnector", "JsonGatewayConnection", "JsonOfferedConnector"]

#: Characters of a UUID before the last twelve, which count the calls.
ID_HEAD = 24

_log = Logger()


class JsonGatewayConnection(SessionSide):
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
        self._connection = _client(address, auth_key, max_frame, open_timeout)
        super().__init__(
            clock,
            address,
            auth_key,
            self._connection,
            path=address.websocket_path(auth_key.reveal()),
            endpoint=endpoint,
            headers=headers,
            max_frame=max_frame,
        )

    # For the session

    def send_call(self, call_id: int, code: str, params: bytes) -> None:
        """Send a call; see ``IGatewayConnection``."""
        if len(params) > self._max_frame:
            self._refuse_size(params)
        self._connection.send_call(call_id, code, params)
        self.driver.turn()

    @property
    def buffered_bytes(self) -> int:
        """Bytes of calls that wait for a gateway that does not read."""
        return self._connection.buffered_bytes

    def withdraw_call(self, call_id: int) -> bool:
        """Take a call back whose bytes did not leave yet."""
        return self._connection.withdraw(call_id)

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
        self._pass_on(envelopes)

    # Steps

    def _unsent(self) -> frozenset[int]:
        return self._connection.unsent_call_ids()


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


class JsonEndpointConnector(DialledSide[JsonGatewayConnection]):
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
        super().__init__(address)
        self._clock = clock
        self._endpoint = endpoint
        self._address = address
        self._auth_key = auth_key
        self._headers = tuple(headers)
        self._max_frame = max_frame
        self._open_timeout = open_timeout

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
        self._begin(connection, receiver)


class JsonOfferedConnector(OfferedSide[JsonGatewayConnection]):
    """Takes the connections that somebody else makes.

    Args:
        clock: for deadlines.
        address: the gateway, of a JSON dialect.
        auth_key: the key.
    """

    def __init__(
        self, clock: IReactorTime, address: GatewayAddress, auth_key: Secret
    ) -> None:
        super().__init__(address)
        self._clock = clock
        self._address = address
        self._auth_key = auth_key

    def _build(self, last: JsonGatewayConnection | None) -> JsonGatewayConnection:
        return JsonGatewayConnection(self._clock, self._address, self._auth_key)
