"""Area favorites: what an account keeps for itself."""

from __future__ import annotations

from enum import IntEnum

from msgspec import field

from .base import Answer, Command, Part, Result

__all__ = [
    "AddFav",
    "AddedFavorite",
    "DeleteFav",
    "Favorite",
    "FavoriteDetail",
    "FavoritePage",
    "FavoriteType",
    "FoundFavorites",
    "GetFav",
    "SyncFav",
]


class FavoriteType(IntEnum):
    """Kind of a favourite. Source: commands.toml, FavoriteType."""

    TEXT = 1
    IMAGE = 2
    VOICE = 3
    VIDEO = 4
    ARTICLE = 5


class Favorite(Part, frozen=True, gc=False):
    """Favorite in a list.

    Args:
        id: id.
        flag: 0 valid, 1 removed.
        seq: sequence number.
        time: unix time in seconds.
        type: see ``FavoriteType``.

    Source: commands.toml, type Favorite.
    """

    id: int = 0
    flag: int = 0
    seq: int = 0
    time: int = 0
    type: int = 0


class FavoritePage(Answer, frozen=True, gc=False):
    """The result of ``SyncFav``.

    Args:
        data: favorites, null when there are none.
        key: key for the next page.
        continues: 1 when there are more pages.

    Source: commands.toml, syncFav.
    """

    data: tuple[Favorite, ...] = ()
    key: str = ""
    continues: int = field(default=0, name="continue")


class SyncFav(Command[FavoritePage], frozen=True):
    """List the favorites, page by page.

    Args:
        fav_key: empty for the first page, then the key of the page before.

    Source: commands.toml, syncFav.
    """

    fav_key: str = ""


class AddedFavorite(Result, frozen=True, gc=False):
    """The result of ``AddFav``.

    Args:
        id: id of the favorite (Go client).
        seq: sequence number (Go client).
        message: text of the engine.
        status: of the engine, 0 on success.

    Source: commands.toml, addFav, which says of no field that it is always there.
    """

    id: int | None = None
    seq: int | None = None
    message: str | None = None
    status: int | None = None

    @property
    def was_done(self) -> bool:
        """Whether the engine did it, see ``Answer``."""
        return not self.status


class AddFav(Command[AddedFavorite], frozen=True):
    """Add a favorite.

    Args:
        content: a favitem XML fragment.

    Source: commands.toml, addFav.
    """

    content: str

    changes_world = True


class FavoriteDetail(Part, frozen=True, gc=False):
    """Favorite with content.

    Args:
        id: id, 0 when invalid.
        flag: 0 valid, 1 removed.
        seq: sequence number.
        status: 0 valid, 1 invalid.
        time: unix time in seconds.
        object: favitem fragment.

    Source: commands.toml, type FavoriteDetail.
    """

    id: int = 0
    flag: int = 0
    seq: int = 0
    status: int = 0
    time: int = 0
    object: str = ""


class FoundFavorites(Answer, frozen=True, gc=False):
    """The result of ``GetFav``.

    Args:
        data: the favorite.

    Source: commands.toml, getFav.
    """

    data: tuple[FavoriteDetail, ...] = ()


class GetFav(Command[FoundFavorites], frozen=True):
    """Read one favorite.

    Args:
        fav_id: id of the favorite.

    Source: commands.toml, getFav.
    """

    fav_id: int


class DeleteFav(Command[FoundFavorites], frozen=True):
    """Delete a favorite.

    Args:
        fav_id: id of the favorite.

    Source: commands.toml, deleteFav.
    """

    fav_id: int

    changes_world = True
