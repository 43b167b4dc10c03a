"""The driver: the order of a turn, and its timer."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectTimedOut, Disconnected
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT
from padchat_twisted.wire.occurrences import (
    NamespaceJoined,
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.told import WebSocketClosed, WebSocketOpened

from .driving import OPEN_PACKET, FakeWebSocket, client, server


class TurnTests(SynchronousTestCase):
    """What a turn does, in its order."""

    def test_order(self) -> None:
        """A turn tells what came, sends what follows from it, then flushes once."""
        running = client()
        running.opens()
        emit = running.connection.emit
        running.on_occurrence = lambda _: emit("/user", b'["got"]')
        running.reads(b'42/user,["a"]', b'42/user,["b"]')
        self.assertEqual(
            running.taken(),
            [
                SocketEvent("/user", "a", b'["a"]'),
                SocketEvent("/user", "b", b'["b"]'),
                b'42/user,["got"]',
                b'42/user,["got"]',
                "flush",
            ],
        )

    def test_ready_frame(self) -> None:
        """A frame that is ready is written past the connection, between turns."""
        running = client()
        running.opens()
        taken: list[bool] = []
        running.on_occurrence = lambda _: taken.append(running.driver.send_frame(b"f"))
        running.reads(b'42/user,["a"]')
        self.assertEqual(taken, [False])
        running.taken()
        self.assertTrue(running.driver.send_frame(b"frame"))
        self.assertEqual(running.taken(), [("frame", b"frame")])
        running.driver.tell(WebSocketClosed())
        self.assertFalse(running.driver.send_frame(b"frame"))

    def test_messages_before_and_after(self) -> None:
        """What is asked for beside messages keeps its place between them."""
        running = client()
        running.opens()
        running.connection.emit("/user", b'["a"]')
        running.connection.emit("/user", b'["b"]')
        running.driver.close()
        self.assertEqual(
            running.taken(),
            [
                NamespaceLeft("/user", "io client disconnect"),
                b'42/user,["a"]',
                b'42/user,["b"]',
                b"41/user,",
                "resume",
                ("close", None),
                "flush",
            ],
        )

    def test_nothing_to_do(self) -> None:
        """A turn without news asks nothing of anybody but to flush."""
        running = client()
        running.opens()
        running.driver.turn()
        self.assertEqual(running.taken(), [])

    def test_turn_within_a_turn(self) -> None:
        """What the user asks for while it is told is sent after it was told all."""
        running = client()
        running.opens()

        def answer(occurrence: SocketOccurrence) -> None:
            if isinstance(occurrence, SocketEvent):
                running.connection.emit("/user", b'["x"]', ack_id=1)
                running.driver.turn()
                running.seen.append("told")

        running.on_occurrence = answer
        running.reads(b'42/user,["a"]', b'43/user,9["b"]')
        kinds = [type(item).__name__ for item in running.seen]
        self.assertEqual(kinds, ["SocketEvent", "str", "SocketAck", "bytes", "str"])
        self.assertIn(SocketAck("/user", 9, b'["b"]'), running.seen)

    def test_news_of_the_turn_itself(self) -> None:
        """What the user asks for may bring news: they are told in the same turn."""
        running = server()
        running.on_occurrence = lambda o: running.connection.accept(o.namespace)
        running.reads(b"40/user")
        running.taken()
        running.on_occurrence = lambda o: (
            running.driver.close() if isinstance(o, SocketEvent) else None
        )
        running.reads(b'42/user,["bye"]')
        self.assertEqual(
            running.taken(),
            [
                SocketEvent("/user", "bye", b'["bye"]'),
                NamespaceLeft("/user", "server namespace disconnect"),
                b"41/user,",
                "resume",
                ("close", None),
                "flush",
            ],
        )

    def test_raising_user(self) -> None:
        """After a user raised, the next turn goes on."""
        running = client()
        running.opens()

        def fail(_: SocketOccurrence) -> None:
            raise ZeroDivisionError

        running.on_occurrence = fail
        with self.assertRaises(ZeroDivisionError):
            running.reads(b'42/user,["a"]')
        running.on_occurrence = lambda _: None
        running.reads(b'42/user,["b"]')
        self.assertIn(SocketEvent("/user", "b", b'["b"]'), running.seen)

    def test_joined(self) -> None:
        """A client hears that it was let in."""
        running = client()
        running.driver.start()
        running.driver.attach(FakeWebSocket(running.seen))
        running.driver.tell(WebSocketOpened())
        running.reads(OPEN_PACKET % (25000, 20000), b"40", b"40/user")
        self.assertIn(NamespaceJoined("/user"), running.seen)
        self.assertIn(b"40/user?authKey=K,", running.seen)

    def test_server_turn(self) -> None:
        """A server's first turn sends the open packet and asks for ``/``."""
        running = server()
        seen = running.taken()
        self.assertEqual(seen[0], NamespaceRequested("/"))
        self.assertTrue(seen[1].startswith(b'0{"sid":"sid1"'))
        self.assertEqual(seen[2:], ["flush"])


class TimerTests(SynchronousTestCase):
    """One timer at most, no later than it must be, and none at the end."""

    def test_open_deadline(self) -> None:
        """Without an open packet the attempt ends, and there is no timer left."""
        running = client()
        running.driver.start()
        self.assertEqual(running.next_call, OPEN_TIMEOUT)
        running.clock.advance(OPEN_TIMEOUT - 0.001)
        self.assertEqual(running.closed_with, [])
        running.clock.advance(0.001)
        ((reason, error),) = running.closed_with
        self.assertEqual(reason, "timeout")
        self.assertIsInstance(error, ConnectTimedOut)
        self.assertIsNone(running.next_call)

    def test_silent_namespace(self) -> None:
        """A gateway that only answers pings has as long for the namespace."""
        running = client()
        running.driver.start()
        running.driver.attach(FakeWebSocket(running.seen))
        running.driver.tell(WebSocketOpened())
        running.reads(OPEN_PACKET % (5000, 3000), b"40")
        for _ in range(int(OPEN_TIMEOUT) * 2):
            if b"2" in running.taken():
                running.reads(b"3")
            running.clock.advance(0.5)
        self.assertIn(("close", None), running.taken())
        running.driver.tell(WebSocketClosed())
        ((reason, error),) = running.closed_with
        self.assertEqual(reason, "timeout")
        assert isinstance(error, ConnectTimedOut)
        self.assertIn("did not answer for namespace /user within 20", str(error))
        self.assertIsNone(running.next_call)

    def test_answered_namespace(self) -> None:
        """When the namespace was answered, that deadline is gone."""
        running = client()
        running.opens(interval_ms=60_000)
        running.clock.advance(OPEN_TIMEOUT * 2)
        self.assertEqual(running.closed_with, [])
        self.assertEqual(running.taken(), [])

    def test_pings(self) -> None:
        """Pings go out on time, whatever else a pong came with."""
        for interval, timeout in ((25.0, 20.0), (5.0, 60.0)):
            running = client()
            running.opens(int(interval * 1000), int(timeout * 1000))
            for _ in range(3):
                # Times that floats hold exactly.
                running.clock.advance(interval - 0.125)
                self.assertEqual(running.taken(), [])
                running.clock.advance(0.125)
                self.assertEqual(running.taken(), [b"2", "flush"])
                running.clock.advance(0.25)
                running.reads(b'42/user,["a"]', b"3", b'42/user,["b"]')
                running.taken()

    def test_paused(self) -> None:
        """While nothing is read, silence says nothing, and our pings go on."""
        running = client()
        running.opens()
        running.driver.pause()
        for _ in range(100):
            running.clock.advance(5)
        self.assertEqual(running.closed_with, [])
        self.assertIn(b"2", running.taken())
        running.driver.resume()
        for _ in range(10):
            running.clock.advance(5)
        self.assertEqual(running.closed_with[0][0], "ping timeout")

    def test_pause_that_has_just_ended(self) -> None:
        """What came meanwhile may not have been read yet: silence says nothing."""
        running = client()
        running.opens(interval_ms=30000, timeout_ms=20000)
        running.clock.advance(30)
        running.driver.pause()
        running.clock.advance(19.9)
        running.driver.resume()
        running.clock.advance(0.1)
        self.assertEqual(running.closed_with, [])
        running.clock.advance(60)
        self.assertEqual(running.closed_with[0][0], "ping timeout")

    def test_traffic_moves_no_timer(self) -> None:
        """Events re-arm nothing; the timer asks again when it fires."""
        running = client()
        running.opens()
        running.clock.advance(20)
        (timer,) = running.clock.getDelayedCalls()
        running.reads(b'42/user,["a"]', b'43/user,1["b"]')
        self.assertEqual(running.clock.getDelayedCalls(), [timer])

    def test_server_gives_up(self) -> None:
        """A server's early timer asks again, and gives up when it is time."""
        running = server()
        running.reads(b"40/user")
        running.clock.advance(30)
        running.reads(b"2")
        running.clock.advance(44.999)
        self.assertEqual(running.closed_with, [])
        running.clock.advance(0.001)
        self.assertIn(("close", None), running.taken())
        running.clock.advance(CLOSE_TIMEOUT)
        ((reason, error),) = running.closed_with
        self.assertEqual(reason, "ping timeout")
        self.assertIsInstance(error, Disconnected)
        self.assertIsNone(running.next_call)

    def test_awkward_times(self) -> None:
        """Times that floats cannot hold exactly lead to no endless firing."""
        for begin in (0.1, 1e9 + 0.3, 1.7e9 + 1 / 3):
            running = client()
            running.clock.advance(begin)
            running.driver.start()
            running.clock.advance(OPEN_TIMEOUT + 0.001)
            self.assertEqual(len(running.closed_with), 1)
