"""An account that is paced, at a fake gateway with a clock."""

from __future__ import annotations

import time
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SentMessage
from padchat_twisted.errors import NotSent
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.paced import Paced
from padchat_twisted.session.pacing import CoolingDown, Pacing
from padchat_twisted.session.work import Lane
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import RecordedHandler, ready_account

from .case import TEXT, LogWatch

#: Noon of some day, wherever the test runs.
NOON = time.mktime((2026, 1, 31, 12, 0, 0, 0, 0, -1))

TOO_OFTEN = "操作过于频繁，请稍后再试"


class PacedCase(SynchronousTestCase):
    """Builds accounts on one store; after the test nothing must be left."""

    def setUp(self) -> None:
        """Have a clock and a store."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.clock.advance(NOON)
        self.store = MemoryStore()
        self.store.open()
        self.accounts: list[AccountSession] = []
        self.sends: list[Deferred[Any]] = []

    def tearDown(self) -> None:
        """Close the accounts, and look at what they leave."""
        for account in self.accounts:
            self.successResultOf(account.close())
        for sending in self.sends:
            sending.addErrback(lambda _: None)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(self.log.has(TEXT), self.log.lines)

    def begin(self, pacing: Pacing | None = None, **fields: Any) -> Paced:  # noqa: ANN401 - any field
        """Have a ready account; return its pacing."""
        if pacing is None:
            pacing = Pacing(unix_time=self.clock.seconds, **fields)
        self.account, self.connection = ready_account(
            clock=self.clock, store=self.store, pacing=pacing
        )
        self.accounts.append(self.account)
        self.connection.calls.clear()
        self.cool_downs: RecordedHandler[CoolingDown] = RecordedHandler()
        self.account.on(CoolingDown, self.cool_downs)
        assert self.account.pacing is not None
        return self.account.pacing

    def send(
        self, to: str = "wxid_a", text: str = TEXT, *, lane: Lane | None = None
    ) -> Deferred[SentMessage]:
        """Send a text; the test need not look at how it ends."""
        sending = self.account.send(to, text, lane=lane)
        self.sends.append(sending)
        return sending

    def left(self) -> list[str]:
        """Take the contents, or else the codes, of what left since the last look."""
        calls = [
            call.params.get("content") or call.code for call in self.connection.calls
        ]
        self.connection.calls.clear()
        return calls

    def answer(self, data: dict[str, object] | None = None) -> None:
        """Answer all that left."""
        for call in [*self.connection.calls]:
            self.connection.reply(call.call_id, data or {"msgId": "1"})

    def refuse(self, text: str = TOO_OFTEN, status: int | None = None) -> None:
        """Refuse the newest call."""
        self.connection.refuse(self.connection.calls[-1].call_id, text, status)

    def not_sent(self, sending: Deferred[Any], problem: str) -> None:
        """Expect that a call did not leave."""
        error = self.failureResultOf(sending, NotSent).value
        self.assertIn(problem, str(error))
