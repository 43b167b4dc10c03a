"""Tests of padchat_twisted.sandbox.saved: what outlives a restart."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.labels import MAX_LABELS
from padchat_twisted.sandbox.people import Notes, Profile
from padchat_twisted.sandbox.rooms import MAX_ROOM_MEMBERS
from padchat_twisted.sandbox.saved import SAVED_VERSION, SavedWorldDamaged
from padchat_twisted.sandbox.world import World

from .stage import DEVICE, KEY, Stage

#: Changes to a good dump that make it damaged: where, and what stands there then.
DAMAGES: list[tuple[list[Any], object]] = [
    (["version"], SAVED_VERSION + 1),
    (["version"], 0),
    (["version"], "1"),
    (["people"], None),
    (["people", 0, "name"], ""),
    (["people", 0, "name"], "weixin"),
    (["people", 0, "name"], "bob"),
    (["people", 0, "contacts"], ["nobody"]),
    (["people", 0, "contacts"], ["filehelper"]),
    (["people", 0, "contacts"], ["alice"]),
    (["people", 0, "more"], 1),
    (["people", 0, "profile", "sex"], 3),
    (["people", 0, "notes", "nobody"], {}),
    (["people", 0, "notes", "stranger"], {}),
    (["people", 0, "notes", "bob", "label_ids"], [7]),
    (["people", 0, "labels", 0, "label_id"], "one"),
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
        alice = world.person("alice", nick_name="李四 😀")
        bob = world.person("bob")
        world.add_person("stranger")
        world.room("dev", members=["alice", "bot1"]).rename("研发")
        world.room("empty").needs_confirmation = True
        alice.profile = Profile(alias="lisi", sex=2, needs_verification=False)
        world.labels.put(alice, bob, world.labels.add(alice, "buyers"))
        world.friends.set_remark(alice, bob, "Bobby")
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
        self.assertTrue(after.room("empty").needs_confirmation)
        account = after.account("bot1")
        self.assertTrue(account.is_logged_in)
        self.assertIs(account.user, after.person("bot1"))
        self.assertIs(account.user.account, account)

    def test_relations_survive(self) -> None:
        """What people tell, what they keep about contacts, and one-sided contacts."""
        world = self.stage.world
        world.person("bob").deletes("alice")
        world.person("alice").head_version = 2
        self.stage.restart()
        alice, bob = (self.stage.world.people[name] for name in ("alice", "bob"))
        self.assertEqual((alice.profile.alias, alice.profile.sex), ("lisi", 2))
        self.assertFalse(alice.profile.needs_verification)
        self.assertEqual(alice.notes_on(bob), Notes("Bobby", [1]))
        self.assertEqual(alice.labels, {1: "buyers"})
        self.assertTrue(alice.head_url.endswith("/2"))
        self.assertTrue(alice.knows(bob))
        self.assertFalse(bob.knows(alice))

    def test_first_version(self) -> None:
        """A file of version 1, which had no relations, is read still."""
        old: dict[str, Any] = json.loads(json.dumps(self.stage.world.dump()))
        old["version"] = 1
        for person in old["people"]:
            for name in ("profile", "notes", "labels", "head_version"):
                del person[name]
        for room in old["rooms"]:
            del room["needs_confirmation"]
        alice = self.load(old).people["alice"]
        self.assertEqual(alice.profile, Profile())
        self.assertIn("wxid_bob", alice.contacts)
        self.assertEqual(self.load(old).dump()["version"], SAVED_VERSION)

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
        alice = self.stage.world.person("alice")
        alice.says("private words", to="bot1")
        alice.asks("stranger", "private greeting")
        self.stage.world.room("dev").announce("private announcement")
        text = json.dumps(self.stage.world.dump(), ensure_ascii=False)
        for secret in (KEY, self.token, "private "):
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

    def test_numbers(self) -> None:
        """What the world has no more of, a dump has no more of either."""
        good = self.stage.world.dump()
        for path, one, limit in (
            (["people", 0, "labels"], {"label_id": 1, "name": "x"}, MAX_LABELS),
            (["people", 0, "notes", "bob", "label_ids"], 1, MAX_LABELS),
            (
                ["rooms", 0, "members"],
                {"name": "alice", "invited_by": ""},
                MAX_ROOM_MEMBERS,
            ),
        ):
            self.load(damaged(good, path, [one] * limit))
            with self.assertRaisesRegex(SavedWorldDamaged, f"at most {limit}"):
                self.load(damaged(good, path, [one] * (limit + 1)))

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
