"""Commands that were sent with a key: what is kept of them, and the queries for it."""

from __future__ import annotations

from dataclasses import astuple, replace

from twisted.enterprise.adbapi import Transaction
from twisted.internet.defer import Deferred

from ..errors import StoreError
from ..interfaces import AccountKey, KeyedSend
from ..wire.json_text import to_utf8_text
from .rows import AccountRow, Table, account_id, account_row
from .values import clean_key

__all__ = [
    "MAX_KEPT_KEYS",
    "MAX_KEY_DAYS",
    "MAX_UNKNOWN_KEYS",
    "SendTable",
    "clean_send",
    "oldest_kept",
    "too_many_unknown",
]

#: How long a key is known after its command was done (days): who repeats a command
#: later than that does not do so because of a crash.
MAX_KEY_DAYS = 30

#: Most keys of an account whose commands are done (a count); the oldest go first. A
#: person sends some hundred messages a day, so this is a month of them.
MAX_KEPT_KEYS = 10_000

#: Most keys of an account whose outcome nobody knows (a count). They are never
#: forgotten, so beyond it no new one is taken; as many calls may be in flight.
MAX_UNKNOWN_KEYS = 1000

_ACCOUNT = """
(SELECT account_id FROM account
 WHERE gateway = ? AND key_fingerprint = ? AND name = ?)
"""

_COLUMNS = "key, command, receiver, fingerprint, began, result"

# Only constants are put together here; values are always given as parameters.
_FIND = f"""
SELECT {_COLUMNS} FROM keyed_send WHERE account_id = {_ACCOUNT} AND key = ?
"""  # noqa: S608

_UNKNOWN = f"""
SELECT {_COLUMNS} FROM keyed_send WHERE account_id = {_ACCOUNT} AND place IS NULL
ORDER BY began, send_id
"""  # noqa: S608

_COUNT_UNKNOWN = f"""
SELECT count(*) FROM keyed_send WHERE account_id = {_ACCOUNT} AND place IS NULL
"""  # noqa: S608

_BEGIN = f"""
INSERT INTO keyed_send (account_id, {_COLUMNS})
VALUES ({_ACCOUNT}, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608

_LAST_PLACE = f"""
(SELECT ifnull(max(place), 0) FROM keyed_send WHERE account_id = {_ACCOUNT})
"""  # noqa: S608

_FINISH = f"""
UPDATE keyed_send SET result = ?, place = {_LAST_PLACE} + 1
WHERE account_id = {_ACCOUNT} AND key = ? AND place IS NULL
"""  # noqa: S608

_FORGET = f"""
DELETE FROM keyed_send WHERE account_id = {_ACCOUNT} AND key = ? AND place IS NULL
"""  # noqa: S608

_FORGET_OLD = f"""
DELETE FROM keyed_send
WHERE account_id = {_ACCOUNT} AND place IS NOT NULL AND began < ?
"""  # noqa: S608

# By their places no more are kept than asked for, and nothing has to be counted.
_FORGET_OLDEST = f"""
DELETE FROM keyed_send WHERE account_id = {_ACCOUNT} AND place <= {_LAST_PLACE} - ?
"""  # noqa: S608


def clean_send(send: KeyedSend) -> KeyedSend:
    """Return *send* with lone surrogates replaced by U+FFFD."""
    return replace(
        send, key=to_utf8_text(send.key), receiver=to_utf8_text(send.receiver)
    )


def oldest_kept(send: KeyedSend) -> float:
    """Tell how old what is done may be when *send* begins (Unix time, seconds)."""
    return send.began - MAX_KEY_DAYS * 86_400


def too_many_unknown(path: str, key: AccountKey) -> StoreError:
    """Build the error of an account that has no room for another unknown send."""
    return StoreError(
        path,
        f"account {key.name!r} has {MAX_UNKNOWN_KEYS} sends of which nobody knows"
        " whether they happened, which is the limit",
        f"look at them by `padchat unknown {key.name}` and settle them",
    )


class SendTable(Table):
    """The part of a ``SQLiteStore`` that knows commands sent with a key."""

    def find_send(self, key: AccountKey, name: str) -> Deferred[KeyedSend | None]:
        """Read what is known of the send with the key *name*; None when nothing is.

        Raises:
            StoreError: not open, or the file cannot be read.
        """
        return self._run(_find, account_row(key), to_utf8_text(name))

    def begin_send(
        self, key: AccountKey, send: KeyedSend
    ) -> Deferred[KeyedSend | None]:
        """Note that a send may have left, unless its key is known.

        What is done, and older than ``MAX_KEY_DAYS`` or beyond ``MAX_KEPT_KEYS``, is
        forgotten.

        Returns:
            None when it was noted; what is known of the key otherwise.

        Raises:
            StoreError: there are ``MAX_UNKNOWN_KEYS``; or not open, or the file cannot
                be written.
        """
        return self._run(_begin, self.location(), clean_key(key), clean_send(send))

    def finish_send(self, key: AccountKey, name: str, result: str) -> Deferred[bool]:
        """Note the result of an unknown send; tell whether there was such a one.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        row = account_row(key)
        return self._run(_finish, row, to_utf8_text(name), to_utf8_text(result))

    def forget_send(self, key: AccountKey, name: str) -> Deferred[bool]:
        """Forget an unknown send; tell whether there was such a one.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        return self._run(_change, _FORGET, (*account_row(key), to_utf8_text(name)))

    def unknown_sends(self, key: AccountKey) -> Deferred[list[KeyedSend]]:
        """Read the sends of which nobody knows whether they happened, oldest first.

        Raises:
            StoreError: not open, or the file cannot be read.
        """
        return self._run(_unknown, account_row(key))


def _find(transaction: Transaction, account: AccountRow, name: str) -> KeyedSend | None:
    found = transaction.execute(_FIND, (*account, name)).fetchone()
    return None if found is None else KeyedSend(*found)


def _begin(
    transaction: Transaction, path: str, key: AccountKey, send: KeyedSend
) -> KeyedSend | None:
    account = account_row(key)
    account_id(transaction, account)
    transaction.execute(_FORGET_OLD, (*account, oldest_kept(send)))
    found = _find(transaction, account, send.key)
    if found is not None:
        return found
    (unknown,) = transaction.execute(_COUNT_UNKNOWN, account).fetchone()
    if unknown >= MAX_UNKNOWN_KEYS:
        raise too_many_unknown(path, key)
    transaction.execute(_BEGIN, (*account, *astuple(send)))
    return None


def _finish(
    transaction: Transaction, account: AccountRow, name: str, result: str
) -> bool:
    was_there = _change(transaction, _FINISH, (result, *account, *account, name))
    transaction.execute(_FORGET_OLDEST, (*account, *account, MAX_KEPT_KEYS))
    return was_there


def _change(transaction: Transaction, sql: str, row: tuple[object, ...]) -> bool:
    changed: int = transaction.execute(sql, row).rowcount
    return changed > 0


def _unknown(transaction: Transaction, account: AccountRow) -> list[KeyedSend]:
    return [KeyedSend(*row) for row in transaction.execute(_UNKNOWN, account)]
