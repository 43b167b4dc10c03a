"""History: which states an account was in, when and why; bounded."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from ..errors import NeedsHuman, PadChatError
from .states import StateChanged

__all__ = ["MAX_ENTRIES", "MAX_KINDS", "History", "HistoryEntry", "Trouble", "root_of"]

#: Entries that are kept: an outage has two a minute, so that is most of an hour. What
#: began it is kept beside them, however long it lasts.
MAX_ENTRIES = 100

#: Kinds of reasons that are counted: the package has fewer classes of errors.
MAX_KINDS = 64


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A state that the account entered.

    Args:
        at: when (Unix time, seconds).
        old: the state before.
        state: the one that was entered.
        reason: why, when something went wrong.
    """

    at: float
    old: str
    state: str
    reason: PadChatError | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """How often a kind of reason was given.

    Args:
        count: how often.
        last: the newest entry with it.
    """

    count: int
    last: HistoryEntry


class History:
    """The states of one account since the process has run it.

    Attributes:
        last_outage: the entry by which the account left ``ready`` the last time.
        outages: how often it left ``ready``.
        attempts: how often it began to connect since it left ``ready``, or the start.
        troubles: the last reason of each kind, by the name of its class.
    """

    __slots__ = (
        "_entries",
        "attempts",
        "last_outage",
        "outages",
        "troubles",
    )

    def __init__(self) -> None:
        # A list: a deque takes half a KiB for the few that most accounts have.
        self._entries: list[HistoryEntry] = []
        self.last_outage: HistoryEntry | None = None
        self.outages = 0
        self.attempts = 0
        self.troubles: dict[str, Trouble] = {}

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._entries)

    def __iter__(self) -> Iterator[HistoryEntry]:
        """Go through the entries that are kept, the newest last."""
        return iter(self.entries)

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """The entries that are kept, the newest last."""
        return tuple(self._entries)

    @property
    def newest(self) -> HistoryEntry | None:
        """The newest entry, None before the start."""
        return self._entries[-1] if self._entries else None

    def add(self, change: StateChanged, at: float) -> None:
        """Keep a change.

        Args:
            change: what was told to handlers.
            at: when it happened (Unix time, seconds).
        """
        reason = None if change.reason is None else _without_frames(change.reason)
        entry = HistoryEntry(at, change.old, change.new, reason)
        self._entries.append(entry)
        if len(self._entries) > MAX_ENTRIES:
            del self._entries[0]
        if change.old == "ready":
            self.last_outage = entry
            self.outages += 1
            self.attempts = 0
        if change.new == "connecting":
            self.attempts += 1
        if reason is not None:
            self._count(root_of(reason), entry)

    def last_trouble(self) -> HistoryEntry | None:
        """Return the newest entry with a reason since the account was ``ready``."""
        for entry in reversed(self._entries):
            if entry.state == "ready":
                return None
            if entry.reason is not None:
                return entry
        return None

    def _count(self, reason: PadChatError, entry: HistoryEntry) -> None:
        kind = type(reason).__name__
        before = self.troubles.pop(kind, None)
        # Put at the end: the first one is what was not seen for the longest time.
        self.troubles[kind] = Trouble(1 if before is None else before.count + 1, entry)
        if len(self.troubles) > MAX_KINDS:
            del self.troubles[next(iter(self.troubles))]


def root_of(reason: PadChatError) -> PadChatError:
    """Return why a person is needed, where that is all that *reason* says."""
    cause = reason.__cause__
    if isinstance(reason, NeedsHuman) and isinstance(cause, PadChatError):
        return cause
    return reason


def _without_frames(error: PadChatError) -> PadChatError:
    """Copy an error without its traceback.

    A traceback keeps alive what its functions worked on, a token perhaps.
    """
    kept = _copied(error)
    if isinstance(error.__cause__, PadChatError):
        kept.__cause__ = _copied(error.__cause__)
    return kept


def _copied(error: PadChatError) -> PadChatError:
    try:
        return copy(error)
    except Exception:
        # A class of somebody else's, which cannot be made from its own arguments.
        return PadChatError(str(error))
