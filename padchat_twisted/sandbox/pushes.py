"""What is pushed to a client, as plain dicts in the spelling of dialect socketio.

PURE. The shapes are those of messages.toml (``item_field``, ``contact_field``,
``message_type``, ``msg_source``) and of the samples L6, S5 and K4 of dialects.md.
Lists of members stay lists: that they are JSON text is known for the two other
dialects only (commands.toml, ``getRoomMembers``: ``json_encoded``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

from .people import Kind, Message, Person, fingerprint
from .rooms import MAX_ROOM_MEMBERS, Room

__all__ = [
    "CONTACTS_PER_PUSH",
    "MESSAGES_PER_PUSH",
    "Fields",
    "batches",
    "contact_profile",
    "contact_push",
    "message_push",
    "room_members",
]

#: Contacts in one push event: a few kilobytes, so that no frame is large.
CONTACTS_PER_PUSH = 20

#: Messages in one push event after a login. Fewer than contacts, for each may bring
#: a long text or a small picture.
MESSAGES_PER_PUSH = 10

_MSG_TYPE_CONTACT = 2

#: An object of the wire: keys as they are sent.
Fields: TypeAlias = dict[str, object]

T = TypeVar("T")


def batches(things: Sequence[T], size: int) -> Iterator[list[tuple[T, bool]]]:
    """Cut *things* into lists of at most *size*, each with whether more follow."""
    last = len(things) - 1
    for start in range(0, len(things), size):
        yield [
            (thing, start + place < last)
            for place, thing in enumerate(things[start : start + size])
        ]


def contact_profile(subject: Person | Room | None) -> Fields:
    """Make the result of ``getContact``.

    Args:
        subject: whom to describe; None for somebody unknown, whose texts are all
            empty while the status is 0 (commands.toml, ``getContact``, notes).
    """
    profile = _described(subject)
    profile |= {"ticket": "", "message": "", "status": 0}
    if isinstance(subject, Room):
        profile |= _room_fields(subject)
    return profile


def contact_push(subject: Person | Room, reader: Person, *, more: bool) -> Fields:
    """Make the push item of a contact.

    Args:
        subject: the contact.
        reader: the user of the account that gets the item.
        more: whether another item of the same synchronisation follows.
    """
    pushed: Fields = {"msgType": _MSG_TYPE_CONTACT, **_described(subject)}
    if isinstance(subject, Room):
        pushed |= _room_fields(subject)
    else:
        pushed |= {"chatroomId": 0, "chatroomOwner": ""}
        pushed |= {"memberCount": 0, "maxMemberCount": 0, "member": []}
    pushed |= {"source": 0, "level": 0, "id": 0, "imgFlag": 0}
    pushed |= {"bitMask": 4294967295, "bitValue": 0}
    return pushed | {"status": 1, "continue": int(more), "uin": reader.uin}


def message_push(message: Message, reader: Person, *, more: bool) -> Fields:
    """Make the push item of a message, as *reader*'s account gets it.

    In a room the sender stands before the content, but neither for a text of the
    room itself nor for what the account wrote on its own telephone (messages.toml,
    ``room_rule``).
    """
    sender, to, content = message.sender, message.to, message.content
    from_user, to_user = sender.user_name, to.user_name
    if isinstance(to, Room) and sender is not reader:
        from_user, to_user = to.user_name, reader.user_name
        content = f"{sender.user_name}:\n{content}"
    pushed: Fields = {
        "msgId": message.message_id,
        "msgType": int(message.kind),
        "fromUser": from_user,
        "toUser": to_user,
        "content": content,
        "description": _description(message),
        "msgSource": _msg_source(message),
        "timestamp": int(message.sent_at),
        "status": 1,
        "continue": int(more),
        "uin": reader.uin,
    }
    if message.kind is Kind.IMAGE:
        pushed["data"] = message.small_image
    return pushed


def room_members(room: Room) -> list[Fields]:
    """Make the list ``member`` of the result of ``getRoomMembers``."""
    return [
        {
            "userName": membership.person.user_name,
            "nickName": membership.person.nick_name,
            "chatroomNickName": "",
            "bigHead": membership.person.head_url,
            "smallHead": membership.person.head_url,
            "invitedBy": membership.invited_by,
        }
        for membership in room.memberships.values()
    ]


def _described(subject: Person | Room | None) -> Fields:
    user_name = nick_name = head_url = stranger = country = ""
    if subject is not None:
        user_name, nick_name = subject.user_name, subject.nick_name
        head_url = subject.head_url
    if isinstance(subject, Person):
        stranger = f"v1_{fingerprint(user_name)[:32]}@stranger"
        country = "CN"
    plain = "".join(c for c in nick_name if c.isascii() and c.isalnum())
    described: Fields = {"userName": user_name, "nickName": nick_name}
    described |= {"pyInitial": plain.upper(), "quanPin": plain.lower()}
    described |= {"remark": "", "remarkPyInitial": "", "remarkQuanPin": ""}
    described |= {"bigHead": head_url, "smallHead": head_url, "sex": 0}
    described |= {"country": country, "provincia": "", "city": "", "signature": ""}
    return described | {"stranger": stranger, "intro": "", "label": ""}


def _room_fields(room: Room) -> Fields:
    return {
        "chatroomId": room.version,
        "chatroomOwner": room.owner.user_name if room.owner else "",
        "memberCount": len(room.memberships),
        "maxMemberCount": MAX_ROOM_MEMBERS,
        "member": list(room.memberships),
    }


def _description(message: Message) -> str:
    if message.kind is Kind.TEXT:
        return f"{message.sender.nick_name} : {message.content}"
    if message.kind is Kind.IMAGE:
        return f"{message.sender.nick_name} : [image]"
    return ""


def _msg_source(message: Message) -> str:
    if message.kind not in (Kind.TEXT, Kind.IMAGE):
        return ""
    if not isinstance(message.to, Room):
        return "<msgsource />\n"
    mentions = ",".join(message.mentioned)
    at_user_list = f"<atuserlist>{mentions}</atuserlist>" if mentions else ""
    count = len(message.to.memberships)
    return (
        f"<msgsource>{at_user_list}<silence>0</silence>"
        f"<membercount>{count}</membercount></msgsource>"
    )
