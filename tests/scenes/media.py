"""Scenes of area media."""

from __future__ import annotations

import base64

from padchat_twisted.catalogue import (
    GetMsgImage,
    GetMsgVideo,
    GetMsgVoice,
    MessageImage,
    MessageVideo,
    MessageVoice,
)

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

CONTENT = bytes(range(256))
ENCODED = base64.b64encode(CONTENT).decode()


def get_msg_image(cast: Cast) -> Scene:
    """Alice's picture comes whole; the one for bob is not the bot's."""
    mine = cast.alice.sends_image(CONTENT, to=cast.me)
    other = cast.alice.sends_image(CONTENT, to=cast.bob)
    return Scene(
        GetMsgImage(cast.item(mine)),
        MessageImage(image=ENCODED, size=len(CONTENT)),
        refused=GetMsgImage(cast.item(other)),
        because="there is no image",
    )


def get_msg_video(cast: Cast) -> Scene:
    """Alice's video comes; a voice is none."""
    video = cast.alice.sends_video(CONTENT, to=cast.room)
    voice = cast.alice.sends_voice(CONTENT, to=cast.room)
    return Scene(
        GetMsgVideo(cast.item(video)),
        MessageVideo(video=ENCODED, size=len(CONTENT)),
        refused=GetMsgVideo(cast.item(voice)),
        because="there is no video",
    )


def get_msg_voice(cast: Cast) -> Scene:
    """Alice's voice comes; a text has none."""
    voice = cast.alice.sends_voice(CONTENT, to=cast.me)
    text = cast.alice.says("hello", to=cast.me)
    return Scene(
        GetMsgVoice(cast.item(voice)),
        MessageVoice(voice=ENCODED, size=len(CONTENT)),
        refused=GetMsgVoice(cast.item(text)),
        because="there is no voice",
    )


SCENES: dict[str, MakeScene] = {
    "getMsgImage": get_msg_image,
    "getMsgVideo": get_msg_video,
    "getMsgVoice": get_msg_voice,
}
