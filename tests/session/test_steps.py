"""The steps of a login, from the start to ready and back."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from padchat_twisted.errors import (
    CallRejected,
    LoginCancelled,
    LoginDeclined,
    NeedsHuman,
    QRCodeExpired,
)
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.session.login import CODE_GRACE, LOADED_SECONDS, TOKEN_SECONDS
from padchat_twisted.session.steps import (
    LONGEST_CODE,
)
from padchat_twisted.store import MemoryStore

from .case import DEVICE, DEVICE_DATA, INSTANT, TOKEN, USER_NAME, AccountCase


class QRLoginTests(AccountCase):
    """Without a token: a code."""

    def test_the_whole_way(self) -> None:
        """A first login goes through every state of a scan, and is saved."""
        self.begin()
        self.assertEqual(
            self.connection.last_call("login").params["loginType"], ("qrcode")
        )
        self.assertNotIn("token", self.connection.last_call("login").params)
        self.show_code()
        self.connection.notice("scan", {"status": 1})
        self.connection.notice("scan", {"status": 2, "userName": USER_NAME})
        self.finish_login()
        self.assertEqual(
            self.entered(),
            [
                "connecting",
                "initialising",
                "awaiting_scan",
                "awaiting_confirm",
                "logging_in",
                "syncing",
                "ready",
            ],
        )
        self.assertEqual(
            self.codes(), ["init", "login", "getDeviceInfo", "getAutoLoginData"]
        )
        self.assertEqual(self.account.user_name, USER_NAME)
        self.assertEqual(self.record().login_token, TOKEN)
        self.assertEqual(self.record().user_name, USER_NAME)

    def test_status_0_with_a_name_is_a_login(self) -> None:
        """Two servers end a scan with status 0, a user name and a uin."""
        self.begin()
        self.show_code()
        self.connection.notice("scan", {"status": 0, "userName": USER_NAME, "uin": 1})
        self.assertEqual(self.account.state, "logging_in")

    def test_scan_statuses_are_told_apart(self) -> None:
        """Declined, expired and cancelled codes each have their class of reason."""
        for said, kind in (
            ({"status": 2, "subStatus": 1}, LoginDeclined),
            ({"status": 3}, QRCodeExpired),
            ({"status": 4}, LoginCancelled),
        ):
            self.connector.connections.clear()
            self.account = self.build(name=kind.__name__)
            self.begin()
            self.show_code()
            self.connection.notice("scan", {"status": 1})
            self.connection.notice("scan", said)
            self.assertEqual(self.account.state, "awaiting_scan")
            self.assertIsInstance(self.reason(), kind)
            self.assertEqual(self.codes(), ["init", "login", "login"])
            self.account.close()

    def test_status_that_nobody_knows(self) -> None:
        """A scan status without a meaning changes nothing."""
        self.begin()
        self.show_code()
        self.entered()
        for status in (-1, -2, 7):
            self.connection.notice("scan", {"status": status})
        self.assertEqual(self.entered(), [])

    def test_three_codes(self) -> None:
        """After three codes the connection is left, until somebody asks again."""
        self.begin()
        ready = self.account.when_ready()
        for _ in range(3):
            self.show_code()
            self.connection.notice("scan", {"status": 3})
        self.assertEqual(self.account.state, "needs_human")
        self.assertEqual(self.codes().count("login"), 3)
        self.assertTrue(self.connection.is_closing)
        self.failureResultOf(ready, NeedsHuman)
        self.clock.advance(24 * 3600)
        self.assertEqual(self.connector.attempts, 1)
        self.account.try_again()
        self.go_in()
        self.show_code()
        self.assertEqual(self.account.state, "awaiting_scan")

    def test_told_end_of_a_code(self) -> None:
        """The code lives as long as ``expiredTime`` says, within reason."""
        for said, seconds in (
            (30, 30.0),
            (0, 0.0),
            (-5, 0.0),
            ("30", 30.0),
            (10**400, LONGEST_CODE),
        ):
            self.connector.connections.clear()
            self.account = self.build(name=f"bot {str(said)[:9]}")
            self.begin()
            self.answer("login")
            self.connection.notice("scan", {"status": 0, "expiredTime": said})
            self.clock.advance(seconds + CODE_GRACE - INSTANT)
            self.assertEqual(self.codes().count("login"), 1, said)
            self.clock.advance(INSTANT)
            self.assertEqual(self.codes().count("login"), 2, said)
            self.account.close()

    def test_login_refused(self) -> None:
        """A gateway that grants no code is left, and tried again later."""
        self.begin()
        self.refuse("login", "no code today")
        self.assertEqual(self.account.state, "retrying")
        self.assertIsInstance(self.reason(), CallRejected)
        self.assertTrue(self.connection.is_closing)
        self.clock.advance(10)
        self.assertEqual(self.account.state, "connecting")

    def test_reply_that_never_comes(self) -> None:
        """A login that went on by its events does not end with the call's limit."""
        self.begin()
        self.connection.notice("scan", {"status": 1})
        self.connection.notice("scan", {"status": 2, "userName": USER_NAME})
        self.finish_login()
        self.assertEqual(self.account.state, "ready")
        self.clock.advance(60)
        self.assertEqual(self.account.state, "ready")

    def test_refusal_that_comes_too_late(self) -> None:
        """The same holds for a refusal of a step that is done with."""
        self.begin()
        self.connection.notice("scan", {"status": 1})
        self.refuse("login", "too late")
        self.assertEqual(self.account.state, "awaiting_confirm")

    def test_init_refused(self) -> None:
        """The same holds for ``init``."""
        self.successResultOf(self.account.start())
        self.connector.let_in()
        self.refuse("init", "no")
        self.assertEqual(self.account.state, "retrying")

    def test_init_without_an_answer(self) -> None:
        """An ``init`` that nobody answers is given up at the dialect's time limit."""
        self.successResultOf(self.account.start())
        self.connector.let_in()
        self.clock.advance(60 - INSTANT)
        self.assertEqual(self.account.state, "initialising")
        self.clock.advance(INSTANT)
        self.assertEqual(self.account.state, "retrying")
        self.assertIn("time limit", str(self.reason()))


class TokenLoginTests(AccountCase):
    """With a token: no code."""

    def setUp(self) -> None:
        """Have a token in the store."""
        super().setUp()
        self.successResultOf(self.store.save_device(self.key, DEVICE))
        self.successResultOf(
            self.store.save_login(self.key, login_token=TOKEN, user_name=USER_NAME)
        )

    def test_the_whole_way(self) -> None:
        """The token comes first, and then no code is asked for."""
        self.begin()
        login = self.connection.last_call("login")
        self.assertEqual(login.params, {"token": TOKEN, "loginType": "token"})
        self.answer("login", {"userName": USER_NAME})
        self.finish_login()
        self.assertEqual(
            self.entered(),
            ["connecting", "initialising", "logging_in", "syncing", "ready"],
        )

    def test_event_before_the_reply(self) -> None:
        """The event ``login`` may overtake the reply."""
        self.begin()
        self.connection.notice("login", {})
        self.answer("login", {"userName": USER_NAME})
        self.assertEqual(self.account.state, "syncing")
        self.assertEqual(self.account.user_name, USER_NAME)

    def test_refused_token(self) -> None:
        """A token that is refused is put aside for good, and a code is next."""
        self.begin()
        self.refuse("login", "token has expired", -2023)
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assertIsNone(self.record().login_token)
        self.assertEqual(dict(self.record().device or {}), DEVICE)
        self.assertEqual(
            self.connection.last_call("login").params, {"loginType": "qrcode"}
        )
        self.assertTrue(self.log.has("token has expired"))

    def test_unanswered_token(self) -> None:
        """A token without an answer stays good: it is tried again."""
        self.begin()
        self.clock.advance(60)
        self.assertEqual(self.account.state, "retrying")
        self.assertEqual(self.record().login_token, TOKEN)

    def test_no_event_after_the_token(self) -> None:
        """Without the event ``login`` the login is given up, the token kept."""
        self.begin()
        self.answer("login", {"userName": USER_NAME})
        self.clock.advance(60)
        self.assertEqual(self.account.state, "retrying")
        self.assertIn("no event 'login'", str(self.reason()))
        self.assertEqual(self.record().login_token, TOKEN)


class SlowStore(MemoryStore):
    """A store that says when a token is stored only when it is time."""

    def __init__(self) -> None:
        super().__init__()
        self.saving: list[Deferred[None]] = []

    def save_login(
        self, key: AccountKey, *, login_token: str, user_name: str
    ) -> Deferred[None]:
        """Store it, and say so later."""
        super().save_login(key, login_token=login_token, user_name=user_name)
        self.saving.append(Deferred())
        return self.saving[-1]


class SlowSavingTests(AccountCase):
    """A save that takes longer than a connection lives."""

    def setUp(self) -> None:
        """Log in, lose the connection in the middle of the save, log in again."""
        super().setUp()
        self.slow = SlowStore()
        self.slow.open()
        self.store = self.slow
        self.account = self.build()
        self.begin()
        self.show_code()
        self.finish_login()
        self.assertEqual(self.account.state, "syncing")
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.connection.notice("login", {})
        self.answer("getDeviceInfo", {})
        self.answer("getAutoLoginData", {"token": TOKEN + "-2"})

    def save(self, number: int) -> None:
        """Have that save stored; nobody is ready by it."""
        self.slow.saving[number].callback(None)
        self.assertEqual(self.account.state, "syncing")

    def test_save_of_an_older_login(self) -> None:
        """The end of an older save makes nobody ready."""
        self.connection.notice("loaded")
        self.save(0)
        self.slow.saving[1].callback(None)
        self.assertEqual(self.account.state, "ready")

    def test_loaded_of_an_older_login(self) -> None:
        """A ``loaded`` that came before the loss does not count for this login."""
        self.save(0)
        self.save(1)
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "ready")


class SavingTests(AccountCase):
    """What is saved, and when."""

    def test_ready_waits_for_the_save(self) -> None:
        """``loaded`` counts when the login is saved: who is ready needs no scan."""
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.connection.notice("loaded")
        self.answer("getDeviceInfo", DEVICE)
        self.assertEqual(self.account.state, "syncing")
        self.answer("getAutoLoginData", {"token": TOKEN})
        self.assertEqual(self.account.state, "ready")
        self.assertEqual(self.record().login_token, TOKEN)

    def test_loaded_missing(self) -> None:
        """Without ``loaded`` the account is ready after a minute."""
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.answer("getDeviceInfo", {})
        self.clock.advance(LOADED_SECONDS)
        self.assertEqual(self.account.state, "ready")

    def test_every_hour(self) -> None:
        """A token that changed is stored within the hour."""
        self.log_in()
        self.clock.advance(TOKEN_SECONDS)
        self.answer("getDeviceInfo", {})
        self.answer("getAutoLoginData", {"token": TOKEN + "-2"})
        self.assertEqual(self.record().login_token, TOKEN + "-2")
        device = dict(self.record().device or {})
        self.assertEqual(device["deviceData"], DEVICE_DATA)

    def test_device_info_refused(self) -> None:
        """The token is saved although the device data was refused."""
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.refuse("getDeviceInfo", "not now")
        self.answer("getAutoLoginData", {"token": TOKEN})
        self.assertEqual(self.record().login_token, TOKEN)
        self.assertTrue(self.log.has("not now"))

    def test_token_refused_to_us(self) -> None:
        """Without a token the account works all the same; the log says so."""
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.answer("getDeviceInfo", {})
        self.refuse("getAutoLoginData", "no token")
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "ready")
        self.assertTrue(self.log.has("was not saved"))

    def test_lost_in_a_save(self) -> None:
        """A connection that goes in the middle of a save leaves no call behind."""
        self.begin()
        self.show_code()
        self.connection.notice("login", {})
        self.connection.lose()
        self.assertEqual(self.account.state, "retrying")
        self.assertEqual(self.codes()[-1], "getDeviceInfo")
        told = [line for line in self.log.lines if "was not saved" in line]
        self.assertEqual(len(told), 1)
