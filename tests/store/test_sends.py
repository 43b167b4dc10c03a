"""Commands that were sent with a key, in each store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from padchat_twisted.interfaces import AccountRecord, IStateStore
from padchat_twisted.store import MemoryStore, sends
from padchat_twisted.store.engines import SCHEMA_SCRIPTS, migrate, read_scripts

from . import sends_contract
from .contract import DEVICE, KEY, SEND, log_texts
from .sends_contract import numbered
from .test_sql import SQLiteStoreTestCase, make_store


class MemoryTests(sends_contract.SendsContract):
    """The store in memory."""

    def make_store(self) -> IStateStore:
        """Make a store in memory."""
        return MemoryStore()


class SQLiteTests(sends_contract.SendsContract):
    """The store in a file."""

    def make_store(self) -> IStateStore:
        """Make a store in a folder of its own."""
        self.path = Path(self.mktemp()).absolute() / "store.sqlite"
        return make_store(self.path)

    async def fill(self, numbers: range, result: str | None) -> None:
        """Write them at once: one after the other would take minutes on a disk."""
        rows = [
            (send.key, send.began, result, None if result is None else place, KEY.name)
            for place, send in enumerate(map(numbered, numbers), 1)
        ]
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executemany(
                "INSERT INTO keyed_send (account_id, key, command, receiver,"
                " fingerprint, began, result, place)"
                " SELECT account_id, ?, '', '', '', ?, ?, ? FROM account"
                " WHERE name = ?",
                rows,
            )
            connection.commit()


class FileTests(SQLiteStoreTestCase):
    """What is in the file."""

    async def test_outlives_the_process(self) -> None:
        """Sends come back after the store was closed and opened again."""
        done = replace(SEND, key="done")
        await self.store.begin_send(KEY, SEND)
        await self.store.begin_send(KEY, done)
        await self.store.finish_send(KEY, "done", "{}")
        store = await self.reopened()
        self.assertEqual(await store.unknown_sends(KEY), [SEND])
        found = await store.find_send(KEY, "done")
        self.assertEqual(found, replace(done, result="{}"))

    async def test_version_1(self) -> None:
        """A store of version 1 is brought up to date, and keeps what it has."""
        path = self.folder / "old.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            migrate(connection, read_scripts()[:1])
            connection.execute(
                "INSERT INTO account (gateway, key_fingerprint, name, login_token,"
                " device) VALUES (?, ?, ?, 'token-1', ?)",
                (KEY.gateway, KEY.key_fingerprint, KEY.name, '{"deviceName":"x"}'),
            )
            connection.execute("INSERT INTO seen_message VALUES (1, 1, 'm1')")
            connection.commit()
        path.chmod(0o600)
        texts = log_texts(self)
        store = make_store(path)
        self.addCleanup(store.close)
        await store.open()
        version = len(SCHEMA_SCRIPTS)
        told = f"store at {path}: schema brought from version 1 to {version}"
        self.assertIn(told, texts)
        expected = AccountRecord({"deviceName": "x"}, "token-1", "")
        self.assertEqual(await store.load(KEY), expected)
        self.assertEqual(await store.seen_message_ids(KEY, 9), ["m1"])
        self.assertIsNone(await store.begin_send(KEY, SEND))
        self.assertEqual(await store.unknown_sends(KEY), [SEND])

    async def test_indexes_are_used(self) -> None:
        """No query walks over all sends, nor sorts them."""
        await self.store.save_device(KEY, DEVICE)
        queries = {
            name: text
            for name, text in vars(sends).items()
            if isinstance(text, str)
            and text.lstrip()[:6] in ("SELECT", "UPDATE", "DELETE")
        }
        self.assertEqual(len(queries), 7)
        with closing(sqlite3.connect(self.path)) as connection:
            for name, text in queries.items():
                plan = connection.execute(
                    f"EXPLAIN QUERY PLAN {text}", ("",) * text.count("?")
                ).fetchall()
                steps = "\n".join(step[-1] for step in plan)
                self.assertNotIn("SCAN", steps, f"{name}: {steps}")
