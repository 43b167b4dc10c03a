"""Scenes of area favorites."""

from __future__ import annotations

from unittest.mock import ANY

from padchat_twisted.catalogue import (
    AddedFavorite,
    AddFav,
    DeleteFav,
    Favorite,
    FavoriteDetail,
    FavoritePage,
    FoundFavorites,
    GetFav,
    SyncFav,
)

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

TEXT = '<favitem type="1"><desc>to be kept</desc></favitem>'
ARTICLE = '<favitem type="5"><desc>to be read</desc></favitem>'


def sync_fav(cast: Cast) -> Scene:
    """The bot lists what it keeps; a key comes from the page before."""
    first = cast.world.favorites.add(cast.me, TEXT)
    second = cast.world.favorites.add(cast.me, ARTICLE)
    listed = tuple(
        Favorite(
            id=kept.favorite_id, seq=kept.seq, time=int(kept.kept_at), type=kept.kind
        )
        for kept in (first, second)
    )
    return Scene(
        SyncFav(),
        FavoritePage(data=listed, key=ANY, continues=0),
        refused=SyncFav("the next"),
        because="no key",
    )


def add_fav(cast: Cast) -> Scene:
    """The bot keeps a text; it must be a favitem."""

    def check() -> None:
        kept = cast.world.favorites.get(cast.me, 1)
        assert kept is not None
        assert (kept.kind, kept.content) == (1, TEXT)

    return Scene(
        AddFav(TEXT),
        AddedFavorite(id=1, seq=1, message="", status=0),
        refused=AddFav("to be kept"),
        because="no XML",
        check=check,
    )


def get_fav(cast: Cast) -> Scene:
    """The bot reads what it keeps."""
    kept = cast.world.favorites.add(cast.me, TEXT)
    found = FavoriteDetail(
        id=kept.favorite_id, seq=kept.seq, time=int(kept.kept_at), object=TEXT
    )
    return Scene(
        GetFav(kept.favorite_id),
        FoundFavorites(data=(found,)),
        refused=GetFav(0),
        because="no id",
    )


def delete_fav(cast: Cast) -> Scene:
    """The bot keeps something no longer; the status of the outcome is its id."""
    kept = cast.world.favorites.add(cast.me, TEXT)

    def check() -> None:
        assert cast.world.favorites.get(cast.me, kept.favorite_id) is None

    return Scene(
        DeleteFav(kept.favorite_id),
        FoundFavorites(data=(FavoriteDetail(status=kept.favorite_id),)),
        refused=DeleteFav(kept.favorite_id + 1),
        because="no favorite",
        check=check,
    )


SCENES: dict[str, MakeScene] = {
    "syncFav": sync_fav,
    "addFav": add_fav,
    "getFav": get_fav,
    "deleteFav": delete_fav,
}
