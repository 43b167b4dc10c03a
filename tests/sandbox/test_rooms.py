"""Tests of padchat_twisted.sandbox.rooms: group chats."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.catalogue.messages import TextMessage
from padchat_twisted.catalogue.system_messages import RoomJoin
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.rooms import (
    MAX_ANNOUNCEMENT_CHARACTERS,
    MAX_ROOM_MEMBERS,
    room_id_for,
)
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.system_texts import Language

from .items import typed_items
from .stage import Stage

PEOPLE = ["al", "bo", "cy", "di"]
names = st.sampled_from(PEOPLE)


class RoomMachine(RuleBasedStateMachine):
    """Anybody does anything with a room; a plain list says what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.world = self.stage.world
        self.people = {name: self.world.person(name) for name in PEOPLE}
        self.client = self.stage.connect("bot1").log_in()
        self.room = self.world.room("dev", members=["al", "bot1"])
        self.model = ["al", "bot1"]
        self.version = self.room.version

    @rule(name=names, by=names)
    def invite(self, name: str, by: str) -> None:
        """Somebody invites somebody."""
        try:
            self.room.invite(name, by=by)
        except Refused:
            assert by not in self.model
            return
        assert by in self.model
        if name not in self.model:
            self.model.append(name)
            membership = self.room.memberships[f"wxid_{name}"]
            assert membership.invited_by == f"wxid_{by}"

    @rule(name=names, by=names)
    def remove(self, name: str, by: str) -> None:
        """Somebody removes somebody."""
        is_allowed = (
            {name, by} <= set(self.model) and by == self.model[0] and by != name
        )
        try:
            self.room.remove(name, by=by)
        except Refused:
            assert not is_allowed
            return
        assert is_allowed
        self.model.remove(name)

    @rule(name=names)
    def leave(self, name: str) -> None:
        """Somebody goes."""
        try:
            self.room.leave(name)
        except Refused:
            assert name not in self.model
            return
        self.model.remove(name)

    @rule(name=names)
    def say(self, name: str) -> None:
        """Somebody writes to the room."""
        before = {n: len(person.inbox) for n, person in self.people.items()}
        self.client.take()
        try:
            self.people[name].says("hello", to=self.room)
        except Refused:
            assert name not in self.model
            return
        assert name in self.model
        for reader, person in self.people.items():
            got = len(person.inbox) - before[reader]
            assert got == (reader in self.model and reader != name)
        assert self.client.texts() == [f"wxid_{name}:\nhello"]

    @invariant()
    def agrees(self) -> None:
        """Members, owner and what the client is told agree with the list."""
        assert [member.name for member in self.room.members] == self.model
        assert self.room.owner is self.room.members[0]
        assert self.room.version >= self.version
        self.version = self.room.version
        reply = self.client.call("getRoomMembers", {"groupId": self.room.user_name})
        members = reply.data["member"]
        assert isinstance(members, list)
        assert [m["userName"] for m in members] == [f"wxid_{n}" for n in self.model]
        assert reply.data["count"] == len(self.model)
        assert reply.data["chatroomId"] == self.version
        pushed = [x for x in self.client.pushed(2) if x["userName"].endswith("room")]
        if pushed:
            assert pushed[-1]["member"] == list(self.room.memberships)
            assert pushed[-1]["chatroomOwner"] == f"wxid_{self.model[0]}"


RoomMachine.TestCase.settings = settings(
    database=None, deadline=None, max_examples=40, stateful_step_count=15
)


class MembershipTests(SynchronousTestCase):
    """Whatever is done, the membership stays consistent."""

    def test_consistent(self) -> None:
        """Members, owner, replies, pushes and deliveries agree after every step."""
        RoomMachine.TestCase("runTest").runTest()


class RoomTests(SynchronousTestCase):
    """What is told to whom."""

    def setUp(self) -> None:
        """Have a room of one person and two accounts."""
        self.stage = Stage(WorldSettings(language=Language.CHINESE))
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.one = self.stage.connect("bot1").log_in()
        self.two = self.stage.connect("bot2").log_in()
        self.room = self.world.room("dev", members=["alice", "bot1"])
        self.one.take()
        self.two.take()

    def test_id(self) -> None:
        """The id is always the same for the same name, and says that it is a room."""
        self.assertEqual(self.room.user_name, room_id_for("dev"))
        self.assertRegex(self.room.user_name, r"\A\d{11}@chatroom\Z")
        self.assertNotEqual(room_id_for("dev"), room_id_for("ops"))

    def test_invite(self) -> None:
        """All members are told, each in their own way, and get the room's contact."""
        self.room.invite("bot2")
        item = self.one.pushed(2, 10000)
        self.assertEqual([x["msgType"] for x in item], [2, 10000])
        self.assertEqual(item[1]["content"], '"alice"邀请"bot2"加入了群聊')
        (told,) = self.two.pushed(10000)
        self.assertEqual(told["content"], '"alice"邀请你加入了群聊')
        self.assertEqual(told["fromUser"], self.room.user_name)
        self.assertEqual((told["description"], told["msgSource"]), ("", ""))
        self.assertEqual(self.alice.inbox[-1].content, '你邀请"bot2"加入了群聊')
        self.assertEqual(self.alice.inbox[-1].kind, MessageType.SYSTEM)

    def test_invited_twice(self) -> None:
        """Who is a member already is not invited again, and nobody is told."""
        version = self.room.version
        self.room.invite("bot1")
        self.assertEqual(self.one.events(), [])
        self.assertEqual(self.room.version, version)

    def test_unknown_name(self) -> None:
        """Inviting an unknown name makes a person of it."""
        self.room.invite("newcomer")
        self.assertTrue(self.room.has(self.world.people["newcomer"]))

    def test_rename(self) -> None:
        """All are told who renamed it; the contact has the new name."""
        self.room.rename("研发", by="bot1")
        contact, text = self.one.pushed(2, 10000)
        self.assertEqual(contact["nickName"], "研发")
        self.assertEqual(text["content"], "你修改群名为“研发”")
        self.assertEqual(self.alice.inbox[-1].content, '"bot1"修改群名为“研发”')
        self.assertIs(self.world.room("dev"), self.room)
        self.assertRaises(Refused, self.room.rename, "")

    def test_remove(self) -> None:
        """The one who was removed is told, and gets no more messages."""
        self.room.remove("bot1")
        self.assertEqual(
            [x["content"] for x in self.one.pushed(10000)], ['你被"alice"移出群聊']
        )
        self.alice.says("gone?", to=self.room)
        self.assertEqual(self.one.texts(), [])

    def test_only_the_owner_removes(self) -> None:
        """Nobody but the owner can remove somebody, nor the owner themselves."""
        self.assertRaises(Refused, self.room.remove, "alice", by="bot1")
        self.assertRaises(Refused, self.room.remove, "alice")
        self.assertRaises(Refused, self.room.remove, "bot2")

    def test_owner_leaves(self) -> None:
        """The next member owns the room and is told so, after the contact changed."""
        self.room.leave("alice")
        contact, text = self.one.pushed(2, 10000)
        self.assertEqual(contact["chatroomOwner"], "wxid_bot1")
        self.assertEqual(text["content"], "你已成为新群主")
        self.room.leave("bot1")
        self.assertIsNone(self.room.owner)
        self.assertRaises(Refused, self.room.rename, "nobody")
        self.assertRaises(Refused, self.room.leave, "bot1")

    def test_member_leaves(self) -> None:
        """A member who leaves by choice is not talked about."""
        self.room.leave("bot1")
        self.assertEqual(self.one.events(), [])
        self.assertEqual(self.alice.inbox, [])

    def test_size(self) -> None:
        """A room can be full, but not fuller; a refusal changes nothing."""
        many = [f"p{number}" for number in range(MAX_ROOM_MEMBERS)]
        room = self.world.room("full", members=many)
        self.assertRaises(Refused, room.invite, "alice")
        self.assertEqual(len(room.members), MAX_ROOM_MEMBERS)
        room.leave("p1")
        room.invite("alice")

    def test_no_system_accounts(self) -> None:
        """The file helper is no member of anything."""
        self.assertRaises(Refused, self.room.invite, "filehelper")
        self.assertRaises(Refused, self.room.invite, self.room)

    def test_invited_by_an_account(self) -> None:
        """The account that invites is told the wxids, in XML and once."""
        self.room.invite("bot2", by="bot1")
        (read,) = typed_items(self.one, RoomJoin, 10000, 10002)
        self.assertEqual(read.user_names, ("wxid_bot2",))
        self.assertEqual((read.inviter, read.invitees), (None, ("bot2",)))
        self.assertEqual(read.room, self.room.user_name)
        (told,) = typed_items(self.two, RoomJoin, 10000, 10002)
        self.assertEqual((told.inviter, told.includes_me), ("bot1", True))

    def test_begin(self) -> None:
        """A room that is made on a phone is owned by who made it, who invited all."""
        room = self.world.add_room("new")
        room.begin(self.alice, [self.one.account.user, self.two.account.user])
        self.assertIs(room.owner, self.alice)
        invited = [member.invited_by for member in room.memberships.values()]
        self.assertEqual(invited, ["", "wxid_alice", "wxid_alice"])
        self.assertEqual(room.nick_name, "alice, bot1, bot2")
        self.assertEqual(
            [x["content"] for x in self.one.pushed(10000)],
            ['"alice"邀请你和"bot2"加入了群聊'],
        )

    def test_announce(self) -> None:
        """The owner announces something: a message to all that mentions them."""
        self.room.invite("bot2")
        self.one.take()
        self.room.announce("九点见")
        self.assertEqual(self.room.announcement, "九点见")
        (read,) = typed_items(self.one, TextMessage, 1)
        self.assertEqual((read.sender, read.text), ("wxid_alice", "@所有人\n九点见"))
        self.assertEqual(set(read.mentions), {"wxid_bot1", "wxid_bot2"})

    def test_announce_refused(self) -> None:
        """Nobody but the owner announces; the text has limits."""
        self.assertRaises(Refused, self.room.announce, "x", by="bot1")
        self.assertRaises(Refused, self.room.announce, "")
        longest = "x" * MAX_ANNOUNCEMENT_CHARACTERS
        self.room.announce(longest)
        self.assertRaises(Refused, self.room.announce, longest + "x")
        self.assertEqual(self.room.announcement, longest)

    def test_join(self) -> None:
        """Nobody comes by the code of who has left, nor twice."""
        bob = self.world.person("bob")
        self.room.join(bob, self.alice, "http://x.invalid/g/1")
        self.assertEqual(self.room.memberships["wxid_bob"].invited_by, "wxid_alice")
        outside = self.two.account.user
        for newcomer, by in ((bob, self.alice), (outside, outside)):
            with self.assertRaises(Refused):
                self.room.join(newcomer, by, "http://x.invalid/g/1")

    def test_needs_confirmation(self) -> None:
        """Whether the owner confirms is kept, so it counts as a change."""
        before = self.world.changes
        self.room.needs_confirmation = True
        self.assertTrue(self.room.needs_confirmation)
        self.assertGreater(self.world.changes, before)

    def test_repr(self) -> None:
        """The repr tells name, id and size."""
        name = self.room.user_name
        self.assertEqual(repr(self.room), f"<room 'dev' {name} of 2>")
