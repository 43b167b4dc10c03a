"""When an account usually hears something, and how odd it is that it does not.

For each half hour of the day the share of days is kept in which something came then;
older days weigh less. The chance of a silence is the product, over the half hours that
it lasts, of the chance that each is silent. Nights, and accounts to which nobody
writes, are told apart from trouble by that alone; days of rest are not, and look like
one silence each. Pure: the time is handed in.
"""

from __future__ import annotations

from array import array

__all__ = ["UNUSUAL", "Habit"]

#: The day is cut into slots of this length (seconds), and has so many: what is kept
#: of an account has a fixed size.
SLOT_SECONDS = 1800
SLOTS = 86400 // SLOT_SECONDS

#: What a day weighs when the next one is there; together they weigh up to 14.
AGEING = 13 / 14

#: Silent days that each slot is given beforehand: of an account that was watched for
#: two days nobody can say what it does.
PRIOR_DAYS = 2.0

#: A silence whose chance is smaller than this is unusual. An account that heard
#: something in every half hour of two weeks gets there in two hours.
UNUSUAL = 0.001


class Habit:
    """The habit of one account."""

    __slots__ = (
        "_chance",
        "_days",
        "_has_heard",
        "_heard",
        "_is_told",
        "_is_whole",
        "_slot",
    )

    def __init__(self) -> None:
        self._days = array("f", [0.0] * SLOTS)
        self._heard = array("f", [0.0] * SLOTS)
        self._slot: int | None = None
        self._is_whole = False
        self._has_heard = False
        self._chance = 1.0
        self._is_told = False

    def watch(self, now: float) -> None:
        """Begin to watch, or go on after a time in which nothing could be heard."""
        self._slot = int(now // SLOT_SECONDS)
        # What was seen of the first slot is not all of it.
        self._is_whole = False
        self._has_heard = False

    def look(self, now: float, *, heard: bool) -> bool:
        """Take in what was heard since the last look.

        Args:
            now: the time (Unix time, seconds).
            heard: whether anything came.

        Returns:
            Whether the silence is unusual; once, until something is heard again.
        """
        slot = int(now // SLOT_SECONDS)
        if self._slot is None or not 0 <= slot - self._slot <= SLOTS:
            # The clock was set, or the machine slept for a day.
            self.watch(now)
        elif slot != self._slot:
            self._end_slots(self._slot, slot)
        if heard:
            self._has_heard = True
            self._chance = 1.0
            self._is_told = False
        if self._is_told or self._chance >= UNUSUAL:
            return False
        self._is_told = True
        return True

    def _end_slots(self, first: int, until: int) -> None:
        for slot in range(first, until):
            place = slot % SLOTS
            if self._is_whole:
                share = self._heard[place] / (self._days[place] + PRIOR_DAYS)
                if not self._has_heard:
                    self._chance *= 1.0 - share
                self._days[place] = self._days[place] * AGEING + 1.0
                self._heard[place] = self._heard[place] * AGEING + self._has_heard
            self._is_whole = True
            self._has_heard = False
        self._slot = until
