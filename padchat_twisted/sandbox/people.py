"""The pretend people of the sandbox, and what they write to each other.

PURE. A person is a WeChat user: somebody with a telephone, who can also be the user
of a sub-account. Driven from Python::

    alice = world.person("alice")
    alice.says("ping", to="bot1")
    alice.scan("bot1")
    alice.confirm()
    alice.asks("bot1", "hello")
    alice.inbox[-1].content
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .fingerprints import fingerprint
from .messages import Delivery, Message
from .refusals import Refused
from .telephone import Telephone

if TYPE_CHECKING:
    from .accounts import Account
    from .login import QRLogin
    from .rooms import Room
    from .world import World

__all__ = [
    "MAX_KEPT_MESSAGES",
    "MAX_NAME_CHARACTERS",
    "MAX_PEOPLE",
    "MAX_PROFILE_CHARACTERS",
    "Notes",
    "Person",
    "Profile",
    "Who",
    "checked_name",
    "plain_letters",
    "user_name_for",
]

#: Messages kept for one person, the oldest dropped first: what the inbox shows, what
#: waits for an account without connection and what is pushed again. A pretend person
#: whom a bot writes to all night must not fill the memory.
MAX_KEPT_MESSAGES = 500

#: People of one world: the users of as many accounts as it has, and as many others.
MAX_PEOPLE = 20_000

#: Longest name of a person, a room or a sub-account (characters); they become part
#: of ids. WeChat itself allows 32 for nicknames and rooms.
MAX_NAME_CHARACTERS = 64

#: Longest text of a profile (characters). The longest is the signature, for which
#: WeChat allows 30 Chinese characters.
MAX_PROFILE_CHARACTERS = 256

#: Values of ``sex``: unknown, male, female (commands.toml, enum ``Sex``).
_SEXES = (0, 1, 2)

_PLAIN_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "_-")


def checked_name(name: str) -> str:
    """Return *name* if it can be one.

    Raises:
        Refused: it is empty, or longer than :data:`MAX_NAME_CHARACTERS`.
    """
    if not 0 < len(name) <= MAX_NAME_CHARACTERS:
        raise Refused(
            f"a name has 1 to {MAX_NAME_CHARACTERS} characters, not {len(name)}"
        )
    return name


def user_name_for(name: str) -> str:
    """Make the wxid of a person, always the same for the same name.

    A name of plain letters and digits can be read in it (``wxid_alice``).
    """
    plain = "".join(c for c in name.lower() if c in _PLAIN_CHARACTERS)
    if plain == name:
        return f"wxid_{name}"
    return f"wxid_{plain[:16]}{fingerprint(name)[:10]}"


def plain_letters(nick_name: str) -> str:
    """Return the Latin letters and digits of a name, where WeChat has its pinyin."""
    return "".join(c for c in nick_name if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person tells about themselves, and who may find and ask them.

    Attributes:
        alias: the WeChat id that they chose, to be found by.
        phone: telephone number, to be found by.
        qq: QQ number, to be found by.
        sex: 0 unknown, 1 male, 2 female.
        country: its code.
        provincia: the province, in the wire's spelling.
        city: the city.
        signature: what they write below their name.
        is_findable: whether a search by somebody else finds them.
        needs_verification: whether they want to be asked before they are a contact.
    """

    alias: str = ""
    phone: str = field(default="", repr=False)
    qq: str = field(default="", repr=False)
    sex: int = 0
    country: str = "CN"
    provincia: str = ""
    city: str = ""
    signature: str = field(default="", repr=False)
    is_findable: bool = True
    needs_verification: bool = True

    def __post_init__(self) -> None:
        found_by = (self.alias, self.phone, self.qq)
        shown = (self.country, self.provincia, self.city, self.signature)
        if max(map(len, found_by + shown)) > MAX_PROFILE_CHARACTERS:
            raise Refused(
                f"a text of a profile has at most {MAX_PROFILE_CHARACTERS} characters"
            )
        if self.sex not in _SEXES:
            raise Refused("sex must be 0, 1 or 2")


@dataclass(slots=True)
class Notes:
    """What a person keeps about a contact; nobody else sees it.

    Attributes:
        remark: their name for the contact, empty for none.
        label_ids: the labels that they put on it, in this order.
        source: how it became one (commands.toml, enum ``AddContactSource``), or 0.
    """

    remark: str = ""
    label_ids: list[int] = field(default_factory=list)
    source: int = 0


class Person(Telephone):
    """One WeChat user. Made by :meth:`World.person`, never directly.

    Attributes:
        name: what the world calls them.
        user_name: wxid.
        nick_name: what others see.
        stranger: the "v1" code that stands for them before they are a contact.
        uin: numeric id.
        is_system: whether this is ``filehelper`` or ``weixin``.
        account: the sub-account that is logged in as this person, or None.
        contacts: the people they know, by wxid. Who of these deleted them stays here.
        notes: what they keep about their contacts, by wxid.
        labels: names of the labels that they have, by id.
        head_version: how often they changed their avatar.
    """

    def __init__(
        self,
        world: World,
        name: str,
        *,
        user_name: str = "",
        nick_name: str = "",
        is_system: bool = False,
    ) -> None:
        self._world = world
        self.name = name
        self.user_name = user_name or user_name_for(name)
        self.nick_name = nick_name or name
        self.stranger = f"v1_{fingerprint(self.user_name)[:32]}@stranger"
        # Nine digits or ten, as in the samples; unique enough for a pretend world.
        self.uin = 100_000_001 + int(fingerprint(self.user_name), 16) % 2_000_000_000
        self.is_system = is_system
        self.account: Account | None = None
        self.contacts: dict[str, Person] = {}
        self.notes: dict[str, Notes] = {}
        self.labels: dict[int, str] = {}
        self.head_version = 0
        self._profile = Profile()
        self.deliveries: deque[Delivery] = deque(maxlen=MAX_KEPT_MESSAGES)

    def __repr__(self) -> str:
        return f"<person {self.name!r} {self.user_name}>"

    @property
    def inbox(self) -> list[Message]:
        """What this person got, the oldest first; see :data:`MAX_KEPT_MESSAGES`."""
        return [
            delivery.message
            for delivery in self.deliveries
            if delivery.message.sender is not self or delivery.message.to is self
        ]

    @property
    def head_url(self) -> str:
        """Address of the avatar, below the world's ``base_url``."""
        address = f"{self._world.base_url}/head/{self.user_name}"
        return f"{address}/{self.head_version}" if self.head_version else address

    @property
    def profile(self) -> Profile:
        """What they tell about themselves; whose contact they are sees a change."""
        return self._profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        if profile != self._profile:
            self._profile = profile
            self.changed()

    def changed(self) -> None:
        """Let those see it whose contact this person is."""
        self._world.contact_changed(self, self._world.friends.holders_of(self))

    def notes_on(self, contact: Person | Room | None) -> Notes:
        """Return what this person keeps about somebody; empty for who is none."""
        found = None if contact is None else self.notes.get(contact.user_name)
        return found or Notes()

    def ticket_for(self, other: Person) -> str:
        """Make the "v2" code by which *other* may add this person.

        It is not that of a friend request, which is another one each time.
        """
        pair = fingerprint(f"{other.user_name} {self.user_name}")
        return f"v2_{pair[:48]}@stranger"

    def knows(self, other: Person | Room) -> bool:
        """Tell whether *other* is a contact, a room with this person, or themselves."""
        if isinstance(other, Person):
            is_contact = other.user_name in self.contacts
            return is_contact or other is self or other.is_system
        return other.has(self)

    def contact_list(self) -> list[Person | Room]:
        """List whom this person knows: system accounts, people, then rooms."""
        world = self._world
        rooms = [room for room in world.rooms.values() if room.has(self)]
        return [world.weixin, world.filehelper, *self.contacts.values(), *rooms]

    def says(self, text: str, *, to: Who, at: Iterable[Who] = ()) -> Message:
        """Write a text message, as if typed on this person's telephone.

        Args:
            text: the text.
            to: the receiver; see :meth:`World.find`.
            at: room members to mention.

        Raises:
            Refused: the receiver is unknown, is a room without this person, or must
                not be written to; the text is empty or too long.
        """
        mentioned = tuple(self._world.find(who).user_name for who in at)
        return self._world.mail.send_text(
            self, self._world.find(to), text, mentioned=mentioned, is_from_phone=True
        )

    def asks(self, who: Who, greeting: str = "") -> None:
        """Ask somebody to become a contact; see :meth:`.friends.Friends.ask`.

        Args:
            who: whom; see :meth:`World.find`.
            greeting: what they read with it.

        Raises:
            Refused: nobody of that name, or nobody who can be asked.
        """
        self._world.friends.ask(self, self._found(who), greeting)

    def accepts(self, who: Who) -> None:
        """Accept the friend request of *who*.

        Raises:
            Refused: they did not ask.
        """
        self._world.friends.accept(self, self._found(who))

    def deletes(self, who: Who) -> None:
        """Delete a contact, who keeps this person and is not told.

        Raises:
            Refused: *who* is no contact.
        """
        self._world.friends.delete(self, self._found(who))

    def joins(self, invitation: Message | str) -> None:
        """Follow the invitation to a room that this person got, or scan its code.

        Args:
            invitation: the message, or the content of the code.

        Raises:
            Refused: it is none, is not for them or not valid any more, or the room
                is full.
        """
        if isinstance(invitation, str):
            self._world.invitations.scan(self, invitation)
        else:
            self._world.invitations.accept(self, invitation)

    def scan(self, target: Account | str) -> None:
        """Scan the QR code that a sub-account shows.

        Args:
            target: the account, its label, or the content of the code.

        Raises:
            Refused: no such account, it shows no code, or the code was scanned.
        """
        self._world.login_shown_by(target).scan(self)

    def confirm(self, target: Account | str | None = None) -> None:
        """Confirm the login on the telephone: the sub-account is logged in.

        Args:
            target: which one, when this person has scanned several codes.

        Raises:
            Refused: there is no such code, or this person has not scanned it.
        """
        self._scanned(target).confirm()

    def decline(self, target: Account | str | None = None) -> None:
        """Let the login fail after the scan; as :meth:`confirm` otherwise."""
        self._scanned(target).decline()

    def cancel(self, target: Account | str | None = None) -> None:
        """Cancel the login on the telephone; as :meth:`confirm` otherwise."""
        self._scanned(target).cancel()

    def _found(self, who: Who) -> Person:
        found = self._world.find(who)
        if not isinstance(found, Person):
            raise Refused(f"{found.name} is a room, not a person")
        return found

    def _scanned(self, target: Account | str | None) -> QRLogin:
        if target is not None:
            login = self._world.login_shown_by(target)
            if login.scanned_by is not self:
                raise Refused(f"{self.name} has not scanned the code of {login.name}")
            return login
        logins = [x for x in self._world.logins if x.scanned_by is self]
        if not logins:
            raise Refused(f"{self.name} has scanned no code that is still valid")
        if len(logins) > 1:
            names = ", ".join(login.name for login in logins)
            raise Refused(
                f"{self.name} has scanned several codes, name one of: {names}"
            )
        return logins[0]


#: Somebody or some room: itself, or what :meth:`World.find` knows it by.
Who: TypeAlias = "Person | Room | Account | str"
