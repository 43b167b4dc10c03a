"""A thousand accounts whose gateway restarts: they come back, and not all at once."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError
from padchat_twisted.interfaces import AccountKey, GatewayReceiver
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.budget import ConnectBudget
from padchat_twisted.session.endurance import UNWATCHED
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnection, FakeConnector
from tests.busiest import most_in_a_second

ACCOUNTS = 1000
FEW = 200
PER_SECOND = 10

#: How long the gateway is away (seconds), and how far time goes in one step.
OUTAGE = 30.0
STEP = 0.125


class QuickClock(Clock):
    """A clock for thousands of calls."""

    def _sortCalls(self) -> None:
        self.calls.sort(key=lambda call: call.time + call.delayed_time)


class Gateway:
    """A gateway for many accounts that may be away.

    Attributes:
        times: when somebody tried to connect.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.is_up = True
        self.times: list[float] = []
        self.connectors: list[RestartedConnector] = []

    def restart(self) -> None:
        """Drop everybody, and be away for a while."""
        self.is_up = False
        for connector in self.connectors:
            connector.connections[-1].lose()
        self.clock.callLater(OUTAGE, setattr, self, "is_up", True)


class RestartedConnector(FakeConnector):
    """A connector to it that logs in by itself."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway
        gateway.connectors.append(self)

    def connect(self, receiver: GatewayReceiver) -> None:
        """Try; what comes of it is known in the next turn."""
        super().connect(receiver)
        self._gateway.times.append(self._gateway.clock.seconds())
        self._gateway.clock.callLater(0, self._answer)

    def _answer(self) -> None:
        if not self.is_connecting:
            return
        if not self._gateway.is_up:
            self.fail(ConnectError(FakeConnection.peer, "connection refused"))
            return
        connection = self.let_in()
        for code in ("init", "login"):
            connection.reply(connection.last_call(code).call_id)
        connection.notice("login", {"data": {"userName": "wxid_bot"}})
        for code in ("getDeviceInfo", "getAutoLoginData"):
            connection.reply(connection.last_call(code).call_id, {"token": "t"})
        connection.notice("loaded")


class StormTests(SynchronousTestCase):
    """D4, in memory."""

    def setUp(self) -> None:
        """Log everybody in."""
        self.clock = QuickClock()
        self.gateway = Gateway(self.clock)

    def log_in(
        self, budget: ConnectBudget | None, count: int = ACCOUNTS
    ) -> list[AccountSession]:
        """Start the accounts, and wait until all are ready."""
        store = MemoryStore()
        store.open()
        endurance = replace(UNWATCHED, budget=budget, chance=Random(1).random)
        accounts = []
        for number in range(count):
            connector = RestartedConnector(self.gateway)
            key = AccountKey(connector.url, "0" * 16, str(number))
            account = AccountSession(
                self.clock, connector, key, store, endurance=endurance
            )
            account.start()
            accounts.append(account)
        self.until_ready(accounts)
        self.gateway.times.clear()
        return accounts

    def until_ready(self, accounts: list[AccountSession]) -> float:
        """Let time pass until all are ready; tell how long it took."""
        began = self.clock.seconds()
        while accounts := [each for each in accounts if each.state != "ready"]:
            self.clock.advance(STEP)
            self.assertLess(self.clock.seconds() - began, 1000)
        return self.clock.seconds() - began

    def test_budget_is_kept(self) -> None:
        """Never more than it in any second, and all are back in the end."""
        accounts = self.log_in(ConnectBudget(self.clock, PER_SECOND))
        self.gateway.restart()
        took = self.until_ready(accounts)
        self.assertGreaterEqual(len(self.gateway.times), ACCOUNTS)
        self.assertLessEqual(most_in_a_second(self.gateway.times), PER_SECOND)
        # The outage, a turn for each, and for those that came while it was away.
        self.assertLess(took, 2 * OUTAGE + 1.5 * ACCOUNTS / PER_SECOND)

    def test_without(self) -> None:
        """Without a budget a quarter of them comes within a second."""
        accounts = self.log_in(None, FEW)
        self.gateway.restart()
        self.until_ready(accounts)
        self.assertGreater(most_in_a_second(self.gateway.times), FEW / 4)

    def test_close_in_the_queue(self) -> None:
        """Who is closed while it waits gives its turn up; nothing is left."""
        accounts = self.log_in(budget := ConnectBudget(self.clock, PER_SECOND), FEW)
        self.gateway.restart()
        self.clock.advance(2.0)
        self.assertGreater(budget.waiting, FEW / 2)
        for account in accounts:
            account.close()
        self.assertEqual({account.state for account in accounts}, {"closed"})
        self.assertEqual(budget.waiting, 0)
        self.clock.advance(OUTAGE)
        self.assertEqual(self.clock.getDelayedCalls(), [])
