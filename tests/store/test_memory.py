"""Tests of the store without a file."""

from __future__ import annotations

from padchat_twisted.interfaces import IStateStore
from padchat_twisted.store import MemoryStore

from . import contract
from .contract import KEY


class MemoryStoreTests(contract.StateStoreContract):
    """The store in memory keeps the contract of stores."""

    def make_store(self) -> IStateStore:
        """Make a store in memory."""
        return MemoryStore()

    def test_fires_at_once(self) -> None:
        """Its Deferreds have fired when they are returned, so tests need no reactor."""
        store = MemoryStore()
        self.successResultOf(store.open())
        self.successResultOf(store.save_login(KEY, login_token="t", user_name="u"))
        record = self.successResultOf(store.load(KEY))
        assert record is not None
        self.assertEqual(record.login_token, "t")
        self.successResultOf(store.close())

    def test_location(self) -> None:
        """It says that it is in memory."""
        self.assertEqual(MemoryStore().location(), "memory")
