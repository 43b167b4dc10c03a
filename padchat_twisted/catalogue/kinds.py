"""The kinds of pushed items: the class of each type, and what finds its meaning.

Where that is in the content, an item is read in two passes: the first takes its fields
as all messages have them, the second makes the message that is handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import field
from msgspec.structs import astuple

from ..wire.json_pushes import MARKERS
from . import app_messages as app
from . import xml_messages as xml
from .contacts import Contact
from .media_messages import (
    EmoticonMessage,
    ImageMessage,
    ShortVideo,
    VideoMessage,
    VoiceMessage,
)
from .messages import (
    AvatarMessage,
    ErrorMessage,
    FriendConfirmText,
    Message,
    PossibleFriend,
    PushItem,
    SelfProfile,
    StatusMessage,
    SysNotice,
    TextMessage,
    UnparsedMessage,
    VoipInvite,
    VoipNotify,
)
from .system_messages import SystemMessage, refine_sysmsg, refine_system
from .system_texts import CONFIRMING_TEXTS
from .xml_text import MAX_XML_LENGTH

__all__ = [
    "CONFIRMING_LENGTHS",
    "KINDS",
    "MARKER_CLASSES",
    "MAX_PUSH_XML_LENGTH",
    "UNFINISHED",
    "Kind",
    "Marker",
    "refine",
]

ItemClass: TypeAlias = type[PushItem]
Refine: TypeAlias = Callable[[Any], PushItem]


class Kind(NamedTuple):
    """How items of one type are read.

    Args:
        type: their type.
        first: the class of the first pass.
        refine: makes the item of it that is handed out; None when it is that already.
    """

    type: int
    first: ItemClass
    refine: Refine | None = None


def _plain(kind: ItemClass, refine: Refine | None = None) -> Kind:
    tag = kind.__struct_config__.tag
    assert isinstance(tag, int)  # noqa: S101 - of our own classes
    return Kind(tag, kind, refine)


def _read_twice(tag: int, refine: Refine) -> Kind:
    return Kind(tag, _tagged("Unread", Message, tag), refine)


def _tagged(name: str, base: ItemClass, tag: int) -> ItemClass:
    made: Any = msgspec.defstruct(
        f"{name}{tag}",
        [],
        bases=(base,),
        module=__name__,
        frozen=True,
        gc=False,
        tag_field="msgType",
        tag=tag,
    )
    item: ItemClass = made
    return item


def _confirming(item: TextMessage) -> TextMessage:
    if item.content in CONFIRMING_TEXTS:
        return FriendConfirmText(*astuple(item))
    return item


#: All kinds by type. Source: messages.toml, [[message_type]].
KINDS: dict[int, Kind] = {
    kind.type: kind
    for kind in (
        _plain(ErrorMessage),
        _plain(StatusMessage),
        _plain(TextMessage, _confirming),
        _plain(Contact),
        _plain(ImageMessage),
        _plain(VoiceMessage),
        _plain(AvatarMessage),
        _read_twice(37, xml.refine_friend_request),
        _plain(PossibleFriend),
        _read_twice(42, xml.refine_card),
        _plain(VideoMessage),
        _plain(EmoticonMessage),
        _read_twice(48, xml.refine_location),
        _read_twice(49, app.refine_app),
        _read_twice(50, xml.refine_voip),
        _read_twice(51, xml.refine_status_notify),
        _plain(VoipNotify),
        _plain(VoipInvite),
        _plain(ShortVideo),
        _plain(SelfProfile),
        _read_twice(2000, app.refine_transfer),
        _read_twice(2001, app.refine_red_packet),
        _read_twice(3000, app.refine_room_invite),
        _plain(SysNotice),
        _plain(SystemMessage, refine_system),
        _read_twice(10002, refine_sysmsg),
    )
}


class Marker(PushItem, frozen=True, gc=False):
    """Marks a place in a synchronisation; never handed out."""

    status: int | None = None
    continues: int | None = field(default=None, name="continue")
    uin: int | None = None


#: Their classes.
MARKER_CLASSES = tuple(_tagged("Marker", Marker, tag) for tag in MARKERS)

_REFINES = {kind.first: kind.refine for kind in KINDS.values() if kind.refine}
#: Classes of the first pass that always need the second one.
UNFINISHED = frozenset((*_REFINES, *MARKER_CLASSES)) - {TextMessage}

#: Types whose meaning is in XML, by the class of the first pass.
_XML_TYPES = {
    kind.first: kind.type
    for kind in KINDS.values()
    if kind.refine and kind.first not in (TextMessage, SystemMessage)
}

#: Most XML that is read of one push (characters): four of the longest messages, which
#: take some ten milliseconds. A frame may hold a hundred times as much.
MAX_PUSH_XML_LENGTH = 4 * MAX_XML_LENGTH

#: Only a text of such a length may be one of those that confirm a friendship.
CONFIRMING_LENGTHS = frozenset(map(len, CONFIRMING_TEXTS))


def refine(items: tuple[PushItem, ...]) -> tuple[PushItem, ...]:
    """Look a second time at the items that need it, and leave markers out.

    When the XML in them is more than ``MAX_PUSH_XML_LENGTH`` together, the items that
    come then are handed out as ``UnparsedMessage``.
    """
    refined: list[PushItem] = []
    left = MAX_PUSH_XML_LENGTH
    for item in items:
        if isinstance(item, Marker):
            continue
        refine = _REFINES.get(type(item))
        if refine is None:
            refined.append(item)
            continue
        xml_type = _XML_TYPES.get(type(item))
        if xml_type is not None and isinstance(item, Message):
            left -= len(item.content)
            if left < 0:
                made: Any = UnparsedMessage
                refined.append(made(*astuple(item), xml_type))
                continue
        refined.append(refine(item))
    return tuple(refined)
