"""The login machine alone: codes, and what time does."""

from __future__ import annotations

from padchat_twisted.errors import (
    AuthKeyInvalid,
    Disconnected,
    LoginCancelled,
    LoginDeclined,
    NeedsHuman,
    QRCodeExpired,
)
from padchat_twisted.session.login import (
    CODE_GRACE,
    CODE_SECONDS,
    LOADED_SECONDS,
    LOGIN_SECONDS,
    MAX_CODES,
    TOKEN_SECONDS,
)

from .case import INSTANT
from .machine import RETRY_DELAY, TROUBLE, MachineCase


class CodeTests(MachineCase):
    """Codes: how long they live, and how many there are."""

    def setUp(self) -> None:
        """Ask for the first code."""
        self.reach("awaiting_scan")
        self.show_code()

    def test_own_deadline(self) -> None:
        """A code whose end nobody told is taken for expired, and not before."""
        self.clock.advance(CODE_SECONDS + CODE_GRACE - INSTANT)
        self.assertEqual(self.steps.asked.count("ask_for_code"), 1)
        self.clock.advance(INSTANT)
        self.assertEqual(self.steps.asked.count("ask_for_code"), 2)
        self.assertIsInstance(self.reason, QRCodeExpired)

    def test_told_deadline(self) -> None:
        """What the gateway says of the time left counts, up to a little grace."""
        self.clock.advance(100)
        self.inputs.code_expires_in(30.0)
        self.clock.advance(30 + CODE_GRACE - INSTANT)
        self.assertEqual(self.steps.asked.count("ask_for_code"), 1)
        self.clock.advance(INSTANT)
        self.assertEqual(self.steps.asked.count("ask_for_code"), 2)

    def test_scan_does_not_prolong(self) -> None:
        """After the scan the code's time goes on, it does not begin anew."""
        self.inputs.code_expires_in(30.0)
        self.clock.advance(20)
        self.inputs.scanned()
        self.assertEqual(self.timers(), [10 + CODE_GRACE])
        self.clock.advance(10 + CODE_GRACE)
        self.assertEqual(self.state, "awaiting_scan")

    def test_no_more_than_three(self) -> None:
        """After three codes that nobody scanned, a person is waited for."""
        for shown in range(1, MAX_CODES + 1):
            self.assertEqual(self.state, "awaiting_scan")
            self.assertEqual(self.steps.asked.count("ask_for_code"), shown)
            self.inputs.code_ended(QRCodeExpired("bot"))
            if shown < MAX_CODES:
                self.show_code()
        self.assertEqual(MAX_CODES, 3)
        self.assertEqual(self.state, "needs_human")
        self.assertIsInstance(self.reason, NeedsHuman)
        self.assertIn("expired before anybody scanned it", str(self.reason))
        self.assertEqual(self.timers(), [])
        self.assertEqual(self.steps.asked[-1], "drop")

    def test_three_again_when_asked(self) -> None:
        """Who asks for another attempt gets three codes again."""
        self.test_no_more_than_three()
        self.steps.asked.clear()
        self.inputs.try_again()
        self.inputs.connected()
        self.inputs.no_token()
        for _ in range(MAX_CODES):
            self.show_code()
            self.inputs.code_ended(QRCodeExpired("bot"))
        self.assertEqual(self.steps.asked.count("ask_for_code"), MAX_CODES)
        self.assertEqual(self.state, "needs_human")

    def test_deadline_of_the_last_code(self) -> None:
        """The third code's own deadline leads to a person as well."""
        for _ in range(MAX_CODES):
            self.clock.advance(CODE_SECONDS + CODE_GRACE)
            if self.state == "awaiting_scan":
                self.show_code()
        self.assertEqual(self.state, "needs_human")

    def test_lost_codes_count(self) -> None:
        """A gateway that goes whenever it shows a code is not asked for ever."""
        for _ in range(MAX_CODES - 1):
            self.inputs.lost(TROUBLE)
            self.clock.advance(RETRY_DELAY)
            self.inputs.connected()
            self.inputs.no_token()
            self.show_code()
        self.inputs.lost(TROUBLE)
        self.clock.advance(RETRY_DELAY)
        self.inputs.connected()
        self.inputs.no_token()
        self.assertEqual(self.state, "needs_human")
        self.assertIn("expired", str(self.reason))

    def test_granted_after_the_scan(self) -> None:
        """A code counts also when the scan was told before the grant."""
        self.reach("awaiting_confirm")
        for _ in range(MAX_CODES):
            self.inputs.code_granted()
            self.inputs.code_ended(TROUBLE)
            self.inputs.scanned()
        self.assertEqual(self.state, "needs_human")

    def test_refused_requests_do_not_count(self) -> None:
        """A code that the gateway did not grant was not shown to anybody."""
        self.reach("awaiting_scan")
        for _ in range(MAX_CODES + 1):
            self.inputs.failed(TROUBLE)
            self.clock.advance(RETRY_DELAY)
            self.inputs.connected()
            self.inputs.no_token()
        self.assertEqual(self.state, "awaiting_scan")

    def test_login_starts_counting_anew(self) -> None:
        """After a login the next trouble has three codes again."""
        self.inputs.code_ended(TROUBLE)
        self.show_code()
        self.inputs.logged_in()
        self.inputs.lost(TROUBLE)
        self.clock.advance(RETRY_DELAY)
        self.inputs.connected()
        self.inputs.no_token()
        for _ in range(MAX_CODES - 1):
            self.show_code()
            self.inputs.code_ended(TROUBLE)
        self.assertEqual(self.state, "awaiting_scan")

    def test_declined_and_cancelled_are_told_apart(self) -> None:
        """The reason of the next code says what became of the one before."""
        for reason in (LoginDeclined("bot"), LoginCancelled("bot")):
            self.reach("awaiting_confirm")
            self.inputs.code_ended(reason)
            self.assertEqual(self.state, "awaiting_scan")
            self.assertIs(self.reason, reason)


class TimeTests(MachineCase):
    """What time does."""

    def test_login_overdue(self) -> None:
        """A login that does not come is given up at its limit, and tried anew."""
        self.reach("logging_in")
        self.clock.advance(LOGIN_SECONDS - INSTANT)
        self.assertEqual(self.state, "logging_in")
        self.clock.advance(INSTANT)
        self.assertEqual(self.state, "retrying")
        self.assertIsInstance(self.reason, Disconnected)
        self.assertIn("no event 'login' in time", str(self.reason))
        self.clock.advance(RETRY_DELAY)
        self.assertEqual(self.state, "connecting")

    def test_confirmed_overdue(self) -> None:
        """The same holds after a confirmation."""
        self.reach("awaiting_confirm")
        self.inputs.confirmed()
        self.clock.advance(LOGIN_SECONDS)
        self.assertEqual(self.state, "retrying")

    def test_loaded_missing(self) -> None:
        """Without ``loaded`` the account is ready all the same, after a while."""
        self.reach("syncing (answered)")
        self.clock.advance(LOADED_SECONDS - INSTANT)
        self.assertEqual(self.state, "syncing")
        self.clock.advance(INSTANT)
        self.assertEqual(self.state, "ready")

    def test_nothing_answered(self) -> None:
        """A login after which no command was answered does not count."""
        self.reach("syncing")
        self.clock.advance(LOADED_SECONDS - INSTANT)
        self.assertEqual(self.state, "syncing")
        self.clock.advance(INSTANT)
        self.assertEqual(self.state, "retrying")
        self.assertIn("no command was answered for 60 seconds", str(self.reason))
        self.assertIn("drop", self.steps.asked)

    def test_hourly(self) -> None:
        """The login is saved when it is new, and then every hour."""
        self.reach("ready")
        self.assertEqual(self.steps.asked.count("save_login"), 1)
        for hours in (2, 3, 4):
            self.clock.advance(TOKEN_SECONDS - INSTANT)
            self.assertEqual(self.steps.asked.count("save_login"), hours - 1)
            self.clock.advance(INSTANT)
            self.assertEqual(self.steps.asked.count("save_login"), hours)
        self.assertEqual(self.state, "ready")

    def test_retry(self) -> None:
        """An attempt follows another after the delay that the steps say."""
        self.reach("retrying")
        self.clock.advance(RETRY_DELAY - INSTANT)
        self.assertEqual(self.steps.asked.count("connect"), 1)
        self.clock.advance(INSTANT)
        self.assertEqual(self.steps.asked.count("connect"), 2)

    def test_refused_waits_for_ever(self) -> None:
        """After a permanent refusal nothing is tried, however long it takes."""
        self.reach("connecting")
        refusal = AuthKeyInvalid("gateway.test", "authKey is not valid")
        self.inputs.refused(refusal)
        self.clock.advance(30 * 24 * 3600)
        self.assertEqual(self.state, "needs_human")
        self.assertEqual(self.steps.asked.count("connect"), 1)
        assert self.reason is not None
        self.assertIs(self.reason.__cause__, refusal)
        self.assertIn("authKey is not valid", str(self.reason))
