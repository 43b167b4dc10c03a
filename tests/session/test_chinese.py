"""The Chinese sentences."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.chinese import CHINESE

from .test_sentences import texts

#: Names that are the same in every language.
NAMES = re.compile(
    r"\{\w*\}|\baccount\.\w+\(\)|padchat check|padchat-twisted|qrcodes|transport"
    r"|polling|revision|URL|WebSocket|Engine\.IO|HTTP|TLS|\"auto\"|3"
)


class ChineseTests(SynchronousTestCase):
    """How they are written."""

    def test_words(self) -> None:
        """There is no English in them but names."""
        for text in texts(CHINESE):
            self.assertNotRegex(NAMES.sub("", text), "[A-Za-z]", text)

    def test_punctuation(self) -> None:
        """Punctuation is Chinese."""
        for text in texts(CHINESE):
            self.assertNotRegex(NAMES.sub("", text), "[,;:!?()]", text)
