"""What both roles of a JSON dialect's connection do alike."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected, PadChatError, RemoteProtocolError
from padchat_twisted.wire.dialect_json import OddFrame
from padchat_twisted.wire.envelope import Call, Notice, Reply
from padchat_twisted.wire.json_connection import JsonConnection, JsonState
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, MAX_JSON_DEPTH, MAX_JSON_VALUES
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    Lost,
    PingWebSocket,
    Role,
    Told,
    WebSocketClosed,
    WebSocketHeard,
    WebSocketMessage,
    WebSocketOpened,
)

from .json_examples import (
    legacy_client,
    legacy_server,
    sdk_client,
    sdk_server,
    text,
)

ROLES: tuple[Callable[[], JsonConnection], ...] = (
    legacy_client,
    legacy_server,
    sdk_client,
    sdk_server,
)


def fresh(build: Callable[[], JsonConnection]) -> JsonConnection:
    """Return a connection that is up, with nothing left to take."""
    connection = build()
    connection.events_received()
    connection.actions_to_take()
    return connection


class LimitTests(SynchronousTestCase):
    """What a peer may send."""

    def fails(self, connection: JsonConnection, data: bytes) -> str:
        """Feed a message; return why the connection closes, or an empty text."""
        connection.receive_texts([data], 1.0)
        actions = connection.actions_to_take()
        if not actions:
            return ""
        self.assertIsInstance(actions[-1], CloseWebSocket)
        connection.receive(WebSocketClosed(1000, ""), now=2.0)
        (closed,) = connection.actions_to_take()
        assert isinstance(closed, Closed)
        assert isinstance(closed.error, RemoteProtocolError)
        return str(closed.error)

    def test_size(self) -> None:
        """A message of the limit is read, one byte more closes with code 1009."""
        data = text({"event": "x", "data": "y" * 100})
        for missing, problem in ((0, ""), (1, "a message of")):
            client = legacy_client(max_frame=len(data) - missing)
            self.assertIn(problem, self.fails(client, data))
        client = sdk_client(max_frame=64)
        client.receive_texts([b"x" * 65], 1.0)
        self.assertEqual(client.actions_to_take(), [CloseWebSocket(1009)])

    def test_depth_and_values(self) -> None:
        """JSON out of bounds closes; it is not built first."""
        for build in ROLES:
            for data, problem in (
                (b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH, ""),
                (b"[" * (MAX_JSON_DEPTH + 1), "nested deeper"),
                (b"[" + b"," * MAX_JSON_VALUES, "values"),
            ):
                self.assertIn(problem, self.fails(fresh(build), data))


class EndTests(SynchronousTestCase):
    """How a connection ends."""

    def test_close(self) -> None:
        """It waits for the peer's answer, or for the deadline; then it is over."""
        for build in ROLES:
            for end in ("answer", "deadline", "lost"):
                connection = fresh(build)
                connection.close(now=1.0)
                self.assertEqual(connection.actions_to_take(), [CloseWebSocket()])
                self.assertTrue(connection.has_new_deadline)
                self.assertEqual(connection.next_deadline(), 1.0 + CLOSE_TIMEOUT)
                connection.receive_texts([text({"event": "login"})], 1.5)
                connection.close(now=2.0)
                self.assertEqual(connection.events_received(), [])
                if end == "answer":
                    connection.receive(WebSocketClosed(1000, ""), now=2.0)
                elif end == "lost":
                    connection.receive(Lost(Disconnected("x")), now=2.0)
                else:
                    connection.deadline_reached(now=0.9 + CLOSE_TIMEOUT)
                    self.assertEqual(connection.actions_to_take(), [])
                    connection.deadline_reached(now=1.0 + CLOSE_TIMEOUT)
                (closed,) = connection.actions_to_take()
                assert isinstance(closed, Closed)
                self.assertIsNone(closed.error)
                self.assertIsNone(connection.next_deadline())

    def test_lost(self) -> None:
        """The driver's reason is the connection's."""
        for build in ROLES:
            connection = fresh(build)
            error = Disconnected("aborted")
            connection.receive(Lost(error), now=1.0)
            self.assertEqual(
                connection.actions_to_take(), [Closed("transport error", error)]
            )
            connection.receive(WebSocketClosed(None, ""), now=1.0)
            connection.receive(WebSocketOpened(), now=1.0)
            connection.fail(error, now=1.0)
            self.assertEqual(connection.actions_to_take(), [])

    def test_fail(self) -> None:
        """A broken rule above is the connection's reason."""
        for build in ROLES:
            connection = fresh(build)
            error: PadChatError = RemoteProtocolError("padchat", "x")
            connection.fail(error, now=1.0)
            connection.receive(WebSocketClosed(None, ""), now=1.0)
            self.assertEqual(
                connection.actions_to_take(),
                [CloseWebSocket(), Closed("parse error", error)],
            )

    def test_gone(self) -> None:
        """A peer that goes unasked is a lost connection, its reason told."""
        for build in ROLES:
            connection = fresh(build)
            connection.receive(WebSocketClosed(1001, "going"), now=1.0)
            (closed,) = connection.actions_to_take()
            assert isinstance(closed, Closed)
            assert isinstance(closed.error, Disconnected)
            self.assertEqual(closed.error.detail, "code 1001 going")


class PingTests(SynchronousTestCase):
    """Who is pinged, and when a peer is given up."""

    def ticks(self, connection: JsonConnection, **options: bool) -> list[object]:
        """Wait for the deadline; return what is asked for then."""
        deadline = connection.next_deadline()
        assert deadline is not None
        connection.deadline_reached(now=deadline - 0.01)
        self.assertEqual(connection.actions_to_take(), [])
        connection.has_new_deadline = False
        connection.deadline_reached(now=deadline, **options)
        self.assertTrue(connection.has_new_deadline)
        return list(connection.actions_to_take())

    def test_interval(self) -> None:
        """A ping is due an interval after the peer was let in, and after each ping."""
        for build in ROLES:
            connection = fresh(build)
            begun = connection.next_deadline()
            assert begun is not None
            interval = connection.ping_interval
            self.assertLessEqual(interval, begun)
            self.assertLessEqual(begun, interval + 1)
            for count in range(1, 5):
                self.assertEqual(self.ticks(connection), [PingWebSocket()])
                at = begun + count * interval
                self.assertEqual(connection.next_deadline(), at)
                connection.receive(WebSocketHeard(), now=at - interval)
        self.assertEqual(sdk_client().ping_interval, 30.0)
        self.assertLess(sdk_server().ping_interval, 20.0)

    def test_silence(self) -> None:
        """A peer of whom nothing came between two pings is given up."""
        for build in ROLES:
            connection = fresh(build)
            self.assertEqual(self.ticks(connection), [PingWebSocket()])
            (closed,) = self.ticks(connection)
            assert isinstance(closed, Closed)
            self.assertEqual(closed.reason, "ping timeout")
            assert isinstance(closed.error, Disconnected)
            self.assertIn("no answer to a ping", str(closed.error))
            self.assertIsNone(connection.next_deadline())

    def test_signs_of_life(self) -> None:
        """A pong is one, and so is any message, by either door."""
        for build in ROLES:
            connection = fresh(build)
            for sign in range(6):
                self.assertEqual(self.ticks(connection), [PingWebSocket()])
                now = connection.next_deadline()
                assert now is not None
                if sign % 3 == 0:
                    connection.receive(WebSocketHeard(), now=now - 1)
                elif sign % 3 == 1:
                    connection.receive_texts([b"?"], now - 1)
                else:
                    connection.receive(WebSocketMessage(b"?", False), now=now - 1)

    def test_deaf(self) -> None:
        """While we do not read, silence says nothing, and our pings go on."""
        for build in ROLES:
            connection = fresh(build)
            for _ in range(5):
                found = self.ticks(connection, is_deaf=True)
                self.assertEqual(found, [PingWebSocket()])
            self.assertEqual(self.ticks(connection), [PingWebSocket()])
            self.assertIsInstance(self.ticks(connection)[0], Closed)

    def test_full_line(self) -> None:
        """A client's photo takes its time; a server drops who does not read."""
        for build in ROLES:
            connection = fresh(build)
            connection.set_writable(False)
            self.assertEqual(self.ticks(connection), [PingWebSocket()])
            (found,) = self.ticks(connection)
            kind = PingWebSocket if connection.role is Role.CLIENT else Closed
            self.assertIsInstance(found, kind)

    def test_not_after_the_end(self) -> None:
        """Whoever closes pings no more."""
        for build in ROLES:
            connection = fresh(build)
            connection.close(now=1.0)
            connection.actions_to_take()
            self.assertIsInstance(self.ticks(connection)[0], Closed)


#: Frames that are nearly right: they reach the inner parts.
SEEDS = (
    {"code": "auth", "authKey": "K", "cmdId": "1"},
    {"code": "sendMsg", "data": {"rawMsgData": {"MsgType": 5}}, "cmdId": 7},
    {"cmdId": "11111111-0000-4000-8000-000000000000", "success": True},
    {"event": "push", "data": [{"MsgType": 2, "Member": "[]"}]},
    {"event": "error", "success": 1, "data": {"Error": 1}},
    {"type": "cmdRet", "cmdId": "1", "payload": {"data": {"info": "{}"}}},
    {"type": "userEvent", "event": "push", "payload": {"type": 4, "list": [1]}},
    {"type": "userEvent", "event": "warn", "data": {"err": []}, "success": 0},
    {"type": "user", "cmd": "login", "data": {"rawMsgData": {"msg_type": 5}}},
)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "event",
                    "cmdId",
                    "data",
                    "payload",
                    "code",
                    "cmd",
                    "list",
                    "success",
                    "msg",
                    "error",
                    "msg_type",
                    "sub_type",
                    "member",
                    "a_b",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)

_messages = (
    st.sampled_from(SEEDS).map(text)
    | _json.map(text)
    | st.binary(max_size=20)
    | st.builds(
        lambda seed, at, junk: text(seed)[:at] + junk,
        st.sampled_from(SEEDS),
        st.integers(0, 60),
        st.binary(max_size=4),
    )
)

_tolds = (
    st.builds(WebSocketMessage, _messages, st.just(True))
    | st.builds(WebSocketMessage, st.binary(max_size=4), st.just(False))
    | st.just(WebSocketOpened())
)


class FuzzTests(SynchronousTestCase):
    """Garbage: it is reported, or the connection ends with an error."""

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(ROLES), st.lists(_tolds, max_size=6))
    def test_any_messages(
        self, build: Callable[[], JsonConnection], tolds: list[Told]
    ) -> None:
        """No message raises; what comes out is of the documented kinds."""
        connection = fresh(build)
        for told in tolds:
            connection.receive(told, now=1.0)
        for occurrence in connection.events_received():
            self.assertIsInstance(occurrence, Call | Notice | Reply | OddFrame)
        for action in connection.actions_to_take():
            self.assertNotIsInstance(action, Closed)
        self.assertIn(connection.state, (JsonState.OPEN, JsonState.CLOSING))
