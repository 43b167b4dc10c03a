"""Whole accounts through whatever a gateway may do: nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Dialect, SendMsg
from padchat_twisted.errors import CallError
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.budget import ConnectBudget
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnection, FakeConnector, text_message

#: Random sequences for each dialect, and how long they are.
SEEDS = range(12)
LENGTH = 200

#: States in which there is no connection, so that no call can be in flight.
APART = frozenset(("offline", "connecting", "retrying", "needs_human", "closed"))

#: Most timers of an account: of its state, its calls, its messages, and its signs.
MOST_TIMERS = 6

EVENTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("qrcode", {"qrCode": "/9j/4A=="}),
    ("scan", {"status": 0, "expiredTime": 30}),
    ("scan", {"status": 1}),
    ("scan", {"status": 2, "subStatus": 0, "userName": "wxid_bot"}),
    ("scan", {"status": 3}),
    ("scan", {"status": 4}),
    ("login", {"data": {"userName": "wxid_bot"}}),
    ("loaded", {}),
    ("logout", {"msg": "logged out"}),
    ("close", {"msg": "task closed"}),
    ("close", {"msg": "taken over"}),
    ("warn", {"msg": "careful"}),
    ("push", {"list": [text_message("hello", msg_id="1")]}),
)


class AccountWalk:
    """One account that is led through a sequence of acts by chance."""

    def __init__(self, dialect: Dialect, seed: int) -> None:
        self.chance = Random(seed)
        self.clock = Clock()
        self.connector = FakeConnector()
        self.sent: list[Deferred[Any]] = []
        self.outcomes: list[object] = []
        self.budget = ConnectBudget(self.clock, 2)
        store = MemoryStore()
        store.open()
        endurance = Endurance(
            login_failures=8,
            note_every=600.0,
            budget=self.budget,
            chance=self.chance.random,
        )
        self.account = AccountSession(
            self.clock,
            self.connector,
            AccountKey(self.connector.url, "0" * 16, "bot"),
            store,
            dialect=dialect,
            endurance=endurance,
        )
        self.account.start()
        self.states = {self.account.state}

    @property
    def connection(self) -> FakeConnection | None:
        """The connection that is up."""
        if not self.connector.connections:
            return None
        newest = self.connector.connections[-1]
        return None if newest.is_lost or newest.is_closing else newest

    def acts(self) -> Iterable[Callable[[], object]]:
        """Return what may happen now; what leads on comes more than once."""
        yield self.wait
        if self.connector.is_connecting:
            yield from [self.connector.let_in] * 6
            yield self.connector.fail
            if self.chance.random() < 0.1:
                yield self.connector.refuse
        if self.account.state == "needs_human":
            yield self.account.try_again
        if self.account.state in ("syncing", "ready"):
            yield self.send
        connection = self.connection
        if connection is not None:
            for call in connection.calls:
                yield from [partial(self.answer, connection, call.call_id)] * 2
                yield partial(self.refuse, connection, call.call_id)
            for event, data in EVENTS:
                yield partial(connection.notice, event, data)
            yield partial(connection.notice, "login", {})
            yield connection.lose

    def wait(self) -> None:
        """Let some time pass, up to an hour."""
        self.clock.advance(10 ** self.chance.uniform(-2, 3.5))

    def send(self) -> None:
        """Send a text, and sometimes change one's mind."""
        sending = self.account.call(SendMsg("wxid_friend", "hello"))
        self.sent.append(sending)
        sending.addBoth(self.outcomes.append)
        if self.chance.random() < 0.2:
            sending.cancel()

    def answer(self, connection: FakeConnection, call_id: int) -> None:
        """Answer a call."""
        self.forget(connection, call_id)
        connection.reply(call_id, {"token": "t", "msgId": "1"})

    def refuse(self, connection: FakeConnection, call_id: int) -> None:
        """Refuse a call."""
        self.forget(connection, call_id)
        connection.refuse(call_id, "no")

    def forget(self, connection: FakeConnection, call_id: int) -> None:
        """Take a call from the list of those without an answer."""
        kept = [call for call in connection.calls if call.call_id != call_id]
        connection.calls[:] = kept

    def step(self) -> None:
        """Do one thing by chance."""
        self.chance.choice(list(self.acts()))()
        self.states.add(self.account.state)


class AccountPathTests(SynchronousTestCase):
    """What holds after each step, and at the end."""

    def walk(self, dialect: Dialect, seed: int) -> AccountWalk:
        """Lead an account through a sequence, and close it."""
        walk = AccountWalk(dialect, seed)
        account, where = walk.account, f"{dialect}, seed {seed}"
        for number in range(LENGTH):
            walk.step()
            state = account.state
            self.assertLessEqual(
                len(walk.clock.getDelayedCalls()), MOST_TIMERS, (where, number)
            )
            if state in APART:
                self.assertEqual(len(account._calls), 0, (where, number, state))
            if state != "connecting":
                self.assertEqual(walk.budget.waiting, 0, (where, number, state))
            if state == "needs_human":
                self.assertFalse(walk.connector.is_connecting, (where, number))
        over = account.close()
        if account.state == "closing" and walk.connection is not None:
            walk.connection.lose()
        self.successResultOf(over)
        self.assertEqual(walk.clock.getDelayedCalls(), [], where)
        self.assertEqual(len(account._calls), 0, where)
        self.assertEqual(len(walk.outcomes), len(walk.sent), where)
        for outcome in walk.outcomes:
            if isinstance(outcome, Failure):
                outcome.trap(CallError)
        return walk

    def run_all(self, dialect: Dialect) -> None:
        """Walk with each seed."""
        states: set[str] = set()
        for seed in SEEDS:
            states |= self.walk(dialect, seed).states
        self.assertLessEqual({"ready", "retrying", "needs_human"}, states)

    def test_socketio(self) -> None:
        """The current dialect."""
        self.run_all("socketio")

    def test_legacy(self) -> None:
        """The older one."""
        self.run_all("legacy")

    def test_sdk(self) -> None:
        """That of padchat-sdk."""
        self.run_all("sdk")
