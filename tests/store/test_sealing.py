"""The store in a file whose secrets are sealed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import TestCase

from padchat_twisted.errors import DeviceInUse, StoreDamaged, StoreSealed
from padchat_twisted.interfaces import AccountRecord, IStateStore
from padchat_twisted.secret import Secret
from padchat_twisted.store import SQLiteStore, sealing, sql
from padchat_twisted.store.cipher import PREFIX, Cipher, make_store_key
from padchat_twisted.store.engines import prepare_file
from padchat_twisted.store.sealing import seal_store

from . import contract
from .contract import (
    DEVICE,
    KEY,
    OTHER_DEVICE,
    OTHER_KEY,
    SECRETS,
    error_of,
    log_texts,
)
from .test_engines import contents

FIRST, SECOND, THIRD = make_store_key(), make_store_key(), make_store_key()

#: Everything that must not be in a sealed store, device marks without case included.
HIDDEN = (
    *SECRETS,
    "token-3",
    DEVICE["deviceUuid"].lower(),
    OTHER_DEVICE["deviceUuid"],
    OTHER_DEVICE["deviceData"],
    "Example iPad",
)


def make_store(path: Path, *keys: Secret) -> SQLiteStore:
    """Make a store with keys on the real reactor, whose threads are the point."""
    return SQLiteStore(cast(IReactorFromThreads, reactor), path, keys)


class SealedStoreContractTests(contract.StateStoreContract):
    """A sealed store keeps the contract of stores."""

    def make_store(self) -> IStateStore:
        """Make a store in a folder of its own."""
        return make_store(Path(self.mktemp()) / "store.sqlite", FIRST)


class SealedStoreCase(TestCase):
    """A path, and stores in its place with one key or another."""

    def setUp(self) -> None:
        """Choose the path."""
        self.folder = Path(self.mktemp()).absolute()
        self.path = self.folder / "store.sqlite"

    async def opened(self, *keys: Secret) -> SQLiteStore:
        """Open the store with keys; close it yourself, or it is closed at the end."""
        store = make_store(self.path, *keys)
        self.addCleanup(store.close)
        await store.open()
        return store

    async def filled(self, *keys: Secret) -> None:
        """Make a store in which each place for a secret was used; close it."""
        store = await self.opened(*keys)
        await store.save_device(KEY, OTHER_DEVICE)
        await store.save_device(KEY, DEVICE)
        await store.save_device(OTHER_KEY, OTHER_DEVICE)
        for token in ("token-1", "token-2", "token-3"):
            await store.save_login(KEY, login_token=token, user_name="wxid_1")
        await store.void_login_token(KEY, "refused")
        await store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await store.remember_message_ids(KEY, ["m1"])
        await store.close()

    async def assert_filled(self, *keys: Secret) -> None:
        """Check that all that was filled in comes back with these keys."""
        store = await self.opened(*keys)
        expected = AccountRecord(DEVICE, "token-1", "wxid_1")
        self.assertEqual(await store.load(KEY), expected)
        self.assertEqual(await store.load(OTHER_KEY), AccountRecord(OTHER_DEVICE))
        self.assertEqual(await store.seen_message_ids(KEY, 9), ["m1"])
        await store.close()

    def found(self, hidden: Sequence[str] = HIDDEN) -> list[str]:
        """Look for secrets in the bytes of all files."""
        data = b"".join(file.read_bytes() for file in self.folder.iterdir())
        return [text for text in hidden if text.encode() in data]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the file as a person with a shell would."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


class NothingToReadTests(SealedStoreCase):
    """Who has the file has nothing."""

    async def test_closed(self) -> None:
        """No secret is in a closed file."""
        await self.filled(FIRST)
        self.assertEqual(self.found(), [])
        await self.assert_filled(FIRST)

    async def test_open(self) -> None:
        """None is in the files of a store that is at work, journal included."""
        store = await self.opened(FIRST)
        await store.save_device(KEY, DEVICE)
        for token in ("token-1", "token-2", "token-3"):
            await store.save_login(KEY, login_token=token, user_name="wxid_1")
        await store.void_login_token(KEY, "refused")
        self.assertTrue(Path(f"{self.path}-wal").stat().st_size)
        self.assertEqual(self.found(), [])

    async def test_null_cipher(self) -> None:
        """With a cipher that does nothing, both looks would find what there is."""
        self.patch(sql, "Cipher", lambda keys: Cipher())
        await self.filled(FIRST)
        found = self.found()
        for secret in ("token-1", "ExampleWifi", DEVICE["deviceUuid"].lower()):
            self.assertIn(secret, found)

    async def test_key(self) -> None:
        """The key is not in the file, only its fingerprint."""
        await self.filled(FIRST)
        self.assertEqual(self.found([FIRST.reveal()]), [])
        rows = self.rows("SELECT * FROM sealing")
        self.assertEqual(rows, [(FIRST.fingerprint(), 1)])

    async def test_columns(self) -> None:
        """Each value says that it is sealed; names, ids and reasons can be read."""
        await self.filled(FIRST)
        columns = ", ".join(sealing.SEALED[0].names)
        row = self.rows(f"SELECT {columns} FROM account WHERE name = 'shop'")[0]  # noqa: S608 - ours
        for value in row:
            self.assertTrue(value.startswith(PREFIX))
        readable = self.rows("SELECT name, user_name, quarantine_reason FROM account")
        self.assertEqual(readable, [("shop", "wxid_1", "refused"), ("help", "", None)])

    async def test_last_good(self) -> None:
        """The token before is kept when it differs, however it was sealed."""
        await self.filled(FIRST)
        store = await self.opened(FIRST)
        query = "SELECT previous_login_token FROM account WHERE name = 'shop'"
        before = self.rows(query)
        await store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        self.assertEqual(self.rows(query), before)
        await store.save_login(KEY, login_token="token-2", user_name="wxid_1")
        ((previous,),) = self.rows(query)
        self.assertEqual(Cipher([FIRST]).open(previous), "token-1")


class SealingTests(SealedStoreCase):
    """A store of before is sealed as a whole."""

    async def test_at_opening(self) -> None:
        """All is sealed when it is opened with a key, and nothing of it is left."""
        await self.filled()
        self.assertIn("token-1", self.found())
        texts = log_texts(self)
        store = await self.opened(FIRST)
        told = f"store at {self.path}: sealed with key {FIRST.fingerprint()}"
        self.assertIn(told, texts)
        self.assertEqual(self.found(), [])
        await store.close()
        self.assertEqual(self.found(), [])
        await self.assert_filled(FIRST)

    async def test_once(self) -> None:
        """A store that is sealed is not written when it is opened again."""
        await self.filled(FIRST)
        before = contents(self.folder)
        cipher = Cipher([FIRST, SECOND])
        self.assertEqual(seal_store(self.path, cipher), [])
        self.assertEqual(contents(self.folder), before)

    async def test_looks_sealed(self) -> None:
        """A token of before that only looks sealed is taken as it is."""
        store = await self.opened()
        token = f"{PREFIX}by the gateway"
        await store.save_login(KEY, login_token=token, user_name="")
        await store.close()
        store = await self.opened(FIRST)
        self.assertEqual(await store.load(KEY), AccountRecord(None, token))

    async def test_killed_before_the_sweep(self) -> None:
        """A crash between sealing and wiping is made up for at the next opening."""
        await self.filled(FIRST)
        with closing(sqlite3.connect(self.path)) as connection:
            # Some systems build SQLite to wipe what is deleted, others do not.
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute("CREATE TABLE scrap (text)")
            connection.execute("INSERT INTO scrap VALUES ('token-left' || 'over')")
            connection.execute("UPDATE sealing SET is_swept = 0")
            connection.commit()
            connection.execute("DROP TABLE scrap")
        self.assertEqual(self.found(["token-leftover"]), ["token-leftover"])
        await self.assert_filled(FIRST)
        self.assertEqual(self.found(["token-leftover"]), [])
        self.assertEqual(self.rows("SELECT is_swept FROM sealing"), [(1,)])

    async def test_older_schema(self) -> None:
        """A store of the first schema is brought up to date and sealed in one go."""
        await self.filled()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("DROP TABLE sealing")
            connection.execute("DROP TABLE keyed_send")
            connection.execute("DROP TABLE inbox_item")
            connection.execute("DROP TABLE day_count")
            connection.execute("DROP TABLE cool_down")
            connection.execute("PRAGMA user_version = 1")
        await self.assert_filled(FIRST)
        self.assertEqual(self.found(), [])


class RefusedTests(SealedStoreCase):
    """Without the key there is an error that says so, and nothing is changed."""

    async def refused(self, *keys: Secret) -> str:
        """Try to open the store; return what is said."""
        before = contents(self.folder)
        store = make_store(self.path, *keys)
        self.addCleanup(store.close)
        error = await error_of(store.open(), StoreSealed)
        self.assertEqual(contents(self.folder), before)
        self.assertEqual(error.path, str(self.path))
        self.assertIn("--store-keys FILE", error.remedy)
        for key in (FIRST, SECOND, THIRD):
            self.assertNotIn(key.reveal(), str(error))
        return str(error)

    async def test_no_key(self) -> None:
        """Without a key the one that is needed is named by its fingerprint."""
        await self.filled(FIRST)
        told = f"is sealed with key {FIRST.fingerprint()}, and no key is given"
        self.assertIn(told, await self.refused())
        await self.assert_filled(FIRST)

    async def test_wrong_key(self) -> None:
        """With others all are named by their fingerprints."""
        await self.filled(FIRST)
        given = f"{SECOND.fingerprint()}, {THIRD.fingerprint()}"
        told = f"is sealed with key {FIRST.fingerprint()}, and given is {given}"
        self.assertIn(told, await self.refused(SECOND, THIRD))
        await self.assert_filled(FIRST)

    async def test_empty_store(self) -> None:
        """A store in which nothing is yet is its key's as well."""
        store = await self.opened(FIRST)
        await store.close()
        await self.refused()

    async def test_damaged_value(self) -> None:
        """A value that was changed is told, and a new login takes its place."""
        await self.filled(FIRST)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("UPDATE account SET login_token = 'sealed:gAAAA'")
            connection.commit()
        store = await self.opened(FIRST)
        error = await error_of(store.load(KEY), StoreDamaged)
        self.assertIn("a sealed value in it cannot be opened", str(error))
        await store.save_login(KEY, login_token="token-2", user_name="wxid_1")
        expected = AccountRecord(DEVICE, "token-2", "wxid_1")
        self.assertEqual(await store.load(KEY), expected)

    async def test_damaged_value_at_rotation(self) -> None:
        """A rotation that cannot open a value is refused, and changes no row."""
        await self.filled(FIRST)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(
                "UPDATE account SET previous_device = 'sealed:gAAAA'"
                " WHERE name = 'help'"
            )
            connection.commit()
        query = "SELECT * FROM account, sealing"
        before = self.rows(query)
        store = make_store(self.path, SECOND, FIRST)
        self.addCleanup(store.close)
        await error_of(store.open(), StoreDamaged)
        self.assertEqual(self.rows(query), before)


class RotationTests(SealedStoreCase):
    """A new key in front of the list takes over."""

    async def test_rotation(self) -> None:
        """Opened with both, all is sealed anew; then the new one is enough."""
        await self.filled(FIRST)
        texts = log_texts(self)
        await self.assert_filled(SECOND, FIRST)
        told = f"store at {self.path}: sealed with key {SECOND.fingerprint()}"
        self.assertIn(told, texts)
        await self.assert_filled(SECOND)
        old, new = Cipher([FIRST]), Cipher([SECOND])
        columns = ", ".join(sealing.SEALED[0].names)
        values = [
            value
            for row in self.rows(f"SELECT {columns} FROM account")  # noqa: S608 - ours
            for value in row
            if value is not None
        ]
        self.assertGreater(len(values), len(sealing.SEALED[0].names))
        for value in values:
            new.open(value)
            self.assertRaises(ValueError, old.open, value)
        store = make_store(self.path, FIRST)
        self.addCleanup(store.close)
        await error_of(store.open(), StoreSealed)

    async def test_nothing_of_the_old_key(self) -> None:
        """What the old key had sealed is not left in free pages either."""
        await self.filled(FIRST)
        ((sealed,),) = self.rows("SELECT device FROM account WHERE name = 'shop'")
        self.assertEqual(self.found([sealed]), [sealed])
        await self.assert_filled(SECOND, FIRST)
        self.assertEqual(self.found([sealed]), [])

    async def test_devices_stay_unique(self) -> None:
        """Two accounts of one device are refused before, after, and by the schema."""
        await self.filled(FIRST)
        same = "gateway, key_fingerprint, name"
        for keys in ((FIRST,), (SECOND, FIRST), (SECOND,), (THIRD, SECOND)):
            store = await self.opened(*keys)
            other_case = {"deviceUuid": DEVICE["deviceUuid"].lower()}
            for device in (DEVICE, other_case, {"deviceData": DEVICE["deviceData"]}):
                await error_of(store.save_device(OTHER_KEY, device), DeviceInUse)
            await store.save_device(OTHER_KEY, OTHER_DEVICE)
            with closing(sqlite3.connect(self.path)) as connection:
                for column in ("device_uuid", "device_data"):
                    with self.assertRaises(sqlite3.IntegrityError):
                        connection.execute(
                            f"INSERT INTO account ({same}, {column}) "  # noqa: S608 - ours
                            f"SELECT '', '', '', {column} FROM account"
                        )
            await store.close()

    async def test_null_rotation(self) -> None:
        """Without the pass at opening the old key would still be needed."""
        await self.filled(FIRST)
        self.patch(sql, "seal_store", lambda path, cipher: [])
        await self.assert_filled(SECOND, FIRST)
        store = make_store(self.path, SECOND)
        self.addCleanup(store.close)
        await error_of(store.open(), StoreSealed)

    async def test_new_columns(self) -> None:
        """Every column that may hold a secret is among those that are sealed."""
        path = self.folder / "schema.sqlite"
        self.folder.mkdir()
        prepare_file(path)
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("PRAGMA table_info(account)").fetchall()
        found = {row[1] for row in rows if "token" in row[1] or row[1][-6:] == "device"}
        self.assertEqual(found, set(sealing.SEALED[0].names))
