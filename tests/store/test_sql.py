"""Tests of the store in a file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, gatherResults
from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import TestCase

from padchat_twisted.errors import (
    StoreDamaged,
    StoreError,
    StoreExposed,
    StoreLocked,
    StoreReadOnly,
)
from padchat_twisted.interfaces import AccountRecord, IStateStore
from padchat_twisted.store import SQLiteStore, sql
from padchat_twisted.store.engines import SCHEMA_VERSION

from . import contract
from .contract import DEVICE, KEY, OTHER_DEVICE, OTHER_KEY, error_of, log_texts
from .test_engines import contents


def make_store(path: Path) -> SQLiteStore:
    """Make a store on the real reactor, whose threads are the point."""
    return SQLiteStore(cast(IReactorFromThreads, reactor), path)


class SQLiteStoreContractTests(contract.StateStoreContract):
    """The store in a file keeps the contract of stores."""

    def make_store(self) -> IStateStore:
        """Make a store in a folder of its own."""
        return make_store(Path(self.mktemp()) / "store.sqlite")


class SQLiteStoreTestCase(TestCase):
    """An open store in a folder that did not exist."""

    async def setUp(self) -> None:  # type: ignore[override] # trial waits for it
        """Open it."""
        self.folder = Path(self.mktemp()).absolute()
        self.path = self.folder / "store.sqlite"
        self.store = make_store(self.path)
        self.addCleanup(self.store.close)
        await self.store.open()

    async def reopened(self) -> SQLiteStore:
        """Close the store and open another one in its place."""
        await self.store.close()
        self.store = make_store(self.path)
        self.addCleanup(self.store.close)
        await self.store.open()
        return self.store

    def row(self, *columns: str) -> tuple[Any, ...]:
        """Read columns of the only account, as a person with a shell would."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(
                f"SELECT {', '.join(columns)} FROM account"  # noqa: S608 - ours
            ).fetchall()
        (row,) = rows
        return cast(tuple[Any, ...], row)


class BoundTests(SQLiteStoreTestCase):
    """How much waits for a disk that hangs."""

    async def test_edge(self) -> None:
        """One transaction too many is refused, until another one is done."""
        self.patch(sql, "MAX_WAITING_TRANSACTIONS", 3)
        self.assertEqual(self.store.waiting, 0)
        loading = [self.store.load(KEY) for _ in range(3)]
        self.assertEqual(self.store.waiting, 3)
        refused = await error_of(self.store.load(KEY), StoreError)
        self.assertIn("3 transactions wait for it", str(refused))
        await gatherResults(loading)
        self.assertEqual(self.store.waiting, 0)
        self.assertIsNone(await self.store.load(KEY))


class KeepingTests(SQLiteStoreTestCase):
    """What is kept, and what is kept beside it."""

    async def test_outlives_the_process(self) -> None:
        """Everything comes back after the store was closed and opened again."""
        await self.store.save_device(KEY, DEVICE)
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await self.store.remember_message_ids(KEY, ["a", "b"])
        store = await self.reopened()
        expected = AccountRecord(DEVICE, "token-1", "wxid_1")
        self.assertEqual(await store.load(KEY), expected)
        self.assertEqual(await store.seen_message_ids(KEY, 9), ["a", "b"])

    async def test_last_good_token(self) -> None:
        """The token before is kept beside the new one, not when they are the same."""
        for token in ("token-1", "token-2", "token-2"):
            await self.store.save_login(KEY, login_token=token, user_name="wxid_1")
        tokens = self.row("login_token", "previous_login_token")
        self.assertEqual(tokens, ("token-2", "token-1"))

    async def test_quarantine(self) -> None:
        """A void token is put aside with the reason; the one before stays beside."""
        for token in ("token-1", "token-2"):
            await self.store.save_login(KEY, login_token=token, user_name="wxid_1")
        await self.store.void_login_token(KEY, "refused \ud83d")
        await self.store.void_login_token(KEY, "there is none any more")
        columns = (
            "login_token",
            "previous_login_token",
            "quarantined_login_token",
            "quarantine_reason",
        )
        void = (None, "token-1", "token-2", "refused \ufffd")
        self.assertEqual(self.row(*columns), void)
        await self.store.save_login(KEY, login_token="token-3", user_name="wxid_1")
        again = ("token-3", "token-1", "token-2", "refused \ufffd")
        self.assertEqual(self.row(*columns), again)

    async def test_last_device(self) -> None:
        """Device data that is replaced is kept beside the new."""
        await self.store.save_device(KEY, OTHER_DEVICE)
        await self.store.save_device(KEY, DEVICE)
        await self.store.save_device(KEY, DEVICE)
        device, previous = self.row("device", "previous_device")
        self.assertIn("ExampleWifi", device)
        self.assertEqual(
            previous,
            '{"deviceData": "b3RoZXI=", '
            '"deviceUuid": "00000000-0000-4000-8000-00000000EF01"}',
        )

    async def test_device_of_another_in_the_file(self) -> None:
        """Two accounts with one device are refused by the schema as well."""
        await self.store.save_device(KEY, DEVICE)
        with closing(sqlite3.connect(self.path)) as connection:
            same = "gateway, key_fingerprint, name"
            for column in ("device_uuid", "device_data"):
                with self.assertRaises(sqlite3.IntegrityError):
                    connection.execute(
                        f"INSERT INTO account ({same}, {column}) "  # noqa: S608 - ours
                        f"SELECT '', '', '', {column} FROM account"
                    )

    async def test_auth_key_is_not_stored(self) -> None:
        """Of the auth key the file knows the fingerprint only."""
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        found = self.row("gateway", "key_fingerprint", "name")
        self.assertEqual(found, (KEY.gateway, KEY.key_fingerprint, KEY.name))


class FileTests(SQLiteStoreTestCase):
    """The file, its place and its mode."""

    async def test_for_the_owner_only(self) -> None:
        """Folder, store, journal and lock are nobody else's, whatever the umask."""
        self.addCleanup(os.umask, os.umask(0))
        path = self.folder / "private" / "store.sqlite"
        store = make_store(path)
        self.addCleanup(store.close)
        await store.open()
        await store.save_device(KEY, DEVICE)
        self.assertEqual(path.parent.stat().st_mode & 0o777, 0o700)
        modes = {
            file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()
        }
        self.assertEqual(
            modes,
            dict.fromkeys(
                (
                    "store.sqlite",
                    "store.sqlite-shm",
                    "store.sqlite-wal",
                    "store.sqlite.lock",
                ),
                0o600,
            ),
        )

    async def test_closed_file(self) -> None:
        """A closed store is one file and an empty lock file, without a journal."""
        await self.store.save_device(KEY, DEVICE)
        await self.store.close()
        names = sorted(contents(self.folder))
        self.assertEqual(names, ["store.sqlite", "store.sqlite.lock"])

    async def test_open_to_others(self) -> None:
        """A store that others can read is refused until the remedy was run."""
        await self.store.close()
        self.path.chmod(0o644)
        store = make_store(self.path)
        self.addCleanup(store.close)
        error = await error_of(store.open(), StoreExposed)
        self.assertIn(f"run chmod 600 {self.path};", error.remedy)
        self.path.chmod(0o600)
        await store.open()

    async def test_what_the_log_says(self) -> None:
        """The log tells place, number of accounts and schema version."""
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await self.store.save_login(OTHER_KEY, login_token="token-2", user_name="b")
        texts = log_texts(self)
        await self.reopened()
        told = f"store at {self.path}: 2 accounts"
        self.assertIn(f"{told}, schema version {SCHEMA_VERSION}", texts)

    def test_location(self) -> None:
        """The place of a store is absolute before it is opened."""
        path = Path("relative.sqlite")
        self.assertEqual(make_store(path).location(), str(path.absolute()))

    async def test_odd_path(self) -> None:
        """Signs that mean something in a URL may be in a path."""
        path = self.folder / "50% a?b#c &mode=ro 店.sqlite"
        store = make_store(path)
        self.addCleanup(store.close)
        await store.open()
        await store.save_device(KEY, DEVICE)
        await store.close()
        self.assertTrue(path.is_file())
        store = make_store(path)
        self.addCleanup(store.close)
        await store.open()
        self.assertEqual(await store.load(KEY), AccountRecord(DEVICE))


class OneProcessTests(SQLiteStoreTestCase):
    """One process, and one store in it, has the file."""

    async def test_locked(self) -> None:
        """A second store on the file is refused until the first is closed."""
        second = make_store(self.path)
        self.addCleanup(second.close)
        error = await error_of(second.open(), StoreLocked)
        self.assertIn(str(os.getpid()), str(error))
        await error_of(second.load(KEY), StoreError)
        await self.store.close()
        await second.open()
        self.assertIsNone(await second.load(KEY))

    async def test_link(self) -> None:
        """A link to the file leads to the same lock."""
        link = self.folder / "link.sqlite"
        link.symlink_to(self.path)
        second = make_store(link)
        self.addCleanup(second.close)
        error = await error_of(second.open(), StoreLocked)
        self.assertEqual(error.path, str(self.path))

    async def test_other_program_writes(self) -> None:
        """A program that keeps the database locked is told from a broken disk."""
        pool = self.store._pool
        assert pool is not None
        await pool.runOperation("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            error = await error_of(
                self.store.remember_message_ids(KEY, ["a"]), StoreLocked
            )
            self.assertIn("another program", str(error))
        await self.store.remember_message_ids(KEY, ["a"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 1), ["a"])


class RefusedTests(TestCase):
    """A store that cannot be opened is left alone and let go."""

    def setUp(self) -> None:
        """Make the folder of a store."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "store.sqlite"

    async def test_damaged_then_repaired(self) -> None:
        """After the remedy the same object opens; the bytes were never changed."""
        self.path.write_bytes(b"not a database at all" * 500)
        before = contents(self.folder)
        store = make_store(self.path)
        self.addCleanup(store.close)
        error = await error_of(store.open(), StoreDamaged)
        self.assertIn(str(self.path), str(error))
        after = contents(self.folder)
        del after["store.sqlite.lock"]
        self.assertEqual(after, before)
        self.path.rename(self.folder / "away.sqlite")
        await store.open()
        self.assertIsNone(await store.load(KEY))

    async def test_read_only_folder(self) -> None:
        """In a folder that cannot be written not even a lock is made."""
        self.folder.chmod(0o500)
        self.addCleanup(self.folder.chmod, 0o700)
        store = make_store(self.path)
        await error_of(store.open(), StoreReadOnly)
        self.assertEqual(contents(self.folder), {})

    async def test_folder_under_a_file(self) -> None:
        """A path that leads through a file is an error of the store."""
        self.path.touch()
        store = make_store(self.path / "store.sqlite")
        error = await error_of(store.open(), StoreError)
        self.assertIn(str(self.path / "store.sqlite"), str(error))

    async def test_closed_while_opening(self) -> None:
        """Closing while opening waits for it and leaves the lock free."""
        store = make_store(self.path)
        opening, closing_ = store.open(), store.close()
        await opening
        await closing_
        await error_of(store.load(KEY), StoreError)
        other = make_store(self.path)
        self.addCleanup(other.close)
        await other.open()

    async def test_cancelled_opening(self) -> None:
        """An opening that is cancelled leaves the lock free."""
        store = make_store(self.path)
        opening = store.open()
        opening.cancel()
        await error_of(opening, CancelledError)
        other = make_store(self.path)
        self.addCleanup(other.close)
        await other.open()


class WritingTests(SQLiteStoreTestCase):
    """Transactions: in order, whole, told when they are on the disk."""

    async def test_durable(self) -> None:
        """The pool's connection was set up: foreign keys are off by default."""
        pool = self.store._pool
        assert pool is not None
        self.assertEqual(await pool.runQuery("PRAGMA foreign_keys"), [(1,)])
        self.assertEqual(await pool.runQuery("PRAGMA synchronous"), [(2,)])

    async def test_close_finishes(self) -> None:
        """Everything that was asked for before close() is stored and told."""
        writes = [
            self.store.remember_message_ids(KEY, [f"m{number}"]) for number in range(50)
        ]
        await self.store.close()
        self.assertTrue(all(write.called for write in writes))
        await gatherResults(writes)
        store = await self.reopened()
        ids = await store.seen_message_ids(KEY, 99)
        self.assertEqual(ids, [f"m{number}" for number in range(50)])

    async def test_cancelled_write(self) -> None:
        """Cancelling a write stops the waiting, not the write."""
        write = self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        write.cancel()
        await error_of(write, CancelledError)
        record = await self.store.load(KEY)
        self.assertEqual(record, AccountRecord(None, "token-1", "wxid_1"))

    async def test_full_disk(self) -> None:
        """A group that has no room is refused whole, and the store goes on."""
        await self.store.remember_message_ids(KEY, ["first"])
        pool = self.store._pool
        assert pool is not None
        await pool.runQuery("PRAGMA max_page_count = 1")
        ids = [f"message {number:050}" for number in range(1000)]
        error = await error_of(self.store.remember_message_ids(KEY, ids), StoreError)
        self.assertIn("no room", str(error))
        self.assertIn(str(self.path), str(error))
        self.assertEqual(await self.store.seen_message_ids(KEY, 99), ["first"])
        await pool.runQuery("PRAGMA max_page_count = 10000")
        await self.store.remember_message_ids(KEY, ids)
        self.assertEqual(len(await self.store.seen_message_ids(KEY, 9999)), 1001)

    async def test_stopped_by_the_reactor(self) -> None:
        """When the reactor's shutdown was first, calls fail and close() still ends."""
        pool = self.store._pool
        assert pool is not None
        reactor.removeSystemEventTrigger(pool.shutdownID)
        pool.finalClose()
        error = await error_of(self.store.load(KEY), StoreError)
        self.assertIn("closed", str(error))
        await self.store.close()
        await self.reopened()
