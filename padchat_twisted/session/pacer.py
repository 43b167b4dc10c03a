"""Who may go now: token buckets and lanes. Pure: the time is an argument.

Within a lane the calls to one conversation keep their order, and one that has to wait
holds up nobody else. A call of a lower lane goes before one of a higher lane only
when that one waits for something of its own: the bucket of its kind or conversation,
or the end of a large file.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from .pacing import Pacing, Rate
from .work import LANES, Lane, Work

__all__ = ["MAX_CONVERSATIONS", "MOMENT", "Buckets", "Pacer"]

#: Most conversations whose buckets are not full; whoever comes then waits for one to
#: fill up. At one message in a second, and a bucket full within minutes, no account
#: gets there.
MAX_CONVERSATIONS = 2000

#: What is as good as now (seconds): finer than that a Unix time cannot be told.
MOMENT = 1e-6


class Buckets:
    """A token bucket of one rate for each of many keys.

    Of each only the time is kept when it will be full again. That of a full one is
    forgotten.

    Args:
        rate: None to let all pass.
    """

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._full_at: dict[str, float] = {}
        self._floor = -inf

    def __len__(self) -> int:
        """Count those that are kept."""
        return len(self._full_at)

    def wait(self, key: str, now: float) -> float:
        """Return how long until a token is there (seconds), 0 for now."""
        rate, full_at = self._rate, self._full_at
        if rate is None:
            return 0.0
        if key not in full_at and len(full_at) >= MAX_CONVERSATIONS:
            self._tidy(now)
            if len(full_at) >= MAX_CONVERSATIONS:
                return min(full_at.values()) - now
        full = max(full_at.get(key, -inf), self._floor)
        return max(0.0, full - now - (rate.burst - 1) * rate.every)

    def take(self, key: str, now: float) -> None:
        """Take a token."""
        if self._rate is not None:
            full = max(self._full_at.get(key, now), self._floor, now)
            self._full_at[key] = full + self._rate.every

    def hold(self, until: float) -> None:
        """Empty all: at *until* each has one token, and fills up from there."""
        if self._rate is not None:
            self._floor = until + (self._rate.burst - 1) * self._rate.every

    def _tidy(self, now: float) -> None:
        self._full_at = {k: full for k, full in self._full_at.items() if full > now}


class Pacer:
    """The calls of one account that wait for their turn.

    Args:
        pacing: the rates.

    Attributes:
        large: large files that are on their way.
    """

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._overall = Buckets(pacing.overall)
        self._kinds = {kind: Buckets(rate) for kind, rate in pacing.kinds.items()}
        self._conversations = Buckets(pacing.conversation)
        self._lanes: dict[Lane, dict[Work, None]] = {lane: {} for lane in LANES}
        self._leaving: set[str] = set()
        self.large = 0

    def __len__(self) -> int:
        """Count those that wait."""
        return sum(map(len, self._lanes.values()))

    def waiting(self) -> dict[Lane, int]:
        """Count those that wait, by lane."""
        return {lane: len(queue) for lane, queue in self._lanes.items()}

    def conversations(self) -> int:
        """Count the conversations that are kept in mind."""
        return len(self._conversations)

    def add(self, work: Work) -> None:
        """Put a call at the end of its lane."""
        self._lanes[work.lane][work] = None

    def due(self, work: Work, now: float) -> float:
        """Return when a call that waits is to be looked at, whoever else waits."""
        return min(now + self._wait(work, now), work.deadline)

    def remove(self, work: Work) -> None:
        """Forget a call that waits; nothing happens when it does not."""
        self._lanes[work.lane].pop(work, None)

    def take(self, now: float) -> Work | None:
        """Let the next call go, None when none may; tell :meth:`ended` at its end."""
        if self._overall.wait("", now) > MOMENT:
            return None
        work = next((work for work, wait in self._first(now) if wait <= MOMENT), None)
        if work is None:
            return None
        self.remove(work)
        for buckets, key in self._buckets(work):
            buckets.take(key, now)
        self.large += work.is_large
        return work

    def leaving(self, work: Work) -> None:
        """A call that went is not on its way yet: its conversation waits for that."""
        if work.conversation:
            self._leaving.add(work.conversation)

    def left(self, work: Work) -> None:
        """Now it is on its way, or will not be."""
        self._leaving.discard(work.conversation)

    def ended(self, work: Work) -> None:
        """A call that went is over."""
        self.large -= work.is_large

    def take_overdue(self, now: float) -> Work | None:
        """Take out a call that has waited too long, None when there is none."""
        for queue in self._lanes.values():
            for work in queue:
                if work.deadline <= now:
                    del queue[work]
                    return work
        return None

    def take_any(self) -> Work | None:
        """Take out whoever would go first, None when nobody waits."""
        for queue in self._lanes.values():
            for work in queue:
                del queue[work]
                return work
        return None

    def hold(self, until: float) -> None:
        """Let none go before *until*, and begin slowly then."""
        for buckets in (self._overall, self._conversations, *self._kinds.values()):
            buckets.hold(until)

    def next_at(self, now: float) -> float | None:
        """Return when to look again, None when nobody waits."""
        deadlines = (work.deadline for queue in self._lanes.values() for work in queue)
        first = min(deadlines, default=inf)
        for _, wait in self._first(now):
            first = min(first, now + wait)
        return None if first == inf else first

    def _first(self, now: float) -> Iterator[tuple[Work, float]]:
        """Yield who comes first in its lane and conversation, and how long it waits."""
        for queue in self._lanes.values():
            held_up = set(self._leaving)
            for work in queue:
                if work.conversation in held_up:
                    continue
                wait = self._wait(work, now)
                if wait > MOMENT and work.conversation:
                    held_up.add(work.conversation)
                yield work, wait

    def _wait(self, work: Work, now: float) -> float:
        if work.is_large and self.large >= self._pacing.max_large_uploads:
            return inf
        return max(buckets.wait(key, now) for buckets, key in self._buckets(work))

    def _buckets(self, work: Work) -> Iterator[tuple[Buckets, str]]:
        yield self._overall, ""
        if work.kind in self._kinds:
            yield self._kinds[work.kind], ""
        if work.conversation:
            yield self._conversations, work.conversation
