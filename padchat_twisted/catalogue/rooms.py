"""Area rooms: group chats and who is in them."""

from __future__ import annotations

from msgspec import Struct

from .base import Command, Result, describe, json_list, lenient

__all__ = ["GetRoomMembers", "RoomMember", "RoomMembers"]


class RoomMember(Struct, frozen=True, rename="camel", gc=False):
    """One member of a room. Source: commands.toml, type RoomMember."""

    user_name: str = ""
    nick_name: str = ""
    chatroom_nick_name: str = ""
    big_head: str = ""
    small_head: str = ""
    invited_by: str = ""

    def __repr__(self) -> str:
        return describe(self)


class RoomMembers(Result, frozen=True, gc=False):
    """The members of a room.

    Args:
        user_name: id of the room.
        chatroom_id: version of the room; 0 with ``count`` 0 after we left it.
        count: number of members.
        member: a list, or JSON text of one; ``members`` reads both.
        message: text of the WeChat engine, informational.
        status: status of the WeChat engine, 0 on success.

    Source: seed README; commands.toml, getRoomMembers; open-questions.md, Q56.
    """

    user_name: str = ""
    chatroom_id: int = 0
    count: int = 0
    member: tuple[RoomMember, ...] | str | None = ()
    message: str = ""
    status: int = 0

    @property
    def members(self) -> tuple[RoomMember, ...]:
        """The members, however the gateway wrote them; empty when unreadable."""
        if isinstance(self.member, tuple) and self.member:
            return self.member
        found = self.member or self.raw.get("member")
        if isinstance(found, str):
            found = json_list(found)
        if not isinstance(found, list):
            return ()
        return tuple(lenient(RoomMember, m) for m in found if isinstance(m, dict))


class GetRoomMembers(Command[RoomMembers], frozen=True):
    """List the members of a room.

    Args:
        group_id: id of the room, ``...@chatroom``.

    Source: PADCHAT index.js.
    """

    group_id: str
