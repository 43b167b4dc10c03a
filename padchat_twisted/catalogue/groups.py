"""The commands by area, in the order of the protocol's documents."""

from __future__ import annotations

from types import ModuleType
from typing import Any

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
from .base import Command

__all__ = ["COMMANDS", "GROUPS", "UNIMPLEMENTED"]


def _commands_of(area: ModuleType) -> tuple[type[Command[Any]], ...]:
    """Return the commands that a module declares, in the order in which it does."""
    return tuple(
        found
        for name, found in vars(area).items()
        if name in area.__all__
        and isinstance(found, type)
        and issubclass(found, Command)
    )


#: The commands of each area. Source: commands.toml, ``groups``.
GROUPS: dict[str, tuple[type[Command[Any]], ...]] = {
    "login": _commands_of(login),
    "contact": _commands_of(contacts),
    "room": _commands_of(rooms),
    "message": _commands_of(sending),
    "media": _commands_of(media),
    "moments": _commands_of(moments),
    "favorites": _commands_of(favorites),
    "labels": _commands_of(labels),
    "payment": _commands_of(payment),
    "official_account": _commands_of(official_accounts),
}

#: Commands by canonical name.
COMMANDS: dict[str, type[Command[Any]]] = {
    command.wire_name: command for area in GROUPS.values() for command in area
}

#: Commands that no gateway is known to carry out, each with the reason; ``call_raw``
#: sends them all the same. Source: commands.toml, ``unimplemented-upstream``.
UNIMPLEMENTED: dict[str, str] = {
    "status": "struck through in the seed's README, without parameters or a result",
    "massMsg": "padchat-sdk calls it faulty and sends nothing",
}
