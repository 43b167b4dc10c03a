"""The ways into a room: invitations that people follow, and codes that they scan.

PURE. No command does either, so only a telephone does. Source: commands.toml,
``inviteRoomMember`` and ``getRoomQrcode``; messages.toml, ``room_invitation``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import system_texts
from .app_messages import link
from .messages import Message
from .people import Person
from .refusals import Refused
from .rooms import Room

if TYPE_CHECKING:
    from .world import World

__all__ = ["CODE_DAYS", "MAX_INVITATIONS", "Invitations", "RoomCode"]

#: Invitations that can be followed, and codes that can be scanned: so many of each,
#: the oldest dropped first. A bot that invites everybody to everything must not fill
#: the memory.
MAX_INVITATIONS = 1000

#: How long the code of a room is good (days). Source: commands.toml, getRoomQrcode.
CODE_DAYS = 7

_SECONDS_OF_DAY = 24 * 3600

#: Path of the address in an invitation, by which clients know it (``url_marker``).
_INVITATION_PATH = "/cgi-bin/addchatroombyinvite"

#: Path of the address in a code, as WeChat has it.
_CODE_PATH = "/g/"


@dataclass(frozen=True, slots=True)
class RoomCode:
    """A QR code by which people join a room.

    Attributes:
        content: what the picture holds.
        room: the room.
        shared_by: the member who asked for it.
        expires_at: Unix time (seconds); at this moment the code is void.
    """

    content: str = field(repr=False)
    room: Room
    shared_by: Person
    expires_at: float


class Invitations:
    """The ways into the rooms of one world that are open.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._codes: OrderedDict[str, RoomCode] = OrderedDict()

    def send(self, inviter: Person, room: Room, person: Person) -> Message:
        """Invite *person* to *room*; they get a message with a link.

        Raises:
            Refused: *inviter* is no member, or *person* is one or cannot be invited.
        """
        if not room.has(inviter):
            raise Refused(f"{inviter.name} is not a member of {room.name}")
        if room.has(person):
            raise Refused(f"{person.name} is a member of {room.name} already")
        world = self._world
        language = world.settings.language
        title, description = system_texts.invitation(language, inviter, room)
        url = f"{world.base_url}{_INVITATION_PATH}?ticket={world.random_hex(16)}"
        parcel = link(
            inviter, url, title=title, description=description, thumb_url=room.head_url
        )
        message = world.mail.send(inviter, person, parcel)
        self._rooms[message.message_id] = room
        if len(self._rooms) > MAX_INVITATIONS:
            self._rooms.popitem(last=False)
        return message

    def accept(self, person: Person, message: Message) -> None:
        """Let *person* follow the invitation that *message* is; the members are told.

        Raises:
            Refused: it is none, is not for *person* or not valid any more; who sent
                it has left the room, or the room is full.
        """
        room = self._rooms.get(message.message_id)
        inviter = message.sender
        if room is None or message.to is not person or isinstance(inviter, Room):
            raise Refused(f"this is no invitation for {person.name}, or not any more")
        room.invite(person, by=inviter)
        del self._rooms[message.message_id]

    def make_code(self, member: Person, room: Room) -> RoomCode:
        """Make a QR code by which anybody can join *room*."""
        world = self._world
        content = f"{world.base_url}{_CODE_PATH}{world.random_hex(8)}"
        expires_at = world.now() + CODE_DAYS * _SECONDS_OF_DAY
        code = RoomCode(content, room, member, expires_at)
        self._codes[content] = code
        if len(self._codes) > MAX_INVITATIONS:
            self._codes.popitem(last=False)
        return code

    def scan(self, person: Person, content: str) -> None:
        """Let *person* join by a code; the members are told.

        Raises:
            Refused: it is no code of a room, or not any more; who shared it has left
                the room; the room is full, or its owner confirms who comes.
        """
        code = self._codes.get(content)
        if code is None or self._world.now() >= code.expires_at:
            raise Refused("this is no code of a room, or not any more")
        if code.room.needs_confirmation:
            raise Refused(f"the owner of {code.room.name} confirms who comes")
        code.room.join(person, code.shared_by, content)
