"""Clients of dialect ``legacy`` at the sandbox, frame by frame."""

from __future__ import annotations

from padchat_twisted.sandbox.accounts import TAKEN_OVER
from padchat_twisted.sandbox.json_served import NAME
from padchat_twisted.sandbox.served import INVALID_KEY
from padchat_twisted.service.qrcode import decode_picture, read_code

from .json_stage import JsonCase, LegacyClient
from .stage import DEVICE, KEY


class LegacyTests(JsonCase):
    """The dialect ``legacy``."""

    def client(self) -> LegacyClient:
        """Connect, and be let in."""
        client = LegacyClient(self.stage, KEY)
        self.addCleanup(client.leave)
        return client

    def logged_in(self) -> LegacyClient:
        """Have a client log in by code."""
        client = self.client()
        client.call("connect", **DEVICE)
        client.call("login", loginType="qrcode")
        self.confirm()
        client.taken()
        return client

    def test_auth(self) -> None:
        """A good key is answered; the account of the key is there then."""
        client = LegacyClient(self.stage)
        self.addCleanup(client.leave)
        client.send({"code": "auth", "authKey": KEY, "cmdId": "1"})
        (reply,) = client.taken()
        self.assertEqual((reply["cmdId"], reply["success"]), ("1", True))
        self.assertIsNotNone(self.stage.world.account(NAME).binding)

    def test_wrong_key(self) -> None:
        """A wrong one is refused with a reply, and the connection closed."""
        client = LegacyClient(self.stage)
        self.addCleanup(client.leave)
        client.send({"code": "auth", "authKey": "K", "cmdId": "1"})
        (reply,) = client.taken()
        self.assertEqual((reply["success"], reply["msg"]), (False, INVALID_KEY))
        self.assertEqual(client.closed_with, 0)
        self.assertEqual(self.stage.world.accounts, {})

    def test_no_auth(self) -> None:
        """Who does not send ``auth`` within ten seconds is closed, commands or not."""
        client = LegacyClient(self.stage)
        self.addCleanup(client.leave)
        self.assertFalse(client.call("connect", **DEVICE)["success"])
        self.stage.clock.advance(9.9)
        client.look()
        self.assertIsNone(client.closed_with)
        self.stage.clock.advance(0.1)
        client.look()
        self.assertIsNotNone(client.closed_with)

    def test_number_as_code(self) -> None:
        """A command may be a number of 2017, also ``auth``."""
        client = LegacyClient(self.stage)
        self.addCleanup(client.leave)
        client.send({"code": 100, "authKey": KEY, "cmdId": "1"})
        self.assertTrue(client.taken()[0]["success"])
        client.call("connect")
        self.assertTrue(client.call(101, loginType="qrcode")["success"])

    def test_odd_frames(self) -> None:
        """What cannot be understood is ignored, and the client stays."""
        client = self.client()
        client.send([1])
        client.send({"cmdId": "1"})
        (reply,) = client.taken()
        self.assertFalse(reply["success"])
        self.assertTrue(client.call("connect")["success"])

    def test_cmd_ids(self) -> None:
        """One id twice is answered twice; without one there is no reply."""
        client = self.logged_in()
        call = {"code": "getContact", "data": {"userId": self.alice.user_name}}
        client.send({**call, "cmdId": "x"})
        client.send({**call, "cmdId": "x"})
        self.assertEqual([found["cmdId"] for found in client.taken()], ["x", "x"])
        sending = {"toUserName": self.alice.user_name, "content": "quiet"}
        client.send({"code": "sendMsg", "data": sending})
        self.assertEqual(client.taken(), [])
        self.assertEqual([m.content for m in self.alice.inbox], ["quiet"])

    def test_new_task(self) -> None:
        """``connect`` begins a task; what of the device is left out is made up."""
        client = self.client()
        reply = client.call("connect", deviceName="Mine", deviceUuid="")
        self.assertEqual(reply["data"], {"Ret": 0, "Msg": "ok"})
        data = client.call("getDeviceInfo")["data"]
        self.assertEqual(data["DeviceName"], "Mine")
        self.assertRegex(data["DeviceUuid"], "^[0-9A-F-]{36}$")
        self.assertRegex(data["DeviceWifiMac"], "^02(:[0-9A-F]{2}){5}$")
        self.assertTrue(data["DeviceData"])
        self.assertEqual(client.events("reconnect"), [])

    def test_no_data(self) -> None:
        """``data`` that are missing, null or empty mean the same."""
        client = self.client()
        cases: list[dict[str, object]] = [{}, {"data": None}, {"data": {}}]
        for data in cases:
            client.send({"code": "connect", "cmdId": "1", **data})
            found = [frame for frame in client.taken() if "cmdId" in frame]
            self.assertEqual([frame["success"] for frame in found], [True], data)

    def test_odd_device(self) -> None:
        """A device field that is no text is refused."""
        reply = self.client().call("connect", deviceName=5)
        self.assertEqual(reply["msg"], "deviceName must be a string")

    def test_login_by_code(self) -> None:
        """The code comes as a picture; ``login`` and the contacts follow."""
        client = self.client()
        client.call("connect", **DEVICE)
        self.assertTrue(client.call("login", loginType="qrcode")["success"])
        (code,) = client.events("qrcode")
        content = read_code(decode_picture(code["data"]["QrCode"]))
        self.assertEqual(content, self.stage.world.login_shown_by(NAME).content)
        self.confirm()
        frames = client.taken()
        named = [found["event"] for found in frames]
        self.assertEqual(named[:3], ["scan", "scan", "login"])
        self.assertEqual(named[-2:], ["loaded", "push"])
        (contacts,) = [found["data"] for found in frames if found["event"] == "push"][
            :1
        ]
        names = [contact["UserName"] for contact in contacts]
        self.assertIn(self.alice.user_name, names)

    def test_login_by_token(self) -> None:
        """``qrcode`` with a good token needs no scan; its reply has the account."""
        client = self.logged_in()
        data = client.call("getDeviceInfo")["data"]["DeviceData"]
        token = client.call("getAutoLoginData")["data"]["Token"]
        self.assertTrue(client.call("disconnect")["success"])
        self.assertEqual(len(client.events("disconnect")), 1)
        client.call("connect")
        reply = client.call("login", loginType="qrcode", token=token, deviceData=data)
        self.assertEqual(reply["data"]["UserName"], self.own_user().user_name)
        self.assertEqual(len(client.events("login")), 1)

    def test_token_of_no_use(self) -> None:
        """With a token of no use ``qrcode`` shows a code."""
        client = self.client()
        client.call("connect", **DEVICE)
        reply = client.call(
            "login", loginType="qrcode", token="eA==", deviceData="62706c"
        )
        self.assertEqual((reply["success"], reply["data"]), (True, {}))
        self.assertEqual(len(client.events("qrcode")), 1)

    def test_device_data_that_are_none(self) -> None:
        """Device data that are no text are refused; so is an unknown login type."""
        client = self.client()
        client.call("connect", **DEVICE)
        reply = client.call("login", loginType="qrcode", deviceData=[1])
        self.assertEqual(reply["msg"], "deviceData must be a string")
        self.assertFalse(client.call("login", loginType="phone")["success"])

    def test_resumed(self) -> None:
        """A new connection goes on with the task: no login, what came meanwhile."""
        self.logged_in().leave()
        self.alice.says("meanwhile", to=self.own_user())
        client = self.client()
        told = {"Logined": True, "Status": "init"}
        self.assertEqual(client.call("connect", deviceName="Other")["data"], told)
        frames = client.taken()
        self.assertEqual(frames[0], {"event": "reconnect", "msg": "", "data": told})
        pushed = [item for found in frames[1:] for item in found["data"]]
        self.assertIn("meanwhile", [item["Content"] for item in pushed])
        info = client.call("getDeviceInfo")["data"]
        self.assertEqual(info["DeviceName"], DEVICE["deviceName"])
        # A second time nothing is pushed again.
        self.assertEqual(client.call("connect")["data"], told)
        self.assertEqual([x["event"] for x in client.taken()], ["reconnect"])

    def test_resumed_without_login(self) -> None:
        """A task whose account is not logged in has to log in."""
        first = self.client()
        first.call("connect", **DEVICE)
        first.leave()
        client = self.client()
        told = {"Logined": False, "Status": "init"}
        self.assertEqual(client.call("connect")["data"], told)
        self.assertEqual(client.events("reconnect")[0]["data"], told)
        self.assertFalse(client.call("syncContact")["success"])
        self.assertTrue(client.call("login", loginType="qrcode")["success"])

    def test_not_resumed(self) -> None:
        """After ``disconnect`` and after ``logout`` there is no task to go on with."""
        for code, event in (("disconnect", "disconnect"), ("logout", "logout")):
            client = self.logged_in()
            self.assertTrue(client.call(code)["success"])
            (ended,) = client.events(event)
            self.assertTrue(ended["msg"])
            client.leave()
            reply = self.client().call("connect")
            self.assertEqual(reply["data"], {"Ret": 0, "Msg": "ok"})
            self.stage.world.account(NAME).close()

    def test_events(self) -> None:
        """Trouble is ``error``, news of moments a text, ``autoLogin`` is not told."""
        client = self.logged_in()
        account = self.stage.world.account(NAME)
        account.logs_in_again()
        account.warns("task does not answer")
        account.sns_arrives("a like")
        error, sns = client.taken()
        self.assertEqual((error["event"], error["success"]), ("error", False))
        self.assertEqual(error["msg"], "task does not answer")
        self.assertEqual((sns["event"], sns["msg"]), ("sns", "a like"))

    def test_taken_over(self) -> None:
        """The newer connection gets the account; the older one is told and closed."""
        older = self.logged_in()
        newer = self.client()
        (told,) = older.events("disconnect")
        self.assertEqual(told["msg"], TAKEN_OVER)
        self.assertIsNotNone(older.closed_with)
        self.assertTrue(newer.call("connect")["data"]["Logined"])

    def test_member_and_picture(self) -> None:
        """Members come as JSON text, and a picture by the item that announced it."""
        client = self.logged_in()
        own_user = self.own_user()
        room = self.stage.world.room("dev", members=[self.alice, own_user])
        result = client.call("getRoomMembers", groupId=room.user_name)["data"]
        self.assertIn('"UserName":"wxid_alice"', result["Member"])
        client.taken()
        self.alice.sends_image(b"picture", to=own_user)
        (item,) = client.events("push")[0]["data"]
        self.assertEqual(item["MsgType"], 3)
        found = client.call("getMsgImage", rawMsgData={**item, "Data": ""})
        self.assertEqual(found["data"]["Size"], 7)
