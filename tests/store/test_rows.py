"""Tests of padchat_twisted.store.rows."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.interfaces import AccountKey
from padchat_twisted.store.rows import account_row


class RowTests(SynchronousTestCase):
    """The row of an account."""

    def test_clean(self) -> None:
        """What SQLite cannot hold is replaced, so that the same key is the same row."""
        key = AccountKey("http://g/user", "fingerprint", "a\ud83d")
        self.assertEqual(account_row(key), ("http://g/user", "fingerprint", "a\ufffd"))
