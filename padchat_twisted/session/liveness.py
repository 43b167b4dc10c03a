"""Whether an account that counts as ready is there: three signs beside heartbeats.

A connection can be up, and its heartbeats be answered, while nothing behind it lives.
So as long as an account is ready:

- a cheap command is sent now and then, which has to be answered;
- its silence is held against its own habit;
- when asked for, a note goes to ``filehelper``, which WeChat itself has to take.

Each alone ends the connection, with its reason; the login begins anew then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..errors import CallRejected, Disconnected, NotSent, OutcomeUnknown, PadChatError
from .endurance import Endurance
from .habit import Habit

__all__ = ["Liveness"]

#: Missing signs in a row that count: one reply may get lost.
MISSES = 2

#: Time until a second try after a miss (seconds).
SECOND_TRY_SECONDS = 30.0

#: A period is up to this share longer or shorter, by chance: the accounts of a
#: service do not ask all at once.
SPREAD = 0.2

#: How often it is looked whether anything came (seconds): some times in each slot of
#: a habit.
LOOK_SECONDS = 300.0

_log = Logger()


class Liveness:
    """Watches one account while it is ready.

    Args:
        clock: for the periods.
        name: label of the account, for the log.
        settings: what is watched, and how often.
        probe: sends a command that costs little.
        note: sends a text to ``filehelper``.
        mark: gives something else whenever a message came.
        dead: called with the reason when a sign is missing; it ends the state.
    """

    __slots__ = (
        "_clock",
        "_dead",
        "_habit",
        "_last_mark",
        "_mark",
        "_name",
        "_settings",
        "_timer",
        "_watches",
    )

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        settings: Endurance,
        probe: Callable[[], Deferred[Any]],
        note: Callable[[str], Deferred[Any]],
        mark: Callable[[], object],
        dead: Callable[[PadChatError], None],
    ) -> None:
        self._clock = clock
        self._name = name
        self._settings = settings
        self._mark = mark
        self._dead = dead
        self._last_mark: object = None
        # Outlives the connections: a habit is learnt over days.
        self._habit = Habit()
        watches: list[_Watch] = []
        if settings.probe_every is not None:
            every = settings.probe_every
            watches.append(_Asked(every, probe, _is_answered, "no answer"))
        if settings.note_every is not None:
            every, text = settings.note_every, settings.note
            watches.append(
                _Asked(every, lambda: note(text), _is_taken, "no way to WeChat")
            )
        if settings.watches_silence:
            watches.append(_Watch(LOOK_SECONDS))
        self._watches = tuple(watches)
        # One for all: of a thousand accounts each timer is felt.
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """The account is ready."""
        self._last_mark = self._mark()
        self._habit.watch(self._clock.seconds())
        for watch in self._watches:
            watch.misses = 0
            self._look_again(watch)

    def stop(self) -> None:
        """It is not ready any more: nothing is watched or waited for."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        for watch in self._watches:
            watch.due = None
            asking, watch.asking = watch.asking, None
            if asking is not None:
                asking.cancel()

    # Steps

    def _look_again(self, watch: _Watch, seconds: float | None = None) -> None:
        """Look after the period of a watch, or after another time."""
        if seconds is None:
            seconds = watch.every * (1 + SPREAD * (2 * self._settings.chance() - 1))
        watch.due = self._clock.seconds() + seconds
        self._wait_until(watch.due)

    def _wait_until(self, due: float) -> None:
        """Look then, if not before."""
        seconds = max(0.0, due - self._clock.seconds())
        if self._timer is None:
            self._timer = self._clock.callLater(seconds, self._look)
        elif due < self._timer.getTime():
            self._timer.reset(seconds)

    def _look(self) -> None:
        """Look at what is due, then wait for the next."""
        self._timer = None
        now = self._clock.seconds()
        for watch in self._watches:
            if watch.due is not None and watch.due <= now:
                watch.due = None
                if isinstance(watch, _Asked):
                    self._ask(watch)
                else:
                    self._look_for_silence(watch)
        # One of them may have set the timer already, for a time that is later.
        due = [watch.due for watch in self._watches if watch.due is not None]
        if due:
            self._wait_until(min(due))

    def _ask(self, watch: _Asked) -> None:
        asking = watch.asking = watch.ask()
        asking.addBoth(self._asked, watch, asking)

    def _asked(self, result: Any, watch: _Asked, asking: Deferred[Any]) -> None:  # noqa: ANN401 - of any command
        if watch.asking is not asking:
            return
        watch.asking = None
        is_there = watch.judge(result)
        if is_there is False:
            watch.misses += 1
        elif is_there:
            watch.misses = 0
        if watch.misses >= MISSES:
            self._end(watch.reason, str(result.value))
        else:
            self._look_again(watch, SECOND_TRY_SECONDS if is_there is False else None)

    def _look_for_silence(self, watch: _Watch) -> None:
        mark = self._mark()
        heard, self._last_mark = mark != self._last_mark, mark
        self._look_again(watch)
        if self._habit.look(self._clock.seconds(), heard=heard):
            self._end("silent", "nothing came for longer than is usual for it")

    def _end(self, reason: str, why: str) -> None:
        _log.warn(
            "account {account} does not seem to be there: {reason}: {why}",
            account=self._name,
            reason=reason,
            why=why,
        )
        self._dead(Disconnected(reason, why))


class _Watch:
    """A sign that is looked at again and again.

    Args:
        every: the period (seconds).

    Attributes:
        due: when it is looked at next, None while nobody is to look.
        asking: what is waited for; at a stop it is cancelled.
        misses: how often the sign was missing in a row.
    """

    __slots__ = ("asking", "due", "every", "misses")

    def __init__(self, every: float) -> None:
        self.every = every
        self.due: float | None = None
        self.asking: Deferred[Any] | None = None
        self.misses = 0


class _Asked(_Watch):
    """A sign that is asked for with a command.

    Args:
        every: the period (seconds).
        ask: sends it.
        judge: says what its result means: whether the sign is there; None where
            nobody can tell.
        reason: why the account does not count as ready when it was missing as often as
            counts.
    """

    __slots__ = ("ask", "judge", "reason")

    def __init__(
        self,
        every: float,
        ask: Callable[[], Deferred[Any]],
        judge: Callable[[Any], bool | None],
        reason: str,
    ) -> None:
        super().__init__(every)
        self.ask = ask
        self.judge = judge
        self.reason = reason


def _is_answered(result: object) -> bool | None:
    """Whether there was an answer; a refusal is one."""
    if not isinstance(result, Failure) or result.check(CallRejected):
        return True
    if result.check(NotSent, OutcomeUnknown):
        return False
    _log.failure("the probe failed", result)
    return None


def _is_taken(result: object) -> bool | None:
    """Whether WeChat took it; what did not leave, by our own limits, says nothing."""
    if not isinstance(result, Failure):
        return True
    if result.check(CallRejected, OutcomeUnknown):
        return False
    if not result.check(NotSent):
        _log.failure("the note failed", result)
    return None
