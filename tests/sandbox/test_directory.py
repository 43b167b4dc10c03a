"""Tests of padchat_twisted.sandbox.directory: who is found by which name."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.refusals import Refused

from .stage import KEY, Stage


class DirectoryTests(SynchronousTestCase):
    """The look-ups of the world."""

    def setUp(self) -> None:
        """Have a person and a room."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice")
        self.room = self.world.room("dev", members=["alice"])

    def test_order(self) -> None:
        """A wxid comes before a label, a label before a name, people before rooms."""
        both = self.world.person("both")
        self.world.room("both")
        self.assertIs(self.world.find("both"), both)
        client = self.stage.connect("both")
        client.account.user = self.alice
        self.assertIs(self.world.find("both"), self.alice)
        odd = self.world.person("wxid_alice")
        self.assertIs(self.world.find("wxid_alice"), self.alice)
        self.assertIs(self.world.find(odd.user_name), odd)

    def test_find(self) -> None:
        """Ids, labels and names are found; objects are themselves."""
        world = self.world
        alice, room = self.alice, self.room
        account = self.stage.connect("bot1").account
        for who in ("alice", "wxid_alice", alice):
            self.assertIs(world.find(who), alice)
        for what in ("dev", room.user_name, room):
            self.assertIs(world.find(what), room)
        for which in ("bot1", account):
            self.assertIs(world.find(which), account.user)
        self.assertIs(world.find("filehelper"), world.filehelper)

    def test_label_means_who_is_logged_in(self) -> None:
        """A label finds the user that the account is logged in as."""
        client = self.stage.connect("bot1")
        client.show_code()
        self.alice.scan("bot1")
        self.assertIs(self.world.find("bot1"), client.account.own_user)
        self.alice.confirm()
        self.assertIs(self.world.find("bot1"), self.alice)

    def test_strangers(self) -> None:
        """Each person is found by the v1 code; system accounts have none that works."""
        self.assertIs(self.world.by_stranger[self.alice.stranger], self.alice)
        self.assertNotIn(self.world.weixin.stranger, self.world.by_stranger)

    def test_nobody(self) -> None:
        """What is unknown is refused, with the way to make it."""
        with self.assertRaisesRegex(Refused, r"world\.person\(\)"):
            self.world.find("nobody")

    def test_accounts(self) -> None:
        """An account is found by its label, and by its key when labels clash."""
        self.assertRaises(Refused, self.world.account, "bot1")
        one = self.stage.connect("bot1", KEY).account
        self.assertIs(self.world.account("bot1"), one)
        two = self.stage.connect("bot1", "KEY-2").account
        self.assertRaises(Refused, self.world.account, "bot1")
        self.assertRaises(Refused, self.world.find, "bot1")
        self.assertIs(self.world.account("bot1", auth_key=KEY), one)
        self.assertIs(self.world.account("bot1", auth_key="KEY-2"), two)
        self.assertRaises(Refused, self.world.account, "bot1", auth_key="KEY-3")
