"""Each message once: repeated ids, bounds, groups."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.seen import (
    GENERATION_SIZE,
    GROUP_SECONDS,
    GROUP_SIZE,
    MAX_ID_CHARACTERS,
    MAX_SEEN_IDS,
    SeenMessages,
)

from .case import INSTANT


class SeenMessagesTests(SynchronousTestCase):
    """The filter and what it stores."""

    def setUp(self) -> None:
        """Build one whose groups are kept."""
        self.clock = Clock()
        self.groups: list[list[str]] = []
        self.seen = SeenMessages(self.clock, self.save)

    def save(self, ids: list[str]) -> Deferred[None]:
        """Keep a group."""
        self.groups.append(ids)
        return succeed(None)

    def see(self, count: int, first: int = 0) -> None:
        """See that many new ids."""
        for number in range(first, first + count):
            self.assertTrue(self.seen.is_new(str(number)))

    def test_repeated(self) -> None:
        """An id is new once."""
        self.assertTrue(self.seen.is_new("1"))
        self.assertFalse(self.seen.is_new("1"))
        self.assertTrue(self.seen.is_new("2"))
        self.assertFalse(self.seen.is_new("1"))
        self.assertEqual(self.seen.repeated, 2)

    def test_no_id(self) -> None:
        """What has no id is always new, and not stored."""
        self.assertTrue(self.seen.is_new(""))
        self.assertTrue(self.seen.is_new(""))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_longest_id(self) -> None:
        """An id that is longer than any is none: it is neither known nor stored."""
        longest = "9" * MAX_ID_CHARACTERS
        self.assertTrue(self.seen.is_new(longest))
        self.assertFalse(self.seen.is_new(longest))
        self.assertTrue(self.seen.is_new(longest + "9"))
        self.assertTrue(self.seen.is_new(longest + "9"))
        self.seen.flush()
        self.assertEqual(self.groups, [[longest]])
        self.assertEqual(len(self.seen), 1)

    def test_bound(self) -> None:
        """At least the newest half of the limit is known, and at most the limit."""
        self.see(3 * MAX_SEEN_IDS)
        newest = 3 * MAX_SEEN_IDS - 1
        known = {*self.seen._young, *self.seen._old}
        self.assertLessEqual(len(known), MAX_SEEN_IDS)
        self.assertFalse(self.seen.is_new(str(newest)))
        self.assertFalse(self.seen.is_new(str(newest - GENERATION_SIZE + 1)))
        self.assertTrue(self.seen.is_new("0"))

    def test_generations_edge(self) -> None:
        """An id is forgotten when two generations came after it, not before."""
        self.see(2 * GENERATION_SIZE)
        self.assertFalse(self.seen.is_new("0"))
        self.assertTrue(self.seen.is_new("one more"))
        self.assertTrue(self.seen.is_new("0"))

    def test_group_by_size(self) -> None:
        """A full group is stored at once."""
        self.see(GROUP_SIZE - 1)
        self.assertEqual(self.groups, [])
        self.see(1, first=GROUP_SIZE - 1)
        self.assertEqual(self.groups, [[str(n) for n in range(GROUP_SIZE)]])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_group_by_time(self) -> None:
        """A group that does not fill is stored after a while, and then no more."""
        self.see(2)
        self.clock.advance(GROUP_SECONDS - INSTANT)
        self.assertEqual(self.groups, [])
        self.clock.advance(INSTANT)
        self.assertEqual(self.groups, [["0", "1"]])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.see(1, first=2)
        self.clock.advance(GROUP_SECONDS)
        self.assertEqual(self.groups, [["0", "1"], ["2"]])

    def test_repeated_ids_are_not_stored_again(self) -> None:
        """Only what is new goes to the store."""
        self.see(1)
        self.clock.advance(GROUP_SECONDS)
        self.seen.is_new("0")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_load(self) -> None:
        """What is stored counts as seen."""
        self.seen.load(["1", "2"])
        self.assertFalse(self.seen.is_new("1"))
        self.assertTrue(self.seen.is_new("3"))
        self.seen.flush()
        self.assertEqual(self.groups, [["3"]])

    def test_load_more_than_fits(self) -> None:
        """Of too many stored ids the newest are kept, within the same bound."""
        self.seen.load([str(number) for number in range(MAX_SEEN_IDS + 10)])
        self.assertLessEqual(len({*self.seen._young, *self.seen._old}), MAX_SEEN_IDS)
        self.assertTrue(self.seen.is_new("9"))
        self.assertLessEqual(len({*self.seen._young, *self.seen._old}), MAX_SEEN_IDS)
        newest = MAX_SEEN_IDS + 9
        self.assertFalse(self.seen.is_new(str(newest)))
        self.assertFalse(self.seen.is_new(str(newest - GENERATION_SIZE + 1)))

    def test_flush(self) -> None:
        """A flush stores what waits, and its timer is gone."""
        self.seen.flush()
        self.see(1)
        self.assertEqual(self.seen.unsaved, 1)
        self.seen.flush()
        self.assertEqual(self.groups, [["0"]])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.seen.unsaved, 0)

    def test_close(self) -> None:
        """After the close nothing waits for a group any more."""
        self.see(1)
        self.assertIsNone(self.seen.close())
        self.see(1, first=1)
        self.assertEqual(self.groups, [["0"], ["1"]])
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SlowStoreTests(SynchronousTestCase):
    """A store that takes long has one group of ids at a time."""

    def setUp(self) -> None:
        """Build one whose groups are stored when the test says so."""
        self.clock = Clock()
        self.groups: list[tuple[int, Deferred[None]]] = []
        self.seen = SeenMessages(self.clock, self.save)
        self.count = 0

    def save(self, ids: list[str]) -> Deferred[None]:
        """Begin to store a group."""
        saving: Deferred[None] = Deferred()
        self.groups.append((len(ids), saving))
        return saving

    def see(self, count: int) -> None:
        """See that many new ids."""
        for _ in range(count):
            self.count += 1
            self.seen.is_new(str(self.count))

    def sizes(self) -> list[int]:
        """Say how many ids each group had."""
        return [count for count, _ in self.groups]

    def test_one_at_a_time(self) -> None:
        """What comes meanwhile goes with the next group, once that is due."""
        self.see(3 * GROUP_SIZE)
        self.assertEqual(self.sizes(), [GROUP_SIZE])
        self.groups[0][1].callback(None)
        self.assertEqual(self.sizes(), [GROUP_SIZE, 2 * GROUP_SIZE])
        self.see(1)
        self.groups[1][1].callback(None)
        self.assertEqual(len(self.groups), 2)
        self.clock.advance(GROUP_SECONDS)
        self.assertEqual(self.sizes()[2:], [1])

    def test_time_meanwhile(self) -> None:
        """A group whose time came meanwhile goes as soon as it can."""
        self.see(GROUP_SIZE + 1)
        self.clock.advance(GROUP_SECONDS)
        self.assertEqual(len(self.groups), 1)
        self.groups[0][1].callback(None)
        self.assertEqual(self.sizes(), [GROUP_SIZE, 1])

    def test_bound(self) -> None:
        """Of more than a store keeps the newest wait for it."""
        self.see(GROUP_SIZE + MAX_SEEN_IDS)
        self.assertEqual(self.seen.unsaved, MAX_SEEN_IDS)
        self.see(1)
        self.assertEqual(self.seen.unsaved, MAX_SEEN_IDS)
        self.assertEqual(len(self.groups), 1)

    def test_close(self) -> None:
        """The close waits for the group that is stored, and for what comes behind."""
        self.see(GROUP_SIZE + 1)
        closing = self.seen.close()
        assert closing is not None
        self.groups[0][1].callback(None)
        self.assertNoResult(closing)
        self.groups[1][1].callback(None)
        self.successResultOf(closing)
        self.assertEqual(self.sizes(), [GROUP_SIZE, 1])
        self.assertEqual(self.clock.getDelayedCalls(), [])
