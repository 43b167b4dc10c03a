"""Texts that are sealed, opened, and marked."""

from __future__ import annotations

from base64 import b64encode

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.secret import Secret
from padchat_twisted.store.cipher import (
    MAX_STORE_KEYS,
    PREFIX,
    Cipher,
    DoesNotOpen,
    is_store_key,
    make_store_key,
)

TEXT = "ein Geheimnis 密 \U0001f600"


class KeyTests(SynchronousTestCase):
    """What is a key."""

    def test_made(self) -> None:
        """Each key that is made is another one, and is taken."""
        keys = [make_store_key() for _ in range(3)]
        self.assertEqual(len(set(keys)), 3)
        for key in keys:
            self.assertTrue(is_store_key(key.reveal()))
        Cipher(keys)

    def test_others(self) -> None:
        """Other texts are none, those included that a decoder would take."""
        key = make_store_key().reveal()
        for text in (
            "",
            "a password",
            key[:-1],
            f"{key}\n",
            f" {key}",
            key[:10] + "\n" + key[10:],
            b64encode(b"\xff" * 32).decode(),  # has slashes in it
            b64encode(b"short").decode(),
            "密" * 44,
        ):
            self.assertFalse(is_store_key(text), text)

    def test_not_repeated(self) -> None:
        """The error of a bad key has its number, and nothing of it."""
        keys = [make_store_key(), Secret("hunter2-is-no-key")]
        error = self.assertRaises(LocalProtocolError, Cipher, keys)
        self.assertIn("store key 2 is no key", str(error))
        self.assertNotIn("hunter2", str(error))

    def test_number(self) -> None:
        """There are not more of them than a rotation can need."""
        keys = [make_store_key() for _ in range(MAX_STORE_KEYS + 1)]
        Cipher(keys[:-1])
        error = self.assertRaises(LocalProtocolError, Cipher, keys)
        self.assertIn(f"at most {MAX_STORE_KEYS}", str(error))


class CipherTests(SynchronousTestCase):
    """Sealing and opening."""

    def test_sealed(self) -> None:
        """What is sealed says so, shows nothing, and is another text each time."""
        cipher = Cipher([make_store_key()])
        one, other = cipher.seal(TEXT), cipher.seal(TEXT)
        self.assertNotEqual(one, other)
        for sealed in (one, other):
            self.assertTrue(sealed.startswith(PREFIX))
            self.assertNotIn("Geheimnis", sealed)
            self.assertEqual(cipher.open(sealed), TEXT)
        self.assertEqual(cipher.open(cipher.seal("")), "")

    def test_looks_sealed(self) -> None:
        """A secret that looks sealed by itself is sealed like any other."""
        cipher = Cipher([make_store_key()])
        text = f"{PREFIX}{PREFIX}x"
        self.assertEqual(cipher.open(cipher.seal(text)), text)

    def test_rotation(self) -> None:
        """The first key seals; all of them open."""
        old, new = make_store_key(), make_store_key()
        both = Cipher([new, old])
        self.assertEqual(both.open(Cipher([old]).seal(TEXT)), TEXT)
        self.assertEqual(Cipher([new]).open(both.seal(TEXT)), TEXT)
        self.assertRaises(DoesNotOpen, Cipher([old]).open, both.seal(TEXT))
        self.assertEqual(both.fingerprints, (new.fingerprint(), old.fingerprint()))

    def test_damaged(self) -> None:
        """What was changed, or was never sealed, does not open."""
        cipher = Cipher([make_store_key()])
        sealed = cipher.seal(TEXT)
        for text in (sealed[:-1], sealed[:-9] + "AAAAAAAA=", "token-1", "", "密"):
            error = self.assertRaises(DoesNotOpen, cipher.open, text)
            self.assertEqual(str(error), "")
            self.assertTrue(error.__suppress_context__)

    def test_marks(self) -> None:
        """A mark is the same for the same text under one key, and under no other."""
        key, other = make_store_key(), make_store_key()
        mark = Cipher([key]).mark(TEXT)
        self.assertEqual(Cipher([key, other]).mark(TEXT), mark)
        self.assertNotEqual(Cipher([other, key]).mark(TEXT), mark)
        self.assertNotEqual(Cipher([key]).mark(TEXT + "x"), mark)
        self.assertRegex(str(mark), "^[0-9a-f]{64}$")
        self.assertIsNone(Cipher([key]).mark(None))

    def test_without_keys(self) -> None:
        """Without keys nothing is changed."""
        cipher = Cipher()
        self.assertFalse(cipher.has_keys)
        self.assertTrue(Cipher([make_store_key()]).has_keys)
        self.assertEqual(cipher.fingerprints, ())
        for text in (TEXT, f"{PREFIX}x"):
            for change in (cipher.seal, cipher.open, cipher.mark):
                self.assertEqual(change(text), text)
