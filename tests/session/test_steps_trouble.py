"""What ends a login, and what comes then."""

from __future__ import annotations

from padchat_twisted.errors import (
    AuthKeyExpired,
    AuthKeyInUse,
    AuthKeyInvalid,
    Disconnected,
    LoggedOut,
    TakenOver,
)
from padchat_twisted.session.account import AccountSession
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.session.login import HELD_SECONDS
from padchat_twisted.session.retry import (
    FIRST_DELAY,
    LEAST_DELAY,
    LONGEST_DELAY,
    LONGEST_LOGIN_DELAY,
)

from .case import INSTANT, TOKEN, AccountCase


class TroubleTests(AccountCase):
    """What ends a login, and what comes then."""

    def setUp(self) -> None:
        """Be ready."""
        super().setUp()
        self.log_in()

    def test_lost(self) -> None:
        """A lost connection is followed by another, with the token."""
        self.connection.lose(Disconnected("ping timeout"))
        self.assertEqual(self.entered(), ["retrying"])
        self.clock.advance(10)
        self.go_in()
        self.assertEqual(self.connection.last_call("login").params["token"], TOKEN)
        self.assertEqual(len(self.connector.connections), 2)

    def test_logged_out(self) -> None:
        """An account that was logged out needs a scan: its token is void."""
        self.connection.notice("logout", {"msg": "logged out on the phone"})
        self.assertIsInstance(self.reason(), LoggedOut)
        self.assertIn("logged out on the phone", str(self.reason()))
        self.assertIsNone(self.record().login_token)
        self.assertTrue(self.connection.is_closing)
        self.clock.advance(10)
        self.go_in()
        self.assertEqual(self.account.state, "awaiting_scan")

    def test_task_closed(self) -> None:
        """A task that was closed is made anew; the token stays good."""
        self.connection.notice("close", {"msg": "task closed"})
        self.assertEqual(self.account.state, "retrying")
        self.assertIn("task closed", str(self.reason()))
        self.assertEqual(self.record().login_token, TOKEN)
        self.clock.advance(10)
        self.go_in()
        self.assertEqual(self.account.state, "logging_in")

    def test_taken_over(self) -> None:
        """Who was taken over does not fight for it: it waits for a person."""
        self.connection.notice(
            "close", {"msg": "taken over by a newer connection with the same authKey"}
        )
        self.assertEqual(self.account.state, "needs_human")
        reason = self.reason()
        assert reason is not None
        self.assertIsInstance(reason.__cause__, TakenOver)
        self.assertTrue(self.connection.is_closing)
        self.connection.lose()
        self.clock.advance(24 * 3600)
        self.assertEqual(self.connector.attempts, 1)
        self.account.try_again()
        self.assertEqual(self.connector.attempts, 2)

    def test_refused_for_good(self) -> None:
        """After a refused namespace nothing is tried any more."""
        self.connection.lose()
        self.clock.advance(10)
        self.connector.refuse()
        self.assertEqual(self.account.state, "needs_human")
        self.assertIn("authKey is not valid", str(self.reason()))
        self.clock.advance(24 * 3600)
        self.assertEqual(self.connector.attempts, 2)

    def test_key_that_is_of_no_use_any_more(self) -> None:
        """Close codes 3201 to 3203 end a session for good; a person takes it back."""
        for attempts, kind in enumerate(
            (AuthKeyInvalid, AuthKeyInUse, AuthKeyExpired), 1
        ):
            self.connection.lose(kind("gateway.test", "of no use"))
            self.assertEqual(self.account.state, "needs_human")
            self.clock.advance(24 * 3600)
            self.assertEqual(self.connector.attempts, attempts)
            self.account.try_again()
            self.go_in()
            self.answer("login")
            self.finish_login()
            self.assertEqual(self.account.state, "ready")

    def test_login_again(self) -> None:
        """Another ``login`` in a session saves again and changes no state."""
        self.entered()
        self.connection.notice("login", {})
        self.assertEqual(self.entered(), [])
        self.assertEqual(self.codes(), ["getDeviceInfo"])

    def test_odd_events(self) -> None:
        """Events of the login with odd content change nothing."""
        odd: tuple[tuple[object, ...], ...] = ((), (None,), (5,), ([],), ({"data": 5},))
        for arguments in odd:
            self.connection.notice("scan", *arguments)
            self.connection.notice("loaded", *arguments)
            self.connection.notice("warn", *arguments)
        self.assertEqual(self.account.state, "ready")


class DelayTests(AccountCase):
    """How long the next attempt waits."""

    def wait(self, seconds: float) -> None:
        """Expect that the next attempt comes after exactly that time."""
        attempts = self.connector.attempts
        self.clock.advance(seconds - INSTANT)
        self.assertEqual(self.connector.attempts, attempts)
        self.clock.advance(INSTANT)
        self.assertEqual(self.connector.attempts, attempts + 1)

    def test_grows(self) -> None:
        """The policy is asked with the number of the attempt."""
        self.successResultOf(self.account.start())
        for attempt in (1, 2, 3):
            self.connector.fail()
            self.wait(10.0 * attempt)

    def test_begins_anew_at_ready(self) -> None:
        """A login that worked makes the next delay the first one again."""
        self.successResultOf(self.account.start())
        self.connector.fail()
        self.wait(10)
        self.go_in()
        self.connection.lose()
        self.wait(20)
        self.go_in()
        self.show_code()
        self.finish_login()
        self.clock.advance(HELD_SECONDS)
        self.connection.lose()
        self.wait(10)

    def test_goes_on_when_it_did_not_hold(self) -> None:
        """A login that is lost at once does not make the next delay short."""
        self.successResultOf(self.account.start())
        self.go_in()
        self.show_code()
        self.finish_login()
        for attempt in (1, 2, 3):
            self.clock.advance(HELD_SECONDS - INSTANT)
            self.connection.lose()
            self.wait(10.0 * attempt)
            self.go_in()
            self.answer("login")
            self.finish_login()
            self.assertEqual(self.account.state, "ready")

    def with_chance(self, chance: float) -> None:
        """Build an account with our own policy, and start it."""
        endurance = Endurance(chance=lambda: chance)
        self.account = AccountSession(
            self.clock, self.connector, self.key, self.store, endurance=endurance
        )
        self.account.start()

    def test_own_policy(self) -> None:
        """Without a given policy it is drawn below an end that grows to a minute."""
        self.with_chance(0.5)
        for attempt in range(1, 12):
            self.connector.fail()
            self.wait(min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1)) / 2)

    def test_never_at_once(self) -> None:
        """Whatever chance says, something is waited."""
        self.with_chance(0.0)
        self.connector.fail()
        self.wait(LEAST_DELAY)

    def test_longer_when_logins_fail(self) -> None:
        """Logins that fail are farther apart than attempts to connect."""
        self.with_chance(0.5)
        for attempt in range(1, 12):
            self.connector.let_in()
            self.refuse("init", "not now")
            self.wait(min(LONGEST_LOGIN_DELAY, FIRST_DELAY * 2 ** (attempt - 1)) / 2)

    def test_paced_by_others(self) -> None:
        """Where somebody else decides when to connect, we wait for nothing."""
        self.connector.paces_itself = True
        self.successResultOf(self.account.start())
        self.connector.fail()
        self.assertEqual(self.connector.attempts, 1)
        self.clock.advance(0)
        self.assertEqual(self.connector.attempts, 2)
