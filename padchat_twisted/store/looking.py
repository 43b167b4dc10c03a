"""A look into a store, beside whoever has it open: nothing is locked or changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import SchemaTooNew, StoreDamaged
from .engines import APPLICATION_ID, SCHEMA_VERSION, store_error

__all__ = ["StoredAccount", "look"]

#: No column that lets anybody in is read, only whether there is something in it.
_ACCOUNTS = """
SELECT name, gateway, device IS NOT NULL, login_token IS NOT NULL, quarantine_reason
FROM account ORDER BY name, gateway, account_id
"""


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What a store tells of an account without telling a secret.

    Args:
        name: its label.
        gateway: where it is, URL without query.
        has_device: whether there is device data.
        has_token: whether there is a good token.
        void_reason: why the last token that became void did, None when none did. It
            may hold the gateway's own words.
    """

    name: str
    gateway: str
    has_device: bool
    has_token: bool
    void_reason: str | None


def look(path: Path) -> list[StoredAccount]:
    """Read which accounts a store has.

    Args:
        path: its file, which must be there.

    Raises:
        StoreDamaged: not a store, or its content is broken.
        SchemaTooNew: written by a newer version.
        StoreError: it cannot be read.
    """
    wal = Path(f"{path}-wal")
    try:
        has_journal = wal.exists() and wal.stat().st_size > 0
        # "immutable" leaves no files behind, but reads no journal.
        mode = "mode=ro" if has_journal else "mode=ro&immutable=1"
        uri = f"{path.absolute().as_uri()}?{mode}"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION_ID:
                raise StoreDamaged(
                    str(path), "is no store of this program", "name another store"
                )
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                raise SchemaTooNew(str(path), version, SCHEMA_VERSION)
            rows = connection.execute(_ACCOUNTS).fetchall()
    except (sqlite3.Error, OSError) as error:
        raise store_error(path, error) from error
    return [
        StoredAccount(name, gateway, bool(has_device), bool(has_token), reason)
        for name, gateway, has_device, has_token, reason in rows
    ]
