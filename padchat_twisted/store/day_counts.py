"""How often an account sent: the queries."""

from __future__ import annotations

from typing import Any

from twisted.enterprise.adbapi import Transaction

from ..interfaces import PacingRecord
from ..wire.json_text import to_utf8_text
from .rows import ACCOUNT_ID, AccountRow, account_id
from .values import MAX_COUNTED_DAYS

__all__ = ["load_pacing", "save_pacing"]

_COUNTS = "SELECT kind, count FROM day_count WHERE account_id = ? AND day = ?"

_COOL_DOWN = "SELECT until, seconds FROM cool_down WHERE account_id = ?"

_CLEAR_DAY = "DELETE FROM day_count WHERE account_id = ? AND day = ?"

_ADD_COUNT = """
INSERT INTO day_count (account_id, day, kind, count) VALUES (?, ?, ?, ?)
"""

_SAVE_COOL_DOWN = "INSERT OR REPLACE INTO cool_down VALUES (?, ?, ?)"

_FORGET_OLDEST = """
DELETE FROM day_count WHERE account_id = ? AND day NOT IN (
    SELECT DISTINCT day FROM day_count WHERE account_id = ?
    ORDER BY day DESC LIMIT ?)
"""


def load_pacing(
    transaction: Transaction, account: AccountRow, day: str
) -> PacingRecord:
    """Read the counts of *day*, and the last cool-down."""
    (own,) = transaction.execute(ACCOUNT_ID, account).fetchone() or (None,)
    counts = transaction.execute(_COUNTS, (own, day)).fetchall()
    found: tuple[Any, ...] | None
    found = transaction.execute(_COOL_DOWN, (own,)).fetchone()
    return PacingRecord(day, dict(counts), *(found or ()))


def save_pacing(
    transaction: Transaction, account: AccountRow, record: PacingRecord
) -> None:
    """Replace the counts of a day, and the cool-down; the oldest days go."""
    own = account_id(transaction, account)
    day = to_utf8_text(record.day)
    transaction.execute(_CLEAR_DAY, (own, day))
    rows = [
        (own, day, to_utf8_text(kind), count) for kind, count in record.counts.items()
    ]
    transaction.executemany(_ADD_COUNT, rows)
    cool_down = (own, record.cool_until, record.cool_seconds)
    transaction.execute(_SAVE_COOL_DOWN, cool_down)
    transaction.execute(_FORGET_OLDEST, (own, own, MAX_COUNTED_DAYS))
