"""The members of rooms: asked for when somebody wants them, kept until they are old.

A list is replaced, never merged, and goes as soon as anything says that its room has
changed. What nothing says (somebody leaves by choice) is what the age is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import astuple
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime

from ..catalogue import Contact, GetRoomMembers, RoomMembers
from ..catalogue.messages import ROOM_SUFFIX
from ..catalogue.rooms import RoomMember
from ..errors import CallRejected, NotInRoom, NotSent, RemoteProtocolError
from ..observers import MAX_OBSERVERS, Observers
from .contacts import LONGEST_TEXTS

__all__ = [
    "MAX_ASKS",
    "MAX_KEPT_MEMBERS",
    "MEMBERS_AGE",
    "NOT_A_MEMBER",
    "MemberLists",
    "Members",
]

#: How old a list of members may be when nobody says otherwise (seconds); a guess: who
#: leaves a room by choice is told to nobody.
MEMBERS_AGE = 600.0

#: Most members that are kept of one account, of all rooms together: twenty of the
#: largest rooms, which take 7 MB.
MAX_KEPT_MEMBERS = 10_000

#: How often a room is asked for when it changes while the answer is on its way.
MAX_ASKS = 3

#: Status of the engine for a room that is unknown, or without the account.
#: Source: commands.toml, ``status_code``.
NOT_A_MEMBER = -19


class Members(Mapping[str, RoomMember]):
    """Who is in a room, by WeChat id and in the gateway's order; it does not change.

    Args:
        room: id of the room.
        version: ``chatroom_id`` of the answer, one more after each change; 0 when it
            was not told.
        asked_at: when the room was asked for, by the account's clock (seconds).
        age: how long that was ago when it was handed out (seconds).
        found: the members by WeChat id.
    """

    __slots__ = ("_found", "age", "asked_at", "room", "version")

    def __init__(
        self,
        room: str,
        version: int,
        asked_at: float,
        age: float,
        found: Mapping[str, RoomMember],
    ) -> None:
        self.room = room
        self.version = version
        self.asked_at = asked_at
        self.age = age
        self._found = found

    def __repr__(self) -> str:
        return f"<Members of {self.room}: {len(self)}, {self.age:.0f} s old>"

    def __getitem__(self, user_name: str) -> RoomMember:
        return self._found[user_name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def named(self, name: str) -> tuple[RoomMember, ...]:
        """Find those that the room sees as *name*; several may have one name."""
        return tuple(
            member
            for member in self.values()
            if (member.chatroom_nick_name or member.nick_name) == name
        )

    def aged(self, now: float) -> Members:
        """Return the same with its age at *now*."""
        age = max(0.0, now - self.asked_at)
        return Members(self.room, self.version, self.asked_at, age, self._found)


class _Asking:
    """A room that is being asked for, and who waits for it."""

    __slots__ = ("has_changed", "waiting")

    def __init__(self) -> None:
        self.waiting: Observers[Members] = Observers()
        self.has_changed = False


class MemberLists:
    """The members of the rooms of one account.

    Args:
        clock: for their age.
        call: sends ``GetRoomMembers``.

    Attributes:
        kept: members that are kept, of all rooms together.
    """

    __slots__ = ("_asking", "_call", "_clock", "_lists", "kept")

    def __init__(
        self,
        clock: IReactorTime,
        call: Callable[[GetRoomMembers], Deferred[RoomMembers]],
    ) -> None:
        self._clock = clock
        self._call = call
        # The one that was used least recently comes first.
        self._lists: dict[str, Members] = {}
        self._asking: dict[str, _Asking] = {}
        self.kept = 0

    def get(self, room: str, max_age: float = MEMBERS_AGE) -> Deferred[Members]:
        """Return the members of a room; see ``AccountSession.members``."""
        if not room.endswith(ROOM_SUFFIX):
            problem = (
                f"group_id: expected the id of a room, which ends in {ROOM_SUFFIX}"
            )
            return fail(NotSent(GetRoomMembers.wire_name, problem))
        known = self._lists.get(room)
        if known is not None and max_age > 0:
            aged = known.aged(self._clock.seconds())
            if aged.age <= max_age:
                self._lists[room] = self._lists.pop(room)
                return succeed(aged)
        asking = self._asking.get(room)
        if asking is not None:
            if len(asking.waiting) >= MAX_OBSERVERS:
                problem = f"{MAX_OBSERVERS} wait for its answer, which is the limit"
                return fail(NotSent(GetRoomMembers.wire_name, problem))
            return asking.waiting.wait()
        asking = self._asking[room] = _Asking()
        waiting = asking.waiting.wait()
        answer = Deferred.fromCoroutine(self._ask(room, asking))
        answer.addCallbacks(
            asking.waiting.fire, lambda failure: asking.waiting.fail(failure.value)
        )
        return waiting

    def changed(self, room: str) -> None:
        """A room has changed: what is known of its members is void."""
        known = self._lists.pop(room, None)
        if known is not None:
            self.kept -= len(known)
        asking = self._asking.get(room)
        if asking is not None:
            asking.has_changed = True

    def take(self, contact: Contact) -> None:
        """A contact was pushed; a room of the version that is known has not changed."""
        known = self._lists.get(contact.user_name)
        if known is None or not known.version or known.version != contact.chatroom_id:
            self.changed(contact.user_name)

    def clear(self) -> None:
        """Nobody knows what happened meanwhile: every list is void."""
        for room in (*self._lists, *self._asking):
            self.changed(room)

    # Steps

    async def _ask(self, room: str, asking: _Asking) -> Members:
        try:
            for _ in range(MAX_ASKS):
                asking.has_changed = False
                asked_at = self._clock.seconds()
                result = await self._call(GetRoomMembers(room))
                if not asking.has_changed:
                    break
        finally:
            del self._asking[room]
        try:
            members = _read(room, result, asked_at)
        except CallRejected:
            self.changed(room)
            raise
        if not asking.has_changed:
            self._keep(members)
        return members.aged(self._clock.seconds())

    def _keep(self, members: Members) -> None:
        self.changed(members.room)
        if len(members) > MAX_KEPT_MEMBERS or any(map(_is_long, members.values())):
            return
        self._lists[members.room] = members
        self.kept += len(members)
        while self.kept > MAX_KEPT_MEMBERS:
            self.changed(next(iter(self._lists)))


def _read(room: str, result: RoomMembers, asked_at: float) -> Members:
    """Read an answer.

    Raises:
        CallRejected: there is no such room, or not for this account.
        RemoteProtocolError: there are members, and the list of them cannot be read.
    """
    found = {one.user_name: one for one in result.member if one.user_name}
    if found:
        return Members(room, result.chatroom_id, asked_at, 0.0, found)
    code = GetRoomMembers.wire_name
    if result.status not in (0, NOT_A_MEMBER):
        raise CallRejected(code, result.message, result.status)
    if result.status == 0 and (result.count or result.member):
        raise RemoteProtocolError("padchat", "a list of members that cannot be read")
    raise NotInRoom(code, room, result.status)


def _is_long(member: RoomMember) -> bool:
    return sum(map(len, astuple(member))) > LONGEST_TEXTS
