"""The pacing of one account at work: who waits, who goes, and the cool-down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import (
    CancelledError,
    Deferred,
    fail,
    maybeDeferred,
    succeed,
)
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Answer, Result
from ..catalogue.base import remember
from ..errors import CallRejected, NotSent
from ..interfaces import AccountKey, IStateStore, PacingRecord
from .day_counts import DayCounts
from .pacer import MOMENT, Pacer
from .pacing import CoolingDown, Pacing
from .work import Lane, Work

__all__ = ["Paced", "dry_result"]

R = TypeVar("R", bound=Result)

#: What ``raw`` of a result is decoded from when nothing was sent.
_DRY_REPLY = b'[{"data":{"dryRun":true}}]'

_log = Logger()


class Paced:
    """The pacing of one account; ``account.pacing`` is it.

    Args:
        clock: for the buckets.
        key: of the account.
        pacing: the settings.
        store: for what outlives the process.
        told: gets each ``CoolingDown``.

    Attributes:
        settings: the settings.
        refused: calls that were refused before they left.
        cool_downs: how often the gateway said that it is too often.
    """

    def __init__(
        self,
        clock: IReactorTime,
        key: AccountKey,
        pacing: Pacing,
        store: IStateStore,
        told: Callable[[CoolingDown], None],
    ) -> None:
        self.settings = pacing
        self._clock = clock
        self._key = key
        self._store = store
        self._told = told
        self._pacer = Pacer(pacing)
        self._counts = DayCounts(clock, pacing.unix_time, self._save)
        self._cool_until = 0.0
        self._cool_seconds = 0.0
        self._turns: dict[Work, Deferred[None]] = {}
        self._timer: IDelayedCall | None = None
        self.refused = 0
        self.cool_downs = 0

    @property
    def sent_today(self) -> dict[str, int]:
        """How many were sent since midnight, by kind."""
        return self._counts.counts()

    @property
    def waiting(self) -> dict[Lane, int]:
        """How many wait for their turn, by lane."""
        return self._pacer.waiting()

    @property
    def large_uploads(self) -> int:
        """How many large files are on their way."""
        return self._pacer.large

    @property
    def conversations(self) -> int:
        """How many conversations are kept in mind."""
        return self._pacer.conversations()

    @property
    def cooling_until(self) -> float | None:
        """When the cool-down is over (Unix time), None when there is none."""
        left = self._cool_until - self.settings.unix_time()
        # A clock that was set back does not make it longer; what is added may be
        # rounded up.
        return self._cool_until if 0 < left <= self._cool_seconds + 1.0 else None

    # For the session

    async def load(self) -> None:
        """Read the counts of today, and the cool-down.

        Raises:
            StoreError: the store cannot be used.
        """
        if self.settings.dry_run:
            return
        record = await self._store.load_pacing(self._key, self._counts.today())
        self._counts.load(record.counts)
        self._cool_until = record.cool_until
        self._cool_seconds = record.cool_seconds
        until = self.cooling_until
        if until is not None:
            self._hold(until)

    def pace(
        self,
        work: Work,
        result_type: type[Result],
        time_limit: float | None,
        leave: Callable[[], Deferred[Any]],
        note: Callable[[], Deferred[None]] | None = None,
    ) -> Deferred[Any]:
        """Have a call wait for its turn.

        Args:
            work: what it counts as.
            result_type: of its command.
            time_limit: how long it may wait (seconds), None for ``longest_wait``.
            leave: sends it.
            note: what has to be done before that, when its turn has come; others of
                its conversation do not overtake it meanwhile.

        Returns:
            Fires as what *leave* returned; fails with ``NotSent`` when its turn does
            not come, with ``CancelledError`` when it is cancelled before, and as what
            *note* returned.
        """
        problem = self._problem(work)
        if problem is None and len(self._pacer) >= self.settings.max_waiting:
            problem = f"{len(self._pacer)} calls wait for their turn, too many"
        if problem is not None:
            self.refused += 1
            return fail(NotSent(work.code, problem))
        now, longest = self._clock.seconds(), self.settings.longest_wait
        work.deadline = now + min(time_limit or longest, longest)
        turn: Deferred[None] = Deferred(lambda _: self._forget(work))
        self._turns[work] = turn
        self._pacer.add(work)
        if note is not None:
            noted = partial(self._note_and_leave, work, note, leave)
            leave = lambda: Deferred.fromCoroutine(noted())  # noqa: E731
        calling = turn.addCallback(lambda _: self._leave(work, result_type, leave))
        due = self._pacer.due(work, now)
        if self._timer is None or due <= now + MOMENT:
            self._go_on()
        elif due < self._timer.getTime():
            # It can change nothing for those who wait already, who may be many.
            self._timer.reset(due - now)
        return calling

    def end(self, problem: str) -> None:
        """Refuse all that wait: the account can send nothing."""
        while (work := self._pacer.take_any()) is not None:
            self._refuse(work, problem)
        self._tend()

    def close(self) -> Deferred[None]:
        """Store what is not stored yet."""
        return self._counts.close() or succeed(None)

    # Steps

    def _problem(self, work: Work) -> str | None:
        """Tell why a call is not even to wait."""
        if self.cooling_until is not None:
            return self._cooling_problem(self.cooling_until)
        most = self.settings.per_day.get(work.kind)
        if most is not None and self._counts.of(work.kind) >= most:
            return f"the day's limit of {most} for {work.kind} is reached"
        return None

    def _cooling_problem(self, until: float) -> str:
        when = datetime.fromtimestamp(until, UTC).astimezone()
        return (
            "the gateway said that it is too often: nothing is sent until"
            f" {when:%Y-%m-%d %H:%M:%S}, and trying again before makes it worse"
        )

    def _problem_behind_note(self, work: Work) -> str | None:
        """Tell what came in between while the store noted the key of a call."""
        if self.cooling_until is not None:
            return self._cooling_problem(self.cooling_until)
        if self._clock.seconds() > work.deadline:
            return "its key was not stored within its time limit"
        return None

    def _go_on(self) -> None:
        """Let go whoever may, refuse whoever waited too long, and look again later."""
        self._stop_timer()
        now = self._clock.seconds()
        while (work := self._pacer.take_overdue(now)) is not None:
            self._refuse(work, "its turn did not come within its time limit")
        while (next_one := self._pacer.take(now)) is not None:
            self._turns.pop(next_one).callback(None)
        self._tend()

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _tend(self) -> None:
        self._stop_timer()
        now = self._clock.seconds()
        due = self._pacer.next_at(now)
        if due is not None:
            self._timer = self._clock.callLater(max(0.0, due - now), self._go_on)

    def _forget(self, work: Work) -> None:
        """A call was cancelled while it waited."""
        if self._turns.pop(work, None) is not None:
            self._pacer.remove(work)
            if not self._turns:
                self._tend()

    def _refuse(self, work: Work, problem: str) -> None:
        self.refused += 1
        self._turns.pop(work).errback(NotSent(work.code, problem))

    def _leave(
        self, work: Work, result_type: type[Result], leave: Callable[[], Deferred[Any]]
    ) -> Deferred[Any]:
        problem = self._problem(work)
        if problem is not None:
            self.refused += 1
            self._pacer.ended(work)
            return fail(NotSent(work.code, problem))
        self._counts.add(work.kind)
        calling = self._pretend(work, result_type) if self.settings.dry_run else leave()
        return calling.addBoth(self._ended, work)

    async def _note_and_leave(
        self,
        work: Work,
        note: Callable[[], Deferred[None]],
        leave: Callable[[], Deferred[Any]],
    ) -> Any:  # noqa: ANN401 - any result
        self._pacer.leaving(work)
        try:
            await note()
            problem = self._problem_behind_note(work)
            if problem is not None:
                raise NotSent(work.code, problem)
            calling = leave()
        finally:
            self._pacer.left(work)
            self._tend()
        return await calling

    def _pretend(self, work: Work, result_type: type[R]) -> Deferred[R]:
        _log.info(
            "account {account}: dry run: {code} to {conversation!r} was not sent",
            account=self._key.name,
            code=work.code,
            conversation=work.conversation,
        )
        # In another turn, as a reply: who sends in a loop lets others have theirs.
        return deferLater(self._clock, 0, dry_result, result_type)

    def _ended(self, outcome: Any, work: Work) -> Any:  # noqa: ANN401 - any result
        self._pacer.ended(work)
        if isinstance(outcome, Failure):
            error = outcome.value
            if isinstance(error, NotSent | CancelledError):
                self._counts.add(work.kind, -1)
            elif isinstance(error, CallRejected):
                self._look_at(error.status or 0, error.message)
        else:
            self._look_at(*_engine_answer(outcome))
        if work.is_large:
            self._go_on()
        return outcome

    # The cool-down

    def _look_at(self, status: int, said: str) -> None:
        """Begin to cool down when the gateway says that it is too often.

        What was on its way already is refused as well, and changes nothing.
        """
        settings = self.settings
        folded = said.casefold()
        is_said = status in settings.too_often_codes or any(
            text.casefold() in folded for text in settings.too_often_texts
        )
        if not is_said or self.cooling_until is not None:
            return
        now = settings.unix_time()
        seconds = settings.cool_down
        if 0 <= now - self._cool_until <= settings.longest_cool_down:
            seconds = max(seconds, 2 * self._cool_seconds)
        self._cool_seconds = min(seconds, settings.longest_cool_down)
        self._cool_until = now + self._cool_seconds
        self.cool_downs += 1
        self._counts.save()
        self._hold(self._cool_until)
        _log.warn(
            "account {account}: the gateway says that it is too often; nothing is"
            " sent for {seconds:g} seconds",
            account=self._key.name,
            seconds=self._cool_seconds,
        )
        self._told(CoolingDown(self._cool_until, self._cool_seconds, said))
        while (work := self._pacer.take_any()) is not None:
            self._refuse(work, self._problem(work) or "the gateway is busy")
        self._tend()

    def _hold(self, until: float) -> None:
        left = until - self.settings.unix_time()
        self._pacer.hold(self._clock.seconds() + left)

    def _save(self, day: str, counts: dict[str, int]) -> Deferred[None]:
        if self.settings.dry_run:
            return succeed(None)
        record = PacingRecord(day, counts, self._cool_until, self._cool_seconds)
        saving = maybeDeferred(self._store.save_pacing, self._key, record)
        return saving.addErrback(self._not_saved)

    def _not_saved(self, failure: Failure) -> None:
        _log.failure(
            "account {account}: the store failed", failure, account=self._key.name
        )


def _engine_answer(result: Result) -> tuple[int, str]:
    """Return status and text of the WeChat engine, whatever is known of a result."""
    if isinstance(result, Answer):
        return result.status, result.message
    try:
        raw = result.raw
    except ValueError:
        return 0, ""
    status, message = raw.get("status"), raw.get("message")
    return (
        status if isinstance(status, int) else 0,
        message if isinstance(message, str) else "",
    )


def dry_result(result_type: type[R]) -> R:
    """Return what a dry run gives for a command: empty, with ``dryRun`` in ``raw``."""
    result = result_type()
    remember(result, _DRY_REPLY)
    return result
