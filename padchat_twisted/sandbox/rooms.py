"""The rooms (group chats) of the pretend WeChat.

PURE. Driven from Python::

    dev = world.room("dev", members=["alice", "bot1"])
    dev.rename("Developers")
    dev.invite("bob", by="alice")
    dev.announce("We meet at nine")
    dev.remove("bot1")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue.message_types import MessageType
from . import system_texts, system_xml
from .fingerprints import fingerprint
from .people import MAX_NAME_CHARACTERS, Person, Who, checked_name
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "MAX_ANNOUNCEMENT_CHARACTERS",
    "MAX_DIRECT_MEMBERS",
    "MAX_ROOM_MEMBERS",
    "Membership",
    "Room",
    "room_id_for",
]

#: Most members of a room: WeChat's own limit (``maxMemberCount`` of the samples).
MAX_ROOM_MEMBERS = 500

#: Members from which on a room is too big to add somebody without asking them.
#: Source: commands.toml, ``addRoomMember``: "about 40 members".
MAX_DIRECT_MEMBERS = 40

#: Longest announcement of a room (characters). Ours: no source gives WeChat's limit.
MAX_ANNOUNCEMENT_CHARACTERS = 2000

#: ``chatroomId`` is a version number of nine digits that grows with each change.
_FIRST_VERSION = 700_000_001


def room_id_for(name: str) -> str:
    """Make the id of a room, always the same for the same name."""
    number = 10_000_000_000 + int(fingerprint(name)[:12], 16) % 90_000_000_000
    return f"{number}@chatroom"


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's place in a room.

    Attributes:
        person: the member.
        invited_by: wxid of who invited them; empty for the first members.
    """

    person: Person
    invited_by: str


class Room:
    """One room. Made by :meth:`World.room`, never directly.

    Attributes:
        name: what the world calls it.
        user_name: its id, ``...@chatroom``.
        nick_name: the name that its members see.
        owner: who made it, or None when nobody is left.
        version: ``chatroomId``, one more after each change.
        memberships: the members by wxid, the longest first.
        announcement: what was announced last; it does not outlive a restart.
    """

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self.name = name
        self.user_name = room_id_for(name)
        self.nick_name = name
        self.owner: Person | None = None
        self.version = _FIRST_VERSION
        self.memberships: dict[str, Membership] = {}
        self.announcement = ""
        self._needs_confirmation = False

    def __repr__(self) -> str:
        return f"<room {self.name!r} {self.user_name} of {len(self.memberships)}>"

    @property
    def head_url(self) -> str:
        """Address of the picture, below the world's ``base_url``."""
        return f"{self._world.base_url}/head/{self.user_name}"

    @property
    def members(self) -> list[Person]:
        """The members, the longest first."""
        return [membership.person for membership in self.memberships.values()]

    @property
    def needs_confirmation(self) -> bool:
        """Whether the owner has to confirm whom a member wants to invite."""
        return self._needs_confirmation

    @needs_confirmation.setter
    def needs_confirmation(self, is_on: bool) -> None:
        self._needs_confirmation = is_on
        self._world.changed()

    def has(self, person: Person) -> bool:
        """Tell whether *person* is a member."""
        return person.user_name in self.memberships

    def rename(self, nick_name: str, *, by: Who | None = None) -> None:
        """Give the room another name, which all members are told.

        Args:
            nick_name: the name.
            by: the member who does it; the owner when left out.

        Raises:
            Refused: *by* is no member; the room is empty; the name is empty or long.
        """
        actor = self._actor(by)
        self.nick_name = checked_name(nick_name)
        self._changed()
        self._tell(
            self.members,
            lambda reader: system_texts.renamed(
                self._world.settings.language, reader, actor, nick_name
            ),
        )

    def invite(self, *people: Who, by: Who | None = None) -> None:
        """Add people, which all members are told. Who is a member already stays one.

        Args:
            people: the newcomers; an unknown name becomes a new person.
            by: the member who does it; the owner when left out.

        Raises:
            Refused: *by* is no member; the room is empty, or would be too large.
        """
        actor = self._actor(by)
        invitees = self.add([self._world.someone(who) for who in people], actor)
        if invitees:
            self._tell_invited(actor, invitees)

    def join(self, person: Person, by: Person, code: str) -> None:
        """Let *person* in, who scanned the *code* that *by* shared; all are told.

        Raises:
            Refused: *by* is no member, *person* is one; the room would be too large.
        """
        self._member(by)
        if not self.add([person], by):
            raise Refused(f"{person.name} is a member of {self.name} already")
        language = self._world.settings.language
        self._tell_joined(
            by,
            [person],
            lambda reader: system_texts.joined_by_code(language, reader, by, person),
            code,
        )

    def begin(self, owner: Person, people: Sequence[Person]) -> None:
        """Be filled by its *owner* with *people*, which all are told.

        Raises:
            Refused: a system account, or more members than a room can have.
        """
        names = ", ".join(person.nick_name for person in (owner, *people))
        self.nick_name = names[:MAX_NAME_CHARACTERS]
        self.add([owner, *people], owner)
        self._tell_invited(owner, people)

    def announce(self, text: str, *, by: Who | None = None) -> None:
        """Set the announcement, which a message brings to all and mentions them.

        Args:
            text: the announcement.
            by: who does it: the owner, for nobody else may.

        Raises:
            Refused: *by* is not the owner; the text is empty or too long.
        """
        actor = self._actor(by)
        if actor is not self.owner:
            raise Refused(f"only the owner of {self.name} can announce something")
        if not 0 < len(text) <= MAX_ANNOUNCEMENT_CHARACTERS:
            raise Refused(
                f"an announcement has 1 to {MAX_ANNOUNCEMENT_CHARACTERS} characters"
            )
        self.announcement = text
        message = system_texts.announced(self._world.settings.language, text)
        others = [name for name in self.memberships if name != actor.user_name]
        self._world.mail.send_text(actor, self, message, mentioned=others)

    def remove(self, person: Who, *, by: Who | None = None) -> None:
        """Remove a member, which they and who did it are told.

        Args:
            person: the member.
            by: who does it: the owner, for nobody else may.

        Raises:
            Refused: *person* is no member or is *by*; *by* is not the owner.
        """
        actor = self._actor(by)
        leaver = self._member(person)
        if actor is not self.owner:
            raise Refused(f"only the owner of {self.name} can remove somebody")
        if leaver is actor:
            raise Refused(f"{leaver.name} cannot be removed by themselves: use leave()")
        before = self.members
        self._drop(leaver)
        self._tell(
            before,
            lambda reader: system_texts.removed(
                self._world.settings.language, reader, actor, [leaver]
            ),
        )

    def leave(self, person: Who) -> None:
        """Let a member go by choice; the next one owns the room if the owner goes.

        Raises:
            Refused: *person* is no member.
        """
        leaver = self._member(person)
        was_owner = leaver is self.owner
        self._drop(leaver)
        if was_owner and self.owner is not None:
            owner = self.owner
            self._tell(
                [owner],
                lambda reader: system_texts.new_owner(
                    self._world.settings.language, reader, owner
                ),
            )

    def add(self, people: list[Person], by: Person | None) -> list[Person]:
        """Make *people* members, without a text; return who was none before.

        Raises:
            Refused: a system account, or more members than a room can have.
        """
        newcomers = {
            person.user_name: Membership(
                person, by.user_name if by and by is not person else ""
            )
            for person in people
            if not self.has(person)
        }
        if any(newcomer.person.is_system for newcomer in newcomers.values()):
            raise Refused("system and official accounts cannot be members of a room")
        if len(self.memberships) + len(newcomers) > MAX_ROOM_MEMBERS:
            raise Refused(f"a room has at most {MAX_ROOM_MEMBERS} members")
        self.memberships.update(newcomers)
        if self.owner is None:
            self.owner = next(iter(self.members), None)
        if newcomers:
            self._changed()
        return [newcomer.person for newcomer in newcomers.values()]

    def _actor(self, by: Who | None) -> Person:
        if by is not None:
            return self._member(by)
        if self.owner is None:
            raise Refused(f"nobody is left in {self.name} to do it")
        return self.owner

    def _member(self, who: Who) -> Person:
        person = self._world.find(who)
        if isinstance(person, Room) or not self.has(person):
            raise Refused(f"{person.name} is not a member of {self.name}")
        return person

    def _drop(self, leaver: Person) -> None:
        del self.memberships[leaver.user_name]
        if leaver is self.owner:
            self.owner = next(iter(self.members), None)
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._world.contact_changed(self, self.members)

    def _tell_invited(self, actor: Person, invitees: Sequence[Person]) -> None:
        language = self._world.settings.language
        self._tell_joined(
            actor,
            invitees,
            lambda reader: system_texts.joined(language, reader, actor, invitees),
        )

    def _tell_joined(
        self,
        actor: Person,
        newcomers: Sequence[Person],
        text_for: Callable[[Person], str],
        code: str = "",
    ) -> None:
        """Tell all who came; the account of *actor* can take it back, and is told whom.

        Source: messages.toml, ``sysmsg`` of type ``delchatroommember``; the room's id
        stands before it (``message_type`` 10002).
        """
        if actor.account is None:
            self._tell(self.members, text_for)
            return
        self._tell([one for one in self.members if one is not actor], text_for)
        undo = system_texts.take_back(self._world.settings.language)
        xml = system_xml.members_joined(text_for(actor), undo, newcomers, code)
        content = f"{self.user_name}:\n{xml}"
        self._world.tell(actor, content, sender=self, kind=MessageType.SYSMSG)

    def _tell(
        self, readers: list[Person], text_for: Callable[[Person], str | None]
    ) -> None:
        for reader in readers:
            if text := text_for(reader):
                self._world.tell(reader, text, sender=self)
