"""Scenes of area messages: sending them."""

from __future__ import annotations

import base64
from unittest.mock import ANY

from padchat_twisted.catalogue import (
    Done,
    SendAppMsg,
    SendImage,
    SendMsg,
    SendVoice,
    SentImage,
    SentMessage,
    SentVoice,
    ShareCard,
    SyncMsg,
)
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.binding import State

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

PICTURE = b"\x89PNG example"
VOICE = b"\x02#!SILK_V3 example"

LINK = (
    '<appmsg appid="" sdkver="0"><title>News</title><des>of today</des>'
    "<action>view</action><type>5</type><showtype>0</showtype><content></content>"
    "<url>https://example.invalid/</url><thumburl></thumburl></appmsg>"
)


def send_msg(cast: Cast) -> Scene:
    """The bot writes to alice; nobody has the other name."""

    def check() -> None:
        assert cast.alice.inbox[-1].content == "hi"

    return Scene(
        SendMsg(cast.alice.user_name, "hi"),
        SentMessage(msg_id=ANY),
        refused=SendMsg("wxid_nobody", "hi"),
        because="nobody in this world",
        check=check,
    )


def send_app_msg(cast: Cast) -> Scene:
    """The room gets a link; a text is no app message."""

    def check() -> None:
        message = cast.bob.inbox[-1]
        assert message.kind is MessageType.APP
        assert LINK in message.content

    return Scene(
        SendAppMsg(cast.room.user_name, LINK),
        SentMessage(msg_id=ANY),
        refused=SendAppMsg(cast.room.user_name, "a text"),
        because="content is no XML",
        check=check,
    )


def send_image(cast: Cast) -> Scene:
    """Alice gets a picture; nobody has the other name."""
    image = base64.b64encode(PICTURE).decode()

    def check() -> None:
        assert cast.alice.inbox[-1].kind is MessageType.IMAGE

    return Scene(
        SendImage(cast.alice.user_name, image),
        SentImage(msg_id=ANY, data=0, size=len(PICTURE)),
        refused=SendImage("wxid_nobody", image),
        because="nobody in this world",
        check=check,
    )


def send_voice(cast: Cast) -> Scene:
    """Alice gets a voice; nobody has the other name."""
    voice = base64.b64encode(VOICE).decode()

    def check() -> None:
        message = cast.alice.inbox[-1]
        assert (message.kind, message.data) == (MessageType.VOICE, voice)

    return Scene(
        SendVoice(cast.alice.user_name, voice, 3000),
        SentVoice(msg_id=ANY, data=len(VOICE), size=0),
        refused=SendVoice("wxid_nobody", voice, 3000),
        because="nobody in this world",
        check=check,
    )


def share_card(cast: Cast) -> Scene:
    """Alice gets the card of carol; dave's is not the bot's to give."""

    def check() -> None:
        assert cast.alice.inbox[-1].kind is MessageType.CARD

    to = cast.alice.user_name
    return Scene(
        ShareCard(to, content="Carol", user_id=cast.carol.user_name),
        SentMessage(msg_id=ANY),
        refused=ShareCard(to, content="Dave", user_id=cast.dave.user_name),
        because="does not know",
        check=check,
    )


def sync_msg(cast: Cast) -> Scene:
    """What alice wrote comes, and waits no more."""
    cast.alice.says("news", to=cast.me)

    def check() -> None:
        assert not cast.me.deliveries[-1].is_kept

    return Scene(
        SyncMsg(),
        Done(),
        refused=SyncMsg(),
        because="call init and login first",
        check=check,
        refused_at=State.INITIALISED,
    )


SCENES: dict[str, MakeScene] = {
    "sendMsg": send_msg,
    "sendAppMsg": send_app_msg,
    "sendImage": send_image,
    "sendVoice": send_voice,
    "shareCard": share_card,
    "syncMsg": sync_msg,
}
