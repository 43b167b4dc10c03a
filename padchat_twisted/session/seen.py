"""Each message once: the ids that were handled, bounded, stored in groups.

Pushes have no acknowledgement and come again after a login (decisions of the
protocol: open-questions.md, Q71), so ids are looked at before handlers run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from ..observers import Observers

__all__ = [
    "GROUP_SECONDS",
    "GROUP_SIZE",
    "MAX_ID_CHARACTERS",
    "MAX_SEEN_IDS",
    "SeenMessages",
]

#: Most ids kept in memory per account. The gateway repeats what came in the last
#: minutes; the busiest account of the reports had some hundred in an hour.
MAX_SEEN_IDS = 5000

#: They are kept in two generations: when the younger is full, the older is forgotten.
GENERATION_SIZE = MAX_SEEN_IDS // 2

#: Longest id that is remembered (characters): real ones have some twenty digits, and a
#: gateway could send one as long as a frame. A message with a longer one has none.
MAX_ID_CHARACTERS = 128

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

    __slots__ = (
        "_clock",
        "_is_closed",
        "_is_saving",
        "_old",
        "_save",
        "_stored",
        "_timer",
        "_unsaved",
        "_young",
        "repeated",
    )

    def __init__(
        self, clock: IReactorTime, save: Callable[[list[str]], Deferred[None]]
    ) -> None:
        self._clock = clock
        self._save = save
        # As keys: a dict takes half of what a set does, and with nothing in it a third.
        self._young: dict[str, None] = {}
        self._old: dict[str, None] = {}
        self._unsaved: list[str] = []
        self._timer: IDelayedCall | None = None
        self._is_saving = False
        self._is_closed = False
        self._stored: Observers[None] | None = None
        self.repeated = 0

    def __len__(self) -> int:
        """Count the ids that are known."""
        return len(self._young) + len(self._old)

    @property
    def unsaved(self) -> int:
        """How many ids wait for the store."""
        return len(self._unsaved)

    def load(self, ids: Sequence[str]) -> None:
        """Begin with what is stored, oldest first; the newest are kept."""
        kept = ids[-MAX_SEEN_IDS:]
        self._old = dict.fromkeys(kept[:-GENERATION_SIZE])
        self._young = dict.fromkeys(kept[-GENERATION_SIZE:])

    @property
    def mark(self) -> object:
        """Something that is another one whenever a new message came."""
        return len(self._young), len(self._old)

    def is_new(self, msg_id: str) -> bool:
        """Tell whether this id comes for the first time, and remember it.

        A message without an id, or with one that is too long, is always new.
        """
        if not 0 < len(msg_id) <= MAX_ID_CHARACTERS:
            return True
        young = self._young
        if msg_id in young or msg_id in self._old:
            self.repeated += 1
            return False
        if len(young) >= GENERATION_SIZE:
            self._old = young
            self._young = young = {}
        young[msg_id] = None
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
        """Store the ids that wait; from now on none waits for a group any more.

        Returns:
            Fires when they are stored; None when they are.
        """
        self._is_closed = True
        self.flush()
        if not self._is_saving:
            return None
        self._stored = Observers()
        return self._stored.wait()

    def flush(self) -> None:
        """Store the ids that wait, as soon as no other group is being stored."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        if self._is_saving:
            # A store that hangs gets no second group; it keeps no more ids than these.
            del self._unsaved[:-MAX_SEEN_IDS]
        elif self._unsaved:
            self._is_saving = True
            unsaved, self._unsaved = self._unsaved, []
            self._save(unsaved).addBoth(self._saved)

    def _saved(self, _: object) -> None:
        self._is_saving = False
        if self._timer is None or len(self._unsaved) >= GROUP_SIZE:
            self.flush()
        if self._stored is not None and not self._is_saving:
            self._stored.fire(None)
