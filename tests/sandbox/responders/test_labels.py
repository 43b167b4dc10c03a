"""Tests of padchat_twisted.sandbox.responders.labels: labels as clients use them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import ContactInfo, Label, LabelList
from padchat_twisted.sandbox.responders import Reply

from ..stage import Stage, as_read

DONE = Reply(True, "", {"message": "", "status": 0})


class LabelCommandTests(SynchronousTestCase):
    """What a client does with labels."""

    def setUp(self) -> None:
        """Have an account with a contact."""
        self.stage = Stage()
        self.stage.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()

    def labels(self) -> tuple[Label, ...]:
        """Call ``getLabelList``."""
        return as_read(self.client.call("getLabelList"), LabelList).label

    def test_there_and_back(self) -> None:
        """A label is made, listed, put on a contact, and deleted."""
        self.assertEqual(self.labels(), ())
        self.assertEqual(self.client.call("addLabel", {"label": "one"}), DONE)
        self.assertEqual(self.labels(), (Label(1, "one"),))
        params = {"userId": "wxid_alice", "labelId": "1"}
        self.assertEqual(self.client.call("setLabel", params), DONE)
        reply = self.client.call("getContact", {"userId": "wxid_alice"})
        self.assertEqual(as_read(reply, ContactInfo).label, "1")
        self.assertEqual(self.client.call("deleteLabel", {"labelId": "1"}), DONE)
        self.assertEqual(self.labels(), ())

    def test_id_as_a_number(self) -> None:
        """The id may be a number, as it is in the list."""
        self.client.call("addLabel", {"label": "one"})
        params = {"userId": "wxid_alice", "labelId": 1}
        self.assertEqual(self.client.call("setLabel", params), DONE)
        self.assertEqual(self.client.call("deleteLabel", {"labelId": 1}), DONE)

    def test_refused(self) -> None:
        """Unknown ids, unknown people and names that are taken."""
        self.client.call("addLabel", {"label": "one"})
        for code, params in (
            ("addLabel", {"label": "one"}),
            ("deleteLabel", {"labelId": "2"}),
            ("deleteLabel", {"labelId": "one"}),
            ("setLabel", {"userId": "wxid_alice", "labelId": "2"}),
            ("setLabel", {"userId": "wxid_nobody", "labelId": "1"}),
            ("setLabel", {"userId": "weixin", "labelId": "1"}),
        ):
            self.client.refused(code, params)
