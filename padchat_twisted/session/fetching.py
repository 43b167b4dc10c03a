"""Asks for what the gateway announced, and again when that did not work.

In dialect ``sdk`` contacts and messages are announced, and come when they are asked
for. Were a command that failed not repeated, they would come with the next announcement
only, which may be hours later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from ..catalogue import Command, Done

__all__ = ["FIRST_AGAIN", "LONGEST_AGAIN", "Fetching"]

#: Time until it is asked again (seconds): who is told that it was too often shall wait.
FIRST_AGAIN = 10.0

#: The time doubles with each failure, up to this (seconds).
LONGEST_AGAIN = 600.0

#: More doublings than lead there: a float has an end.
MOST_DOUBLINGS = 10


class Fetching:
    """What one account asks for.

    Args:
        clock: for the time until it is asked again.
        send: sends a command.
        trouble: told each failure, and what did not work; it is only logged.
    """

    def __init__(
        self,
        clock: IReactorTime,
        send: Callable[[Command[Done]], Deferred[Any]],
        trouble: Callable[[Failure, str], None],
    ) -> None:
        self._clock = clock
        self._send = send
        self._trouble = trouble
        self._is_logged_in = False
        self._failures: dict[str, int] = {}
        self._again: dict[str, IDelayedCall] = {}

    def set_logged_in(self, is_logged_in: bool) -> None:
        """Note whether the account is; when it is not, the next login asks for all."""
        self._is_logged_in = is_logged_in
        if not is_logged_in:
            for waiting in self._again.values():
                waiting.cancel()
            self._again.clear()
            self._failures.clear()

    def fetch(self, command: Command[Done]) -> None:
        """Ask now."""
        waiting = self._again.pop(command.wire_name, None)
        if waiting is not None:
            waiting.cancel()

        async def ask() -> None:
            await self._send(command)
            self._failures.pop(command.wire_name, None)

        Deferred.fromCoroutine(ask()).addErrback(self._failed, command)

    def _failed(self, failure: Failure, command: Command[Done]) -> None:
        code = command.wire_name
        self._trouble(failure, f"{code} did not work")
        if not self._is_logged_in or code in self._again:
            return
        failures = self._failures.get(code, 0)
        self._failures[code] = failures + 1
        delay = min(LONGEST_AGAIN, FIRST_AGAIN * 2.0 ** min(failures, MOST_DOUBLINGS))
        self._again[code] = self._clock.callLater(delay, self._ask_again, command)

    def _ask_again(self, command: Command[Done]) -> None:
        del self._again[command.wire_name]
        self.fetch(command)
