"""Tests of padchat_twisted.sandbox.responders.rooms: rooms as clients use them."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AddedMember,
    Answer,
    CreatedRoom,
    QrcodeImage,
    RoomMembers,
)
from padchat_twisted.catalogue.base import engine_text
from padchat_twisted.sandbox.people import MAX_NAME_CHARACTERS, Person
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.responders.rooms import (
    MEMBERS_WRONG,
    STATUS_NO_PERMISSION,
    STATUS_OWNER_CONFIRMS,
    STATUS_TOO_BIG,
    prefixed,
)
from padchat_twisted.sandbox.rooms import MAX_DIRECT_MEMBERS, MAX_ROOM_MEMBERS, Room

from ..stage import Stage, as_read

DONE = Reply(True, "", {"message": "", "status": 0})

#: Commands that need a room with the account, with what else they need.
IN_A_ROOM: dict[str, dict[str, object]] = {
    "addRoomMember": {"userId": "wxid_alice"},
    "inviteRoomMember": {"userId": "wxid_alice"},
    "deleteRoomMember": {"userId": "wxid_alice"},
    "quitRoom": {},
    "setRoomAnnouncement": {"content": "x"},
    "setRoomName": {"content": "x"},
    "getRoomQrcode": {},
}


class PrefixTests(SynchronousTestCase):
    """The length in front of a text of the engine."""

    @settings(database=None, deadline=None, max_examples=50)
    @given(st.text(st.characters(max_codepoint=126), max_size=100))
    def test_there_and_back(self, text: str) -> None:
        """A client takes it off again."""
        self.assertEqual(engine_text(prefixed(text)), text)


class RoomCommandTests(SynchronousTestCase):
    """What a client does with rooms."""

    def setUp(self) -> None:
        """Have an account with three contacts, and somebody else; three rooms."""
        self.stage = Stage()
        self.world = self.stage.world
        names = ("alice", "bob", "carol")
        self.alice, self.bob, self.carol = (self.world.person(name) for name in names)
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user
        self.dave = self.world.add_person("dave")
        self.own = self.world.room("own", members=["bot1", "alice"])
        self.club = self.world.room("club", members=["alice", "bot1"])
        self.other = self.world.room("other", members=["alice", "bob"])
        self.client.take()

    def call(self, code: str, room: Room, **params: object) -> Reply:
        """Call a command about a room."""
        return self.client.call(code, {"groupId": room.user_name, **params})

    def create(self, *people: Person) -> CreatedRoom:
        """Call ``createRoom``."""
        user_names = [person.user_name for person in people]
        reply = self.client.call("createRoom", {"userList": user_names})
        self.assertTrue(reply.success)
        return as_read(reply, CreatedRoom)

    def added(self, room: Room, person: Person) -> AddedMember:
        """Call ``addRoomMember``."""
        reply = self.call("addRoomMember", room, userId=person.user_name)
        self.assertTrue(reply.success)
        return as_read(reply, AddedMember)

    def test_not_in_the_room(self) -> None:
        """What is no room of the account has status -19, whatever is asked for."""
        for group_id in (self.other.user_name, "1@chatroom", "wxid_alice"):
            for code, more in IN_A_ROOM.items():
                reply = self.client.call(code, {"groupId": group_id, **more})
                self.assertFalse(reply.success, code)
                self.assertEqual(reply.data, {"status": STATUS_NO_PERMISSION})
            reply = self.client.call("getRoomMembers", {"groupId": group_id})
            read = as_read(reply, RoomMembers)
            self.assertEqual(read.status, STATUS_NO_PERMISSION)
            self.assertEqual((read.count, read.chatroom_id), (0, 0))
            self.assertEqual(read.members, ())

    def test_create(self) -> None:
        """All are members and told; the contact comes first, then who was invited."""
        read = self.create(self.alice, self.bob)
        self.assertTrue(read.was_done)
        room = self.world.by_user_name[read.user_name]
        assert isinstance(room, Room)
        self.assertEqual(room.members, [self.user, self.alice, self.bob])
        self.assertIs(room.owner, self.user)
        contact, told = self.client.pushed(2, 10002)
        self.assertEqual(contact["member"], list(room.memberships))
        self.assertIn("<username><![CDATA[wxid_bob]]></username>", told["content"])
        self.assertEqual(
            self.alice.inbox[-1].content, "bot1 invited you and bob to the group chat"
        )

    def test_create_in_words_of_legacy(self) -> None:
        """The people may come as ``userIds`` as well."""
        params = {"userIds": ["wxid_alice", "wxid_bob"]}
        read = as_read(self.client.call("createRoom", params), CreatedRoom)
        self.assertTrue(read.was_done)

    def test_create_refused(self) -> None:
        """One who cannot join makes the whole call fail, with status 0."""
        self.bob.deletes("bot1")
        for people in (
            (),
            (self.alice,),
            (self.alice, self.alice),
            (self.alice, self.bob),
            (self.alice, self.dave),
            (self.alice, self.user),
            (self.alice, self.carol, self.world.weixin),
        ):
            read = self.create(*people)
            self.assertFalse(read.was_done)
            self.assertEqual((read.message, read.status), (MEMBERS_WRONG, 0))
        nobody = {"userList": ["wxid_alice", "wxid_carol", "wxid_nobody"]}
        read = as_read(self.client.call("createRoom", nobody), CreatedRoom)
        self.assertFalse(read.was_done)
        self.assertEqual(set(self.world.rooms), {"own", "club", "other"})

    def test_create_too_large(self) -> None:
        """A room of more than the limit is not made at all."""
        many = [self.world.person(f"p{number}") for number in range(MAX_ROOM_MEMBERS)]
        user_names = [person.user_name for person in many]
        self.client.refused("createRoom", {"userList": user_names})
        self.assertEqual(set(self.world.rooms), {"own", "club", "other"})

    def test_members(self) -> None:
        """A member gets the list, which the catalogue reads."""
        read = as_read(self.call("getRoomMembers", self.own), RoomMembers)
        self.assertEqual((read.count, read.status), (2, 0))
        self.assertEqual(read.chatroom_id, self.own.version)
        self.assertEqual([m.nick_name for m in read.members], ["bot1", "alice"])

    def test_add(self) -> None:
        """A contact is added by any member; a member or a stranger is not."""
        self.assertTrue(self.added(self.club, self.bob).was_done)
        self.assertTrue(self.club.has(self.bob))
        for person in (self.bob, self.dave, self.user):
            read = self.added(self.club, person)
            self.assertFalse(read.was_done)
            self.assertEqual((read.message, read.status), (MEMBERS_WRONG, 0))

    def test_big_room(self) -> None:
        """From the limit on the engine wants an invitation; up to it, it adds."""
        fillers = [f"p{number}" for number in range(MAX_DIRECT_MEMBERS - 3)]
        self.own.invite(*fillers)
        self.assertTrue(self.added(self.own, self.bob).was_done)
        self.assertEqual(len(self.own.members), MAX_DIRECT_MEMBERS)
        read = self.added(self.own, self.carol)
        self.assertEqual((read.was_done, read.status), (False, STATUS_TOO_BIG))
        reply = self.call("inviteRoomMember", self.own, userId="wxid_carol")
        self.assertEqual(reply, DONE)
        self.carol.joins(self.carol.inbox[-1])
        self.assertTrue(self.own.has(self.carol))

    def test_owner_confirms(self) -> None:
        """Where the owner confirms, nobody else adds or invites, but the owner does."""
        for room in (self.club, self.own):
            room.needs_confirmation = True
        read = self.added(self.club, self.bob)
        self.assertEqual(read.status, STATUS_OWNER_CONFIRMS)
        reply = self.call("inviteRoomMember", self.club, userId="wxid_bob")
        self.assertEqual(as_read(reply, Answer).status, STATUS_OWNER_CONFIRMS)
        self.assertTrue(self.added(self.own, self.bob).was_done)

    def test_invite_refused(self) -> None:
        """Strangers, who deleted the account, and members are not invited."""
        self.bob.deletes("bot1")
        for person in (self.dave, self.bob, self.alice):
            params = {"groupId": self.own.user_name, "userId": person.user_name}
            self.client.refused("inviteRoomMember", params)

    def test_remove(self) -> None:
        """The owner removes a member, who is told; nobody else does."""
        reply = self.call("deleteRoomMember", self.own, userId="wxid_alice")
        self.assertEqual(reply, DONE)
        self.assertEqual(self.own.members, [self.user])
        for room, user_name in (
            (self.club, "wxid_alice"),
            (self.own, "wxid_alice"),
            (self.own, self.user.user_name),
        ):
            params = {"groupId": room.user_name, "userId": user_name}
            self.client.refused("deleteRoomMember", params)

    def test_quit(self) -> None:
        """Who leaves gets no more messages; the next one owns the room."""
        self.assertEqual(self.call("quitRoom", self.own), DONE)
        self.assertIs(self.own.owner, self.alice)
        self.alice.says("gone?", to=self.own)
        self.assertEqual(self.client.texts(), [])

    def test_rename(self) -> None:
        """Any member renames a room, within the limit of names."""
        self.assertEqual(self.call("setRoomName", self.club, content="Pub"), DONE)
        contact, told = self.client.pushed(2, 10000)
        self.assertEqual(contact["nickName"], "Pub")
        self.assertEqual(told["content"], 'You changed the group name to "Pub"')
        longer = "x" * (MAX_NAME_CHARACTERS + 1)
        params = {"groupId": self.club.user_name, "content": longer}
        self.client.refused("setRoomName", params)

    def test_announce(self) -> None:
        """The owner announces, which all members are told; nobody else does."""
        reply = self.call("setRoomAnnouncement", self.own, content="nine")
        self.assertEqual(reply, DONE)
        told = self.alice.inbox[-1]
        self.assertEqual((told.sender, told.to), (self.user, self.own))
        self.assertEqual(told.mentioned, ("wxid_alice",))
        params = {"groupId": self.club.user_name, "content": "ten"}
        self.client.refused("setRoomAnnouncement", params)

    def test_code(self) -> None:
        """The code is another picture each time, and its caption names the day."""
        codes = set()
        for _ in range(2):
            read = as_read(self.call("getRoomQrcode", self.own), QrcodeImage)
            self.assertTrue(base64.b64decode(read.qr_code).startswith(b"\x89PNG"))
            self.assertIn("2023-11-21", read.footer)
            codes.add(read.qr_code)
        self.assertEqual(len(codes), 2)
