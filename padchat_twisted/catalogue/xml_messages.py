"""Area messages: requests, cards, places, calls: kinds that say all in their XML.

The names of their own fields are the paths of the tables; see ``xml_text``. Where the
XML cannot be read, or what makes the kind useful is not in it, the message is an
``UnparsedMessage``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan
from typing import Any

from msgspec import field
from msgspec.structs import astuple

from .messages import MESSAGE_FIELDS, Message, UnparsedMessage
from .xml_text import element_at, fields_in, read_xml

__all__ = [
    "CardMessage",
    "FriendRequest",
    "LocationMessage",
    "StatusNotify",
    "VoipMessage",
    "refine_card",
    "refine_friend_request",
    "refine_location",
    "refine_status_notify",
    "refine_voip",
]


class FriendRequest(Message, frozen=True, gc=False, tag_field="msgType", tag=37):
    """Somebody wants to be a friend: ``AcceptUser(request.stranger, request.ticket)``.

    Args:
        user_name: WeChat id of who asks; ``from_user`` is a system account.
        stranger: the "v1" code.
        ticket: the "v2" code.
        greeting: what they wrote.
        nick_name: their nickname.
        scene: how they found the account; values as ``AddContact.type``.
        alias: their visible WeChat id.
        sex: 0 unknown, 1 male, 2 female.
        country: country.
        province: province.
        city: city.
        sign: personal signature.
        full_py: full pinyin of the nickname.
        short_py: its initials.
        big_head_img_url: large avatar.
        small_head_img_url: small avatar.
        op_code: kind of request, 2 in samples.
        chatroom_user_name: room that they come from.
        source_user_name: who shared the card with them.
        source_nick_name: nickname of that one.
        qr_ticket: QR code that they come from.

    The other attributes are of no known meaning; ``text`` has them.

    Source: messages.toml, [friend_request].
    """

    user_name: str = field(default="", name="@fromusername")
    stranger: str = field(default="", name="@encryptusername")
    ticket: str = field(default="", name="@ticket")
    greeting: str = field(default="", name="@content")
    nick_name: str = field(default="", name="@fromnickname")
    scene: int | None = field(default=None, name="@scene")
    alias: str = field(default="", name="@alias")
    sex: int | None = field(default=None, name="@sex")
    country: str = field(default="", name="@country")
    province: str = field(default="", name="@province")
    city: str = field(default="", name="@city")
    sign: str = field(default="", name="@sign")
    full_py: str = field(default="", name="@fullpy")
    short_py: str = field(default="", name="@shortpy")
    big_head_img_url: str = field(default="", name="@bigheadimgurl")
    small_head_img_url: str = field(default="", name="@smallheadimgurl")
    op_code: int | None = field(default=None, name="@opcode")
    chatroom_user_name: str = field(default="", name="@chatroomusername")
    source_user_name: str = field(default="", name="@sourceusername")
    source_nick_name: str = field(default="", name="@sourcenickname")
    qr_ticket: str = field(default="", name="@qrticket")


class CardMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=42):
    """The card of a user or an official account.

    Args:
        user_name: WeChat id, or the "v1" code of who is no contact.
        ticket: the "v2" code, for ``AddContact`` with type 17.
        nick_name: nickname.
        alias: visible WeChat id.
        province: province.
        city: city.
        sign: personal signature.
        sex: 0 unknown, 1 male, 2 female.
        cert_flag: not 0 for official accounts.
        big_head_img_url: large avatar.
        small_head_img_url: small avatar.
        scene: 17 for a card.

    Source: messages.toml, [[xml_shape]] of type 42.
    """

    user_name: str = field(default="", name="@username")
    ticket: str = field(default="", name="@antispamticket")
    nick_name: str = field(default="", name="@nickname")
    alias: str = field(default="", name="@alias")
    province: str = field(default="", name="@province")
    city: str = field(default="", name="@city")
    sign: str = field(default="", name="@sign")
    sex: int | None = field(default=None, name="@sex")
    cert_flag: int | None = field(default=None, name="@certflag")
    big_head_img_url: str = field(default="", name="@bigheadimgurl")
    small_head_img_url: str = field(default="", name="@smallheadimgurl")
    scene: int | None = field(default=None, name="@scene")


class LocationMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=48):
    """A place.

    Args:
        latitude: degrees.
        longitude: degrees.
        scale: zoom.
        label: address.
        poi_name: name of the place.
        map_type: kind of map.
        from_user_name: who sent it.

    Source: messages.toml, [[xml_shape]] of type 48.
    """

    latitude: float = field(default=0.0, name="@x")
    longitude: float = field(default=0.0, name="@y")
    scale: int | None = field(default=None, name="@scale")
    label: str = field(default="", name="@label")
    poi_name: str = field(default="", name="@poiname")
    map_type: str = field(default="", name="@maptype")
    from_user_name: str = field(default="", name="@fromusername")


class VoipMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=50):
    """A voice or video call.

    Args:
        invite_type: 0 for video, 1 for voice.
        call_status: state of the invitation.
        received_at: Unix time (seconds).
        duration: how long the call was (seconds).

    Source: messages.toml, [[xml_shape]] of type 50.
    """

    invite_type: int | None = field(default=None, name="voipinvitemsg/invitetype")
    call_status: int | None = field(default=None, name="voipinvitemsg/status")
    received_at: int | None = field(default=None, name="voipextinfo/recvtime")
    duration: int | None = field(default=None, name="voiplocalinfo/duration")


class StatusNotify(Message, frozen=True, gc=False, tag_field="msgType", tag=51):
    """What happened on another device of the account.

    Args:
        operation: 2 a conversation was entered, 5 one was left; seen, not documented.
        user_name: the conversation.

    Source: messages.toml, [[xml_shape]] of type 51; open-questions.md, Q67.
    """

    operation: int = field(default=0, name="@id")
    user_name: str = field(default="", name="username")


def _refine(
    item: Message,
    kind: type[Message],
    root: str,
    is_useful: Callable[[dict[str, Any]], bool],
    text: str | None = None,
) -> Message:
    element = element_at(read_xml(item.text if text is None else text), root)
    found = {} if element is None else fields_in(element, kind, MESSAGE_FIELDS)
    made: Any = kind
    message: Message
    if is_useful(found):
        message = made(*astuple(item), **found)
    else:
        made = UnparsedMessage
        message = made(*astuple(item), kind.__struct_config__.tag)
    return message


def refine_friend_request(item: Message) -> Message:
    """Read a friend request: a code to accept it is needed."""
    return _refine(item, FriendRequest, "msg", _can_be_accepted)


def _can_be_accepted(found: dict[str, Any]) -> bool:
    return bool(found.get("stranger") or found.get("ticket"))


def refine_card(item: Message) -> Message:
    """Read a card: whose it is is needed."""
    return _refine(item, CardMessage, "msg", lambda found: bool(found.get("user_name")))


def refine_location(item: Message) -> Message:
    """Read a place: both numbers are needed."""
    return _refine(item, LocationMessage, "msg/location", _is_place)


def _is_place(found: dict[str, Any]) -> bool:
    numbers = (found.get("latitude", nan), found.get("longitude", nan))
    return all(map(isfinite, numbers))


def refine_voip(item: Message) -> Message:
    """Read a call, of which anything is enough: several roots stand in a row."""
    return _refine(item, VoipMessage, "call", bool, f"<call>{item.text}</call>")


def refine_status_notify(item: Message) -> Message:
    """Read what happened elsewhere: which operation it was is needed."""
    return _refine(item, StatusNotify, "msg/op", lambda found: "operation" in found)
