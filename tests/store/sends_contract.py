"""What every store must do with commands that were sent with a key."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import TestCase

from padchat_twisted.errors import StoreError
from padchat_twisted.interfaces import AccountKey, AccountRecord, IStateStore, KeyedSend
from padchat_twisted.store.sends import (
    MAX_KEPT_KEYS,
    MAX_KEY_DAYS,
    MAX_UNKNOWN_KEYS,
)

from .contract import KEY, OTHER_KEY, SEND, error_of

DAY = 86_400.0


def numbered(number: int) -> KeyedSend:
    """Return one of many sends, a second after the one before."""
    return replace(SEND, key=f"order-{number}", began=SEND.began + number)


class SendsContract(TestCase):
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

    async def is_done(self, send: KeyedSend, key: AccountKey = KEY) -> None:
        """Begin a send, and finish it."""
        self.assertIsNone(await self.store.begin_send(key, send))
        self.assertTrue(await self.store.finish_send(key, send.key, '{"msgId":"1"}'))

    async def test_unknown_account(self) -> None:
        """An account of which nothing was stored has no sends."""
        self.assertIsNone(await self.store.find_send(KEY, "order-1"))
        self.assertEqual(await self.store.unknown_sends(KEY), [])
        self.assertFalse(await self.store.finish_send(KEY, "order-1", "{}"))
        self.assertFalse(await self.store.forget_send(KEY, "order-1"))
        self.assertIsNone(await self.store.load(KEY))

    async def test_begin(self) -> None:
        """A send is noted once; who begins it again hears what is known."""
        self.assertIsNone(await self.store.begin_send(KEY, SEND))
        again = replace(SEND, command="sendImage", began=SEND.began + 1)
        self.assertEqual(await self.store.begin_send(KEY, again), SEND)
        self.assertEqual(await self.store.find_send(KEY, "order-1"), SEND)
        self.assertEqual(await self.store.unknown_sends(KEY), [SEND])
        self.assertEqual(await self.store.load(KEY), AccountRecord())

    async def test_finish(self) -> None:
        """A result is kept once, and a send that has one is not unknown."""
        await self.is_done(SEND)
        done = replace(SEND, result='{"msgId":"1"}')
        self.assertFalse(await self.store.finish_send(KEY, "order-1", "{}"))
        self.assertFalse(await self.store.forget_send(KEY, "order-1"))
        self.assertEqual(await self.store.begin_send(KEY, SEND), done)
        self.assertEqual(await self.store.unknown_sends(KEY), [])

    async def test_forget(self) -> None:
        """The key of a send that did not happen is free again."""
        await self.store.begin_send(KEY, SEND)
        self.assertTrue(await self.store.forget_send(KEY, "order-1"))
        self.assertFalse(await self.store.forget_send(KEY, "order-1"))
        self.assertIsNone(await self.store.find_send(KEY, "order-1"))
        again = replace(SEND, receiver="wxid_b")
        self.assertIsNone(await self.store.begin_send(KEY, again))
        self.assertEqual(await self.store.find_send(KEY, "order-1"), again)

    async def test_accounts_are_apart(self) -> None:
        """Two accounts may use the same key."""
        await self.is_done(SEND)
        self.assertIsNone(await self.store.find_send(OTHER_KEY, "order-1"))
        self.assertFalse(await self.store.finish_send(OTHER_KEY, "order-1", "{}"))
        self.assertIsNone(await self.store.begin_send(OTHER_KEY, SEND))
        self.assertEqual(await self.store.unknown_sends(OTHER_KEY), [SEND])
        self.assertEqual(await self.store.unknown_sends(KEY), [])

    async def test_order(self) -> None:
        """Unknown sends come oldest first."""
        for number in (2, 1, 3):
            await self.store.begin_send(KEY, numbered(number))
        found = [each.key for each in await self.store.unknown_sends(KEY)]
        self.assertEqual(found, ["order-1", "order-2", "order-3"])

    async def test_age(self) -> None:
        """What is done is forgotten after its days, to the second; unknown is not."""
        await self.is_done(SEND)
        await self.store.begin_send(KEY, replace(SEND, key="unknown"))
        end = SEND.began + MAX_KEY_DAYS * DAY
        await self.store.begin_send(KEY, replace(SEND, key="a", began=end))
        self.assertIsNotNone(await self.store.find_send(KEY, "order-1"))
        again = replace(SEND, began=end + 1)
        self.assertIsNone(await self.store.begin_send(KEY, again))
        found = [each.key for each in await self.store.unknown_sends(KEY)]
        self.assertEqual(found, ["unknown", "a", "order-1"])

    async def test_unknown_are_bounded(self) -> None:
        """Beyond the limit no new key is taken, and nothing is forgotten."""
        await self.store.begin_send(KEY, numbered(0))
        await self.fill(range(1, MAX_UNKNOWN_KEYS), None)
        begun = self.store.begin_send(KEY, numbered(MAX_UNKNOWN_KEYS))
        error = await error_of(begun, StoreError)
        self.assertIn("look at them by `padchat unknown shop`", str(error))
        self.assertIn(self.store.location(), str(error))
        self.assertEqual(len(await self.store.unknown_sends(KEY)), MAX_UNKNOWN_KEYS)
        self.assertIsNotNone(await self.store.begin_send(KEY, numbered(0)))
        self.assertIsNone(await self.store.begin_send(OTHER_KEY, SEND))
        await self.store.forget_send(KEY, "order-0")
        last = numbered(MAX_UNKNOWN_KEYS)
        self.assertIsNone(await self.store.begin_send(KEY, last))

    async def test_odd_texts(self) -> None:
        """Texts that a query might stumble over come back; surrogates are replaced."""
        odd = "'; DROP TABLE account; -- \U0001f600 中文"
        send = replace(SEND, key=odd, receiver=odd)
        await self.store.begin_send(KEY, send)
        self.assertEqual(await self.store.find_send(KEY, odd), send)
        half = AccountKey(KEY.gateway, KEY.key_fingerprint, "shop \ud83d")
        await self.store.begin_send(
            half, replace(SEND, key="\ud83d", receiver="\ud83d")
        )
        self.assertTrue(await self.store.finish_send(half, "\ud83d", '"\ud83d"'))
        found = await self.store.find_send(half, "\ufffd")
        assert found is not None
        self.assertEqual((found.receiver, found.result), ("\ufffd", '"\ufffd"'))

    async def fill(self, numbers: range, result: str | None) -> None:
        """Have many sends, all unknown or all done."""
        for send in map(numbered, numbers):
            await self.store.begin_send(KEY, send)
            if result is not None:
                await self.store.finish_send(KEY, send.key, result)

    async def test_done_are_bounded(self) -> None:
        """Exactly the newest of an account are kept, beside all unknown ones."""
        await self.store.begin_send(KEY, replace(SEND, key="unknown", began=0.0))
        await self.is_done(SEND, OTHER_KEY)
        await self.fill(range(MAX_KEPT_KEYS), "{}")
        self.assertIsNotNone(await self.store.find_send(KEY, "order-0"))
        await self.is_done(numbered(MAX_KEPT_KEYS))
        self.assertIsNone(await self.store.find_send(KEY, "order-0"))
        self.assertIsNotNone(await self.store.find_send(KEY, "order-1"))
        self.assertEqual(len(await self.store.unknown_sends(KEY)), 1)
        self.assertIsNotNone(await self.store.find_send(OTHER_KEY, "order-1"))
