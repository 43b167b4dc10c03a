"""The English sentences."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.english import ENGLISH

from .test_sentences import clauses, texts


class EnglishTests(SynchronousTestCase):
    """How they are written."""

    def test_letters(self) -> None:
        """They can be shown on any terminal."""
        for text in texts(ENGLISH):
            self.assertTrue(text.isascii(), text)

    def test_clauses(self) -> None:
        """A clause begins in lower case, or with a name, or goes on after another."""
        for text in clauses(ENGLISH):
            self.assertFalse(text[:1].isupper(), text)
