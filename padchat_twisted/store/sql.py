"""The store in a file: the queries, through adbapi, in one thread.

Every method is one transaction. The pool has one connection and one thread, so
transactions run in the order of the calls, and none is told before it is on the disk.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from twisted.enterprise.adbapi import Connection, ConnectionPool, Transaction
from twisted.internet.defer import Deferred, DeferredLock, fail
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import DeviceInUse, StoreError
from ..interfaces import AccountKey, AccountRecord, IStateStore, PacingRecord
from ..secret import Secret
from ..wire.json_text import to_utf8_text
from .cipher import Cipher
from .day_counts import load_pacing, save_pacing
from .engines import (
    SCHEMA_VERSION,
    connect_arguments,
    prepare_file,
    prepare_folder,
    set_up,
    store_error,
)
from .inbox import InboxTable
from .lock import StoreLock
from .rows import account_row
from .sealing import attach_cipher, check_sealing, open_value, seal_store
from .sends import SendTable
from .values import (
    clean_device,
    clean_key,
    device_marks,
    not_usable,
    other_account,
)

__all__ = ["MAX_WAITING_TRANSACTIONS", "SQLiteStore"]

#: Most transactions that wait for the thread: five for each of twenty thousand accounts
#: that start at once. Beyond it the disk hangs, and each takes a kilobyte and more.
MAX_WAITING_TRANSACTIONS = 100_000

_log = Logger()

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LOAD = """
SELECT device, login_token, user_name FROM account
WHERE gateway = ? AND key_fingerprint = ? AND name = ?
"""

_OTHER_WITH_DEVICE = """
SELECT gateway, key_fingerprint, name FROM account
WHERE (device_uuid = ? OR device_data = ?)
AND NOT (gateway = ? AND key_fingerprint = ? AND name = ?)
LIMIT 1
"""

_SAVE_DEVICE = """
INSERT INTO account
    (gateway, key_fingerprint, name, device, device_uuid, device_data)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (gateway, key_fingerprint, name) DO UPDATE SET
    previous_device = CASE WHEN opened(device) <> opened(excluded.device)
        THEN device ELSE previous_device END,
    device = excluded.device,
    device_uuid = excluded.device_uuid,
    device_data = excluded.device_data
"""

_SAVE_LOGIN = """
INSERT INTO account (gateway, key_fingerprint, name, login_token, user_name)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (gateway, key_fingerprint, name) DO UPDATE SET
    previous_login_token = CASE
        WHEN opened(login_token) <> opened(excluded.login_token)
        THEN login_token ELSE previous_login_token END,
    login_token = excluded.login_token,
    user_name = excluded.user_name
"""

_VOID_LOGIN = """
UPDATE account SET
    quarantined_login_token = login_token,
    quarantine_reason = ?,
    login_token = NULL
WHERE gateway = ? AND key_fingerprint = ? AND name = ? AND login_token IS NOT NULL
"""


@implementer(IStateStore)
class SQLiteStore(SendTable, InboxTable):
    """An :class:`~padchat_twisted.interfaces.IStateStore` in one SQLite file.

    Cancelling a Deferred stops the waiting, not the transaction.

    Args:
        reactor: runs the pool's thread; with ``IReactorCore`` as well.
        path: the file; made with its folder by :meth:`open` when missing.
        keys: the first one seals device data and tokens; all open what is sealed.

    Attributes:
        waiting: transactions that are under way or wait for their turn, without those
            whose Deferred was cancelled.

    Raises:
        LocalProtocolError: one of *keys* is none; ``padchat key`` makes them.
    """

    def __init__(
        self,
        reactor: IReactorFromThreads,
        path: str | os.PathLike[str],
        keys: Sequence[Secret] = (),
    ) -> None:
        self._reactor = reactor
        self._cipher = Cipher(keys)
        # Made absolute here: a daemon changes its folder before the store is opened.
        self._path = Path(path).absolute()
        self._pool: ConnectionPool | None = None
        self._lock: StoreLock | None = None
        self._is_closed = False
        self.waiting = 0
        # A close() during an open() waits for it.
        self._turn = DeferredLock()

    def __repr__(self) -> str:
        return f"<SQLiteStore {str(self._path)!r}>"

    def open(self) -> Deferred[None]:
        """Lock the store, check it or make it, and tell its place to the log.

        After a failure the file is as it was and open() may be tried again.

        Raises:
            StoreLocked: another process has it.
            StoreDamaged: not a store, or its content is broken.
            StoreReadOnly: file or folder cannot be written.
            StoreExposed: others can read it.
            StoreSealed: the key that it was sealed with is not given.
            SchemaTooNew: written by a newer version.
            StoreError: anything else, and when it is open or closed.
        """
        return self._turn.run(lambda: Deferred.fromCoroutine(self._open()))

    def location(self) -> str:
        """Return the absolute path."""
        return str(self._path)

    def load(self, key: AccountKey) -> Deferred[AccountRecord | None]:
        """Read what is known of an account; None when nothing was ever stored.

        Raises:
            StoreDamaged: a sealed value cannot be opened.
            StoreError: not open, or the file cannot be read.
        """
        return self._run(_load, str(self._path), self._cipher, clean_key(key))

    def save_device(self, key: AccountKey, device: Mapping[str, str]) -> Deferred[None]:
        """Store the device data of an account; other data is put beside it.

        Raises:
            DeviceInUse: another account has the same ``deviceUuid`` (whatever its
                case) or the same ``deviceData``.
            StoreError: not open, or the file cannot be written.
        """
        path, own, kept = str(self._path), clean_key(key), clean_device(device)
        return self._run(_save_device, path, self._cipher, own, kept)

    def save_login(
        self, key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Store a good token; the last good one that differs is kept beside it.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        token = self._cipher.seal(to_utf8_text(login_token))
        row = (*account_row(key), token, to_utf8_text(user_name))
        return self._run(_execute, _SAVE_LOGIN, row)

    def void_login_token(self, key: AccountKey, reason: str) -> Deferred[None]:
        """Put the current token aside with the *reason*; the device data stays.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        row = (to_utf8_text(reason), *account_row(key))
        return self._run(_execute, _VOID_LOGIN, row)

    def load_pacing(self, key: AccountKey, day: str) -> Deferred[PacingRecord]:
        """Read the counts of *day*, and the last cool-down.

        Raises:
            StoreError: not open, or the file cannot be read.
        """
        return self._run(load_pacing, account_row(key), to_utf8_text(day))

    def save_pacing(self, key: AccountKey, record: PacingRecord) -> Deferred[None]:
        """Replace the counts of a day, and the cool-down; the oldest days go.

        Raises:
            StoreError: not open, or the file cannot be written.
        """
        return self._run(save_pacing, account_row(key), record)

    def close(self) -> Deferred[None]:
        """Finish what was begun and give the lock back; again, it does nothing."""
        self._is_closed = True
        return self._turn.run(lambda: Deferred.fromCoroutine(self._close()))

    async def _open(self) -> None:
        if self._is_closed:
            raise not_usable(self.location(), is_closed=True)
        if self._pool is not None:
            raise StoreError(self.location(), "the store is open", "open it once")
        # Two names of one file must meet at one lock.
        path = self._path = Path(os.path.realpath(self._path))
        lock = StoreLock(path)
        database, options = connect_arguments(path)
        pool = ConnectionPool(
            "sqlite3",
            database,
            **options,
            cp_min=1,
            cp_max=1,
            cp_openfun=self._set_up,
            cp_reactor=self._reactor,
        )
        try:
            remarks = await deferToThreadPool(
                self._reactor, pool.threadpool, _prepare, path, lock, self._cipher
            )
            accounts = await pool.runInteraction(_count_accounts)
        except (sqlite3.Error, OSError) as error:
            raise store_error(path, error) from error
        else:
            self._pool, self._lock = pool, lock
        finally:
            if self._pool is None:
                _stop(pool)
                lock.release()
        for remark in remarks:
            _log.info("store at {path}: {remark}", path=str(path), remark=remark)
        _log.info(
            "store at {path}: {accounts} accounts, schema version {version}",
            path=str(path),
            accounts=accounts,
            version=SCHEMA_VERSION,
        )

    def _set_up(self, connection: sqlite3.Connection) -> None:
        set_up(connection)
        attach_cipher(connection, self._cipher)

    async def _close(self) -> None:
        pool, lock, self._pool, self._lock = self._pool, self._lock, None, None
        if pool is None or lock is None:
            return
        try:
            if pool.running:
                # Comes last in the thread, so that stopping it does not block.
                await pool.runWithConnection(_checkpoint)
        except sqlite3.Error:
            # Everything is in the journal beside the file; the next open() reads it.
            _log.failure("store at {path}: journal kept", path=str(self._path))
        finally:
            _stop(pool)
            lock.release()

    def _run(
        self,
        interaction: Callable[Concatenate[Transaction, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_T]:
        # The reactor's shutdown stops the pool by itself.
        if self._is_closed or self._pool is None or not self._pool.running:
            is_closed = self._is_closed or self._pool is not None
            return fail(not_usable(self.location(), is_closed=is_closed))
        if self.waiting >= MAX_WAITING_TRANSACTIONS:
            problem = f"{self.waiting} transactions wait for it, which is the limit"
            remedy = "look whether its disk is slow, or hangs"
            return fail(StoreError(self.location(), problem, remedy))
        self.waiting += 1
        done: Deferred[_T] = self._pool.runInteraction(interaction, *args, **kwargs)
        done.addBoth(self._ended)
        return done.addErrback(self._explain)

    def _ended(self, outcome: _T | Failure) -> _T | Failure:
        self.waiting -= 1
        return outcome

    def _explain(self, failure: Failure) -> NoReturn:
        error = failure.value
        if isinstance(error, sqlite3.Error):
            raise store_error(self._path, error) from error
        failure.raiseException()


def _prepare(path: Path, lock: StoreLock, cipher: Cipher) -> list[str]:
    prepare_folder(path)
    lock.acquire()
    remarks = prepare_file(path, partial(check_sealing, path, cipher))
    return remarks + seal_store(path, cipher)


def _stop(pool: ConnectionPool) -> None:
    # One that the reactor's shutdown stopped must not be stopped again.
    if pool.running or pool.startID is not None:
        pool.close()


def _checkpoint(connection: Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _execute(transaction: Transaction, sql: str, row: tuple[str, ...]) -> None:
    transaction.execute(sql, row)


def _count_accounts(transaction: Transaction) -> int:
    (count,) = transaction.execute("SELECT count(*) FROM account").fetchone()
    return int(count)


def _load(
    transaction: Transaction, path: str, cipher: Cipher, key: AccountKey
) -> AccountRecord | None:
    found: tuple[Any, ...] | None = transaction.execute(
        _LOAD, account_row(key)
    ).fetchone()
    if found is None:
        return None
    device, login_token = (open_value(path, cipher, text) for text in found[:2])
    return AccountRecord(
        device=None if device is None else json.loads(device),
        login_token=login_token,
        user_name=found[2],
    )


def _save_device(
    transaction: Transaction,
    path: str,
    cipher: Cipher,
    key: AccountKey,
    device: dict[str, str],
) -> None:
    uuid, data = map(cipher.mark, device_marks(device))
    other = transaction.execute(
        _OTHER_WITH_DEVICE, (uuid, data, *account_row(key))
    ).fetchone()
    if other is not None:
        raise DeviceInUse(path, key.name, other_account(key, AccountKey(*other)))
    # Sorted, so that the same data is the same text.
    text = cipher.seal(json.dumps(device, ensure_ascii=False, sort_keys=True))
    transaction.execute(_SAVE_DEVICE, (*account_row(key), text, uuid, data))
