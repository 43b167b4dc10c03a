"""How people and rooms look to a client, in the spelling of dialect socketio.

PURE. The shapes are those of messages.toml (``contact_field``), commands.toml
(``getContact``, type ``RoomMember``) and of the samples of dialects.md. Lists of
members stay lists: that they are JSON text is known for the two other dialects only
(``json_encoded``).
"""

from __future__ import annotations

from ..catalogue.message_types import MessageType
from .people import Person, plain_letters
from .pushes import Fields
from .rooms import MAX_ROOM_MEMBERS, Room

__all__ = ["contact_profile", "contact_push", "found_profile", "room_members"]


def contact_profile(subject: Person | Room | None, reader: Person) -> Fields:
    """Make the result of ``getContact``.

    Args:
        subject: whom to describe; None for somebody unknown, whose texts are all
            empty while the status is 0 (commands.toml, ``getContact``, notes).
        reader: who asks.
    """
    profile = _described(subject, reader)
    profile |= {"ticket": _ticket(subject, reader), "message": "", "status": 0}
    if isinstance(subject, Room):
        profile |= _room_fields(subject)
    return profile


def found_profile(
    subject: Person | None, reader: Person, *, message: str = "", status: int = 0
) -> Fields:
    """Make the result of ``searchContact``.

    A contact is named by the wxid, and nobody else: their codes stand for them
    (commands.toml, ``searchContact``, notes).

    Args:
        subject: who was found, None for nobody.
        reader: who searched.
        message: text of the engine.
        status: status of the engine.
    """
    found = _shown(subject) | {"stranger": ""}
    if subject is not None and not reader.knows(subject):
        found |= {"userName": subject.stranger, "stranger": subject.ticket_for(reader)}
    return found | {"message": message, "status": status}


def contact_push(subject: Person | Room, reader: Person, *, more: bool) -> Fields:
    """Make the push item of a contact.

    Args:
        subject: the contact.
        reader: the user of the account that gets the item.
        more: whether another item of the same synchronisation follows.
    """
    pushed: Fields = {"msgType": int(MessageType.CONTACT)}
    pushed |= _described(subject, reader)
    if isinstance(subject, Room):
        pushed |= _room_fields(subject)
    else:
        pushed |= {"chatroomId": 0, "chatroomOwner": ""}
        pushed |= {"memberCount": 0, "maxMemberCount": 0, "member": []}
    pushed |= {"source": reader.notes_on(subject).source, "level": 0, "id": 0}
    pushed |= {"imgFlag": 0, "bitMask": 4294967295, "bitValue": 0}
    return pushed | {"status": 1, "continue": int(more), "uin": reader.uin}


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


def _shown(subject: Person | Room | None) -> Fields:
    """Describe what everybody sees."""
    nick_name = subject.nick_name if subject is not None else ""
    head_url = subject.head_url if subject is not None else ""
    letters = plain_letters(nick_name)
    shown: Fields = {
        "userName": subject.user_name if subject is not None else "",
        "nickName": nick_name,
        "pyInitial": letters.upper(),
        "quanPin": letters.lower(),
        "bigHead": head_url,
        "smallHead": head_url,
        "sex": 0,
        "country": "",
        "provincia": "",
        "city": "",
        "signature": "",
        "stranger": "",
    }
    if isinstance(subject, Person):
        profile = subject.profile
        shown |= {"stranger": subject.stranger, "sex": profile.sex}
        shown |= {"country": profile.country, "provincia": profile.provincia}
        shown |= {"city": profile.city, "signature": profile.signature}
    return shown


def _described(subject: Person | Room | None, reader: Person) -> Fields:
    """Describe what *reader* sees: theirs are remark and labels."""
    notes = reader.notes_on(subject)
    letters = plain_letters(notes.remark)
    return _shown(subject) | {
        "remark": notes.remark,
        "remarkPyInitial": letters.upper(),
        "remarkQuanPin": letters.lower(),
        "intro": "",
        "label": ",".join(str(label_id) for label_id in notes.label_ids),
    }


def _ticket(subject: Person | Room | None, reader: Person) -> str:
    """Return the "v2" code of a contact who does not have *reader*, else nothing."""
    if not isinstance(subject, Person) or subject.is_system or subject.knows(reader):
        return ""
    return subject.ticket_for(reader)


def _room_fields(room: Room) -> Fields:
    return {
        "chatroomId": room.version,
        "chatroomOwner": room.owner.user_name if room.owner else "",
        "memberCount": len(room.memberships),
        "maxMemberCount": MAX_ROOM_MEMBERS,
        "member": list(room.memberships),
    }
