"""What a soak came to, and what of it must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from .ledger import Ledger, Mail, Sends, Told, numbers
from .worker import OUTCOMES, RESULT

__all__ = ["MAX_GROWTH", "Figures"]

#: By how much the memory of the last third may be above that of the second.
MAX_GROWTH = 0.02

#: Minutes of chaos from which on growth is a problem. What has a limit fills before:
#: the pages that SQLite keeps in some six, the states of an account in some ten.
JUDGED_MINUTES = 10.0

#: Most examples of what does not hold.
MOST_TOLD = 10

_FindInMail: TypeAlias = Callable[[Mail], set[int]]
_FindInSends: TypeAlias = Callable[[Sends], set[int]]

_EXPECTED = {RESULT, *(outcome.__name__ for outcome in OUTCOMES)}
_MIB = 1024 * 1024


@dataclass
class Figures:
    """The figures.

    Attributes:
        seed: of the chaos.
        minutes: of chaos.
        ledger: what was said and sent.
        gateways: how often the gateway was started.
        states: how many accounts were in which state at the end.
        well: how many accounts sent something with a result then.
        unknown: sends of which nobody knew whether they arrived.
        untold: unknown ones that the caller was not told of, and the other way round.
        left: unknown ones that are still unknown after they were settled.
        memory: median of this process in each third of the time (bytes).
        logged: what was logged as an error, in words.
    """

    seed: int
    minutes: float
    ledger: Ledger
    gateways: int = 0
    states: Counter[str] = field(default_factory=Counter)
    well: int = 0
    unknown: int = 0
    untold: int = 0
    left: int = 0
    memory: list[int] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """By which part the memory of the last third is above that of the second."""
        if not self.memory:
            return 0.0
        _, before, last = self.memory
        return (last - before) / before

    def problems(self) -> list[str]:
        """Say what does not hold."""
        accounts = len(self.ledger.sends)
        found = {
            "messages that no handler had": self._of_mail(_lost),
            "messages that came again unmarked": self._of_mail(_repeated),
            "messages that nobody said": self._of_mail(_strange),
            "sends that arrived twice": self._of_sends(_doubled),
            "sends told as done that did not arrive": self._of_sends(_gone),
            "sends told as not done that arrived": self._of_sends(_denied),
        }
        problems = [
            f"{what}: {len(those)}, such as {', '.join(those[:MOST_TOLD])}"
            for what, those in found.items()
            if those
        ]
        hanging = self.ledger.begun.copy()
        for (kind, outcome), times in self.ledger.ended.items():
            hanging[kind] -= times
            if outcome not in _EXPECTED:
                problems.append(f"{kind} that ended in {outcome}: {times}")
        problems += [f"{kind} that hang: {n}" for kind, n in hanging.items() if n]
        if self.untold:
            problems.append(f"sends whose caller and store disagree: {self.untold}")
        if self.left:
            problems.append(f"sends that are unknown still: {self.left}")
        if self.states != Counter(ready=accounts):
            problems.append(f"accounts left out: {_counts(self.states)}")
        if self.well != accounts:
            problems.append(f"accounts that cannot send: {accounts - self.well}")
        if self.minutes >= JUDGED_MINUTES and self.growth > MAX_GROWTH:
            problems.append(
                f"memory grows: by {self.growth:.1%} (limit {MAX_GROWTH:.0%})"
            )
        return problems + [f"logged: {line}" for line in self.logged[:MOST_TOLD]]

    def lines(self) -> list[str]:
        """Say the figures, one in each line."""
        ledger = self.ledger
        mail, sends = list(ledger.mail.values()), ledger.sends
        figures: dict[str, object] = {
            "seed": self.seed,
            "accounts": len(sends),
            "minutes of chaos": f"{self.minutes:g}",
            "starts of the gateway": self.gateways,
            "faults played": f"{ledger.played.total()} ({_counts(ledger.played)})",
            "messages": ledger.said,
            "handed to handlers": sum(len(_had(each)) for each in mail),
            "handed again, marked": sum(len(_again(each)) for each in mail),
            "sends with a key": sum(len(each.told) for each in sends),
            "arrived": sum(len(numbers(each.arrived)) for each in sends),
            "arrived twice": sum(len(_doubled(each)) for each in sends),
            "told as not done": _told(sends, Told.FREE),
            "unknown, then settled": f"{self.unknown}, {self.unknown - self.left}",
            "Deferreds": f"{ledger.begun.total()} ({_counts(ledger.begun)})",
            "how they ended": _counts(_by_outcome(ledger)),
            "hanging": ledger.hanging,
            "attempts to connect": ledger.entered["connecting"],
            "times ready, and lost": f"{ledger.entered['ready']}, {ledger.lost}",
            "codes shown": ledger.entered["awaiting_scan"],
            "states at the end": _counts(self.states),
            "can send at the end": self.well,
            "memory of each third": ", ".join(
                f"{size / _MIB:.1f} MiB" for size in self.memory
            )
            or "not measured",
            "growth in the last one": f"{self.growth:+.2%}"
            + (" (too early to tell)" if self.minutes < JUDGED_MINUTES else ""),
            "errors in the log": len(self.logged),
        }
        return [f"  {name:<24}{figure}" for name, figure in figures.items()]

    # Steps

    def _of_mail(self, find: _FindInMail) -> list[str]:
        return [
            f"{number} to {user_name}"
            for user_name, mail in self.ledger.mail.items()
            for number in sorted(find(mail))
        ]

    def _of_sends(self, find: _FindInSends) -> list[str]:
        return [
            f"{account}-{number}"
            for account, sends in enumerate(self.ledger.sends)
            for number in sorted(find(sends))
        ]


def _had(mail: Mail) -> set[int]:
    return numbers(mail.fresh) | numbers(mail.marked)


def _again(mail: Mail) -> set[int]:
    return numbers(mail.marked, 2) | numbers(mail.fresh) & numbers(mail.marked)


def _lost(mail: Mail) -> set[int]:
    return numbers(mail.said) - _had(mail)


def _repeated(mail: Mail) -> set[int]:
    return numbers(mail.fresh, 2)


def _strange(mail: Mail) -> set[int]:
    return _had(mail) - numbers(mail.said)


def _doubled(sends: Sends) -> set[int]:
    return numbers(sends.arrived, 2)


def _gone(sends: Sends) -> set[int]:
    return _those(sends, Told.DONE) - numbers(sends.arrived)


def _denied(sends: Sends) -> set[int]:
    return _those(sends, Told.FREE) & numbers(sends.arrived)


def _those(sends: Sends, outcome: Told) -> set[int]:
    return {number for number, told in enumerate(sends.told) if told == outcome}


def _told(sends: Iterable[Sends], outcome: Told) -> int:
    return sum(len(_those(each, outcome)) for each in sends)


def _by_outcome(ledger: Ledger) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for (_, outcome), times in ledger.ended.items():
        outcomes[outcome] += times
    return outcomes


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{times} {name}" for name, times in counter.most_common())
