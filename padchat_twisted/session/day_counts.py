"""How many of each kind were sent today, kept over restarts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..observers import Observers

__all__ = ["SAVE_SECONDS", "DayCounts"]

#: Counts are stored that long after the first of them changed (seconds): a process
#: that is killed forgets no more than that, and no call waits for the disk.
SAVE_SECONDS = 1.0


class DayCounts:
    """The counts of one account between two midnights, local time.

    Args:
        clock: for the groups.
        unix_time: tells the time of day.
        save: stores day and counts; it logs its own failures.
    """

    def __init__(
        self,
        clock: IReactorTime,
        unix_time: Callable[[], float],
        save: Callable[[str, dict[str, int]], Deferred[None]],
    ) -> None:
        self._clock = clock
        self._unix_time = unix_time
        self._save = save
        self._timer: IDelayedCall | None = None
        self._is_closed = False
        self._counts: dict[str, int] = {}
        # Counts of days that wait for the store: of today, and at midnight of another.
        self._unsaved: dict[str, dict[str, int]] = {}
        self._is_saving = False
        self._stored: Observers[None] | None = None
        self._day = self.today()

    def today(self) -> str:
        """Return the date, as ``2026-01-31``."""
        return (
            datetime.fromtimestamp(self._unix_time(), UTC)
            .astimezone()
            .date()
            .isoformat()
        )

    def load(self, counts: Mapping[str, int]) -> None:
        """Begin with what is stored of today."""
        self._counts = dict(counts)

    def counts(self) -> dict[str, int]:
        """Return those of today by kind; a kind that was not sent is missing."""
        self._turn()
        return dict(self._counts)

    def of(self, kind: str) -> int:
        """Return how many of a kind were sent today."""
        self._turn()
        return self._counts.get(kind, 0)

    def add(self, kind: str, number: int = 1) -> None:
        """Count what is sent, or with -1 what then did not leave after all."""
        self._counts[kind] = max(0, self.of(kind) + number)
        if self._timer is None and not self._is_closed:
            self._timer = self._clock.callLater(SAVE_SECONDS, self.flush)

    def flush(self) -> None:
        """Store what changed."""
        if self._timer is not None:
            self.save()

    def close(self) -> Deferred[None] | None:
        """Store what changed, for the last time.

        Returns:
            Fires when it is stored; None when it is.
        """
        self._is_closed = True
        self.flush()
        if not self._is_saving:
            return None
        self._stored = Observers()
        return self._stored.wait()

    def save(self) -> None:
        """Store the counts now, or as soon as those before are stored."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        self._unsaved[self._day] = dict(self._counts)
        if not self._is_saving:
            self._save_next()

    def _save_next(self) -> None:
        if self._unsaved:
            self._is_saving = True
            day = next(iter(self._unsaved))
            self._save(day, self._unsaved.pop(day)).addBoth(self._saved)
        elif self._stored is not None:
            self._stored.fire(None)

    def _saved(self, _: object) -> None:
        self._is_saving = False
        self._save_next()

    def _turn(self) -> None:
        """Begin anew when it is another day."""
        today = self.today()
        if today != self._day:
            self.flush()
            self._day, self._counts = today, {}
