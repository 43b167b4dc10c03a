"""A server's connection of a JSON dialect: who is let in, and what is answered."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, Disconnected, LocalProtocolError
from padchat_twisted.wire import dialect_legacy
from padchat_twisted.wire.dialect_json import AuthRequested, OddFrame
from padchat_twisted.wire.dialect_legacy import LegacyFraming
from padchat_twisted.wire.envelope import Call
from padchat_twisted.wire.json_server import (
    AUTH_FIRST,
    MAX_PENDING_CALLS,
    TOO_MANY,
    JsonServer,
)
from padchat_twisted.wire.limits import OPEN_TIMEOUT
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Role,
    WebSocketClosed,
    WebSocketOpened,
)

from .json_examples import hears, legacy_client, legacy_server, sdk_server, sent


class LettingInTests(SynchronousTestCase):
    """``accept`` and ``refuse``."""

    def test_nobody_asks(self) -> None:
        """Neither is possible before somebody asks, or twice."""
        server = legacy_server(is_let_in=False)
        self.assertEqual((server.role, server.dialect), (Role.SERVER, "legacy"))
        self.assertRaises(LocalProtocolError, server.accept)
        self.assertRaises(LocalProtocolError, server.refuse, "no", now=1.0)
        hears(server, {"code": "auth", "authKey": "K"})
        server.accept()
        self.assertRaises(LocalProtocolError, server.accept)
        self.assertRaises(LocalProtocolError, server.refuse, "no", now=1.0)

    def test_while_it_is_decided(self) -> None:
        """Until then commands are refused, and time goes on."""
        server = legacy_server(is_let_in=False)
        found = hears(
            server,
            {"code": "auth", "authKey": "K"},
            {"code": "connect", "cmdId": "1"},
            {"code": "auth", "authKey": "L", "cmdId": "2"},
        )
        self.assertEqual(found, [AuthRequested("K")])
        first, second = sent(server)
        self.assertEqual((first["success"], first["msg"]), (False, AUTH_FIRST))
        self.assertFalse(second["success"])
        self.assertEqual(server.next_deadline(), 10.0)
        self.assertRaises(LocalProtocolError, server.notify, "login")

    def test_no_websocket(self) -> None:
        """A client whose handshake does not end is dropped."""
        server = dialect_legacy.server_connection()
        server.start(now=0.0)
        server.deadline_reached(now=OPEN_TIMEOUT)
        (closed,) = server.actions_to_take()
        assert isinstance(closed, Closed)
        self.assertIsInstance(closed.error, Disconnected)

    def test_gone_while_asking(self) -> None:
        """A client that goes before it is let in is gone."""
        server = legacy_server(is_let_in=False)
        hears(server, {"code": "auth", "authKey": "K"})
        server.receive(WebSocketClosed(1000, ""), now=1.0)
        (closed,) = server.actions_to_take()
        self.assertIsInstance(closed, Closed)
        self.assertRaises(LocalProtocolError, server.accept)

    def test_refusal_reaches_a_client(self) -> None:
        """The reply to a refused ``auth`` is written before the close frame."""
        server = legacy_server(is_let_in=False)
        client = legacy_client(is_let_in=False)
        (auth,) = sent(client)
        hears(server, auth)
        server.refuse("no such key", now=1.0)
        hears(client, *sent(server))
        client.receive(WebSocketClosed(None, ""), now=2.0)
        closed = client.actions_to_take()[-1]
        assert isinstance(closed, Closed)
        self.assertIn("no such key", str(closed.error))


class AnswerTests(SynchronousTestCase):
    """``reply`` and ``notify``."""

    def test_once(self) -> None:
        """A call is answered once, while the client is there."""
        server = legacy_server()
        first, second = hears(
            server, {"code": "x", "cmdId": "1"}, {"code": "x", "cmdId": "2"}
        )
        assert isinstance(first, Call)
        assert isinstance(second, Call)
        assert first.call_id is not None
        assert second.call_id is not None
        server.reply(first.call_id, success=True)
        for gone in (first.call_id, 99):
            with self.assertRaises(LocalProtocolError):
                server.reply(gone, success=True)
        server.close(now=1.0, code=1001, reason="restart")
        *_, close = server.actions_to_take()
        self.assertEqual(close, CloseWebSocket(1001, "restart"))
        with self.assertRaises(LocalProtocolError):
            server.reply(second.call_id, success=True)
        self.assertRaises(LocalProtocolError, server.notify, "login")

    def test_any_order(self) -> None:
        """Replies may come in any order, events in between. Source: rule 5."""
        for server, which in ((legacy_server(), "code"), (sdk_server(), "cmd")):
            server.actions_to_take()
            head = {"type": "user"}
            calls = [
                call
                for n in range(3)
                for call in hears(server, {**head, which: "x", "cmdId": str(n)})
                if isinstance(call, Call)
            ]
            for n in (2, 0):
                call_id = calls[n].call_id
                assert call_id is not None
                server.reply(call_id, success=True)
                server.notify("login", {})
            found = [frame.get("cmdId") for frame in sent(server)]
            self.assertEqual(found, ["2", None, "0", None])

    def test_however_late(self) -> None:
        """A call waits for its answer as long as its client stays. Source: rule 6."""
        server = legacy_server()
        (call,) = hears(server, {"code": "sendMsg", "cmdId": "1"})
        assert isinstance(call, Call)
        assert call.call_id is not None
        for now in (10.0, 16.0, 31.0, 300.0):
            server.receive_texts([b'{"code":"status"}'], now)
            server.deadline_reached(now=now)
        server.actions_to_take()
        server.reply(call.call_id, success=True)
        (reply,) = sent(server)
        self.assertEqual(reply["cmdId"], "1")

    def test_fetches_news(self) -> None:
        """Whether a client fetches is seen by the field that it uses."""
        server = sdk_server()
        self.assertTrue(server.fetches_news)
        for field, fetches_news in (("data", False), ("payload", True)):
            hears(server, {"type": "user", "cmd": "x", field: {}})
            self.assertIs(server.fetches_news, fetches_news)
        self.assertFalse(legacy_server().fetches_news)

    def test_too_many(self) -> None:
        """One call more than the limit is answered at once, and none is lost."""
        server = legacy_server()
        frames = [{"code": "x", "cmdId": str(n)} for n in range(MAX_PENDING_CALLS + 1)]
        calls = hears(server, *frames)
        self.assertEqual(len(calls), MAX_PENDING_CALLS)
        (answer,) = sent(server)
        self.assertEqual(answer["cmdId"], str(MAX_PENDING_CALLS))
        self.assertEqual((answer["success"], answer["msg"]), (False, TOO_MANY))
        server.reply(0, success=True)
        self.assertEqual(len(hears(server, frames[-1])), 1)

    def test_too_many_without_ids(self) -> None:
        """Calls that want no reply keep nothing."""
        server = legacy_server()
        calls = hears(server, *[{"code": "x"}] * (MAX_PENDING_CALLS + 1))
        self.assertFalse(any(isinstance(call, OddFrame) for call in calls))

    def test_a_client_that_does_not_read(self) -> None:
        """Replies wait, then there is no room; our own answers drop the client."""
        size = len(LegacyFraming().reply("1", False, AUTH_FIRST, None))
        server = JsonServer(LegacyFraming(), max_buffered=size)
        server.start(now=0.0)
        server.receive(WebSocketOpened(), now=0.0)
        server.set_writable(False)
        hears(server, {"code": "x", "cmdId": "1"})
        self.assertEqual(server.buffered_bytes, size)
        self.assertEqual(server.actions_to_take(), [])
        hears(server, {"code": "x", "cmdId": "1"})
        (closed,) = server.actions_to_take()
        assert isinstance(closed, Closed)
        self.assertIn("does not read", str(closed.error))

    def test_no_room_for_events(self) -> None:
        """An event that has no room is refused."""
        server = JsonServer(LegacyFraming(), max_buffered=10)
        server.start(now=0.0)
        server.receive(WebSocketOpened(), now=0.0)
        hears(server, {"code": "auth", "authKey": "K"})
        server.accept()
        server.set_writable(False)
        self.assertRaises(BufferFull, server.notify, "login", {})

    def test_odd_arguments(self) -> None:
        """Events with other arguments than one object can be sent."""
        for server, field in ((legacy_server(), "data"), (sdk_server(), "payload")):
            server.actions_to_take()
            server.notify("news", [1])
            server.notify("sns", {}, "text")
            server.notify("login")
            first, second, third = sent(server)
            self.assertEqual(first[field], [1])
            self.assertEqual(second["event"], "sns")
            self.assertEqual(third["event"], "login")
