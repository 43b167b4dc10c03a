"""Both languages have words for everything."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from twisted.trial.unittest import SynchronousTestCase

import padchat_twisted
from padchat_twisted import errors
from padchat_twisted.errors import Hop, PadChatError
from padchat_twisted.session.explain import LANGUAGES, words_for
from padchat_twisted.session.sentences import (
    ReasonWords,
    Sentences,
    StateWords,
    StoredWords,
)

from .machine import PATHS

PACKAGE = Path(padchat_twisted.__file__).parent


def error_classes() -> set[type[PadChatError]]:
    """Find the classes of errors."""
    return {getattr(errors, name) for name in errors.__all__}


def texts(value: object) -> Iterator[str]:
    """Go through the texts of a table, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):  # type: ignore[arg-type]  # a dataclass, as asked
            yield from texts(getattr(value, field.name))


def clauses(words: Sentences) -> Iterator[str]:
    """Go through the clauses that stand within a sentence."""
    yield from texts((words.reasons, words.hops, words.losses, words.outcomes))
    yield from texts((words.states, words.unknown_state, words.stored.reasons))
    yield from (words.no_login, words.login_refused, words.was_closed, words.nothing)
    yield from (words.phone_may_ask, *words.stored.do)


def places(text: str) -> list[str]:
    """List the names in braces, in any order."""
    found = (name for _, name, _, _ in string.Formatter().parse(text) if name)
    return sorted(found)


def literals(name: str) -> set[str]:
    """Find what the code gives as the first argument to a class of that name."""
    return {
        call.args[0].value
        for file in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == name
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


class CompleteTests(SynchronousTestCase):
    """Nothing is without words."""

    def each(self) -> Iterator[Sentences]:
        """Go through the languages."""
        for language in LANGUAGES:
            yield words_for(language)

    def test_errors(self) -> None:
        """Each class of errors has its own, so a new one must get some."""
        for words in self.each():
            self.assertEqual(set(words.reasons), error_classes())

    def test_states(self) -> None:
        """So has each state of the machine."""
        for words in self.each():
            paths = {path.partition(" (")[0] for path in PATHS}
            self.assertEqual(set(words.states), paths)

    def test_hops(self) -> None:
        """So has each step of the way to a gateway."""
        for words in self.each():
            self.assertEqual(set(words.hops), set(get_args(Hop)) - {""})

    def test_losses(self) -> None:
        """So has each reason for which our code says that a connection was lost."""
        reasons = literals("Disconnected")
        self.assertIn("ping timeout", reasons)
        for words in self.each():
            self.assertEqual(reasons - set(words.losses), set())

    def test_same_names(self) -> None:
        """The languages know the same reasons, and fill in the same names."""
        english, chinese = self.each()
        for ours, theirs in zip(
            self.by_name(english), self.by_name(chinese), strict=True
        ):
            self.assertEqual(ours, theirs)

    def by_name(self, words: Sentences) -> list[tuple[object, list[str]]]:
        """List the places of each entry of each table by its key."""
        tables: list[tuple[object, object]] = [
            (field.name, getattr(words, field.name)) for field in fields(words)
        ]
        found: list[tuple[object, list[str]]] = []
        while tables:
            key, value = tables.pop()
            if isinstance(value, dict):
                tables += sorted(value.items(), key=str)
            elif isinstance(value, StoredWords):
                tables += [(x.name, getattr(value, x.name)) for x in fields(value)]
            elif isinstance(value, StateWords | ReasonWords):
                told = [text for text in texts(value) if text]
                found += [(key, places(text)) for text in told]
            elif isinstance(value, str):
                found.append((key, places(value)))
        return found


class FormTests(SynchronousTestCase):
    """What goes into sentences fits there."""

    def test_clauses(self) -> None:
        """A clause has no full stop, and no space at its ends but between clauses."""
        for language in LANGUAGES:
            for text in clauses(words_for(language)):
                self.assertFalse(text.endswith((".", "。", " ")), text)

    def test_sentences(self) -> None:
        """A sentence has one."""
        for language in LANGUAGES:
            words = words_for(language)
            end = "." if language == "en" else "。"
            for text in (
                *(words.head, words.head_alone, words.outage, words.reason),
                *(words.latest, words.code, words.attempts, words.away, words.next),
                *(words.do, words.stored.no_account, words.stored.place),
                *(words.stored.nobody, words.stored.no_store, words.stored.saved),
                *(words.stored.never_saved, words.stored.void),
                *(words.stored.has_device, words.stored.no_device),
            ):
                self.assertTrue(text.endswith(end), text)
