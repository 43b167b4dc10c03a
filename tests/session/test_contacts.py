"""The book of contacts, without an account."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact
from padchat_twisted.catalogue.base import remember
from padchat_twisted.session import contacts as module
from padchat_twisted.session.contacts import (
    LONGEST_TEXTS,
    MAX_CONTACTS,
    QUIET_SECONDS,
    ContactBook,
    ContactsSynced,
    KnownContact,
    SyncProgress,
)

from .case import INSTANT, TEXT, LogWatch


class BookCase(SynchronousTestCase):
    """A book whose synchronisations are recorded."""

    def setUp(self) -> None:
        """Build one."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.synced: list[ContactsSynced] = []
        self.book = self.build()

    def build(self, **options: bool) -> ContactBook:
        """Build a book."""
        return ContactBook(self.clock, "bot", self.synced.append, **options)

    def push(self, *user_names: str, **fields: Any) -> None:  # noqa: ANN401 - those of Contact
        """Push contacts."""
        for user_name in user_names:
            fields.setdefault("nick_name", "Friend")
            self.book.take(Contact(user_name=user_name, **fields))

    def sync(self, *user_names: str) -> None:
        """Synchronise, from the beginning to ``loaded``."""
        self.book.begin()
        self.push(*user_names)
        self.book.loaded()

    @property
    def progress(self) -> SyncProgress:
        """How far it is."""
        return self.book.contacts.progress


class ReplacedTests(BookCase):
    """A contact is what was pushed last, whole."""

    def test_replaced(self) -> None:
        """What a newer push leaves out is not known any more."""
        self.push("1@chatroom", remark="Old", chatroom_id=7, chatroom_owner="wxid_a")
        self.push("1@chatroom", nick_name="New")
        self.assertEqual(
            self.book.contacts["1@chatroom"], KnownContact("1@chatroom", "New")
        )

    def test_kept(self) -> None:
        """What is kept of a contact does not change under whoever holds it."""
        self.push("wxid_a", nick_name="A", remark="R", label="1,2")
        before = self.book.contacts["wxid_a"]
        self.push("wxid_a", nick_name="B")
        self.assertEqual(before, KnownContact("wxid_a", "A", "R", "1,2"))
        self.assertEqual(self.book.contacts["wxid_a"].display_name, "B")

    def test_no_id(self) -> None:
        """A contact without an id is nobody."""
        self.push("")
        self.assertEqual(dict(self.book.contacts), {})

    def test_does_not_pin_its_frame(self) -> None:
        """The frame that a contact came in is not held by it."""
        body = b'["push",{"list":[]}]' + b" " * 1000
        before = sys.getrefcount(body)
        contact = Contact(user_name="wxid_a", nick_name="A")
        remember(contact, body)
        self.book.take(contact)
        self.assertGreater(sys.getrefcount(body), before)
        del contact
        self.assertEqual(sys.getrefcount(body), before)
        self.assertIn("wxid_a", self.book.contacts)

    def test_repr(self) -> None:
        """Who is who is nobody's business."""
        self.push("wxid_a", nick_name=TEXT, remark=TEXT)
        shown = repr(self.book.contacts) + repr(self.book.contacts["wxid_a"])
        self.assertNotIn(TEXT, shown)
        self.assertIn("wxid_a", shown)


class LookUpTests(BookCase):
    """What a person would ask for."""

    def setUp(self) -> None:
        """Know two people of one name, an official account and a room."""
        super().setUp()
        self.push("wxid_a", "wxid_b", nick_name="Li")
        self.push("wxid_c", nick_name="Zhang", remark="Li")
        self.push("gh_news", nick_name="News")
        self.push("1@chatroom", nick_name="Developers", member_count=3)
        self.contacts = self.book.contacts

    def test_by_id(self) -> None:
        """As in any mapping, which nobody can write to."""
        self.assertEqual(self.contacts["wxid_c"].nick_name, "Zhang")
        self.assertIsNone(self.contacts.get("wxid_nobody"))
        self.assertEqual(len(self.contacts), 5)
        self.assertFalse(hasattr(self.contacts, "__setitem__"))

    def test_by_name(self) -> None:
        """By the name that the account sees; several may have it."""
        self.assertEqual(
            [one.user_name for one in self.contacts.named("Li")],
            ["wxid_a", "wxid_b", "wxid_c"],
        )
        self.assertEqual(self.contacts.named("Zhang"), ())

    def test_by_kind(self) -> None:
        """People, rooms and official accounts."""
        self.assertEqual(len(self.contacts.people), 3)
        (room,) = self.contacts.rooms
        self.assertEqual((room.user_name, room.member_count), ("1@chatroom", 3))
        (official,) = self.contacts.officials
        self.assertEqual(official.user_name, "gh_news")


class SyncTests(BookCase):
    """From a login to ``loaded``, or until nothing comes any more."""

    def test_progress(self) -> None:
        """How many came is told at any time, and usable before the end."""
        self.assertEqual(self.progress, SyncProgress("waiting"))
        self.book.begin()
        self.push("wxid_a", "wxid_b", "wxid_a")
        self.assertEqual(self.progress, SyncProgress("running", 2, 2))
        self.assertFalse(self.book.contacts.is_synced)
        self.assertIn("wxid_a", self.book.contacts)
        self.book.loaded()
        self.assertEqual(self.progress, SyncProgress("loaded", 2, 2))
        self.assertTrue(self.book.contacts.is_synced)
        self.assertEqual(self.synced, [ContactsSynced(True, 2)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_deleted(self) -> None:
        """Who does not come in a full synchronisation is no contact any more."""
        self.sync("wxid_a", "wxid_b", "wxid_c")
        self.book.begin()
        self.push("wxid_c", "wxid_a")
        self.assertIn("wxid_b", self.book.contacts)
        self.book.loaded()
        self.assertEqual(list(self.book.contacts), ["wxid_a", "wxid_c"])
        self.assertEqual(self.synced[-1], ContactsSynced(True, 2, ("wxid_b",)))

    def test_only_changes(self) -> None:
        """Where a synchronisation brings only what changed, nobody goes."""
        self.book = self.build(comes_whole=False)
        self.sync("wxid_a", "wxid_b", "wxid_c")
        self.sync("wxid_a", "wxid_b")
        self.assertIn("wxid_c", self.book.contacts)

    def test_hardly_anything_came(self) -> None:
        """When most are missing, the gateway is not believed, and that is logged."""
        self.sync("wxid_a", "wxid_b", "wxid_c", "wxid_d")
        self.sync("wxid_a")
        self.assertEqual(len(self.book.contacts), 4)
        self.assertTrue(self.log.has("3 of 4 contacts did not come"))
        self.sync()
        self.assertEqual(len(self.book.contacts), 4)
        self.sync("wxid_a", "wxid_b")
        self.assertEqual(list(self.book.contacts), ["wxid_a", "wxid_b"])

    def test_no_loaded(self) -> None:
        """When nothing came for long enough it is over, and nobody is removed."""
        self.sync("wxid_a", "wxid_b")
        self.book.begin()
        self.clock.advance(QUIET_SECONDS - 1)
        self.push("wxid_a")
        self.clock.advance(QUIET_SECONDS - INSTANT)
        self.assertEqual(self.progress.state, "running")
        self.clock.advance(INSTANT)
        self.assertEqual(self.progress, SyncProgress("overdue", 1, 2))
        self.assertTrue(self.book.contacts.is_synced)
        self.assertEqual(self.synced[-1], ContactsSynced(False, 1))
        self.assertTrue(self.log.has("no 'loaded' came"))

    def test_late_loaded(self) -> None:
        """A ``loaded`` that comes after all is believed, but removes nobody."""
        self.sync("wxid_a", "wxid_b")
        self.book.begin()
        self.push("wxid_a")
        self.clock.advance(QUIET_SECONDS)
        self.book.loaded()
        self.assertEqual(self.progress, SyncProgress("loaded", 1, 2))
        self.assertEqual(self.synced[-1], ContactsSynced(True, 1))

    def test_loaded_unasked(self) -> None:
        """A ``loaded`` without a synchronisation says nothing."""
        self.book.loaded()
        self.assertEqual(self.progress.state, "waiting")
        self.sync("wxid_a")
        self.book.loaded()
        self.assertEqual(len(self.synced), 1)

    def test_begun_again(self) -> None:
        """A second login in the middle begins anew."""
        self.book.begin()
        self.push("wxid_a")
        self.book.begin()
        self.push("wxid_b")
        self.assertEqual(self.progress, SyncProgress("running", 1, 2))
        self.book.loaded()
        self.assertEqual(list(self.book.contacts), ["wxid_b"])

    def test_interrupted(self) -> None:
        """A connection that goes ends it without a result; what is known stays."""
        self.book.begin()
        self.push("wxid_a")
        self.book.stop()
        self.assertEqual(self.progress, SyncProgress("waiting", 1, 1))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.synced, [])

    def test_changes_later(self) -> None:
        """A contact that is pushed afterwards does not count as of it."""
        self.sync("wxid_a")
        self.push("wxid_b")
        self.assertEqual(self.progress, SyncProgress("loaded", 1, 2))

    def test_other_account(self) -> None:
        """The contacts of who was logged in before are not mixed with ours."""
        self.book.begin("wxid_me")
        self.push("wxid_a")
        self.book.begin("wxid_me")
        self.assertIn("wxid_a", self.book.contacts)
        self.book.begin("wxid_other")
        self.assertEqual(dict(self.book.contacts), {})
        self.book.stop()

    def test_forget(self) -> None:
        """Whom we deleted ourselves is gone at once."""
        self.sync("wxid_a", "wxid_b")
        self.book.forget("wxid_a")
        self.book.forget("wxid_nobody")
        self.assertEqual(list(self.book.contacts), ["wxid_b"])


class BoundTests(BookCase):
    """No more than that."""

    def test_edge(self) -> None:
        """The last one that fits is kept, the next is counted; changes go on."""
        self.patch(module, "MAX_CONTACTS", 3)
        self.book.begin()
        self.push("wxid_a", "wxid_b", "wxid_c")
        self.assertEqual(self.progress, SyncProgress("running", 3, 3))
        self.push("wxid_d", "wxid_e")
        self.push("wxid_a", nick_name="A")
        self.assertEqual(self.progress, SyncProgress("running", 3, 3, 2))
        self.assertEqual(self.book.contacts["wxid_a"].nick_name, "A")
        self.assertEqual(
            len([line for line in self.log.lines if "a contact is not kept" in line]), 1
        )
        self.book.forget("wxid_b")
        self.push("wxid_d")
        self.assertIn("wxid_d", self.book.contacts)
        self.book.stop()

    def test_long_texts(self) -> None:
        """A contact with texts of the limit is kept; with longer ones it is not."""
        text = "x" * (LONGEST_TEXTS - len("wxid_a"))
        self.push("wxid_a", nick_name=text)
        self.push("wxid_b", nick_name=text, label="1")
        self.push("wxid_c" + text, nick_name="x")
        self.assertEqual(list(self.book.contacts), ["wxid_a"])
        self.assertEqual(self.progress.left_out, 2)
        self.assertTrue(self.log.has("more than 1024 characters"))

    def test_large_numbers(self) -> None:
        """A contact with a number of 64 bits is kept; with a larger one it is not."""
        self.push("wxid_a", chatroom_id=2**64 - 1)
        self.push("wxid_b", chatroom_id=2**64)
        self.assertEqual(list(self.book.contacts), ["wxid_a"])
        self.assertEqual(self.book.contacts["wxid_a"].chatroom_id, 2**64 - 1)
        self.assertEqual(self.progress.left_out, 1)

    def test_half_an_emoji(self) -> None:
        """A name that was cut in the middle of an emoji is kept without the half."""
        half = "Ann \ud83d"
        texts = {"nick_name": half, "remark": half, "label": half}
        self.push("1@chatroom", **texts, chatroom_owner=half, member_count=3)
        whole = "Ann \ufffd"
        self.assertEqual(
            self.book.contacts["1@chatroom"],
            KnownContact("1@chatroom", whole, whole, whole, 0, whole, 3),
        )

    def test_value(self) -> None:
        """All friends that WeChat allows fit, and as many rooms."""
        self.assertEqual(MAX_CONTACTS, 20_000)

    def test_off(self) -> None:
        """A book that is switched off keeps nothing and waits for nothing."""
        self.book = self.build(is_kept=False)
        self.sync("wxid_a")
        self.book.stop()
        self.assertEqual(dict(self.book.contacts), {})
        self.assertEqual(self.progress, SyncProgress("off"))
        self.assertEqual(self.synced, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])
