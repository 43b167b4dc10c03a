"""Saves a login, and finds out by that whether anything answers.

Device data and token are fetched after each login, and each hour. Both commands cost
the gateway little, so they are also the proof that the connection is good: a login
counts when one of them was answered, be it with a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from ..catalogue import Command, GetAutoLoginData, GetDeviceInfo, Result
from ..errors import CallRejected, Disconnected, PadChatError
from .credentials import Credentials
from .login_protocols import LoginInputs
from .receiver import Receiver

__all__ = ["ANSWER_SECONDS", "LoginSaver"]

#: How long a command that costs the gateway nothing may take (seconds), where the
#: dialect's own limit is not shorter: two of them, one after the other, end before
#: ``loaded`` is not waited for any more.
ANSWER_SECONDS = 25.0

R = TypeVar("R", bound=Result)


class LoginSaver:
    """Saves the logins of one account.

    Args:
        credentials: where they are kept.
        call: sends a command within a time limit.
        receiver: has the connection.
        trouble: told what did not work; it is only logged.

    Attributes:
        inputs: the login machine; whoever makes it sets it.
    """

    __slots__ = (
        "_call",
        "_credentials",
        "_is_answered",
        "_is_loaded",
        "_is_saving",
        "_number",
        "_receiver",
        "_trouble",
        "inputs",
    )

    inputs: LoginInputs

    def __init__(
        self,
        credentials: Credentials,
        call: Callable[[Command[Any], float], Deferred[Any]],
        receiver: Receiver,
        trouble: Callable[[Failure], None],
    ) -> None:
        self._credentials = credentials
        self._call = call
        self._receiver = receiver
        self._trouble = trouble
        # Counts saves, so that a late one of an older connection changes nothing.
        self._number = 0
        self._is_saving = False
        self._is_answered = False
        self._is_loaded = False

    def forget(self) -> None:
        """Another connection begins: what an older save finds out is of no use."""
        self._number += 1
        self._is_saving = self._is_loaded = False

    def save(self) -> None:
        """Fetch device data and token, and store them."""
        self._number += 1
        self._is_saving = True
        self._is_answered = False
        saving = Deferred.fromCoroutine(self._save(self._number))
        saving.addErrback(self._trouble)

    def loaded(self) -> None:
        """The event ``loaded`` came; it counts when the login is saved.

        Who is ready needs no scan the next time.
        """
        if self._is_saving:
            self._is_loaded = True
        else:
            self.inputs.loaded()

    async def _save(self, number: int) -> None:
        info = await self._ask(number, GetDeviceInfo())
        if info is not None:
            await self._keep(self._credentials.learn_device(info))
        # The token is what saves the next scan: it does not wait for the device data.
        if self._receiver.connection is not None:
            data = await self._ask(number, GetAutoLoginData())
            if data is not None:
                user_name = self._credentials.user_name
                await self._keep(self._credentials.learn_token(data, user_name))
        if number != self._number or self._receiver.connection is None:
            return
        self._is_saving = False
        if not self._is_answered:
            why = "neither device data nor token were given, nor refused"
            self.inputs.failed(Disconnected("no answer", why))
        elif self._is_loaded:
            self._is_loaded = False
            self.inputs.loaded()

    async def _ask(self, number: int, command: Command[R]) -> R | None:
        """Return the result of a command, None when there is none."""
        try:
            result: R = await self._call(command, ANSWER_SECONDS)
        except PadChatError as error:
            if isinstance(error, CallRejected):
                self._answered(number)
            self._trouble(Failure())
            return None
        self._answered(number)
        return result

    def _answered(self, number: int) -> None:
        if number == self._number:
            self._is_answered = True
            self.inputs.answered()

    async def _keep(self, keeping: Coroutine[Any, Any, None]) -> None:
        """Store something; trouble is only logged."""
        try:
            await keeping
        except PadChatError:
            self._trouble(Failure())
