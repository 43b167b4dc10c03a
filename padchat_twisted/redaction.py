"""Secrets that are in use, found in any text and replaced: what a log must not show.

Source: ``docs/design/0009-secrets.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable
from itertools import takewhile
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

__all__ = ["KNOWN", "MAX_KNOWN_OWNERS", "MIN_KNOWN_CHARACTERS", "KnownSecrets"]

#: Most owners of secrets (a count): accounts, keys, proxies; the oldest go first. A
#: gateway has at most some thousands of accounts, and each costs a kilobyte.
MAX_KNOWN_OWNERS: Final = 20_000

#: Shortest secret that is looked for (characters): what is shorter is often a word,
#: such as the name of a device, and stands in many a line by chance.
MIN_KNOWN_CHARACTERS: Final = 8

#: How many characters give a longer secret away when the rest was cut off. Nothing
#: that is said by chance has as many in common with one.
GIVEN_AWAY: Final = 16

#: Longest secret that is looked for in its encoded forms too (characters): longer ones
#: are device data, which no URL has, and each form would be another copy.
MAX_ENCODED_CHARACTERS: Final = 4096

#: What stands in its place.
REPLACEMENT: Final = "[secret]"


# What is written alike everywhere.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]*")

# How URLs write what is not.
_ESCAPED = re.compile("%[0-9A-F]{2}")


# Forms by how they begin. As good as all begin differently, and of many thousands a
# tuple for each would be felt.
_Index: TypeAlias = dict[str, str | tuple[str, ...]]


class KnownSecrets:
    """The secrets that a process works with, by what has them.

    Looking through a text costs the same for one secret as for a hundred thousand:
    each is found by how it begins.

    Args:
        limit: most owners.
    """

    def __init__(self, limit: int = MAX_KNOWN_OWNERS) -> None:
        self._limit = limit
        self._owners: dict[Hashable, tuple[str, ...]] = {}
        # How often a form is had beyond the first time.
        self._shared: dict[str, int] = {}
        self._long: _Index = {}
        self._short: _Index = {}

    def __repr__(self) -> str:
        return f"<KnownSecrets of {len(self._owners)}>"

    def __len__(self) -> int:
        return len(self._owners)

    def keep(self, owner: Hashable, secrets: Iterable[str | None]) -> None:
        """Know these secrets of *owner* from now on, and no others of it.

        Args:
            owner: an account, a key or a proxy, by what tells it from others.
            secrets: None and short ones are left out.
        """
        kept = tuple(
            dict.fromkeys(
                text for text in secrets if text and len(text) >= MIN_KNOWN_CHARACTERS
            )
        )
        before = self._owners.pop(owner, ())
        # Now it is the newest one.
        self._owners[owner] = kept
        for text in kept:
            if text not in before:
                self._add(text)
        for text in before:
            if text not in kept:
                self._remove(text)
        while len(self._owners) > self._limit:
            self.forget(next(iter(self._owners)))

    def forget(self, owner: Hashable) -> None:
        """Know nothing of *owner* any more."""
        for text in self._owners.pop(owner, ()):
            self._remove(text)

    def redact(self, text: str) -> str:
        """Return *text* with every known secret replaced, also one that was cut off."""
        if not self._may_be_in(text):
            return text
        pieces: list[str] = []
        start = place = 0
        while place < len(text):
            length = self._length_at(text, place)
            if length:
                pieces += (text[start:place], REPLACEMENT)
                start = place = place + length
            else:
                place += 1
        return "".join(pieces) + text[start:]

    def _may_be_in(self, text: str) -> bool:
        for beginnings, size in (
            (self._long, GIVEN_AWAY),
            (self._short, MIN_KNOWN_CHARACTERS),
        ):
            if beginnings and not beginnings.keys().isdisjoint(
                [text[place : place + size] for place in range(len(text) - size + 1)]
            ):
                return True
        return False

    def _length_at(self, text: str, place: int) -> int:
        """Return how many characters of a secret stand at *place*."""
        lengths = [0]
        for form in _at(self._long, text[place : place + GIVEN_AWAY]):
            pairs = zip(form, text[place : place + len(form)], strict=False)
            lengths.append(
                sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            )
        for form in _at(self._short, text[place : place + MIN_KNOWN_CHARACTERS]):
            if text.startswith(form, place):
                lengths.append(len(form))
        return max(lengths)

    def _add(self, text: str) -> None:
        for form in _forms_of(text):
            index, beginning = self._place_of(form)
            forms = _at(index, beginning)
            if form in forms:
                self._shared[form] = self._shared.get(form, 0) + 1
            else:
                index[beginning] = (*forms, form) if forms else form

    def _remove(self, text: str) -> None:
        for form in _forms_of(text):
            if form in self._shared:
                self._shared[form] -= 1
                if not self._shared[form]:
                    del self._shared[form]
                continue
            index, beginning = self._place_of(form)
            left = tuple(each for each in _at(index, beginning) if each != form)
            if left:
                index[beginning] = left if len(left) > 1 else left[0]
            else:
                del index[beginning]

    def _place_of(self, form: str) -> tuple[_Index, str]:
        if len(form) >= GIVEN_AWAY:
            return self._long, form[:GIVEN_AWAY]
        return self._short, form[:MIN_KNOWN_CHARACTERS]


def _at(index: _Index, beginning: str) -> tuple[str, ...]:
    """Return the forms that begin so."""
    forms = index.get(beginning, ())
    return (forms,) if isinstance(forms, str) else forms


def _forms_of(text: str) -> set[str]:
    """Return how a secret is written in URLs, in JSON, and in the repr of a value."""
    if len(text) > MAX_ENCODED_CHARACTERS or _PLAIN.fullmatch(text):
        return {text}
    encoded = text.encode("utf-8", "surrogatepass")
    in_urls = {
        quote(encoded, safe="-_.!~*'()"),  # as JavaScript does it
        quote(encoded),
        quote(encoded, safe=""),
        quote_plus(encoded),
    }
    return {
        text,
        *in_urls,
        *(_ESCAPED.sub(lambda match: match[0].lower(), form) for form in in_urls),
        json.dumps(text)[1:-1],
        repr(text)[1:-1],
        repr(encoded)[2:-1],
    }


#: Those of this process: its log is one, whichever part of it writes.
KNOWN = KnownSecrets()
