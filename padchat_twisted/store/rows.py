"""What all tables need: the row of an account by its key, and transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

from twisted.enterprise.adbapi import Transaction
from twisted.internet.defer import Deferred

from ..interfaces import AccountKey
from .values import clean_key

__all__ = ["ACCOUNT_ID", "AccountRow", "Table", "account_id", "account_row"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

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


class Table:
    """A part of a store; the store itself says where it is and runs transactions."""

    def location(self) -> str:
        """Say where the store is."""
        raise NotImplementedError

    def _run(
        self,
        interaction: Callable[Concatenate[Transaction, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_T]:
        """Run one transaction."""
        raise NotImplementedError
