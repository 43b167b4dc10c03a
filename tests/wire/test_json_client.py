"""A client's connection of a JSON dialect: let in, calls, and how it ends."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    BufferFull,
    ConnectError,
    ConnectTimedOut,
    HandshakeRefused,
    LocalProtocolError,
)
from padchat_twisted.wire import dialect_legacy, dialect_sdk
from padchat_twisted.wire.dialect_json import LetIn
from padchat_twisted.wire.dialect_sdk import SdkFraming
from padchat_twisted.wire.json_client import CLIENT_PING_INTERVAL, JsonClient
from padchat_twisted.wire.limits import OPEN_TIMEOUT
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    Role,
    SendWebSocket,
    WebSocketClosed,
    WebSocketOpened,
)

from .json_examples import ID_HEAD, hears, legacy_client, sdk_client, sent


def error_of(client: JsonClient) -> ConnectError:
    """Return why a client that never came in is over."""
    closed = client.actions_to_take()[-1]
    assert isinstance(closed, Closed)
    assert isinstance(closed.error, ConnectError)
    return closed.error


class OpeningTests(SynchronousTestCase):
    """Until the gateway let us in."""

    def test_what_is_asked_for(self) -> None:
        """The WebSocket first; then ``auth`` in ``legacy``, nothing in ``sdk``."""
        client = dialect_sdk.client_connection()
        client.start(now=0.0)
        self.assertEqual((client.role, client.dialect), (Role.CLIENT, "sdk"))
        self.assertTrue(client.has_new_deadline)
        self.assertEqual(client.actions_to_take(), [OpenWebSocket()])
        client.receive(WebSocketOpened(), now=1.0)
        self.assertEqual(client.events_received(), [LetIn()])
        self.assertEqual(client.next_deadline(), 1.0 + CLIENT_PING_INTERVAL)
        legacy = dialect_legacy.client_connection("K", id_head=ID_HEAD)
        legacy.start(now=0.0)
        self.assertEqual(legacy.actions_to_take(), [OpenWebSocket()])
        legacy.receive(WebSocketOpened(), now=1.0)
        (action,) = legacy.actions_to_take()
        self.assertIsInstance(action, SendWebSocket)
        self.assertEqual(legacy.events_received(), [])

    def test_time(self) -> None:
        """WebSocket and ``auth`` have one time limit, and each is named when late."""
        client = dialect_sdk.client_connection(peer="h:1")
        client.start(now=0.0)
        client.deadline_reached(now=OPEN_TIMEOUT - 0.01)
        self.assertEqual(client.actions_to_take(), [OpenWebSocket()])
        client.deadline_reached(now=OPEN_TIMEOUT)
        error = error_of(client)
        self.assertIsInstance(error, ConnectTimedOut)
        self.assertIn("(WebSocket): the WebSocket handshake did not", str(error))
        legacy = legacy_client(is_let_in=False)
        legacy.actions_to_take()
        self.assertEqual(legacy.next_deadline(), OPEN_TIMEOUT)
        legacy.deadline_reached(now=OPEN_TIMEOUT, is_deaf=True)
        close, closed = legacy.actions_to_take()
        self.assertEqual(close, CloseWebSocket())
        assert isinstance(closed, Closed)
        self.assertIn("(authentication): the answer to auth did not", str(closed.error))

    def test_closed_before(self) -> None:
        """A gateway that closes early is no gateway; another attempt may do."""
        client = dialect_sdk.client_connection()
        client.start(now=0.0)
        client.receive(WebSocketClosed(None, "HTTP status 404"), now=1.0)
        error = error_of(client)
        self.assertIsInstance(error, HandshakeRefused)
        self.assertIn("404", str(error))
        for code, reason, wanted in ((None, "", "auth"), (1008, "no", "code 1008 no")):
            legacy = legacy_client(is_let_in=False)
            legacy.receive(WebSocketClosed(code, reason), now=1.0)
            error = error_of(legacy)
            self.assertTrue(str(error).endswith(wanted), error)
            self.assertEqual(error.hop, "authentication")
            self.assertFalse(error.is_permanent)

    def test_given_up(self) -> None:
        """Closed while it connects, it is over at once."""
        client = dialect_sdk.client_connection()
        client.start(now=0.0)
        client.close(now=1.0)
        self.assertEqual(
            client.actions_to_take(),
            [OpenWebSocket(), Closed("client disconnect", None)],
        )

    def test_what_comes_before(self) -> None:
        """Nothing but the answer to ``auth`` comes out before it, or twice."""
        client = legacy_client(is_let_in=False)
        (auth,) = sent(client)
        answer = {"cmdId": auth["cmdId"], "success": True}
        self.assertEqual(hears(client, {"event": "login"}), [])
        self.assertEqual(hears(client, answer, answer), [LetIn()])


class CallTests(SynchronousTestCase):
    """Sending calls."""

    def test_not_let_in(self) -> None:
        """A call is refused before the gateway let us in, and after the end."""
        client = legacy_client(is_let_in=False)
        client.actions_to_take()
        with self.assertRaises(LocalProtocolError):
            client.send_call(0, "init", b"{}")
        self.assertEqual(client.actions_to_take(), [])
        client = sdk_client()
        client.close(now=1.0)
        with self.assertRaises(LocalProtocolError):
            client.send_call(0, "init", b"{}")

    def test_no_object(self) -> None:
        """Parameters that cannot be spelled are refused; nothing is sent."""
        client = sdk_client()
        with self.assertRaises(LocalProtocolError):
            client.send_call(0, "login", b"[]")
        self.assertEqual(client.actions_to_take(), [])

    def test_back_pressure(self) -> None:
        """What waits can be taken back; what does not is gone."""
        client = sdk_client()
        client.send_call(0, "a", b"{}")
        client.set_writable(False)
        client.send_call(1, "b", b"{}")
        client.send_call(2, "c", b"{}")
        self.assertEqual(client.unsent_call_ids(), {1, 2})
        self.assertGreater(client.buffered_bytes, 0)
        self.assertFalse(client.withdraw(0))
        self.assertTrue(client.withdraw(1))
        self.assertFalse(client.withdraw(1))
        self.assertEqual([frame["cmd"] for frame in sent(client)], ["a"])
        client.set_writable(True)
        self.assertEqual([frame["cmd"] for frame in sent(client)], ["c"])
        self.assertEqual(client.unsent_call_ids(), frozenset())
        self.assertEqual(client.buffered_bytes, 0)

    def test_buffer_full(self) -> None:
        """What has no room is refused, and does not leave later."""
        size = len(SdkFraming().call(0, "a", b"{}"))
        client = JsonClient(SdkFraming(), max_buffered=size)
        client.start(now=0.0)
        client.receive(WebSocketOpened(), now=0.0)
        client.actions_to_take()
        client.set_writable(False)
        client.send_call(0, "a", b"{}")
        self.assertRaises(BufferFull, client.send_call, 1, "a", b"{}")
        client.set_writable(True)
        self.assertEqual(len(sent(client)), 1)

    def test_lost_calls(self) -> None:
        """What waited when the connection went is known to be unsent."""
        client = sdk_client()
        client.set_writable(False)
        client.send_call(5, "a", b"{}")
        client.receive(WebSocketClosed(None, ""), now=1.0)
        self.assertEqual(client.unsent_call_ids(), {5})

    def test_odd_names(self) -> None:
        """Whatever the name of a command, the frame is JSON."""
        for client in (legacy_client(), sdk_client()):
            client.send_call(0, 'a"b\\', b"{}")
            (frame,) = sent(client)
            self.assertIn('a"b\\', frame.values())
