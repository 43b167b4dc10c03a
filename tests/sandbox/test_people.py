"""Tests of padchat_twisted.sandbox.people: pretend people and what they do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.people import (
    MAX_KEPT_MESSAGES,
    MAX_NAME_CHARACTERS,
    Kind,
    Refused,
    checked_name,
    fingerprint,
    new_message_id,
    user_name_for,
)

from .stage import Stage, repeatable_hex


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

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.binary(min_size=8, max_size=8))
    def test_message_ids_are_large(self, drawn: bytes) -> None:
        """An id has 63 bits, and no floating-point number can hold most of them."""
        message_id = int(new_message_id(lambda size: drawn[:size].hex()))
        self.assertGreaterEqual(message_id, 2**62)
        self.assertLess(message_id, 2**63)

    def test_message_ids_differ(self) -> None:
        """Each id is another one."""
        random_hex = repeatable_hex()
        ids = {new_message_id(random_hex) for _ in range(1000)}
        self.assertEqual(len(ids), 1000)

    def test_fingerprint(self) -> None:
        """It stands for one text, even an odd one, and does not hold it."""
        self.assertEqual(fingerprint("key"), fingerprint("key"))
        self.assertNotEqual(fingerprint("key"), fingerprint("kez"))
        self.assertRegex(fingerprint("\ud83d"), r"\A[0-9a-f]{64}\Z")


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
        self.assertEqual((message.kind, message.sent_at), (Kind.TEXT, 1_700_000_000))

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
        self.assertEqual(pushed["content"], '<msg><img length="4" /></msg>')
        shelf = self.world.mail.images
        self.assertEqual(shelf.get(message.message_id, "wxid_bot1"), b"full")
        self.assertEqual(shelf.get(message.message_id, "wxid_alice"), b"full")
        self.assertIsNone(shelf.get(message.message_id, "wxid_bob"))
