"""Tests of padchat_twisted.sandbox.friends: requests, codes and one-sided contacts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.catalogue.messages import FriendConfirmText
from padchat_twisted.catalogue.system_messages import FriendConfirm, FriendVerify
from padchat_twisted.catalogue.xml_messages import FriendRequest
from padchat_twisted.sandbox.friends import (
    MAX_GREETING_CHARACTERS,
    MAX_OPEN_REQUESTS,
)
from padchat_twisted.sandbox.people import MAX_NAME_CHARACTERS, Person, Profile
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.system_texts import Language

from .items import typed_items
from .stage import Stage

NAMES = ["al", "bo", "cy"]
names = st.sampled_from(NAMES)


class FriendMachine(RuleBasedStateMachine):
    """Three people ask, accept, delete and write; two plain sets say what is so."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Stage().world
        self.people = {name: self.world.add_person(name) for name in NAMES}
        self.knows: set[tuple[str, str]] = set()
        self.asked: set[tuple[str, str]] = set()

    def _befriended(self, one: str, other: str) -> None:
        self.knows |= {(one, other), (other, one)}
        self.asked -= {(one, other), (other, one)}

    @rule(name=names, is_asked=st.booleans())
    def decide(self, name: str, is_asked: bool) -> None:
        """Somebody decides whether they want to be asked."""
        person = self.people[name]
        person.profile = replace(person.profile, needs_verification=is_asked)

    @rule(asker=names, asked=names)
    def ask(self, asker: str, asked: str) -> None:
        """Somebody asks somebody."""
        person = self.people[asked]
        before = len(person.inbox)
        try:
            self.people[asker].asks(person, "hello")
        except Refused:
            assert asker == asked
            return
        assert asker != asked
        if {(asker, asked), (asked, asker)} <= self.knows:
            assert len(person.inbox) == before
        elif person.profile.needs_verification:
            self.asked.add((asker, asked))
            assert person.inbox[-1].kind is MessageType.FRIEND_REQUEST
        else:
            self._befriended(asker, asked)

    @rule(name=names, asker=names)
    def accept(self, name: str, asker: str) -> None:
        """Somebody accepts somebody."""
        try:
            self.people[name].accepts(self.people[asker])
        except Refused:
            assert (asker, name) not in self.asked
            return
        assert (asker, name) in self.asked
        self._befriended(asker, name)

    @rule(name=names, contact=names)
    def delete(self, name: str, contact: str) -> None:
        """Somebody deletes somebody."""
        try:
            self.people[name].deletes(self.people[contact])
        except Refused:
            assert (name, contact) not in self.knows
            return
        assert (name, contact) in self.knows
        self.knows.remove((name, contact))

    @rule(writer=names, reader=names)
    def write(self, writer: str, reader: str) -> None:
        """Somebody writes to somebody: only who has them gets it."""
        got = len(self.people[reader].inbox)
        told = len(self.people[writer].inbox)
        self.people[writer].says("hello", to=self.people[reader])
        if writer == reader or (reader, writer) in self.knows:
            assert len(self.people[reader].inbox) == got + 1
        else:
            assert len(self.people[reader].inbox) == got
            assert len(self.people[writer].inbox) == told + 1
            assert "Friend Confirmation" in self.people[writer].inbox[-1].content

    @invariant()
    def agrees(self) -> None:
        """Contacts and open requests are those of the sets."""
        friends = self.world.friends
        for name, person in self.people.items():
            known = {contact.name for contact in person.contacts.values()}
            assert known == {other for one, other in self.knows if one == name}
            askers = {request.asker.name for request in friends.requests_to(person)}
            assert askers == {one for one, other in self.asked if other == name}


FriendMachine.TestCase.settings = settings(
    database=None, deadline=None, max_examples=60, stateful_step_count=25
)


class ConsistencyTests(SynchronousTestCase):
    """Whatever is done, both sides agree."""

    def test_consistent(self) -> None:
        """Contacts, requests and what arrives agree with a plain model."""
        FriendMachine.TestCase("runTest").runTest()


class RequestTests(SynchronousTestCase):
    """A friend request from one side to the other."""

    def setUp(self) -> None:
        """Have an account, and somebody whom it does not know."""
        self.begin(Language.ENGLISH)
        self.dave.profile = Profile(alias="davy", sex=1, city="Xi'an", signature='"<&')

    def begin(self, language: Language) -> None:
        """Have them in a world of this language."""
        self.stage = Stage(WorldSettings(language=language))
        self.world = self.stage.world
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user
        self.dave = self.world.add_person("dave")

    def test_request_to_an_account(self) -> None:
        """It is pushed from fmessage with all that messages.toml says."""
        self.dave.asks("bot1", 'I\'m <dave> & "co"\n')
        (request,) = typed_items(self.client, FriendRequest, 37)
        self.assertEqual(request.from_user, "fmessage")
        self.assertEqual(request.user_name, self.dave.user_name)
        self.assertEqual(request.greeting, 'I\'m <dave> & "co"\n')
        self.assertEqual((request.alias, request.sex), ("davy", 1))
        self.assertEqual((request.city, request.sign), ("Xi'an", '"<&'))
        self.assertEqual(request.stranger, self.dave.stranger)
        (waiting,) = self.world.friends.requests_to(self.user)
        self.assertEqual(request.ticket, waiting.ticket)

    def test_accepted_by_an_account(self) -> None:
        """Both get the contact, the asker a text message, the other a system text."""
        self.dave.asks("bot1")
        (request,) = typed_items(self.client, FriendRequest, 37)
        self.client.call(
            "acceptUser",
            {"stranger": request.stranger, "ticket": request.ticket},
        )
        self.assertEqual(self.dave.inbox[-1].kind, MessageType.TEXT)
        self.assertEqual(
            self.dave.inbox[-1].content,
            "I've accepted your friend request. Now let's chat!",
        )
        contact, text = self.client.pushed(2, 10000)
        self.assertEqual(contact["userName"], self.dave.user_name)
        self.assertEqual(contact["source"], 3)
        self.assertIn("You have added dave", text["content"])
        self.assertEqual(text["fromUser"], self.dave.user_name)

    def test_accepted_by_the_other(self) -> None:
        """The account gets the contact and a text message that it reads as such."""
        self.user.asks(self.dave, "hello")
        self.assertEqual(self.dave.inbox[-1].kind, MessageType.FRIEND_REQUEST)
        self.client.take()
        self.dave.accepts("bot1")
        contact, item = self.client.pushed(2, 1)
        self.assertEqual(contact["userName"], self.dave.user_name)
        self.assertEqual(item["fromUser"], self.dave.user_name)
        self.dave.says("hi", to="bot1")
        self.assertEqual(self.client.texts(), ["hi"])

    def test_no_request(self) -> None:
        """Only what was asked can be accepted, and only once."""
        self.assertRaises(Refused, self.dave.accepts, "bot1")
        self.user.asks(self.dave)
        self.dave.accepts("bot1")
        self.assertRaises(Refused, self.dave.accepts, "bot1")

    def test_newest_counts(self) -> None:
        """Who asks twice has one request, with another ticket."""
        self.dave.asks("bot1", "one")
        (first,) = self.world.friends.requests_to(self.user)
        self.dave.asks("bot1", "two")
        (second,) = self.world.friends.requests_to(self.user)
        self.assertNotEqual(first.ticket, second.ticket)

    def test_bounds(self) -> None:
        """The oldest request goes; a long greeting is refused."""
        askers = [
            self.world.add_person(f"p{number}")
            for number in range(MAX_OPEN_REQUESTS + 1)
        ]
        for asker in askers:
            asker.asks(self.dave, "x" * MAX_GREETING_CHARACTERS)
        waiting = self.world.friends.requests_to(self.dave)
        self.assertEqual([request.asker for request in waiting], askers[1:])
        with self.assertRaises(Refused):
            self.dave.asks("bot1", "x" * (MAX_GREETING_CHARACTERS + 1))

    def test_nobody_to_ask(self) -> None:
        """Oneself, a system account and a room cannot be asked."""
        room = self.world.room("dev", members=["bot1"])
        for who in (self.dave, self.world.weixin, room):
            self.assertRaises(Refused, self.dave.asks, who)

    def test_contact_already(self) -> None:
        """Who asks a contact is told at once that it is accepted."""
        self.world.befriend(self.dave, self.user)
        self.client.take()
        self.user.asks(self.dave)
        (item,) = typed_items(self.client, FriendConfirmText, 1)
        self.assertEqual(item.from_user, self.dave.user_name)
        self.assertEqual(self.dave.inbox, [])

    def test_no_verification(self) -> None:
        """Who does not want to be asked is a contact at once; both are told."""
        self.dave.profile = Profile(needs_verification=False)
        self.user.asks(self.dave)
        (told,) = typed_items(self.client, FriendConfirm, 10000)
        self.assertEqual(told.name, "dave")
        self.assertIn("bot1 just added you", self.dave.inbox[-1].content)
        self.assertTrue(self.world.friends.are_contacts(self.user, self.dave))

    def test_chinese(self) -> None:
        """All texts of contacts exist in Chinese, and a client of ours reads them."""
        self.begin(Language.CHINESE)
        self.dave.asks("bot1")
        self.user.accepts(self.dave)
        (told,) = typed_items(self.client, FriendConfirm, 10000)
        self.assertEqual(told.name, "dave")
        self.user.asks(self.dave)
        self.assertEqual(len(typed_items(self.client, FriendConfirmText, 1)), 1)
        self.dave.deletes("bot1")
        self.user.says("hello?", to=self.dave)
        (refusal,) = typed_items(self.client, FriendVerify, 10000)
        self.assertEqual(refusal.name, "dave")


class OneSidedTests(SynchronousTestCase):
    """What is left when one side deletes the other."""

    def setUp(self) -> None:
        """Have an account and a contact of it."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user

    def test_deleted_by_the_other(self) -> None:
        """A message does not arrive, and the text says so in the name of the other."""
        self.alice.deletes("bot1")
        self.client.take()
        before = len(self.alice.inbox)
        self.user.says("hello?", to=self.alice)
        self.assertEqual(len(self.alice.inbox), before)
        (told,) = typed_items(self.client, FriendVerify, 10000)
        self.assertEqual((told.name, told.from_user), ("alice", "wxid_alice"))

    def test_deleted_by_oneself(self) -> None:
        """The other side keeps the account, and learns of it by writing."""
        self.user.deletes(self.alice)
        self.assertTrue(self.world.friends.is_one_sided(self.user, self.alice))
        self.alice.says("hello?", to="bot1")
        self.assertEqual(self.client.texts(), [])
        self.assertIn("Friend Confirmation", self.alice.inbox[-1].content)

    def test_added_again(self) -> None:
        """With the ticket a one-sided contact is added at once, else asked."""
        friends = self.world.friends
        self.user.deletes(self.alice)
        self.assertFalse(friends.add(self.user, self.alice))
        self.assertTrue(friends.add(self.user, self.alice, has_ticket=True))
        self.assertTrue(friends.are_contacts(self.user, self.alice))

    def test_ticket_is_no_key(self) -> None:
        """With the ticket alone nobody becomes the contact of a stranger."""
        dave = self.world.add_person("dave")
        self.assertFalse(self.world.friends.add(dave, self.user, has_ticket=True))

    def test_changes_reach_all_holders(self) -> None:
        """Who deleted somebody is not told of their changes; who has them is."""
        self.user.deletes(self.alice)
        self.client.take()
        self.world.person("alice", nick_name="Alice B.")
        self.assertEqual(self.client.pushed(2), [])
        self.alice.deletes("bot1")
        self.world.befriend(self.alice, self.user)
        self.alice.deletes("bot1")
        self.client.take()
        self.alice.profile = Profile(signature="new")
        (contact,) = self.client.pushed(2)
        self.assertEqual(contact["signature"], "new")

    def test_delete(self) -> None:
        """The notes go with the contact; who is none cannot be deleted."""
        self.world.friends.set_remark(self.user, self.alice, "Ali")
        self.user.deletes(self.alice)
        self.assertEqual(self.user.notes, {})
        self.assertRaises(Refused, self.user.deletes, self.alice)
        self.assertRaises(Refused, self.user.deletes, self.world.weixin)

    def test_remark(self) -> None:
        """A remark is pushed to who made it and nobody else; it can go again."""
        other = self.stage.connect("bot2").log_in()
        self.client.take()
        friends = self.world.friends
        longest = "x" * MAX_NAME_CHARACTERS
        for remark in (longest, ""):
            friends.set_remark(self.user, self.alice, remark)
            (contact,) = self.client.pushed(2)
            self.assertEqual(contact["remark"], remark)
        self.assertEqual(other.pushed(2), [])
        for person, text in ((self.alice, longest + "x"), (self.world.weixin, "x")):
            self.assertRaises(Refused, friends.set_remark, self.user, person, text)


class SearchTests(SynchronousTestCase):
    """Who is found by what."""

    def setUp(self) -> None:
        """Have two people who do not know each other."""
        self.world = Stage().world
        self.dave = self.world.add_person("dave")
        self.erin = self.world.add_person("erin")
        self.keys = ("wxid_erin", "erin1990", "13800000001", "10001")
        self.erin.profile = Profile(alias="erin1990", phone="13800000001", qq="10001")

    def found(self, key: str) -> Person | None:
        """Let dave search."""
        return self.world.friends.search(self.dave, key)

    def test_keys(self) -> None:
        """Wxid, WeChat id, telephone and QQ number find, and nothing else does."""
        for key in self.keys:
            self.assertIs(self.found(key), self.erin)
        for key in ("erin", "", "1380000000", "weixin", "filehelper"):
            self.assertIsNone(self.found(key))

    def test_hidden(self) -> None:
        """Who is not to be found is found by contacts only."""
        self.erin.profile = replace(self.erin.profile, is_findable=False)
        for key in self.keys:
            self.assertIsNone(self.found(key))
        self.world.befriend(self.dave, self.erin)
        for key in self.keys:
            self.assertIs(self.found(key), self.erin)
