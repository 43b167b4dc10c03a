"""The store's file and its keys: refused without them, sealed whole with them.

A table of one row says with which key all is sealed, so nothing has to be tried out.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ..errors import StoreDamaged, StoreSealed
from .cipher import Cipher, DoesNotOpen
from .engines import set_up
from .values import device_marks

__all__ = ["attach_cipher", "check_sealing", "open_value", "seal_store"]


class SealedColumns(NamedTuple):
    """The columns of a table whose texts are sealed; NULL stays NULL."""

    table: str
    row_id: str
    names: tuple[str, ...]


#: All that is sealed. What a person needs to tell accounts apart is not: their names,
#: gateways and WeChat ids, the reasons of void tokens, ids of messages.
SEALED = (
    SealedColumns(
        "account",
        "account_id",
        (
            "device",
            "previous_device",
            "login_token",
            "previous_login_token",
            "quarantined_login_token",
        ),
    ),
    SealedColumns("inbox_item", "item_id", ("content",)),
)

_GIVE_KEY = (
    "give the key: keys in [store] of the configuration, --store-keys FILE or"
    " PADCHAT_STORE_KEYS for padchat run, keys= in a program; if it is lost, move the"
    " file away, and every account has to be scanned again"
)


def check_sealing(path: Path, cipher: Cipher, connection: sqlite3.Connection) -> None:
    """Check that a store can be opened by the keys that there are; only read it.

    Raises:
        StoreSealed: it cannot.
    """
    found = _sealing(connection)
    if found is None or found[0] in cipher.fingerprints:
        return
    if not cipher.has_keys:
        raise StoreSealed(
            str(path), f"is sealed with key {found[0]}, and no key is given", _GIVE_KEY
        )
    given = ", ".join(cipher.fingerprints)
    raise StoreSealed(
        str(path), f"is sealed with key {found[0]}, and given is {given}", _GIVE_KEY
    )


def seal_store(path: Path, cipher: Cipher) -> list[str]:
    """Seal all secrets in the store at *path* by the first key, if they are not yet.

    It is one transaction. What was written before is wiped from the file then, and
    that is made up for when a crash came between.

    Args:
        path: a prepared store whose lock is held, see :func:`check_sealing`.
        cipher: without keys nothing is done.

    Returns:
        What was changed, in words for the log.

    Raises:
        StoreDamaged: a sealed value cannot be opened; nothing was changed.
        sqlite3.Error: the file cannot be written.
    """
    if not cipher.has_keys:
        return []
    first = cipher.fingerprints[0]
    remarks = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        set_up(connection)
        found = _sealing(connection)
        if found == (first, True):
            return []
        if found is None or found[0] != first:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                _seal_rows(path, connection, cipher, is_sealed=found is not None)
                connection.execute("DELETE FROM sealing")
                connection.execute("INSERT INTO sealing VALUES (?, 0)", (first,))
            remarks.append(f"sealed with key {first}")
        # Free pages and the journal hold what was there before.
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE sealing SET is_swept = 1")
    return remarks


def open_value(path: str | Path, cipher: Cipher, value: str | None) -> str | None:
    """Return what is in a value of a column; NULL stays None.

    Raises:
        StoreDamaged: it cannot be opened.
    """
    try:
        return None if value is None else cipher.open(value)
    except DoesNotOpen:
        raise StoreDamaged(
            str(path),
            "a sealed value in it cannot be opened",
            "put a copy back that works, or move it away to begin anew",
        ) from None


def attach_cipher(connection: sqlite3.Connection, cipher: Cipher) -> None:
    """Give the queries of a connection the function ``opened``: NULL if damaged.

    A text is sealed in another way each time, so that only what is in it compares.
    """

    def opened(value: str | None) -> str | None:
        try:
            return None if value is None else cipher.open(value)
        except DoesNotOpen:
            return None

    connection.create_function("opened", 1, opened, deterministic=True)


def _sealing(connection: sqlite3.Connection) -> tuple[str, bool] | None:
    """Return the fingerprint of the key, and whether the rest was wiped."""
    table = "SELECT 1 FROM sqlite_master WHERE name = 'sealing'"
    if connection.execute(table).fetchone() is None:  # an older schema
        return None
    row = connection.execute("SELECT key_fingerprint, is_swept FROM sealing").fetchone()
    return None if row is None else (str(row[0]), bool(row[1]))


def _seal_rows(
    path: Path, connection: sqlite3.Connection, cipher: Cipher, *, is_sealed: bool
) -> None:
    """Seal every value anew, and make the marks of devices anew."""

    def sealed(value: str | None) -> str | None:
        plain = open_value(path, cipher, value) if is_sealed else value
        return None if plain is None else cipher.seal(plain)

    # The names in these queries are those above.
    for table, row_id, names in SEALED:
        columns = ", ".join(names)
        rows = connection.execute(
            f"SELECT {row_id}, {columns} FROM {table}"  # noqa: S608
        ).fetchall()
        assignments = ", ".join(f"{name} = ?" for name in names)
        for number, *values in rows:
            connection.execute(
                f"UPDATE {table} SET {assignments} WHERE {row_id} = ?",  # noqa: S608
                (*map(sealed, values), number),
            )
    rows = connection.execute(
        "SELECT account_id, device FROM account WHERE device IS NOT NULL"
    ).fetchall()
    for number, device in rows:
        uuid, data = device_marks(json.loads(cipher.open(device)))
        connection.execute(
            "UPDATE account SET device_uuid = ?, device_data = ? WHERE account_id = ?",
            (cipher.mark(uuid), cipher.mark(data), number),
        )
