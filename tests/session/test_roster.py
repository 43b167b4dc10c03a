"""Contacts and members of an account: what of its events and commands they hear."""

from __future__ import annotations

from typing import Any
from unittest import TestResult

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AddRoomMember,
    Command,
    Contact,
    DeleteContact,
    DeleteRoomMember,
    Loaded,
    QuitRoom,
    RoomJoin,
    SyncContact,
    TextMessage,
)
from padchat_twisted.errors import NotInRoom, NotSent
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.contacts import QUIET_SECONDS, ContactsSynced
from padchat_twisted.session.members import Members
from padchat_twisted.session.pacing import Pacing
from padchat_twisted.session.roster import Roster
from padchat_twisted.testing import (
    FakeConnector,
    RecordedHandler,
    contact,
    ready_account,
    system_message,
    text_message,
)

from .case import USER_NAME, AccountCase, ReadyCase

ROOM = "1@chatroom"

#: Texts of WeChat about a room, each in one language.
CHANGES = (
    '"Anna"邀请"Ben"加入了群聊',
    "Anna invited Ben to the group chat",
    '你将"Ben"移出了群聊',
    'You were removed from the group chat by "Anna"',
    '"Anna"修改群名为“New”',
    'You changed the group name to "New"',
    "你已成为新群主",
)


class RosterCase(ReadyCase):
    """An account that is ready, and asks for members."""

    def ask(self, room: str = ROOM) -> Deferred[Members]:
        """Ask for the members of a room."""
        return self.account.members(room)

    def know(self, *user_names: str) -> None:
        """Ask for the members of a room, and be answered."""
        asking = self.ask()
        member = [{"userName": name, "nickName": name} for name in user_names]
        self.answer(
            "getRoomMembers",
            {"userName": ROOM, "chatroomId": 7, "count": len(member), "member": member},
        )
        self.assertEqual(len(self.successResultOf(asking)), len(member))
        self.connection.calls.clear()

    def is_asked(self) -> bool:
        """Tell whether a look at the room makes a call."""
        self.ask().addErrback(lambda _: None)
        return self.codes() == ["getRoomMembers"]


class BookTests(RosterCase):
    """The book of an account."""

    def test_before_handlers(self) -> None:
        """The book has a contact before its handlers have it."""
        names: list[str] = []
        self.account.on(
            Contact,
            lambda account, event: names.append(
                account.contacts[event.user_name].nick_name
            ),
        )
        self.connection.push(contact("wxid_a", nick_name="A"))
        self.connection.push(contact("wxid_a", nick_name="B"))
        self.assertEqual(names, ["A", "B"])

    def test_while_a_handler_is_busy(self) -> None:
        """A handler that takes its time keeps nothing out of the book."""
        self.account.on(Contact, lambda *_: Deferred())
        self.connection.push(contact("wxid_a", nick_name="A"))
        self.connection.push(contact("wxid_a", nick_name="B"))
        self.assertEqual(self.account.contacts["wxid_a"].nick_name, "B")

    def test_half_an_emoji(self) -> None:
        """A contact whose name was cut does not keep others from being heard."""
        self.connection.push(contact("wxid_a", nick_name="A\ud83d"), contact("wxid_b"))
        self.assertEqual(self.account.contacts["wxid_a"].nick_name, "A\ufffd")
        self.assertIn("wxid_b", self.account.contacts)

    def test_deleted_by_us(self) -> None:
        """Who was deleted is gone when the gateway did it, and not before."""
        self.connection.push(contact("wxid_a"), contact("wxid_b"), contact("wxid_c"))
        calling = self.account.call(DeleteContact("wxid_a"))
        self.assertIn("wxid_a", self.account.contacts)
        self.answer("deleteContact", {"status": 0})
        self.successResultOf(calling)
        self.account.call(DeleteContact("wxid_b"))
        self.answer("deleteContact", {"status": -1})
        refused = self.account.call(DeleteContact("wxid_c"))
        self.refuse("deleteContact")
        self.failureResultOf(refused)
        self.assertEqual(list(self.account.contacts), ["wxid_b", "wxid_c"])

    def test_deleted_by_turns(self) -> None:
        """With pacing the same is heard, with a key too, and of a dry run nothing."""
        for dry_run, left in ((False, []), (True, ["wxid_a", "wxid_b"])):
            pacing = Pacing(dry_run=dry_run)
            clock = Clock()
            account, connection = ready_account(clock=clock, pacing=pacing)
            connection.push(contact("wxid_a"), contact("wxid_b"))
            connection.calls.clear()
            account.call(DeleteContact("wxid_a"))
            account.call(DeleteContact("wxid_b"), key="b")
            for call in connection.calls:
                connection.reply(call.call_id, {"status": 0})
            clock.advance(0)
            self.assertEqual(list(account.contacts), left)
            self.successResultOf(account.close())

    def test_left_by_us(self) -> None:
        """A room that was left is in no book, and has no members."""
        self.connection.push(contact(ROOM))
        self.know("wxid_a", USER_NAME)
        self.account.call(QuitRoom(ROOM))
        self.answer("quitRoom", {"status": 0})
        self.assertEqual(dict(self.account.contacts), {})
        asking = self.ask()
        self.answer("getRoomMembers", {"userName": ROOM, "status": -19})
        self.failureResultOf(asking, NotInRoom)


class SyncTests(AccountCase):
    """The synchronisation belongs to the login, and neither waits for the other."""

    def go_to_syncing(self) -> None:
        """Log in as far as ``syncing``."""
        self.begin()
        self.connection.notice("login", {"data": {"userName": USER_NAME}})
        self.answer("getDeviceInfo", {})
        self.answer("getAutoLoginData", {})
        self.assertEqual(self.account.state, "syncing")

    def test_usable_before(self) -> None:
        """Contacts are there as soon as they came."""
        self.go_to_syncing()
        self.connection.push(contact("wxid_a"))
        self.assertEqual(self.account.contacts.progress.state, "running")
        self.assertEqual(self.account.contacts.progress.received, 1)
        self.assertIn("wxid_a", self.account.contacts)

    def test_synced(self) -> None:
        """``loaded`` ends it, before anybody hears that the account is ready."""
        synced: RecordedHandler[ContactsSynced] = RecordedHandler()
        seen: list[tuple[str, bool]] = []
        self.account.on(ContactsSynced, synced)
        self.account.on(
            StateChanged,
            lambda account, event: seen.append((event.new, account.contacts.is_synced)),
        )
        self.account.on(
            Loaded,
            lambda account, _: seen.append(("loaded", account.contacts.is_synced)),
        )
        self.go_to_syncing()
        self.connection.push(contact("wxid_a"))
        self.connection.notice("loaded")
        self.assertEqual(synced.events, [ContactsSynced(True, 1)])
        self.assertEqual(
            seen[-3:], [("syncing", False), ("ready", True), ("loaded", True)]
        )

    def test_no_loaded(self) -> None:
        """Without ``loaded`` the account is ready, and the contacts are overdue."""
        synced: RecordedHandler[ContactsSynced] = RecordedHandler()
        self.account.on(ContactsSynced, synced)
        self.go_to_syncing()
        self.clock.advance(30)
        self.connection.push(contact("wxid_a"))
        self.clock.advance(30)
        self.assertEqual(self.account.state, "ready")
        self.assertEqual(self.account.contacts.progress.state, "running")
        self.clock.advance(QUIET_SECONDS - 30)
        self.assertEqual(self.account.contacts.progress.state, "overdue")
        self.assertEqual(synced.events, [ContactsSynced(False, 1)])

    def test_lost_and_found(self) -> None:
        """What is known outlives an outage; the next login brings it up to date."""
        self.go_to_syncing()
        self.connection.push(contact("wxid_a"), contact("wxid_b"))
        self.connection.notice("loaded")
        self.connection.lose()
        self.assertEqual(self.account.contacts.progress.state, "waiting")
        self.assertEqual(len(self.account.contacts), 2)
        self.clock.advance(10)
        self.go_in()
        self.connection.notice("login", {"data": {"userName": USER_NAME}})
        self.connection.push(contact("wxid_b", nick_name="New"))
        self.connection.notice("loaded")
        self.assertEqual(list(self.account.contacts), ["wxid_b"])

    def test_other_user(self) -> None:
        """When another person scans, nothing of the one before is left."""
        self.go_to_syncing()
        self.connection.push(contact("wxid_a"))
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.connection.notice("login", {"data": {"userName": "wxid_other"}})
        self.assertEqual(dict(self.account.contacts), {})


class AskedSyncTests(RosterCase):
    """``SyncContact`` of a handler."""

    def test_sync(self) -> None:
        """It brings all, so whoever is missing is gone."""
        self.connection.push(contact("wxid_a"), contact("wxid_b"))
        self.account.call(SyncContact())
        self.connection.push(contact("wxid_b"))
        self.assertEqual(self.account.contacts.progress.state, "running")
        self.connection.notice("loaded")
        self.answer("syncContact")
        self.assertEqual(list(self.account.contacts), ["wxid_b"])

    def test_not_sent(self) -> None:
        """One that did not leave begins nothing."""
        self.connection.lose()
        self.failureResultOf(self.account.call(SyncContact()), NotSent)
        self.assertEqual(self.account.contacts.progress.state, "waiting")


class SdkTests(RosterCase):
    """Dialect ``sdk`` brings only what changed."""

    dialect = "sdk"

    def test_nobody_goes(self) -> None:
        """Whoever does not come is kept."""
        self.connection.push(contact("wxid_a"), contact("wxid_b"))
        self.account.call(SyncContact(reset=True))
        self.answer("syncContact")
        self.assertEqual(self.account.contacts.progress.state, "loaded")
        self.connection.push(contact("wxid_b"))
        self.connection.notice("loaded")
        self.assertEqual(len(self.account.contacts), 2)


class RoomTests(RosterCase):
    """What voids a list of members."""

    def test_kept(self) -> None:
        """Nothing else does, texts in the room least of all."""
        self.know("wxid_a", "wxid_b")
        self.connection.push(text_message(room=ROOM), system_message("?", room=ROOM))
        self.connection.push(contact(ROOM, chatroom_id=7), contact("wxid_a"))
        self.assertFalse(self.is_asked())
        self.assertEqual(self.account.kept_members, 2)

    def test_texts(self) -> None:
        """Who comes, who goes, a new name, a new owner, in either language."""
        for text in CHANGES:
            self.know("wxid_a")
            self.connection.push(system_message(text, room=ROOM))
            self.assertTrue(self.is_asked(), text)
            self.refuse("getRoomMembers")

    def test_other_room(self) -> None:
        """A change of one room is none of another."""
        self.know("wxid_a")
        self.connection.push(system_message(CHANGES[0], room="2@chatroom"))
        self.assertFalse(self.is_asked())

    def test_pushed_room(self) -> None:
        """A room that is pushed with another version has changed."""
        self.know("wxid_a")
        self.connection.push(contact(ROOM, chatroom_id=8))
        self.assertTrue(self.is_asked())

    def test_before_handlers(self) -> None:
        """Who hears of a newcomer and asks is told of the newcomer."""
        asked: list[Deferred[Members]] = []
        self.account.on(RoomJoin, lambda account, _: asked.append(self.ask()))
        self.know("wxid_a")
        self.connection.push(system_message(CHANGES[0], room=ROOM))
        self.assertEqual(self.codes(), ["getRoomMembers"])
        self.assertNoResult(asked[0])
        self.refuse("getRoomMembers")
        self.failureResultOf(asked[0])

    def test_our_commands(self) -> None:
        """What we do to a room ourselves, however it ended."""
        commands: tuple[Command[Any], ...] = (
            AddRoomMember(ROOM, "wxid_c"),
            DeleteRoomMember(ROOM, "wxid_c"),
        )
        for command in commands:
            self.know("wxid_a")
            calling = self.account.call(command)
            self.refuse(command.wire_name)
            self.failureResultOf(calling)
            self.connection.calls.clear()
            self.assertTrue(self.is_asked())
            self.refuse("getRoomMembers")

    def test_outage(self) -> None:
        """What happened while the account was away nobody knows."""
        self.know("wxid_a")
        self.connection.lose()
        self.assertEqual(self.account.kept_members, 0)
        self.failureResultOf(self.ask(), NotSent)


class SwitchedOffTests(AccountCase):
    """An account that keeps no book."""

    def build(self, name: str = "bot", device: object = None) -> AccountSession:
        """Build one."""
        key = AccountKey(self.connector.url, "0" * 16, name)
        account = AccountSession(
            self.clock, self.connector, key, self.store, keeps_contacts=False
        )
        account.on(StateChanged, self.states)
        return account

    def test_off(self) -> None:
        """Handlers get contacts, the book none; members are kept all the same."""
        contacts: RecordedHandler[Contact] = RecordedHandler()
        self.account.on(Contact, contacts)
        self.log_in()
        self.connection.push(contact("wxid_a"))
        self.assertEqual(len(contacts.events), 1)
        self.assertEqual(dict(self.account.contacts), {})
        self.assertEqual(self.account.contacts.progress.state, "off")
        asking = self.account.members(ROOM)
        member = [{"userName": "wxid_a"}]
        self.answer("getRoomMembers", {"count": 1, "member": member})
        self.assertEqual(self.account.kept_members, 1)
        self.successResultOf(asking)
        self.connection.push(system_message(CHANGES[0], room=ROOM))
        self.assertEqual(self.account.kept_members, 0)


class NullTests(SynchronousTestCase):
    """The tests above, with a roster that is told nothing."""

    def test_they_fail(self) -> None:
        """Each of them needs the mechanism."""
        self.patch(Roster, "watches", {})
        for test in (
            BookTests("test_before_handlers"),
            SyncTests("test_usable_before"),
            SyncTests("test_synced"),
            SyncTests("test_lost_and_found"),
            RoomTests("test_texts"),
            RoomTests("test_pushed_room"),
        ):
            result = TestResult()
            test.run(result)
            self.assertFalse(result.wasSuccessful(), test)
            # A handler that raised was logged.
            self.flushLoggedErrors()


class HotPathTests(ReadyCase):
    """What nobody watches costs a look into one table."""

    def test_texts_are_not_watched(self) -> None:
        """Only contacts, ``loaded`` and changes of rooms are told."""
        watched = {kind.__name__ for kind in self.account._roster.watches}
        self.assertEqual(
            watched,
            {"Contact", "Loaded", "RoomJoin", "RoomLeave", "RoomOwner", "RoomRename"},
        )

    def test_one_table(self) -> None:
        """All accounts share it."""
        key = AccountKey("http://gateway.test/user", "0" * 16, "other")
        other = AccountSession(Clock(), FakeConnector(), key, self.store)
        self.assertIs(other._roster.watches, self.account._roster.watches)
        self.assertNotIn(TextMessage, other._roster.watches)
