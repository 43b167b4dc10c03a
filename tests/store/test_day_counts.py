"""What a person finds in the store of how often an account sent."""

from __future__ import annotations

from contextlib import closing
from typing import cast

from twisted.enterprise.adbapi import Transaction
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.interfaces import PacingRecord
from padchat_twisted.store.day_counts import load_pacing, save_pacing
from padchat_twisted.store.rows import account_row

from .contract import KEY, OTHER_KEY
from .test_rows import new_database

SHOP, HELP = account_row(KEY), account_row(OTHER_KEY)


class TableTests(SynchronousTestCase):
    """The rows; what they mean to a session is in the contract of stores."""

    def test_rows(self) -> None:
        """Each day has a row for each kind; there is one cool-down for an account."""
        with closing(new_database()) as connection:
            transaction = cast(Transaction, connection)
            for day, counts in (
                ("2026-01-31", {"text": 2, "friend": 1}),
                ("2026-02-01", {"text": 1}),
            ):
                save_pacing(transaction, SHOP, PacingRecord(day, counts, 9.5, 2.0))
            save_pacing(transaction, HELP, PacingRecord("2026-02-01"))
            rows = connection.execute(
                "SELECT name, day, kind, count FROM day_count JOIN account"
                " USING (account_id) ORDER BY day, kind"
            )
            self.assertEqual(
                rows.fetchall(),
                [
                    ("shop", "2026-01-31", "friend", 1),
                    ("shop", "2026-01-31", "text", 2),
                    ("shop", "2026-02-01", "text", 1),
                ],
            )
            rows = connection.execute(
                "SELECT name, until, seconds FROM cool_down JOIN account"
                " USING (account_id) ORDER BY name"
            )
            self.assertEqual(rows.fetchall(), [("help", 0.0, 0.0), ("shop", 9.5, 2.0)])

    def test_account_removed(self) -> None:
        """With the account all goes that belongs to it."""
        with closing(new_database()) as connection:
            transaction = cast(Transaction, connection)
            record = PacingRecord("2026-01-31", {"text": 2}, 9.5, 2.0)
            save_pacing(transaction, SHOP, record)
            connection.execute("DELETE FROM account")
            nothing = PacingRecord("2026-01-31")
            self.assertEqual(load_pacing(transaction, SHOP, nothing.day), nothing)
            left = connection.execute(
                "SELECT account_id FROM day_count"
                " UNION SELECT account_id FROM cool_down"
            )
            self.assertEqual(left.fetchall(), [])
