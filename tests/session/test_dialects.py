"""The login in each dialect's own way."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Dialect
from padchat_twisted.catalogue.base import LARGE_TIME_LIMIT
from padchat_twisted.catalogue.sending import REFUSED_RECEIVERS
from padchat_twisted.errors import NotSent
from padchat_twisted.session.dialects import (
    DIALECTS,
    LEGACY_TIME_LIMIT,
    LOGIN_TIME_LIMIT,
    SDK_TIME_LIMIT,
    SOCKETIO_TIME_LIMIT,
)
from padchat_twisted.session.login import LOGIN_SECONDS

from .case import (
    DEVICE,
    DEVICE_DATA,
    INSTANT,
    TOKEN,
    USER_NAME,
    AccountCase,
)


class DialectCase(AccountCase):
    """An account of one dialect."""

    def with_token(self) -> None:
        """Have device data and token of an earlier login; ``login`` was sent."""
        self.successResultOf(
            self.store.save_device(self.key, {**DEVICE, "deviceData": DEVICE_DATA})
        )
        self.successResultOf(
            self.store.save_login(self.key, login_token=TOKEN, user_name=USER_NAME)
        )
        self.begin()

    def logins(self) -> list[dict[str, Any]]:
        """Parameters of each ``login`` on the newest connection."""
        return [c.params for c in self.connection.calls if c.code == "login"]

    def save(self) -> None:
        """Answer what is asked after a login."""
        self.answer("getDeviceInfo", {"deviceData": DEVICE_DATA})
        self.answer("getAutoLoginData", {"token": TOKEN})


class LegacyTests(DialectCase):
    """``legacy``: one command with a way back, and tasks that go on."""

    dialect: Dialect = "legacy"

    def test_token(self) -> None:
        """The token goes with a login by code; the reply names the account."""
        self.with_token()
        (login,) = self.logins()
        self.assertEqual(
            login,
            {"loginType": "qrcode", "token": TOKEN, "deviceData": DEVICE_DATA},
        )
        self.answer("login", {"userName": USER_NAME, "uin": 1})
        self.assertEqual(self.account.state, "logging_in")
        self.connection.notice("login")
        self.save()
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "ready")
        self.assertNotIn("syncContact", self.codes())

    def test_token_of_no_use(self) -> None:
        """L3: the same command goes on by code; no other one is sent for it."""
        self.with_token()
        self.answer("login", {})
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assertEqual(len(self.logins()), 1)
        self.assertIsNone(self.record().login_token)
        self.connection.notice("scan", {"status": 0, "expiredTime": 239})
        self.connection.notice("scan", {"status": 3})
        self.assertEqual(len(self.logins()), 2)
        self.assertEqual(
            self.logins()[1], {"loginType": "qrcode", "deviceData": DEVICE_DATA}
        )

    def test_token_refused(self) -> None:
        """A refusal of the whole command begins a login by code as well."""
        self.with_token()
        self.refuse("login", "token has expired")
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assertEqual(len(self.logins()), 2)
        self.assertNotIn("token", self.logins()[1])

    def test_a_code_that_was_coming_and_a_new_connection(self) -> None:
        """After a loss the code of the old connection is not waited for."""
        self.with_token()
        self.answer("login", {})
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.assertEqual(len(self.logins()), 1)

    def test_resumed(self) -> None:
        """L5: a task whose account is logged in needs no login, but contacts."""
        self.successResultOf(self.account.start())
        self.connector.let_in()
        self.answer("init", {"logined": True, "status": "init"})
        self.connection.notice("reconnect", {"logined": True, "status": "init"})
        self.assertEqual(self.account.state, "syncing")
        self.assertEqual(self.codes(), ["init", "getDeviceInfo", "syncContact"])
        self.save()
        self.answer("syncContact")
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "ready")

    def test_resumed_by_the_event(self) -> None:
        """The event alone says the same, whenever it comes (Q13)."""
        self.successResultOf(self.account.start())
        self.connector.let_in()
        self.connection.notice("reconnect", {"logined": True})
        self.assertEqual(self.account.state, "syncing")
        self.answer("init", {"logined": True})
        self.assertEqual(self.codes().count("syncContact"), 1)
        self.assertEqual(self.logins(), [])

    def test_not_logged_in(self) -> None:
        """``logined`` false decides for the login (Q14)."""
        self.successResultOf(self.account.start())
        self.connector.let_in()
        self.connection.notice("reconnect", {"logined": False})
        self.answer("init", {"logined": False, "status": "init"})
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assertEqual(len(self.logins()), 1)

    def test_resumed_again(self) -> None:
        """After a loss, a task that still goes on is taken up again."""
        self.log_in()
        self.connection.lose()
        self.clock.advance(10)
        self.connector.let_in()
        self.answer("init", {"logined": True})
        self.assertEqual(self.account.state, "syncing")
        self.assertIn("syncContact", self.codes())


class SdkTests(DialectCase):
    """``sdk``: two ways to use a token, and fetching what is new."""

    dialect: Dialect = "sdk"

    def log_in(self) -> None:
        """Log in by a code; the gateway tells what is new."""
        self.begin()
        self.answer("login")
        self.connection.notice("qrcode", {"url": "http://example.invalid/x/1"})
        self.connection.notice(
            "scan", {"status": 2, "subStatus": 0, "userName": USER_NAME}
        )
        self.connection.notice("login")
        self.save()

    def test_token(self) -> None:
        """``auto`` comes first, and is enough."""
        self.with_token()
        self.answer("login", {"userName": USER_NAME})
        (login,) = self.logins()
        self.assertEqual(
            login, {"loginType": "auto", "token": TOKEN, "deviceData": DEVICE_DATA}
        )
        self.assertEqual(self.account.state, "logging_in")

    def test_the_whole_way_down(self) -> None:
        """K2: ``auto``, then ``request``, then a code."""
        self.with_token()
        self.refuse("login", "login failed", -2023)
        self.refuse("login", "no valid data returned", 0)
        kinds = [login["loginType"] for login in self.logins()]
        self.assertEqual(kinds, ["auto", "request", "qrcode"])
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assertIsNone(self.record().login_token)
        self.assertEqual(
            self.logins()[2], {"loginType": "qrcode", "deviceData": DEVICE_DATA}
        )

    def test_nobody_confirms(self) -> None:
        """A request that nobody confirmed is not made again and again."""
        self.with_token()
        self.refuse("login")
        self.answer("login")
        self.clock.advance(LOGIN_TIME_LIMIT - INSTANT)
        self.assertEqual(self.account.state, "logging_in")
        self.clock.advance(INSTANT)
        self.assertEqual(self.account.state, "retrying")
        self.clock.advance(10)
        self.go_in()
        self.refuse("login")
        kinds = [login["loginType"] for login in self.logins()]
        self.assertEqual(kinds, ["auto", "qrcode"])

    def test_each_way_has_its_time(self) -> None:
        """``auto`` without an answer is over sooner: nobody has to be asked."""
        self.with_token()
        self.clock.advance(LOGIN_SECONDS)
        self.assertEqual(self.account.state, "retrying")
        self.assertEqual(self.record().login_token, TOKEN)

    def test_confirmed_once(self) -> None:
        """A request that was confirmed may be made again another day."""
        self.with_token()
        self.refuse("login")
        self.answer("login")
        self.connection.notice("login")
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.refuse("login")
        kinds = [login["loginType"] for login in self.logins()]
        self.assertEqual(kinds, ["auto", "request"])

    def test_contacts(self) -> None:
        """K4: they are asked for after the login, and again until they end."""
        self.log_in()
        self.assertEqual(self.codes()[-3:].count("syncContact"), 1)
        self.connection.notice("notify", {"type": 4})
        self.assertEqual(self.codes().count("syncContact"), 2)
        self.assertNotIn("syncMsg", self.codes())
        self.connection.notice("loaded")
        self.assertEqual(self.account.state, "ready")
        self.assertEqual(self.codes()[-1], "syncMsg")

    def test_news(self) -> None:
        """K5: any other notice is answered by fetching messages."""
        self.log_in()
        for kind in (2, 1, None):
            count = self.codes().count("syncMsg")
            self.connection.notice("notify", {"type": kind})
            self.assertEqual(self.codes().count("syncMsg"), count + 1)

    def test_fetching_fails(self) -> None:
        """A gateway that refuses it harms nothing; it is logged."""
        self.log_in()
        self.refuse("syncContact", "not now")
        self.assertEqual(self.account.state, "syncing")
        self.assertTrue(self.log.has("syncContact did not work"))

    def test_logged_in_again(self) -> None:
        """K10: after ``autoLogin`` the new token is saved."""
        self.log_in()
        self.connection.notice("loaded")
        self.connection.calls.clear()
        self.connection.notice("autoLogin")
        self.assertEqual(self.account.state, "ready")
        self.answer("getDeviceInfo", {})
        self.answer("getAutoLoginData", {"token": "bmV3"})
        self.assertEqual(self.record().login_token, "bmV3")

    def test_raw_names(self) -> None:
        """Names that only Socket.IO keeps for itself can be sent."""
        self.log_in()
        self.account.call_raw("ping", {}).addErrback(lambda _: None)
        self.assertEqual(self.codes()[-1], "ping")
        self.failureResultOf(self.account.call_raw('a"b', {}), NotSent)

    def test_refused_receivers(self) -> None:
        """Nobody writes to WeChat's own accounts, by a raw command neither."""
        self.log_in()
        for to in REFUSED_RECEIVERS:
            sending = self.account.call_raw("sendVoice", {"toUserName": to})
            failure = self.failureResultOf(sending, NotSent)
            self.assertIn("must not be written to", str(failure.value))
        for params in ({"toUserName": "filehelper"}, {"toUserName": ""}, {}):
            self.account.call_raw("sendVoice", params).addErrback(lambda _: None)
        self.assertEqual(self.codes().count("sendVoice"), 3)


class TimeLimitTests(SynchronousTestCase):
    """How long replies may take."""

    def test_limits(self) -> None:
        """Each dialect has its own; pictures and logins have more time."""
        for name, code, limit in (
            ("socketio", "sendMsg", SOCKETIO_TIME_LIMIT),
            ("socketio", "sendImage", SOCKETIO_TIME_LIMIT),
            ("legacy", "sendMsg", LEGACY_TIME_LIMIT),
            ("legacy", "sendImage", LARGE_TIME_LIMIT),
            ("sdk", "sendMsg", SDK_TIME_LIMIT),
            ("sdk", "getMsgImage", LARGE_TIME_LIMIT),
            ("sdk", "login", LOGIN_TIME_LIMIT),
        ):
            self.assertEqual(DIALECTS[name].limit(code), limit)  # type: ignore[index] # a literal


class LegacyTimeTests(DialectCase):
    """The time limit at its edge."""

    dialect: Dialect = "legacy"

    def test_ten_seconds(self) -> None:
        """Rule 6 for a client: a call fails after ten seconds."""
        self.log_in()
        for send in (
            lambda: self.account.send("filehelper", "hi"),
            lambda: self.account.call_raw("x", {}),
        ):
            calling = send()
            self.clock.advance(LEGACY_TIME_LIMIT / 2)
            self.assertNoResult(calling)
            self.clock.advance(LEGACY_TIME_LIMIT / 2)
            self.failureResultOf(calling)
        self.connection.reply(self.connection.last_call("x").call_id, {})
        self.assertEqual(self.account.late_replies, 1)
