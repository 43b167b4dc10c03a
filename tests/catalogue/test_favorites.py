"""What an account keeps for itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AddedFavorite,
    Favorite,
    FavoritePage,
    FavoriteType,
    decode_reply,
)
from padchat_twisted.wire.dialect_socketio import reply_body


def page(data: object) -> FavoritePage:
    """Decode a page of favourites."""
    fields = {"data": data, "key": "k", "continue": 1, "status": 0}
    found = decode_reply(FavoritePage, reply_body({"success": True, "data": fields}))
    assert isinstance(found, FavoritePage)
    return found


class FavoriteTests(SynchronousTestCase):
    """Pages of favourites, and what is added."""

    def test_page(self) -> None:
        """A page says whether more follow; the wire's ``continue`` is ``continues``."""
        found = page([{"id": 1, "type": 2}])
        self.assertEqual(found.data, (Favorite(id=1, type=FavoriteType.IMAGE),))
        self.assertEqual((found.key, found.continues), ("k", 1))

    def test_none(self) -> None:
        """Null stands for an empty page."""
        self.assertEqual(page(None).data, ())

    def test_added(self) -> None:
        """A result without a word of the engine is a success."""
        self.assertTrue(AddedFavorite().was_done)
        self.assertTrue(AddedFavorite(id=1, status=0).was_done)
        self.assertFalse(AddedFavorite(status=-1).was_done)
