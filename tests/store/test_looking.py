"""A look into a store, with and without somebody who has it open."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from twisted.trial.unittest import TestCase

from padchat_twisted.errors import (
    SchemaTooNew,
    StoreDamaged,
    StoreError,
    StoreReadOnly,
)
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.store import SQLiteStore, StoredAccount, look
from padchat_twisted.store.engines import SCHEMA_VERSION

from ..children import new_folder
from .test_engines import contents, set_version

URL = "http://gateway.invalid/user"


def key(name: str) -> AccountKey:
    """Name an account."""
    return AccountKey(URL, "0" * 16, name)


class LookTests(TestCase):
    """What is seen."""

    timeout = 60

    def setUp(self) -> None:
        """Make a store with accounts in each condition."""
        self.folder = new_folder(self)
        self.path = self.folder / "store.sqlite"

    async def fill(self) -> SQLiteStore:
        """Fill the store, and leave it open."""
        from twisted.internet import reactor

        store = SQLiteStore(reactor, self.path)  # type: ignore[arg-type]  # a module
        await store.open()
        self.addCleanup(store.close)
        device = {"deviceUuid": "A", "deviceData": "secret-device"}
        await store.save_device(key("good"), device)
        for name in ("good", "void"):
            await store.save_login(
                key(name), login_token=f"secret-{name}", user_name="wxid"
            )
        await store.void_login_token(key("void"), "logout")
        await store.remember_message_ids(key("new"), ["1"])
        return store

    async def test_closed(self) -> None:
        """What is stored is seen, without secrets, and nothing is touched."""
        await (await self.fill()).close()
        before = contents(self.folder)
        found = look(self.path)
        self.assertEqual(
            found,
            [
                StoredAccount("good", URL, True, True, None),
                StoredAccount("new", URL, False, False, None),
                StoredAccount("void", URL, False, False, "logout"),
            ],
        )
        self.assertNotIn("secret", repr(found))
        self.assertEqual(contents(self.folder), before)

    async def test_open(self) -> None:
        """A store that somebody has open is seen as it is now."""
        store = await self.fill()
        self.assertEqual([x.name for x in look(self.path)], ["good", "new", "void"])
        await store.save_login(key("new"), login_token="token", user_name="wxid")
        self.assertTrue(look(self.path)[1].has_token)

    async def test_refused(self) -> None:
        """What is no store of ours is refused, and left as it is."""
        await (await self.fill()).close()
        other = self.folder / "other.sqlite"
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("CREATE TABLE account (name TEXT)")
        text = self.folder / "text"
        text.write_text("no store at all, but long enough for SQLite to look into it")
        set_version(self.path, SCHEMA_VERSION + 1)
        before = contents(self.folder)
        for path, kind in (
            (other, StoreDamaged),
            (text, StoreDamaged),
            (self.path, SchemaTooNew),
            (self.folder / "missing", StoreReadOnly),
            (self.folder, StoreError),
        ):
            error = self.assertRaises(StoreError, look, path)
            self.assertIs(type(error), kind, path)
        self.assertEqual(contents(self.folder), before)

    def test_forbidden(self) -> None:
        """A folder that may not be entered is an error of the store."""

        def stat(path: object, **_: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        self.patch(type(self.path), "exists", stat)
        self.assertRaises(StoreReadOnly, look, self.path)
