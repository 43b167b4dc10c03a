"""The sandbox gateway, used by our own accounts over a network in memory."""

from __future__ import annotations

from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import provider

from padchat_twisted.catalogue import QRCode, SendMsg
from padchat_twisted.errors import (
    AuthKeyInvalid,
    CallRejected,
    NamespaceRefused,
    NeedsHuman,
    OutcomeUnknown,
    TakenOver,
)
from padchat_twisted.sandbox.server import INVALID_KEY
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.service.qrcode import decode_picture, read_code
from padchat_twisted.store import MemoryStore

from ..transport.by_hand import TEXT, frame
from .gateway_stage import GatewayStage, Watched
from .stage import KEY

MIB = 1024 * 1024

DROPPED = "a client of the sandbox was dropped: it does not read"

#: The states of a login by code, and of one by token.
BY_CODE = [
    "connecting",
    "initialising",
    "awaiting_scan",
    "awaiting_confirm",
    "logging_in",
    "syncing",
    "ready",
]
BY_TOKEN = ["connecting", "initialising", "logging_in", "syncing", "ready"]


class GatewayTestCase(SynchronousTestCase):
    """Tests of one gateway."""

    def build(self, **options: object) -> GatewayStage:
        """Build a gateway; at the end nothing of it must be left."""
        stage = GatewayStage(**options)  # type: ignore[arg-type] # options of several types
        self.addCleanup(self._check_end, stage)
        return stage

    def _check_end(self, stage: GatewayStage) -> None:
        for account in stage.accounts:
            account.close()
        stage.gateway.stop()
        stage.flush()
        self.assertEqual([a.state for a in stage.accounts if a.state != "closed"], [])
        self.assertEqual(stage.clock.getDelayedCalls(), [])
        self.assertEqual(self.flushLoggedErrors(), [])


class LoginTests(GatewayTestCase):
    """Logins from the first code on."""

    def test_code_that_is_scanned_by_itself(self) -> None:
        """With ``auto_scan`` an account gets in without anybody."""
        stage = self.build()
        stage.world.auto_scan = True
        account = stage.account()
        stage.wait(5)
        self.assertEqual(account.states(), BY_CODE)
        own_user = stage.world.account("bot1").own_user
        self.assertEqual(account.session.user_name, own_user.user_name)

    def test_code_that_a_person_scans(self) -> None:
        """The picture of a code leads to its page; whoever scans it is logged in."""
        stage = self.build()
        account = stage.account()
        codes: list[str] = []
        account.session.on(QRCode, lambda _, event: codes.append(event.qr_code))
        self.assertEqual(account.state, "awaiting_scan")
        account.session.try_again()
        stage.wait(250)
        self.assertEqual(len(codes), 1)
        address = read_code(decode_picture(codes[0]))
        self.assertTrue(address.startswith(stage.world.base_url + "/x/"))
        status, _, page = stage.get(address.removeprefix(stage.world.base_url))
        self.assertEqual(status, 200)
        self.assertIn("Login code of account bot1", page)
        alice = stage.world.person("alice")
        alice.scan(address)
        stage.flush()
        self.assertEqual(account.state, "awaiting_confirm")
        alice.confirm(address)
        stage.flush()
        self.assertEqual(account.state, "ready")
        self.assertEqual(account.session.user_name, alice.user_name)
        self.assertEqual(stage.get(address.removeprefix(stage.world.base_url))[0], 404)

    def test_codes_that_nobody_scans(self) -> None:
        """The gateway's timers let codes expire; after three a person is waited for."""
        stage = self.build()
        account = stage.account()
        stage.wait(900)
        self.assertEqual(account.state, "needs_human")
        self.assertIsInstance(account.changes[-1].reason, NeedsHuman)
        self.assertEqual(account.states().count("awaiting_scan"), 3)
        self.assertEqual(stage.world.logins, [])

    def test_token_after_a_restart(self) -> None:
        """After a restart of the gateway an account is back, without a scan."""
        stage = self.build()
        stage.world.auto_scan = True
        account = stage.account()
        stage.wait(5)
        account.states()
        stage.restart()
        self.assertEqual(account.state, "retrying")
        stage.wait(5)
        self.assertEqual(account.states(), ["retrying", *BY_TOKEN])

    def test_token_of_the_store(self) -> None:
        """An account that starts with the store of another process does the same."""
        stage = self.build()
        stage.world.auto_scan = True
        store = MemoryStore()
        store.open()
        first = stage.account(store=store)
        stage.wait(5)
        first.close()
        stage.restart()
        second = stage.account(store=store)
        self.assertEqual(second.states(), BY_TOKEN)
        self.assertEqual(second.session.user_name, first.session.user_name)

    def test_several_accounts(self) -> None:
        """The sub-accounts of one key are apart."""
        stage = self.build()
        stage.world.auto_scan = True
        accounts = [stage.account(name) for name in ("a", "b", "c")]
        stage.wait(5)
        self.assertEqual({account.state for account in accounts}, {"ready"})
        self.assertEqual(len({a.session.user_name for a in accounts}), 3)
        alice = stage.world.person("alice")
        alice.says("for b", to=stage.world.account("b"))
        stage.flush()
        self.assertEqual([account.texts for account in accounts], [[], ["for b"], []])


class RefusalTests(GatewayTestCase):
    """Clients that are not let in."""

    def refused(self, account: Watched) -> BaseException | None:
        """Check that an account stands for good; return why."""
        self.assertEqual(account.states(), ["connecting", "needs_human"])
        reason = self.failureResultOf(account.session.when_ready()).value
        assert isinstance(reason, NeedsHuman)
        return reason.__cause__

    def test_wrong_key(self) -> None:
        """A wrong key is refused by an ERROR packet, and not tried again."""
        stage = self.build(auth_keys=[KEY, "KEY-2"])
        account = stage.account(key="KEY-3")
        cause = self.refused(account)
        self.assertIsInstance(cause, AuthKeyInvalid)
        self.assertIn(INVALID_KEY, str(cause))
        self.assertNotIn("KEY-3", str(cause))
        stage.wait(300)
        self.assertEqual(len(stage.network.wires), 1)
        self.assertEqual(stage.account("b", key="KEY-2").state, "awaiting_scan")

    def test_empty_key(self) -> None:
        """Without a list every key is taken, but no empty one."""
        stage = self.build()
        self.assertIsInstance(self.refused(stage.account(key="")), AuthKeyInvalid)
        self.assertEqual(stage.account(key="whatever").state, "awaiting_scan")
        self.assertFalse(self.build(auth_keys=[]).gateway.accepts("x"))
        self.assertTrue(self.build(auth_keys=["密"]).gateway.accepts("密"))

    def test_unknown_namespace(self) -> None:
        """Another namespace is refused, and that is not about the key."""
        stage = self.build()
        cause = self.refused(stage.account(url="http://sandbox.invalid:8080/other"))
        self.assertIs(type(cause), NamespaceRefused)
        self.assertIn("Invalid namespace", str(cause))

    def test_label_that_is_too_long(self) -> None:
        """What the world refuses is said in an ERROR packet."""
        stage = self.build()
        cause = self.refused(stage.account("x" * 1000))
        self.assertIsInstance(cause, NamespaceRefused)


class SessionTests(GatewayTestCase):
    """Accounts that are logged in."""

    def logged_in(
        self, settings: WorldSettings | None = None
    ) -> tuple[GatewayStage, Watched]:
        """Build a gateway with one account that is ready."""
        stage = self.build(settings=settings)
        stage.world.auto_scan = True
        account = stage.account()
        stage.wait(5)
        self.assertEqual(account.states(), BY_CODE)
        return stage, account

    def test_messages(self) -> None:
        """Messages go both ways."""
        stage, account = self.logged_in()
        alice = stage.world.person("alice")
        own_user = stage.world.account("bot1").own_user
        alice.says("ping", to=own_user)
        stage.flush()
        self.assertEqual(account.texts, ["ping"])
        sending = account.session.call(SendMsg(alice.user_name, "pong"))
        stage.flush()
        self.assertTrue(self.successResultOf(sending).msg_id)
        self.assertEqual([m.content for m in alice.inbox], ["pong"])

    def test_refused_command(self) -> None:
        """What the world refuses is a reply, and the session goes on."""
        stage, account = self.logged_in()
        calling = account.session.call(SendMsg("nobody-here", "x"))
        unknown = account.session.call_raw("noSuchCommand", {})
        stage.flush()
        self.failureResultOf(calling, CallRejected)
        self.failureResultOf(unknown, CallRejected)
        self.assertEqual(account.state, "ready")

    def test_taken_over(self) -> None:
        """A newer connection takes the task over; the older one does not come back."""
        stage, older = self.logged_in()
        newer = stage.account()
        stage.wait(5)
        self.assertEqual(older.state, "needs_human")
        reason = older.changes[-1].reason
        assert reason is not None
        self.assertIsInstance(reason.__cause__, TakenOver)
        wires = len(stage.network.wires)
        stage.wait(600)
        self.assertEqual(len(stage.network.wires), wires)
        self.assertEqual((older.state, newer.state), ("needs_human", "ready"))
        # A person may want it back.
        older.session.try_again()
        stage.wait(5)
        self.assertEqual((older.state, newer.state), ("ready", "needs_human"))

    def test_pushed_again(self) -> None:
        """What is pushed again after a login is not handled twice."""
        stage, account = self.logged_in()
        alice = stage.world.person("alice")
        own_user = stage.world.account("bot1").own_user
        alice.says("one", to=own_user)
        stage.flush()
        stage.gateway.drop_clients()
        stage.flush()
        self.assertEqual(account.state, "retrying")
        alice.says("two", to=own_user)
        stage.wait(5)
        self.assertEqual(account.state, "ready")
        self.assertEqual(account.texts, ["one", "two"])
        self.assertGreater(account.session.repeated_messages, 0)

    def test_notices_that_are_not_read(self) -> None:
        """A client that does not read its notices is dropped, and can come back."""
        stage, account = self.logged_in()
        (wire,) = stage.network.wires
        wire.ends[0].fill()
        alice = stage.world.person("alice")
        own_user = stage.world.account("bot1").own_user
        said = self.logged()
        for number in range(8000):
            alice.says(f"{number} {'x' * 9000}", to=own_user)
            if number % 100 == 0:
                stage.flush()
        self.assertEqual(said.count(DROPPED), 1)
        self.assertEqual(account.state, "retrying")
        stage.wait(5)
        self.assertEqual(account.state, "ready")

    def test_replies_that_are_not_read(self) -> None:
        """The same holds for replies: commands are not carried out for ever."""
        stage, account = self.logged_in()
        alice = stage.world.person("alice")
        own_user = stage.world.account("bot1").own_user
        image = alice.sends_image(bytes(MIB), to=own_user)
        stage.flush()
        (wire,) = stage.network.wires
        wire.ends[0].fill()
        said = self.logged()
        params = {"rawMsgData": {"msgId": image.message_id}}
        outcomes = [account.session.call_raw("getMsgImage", params) for _ in range(60)]
        stage.flush()
        self.assertEqual(said.count(DROPPED), 1)
        for outcome in outcomes:
            self.failureResultOf(outcome, OutcomeUnknown)
        stage.wait(5)
        self.assertEqual(account.state, "ready")

    def logged(self) -> list[str]:
        """Return a list that gets the formats of what is logged from now on."""
        formats: list[str] = []

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            formats.append(str(event["log_format"]))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        return formats

    def test_unreadable_command(self) -> None:
        """A client that sends nonsense is closed; the others go on."""
        stage, account = self.logged_in()
        other = stage.account("b")
        stage.wait(5)
        client, server = stage.network.wires[0].ends[1], stage.network.wires[0].ends[0]
        nonsense = frame(TEXT, b'42/user,1["init",{]', is_client=True)
        server.protocol.dataReceived(nonsense)
        stage.flush()
        self.assertFalse(client.connected)
        self.assertEqual((account.state, other.state), ("retrying", "ready"))

    def test_stop(self) -> None:
        """``stop`` drops every client; tasks stay."""
        stage, account = self.logged_in()
        self.successResultOf(stage.gateway.stop())
        stage.flush()
        self.assertEqual(account.state, "retrying")
        self.assertIn("bot1", [a.name for a in stage.world.accounts.values()])

    def test_heartbeat(self) -> None:
        """The sandbox's heartbeat is the one that it was built with."""
        stage = self.build(ping_interval_ms=1000, ping_timeout_ms=2000)
        account = stage.account()
        wire = stage.network.wires[0]
        stage.wait(30)
        self.assertTrue(wire.ends[0].connected)
        wire.ends[0].fill()
        wire.ends[1].pauseProducing()
        stage.wait(20)
        self.assertFalse(wire.ends[0].connected)
        self.assertNotEqual(account.states(), [])
