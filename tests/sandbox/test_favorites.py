"""Tests of padchat_twisted.sandbox.favorites: what people keep for themselves."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.favorites import (
    FAVORITES_PER_PAGE,
    MAX_FAVORITES,
    MAX_REMOVED_FAVORITES,
    Favorite,
)
from padchat_twisted.sandbox.refusals import Refused

from .stage import Stage

TEXT = '<favitem type="1"><desc>SECRET</desc></favitem>'


class FavoritesTests(SynchronousTestCase):
    """Keeping things."""

    def setUp(self) -> None:
        """Have two people."""
        world = Stage().world
        self.favorites = world.favorites
        self.alice = world.person("alice")
        self.bob = world.person("bob")

    def add(self) -> Favorite:
        """Keep a text of alice's."""
        return self.favorites.add(self.alice, TEXT)

    def ids(self, after: int = 0) -> list[int]:
        """List the ids on alice's page."""
        return [kept.favorite_id for kept in self.favorites.page(self.alice, after)[0]]

    def test_kinds(self) -> None:
        """The kind is the type of the XML, whichever quotes it has."""
        for kind in (1, 2, 3, 4, 5, 18):
            content = f"<favitem type='{kind}'/>"
            kept = self.favorites.add(self.alice, content)
            self.assertEqual((kept.kind, kept.content), (kind, content))
            self.assertEqual(kept.kept_at, 1_700_000_000.0)

    def test_not_a_favitem(self) -> None:
        """Something else, or one without a number as its type, is refused."""
        for content in ("text", "<item type='1'/>", "<favitem"):
            self.assertRaises(Refused, self.favorites.add, self.alice, content)
        for attribute in ("", "type=''", "type='x'", "type='-1'", "type='\u00b2'"):
            content = f"<favitem {attribute}/>"
            self.assertRaises(Refused, self.favorites.add, self.alice, content)
        self.assertRaises(
            Refused, self.favorites.add, self.alice, "<favitem type='12345'/>"
        )
        self.assertEqual(self.ids(), [])

    def test_own(self) -> None:
        """Each person has their own, with their own numbers."""
        self.add()
        kept = self.favorites.add(self.bob, TEXT)
        self.assertEqual(kept.favorite_id, 1)
        self.assertIs(self.favorites.get(self.bob, 1), kept)
        self.favorites.remove(self.bob, 1)
        self.assertEqual(self.ids(), [1])

    def test_removed(self) -> None:
        """What was removed is not there, cannot be removed, and has no text."""
        self.add()
        self.favorites.remove(self.alice, 1)
        self.assertIsNone(self.favorites.get(self.alice, 1))
        self.assertRaises(Refused, self.favorites.remove, self.alice, 1)
        self.assertEqual(self.ids(), [])
        self.assertEqual(self.add().favorite_id, 2)

    def test_changes(self) -> None:
        """Who knows a change gets those after it, removals too."""
        first, second = self.add(), self.add()
        self.assertEqual(self.ids(first.seq), [2])
        self.favorites.remove(self.alice, 1)
        page, _ = self.favorites.page(self.alice, second.seq)
        self.assertEqual([(x.favorite_id, x.is_removed) for x in page], [(1, True)])
        self.assertEqual(page[0].content, "")
        self.assertEqual(self.ids(page[0].seq), [])

    def test_pages(self) -> None:
        """Pages follow each other until no more is there."""
        for _ in range(2 * FAVORITES_PER_PAGE):
            self.add()
        first, is_more = self.favorites.page(self.alice)
        self.assertEqual((len(first), is_more), (FAVORITES_PER_PAGE, True))
        second, is_more = self.favorites.page(self.alice, first[-1].seq)
        self.assertEqual((len(second), is_more), (FAVORITES_PER_PAGE, False))
        numbers = [kept.favorite_id for kept in (*first, *second)]
        self.assertEqual(numbers, list(range(1, 2 * FAVORITES_PER_PAGE + 1)))

    def test_number_is_bounded(self) -> None:
        """One too many is refused, until another is removed."""
        for _ in range(MAX_FAVORITES):
            self.add()
        self.assertRaises(Refused, self.add)
        self.favorites.remove(self.alice, 1)
        self.add()
        self.assertRaises(Refused, self.add)

    def test_removals_are_bounded(self) -> None:
        """The oldest removals are forgotten first."""
        known = self.add().seq
        for number in range(2, MAX_REMOVED_FAVORITES + 4):
            self.add()
            self.favorites.remove(self.alice, number)
        found = []
        while page := self.favorites.page(self.alice, known)[0]:
            found += [kept.favorite_id for kept in page]
            known = page[-1].seq
        self.assertEqual(found, list(range(4, MAX_REMOVED_FAVORITES + 4)))

    def test_repr_hides(self) -> None:
        """No text stands in a ``repr``."""
        self.assertNotIn("SECRET", repr(self.add()))
