"""The service of many accounts, against a sandbox gateway on a real port."""

from __future__ import annotations

from twisted.internet.defer import gatherResults
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import QRCode, TextMessage
from padchat_twisted.client import connect
from padchat_twisted.errors import (
    AuthKeyInvalid,
    Disconnected,
    LocalProtocolError,
    NeedsHuman,
    PadChatError,
    StoreDamaged,
    StoreLocked,
    TakenOver,
)
from padchat_twisted.observers import MAX_OBSERVERS
from padchat_twisted.sandbox.people import MAX_NAME_CHARACTERS
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.bots import ping_pong
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from tests.store.contract import error_of

from .stage import (
    KEY,
    StageCase,
    observe_log,
    real_reactor,
    texts,
    when_detached,
    when_says,
    when_state,
)

URL = "http://gateway.invalid/user"

DEVICE = {
    "deviceName": "Example iPad",
    "deviceUuid": "00000000-0000-4000-8000-00000000ABCD",
    "deviceWifiName": "ExampleWifi",
    "deviceWifiMac": "02:00:00:00:00:01",
}


class ServiceCase(StageCase):
    """Starts services and sees what their accounts do."""

    async def run_accounts(
        self,
        service: PadChatService,
        *names: str,
        but: AccountSession | None = None,
    ) -> list[AccountSession]:
        """Add bots to a service, start it, and wait until all but one are ready."""
        self.codes: list[str] = []
        for name in names:
            service.add_account(name, handlers=self.bot)
        service.startService()
        accounts = [each for each in service.accounts.values() if each is not but]
        return await gatherResults([account.when_ready() for account in accounts])

    def bot(self, account: AccountSession) -> None:
        """Answer ping with pong, and note whose QR codes come."""
        ping_pong(account)
        account.on(QRCode, lambda account, _: self.codes.append(account.name))

    async def ping(self, sandbox: SandboxService, name: str) -> None:
        """Have a person say ping to an account, and see it answered."""
        answered = when_says(sandbox, name, "pong")
        sandbox.world.person("alice").says("ping", to=name)
        await answered


class StartTests(ServiceCase):
    """Accounts begin with their service, or later."""

    async def test_several(self) -> None:
        """Accounts that were added before the start log in and work."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        await self.run_accounts(service, "one", "two")
        self.assertEqual(sorted(self.codes), ["one", "two"])
        await self.ping(sandbox, "one")
        await self.ping(sandbox, "two")

    async def test_added_later(self) -> None:
        """An account that is added to a running service begins at once."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        await self.run_accounts(service, "one")
        two = service.add_account("two", handlers=ping_pong)
        self.assertEqual(two.state, "offline")
        await two.when_ready()
        await self.ping(sandbox, "two")

    async def test_added_while_opening(self) -> None:
        """An account that is added while the store is being opened begins with it."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        service.startService()
        one = service.add_account("one")
        self.assertEqual(one.state, "offline")
        await service.when_opened()
        await one.when_ready()

    async def test_same_name(self) -> None:
        """A second account of one name is refused; the first one goes on."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        (one,) = await self.run_accounts(service, "one")
        error = self.assertRaises(ValueError, service.add_account, "one")
        self.assertEqual(str(error), "there is an account 'one' already")
        self.assertIs(service.accounts["one"], one)
        await self.ping(sandbox, "one")

    async def test_set_up_fails(self) -> None:
        """What the handlers' own set-up raises is the caller's; nothing is added."""

        def fail(account: AccountSession) -> None:
            raise ZeroDivisionError

        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        self.assertRaises(ZeroDivisionError, service.add_account, "one", handlers=fail)
        self.assertEqual(service.accounts, {})
        await self.run_accounts(service, "one")


class FateTests(ServiceCase):
    """What happens to one account leaves the others alone."""

    async def test_handler_raises(self) -> None:
        """A handler that raises is logged; its account and the others go on."""

        def fail(account: AccountSession, message: TextMessage) -> None:
            raise ZeroDivisionError

        def set_up(account: AccountSession) -> None:
            account.on(TextMessage, fail)
            ping_pong(account)

        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        service.add_account("one", handlers=set_up)
        one, two = await self.run_accounts(service, "two")
        await self.ping(sandbox, "one")
        await self.ping(sandbox, "two")
        await self.ping(sandbox, "one")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual((one.handler_failures, two.handler_failures), (2, 0))
        self.assertEqual((one.state, two.state), ("ready", "ready"))

    async def test_refused(self) -> None:
        """An account whose namespace is refused needs a person; others log in."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        refused = service.add_account("x" * (MAX_NAME_CHARACTERS + 1))
        waiting = refused.when_ready()
        await self.run_accounts(service, "one", but=refused)
        error = await error_of(waiting, NeedsHuman)
        self.assertIsInstance(error.__cause__, AuthKeyInvalid)
        self.assertEqual(refused.state, "needs_human")
        await self.ping(sandbox, "one")

    async def test_refused_key(self) -> None:
        """A service whose auth key is refused leaves another service alone."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        good = self.make_service(sandbox.url)
        bad = self.make_service(sandbox.url, key="not-" + KEY, store="bad.sqlite")
        refused = bad.add_account("one")
        bad.startService()
        await self.run_accounts(good, "one")
        await error_of(refused.when_ready(), NeedsHuman)
        await self.ping(sandbox, "one")

    async def test_token_expired(self) -> None:
        """An account whose token is void shows a code; the others use theirs."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        await self.run_accounts(service, "one", "two")
        await service.stopService()
        sandbox.world.account("one").tokens.clear()
        again = self.make_service(sandbox.url)
        await self.run_accounts(again, "one", "two")
        self.assertEqual(self.codes, ["one"])
        await self.ping(sandbox, "one")
        await self.ping(sandbox, "two")

    async def test_taken_over(self) -> None:
        """An account that another process took over stops; the others go on."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        one, two = await self.run_accounts(service, "one", "two")
        ended = one.when_closed()
        left = when_state(one, "needs_human")
        newer = await connect(real_reactor(), sandbox.url, auth_key=KEY, name="one")
        self.addCleanup(newer.close)
        change = await left
        assert change.reason is not None
        self.assertIsInstance(change.reason.__cause__, TakenOver)
        self.assertEqual((one.state, two.state), ("needs_human", "ready"))
        self.assertNoResult(ended)
        await self.ping(sandbox, "two")

    async def test_device_in_use(self) -> None:
        """Of two accounts with one device the second ends; all others go on."""
        events = observe_log(self)
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        one = service.add_account("one", device=DEVICE)
        two = service.add_account("two", device=DEVICE)
        waiting = two.when_ready()
        await self.run_accounts(service, "three", but=two)
        await error_of(waiting, Disconnected)
        self.assertEqual((one.state, two.state), ("ready", "closed"))
        told = "account two was not started: "
        self.assertIn(told, texts(events))
        self.assertIn(
            "account 'two' has the same device data as account 'one'; give each",
            texts(events),
        )

    async def test_device_lacks_a_field(self) -> None:
        """An account whose device data is incomplete ends, without a traceback."""
        events = observe_log(self)
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        lacking = service.add_account("lacking", device={**DEVICE, "deviceName": ""})
        await self.run_accounts(service, "one", but=lacking)
        self.assertEqual(lacking.state, "closed")
        told = "lacking was not started: the device data of 'lacking' lacks deviceName"
        self.assertIn(told, texts(events))


class StopTests(ServiceCase):
    """Stopping closes sockets, and logs nobody out."""

    async def test_nobody_logged_out(self) -> None:
        """After a stop all are still logged in, and the next start needs no scan."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        accounts = await self.run_accounts(service, "one", "two")
        await service.stopService()
        self.assertEqual([account.state for account in accounts], ["closed"] * 2)
        for name in ("one", "two"):
            await when_detached(sandbox, name)
            self.assertTrue(sandbox.world.account(name).is_logged_in)
        await self.run_accounts(self.make_service(sandbox.url), "one", "two")
        self.assertEqual(self.codes, [])
        await self.ping(sandbox, "one")

    async def test_while_opening(self) -> None:
        """A service that is stopped while its store is being opened starts nobody."""
        events = observe_log(self)
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        one = service.add_account("one")
        service.startService()
        opened = service.when_opened()
        await service.stopService()
        error = await error_of(opened, PadChatError)
        self.assertIn("stopped before its store was open", str(error))
        self.assertEqual(one.state, "closed")
        self.assertEqual(sandbox.world.accounts, {})
        self.assertNotIn("was not started", texts(events))
        # The lock was given back.
        await self.run_accounts(self.make_service(sandbox.url), "one")

    async def test_while_a_code_is_shown(self) -> None:
        """A service stops while a login waits for a scan; who waits for it is told."""
        sandbox = self.start_sandbox(auto_scan=False)
        service = self.make_service(sandbox.url)
        one = service.add_account("one")
        shown = when_state(one, "awaiting_scan")
        ready = one.when_ready()
        service.startService()
        await shown
        await service.stopService()
        await error_of(ready, Disconnected)


class StoreTests(ServiceCase):
    """What the store cannot do is told, and starts nobody."""

    async def test_damaged(self) -> None:
        """A store that is none fails everybody who asks; no account is started."""
        events = observe_log(self)
        sandbox = self.start_sandbox()
        store = self.folder / "padchat.sqlite"
        store.write_bytes(b"this is not a store")
        service = self.make_service(sandbox.url)
        one = service.add_account("one")
        service.startService()
        first, second = service.when_opened(), service.when_opened()
        error = await error_of(first, StoreDamaged)
        await error_of(second, StoreDamaged)
        await error_of(service.when_opened(), StoreDamaged)
        self.assertIn(f"no account was started: {error}", texts(events))
        self.assertEqual(one.state, "offline")
        self.assertEqual(service.add_account("two").state, "offline")
        self.assertEqual(sandbox.world.accounts, {})
        self.assertEqual(store.read_bytes(), b"this is not a store")
        await service.stopService()

    async def test_too_many_wait(self) -> None:
        """One too many is told at once; the others are told when it is open."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        service.startService()
        waiting = [service.when_opened() for _ in range(MAX_OBSERVERS)]
        await error_of(service.when_opened(), LocalProtocolError)
        await gatherResults(waiting)
        await service.when_opened()
        await service.stopService()

    async def test_locked(self) -> None:
        """The second service on a store is told who has it; the first goes on."""
        sandbox = self.start_sandbox()
        service = self.make_service(sandbox.url)
        await self.run_accounts(service, "one")
        second = self.make_service(sandbox.url)
        two = second.add_account("two")
        second.startService()
        error = await error_of(second.when_opened(), StoreLocked)
        self.assertIn("has it open", str(error))
        self.assertEqual(two.state, "offline")
        await self.ping(sandbox, "one")
        # Stopping the second does not open the first one's lock.
        await second.stopService()
        third = self.make_service(sandbox.url)
        third.startService()
        await error_of(third.when_opened(), StoreLocked)

    async def test_location_is_told(self) -> None:
        """The log says where the store is."""
        events = observe_log(self)
        service = self.make_service(URL)
        service.startService()
        await service.when_opened()
        place = self.folder.resolve() / "padchat.sqlite"
        self.assertIn(f"the store is {place}", texts(events))


class MisuseTests(SynchronousTestCase):
    """What cannot be done is refused at once."""

    def test_not_started(self) -> None:
        """A service that was not started cannot say when its store is open."""
        service = PadChatService(Clock(), URL, auth_key=KEY, store=MemoryStore())
        self.assertRaises(RuntimeError, service.when_opened)

    def test_one_account_for_a_key(self) -> None:
        """Where a dialect has one account for each key, a second one is refused."""
        for url in ("ws://gateway.invalid/ws", "ws://gateway.invalid"):
            service = PadChatService(Clock(), url, auth_key=KEY, store=MemoryStore())
            service.add_account("one")
            error = self.assertRaises(ValueError, service.add_account, "two")
            self.assertIn("'one' is there already", str(error))
            self.assertEqual(list(service.accounts), ["one"])

    def test_url(self) -> None:
        """A URL of another kind is refused when the service is made."""
        store = MemoryStore()
        for url in ("ws://gateway.invalid/key", "gateway.invalid/user", ""):
            with self.assertRaises(LocalProtocolError):
                PadChatService(Clock(), url, auth_key=KEY, store=store)
