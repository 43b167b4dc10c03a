"""What a session sees of a connection, the same in each dialect."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, Disconnected, PadChatError
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.wire.limits import CLOSE_TIMEOUT

from .in_memory import Opened, Receiver
from .test_json_gateway import LEGACY, SDK, Played

KINDS: tuple[Callable[[Receiver | None], Opened | Played], ...] = (
    Opened,
    lambda receiver: Played(LEGACY, receiver),
    lambda receiver: Played(SDK, receiver),
)


class _Busy(Receiver):
    """A session that does not read at once, as one that catches up on something."""

    def connected(self, connection: IGatewayConnection) -> None:
        """Note the connection, and pause it."""
        super().connected(connection)
        connection.pause()


class AttachTests(SynchronousTestCase):
    """Sessions that come when the connection is there already."""

    def test_waits_unread(self) -> None:
        """It is not read until a session is there."""
        for kind in KINDS:
            opened = kind(None)
            self.assertTrue(opened.transport.is_paused)
            self.assertTrue(opened.connection.was_up)
            receiver = Receiver()
            opened.connection.attach(receiver)
            self.assertEqual(receiver.order, ["connected"])
            self.assertFalse(opened.transport.is_paused)

    def test_session_that_pauses(self) -> None:
        """A session that pauses when it is told is not read, until it resumes."""
        for kind in KINDS:
            for is_late in (True, False):
                receiver = _Busy()
                opened = kind(None if is_late else receiver)
                if is_late:
                    opened.connection.attach(receiver)
                self.assertTrue(opened.transport.is_paused)
                opened.connection.resume()
                self.assertFalse(opened.transport.is_paused)

    def test_another_session(self) -> None:
        """A session that takes over from another one finds what that left."""
        for kind in KINDS:
            first, second = Receiver(), Receiver()
            opened = kind(first)
            opened.connection.pause()
            opened.connection.attach(second)
            self.assertTrue(opened.transport.is_paused)
            self.assertEqual(second.order, ["connected"])
            opened.connection.abort()
            self.assertEqual((first.losses, len(second.losses)), ([], 1))


class EndTests(SynchronousTestCase):
    """What a session is told at the end."""

    def test_never_up(self) -> None:
        """What never was up is a failed attempt, which can be explained."""
        explained = ConnectError("h:1", "explained")

        def explain(error: PadChatError) -> PadChatError:
            return explained

        for kind in (
            Opened(is_joined=False),
            Played(LEGACY, is_open=False),
            Played(SDK, is_open=False),
        ):
            kind.connection.explain = explain
            kind.connection.abort()
            receiver = Receiver()
            kind.connection.attach(receiver)
            self.assertFalse(kind.connection.was_up)
            self.assertTrue(kind.connection.is_over)
            self.assertIs(receiver.loss, explained)

    def test_was_up(self) -> None:
        """What was up is lost; nothing explains that."""
        for kind in KINDS:
            receiver = Receiver()
            opened = kind(receiver)
            opened.connection.abort()
            self.assertIsInstance(receiver.loss, Disconnected)
            self.assertTrue(opened.connection.was_up)

    def test_left(self) -> None:
        """After ``leave`` it closes, and the session hears nothing."""
        for kind in KINDS:
            receiver = Receiver()
            opened = kind(receiver)
            opened.connection.leave()
            opened.clock.advance(CLOSE_TIMEOUT)
            self.assertTrue(opened.connection.is_over)
            self.assertEqual(receiver.order, ["connected"])
            self.assertEqual(opened.clock.getDelayedCalls(), [])
