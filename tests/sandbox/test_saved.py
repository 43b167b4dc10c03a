"""Tests of padchat_twisted.sandbox.saved: what outlives a restart."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.saved import SAVED_VERSION, SavedWorldDamaged
from padchat_twisted.sandbox.world import World

from .stage import DEVICE, KEY, Stage

#: Changes to a good dump that make it damaged: where, and what stands there then.
DAMAGES: list[tuple[list[Any], object]] = [
    (["version"], SAVED_VERSION + 1),
    (["version"], SAVED_VERSION - 1),
    (["version"], "1"),
    (["people"], None),
    (["people", 0, "name"], ""),
    (["people", 0, "name"], "weixin"),
    (["people", 0, "name"], "bob"),
    (["people", 0, "contacts"], ["nobody"]),
    (["people", 0, "contacts"], ["filehelper"]),
    (["people", 0, "more"], 1),
    (["rooms", 0, "owner"], "bob"),
    (["rooms", 0, "owner"], None),
    (["rooms", 0, "members"], []),
    (["rooms", 0, "members", 0, "name"], "nobody"),
    (["rooms", 1, "name"], "dev"),
    (["accounts", 0, "user"], "nobody"),
    (["accounts", 1, "user"], "bot1"),
    (["accounts", 1, "name"], "bot1"),
    (["accounts", 0, "device", "device_data"], 7),
    (["accounts", 0, "tokens", 0, "expires_at"], "soon"),
]


def damaged(good: dict[str, object], path: list[Any], value: object) -> object:
    """Return a copy of *good* with another value at *path*."""
    copy = json.loads(json.dumps(good))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


class SavedTests(SynchronousTestCase):
    """Dumping and loading."""

    def setUp(self) -> None:
        """Have a world with something of each kind."""
        self.stage = Stage()
        world = self.stage.world
        world.person("alice", nick_name="李四 😀")
        world.person("bob")
        world.room("dev", members=["alice", "bot1"]).rename("研发")
        world.room("empty")
        self.client = self.stage.connect("bot1").log_in()
        self.token = self.client.token()
        self.other = self.stage.connect("bot2").log_in()
        self.other.token()

    def load(self, dumped: object) -> World:
        """Load a dump."""
        return World.load(
            dumped,
            clock=self.stage.clock.seconds,
            random_hex=self.stage.random_hex,
        )

    def test_there_and_back(self) -> None:
        """A loaded world dumps the same again, through JSON as well."""
        dumped = self.stage.world.dump()
        again = self.load(json.loads(json.dumps(dumped)))
        self.assertEqual(again.dump(), dumped)
        self.assertEqual(repr(again), repr(self.stage.world))

    def test_what_survives(self) -> None:
        """Names, contacts, rooms, devices and who is logged in are as before."""
        before = self.stage.world
        self.stage.restart()
        after = self.stage.world
        self.assertEqual(after.person("alice").nick_name, "李四 😀")
        self.assertEqual(list(after.person("bob").contacts), ["wxid_alice", *BOTS])
        room = after.room("dev")
        self.assertEqual(room.nick_name, "研发")
        self.assertEqual(room.version, before.room("dev").version)
        self.assertEqual([x.name for x in room.members], ["alice", "bot1"])
        self.assertIs(room.owner, after.person("alice"))
        account = after.account("bot1")
        self.assertTrue(account.is_logged_in)
        self.assertIs(account.user, after.person("bot1"))
        self.assertIs(account.user.account, account)

    def test_own_users_survive(self) -> None:
        """After a restart no new account takes another one's user."""
        self.stage.restart()
        other_key = self.stage.connect("bot1", "KEY-2")
        self.assertNotEqual(other_key.account.own_user.name, "bot1")
        self.assertIs(
            self.stage.connect("bot1").account,
            self.stage.world.account("bot1", auth_key=KEY),
        )

    def test_kept_from_the_first_moment(self) -> None:
        """A message to an account that was logged in waits for its client."""
        self.stage.restart()
        self.stage.world.person("alice").says("welcome back", to="bot1")
        client = self.stage.connect("bot1")
        client.log_in_by_token(self.token)
        self.assertEqual(client.texts(), ["welcome back"])

    def test_secrets(self) -> None:
        """Neither keys nor tokens nor messages are in it; the device data are."""
        self.stage.world.person("alice").says("private words", to="bot1")
        text = json.dumps(self.stage.world.dump(), ensure_ascii=False)
        for secret in (KEY, self.token, "private words"):
            self.assertNotIn(secret, text)
        self.assertIn(DEVICE["deviceUuid"], text)

    def test_damaged(self) -> None:
        """A dump that contradicts itself or has another form is refused by name."""
        good = self.stage.world.dump()
        self.load(good)
        for path, value in DAMAGES:
            error = self.assertRaises(
                SavedWorldDamaged, self.load, damaged(good, path, value)
            )
            self.assertIn("cannot be used", str(error))
            self.assertIn("move it away", str(error))

    def test_newer(self) -> None:
        """A dump of a newer version says so."""
        with self.assertRaisesRegex(SavedWorldDamaged, f"version {SAVED_VERSION + 1}"):
            self.load({"version": SAVED_VERSION + 1, "what": "is this"})

    @settings(database=None, deadline=None, max_examples=60)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_garbage(self, dumped: object) -> None:
        """Anything else that JSON can hold is refused with the same error."""
        self.assertRaises(SavedWorldDamaged, self.load, dumped)


#: The users of the two accounts.
BOTS = ["wxid_bot1", "wxid_bot2"]
