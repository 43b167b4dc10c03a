"""The sandbox gateway, logged in to and used by npm padchat-sdk 0.6.3, unchanged."""

from __future__ import annotations

import base64

from twisted.trial.unittest import TestCase

from padchat_twisted.sandbox.json_served import LOGGED_OUT, NAME
from padchat_twisted.sandbox.served import INVALID_KEY

from .peers import (
    AUTH_KEY,
    PATIENCE,
    Line,
    Peer,
    real_reactor,
    require_node,
    start_peer,
)
from .sandbox import Sandbox, start_sandbox

#: How a picture looks here.
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


class PadchatSdkTests(TestCase):
    """What a bot on padchat-sdk sees of the sandbox gateway."""

    timeout = 3 * PATIENCE

    def setUp(self) -> None:
        """A sandbox with two people in it."""
        require_node(self)
        self.sandbox: Sandbox = start_sandbox(self)
        self.alice = self.sandbox.world.person("alice")
        self.bob = self.sandbox.world.person("bob")

    def start_bot(self, auth_key: str = AUTH_KEY) -> Peer:
        """Start a bot, whose URL ends with its key."""
        url = f"ws://127.0.0.1:{self.sandbox.port}/{auth_key}"
        script = "padchat_sdk_client.js"
        return start_peer(self, real_reactor(), script, "--url", url)

    async def call(self, bot: Peer, method: str, *args: object) -> Line:
        """Have the bot call a method of padchat-sdk; return what that resolves to."""
        bot.send({"do": "call", "method": method, "args": args})
        result: Line = (await bot.when_event("result", method=method))["result"]
        return result

    async def item(self, bot: Peer, event: str, **fields: object) -> Line:
        """Wait for a message or contact with these fields."""

        def fits(line: Line) -> bool:
            item = line.get("item", {})
            return bool(line["event"] == event and fields.items() <= item.items())

        found: Line = (await bot.when(fits))["item"]
        return found

    async def started(self) -> Peer:
        """Start a bot, and a task for it."""
        bot = self.start_bot()
        await bot.when_event("open")
        self.assertTrue((await self.call(bot, "init"))["success"])
        return bot

    async def logged_in(self) -> Peer:
        """Have a bot log in by a code that Bob scans, and wait for its contacts."""
        bot = await self.started()
        asked = await self.call(bot, "login", "qrcode", {})
        self.assertTrue(asked["success"])
        code = await bot.when_event("qrcode")
        self.bob.scan(code["data"]["url"])
        await bot.when(lambda line: line.get("data", {}).get("status") == 1)
        self.bob.confirm(NAME)
        scan = await bot.when(lambda line: line.get("data", {}).get("status") == 2)
        self.assertEqual(scan["data"]["subStatus"], 0)
        self.assertEqual(scan["data"]["userName"], self.bob.user_name)
        await bot.when_event("login")
        await bot.when_event("loaded")
        return bot

    async def login_data(self, bot: Peer) -> Line:
        """Fetch what logs in without a code."""
        device = await self.call(bot, "getWxData")
        token = await self.call(bot, "getLoginToken")
        self.assertEqual(token["data"]["uin"], self.bob.uin)
        return {"wxData": device["data"]["wxData"], "token": token["data"]["token"]}

    async def test_login_by_code(self) -> None:
        """The scan logs in; contacts are fetched, and ``loaded`` follows them."""
        bot = await self.logged_in()
        contact = await self.item(bot, "contact", userName=self.alice.user_name)
        self.assertEqual((contact["mType"], contact["nickName"]), (2, "alice"))
        me = (await self.call(bot, "getMyInfo"))["data"]
        self.assertEqual(
            (me["userName"], me["uin"]), (self.bob.user_name, self.bob.uin)
        )

    async def test_login_by_token(self) -> None:
        """After ``close``, which keeps it, the token logs in without a code."""
        bot = await self.logged_in()
        data = await self.login_data(bot)
        self.assertTrue((await self.call(bot, "close"))["success"])
        await bot.when_event("over")
        await bot.stop()
        for login_type in ("auto", "request"):
            bot = await self.started()
            reply = await self.call(bot, "login", login_type, data)
            self.assertTrue(reply["success"], login_type)
            await bot.when_event("login")
            await bot.when_event("loaded")
            data = await self.login_data(bot)
            await bot.stop()

    async def test_token_of_no_use(self) -> None:
        """After ``logout`` the task is over, and the token is refused."""
        bot = await self.logged_in()
        data = await self.login_data(bot)
        self.assertTrue((await self.call(bot, "logout"))["success"])
        await bot.when_event("logout")
        over = await bot.when_event("over")
        self.assertEqual(over["data"], {"msg": LOGGED_OUT})
        self.assertTrue((await self.call(bot, "init"))["success"])
        for login_type in ("auto", "request"):
            reply = await self.call(bot, "login", login_type, data)
            self.assertFalse(reply["success"], login_type)
            self.assertTrue(reply["error"])
        self.assertTrue((await self.call(bot, "login", "qrcode", data))["success"])
        await bot.when_event("qrcode")

    async def test_messages(self) -> None:
        """A message goes out, and one comes in that was announced and fetched."""
        bot = await self.logged_in()
        to = self.alice.user_name
        sent = await self.call(bot, "sendMsg", to, "嗨 😀")
        self.assertTrue(sent["success"])
        self.assertRegex(sent["data"]["msgId"], r"\A\d+\Z")
        self.assertEqual(self.alice.inbox[-1].content, "嗨 😀")
        self.alice.says("ding", to=self.bob)
        item = await self.item(bot, "push", content="ding")
        self.assertEqual((item["mType"], item["msgType"], item["subType"]), (1, 5, 1))
        self.assertEqual(item["fromUser"], to)

    async def test_many_messages(self) -> None:
        """None is lost and none comes out of order while the bot fetches."""
        bot = await self.logged_in()
        for number in range(100):
            self.alice.says(f"message {number}", to=self.bob)
        for number in range(100):
            line = await bot.when(
                lambda line: (
                    line["event"] == "push"
                    and line["item"]["fromUser"] == self.alice.user_name
                )
            )
            self.assertEqual(line["item"]["content"], f"message {number}")

    async def test_images(self) -> None:
        """A picture goes out, and one that came in is fetched by its message."""
        bot = await self.logged_in()
        sent = await self.call(
            bot, "sendImage", self.alice.user_name, base64.b64encode(PICTURE).decode()
        )
        self.assertTrue(sent["success"])
        self.assertEqual(self.alice.inbox[-1].message_id, sent["data"]["msgId"])
        self.alice.sends_image(PICTURE, to=self.bob)
        item = await self.item(bot, "push", mType=3)
        self.assertTrue(item["data"])
        fetched = (await self.call(bot, "getMsgImage", item))["data"]
        self.assertEqual(base64.b64decode(fetched["image"]), PICTURE)
        self.assertEqual(fetched["size"], len(PICTURE))

    async def test_room(self) -> None:
        """The members of a room, a JSON text on the wire, are an array for the bot."""
        bot = await self.logged_in()
        room = self.sandbox.world.room("Example", members=[self.bob, self.alice])
        found = (await self.call(bot, "getRoomMembers", room.user_name))["data"]
        names = [member["userName"] for member in found["member"]]
        self.assertEqual(sorted(names), [self.alice.user_name, self.bob.user_name])

    async def test_refused_command(self) -> None:
        """A command that is refused says why in ``error``."""
        bot = await self.logged_in()
        for method, args in (("sendMsg", ["wxid_nobody", "hi"]), ("getContact", [""])):
            reply = await self.call(bot, method, *args)
            self.assertFalse(reply["success"])
            self.assertTrue(reply["error"])

    async def test_reply_nobody_waits_for(self) -> None:
        """A reply that nobody waits for is a warning, and the next command works."""
        bot = await self.logged_in()
        bot.send({"do": "forget", "cmd": "syncMsg"})
        warning = await bot.when_event("warn")
        self.assertIn("late", warning["error"])
        self.assertTrue((await self.call(bot, "getMyInfo"))["success"])

    async def test_wrong_token(self) -> None:
        """A token of no account closes with 3201, and the reason does not repeat it."""
        bot = self.start_bot("no-such-token")
        closed = await bot.when_event("close")
        self.assertEqual((closed["code"], closed["reason"]), (3201, INVALID_KEY))

    async def test_token_in_use(self) -> None:
        """The older of two bots with one token ends with ``over`` and 3202."""
        older = await self.logged_in()
        newer = await self.started()
        await older.when_event("over")
        self.assertEqual((await older.when_event("close"))["code"], 3202)
        self.assertTrue((await self.call(newer, "init"))["success"])

    async def test_gateway_gone_and_back(self) -> None:
        """The bot connects again, logs in by token, and gets what was said."""
        bot = await self.logged_in()
        data = await self.login_data(bot)
        await self.sandbox.gone()
        await bot.when_event("close")
        self.alice.says("are you there?", to=self.bob)
        self.sandbox.back()
        bot.send({"do": "start"})
        await bot.when_event("open")
        self.assertTrue((await self.call(bot, "init"))["success"])
        self.assertTrue((await self.call(bot, "login", "auto", data))["success"])
        await self.item(bot, "push", content="are you there?")
