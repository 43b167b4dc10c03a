"""The JavaScript gateway and the JavaScript bot, talking to each other.

It proves the peers themselves: what fails here is no fault of ours.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from twisted.trial.unittest import TestCase

from .peers import (
    AUTH_KEY,
    PATIENCE,
    Line,
    PadchatServer,
    Peer,
    call,
    real_reactor,
    start_padchat_client,
    start_padchat_server,
)


class PadchatPeersTests(TestCase):
    """padchat_client.js and padchat_server.js on a real connection."""

    timeout = 3 * PATIENCE

    def setUp(self) -> None:
        """A place for the saved login."""
        self.token_file = Path(self.mktemp()).absolute()

    async def start_server(self, *arguments: str) -> PadchatServer:
        """Start the gateway."""
        return await start_padchat_server(self, real_reactor(), *arguments)

    def start_client(
        self, server: PadchatServer, *arguments: str, auth_key: str = AUTH_KEY
    ) -> Peer:
        """Start the bot, which logs in by itself."""
        return start_padchat_client(
            self,
            real_reactor(),
            server.url,
            *("--auto", "--token-file", str(self.token_file)),
            *arguments,
            auth_key=auth_key,
        )

    async def logged_in(self, *arguments: str) -> tuple[PadchatServer, Peer]:
        """A gateway that scans by itself, and a bot that has logged in."""
        server = await self.start_server("--auto-scan", *arguments)
        client = self.start_client(server)
        await client.when_event("logged_in", loginType="qrcode")
        await client.when_event("server_event", name="loaded")
        return server, client

    async def scan_status(self, client: Peer, status: int) -> Line:
        """The next scan event of the bot, which must have this status."""
        line = await client.when_event("server_event", name="scan")
        scan: Line = line["args"][0]
        self.assertEqual(scan["status"], status)
        return scan

    async def test_qr_login(self) -> None:
        """The bot logs in step by step and saves what the next login needs."""
        server = await self.start_server()
        client = self.start_client(server)
        code = await client.when_event("server_event", name="qrcode")
        picture = base64.b64decode(code["args"][0]["qrCode"], validate=True)
        self.assertTrue(picture.startswith(b"\x89PNG\r\n"))
        await self.scan_status(client, 0)
        server.peer.send({"do": "scan"})
        await self.scan_status(client, 1)
        server.peer.send({"do": "confirm", "to": "bot1"})
        scan = await self.scan_status(client, 2)
        self.assertEqual(scan["userName"], "wxid_account000001")
        await client.when_event("server_event", name="login")
        await client.when_event("logged_in", loginType="qrcode")
        saved = json.loads(self.token_file.read_text())
        sent = (await server.peer.when_event("command", cmd="init"))["args"][0]
        self.assertEqual(sent, {field: saved["device"][field] for field in sent})
        self.assertTrue(saved["device"]["deviceData"])
        self.assertTrue(saved["token"])

    async def test_contacts_come_after_the_login(self) -> None:
        """Contacts are pushed in several lists, then the event loaded ends them."""
        server = await self.start_server("--auto-scan")
        client = self.start_client(server)
        await client.when_event("server_event", name="loaded")
        for names in (
            ["wxid_alice", "wxid_bob"],
            ["wxid_carol", "10000000001@chatroom", "10000000002@chatroom"],
        ):
            push = await client.when_event("server_event", name="push")
            items = push["args"][0]["list"]
            self.assertEqual([item["userName"] for item in items], names)

    async def test_refused_scans(self) -> None:
        """Declined, cancelled and expired codes are three things."""
        server = await self.start_server()
        client = self.start_client(server)
        for orders, status, sub_status in (
            (["scan", "decline"], 2, 1),
            (["scan", "cancel"], 4, None),
            (["expire_code"], 3, None),
        ):
            await self.scan_status(client, 0)
            for order in orders:
                server.peer.send({"do": order})
            if "scan" in orders:
                await self.scan_status(client, 1)
            scan = await self.scan_status(client, status)
            self.assertEqual(scan.get("subStatus"), sub_status)
            await call(client, "login", loginType="qrcode")

    async def test_token_login(self) -> None:
        """The second start needs no code."""
        server, client = await self.logged_in()
        await client.stop()
        token = json.loads(self.token_file.read_text())["token"]
        client = self.start_client(server)
        await client.when_event("logged_in", loginType="token")
        await server.peer.when_event("command", args=[{"loginType": "qrcode"}])
        await server.peer.when_event(
            "command", args=[{"loginType": "token", "token": token}]
        )

    async def test_expired_token(self) -> None:
        """The token is refused with its status, and a code follows."""
        server, client = await self.logged_in()
        await client.stop()
        server.peer.send({"do": "expire_token"})
        await server.peer.when_event("done", do="expire_token")
        client = self.start_client(server)
        login = (await client.when_event("ack", cmd="login"))["args"][0]
        self.assertFalse(login["success"])
        self.assertEqual(login["data"], {"status": -2023})
        await client.when_event("logged_in", loginType="qrcode")

    async def test_close_keeps_the_token_and_logout_voids_it(self) -> None:
        """After close a new login needs the token only, after logout a code."""
        server, client = await self.logged_in()
        for cmd, login_type in (("close", "token"), ("logout", "qrcode")):
            await call(client, cmd)
            await client.when_event("server_event", name=cmd)
            await client.stop()
            client = self.start_client(server)
            await client.when_event("logged_in", loginType=login_type)

    async def test_command_and_push(self) -> None:
        """The bot answers ding with dong, in a room too."""
        server, client = await self.logged_in()
        sent = await call(client, "sendMsg", toUserName="filehelper", content="嗨")
        self.assertTrue(sent["success"])
        self.assertIsInstance(sent["data"]["msgId"], str)
        for place in ({}, {"room": "10000000001@chatroom"}):
            order = {"do": "say", "from": "wxid_bob", "to": "bot1", "content": "ding"}
            server.peer.send({**order, **place})
            answer = await server.peer.when(
                lambda line: (
                    line["event"] == "command"
                    and line["args"][0].get("content") == "dong"
                )
            )
            receiver = answer["args"][0]["toUserName"]
            self.assertEqual(receiver, place.get("room", "wxid_bob"))

    async def test_commands_that_read(self) -> None:
        """Contacts, members and pictures come in the documented shapes."""
        server, client = await self.logged_in()
        alice = await call(client, "getContact", userId="wxid_alice")
        self.assertEqual(alice["data"]["nickName"], "Alice")
        nobody = await call(client, "getContact", userId="wxid_nobody")
        self.assertEqual(nobody["data"]["userName"], "")
        missing = await call(client, "getContact")
        self.assertEqual(missing["msg"], "userId is missing")
        room = "1000000000{}@chatroom".format
        listed = (await call(client, "getRoomMembers", groupId=room(1)))["data"]
        self.assertEqual(listed["count"], len(listed["member"]))
        as_text = (await call(client, "getRoomMembers", groupId=room(2)))["data"]
        self.assertEqual(as_text["count"], len(json.loads(as_text["member"])))
        unknown = (await call(client, "getRoomMembers", groupId=room(9)))["data"]
        self.assertEqual((unknown["status"], unknown["count"]), (-19, 0))
        await call(client, "syncContact")
        await client.when_event("server_event", name="loaded")
        server.peer.send({"do": "show", "from": "wxid_alice", "to": "bot1"})
        push = await client.when(
            lambda line: (
                line.get("name") == "push"
                and line["args"][0]["list"][0]["msgType"] == 3
            )
        )
        item = push["args"][0]["list"][0]
        small = item.pop("data")
        image = (await call(client, "getMsgImage", rawMsgData=item))["data"]
        self.assertEqual(image["size"], len(base64.b64decode(image["image"])))
        sent = await call(client, "sendImage", toUserName="wxid_bob", image=small)
        self.assertTrue(sent["success"])
        refused = await call(client, "sendImage", toUserName="wxid_bob", image="-")
        self.assertFalse(refused["success"])

    async def test_before_the_login_commands_are_refused(self) -> None:
        """Without init no login, without login no message, and no unknown command."""
        server = await self.start_server()
        client = start_padchat_client(self, real_reactor(), server.url)
        await client.when_event("connect")
        login = await call(client, "login", loginType="qrcode")
        self.assertEqual(login["msg"], "init comes first")
        sent = await call(client, "sendMsg", toUserName="filehelper", content="x")
        self.assertEqual(sent["msg"], "not logged in")
        self.assertEqual((await call(client, "snooze"))["msg"], "unknown command")

    async def test_reserved_names_are_refused_by_the_client(self) -> None:
        """The client sends neither reserved events nor to reserved receivers."""
        server = await self.start_server()
        client = start_padchat_client(self, real_reactor(), server.url)
        await client.when_event("connect")
        for cmd, data in (
            ("disconnecting", {}),
            ("sendMsg", {"toUserName": "weixin", "content": "x"}),
        ):
            fault = client.when_event("fault")
            client.send({"do": "send", "cmd": cmd, "data": data})
            self.assertIn("reserved", (await fault)["error"])

    async def test_refused_key(self) -> None:
        """A wrong key gets an ERROR packet on the namespace."""
        server = await self.start_server("--keys", "KEY-0001,KEY-0002")
        client = self.start_client(server, auth_key="KEY-0003")
        error = await client.when_event("error")
        self.assertEqual(error["error"], "authKey is not valid")
        await server.peer.when_event("refused", authKey="KEY-0003")
        client = self.start_client(server, auth_key="KEY-0002")
        await client.when_event("connect")

    async def test_refused_namespace(self) -> None:
        """So does a namespace that there is not."""
        server = await self.start_server()
        url = server.url.replace("/user", "/nobody")
        client = start_padchat_client(self, real_reactor(), url)
        error = await client.when_event("error")
        self.assertEqual(error["error"], "Invalid namespace")

    async def test_server_gone_and_back(self) -> None:
        """The bot comes back by token when the gateway does."""
        server, client = await self.logged_in()
        server.peer.send({"do": "gone"})
        await client.when_event("disconnect", reason="transport close")
        await client.when_event("connect_error")
        server.peer.send({"do": "back"})
        await server.peer.when_event("listening", port=server.port)
        await client.when_event("reconnect")
        await client.when_event("logged_in", loginType="token")

    async def test_kicked(self) -> None:
        """A broken connection is made again at once."""
        server, client = await self.logged_in()
        server.peer.send({"do": "kick", "to": "bot1"})
        await client.when_event("disconnect", reason="transport close")
        await client.when_event("logged_in", loginType="token")

    async def test_taken_over(self) -> None:
        """The newer connection of an account stays, the older one is told."""
        server, client = await self.logged_in()
        newer = self.start_client(server)
        await newer.when_event("connect")
        close = await client.when_event("server_event", name="close")
        self.assertIn("taken over", close["args"][0]["msg"])
        await client.when_event("disconnect", reason="io server disconnect")
        await newer.when_event("logged_in", loginType="token")

    async def test_held_and_refused_replies(self) -> None:
        """The gateway can be told to answer late and to say no."""
        server, client = await self.logged_in()
        server.peer.send({"do": "hold", "cmd": "getContact"})
        await server.peer.when_event("done", do="hold")
        order = {"do": "send", "cmd": "getContact", "data": {"userId": "wxid_bob"}}
        client.send(order)
        await server.peer.when_event("command", cmd="getContact")
        sent = await call(client, "sendMsg", toUserName="filehelper", content="x")
        self.assertTrue(sent["success"])
        late = client.when_event("ack", cmd="getContact")
        self.assertFalse(late.called)
        server.peer.send({"do": "release", "cmd": "getContact"})
        self.assertTrue((await late)["args"][0]["success"])
        server.peer.send({"do": "refuse", "cmd": "getContact", "msg": "not now"})
        await server.peer.when_event("done", do="refuse")
        refused = await call(client, "getContact", userId="wxid_bob")
        self.assertEqual((refused["success"], refused["msg"]), (False, "not now"))

    async def test_other_events(self) -> None:
        """Warnings, news and anything else are sent as told, in order."""
        server, client = await self.logged_in()
        events: tuple[tuple[str, list[object]], ...] = (
            ("warn", [{"error": "task does not answer"}]),
            ("sns", [{}, "朋友圈小圆点"]),
            ("another", []),
        )
        for name, args in events:
            server.peer.send({"do": "emit", "name": name, "args": args})
            line = await client.when_event("server_event", name=name)
            self.assertEqual(line["args"], args)
        server.peer.send({"do": "logout"})
        line = await client.when_event("server_event", name="logout")
        self.assertEqual(line["args"], [{"msg": "logged out on the phone"}])

    async def test_heartbeat(self) -> None:
        """The server's heartbeat settings reach the client and keep it there."""
        server, client = await self.logged_in("--ping-interval", "50")
        await server.peer.when_event("heartbeat")
        await server.peer.when_event("heartbeat")
        await call(client, "getContact", userId="wxid_bob")
