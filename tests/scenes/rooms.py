"""Scenes of area rooms."""

from __future__ import annotations

from unittest.mock import ANY

from padchat_twisted.catalogue import (
    AddedMember,
    AddRoomMember,
    Answer,
    CreatedRoom,
    CreateRoom,
    DeleteRoomMember,
    GetRoomMembers,
    GetRoomQrcode,
    InviteRoomMember,
    QrcodeImage,
    QuitRoom,
    RoomMember,
    RoomMembers,
    SetRoomAnnouncement,
    SetRoomName,
)
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.responders.rooms import (
    DONE,
    MEMBERS_WRONG,
    STATUS_NO_PERMISSION,
)

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

#: An id that no room of the sandbox has.
NO_ROOM = "1@chatroom"

NOT_IN_ROOM = "no room that the account is in"


def member(person: Person) -> RoomMember:
    """Return one of the first members, as the list has them."""
    return RoomMember(
        user_name=person.user_name,
        nick_name=person.nick_name,
        big_head=person.head_url,
        small_head=person.head_url,
    )


def create_room(cast: Cast) -> Scene:
    """Alice and bob are put into a new room; dave is no contact."""

    def check() -> None:
        room = list(cast.world.rooms.values())[-1]
        assert room.members == [cast.me, cast.alice, cast.bob]
        assert cast.alice.inbox[-1].content.endswith("to the group chat")

    alice, bob = cast.alice.user_name, cast.bob.user_name
    return Scene(
        CreateRoom((alice, bob)),
        CreatedRoom(message=DONE, user_name=ANY),
        refused=CreateRoom((alice, cast.dave.user_name)),
        because=MEMBERS_WRONG,
        is_success=True,
        check=check,
    )


def get_room_members(cast: Cast) -> Scene:
    """All members of a room; there is no room of the other id."""
    return Scene(
        GetRoomMembers(cast.room.user_name),
        RoomMembers(
            user_name=cast.room.user_name,
            chatroom_id=cast.room.version,
            count=3,
            member=(member(cast.me), member(cast.alice), member(cast.bob)),
        ),
        refused=GetRoomMembers(NO_ROOM),
        because="",
        status=STATUS_NO_PERMISSION,
        is_success=True,
    )


def add_room_member(cast: Cast) -> Scene:
    """Carol is added; a second time she is in the room already."""
    command = AddRoomMember(cast.room.user_name, cast.carol.user_name)

    def check() -> None:
        assert cast.room.has(cast.carol)

    return Scene(
        command,
        AddedMember(message=DONE),
        refused=command,
        because=MEMBERS_WRONG,
        is_success=True,
        check=check,
    )


def invite_room_member(cast: Cast) -> Scene:
    """Carol is invited, and follows the link; dave is no contact."""

    def check() -> None:
        invitation = cast.carol.inbox[-1]
        assert invitation.kind is MessageType.APP
        cast.carol.joins(invitation)
        assert cast.room.has(cast.carol)

    return Scene(
        InviteRoomMember(cast.room.user_name, cast.carol.user_name),
        Answer(),
        refused=InviteRoomMember(cast.room.user_name, cast.dave.user_name),
        because="no contact",
        check=check,
    )


def delete_room_member(cast: Cast) -> Scene:
    """The bot removes bob from its own room, and nobody from alice's."""

    def check() -> None:
        assert not cast.room.has(cast.bob)

    return Scene(
        DeleteRoomMember(cast.room.user_name, cast.bob.user_name),
        Answer(),
        refused=DeleteRoomMember(cast.club.user_name, cast.carol.user_name),
        because="only the owner",
        check=check,
    )


def quit_room(cast: Cast) -> Scene:
    """The bot leaves a room, which works once."""

    def check() -> None:
        assert not cast.club.has(cast.me)

    return Scene(
        QuitRoom(cast.club.user_name),
        Answer(),
        refused=QuitRoom(cast.club.user_name),
        because=NOT_IN_ROOM,
        status=STATUS_NO_PERMISSION,
        check=check,
    )


def set_room_announcement(cast: Cast) -> Scene:
    """All members are mentioned; in alice's room the bot announces nothing."""

    def check() -> None:
        assert cast.room.announcement == "We meet at nine"
        told = cast.alice.inbox[-1]
        assert told.content == "@All\nWe meet at nine"
        assert cast.alice.user_name in told.mentioned

    return Scene(
        SetRoomAnnouncement(cast.room.user_name, "We meet at nine"),
        Answer(),
        refused=SetRoomAnnouncement(cast.club.user_name, "We meet at ten"),
        because="only the owner",
        check=check,
    )


def set_room_name(cast: Cast) -> Scene:
    """The room has another name; there is no room of the other id."""

    def check() -> None:
        assert cast.room.nick_name == "Developers"

    return Scene(
        SetRoomName(cast.room.user_name, "Developers"),
        Answer(),
        refused=SetRoomName(NO_ROOM, "Nobody"),
        because=NOT_IN_ROOM,
        status=STATUS_NO_PERMISSION,
        check=check,
    )


def get_room_qrcode(cast: Cast) -> Scene:
    """The code of a room and how long it is good; there is no room of the other id."""
    return Scene(
        GetRoomQrcode(cast.room.user_name),
        QrcodeImage(qr_code=ANY, footer=ANY),
        refused=GetRoomQrcode(NO_ROOM),
        because=NOT_IN_ROOM,
        status=STATUS_NO_PERMISSION,
    )


SCENES: dict[str, MakeScene] = {
    "createRoom": create_room,
    "getRoomMembers": get_room_members,
    "addRoomMember": add_room_member,
    "inviteRoomMember": invite_room_member,
    "deleteRoomMember": delete_room_member,
    "quitRoom": quit_room,
    "setRoomAnnouncement": set_room_announcement,
    "setRoomName": set_room_name,
    "getRoomQrcode": get_room_qrcode,
}
