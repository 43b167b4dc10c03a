"""Our own accounts at the sandbox on a real port, in each dialect."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.trial.unittest import TestCase

from padchat_twisted.catalogue import QRCode, SendMsg, TextMessage
from padchat_twisted.client import connect
from padchat_twisted.composing import build_account
from padchat_twisted.errors import AuthKeyInvalid, NamespaceRefused, NeedsHuman
from padchat_twisted.sandbox.accounts import Account
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.secret import Secret
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.connectors import EndpointConnector
from padchat_twisted.transport.endpoints import endpoint_for
from padchat_twisted.transport.revision import RevisionSetting
from tests.service.stage import when_state
from tests.store.contract import error_of

from .stage import KEY

#: The revisions of Engine.IO that the sandbox speaks.
REVISIONS: tuple[RevisionSetting, ...] = (3, 4)

#: Label of the account that a key has in every dialect.
NAME = "0"


class ThreeDialectsTests(TestCase):
    """The same day of an account, told in each dialect."""

    timeout = 60

    def setUp(self) -> None:
        """Start a sandbox that scans at once, until the test ends."""
        from twisted.internet import reactor

        self.reactor = reactor
        self.sandbox = SandboxService(
            reactor, port=0, auto_scan=True, auth_keys=[KEY, "another"]
        )
        self.sandbox.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self.sandbox.startService()
        self.addCleanup(self.sandbox.stopService)
        self.store = MemoryStore()
        self.alice = self.sandbox.world.person("alice")

    def urls(self) -> tuple[str, str, str]:
        """Return the URL of each dialect, as our own client takes it."""
        others = self.sandbox.other_urls
        sdk = others["sdk"].removesuffix("/AUTH_KEY")
        return self.sandbox.url, others["legacy"], sdk

    async def connect(self, url: str, key: str = KEY) -> AccountSession:
        """Connect an account; its codes and texts are kept."""
        self.codes = 0
        self.texts: list[str] = []
        self._when_text: Callable[[str], None] = lambda text: None

        def count(account: AccountSession, code: QRCode) -> None:
            self.codes += 1

        def take(account: AccountSession, message: TextMessage) -> None:
            self.texts.append(message.text)
            self._when_text(message.text)

        def set_up(account: AccountSession) -> None:
            account.on(QRCode, count)
            account.on(TextMessage, take)

        account = await connect(
            self.reactor, url, auth_key=key, store=self.store, handlers=set_up
        )
        self.addCleanup(account.close)
        return account

    def account(self, key: str = KEY) -> Account:
        """Return the account as the gateway has it."""
        return self.sandbox.world.account(NAME, auth_key=key)

    def hears(self, text: str) -> Deferred[None]:
        """Have alice say something; fires when it came."""
        heard: Deferred[None] = Deferred()

        def look(came: str) -> None:
            if came == text:
                heard.callback(None)

        self._when_text = look
        self.alice.says(text, to=self.account())
        return heard

    async def day(self, url: str) -> None:
        """Log in by code, talk, lose the connection, come back, leave, come back."""
        account = await self.connect(url)
        await account.when_ready()
        self.assertEqual((account.user_name, self.codes), ("wxid_0", 1))
        await self.hears("good morning")
        sent = await account.call(SendMsg("wxid_alice", "hello"))
        self.assertEqual(self.alice.inbox[-1].message_id, sent.msg_id)

        lost = when_state(account, "retrying")
        self.sandbox.gateway.drop_clients()
        await lost
        self.alice.says("meanwhile", to=self.account())
        account.try_again()
        await when_state(account, "ready")
        await self.hears("good evening")
        self.assertEqual(self.texts, ["good morning", "meanwhile", "good evening"])

        await account.close()
        self.assertTrue(self.account().is_logged_in)
        account = await self.connect(url)
        await account.when_ready()
        self.assertEqual(self.codes, 0)
        binding = self.account().binding
        assert binding is not None
        self.assertIs(binding.state, State.LOGGED_IN)

        lost = when_state(account, "retrying")
        self.account().log_out()
        await lost
        account.try_again()
        await when_state(account, "ready")
        self.assertEqual(self.codes, 1)
        await account.close()

    async def test_socketio(self) -> None:
        """The dialect ``socketio``."""
        await self.store.open()
        await self.day(self.urls()[0])

    async def test_every_way(self) -> None:
        """The dialect ``socketio`` is spoken in both revisions, by every transport."""
        await self.store.open()
        address = parse_url(self.sandbox.url)
        secret = Secret(KEY)
        for revision in REVISIONS:
            for transports in (("websocket",), ("polling",), ("polling", "websocket")):
                connector = EndpointConnector(
                    self.reactor,
                    endpoint_for(self.reactor, address),
                    address,
                    secret,
                    NAME,
                    revision=revision,
                    transports=transports,
                )
                account = build_account(
                    IReactorTime(self.reactor), connector, secret, NAME, self.store
                )
                self.addCleanup(account.close)
                account.start()
                await account.when_ready()
                await account.call(SendMsg("wxid_alice", f"{revision} {transports}"))
                content = self.alice.inbox[-1].content
                self.assertEqual(content, f"{revision} {transports}")
                await account.close()

    async def test_refused_in_revision_4(self) -> None:
        """There a refusal is an object with a message; the reasons are the same."""
        await self.store.open()
        bad_namespace = self.sandbox.url.replace("/user", "/other")
        for url, key in ((self.sandbox.url, "wrong"), (bad_namespace, KEY)):
            address = parse_url(url)
            connector = EndpointConnector(
                self.reactor,
                endpoint_for(self.reactor, address),
                address,
                Secret(key),
                NAME,
                revision=4,
            )
            account = build_account(
                IReactorTime(self.reactor), connector, Secret(key), NAME, self.store
            )
            self.addCleanup(account.close)
            account.start()
            error = await error_of(account.when_ready(), NeedsHuman)
            is_about_key = isinstance(error.__cause__, AuthKeyInvalid)
            self.assertEqual(is_about_key, key == "wrong")
            self.assertIsInstance(error.__cause__, NamespaceRefused)

    async def test_legacy(self) -> None:
        """The dialect ``legacy``."""
        await self.store.open()
        await self.day(self.urls()[1])

    async def test_sdk(self) -> None:
        """The dialect ``sdk``."""
        await self.store.open()
        await self.day(self.urls()[2])

    async def test_wrong_key(self) -> None:
        """A wrong key is one in every dialect, and no account comes of it."""
        await self.store.open()
        socketio, legacy, sdk = self.urls()
        for url in (socketio, legacy):
            connecting = Deferred.fromCoroutine(self.connect(url, "wrong"))
            refused = await error_of(connecting, AuthKeyInvalid)
            self.assertNotIn("wrong", str(refused))
        # Here the WebSocket opens before the key is refused.
        account = await self.connect(sdk, "wrong")
        error = await error_of(account.when_ready(), NeedsHuman)
        self.assertIsInstance(error.__cause__, AuthKeyInvalid)
        self.assertNotIn("wrong", str(error))
        self.assertEqual(self.sandbox.world.accounts, {})

    async def test_one_account(self) -> None:
        """The newest connection has the account, whatever dialect it speaks."""
        await self.store.open()
        older: list[AccountSession] = []
        for url in self.urls():
            self.store = MemoryStore()
            await self.store.open()
            account = await self.connect(url)
            await account.when_ready()
            for one in older:
                self.assertEqual(one.state, "needs_human", url)
            older.append(account)
        self.assertEqual(len(self.sandbox.world.accounts), 1)
