"""What a handler's exception says, without the words of what the handler had.

Exceptions repeat what they are about: ``int("my number is 7")`` raises ``ValueError:
invalid literal for int() with base 10: 'my number is 7'``. A log holds no text of a
message, so those words are left out of it; who handles ``HandlerFailed`` has the
exception itself. See ``docs/design/0009-secrets.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

from twisted.python.failure import Failure
from twisted.python.reflect import safe_str

from ..catalogue import Event

__all__ = ["MAX_COMPARED_CHARACTERS", "MAX_TOLD_CHARACTERS", "told", "without_words"]

#: Longest text of an exception that is logged (characters): the beginning says what it
#: is about, and it is compared word by word.
MAX_TOLD_CHARACTERS: Final = 500

#: Longest event with which the text of an exception is compared (characters): real
#: texts have hundreds. With a longer one it is left out, for the reactor has to go on.
MAX_COMPARED_CHARACTERS: Final = 100_000

#: Shortest word that is found inside of another one (characters).
SHORTEST_INSIDE: Final = 3

#: Length from which on a word is none, but may be a text in base64 or hex (characters).
#: An id of a message has 19 digits.
CODED: Final = 24

#: What stands in the place of such words.
REPLACEMENT: Final = "[message]"

# How texts that are not ASCII, or all of them, are written by repr, JSON and URLs.
_ESCAPED = re.compile(
    r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|%[0-9a-f]{2}", re.IGNORECASE
)

# A script without spaces has no words, so each of its characters is one.
_WORD = re.compile(r"[a-z0-9]+|[^\x00-\x7f]", re.IGNORECASE)

# The end of a text that was cut: no whole word, or no whole escape.
_CUT_WORD = re.compile(r"(?<![a-z0-9%\\])[a-z0-9%\\]+\Z", re.IGNORECASE)

# Words that were taken out beside each other.
_TAKEN = re.compile("\0(?:[^a-zA-Z0-9\0\x80-\U0010ffff]{0,4}\0)*")


def told(failure: Failure, event: object) -> Failure:
    """Return a failure as it may be logged: same class and frames, another text.

    Args:
        failure: what a handler raised.
        event: what it had; see :func:`without_words`.
    """
    text = safe_str(failure.value)
    shown = without_words(text, event)
    if shown is text:
        return failure
    # Frames and class stay, also of one whose traceback is gone already.
    copied = Failure.__new__(Failure)
    copied.__dict__.update(failure.__dict__)
    copied.value = _Told(shown)
    return copied


def without_words(text: str, event: object) -> str:
    """Leave the words of an event out of a text; of other things than events none.

    A word in base64 or hex is found when it is long.

    Args:
        text: what an exception says.
        event: what came from a gateway, or anything else.
    """
    if not isinstance(event, Event):
        return text
    words = _words_of(event)
    if words is None:
        return "(left out: the event is too large to be compared with)"

    def take(match: re.Match[str]) -> str:
        return "\0" if _is_of(match[0].casefold(), words) else match[0]

    shown = text[:MAX_TOLD_CHARACTERS].replace("\0", " ")
    if len(text) > MAX_TOLD_CHARACTERS:
        # A part of a word would not be known for what it is.
        shown = _CUT_WORD.sub("", shown)
    shown = _WORD.sub(take, _ESCAPED.sub("\0", shown))
    if len(text) > MAX_TOLD_CHARACTERS:
        shown += "..."
    shown = _TAKEN.sub(REPLACEMENT, shown)
    return text if shown == text else shown


class _Told(Exception):
    """Stands for an exception of which not everything is logged."""


def _words_of(event: Event) -> set[str] | None:
    words: set[str] = set()
    size = 0
    for text in _texts_in(_content(event)):
        size += len(text)
        if size > MAX_COMPARED_CHARACTERS:
            return None
        for form in {text, unescape(text)}:
            words.update(word.casefold() for word in _WORD.findall(form))
    return words


def _content(event: Event) -> list[object]:
    fields: list[object] = [getattr(event, name) for name in event.__struct_fields__]
    try:
        return [*fields, event.arguments]
    except ValueError:
        # Nested too deeply: nobody could read it.
        return fields


def _texts_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value


def _is_of(word: str, words: set[str]) -> bool:
    if word in words or len(word) >= CODED:
        return True
    return any(
        word[begin:end] in words
        for begin in range(len(word) - SHORTEST_INSIDE + 1)
        for end in range(begin + SHORTEST_INSIDE, len(word) + 1)
    )
