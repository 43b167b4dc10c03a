"""Calls in flight: ack id -> Deferred, with a time limit, and cancellation.

Each Deferred ends in the arguments of the acknowledgement, ``NotSent`` or
``OutcomeUnknown``; a call that was cancelled before its bytes left ends in
``CancelledError``. Nothing is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..errors import CallError, LocalProtocolError, NotSent, OutcomeUnknown
from .flow import Flow

__all__ = ["DEFAULT_TIME_LIMIT", "MAX_CALLS_IN_FLIGHT", "Acks"]

#: How long an acknowledgement may take (seconds). JavaScript waits for ever;
#: python-socketio waits as long as this.
DEFAULT_TIME_LIMIT = 60.0

#: Most calls of one peer in one namespace that wait for their acknowledgement; a
#: program that has more in flight has a loop without an end.
MAX_CALLS_IN_FLIGHT = 1000


class _Call(NamedTuple):
    name: str
    deferred: Deferred[Any]
    timer: IDelayedCall


class Acks:
    """The calls to one peer in one namespace.

    Args:
        clock: for time limits.
        ids: gives ack ids: a client goes on counting after a reconnect, a server
            counts over all its sockets of a namespace.
        flow: is told of each call.
        withdraw: takes a call back that still waits in our buffer, and tells whether
            it did.
    """

    def __init__(
        self,
        clock: IReactorTime,
        ids: Iterator[int],
        flow: Flow,
        withdraw: Callable[[int], bool],
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._flow = flow
        self._withdraw = withdraw
        self._calls: dict[int, _Call] = {}

    def __len__(self) -> int:
        """Count the calls in flight."""
        return len(self._calls)

    def call(
        self, name: str, time_limit: float, send: Callable[[int], None]
    ) -> Deferred[Any]:
        """Make a call.

        Args:
            name: of the event, for errors.
            time_limit: how long the acknowledgement may take (seconds).
            send: sends the event with this ack id, or raises LocalProtocolError.

        Returns:
            Fires with the arguments of the acknowledgement.
        """
        if len(self._calls) >= MAX_CALLS_IN_FLIGHT:
            problem = f"{MAX_CALLS_IN_FLIGHT} calls are in flight, which is the limit"
            return fail(NotSent(name, problem))
        ack_id = next(self._ids)
        deferred: Deferred[Any] = Deferred(lambda _: self._cancelled(ack_id))
        timer = self._clock.callLater(time_limit, self._too_late, ack_id)
        # In the table first: an answer may come, or the connection go, while the
        # event is being sent.
        self._calls[ack_id] = _Call(name, deferred, timer)
        self._flow.call_began()
        try:
            send(ack_id)
        except LocalProtocolError as error:
            if self._take(ack_id) is not None:
                not_sent = NotSent(name, str(error))
                not_sent.__cause__ = error
                return fail(not_sent)
        return deferred

    def acknowledged(self, ack_id: int, answer: object) -> None:
        """Take in an acknowledgement; a late or second one is ignored."""
        call = self._take(ack_id)
        if call is not None:
            call.deferred.callback(answer)

    def is_waiting(self, ack_id: int) -> bool:
        """Tell whether a call waits for this acknowledgement."""
        return ack_id in self._calls

    def end(self, unsent: Container[int], problem: str = "connection lost") -> None:
        """End every call, each with what is known of it.

        Args:
            unsent: ids of those that surely did not leave.
            problem: what happened.
        """
        for ack_id in list(self._calls):
            call = self._take(ack_id)
            if call is not None:
                kind = NotSent if ack_id in unsent else OutcomeUnknown
                call.deferred.errback(kind(call.name, problem))

    # Steps

    def _take(self, ack_id: int) -> _Call | None:
        call = self._calls.pop(ack_id, None)
        if call is not None:
            self._flow.call_ended()
            if call.timer.active():
                call.timer.cancel()
        return call

    def _cancelled(self, ack_id: int) -> None:
        call = self._take(ack_id)
        if call is not None:
            error: Exception = OutcomeUnknown(call.name, "cancelled")
            if self._withdraw(ack_id):
                error = CancelledError()
            call.deferred.errback(error)

    def _too_late(self, ack_id: int) -> None:
        call = self._take(ack_id)
        if call is not None:
            kind: type[CallError] = OutcomeUnknown
            if self._withdraw(ack_id):
                kind = NotSent
            call.deferred.errback(kind(call.name, "time limit"))
