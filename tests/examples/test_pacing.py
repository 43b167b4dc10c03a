"""The documents' account that sends by turns, against the sandbox and with a clock."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import AccountSession, Pacing, Rate, connect
from padchat_twisted.service.config import load_configuration
from padchat_twisted.testing import ready_account

from .running import AUTH_KEY, EXAMPLES, ExampleTestCase, load, reactor

example: Any = load("pacing")


class CampaignTests(ExampleTestCase):
    """A campaign over real sockets, in earnest and dry."""

    async def ready(self, pacing: Pacing) -> AccountSession:
        """Log an account in."""
        account = await connect(
            reactor, self.sandbox.url, auth_key=AUTH_KEY, name="bot", pacing=pacing
        )
        self.addCleanup(account.close)
        return await account.when_ready()

    async def test_sent(self) -> None:
        """Whoever is written to got it, and it was counted."""
        account = await self.ready(Pacing(overall=Rate(0.01)))
        people = [self.sandbox.world.person(name) for name in ("alice", "bob")]
        names = [person.user_name for person in people]
        self.assertEqual(await example.campaign(account, names, "news"), 2)
        for person in people:
            self.assertEqual(person.inbox[-1].content, "news")
        assert account.pacing is not None
        self.assertEqual(account.pacing.sent_today, {"text": 2})

    async def test_dry(self) -> None:
        """With a dry run it comes to its end, and nobody got anything."""
        account = await self.ready(Pacing(dry_run=True))
        before = len(self.alice.inbox)
        reached = await example.campaign(account, [self.alice.user_name] * 3, "news")
        self.assertEqual((reached, len(self.alice.inbox)), (3, before))


class ExampleTests(SynchronousTestCase):
    """The same with a clock."""

    def test_stopped(self) -> None:
        """It tells of a cool-down, and where the campaign stopped."""
        clock = Clock()
        account, gateway = ready_account(
            clock=clock, handlers=example.setup, pacing=example.CAUTIOUS
        )
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            done = Deferred.fromCoroutine(
                example.campaign(account, ["wxid_a", "wxid_b", "wxid_c"], "news")
            )
            gateway.reply(gateway.last_call("sendMsg").call_id, {"msgId": "1"})
            # Something else is refused while the next one is on its way.
            account.send("wxid_d", "x").addErrback(lambda _: None)
            gateway.refuse(gateway.last_call("sendMsg").call_id, "操作过于频繁")
            gateway.reply(gateway.calls[-2].call_id, {"msgId": "2"})
        self.assertEqual(self.successResultOf(done), 2)
        first, second = said.getvalue().splitlines()
        self.assertEqual(first, "bot sends nothing for 300 s: 操作过于频繁")
        self.assertIn("stopped: the gateway said that it is too often", second)
        account.close()

    def test_own(self) -> None:
        """The numbers of our own are as the comment says."""
        clock = Clock()
        account, gateway = ready_account(clock=clock, pacing=example.OWN)
        gateway.calls.clear()
        for number in range(11):
            account.send(f"wxid_{number}", "x").addErrback(lambda _: None)
        self.assertEqual(len(gateway.calls), 10)
        clock.advance(1.0)
        self.assertEqual(len(gateway.calls), 11)
        account.close()

    def test_configuration(self) -> None:
        """The file says the same."""
        environ = {"PADCHAT_AUTH_KEY": AUTH_KEY}
        configuration = load_configuration(EXAMPLES / "pacing.toml", environ)
        self.assertEqual(configuration.pacing, example.CAUTIOUS)
