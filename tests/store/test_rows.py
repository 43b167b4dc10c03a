"""Tests of padchat_twisted.store.rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from typing import cast

from twisted.enterprise.adbapi import Transaction
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.interfaces import AccountKey
from padchat_twisted.store.engines import SCHEMA_SCRIPTS, migrate
from padchat_twisted.store.rows import account_id, account_row

from .contract import KEY, OTHER_KEY


def new_database() -> sqlite3.Connection:
    """Make an empty store in memory."""
    folder = files("padchat_twisted.store") / "schema"
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, [(folder / name).read_text("utf-8") for name in SCHEMA_SCRIPTS])
    return connection


class RowTests(SynchronousTestCase):
    """The row of an account."""

    def test_clean(self) -> None:
        """What SQLite cannot hold is replaced, so that the same key is the same row."""
        key = AccountKey("http://g/user", "fingerprint", "a\ud83d")
        self.assertEqual(account_row(key), ("http://g/user", "fingerprint", "a\ufffd"))

    def test_added_once(self) -> None:
        """An account that is not there is added when it is needed."""
        with closing(new_database()) as connection:
            transaction = cast(Transaction, connection)
            own = account_id(transaction, account_row(KEY))
            self.assertEqual(account_id(transaction, account_row(KEY)), own)
            other = account_id(transaction, account_row(OTHER_KEY))
            self.assertNotEqual(other, own)
