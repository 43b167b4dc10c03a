"""How each kind of message comes about that people of the pretend WeChat can cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from padchat_twisted.catalogue import (
    AppMessage,
    CardMessage,
    Contact,
    EmoticonMessage,
    FileMessage,
    FriendConfirmText,
    FriendRequest,
    FriendVerify,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    MiniProgramMessage,
    PushItem,
    QuoteMessage,
    RecalledMessage,
    RedPacketMessage,
    RoomInvitation,
    RoomJoin,
    RoomLeave,
    RoomRename,
    ShortVideo,
    StatusNotify,
    TextMessage,
    TransferMessage,
    VideoMessage,
    VoiceMessage,
    VoipMessage,
)

from .cast import Cast

__all__ = ["PUSHES"]

#: The smallest picture that is one.
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9"


def friend_confirm(cast: Cast) -> None:
    """Dave accepts the bot's request."""
    cast.me.asks(cast.dave)
    cast.dave.accepts(cast.me)


def mini_program(cast: Cast) -> None:
    """Alice shares a mini program."""
    cast.alice.sends_mini_program(
        title="Weather of today",
        name="Weather",
        user_name="gh_weather@app",
        app_id="wx0000000000000001",
        page_path="pages/index",
        to=cast.me,
    )


def friend_verify(cast: Cast) -> None:
    """The bot writes to somebody who deleted it."""
    cast.alice.deletes(cast.me)
    cast.me.says("hello?", to=cast.alice)


def room_invitation(cast: Cast) -> None:
    """Alice sends the bot an invitation to a room."""
    party = cast.world.room("party", members=[cast.alice, cast.carol])
    cast.world.invitations.send(cast.alice, party, cast.me)


#: What makes the bot get an item of each class.
PUSHES: Mapping[type[PushItem], Callable[[Cast], object]] = {
    TextMessage: lambda cast: cast.alice.says("hello", to=cast.me),
    FriendConfirmText: friend_confirm,
    ImageMessage: lambda cast: cast.alice.sends_image(PICTURE, to=cast.me),
    VoiceMessage: lambda cast: cast.alice.sends_voice(b"\x02#!SILK_V3", to=cast.me),
    FriendRequest: lambda cast: cast.dave.asks(cast.me, "hi, I am dave"),
    CardMessage: lambda cast: cast.alice.sends_card(cast.carol, to=cast.me),
    VideoMessage: lambda cast: cast.alice.sends_video(b"\0\0\0\x18ftyp", to=cast.me),
    ShortVideo: lambda cast: cast.alice.sends_video(
        b"\0\0\0\x18ftyp", to=cast.me, is_short=True
    ),
    EmoticonMessage: lambda cast: cast.alice.sends_emoticon(PICTURE, to=cast.me),
    LocationMessage: lambda cast: cast.alice.sends_location(
        39.9, 116.4, label="No. 1", name="The square", to=cast.me
    ),
    AppMessage: lambda cast: cast.alice.sends_chat_history(
        "What was said", [cast.alice.says("hello", to=cast.me)], to=cast.me
    ),
    LinkMessage: lambda cast: cast.alice.sends_link(
        "http://example.invalid/", title="A page", to=cast.me
    ),
    FileMessage: lambda cast: cast.alice.sends_file("a.txt", b"text", to=cast.me),
    MiniProgramMessage: mini_program,
    QuoteMessage: lambda cast: cast.alice.quotes(
        cast.alice.says("hello", to=cast.me), "I mean you", to=cast.me
    ),
    TransferMessage: lambda cast: cast.alice.transfers(100, to=cast.me),
    RedPacketMessage: lambda cast: cast.alice.sends_red_packet(100, to=cast.me),
    VoipMessage: lambda cast: cast.alice.calls(cast.me),
    StatusNotify: lambda cast: cast.me.opens(cast.alice),
    RoomInvitation: room_invitation,
    FriendVerify: friend_verify,
    RoomJoin: lambda cast: cast.room.invite(cast.carol, by=cast.alice),
    RoomRename: lambda cast: cast.room.rename("Developers", by=cast.alice),
    RoomLeave: lambda cast: cast.club.remove(cast.me, by=cast.alice),
    RecalledMessage: lambda cast: cast.alice.recalls(
        cast.alice.says("nonsense", to=cast.me)
    ),
    Contact: lambda cast: cast.world.befriend(cast.me, cast.dave),
}
