"""Messages that outlive a crash, at a store that answers when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact, PushItem, TextMessage, decode_push
from padchat_twisted.errors import StoreError
from padchat_twisted.interfaces import InboxItem
from padchat_twisted.session.durable import (
    HELD_DURING_CALLS,
    MAX_HELD_BYTES,
    MAX_HELD_ITEMS,
    RETRY_SECONDS,
    DurableInbox,
)
from padchat_twisted.session.seen import MAX_ID_CHARACTERS
from padchat_twisted.testing import contact, text_message
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice

from .case import INSTANT, TEXT, LogWatch

FULL_DISK = StoreError("/store", "there is no room to write", "free space")


def items_of(*messages: dict[str, object]) -> Iterator[PushItem]:
    """Return the items of a push."""
    body = notice_body("push", {"list": list(messages)})
    return iter(decode_push(Notice("push", body), "wxid_bot") or ())


def text(msg_id: str, content: str = TEXT, **fields: object) -> PushItem:
    """Return a message that came alone."""
    (item,) = items_of(text_message(content, msg_id=msg_id, **fields))
    return item


class DurableCase(SynchronousTestCase):
    """An inbox whose transactions the test ends, and whose handlers it plays."""

    def setUp(self) -> None:
        """Build it, as of an account to which commands can be sent."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.writing: list[tuple[list[str], list[str], Deferred[None]]] = []
        self.stored: list[InboxItem] = []
        self.delivered: list[PushItem] = []
        self.deliver: Callable[[PushItem], None] = self.delivered.append
        self.paused: list[bool] = []
        self.inbox = self.build()
        self.inbox.begin()

    def build(self) -> DurableInbox:
        """Build one that has not begun."""
        return DurableInbox(
            self.clock,
            "bot",
            self.save,
            lambda item: self.deliver(item),
            self.paused.append,
        )

    def tearDown(self) -> None:
        """No timer is left, and no text of a message was logged."""
        self.inbox.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(self.log.has(TEXT))

    def save(self, added: list[InboxItem], done: list[str]) -> Deferred[None]:
        """Begin a transaction."""
        writing: Deferred[None] = Deferred()
        self.stored.extend(added)
        self.writing.append(([item.message_id for item in added], done, writing))
        return writing

    def commit(self) -> tuple[list[str], list[str]]:
        """End the only transaction, and return what was in it."""
        ((added, done, writing),) = self.writing
        self.writing.clear()
        writing.callback(None)
        return added, done

    def fail_to_commit(self) -> None:
        """End it by a failure."""
        ((_, _, writing),) = self.writing
        self.writing.clear()
        writing.errback(FULL_DISK)

    def take(self, *ids: str) -> None:
        """Take messages."""
        for msg_id in ids:
            self.inbox.take(text(msg_id))

    def handle(self, *ids: str) -> None:
        """Be done with messages."""
        for item in list(self.delivered):
            if item.msg_id in ids:
                self.delivered.remove(item)
                self.inbox.handled(None, item)

    def at_handlers(self) -> list[str]:
        """Return the ids of what handlers have."""
        return [item.msg_id for item in self.delivered]


class StoringTests(DurableCase):
    """Stored before handlers have them, and removed when they are done."""

    def test_stored_first(self) -> None:
        """No handler has a message before its transaction is done."""
        self.take("1")
        self.assertEqual(self.at_handlers(), [])
        self.assertEqual(self.commit(), (["1"], []))
        self.assertEqual(self.at_handlers(), ["1"])
        self.assertEqual(self.writing, [])

    def test_groups(self) -> None:
        """What comes during a transaction goes with the next one, in order."""
        self.take("1", "2", "3")
        self.assertEqual(self.commit(), (["1"], []))
        self.handle("1")
        self.take("4")
        self.assertEqual(self.commit(), (["2", "3"], []))
        self.assertEqual(self.at_handlers(), ["2", "3"])
        self.assertEqual(self.commit(), (["4"], ["1"]))
        self.assertEqual(self.at_handlers(), ["2", "3", "4"])

    def test_removed(self) -> None:
        """A message that is done is removed, once."""
        self.take("1")
        self.commit()
        (item,) = self.delivered
        self.handle("1")
        self.inbox.handled(None, item)
        self.assertEqual(self.commit(), ([], ["1"]))
        self.assertEqual(self.writing, [])
        self.assertEqual((self.inbox.held, self.inbox.held_bytes), ({}, 0))

    def test_handled_at_once(self) -> None:
        """A handler that is done at once needs two transactions, not three."""
        self.deliver = lambda item: self.inbox.handled(None, item)
        self.take("1", "2")
        self.assertEqual(self.commit(), (["1"], []))
        self.assertEqual(self.commit(), (["2"], ["1"]))
        self.assertEqual(self.commit(), ([], ["2"]))
        self.assertEqual(self.writing, [])

    def test_held_already(self) -> None:
        """One that is held is not taken again, whatever the filter remembers."""
        self.take("1", "1")
        self.commit()
        self.take("1")
        self.assertEqual(self.at_handlers(), ["1"])
        self.assertEqual(self.writing, [])

    def test_without_id(self) -> None:
        """Messages without an id are not stored, and keep their place."""
        self.inbox.take(text("", "before"))
        self.take("1")
        self.inbox.take(text("", "between"))
        self.take("2")
        (friend,) = items_of(contact())
        self.inbox.take(friend)
        self.assertEqual(len(self.delivered), 2)
        self.assertIsInstance(self.delivered[1], Contact)
        self.commit()
        self.commit()
        found = [
            item.content for item in self.delivered if isinstance(item, TextMessage)
        ]
        self.assertEqual(found, ["before", TEXT, "between", TEXT])

    def test_longest_id(self) -> None:
        """A message with an id that is too long is as one without."""
        self.take("9" * (MAX_ID_CHARACTERS + 1))
        self.assertEqual(len(self.delivered), 1)
        self.assertEqual(self.writing, [])
        self.take("9" * MAX_ID_CHARACTERS)
        self.assertEqual(len(self.delivered), 1)
        self.assertEqual(len(self.writing), 1)

    def test_other_events(self) -> None:
        """The end of other events means nothing here."""
        self.inbox.handled(None, object())
        self.inbox.handled(None, TextMessage(msg_id="unknown"))
        self.assertEqual(self.writing, [])


class NextProcessTests(DurableCase):
    """What an earlier process left."""

    def test_handed_over_again(self) -> None:
        """It comes again, marked, in order and before what is new."""
        old = InboxItem("1", notice_body("push", {"list": [text_message(msg_id="1")]}))
        late = InboxItem(
            "2", notice_body("push", {"list": [text_message(msg_id="2")]}), True
        )
        self.inbox = self.build()
        self.inbox.load([old, late], "wxid_bot")
        self.take("3")
        self.inbox.take(text("", "no id"))
        self.commit()
        self.assertEqual(self.at_handlers(), [])
        self.inbox.begin()
        self.assertEqual(self.at_handlers(), ["1", "2", "3", ""])
        marks = [(item.maybe_seen, item.is_replayed) for item in self.delivered]
        self.assertEqual(
            marks, [(True, False), (True, True), (False, False), (False, False)]
        )
        self.inbox.begin()
        self.assertEqual(len(self.delivered), 4)
        self.handle("1")
        self.assertEqual(self.commit(), ([], ["1"]))

    def test_same_item(self) -> None:
        """What comes back is what was stored, with all its fields."""
        sent = [
            text_message("a", msg_id="1", odd={"x": [1.5, None]}, room="1@chatroom")
        ]
        sent += [contact(), text_message("b\ud83d", msg_id="2")]
        for item in items_of(*sent):
            self.inbox.take(item)
        while self.writing:
            self.commit()
        again = self.build()
        again.load(self.stored, "wxid_bot")
        before = [item for item in self.delivered if item.msg_id]
        self.delivered.clear()
        again.begin()
        self.assertEqual(len(self.delivered), 2)
        for item, restored in zip(before, self.delivered, strict=True):
            self.assertIs(type(item), type(restored))
            self.assertEqual(item.raw, restored.raw)
            self.assertEqual(item.conversation, restored.conversation)

    def test_unreadable(self) -> None:
        """One that cannot be read is left out and removed; the others are not lost."""
        bad = InboxItem("1", b"[")
        none = InboxItem("2", notice_body("push", {"list": []}))
        good = InboxItem("3", notice_body("push", {"list": [text_message(msg_id="3")]}))
        self.inbox.load([bad, none, good], "wxid_bot")
        self.assertTrue(self.log.has("message 1 in the inbox cannot be read"))
        self.inbox.begin()
        self.take("4")
        self.assertEqual(self.commit(), (["4"], ["1", "2"]))


class FullTests(DurableCase):
    """Bounds, at their edges."""

    def test_number(self) -> None:
        """Reading pauses at the limit, and goes on when half of them are done."""
        ids = [str(number) for number in range(MAX_HELD_ITEMS)]
        self.take(*ids[:-1])
        self.assertEqual(self.paused, [])
        self.take(ids[-1])
        self.assertEqual(self.paused, [True])
        self.commit()
        self.commit()
        half = MAX_HELD_ITEMS // 2
        self.handle(*ids[:half])
        self.assertEqual(self.paused, [True])
        self.handle(ids[half])
        self.assertEqual(self.paused, [True, False])

    def test_bytes(self) -> None:
        """Few large ones pause it as well."""
        large = "x" * (MAX_HELD_BYTES // 2 - 1000)
        self.inbox.take(text("1", large))
        self.inbox.take(text("2", large))
        self.assertEqual(self.paused, [])
        rest = MAX_HELD_BYTES - self.inbox.held_bytes
        empty = len(notice_body("push", {"list": [text_message("", msg_id="3")]}))
        self.inbox.take(text("3", "x" * (rest - empty - 1)))
        self.assertEqual((self.paused, self.inbox.held_bytes), ([], MAX_HELD_BYTES - 1))
        self.take("4")
        self.assertEqual(self.paused, [True])
        self.commit()
        self.commit()
        self.handle("1")
        self.assertEqual(self.paused, [True])
        self.handle("2")
        self.assertEqual(self.paused, [True, False])

    def test_without_id(self) -> None:
        """Messages without an id that wait count as well."""
        self.take("1")
        for _ in range(MAX_HELD_ITEMS - 1):
            self.inbox.take(text(""))
        self.assertEqual(self.paused, [])
        self.inbox.take(text(""))
        self.assertEqual(self.paused, [True])
        self.commit()
        self.assertEqual(self.paused, [True, False])

    def test_during_calls(self) -> None:
        """While a call is in flight the limit is some times as high."""
        ids = [str(number) for number in range(HELD_DURING_CALLS * MAX_HELD_ITEMS)]
        self.take(*ids[:-1])
        self.assertFalse(self.inbox.is_overfull)
        self.take(ids[-1])
        self.assertTrue(self.inbox.is_overfull)


class TroubleTests(DurableCase):
    """A store that fails."""

    def test_tried_again(self) -> None:
        """Nothing is handed over that is not stored; nothing is lost."""
        self.take("1", "2")
        self.fail_to_commit()
        self.take("3")
        self.assertEqual((self.writing, self.at_handlers()), ([], []))
        self.assertTrue(self.log.has("the inbox cannot be stored"))
        self.assertTrue(self.log.has("no room to write"))
        count = len(self.log.lines)
        self.clock.advance(RETRY_SECONDS - INSTANT)
        self.assertEqual(self.writing, [])
        self.clock.advance(INSTANT)
        self.fail_to_commit()
        self.assertEqual(len(self.log.lines), count)
        self.clock.advance(RETRY_SECONDS)
        self.assertEqual(self.commit(), (["1", "2", "3"], []))
        self.assertEqual(self.at_handlers(), ["1", "2", "3"])
        self.assertTrue(self.log.has("the inbox is stored again"))

    def test_mistake_of_a_store(self) -> None:
        """An error that no store should raise is told whole, once, and survived."""
        self.take("1")
        for _ in range(2):
            ((_, _, writing),) = self.writing
            self.writing.clear()
            writing.errback(ZeroDivisionError())
            self.clock.advance(RETRY_SECONDS)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.commit()
        self.assertEqual(self.at_handlers(), ["1"])

    def test_done_is_not_forgotten(self) -> None:
        """What was done when the store failed is removed later."""
        self.take("1")
        self.commit()
        self.handle("1")
        self.fail_to_commit()
        self.clock.advance(RETRY_SECONDS)
        self.assertEqual(self.commit(), ([], ["1"]))


class CloseTests(DurableCase):
    """The end."""

    def test_nothing_waits(self) -> None:
        """With nothing to store it is over at once, and hears nothing any more."""
        self.take("1")
        self.commit()
        self.successResultOf(self.inbox.close())
        self.handle("1")
        self.assertEqual(self.writing, [])

    def test_stored_for_the_next_process(self) -> None:
        """What came is stored, and not handed over any more."""
        self.take("1", "2")
        closing = self.inbox.close()
        self.commit()
        self.assertNoResult(closing)
        self.assertEqual(self.commit(), (["2"], []))
        self.successResultOf(closing)
        self.assertEqual(self.at_handlers(), [])

    def test_during_trouble(self) -> None:
        """The store is tried once more, and a failure does not hold the end up."""
        self.take("1")
        self.fail_to_commit()
        closing = self.inbox.close()
        self.assertNoResult(closing)
        self.fail_to_commit()
        self.successResultOf(closing)
