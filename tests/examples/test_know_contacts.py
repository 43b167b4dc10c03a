"""The example that knows whom an account knows, against the sandbox."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from padchat_twisted import AccountSession, connect

from .running import AUTH_KEY, ExampleTestCase, load, reactor

example: Any = load("know_contacts")


class Lines(list[str]):
    """Lines, and who waits for the next one."""

    waiting: Deferred[str] | None = None

    def append(self, line: str) -> None:
        """Take a line."""
        super().append(line)
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            waiting.callback(line)

    def next(self) -> Deferred[str]:
        """Return a Deferred that fires with the next one."""
        self.waiting = Deferred()
        return self.waiting


class RoomBookTests(ExampleTestCase):
    """Who came and who left."""

    async def test_day(self) -> None:
        """A login, somebody who joins, and somebody who leaves without a word."""
        world = self.sandbox.world
        bot, bob = world.person("bot"), world.person("bob")
        for person in (self.alice, bob):
            world.friends.befriend(bot, person)
        room = world.room("dev", members=["alice", "bob", "bot"])
        lines = Lines()
        said = lines.next()
        account = await connect(
            reactor,
            self.sandbox.url,
            auth_key=AUTH_KEY,
            name="bot",
            handlers=example.RoomBook(lines).set_up,
        )
        self.addCleanup(account.close)
        await account.when_ready()
        self.assertRegex(await said, r"^all \d people, 0 gone$")
        # The example has looked into the room by then.
        await account.members(room.user_name)

        said = lines.next()
        room.invite("carol", by="alice")
        self.assertEqual(await said, "came: ['carol'], left: []")
        said = lines.next()
        room.leave("bob")
        self.assertEqual(await said, "came: [], left: ['bob']")

        self.check_find(account)
        said = lines.next()
        room.remove("bot", by="alice")
        self.assertEqual(await said, f"not in {room.user_name} any more")

    def check_find(self, account: AccountSession) -> None:
        """One contact of a name is found; none or several are a mistake."""
        found = example.find(account.contacts, "alice")
        self.assertEqual(found.user_name, "wxid_alice")
        with self.assertRaisesRegex(LookupError, r"^0 contacts of that name \(loaded"):
            example.find(account.contacts, "nobody")
