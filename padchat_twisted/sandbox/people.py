"""The pretend people of the sandbox, and what they write to each other.

PURE. A person is a WeChat user: somebody with a telephone, who can also be the user
of a sub-account. Driven from Python::

    alice = world.person("alice")
    alice.says("ping", to="bot1")
    alice.scan("bot1")
    alice.confirm()
    alice.inbox[-1].content
"""

from __future__ import annotations

import hashlib
import string
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .accounts import Account
    from .login import QRLogin
    from .rooms import Room
    from .world import World

__all__ = [
    "MAX_KEPT_MESSAGES",
    "MAX_NAME_CHARACTERS",
    "Delivery",
    "Kind",
    "Message",
    "Person",
    "RandomHex",
    "Refused",
    "Who",
    "checked_name",
    "fingerprint",
    "new_message_id",
    "user_name_for",
]

#: Messages kept for one person, the oldest dropped first: what the inbox shows, what
#: waits for an account without connection and what is pushed again. A pretend person
#: whom a bot writes to all night must not fill the memory.
MAX_KEPT_MESSAGES = 500

#: Longest name of a person, a room or a sub-account (characters); they become part
#: of ids. WeChat itself allows 32 for nicknames and rooms.
MAX_NAME_CHARACTERS = 64

#: Message ids start here, 2**62: all of them are beyond 2**53, so a client that makes
#: a floating-point number of an id damages each one, and not one in a thousand.
_FIRST_MESSAGE_ID = 1 << 62

_PLAIN_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "_-")

#: Gives as many random bytes as asked for, as hexadecimal digits.
RandomHex: TypeAlias = Callable[[int], str]


class Refused(ValueError):
    """What was asked for cannot be done; the text says why and what to do.

    In a command of a client the text becomes the ``msg`` of the refused reply, so it
    never holds a key, a token, device data or the text of a message.

    Args:
        text: why.
        status: status of the WeChat engine for the reply, or None for none.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class Kind(IntEnum):
    """Kinds of messages of the pretend WeChat (messages.toml, ``message_type``)."""

    TEXT = 1
    IMAGE = 3
    SYSTEM_TEXT = 10000
    SYSTEM_XML = 10002


def fingerprint(text: str) -> str:
    """Return 64 hexadecimal digits that stand for *text* and do not give it away."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def new_message_id(random_hex: RandomHex) -> str:
    """Make the id of a message: 63 bits as decimal digits (dialects.md, 4, "Ids")."""
    return str(_FIRST_MESSAGE_ID | int(random_hex(8), 16) % _FIRST_MESSAGE_ID)


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


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """Something that was written, before it is shown to one reader.

    Attributes:
        message_id: 64-bit id as decimal digits.
        kind: what it is.
        sender: who wrote it; a room for the system texts of that room.
        to: the person or room it was written to.
        content: the text, or the XML.
        sent_at: Unix time (seconds).
        small_image: base64 of the small picture, of an image.
        mentioned: wxids of the room members that are mentioned.
    """

    message_id: str
    kind: Kind
    sender: Person | Room
    to: Person | Room
    content: str = field(repr=False)
    sent_at: float
    small_image: str = field(default="", repr=False)
    mentioned: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Delivery:
    """A message as one reader has it.

    Attributes:
        message: the message.
        is_kept: whether no connection of the reader's account has taken it yet, so
            that it waits for the next login.
        pushed_at: Unix time (seconds) when one first took it; before that, and
            where there is no account, when it was sent.
    """

    message: Message
    is_kept: bool
    pushed_at: float

    def pushed(self, now: float) -> None:
        """Note that a connection has taken it; only the first time counts."""
        if self.is_kept:
            self.is_kept = False
            self.pushed_at = now


class Person:
    """One WeChat user. Made by :meth:`World.person`, never directly.

    Attributes:
        name: what the world calls them.
        user_name: wxid.
        nick_name: what others see.
        uin: numeric id.
        is_system: whether this is ``filehelper`` or ``weixin``.
        account: the sub-account that is logged in as this person, or None.
        contacts: the people they know, by wxid.
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
        # Nine digits or ten, as in the samples; unique enough for a pretend world.
        self.uin = 100_000_001 + int(fingerprint(self.user_name), 16) % 2_000_000_000
        self.is_system = is_system
        self.account: Account | None = None
        self.contacts: dict[str, Person] = {}
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
        return f"{self._world.base_url}/head/{self.user_name}"

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

    def sends_image(
        self, image: bytes, *, to: Who, small_image: bytes | None = None
    ) -> Message:
        """Send a picture from this person's telephone.

        Args:
            image: the file.
            to: the receiver; see :meth:`World.find`.
            small_image: the small picture that is pushed; made up when left out.

        Raises:
            Refused: as for :meth:`says`; the picture is empty or too large.
        """
        return self._world.mail.send_image(
            self,
            self._world.find(to),
            image,
            small_image=small_image,
            is_from_phone=True,
        )

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
