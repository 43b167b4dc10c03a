"""Gateways that refuse, say nothing, or break every rule (acceptance A5).

Each of them must end in an error with a name within its time limit, and an account
of the same process at an honest gateway must not notice. The network is in memory
and time is the test's; what needs real sockets is in ``test_hostile_sockets.py``,
what is about memory in ``test_hostile_memory.py``.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.errors import ConnectTimedOut, PadChatError
from padchat_twisted.session.account import AccountSession
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT

from ..sandbox.gateway_stage import GatewayStage, Watched
from .hostile import Case, HostileFactory, at_once
from .hostile_cases import ENGINE_IO, HTTP, PADCHAT, SOCKET_IO, WEBSOCKET
from .network import MemoryNetwork
from .test_connectors import FakeEndpoint


def _answer_ping(account: AccountSession) -> None:
    account.on(
        TextMessage,
        lambda account, message: (
            account.reply(message, "pong") if message.text == "ping" else None
        ),
    )


class HostileTests(SynchronousTestCase):
    """An account at a hostile gateway, beside one at an honest gateway."""

    def setUp(self) -> None:
        """Log an account in at an honest gateway."""
        self.stage = GatewayStage()
        self.stage.world.auto_scan = True
        self.honest = self.stage.account("honest")
        _answer_ping(self.honest.session)
        self.stage.wait(5)
        self.assertEqual(self.honest.state, "ready")
        self.alice = self.stage.world.person("alice")
        self.addCleanup(self.clean_up)

    def clean_up(self) -> None:
        """Nothing is left, and nothing was logged as a failure of ours."""
        for account in self.stage.accounts:
            account.close()
        self.stage.gateway.stop()
        self.stage.flush()
        self.assertEqual(self.stage.clock.getDelayedCalls(), [])

    def check_honest(self) -> None:
        """The account at the honest gateway answers at once."""
        own_user = self.stage.world.account("honest").own_user
        before = len(self.alice.inbox)
        self.alice.says("ping", to=own_user)
        self.stage.flush()
        self.assertEqual(self.alice.inbox[before].content, "pong")

    def run_case(self, name: str, case: Case) -> None:
        """Let an account meet a hostile gateway; check how it ends."""
        network = MemoryNetwork(HostileFactory(case.play), self.stage.clock)
        victim = self.stage.account(name[:40], endpoint=network)
        began = self.stage.clock.seconds()
        network.flush()
        while (reason := self.trouble(victim)) is None:
            passed = self.stage.clock.seconds() - began
            if passed > case.within:
                self.fail(f"{name}: still {victim.state} after {passed} seconds")
            self.stage.clock.advance(1)
            network.flush()
            self.stage.flush()
        self.check_honest()
        self.assertIsInstance(reason, case.error, f"{name}: {reason!r}")
        self.assertIn(case.text, str(reason), name)
        self.assertLess(len(str(reason)), 500, name)
        if case.cause is not None:
            self.assertIsInstance(reason.__cause__, case.cause, name)
        victim.close()
        network.flush()
        self.stage.clock.advance(CLOSE_TIMEOUT)
        network.flush()
        self.assertEqual(victim.state, "closed", name)
        self.assertEqual(self.flushLoggedErrors(), [], name)
        self.assertEqual([w for w in network.wires if w.ends[1].connected], [], name)

    def trouble(self, account: Watched) -> PadChatError | None:
        """Return why an account stopped, when it did."""
        for change in account.changes:
            if change.new in ("retrying", "needs_human"):
                return change.reason
        return None

    def run_all(self, cases: dict[str, Case]) -> None:
        """Run cases one after the other, in one process."""
        for name, case in cases.items():
            self.run_case(name, case)

    def test_http(self) -> None:
        """What answers is no WebSocket server, or does not want us."""
        self.run_all(HTTP)

    def test_websocket(self) -> None:
        """WebSocket is spoken, but its rules are broken."""
        self.run_all(WEBSOCKET)

    def test_engine_io(self) -> None:
        """Engine.IO is broken, or silent."""
        self.run_all(ENGINE_IO)

    def test_socket_io(self) -> None:
        """Socket.IO is broken, or silent."""
        self.run_all(SOCKET_IO)

    def test_padchat(self) -> None:
        """Commands and events are broken, or not answered."""
        self.run_all(PADCHAT)

    def test_no_tcp(self) -> None:
        """TCP that never comes about is given up in time."""
        endpoint = FakeEndpoint()
        victim = self.stage.account("victim", endpoint=endpoint)
        self.stage.wait(OPEN_TIMEOUT)
        reason = self.trouble(victim)
        self.assertIsInstance(reason, ConnectTimedOut)
        self.assertEqual(endpoint.cancelled, 1)
        self.check_honest()

    def test_again_and_again(self) -> None:
        """A gateway that always closes at once is tried less and less often."""
        factory = HostileFactory(at_once(b"", leaves=True))
        network = MemoryNetwork(factory, self.stage.clock)
        self.stage.account("victim", endpoint=network)
        for _ in range(600):
            self.stage.clock.advance(1)
            network.flush()
            self.stage.flush()
        self.assertGreater(len(factory.built), 5)
        self.assertLess(len(factory.built), 40)
        self.check_honest()
