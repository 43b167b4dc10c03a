"""What is asked for is asked for again when that did not work."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Command, Dialect, Done, SyncContact, SyncMsg
from padchat_twisted.errors import CallRejected
from padchat_twisted.session.fetching import FIRST_AGAIN, LONGEST_AGAIN, Fetching

from .case import INSTANT, ReadyCase


class FetchingTests(SynchronousTestCase):
    """Alone, with a clock."""

    def setUp(self) -> None:
        """Be logged in."""
        self.clock = Clock()
        self.asked: list[str] = []
        self.waiting: list[Deferred[Done]] = []
        self.told: list[str] = []
        self.fetching = Fetching(self.clock, self.send, self.tell)
        self.fetching.set_logged_in(True)

    def send(self, command: Command[Done]) -> Deferred[Done]:
        """Note a command."""
        self.asked.append(command.wire_name)
        self.waiting.append(Deferred())
        return self.waiting[-1]

    def tell(self, failure: Failure, what: str) -> None:
        """Note a failure."""
        self.told.append(what)

    def refuse_last(self) -> None:
        """Have the last command fail."""
        self.waiting[-1].errback(CallRejected("syncMsg", "not now", 0))

    def test_done(self) -> None:
        """What works is asked for once."""
        self.fetching.fetch(SyncMsg())
        self.waiting[-1].callback(Done())
        self.assertEqual(self.asked, ["syncMsg"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_again(self) -> None:
        """What fails is asked for again, later each time, until it works."""
        self.fetching.fetch(SyncMsg())
        for delay in (FIRST_AGAIN, 2 * FIRST_AGAIN):
            self.refuse_last()
            self.clock.advance(delay - INSTANT)
            count = len(self.asked)
            self.clock.advance(INSTANT)
            self.assertEqual(len(self.asked), count + 1)
        self.assertEqual(self.told, ["syncMsg did not work"] * 2)
        self.waiting[-1].callback(Done())
        self.fetching.fetch(SyncMsg())
        self.refuse_last()
        self.clock.advance(FIRST_AGAIN)
        self.assertEqual(len(self.asked), 5)

    def test_longest(self) -> None:
        """The time has an end."""
        self.fetching.fetch(SyncMsg())
        for _ in range(2000):
            self.refuse_last()
            [waiting] = self.clock.getDelayedCalls()
            delay = waiting.getTime() - self.clock.seconds()
            self.clock.advance(delay)
        self.assertEqual(delay, LONGEST_AGAIN)

    def test_announced_meanwhile(self) -> None:
        """Another announcement is answered at once, and replaces what waits."""
        self.fetching.fetch(SyncMsg())
        self.refuse_last()
        self.fetching.fetch(SyncContact())
        self.refuse_last()
        self.assertEqual(len(self.clock.getDelayedCalls()), 2)
        self.fetching.fetch(SyncMsg())
        self.assertEqual(self.asked, ["syncMsg", "syncContact", "syncMsg"])
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_two_fail(self) -> None:
        """Two that fail are asked for again once."""
        self.fetching.fetch(SyncMsg())
        self.fetching.fetch(SyncMsg())
        for waiting in self.waiting:
            waiting.errback(CallRejected("syncMsg", "not now", 0))
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_not_logged_in(self) -> None:
        """Who is not logged in any more asks for nothing."""
        self.fetching.fetch(SyncMsg())
        self.refuse_last()
        self.fetching.fetch(SyncContact())
        self.fetching.set_logged_in(False)
        self.refuse_last()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class AccountTests(ReadyCase):
    """An account of the dialect that asks."""

    dialect: Dialect = "sdk"

    def test_refused(self) -> None:
        """A message that is announced and refused does not wait for the next one."""
        self.connection.notice("notify", {"type": 2})
        self.refuse("syncMsg", "too often")
        self.assertEqual(self.codes(), ["syncMsg"])
        self.clock.advance(FIRST_AGAIN)
        self.assertEqual(self.codes(), ["syncMsg"] * 2)
        self.assertEqual(self.account.state, "ready")
