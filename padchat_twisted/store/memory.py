"""A store without a file: for embedding where nothing must outlive the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from twisted.internet.defer import Deferred, execute, fail, succeed
from twisted.logger import Logger
from zope.interface import implementer

from ..errors import DeviceInUse, StoreError
from ..interfaces import (
    AccountKey,
    AccountRecord,
    InboxItem,
    IStateStore,
    KeyedSend,
    PacingRecord,
)
from ..wire.json_text import to_utf8_text
from .inbox import clean_item
from .sends import (
    MAX_KEPT_KEYS,
    MAX_UNKNOWN_KEYS,
    clean_send,
    oldest_kept,
    too_many_unknown,
)
from .values import (
    MAX_COUNTED_DAYS,
    MAX_SEEN_MESSAGE_IDS,
    clean_device,
    clean_key,
    device_marks,
    not_usable,
    other_account,
)

__all__ = ["MemoryStore"]

_log = Logger()

_T = TypeVar("_T")

#: What :meth:`MemoryStore.location` says.
LOCATION = "memory"


@implementer(IStateStore)
class MemoryStore:
    """An :class:`~padchat_twisted.interfaces.IStateStore` in memory.

    It behaves as :class:`~padchat_twisted.store.SQLiteStore` does, except that
    nothing is left after :meth:`close`, so nothing is put aside for people either.
    Every Deferred that it returns has fired.
    """

    def __init__(self) -> None:
        self._accounts: dict[AccountKey, AccountRecord] = {}
        self._seen: dict[AccountKey, dict[str, None]] = {}
        self._inbox: dict[AccountKey, dict[str, InboxItem]] = {}
        self._sends: dict[AccountKey, _Sends] = {}
        self._pacing: dict[AccountKey, dict[str, PacingRecord]] = {}
        self._is_open = False
        self._is_closed = False

    def open(self) -> Deferred[None]:
        """Make the store ready.

        Raises:
            StoreError: it is open or closed.
        """
        if self._is_closed:
            return fail(not_usable(LOCATION, is_closed=True))
        if self._is_open:
            return fail(StoreError(LOCATION, "the store is open", "open it once"))
        self._is_open = True
        _log.info("store in memory: nothing outlives this process")
        return succeed(None)

    def location(self) -> str:
        """Return ``memory``."""
        return LOCATION

    def load(self, key: AccountKey) -> Deferred[AccountRecord | None]:
        """Read what is known of an account; None when nothing was ever stored."""

        def read() -> AccountRecord | None:
            record = self._accounts.get(clean_key(key))
            if record is None or record.device is None:
                return record
            return replace(record, device=dict(record.device))

        return self._run(read)

    def save_device(self, key: AccountKey, device: Mapping[str, str]) -> Deferred[None]:
        """Store the device data of an account.

        Raises:
            DeviceInUse: another account has the same ``deviceUuid`` (whatever its
                case) or the same ``deviceData``.
            StoreError: the store is not open.
        """

        def save() -> None:
            own, kept = clean_key(key), clean_device(device)
            marks = device_marks(kept)
            for other, record in self._accounts.items():
                if other == own or record.device is None:
                    continue
                pairs = zip(marks, device_marks(record.device), strict=True)
                if any(mine is not None and mine == its for mine, its in pairs):
                    raise DeviceInUse(LOCATION, own.name, other_account(own, other))
            self._accounts[own] = replace(self._record(own), device=kept)

        return self._run(save)

    def save_login(
        self, key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Store a good token.

        Raises:
            StoreError: the store is not open.
        """

        def save() -> None:
            own = clean_key(key)
            self._accounts[own] = replace(
                self._record(own),
                login_token=to_utf8_text(login_token),
                user_name=to_utf8_text(user_name),
            )

        return self._run(save)

    def void_login_token(self, key: AccountKey, reason: str) -> Deferred[None]:
        """Forget the current token; the device data stays.

        Raises:
            StoreError: the store is not open.
        """

        def void() -> None:
            own = clean_key(key)
            if own in self._accounts:
                self._accounts[own] = replace(self._accounts[own], login_token=None)

        return self._run(void)

    def seen_message_ids(self, key: AccountKey, limit: int) -> Deferred[list[str]]:
        """Read the newest *limit* message ids (a count), newest last.

        Raises:
            StoreError: the store is not open.
        """

        def read() -> list[str]:
            ids = list(self._seen.get(clean_key(key), ()))
            return ids[max(len(ids) - max(limit, 0), 0) :]

        return self._run(read)

    def remember_message_ids(
        self, key: AccountKey, ids: Sequence[str]
    ) -> Deferred[None]:
        """Add a group of message ids; one that is there keeps its place.

        Raises:
            StoreError: the store is not open.
        """
        return self._run(lambda: self._remember(key, ids))

    def inbox(self, key: AccountKey) -> Deferred[list[InboxItem]]:
        """Read the messages whose handlers are not done, in order of arrival.

        Raises:
            StoreError: the store is not open.
        """
        return self._run(lambda: list(self._inbox.get(clean_key(key), {}).values()))

    def change_inbox(
        self, key: AccountKey, added: Sequence[InboxItem], done: Sequence[str]
    ) -> Deferred[None]:
        """Add messages with their ids as seen, and remove those that are done.

        Raises:
            StoreError: the store is not open.
        """

        def change() -> None:
            self._remember(key, [item.message_id for item in added])
            inbox = self._inbox.setdefault(clean_key(key), {})
            for item in map(clean_item, added):
                inbox.setdefault(item.message_id, item)
            for message_id in map(to_utf8_text, done):
                inbox.pop(message_id, None)

        return self._run(change)

    def find_send(self, key: AccountKey, name: str) -> Deferred[KeyedSend | None]:
        """Read what is known of the send with the key *name*; None when nothing is."""
        return self._run(lambda: self._sends_of(key).find(to_utf8_text(name)))

    def begin_send(
        self, key: AccountKey, send: KeyedSend
    ) -> Deferred[KeyedSend | None]:
        """Note that a send may have left, unless its key is known.

        Returns:
            None when it was noted; what is known of the key otherwise.

        Raises:
            StoreError: too many are unknown, or the store is not open.
        """

        def begin() -> KeyedSend | None:
            own, begun = clean_key(key), clean_send(send)
            self._accounts[own] = self._record(own)
            sends = self._sends.setdefault(own, _Sends())
            sends.forget_before(oldest_kept(begun))
            found = sends.find(begun.key)
            if found is None:
                if len(sends.unknown) >= MAX_UNKNOWN_KEYS:
                    raise too_many_unknown(LOCATION, own)
                sends.unknown[begun.key] = begun
            return found

        return self._run(begin)

    def finish_send(self, key: AccountKey, name: str, result: str) -> Deferred[bool]:
        """Note the result of an unknown send; tell whether there was such a one."""

        def finish() -> bool:
            sends = self._sends_of(key)
            send = sends.unknown.pop(to_utf8_text(name), None)
            if send is None:
                return False
            sends.done[send.key] = replace(send, result=to_utf8_text(result))
            if len(sends.done) > MAX_KEPT_KEYS:
                del sends.done[next(iter(sends.done))]
            return True

        return self._run(finish)

    def forget_send(self, key: AccountKey, name: str) -> Deferred[bool]:
        """Forget an unknown send; tell whether there was such a one."""

        def forget() -> bool:
            unknown = self._sends_of(key).unknown
            return unknown.pop(to_utf8_text(name), None) is not None

        return self._run(forget)

    def unknown_sends(self, key: AccountKey) -> Deferred[list[KeyedSend]]:
        """Read the sends of which nobody knows whether they happened, oldest first."""

        def read() -> list[KeyedSend]:
            unknown = self._sends_of(key).unknown.values()
            return sorted(unknown, key=lambda send: send.began)

        return self._run(read)

    def load_pacing(self, key: AccountKey, day: str) -> Deferred[PacingRecord]:
        """Read the counts of *day*, and the last cool-down.

        Raises:
            StoreError: the store is not open.
        """

        def read() -> PacingRecord:
            own, that = self._pacing.get(clean_key(key), {}), to_utf8_text(day)
            counts = own[that].counts if that in own else {}
            latest = next(reversed(own.values()), PacingRecord(that))
            return replace(latest, day=that, counts=dict(counts))

        return self._run(read)

    def save_pacing(self, key: AccountKey, record: PacingRecord) -> Deferred[None]:
        """Replace the counts of a day, and the cool-down; the oldest days go.

        Raises:
            StoreError: the store is not open.
        """

        def save() -> None:
            own = clean_key(key)
            self._accounts[own] = self._record(own)
            days = self._pacing.setdefault(own, {})
            counts = {to_utf8_text(k): n for k, n in record.counts.items()}
            # The one that was saved last has the cool-down.
            day = to_utf8_text(record.day)
            days.pop(day, None)
            days[day] = replace(record, day=day, counts=counts)
            for oldest in sorted(days)[:-MAX_COUNTED_DAYS]:
                del days[oldest]

        return self._run(save)

    def close(self) -> Deferred[None]:
        """Forget everything; closing again does nothing."""
        self._is_closed = True
        self._is_open = False
        self._accounts.clear()
        self._seen.clear()
        self._inbox.clear()
        self._sends.clear()
        self._pacing.clear()
        return succeed(None)

    def _remember(self, key: AccountKey, ids: Sequence[str]) -> None:
        if not ids:
            return
        own = clean_key(key)
        self._accounts[own] = self._record(own)
        seen = self._seen.setdefault(own, {})
        # An id that is there keeps its place.
        seen.update(dict.fromkeys(map(to_utf8_text, ids)))
        for oldest in list(islice(seen, max(0, len(seen) - MAX_SEEN_MESSAGE_IDS))):
            del seen[oldest]

    def _sends_of(self, key: AccountKey) -> _Sends:
        return self._sends.get(clean_key(key), _Sends())

    def _record(self, key: AccountKey) -> AccountRecord:
        return self._accounts.get(key, AccountRecord())

    def _run(self, work: Callable[[], _T]) -> Deferred[_T]:
        if not self._is_open:
            return fail(not_usable(LOCATION, is_closed=self._is_closed))
        return execute(work)


@dataclass(slots=True)
class _Sends:
    """The sends with a key of one account, in the order in which they came here."""

    unknown: dict[str, KeyedSend] = field(default_factory=dict)
    done: dict[str, KeyedSend] = field(default_factory=dict)

    def find(self, name: str) -> KeyedSend | None:
        return self.unknown.get(name) or self.done.get(name)

    def forget_before(self, oldest: float) -> None:
        while self.done and next(iter(self.done.values())).began < oldest:
            del self.done[next(iter(self.done))]
