"""Messages whose handlers are not done, in each store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from padchat_twisted.errors import StoreError
from padchat_twisted.interfaces import IStateStore
from padchat_twisted.store import MemoryStore, inbox
from padchat_twisted.store.cipher import PREFIX, make_store_key
from padchat_twisted.store.engines import migrate, read_scripts

from . import inbox_contract
from .contract import DEVICE, KEY, error_of
from .inbox_contract import FIRST, SECOND
from .test_sealing import make_store as sealed_store
from .test_sql import SQLiteStoreTestCase, make_store


class MemoryTests(inbox_contract.InboxContract):
    """The store in memory."""

    def make_store(self) -> IStateStore:
        """Make a store in memory."""
        return MemoryStore()


class SQLiteTests(inbox_contract.InboxContract):
    """The store in a file."""

    def make_store(self) -> IStateStore:
        """Make a store in a folder of its own."""
        return make_store(Path(self.mktemp()) / "store.sqlite")


class FileTests(SQLiteStoreTestCase):
    """What is in the file."""

    async def test_outlives_the_process(self) -> None:
        """Messages come back after the store was closed and opened again."""
        await self.store.change_inbox(KEY, [FIRST, SECOND], [])
        await self.store.change_inbox(KEY, [], ["9"])
        store = await self.reopened()
        self.assertEqual(await store.inbox(KEY), [SECOND])

    async def test_all_or_nothing(self) -> None:
        """When a part of the transaction fails, nothing of it is there."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(
                "CREATE TRIGGER fails BEFORE INSERT ON inbox_item"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        await error_of(self.store.change_inbox(KEY, [FIRST], []), StoreError)
        self.assertEqual(await self.store.inbox(KEY), [])
        self.assertEqual(await self.store.seen_message_ids(KEY, 9), [])

    async def test_sealed(self) -> None:
        """With a key no text of a message can be read in the file."""
        path = self.folder / "sealed.sqlite"
        store = sealed_store(path, make_store_key())
        self.addCleanup(store.close)
        await store.open()
        await store.change_inbox(KEY, [FIRST], [])
        with closing(sqlite3.connect(path)) as connection:
            (row,) = connection.execute("SELECT content FROM inbox_item").fetchall()
        self.assertTrue(row[0].startswith(PREFIX), row)
        self.assertEqual(await store.inbox(KEY), [FIRST])

    async def test_any_bytes(self) -> None:
        """What is no UTF-8 comes back as it was."""
        odd = replace(FIRST, content=bytes(range(256)))
        await self.store.change_inbox(KEY, [odd], [])
        self.assertEqual(await self.store.inbox(KEY), [odd])

    async def test_version_3(self) -> None:
        """A store of version 3 is brought up to date, and keeps what it has."""
        path = self.folder / "old.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            migrate(connection, read_scripts()[:3])
            connection.execute(
                "INSERT INTO account (gateway, key_fingerprint, name) VALUES (?, ?, ?)",
                (KEY.gateway, KEY.key_fingerprint, KEY.name),
            )
            connection.execute("INSERT INTO seen_message VALUES (1, 1, 'm1')")
            connection.commit()
        path.chmod(0o600)
        store = make_store(path)
        self.addCleanup(store.close)
        await store.open()
        await store.change_inbox(KEY, [FIRST], [])
        self.assertEqual(await store.inbox(KEY), [FIRST])
        self.assertEqual(await store.seen_message_ids(KEY, 9), ["m1", "9"])

    async def test_indexes_are_used(self) -> None:
        """A message is removed by its id, without a look at the others."""
        await self.store.save_device(KEY, DEVICE)
        with closing(sqlite3.connect(self.path)) as connection:
            plan = connection.execute(
                f"EXPLAIN QUERY PLAN {inbox._REMOVE_ITEM}", (1, "9")
            ).fetchall()
        steps = "\n".join(step[-1] for step in plan)
        self.assertNotIn("SCAN", steps)
