"""The two small bots, in a sandbox."""

from __future__ import annotations

from twisted.internet.defer import Deferred, gatherResults

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.service.bots import ding_dong, ping_pong
from padchat_twisted.session.account import AccountSession, Handlers

from .stage import (
    StageCase,
    observe_log,
    texts,
    when_message,
    when_says,
    when_state,
)

GREETING = "你登录了！"


def when_handled(account: AccountSession, count: int) -> Deferred[None]:
    """Wait until the bot of an account is done with so many texts.

    Handlers of one text run in turn, so one that is registered after the bot's runs
    when the bot is done.
    """
    handled: Deferred[None] = Deferred()
    left = [None] * count

    def one_less(_: AccountSession, message: TextMessage) -> None:
        left.pop()
        if not left:
            handled.callback(None)

    account.on(TextMessage, one_less)
    return handled


class BotCase(StageCase):
    """Has an account that a bot runs, and all that is said around it."""

    async def log_in(self, bot: Handlers) -> AccountSession:
        """Log an account in; whatever it says from then on is in ``said``."""
        self.sandbox: SandboxService = self.start_sandbox()
        self.said: list[tuple[str, str]] = []
        self.sandbox.world.on_message(self.heard)
        service = self.make_service(self.sandbox.url)
        account = service.add_account("bot", handlers=bot)
        service.startService()
        return await account.when_ready()

    def heard(self, message: Message) -> None:
        """Note what the account says."""
        if message.sender.name == "bot":
            self.said.append((message.to.name, message.content))


class DingDongTests(BotCase):
    """It greets after each login, and answers ding."""

    async def test_greeting(self) -> None:
        """After each login it tells the account's own phone, by filehelper."""
        account = await self.log_in(ding_dong)
        if not self.said:
            await when_says(self.sandbox, "bot", GREETING)
        self.assertEqual(self.said, [("filehelper", GREETING)])

        lost = when_state(account, "retrying")
        self.sandbox.gateway.drop_clients()
        await lost
        greeted = when_says(self.sandbox, "bot", GREETING)
        account.try_again()
        await greeted
        self.assertEqual(self.said, [("filehelper", GREETING)] * 2)

    async def test_answer(self) -> None:
        """It answers where it was asked: the sender, or the room."""
        await self.log_in(ding_dong)
        alice = self.sandbox.world.person("alice")
        self.sandbox.world.room("dev", members=["alice", "bot"])
        answers = [
            when_message(
                self.sandbox,
                lambda message, to=to: (  # type: ignore[misc]  # to is a text
                    (message.to.name, message.content) == (to, "dong")
                ),
            )
            for to in ("alice", "dev")
        ]
        alice.says("ding", to="bot")
        alice.says("ding", to="dev")
        await gatherResults(answers)

    async def test_silence(self) -> None:
        """It answers neither other texts nor what the account itself writes."""
        account = await self.log_in(ding_dong)
        handled = when_handled(account, 7)
        alice = self.sandbox.world.person("alice")
        own_phone = self.sandbox.world.person("bot")
        for text in ("Ding", "ding ", "dingdong", "ping", "dong"):
            alice.says(text, to="bot")
        own_phone.says("ding", to="alice")
        alice.says("ding", to="bot")
        await handled
        said = [
            text for to, text in self.said if (to, text) != ("filehelper", GREETING)
        ]
        self.assertEqual(said, ["ding", "dong"])
        self.assertEqual(account.handler_failures, 0)

    async def test_answer_not_sent(self) -> None:
        """An answer whose outcome is unknown is told in the log; the bot goes on."""
        events = observe_log(self)
        account = await self.log_in(ding_dong)
        done = when_handled(account, 1)
        # The connection goes before the gateway says that the answer was sent.
        when_says(self.sandbox, "bot", "dong").addCallback(
            lambda _: self.sandbox.gateway.drop_clients()
        )
        self.sandbox.world.person("alice").says("ding", to="bot")
        await done
        self.assertIn("account bot: 'sendMsg' was sent, but its outcome", texts(events))
        self.assertEqual(account.handler_failures, 0)


class PingPongTests(BotCase):
    """It answers ping, and nothing else."""

    async def test_answer(self) -> None:
        """It answers the sender; it greets nobody, and says nothing else."""
        account = await self.log_in(ping_pong)
        handled = when_handled(account, 6)
        alice = self.sandbox.world.person("alice")
        own_phone = self.sandbox.world.person("bot")
        for text in ("Ping", "pong", "ding", "pingping"):
            alice.says(text, to="bot")
        own_phone.says("ping", to="alice")
        alice.says("ping", to="bot")
        await handled
        self.assertEqual(self.said, [("alice", "ping"), ("alice", "pong")])
