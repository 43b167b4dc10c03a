"""The breaker alone, in the login machine, and in an account."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected, LoginFailedOften, NeedsHuman
from padchat_twisted.session.account import StateChanged
from padchat_twisted.session.breaker import (
    FAILURE_WINDOW,
    MAX_LOGIN_FAILURES,
    Breaker,
)
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.session.login import HELD_SECONDS, MAX_SILENT_LOGINS

from .case import INSTANT, TOKEN, AccountCase
from .machine import RETRY_DELAY, TROUBLE, MachineCase

#: Few enough to write down.
LIMIT = 3
WINDOW = 1000.0


class BreakerTests(SynchronousTestCase):
    """Failures within a window."""

    def test_limit(self) -> None:
        """The last of the limit is too many."""
        breaker = Breaker(LIMIT, WINDOW)
        self.assertEqual([breaker.failed(t) for t in (0, 1, 2)], [False, False, True])

    def test_window_slides(self) -> None:
        """What is as old as the window does not count any more."""
        breaker = Breaker(LIMIT, WINDOW)
        for now in (0.0, 1.0, WINDOW, WINDOW + 1, 2 * WINDOW):
            self.assertFalse(breaker.failed(now), now)
        self.assertTrue(breaker.failed(2 * WINDOW + 1 - INSTANT))

    def test_bounded(self) -> None:
        """No more are remembered than count."""
        breaker = Breaker()
        for now in range(10 * MAX_LOGIN_FAILURES):
            breaker.failed(float(now))
        self.assertEqual(len(breaker), MAX_LOGIN_FAILURES)

    def test_reset(self) -> None:
        """A person looked at it: it begins anew."""
        breaker = Breaker(LIMIT, WINDOW)
        breaker.failed(0.0)
        breaker.failed(0.0)
        breaker.reset()
        self.assertFalse(breaker.failed(0.0))

    def test_defaults(self) -> None:
        """Twenty in six hours."""
        breaker = Breaker()
        for number in range(1, MAX_LOGIN_FAILURES):
            self.assertFalse(breaker.failed(number * FAILURE_WINDOW / 20))
        self.assertTrue(breaker.failed(FAILURE_WINDOW))


class MachineTests(MachineCase):
    """What counts as a login that failed, and what follows."""

    limit = LIMIT

    def breaker(self) -> Breaker:
        """Count few."""
        return Breaker(self.limit, WINDOW)

    def again(self, *names: str) -> None:
        """Wait for the next attempt, and give these inputs."""
        self.assertEqual(self.state, "retrying")
        self.clock.advance(RETRY_DELAY)
        self.assertEqual(self.state, "connecting")
        for name in names:
            self.give(name)

    def expect_a_person(self) -> None:
        """The next failure is too many."""
        self.assertEqual(self.state, "needs_human")
        assert isinstance(self.reason, NeedsHuman)
        self.assertIn("too many logins of bot failed: 3 within", str(self.reason))
        self.assertIn(str(TROUBLE), str(self.reason))
        assert isinstance(self.reason.__cause__, LoginFailedOften)
        self.assertIs(self.reason.__cause__.__cause__, TROUBLE)
        self.assertEqual(self.timers(), [])
        self.assertEqual(self.steps.asked[-1], "drop")

    def test_each_kind_of_failure(self) -> None:
        """A step that fails, wherever; a loss between the login and its holding."""
        kinds = (
            ("initialising", "failed"),
            ("awaiting_scan", "failed"),
            ("awaiting_confirm", "failed"),
            ("logging_in", "failed"),
            ("logging_in", "lost"),
            ("syncing", "failed"),
            ("syncing", "lost"),
            ("syncing (answered)", "failed"),
            ("syncing (answered)", "lost"),
            ("ready", "failed"),
            ("ready", "lost"),
        )
        for state, name in kinds:
            self.reach(state)
            self.give(name)
            for _ in range(LIMIT - 2):
                self.again("connected", "failed")
            self.again("connected", "failed")
            self.expect_a_person()

    def test_network(self) -> None:
        """A gateway that cannot be reached, or goes, is tried for ever."""
        self.reach("connecting")
        for _ in range(10 * LIMIT):
            self.give("lost")
            self.again()
        for _ in range(10 * LIMIT):
            self.give("connected")
            self.give("lost")
            self.again()
        self.assertTrue(not any(failed for _, failed in self.steps.delays))

    def test_loss_of_a_login_that_held(self) -> None:
        """It is the network's, however often; the first delay is short again."""
        login = ("connected", "token_found", "logged_in", "answered", "loaded")
        self.reach("ready")
        for _ in range(10 * LIMIT):
            self.clock.advance(HELD_SECONDS)
            self.give("lost")
            self.assertEqual(self.steps.delays[-1], (1, False))
            self.again(*login)
        self.assertEqual(self.state, "ready")

    def test_logged_out_again_and_again(self) -> None:
        """An account that is logged out each time is stopped, though it was ready."""
        login = ("connected", "token_found", "logged_in", "answered", "loaded")
        self.reach("ready")
        for _ in range(LIMIT - 1):
            self.clock.advance(HELD_SECONDS)
            self.give("failed")
            self.assertEqual(self.steps.delays[-1], (1, True))
            self.again(*login)
        self.clock.advance(HELD_SECONDS)
        self.give("failed")
        self.expect_a_person()

    def test_try_again(self) -> None:
        """Who asks for another attempt gets as many as before."""
        self.test_logged_out_again_and_again()
        self.give("try_again")
        for _ in range(LIMIT - 1):
            self.give("connected")
            self.give("failed")
            self.again()
        self.give("connected")
        self.give("failed")
        self.expect_a_person()

    def test_silent_logins(self) -> None:
        """A token of which nothing comes has its turn three times, then a code."""
        self.limit = 100
        self.reach("logging_in")
        for count in range(1, MAX_SILENT_LOGINS + 1):
            self.assertEqual(self.steps.asked.count("login_by_token"), count)
            self.give("failed" if count % 2 else "overdue")
            self.again("connected", "token_found")
        self.assertEqual(self.state, "awaiting_scan")
        self.assertEqual(self.steps.asked[-1], "ask_for_code")
        self.give("failed")
        self.again("connected", "token_found")
        self.assertEqual(self.state, "logging_in")


class NullBreaker(Breaker):
    """Counts nothing."""

    def failed(self, now: float) -> bool:
        """Never enough."""
        return False


class WithoutBreakerTests(MachineTests):
    """The machine without the mechanism: it goes round for ever."""

    def breaker(self) -> Breaker:
        """Count nothing."""
        return NullBreaker(LIMIT, WINDOW)

    def expect_a_person(self) -> None:
        """There is none: the tests above would fail."""
        self.assertEqual(self.state, "retrying")

    def test_try_again(self) -> None:
        """Nobody is asked for."""
        self.test_logged_out_again_and_again()


class AccountTests(AccountCase):
    """A gateway that refuses every login."""

    endurance = Endurance(login_failures=LIMIT, probe_every=None)

    def test_hook(self) -> None:
        """The account stops, and tells it as a state with its reason."""
        told: list[NeedsHuman] = []

        def hook(_: object, event: StateChanged) -> None:
            if isinstance(event.reason, NeedsHuman):
                told.append(event.reason)

        self.account.on(StateChanged, hook)
        self.successResultOf(self.account.start())
        for attempt in range(1, LIMIT + 1):
            self.assertEqual(told, [])
            self.connector.let_in()
            self.refuse("init", "the machine is full")
            self.clock.advance(10 * attempt)
        self.assertEqual(self.account.state, "needs_human")
        (reason,) = told
        self.assertIn("the machine is full", str(reason))
        self.failureResultOf(self.account.when_ready(), NeedsHuman)
        self.clock.advance(24 * 3600)
        self.assertEqual(self.connector.attempts, LIMIT)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.account.try_again()
        self.assertEqual(self.connector.attempts, LIMIT + 1)

    def test_token_is_kept(self) -> None:
        """What failed often was not refused: the token is tried by who tries again."""
        self.log_in()
        for attempt in range(1, LIMIT + 1):
            self.connection.notice("close", {"msg": "task closed"})
            self.clock.advance(10 * attempt)
            if attempt < LIMIT:
                self.go_in()
                self.answer("login")
                self.finish_login()
        self.assertEqual(self.account.state, "needs_human")
        self.assertEqual(self.record().login_token, TOKEN)
        reason = self.reason()
        assert reason is not None
        assert reason.__cause__ is not None
        self.assertIsInstance(reason.__cause__.__cause__, Disconnected)
