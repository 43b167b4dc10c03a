"""The commands of area favorites.

PURE. Source: commands.toml.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ..binding import Binding
from ..pushes import Fields
from ..refusals import Refused
from .base import Parameters, Reply, Responder, done, optional_text, text, whole_number

__all__ = ["RESPONDERS"]

#: Bytes of a key for the next page, before they are base64: as many as in the sample.
_KEY_BYTES = 16

#: What is said of a favourite that is not there: ``id`` 0, ``flag`` and ``status`` 1.
_NOTHING: Fields = {"id": 0, "flag": 1, "seq": 0, "status": 1, "time": 0, "object": ""}


def sync_fav(binding: Binding, params: Parameters) -> Reply:
    """Return a page of the favourites; without a key those that are kept."""
    account = binding.account
    after = _seq_in(optional_text(params, "favKey"))
    page, is_more = account.world.favorites.page(account.user, after)
    last = page[-1].seq if page else after
    listed = [
        {
            "id": favorite.favorite_id,
            "flag": int(favorite.is_removed),
            "seq": favorite.seq,
            "time": int(favorite.kept_at),
            "type": favorite.kind,
        }
        for favorite in page
    ]
    key = base64.b64encode(last.to_bytes(_KEY_BYTES, "big")).decode()
    return done(data=listed or None, key=key, **{"continue": int(is_more)})


def add_fav(binding: Binding, params: Parameters) -> Reply:
    """Add a favourite."""
    account = binding.account
    favorite = account.world.favorites.add(account.user, text(params, "content"))
    return done(id=favorite.favorite_id, seq=favorite.seq)


def get_fav(binding: Binding, params: Parameters) -> Reply:
    """Return one favourite; an invalid one where there is none."""
    account = binding.account
    favorite_id = _favorite_id(params)
    favorite = account.world.favorites.get(account.user, favorite_id)
    if favorite is None:
        return done(data=[_NOTHING])
    found = {
        "id": favorite.favorite_id,
        "flag": 0,
        "seq": favorite.seq,
        "status": 0,
        "time": int(favorite.kept_at),
        "object": favorite.content,
    }
    return done(data=[found])


def delete_fav(binding: Binding, params: Parameters) -> Reply:
    """Delete a favourite; the ``status`` of the outcome is its id."""
    account = binding.account
    favorite_id = _favorite_id(params)
    account.world.favorites.remove(account.user, favorite_id)
    return done(data=[{**_NOTHING, "flag": 0, "status": favorite_id}])


def _favorite_id(params: Parameters) -> int:
    favorite_id = whole_number(params, "favId")
    if favorite_id < 1:
        raise Refused("favId is no id of a favorite: they begin with 1")
    return favorite_id


def _seq_in(key: str) -> int:
    """Return the change that a key stands for; 0 of an empty one.

    Raises:
        Refused: it is no key.
    """
    try:
        found = base64.b64decode(key, validate=True)
    except ValueError:
        found = b"?"
    if len(found) not in (0, _KEY_BYTES):
        raise Refused("favKey is no key of a page")
    return int.from_bytes(found, "big")


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "syncFav": Responder(sync_fav),
    "addFav": Responder(add_fav),
    "getFav": Responder(get_fav),
    "deleteFav": Responder(delete_fav),
}
