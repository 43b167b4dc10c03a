"""The public fakes: they are what they stand for, and do what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from padchat_twisted.catalogue import (
    Contact,
    Event,
    ImageMessage,
    SendMsg,
    SystemMessage,
    TextMessage,
    UnknownItem,
    VoiceMessage,
    decode_event,
)
from padchat_twisted.errors import (
    AuthKeyInvalid,
    CallRejected,
    ConnectError,
    Disconnected,
    NotSent,
    PadChatError,
    RemoteProtocolError,
)
from padchat_twisted.interfaces import IConnector, IGatewayConnection
from padchat_twisted.session.account import AccountSession
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import (
    FIRST_MESSAGE_ID,
    FakeConnection,
    FakeConnector,
    RecordedHandler,
    contact,
    image_message,
    push_item,
    ready_account,
    system_message,
    text_message,
)
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice, Reply


class RecordedReceiver:
    """Keeps what a connection tells."""

    def __init__(self) -> None:
        self.connections: list[IGatewayConnection] = []
        self.envelopes: list[Reply | Notice] = []
        self.losses: list[tuple[PadChatError, frozenset[int]]] = []

    def connected(self, connection: IGatewayConnection) -> None:
        """Keep it."""
        self.connections.append(connection)

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Keep them."""
        self.envelopes += envelopes

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """Keep it."""
        self.losses.append((reason, unsent))


class FakeConnectionTests(SynchronousTestCase):
    """A connection whose other side is the test."""

    def setUp(self) -> None:
        """Build one."""
        self.receiver = RecordedReceiver()
        self.connection = FakeConnection(self.receiver)

    def bodies(self) -> list[bytes]:
        """What was heard since the last look."""
        bodies = [envelope.body for envelope in self.receiver.envelopes]
        self.receiver.envelopes.clear()
        return bodies

    def test_interface(self) -> None:
        """It is an IGatewayConnection."""
        self.assertTrue(verifyObject(IGatewayConnection, self.connection))

    def test_calls(self) -> None:
        """Calls are kept with their decoded parameters, which their repr hides."""
        self.connection.send_call(3, "sendMsg", b'{"content":"a secret"}')
        (call,) = self.connection.calls
        self.assertEqual((call.call_id, call.code), (3, "sendMsg"))
        self.assertEqual(call.params, {"content": "a secret"})
        self.assertEqual(call.body, b'{"content":"a secret"}')
        self.assertNotIn("secret", repr(call))
        self.assertIs(self.connection.last_call("sendMsg"), call)
        error = self.assertRaises(LookupError, self.connection.last_call, "init")
        self.assertIn("sendMsg", str(error))

    def test_reply(self) -> None:
        """A reply is the array of one result that gateways send."""
        self.connection.reply(3)
        self.connection.reply(4, {"msgId": "1"}, msg="sent")
        self.connection.refuse(5, "no", -19)
        self.connection.refuse(6)
        self.assertEqual(
            [getattr(reply, "call_id", None) for reply in self.receiver.envelopes],
            [3, 4, 5, 6],
        )
        self.assertEqual(
            self.bodies(),
            [
                b'[{"success":true,"msg":"","data":{}}]',
                b'[{"success":true,"msg":"sent","data":{"msgId":"1"}}]',
                b'[{"success":false,"msg":"no","data":{"status":-19}}]',
                b'[{"success":false,"msg":"","data":{}}]',
            ],
        )

    def test_notice(self) -> None:
        """A notice has its name in front of its arguments."""
        self.connection.notice("sns", {"success": True}, "text")
        self.connection.notice("loaded")
        self.assertEqual(
            self.bodies(), [b'["sns",{"success":true},"text"]', b'["loaded"]']
        )

    def test_push(self) -> None:
        """Messages without an id are given one each; contacts have none."""
        item = text_message("hi")
        self.connection.push(item, text_message("hi", msg_id="7"), contact())
        self.connection.push(item)
        self.assertNotIn("msgId", item)
        ids = [
            event.msg_id
            for body in self.bodies()
            for event in decode_event(Notice("push", body)).list  # type: ignore[attr-defined] # a Push
        ]
        first = FIRST_MESSAGE_ID
        self.assertEqual(ids, [str(first), "7", "", str(first + 1)])

    def test_not_writable(self) -> None:
        """Calls that cannot leave wait; they may be taken back, or leave later."""
        self.connection.is_writable = False
        for call_id in (1, 2, 3):
            self.connection.send_call(call_id, "x", b"{}")
        self.assertEqual(self.connection.calls, [])
        self.assertTrue(self.connection.withdraw_call(2))
        self.assertFalse(self.connection.withdraw_call(2))
        self.connection.let_out()
        self.assertEqual([call.call_id for call in self.connection.calls], [1, 3])
        self.assertFalse(self.connection.withdraw_call(1))

    def test_lose(self) -> None:
        """Its end is told once, with the calls that did not leave."""
        self.connection.send_call(1, "x", b"{}")
        self.connection.is_writable = False
        self.connection.send_call(2, "x", b"{}")
        self.connection.lose()
        self.connection.lose()
        self.connection.notice("loaded")
        ((reason, unsent),) = self.receiver.losses
        self.assertEqual(str(reason), "the connection was lost: transport close")
        self.assertEqual(unsent, frozenset((2,)))
        self.assertEqual(self.bodies(), [])

    def test_pause(self) -> None:
        """While reading is paused nothing is heard; nothing of it is lost."""
        self.connection.pause()
        self.connection.notice("loaded")
        self.connection.notice("warn")
        self.assertEqual(self.bodies(), [])
        self.connection.resume()
        self.assertEqual(self.bodies(), [b'["loaded"]', b'["warn"]'])
        self.connection.resume()
        self.assertEqual(self.bodies(), [])

    def test_close(self) -> None:
        """It is lost when it is closed, unless the test wants to say when."""
        self.connection.closes_at_once = False
        self.connection.close()
        self.assertTrue(self.connection.is_closing)
        self.assertEqual(self.receiver.losses, [])
        self.connection.closes_at_once = True
        self.connection.close()
        self.assertIsInstance(self.receiver.losses[0][0], Disconnected)

    def test_abort_and_fail(self) -> None:
        """It is lost with the reason that was given."""
        self.connection.abort()
        self.assertIn("aborted", str(self.receiver.losses[0][0]))
        connection = FakeConnection(self.receiver)
        error = RemoteProtocolError("padchat", "nonsense")
        connection.fail(error)
        self.assertIs(connection.failure, error)
        self.assertIs(self.receiver.losses[1][0], error)

    def test_detach(self) -> None:
        """Nothing is told any more."""
        self.connection.detach()
        self.connection.notice("loaded")
        self.connection.lose()
        self.assertEqual((self.receiver.losses, self.bodies()), ([], []))


class FakeConnectorTests(SynchronousTestCase):
    """A connector whose attempts end as the test says."""

    def setUp(self) -> None:
        """Begin an attempt."""
        self.receiver = RecordedReceiver()
        self.connector = FakeConnector()
        self.connector.connect(self.receiver)

    def test_interface(self) -> None:
        """It is an IConnector."""
        self.assertTrue(verifyObject(IConnector, self.connector))

    def test_let_in(self) -> None:
        """An attempt that succeeds gives a connection."""
        self.assertTrue(self.connector.is_connecting)
        connection = self.connector.let_in()
        self.assertEqual(self.receiver.connections, [connection])
        self.assertEqual(self.connector.connections, [connection])
        self.assertFalse(self.connector.is_connecting)
        self.assertRaises(RuntimeError, self.connector.let_in)

    def test_fail_and_refuse(self) -> None:
        """An attempt that fails may be repeated, one that is refused may not."""
        self.connector.fail()
        self.connector.connect(self.receiver)
        self.connector.refuse()
        self.connector.connect(self.receiver)
        error = ConnectError("elsewhere", "gone")
        self.connector.fail(error)
        reasons: list[Any] = [reason for reason, _ in self.receiver.losses]
        self.assertEqual(
            [reason.is_permanent for reason in reasons], [False, True, False]
        )
        self.assertIsInstance(reasons[1], AuthKeyInvalid)
        self.assertIs(reasons[2], error)
        self.assertEqual(self.connector.attempts, 3)

    def test_stop(self) -> None:
        """After a stop neither attempt nor connection tells anything."""
        connection = self.connector.let_in()
        self.connector.connect(self.receiver)
        self.connector.stop()
        self.assertFalse(self.connector.is_connecting)
        connection.lose()
        self.assertEqual(self.receiver.losses, [])

    def test_ids_go_on(self) -> None:
        """Message ids are not given again on the next connection."""
        for _ in range(2):
            self.connector.connect(self.receiver)
            self.connector.let_in().push(text_message())
        first, second = (envelope.body for envelope in self.receiver.envelopes)
        self.assertNotEqual(first, second)


class ReadyAccountTests(SynchronousTestCase):
    """The shortest way to test a bot."""

    def test_bot(self) -> None:
        """A bot is tested without a network, a reactor or a phone."""

        async def answer(account: AccountSession, message: TextMessage) -> None:
            await account.reply(message, "pong")
            answered.append(message.text)

        def setup(account: AccountSession) -> None:
            account.on(TextMessage, answer)

        answered: list[str] = []
        account, gateway = ready_account(handlers=setup)
        self.assertEqual((account.state, account.name), ("ready", "bot"))
        gateway.push(text_message("ping"))
        call = gateway.last_call("sendMsg")
        self.assertEqual(call.params["toUserName"], "wxid_friend")
        self.assertEqual(call.params["content"], "pong")
        self.assertEqual(answered, [])
        gateway.reply(call.call_id, {"msgId": "1"})
        self.assertEqual(answered, ["ping"])

    def test_given_parts(self) -> None:
        """Clock, connector, store and names may be given."""
        clock, connector, store = Clock(), FakeConnector(), MemoryStore()
        store.open()
        account, gateway = ready_account(
            name="other",
            user_name="wxid_other",
            clock=clock,
            connector=connector,
            store=store,
        )
        self.assertEqual(connector.connections, [gateway])
        self.assertEqual((account.name, account.user_name), ("other", "wxid_other"))
        calling = account.call(SendMsg("a", "b"), time_limit=5)
        gateway.refuse(gateway.last_call("sendMsg").call_id, "no")
        self.failureResultOf(calling, CallRejected)
        gateway.is_writable = False
        calling = account.call(SendMsg("a", "b"), time_limit=5)
        clock.advance(5)
        self.failureResultOf(calling, NotSent)
        self.successResultOf(account.close())
        self.assertEqual(clock.getDelayedCalls(), [])


class BuilderTests(SynchronousTestCase):
    """Items as they are pushed."""

    def decode(self, item: dict[str, object]) -> Event:
        """Decode one item of a push."""
        event = decode_event(Notice("push", notice_body("push", {"list": [item]})))
        (decoded,) = event.list  # type: ignore[attr-defined] # a Push
        assert isinstance(decoded, Event)
        self.assertEqual(decoded.raw, item)
        return decoded

    def test_text(self) -> None:
        """A text message has sender, receiver, time and text."""
        message = self.decode(text_message("hi", msg_id="7", continues=1))
        assert isinstance(message, TextMessage)
        self.assertEqual((message.text, message.sender), ("hi", "wxid_friend"))
        self.assertEqual((message.msg_id, message.continues), ("7", 1))
        self.assertIsNone(message.room)

    def test_room(self) -> None:
        """A text in a room has its sender in front, as on the wire."""
        message = self.decode(text_message("hi", room="1@chatroom"))
        assert isinstance(message, TextMessage)
        self.assertEqual(message.content, "wxid_friend:\nhi")
        self.assertEqual((message.room, message.text), ("1@chatroom", "hi"))
        self.assertEqual(message.sender, "wxid_friend")

    def test_left_out(self) -> None:
        """A field that is None is not there."""
        self.assertNotIn("timestamp", text_message("hi", timestamp=None))

    def test_other_kinds(self) -> None:
        """Images, system texts, contacts and items of any kind."""
        image = self.decode(image_message("abcd"))
        assert isinstance(image, ImageMessage)
        self.assertEqual(image.data, "abcd")
        system = self.decode(system_message("renamed", room="1@chatroom"))
        assert isinstance(system, SystemMessage)
        self.assertEqual((system.text, system.room), ("renamed", "1@chatroom"))
        person = self.decode(contact("wxid_a", nick_name="A", sex=2))
        assert isinstance(person, Contact)
        self.assertEqual((person.nick_name, person.sex), ("A", 2))
        room = self.decode(contact("1@chatroom", member=["wxid_a"]))
        assert isinstance(room, Contact)
        self.assertEqual((room.is_room, room.members), (True, ("wxid_a",)))
        voice = self.decode(push_item(34, msg_id="1", from_user="wxid_a"))
        assert isinstance(voice, VoiceMessage)
        self.assertEqual(voice.conversation, "wxid_a")
        other = self.decode(push_item(4711, msg_id="2", from_user="wxid_a"))
        assert isinstance(other, UnknownItem)
        self.assertEqual((other.msg_type, other.conversation), (4711, "wxid_a"))

    def test_recorded_handler(self) -> None:
        """A recorded handler keeps what it is called with."""
        handler: RecordedHandler[Event] = RecordedHandler()
        account, gateway = ready_account(
            handlers=lambda account: account.on(TextMessage, handler)
        )
        gateway.push(text_message("1"), text_message("2"))
        self.assertEqual(
            [getattr(event, "text", None) for event in handler.events], ["1", "2"]
        )
        self.assertEqual(account.handler_failures, 0)
