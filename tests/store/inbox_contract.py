"""What every store must do with messages whose handlers are not done."""

from __future__ import annotations

from twisted.trial.unittest import TestCase

from padchat_twisted.errors import StoreError
from padchat_twisted.interfaces import AccountRecord, InboxItem, IStateStore
from padchat_twisted.store import MAX_SEEN_MESSAGE_IDS

from .contract import KEY, OTHER_KEY, error_of

FIRST, SECOND, THIRD = (InboxItem(i, f'["{i}"]'.encode()) for i in ("9", "1", "5"))


class InboxContract(TestCase):
    """Behaviour of every :class:`IStateStore`; subclasses say how to make one."""

    store: IStateStore

    def make_store(self) -> IStateStore:
        """Make a store that is not open and holds nothing."""
        raise NotImplementedError

    async def setUp(self) -> None:  # type: ignore[override] # trial waits for it
        """Open a store."""
        self.store = self.make_store()
        self.addCleanup(self.store.close)
        await self.store.open()

    async def test_empty(self) -> None:
        """An account of which nothing was stored has no messages."""
        self.assertEqual(await self.store.inbox(KEY), [])

    async def test_in_order(self) -> None:
        """Messages are kept in the order in which they came, with their ids as seen."""
        await self.store.change_inbox(KEY, [FIRST, SECOND], [])
        await self.store.change_inbox(KEY, [THIRD], [])
        self.assertEqual(await self.store.inbox(KEY), [FIRST, SECOND, THIRD])
        self.assertEqual(await self.store.seen_message_ids(KEY, 9), ["9", "1", "5"])
        self.assertEqual(await self.store.load(KEY), AccountRecord())

    async def test_done(self) -> None:
        """What is done goes; it stays seen, and what is not there cannot go."""
        await self.store.change_inbox(KEY, [FIRST, SECOND], [])
        await self.store.change_inbox(KEY, [THIRD], ["9", "unknown"])
        self.assertEqual(await self.store.inbox(KEY), [SECOND, THIRD])
        self.assertEqual(await self.store.seen_message_ids(KEY, 9), ["9", "1", "5"])
        await self.store.change_inbox(KEY, [], ["1", "5"])
        self.assertEqual(await self.store.inbox(KEY), [])

    async def test_repeated(self) -> None:
        """A group that is written twice is there once, in its first place."""
        await self.store.change_inbox(KEY, [FIRST, SECOND], [])
        await self.store.change_inbox(KEY, [SECOND, FIRST, THIRD], [])
        self.assertEqual(await self.store.inbox(KEY), [FIRST, SECOND, THIRD])

    async def test_mark(self) -> None:
        """It is kept whether a message was old when it came; any bytes are kept."""
        old = InboxItem("1", bytes(range(256)), is_replayed=True)
        await self.store.change_inbox(KEY, [old], [])
        self.assertEqual(await self.store.inbox(KEY), [old])

    async def test_accounts_apart(self) -> None:
        """Each account has an inbox of its own."""
        await self.store.change_inbox(KEY, [FIRST], [])
        await self.store.change_inbox(OTHER_KEY, [FIRST, SECOND], [])
        await self.store.change_inbox(KEY, [], ["9", "1"])
        self.assertEqual(await self.store.inbox(OTHER_KEY), [FIRST, SECOND])

    async def test_seen_is_bounded(self) -> None:
        """Ids that come with messages push the oldest out, as others do."""
        ids = [f"id-{number}" for number in range(MAX_SEEN_MESSAGE_IDS)]
        await self.store.remember_message_ids(KEY, ids)
        await self.store.change_inbox(KEY, [FIRST], [])
        seen = await self.store.seen_message_ids(KEY, MAX_SEEN_MESSAGE_IDS + 1)
        self.assertEqual(seen, [*ids[1:], "9"])

    async def test_lone_surrogate(self) -> None:
        """An id that UTF-8 cannot hold is kept as the other ids are."""
        await self.store.change_inbox(KEY, [InboxItem("a\ud83d", b"[]")], [])
        self.assertEqual(await self.store.seen_message_ids(KEY, 9), ["a\ufffd"])
        await self.store.change_inbox(KEY, [], ["a\ud83d"])
        self.assertEqual(await self.store.inbox(KEY), [])

    async def test_closed(self) -> None:
        """A closed store says so."""
        await self.store.close()
        await error_of(self.store.inbox(KEY), StoreError)
        await error_of(self.store.change_inbox(KEY, [FIRST], []), StoreError)
