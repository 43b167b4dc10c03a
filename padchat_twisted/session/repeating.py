"""Commands that only read, repeated over a lost connection when the caller asks for it.

Nothing else is ever repeated: what changes the world is sent once, see :mod:`.keys`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as WaitedTooLong
from twisted.internet.interfaces import IReactorTime

from ..catalogue import Command, Result
from ..errors import NotSent, OutcomeUnknown, PadChatError
from .work import Lane

__all__ = ["Repeating"]


class Send(Protocol):
    """Sends a command, as ``AccountSession.call`` does."""

    def __call__(
        self,
        command: Command[Any],
        *,
        time_limit: float | None = None,
        lane: Lane | None = None,
    ) -> Deferred[Any]:
        """Send it."""


class Repeating:
    """Sends reading commands of one account until one is answered.

    Args:
        clock: for the time limit.
        send: sends a command now.
        may_call: tells whether commands may be sent now.
        when_ready: fires when the account is ready again, or fails when it will not be.
    """

    def __init__(
        self,
        clock: IReactorTime,
        send: Send,
        may_call: Callable[[], bool],
        when_ready: Callable[[], Deferred[Any]],
    ) -> None:
        self._clock = clock
        self._send = send
        self._may_call = may_call
        self._when_ready = when_ready

    async def call(self, command: Command[Any], time_limit: float) -> Result:
        """Send a command, again after each loss of the connection.

        Args:
            command: one that changes nothing.
            time_limit: how long all of it may take (seconds).

        Raises:
            NotSent, OutcomeUnknown: how the last attempt ended.
            CallRejected, CancelledError: see ``AccountSession.call``.
        """
        code = command.wire_name
        if command.changes_world:
            raise NotSent(
                code, "retry: only commands that change nothing take it; leave it out"
            )
        end = self._clock.seconds() + time_limit
        while True:
            left = end - self._clock.seconds()
            try:
                result: Result = await self._send(command, time_limit=left)
                return result
            except (NotSent, OutcomeUnknown) as error:
                left = end - self._clock.seconds()
                # With a connection it is no loss: a field is wrong, or time is up.
                if self._may_call() or left <= 0:
                    raise
                if not await self._is_ready_within(left):
                    raise error from None

    async def _is_ready_within(self, seconds: float) -> bool:
        ready = self._when_ready()
        try:
            await ready.addTimeout(seconds, self._clock)
        except (WaitedTooLong, PadChatError):
            return False
        return True
