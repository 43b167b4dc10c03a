"""Which faults of a scenario hit what happens now.

PURE. Accounts count for themselves, whatever their connections; a restart is counted
once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .deeds import Trigger
from .scenario import ALWAYS, ANY, Fault, Scenario

__all__ = ["MAX_ACCOUNTS_PLAYED", "Player", "Plays", "Who"]

#: Accounts whose commands and events are counted, as many as a world has; a client
#: that gives ever new names gets no faults.
MAX_ACCOUNTS_PLAYED = 10_000


class Who(NamedTuple):
    """An account, of which several may have one label.

    Attributes:
        key: fingerprint of its auth key.
        label: its name under that key.
    """

    key: str
    label: str


class Plays(Protocol):
    """Who decides on faults."""

    def met(
        self, trigger: Trigger, name: str, who: Who, *, now: float, age: float
    ) -> Sequence[Fault]:
        """Return the faults that hit this, in the order to do them.

        Args:
            trigger: what kind of thing happens.
            name: canonical name of the command or event; empty for a connection.
            who: the account.
            now: seconds on the gateway's clock.
            age: of the connection (seconds).
        """


@dataclass(slots=True)
class _Count:
    """What one fault has seen of one account.

    Attributes:
        seen: how many fitted.
        began: when the first one was hit; None before.
    """

    seen: int = 0
    began: float | None = None


class Player:
    """Plays a scenario.

    Args:
        scenario: what is to happen.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._faults = scenario.faults
        self._counts: dict[Who, list[_Count]] = {}
        self._shared = self._new_counts()

    def met(
        self, trigger: Trigger, name: str, who: Who, *, now: float, age: float
    ) -> Sequence[Fault]:
        """Return the faults that hit this; see ``Plays``."""
        hit = []
        for index, fault in enumerate(self._faults):
            if (
                fault.trigger is trigger
                and fault.name in (ANY, name)
                and fault.account in ("", who.label)
                # A connection that is let in has no age: it is done later.
                and (age >= fault.after or trigger is Trigger.CONNECTION)
            ):
                counts = self._counts_of(who, fault)
                if counts is not None and _is_hit(fault, counts[index], now):
                    hit.append(fault)
        return hit

    def _counts_of(self, who: Who, fault: Fault) -> list[_Count] | None:
        if fault.do == "restart":
            return self._shared
        counts = self._counts.get(who)
        if counts is None and len(self._counts) < MAX_ACCOUNTS_PLAYED:
            counts = self._counts[who] = self._new_counts()
        return counts

    def _new_counts(self) -> list[_Count]:
        return [_Count() for _ in self._faults]


def _is_hit(fault: Fault, count: _Count, now: float) -> bool:
    """Count one that fits, and tell whether the fault hits it."""
    count.seen += 1
    if count.seen < fault.nth:
        return False
    if count.began is None:
        count.began = now
    if fault.lasts:
        return now < count.began + fault.lasts
    return fault.times == ALWAYS or count.seen < fault.nth + fault.times
