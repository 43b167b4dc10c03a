"""What a configuration says about the time when nobody is there.

::

    [endurance]
    note_minutes = 60
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..session.endurance import MIN_NOTE_SECONDS, Endurance
from .reading import Reader, Section, kind_of
from .values import KEYS

__all__ = ["ENDURANCE", "read_endurance"]

#: The keys of the section.
ENDURANCE: Final = Section((), ("note_minutes",))

#: Shortest and longest time between two notes (minutes): less is too many messages,
#: and one that is further from the next than a day proves nothing about tonight.
MIN_NOTE_MINUTES: Final = round(MIN_NOTE_SECONDS / 60)
MAX_NOTE_MINUTES: Final = 24 * 60


def read_endurance(reader: Reader, value: object) -> Endurance:
    """Read the section.

    Args:
        reader: of the file; gets the problems.
        value: what the section holds, None when there is none.
    """
    section: Mapping[str, object] = reader.fields(("endurance",), value, ENDURANCE)
    minutes = section.get("note_minutes")
    if minutes is None:
        return Endurance()
    limits = f"{MIN_NOTE_MINUTES} to {MAX_NOTE_MINUTES}"
    expected = f"{KEYS['note_minutes'].meaning}, {limits}"
    if type(minutes) is not int:
        found = f"this is {kind_of(minutes)}"
        reader.problem(("endurance", "note_minutes"), found, expected)
    elif not MIN_NOTE_MINUTES <= minutes <= MAX_NOTE_MINUTES:
        reader.problem(("endurance", "note_minutes"), f"this is {minutes}", expected)
    else:
        return Endurance(note_every=60.0 * minutes)
    return Endurance()
