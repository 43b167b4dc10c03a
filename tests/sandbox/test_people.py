"""Tests of padchat_twisted.sandbox.people: pretend people and what they do."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.people import (
    MAX_KEPT_MESSAGES,
    MAX_NAME_CHARACTERS,
    MAX_PROFILE_CHARACTERS,
    Notes,
    Profile,
    checked_name,
    plain_letters,
    user_name_for,
)
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.shelf import Medium

from .stage import Stage


class NameTests(SynchronousTestCase):
    """Ids that are made of names, and at random."""

    def test_plain_name_can_be_read(self) -> None:
        """A name of plain characters stands in the wxid as it is."""
        self.assertEqual(user_name_for("alice"), "wxid_alice")
        self.assertEqual(user_name_for("shop-3_b"), "wxid_shop-3_b")

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.sets(st.text(min_size=1, max_size=8), max_size=6))
    def test_other_names_are_told_apart(self, names: set[str]) -> None:
        """Different names have different wxids of plain characters."""
        wxids = {user_name_for(name) for name in names}
        self.assertEqual(len(wxids), len(names))
        for wxid in wxids:
            self.assertRegex(wxid, r"\Awxid_[a-z0-9_-]+\Z")

    def test_length(self) -> None:
        """A name may have as many characters as the limit says, and must have one."""
        longest = "x" * MAX_NAME_CHARACTERS
        self.assertEqual(checked_name(longest), longest)
        self.assertRaises(Refused, checked_name, longest + "x")
        self.assertRaises(Refused, checked_name, "")

    def test_plain_letters(self) -> None:
        """Latin letters and digits stay."""
        self.assertEqual(plain_letters("李四 Li-4 é"), "Li4")


class PersonTests(SynchronousTestCase):
    """What a person has and does."""

    def setUp(self) -> None:
        """Have some people and an account."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.client = self.stage.connect("bot1").log_in()

    def test_inbox(self) -> None:
        """The receiver of a message has it, the writer does not."""
        self.alice.says("hello", to=self.bob)
        self.assertEqual([x.content for x in self.bob.inbox], ["hello"])
        self.assertEqual(self.alice.inbox, [])
        message = self.bob.inbox[0]
        self.assertEqual((message.sender, message.to), (self.alice, self.bob))
        self.assertEqual(message.kind, MessageType.TEXT)
        self.assertEqual(message.sent_at, 1_700_000_000)

    def test_inbox_is_bounded(self) -> None:
        """The newest are kept, as many as the limit says."""
        for number in range(MAX_KEPT_MESSAGES + 1):
            self.alice.says(str(number), to="bob")
        self.assertEqual(len(self.bob.inbox), MAX_KEPT_MESSAGES)
        self.assertEqual(self.bob.inbox[0].content, "1")

    def test_says_to_whatever_finds_the_account(self) -> None:
        """A label, an account, a user and a wxid reach the same account."""
        account = self.client.account
        user = account.own_user
        for to in ("bot1", account, user, user.user_name):
            self.alice.says("ping", to=to)
            self.assertEqual(self.client.texts(), ["ping"])

    def test_own_telephone(self) -> None:
        """What the account's user types on the telephone is pushed to it too."""
        user = self.client.account.own_user
        user.says("from the phone", to="alice")
        pushed = self.client.pushed(1)
        self.assertEqual(
            [(x["fromUser"], x["toUser"], x["content"]) for x in pushed],
            [(user.user_name, "wxid_alice", "from the phone")],
        )
        self.assertEqual(user.inbox, [])
        self.assertEqual(len(self.alice.inbox), 1)

    def test_to_oneself(self) -> None:
        """A message to oneself comes once."""
        user = self.client.account.own_user
        user.says("note", to=user)
        self.assertEqual(self.client.texts(), ["note"])
        self.assertEqual([x.content for x in user.inbox], ["note"])

    def test_nobody(self) -> None:
        """A receiver that does not exist is refused, with what to do about it."""
        with self.assertRaisesRegex(Refused, "world.person"):
            self.alice.says("x", to="alise")
        self.assertNotIn("alise", self.world.people)

    def test_knows(self) -> None:
        """A contact, oneself, a room one is in and a system account are known."""
        world = self.world
        user = self.client.account.own_user
        other = self.stage.connect("bot2").account.own_user
        inside = world.room("inside", members=[user])
        outside = world.room("outside", members=["bob"])
        for known in (self.alice, user, inside, world.weixin, world.filehelper):
            self.assertTrue(user.knows(known), known)
        for unknown in (other, outside):
            self.assertFalse(user.knows(unknown), unknown)
        self.assertEqual(
            user.contact_list(),
            [world.weixin, world.filehelper, self.alice, self.bob, inside],
        )

    def test_repr(self) -> None:
        """The repr tells name and wxid."""
        self.assertEqual(repr(self.alice), "<person 'alice' wxid_alice>")

    def test_image(self) -> None:
        """A picture comes with its small form; the full one waits on the shelf."""
        message = self.alice.sends_image(b"full", to="bot1", small_image=b"small")
        pushed = self.client.pushed(3)[0]
        self.assertEqual(pushed["data"], "c21hbGw=")
        self.assertIn('length="4"', pushed["content"])
        shelf, message_id = self.world.mail.shelf, message.message_id
        self.assertEqual(shelf.get(message_id, Medium.IMAGE, "wxid_bot1"), b"full")
        self.assertEqual(shelf.get(message_id, Medium.IMAGE, "wxid_alice"), b"full")
        self.assertIsNone(shelf.get(message_id, Medium.IMAGE, "wxid_bob"))

    def test_profile(self) -> None:
        """A change of the profile or of the avatar is pushed to who has the person."""
        self.alice.profile = replace(self.alice.profile, signature="new")
        self.alice.profile = replace(self.alice.profile, signature="new")
        (contact,) = self.client.pushed(2)
        self.assertEqual((contact["signature"], contact["country"]), ("new", "CN"))
        before = self.alice.head_url
        self.alice.head_version += 1
        self.assertNotEqual(self.alice.head_url, before)

    def test_codes(self) -> None:
        """The v1 code is one for all, the v2 code one for each reader."""
        self.assertRegex(self.alice.stranger, r"\Av1_[0-9a-f]+@stranger\Z")
        tickets = {
            person.ticket_for(reader)
            for person in (self.alice, self.bob)
            for reader in (self.alice, self.bob)
        }
        self.assertEqual(len(tickets), 4)
        for ticket in tickets:
            self.assertRegex(ticket, r"\Av2_[0-9a-f]+@stranger\Z")

    def test_notes(self) -> None:
        """There are empty notes on who is no contact, and they are not kept."""
        stranger = self.world.add_person("stranger")
        self.alice.notes_on(stranger).remark = "lost"
        self.assertEqual(self.alice.notes_on(stranger), Notes())
        self.assertEqual(self.alice.notes_on(None), Notes())

    def test_on_the_phone(self) -> None:
        """Asking, accepting and deleting find people as writing does."""
        dave = self.world.add_person("dave")
        dave.asks("bot1", "hello")
        self.client.account.own_user.accepts("dave")
        self.assertTrue(dave.knows(self.client.account.own_user))
        dave.deletes(self.client.account)
        self.assertEqual(dave.contacts, {})
        room = self.world.room("dev", members=["alice"])
        for act in (dave.asks, dave.accepts, dave.deletes):
            self.assertRaises(Refused, act, room)


class ProfileTests(SynchronousTestCase):
    """What a person may tell about themselves."""

    def test_bounds(self) -> None:
        """Texts have a limit, and there are three sexes in the protocol."""
        longest = "x" * MAX_PROFILE_CHARACTERS
        longer = longest + "x"
        for make in (
            lambda text: Profile(alias=text),
            lambda text: Profile(phone=text),
            lambda text: Profile(qq=text),
            lambda text: Profile(country=text),
            lambda text: Profile(provincia=text),
            lambda text: Profile(city=text),
            lambda text: Profile(signature=text),
        ):
            make(longest)
            self.assertRaises(Refused, make, longer)
        self.assertRaises(Refused, Profile, sex=3)

    def test_repr(self) -> None:
        """Numbers and the signature are not in the repr."""
        shown = repr(Profile(phone="13800000001", qq="10001", signature="secret"))
        for secret in ("13800000001", "10001", "secret"):
            self.assertNotIn(secret, shown)
