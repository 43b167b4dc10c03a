"""What is done with old messages."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact, PushItem, TextMessage
from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.session.policy import OLD_SECONDS, InboxPolicy, OldMessages

NOW = 1_500_000_000.0


class InboxPolicyTests(SynchronousTestCase):
    """What can be asked for."""

    def test_usual(self) -> None:
        """By itself nothing is stored, and old messages are as others."""
        policy = InboxPolicy()
        self.assertEqual((policy.durable, policy.old_messages), (False, "deliver"))

    def test_wrong(self) -> None:
        """What cannot be is refused, and told how it is written."""
        wrong: list[dict[str, Any]] = [
            {"old_messages": "keep"},
            {"old_seconds": 0},
            {"old_seconds": float("inf")},
            {"old_seconds": float("nan")},
        ]
        for given in wrong:
            error = self.assertRaises(LocalProtocolError, InboxPolicy, **given)
            self.assertIn("write ", str(error))


class OldMessagesTests(SynchronousTestCase):
    """By their age."""

    def setUp(self) -> None:
        """Keep what goes on."""
        self.clock = Clock()
        self.clock.advance(NOW)
        self.items: list[PushItem] = []

    def take(self, policy: InboxPolicy, item: PushItem) -> OldMessages:
        """Take one item."""
        self.items.clear()
        old = OldMessages(self.clock, policy, self.items.append)
        old.take(item)
        return old

    def message(self, age: float) -> TextMessage:
        """Return a message of that age (seconds)."""
        return TextMessage(msg_id="1", timestamp=int(NOW - age))

    def test_mark(self) -> None:
        """One that is older than the limit is marked, by the second."""
        policy = InboxPolicy(old_messages="mark")
        for age, is_old in ((0, False), (OLD_SECONDS, False), (OLD_SECONDS + 1, True)):
            item = self.message(age)
            old = self.take(policy, item)
            self.assertEqual(self.items, [item])
            self.assertIs(item.is_replayed, is_old)
            self.assertFalse(item.maybe_seen)
            self.assertEqual(old.dropped, 0)

    def test_drop(self) -> None:
        """One that is older than the limit is dropped, and counted."""
        policy = InboxPolicy(old_messages="drop", old_seconds=10)
        for age, is_old in ((10, False), (11, True)):
            old = self.take(policy, self.message(age))
            self.assertEqual((len(self.items), old.dropped), (not is_old, is_old))

    def test_future(self) -> None:
        """A message of a clock that runs ahead of ours is not old."""
        self.take(InboxPolicy(old_messages="drop"), self.message(-10_000))
        self.assertEqual(len(self.items), 1)

    def test_without_time(self) -> None:
        """What says no time is not old: contacts, and some messages."""
        for item in (Contact(user_name="a"), TextMessage(msg_id="1")):
            self.take(InboxPolicy(old_messages="drop"), item)
            self.assertEqual(self.items, [item])
