"""How often an account may do what others see: the settings.

Nobody outside WeChat knows its limits. Every number here is a guess from what people
reported, and is labelled so; see ``docs/design/0015-pacing.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from .work import PACED_KINDS, PacedKind

__all__ = [
    "COOL_DOWN",
    "LONGEST_COOL_DOWN",
    "LONGEST_WAIT",
    "MAX_LARGE_UPLOADS",
    "MAX_WAITING_CALLS",
    "TOO_OFTEN_TEXTS",
    "CoolingDown",
    "Pacing",
    "Rate",
]

#: Most calls of an account that wait for their turn: at one in a second it is longer
#: than anybody waits for an answer. A campaign waits for each before it sends the next.
MAX_WAITING_CALLS: Final = 500

#: How long a call waits for its turn (seconds): an answer that comes later is no
#: answer any more.
LONGEST_WAIT: Final = 300.0

#: Most large files of an account on their way at once.
MAX_LARGE_UPLOADS: Final = 1

#: The first cool-down, and the longest (seconds). A guess: bans of an hour that grew to
#: fifteen by trying again were reported.
COOL_DOWN: Final = 300.0
LONGEST_COOL_DOWN: Final = 6 * 3600.0

#: What a gateway says when it is too often; case does not count. A guess from reports.
TOO_OFTEN_TEXTS: Final = (
    "过于频繁",
    "太频繁",
    "too often",
    "too frequent",
    "too many requests",
)


def _check(name: str, seconds: float) -> None:
    if not (isfinite(seconds) and seconds > 0):
        raise ValueError(f"{name}: found {seconds!r}, expected seconds above 0")


def _check_count(name: str, count: int, least: int) -> None:
    if type(count) is not int or count < least:
        raise ValueError(
            f"{name}: found {count!r}, expected a whole number from {least} on"
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then one after the other.

    Args:
        every: seconds from one to the next.
        burst: how many may go at once after a pause.

    Raises:
        ValueError: no time, or no whole number from 1 on.
    """

    every: float
    burst: int = 1

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check("every", self.every)
        _check_count("burst", self.burst, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How often an account may do what others see.

    It holds for commands with ``changes_world``, and for those by ``call_raw`` that
    the catalogue does not know. Whatever is left out is not limited.

    Args:
        overall: for everything together.
        kinds: for what is of one kind.
        conversation: for what goes to one contact or room.
        per_day: most of a kind between two midnights, local time.
        too_often_codes: statuses of the WeChat engine that say that it is too often;
            none is documented.
        too_often_texts: texts that say so, or parts of them.
        cool_down: how long nothing is sent then (seconds); each time that follows
            within ``longest_cool_down`` of the end of the last one is twice as long.
        longest_cool_down: how long that may become (seconds).
        max_waiting: most calls that wait for their turn.
        longest_wait: how long one waits (seconds), when its ``time_limit`` is not
            shorter.
        max_large_uploads: most files from ``LARGE_BYTES`` on that are on their way.
        dry_run: whether nothing is sent, but all is paced, logged without its text
            and answered with an empty result.
        unix_time: tells the time of day; for tests.

    Raises:
        ValueError: a number that cannot be, or no such kind.
    """

    overall: Rate | None = None
    kinds: Mapping[PacedKind, Rate] = field(default_factory=dict)
    conversation: Rate | None = None
    per_day: Mapping[PacedKind, int] = field(default_factory=dict)
    too_often_codes: frozenset[int] = frozenset()
    too_often_texts: tuple[str, ...] = TOO_OFTEN_TEXTS
    cool_down: float = COOL_DOWN
    longest_cool_down: float = LONGEST_COOL_DOWN
    max_waiting: int = MAX_WAITING_CALLS
    longest_wait: float = LONGEST_WAIT
    max_large_uploads: int = MAX_LARGE_UPLOADS
    dry_run: bool = False
    unix_time: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        """Check the numbers and kinds."""
        for kind in (*self.kinds, *self.per_day):
            if kind not in PACED_KINDS:
                raise ValueError(
                    f"found the kind {kind!r}, expected one of {', '.join(PACED_KINDS)}"
                )
        for kind, most in self.per_day.items():
            _check_count(f"per_day of {kind}", most, 0)
        for name in ("cool_down", "longest_cool_down", "longest_wait"):
            _check(name, getattr(self, name))
        if self.longest_cool_down < self.cool_down:
            raise ValueError("longest_cool_down: found less than cool_down")
        for name in ("max_waiting", "max_large_uploads"):
            _check_count(name, getattr(self, name), 1)
        if not all(text.strip() for text in self.too_often_texts):
            raise ValueError("too_often_texts: found an empty text, which is in all")

    @classmethod
    def cautious(cls, **changes: Any) -> Pacing:  # noqa: ANN401 - any field
        """Return numbers to begin with. All of them are guesses.

        They are below what people reported to have been punished for, and nobody knows
        by how much; a new account is watched more closely than an old one.

        Args:
            **changes: fields that are to be otherwise.
        """
        return cls(**{**_CAUTIOUS, **changes})


#: Of ``Pacing.cautious``; guesses. Reported: 500 mini programs in a day blocked an
#: account for 12 hours; some twenty friend requests in a day.
_CAUTIOUS: Final[Mapping[str, Any]] = {
    "overall": Rate(1.0, 10),
    "conversation": Rate(2.0, 5),
    "kinds": {
        "image": Rate(3.0, 5),
        "voice": Rate(3.0, 5),
        "app": Rate(5.0, 3),
        "card": Rate(10.0, 3),
        "friend": Rate(60.0, 3),
        "contact": Rate(5.0, 5),
        "room": Rate(5.0, 5),
        "moments": Rate(30.0, 3),
    },
    "per_day": {
        "text": 2000,
        "image": 500,
        "voice": 500,
        "app": 200,
        "card": 100,
        "friend": 20,
        "room": 100,
        "moments": 50,
    },
}


@dataclass(frozen=True, slots=True)
class CoolingDown:
    """The gateway said that it is too often; ``account.on(CoolingDown, handler)``.

    Until then whatever is paced ends in ``NotSent``, at once.

    Args:
        until: when it is over (Unix time).
        seconds: how long it takes.
        said: what the gateway said.
    """

    until: float
    seconds: float
    said: str
