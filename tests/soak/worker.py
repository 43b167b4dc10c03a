"""One account of a soak: what it does, and what it makes of what comes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from padchat_twisted.catalogue import GetDeviceInfo, SendMsg, TextMessage
from padchat_twisted.errors import (
    CallRejected,
    NotSent,
    OutcomeUnknown,
    PadChatError,
    StillUnknown,
)
from padchat_twisted.sandbox.people import user_name_for
from padchat_twisted.session.account import AccountSession, StateChanged

from .ledger import PERSON, Ledger, Told

__all__ = ["OUTCOMES", "Call", "Worker"]

#: How a call may end, as the ledger names it; anything else is a mistake.
OUTCOMES: tuple[type[PadChatError], ...] = (
    StillUnknown,
    OutcomeUnknown,
    NotSent,
    CallRejected,
)
RESULT = "result"

#: Of so many messages one is answered, within its handler.
ANSWERED = 5

#: How many of a hundred things that an account does are another command, and how many
#: the repetition of a send that did not come to a result.
READING = 20
REPEATING = 30

#: Sends without a result that may be repeated: the latest ones.
MOST_OPEN = 8

#: How an account is asked to carry out a command; a test has a broken one.
Call = Callable[..., Deferred[Any]]


class Worker:
    """One account.

    Args:
        number: of the account.
        ledger: the books.
        chance: decides what it does.
        time_limit: of each command (seconds).
        call: sends a command.
    """

    account: AccountSession

    def __init__(
        self, number: int, ledger: Ledger, chance: Random, time_limit: float, call: Call
    ) -> None:
        self._number = number
        self._ledger = ledger
        self._chance = chance
        self._time_limit = time_limit
        self._call = call
        self._told = ledger.sends[number].told
        self._open: list[int] = []

    def set_up(self, account: AccountSession) -> None:
        """Register the handlers."""
        self.account = account
        account.on(TextMessage, self._handle)
        account.on(StateChanged, self._changed)

    def act(self) -> None:
        """Do one thing."""
        chance = self._chance.randrange(100)
        if chance < READING:
            reading = self._call(
                *(self.account, GetDeviceInfo()),
                time_limit=self._time_limit,
                retry=True,
            )
            self._watch("readings", reading)
        elif chance < READING + REPEATING and self._open:
            self._send(self._open.pop(0))
        else:
            self.send()

    def send(self) -> Deferred[None]:
        """Send what was not sent before; fires when it has ended, however."""
        self._told.append(Told.FREE)
        return self._send(len(self._told) - 1)

    def wait_for_ready(self) -> None:
        """Have one more Deferred that has to end."""
        self._watch("waits for ready", self.account.when_ready())

    async def settle(self) -> tuple[int, int, int]:
        """Settle the sends of which nobody knows, by what came to the gateway.

        Returns:
            How many there were; how many of those the caller was not told of, or the
            other way round; how many are still unknown.
        """
        told = {str(n) for n, told in enumerate(self._told) if told == Told.UNKNOWN}
        unknown = {send.key for send in await self.account.unknown_sends()}
        arrived = self._ledger.sends[self._number].arrived
        for key in unknown:
            happened = int(key) < len(arrived) and arrived[int(key)] > 0
            await self.account.settle(key, happened=happened)
        left = await self.account.unknown_sends()
        return len(unknown), len(told ^ unknown), len(left)

    # Steps

    async def _handle(self, account: AccountSession, message: TextMessage) -> None:
        if not message.text.isdigit():
            return
        number = int(message.text)
        ledger = self._ledger
        ledger.begun["handlers"] += 1
        ledger.handed(message.to_user, number, is_marked=message.maybe_seen)
        if number % ANSWERED == 0:
            await self.send()
        ledger.ended["handlers", RESULT] += 1

    def _changed(self, account: AccountSession, change: StateChanged) -> None:
        self._ledger.entered[change.new] += 1
        self._ledger.lost += change.old == "ready"

    def _send(self, number: int) -> Deferred[None]:
        self._told[number] = Told.IN_FLIGHT
        sending = self._call(
            self.account,
            SendMsg(user_name_for(PERSON), f"{self._number}-{number}"),
            key=str(number),
            time_limit=self._time_limit,
        )
        return self._watch("sends", sending, partial(self._sent, number))

    def _sent(self, number: int, error: BaseException | None) -> None:
        if error is None:
            self._told[number] = Told.DONE
            return
        is_unknown = isinstance(error, OutcomeUnknown)
        self._told[number] = Told.UNKNOWN if is_unknown else Told.FREE
        self._open.append(number)
        del self._open[:-MOST_OPEN]

    def _watch(
        self,
        kind: str,
        waiting: Deferred[Any],
        then: Callable[[BaseException | None], None] = lambda _: None,
    ) -> Deferred[None]:
        """Count the beginning and the end of a Deferred."""
        self._ledger.begun[kind] += 1

        def ended(result: object) -> None:
            error = result.value if isinstance(result, Failure) else None
            outcome = RESULT if error is None else type(error).__name__
            self._ledger.ended[kind, outcome] += 1
            then(error)

        return waiting.addBoth(ended)
