"""What came for an account: ids that were seen, and messages still to be handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twisted.enterprise.adbapi import Transaction
from twisted.internet.defer import Deferred

from ..interfaces import AccountKey, InboxItem
from ..wire.json_text import to_utf8_text
from .cipher import Cipher
from .rows import AccountRow, Table, account_id, account_row
from .sealing import open_value
from .values import MAX_SEEN_MESSAGE_IDS

__all__ = ["InboxTable", "clean_item"]

_SEEN = """
SELECT message_id FROM seen_message JOIN account USING (account_id)
WHERE gateway = ? AND key_fingerprint = ? AND name = ?
ORDER BY position DESC LIMIT ?
"""

# A message that is there already keeps its position, so there are no gaps.
_REMEMBER = """
INSERT OR IGNORE INTO seen_message (account_id, position, message_id) VALUES (
    ?, (SELECT ifnull(max(position), 0) + 1 FROM seen_message WHERE account_id = ?), ?)
"""

_FORGET_OLDEST = """
DELETE FROM seen_message WHERE account_id = ? AND position <= (
    SELECT max(position) FROM seen_message WHERE account_id = ?) - ?
"""

_INBOX = """
SELECT message_id, content, is_replayed FROM inbox_item JOIN account USING (account_id)
WHERE gateway = ? AND key_fingerprint = ? AND name = ?
ORDER BY item_id
"""

# A group may come again, when nobody knows whether it was written.
_ADD_ITEM = """
INSERT OR IGNORE INTO inbox_item (account_id, message_id, content, is_replayed)
VALUES (?, ?, ?, ?)
"""

_REMOVE_ITEM = """
DELETE FROM inbox_item WHERE account_id = ? AND message_id = ?
"""


def clean_item(item: InboxItem) -> InboxItem:
    """Return *item* with lone surrogates in its id replaced by U+FFFD."""
    return replace(item, message_id=to_utf8_text(item.message_id))


class InboxTable(Table):
    """The part of a ``SQLiteStore`` that knows what came for the accounts."""

    _cipher: Cipher
    _path: Path

    def seen_message_ids(self, key: AccountKey, limit: int) -> Deferred[list[str]]:
        """Read the newest *limit* message ids (a count), newest last.

        Raises:
            StoreError: not open, or the file cannot be read.
        """
        return self._run(_seen_message_ids, account_row(key), max(limit, 0))

    def remember_message_ids(
        self, key: AccountKey, ids: Sequence[str]
    ) -> Deferred[None]:
        """Add a group of message ids; one that is there keeps its place.

        The oldest beyond ``MAX_SEEN_MESSAGE_IDS`` go in the same transaction.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        group = [to_utf8_text(message_id) for message_id in ids]
        return self._run(_remember, account_row(key), group)

    def inbox(self, key: AccountKey) -> Deferred[list[InboxItem]]:
        """Read the messages whose handlers are not done, in order of arrival.

        Raises:
            StoreError: not open, or the file cannot be read.
        """
        return self._run(_inbox, self._path, self._cipher, account_row(key))

    def change_inbox(
        self, key: AccountKey, added: Sequence[InboxItem], done: Sequence[str]
    ) -> Deferred[None]:
        """Add messages with their ids as seen, and remove those that are done.

        Raises:
            StoreError: not open, or the file cannot be written; nothing was changed.
        """
        items = [clean_item(item) for item in added]
        ids = [to_utf8_text(message_id) for message_id in done]
        rows = [
            (item.message_id, self._cipher.seal(_text(item.content)), item.is_replayed)
            for item in items
        ]
        return self._run(_change_inbox, account_row(key), rows, ids)


def _seen_message_ids(
    transaction: Transaction, account: AccountRow, limit: int
) -> list[str]:
    newest_first = transaction.execute(_SEEN, (*account, limit)).fetchall()
    return [message_id for (message_id,) in reversed(newest_first)]


def _remember(transaction: Transaction, account: AccountRow, ids: list[str]) -> None:
    if not ids:
        return
    number = account_id(transaction, account)
    transaction.executemany(_REMEMBER, [(number, number, i) for i in ids])
    transaction.execute(_FORGET_OLDEST, (number, number, MAX_SEEN_MESSAGE_IDS))


def _text(content: bytes) -> str:
    # Whatever a gateway sent is kept, byte by byte, in a text that SQLite can hold.
    return content.decode("latin-1")


def _inbox(
    transaction: Transaction, path: Path, cipher: Cipher, account: AccountRow
) -> list[InboxItem]:
    found = transaction.execute(_INBOX, account).fetchall()
    return [
        InboxItem(
            message_id,
            (open_value(path, cipher, content) or "").encode("latin-1"),
            bool(is_replayed),
        )
        for message_id, content, is_replayed in found
    ]


def _change_inbox(
    transaction: Transaction,
    account: AccountRow,
    added: list[tuple[str, str, bool]],
    done: list[str],
) -> None:
    _remember(transaction, account, [message_id for message_id, *_ in added])
    number = account_id(transaction, account)
    transaction.executemany(_ADD_ITEM, [(number, *row) for row in added])
    transaction.executemany(_REMOVE_ITEM, [(number, i) for i in done])
