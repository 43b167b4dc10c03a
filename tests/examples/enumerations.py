"""The tables of our enumerations, for the pages that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum

from padchat_twisted import catalogue

from .docstrings import meanings, row, summary

__all__ = ["numbers"]

_NAMED = re.compile(r"`(\w+)(?:\.\w+)?`")


def numbers(kinds: Iterable[type], heading: str = "##") -> Iterator[str]:
    """Make a table for each enumeration that the fields of some classes name.

    Args:
        kinds: commands, results, events.
        heading: what a heading of the page begins with.
    """
    found: dict[type[IntEnum], None] = {}
    for kind in kinds:
        for text in meanings(kind).values():
            for name in _NAMED.findall(text):
                enumeration = getattr(catalogue, name, None)
                if isinstance(enumeration, type) and issubclass(enumeration, IntEnum):
                    found[enumeration] = None
    if not found:
        return
    yield from ("", f"{heading} Numbers", "", "Others pass as they are.")
    for enumeration in found:
        yield from ("", f"{heading}# {enumeration.__name__}", "", summary(enumeration))
        yield from ("", row("Number", "Name"), "|---|---|")
        for member in enumeration:
            yield row(f"`{member.value}`", f"`{member.name}`")
