"""What the queries of all tables need: the row of an account, by its key."""

from __future__ import annotations

from typing import TypeAlias

from twisted.enterprise.adbapi import Transaction

from ..interfaces import AccountKey
from .values import clean_key

__all__ = ["ACCOUNT_ID", "AccountRow", "account_id", "account_row"]

#: The columns by which an account is told from others.
AccountRow: TypeAlias = tuple[str, str, str]

#: Makes the row when there is none; parameters are an ``AccountRow``.
_ADD_ACCOUNT = """
INSERT INTO account (gateway, key_fingerprint, name) VALUES (?, ?, ?)
ON CONFLICT DO NOTHING
"""

#: Finds its number; parameters are an ``AccountRow``.
ACCOUNT_ID = """
SELECT account_id FROM account
WHERE gateway = ? AND key_fingerprint = ? AND name = ?
"""


def account_row(key: AccountKey) -> AccountRow:
    """Return the columns of *key*, its lone surrogates replaced."""
    own = clean_key(key)
    return own.gateway, own.key_fingerprint, own.name


def account_id(transaction: Transaction, account: AccountRow) -> int:
    """Return the number of an account, which is made when there is none."""
    transaction.execute(_ADD_ACCOUNT, account)
    (number,) = transaction.execute(ACCOUNT_ID, account).fetchone()
    return int(number)
