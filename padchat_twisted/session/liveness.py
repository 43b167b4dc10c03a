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
        self._mark = mark
        self._dead = dead
        self._last_mark: object = None
        # Outlives the connections: a habit is learnt over days.
        self._habit = Habit()
        self._watches: list[_Watch] = []
        if settings.probe_every is not None:
            asked = _Asked(probe, _is_answered, self._end, "no answer")
            self._watch(settings.probe_every, settings, asked.look)
        if settings.note_every is not None:
            asked = _Asked(
                lambda: note(settings.note),
                _is_taken,
                self._end,
                "no way to WeChat",
            )
            self._watch(settings.note_every, settings, asked.look)
        if settings.watches_silence:
            self._watch(LOOK_SECONDS, settings, self._look_for_silence)

    def start(self) -> None:
        """The account is ready."""
        self._last_mark = self._mark()
        self._habit.watch(self._clock.seconds())
        for watch in self._watches:
            watch.start()

    def stop(self) -> None:
        """It is not ready any more: nothing is watched or waited for."""
        for watch in self._watches:
            watch.stop()

    def _watch(
        self, every: float, settings: Endurance, look: Callable[[_Watch], None]
    ) -> None:
        self._watches.append(_Watch(self._clock, every, settings.chance, look))

    def _look_for_silence(self, watch: _Watch) -> None:
        mark = self._mark()
        heard, self._last_mark = mark != self._last_mark, mark
        watch.next_look()
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
    """Looks at one sign again and again, from ``start`` to ``stop``.

    Args:
        clock: for the period.
        every: its length (seconds).
        chance: makes it longer or shorter.
        look: called with the watch; it sees to it that ``next_look`` is called.

    Attributes:
        asking: what is waited for; ``stop`` cancels it.
        misses: how often the sign was missing in a row.
    """

    __slots__ = ("_chance", "_clock", "_every", "_look", "_timer", "asking", "misses")

    def __init__(
        self,
        clock: IReactorTime,
        every: float,
        chance: Callable[[], float],
        look: Callable[[_Watch], None],
    ) -> None:
        self._clock = clock
        self._every = every
        self._chance = chance
        self._look = look
        self._timer: IDelayedCall | None = None
        self.asking: Deferred[Any] | None = None
        self.misses = 0

    def start(self) -> None:
        self.misses = 0
        self.next_look()

    def stop(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        asking, self.asking = self.asking, None
        if asking is not None:
            asking.cancel()

    def next_look(self, seconds: float | None = None) -> None:
        """Look again after the period, or after another time."""
        if seconds is None:
            seconds = self._every * (1 + SPREAD * (2 * self._chance() - 1))
        self._timer = self._clock.callLater(seconds, self._due)

    def _due(self) -> None:
        self._timer = None
        self._look(self)


class _Asked:
    """A sign that is asked for with a command.

    Args:
        ask: sends it.
        judge: says what its result means: whether the sign is there; None where
            nobody can tell.
        missing: called when the sign was missing as often as counts, with the reason
            and what was missing the last time.
        reason: why the account does not count as ready then.
    """

    __slots__ = ("_ask", "_judge", "_missing", "_reason")

    def __init__(
        self,
        ask: Callable[[], Deferred[Any]],
        judge: Callable[[Any], bool | None],
        missing: Callable[[str, str], None],
        reason: str,
    ) -> None:
        self._ask = ask
        self._judge = judge
        self._missing = missing
        self._reason = reason

    def look(self, watch: _Watch) -> None:
        """Ask."""
        asking = watch.asking = self._ask()
        asking.addBoth(self._asked, watch, asking)

    def _asked(self, result: Any, watch: _Watch, asking: Deferred[Any]) -> None:  # noqa: ANN401 - of any command
        if watch.asking is not asking:
            return
        watch.asking = None
        is_there = self._judge(result)
        if is_there is False:
            watch.misses += 1
        elif is_there:
            watch.misses = 0
        if watch.misses >= MISSES:
            self._missing(self._reason, str(result.value))
        else:
            watch.next_look(SECOND_TRY_SECONDS if is_there is False else None)


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
