"""How contacts and messages get to a client."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.feeds import CONTACTS, MESSAGES
from padchat_twisted.sandbox.people import MAX_KEPT_MESSAGES
from padchat_twisted.sandbox.pushes import CONTACTS_PER_PUSH, MESSAGES_PER_PUSH
from padchat_twisted.wire.json_pushes import END_OF_CONTACTS

from .stage import Client, Stage, first


def contacts_of(pushed: list[dict[str, Any]]) -> list[str]:
    """Return the contacts of push payloads."""
    items = [item for payload in pushed for item in payload["list"]]
    return [item["userName"] for item in items if item["msgType"] != END_OF_CONTACTS]


class PushFeedTests(SynchronousTestCase):
    """Clients that are pushed to."""

    def test_sync(self) -> None:
        """Contacts are pushed again when asked for; messages never wait."""
        stage = Stage()
        stage.world.person("alice")
        client = stage.connect().log_in()
        self.assertTrue(client.call("syncContact").success)
        self.assertEqual(client.events(), ["push", "loaded"])
        self.assertTrue(client.call("syncMsg").success)
        self.assertEqual(client.events(), [])


class FetchedFeedTests(SynchronousTestCase):
    """Clients that fetch."""

    def setUp(self) -> None:
        """Have a client that just logged in."""
        self.stage = Stage()
        self.alice = self.stage.world.person("alice")
        self.client = self.log_in()

    def log_in(self) -> Client:
        """Log a client in that fetches."""
        client = self.stage.connect()
        client.binding.fetches_news = True
        return client.log_in()

    def fetch(self, code: str) -> list[dict[str, Any]]:
        """Send a command; return the payloads of the pushes that follow."""
        self.client.take()
        self.assertTrue(self.client.call(code).success)
        return self.client.payloads("push")

    def test_full(self) -> None:
        """A full synchronisation brings what was fetched before, once more."""
        before = contacts_of(self.fetch("syncContact"))
        self.assertIn("wxid_alice", before)
        self.assertEqual(contacts_of(self.fetch("syncContact")), [])
        self.client.binding.feed.sync_contacts(is_full=True)
        self.assertEqual(contacts_of(self.client.payloads("push")), before)

    def test_announced_once(self) -> None:
        """A login announces both; more of a kind is not announced until a fetch."""
        kinds = [first(x)["type"] for x in self.client.notices if x.event == "notify"]
        self.assertEqual(kinds, [CONTACTS, MESSAGES])
        for text in ("a", "b"):
            self.alice.says(text, to="bot1")
        self.stage.world.person("carol")
        self.assertEqual(self.client.events(), [])
        self.fetch("syncMsg")
        self.fetch("syncContact")
        self.alice.says("c", to="bot1")
        self.stage.world.person("dave")
        self.alice.says("d", to="bot1")
        self.assertEqual(
            self.client.payloads("notify"), [{"type": MESSAGES}, {"type": CONTACTS}]
        )

    def test_contacts_in_parts(self) -> None:
        """Each fetch gives a part; the last one, and it alone, has the end."""
        for number in range(CONTACTS_PER_PUSH * 2):
            self.stage.world.person(f"p{number}")
        pushed: list[dict[str, Any]] = []
        while not pushed or pushed[-1]["list"][-1]["msgType"] != END_OF_CONTACTS:
            pushed += self.fetch("syncContact")
            self.assertLess(len(pushed), 4)
        self.assertEqual({payload["type"] for payload in pushed}, {CONTACTS})
        names = contacts_of(pushed)
        self.assertEqual(len(names), len(set(names)))
        known = self.client.account.user.contact_list()
        self.assertEqual(set(names), {contact.user_name for contact in known})
        ends = [x for p in pushed for x in p["list"] if x["continue"] == 0]
        self.assertEqual(len(ends), 1)

    def test_nothing_new(self) -> None:
        """A fetch of nothing gives the end of the contacts, and no message."""
        self.fetch("syncContact")
        self.fetch("syncMsg")
        (payload,) = self.fetch("syncContact")
        (end,) = payload["list"]
        self.assertEqual((end["msgType"], end["continue"]), (END_OF_CONTACTS, 0))
        self.assertEqual(self.fetch("syncMsg"), [])

    def test_contact_that_changed(self) -> None:
        """One contact that changed comes alone."""
        self.fetch("syncContact")
        self.stage.world.person("alice", nick_name="Alice")
        pushed = self.fetch("syncContact")
        self.assertEqual(contacts_of(pushed), [self.alice.user_name])

    def test_messages_in_parts(self) -> None:
        """One fetch gives all messages, in pushes that are not too large."""
        self.fetch("syncMsg")
        sent = [str(number) for number in range(MESSAGES_PER_PUSH + 1)]
        for text in sent:
            self.alice.says(text, to="bot1")
        pushed = self.fetch("syncMsg")
        self.assertEqual([len(p["list"]) for p in pushed], [MESSAGES_PER_PUSH, 1])
        texts = [item["content"] for payload in pushed for item in payload["list"]]
        self.assertEqual(texts, sent)

    def test_bound(self) -> None:
        """What waits is bounded; the oldest go first."""
        self.fetch("syncMsg")
        for number in range(MAX_KEPT_MESSAGES + 1):
            self.alice.says(str(number), to="bot1")
        pushed = self.fetch("syncMsg")
        texts = [item["content"] for payload in pushed for item in payload["list"]]
        self.assertEqual(len(texts), MAX_KEPT_MESSAGES)
        self.assertEqual((texts[0], texts[-1]), ("1", str(MAX_KEPT_MESSAGES)))

    def test_kept_until_fetched(self) -> None:
        """An announced message is kept for the next login until it is fetched."""
        self.alice.says("fetched", to="bot1")
        self.fetch("syncMsg")
        self.alice.says("announced", to="bot1")
        self.client.take()
        self.client.binding.detach()
        self.stage.wait(100_000)
        self.client = self.log_in()
        pushed = self.fetch("syncMsg")
        texts = [item["content"] for payload in pushed for item in payload["list"]]
        self.assertEqual(texts[1:], ["announced"])

    def test_second_login(self) -> None:
        """What waited before a login on the same connection does not come twice."""
        self.alice.says("once", to="bot1")
        token = self.client.token()
        self.client.call("close")
        self.client.take()
        self.assertTrue(self.client.log_in_by_token(token).success)
        self.assertEqual(self.client.events(), ["login", "notify", "notify"])
        pushed = self.fetch("syncMsg")
        texts = [item["content"] for payload in pushed for item in payload["list"]]
        self.assertEqual(texts.count("once"), 1)
