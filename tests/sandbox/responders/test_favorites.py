"""Tests of padchat_twisted.sandbox.responders.favorites: favourites as clients see."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import FavoriteDetail, FavoritePage, FoundFavorites
from padchat_twisted.sandbox.favorites import FAVORITES_PER_PAGE

from ..stage import Stage, as_read

TEXT = '<favitem type="1"><desc>to be kept</desc></favitem>'


class FavoritesTests(SynchronousTestCase):
    """What a client does with favourites."""

    def setUp(self) -> None:
        """Have an account."""
        self.client = Stage().connect().log_in()

    def page(self, key: str = "") -> FavoritePage:
        """Fetch a page."""
        reply = self.client.call("syncFav", {"favKey": key})
        return as_read(reply, FavoritePage)

    def test_none(self) -> None:
        """Without favourites the list is null, and the key good for later ones."""
        reply = self.client.call("syncFav")
        self.assertIsNone(reply.data["data"])
        key = as_read(reply, FavoritePage).key
        self.client.call("addFav", {"content": TEXT})
        self.assertEqual([x.id for x in self.page(key).data], [1])

    def test_pages(self) -> None:
        """A client goes through all pages by their keys, and then hears of changes."""
        for _ in range(FAVORITES_PER_PAGE + 1):
            self.client.call("addFav", {"content": TEXT})
        first = self.page()
        self.assertEqual((len(first.data), first.continues), (FAVORITES_PER_PAGE, 1))
        second = self.page(first.key)
        self.assertEqual((len(second.data), second.continues), (1, 0))
        self.assertEqual(self.page(second.key).data, ())
        self.assertEqual(self.page(second.key).key, second.key)
        self.client.call("deleteFav", {"favId": 1})
        (removed,) = self.page(second.key).data
        self.assertEqual((removed.id, removed.flag), (1, 1))

    def test_no_key(self) -> None:
        """What is no key is refused."""
        for key in ("x", "eA==", "$", 7, "A" * 24):
            said = self.client.refused("syncFav", {"favKey": key})
            self.assertIn("favKey", said)

    def test_nothing(self) -> None:
        """A favourite that is not there, or not any more, is an invalid one."""
        self.client.call("addFav", {"content": TEXT})
        self.client.call("deleteFav", {"favId": 1})
        for favorite_id in (1, 2, "3"):
            reply = self.client.call("getFav", {"favId": favorite_id})
            (found,) = as_read(reply, FoundFavorites).data
            self.assertEqual(found, FavoriteDetail(flag=1, status=1))

    def test_no_id(self) -> None:
        """What is no id is refused, and to delete what is not there."""
        for code in ("getFav", "deleteFav"):
            for favorite_id in (None, 0, -1, "x"):
                said = self.client.refused(code, {"favId": favorite_id})
                self.assertIn("favId", said)
        self.assertIn("no favorite", self.client.refused("deleteFav", {"favId": 1}))
