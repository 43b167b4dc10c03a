"""A client's connection to a gateway of a JSON dialect."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.task import Clock
from twisted.logger import (
    ILogObserver,
    LogEvent,
    eventAsText,
    globalLogPublisher,
)
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from padchat_twisted.errors import (
    AuthKeyExpired,
    AuthKeyInvalid,
    ConnectError,
    ConnectTimedOut,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    RemoteProtocolError,
)
from padchat_twisted.interfaces import IConnector, IGatewayConnection
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.json_gateway import (
    JsonEndpointConnector,
    JsonGatewayConnection,
    JsonOfferedConnector,
)
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.json_client import CLIENT_PING_INTERVAL
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT

from .by_hand import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    answer_upgrade,
    close_frame,
    frame,
    read_frames,
)
from .in_memory import MemoryTransport, Receiver
from .test_connectors import FakeEndpoint

LEGACY = "ws://gateway.invalid:7700/ws"
SDK = "ws://gateway.invalid:7777"
KEY = "KEY 1/å"


class Played:
    """A connection in memory, before a gateway that the test plays.

    Args:
        url: the gateway.
        receiver: who hears it; None for nobody yet.
        is_open: whether the WebSocket handshake is done.
        is_let_in: whether the gateway has let it in.
    """

    def __init__(
        self,
        url: str,
        receiver: Receiver | None = None,
        *,
        is_open: bool = True,
        is_let_in: bool = True,
        **options: Any,  # noqa: ANN401 - of the connection
    ) -> None:
        self.clock = Clock()
        self.connection = JsonGatewayConnection(
            self.clock, parse_url(url), Secret(KEY), **options
        )
        if receiver is not None:
            self.connection.attach(receiver)
        self.connection.driver.start()
        websocket = self.connection.factory.buildProtocol(None)
        assert websocket is not None
        self.websocket = websocket
        self.transport = MemoryTransport()
        websocket.makeConnection(self.transport)
        self.request = self.transport.taken()
        if is_open:
            websocket.dataReceived(answer_upgrade(self.request))
        if is_open and is_let_in and url == LEGACY:
            (auth,) = self.sent()
            self.says({"cmdId": auth["cmdId"], "success": True, "msg": "ok"})

    def sent(self) -> list[dict[str, Any]]:
        """Take the frames that were written."""
        frames = read_frames(self.transport.taken())
        return [json.loads(f.payload) for f in frames if f.opcode == TEXT]

    def says(self, *frames: object) -> None:
        """Have the gateway send frames, in one read."""
        texts = [json.dumps(each).encode() for each in frames]
        self.websocket.dataReceived(b"".join(frame(TEXT, text) for text in texts))

    def ends(self, code: int | None = None, reason: str = "") -> None:
        """Have the gateway close, and let the connection end."""
        self.websocket.dataReceived(close_frame(code, reason))
        self.transport.finish(self.websocket)


class PingTests(SynchronousTestCase):
    """A gateway that is gone without a word."""

    def pings(self, played: Played) -> int:
        """Take what was written; return how many pings that were."""
        frames = read_frames(played.transport.taken())
        return [found.opcode for found in frames].count(PING)

    def test_half_open(self) -> None:
        """One that answers stays; one that does not is lost, by a ping time-out."""
        for url in (LEGACY, SDK):
            receiver = Receiver()
            played = Played(url, receiver)
            for _ in range(5):
                self.assertEqual(self.pings(played), 0)
                played.clock.advance(CLIENT_PING_INTERVAL)
                self.assertEqual(self.pings(played), 1)
                played.websocket.dataReceived(frame(PONG, b""))
            played.clock.advance(CLIENT_PING_INTERVAL)
            self.assertEqual(receiver.losses, [])
            played.clock.advance(CLIENT_PING_INTERVAL)
            assert isinstance(receiver.loss, Disconnected)
            self.assertEqual(receiver.loss.reason, "ping timeout")
            self.assertTrue(played.transport.disconnecting)
            self.assertEqual(played.clock.getDelayedCalls(), [])


class OpeningTests(SynchronousTestCase):
    """Until the gateway let us in."""

    def test_requests(self) -> None:
        """The path is ``/ws``, or the key, percent-encoded; nothing else is told."""
        for url, path in ((LEGACY, "/ws"), (SDK, "/KEY%201%2F%C3%A5")):
            played = Played(url, is_open=False)
            line = played.request.split(b"\r\n")[0].decode()
            self.assertEqual(line, f"GET {path} HTTP/1.1")
            self.assertTrue(verifyObject(IGatewayConnection, played.connection))
            self.assertTrue(played.connection.peer.startswith("gateway.invalid:77"))

    def test_legacy(self) -> None:
        """The key is sent first; its answer lets us in."""
        receiver = Receiver()
        played = Played(LEGACY, receiver, is_let_in=False)
        (auth,) = played.sent()
        self.assertEqual((auth["code"], auth["authKey"]), ("auth", KEY))
        self.assertEqual(receiver.order, [])
        played.says({"cmdId": auth["cmdId"], "success": True})
        self.assertIs(receiver.connection, played.connection)
        played.connection.send_call(0, "init", b"{}")
        (init,) = played.sent()
        self.assertEqual(init["cmdId"][:24], auth["cmdId"][:24])
        self.assertRegex(init["cmdId"], "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-000000000001$")

    def test_ids_of_connections(self) -> None:
        """No two connections of ``legacy`` share ids."""
        heads = set()
        for _ in range(2):
            (auth,) = Played(LEGACY, is_let_in=False).sent()
            heads.add(auth["cmdId"])
        self.assertEqual(len(heads), 2)

    def test_refused(self) -> None:
        """A refused key is told without showing it, and is permanent."""
        receiver = Receiver()
        played = Played(LEGACY, receiver, is_let_in=False)
        (auth,) = played.sent()
        played.says({"cmdId": auth["cmdId"], "success": False, "msg": f"no {KEY}!"})
        played.ends(1000)
        assert isinstance(receiver.loss, AuthKeyInvalid)
        self.assertIn("no ***!", str(receiver.loss))
        self.assertEqual(receiver.order, ["lost"])
        self.assertTrue(played.connection.is_over)

    def test_close_codes(self) -> None:
        """A token that has expired is permanent, although the WebSocket was open."""
        receiver = Receiver()
        played = Played(SDK, receiver)
        played.ends(3203, f"no {KEY}")
        self.assertIsInstance(receiver.loss, AuthKeyExpired)
        self.assertNotIn(KEY, str(receiver.loss))
        self.assertEqual(receiver.order, ["connected", "lost"])

    def test_hidden(self) -> None:
        """A gateway that repeats the key in its close frame finds it hidden."""
        for form in (KEY, "KEY%201%2F%C3%A5"):
            receiver = Receiver()
            played = Played(SDK, receiver)
            played.ends(1008, f"bad {form}")
            self.assertIn("bad ***", str(receiver.loss))

    def test_no_websocket(self) -> None:
        """What is no WebSocket is no gateway."""
        receiver = Receiver()
        played = Played(SDK, receiver, is_open=False)
        played.websocket.dataReceived(b"HTTP/1.1 404 Not Found\r\n\r\n")
        played.transport.finish(played.websocket)
        self.assertIsInstance(receiver.loss, HandshakeRefused)
        self.assertNotIn("KEY", str(receiver.loss))

    def test_time(self) -> None:
        """A gateway that does not answer ``auth`` is given up."""
        receiver = Receiver()
        played = Played(LEGACY, receiver, is_let_in=False)
        played.clock.advance(OPEN_TIMEOUT)
        self.assertIsInstance(receiver.loss, ConnectTimedOut)
        self.assertEqual(played.clock.getDelayedCalls(), [])

    def test_lost_early(self) -> None:
        """Gone before it let us in, it never was up."""
        receiver = Receiver()
        played = Played(LEGACY, receiver, is_let_in=False)
        played.connection.abort()
        self.assertIs(type(receiver.loss), ConnectError)


@implementer(ILogObserver)
class Lines:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, event: LogEvent) -> None:
        """Keep it."""
        self.lines.append(eventAsText(event))


class SessionTests(SynchronousTestCase):
    """What a session does with it."""

    def setUp(self) -> None:
        """Watch the log."""
        log = Lines()
        self.lines = log.lines
        globalLogPublisher.addObserver(log)
        self.addCleanup(globalLogPublisher.removeObserver, log)

    def test_calls(self) -> None:
        """A call is sent, and its reply comes back, canonically."""
        for url, code, data in (
            (LEGACY, "code", {"success": True, "data": {"MsgId": "1"}}),
            (SDK, "cmd", {"payload": {"success": True, "data": {"msg_id": "1"}}}),
        ):
            receiver = Receiver()
            played = Played(url, receiver)
            played.connection.send_call(7, "sendMsg", b'{"content":"x"}')
            (sent,) = played.sent()
            self.assertEqual(sent[code], "sendMsg")
            played.says({"type": "cmdRet", "cmdId": sent["cmdId"], **data})
            (reply,) = receiver.envelopes
            assert isinstance(reply, Reply)
            self.assertEqual(reply.call_id, 7)
            self.assertEqual(json.loads(reply.body)[0]["data"], {"msgId": "1"})

    def test_odd_frames(self) -> None:
        """They are logged, told as event ``error``, and change nothing."""
        receiver = Receiver()
        played = Played(LEGACY, receiver)
        played.websocket.dataReceived(frame(TEXT, b"a text of somebody"))
        played.says({"event": "login"})
        error, login = receiver.envelopes
        assert isinstance(error, Notice)
        assert isinstance(login, Notice)
        self.assertEqual((error.event, login.event), ("error", "login"))
        self.assertTrue(any("not JSON" in line for line in self.lines))
        self.assertFalse(any("somebody" in line for line in self.lines))

    def test_too_large(self) -> None:
        """Parameters over the limit do not leave."""
        played = Played(SDK, Receiver(), max_frame=100)
        played.connection.send_call(0, "x", b" " * 98 + b"{}")
        with self.assertRaises(LocalProtocolError):
            played.connection.send_call(1, "x", b" " * 99 + b"{}")
        self.assertEqual(len(played.sent()), 1)

    def test_back_pressure(self) -> None:
        """What waits for the transport can be taken back; the rest is told."""
        receiver = Receiver()
        played = Played(SDK, receiver)
        played.transport.fill()
        for call_id in (1, 2):
            played.connection.send_call(call_id, "x", b"{}")
        waiting = played.connection.buffered_bytes
        self.assertGreater(waiting, 0)
        self.assertTrue(played.connection.withdraw_call(1))
        self.assertEqual(played.connection.buffered_bytes, waiting // 2)
        self.assertFalse(played.connection.withdraw_call(9))
        played.connection.abort()
        ((reason, unsent),) = receiver.losses
        self.assertIsInstance(reason, Disconnected)
        self.assertEqual(unsent, {2})

    def test_nobody_yet(self) -> None:
        """What comes before somebody is there is kept, and reading is paused."""
        played = Played(SDK)
        self.assertTrue(played.transport.is_paused)
        played.says({"type": "userEvent", "event": "login"})
        receiver = Receiver()
        played.connection.attach(receiver)
        self.assertEqual(receiver.order, ["connected", "received"])
        self.assertFalse(played.transport.is_paused)
        played.connection.pause()
        self.assertTrue(played.transport.is_paused)
        played.connection.resume()
        self.assertFalse(played.transport.is_paused)

    def test_close(self) -> None:
        """It closes in good order, or after the time for the answer."""
        for answers in (True, False):
            receiver = Receiver()
            played = Played(SDK, receiver)
            played.connection.close()
            (sent,) = read_frames(played.transport.taken())
            self.assertEqual(sent.opcode, CLOSE)
            if answers:
                played.ends()
            else:
                played.clock.advance(CLOSE_TIMEOUT)
            self.assertIsInstance(receiver.loss, Disconnected)
            self.assertEqual(played.clock.getDelayedCalls(), [])

    def test_fail(self) -> None:
        """A rule that was broken above is the reason of the loss."""
        receiver = Receiver()
        played = Played(SDK, receiver)
        played.connection.fail(RemoteProtocolError("padchat", "x"))
        played.ends()
        self.assertIsInstance(receiver.loss, RemoteProtocolError)


class ConnectorTests(SynchronousTestCase):
    """The ways to get a connection."""

    def test_endpoint(self) -> None:
        """One attempt per ``connect``; ``stop`` leaves it, and tells nobody."""
        clock, endpoint, receiver = Clock(), FakeEndpoint(), Receiver()
        connector = JsonEndpointConnector(clock, endpoint, parse_url(SDK), Secret(KEY))
        self.assertTrue(verifyObject(IConnector, connector))
        self.assertEqual(connector.url, "ws://gateway.invalid:7777/")
        self.assertFalse(connector.paces_itself)
        connector.connect(receiver)
        websocket, transport = endpoint.makes()
        websocket.dataReceived(answer_upgrade(transport.taken()))
        self.assertIsNotNone(receiver.connection)
        connector.stop()
        clock.advance(CLOSE_TIMEOUT)
        connector.connect(receiver)
        connector.stop()
        self.assertEqual(endpoint.cancelled, 1)
        self.assertEqual(receiver.order, ["connected"])
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_offered(self) -> None:
        """A connection that somebody else makes goes to who waits for one."""
        clock, receiver = Clock(), Receiver()
        connector = JsonOfferedConnector(clock, parse_url(SDK), Secret(KEY))
        self.assertTrue(verifyObject(IConnector, connector))
        self.assertTrue(connector.paces_itself)
        connector.connect(receiver)
        websocket = connector.offer(None)
        assert websocket is not None
        self.assertIsNone(connector.offer(None))
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        websocket.dataReceived(answer_upgrade(transport.taken()))
        self.assertIsNotNone(receiver.connection)
        connector.stop()
        clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(receiver.order, ["connected"])
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_offered_first(self) -> None:
        """A connection that is there before anybody waits is taken later."""
        connector = JsonOfferedConnector(Clock(), parse_url(SDK), Secret(KEY))
        websocket = connector.offer(None)
        assert websocket is not None
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        websocket.dataReceived(answer_upgrade(transport.taken()))
        receiver = Receiver()
        connector.connect(receiver)
        self.assertEqual(receiver.order, ["connected"])
        connector.stop()
