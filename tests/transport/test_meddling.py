"""Meddling with a connection that runs."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PadChatError
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.meddling import (
    carry_out,
    cut,
    half_close,
    taken_actions,
)
from padchat_twisted.wire import dialect_legacy
from padchat_twisted.wire.dialect_json import AuthRequested, JsonOccurrence
from padchat_twisted.wire.told import (
    CloseWebSocket,
    SendWebSocket,
)

from .by_hand import CLOSE, TEXT, frame, read_frames
from .in_memory import MemoryTransport, open_server


class _User:
    """Lets the client in."""

    def __init__(self) -> None:
        self.connection = dialect_legacy.server_connection()
        self.driver = Driver(Clock(), self.connection, self)

    def occurred(self, occurrences: Sequence[JsonOccurrence]) -> None:
        """Accept."""
        for occurrence in occurrences:
            if isinstance(occurrence, AuthRequested):
                self.connection.accept()

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """It is over."""


class MeddlingTests(SynchronousTestCase):
    """A server of dialect ``legacy``."""

    def setUp(self) -> None:
        """Let a client in."""
        self.user = _User()
        self.driver = self.user.driver
        self.transport: MemoryTransport
        self.driver.start()
        websocket, self.transport = open_server(self.driver)
        auth = b'{"code":"auth","authKey":"k","cmdId":"1"}'
        websocket.dataReceived(frame(TEXT, auth, is_client=True))
        self.transport.taken()

    def texts(self) -> list[bytes]:
        """Take what was written."""
        return [found.payload for found in read_frames(self.transport.taken())]

    def say(self) -> None:
        """Send an event."""
        self.user.connection.notify("loaded", {})

    def test_taken(self) -> None:
        """What is sent is held back, what was asked for before is not."""
        self.user.connection.notify("warn", {"error": "before"})
        actions = taken_actions(self.driver, self.say)
        [before] = self.texts()
        self.assertIn(b"before", before)
        [action] = actions
        assert isinstance(action, SendWebSocket)
        self.assertIn(b"loaded", action.data)
        self.driver.turn()
        self.assertEqual(self.texts(), [])
        carry_out(self.driver, [action, action])
        self.assertEqual(self.texts(), [action.data] * 2)

    def test_client_that_does_not_read(self) -> None:
        """Then nothing is there to be altered; it leaves later, whole."""
        self.driver.set_writable(False)
        self.assertEqual(taken_actions(self.driver, self.say), [])
        self.driver.set_writable(True)
        [text] = self.texts()
        self.assertIn(b"loaded", text)

    def test_close(self) -> None:
        """A close frame may be sent that the connection did not ask for."""
        carry_out(self.driver, [CloseWebSocket(3202, "gone")])
        [found] = read_frames(self.transport.taken())
        self.assertEqual(found.opcode, CLOSE)
        self.assertEqual(found.payload, (3202).to_bytes(2, "big") + b"gone")

    def test_cut(self) -> None:
        """Half of a message is left, and no half characters."""
        self.assertEqual(cut(SendWebSocket(b"abcd", True)), SendWebSocket(b"ab", True))
        # Half of these nine bytes ends within the second character.
        message = SendWebSocket("频繁了".encode(), True)
        self.assertEqual(cut(message), SendWebSocket("频".encode(), True))

    def test_half_close(self) -> None:
        """Our half ends where the transport has halves."""
        self.assertTrue(half_close(self.driver))
        self.assertTrue(self.transport.is_half_closed)

    def test_no_halves(self) -> None:
        """Without a WebSocket there is nothing to close half of."""
        self.assertFalse(half_close(_User().driver))
