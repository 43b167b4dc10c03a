"""Tests of padchat_twisted.sandbox.profiles: people and rooms as clients see them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.contacts import Contact
from padchat_twisted.sandbox.people import Profile
from padchat_twisted.sandbox.profiles import (
    contact_profile,
    contact_push,
    found_profile,
    room_members,
)

from .items import typed
from .stage import Stage


class ProfileTests(SynchronousTestCase):
    """What a reader sees of others."""

    def setUp(self) -> None:
        """Have two contacts, a stranger and a room."""
        self.world = Stage().world
        self.alice = self.world.person("alice", nick_name="李四 Li 4")
        self.bob = self.world.person("bob")
        self.dave = self.world.add_person("dave")
        self.room = self.world.room("dev", members=["alice", "bob"])

    def test_letters(self) -> None:
        """Latin letters and digits stand where WeChat has the pinyin."""
        profile = contact_profile(self.alice, self.bob)
        self.assertEqual((profile["pyInitial"], profile["quanPin"]), ("LI4", "li4"))

    def test_notes(self) -> None:
        """Remark and labels are the reader's, and nobody else sees them."""
        self.world.friends.set_remark(self.bob, self.alice, "Ali 5")
        self.world.labels.put(
            self.bob, self.alice, self.world.labels.add(self.bob, "one")
        )
        mine = contact_profile(self.alice, self.bob)
        self.assertEqual((mine["remark"], mine["remarkPyInitial"]), ("Ali 5", "ALI5"))
        self.assertEqual((mine["remarkQuanPin"], mine["label"]), ("ali5", "1"))
        theirs = contact_profile(self.alice, self.alice)
        self.assertEqual((theirs["remark"], theirs["label"]), ("", ""))

    def test_ticket(self) -> None:
        """A contact who does not have the reader has a ticket, and nobody else."""
        for subject in (self.alice, self.bob, self.room, self.world.weixin, None):
            self.assertEqual(contact_profile(subject, self.bob)["ticket"], "")
        self.alice.deletes(self.bob)
        ticket = contact_profile(self.alice, self.bob)["ticket"]
        self.assertEqual(ticket, self.alice.ticket_for(self.bob))
        self.assertRegex(str(ticket), r"\Av2_.+@stranger\Z")

    def test_nobody(self) -> None:
        """For nobody every text is empty."""
        profile = contact_profile(None, self.bob)
        texts = {name for name, value in profile.items() if value not in ("", 0)}
        self.assertEqual(texts, set())

    def test_found(self) -> None:
        """A contact is named by the wxid; codes stand for anybody else."""
        found = found_profile(self.alice, self.bob)
        self.assertEqual((found["userName"], found["stranger"]), ("wxid_alice", ""))
        found = found_profile(self.dave, self.bob)
        self.assertEqual(found["userName"], self.dave.stranger)
        self.assertEqual(found["stranger"], self.dave.ticket_for(self.bob))
        self.assertNotIn("wxid_dave", found.values())

    def test_push(self) -> None:
        """The catalogue reads a contact that was pushed, with its profile."""
        self.alice.profile = Profile(sex=2, city="Shenzhen", signature="x")
        read = typed(contact_push(self.alice, self.bob, more=True), Contact)
        self.assertEqual((read.user_name, read.sex), ("wxid_alice", 2))
        self.assertEqual((read.city, read.signature, read.source), ("Shenzhen", "x", 0))
        self.assertEqual((read.uin, read.continues), (self.bob.uin, 1))

    def test_room(self) -> None:
        """A room has its owner, size and members; a person has none of them."""
        pushed = contact_push(self.room, self.bob, more=False)
        read = typed(pushed, Contact)
        self.assertEqual(read.members, ("wxid_alice", "wxid_bob"))
        self.assertEqual((read.chatroom_owner, read.member_count), ("wxid_alice", 2))
        self.assertEqual(contact_push(self.alice, self.bob, more=False)["member"], [])

    def test_members(self) -> None:
        """A list of members says who invited whom."""
        self.room.invite(self.dave, by=self.bob)
        invited = [member["invitedBy"] for member in room_members(self.room)]
        self.assertEqual(invited, ["", "", "wxid_bob"])
