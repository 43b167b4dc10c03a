"""What every store must do: run over each of them by a subclass."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import TestCase
from zope.interface import provider
from zope.interface.verify import verifyObject

from padchat_twisted.errors import DeviceInUse, StoreError
from padchat_twisted.interfaces import (
    AccountKey,
    AccountRecord,
    IStateStore,
    KeyedSend,
    PacingRecord,
)
from padchat_twisted.store import MAX_SEEN_MESSAGE_IDS
from padchat_twisted.store.values import MAX_COUNTED_DAYS

KEY = AccountKey("http://gateway.example/user", "0123456789abcdef", "shop")
OTHER_KEY = AccountKey("http://gateway.example/user", "0123456789abcdef", "help")

DEVICE = {
    "deviceName": "Example iPad",
    "deviceUuid": "00000000-0000-4000-8000-00000000ABCD",
    "deviceWifiName": "ExampleWifi",
    "deviceWifiMac": "02:00:00:00:00:01",
    "deviceData": "ZXhhbXBsZSBkZXZpY2U=",
}
OTHER_DEVICE = {
    "deviceUuid": "00000000-0000-4000-8000-00000000EF01",
    "deviceData": "b3RoZXI=",
}
SEND = KeyedSend("order-1", "sendMsg", "wxid_a", "0123456789abcdef", 1500000000.0)
SECRETS = ("ZXhhbXBsZSBkZXZpY2U=", "8000-00000000", "token-1", "token-2", "ExampleWifi")


_E = TypeVar("_E", bound=Exception)


async def error_of(call: Deferred[Any], kind: type[_E]) -> _E:
    """Wait for a call that must fail with *kind* and return the error."""
    try:
        result = await call
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} expected, got {result!r}")


def log_texts(case: TestCase) -> list[str]:
    """Collect the formatted log events of the rest of a test."""
    texts: list[str] = []

    @provider(ILogObserver)
    def observe(event: LogEvent) -> None:
        texts.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    case.addCleanup(globalLogPublisher.removeObserver, observe)
    return texts


class StateStoreContract(TestCase):
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

    async def record(self, key: AccountKey = KEY) -> AccountRecord:
        """Load the record of an account that has one."""
        record = await self.store.load(key)
        assert record is not None
        return record

    async def fails(self, call: Deferred[Any]) -> str:
        """Wait for a StoreError and return its text."""
        return str(await error_of(call, StoreError))

    def test_interface(self) -> None:
        """A store provides its interface."""
        verifyObject(IStateStore, self.store)

    async def test_unknown_account(self) -> None:
        """An account of which nothing was stored has no record and no messages."""
        self.assertIsNone(await self.store.load(KEY))
        self.assertEqual(await self.store.seen_message_ids(KEY, 10), [])

    async def test_device_is_kept(self) -> None:
        """Device data comes back as it was when it was stored."""
        device = dict(DEVICE)
        await self.store.save_device(KEY, device)
        device["deviceName"] = "changed later"
        record = await self.record()
        self.assertEqual(record, AccountRecord(device=DEVICE))
        cast(dict[str, str], record.device)["deviceName"] = "changed by a reader"
        self.assertEqual((await self.record()).device, DEVICE)

    async def test_login_is_kept(self) -> None:
        """A saved login comes back, and a newer one takes its place."""
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        expected = AccountRecord(login_token="token-1", user_name="wxid_1")
        self.assertEqual(await self.store.load(KEY), expected)
        await self.store.save_login(KEY, login_token="token-2", user_name="wxid_2")
        expected = AccountRecord(login_token="token-2", user_name="wxid_2")
        self.assertEqual(await self.store.load(KEY), expected)

    async def test_accounts_are_apart(self) -> None:
        """Gateway, auth key and name each tell accounts apart."""
        keys = [
            KEY,
            AccountKey("http://other.example/user", KEY.key_fingerprint, KEY.name),
            AccountKey(KEY.gateway, "fedcba9876543210", KEY.name),
            OTHER_KEY,
        ]
        for number, key in enumerate(keys):
            await self.store.save_login(
                key, login_token=f"token-{number}", user_name=f"wxid_{number}"
            )
            await self.store.remember_message_ids(key, [f"m{number}"])
        for number, key in enumerate(keys):
            expected = AccountRecord(None, f"token-{number}", f"wxid_{number}")
            self.assertEqual(await self.store.load(key), expected)
            ids = await self.store.seen_message_ids(key, 10)
            self.assertEqual(ids, [f"m{number}"])

    async def test_void_token(self) -> None:
        """A void token is gone; device data, name and other accounts stay."""
        await self.store.save_device(KEY, DEVICE)
        for key in (KEY, OTHER_KEY):
            await self.store.save_login(key, login_token="token-1", user_name="wxid_1")
        await self.store.void_login_token(KEY, "refused")
        self.assertEqual(
            await self.store.load(KEY), AccountRecord(DEVICE, None, "wxid_1")
        )
        self.assertEqual((await self.record(OTHER_KEY)).login_token, "token-1")

    async def test_login_after_void_token(self) -> None:
        """After a void token the next login is kept with the same device data."""
        await self.store.save_device(KEY, DEVICE)
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await self.store.void_login_token(KEY, "refused")
        await self.store.save_login(KEY, login_token="token-2", user_name="wxid_1")
        expected = AccountRecord(DEVICE, "token-2", "wxid_1")
        self.assertEqual(await self.store.load(KEY), expected)

    async def test_void_token_of_unknown_account(self) -> None:
        """Voiding the token of an account that has none makes no record."""
        await self.store.void_login_token(KEY, "refused")
        self.assertIsNone(await self.store.load(KEY))

    async def test_device_is_kept_over_logins(self) -> None:
        """Device data saved after a login leaves the login alone, and the reverse."""
        await self.store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await self.store.save_device(KEY, DEVICE)
        expected = AccountRecord(DEVICE, "token-1", "wxid_1")
        self.assertEqual(await self.store.load(KEY), expected)

    async def test_same_uuid_is_refused(self) -> None:
        """Another account may not have the same deviceUuid, whatever its case."""
        await self.store.save_device(KEY, DEVICE)
        await self.store.save_login(OTHER_KEY, login_token="token-2", user_name="b")
        device = {"deviceUuid": DEVICE["deviceUuid"].lower(), "deviceData": "new"}
        error = await error_of(self.store.save_device(OTHER_KEY, device), DeviceInUse)
        self.assertEqual((error.name, error.other_name), ("help", "shop"))
        self.assertEqual(error.path, self.store.location())
        self.assertNotIn("abcd", str(error).lower())
        self.assertEqual(
            await self.store.load(OTHER_KEY), AccountRecord(None, "token-2", "b")
        )

    async def test_same_data_is_refused(self) -> None:
        """Another account may not have the same deviceData, which has a case."""
        await self.store.save_device(KEY, DEVICE)
        device = {"deviceUuid": "new", "deviceData": DEVICE["deviceData"]}
        await error_of(self.store.save_device(OTHER_KEY, device), DeviceInUse)
        self.assertIsNone(await self.store.load(OTHER_KEY))
        device["deviceData"] = device["deviceData"].upper()
        await self.store.save_device(OTHER_KEY, device)

    async def test_same_device_under_another_auth_key(self) -> None:
        """Two accounts of one name are told apart in the refusal."""
        await self.store.save_device(KEY, DEVICE)
        other = AccountKey(KEY.gateway, "fedcba9876543210", KEY.name)
        text = await self.fails(self.store.save_device(other, DEVICE))
        self.assertIn("'shop of another auth key'", text)

    async def test_empty_device_values_are_no_marks(self) -> None:
        """Accounts whose deviceUuid and deviceData are empty or missing get along."""
        await self.store.save_device(KEY, {"deviceUuid": "", "deviceData": ""})
        await self.store.save_device(OTHER_KEY, {"deviceUuid": "", "deviceData": ""})
        await self.store.save_device(OTHER_KEY, {"deviceName": "Example iPad"})
        self.assertEqual(
            (await self.record(KEY)).device, {"deviceUuid": "", "deviceData": ""}
        )

    async def test_own_device_again(self) -> None:
        """An account may store its own device data again, with more in it."""
        device = {k: v for k, v in DEVICE.items() if k != "deviceData"}
        await self.store.save_device(KEY, device)
        await self.store.save_device(KEY, DEVICE)
        self.assertEqual((await self.record()).device, DEVICE)

    async def test_given_up_device_is_free(self) -> None:
        """Device data that its account has replaced may be another's."""
        await self.store.save_device(KEY, DEVICE)
        await self.store.save_device(KEY, OTHER_DEVICE)
        await self.store.save_device(OTHER_KEY, DEVICE)
        self.assertEqual((await self.record(OTHER_KEY)).device, DEVICE)

    async def test_seen_messages_in_order(self) -> None:
        """Message ids come newest last, and the newest are the ones within a limit."""
        await self.store.remember_message_ids(KEY, ["a", "b"])
        await self.store.remember_message_ids(KEY, ["c"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 3), ["a", "b", "c"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 4), ["a", "b", "c"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 2), ["b", "c"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 0), [])
        self.assertEqual(await self.store.seen_message_ids(KEY, -1), [])

    async def test_seen_again(self) -> None:
        """A message id that is seen again is there once, in its first place."""
        await self.store.remember_message_ids(KEY, ["a", "b", "a"])
        await self.store.remember_message_ids(KEY, ["c", "b"])
        self.assertEqual(await self.store.seen_message_ids(KEY, 9), ["a", "b", "c"])

    async def test_seen_messages_are_bounded(self) -> None:
        """Exactly the newest MAX_SEEN_MESSAGE_IDS of each account are kept."""
        ids = [f"m{number}" for number in range(MAX_SEEN_MESSAGE_IDS + 1)]
        await self.store.remember_message_ids(OTHER_KEY, ["other"])
        await self.store.remember_message_ids(KEY, ids[:-1])
        found = await self.store.seen_message_ids(KEY, 2 * MAX_SEEN_MESSAGE_IDS)
        self.assertEqual(found, ids[:-1])
        await self.store.remember_message_ids(KEY, ids[-1:])
        found = await self.store.seen_message_ids(KEY, 2 * MAX_SEEN_MESSAGE_IDS)
        self.assertEqual(found, ids[1:])
        await self.store.remember_message_ids(KEY, [*ids, "one more"])
        found = await self.store.seen_message_ids(KEY, 2 * MAX_SEEN_MESSAGE_IDS)
        self.assertEqual(found, [*ids[3:], ids[0], "one more"])
        self.assertEqual(await self.store.seen_message_ids(OTHER_KEY, 2), ["other"])

    async def test_empty_group(self) -> None:
        """An empty group of message ids stores nothing."""
        await self.store.remember_message_ids(KEY, [])
        self.assertIsNone(await self.store.load(KEY))

    async def test_seen_messages_alone(self) -> None:
        """An account of which only messages are known has an empty record."""
        await self.store.remember_message_ids(KEY, ["a"])
        self.assertEqual(await self.store.load(KEY), AccountRecord())

    async def test_pacing(self) -> None:
        """Counts come back for their day, the cool-down for any, for their account."""
        day = "2026-01-31"
        nothing = PacingRecord(day)
        self.assertEqual(await self.store.load_pacing(KEY, day), nothing)
        record = PacingRecord(day, {"text": 3, "image": 1}, 1.7e9 + 0.25, 300.0)
        await self.store.save_pacing(KEY, record)
        self.assertEqual(await self.store.load_pacing(KEY, day), record)
        self.assertEqual(await self.store.load_pacing(OTHER_KEY, day), nothing)
        next_day = await self.store.load_pacing(KEY, "2026-02-01")
        self.assertEqual(next_day, PacingRecord("2026-02-01", {}, 1.7e9 + 0.25, 300.0))
        self.assertEqual(await self.store.load(KEY), AccountRecord())

    async def test_pacing_replaced(self) -> None:
        """What is saved for a day takes the place of what was; other days stay."""
        for day, counts, until in (
            ("2026-01-31", {"text": 3, "image": 1}, 10.0),
            ("2026-02-01", {"text": 1}, 20.0),
            ("2026-01-31", {"text": 5}, 30.0),
        ):
            await self.store.save_pacing(KEY, PacingRecord(day, counts, until, 1.0))
        for day, number in (("2026-01-31", 5), ("2026-02-01", 1)):
            expected = PacingRecord(day, {"text": number}, 30.0, 1.0)
            self.assertEqual(await self.store.load_pacing(KEY, day), expected)

    async def test_counted_days_are_bounded(self) -> None:
        """The oldest days go; those of another account stay."""
        await self.store.save_pacing(OTHER_KEY, PacingRecord("2025-01-01", {"text": 9}))
        days = [f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}" for n in range(33)]
        for day in days:
            await self.store.save_pacing(KEY, PacingRecord(day, {"text": 1}))
        kept = [day for day in days if (await self.store.load_pacing(KEY, day)).counts]
        self.assertEqual(kept, days[-MAX_COUNTED_DAYS:])
        other = await self.store.load_pacing(OTHER_KEY, "2025-01-01")
        self.assertEqual(other.counts, {"text": 9})

    async def test_lone_surrogates(self) -> None:
        """Lone surrogates become U+FFFD wherever text is stored."""
        key = AccountKey("http://\udc00/", "\ud800", "shop \ud83d")
        await self.store.save_device(key, {"deviceName\ud83d": "iPad \ud83d"})
        await self.store.save_login(key, login_token="t\ud83d", user_name="\ude00u")
        await self.store.remember_message_ids(key, ["m\ud83d"])
        clean = AccountKey("http://\ufffd/", "\ufffd", "shop \ufffd")
        expected = AccountRecord(
            {"deviceName\ufffd": "iPad \ufffd"}, "t\ufffd", "\ufffdu"
        )
        self.assertEqual(await self.store.load(key), expected)
        self.assertEqual(await self.store.load(clean), expected)
        self.assertEqual(await self.store.seen_message_ids(clean, 1), ["m\ufffd"])
        await self.store.save_pacing(key, PacingRecord("d", {"k\ud83d": 1}))
        counts = (await self.store.load_pacing(clean, "d")).counts
        self.assertEqual(counts, {"k\ufffd": 1})
        await self.store.void_login_token(key, "because \ud83d")
        self.assertIsNone((await self.record(clean)).login_token)

    async def test_odd_texts(self) -> None:
        """Texts that a query or a C string might stumble over come back whole."""
        odd = "'; DROP TABLE account; -- \0 \U0001f600 中文"
        key = AccountKey(odd, odd, odd)
        await self.store.save_login(key, login_token=odd, user_name=odd)
        await self.store.remember_message_ids(key, [odd])
        self.assertEqual(await self.store.load(key), AccountRecord(None, odd, odd))
        self.assertEqual(await self.store.seen_message_ids(key, 1), [odd])

    async def test_closed(self) -> None:
        """After close() every call fails with an error that says so."""
        await self.store.close()
        for call in self.all_calls(self.store):
            self.assertIn("the store is closed", await self.fails(call))
        self.assertIn("the store is closed", await self.fails(self.store.open()))
        await self.store.close()

    async def test_not_open(self) -> None:
        """Before open() every call fails with an error that says so."""
        store = self.make_store()
        for call in self.all_calls(store):
            self.assertIn("the store is not open", await self.fails(call))
        await store.close()
        self.assertIn("the store is closed", await self.fails(store.open()))

    async def test_open_twice(self) -> None:
        """A store is opened once; trying again does no harm."""
        text = await self.fails(self.store.open())
        self.assertIn("the store is open", text)
        self.assertIsNone(await self.store.load(KEY))

    async def test_no_secrets_shown(self) -> None:
        """Neither log nor reprs nor errors hold tokens or device data."""
        texts = log_texts(self)
        store = self.make_store()
        self.addCleanup(store.close)
        await self.store.close()
        await store.open()
        await store.save_device(KEY, DEVICE)
        await store.save_login(KEY, login_token="token-1", user_name="wxid_1")
        await store.save_login(KEY, login_token="token-2", user_name="wxid_1")
        texts.append(repr(await store.load(KEY)))
        texts.append(await self.fails(store.save_device(OTHER_KEY, DEVICE)))
        await store.void_login_token(KEY, "refused")
        await store.close()
        for call in self.all_calls(store):
            texts.append(await self.fails(call))
        texts.append(repr(store))
        self.assertIn(store.location(), "\n".join(texts))
        for secret in SECRETS:
            self.assertNotIn(secret.lower(), "\n".join(texts).lower())

    async def test_place_is_told(self) -> None:
        """Opening tells the log where the store is."""
        await self.store.close()
        texts = log_texts(self)
        store = self.make_store()
        self.addCleanup(store.close)
        await store.open()
        self.assertIn(store.location(), "\n".join(texts))

    def all_calls(self, store: IStateStore) -> list[Deferred[Any]]:
        """Call everything that needs an open store."""
        return [
            store.load(KEY),
            store.save_device(KEY, DEVICE),
            store.save_login(KEY, login_token="token-1", user_name="wxid_1"),
            store.void_login_token(KEY, "refused"),
            store.seen_message_ids(KEY, 1),
            store.remember_message_ids(KEY, ["a"]),
            store.remember_message_ids(KEY, []),
            store.find_send(KEY, "order-1"),
            store.begin_send(KEY, SEND),
            store.finish_send(KEY, "order-1", "{}"),
            store.forget_send(KEY, "order-1"),
            store.unknown_sends(KEY),
            store.load_pacing(KEY, "2026-01-31"),
            store.save_pacing(KEY, PacingRecord("2026-01-31")),
        ]
