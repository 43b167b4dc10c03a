"""Each message once: the ids that were handled, bounded, stored in groups.

Pushes have no acknowledgement and come again after a login (decisions of the
protocol: open-questions.md, Q71), so ids are looked at before handlers run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

__all__ = ["GROUP_SECONDS", "GROUP_SIZE", "MAX_SEEN_IDS", "SeenMessages"]

#: Most ids kept in memory per account. The gateway repeats what came in the last
#: minutes; the busiest account of the reports had some hundred in an hour.
MAX_SEEN_IDS = 5000

#: They are kept in two generations: when the younger is full, the older is forgotten.
GENERATION_SIZE = MAX_SEEN_IDS // 2

#: Ids are stored in one transaction when this many wait, or after this time
#: (seconds): a transaction costs as much as twenty ids in it.
GROUP_SIZE = 100
GROUP_SECONDS = 1.0


class SeenMessages:
    """The filter.

    Args:
        clock: for the groups.
        save: stores a group of ids; it logs its own failures.

    Attributes:
        repeated: messages that came again.
    """

    def __init__(
        self, clock: IReactorTime, save: Callable[[list[str]], Deferred[None]]
    ) -> None:
        self._clock = clock
        self._save = save
        self._young: set[str] = set()
        self._old: set[str] = set()
        self._unsaved: list[str] = []
        self._timer: IDelayedCall | None = None
        self._is_closed = False
        self.repeated = 0

    def load(self, ids: Sequence[str]) -> None:
        """Begin with what is stored, oldest first; the newest are kept."""
        kept = ids[-MAX_SEEN_IDS:]
        self._old = set(kept[:-GENERATION_SIZE])
        self._young = set(kept[-GENERATION_SIZE:])

    @property
    def mark(self) -> object:
        """Something that is another one whenever a new message came."""
        return len(self._young), len(self._old)

    def is_new(self, msg_id: str) -> bool:
        """Tell whether this id comes for the first time, and remember it.

        A message without an id is always new.
        """
        if not msg_id:
            return True
        young = self._young
        if msg_id in young or msg_id in self._old:
            self.repeated += 1
            return False
        if len(young) >= GENERATION_SIZE:
            self._old = young
            self._young = young = set()
        young.add(msg_id)
        unsaved = self._unsaved
        unsaved.append(msg_id)
        if self._timer is None or len(unsaved) >= GROUP_SIZE:
            self._tend(len(unsaved))
        return True

    def _tend(self, count: int) -> None:
        """Store a group that is full, or see to it that it is stored in time."""
        if count >= GROUP_SIZE or self._is_closed:
            self.flush()
        else:
            self._timer = self._clock.callLater(GROUP_SECONDS, self.flush)

    def close(self) -> Deferred[None] | None:
        """Store the ids that wait; from now on none waits for a group any more."""
        self._is_closed = True
        return self.flush()

    def flush(self) -> Deferred[None] | None:
        """Store the ids that wait; None when there are none."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        if not self._unsaved:
            return None
        unsaved, self._unsaved = self._unsaved, []
        return self._save(unsaved)
