"""What a gateway hands out only when it is asked: asked for until it is answered.

That is messages and contacts in dialect ``sdk``, and contacts in ``legacy`` after a
task that went on. The commands change nothing, so they may be repeated. Without that an
account whose question was lost would be deaf until it is told of something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Command, Done
from ..errors import CallError
from .retry import full_jitter
from .states import Unheard

__all__ = ["Fetching"]

_log = Logger()


class Fetching:
    """Asks for one account what its gateway has.

    Args:
        clock: for the delays.
        name: label of the account, for the log.
        send: sends a command; it ends within the time limit of the dialect.
        chance: gives a number from 0 up to, not including, 1, for the delays.
    """

    __slots__ = ("_chance", "_clock", "_name", "_questions", "_send")

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        send: Callable[[Command[Done]], Deferred[Done]],
        chance: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._name = name
        self._send = send
        self._chance = chance
        # By wire name: there are two or three.
        self._questions: dict[str, _Question] = {}

    @property
    def unheard(self) -> Unheard | None:
        """What has not been answered for the longest time, None when all is well."""
        failing = [
            Unheard(code, question.since)
            for code, question in self._questions.items()
            if question.failures
        ]
        return min(failing, key=lambda each: each.since, default=None)

    def fetch(self, command: Command[Done]) -> None:
        """Ask now; again after a delay as long as the newest question has no answer."""
        question = self._questions.setdefault(command.wire_name, _Question())
        question.stop()
        asking = question.asking = self._send(command)
        asking.addCallbacks(
            self._answered,
            self._failed,
            callbackArgs=(question, asking, command),
            errbackArgs=(question, asking, command),
        )

    def stop(self) -> None:
        """The connection is left: nothing is asked for any more."""
        questions, self._questions = self._questions, {}
        for question in questions.values():
            question.stop()

    # Steps

    def _answered(
        self,
        _: Done,
        question: _Question,
        asking: Deferred[Any],
        command: Command[Done],
    ) -> None:
        if not self._is_newest(asking, command):
            return
        if question.failures:
            _log.info(
                "account {account}: {code} works again",
                account=self._name,
                code=command.wire_name,
            )
        del self._questions[command.wire_name]

    def _failed(
        self,
        failure: Failure,
        question: _Question,
        asking: Deferred[Any],
        command: Command[Done],
    ) -> None:
        if not self._is_newest(asking, command):
            # A later question says more, or the connection was left.
            return
        code = command.wire_name
        if not failure.check(CallError):
            del self._questions[code]
            _log.failure(
                "account {account}: {code} did not work",
                failure,
                account=self._name,
                code=code,
            )
            return
        question.failures += 1
        if question.failures == 1:
            question.since = self._clock.seconds()
            _log.warn(
                "account {account}: {code} did not work, and is repeated: {why}",
                account=self._name,
                code=code,
                why=str(failure.value),
            )
        delay = full_jitter(question.failures, self._chance)
        question.timer = self._clock.callLater(delay, self.fetch, command)

    def _is_newest(self, asking: Deferred[Any], command: Command[Done]) -> bool:
        """Tell whether a call is waited for: sending it may have led to ``stop``."""
        question = self._questions.get(command.wire_name)
        return question is not None and question.asking is asking


class _Question:
    """A command, until it is answered.

    Attributes:
        asking: its newest call.
        timer: until it is repeated.
        failures: how often in a row it failed.
        since: when it failed first (Unix time, seconds).
    """

    __slots__ = ("asking", "failures", "since", "timer")

    def __init__(self) -> None:
        self.asking: Deferred[Any] | None = None
        self.timer: IDelayedCall | None = None
        self.failures = 0
        self.since = 0.0

    def stop(self) -> None:
        """Repeat nothing, and be told nothing."""
        self.asking = None
        timer, self.timer = self.timer, None
        if timer is not None and timer.active():
            timer.cancel()
