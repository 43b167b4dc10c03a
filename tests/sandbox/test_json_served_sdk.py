"""Clients of dialect ``sdk`` at the sandbox, frame by frame."""

from __future__ import annotations

from typing import Any

from padchat_twisted.sandbox.accounts import TAKEN_OVER
from padchat_twisted.sandbox.json_served import LOGGED_OUT, NAME, NO_ACCOUNT
from padchat_twisted.sandbox.pictures import qr_picture
from padchat_twisted.sandbox.served import INVALID_KEY

from .json_stage import JsonCase, LegacyClient, SdkClient
from .stage import KEY

#: Type of the item that ends the contacts. Source: messages.toml, [item].
END = 32768


class SdkTests(JsonCase):
    """The dialect ``sdk``."""

    def client(self, key: str = KEY) -> SdkClient:
        """Connect."""
        client = SdkClient(self.stage, key)
        self.addCleanup(client.leave)
        return client

    def logged_in(self) -> SdkClient:
        """Have a client log in by code, and fetch everything."""
        client = self.client()
        client.call("init")
        client.call("login", loginType="qrcode", wxData=None)
        self.confirm()
        client.call("syncContact")
        client.call("syncMsg")
        client.taken()
        return client

    def data_of(self, client: SdkClient) -> dict[str, Any]:
        """Fetch what a login without scan needs."""
        return {
            "wxData": client.call("getWxData")["data"]["wx_data"],
            "token": client.call("getLoginToken")["data"]["token"],
        }

    def test_wrong_token(self) -> None:
        """A wrong token in the URL is closed with 3201."""
        client = self.client("K")
        self.assertEqual((client.closed_with, client.reason), (3201, INVALID_KEY))
        self.assertEqual(self.stage.world.accounts, {})

    def test_too_many_accounts(self) -> None:
        """What the world refuses closes it too, with the reason."""
        world = self.stage.world
        account = world.attach("other", "bot").account
        world.accounts |= {("", str(n)): account for n in range(10_000)}
        client = self.client()
        self.assertEqual(client.closed_with, 3201)
        self.assertIn("at most 10000 accounts", client.reason)

    def test_monitor(self) -> None:
        """The monitor is let in, has no account, and is told so."""
        client = self.client("test")
        reply = client.call("init")
        self.assertEqual((reply["success"], reply["error"]), (False, NO_ACCOUNT))
        client.send({"type": "user", "cmd": "init", "payload": {}})
        self.assertEqual(client.taken(), [])
        self.stage.clock.advance(15)
        client.look()
        self.assertEqual((client.pings, client.closed_with), (1, None))

    def test_login_by_code(self) -> None:
        """The code comes as its content; then contacts and messages are announced."""
        client = self.client()
        self.assertTrue(client.call("init")["success"])
        client.call("login", loginType="qrcode", wxData=None)
        (code,) = client.events("qrcode")
        content = self.stage.world.login_shown_by(NAME).content
        self.assertEqual(code, {"url": content})
        self.confirm()
        frames = client.taken()
        self.assertEqual(len({found["taskId"] for found in frames}), 1)
        named = [found["event"] for found in frames]
        self.assertEqual(named, ["scan", "scan", "login", "notify", "notify"])
        self.assertEqual([x["payload"]["type"] for x in frames[-2:]], [4, 2])

    def test_fetched(self) -> None:
        """Contacts come as pushes of type 4 with an end, messages when asked for."""
        client = self.client()
        client.call("init")
        client.call("login", loginType="qrcode")
        self.confirm()
        client.taken()
        client.call("syncContact")
        (push,) = client.events("push")
        self.assertEqual(push["type"], 4)
        self.assertEqual(push["list"][-1]["msg_type"], END)
        self.assertEqual(push["list"][-1]["continue"], 0)
        self.assertEqual({item["continue"] for item in push["list"][:-1]}, {1})
        client.call("syncMsg")
        (push,) = client.events("push")
        self.assertEqual(push["list"][0]["from_user"], "weixin")
        self.alice.says("hi", to=self.own_user())
        self.alice.says("there", to=self.own_user())
        self.assertEqual(client.events("notify"), [{"type": 2}])
        client.call("syncMsg")
        (push,) = client.events("push")
        kinds = [(item["msg_type"], item["sub_type"]) for item in push["list"]]
        self.assertEqual((push["type"], kinds), (2, [(5, 1), (5, 1)]))

    def test_not_fetched(self) -> None:
        """A message that was not fetched comes after the next login, however late."""
        client = self.logged_in()
        data = self.data_of(client)
        self.alice.says("kept", to=self.own_user())
        client.leave()
        self.stage.clock.advance(100_000)
        newer = self.client()
        newer.call("init")
        self.assertTrue(newer.call("login", loginType="auto", **data)["success"])
        newer.taken()
        newer.call("syncMsg")
        (push,) = newer.events("push")
        self.assertIn("kept", [item["content"] for item in push["list"]])

    def test_money(self) -> None:
        """Transfers and red packets come as app messages."""
        client = self.logged_in()
        self.alice.transfers(1, to=self.own_user())
        self.alice.sends_red_packet(1, to=self.own_user())
        client.call("syncMsg")
        (push,) = client.events("push")
        kinds = [(item["msg_type"], item["sub_type"]) for item in push["list"]]
        self.assertEqual(kinds, [(5, 49), (5, 49)])

    def test_more_of_a_result(self) -> None:
        """What only this dialect has of a result is in the reply."""
        client = self.logged_in()
        data = client.call("snsSendMoment", content="a fine day")["data"]
        self.assertEqual(data["data"]["user_name"], "wxid_0")

    def test_login_data(self) -> None:
        """The results have the names of this dialect, and nothing of the others."""
        client = self.logged_in()
        self.assertEqual(list(client.call("getWxData")["data"]), ["wx_data"])
        result = client.call("getLoginToken")["data"]
        self.assertEqual(set(result), {"token", "message", "status", "uin"})
        user = self.own_user()
        me = client.call("getMyInfo")["data"]
        self.assertEqual(me, {"user_name": user.user_name, "uin": user.uin})

    def test_who_am_i_before(self) -> None:
        """``getMyInfo`` needs a login, as other commands do."""
        client = self.client()
        for cmd in ("getMyInfo", "getLoginToken"):
            self.assertIn("not logged in", client.call(cmd)["error"])

    def test_logins_without_scan(self) -> None:
        """``auto``, ``request`` and its older name log in by token and data."""
        client = self.logged_in()
        for login_type in ("auto", "request", "token"):
            data = self.data_of(client)
            client.leave()
            client = self.client()
            client.call("init")
            reply = client.call("login", loginType=login_type, **data)
            self.assertEqual(
                reply["data"]["user_name"], self.own_user().user_name, login_type
            )

    def test_logins_that_fail(self) -> None:
        """Without data, and with a token of no use, they are refused."""
        client = self.client()
        client.call("init")
        reply = client.call("login", loginType="auto", token="eA==", wxData=None)
        self.assertEqual(reply["error"], "wxData is missing")
        reply = client.call("login", loginType="auto", token="eA==", wxData="6270")
        self.assertEqual((reply["success"], reply["data"]["status"]), (False, -2023))
        reply = client.call("login", loginType="request", wxData="6270")
        self.assertEqual(reply["error"], "token is missing")
        reply = client.call("login", loginType="qrcode", wxData=[1])
        self.assertEqual(reply["error"], "deviceData must be a string")
        self.assertFalse(client.call("login", loginType="user")["success"])
        self.assertTrue(client.call("login", loginType="qrcode")["success"])

    def test_over(self) -> None:
        """``over`` follows ``logout``, and comes alone after ``close``."""
        client = self.logged_in()
        client.call("logout")
        logout, over = client.taken()
        self.assertEqual((logout["event"], over["event"]), ("logout", "over"))
        self.assertEqual(over["payload"], {"msg": LOGGED_OUT})
        client.call("init")
        client.call("close")
        self.assertEqual(client.named(), ["over"])
        self.assertIsNone(client.closed_with)

    def test_events(self) -> None:
        """``warn``, ``sns`` and ``autoLogin`` are as in the reference client."""
        client = self.logged_in()
        account = self.stage.world.account(NAME)
        account.warns("trouble")
        account.sns_arrives("a like")
        account.logs_in_again()
        found = [(x["event"], x["payload"]) for x in client.taken()]
        wanted: list[tuple[str, dict[str, str]]] = [
            ("warn", {"error": "trouble"}),
            ("sns", {"msg": "a like"}),
            ("autoLogin", {}),
        ]
        self.assertEqual(found, wanted)

    def older(self, client: SdkClient, cmd: str, **data: object) -> dict[str, Any]:
        """Send a command as a client of before 0.6.0; return its whole reply."""
        client.send({"type": "user", "cmd": cmd, "data": data, "cmdId": cmd})
        (reply,) = [frame for frame in client.frames if frame.get("cmdId") == cmd]
        client.frames.remove(reply)
        return reply

    def test_older_client(self) -> None:
        """A client of before 0.6.0 says ``data``, gets ``data``, and is pushed to."""
        client = self.client()
        self.assertTrue(self.older(client, "init")["data"]["success"])
        self.older(client, "login", loginType="qrcode")
        (code,) = [x["data"] for x in client.taken() if x["event"] == "qrcode"]
        content = self.stage.world.login_shown_by(NAME).content
        self.assertEqual(code, {"url": content, "qr_code": qr_picture(content)})
        self.confirm()
        frames = client.taken()
        self.assertEqual([x for x in frames if "payload" in x], [])
        named = [frame["event"] for frame in frames]
        self.assertEqual(
            named, ["scan", "scan", "login", "push", "loaded", "push"], named
        )
        self.assertEqual(list(frames[3]["data"]), ["list"])
        self.alice.says("hi", to=self.own_user())
        (push,) = client.taken()
        (item,) = push["data"]["list"]
        self.assertEqual((item["msg_type"], item["sub_type"]), (5, 1))
        self.assertEqual(item["content"], "hi")

    def test_second_init(self) -> None:
        """Another ``init`` forgets nothing that was announced."""
        client = self.logged_in()
        self.alice.says("hi", to=self.own_user())
        client.call("init")
        client.taken()
        client.call("syncMsg")
        (push,) = client.events("push")
        self.assertEqual(push["list"][0]["content"], "hi")

    def test_taken_over(self) -> None:
        """The older connection is told, and closed as one whose token is in use."""
        older = self.logged_in()
        newer = self.client()
        self.assertEqual(older.events("over"), [{"msg": TAKEN_OVER}])
        self.assertEqual((older.closed_with, older.reason), (3202, TAKEN_OVER))
        self.assertTrue(newer.call("init")["success"])

    def test_same_account_as_legacy(self) -> None:
        """A key is one account, whatever dialect its client speaks."""
        older = self.logged_in()
        newer = LegacyClient(self.stage, KEY)
        self.addCleanup(newer.leave)
        older.look()
        self.assertEqual(older.closed_with, 3202)
        self.assertTrue(newer.call("connect")["data"]["Logined"])

    def test_full(self) -> None:
        """A connection whose events nobody takes is warned, and closed without 3202."""
        client = self.client()
        binding = self.stage.world.account(NAME).binding
        assert binding is not None
        binding.end("warn", {"error": "full"})
        self.assertEqual(client.named(), ["warn"])
        self.assertEqual(client.closed_with, 0)
