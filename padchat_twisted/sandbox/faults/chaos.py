"""Faults by chance, the same ones for the same seed.

Each account has a sequence of its own, made of the seed, its key and its label, so what
hits one does not depend on the others, but for restarts. Nothing here loses a message
for good or ends an account: whoever does what a client should is well again when the
chaos is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ...catalogue.groups import GROUPS
from ...errors import quoted
from .deeds import Trigger
from .player import MAX_ACCOUNTS_PLAYED, Who
from .scenario import MAX_SECONDS, Fault

__all__ = ["RESTART_PAUSE", "Chaos", "ChaosPlayer", "duration"]

#: Commands that are never refused: without them nobody comes back.
_OF_LOGIN = frozenset(command.wire_name for command in GROUPS["login"])

#: Events that may be lost, since a client does without them.
_NEEDLESS = frozenset(("loaded", "sns", "warn"))


@dataclass(frozen=True, slots=True)
class _Chance:
    """A fault that may come.

    Attributes:
        do: what it does.
        weight: how often, beside the others.
        least: shortest time of the deed (seconds).
        most: longest time of the deed (seconds).
    """

    do: str
    weight: int
    least: float = 0.0
    most: float = 0.0


#: How many of a hundred commands, events and connections are hit.
_HIT_OF_100: Mapping[Trigger, int] = {
    Trigger.COMMAND: 5,
    Trigger.EVENT: 2,
    Trigger.CONNECTION: 30,
}

_CONNECTION = (
    _Chance("close", 6),
    _Chance("half-close", 3),
    _Chance("silence", 3, 5.0, 60.0),
    _Chance("slow", 3, 0.05, 0.5),
    _Chance("restart", 1, 0.5, 5.0),
)

_CHANCES: Mapping[Trigger, tuple[_Chance, ...]] = {
    Trigger.COMMAND: (
        _Chance("drop", 10),
        _Chance("late", 10, 0.5, 20.0),
        _Chance("twice", 10),
        _Chance("garble", 4),
        _Chance("refuse", 6),
        *_CONNECTION,
    ),
    Trigger.EVENT: (
        _Chance("twice", 10),
        _Chance("late", 10, 0.1, 5.0),
        _Chance("swap", 6),
        _Chance("drop", 4),
        *_CONNECTION,
    ),
    Trigger.CONNECTION: _CONNECTION,
}

#: Time without a restart after one (seconds). Each drops all accounts, which then all
#: have a connection that may bring the next one.
RESTART_PAUSE = 120.0

#: Longest time from the beginning of a connection to a fault that it has (seconds).
_LATEST = 60.0


@dataclass(frozen=True, slots=True)
class Chaos:
    """Faults by chance.

    Attributes:
        seed: makes the same faults come again.
        ends_after: time after which none comes any more (seconds), 0 for never.
    """

    seed: int
    ends_after: float = 0.0


def duration(text: str) -> float:
    """Read a time off a command line (seconds).

    Raises:
        ValueError: it is none; the text says what one is.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds <= MAX_SECONDS:
        return seconds
    raise ValueError(
        f"a time is a number of seconds up to {MAX_SECONDS}, not {quoted(text)!r}"
    )


class ChaosPlayer:
    """Plays faults by chance.

    Args:
        chaos: which ones.
    """

    def __init__(self, chaos: Chaos) -> None:
        self._seed = chaos.seed
        self._chances: dict[Who, Random] = {}
        self._may_restart_at = 0.0

    def met(
        self, trigger: Trigger, name: str, who: Who, *, now: float, age: float
    ) -> Sequence[Fault]:
        """Return the faults that hit this; see ``player.Plays``."""
        if trigger not in _CHANCES:
            return ()
        chance = self._chances.get(who)
        if chance is None:
            if len(self._chances) >= MAX_ACCOUNTS_PLAYED:
                return ()
            # Repeatable, and no secret.
            chance = Random(f"{self._seed} {who.key} {who.label}")  # noqa: S311
            self._chances[who] = chance
        if chance.randrange(100) >= _HIT_OF_100[trigger]:
            return ()
        chances = _CHANCES[trigger]
        [drawn] = chance.choices(chances, [one.weight for one in chances])
        seconds = round(chance.uniform(drawn.least, drawn.most), 3)
        after = chance.uniform(0, _LATEST) if trigger is Trigger.CONNECTION else 0.0
        if not _may_be(drawn.do, trigger, name):
            return ()
        if drawn.do == "restart":
            if now < self._may_restart_at:
                return ()
            self._may_restart_at = now + RESTART_PAUSE
        fault = Fault(drawn.do, trigger, after=round(after, 3), seconds=seconds)
        return (fault,)


def _may_be(do: str, trigger: Trigger, name: str) -> bool:
    """Tell whether a client can get over it."""
    if do == "refuse":
        return name not in _OF_LOGIN
    if do == "drop" and trigger is Trigger.EVENT:
        return name in _NEEDLESS
    if do == "swap":
        return name == "push"
    return True
