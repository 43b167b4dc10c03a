"""Area rooms: group chats and who is in them."""

from __future__ import annotations

from .base import Answer, Command, Part
from .contacts import QrcodeImage
from .parameters import Dialect

__all__ = [
    "MIN_ROOM_FRIENDS",
    "AddRoomMember",
    "AddedMember",
    "CreateRoom",
    "CreatedRoom",
    "DeleteRoomMember",
    "GetRoomMembers",
    "GetRoomQrcode",
    "InviteRoomMember",
    "QuitRoom",
    "RoomMember",
    "RoomMembers",
    "SetRoomAnnouncement",
    "SetRoomName",
]

#: What the engine says when it did what was asked of it. Source: commands.toml,
#: createRoom and addRoomMember.
EVERYTHING_IS_OK = "everything is ok"

#: Contacts that a new room must have, besides the account. Source: commands.toml,
#: createRoom.
MIN_ROOM_FRIENDS = 2


class RoomMember(Part, frozen=True, gc=False):
    """One member of a room.

    Args:
        user_name: WeChat id.
        nick_name: nickname.
        chatroom_nick_name: name inside the room, empty when there is none.
        big_head: large avatar.
        small_head: small avatar.
        invited_by: WeChat id of who invited them, empty for who made the room.

    Source: commands.toml, type RoomMember.
    """

    user_name: str = ""
    nick_name: str = ""
    chatroom_nick_name: str = ""
    big_head: str = ""
    small_head: str = ""
    invited_by: str = ""


class RoomMembers(Answer, frozen=True, gc=False):
    """The members of a room.

    Args:
        user_name: id of the room.
        chatroom_id: version of the room; 0 with ``count`` 0 after we left it.
        count: number of members.
        member: who is in it, however the gateway wrote them.

    Source: seed README; commands.toml, getRoomMembers; open-questions.md, Q56.
    """

    user_name: str = ""
    chatroom_id: int = 0
    count: int = 0
    member: tuple[RoomMember, ...] = ()

    @property
    def members(self) -> tuple[RoomMember, ...]:
        """The same as ``member``, named as in ``Contact``."""
        return self.member


class GetRoomMembers(Command[RoomMembers], frozen=True):
    """List the members of a room.

    Args:
        group_id: id of the room, ``...@chatroom``.

    Source: PADCHAT index.js.
    """

    group_id: str


class CreatedRoom(Answer, frozen=True, gc=False):
    """The result of ``CreateRoom``.

    Args:
        user_name: id of the new room; empty when it failed. Success must be judged by
            this field.

    Source: commands.toml, createRoom.
    """

    user_name: str = ""

    @property
    def was_done(self) -> bool:
        """Whether there is a room: only its id tells."""
        return bool(self.user_name)


class CreateRoom(Command[CreatedRoom], frozen=True):
    """Create a room with the given contacts.

    Args:
        user_list: wxids of at least two contacts.

    Source: commands.toml, createRoom; dialect ``legacy`` spells it ``userIds``.
    """

    user_list: tuple[str, ...]

    changes_world = True

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell when the contacts are too few."""
        count = len(set(self.user_list))
        if count < MIN_ROOM_FRIENDS:
            expected = f"expected at least {MIN_ROOM_FRIENDS} contacts"
            return f"user_list: found {count}, {expected}"
        return None


class AddedMember(Answer, frozen=True, gc=False):
    """The result of ``AddRoomMember``; ``was_done`` tells whether somebody was added.

    Source: commands.toml, addRoomMember.
    """

    @property
    def was_done(self) -> bool:
        """Whether the engine did it: its text says so, its status does not."""
        return self.status == 0 and self.message.lower() == EVERYTHING_IS_OK


class AddRoomMember(Command[AddedMember], frozen=True):
    """Add a contact to a room directly (small rooms).

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        user_id: wxid of the user.

    Source: commands.toml, addRoomMember.
    """

    group_id: str
    user_id: str

    changes_world = True


class InviteRoomMember(Command[Answer], frozen=True):
    """Send a contact an invitation to a room.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        user_id: wxid of the user.

    Source: commands.toml, inviteRoomMember.
    """

    group_id: str
    user_id: str

    changes_world = True


class DeleteRoomMember(Command[Answer], frozen=True):
    """Remove a member from a room that the account owns.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        user_id: wxid of the user.

    Source: commands.toml, deleteRoomMember.
    """

    group_id: str
    user_id: str

    changes_world = True


class QuitRoom(Command[Answer], frozen=True):
    """Leave a room.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.

    Source: commands.toml, quitRoom.
    """

    group_id: str

    changes_world = True


class SetRoomAnnouncement(Command[Answer], frozen=True):
    """Set the announcement of a room; WeChat mentions all members.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        content: text of the announcement.

    Source: commands.toml, setRoomAnnouncement.
    """

    group_id: str
    content: str

    dialects = ("sdk",)
    changes_world = True


class SetRoomName(Command[Answer], frozen=True):
    """Rename a room.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        content: new name.

    Source: commands.toml, setRoomName.
    """

    group_id: str
    content: str

    dialects = ("sdk",)
    changes_world = True


class GetRoomQrcode(Command[QrcodeImage], frozen=True):
    """Read the join QR code of a room as an image.

    Args:
        group_id: room id, with its ``@chatroom`` suffix.
        style: style of the QR code; the reference client always sends 0.

    Source: commands.toml, getRoomQrcode.
    """

    group_id: str
    style: int = 0

    dialects = ("sdk",)
