"""Tests of shop_bot.py, in memory and against the sandbox; neither needs a phone.

Run them with ``python -m twisted.trial test_shop_bot``.
"""

from shop_bot import setup
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted import AccountSession, QRCode, connect
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.testing import ready_account, text_message


class InMemoryTests(SynchronousTestCase):
    """The test plays the gateway: no network, no waiting."""

    def test_ping(self) -> None:
        """A ping is answered where it was written."""
        _, gateway = ready_account(handlers=setup)
        gateway.push(text_message("ping", from_user="wxid_alice"))
        sent = gateway.last_call("sendMsg").params
        self.assertEqual((sent["toUserName"], sent["content"]), ("wxid_alice", "pong"))

    def test_other_text(self) -> None:
        """Anything else is left alone."""
        _, gateway = ready_account(handlers=setup)
        before = len(gateway.calls)
        gateway.push(text_message("good morning"))
        self.assertEqual(len(gateway.calls), before)


class SandboxTests(TestCase):
    """Everything is real but WeChat: a gateway, its wire, people who scan and write."""

    async def test_ping(self) -> None:
        """Bob scans the bot's code; Alice writes to the bot and gets an answer."""
        from twisted.internet import reactor

        sandbox = SandboxService(reactor, port=0)
        sandbox.startService()
        self.addCleanup(sandbox.stopService)
        alice, bob = sandbox.world.person("alice"), sandbox.world.person("bob")

        def scan(account: AccountSession, code: QRCode) -> None:
            bob.scan(account.name)
            bob.confirm()

        account = await connect(
            reactor, sandbox.url, auth_key="any-key", name="bot", handlers=setup
        )
        self.addCleanup(account.close)
        account.on(QRCode, scan)
        await account.when_ready()

        answered: Deferred[Message] = Deferred()

        def watch(message: Message) -> None:
            if message.to is alice:
                answered.callback(message)

        sandbox.world.on_message(watch)
        alice.says("ping", to="bot")
        self.assertEqual((await answered).content, "pong")
