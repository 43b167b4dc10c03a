"""What padchat_server.js pushes to our client, and how handlers get it."""

from __future__ import annotations

from twisted.internet.defer import DeferredQueue

from padchat_twisted import (
    AccountSession,
    Contact,
    Event,
    ImageMessage,
    Message,
    SystemMessage,
    TextMessage,
    UnknownEvent,
    UnknownItem,
    Warn,
)
from padchat_twisted.catalogue import Sns

from .peers import Line, PadchatServer
from .watched_account import ClientTestCase, WatchedAccount

ROOM = "10000000001@chatroom"


def item(msg_type: object, msg_id: str, **fields: object) -> Line:
    """An item of a push with the fields that all messages have."""
    return {
        "msgType": msg_type,
        "msgId": msg_id,
        "fromUser": "wxid_alice",
        "toUser": "wxid_account000001",
        "content": "",
        "timestamp": 1500000000,
        "continue": 1,
        "status": 1,
        "uin": 100000001,
        **fields,
    }


class PushTests(ClientTestCase):
    """Items of pushes, and events."""

    async def push(self, server: PadchatServer, *items: object) -> None:
        """Have the gateway push items in one event."""
        await self.order(server, "push", list=list(items))

    async def nothing_else(self, bot: WatchedAccount, server: PadchatServer) -> None:
        """All that was pushed before must have been asked for."""
        await self.push(server, item(1, "the last one"))
        await bot.when(TextMessage, lambda message: message.msg_id == "the last one")
        self.assertEqual(bot.take(Message), [])
        self.assertEqual(bot.take(UnknownItem), [])
        self.assertEqual(bot.account.state, "ready")

    async def test_text(self) -> None:
        """A text of a person, and one in a room with its writer in front."""
        server, bot = await self.logged_in()
        say = {"from": "wxid_bob", "to": "bot1", "content": "嗨 😀\n二"}
        await self.order(server, "say", **say)
        message = await bot.when(TextMessage)
        self.assertEqual((message.sender, message.room), ("wxid_bob", None))
        self.assertEqual(message.text, "嗨 😀\n二")
        self.assertEqual(message.to_user, bot.account.user_name)
        self.assertEqual(message.description, "李四 😀 : 嗨 😀\n二")
        self.assertEqual(message.raw["msgSource"], "<msgsource />\n")
        await self.order(server, "say", room=ROOM, **say)
        message = await bot.when(TextMessage)
        self.assertEqual((message.sender, message.room), ("wxid_bob", ROOM))
        self.assertEqual(message.text, "嗨 😀\n二")

    async def test_answer(self) -> None:
        """A handler's answer goes to the room, or to the person."""
        server, bot = await self.logged_in()

        answered: DeferredQueue[str] = DeferredQueue()

        async def answer(account: AccountSession, message: TextMessage) -> None:
            sent = await account.reply(message, f"you said {message.text}")
            answered.put(sent.msg_id)

        bot.account.on(TextMessage, answer)
        say = {"from": "wxid_bob", "to": "bot1", "content": "ding"}
        for room, receiver in (({}, "wxid_bob"), ({"room": ROOM}, ROOM)):
            await self.order(server, "say", **say, **room)
            command = await server.peer.when_event("command", cmd="sendMsg")
            self.assertEqual(
                command["args"],
                [{"toUserName": receiver, "content": "you said ding", "atList": []}],
            )
            self.assertTrue(await answered.get())

    async def test_several_kinds_in_one_push(self) -> None:
        """Each item is what it is, in order; what is unknown keeps all its fields."""
        server, bot = await self.logged_in()
        bot.take(Event)
        joined = '"Bob" joined the room'
        card = item(4711, "4", content="<msg/>", extra={"deep": [1, None, "x"]})
        contact = {
            "msgType": 2,
            "userName": "wxid_dave",
            "nickName": "Dave",
            "stranger": "v1_dave@stranger",
        }
        await self.push(
            server,
            item(1, "1", content="one"),
            item(3, "2", content="<msg/>", data="aGk="),
            item(10000, "3", fromUser=ROOM, content=joined),
            card,
            contact,
            {"no": "msgType"},
        )
        text = await bot.when(Event)
        image = await bot.when(Event)
        system = await bot.when(Event)
        unknown = await bot.when(Event)
        dave = await bot.when(Event)
        odd = await bot.when(Event)
        assert isinstance(text, TextMessage)
        self.assertEqual(text.text, "one")
        assert isinstance(image, ImageMessage)
        self.assertEqual(image.data, "aGk=")
        self.assertNotIn("data", image.raw_msg_data)
        assert isinstance(system, SystemMessage)
        self.assertEqual((system.text, system.conversation), (joined, ROOM))
        assert isinstance(unknown, UnknownItem)
        self.assertEqual((unknown.msg_type, unknown.raw), (4711, card))
        assert isinstance(dave, Contact)
        self.assertEqual(
            (dave.user_name, dave.stranger), ("wxid_dave", "v1_dave@stranger")
        )
        assert isinstance(odd, UnknownItem)
        self.assertEqual(odd.raw, {"no": "msgType"})
        await self.nothing_else(bot, server)

    async def test_each_message_once(self) -> None:
        """A message that is pushed again is handed out once, also over sessions."""
        store = await self.open_store(self.store_path())
        server, bot = await self.logged_in(store=store)
        await self.push(server, item(1, "77"), item(1, "78"))
        await self.push(server, item(1, "78"), item(1, "79"))
        for msg_id in ("77", "78", "79"):
            self.assertEqual((await bot.when(TextMessage)).msg_id, msg_id)
        self.assertEqual(bot.account.repeated_messages, 1)
        await bot.account.close()
        bot = await self.connect(server, store=store)
        await bot.when_state("ready")
        await self.push(server, item(1, "77"), item(1, "80"), item(1, "79"))
        self.assertEqual((await bot.when(TextMessage)).msg_id, "80")
        await self.nothing_else(bot, server)
        self.assertEqual(bot.account.repeated_messages, 2)

    async def test_odd_pushes(self) -> None:
        """What is no list of items harms nothing."""
        server, bot = await self.logged_in()
        payloads: tuple[object, ...] = (
            {"list": None},
            {"list": []},
            {},
            None,
            "list",
            7,
        )
        for payload in payloads:
            await self.order(server, "emit", name="push", args=[payload])
            self.assertEqual((await bot.when(UnknownEvent)).event, "push")
        await self.order(server, "emit", name="push", args=[])
        self.assertEqual((await bot.when(UnknownEvent)).arguments, [])
        await self.push(server, None, 7, "x", [1])
        for _ in range(4):
            self.assertEqual((await bot.when(UnknownItem)).raw, {})
        await self.nothing_else(bot, server)

    async def test_fields_of_other_types(self) -> None:
        """A message with fields of odd types is a message all the same."""
        server, bot = await self.logged_in()
        await self.push(server, item(1, "5", timestamp="1500000009", content=12))
        message = await bot.when(TextMessage)
        self.assertEqual((message.timestamp, message.content), (1500000009, "12"))

    async def test_text_cut_in_an_emoji(self) -> None:
        """Half an emoji, as JavaScript lets it through, arrives; so does the rest."""
        server, bot = await self.logged_in()
        await self.push(server, item(1, "6", description="\ud83d", content="whole"))
        message = await bot.when(TextMessage)
        self.assertEqual((message.description, message.text), ("\ud83d", "whole"))
        await self.nothing_else(bot, server)

    async def test_large_push(self) -> None:
        """A push of a megabyte, in many frames of the network, arrives whole."""
        server, bot = await self.logged_in()
        texts = [f"{number} " + "汉" * 3_000 for number in range(100)]
        await self.push(
            server,
            *(item(1, f"large {n}", content=text) for n, text in enumerate(texts)),
        )
        for text in texts:
            self.assertEqual((await bot.when(TextMessage)).text, text)

    async def test_other_events(self) -> None:
        """Warnings, news and unknown events reach their handlers."""
        server, bot = await self.logged_in()
        await self.order(server, "emit", name="warn", args=[{"error": "slow"}])
        self.assertEqual((await bot.when(Warn)).error, "slow")
        await self.order(server, "emit", name="sns", args=[{}, "朋友圈小圆点"])
        self.assertEqual((await bot.when(Sns)).arguments, [{}, "朋友圈小圆点"])
        await self.order(server, "emit", name="another", args=[{"a": 1}, 2])
        event = await bot.when(UnknownEvent)
        self.assertEqual((event.event, event.arguments), ("another", [{"a": 1}, 2]))
        self.assertEqual(event.raw, {"a": 1})

    async def test_a_handler_that_fails(self) -> None:
        """Its failure is logged, and the others get the message."""
        server, bot = await self.logged_in()

        def broken(account: AccountSession, message: TextMessage) -> None:
            raise ZeroDivisionError

        bot.account.on(TextMessage, broken)
        await self.push(server, item(1, "8"))
        await bot.when(TextMessage)
        await self.nothing_else(bot, server)
        self.assertEqual(bot.account.handler_failures, 2)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
