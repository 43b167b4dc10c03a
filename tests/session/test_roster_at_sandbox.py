"""Contacts and members of our own accounts at the sandbox gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted.catalogue import Contact, DeleteContact, RoomJoin, RoomLeave
from padchat_twisted.client import connect
from padchat_twisted.errors import NotInRoom
from padchat_twisted.sandbox import feeds
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.rooms import Room
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.contacts import QUIET_SECONDS, ContactsSynced
from padchat_twisted.session.members import Members

from ..sandbox.gateway_stage import GatewayStage
from ..sandbox.stage import KEY
from ..service.stage import when_state

#: Label of the account that a key has in every dialect, and the person behind it.
NAME = "0"

#: Whom an account knows that knows Alice, Bob and one room.
EVERYBODY = {"weixin", "filehelper", "wxid_alice", "wxid_bob"}


def names(members: Members) -> set[str]:
    """Name who is in a room."""
    return {member.nick_name for member in members.values()}


class RealSocketTests(TestCase):
    """A room that changes and contacts that go, in each dialect."""

    timeout = 60

    def setUp(self) -> None:
        """Start a sandbox with three people and a room, until the test ends."""
        from twisted.internet import reactor

        self.reactor = reactor
        self.sandbox = SandboxService(reactor, port=0, auto_scan=True, auth_keys=[KEY])
        self.world = self.sandbox.world
        self.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self.sandbox.startService()
        self.addCleanup(self.sandbox.stopService)
        user = self.world.person(NAME)
        self.alice, self.bob = self.world.person("alice"), self.world.person("bob")
        self.user = user
        for person in (self.alice, self.bob):
            self.world.friends.befriend(user, person)
        self.room = self.world.room("dev", members=["alice", "bob", user])

    def when(
        self, kind: type[Contact | RoomJoin | RoomLeave], is_it: Callable[[], bool]
    ) -> Deferred[None]:
        """Return a Deferred that fires with the first event after which *is_it*."""
        came: Deferred[None] = Deferred()

        def look(_: AccountSession, event: object) -> None:
            if is_it() and not came.called:
                came.callback(None)

        self.addCleanup(self.account.on(kind, look))
        return came

    async def day(self, url: str, *, comes_whole: bool = True) -> None:
        """Know everybody, see people come and go, and miss who was deleted."""
        self.account = account = await connect(self.reactor, url, auth_key=KEY)
        self.addCleanup(account.close)
        await account.when_ready()
        room = self.room.user_name
        self.assertEqual(set(account.contacts), {*EVERYBODY, room})
        self.assertEqual(account.contacts.progress.state, "loaded")
        self.assertEqual(account.contacts.progress.received, 5)
        (dev,) = account.contacts.named("dev")
        self.assertEqual((dev.user_name, dev.member_count), (room, 3))

        members = await account.members(room)
        self.assertEqual(names(members), {"alice", "bob", NAME})
        self.assertEqual(members.version, dev.chatroom_id)

        joined = self.when(RoomJoin, lambda: True)
        self.room.invite("carol", by="alice")
        await joined
        members = await account.members(room)
        self.assertEqual(names(members), {"alice", "bob", "carol", NAME})

        # Who leaves by choice is told to nobody: only the room's version says it.
        left = self.when(Contact, lambda: account.contacts[room].member_count == 3)
        self.room.leave("bob")
        await left
        members = await account.members(room)
        self.assertEqual(names(members), {"alice", "carol", NAME})

        await account.call(DeleteContact("wxid_bob"))
        self.assertNotIn("wxid_bob", account.contacts)

        self.assertIn("wxid_alice", account.contacts)
        lost = when_state(account, "retrying")
        self.sandbox.gateway.drop_clients()
        await lost
        self.user.deletes(self.alice)
        self.assertIn("wxid_alice", account.contacts)
        self.assertFalse(account.contacts.is_synced)
        account.try_again()
        await when_state(account, "ready")
        self.assertTrue(account.contacts.is_synced)
        self.assertEqual("wxid_alice" not in account.contacts, comes_whole)

        removed = self.when(RoomLeave, lambda: True)
        self.room.remove(self.user, by="alice")
        await removed
        error = None
        try:
            await account.members(room)
        except NotInRoom as caught:
            error = caught
        self.assertEqual(error and error.room, room)
        await account.close()

    async def test_socketio(self) -> None:
        """The dialect ``socketio``."""
        await self.day(self.sandbox.url)

    async def test_legacy(self) -> None:
        """The dialect ``legacy``."""
        await self.day(self.sandbox.other_urls["legacy"])

    async def test_sdk(self) -> None:
        """The dialect ``sdk``, which tells what changed: nobody goes unsaid."""
        url = self.sandbox.other_urls["sdk"].removesuffix("/AUTH_KEY")
        await self.day(url, comes_whole=False)


class NoLoadedTests(SynchronousTestCase):
    """A gateway that never sends ``loaded``, with its time in our hands."""

    def test_survived(self) -> None:
        """The account is ready, and the contacts are there and called overdue."""

        def contacts(feed: feeds.PushFeed, found: Sequence[Person | Room]) -> None:
            for contact in found:
                feed.contact(contact)

        self.patch(feeds.PushFeed, "contacts", contacts)
        stage = GatewayStage()
        stage.world.auto_scan = True
        user = stage.world.person("bot1")
        stage.world.friends.befriend(user, stage.world.person("alice"))
        watched = stage.account("bot1")
        synced: list[ContactsSynced] = []
        watched.session.on(ContactsSynced, lambda _, event: synced.append(event))
        stage.wait(5)
        self.assertEqual(watched.state, "syncing")
        contacts_of = watched.session.contacts
        self.assertIn("wxid_alice", contacts_of)
        self.assertEqual(contacts_of.progress.state, "running")
        stage.wait(QUIET_SECONDS)
        self.assertEqual(watched.state, "ready")
        self.assertEqual(contacts_of.progress.state, "overdue")
        self.assertEqual(synced, [ContactsSynced(False, len(contacts_of))])
        watched.close()
        stage.gateway.stop()
        stage.flush()
        self.assertEqual(stage.clock.getDelayedCalls(), [])
