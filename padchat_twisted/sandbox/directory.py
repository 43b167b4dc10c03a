"""Who is in the pretend WeChat, and by which names they are found.

PURE.
"""

from __future__ import annotations

from .accounts import Account
from .fingerprints import fingerprint
from .people import Person, Who
from .refusals import Refused
from .rooms import Room

__all__ = ["Directory"]


class Directory:
    """People, rooms and sub-accounts by their names: the look-ups of the world.

    Attributes:
        people: by name, with ``filehelper`` and ``weixin``.
        rooms: by name.
        by_user_name: people and rooms by wxid or room id, all that clients know.
        by_stranger: people by their "v1" code.
        accounts: by fingerprint of the auth key and label.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.by_user_name: dict[str, Person | Room] = {}
        self.by_stranger: dict[str, Person] = {}
        self.accounts: dict[tuple[str, str], Account] = {}
        self._by_label: dict[str, list[Account]] = {}

    def find(self, who: Who) -> Person | Room:
        """Find somebody or some room.

        Args:
            who: a wxid or room id, the label of a sub-account (which means the user
                that it is or was logged in as), the name of a person or of a room, in
                this order; or the person, room or account itself.

        Raises:
            Refused: there is nobody and nothing of that name, or the label belongs
                to sub-accounts of several auth keys.
        """
        found = self._lookup(who)
        if found is None:
            raise Refused(
                f"there is no person, room or account {who!r} in this world;"
                " make it with world.person() or world.room() first"
            )
        return found

    def account(self, name: str, *, auth_key: str | None = None) -> Account:
        """Find a sub-account that has connected before.

        Args:
            name: its label.
            auth_key: which one, when several keys have that label.

        Raises:
            Refused: there is none, or more than one.
        """
        found = self._by_label.get(name, [])
        if auth_key is not None:
            key = fingerprint(auth_key)
            found = [account for account in found if account.key_fingerprint == key]
        if not found:
            raise Refused(f"no client has connected as {name!r} yet")
        if len(found) > 1:
            raise Refused(f"several auth keys have an account {name!r}: say which key")
        return found[0]

    def _lookup(self, who: Who) -> Person | Room | None:
        if isinstance(who, Account):
            return who.user
        if not isinstance(who, str):
            return who
        if who in self.by_user_name:
            return self.by_user_name[who]
        if who in self._by_label:
            return self.account(who).user
        return self.people.get(who) or self.rooms.get(who)
