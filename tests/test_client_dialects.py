"""One account of each JSON dialect, from ``connect`` to ``close``, over WebSockets.

The gateway is scripted: our own server's connection, and the answers that a test gives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Contact, QRCode, TextMessage
from padchat_twisted.client import PadChatClientFactory, connect
from padchat_twisted.errors import (
    AuthKeyInvalid,
    CallRejected,
    LocalProtocolError,
    NeedsHuman,
    PadChatError,
)
from padchat_twisted.session.account import AccountSession
from padchat_twisted.testing import RecordedHandler
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.factories import ServerFactory
from padchat_twisted.transport.websocket import ClientWebSocket, ServerWebSocket
from padchat_twisted.wire import dialect_legacy, dialect_sdk
from padchat_twisted.wire.dialect_json import AuthRequested, JsonOccurrence
from padchat_twisted.wire.envelope import Call
from padchat_twisted.wire.limits import MAX_FRAME_BYTES

from .transport.in_memory import MemoryTransport
from .transport.test_connectors import FakeEndpoint

KEY = "KEY-1"
ADDRESS = IPv4Address("TCP", "127.0.0.1", 7700)
URLS = {"legacy": "ws://gateway.invalid/ws", "sdk": "ws://gateway.invalid:7777"}


class Gateway:
    """A gateway whose answers a test gives, joined to one client in memory.

    Attributes:
        calls: what was asked, in order.
        lines: the first line of each HTTP request.
    """

    def __init__(self, dialect: str, clock: Clock) -> None:
        self.clock = clock
        self.calls: list[tuple[Call, dict[str, object]]] = []
        self.lines: list[bytes] = []
        self.is_refusing = False
        if dialect == "legacy":
            self.connection = dialect_legacy.server_connection()
        else:
            self.connection = dialect_sdk.server_connection(KEY, task_id="1")
        self.driver = Driver(clock, self.connection, self)
        self.driver.start()
        factory = ServerFactory(clock, max_frame=MAX_FRAME_BYTES)
        factory.next_driver = self.driver
        self.websocket: ServerWebSocket = factory.buildProtocol(None)
        self.transport = MemoryTransport()
        self.websocket.makeConnection(self.transport)

    def take(self, websocket: ClientWebSocket, transport: MemoryTransport) -> None:
        """Take a client."""
        self.client, self.client_transport = websocket, transport
        self.lines.append(transport.value().split(b"\r\n")[0])
        self.pump()

    def pump(self) -> None:
        """Carry bytes until nobody has any."""
        while True:
            to_server, to_client = self.client_transport.taken(), self.transport.taken()
            if to_server:
                self.websocket.dataReceived(to_server)
            if to_client:
                self.client.dataReceived(to_client)
            self.transport.finish(self.websocket)
            if not self.transport.connected:
                self.client_transport.disconnecting = True
            self.client_transport.finish(self.client)
            if not to_server and not to_client:
                return

    def occurred(self, occurrences: Sequence[JsonOccurrence]) -> None:
        """Let the client in, and note its calls."""
        for occurrence in occurrences:
            if isinstance(occurrence, AuthRequested):
                assert occurrence.auth_key == KEY
                if self.is_refusing:
                    self.connection.refuse("no", now=self.clock.seconds())
                else:
                    self.connection.accept()
            elif isinstance(occurrence, Call):
                self.calls.append((occurrence, json.loads(occurrence.body)[1]))

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The client is gone."""

    def codes(self) -> list[str]:
        """Return the names of the calls."""
        return [call.code for call, _ in self.calls]

    def answer(
        self, code: str, data: dict[str, Any] | None = None, *, success: bool = True
    ) -> dict[str, object]:
        """Answer the newest call of a name; return its parameters."""
        call, params = next(c for c in reversed(self.calls) if c[0].code == code)
        assert call.call_id is not None
        self.connection.reply(call.call_id, success=success, msg="m", data=data)
        self.driver.turn()
        self.pump()
        return params

    def tell(self, event: str, **fields: object) -> None:
        """Send an event."""
        self.connection.notify(event, fields)
        self.driver.turn()
        self.pump()


class ClientCase(SynchronousTestCase):
    """``connect`` to such a gateway."""

    def setUp(self) -> None:
        """Make time and network."""
        self.clock = Clock()
        self.endpoint = FakeEndpoint()
        self.messages: RecordedHandler[TextMessage] = RecordedHandler()
        self.contacts: RecordedHandler[Contact] = RecordedHandler()
        self.codes: RecordedHandler[QRCode] = RecordedHandler()

    def handlers(self, account: AccountSession) -> None:
        """Record what comes."""
        account.on(TextMessage, self.messages)
        account.on(Contact, self.contacts)
        account.on(QRCode, self.codes)

    def begin(self, dialect: str) -> AccountSession:
        """Connect; the gateway lets us in."""
        connecting = connect(
            self.clock,
            URLS[dialect],
            auth_key=KEY,
            handlers=self.handlers,
            endpoint=self.endpoint,
        )
        self.gateway = Gateway(dialect, self.clock)
        self.gateway.take(*self.endpoint.makes())
        return self.successResultOf(connecting)

    def save(self) -> None:
        """Answer what is asked after a login."""
        self.gateway.answer("getDeviceInfo", {"deviceData": "ZGV2aWNl"})
        self.gateway.answer("getAutoLoginData", {"token": "dG9rZW4="})

    def talk(self, account: AccountSession) -> None:
        """Say something in both directions, then leave."""
        gateway = self.gateway
        gateway.tell("push", list=[{"msgType": 1, "msgId": "1", "content": "ping"}])
        (message,) = self.messages.events
        self.assertEqual(message.content, "ping")
        sending = account.send("filehelper", "pong")
        gateway.pump()
        params = gateway.answer("sendMsg", {"msgId": "9000000000000000001"})
        self.assertEqual(
            (params["toUserName"], params["content"]), ("filehelper", "pong")
        )
        sent = self.successResultOf(sending)
        self.assertEqual(sent.msg_id, "9000000000000000001")
        failing = account.call_raw("getContact", {"userId": "x"})
        gateway.pump()
        gateway.answer("getContact", {"status": -1}, success=False)
        refused = self.failureResultOf(failing, CallRejected).value
        self.assertEqual((refused.message, refused.status), ("m", -1))
        closing = account.close()
        gateway.pump()
        self.successResultOf(closing)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class LegacyTests(ClientCase):
    """``ws://HOST/ws``."""

    def test_whole(self) -> None:
        """A login by code, a message each way, a refusal, and the end."""
        account = self.begin("legacy")
        gateway = self.gateway
        self.assertEqual(gateway.lines, [b"GET /ws HTTP/1.1"])
        params = gateway.answer("init", {"ret": 0, "msg": "ok"})
        self.assertIn("deviceUuid", params)
        self.assertEqual(gateway.answer("login"), {"loginType": "qrcode"})
        gateway.tell("qrcode", qrCode="/9j/4AAQSkZJRg==")
        gateway.tell("scan", status=2, subStatus=0, userName="wxid_bot", uin=1)
        gateway.tell("login")
        self.save()
        member = {"userName": "r@chatroom", "msgType": 2, "member": ["wxid_a"]}
        gateway.tell("push", list=[member])
        gateway.tell("loaded")
        self.assertEqual(account.state, "ready")
        self.assertEqual(account.user_name, "wxid_bot")
        self.assertEqual(self.codes.events[0].qr_code, "/9j/4AAQSkZJRg==")
        self.assertEqual(self.contacts.events[0].members, ("wxid_a",))
        self.talk(account)

    def test_refused(self) -> None:
        """A key that is refused is a permanent failure."""
        connecting = connect(
            self.clock, URLS["legacy"], auth_key=KEY, endpoint=self.endpoint
        )
        self.gateway = Gateway("legacy", self.clock)
        self.gateway.is_refusing = True
        self.gateway.take(*self.endpoint.makes())
        self.failureResultOf(connecting, AuthKeyInvalid)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SdkTests(ClientCase):
    """``ws://HOST``, the key being the path."""

    def test_whole(self) -> None:
        """A login by code, contacts and messages fetched, and the end."""
        account = self.begin("sdk")
        gateway = self.gateway
        self.assertEqual(gateway.lines, [b"GET /KEY-1 HTTP/1.1"])
        self.assertEqual(gateway.answer("init", {}), {})
        login = gateway.answer("login")
        self.assertEqual(login, {"loginType": "qrcode", "deviceData": None})
        gateway.tell("qrcode", url="http://example.invalid/x/1")
        gateway.tell("scan", status=2, subStatus=0, userName="wxid_bot", uin=1)
        gateway.tell("login")
        self.save()
        gateway.answer("syncContact", {})
        gateway.tell("push", type=4, list=[{"msgType": 2, "userName": "wxid_a"}])
        gateway.answer("syncContact", {})
        self.assertEqual(gateway.codes().count("syncContact"), 2)
        gateway.tell("push", type=4, list=[{"msgType": 32768, "continue": 0}])
        self.assertEqual(account.state, "ready")
        self.assertEqual(gateway.codes()[-1], "syncMsg")
        gateway.answer("syncMsg", {})
        self.assertEqual(self.codes.events[0].url, "http://example.invalid/x/1")
        self.assertEqual(self.contacts.events[0].user_name, "wxid_a")
        self.talk(account)

    def test_refused(self) -> None:
        """A token that the gateway does not know: nothing is tried by itself."""
        connecting = connect(
            self.clock, URLS["sdk"], auth_key=KEY, endpoint=self.endpoint
        )
        self.gateway = Gateway("sdk", self.clock)
        self.gateway.is_refusing = True
        self.gateway.take(*self.endpoint.makes())
        account = self.successResultOf(connecting)
        self.assertEqual(account.state, "needs_human")
        failure = self.failureResultOf(account.when_ready(), NeedsHuman)
        self.assertIn("does not know the auth key", str(failure.value))
        self.successResultOf(account.close())


class FactoryTests(ClientCase):
    """``PadChatClientFactory``, and what both ways refuse."""

    def test_factory(self) -> None:
        """It makes the WebSocket of the dialect."""
        for dialect, line in (("legacy", b"GET /ws "), ("sdk", b"GET /KEY-1 ")):
            factory = PadChatClientFactory(self.clock, URLS[dialect], auth_key=KEY)
            websocket = factory.buildProtocol(ADDRESS)
            assert isinstance(websocket, ClientWebSocket)
            transport = MemoryTransport()
            websocket.makeConnection(transport)
            gateway = Gateway(dialect, self.clock)
            gateway.take(websocket, transport)
            self.assertTrue(gateway.lines[0].startswith(line))
            self.assertEqual(factory.account.state, "initialising")
            closing = factory.account.close()
            gateway.pump()
            self.successResultOf(closing)

    def test_dialect_by_name(self) -> None:
        """What the caller says holds, and a contradiction is refused."""
        factory = PadChatClientFactory(
            self.clock, "ws://gateway.invalid/other", auth_key=KEY, dialect="legacy"
        )
        self.assertEqual(factory.account.state, "offline")
        with self.assertRaises(LocalProtocolError):
            PadChatClientFactory(
                self.clock, "http://gateway.invalid", auth_key=KEY, dialect="sdk"
            )
        self.failureResultOf(
            connect(self.clock, "http://h/user", auth_key=KEY, dialect="legacy"),
            LocalProtocolError,
        )
