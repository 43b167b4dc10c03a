"""One side of a namespace, client or server: it sends events, and waits for answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime

from ..errors import LocalProtocolError, NotSent
from ..wire.occurrences import SocketAck
from ..wire.socketio_connection import SocketIOConnection
from .acks import DEFAULT_TIME_LIMIT, Acks
from .events import answer_of, encode_event
from .flow import Flow

__all__ = ["Carrier", "Emitter"]


class Carrier(Protocol):
    """Whose connection carries the events of several namespaces."""

    @property
    def connection(self) -> SocketIOConnection:
        """The connection of the wire; asked for only while there is one."""

    @property
    def flow(self) -> Flow:
        """The handlers of the connection."""

    def turn(self) -> None:
        """Carry out what the connection was asked for."""


class Emitter:
    """Sends events and calls over the connection of its carrier.

    Args:
        clock: for time limits.
        carrier: has the connection.
        namespace: its name.
        ack_ids: gives ack ids.

    Attributes:
        is_connected: whether events can be sent now.
    """

    def __init__(
        self,
        clock: IReactorTime,
        carrier: Carrier,
        namespace: str,
        ack_ids: Iterator[int],
    ) -> None:
        self.is_connected = False
        self._carrier = carrier
        self._namespace = namespace
        self._acks = Acks(clock, ack_ids, carrier.flow, self._withdraw)

    @property
    def calls_in_flight(self) -> int:
        """How many calls wait for their acknowledgement."""
        return len(self._acks)

    def emit(self, name: str, *arguments: object, volatile: bool = False) -> None:
        """Send an event that nobody answers.

        Args:
            name: of the event.
            arguments: anything that JSON can hold, and bytes at any depth.
            volatile: drop it, and raise nothing, when it cannot leave at once.

        Raises:
            NotSent: there is no connection, or the peer does not read and too much
                waits for it already.
            LocalProtocolError: such a name or argument cannot be sent.
        """
        body, attachments = encode_event(name, arguments)
        if volatile and not self.is_connected:
            return
        try:
            self._emit(body, attachments, volatile=volatile)
        except LocalProtocolError as error:
            raise NotSent(name, str(error)) from error

    def call(
        self, name: str, *arguments: object, time_limit: float = DEFAULT_TIME_LIMIT
    ) -> Deferred[Any]:
        """Send an event and wait for the peer's acknowledgement.

        Args:
            name: of the event.
            arguments: as those of ``emit``.
            time_limit: how long the answer may take (seconds).

        Returns:
            Fires with the answer: None, one value, or a tuple of several. Fails with
            ``NotSent``, which is safe to repeat; with ``OutcomeUnknown`` when it left
            and no answer came; or, when it was cancelled before it left, with
            ``CancelledError``.

        Raises:
            LocalProtocolError: such a name or argument cannot be sent.
        """
        body, attachments = encode_event(name, arguments)
        if not self.is_connected:
            return fail(NotSent(name, "not connected"))
        return self._acks.call(
            name,
            time_limit,
            lambda ack_id: self._emit(body, attachments, ack_id=ack_id),
        )

    # For those who have the connection

    def acknowledged(self, ack: SocketAck) -> None:
        """Take in an answer; a late or second one, or of another's call, is ignored.

        Raises:
            RemoteProtocolError: it cannot be read; the call's outcome stays open
                until the connection ends.
        """
        if self._acks.is_waiting(ack.ack_id):
            answer = answer_of(ack.body, ack.attachments)
            self._acks.acknowledged(ack.ack_id, answer)

    def end_calls(self) -> None:
        """The connection has left the namespace: no answer comes any more."""
        self.is_connected = False
        if len(self._acks):
            unsent = self._carrier.connection.unsent_ack_ids(self._namespace)
            self._acks.end(unsent)

    # Steps

    def _emit(
        self,
        body: bytes,
        attachments: Sequence[bytes],
        *,
        ack_id: int | None = None,
        volatile: bool = False,
    ) -> None:
        if not self.is_connected:
            raise LocalProtocolError("not connected")
        carrier = self._carrier
        carrier.connection.emit(
            self._namespace,
            body,
            ack_id=ack_id,
            attachments=attachments,
            volatile=volatile,
        )
        carrier.turn()

    def _withdraw(self, ack_id: int) -> bool:
        return self._carrier.connection.withdraw(self._namespace, ack_id)
