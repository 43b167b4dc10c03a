"""What each person keeps for themselves.

PURE. Favourites are numbered in the order of their changes, and a client that names
the last change it knows gets those after it: also that a favourite was removed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .fragments import read_fragment
from .people import Person
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "FAVORITES_PER_PAGE",
    "MAX_FAVORITES",
    "MAX_REMOVED_FAVORITES",
    "Favorite",
    "Favorites",
]

#: Favourites of one person. More are refused.
MAX_FAVORITES = 500

#: Removed favourites of one person that are remembered, for clients that have not
#: heard of it; the oldest are forgotten first.
MAX_REMOVED_FAVORITES = 100

#: Favourites on one page. Ours: no source says how many there are.
FAVORITES_PER_PAGE = 20

#: Digits of a kind: WeChat's own have one or two.
_KIND_DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Favorite:
    """Something that a person keeps.

    Attributes:
        favorite_id: its number among those of the person.
        kind: what it is. Source: commands.toml, ``FavoriteType``.
        seq: the number of its last change.
        kept_at: Unix time (seconds).
        content: XML of a ``favitem``; empty when it was removed.
        is_removed: whether it was removed.
    """

    favorite_id: int
    kind: int
    seq: int
    kept_at: float
    content: str = field(repr=False)
    is_removed: bool = False


class _Shelf:
    """What one person keeps, by id, what changed last at the end."""

    def __init__(self) -> None:
        self.favorites: dict[int, Favorite] = {}
        self.last_id = 0
        self.last_seq = 0

    def change(self, favorite: Favorite) -> Favorite:
        """Put a favourite at the end, as the last that changed."""
        self.last_seq += 1
        self.favorites.pop(favorite.favorite_id, None)
        changed = replace(favorite, seq=self.last_seq)
        self.favorites[favorite.favorite_id] = changed
        return changed


class Favorites:
    """What each person keeps for themselves.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._shelves: defaultdict[str, _Shelf] = defaultdict(_Shelf)

    def add(self, person: Person, content: str) -> Favorite:
        """Keep something.

        Args:
            person: for whom.
            content: XML of a ``favitem``, whose attribute ``type`` is its kind.

        Raises:
            Refused: it is something else or too long; there are too many.
        """
        kind = read_fragment("content", content, "favitem").get("type", "")
        if not (kind.isascii() and kind.isdigit() and len(kind) <= _KIND_DIGITS):
            raise Refused("content is a favitem without a number as its type")
        shelf = self._shelves[person.user_name]
        if sum(not x.is_removed for x in shelf.favorites.values()) >= MAX_FAVORITES:
            raise Refused(f"an account has at most {MAX_FAVORITES} favorites")
        shelf.last_id += 1
        return shelf.change(
            Favorite(shelf.last_id, int(kind), 0, self._world.now(), content)
        )

    def get(self, person: Person, favorite_id: int) -> Favorite | None:
        """Find a favourite that was not removed; None when there is none."""
        found = self._shelves[person.user_name].favorites.get(favorite_id)
        return None if found is None or found.is_removed else found

    def remove(self, person: Person, favorite_id: int) -> None:
        """Keep something no longer.

        Raises:
            Refused: there is no such favourite.
        """
        favorite = self.get(person, favorite_id)
        if favorite is None:
            raise Refused("favId is no favorite of the account")
        shelf = self._shelves[person.user_name]
        shelf.change(replace(favorite, content="", is_removed=True))
        removed = [x.favorite_id for x in shelf.favorites.values() if x.is_removed]
        if len(removed) > MAX_REMOVED_FAVORITES:
            del shelf.favorites[removed[0]]

    def page(self, person: Person, after: int = 0) -> tuple[list[Favorite], bool]:
        """List what changed, in that order, one page of it.

        Args:
            person: whose favourites.
            after: ``seq`` of the last change that is known; 0 for all that is kept,
                without what was removed.

        Returns:
            The page, and whether more follow.
        """
        changed = [
            favorite
            for favorite in self._shelves[person.user_name].favorites.values()
            if favorite.seq > after and (after or not favorite.is_removed)
        ]
        page = changed[:FAVORITES_PER_PAGE]
        return page, len(changed) > len(page)
