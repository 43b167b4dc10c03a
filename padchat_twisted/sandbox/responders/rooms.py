"""The commands of area rooms.

PURE. Source: commands.toml, group ``room``. What the engine does not do it says in the
result, with ``success`` true; what it does not even try is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ...catalogue.rooms import MIN_ROOM_FRIENDS
from .. import system_texts
from ..binding import Binding
from ..invitations import CODE_DAYS
from ..people import Person
from ..pictures import qr_picture
from ..profiles import room_members
from ..pushes import Fields
from ..refusals import Refused
from ..rooms import MAX_DIRECT_MEMBERS, MAX_ROOM_MEMBERS, Room
from .base import Parameters, Reply, Responder, done, text, text_list, whole_number
from .contacts import person_named

__all__ = [
    "DONE",
    "MEMBERS_WRONG",
    "RESPONDERS",
    "STATUS_NO_PERMISSION",
    "STATUS_OWNER_CONFIRMS",
    "STATUS_TOO_BIG",
    "prefixed",
]

#: Statuses of the engine (commands.toml, ``status_code``): for a room that is unknown
#: or without the account; for one that is too big to add somebody to, and where the
#: owner has to confirm.
STATUS_NO_PERMISSION = -19
STATUS_TOO_BIG = -2012
STATUS_OWNER_CONFIRMS = -2028

#: Texts of the engine by which clients tell whether members were added
#: (commands.toml, ``createRoom`` and ``addRoomMember``).
DONE = "Everything is OK"
MEMBERS_WRONG = "MemberList are wrong"


def prefixed(engine_text: str) -> str:
    """Leave the length before a short text, as the engine does.

    Source: dialects.md, 4, "engine_text_prefix".
    """
    return f"\n{chr(len(engine_text))}{engine_text}"


def create_room(binding: Binding, params: Parameters) -> Reply:
    """Make a room with contacts, of whom all must be able to join.

    Clients that name them ``userIds`` are understood too (open-questions.md, Q38).
    """
    user, world = binding.account.user, binding.account.world
    user_names = text_list(params, "userList") or text_list(params, "userIds")
    found = [world.by_user_name.get(name) for name in dict.fromkeys(user_names)]
    people = [who for who in found if isinstance(who, Person)]
    can_join = all(world.friends.are_contacts(user, person) for person in people)
    if len(people) < max(len(found), MIN_ROOM_FRIENDS) or not can_join:
        return done(userName="", message=MEMBERS_WRONG)
    if len(people) >= MAX_ROOM_MEMBERS:
        raise Refused(f"a room has at most {MAX_ROOM_MEMBERS} members")
    room = world.add_room(f"room {world.random_hex(8)}")
    room.begin(user, people)
    return done(userName=prefixed(room.user_name), message=prefixed(DONE))


def get_room_members(binding: Binding, params: Parameters) -> Reply:
    """Return the members of a room, to a member."""
    group_id = text(params, "groupId")
    user = binding.account.user
    room = binding.account.world.by_user_name.get(group_id)
    result: Fields = {"userName": group_id, "message": ""}
    if isinstance(room, Room) and room.has(user):
        members = room_members(room)
        result |= {"chatroomId": room.version, "count": len(members)}
        result |= {"member": members, "status": 0}
    else:
        result |= {"chatroomId": 0, "count": 0}
        result |= {"member": None, "status": STATUS_NO_PERMISSION}
    return Reply(True, "", result)


def add_room_member(binding: Binding, params: Parameters) -> Reply:
    """Add a contact to a small room."""
    user, world = binding.account.user, binding.account.world
    room, person = _own_room(binding, params), person_named(binding, params)
    if room.has(person) or not world.friends.are_contacts(user, person):
        return done(message=MEMBERS_WRONG)
    if _must_be_confirmed(room, user):
        return done(message="need owner verify", status=STATUS_OWNER_CONFIRMS)
    if len(room.memberships) >= MAX_DIRECT_MEMBERS:
        return done(message="need invite", status=STATUS_TOO_BIG)
    room.invite(person, by=user)
    return done(message=prefixed(DONE))


def invite_room_member(binding: Binding, params: Parameters) -> Reply:
    """Send a contact an invitation to a room."""
    user, world = binding.account.user, binding.account.world
    room, person = _own_room(binding, params), person_named(binding, params)
    if not world.friends.are_contacts(user, person):
        raise Refused("userId is no contact, or has deleted the account")
    if _must_be_confirmed(room, user):
        return done(message="need owner verify", status=STATUS_OWNER_CONFIRMS)
    world.invitations.send(user, room, person)
    return done()


def delete_room_member(binding: Binding, params: Parameters) -> Reply:
    """Remove a member from a room that the account owns."""
    room, person = _own_room(binding, params), person_named(binding, params)
    room.remove(person, by=binding.account.user)
    return done()


def quit_room(binding: Binding, params: Parameters) -> Reply:
    """Leave a room."""
    _own_room(binding, params).leave(binding.account.user)
    return done()


def set_room_announcement(binding: Binding, params: Parameters) -> Reply:
    """Announce something in a room that the account owns."""
    room = _own_room(binding, params)
    room.announce(text(params, "content"), by=binding.account.user)
    return done()


def set_room_name(binding: Binding, params: Parameters) -> Reply:
    """Rename a room."""
    room = _own_room(binding, params)
    room.rename(text(params, "content"), by=binding.account.user)
    return done()


def get_room_qrcode(binding: Binding, params: Parameters) -> Reply:
    """Draw the code by which others join a room, and say how long it is good."""
    user, world = binding.account.user, binding.account.world
    code = world.invitations.make_code(user, _own_room(binding, params))
    whole_number(params, "style", 0)
    footer = system_texts.room_code_footer(
        world.settings.language,
        CODE_DAYS,
        datetime.fromtimestamp(code.expires_at, UTC).date().isoformat(),
    )
    return done(qrCode=qr_picture(code.content), footer=footer)


def _own_room(binding: Binding, params: Parameters) -> Room:
    """Return the room that ``groupId`` names.

    Raises:
        Refused: it is missing, or no room with the account.
    """
    room = binding.account.world.by_user_name.get(text(params, "groupId"))
    if not isinstance(room, Room) or not room.has(binding.account.user):
        raise Refused("groupId is no room that the account is in", STATUS_NO_PERMISSION)
    return room


def _must_be_confirmed(room: Room, user: Person) -> bool:
    return room.needs_confirmation and room.owner is not user


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "createRoom": Responder(create_room),
    "getRoomMembers": Responder(get_room_members),
    "addRoomMember": Responder(add_room_member),
    "inviteRoomMember": Responder(invite_room_member),
    "deleteRoomMember": Responder(delete_room_member),
    "quitRoom": Responder(quit_room),
    "setRoomAnnouncement": Responder(set_room_announcement),
    "setRoomName": Responder(set_room_name),
    "getRoomQrcode": Responder(get_room_qrcode),
}
