"""The same faults over real sockets, in each dialect and over polling."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.trial.unittest import TestCase

from padchat_twisted.catalogue import QRCode, SendMsg, SentMessage, TextMessage
from padchat_twisted.composing import build_account, connector_for
from padchat_twisted.errors import CallRejected, NeedsHuman, OutcomeUnknown
from padchat_twisted.sandbox.faults.scenario import Scenario
from padchat_twisted.sandbox.faults.trouble import Plan
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.secret import Secret
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.endpoints import endpoint_for
from tests.service.stage import when_state
from tests.store.contract import error_of

from ..stage import KEY
from .case import NAME, scenario
from .test_served import on_send

#: Whichever reactor the tests were started with.
reactor = cast(Any, installed_reactor)

#: How a client comes: its dialect, and the transport of dialect ``socketio``.
WAYS = (
    ("socketio", "websocket"),
    ("socketio", "polling"),
    ("legacy", "websocket"),
    ("sdk", "websocket"),
)

#: A scenario in which nothing happens, until another one is played.
NOTHING = Scenario("nothing", "nothing happens", ())

#: Time limit of a call whose reply does not come (seconds).
SHORT = 0.3


class RealCase(TestCase):
    """Has sandboxes with faults, and accounts at them."""

    timeout = 60

    def serve(self, plan: Plan) -> None:
        """Start a sandbox that scans codes at once."""
        self.sandbox = SandboxService(
            reactor, port=0, auto_scan=True, auth_keys=[KEY], scenario=plan
        )
        self.sandbox.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self.sandbox.startService()
        self.addCleanup(self.sandbox.stopService)
        self.alice = self.sandbox.world.person("alice")
        self.store = MemoryStore()
        self.store.open()

    def account(self, way: tuple[str, str]) -> AccountSession:
        """Start an account; its codes are counted, and its texts kept."""
        dialect, transport = way
        urls = {"socketio": self.sandbox.url, **self.sandbox.other_urls}
        address = parse_url(urls[dialect].removesuffix("/AUTH_KEY"))
        secret = Secret(KEY)
        connector = connector_for(
            reactor,
            endpoint_for(reactor, address),
            address,
            secret,
            NAME,
            transports=(transport,),
        )
        self.codes = 0
        self.texts: list[str] = []
        self._awaited = 0
        self._when_texts: Deferred[list[str]] = Deferred()
        account = build_account(
            IReactorTime(reactor),
            connector,
            secret,
            NAME,
            self.store,
            handlers=self._set_up,
            dialect=address.dialect,
        )
        self.addCleanup(account.close)
        account.start()
        return account

    def _set_up(self, account: AccountSession) -> None:
        account.on(QRCode, self._code)
        account.on(TextMessage, self._text)

    def _code(self, account: AccountSession, code: QRCode) -> None:
        self.codes += 1

    def _text(self, account: AccountSession, message: TextMessage) -> None:
        self.texts.append(message.text)
        if len(self.texts) == self._awaited:
            self._when_texts.callback(self.texts)

    def heard(self, *said: str, also: int = 0) -> Deferred[list[str]]:
        """Have alice say some texts; fires when as many have come, and *also* some."""
        self._awaited = len(self.texts) + len(said) + also
        self._when_texts = Deferred()
        for text in said:
            self.alice.says(text, to=NAME)
        return self._when_texts

    def send(self, account: AccountSession) -> Deferred[SentMessage]:
        """Have an account write to alice."""
        return account.call(SendMsg(self.alice.user_name, "hello"), time_limit=SHORT)

    async def each_way(self, plan: Plan) -> AsyncIterator[AccountSession]:
        """Give an account that is ready, in each way to come."""
        for way in WAYS:
            self.serve(plan)
            account = self.account(way)
            await account.when_ready()
            yield account
            await account.close()
            await self.sandbox.stopService()


class ReplyTests(RealCase):
    """What may happen to a reply."""

    async def test_drop(self) -> None:
        """The message is sent, and nobody knows."""
        async for account in self.each_way(scenario(on_send("drop"))):
            await error_of(self.send(account), OutcomeUnknown)
            await self.send(account)
            self.assertEqual(len(self.alice.inbox), 2)

    async def test_late(self) -> None:
        """A reply may come late."""
        text = on_send("late", "seconds = 0.1")
        async for account in self.each_way(scenario(text)):
            self.assertTrue((await self.send(account)).msg_id)

    async def test_twice(self) -> None:
        """The second reply changes nothing."""
        text = on_send("twice", 'times = "always"')
        async for account in self.each_way(scenario(text)):
            for _ in range(3):
                await self.send(account)
            self.assertEqual(account.state, "ready")

    async def test_garble(self) -> None:
        """A reply that is cut cannot be read."""
        async for account in self.each_way(scenario(on_send("garble"))):
            await error_of(self.send(account), OutcomeUnknown)

    async def test_refuse(self) -> None:
        """The command is refused, and not carried out."""
        async for account in self.each_way(scenario(on_send("refuse"))):
            await error_of(self.send(account), CallRejected)
            self.assertEqual(self.alice.inbox, [])


class EventTests(RealCase):
    """What may happen to an event."""

    async def two_one(self, do: str, more: str = "") -> None:
        """Play a fault of one push; what was written first comes second."""
        async for account in self.each_way(NOTHING):
            assert self.sandbox.gateway.trouble is not None
            fault = f'[[fault]]\nevent = "push"\ndo = "{do}"\n{more}'
            self.sandbox.gateway.trouble.play(scenario(fault))
            self.alice.says("one", to=NAME)
            # In dialect sdk it is announced, and comes when the client asks for it.
            for _ in range(2):
                await self.send(account)
            self.assertEqual(await self.heard("two", also=1), ["two", "one"])

    async def test_swap(self) -> None:
        """The first comes behind the second."""
        await self.two_one("swap")

    async def test_late(self) -> None:
        """The first comes late."""
        await self.two_one("late", "seconds = 0.5")

    async def test_twice(self) -> None:
        """What comes twice is handled once."""
        async for _ in self.each_way("push-twice"):
            self.assertEqual(await self.heard("one"), ["one"])
            self.assertEqual(await self.heard("two"), ["one", "two"])

    async def test_replay(self) -> None:
        """What was pushed comes again with the next login, and is known."""
        async for account in self.each_way("old-messages-after-login"):
            await self.heard("one")
            lost = when_state(account, "retrying")
            self.sandbox.gateway.drop_clients()
            await lost
            account.try_again()
            await account.when_ready()
            self.assertEqual(await self.heard("two"), ["one", "two"])

    async def test_loaded(self) -> None:
        """Without ``loaded`` the account is of use, but not ready yet."""
        for way in WAYS:
            self.serve("loaded-never-comes")
            account = self.account(way)
            await when_state(account, "syncing")
            await self.send(account)
            self.assertEqual(account.state, "syncing")
            await account.close()

    async def test_expired_code(self) -> None:
        """A code that has expired is followed by another."""
        for way in WAYS:
            self.serve(scenario('[[fault]]\ndo = "expire-code"'))
            self.sandbox.world.auto_scan = False
            account = self.account(way)
            account.on(QRCode, self._scan_the_second)
            await account.when_ready()
            self.assertEqual(self.codes, 2)
            await account.close()

    def _scan_the_second(self, account: AccountSession, code: QRCode) -> None:
        if self.codes == 2:
            user = self.sandbox.world.account(NAME).own_user
            user.scan(NAME)
            user.confirm(NAME)


class LoginTests(RealCase):
    """What may be refused."""

    async def test_token(self) -> None:
        """A token that is refused leads to a code."""
        for way in WAYS:
            self.serve("token-expired")
            account = self.account(way)
            await account.when_ready()
            await account.close()
            self.sandbox.world.account(NAME).close()
            account = self.account(way)
            await account.when_ready()
            self.assertEqual(self.codes, 1, way)
            await account.close()

    async def test_key(self) -> None:
        """A key that is refused needs a person."""
        for way in WAYS:
            self.serve("key-refused")
            account = self.account(way)
            await error_of(account.when_ready(), NeedsHuman)
            await account.close()


class ConnectionTests(RealCase):
    """What may happen to a connection."""

    async def lost_and_back(self, text: str) -> None:
        """It is lost by the fault, and comes back, in each way."""
        async for account in self.each_way(scenario(text)):
            lost = when_state(account, "retrying")
            self.send(account).addErrback(lambda _: None)
            await lost
            account.try_again()
            await account.when_ready()
            await self.send(account)

    async def test_close(self) -> None:
        """By a close frame with a code."""
        await self.lost_and_back(on_send("close", "code = 1012"))

    async def test_half_close(self) -> None:
        """By the end of the gateway's half."""
        await self.lost_and_back(on_send("half-close"))

    async def test_restart(self) -> None:
        """By a restart."""
        await self.lost_and_back(on_send("restart", "seconds = 0"))

    async def test_down(self) -> None:
        """While it is away nobody is let in."""
        async for account in self.each_way(
            scenario(on_send("restart", "seconds = 100"))
        ):
            lost = when_state(account, "retrying")
            self.send(account).addErrback(lambda _: None)
            await lost
            lost = when_state(account, "retrying")
            account.try_again()
            self.assertIn("503", str((await lost).reason))

    async def test_take_over(self) -> None:
        """By somebody who took it over."""
        async for account in self.each_way(scenario(on_send("take-over"))):
            taken = when_state(account, "needs_human")
            self.send(account).addErrback(lambda _: None)
            await taken

    async def test_silence(self) -> None:
        """Silence is no loss; what was said in it comes at its end."""
        text = on_send("silence", "seconds = 0.8")
        async for account in self.each_way(scenario(text)):
            await self.send(account)
            heard = self.heard("one")
            await error_of(self.send(account), OutcomeUnknown)
            self.assertEqual((self.texts, account.state), ([], "ready"))
            self.assertEqual(await heard, ["one"])

    async def test_slow(self) -> None:
        """What is slow comes in order, and within its time."""
        text = on_send("slow", "seconds = 0.1")
        async for account in self.each_way(scenario(text)):
            for _ in range(2):
                await self.send(account)
            self.assertEqual(await self.heard("one", "two"), ["one", "two"])
