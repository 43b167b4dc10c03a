"""Commands of our client at padchat_server.js, and every way in which they end."""

from __future__ import annotations

import base64
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from padchat_twisted import (
    CallRejected,
    ContactInfo,
    GetContact,
    GetMsgImage,
    GetRoomMembers,
    Image,
    ImageMessage,
    Loaded,
    NotSent,
    OutcomeUnknown,
    Scan,
    SendMsg,
    SyncContact,
)

from .peers import Line, PadchatServer
from .watched_account import ClientTestCase, WatchedAccount

#: Rooms of the gateway: one tells its members as a list, one as JSON text.
LISTED_ROOM = "10000000001@chatroom"
TEXT_ROOM = "10000000002@chatroom"

#: Seconds after which a call whose reply is held is given up.
SHORT = 0.1

BOB = GetContact("wxid_bob")


class ResultTests(ClientTestCase):
    """Commands with typed results."""

    async def test_get_contact(self) -> None:
        """A profile; somebody unknown has an empty one."""
        _, bot = await self.logged_in()
        bob = await bot.account.call(BOB)
        self.assertIsInstance(bob, ContactInfo)
        self.assertEqual((bob.nick_name, bob.sex, bob.country), ("李四 😀", 1, "CN"))
        self.assertEqual(bob.raw["userName"], "wxid_bob")
        nobody = await bot.account.call(GetContact("wxid_nobody"))
        self.assertEqual(nobody.user_name, "")

    async def test_get_room_members(self) -> None:
        """Members are the same, whether they come as a list or as JSON text."""
        _, bot = await self.logged_in()
        for room, other in ((LISTED_ROOM, "wxid_bob"), (TEXT_ROOM, "wxid_carol")):
            found = await bot.account.call(GetRoomMembers(room))
            self.assertEqual(found.user_name, room)
            self.assertEqual(
                [member.user_name for member in found.members],
                [bot.account.user_name, "wxid_alice", other],
            )
            self.assertEqual(found.members[1].nick_name, "Alice")
            self.assertEqual(found.count, 3)
        left = await bot.account.call(GetRoomMembers("10000000009@chatroom"))
        self.assertEqual((left.members, left.status), ((), -19))

    async def test_send_text(self) -> None:
        """A text arrives as it is, and its id keeps all of its digits."""
        server, bot = await self.logged_in()
        text = '嗨 😀 "quoted" \\ \u2028 \x00 </x>\n'
        sent = await bot.account.send(LISTED_ROOM, text)
        self.assertRegex(sent.msg_id, r"\A90000000000000000\d\d\Z")
        command = await server.peer.when_event("command", cmd="sendMsg")
        self.assertEqual(
            command["args"],
            [{"toUserName": LISTED_ROOM, "content": text, "atList": []}],
        )
        mention = SendMsg(LISTED_ROOM, "@Alice", at_list=("wxid_alice",))
        await bot.account.call(mention)
        command = await server.peer.when_event("command", cmd="sendMsg")
        self.assertEqual(command["args"][0]["atList"], ["wxid_alice"])

    async def test_send_and_fetch_images(self) -> None:
        """Bytes go out and come in through base64, large ones too."""
        server, bot = await self.logged_in()
        # In many frames of the network; 2.5.1 takes a million bytes of base64.
        content = bytes(range(256)) * 2_500
        sent = await bot.account.send("wxid_bob", Image(content))
        self.assertTrue(sent.msg_id)
        command = await server.peer.when_event("command", cmd="sendImage")
        self.assertEqual(base64.b64decode(command["args"][0]["image"]), content)

        server.peer.send({"do": "show", "from": "wxid_alice", "to": "bot1"})
        shown = await bot.when(ImageMessage)
        image = await bot.account.call(GetMsgImage(shown.raw_msg_data))
        self.assertTrue(image.content.startswith(b"\x89PNG\r\n"))
        self.assertEqual(image.size, len(image.content))
        command = await server.peer.when_event("command", cmd="getMsgImage")
        raw = command["args"][0]["rawMsgData"]
        self.assertEqual(raw["msgId"], shown.msg_id)
        self.assertNotIn("data", raw)

    async def test_sync_contact(self) -> None:
        """The contacts come again, and then the event loaded."""
        _, bot = await self.logged_in()
        bot.take(Loaded)
        await bot.account.call(SyncContact())
        await bot.when(Loaded)
        self.assertEqual(bot.account.state, "ready")

    async def test_call_raw(self) -> None:
        """A command without a class gives the fields of its result."""
        _, bot = await self.logged_in()
        found = await bot.account.call_raw("getContact", {"userId": "wxid_bob"})
        self.assertEqual(found["nickName"], "李四 😀")

    async def test_many_at_once(self) -> None:
        """Each of many calls in flight gets the reply that is its own."""
        _, bot = await self.logged_in()
        names = ["wxid_alice", "wxid_bob", "wxid_carol", "wxid_nobody"] * 50
        calls = [bot.account.call(GetContact(name)) for name in names]
        found = [
            contact.user_name or "wxid_nobody" for contact in await gatherResults(calls)
        ]
        self.assertEqual(found, names)


class RefusalTests(ClientTestCase):
    """Commands that the gateway, or the client itself, refuses."""

    async def test_rejected(self) -> None:
        """The gateway's text is in the error; the next call is none the worse."""
        server, bot = await self.logged_in()
        await self.order(server, "refuse", cmd="getContact", msg="not now")
        with self.assertRaises(CallRejected) as caught:
            await bot.account.call(BOB)
        self.assertEqual(caught.exception.code, "getContact")
        self.assertEqual(caught.exception.message, "not now")
        self.assertEqual((await bot.account.call(BOB)).user_name, "wxid_bob")

    async def test_unknown_command(self) -> None:
        """A command that the gateway does not know is rejected like others."""
        _, bot = await self.logged_in()
        with self.assertRaises(CallRejected) as caught:
            await bot.account.call_raw("snooze", {})
        self.assertEqual(caught.exception.message, "unknown command")

    async def test_not_sent(self) -> None:
        """What must not be sent does not leave."""
        server, bot = await self.logged_in()
        calls: list[Deferred[Any]] = [
            bot.account.send("weixin", "x"),
            bot.account.send("", "x"),
            bot.account.call_raw("disconnect", {}),
            bot.account.call_raw("sendMsg", {"content": object()}),
        ]
        for calling in calls:
            with self.assertRaises(NotSent):
                await calling
        await bot.account.call_raw("snooze", {}).addErrback(lambda _: None)
        command = await server.peer.when_event("command")
        while command["cmd"] in ("init", "login"):
            command = await server.peer.when_event("command")
        self.assertEqual(command["cmd"], "snooze")

    async def test_before_the_login(self) -> None:
        """Without a login no command leaves; after it the same one does."""
        server = await self.start_server()
        bot = await self.connect(server)
        await bot.when_state("awaiting_scan")
        with self.assertRaises(NotSent):
            await bot.account.call(BOB)
        await bot.when(Scan)
        for order in ("scan", "confirm"):
            server.peer.send({"do": order})
        await bot.account.when_ready()
        self.assertEqual((await bot.account.call(BOB)).user_name, "wxid_bob")


class UnknownOutcomeTests(ClientTestCase):
    """Commands that left and got no answer."""

    async def held(
        self, server: PadchatServer, bot: WatchedAccount, time_limit: float | None
    ) -> Deferred[ContactInfo]:
        """A call that the gateway has carried out and whose reply it holds."""
        await self.order(server, "hold", cmd="getContact")
        calling = bot.account.call(BOB, time_limit=time_limit)
        await server.peer.when_event("command", cmd="getContact")
        return calling

    async def assert_unknown(
        self, calling: Deferred[ContactInfo], problem: str
    ) -> None:
        """The call must end without an outcome, because of *problem*."""
        with self.assertRaises(OutcomeUnknown) as caught:
            await calling
        self.assertEqual(caught.exception.code, "getContact")
        self.assertEqual(caught.exception.problem, problem)

    async def assert_late_reply(
        self, server: PadchatServer, bot: WatchedAccount
    ) -> None:
        """The held reply must be counted and do nothing else."""
        self.assertEqual(bot.account.late_replies, 0)
        await self.order(server, "release", cmd="getContact")
        self.assertEqual((await bot.account.call(BOB)).user_name, "wxid_bob")
        self.assertEqual(bot.account.late_replies, 1)
        self.assertEqual(bot.account.state, "ready")

    async def test_time_limit(self) -> None:
        """A reply that does not come in time is not waited for."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, SHORT)
        await self.assert_unknown(calling, "time limit")
        await self.assert_late_reply(server, bot)

    async def test_cancelled(self) -> None:
        """Who cancels a call that has left is told that it may have happened."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, None)
        calling.cancel()
        await self.assert_unknown(calling, "cancelled")
        await self.assert_late_reply(server, bot)

    async def test_others_do_not_wait(self) -> None:
        """A reply that is held holds up no other."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, None)
        self.assertTrue((await bot.account.send("wxid_bob", "x")).msg_id)
        self.assertNoResult(calling)
        await self.order(server, "release", cmd="getContact")
        self.assertEqual((await calling).user_name, "wxid_bob")

    async def test_gateway_gone_during_a_call(self) -> None:
        """With the connection goes the call; it is not sent again afterwards."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, None)
        server.peer.send({"do": "gone"})
        await self.assert_unknown(calling, "connection lost")
        server.peer.send({"do": "release", "cmd": "getContact"})
        server.peer.send({"do": "back"})
        await server.peer.when_event("listening", port=server.port)
        await bot.when_state("retrying")
        bot.account.try_again()
        await bot.when_state("ready")
        await bot.account.send("wxid_bob", "x")
        seen = await self.commands_until(server, "sendMsg")
        self.assertEqual([line for line in seen if line["cmd"] == "getContact"], [])

    async def test_gateway_dies_during_a_call(self) -> None:
        """A gateway that crashes is no different."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, None)
        await server.peer.kill()
        await self.assert_unknown(calling, "connection lost")
        await bot.when_state("retrying")

    async def test_closed_during_a_call(self) -> None:
        """Who closes the session is told of every call in flight."""
        server, bot = await self.logged_in()
        calling = await self.held(server, bot, None)
        closed = bot.account.close()
        await self.assert_unknown(calling, "connection lost")
        await closed
        with self.assertRaises(NotSent):
            await bot.account.call(BOB)

    async def commands_until(self, server: PadchatServer, cmd: str) -> list[Line]:
        """All commands that the gateway saw, the last one of this name."""
        seen: list[Line] = []
        while not seen or seen[-1]["cmd"] != cmd:
            seen.append(await server.peer.when_event("command"))
        return seen
