"""Messages that outlive a crash: stored until all their handlers are done.

A message is stored, together with its id, before handlers have it, and removed when
they are done, whether well or not. One transaction is under way at a time; what comes
meanwhile goes with the next one, so groups become as large as they have to.

When the store fails, nothing is handed over that is not stored: messages wait, reading
pauses when too many do, and the gateway pushes again what was lost with the process.
See ``docs/design/0013-durable-inbox.md``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..catalogue import Message, PushItem
from ..catalogue.messages import MAYBE_SEEN, REPLAYED, mark
from ..catalogue.pushes import decode_push
from ..errors import StoreError
from ..interfaces import InboxItem
from ..observers import Observers
from ..wire.envelope import Notice
from .seen import MAX_ID_CHARACTERS
from .stored_items import ItemWriter

__all__ = [
    "HELD_DURING_CALLS",
    "MAX_HELD_BYTES",
    "MAX_HELD_ITEMS",
    "RETRY_SECONDS",
    "DurableInbox",
]

#: Most messages of an account that are stored or about to be (a count); then reading
#: is paused, until half of them are done. As many events may wait for handlers.
MAX_HELD_ITEMS = 1000

#: Most bytes of them (as JSON): a push with a picture in it has up to some MiB.
MAX_HELD_BYTES = 16 * 1024 * 1024

#: As long as a call is in flight, reading goes on up to this many times as much: a
#: handler may be waiting for the call's reply.
HELD_DURING_CALLS = 4

#: Time until a store that failed is tried again (seconds): a disk is not freed faster.
RETRY_SECONDS = 5.0

#: What writes one transaction: messages to add, ids of those that are done.
Save = Callable[[list[InboxItem], list[str]], Deferred[None]]

_log = Logger()


class DurableInbox:
    """Between the filter of seen messages and the handlers of one account.

    Args:
        clock: for another attempt when the store failed.
        name: label of the account, for the log.
        save: writes one transaction.
        deliver: hands an item to its handlers.
        set_paused: called with True for every message while there are too many, and
            with False when enough of them are done.

    Attributes:
        held: bytes of each message that is not done, by its id.
        held_bytes: all of them.
    """

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        save: Save,
        deliver: Callable[[PushItem], None],
        set_paused: Callable[[bool], None],
    ) -> None:
        self._clock = clock
        self._name = name
        self._save = save
        self._deliver = deliver
        self._set_paused = set_paused
        self._writer = ItemWriter()
        self.held: dict[str, int] = {}
        self.held_bytes = 0
        self._arrived: list[tuple[PushItem, InboxItem | None]] = []
        self._done: list[str] = []
        self._stored: deque[PushItem] = deque()
        self._has_begun = False
        self._is_full = False
        self._is_writing = False
        self._is_failing = False
        self._is_closing = False
        self._is_over = False
        self._retry: IDelayedCall | None = None
        self._closed: Observers[None] = Observers()

    @property
    def is_overfull(self) -> bool:
        """Whether there are too many even while a call is in flight."""
        return self._is_above(HELD_DURING_CALLS)

    def load(self, items: Sequence[InboxItem], own: str) -> None:
        """Take what an earlier process left, before anything else comes.

        Args:
            items: in order of arrival.
            own: WeChat id of the account, as far as it is known.
        """
        for stored in items:
            try:
                (item,) = decode_push(Notice("push", stored.content), own) or ()
            except ValueError:
                _log.error(
                    "account {account}: message {id} in the inbox cannot be read, and"
                    " is left out",
                    account=self._name,
                    id=stored.message_id,
                )
                self._done.append(stored.message_id)
                continue
            mark(item, MAYBE_SEEN | (REPLAYED if stored.is_replayed else 0))
            self._hold(item, stored)
            self._stored.append(item)
        if self._stored:
            _log.info(
                "account {account}: {count} messages of an earlier process will be"
                " handed over again",
                account=self._name,
                count=len(self._stored),
            )

    def begin(self) -> None:
        """Commands can be sent now: hand over what was held back."""
        self._has_begun = True
        while self._stored:
            self._deliver(self._stored.popleft())

    def take(self, item: PushItem) -> None:
        """Store an item that is new, then hand it over; one without id is not stored.

        Messages without an id keep their place among the others.
        """
        if not 0 < len(item.msg_id) <= MAX_ID_CHARACTERS:
            is_first = not (self._arrived or self._is_writing or self._stored)
            if is_first or not isinstance(item, Message):
                self._deliver(item)
            elif self._is_writing:
                self._arrived.append((item, None))
            else:
                self._stored.append(item)
            self._pause_if_full()
            return
        if item.msg_id in self.held:
            # The filter of seen messages remembers fewer than may be held.
            return
        stored = InboxItem(item.msg_id, self._writer.write(item), item.is_replayed)
        self._hold(item, stored)
        self._arrived.append((item, stored))
        self._pause_if_full()
        if not self._is_writing:
            self._write()

    def handled(self, _: object, event: object) -> None:
        """Hear, as the last handler of an event, that it is done."""
        if not isinstance(event, PushItem) or event.msg_id not in self.held:
            return
        self.held_bytes -= self.held.pop(event.msg_id)
        self._done.append(event.msg_id)
        self._resume_if_room()
        if not self._is_writing and not self._is_over:
            self._write()

    def close(self) -> Deferred[None]:
        """Store what waits, and hand nothing over any more.

        Returns:
            Fires when that is done, or when it failed, which is logged.
        """
        self._is_closing = True
        is_waiting = self._retry is not None and self._retry.active()
        if self._retry is not None and is_waiting:
            self._retry.cancel()
        if is_waiting or not self._is_writing:
            self._write_or_end()
        return succeed(None) if self._is_over else self._closed.wait()

    # Steps

    def _hold(self, item: PushItem, stored: InboxItem) -> None:
        self.held[item.msg_id] = len(stored.content)
        self.held_bytes += len(stored.content)

    def _is_above(self, share: float) -> bool:
        # Those without an id are in the lists only.
        count = max(len(self.held), len(self._arrived), len(self._stored))
        return (
            count >= share * MAX_HELD_ITEMS or self.held_bytes >= share * MAX_HELD_BYTES
        )

    def _pause_if_full(self) -> None:
        if self._is_above(1):
            self._is_full = True
            self._set_paused(True)

    def _resume_if_room(self) -> None:
        if self._is_full and not self._is_above(0.5):
            self._is_full = False
            self._set_paused(False)

    def _write(self) -> None:
        self._is_writing = True
        arrived, self._arrived = self._arrived, []
        done, self._done = self._done, []
        added = [stored for _, stored in arrived if stored is not None]
        if not added and not done:
            # Messages without an id that kept their place.
            self._written(None, arrived)
            return
        self._save(added, done).addCallbacks(
            self._written,
            self._not_written,
            callbackArgs=(arrived,),
            errbackArgs=(arrived, done),
        )

    def _written(
        self, _: None, arrived: list[tuple[PushItem, InboxItem | None]]
    ) -> None:
        if self._is_failing:
            self._is_failing = False
            _log.info(
                "account {account}: the inbox is stored again", account=self._name
            )
        for item, _stored in arrived:
            if self._is_closing:
                # Those with an id are stored: the next process has them.
                break
            if self._has_begun and not self._stored:
                self._deliver(item)
            else:
                self._stored.append(item)
        self._resume_if_room()
        self._write_or_end()

    def _not_written(
        self,
        failure: Failure,
        arrived: list[tuple[PushItem, InboxItem | None]],
        done: list[str],
    ) -> None:
        self._arrived[:0] = arrived
        self._done[:0] = done
        if not self._is_failing:
            self._is_failing = True
            self._tell(failure)
        if self._is_closing:
            self._end()
        else:
            self._retry = self._clock.callLater(RETRY_SECONDS, self._write)

    def _tell(self, failure: Failure) -> None:
        why = str(failure.value)
        if not failure.check(StoreError):
            why = "its error is told before this"
            _log.failure("account {account}: the inbox", failure, account=self._name)
        _log.critical(
            "account {account}: the inbox cannot be stored, so no message is handed"
            " over; it is tried again every {seconds} s: {why}",
            account=self._name,
            seconds=RETRY_SECONDS,
            why=why,
        )

    def _write_or_end(self) -> None:
        self._is_writing = False
        if self._arrived or self._done:
            self._write()
        elif self._is_closing:
            self._end()

    def _end(self) -> None:
        self._is_writing = False
        self._is_over = True
        self._closed.fire(None)
