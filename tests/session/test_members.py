"""The members of rooms, without an account."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact, GetRoomMembers, RoomMembers
from padchat_twisted.catalogue.rooms import RoomMember
from padchat_twisted.errors import (
    CallRejected,
    NotInRoom,
    NotSent,
    OutcomeUnknown,
    RemoteProtocolError,
)
from padchat_twisted.observers import MAX_OBSERVERS
from padchat_twisted.session import members as module
from padchat_twisted.session.contacts import LONGEST_TEXTS
from padchat_twisted.session.members import (
    MAX_ASKS,
    MEMBERS_AGE,
    MemberLists,
    Members,
)

from .case import INSTANT, TEXT

ROOM = "1@chatroom"


def answer(*user_names: str, version: int = 7, room: str = ROOM) -> RoomMembers:
    """Build what the gateway says of a room."""
    return RoomMembers(
        user_name=room,
        chatroom_id=version,
        count=len(user_names),
        member=tuple(
            RoomMember(name, f"nick of {name[:9]}", "boss" if name == "wxid_a" else "")
            for name in user_names
        ),
    )


class MembersCase(SynchronousTestCase):
    """Lists, and the calls that they made."""

    def setUp(self) -> None:
        """Build them."""
        self.clock = Clock()
        self.calls: list[tuple[str, Deferred[RoomMembers]]] = []
        self.lists = MemberLists(self.clock, self.call)

    def call(self, command: GetRoomMembers) -> Deferred[RoomMembers]:
        """Keep a call."""
        calling: Deferred[RoomMembers] = Deferred()
        self.calls.append((command.group_id, calling))
        return calling

    def reply(self, *user_names: str, version: int = 7) -> None:
        """Answer the newest call."""
        room, calling = self.calls[-1]
        calling.callback(answer(*user_names, version=version, room=room))

    def know(self, *user_names: str, room: str = ROOM, version: int = 7) -> Members:
        """Ask for a room, and be answered."""
        asking = self.lists.get(room, 0)
        self.reply(*user_names, version=version)
        return self.successResultOf(asking)

    def is_asked(self, room: str = ROOM, max_age: float = MEMBERS_AGE) -> bool:
        """Tell whether a look at a room makes a call; nobody waits for it."""
        before = len(self.calls)
        self.lists.get(room, max_age).addErrback(lambda _: None)
        if len(self.calls) == before:
            return False
        self.calls[-1][1].errback(NotSent("getRoomMembers", "enough"))
        return True


class ValueTests(MembersCase):
    """What is handed out."""

    def test_members(self) -> None:
        """A mapping by id, with room, version and look-ups by name."""
        members = self.know("wxid_a", "wxid_b")
        self.assertEqual(list(members), ["wxid_a", "wxid_b"])
        self.assertEqual((members.room, members.version), (ROOM, 7))
        self.assertEqual(members["wxid_b"].nick_name, "nick of wxid_b")
        self.assertEqual([m.user_name for m in members.named("boss")], ["wxid_a"])
        self.assertEqual(members.named("nick of wxid_a"), ())
        self.assertEqual(len(members.named("nick of wxid_b")), 1)

    def test_repr(self) -> None:
        """It says where and how many."""
        found = {"wxid_a": RoomMember("wxid_a", TEXT)}
        members = Members(ROOM, 7, 0.0, 12.0, found)
        self.assertEqual(repr(members), "<Members of 1@chatroom: 1, 12 s old>")


class AgeTests(MembersCase):
    """As old as whoever asks allows."""

    def test_age(self) -> None:
        """The age counts from when the room was asked for."""
        asking = self.lists.get(ROOM)
        self.clock.advance(2)
        self.reply("wxid_a")
        self.assertEqual(self.successResultOf(asking).age, 2)
        self.clock.advance(3)
        self.assertEqual(self.successResultOf(self.lists.get(ROOM)).age, 5)

    def test_edge(self) -> None:
        """What is exactly as old as allowed is handed out, what is older is not."""
        self.know("wxid_a")
        self.clock.advance(MEMBERS_AGE)
        self.assertFalse(self.is_asked())
        self.clock.advance(INSTANT)
        self.assertTrue(self.is_asked())
        self.assertFalse(self.is_asked(max_age=2 * MEMBERS_AGE))

    def test_replaced(self) -> None:
        """A newer list takes the place of an older one; who left is not in it."""
        self.know("wxid_a", "wxid_b")
        self.know("wxid_b", "wxid_c", version=8)
        members = self.successResultOf(self.lists.get(ROOM))
        self.assertEqual(list(members), ["wxid_b", "wxid_c"])
        self.assertEqual(self.lists.kept, 2)

    def test_handed_out_list_stays(self) -> None:
        """Whoever holds a list holds what it was."""
        before = self.know("wxid_a")
        self.know("wxid_b")
        self.assertEqual(list(before), ["wxid_a"])


class SharedTests(MembersCase):
    """One call for all who ask at once."""

    def test_shared(self) -> None:
        """Each gets a Deferred of its own; one may be cancelled."""
        first, second, third = (self.lists.get(ROOM) for _ in range(3))
        other = self.lists.get("2@chatroom")
        self.assertEqual([room for room, _ in self.calls], [ROOM, "2@chatroom"])
        second.cancel()
        second.addErrback(lambda _: None)
        self.calls[0][1].callback(answer("wxid_a"))
        self.assertEqual(len(self.successResultOf(first)), 1)
        self.assertEqual(len(self.successResultOf(third)), 1)
        self.assertNoResult(other)

    def test_failed(self) -> None:
        """All hear how it ended, and the next one asks anew."""
        waiting = [self.lists.get(ROOM) for _ in range(2)]
        self.calls[-1][1].errback(OutcomeUnknown("getRoomMembers", "time limit"))
        for one in waiting:
            self.failureResultOf(one, OutcomeUnknown)
        self.assertTrue(self.is_asked())

    def test_asked_from_a_callback(self) -> None:
        """Whoever asks again as soon as the answer is there has it at once."""
        again: list[Deferred[Members]] = []
        asking = self.lists.get(ROOM)
        asking.addCallback(lambda _: again.append(self.lists.get(ROOM)))
        self.reply("wxid_a")
        self.assertEqual(len(self.successResultOf(again[0])), 1)
        self.assertEqual(len(self.calls), 1)

    def test_bound(self) -> None:
        """One caller too many is refused; the others get the answer."""
        waiting = [self.lists.get(ROOM) for _ in range(MAX_OBSERVERS)]
        self.failureResultOf(self.lists.get(ROOM), NotSent)
        self.reply("wxid_a")
        self.assertEqual(len(self.successResultOf(waiting[-1])), 1)


class ChangeTests(MembersCase):
    """What says that a room has changed."""

    def test_changed(self) -> None:
        """A list is void as soon as its room has changed; others stay."""
        self.know("wxid_a")
        self.know("wxid_a", room="2@chatroom")
        self.lists.changed(ROOM)
        self.assertTrue(self.is_asked())
        self.assertFalse(self.is_asked("2@chatroom"))

    def test_version(self) -> None:
        """A pushed room of the same version has not changed, one of another has."""
        self.know("wxid_a", version=7)
        self.lists.take(Contact(user_name=ROOM, chatroom_id=7))
        self.assertFalse(self.is_asked())
        self.lists.take(Contact(user_name=ROOM, chatroom_id=8))
        self.assertTrue(self.is_asked())

    def test_no_version(self) -> None:
        """Where no version is told, every push of the room counts as a change."""
        for told, pushed in ((0, 0), (0, None), (7, None)):
            self.know("wxid_a", version=told)
            self.lists.take(Contact(user_name=ROOM, chatroom_id=pushed))
            self.assertTrue(self.is_asked())

    def test_changed_meanwhile(self) -> None:
        """A room that changes while the answer is on its way is asked for again."""
        asking = self.lists.get(ROOM)
        self.lists.changed(ROOM)
        self.reply("wxid_a")
        self.assertNoResult(asking)
        self.reply("wxid_a", "wxid_b", version=8)
        self.assertEqual(len(self.successResultOf(asking)), 2)
        self.assertFalse(self.is_asked())

    def test_changes_all_the_time(self) -> None:
        """After some answers the newest is handed out, and not kept."""
        asking = self.lists.get(ROOM)
        for count in range(1, MAX_ASKS + 1):
            self.assertNoResult(asking)
            self.lists.changed(ROOM)
            self.reply(*(f"wxid_{number}" for number in range(count)))
        self.assertEqual(len(self.successResultOf(asking)), MAX_ASKS)
        self.assertEqual(len(self.calls), MAX_ASKS)
        self.assertEqual(self.lists.kept, 0)
        self.assertTrue(self.is_asked())

    def test_clear(self) -> None:
        """All lists go at once, and what is on its way is not kept."""
        self.know("wxid_a")
        asking = self.lists.get("2@chatroom")
        self.lists.clear()
        self.assertEqual(self.lists.kept, 0)
        self.reply("wxid_a")
        self.reply("wxid_b")
        members = self.successResultOf(asking)
        self.assertEqual(list(members), ["wxid_b"])


class OutcomeTests(MembersCase):
    """Rooms that have no members for us."""

    def refuse(self, result: RoomMembers) -> Deferred[Members]:
        """Ask for a room, and be answered without members."""
        asking = self.lists.get(ROOM, 0)
        self.calls[-1][1].callback(result)
        return asking

    def test_left(self) -> None:
        """The account is not in it: that is said, and the old list goes."""
        for status in (-19, 0):
            self.know("wxid_a")
            asking = self.refuse(RoomMembers(user_name=ROOM, status=status))
            error = self.failureResultOf(asking, NotInRoom).value
            self.assertEqual((error.room, error.status), (ROOM, status))
            self.assertEqual(self.lists.kept, 0)

    def test_other_refusal(self) -> None:
        """Another reason is handed on as it is."""
        asking = self.refuse(RoomMembers(status=-1, message="too often"))
        error = self.failureResultOf(asking, CallRejected).value
        self.assertNotIsInstance(error, NotInRoom)
        self.assertEqual((error.message, error.status), ("too often", -1))

    def test_unreadable(self) -> None:
        """Members that cannot be read are not nobody."""
        for result in (
            RoomMembers(user_name=ROOM, count=3),
            RoomMembers(user_name=ROOM, member=(RoomMember(nick_name="A"),)),
        ):
            asking = self.refuse(result)
            self.failureResultOf(asking, RemoteProtocolError)

    def test_no_room(self) -> None:
        """What is no room is not asked for."""
        error = self.failureResultOf(self.lists.get("wxid_a"), NotSent).value
        self.assertIn("@chatroom", str(error))
        self.assertEqual(self.calls, [])


class BoundTests(MembersCase):
    """No more than that."""

    def test_edge(self) -> None:
        """What was used least recently goes when one member more comes."""
        self.patch(module, "MAX_KEPT_MEMBERS", 4)
        self.know("wxid_a", "wxid_b", room="1@chatroom")
        self.know("wxid_a", "wxid_b", room="2@chatroom")
        self.assertEqual(self.lists.kept, 4)
        self.assertFalse(self.is_asked("1@chatroom"))
        self.know("wxid_a", room="3@chatroom")
        self.assertEqual(self.lists.kept, 3)
        self.assertFalse(self.is_asked("1@chatroom"))
        self.assertTrue(self.is_asked("2@chatroom"))

    def test_too_large(self) -> None:
        """A room that is larger than all is handed out and not kept."""
        self.patch(module, "MAX_KEPT_MEMBERS", 1)
        self.know("wxid_a", room="2@chatroom")
        self.assertEqual(len(self.know("wxid_a", "wxid_b")), 2)
        self.assertTrue(self.is_asked())
        self.assertFalse(self.is_asked("2@chatroom"))

    def test_long_texts(self) -> None:
        """A list with texts that are too long is handed out and not kept."""
        text = "x" * (LONGEST_TEXTS - len("nick of " + 9 * "x"))
        self.know(text)
        self.assertFalse(self.is_asked())
        self.assertEqual(len(self.know(text + "x")), 1)
        self.assertTrue(self.is_asked())
