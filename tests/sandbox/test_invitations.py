"""Tests of padchat_twisted.sandbox.invitations: the ways into a room."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.app_messages import RoomInvitation
from padchat_twisted.catalogue.system_messages import RoomJoin
from padchat_twisted.sandbox.invitations import CODE_DAYS, MAX_INVITATIONS
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.system_texts import Language

from .items import typed_items
from .stage import Stage


class InvitationTests(SynchronousTestCase):
    """A message with a link that somebody has to follow."""

    def setUp(self) -> None:
        """Have a room of two, and somebody outside; the account is outside too."""
        self.stage = Stage()
        self.world = self.stage.world
        self.invitations = self.world.invitations
        self.alice = self.world.person("alice", nick_name="Al")
        self.bob = self.world.person("bob")
        self.carol = self.world.person("carol")
        self.room = self.world.room("dev", members=["alice", "bob"])
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user

    def test_read_by_a_client(self) -> None:
        """A client of ours reads who invites to which room, in both languages."""
        for language in Language:
            self.world.settings = WorldSettings(language=language)
            self.invitations.send(self.alice, self.room, self.user)
            (read,) = typed_items(self.client, RoomInvitation, 49)
            self.assertEqual((read.inviter, read.room_name), ("Al", "dev"))
            self.assertEqual(read.from_user, "wxid_alice")
            self.assertIn("addchatroombyinvite", read.url)

    def test_followed(self) -> None:
        """Who follows it is a member; all are told as if the sender had added them."""
        invitation = self.invitations.send(self.alice, self.room, self.carol)
        self.assertFalse(self.room.has(self.carol))
        self.carol.joins(invitation)
        self.assertEqual(self.room.memberships["wxid_carol"].invited_by, "wxid_alice")
        self.assertEqual(
            self.bob.inbox[-1].content, "Al invited carol to the group chat"
        )

    def test_once_and_for_one(self) -> None:
        """It is good once, and for nobody else; another message is none."""
        invitation = self.invitations.send(self.alice, self.room, self.carol)
        text = self.alice.says("come", to=self.carol)
        self.assertRaises(Refused, self.user.joins, invitation)
        self.assertRaises(Refused, self.carol.joins, text)
        self.carol.joins(invitation)
        self.room.leave(self.carol)
        self.assertRaises(Refused, self.carol.joins, invitation)

    def test_sender_left(self) -> None:
        """It is void when who sent it has left the room, until they are back."""
        invitation = self.invitations.send(self.bob, self.room, self.carol)
        self.room.leave(self.bob)
        self.assertRaises(Refused, self.carol.joins, invitation)
        self.room.invite(self.bob)
        self.carol.joins(invitation)

    def test_refused(self) -> None:
        """Nobody invites from outside, nor members."""
        for inviter, person in ((self.carol, self.user), (self.alice, self.bob)):
            with self.assertRaises(Refused):
                self.invitations.send(inviter, self.room, person)

    def test_number(self) -> None:
        """The oldest ones are void when there are too many."""
        sent = [
            self.invitations.send(self.alice, self.room, self.carol)
            for _ in range(MAX_INVITATIONS + 1)
        ]
        self.assertRaises(Refused, self.carol.joins, sent[0])
        self.carol.joins(sent[1])


class CodeTests(SynchronousTestCase):
    """A QR code of a room."""

    def setUp(self) -> None:
        """Have a room of an account and two others, and somebody outside."""
        self.stage = Stage()
        self.world = self.stage.world
        self.bob = self.world.person("bob")
        self.carol = self.world.person("carol")
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user
        self.room = self.world.room("dev", members=["bob", "bot1"])
        self.client.take()

    def test_scanned(self) -> None:
        """Who scans it is a member; who shared it is told whom, by wxid."""
        for language in Language:
            self.world.settings = WorldSettings(language=language)
            code = self.world.invitations.make_code(self.user, self.room)
            self.carol.joins(code.content)
            (read,) = typed_items(self.client, RoomJoin, 10000, 10002)
            self.assertTrue(read.is_by_qr_code)
            self.assertEqual(read.user_names, ("wxid_carol",))
            self.assertEqual((read.inviter, read.invitees), (None, ("carol",)))
            self.assertEqual(read.room, self.room.user_name)
            self.room.leave(self.carol)

    def test_shared_by_another(self) -> None:
        """The others are told who came, and whose code it was."""
        for language in Language:
            self.world.settings = WorldSettings(language=language)
            code = self.world.invitations.make_code(self.bob, self.room)
            self.carol.joins(code.content)
            (read,) = typed_items(self.client, RoomJoin, 10000, 10002)
            self.assertTrue(read.is_by_qr_code)
            self.assertEqual((read.inviter, read.invitees), ("bob", ("carol",)))
            self.room.leave(self.carol)

    def test_life(self) -> None:
        """It is good for seven days, and for anybody meanwhile."""
        code = self.world.invitations.make_code(self.user, self.room)
        self.stage.wait(CODE_DAYS * 24 * 3600 - 1)
        self.carol.joins(code.content)
        self.stage.wait(1)
        self.assertRaises(Refused, self.world.person("late").joins, code.content)

    def test_refused(self) -> None:
        """A member, a code of nothing, one of who left, and a room of confirmations."""
        code = self.world.invitations.make_code(self.user, self.room)
        self.assertRaises(Refused, self.bob.joins, code.content)
        self.assertRaises(Refused, self.carol.joins, "http://x.invalid/g/1")
        self.room.needs_confirmation = True
        self.assertRaises(Refused, self.carol.joins, code.content)
        self.room.needs_confirmation = False
        self.room.leave(self.user)
        self.assertRaises(Refused, self.carol.joins, code.content)

    def test_number(self) -> None:
        """The oldest ones are void when there are too many."""
        made = [
            self.world.invitations.make_code(self.user, self.room)
            for _ in range(MAX_INVITATIONS + 1)
        ]
        self.assertRaises(Refused, self.carol.joins, made[0].content)
        self.carol.joins(made[1].content)
