"""Tests of padchat_twisted.sandbox.responders.login: the task and its login."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.login import DeviceInfo, LoggedIn
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.responders.login import MAX_DEVICE_CHARACTERS

from ..stage import DEVICE, Stage, as_read


class LoginCommandTests(SynchronousTestCase):
    """Init, login, logout, close, and the login data."""

    def setUp(self) -> None:
        """Have a connection that is open."""
        self.stage = Stage()
        self.client = self.stage.connect("bot1")

    def test_init(self) -> None:
        """Init answers with empty data, and again when it is repeated."""
        for _ in range(2):
            self.assertEqual(self.client.init(), Reply(True, "", {}))

    def test_init_while_logged_in(self) -> None:
        """On a connection that is logged in, init changes nothing."""
        self.client.log_in()
        known = self.client.call("getDeviceInfo")
        self.assertTrue(self.client.init(**{**DEVICE, "deviceUuid": "OTHER"}).success)
        self.assertEqual(self.client.call("getDeviceInfo"), known)

    def test_device_fields_are_bounded(self) -> None:
        """A device field has at most as many characters as the limit says."""
        for name in (*DEVICE, "deviceData"):
            longest = {**DEVICE, name: "x" * MAX_DEVICE_CHARACTERS}
            self.assertTrue(self.client.init(**longest).success)
            reason = self.client.refused("init", {**longest, name: longest[name] + "x"})
            self.assertTrue(reason.startswith(f"{name} is longer than "), reason)

    def test_login_types(self) -> None:
        """Token and qrcode are the only login types."""
        self.client.init()
        reason = self.client.refused("login", {"loginType": "phone"})
        self.assertEqual(reason, "loginType must be token or qrcode")

    def test_logged_in_already(self) -> None:
        """A second login on the same connection is refused, and no code is shown."""
        self.client.log_in()
        self.client.refused("login", {"loginType": "qrcode"})
        self.assertIsNone(self.client.account.login)

    def test_token_login(self) -> None:
        """The reply to a token login has the account; the catalogue reads it."""
        token = self.client.log_in().token()
        self.client.call("close")
        reply = self.client.log_in_by_token(token)
        user = self.client.account.user
        self.assertEqual(reply.data["userName"], user.user_name)
        self.assertEqual(reply.data["message"], "\n\x10Everything is ok")
        read = as_read(reply, LoggedIn)
        self.assertEqual((read.uin, read.status, read.nick_name), (user.uin, 0, ""))

    def test_refused_token(self) -> None:
        """A refused token login has a text and the status of the engine in data."""
        self.client.init()
        reply = self.client.call("login", {"loginType": "token", "token": "eA=="})
        self.assertFalse(reply.success)
        self.assertEqual(reply.data, {"status": -2023})
        self.assertTrue(reply.msg)

    def test_logout_and_close(self) -> None:
        """Both end the task; only logout logs out."""
        for code, is_logged_in in (("close", True), ("logout", False)):
            self.client.log_in()
            self.assertEqual(self.client.call(code), Reply(True, "", {}))
            self.assertEqual(self.client.events(), [code])
            self.assertEqual(self.client.account.is_logged_in, is_logged_in)
            self.client.refused("login", {"loginType": "qrcode"})

    def test_device_info(self) -> None:
        """The catalogue reads all five fields of the device."""
        self.client.init()
        read = as_read(self.client.call("getDeviceInfo"), DeviceInfo)
        self.assertEqual(read.device_uuid, DEVICE["deviceUuid"])
        self.assertRegex(read.device_data or "", "^62706c69")

    def test_auto_login_data(self) -> None:
        """Dialect sdk gets more than the token."""
        reply = self.client.log_in().call("getAutoLoginData")
        self.assertEqual(set(reply.data), {"token"})
        uin = self.client.account.user.uin
        self.assertEqual(reply.sdk, {"message": "", "status": 0, "uin": uin})

    def test_my_info(self) -> None:
        """The account is whom it is logged in as, whoever that is."""
        self.client.show_code()
        alice = self.stage.world.person("alice")
        alice.scan("bot1")
        alice.confirm()
        reply = self.client.call("getMyInfo")
        self.assertEqual(reply.data, {"userName": "wxid_alice", "uin": alice.uin})

    def test_heart_beat(self) -> None:
        """The heartbeat changes nothing."""
        self.client.log_in()
        self.assertEqual(self.client.call("heartBeat"), Reply(True, "", {}))
        self.assertEqual(self.client.events(), [])


class ClosePushTests(SynchronousTestCase):
    """The pushes end, and what came meanwhile is not lost."""

    def setUp(self) -> None:
        """Have an account, in the way of each dialect."""
        self.stage = Stage()
        self.alice = self.stage.world.person("alice")

    def test_kept(self) -> None:
        """Nothing is pushed or announced until the next login, which brings it all."""
        for fetches_news in (False, True):
            client = self.stage.connect(f"bot{fetches_news}")
            client.binding.fetches_news = fetches_news
            client.log_in()
            self.assertTrue(client.call("closePush").success)
            self.alice.says("first", to=client.account)
            client.call("syncMsg")
            self.stage.world.person("carol", nick_name=f"Carol {fetches_news}")
            self.assertEqual(client.events(), [])
            token = client.token()
            client.call("close")
            client.log_in_by_token(token)
            client.take()
            client.call("syncMsg")
            self.alice.says("second", to=client.account)
            client.call("syncMsg")
            client.take()
            texts = [
                item["content"]
                for notice in client.notices
                if notice.event == "push"
                for item in notice.args[0]["list"]  # type: ignore[index]  # a dict
                if item["msgType"] == 1
            ]
            self.assertEqual(texts, ["first", "second"])

    def test_other_events(self) -> None:
        """Other events come all the same."""
        client = self.stage.connect("bot1").log_in()
        client.call("closePush")
        client.account.warns("trouble")
        self.assertEqual(client.events(), ["warn"])
