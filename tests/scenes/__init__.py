"""A scene for each command of the catalogue: the tests and the documents play them.

Each module has the commands of one area in ``SCENES``, by canonical name; ``pushes``
has what makes each kind of message come about.
"""

from __future__ import annotations

from . import (
    contacts,
    favorites,
    labels,
    login,
    media,
    moments,
    official_accounts,
    payment,
    rooms,
    sending,
)
from .cast import Cast, MakeScene, Scene, differences

__all__ = ["SCENES", "Cast", "Scene", "differences"]

#: The scene of each command, by canonical name.
SCENES: dict[str, MakeScene] = {
    **login.SCENES,
    **contacts.SCENES,
    **rooms.SCENES,
    **sending.SCENES,
    **media.SCENES,
    **moments.SCENES,
    **favorites.SCENES,
    **labels.SCENES,
    **payment.SCENES,
    **official_accounts.SCENES,
}
