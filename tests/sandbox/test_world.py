"""Tests of padchat_twisted.sandbox.world: the pretend WeChat as a whole."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import MAX_NAME_CHARACTERS, MAX_PEOPLE
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.rooms import Room
from padchat_twisted.sandbox.world import MAX_ACCOUNTS, MAX_ROOMS

from .stage import KEY, Stage


class PeopleAndRoomTests(SynchronousTestCase):
    """Making and finding people and rooms."""

    def setUp(self) -> None:
        """Have an empty world."""
        self.stage = Stage()
        self.world = self.stage.world

    def test_person(self) -> None:
        """A name makes a person once, and finds them after that."""
        alice = self.world.person("alice")
        self.assertIs(self.world.person("alice"), alice)
        self.assertEqual((alice.user_name, alice.nick_name), ("wxid_alice", "alice"))
        self.world.person("alice", nick_name="Alice")
        self.world.person("alice")
        self.assertEqual(alice.nick_name, "Alice")
        self.assertEqual(alice.head_url, "http://sandbox.invalid:8080/head/wxid_alice")

    def test_same_in_each_world(self) -> None:
        """Ids depend on the name alone, so a restart gives the same."""
        other = Stage().world
        other.person("somebody else")
        for name in ("alice", "爱丽丝"):
            one, two = self.world.person(name), other.person(name)
            self.assertEqual((one.user_name, one.uin), (two.user_name, two.uin))
        self.assertEqual(self.world.room("dev").user_name, other.room("dev").user_name)

    def test_names(self) -> None:
        """A name that cannot be one makes nothing."""
        for name in ("", "x" * (MAX_NAME_CHARACTERS + 1)):
            self.assertRaises(Refused, self.world.person, name)
            self.assertRaises(Refused, self.world.person, "bob", nick_name=name)
            self.assertRaises(Refused, self.world.room, name)
        self.assertEqual(set(self.world.people), {"weixin", "filehelper"})
        self.assertEqual(self.world.rooms, {})

    def test_everybody_knows_everybody(self) -> None:
        """People made here know each other, mutually, and the accounts' users."""
        names = ["alice", "bob", "cy"]
        people = [self.world.person(name) for name in names]
        user = self.stage.connect("bot1").account.own_user
        late = self.world.person("late")
        everybody = [*people, user, late]
        for person in everybody:
            others = {x.user_name for x in everybody if x is not person}
            self.assertEqual(set(person.contacts), others)

    def test_accounts_do_not_know_each_other(self) -> None:
        """The users of accounts become contacts only when told to."""
        one = self.stage.connect("bot1").account.own_user
        two = self.stage.connect("bot2").account.own_user
        self.assertEqual((one.contacts, two.contacts), ({}, {}))
        self.world.befriend(one, two)
        self.assertEqual(list(one.contacts.values()), [two])
        self.assertEqual(list(two.contacts.values()), [one])
        self.world.befriend(one, one)
        self.world.befriend(one, self.world.weixin)
        self.assertEqual(len(one.contacts), 1)

    def test_room(self) -> None:
        """A name makes a room once; members are added to it later, silently."""
        room = self.world.room("dev", members=["alice", "bot1"])
        self.assertIs(self.world.room("dev", members=["bob"]), room)
        self.assertEqual([x.name for x in room.members], ["alice", "bot1", "bob"])
        self.assertIs(room.owner, self.world.person("alice"))
        self.assertEqual(self.world.person("alice").inbox, [])

    def test_member_is_the_later_account(self) -> None:
        """Who is in a room by name is the user of the account of that name."""
        room = self.world.room("dev", members=["bot1"])
        client = self.stage.connect("bot1").log_in()
        self.assertTrue(room.has(client.account.user))

    def test_number_of_rooms(self) -> None:
        """There are as many rooms as the limit says; those there are stay usable."""
        for number in range(MAX_ROOMS):
            self.world.add_room(f"room {number}")
        self.assertRaises(Refused, self.world.room, "one more")
        self.world.room("room 1", members=["alice"])
        self.assertEqual(len(self.world.rooms), MAX_ROOMS)

    def test_number_of_people(self) -> None:
        """There are as many people as the limit says, the system's among them."""
        for number in range(MAX_PEOPLE - len(self.world.people)):
            self.world.add_person(f"person {number}")
        self.assertEqual(len(self.world.people), MAX_PEOPLE)
        self.assertRaises(Refused, self.world.person, "one more")
        self.assertRaises(Refused, self.stage.connect, "one more")
        self.assertNotIn("one more", self.world.people)
        self.assertEqual(self.world.person("person 1").name, "person 1")
        self.stage.connect("person 1")

    def test_tell(self) -> None:
        """What WeChat itself writes comes in the name of somebody, to one reader."""
        alice, bob = self.world.person("alice"), self.world.person("bob")
        said: list[Message] = []
        self.world.on_message(said.append)
        self.world.tell(alice, "news", sender=bob)
        (told,) = alice.inbox
        self.assertEqual((told.sender, told.kind), (bob, MessageType.SYSTEM))
        self.assertEqual((bob.inbox, said), ([], []))

    def test_someone(self) -> None:
        """An unknown name becomes a person; a room does not."""
        room = self.world.room("dev")
        self.assertEqual(self.world.someone("new").name, "new")
        self.assertRaises(Refused, self.world.someone, room)
        self.assertRaises(Refused, self.world.someone, "dev")
        self.assertNotIsInstance(self.world.find("new"), Room)


class AccountTests(SynchronousTestCase):
    """Making and finding sub-accounts."""

    def setUp(self) -> None:
        """Have an empty world."""
        self.stage = Stage()
        self.world = self.stage.world

    def test_own_user(self) -> None:
        """An account has a user of its own name, the same one at each connection."""
        account = self.stage.connect("bot1").account
        self.assertEqual(account.own_user.user_name, "wxid_bot1")
        self.assertIs(self.stage.connect("bot1").account, account)
        self.assertEqual(len(self.world.accounts), 1)

    def test_own_user_of_another_key(self) -> None:
        """The same name under another key is another account with another user."""
        one = self.stage.connect("0", KEY).account
        two = self.stage.connect("0", "KEY-2").account
        three = self.stage.connect("0", "KEY-3").account
        self.assertEqual(
            [x.own_user.name for x in (one, two, three)], ["0", "0 2", "0 3"]
        )
        longest = "x" * MAX_NAME_CHARACTERS
        self.stage.connect(longest, KEY)
        self.stage.connect(longest, "KEY-2")

    def test_named_like_a_system_account(self) -> None:
        """No account becomes the file helper."""
        account = self.stage.connect("filehelper").account
        self.assertIsNot(account.own_user, self.world.filehelper)
        self.assertFalse(account.own_user.is_system)

    def test_label_limits(self) -> None:
        """A label has at least one character and not too many."""
        self.stage.connect("x" * MAX_NAME_CHARACTERS)
        for label in ("", "x" * (MAX_NAME_CHARACTERS + 1)):
            self.assertRaises(Refused, self.stage.connect, label)

    def test_number_is_bounded(self) -> None:
        """At the limit known accounts still connect, new ones are refused."""
        for number in range(MAX_ACCOUNTS):
            self.stage.connect(f"bot{number}")
        self.stage.connect("bot1")
        self.assertRaises(Refused, self.stage.connect, "one more")
        self.assertEqual(len(self.world.accounts), MAX_ACCOUNTS)

    def test_codes(self) -> None:
        """Codes are found by account, label, content and id, until they are void."""
        client = self.stage.connect("bot1")
        self.assertRaises(Refused, self.world.login_shown_by, "bot1")
        content = client.show_code()
        (login,) = self.world.logins
        for target in (client.account, "bot1", content):
            self.assertIs(self.world.login_shown_by(target), login)
        self.assertIs(self.world.find_code(login.code_id), login)
        self.stage.wait(240)
        self.assertRaises(Refused, self.world.login_shown_by, content)
        self.assertIsNone(self.world.find_code(login.code_id))
        self.assertEqual(self.world.logins, [])


class TimeTests(SynchronousTestCase):
    """When the world wants to be woken, and what it counts."""

    def setUp(self) -> None:
        """Have an empty world."""
        self.stage = Stage()
        self.world = self.stage.world

    def test_deadline(self) -> None:
        """Without a code there is no deadline; with some it is the earliest."""
        self.assertIsNone(self.world.next_deadline())
        self.stage.connect("bot1").show_code()
        begin = self.stage.clock.seconds()
        self.assertEqual(self.world.next_deadline(), begin + 5)
        self.stage.clock.advance(2)
        self.stage.connect("bot2").show_code()
        self.assertEqual(self.world.next_deadline(), begin + 5)
        self.world.auto_scan = True
        self.assertEqual(self.world.next_deadline(), begin + 1)

    def test_tick_is_harmless(self) -> None:
        """A tick before the deadline does nothing."""
        client = self.stage.connect("bot1")
        self.world.tick()
        client.show_code()
        self.stage.clock.advance(4.9)
        self.world.tick()
        self.assertEqual(client.events(), [])
        deadline = self.world.next_deadline()
        assert deadline is not None
        self.assertGreater(deadline, self.stage.clock.seconds())

    def test_changes(self) -> None:
        """What a dump holds is counted when it changes, a message is not."""
        client = self.stage.connect("bot1")

        def grows(what: str) -> bool:
            before, dumped = self.world.changes, self.world.dump()
            {
                "person": lambda: self.world.person("alice"),
                "again": lambda: self.world.person("alice"),
                "room": lambda: self.world.room("dev", members=["alice"]),
                "rename": lambda: self.world.room("dev").rename("Dev"),
                "login": client.log_in,
                "token": client.token,
                "message": lambda: self.world.person("alice").says("x", to="bot1"),
                "logout": lambda: client.call("logout"),
            }[what]()
            has_grown = self.world.changes > before
            self.assertEqual(has_grown, self.world.dump() != dumped, what)
            return has_grown

        for what in ("person", "room", "rename", "login", "token", "logout"):
            self.assertTrue(grows(what), what)
        for what in ("again", "message"):
            self.assertFalse(grows(what), what)

    def test_thousand_accounts(self) -> None:
        """A thousand accounts that log in at once all come in, each for itself."""
        self.world.person("alice")
        self.world.auto_scan = True
        clients = [self.stage.connect(f"bot{number}") for number in range(1000)]
        for client in clients:
            client.show_code()
        self.stage.wait(2)
        self.assertTrue(all(client.account.is_logged_in for client in clients))
        self.assertIsNone(self.world.next_deadline())
        self.assertEqual(len(clients[0].pushed(2)), 3)
        self.world.person("alice").says("one", to="bot999")
        self.assertEqual(clients[998].texts(), [])
        self.assertEqual(clients[999].texts(), ["one"])

    def test_repr(self) -> None:
        """The repr counts."""
        self.assertEqual(repr(self.world), "<world of 2 people, 0 rooms, 0 accounts>")
