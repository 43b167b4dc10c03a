"""Calls in flight: call id -> Deferred, with a time limit, and cancellation.

Each Deferred ends in one of the four outcomes: a result, ``CallRejected``,
``NotSent`` or ``OutcomeUnknown``; a call that was cancelled before its bytes left
ends in ``CancelledError``. Nothing is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, cast

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..catalogue import RefusedReply, Result, decode_reply
from ..errors import (
    CallRejected,
    LocalProtocolError,
    NotSent,
    OutcomeUnknown,
    RemoteProtocolError,
)
from ..interfaces import IGatewayConnection
from ..wire import json_text
from ..wire.envelope import Reply

__all__ = ["MAX_CALLS_IN_FLIGHT", "Calls"]

#: Most calls of one account that wait for their reply. A person sends a few in a
#: minute; a program that has a thousand in flight has a loop without an end.
MAX_CALLS_IN_FLIGHT = 1000

#: Deadlines of ended calls that may stay in the heap beside as many as are in flight:
#: tidying costs as much as the heap is long, so it is done seldom.
SPARE_DEADLINES = 64


class _Call:
    __slots__ = ("call_id", "code", "deferred", "result_type")

    def __init__(
        self,
        call_id: int,
        code: str,
        result_type: type[Result],
        deferred: Deferred[Result],
    ) -> None:
        self.call_id = call_id
        self.code = code
        self.result_type = result_type
        self.deferred = deferred


class Calls:
    """The calls of one account; ids go on counting over connections.

    Args:
        clock: for time limits.

    Attributes:
        late_replies: replies to calls that had ended, or to no call of ours.
    """

    __slots__ = (
        "_calls",
        "_cancelled",
        "_clock",
        "_connection",
        "_deadlines",
        "_ending",
        "_next_id",
        "_tidy_at",
        "_timer",
        "late_replies",
    )

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._connection: IGatewayConnection | None = None
        self._next_id = 0
        self._calls: dict[int, _Call] = {}
        self._ending: dict[int, _Call] = {}
        self._deadlines: list[tuple[float, int]] = []
        self._tidy_at = SPARE_DEADLINES
        self._timer: IDelayedCall | None = None
        self._cancelled = self._on_cancel
        self.late_replies = 0

    def __len__(self) -> int:
        """Count the calls in flight."""
        return len(self._calls)

    def connected(self, connection: IGatewayConnection) -> None:
        """Send over *connection* from now on."""
        self._connection = connection

    def call(
        self, code: str, params: object, result_type: type[Result], time_limit: float
    ) -> Deferred[Any]:
        """Send a call.

        Args:
            code: wire name of the command.
            params: one JSON object.
            result_type: what the reply is decoded as.
            time_limit: how long the reply may take (seconds).

        Returns:
            Fires with the result, or fails with one of the outcomes.
        """
        connection = self._connection
        if connection is None:
            return fail(NotSent(code, "there is no connection"))
        if len(self._calls) >= MAX_CALLS_IN_FLIGHT:
            return fail(
                NotSent(
                    code,
                    f"{MAX_CALLS_IN_FLIGHT} calls are in flight, which is the limit",
                )
            )
        try:
            encoded = json_text.write(params)
        except (TypeError, ValueError):
            return fail(NotSent(code, "a parameter that JSON cannot hold"))
        call_id = self._next_id
        self._next_id = call_id + 1
        deferred: Deferred[Result] = Deferred(self._cancelled)
        call = _Call(call_id, code, result_type, deferred)
        # In the table first, and with its deadline: a reply may come, or the
        # connection go, while the call is being sent.
        self._calls[call_id] = call
        deadlines = self._deadlines
        heappush(deadlines, (self._clock.seconds() + time_limit, call_id))
        if deadlines[0][1] == call_id or len(deadlines) >= self._tidy_at:
            self._tend_deadlines()
        try:
            connection.send_call(call_id, code, encoded)
        except LocalProtocolError as error:
            del self._calls[call_id]
            return fail(NotSent(code, str(error)))
        return deferred

    def replied(self, reply: Reply) -> None:
        """Take in a reply; one to no call in flight is counted and ignored.

        Raises:
            RemoteProtocolError: its text cannot be read; the call's outcome is
                unknown.
        """
        call = self._calls.pop(reply.call_id, None)
        if call is None:
            self.late_replies += 1
            return
        try:
            result = decode_reply(call.result_type, reply.body)
        except ValueError:
            call.deferred.errback(OutcomeUnknown(call.code, "its reply cannot be read"))
            raise RemoteProtocolError(
                "padchat", f"a reply to {call.code!r} that cannot be read"
            ) from None
        if type(result) is RefusedReply:
            call.deferred.errback(
                CallRejected(call.code, result.message, result.status)
            )
        else:
            call.deferred.callback(cast(Result, result))

    def lost(self, unsent: frozenset[int]) -> Callable[[], None]:
        """The connection is gone: take its calls away from it.

        Args:
            unsent: ids of the calls that did not leave.

        Returns:
            Call it to end them, each with what is known of it. Until then nobody
            who waits for one is called, and what is called then finds a session
            that knows of the loss.
        """
        self._connection = None
        calls, self._calls = self._calls, {}
        self._ending = calls
        self._deadlines.clear()
        self._stop_timer()

        def end() -> None:
            for call in calls.values():
                if call.deferred.called:
                    # Cancelled by somebody who heard of the loss first.
                    continue
                if call.call_id in unsent:
                    call.deferred.errback(NotSent(call.code, "connection lost"))
                else:
                    call.deferred.errback(OutcomeUnknown(call.code, "connection lost"))
            calls.clear()

        return end

    def abandon(self) -> None:
        """We leave the connection: end every call, each with what is known of it."""
        connection = self._connection
        if connection is not None:
            waiting = [c for c in self._calls if connection.withdraw_call(c)]
            self.lost(frozenset(waiting))()

    # Steps

    def _on_cancel(self, deferred: Deferred[Result]) -> None:
        for call in (*self._calls.values(), *self._ending.values()):
            if call.deferred is deferred:
                self._calls.pop(call.call_id, None)
                if self._withdraw(call):
                    deferred.errback(CancelledError())
                else:
                    deferred.errback(OutcomeUnknown(call.code, "cancelled"))
                return

    def _withdraw(self, call: _Call) -> bool:
        connection = self._connection
        return connection is not None and connection.withdraw_call(call.call_id)

    def _tend_deadlines(self) -> None:
        """Set the timer to the first deadline, and forget those of ended calls."""
        deadlines = self._deadlines
        if len(deadlines) >= self._tidy_at:
            deadlines[:] = [entry for entry in deadlines if entry[1] in self._calls]
            heapify(deadlines)
            self._tidy_at = 2 * len(deadlines) + SPARE_DEADLINES
        first = deadlines[0][0]
        if self._timer is None or first < self._timer.getTime():
            self._set_timer(first)

    def _set_timer(self, deadline: float) -> None:
        delay = max(0.0, deadline - self._clock.seconds())
        if self._timer is None:
            self._timer = self._clock.callLater(delay, self._look_at_deadlines)
        else:
            # One that is cancelled would be kept until its time has come.
            self._timer.reset(delay)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_deadlines(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        deadlines = self._deadlines
        while deadlines and (
            deadlines[0][0] <= now or deadlines[0][1] not in self._calls
        ):
            call = self._calls.pop(heappop(deadlines)[1], None)
            if call is None:
                continue
            if self._withdraw(call):
                call.deferred.errback(NotSent(call.code, "time limit"))
            else:
                call.deferred.errback(OutcomeUnknown(call.code, "time limit"))
        if deadlines and self._timer is None:
            self._set_timer(deadlines[0][0])
