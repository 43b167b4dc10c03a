"""Tests of padchat_twisted.wire.engineio_connection: opening, heartbeat, deadlines."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectTimedOut, Disconnected, HandshakeRefused
from padchat_twisted.wire.engineio_connection import EngineIOConnection, EngineState
from padchat_twisted.wire.limits import OPEN_TIMEOUT
from padchat_twisted.wire.told import (
    Closed,
    CloseWebSocket,
    OpenWebSocket,
    WebSocketClosed,
    WebSocketOpened,
)

from .engines import (
    CLIENT,
    INTERVAL,
    SERVER,
    TIMEOUT,
    binary,
    closing_error,
    in_state,
    new,
    opened,
    sent,
    text,
)
from .joined import HANDSHAKE, OPEN_PACKET


class OpeningTests(SynchronousTestCase):
    """From nothing to open."""

    def test_client(self) -> None:
        """A client asks for its WebSocket, then waits for the open packet."""
        connection = new(CLIENT)
        query = (("EIO", "3"), ("transport", "websocket"))
        self.assertEqual(connection.actions_to_take(), [OpenWebSocket(query)])
        self.assertFalse(connection.is_open)
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        connection.receive(WebSocketOpened(), now=1.0)
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        connection.receive(text(OPEN_PACKET), now=2.0)
        self.assertTrue(connection.is_open)
        self.assertEqual(connection.next_deadline(), 2.0 + INTERVAL)

    def test_server(self) -> None:
        """A server waits for its WebSocket as long, and then for sounds of life."""
        connection = new(SERVER)
        self.assertEqual(connection.actions_to_take(), [])
        self.assertEqual(connection.next_deadline(), OPEN_TIMEOUT)
        connection.receive(WebSocketOpened(), now=3.0)
        self.assertTrue(connection.is_open)
        self.assertEqual(connection.next_deadline(), 3.0 + INTERVAL + TIMEOUT)

    def test_too_late(self) -> None:
        """A connection gives up at the limit, and says what it waited for."""
        for role, state, what in (
            (CLIENT, EngineState.CONNECTING, "the WebSocket handshake"),
            (SERVER, EngineState.CONNECTING, "the WebSocket handshake"),
            (CLIENT, EngineState.OPENING, "the Engine.IO open packet"),
        ):
            connection = in_state(role, state)
            connection.deadline_reached(now=OPEN_TIMEOUT - 0.001)
            self.assertEqual(connection.actions_to_take(), [])
            connection.deadline_reached(now=OPEN_TIMEOUT)
            (closed,) = connection.actions_to_take()
            assert isinstance(closed, Closed)
            assert isinstance(closed.error, ConnectTimedOut)
            self.assertIn(what, str(closed.error))
            self.assertIn("gw:80", str(closed.error))
            self.assertIsNone(connection.next_deadline())

    def test_unreadable_open_packet(self) -> None:
        """An open packet that cannot be read ends the connection."""
        for content in (b"0", b"0{}", b'0{"sid":"a","pingInterval":1}', b"0\xff"):
            connection = in_state(CLIENT, EngineState.OPENING)
            connection.receive(text(content), now=1.0)
            self.assertEqual(closing_error(connection).layer, "engine.io")

    def test_refused(self) -> None:
        """A WebSocket that never opens is told with what the transport knows."""
        for code, reason, sentence in (
            (None, "HTTP 400 Bad Request", "HTTP 400 Bad Request"),
            (1006, "", "code 1006"),
            (None, "", "closed before the connection was open"),
        ):
            connection = new(CLIENT)
            connection.actions_to_take()
            connection.receive(WebSocketClosed(code, reason), now=1.0)
            (closed,) = connection.actions_to_take()
            assert isinstance(closed, Closed)
            assert isinstance(closed.error, HandshakeRefused)
            self.assertIn(sentence, str(closed.error))

    def test_who_gives_the_handshake(self) -> None:
        """A server must give it, a client must not."""
        self.assertRaises(ValueError, EngineIOConnection, SERVER)
        self.assertRaises(ValueError, EngineIOConnection, CLIENT, handshake=HANDSHAKE)


class HeartbeatTests(SynchronousTestCase):
    """EIO3: the client pings, both sides give up."""

    def test_client_pings(self) -> None:
        """A ping goes out after the interval, the next one after each pong."""
        connection = opened(CLIENT)
        connection.deadline_reached(now=INTERVAL - 0.001)
        self.assertEqual(connection.actions_to_take(), [])
        connection.deadline_reached(now=INTERVAL)
        self.assertEqual(sent(connection), [b"2"])
        self.assertEqual(connection.next_deadline(), INTERVAL + TIMEOUT)
        connection.receive(text(b"3"), now=INTERVAL + 1)
        self.assertEqual(connection.next_deadline(), 2 * INTERVAL + 1)
        connection.deadline_reached(now=2 * INTERVAL + 1)
        self.assertEqual(sent(connection), [b"2"])

    def test_pong_in_the_same_moment(self) -> None:
        """A pong that comes at the very time of its ping counts."""
        connection = opened(CLIENT)
        connection.deadline_reached(now=INTERVAL)
        connection.receive(text(b"3"), now=INTERVAL)
        self.assertEqual(connection.next_deadline(), 2 * INTERVAL)

    def test_client_gives_up(self) -> None:
        """Without an answer to the ping the connection is given up."""
        connection = opened(CLIENT)
        connection.deadline_reached(now=INTERVAL)
        connection.actions_to_take()
        connection.deadline_reached(now=INTERVAL + TIMEOUT - 0.001)
        self.assertEqual(connection.actions_to_take(), [])
        self.assert_times_out(connection, INTERVAL + TIMEOUT)

    def test_anything_is_a_sign_of_life(self) -> None:
        """Any packet after the ping gives the pong another interval and timeout."""
        receivers: tuple[Callable[[EngineIOConnection, float], object], ...] = (
            lambda c, now: c.receive(text(b"4hi"), now=now),
            lambda c, now: c.heard(now),
            lambda c, now: c.receive(text(b"6"), now=now),
        )
        for receive in receivers:
            connection = opened(CLIENT)
            connection.deadline_reached(now=INTERVAL)
            connection.actions_to_take()
            receive(connection, INTERVAL + 1)
            self.assert_times_out(connection, INTERVAL + 1 + INTERVAL + TIMEOUT)

    def test_messages_do_not_replace_the_ping(self) -> None:
        """The client pings at its time, however much comes in."""
        connection = opened(CLIENT)
        for second in range(1, int(INTERVAL)):
            connection.heard(float(second))
        self.assertEqual(connection.next_deadline(), INTERVAL)

    def test_unasked_pong(self) -> None:
        """A pong without a ping moves nothing."""
        connection = opened(CLIENT)
        connection.receive(text(b"3"), now=5.0)
        self.assertEqual(connection.next_deadline(), INTERVAL)

    def test_server_gives_up(self) -> None:
        """A server hears nothing for interval and timeout: it gives up."""
        connection = opened(SERVER)
        receivers: tuple[Callable[[float], object], ...] = (
            lambda now: connection.receive(text(b"2"), now=now),
            lambda now: connection.heard(now),
            lambda now: connection.receive(binary(b"\x04"), now=now),
        )
        for receive in receivers:
            start = connection.next_deadline()
            assert start is not None
            receive(start - 1)
            self.assertEqual(connection.next_deadline(), start - 1 + INTERVAL + TIMEOUT)
        connection.actions_to_take()
        deadline = connection.next_deadline()
        assert deadline is not None
        self.assert_times_out(connection, deadline)

    def test_server_sends_no_ping(self) -> None:
        """Time alone makes a server of EIO3 send nothing."""
        connection = opened(SERVER)
        connection.deadline_reached(now=INTERVAL + TIMEOUT - 0.001)
        self.assertEqual(connection.actions_to_take(), [])

    def test_pong_carries_nothing(self) -> None:
        """The ping's content does not come back, whatever it is."""
        connection = opened(SERVER)
        for ping in (text(b"2"), text(b"2probe"), text(b"2\xff"), binary(b"\x02\xff")):
            connection.receive(ping, now=1.0)
            self.assertEqual(sent(connection), [b"3"])

    def test_deaf_client(self) -> None:
        """Who does not read cannot tell that the peer is silent, and still pings."""
        connection = opened(CLIENT)
        connection.deadline_reached(now=INTERVAL, is_deaf=True)
        self.assertEqual(sent(connection), [b"2"])
        for silence in range(1, 10):
            when = INTERVAL + silence * TIMEOUT
            self.assertEqual(connection.next_deadline(), when)
            connection.deadline_reached(now=when, is_deaf=True)
            self.assertEqual(sent(connection), [b"2"])
        self.assert_times_out(connection, when + TIMEOUT)

    def test_deaf_server(self) -> None:
        """A server that does not read gives its client time."""
        connection = opened(SERVER)
        connection.deadline_reached(now=INTERVAL + TIMEOUT, is_deaf=True)
        self.assertEqual(connection.actions_to_take(), [])
        self.assert_times_out(connection, 2 * (INTERVAL + TIMEOUT))

    def test_after_a_long_sleep(self) -> None:
        """A process that slept through ping and timeout gives up, once."""
        connection = opened(CLIENT)
        self.assert_times_out(connection, 10 * INTERVAL)

    def assert_times_out(self, connection: EngineIOConnection, when: float) -> None:
        """Check that the deadline is *when*, and what happens then."""
        connection.deadline_reached(now=when)
        close, closed = connection.actions_to_take()
        self.assertEqual(close, CloseWebSocket())
        self.assertEqual(connection.closing_reason, "ping timeout")
        assert isinstance(closed, Closed)
        self.assertEqual(closed.reason, "ping timeout")
        self.assertIsInstance(closed.error, Disconnected)
        self.assertIsNone(connection.next_deadline())
