"""Secrets that are found in a text and replaced."""

from __future__ import annotations

import json
import random
import string
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.redaction import (
    GIVEN_AWAY,
    MAX_ENCODED_CHARACTERS,
    MAX_KNOWN_OWNERS,
    MIN_KNOWN_CHARACTERS,
    KnownSecrets,
)

from .secrets_in import forms_of, secrets_in

TOKEN = 'tok+en/of=the account, 密码 & more \\ of "it" %41'
OTHER = "another-token-0123456789"


def known(*secrets: str) -> KnownSecrets:
    """Make a registry that knows these."""
    registry = KnownSecrets()
    registry.keep("owner", secrets)
    return registry


class RedactTests(SynchronousTestCase):
    """What is replaced, and what is not."""

    def test_forms(self) -> None:
        """A secret is replaced in every form in which a log may have it, cut or not."""
        registry = known(TOKEN)
        for form in {*forms_of(TOKEN), quote(TOKEN)}:
            text = f"<{form}>"
            self.assertEqual(registry.redact(text), "<[secret]>", form)
        shown = f"{quote(TOKEN)} {json.dumps([TOKEN])} {TOKEN!r} {TOKEN.encode()!r}"
        self.assertEqual(secrets_in(registry.redact(shown), {"it": TOKEN}), [])

    def test_around(self) -> None:
        """What stands around secrets stays, however many there are."""
        registry = known(TOKEN, OTHER)
        text = f"a {TOKEN}{OTHER} b {OTHER}"
        self.assertEqual(registry.redact(text), "a [secret][secret] b [secret]")
        self.assertEqual(registry.redact(""), "")

    def test_nothing(self) -> None:
        """A text without any is the same object."""
        text = "account one: syncing -> ready"
        for registry in (KnownSecrets(), known(TOKEN, OTHER, "eight888")):
            self.assertIs(registry.redact(text), text)

    def test_cut(self) -> None:
        """The beginning gives a long one away; fewer characters may be chance."""
        registry = known(OTHER)
        cut = OTHER[:GIVEN_AWAY]
        self.assertEqual(registry.redact(f"{cut}..."), "[secret]...")
        self.assertEqual(registry.redact(f"{cut}{OTHER[16:18]} x"), "[secret] x")
        for text in (cut[:-1], f"{cut[:-1]}!"):
            self.assertEqual(registry.redact(text), text)

    def test_short(self) -> None:
        """A short one is replaced as a whole, and one that is a word is not."""
        registry = known("12345678", "fifteen-letters", "1234567")
        self.assertEqual(registry.redact("k=12345678."), "k=[secret].")
        self.assertEqual(registry.redact("fifteen-letters"), "[secret]")
        for text in ("fifteen-letter", "1234567", "k=1234567 8"):
            self.assertEqual(registry.redact(text), text)
        self.assertEqual(len("12345678"), MIN_KNOWN_CHARACTERS)

    def test_same_beginning(self) -> None:
        """Of secrets that begin alike, the longest that stands there is replaced."""
        registry = known(OTHER, OTHER + "-longer", OTHER[:-1])
        self.assertEqual(registry.redact(f"{OTHER}-longer"), "[secret]")
        self.assertEqual(registry.redact(f"{OTHER}-long"), "[secret]")
        self.assertEqual(registry.redact(f"{OTHER}!"), "[secret]!")

    def test_long(self) -> None:
        """A very long one is not copied into other forms, and is found as it is."""
        long = "密" * MAX_ENCODED_CHARACTERS
        self.assertEqual(known(long).redact(quote(long)), "[secret]")
        long += "密"
        registry = known(long)
        self.assertEqual(registry.redact(f"{long}."), "[secret].")
        self.assertEqual(registry.redact(quote(long)), quote(long))

    def test_odd(self) -> None:
        """Halves of an emoji are no reason to fail."""
        for secret in ("\ud83d" * 9, "a\0b\0c\0d\0e", "'\"" * 8, "%25" * 8):
            registry = known(secret)
            self.assertEqual(registry.redact(f"<{secret}>"), "<[secret]>")
            self.assertEqual(registry.redact(f"<{secret!r}>"[2:-2]), "[secret]")

    @given(st.lists(st.text(min_size=1), min_size=1), st.text(), st.text())
    def test_any(self, secrets: list[str], before: str, after: str) -> None:
        """No secret of the right length survives, whatever stands around it."""
        registry = known(*secrets)
        for secret in secrets:
            shown = registry.redact(f"{before}\n{secret}\n{after}")
            if len(secret) >= MIN_KNOWN_CHARACTERS:
                self.assertNotIn(f"\n{secret}\n", shown)


class KeepTests(SynchronousTestCase):
    """Who has which secrets."""

    def shows(self, registry: KnownSecrets, *secrets: str) -> list[bool]:
        """Say of each whether it would be shown."""
        return [registry.redact(secret) == secret for secret in secrets]

    def test_replaced(self) -> None:
        """An owner's secrets take the place of those that it had."""
        registry = known(TOKEN, OTHER)
        registry.keep("owner", [OTHER, None, "", "short"])
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [True, False])
        registry.forget("owner")
        registry.forget("owner")
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [True, True])

    def test_shared(self) -> None:
        """What two have is known until both are gone."""
        registry = KnownSecrets()
        for owner in ("a", "b", "c"):
            registry.keep(owner, [TOKEN, OTHER, TOKEN])
        registry.forget("a")
        registry.keep("b", [OTHER])
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [False, False])
        registry.forget("c")
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [True, False])
        registry.forget("b")
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [True, True])

    def test_form_of_another(self) -> None:
        """A secret that is another's encoded form outlives it."""
        registry = KnownSecrets()
        encoded = quote(TOKEN, safe="")
        registry.keep("a", [TOKEN])
        registry.keep("b", [encoded])
        registry.forget("a")
        self.assertEqual(self.shows(registry, TOKEN, encoded), [True, False])
        registry.forget("b")
        self.assertEqual(self.shows(registry, encoded), [True])

    def test_bound(self) -> None:
        """The owner that was not heard of for longest goes."""
        self.assertEqual(KnownSecrets()._limit, MAX_KNOWN_OWNERS)
        registry = KnownSecrets(limit=2)
        registry.keep("a", [TOKEN])
        registry.keep("b", [OTHER])
        registry.keep("a", [TOKEN])
        registry.keep("c", ["yet-another-one"])
        self.assertEqual(len(registry), 2)
        self.assertEqual(self.shows(registry, TOKEN, OTHER), [False, True])
        self.assertEqual(repr(registry), "<KnownSecrets of 2>")

    def test_nothing_is_left(self) -> None:
        """Owners that come and go leave nothing behind."""
        choice = random.Random(7)
        registry = KnownSecrets(limit=20)
        for _ in range(2000):
            secrets = [
                "".join(choice.choices("ab+" + string.whitespace, k=9))
                for _ in range(choice.randrange(4))
            ]
            registry.keep(choice.randrange(40), secrets)
        for owner in range(40):
            registry.forget(owner)
        left = (registry._owners, registry._shared, registry._long, registry._short)
        self.assertEqual(left, ({}, {}, {}, {}))
