"""Tests of padchat_twisted.sandbox.labels: the labels of contacts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.labels import MAX_LABELS
from padchat_twisted.sandbox.people import MAX_NAME_CHARACTERS
from padchat_twisted.sandbox.refusals import Refused

from .stage import Stage


class LabelTests(SynchronousTestCase):
    """Labels of one person, on their contacts."""

    def setUp(self) -> None:
        """Have an account with two contacts."""
        self.stage = Stage()
        self.world = self.stage.world
        self.labels = self.world.labels
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.client = self.stage.connect("bot1").log_in()
        self.user = self.client.account.user

    def test_put(self) -> None:
        """Labels add up on a contact, in order; each change is pushed to one side."""
        other = self.stage.connect("bot2").log_in()
        self.client.take()
        ids = [self.labels.add(self.user, name) for name in ("one", "two")]
        for label_id in (ids[1], ids[0], ids[1]):
            self.labels.put(self.user, self.alice, label_id)
        pushed = [item["label"] for item in self.client.pushed(2)]
        self.assertEqual(pushed, ["2", "2,1"])
        self.assertEqual(other.pushed(2), [])
        self.assertEqual(self.alice.labels, {})

    def test_delete(self) -> None:
        """A label that goes is taken off its contacts, which are pushed."""
        label_id = self.labels.add(self.user, "one")
        self.labels.put(self.user, self.alice, label_id)
        self.client.take()
        self.labels.delete(self.user, label_id)
        (pushed,) = self.client.pushed(2)
        self.assertEqual((pushed["userName"], pushed["label"]), ("wxid_alice", ""))
        self.assertRaises(Refused, self.labels.delete, self.user, label_id)

    def test_refused(self) -> None:
        """Neither unknown labels nor names that are taken, nor who is no contact."""
        label_id = self.labels.add(self.user, "one")
        stranger = self.world.add_person("dave")
        for contact, wrong_id in ((stranger, label_id), (self.alice, label_id + 1)):
            with self.assertRaises(Refused):
                self.labels.put(self.user, contact, wrong_id)
        for name in ("", "one", "x" * (MAX_NAME_CHARACTERS + 1)):
            self.assertRaises(Refused, self.labels.add, self.user, name)

    def test_own(self) -> None:
        """Two people may have labels of the same name, each their own."""
        self.labels.add(self.user, "one")
        self.labels.add(self.alice, "one")
        self.assertEqual(self.user.labels, self.alice.labels)
        self.labels.delete(self.alice, 1)
        self.assertEqual(self.user.labels, {1: "one"})

    def test_number(self) -> None:
        """There are as many as the limit says, and no more."""
        for number in range(MAX_LABELS):
            self.labels.add(self.user, str(number))
        self.assertRaises(Refused, self.labels.add, self.user, "more")
