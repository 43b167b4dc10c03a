"""One account, composed: ``connect``, the factory, and what they leave behind."""

from __future__ import annotations

import secrets
from typing import Any

from twisted.application.internet import ClientService
from twisted.internet import reactor as _reactor
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.server import Site

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.errors import (
    AuthKeyInvalid,
    ConnectError,
    Disconnected,
    LocalProtocolError,
    PadChatError,
    StoreDamaged,
    StoreError,
    StoreSealed,
)
from padchat_twisted.interfaces import AccountKey, AccountRecord
from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World
from padchat_twisted.secret import Secret
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.store import MemoryStore, SQLiteStore
from padchat_twisted.store.cipher import make_store_key

from .sandbox.gateway_stage import URL, GatewayStage
from .sandbox.stage import KEY
from .transport.test_connectors import FakeEndpoint

reactor: Any = _reactor


class ConnectTests(SynchronousTestCase):
    """``connect``, over a network in memory."""

    def setUp(self) -> None:
        """Build a gateway that scans by itself."""
        self.stage = GatewayStage()
        self.stage.world.auto_scan = True
        self.addCleanup(self.check_end)

    def check_end(self) -> None:
        """No timer is left."""
        self.stage.gateway.stop()
        self.stage.flush()
        self.assertEqual(self.stage.clock.getDelayedCalls(), [])

    def connect(self, **options: Any) -> Deferred[AccountSession]:  # noqa: ANN401 - those of connect
        """Connect over the network in memory."""
        options = {"auth_key": KEY, "endpoint": self.stage.network, **options}
        connecting = connect(self.stage.clock, options.pop("url", URL), **options)
        self.stage.flush()
        return connecting

    def close(self, account: AccountSession) -> None:
        """Close an account, which must succeed."""
        closing = account.close()
        self.stage.flush()
        self.successResultOf(closing)

    def test_connected(self) -> None:
        """It fires when the gateway let us in; the login goes on by itself."""
        texts = []

        def setup(account: AccountSession) -> None:
            account.on(TextMessage, lambda _, message: texts.append(message.text))

        account = self.successResultOf(self.connect(name="bot1", handlers=setup))
        self.assertEqual((account.name, account.state), ("bot1", "awaiting_scan"))
        ready = account.when_ready()
        self.stage.wait(5)
        self.assertIs(self.successResultOf(ready), account)
        own_user = self.stage.world.account("bot1").own_user
        self.stage.world.person("alice").says("hi", to=own_user)
        self.stage.flush()
        self.assertEqual(texts, ["hi"])
        self.close(account)

    def test_secret_as_it_is(self) -> None:
        """The key may come as a text or as a ``Secret``."""
        account = self.successResultOf(self.connect(auth_key=Secret(KEY)))
        self.assertIn("0", [a.name for a in self.stage.world.accounts.values()])
        self.close(account)

    def test_bad_url(self) -> None:
        """A URL that is none fails the Deferred and raises nothing."""
        connecting = self.connect(url="gateway.example")
        self.failureResultOf(connecting, LocalProtocolError)

    def test_wrong_key(self) -> None:
        """A refused key fails it, and the account has ended."""
        self.stage = GatewayStage(auth_keys=["other"])
        failure = self.failureResultOf(self.connect(), AuthKeyInvalid)
        self.assertNotIn(KEY, failure.getTraceback())
        self.stage.wait(300)
        self.assertEqual(len(self.stage.network.wires), 1)

    def test_unreachable(self) -> None:
        """A gateway that cannot be reached fails it; nothing goes on behind it."""
        endpoint = FakeEndpoint()
        connecting = self.connect(endpoint=endpoint)
        self.assertNoResult(connecting)
        endpoint.attempts[0][0].errback(ConnectionRefusedError("nobody"))
        self.failureResultOf(connecting, ConnectError)
        self.stage.wait(300)
        self.assertEqual(len(endpoint.attempts), 1)

    def test_cancelled(self) -> None:
        """Cancelled, it leaves no attempt behind."""
        endpoint = FakeEndpoint()
        connecting = self.connect(endpoint=endpoint)
        connecting.cancel()
        self.failureResultOf(connecting, CancelledError)
        self.assertEqual(endpoint.cancelled, 1)

    def test_too_slow(self) -> None:
        """An endpoint that never answers fails it when the time is up."""
        endpoint = FakeEndpoint()
        connecting = self.connect(endpoint=endpoint)
        self.stage.clock.advance(20)
        failure = self.failureResultOf(connecting, ConnectError)
        self.assertIn("within 20 seconds", failure.getErrorMessage())
        self.assertEqual(endpoint.cancelled, 1)

    def test_open_store(self) -> None:
        """A store that somebody else opened is used, and left open."""
        store = MemoryStore()
        store.open()
        account = self.successResultOf(self.connect(name="bot1", store=store))
        self.stage.wait(5)
        self.close(account)
        key = AccountKey(URL, Secret(KEY).fingerprint(), "bot1")
        record = self.successResultOf(store.load(key))
        assert record is not None
        self.assertIsNotNone(record.login_token)

    def test_store_that_is_not_open(self) -> None:
        """A store that was not opened fails it."""
        self.failureResultOf(self.connect(store=MemoryStore()), StoreError)

    def test_device(self) -> None:
        """Device data that lacks a field fails it; nothing was sent."""
        failure = self.failureResultOf(
            self.connect(device={"deviceName": "x"}), LocalProtocolError
        )
        self.assertIn("deviceUuid", failure.getErrorMessage())
        self.assertEqual(self.stage.network.wires, [])


class FactoryTests(SynchronousTestCase):
    """``PadChatClientFactory``, under a ClientService over a network in memory."""

    def setUp(self) -> None:
        """Build a gateway and a service that keeps connecting."""
        self.stage = GatewayStage()
        self.stage.world.auto_scan = True
        clock = self.stage.clock
        self.factory = PadChatClientFactory(clock, URL, auth_key=KEY, name="bot1")
        self.service = ClientService(
            self.stage.network,
            self.factory,
            retryPolicy=lambda attempt: 0.5,
            clock=clock,
        )
        self.addCleanup(self.check_end)

    def check_end(self) -> None:
        """The service and the account end, and no timer is left."""
        stopping = self.service.stopService()
        closing = self.factory.account.close()
        self.stage.flush()
        if stopping is not None:
            self.successResultOf(stopping)
        self.successResultOf(closing)
        self.stage.gateway.stop()
        self.stage.flush()
        self.assertEqual(self.stage.clock.getDelayedCalls(), [])

    def start(self) -> AccountSession:
        """Start the service, and wait for the account."""
        self.service.startService()
        self.stage.flush()
        self.stage.wait(5)
        self.assertEqual(self.factory.account.state, "ready")
        return self.factory.account

    def test_account(self) -> None:
        """The account is there at once, and starts with the first connection."""
        self.assertEqual(self.factory.account.state, "offline")
        account = self.start()
        self.assertEqual(account.name, "bot1")

    def test_reconnected(self) -> None:
        """After a loss the account takes the next connection of the service."""
        account = self.start()
        for _ in range(3):
            self.stage.gateway.drop_clients()
            self.stage.flush()
            self.assertNotEqual(account.state, "ready")
            self.stage.wait(2)
            self.assertEqual(account.state, "ready")
        self.assertEqual(len(self.stage.network.wires), 4)

    def test_second_connection(self) -> None:
        """A second connection beside the first is not made: it would take over."""
        account = self.start()
        self.assertIsNone(self.factory.buildProtocol(None))
        self.stage.wait(5)
        self.assertEqual(account.state, "ready")

    def test_taken_over(self) -> None:
        """Who was taken over does not fight, whoever connects; it can take back."""
        account = self.start()
        other = PadChatClientFactory(self.stage.clock, URL, auth_key=KEY, name="bot1")
        self.stage.network.connect(other)
        for _ in range(20):
            self.stage.wait(3)
        self.assertEqual(account.state, "needs_human")
        self.assertNotEqual(other.account.state, "needs_human")
        # The connection that it made meanwhile stands, and nothing is asked of it.
        self.assertEqual(len(self.stage.network.wires), 3)
        account.try_again()
        self.stage.wait(3)
        self.assertEqual(account.state, "ready")
        self.assertEqual(other.account.state, "needs_human")
        other.account.close()

    def test_ended_account(self) -> None:
        """An account that has ended takes no connection."""
        account = self.start()
        account.close()
        self.stage.flush()
        self.assertEqual(account.state, "closed")
        self.assertIsNone(self.factory.buildProtocol(None))

    def test_bad_url(self) -> None:
        """A URL that is none is refused at once."""
        with self.assertRaises(LocalProtocolError):
            PadChatClientFactory(self.stage.clock, "x", auth_key=KEY)

    def test_store_that_cannot_be_used(self) -> None:
        """Without its store the account ends, and takes no connection."""
        clock = self.stage.clock
        factory = PadChatClientFactory(clock, URL, auth_key=KEY, store=MemoryStore())
        self.assertIsNone(factory.buildProtocol(None))
        self.assertEqual(len(self.flushLoggedErrors(StoreError)), 1)
        self.assertEqual(factory.account.state, "closed")

    def test_store_that_fails_later(self) -> None:
        """When the store fails after the connection was made, that is closed."""
        loading: Deferred[AccountRecord | None] = Deferred()

        class SlowStore(MemoryStore):
            def load(self, key: AccountKey) -> Deferred[AccountRecord | None]:
                return loading

        clock = self.stage.clock
        factory = PadChatClientFactory(clock, URL, auth_key=KEY, store=SlowStore())
        self.stage.network.connect(factory)
        self.stage.flush()
        self.assertTrue(self.stage.network.wires[-1].ends[0].connected)
        loading.errback(StoreError("memory", "is gone", "start again"))
        self.stage.flush()
        self.assertEqual(len(self.flushLoggedErrors(StoreError)), 1)
        self.assertEqual(factory.account.state, "closed")
        self.assertFalse(self.stage.network.wires[-1].ends[0].connected)


class RealTests(TestCase):
    """``connect`` as users call it: the real reactor, TCP, a store in a file."""

    timeout = 30

    def setUp(self) -> None:
        """Serve a sandbox on this machine."""
        self.world = World(
            clock=reactor.seconds,
            random_hex=secrets.token_hex,
            settings=WorldSettings(auto_scan_seconds=0.01),
        )
        self.world.auto_scan = True
        self.gateway = SandboxGateway(reactor, self.world, auth_keys=[KEY])
        site = Site(self.gateway.resource(), reactor=reactor)
        self.port = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.url = f"http://127.0.0.1:{self.port.getHost().port}/user"
        self.addCleanup(self.clean_up)

    async def clean_up(self) -> None:
        """Stop the sandbox."""
        await self.gateway.stop()
        await maybeDeferred(self.port.stopListening)
        for _ in range(3):
            await deferLater(reactor, 0)

    async def test_two_runs(self) -> None:
        """The first run scans a code, the second one has the token in its file."""
        path = self.mktemp()
        for is_first in (True, False):
            states: list[str] = []

            def watch(account: AccountSession, states: list[str] = states) -> None:
                account.on(StateChanged, lambda _, change: states.append(change.new))

            account = await connect(
                reactor, self.url, auth_key=KEY, handlers=watch, store=path
            )
            await account.when_ready()
            await account.close()
            self.assertEqual("awaiting_scan" in states, is_first, states)

    async def test_store_is_given_back(self) -> None:
        """After a failure the file is unlocked: the next attempt can have it."""
        path = self.mktemp()
        for key in ("wrong", KEY):
            try:
                account = await connect(reactor, self.url, auth_key=key, store=path)
            except AuthKeyInvalid as error:
                self.assertEqual(key, "wrong", error)
            else:
                await account.close()
        store = SQLiteStore(reactor, path)
        await store.open()
        await store.close()

    async def test_sealed_store(self) -> None:
        """With keys the file is sealed; the next process needs them, and no scan."""
        path, key = self.mktemp(), make_store_key()
        for _ in range(2):
            account = await connect(
                reactor, self.url, auth_key=KEY, store=path, store_keys=[key]
            )
            await account.when_ready()
            await account.close()
        with self.assertRaises(StoreSealed):
            await connect(reactor, self.url, auth_key=KEY, store=path)
        for store in (None, SQLiteStore(reactor, path)):
            with self.assertRaises(LocalProtocolError) as caught:
                await connect(
                    reactor, self.url, auth_key=KEY, store=store, store_keys=[key]
                )
            self.assertIn("SQLiteStore(reactor, path, keys)", str(caught.exception))

    async def test_damaged_store(self) -> None:
        """A file that is no store fails it, and stays as it is."""
        path = self.mktemp()
        with open(path, "wb") as file:
            file.write(b"my diary" * 1000)
        with self.assertRaises(StoreDamaged):
            await connect(reactor, self.url, auth_key=KEY, store=path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"my diary" * 1000)

    async def test_refused(self) -> None:
        """Where nobody listens, TCP says so."""
        await self.port.stopListening()
        with self.assertRaises(ConnectError) as caught:
            await connect(reactor, self.url, auth_key=KEY)
        self.assertIn("refused", str(caught.exception))

    async def test_cancelled_while_the_store_opens(self) -> None:
        """Cancelled at its very first step, it gives the store back all the same."""
        path = self.mktemp()
        connecting = connect(reactor, self.url, auth_key=KEY, store=path)
        connecting.cancel()
        with self.assertRaises((CancelledError, PadChatError)):
            await connecting
        for _ in range(100):
            store = SQLiteStore(reactor, path)
            try:
                await store.open()
            except StoreError:
                await deferLater(reactor, 0.01)
            else:
                await store.close()
                return
        self.fail("the store was not given back")

    async def test_dropped(self) -> None:
        """A connection that is lost comes back by itself."""
        account = await connect(reactor, self.url, auth_key=KEY)
        await account.when_ready()
        changes: list[StateChanged] = []
        account.on(StateChanged, lambda _, change: changes.append(change))
        self.gateway.drop_clients()
        await deferLater(reactor, 0)
        while account.state == "ready":
            await deferLater(reactor, 0.01)
        self.assertIsInstance(changes[0].reason, Disconnected)
        await account.when_ready()
        await account.close()
