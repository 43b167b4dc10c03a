"""What is put into the mail besides texts: pictures, voices, cards, places, ...

PURE. The XML has all attributes of messages.toml (``xml_shape``). What the sandbox has
no use for (keys and ids of files on WeChat's servers) is made of the file itself.
App messages are in :mod:`.app_messages`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from ..catalogue.message_types import MessageType
from ..catalogue.sending import MAX_VOICE_BYTES, MAX_VOICE_MILLISECONDS
from .fingerprints import fingerprint
from .images import small_image_of
from .markup import cdata, element, text
from .messages import Message
from .refusals import Refused
from .shelf import Medium

if TYPE_CHECKING:
    from .people import Person
    from .rooms import Room

__all__ = [
    "MAX_PUSHED_VOICE_BYTES",
    "MAX_VIDEO_BYTES",
    "Game",
    "Parcel",
    "call",
    "card",
    "emoticon",
    "image",
    "location",
    "opened",
    "recall",
    "video",
    "voice",
]

#: Largest voice that is pushed with its message (bytes); larger ones are fetched.
#: Source: messages.toml, type 34: "up to about 30 kB".
MAX_PUSHED_VOICE_BYTES = 30 * 1024

#: Largest video (bytes). Ours: as base64 it still fits into one frame of the wire.
MAX_VIDEO_BYTES = 20 * 1024 * 1024

#: Side of the small picture that is said to be on WeChat's servers (pixels).
_SMALL_SIDE = 120

#: How a card was come by. Source: messages.toml, type 42, "@scene".
_SCENE_CARD = 17

#: Verification flag of official accounts, of which only that it is not 0 is known.
_VERIFIED = 24

#: Ids of the element ``op``. Source: messages.toml, type 51.
_ENTERED, _LEFT = 2, 5

#: The short id of a message is what of its id a signed number of 32 bits holds.
_SHORT_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a message is made of.

    Attributes:
        kind: what it is.
        content: the text, or the XML.
        summary: see :class:`.messages.Message`, as ``data`` and ``file_name``.
        medium: what the file is, None where there is none.
        file: the file that can be fetched.
    """

    kind: MessageType
    content: str = field(repr=False)
    summary: str = field(default="", repr=False)
    data: str = field(default="", repr=False)
    file_name: str = field(default="", repr=False)
    medium: Medium | None = None
    file: bytes = field(default=b"", repr=False)


class Game(IntEnum):
    """The games that are played by sticker."""

    NONE = 0
    ROCK_PAPER_SCISSORS = 1
    DICE = 2


def image(
    content: bytes, *, small_image: bytes | None = None, file_name: str = ""
) -> Parcel:
    """Pack a picture.

    Args:
        content: the file.
        small_image: the small picture; see :func:`.images.small_image_of`.
        file_name: its name.

    Raises:
        Refused: it is empty or too large.
    """
    data = small_image_of(content, small_image)
    md5 = _md5(content)
    described = element(
        "img",
        aeskey=_key(md5),
        encryver=1,
        cdnthumburl=_place(md5, "thumb"),
        cdnthumblength=len(data) * 3 // 4 - data[-2:].count("="),
        cdnthumbwidth=_SMALL_SIDE,
        cdnthumbheight=_SMALL_SIDE,
        cdnmidimgurl=_place(md5, "mid"),
        cdnbigimgurl=_place(md5, "big"),
        length=len(content),
        hdlength=len(content),
        md5=md5,
    )
    return Parcel(
        MessageType.IMAGE,
        element("msg", described),
        "[image]",
        data=data,
        file_name=file_name,
        medium=Medium.IMAGE,
        file=content,
    )


def voice(sender: Person, content: bytes, milliseconds: int) -> Parcel:
    """Pack a voice.

    Args:
        sender: who speaks.
        content: the file, in silk format.
        milliseconds: its length.

    Raises:
        Refused: it is empty, too large or too long.
    """
    _check_size("voice", content, MAX_VOICE_BYTES)
    if not 0 <= milliseconds <= MAX_VOICE_MILLISECONDS:
        raise Refused(f"a voice has 0 to {MAX_VOICE_MILLISECONDS} milliseconds")
    md5 = _md5(content)
    described = element(
        "voicemsg",
        endflag=1,
        cancelflag=0,
        voiceformat=4,
        voicelength=milliseconds,
        length=len(content),
        bufid=int(md5[:15], 16),
        clientmsgid=_key(md5),
        fromusername=sender.user_name,
    )
    is_pushed = len(content) <= MAX_PUSHED_VOICE_BYTES
    return Parcel(
        MessageType.VOICE,
        element("msg", described),
        "[voice]",
        data=base64.b64encode(content).decode("ascii") if is_pushed else "",
        medium=Medium.VOICE,
        file=content,
    )


def video(sender: Person, content: bytes, seconds: int, *, is_short: bool) -> Parcel:
    """Pack a video.

    Args:
        sender: whose it is.
        content: the file.
        seconds: its length.
        is_short: whether it is a "short video" (type 62).

    Raises:
        Refused: it is empty or too large, or its length is below 0.
    """
    _check_size("video", content, MAX_VIDEO_BYTES)
    if seconds < 0:
        raise Refused("a video has 0 or more seconds")
    md5 = _md5(content)
    described = element(
        "videomsg",
        aeskey=_key(md5),
        cdnvideourl=_place(md5, "video"),
        cdnthumburl=_place(md5, "thumb"),
        cdnthumbwidth=_SMALL_SIDE,
        cdnthumbheight=_SMALL_SIDE,
        length=len(content),
        playlength=seconds,
        md5=md5,
        fromusername=sender.user_name,
    )
    return Parcel(
        MessageType.SHORT_VIDEO if is_short else MessageType.VIDEO,
        element("msg", described),
        "[video]",
        medium=Medium.VIDEO,
        file=content,
    )


def emoticon(
    sender: Person,
    to: Person | Room,
    content: bytes,
    *,
    url: str = "",
    is_animated: bool = False,
    game: Game = Game.NONE,
    game_result: int = 0,
) -> Parcel:
    """Pack a sticker, whose picture no command fetches.

    Args:
        sender: who sends it.
        to: the receiver.
        content: the file, of which the XML has size and hash.
        url: where it is.
        is_animated: whether it moves.
        game: which game it belongs to.
        game_result: how that ended.
    """
    described = element(
        "emoji",
        fromusername=sender.user_name,
        tousername=to.user_name,
        type=2 if is_animated else 1,
        md5=_md5(content),
        len=len(content),
        cdnurl=url,
        width=_SMALL_SIDE,
        height=_SMALL_SIDE,
    )
    played = element("gameext", type=int(game), content=game_result)
    return Parcel(MessageType.EMOTICON, element("msg", described, played), "[sticker]")


def location(
    sender: Person,
    latitude: float,
    longitude: float,
    *,
    label: str = "",
    name: str = "",
    scale: int = 16,
) -> Parcel:
    """Pack a place.

    Args:
        sender: whose message it is.
        latitude: degrees, north is positive.
        longitude: degrees, east is positive.
        label: its address.
        name: its name.
        scale: zoom of the map.

    Raises:
        Refused: there is no such place on the globe.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused("latitudes go from -90 to 90, longitudes from -180 to 180")
    described = element(
        "location",
        x=latitude,
        y=longitude,
        scale=scale,
        label=label,
        maptype=0,
        poiname=name,
        fromusername=sender.user_name,
    )
    return Parcel(MessageType.LOCATION, element("msg", described), f"[location] {name}")


def card(person: Person, ticket: str, *, is_known: bool, title: str = "") -> Parcel:
    """Pack the contact card of somebody.

    Args:
        person: whose card it is.
        ticket: the v2 code, with which a receiver may ask *person*.
        is_known: whether the receivers know *person*; who does not sees the v1 code.
        title: what stands on it; the nickname when left out.
    """
    profile = person.profile
    described = element(
        "msg",
        username=person.user_name if is_known else person.stranger,
        antispamticket=ticket,
        nickname=title or person.nick_name,
        alias=profile.alias,
        province=profile.provincia,
        city=profile.city,
        sign=profile.signature,
        sex=profile.sex,
        certflag=_VERIFIED if person.user_name.startswith("gh_") else 0,
        bigheadimgurl=person.head_url,
        smallheadimgurl=person.head_url,
        scene=_SCENE_CARD,
    )
    return Parcel(MessageType.CARD, described, f"[card] {title or person.nick_name}")


def call(now: float, *, is_video: bool, seconds: int) -> Parcel:
    """Pack what tells of a call: several roots in a row, as WeChat writes it.

    Args:
        now: when it rings (Unix time, seconds).
        is_video: whether it has a picture.
        seconds: how long they talked; 0 while it rings.
    """
    invitation = element(
        "voipinvitemsg",
        element("status", text(2 if seconds else 1)),
        element("invitetype", text(0 if is_video else 1)),
    )
    when = element("voipextinfo", element("recvtime", text(int(now))))
    talk = element("voiplocalinfo", element("duration", text(seconds)))
    return Parcel(MessageType.VOIP, f"{invitation}{when}{talk}")


def opened(conversation: Person | Room, *, is_left: bool) -> Parcel:
    """Pack what the own telephone tells when a conversation is entered or left."""
    operation = element(
        "op",
        element("username", text(conversation.user_name)),
        id=_LEFT if is_left else _ENTERED,
    )
    return Parcel(MessageType.STATUS_NOTIFY, element("msg", operation))


def recall(conversation: Person | Room, recalled: Message, told: str) -> Parcel:
    """Pack what tells that a message was recalled.

    Args:
        conversation: where it was: the room, else who wrote it.
        recalled: the message.
        told: what is shown in its place.

    Source: messages.toml, ``sysmsg``, type revokemsg.
    """
    body = element(
        "revokemsg",
        element("session", text(conversation.user_name)),
        element("msgid", text(int(recalled.message_id) & _SHORT_ID)),
        element("newmsgid", text(recalled.message_id)),
        element("replacemsg", cdata(told)),
    )
    return Parcel(MessageType.SYSMSG, element("sysmsg", body, type="revokemsg"))


def _check_size(what: str, content: bytes, limit: int) -> None:
    if not content:
        raise Refused(f"the {what} is empty")
    if len(content) > limit:
        raise Refused(f"the {what} is larger than {limit} bytes")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _key(md5: str) -> str:
    return fingerprint(f"{md5} key")[:32]


def _place(md5: str, part: str) -> str:
    """Make the id of a file on WeChat's servers, which looks like hexadecimal."""
    return fingerprint(f"{md5} {part}")
