"""The driver: the user is told once that it is over, last, whatever happens."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, RemoteProtocolError
from padchat_twisted.wire.limits import CLOSE_TIMEOUT
from padchat_twisted.wire.occurrences import NamespaceLeft, SocketEvent
from padchat_twisted.wire.told import Lost, WebSocketClosed, WebSocketMessage

from .driving import Running, client


class EndTests(SynchronousTestCase):
    """The user is told once that it is over, last, whatever happens."""

    def check_over(self, running: Running) -> None:
        """The end was told once and last, nothing is left, nothing more happens."""
        self.assertEqual(len(running.closed_with), 1)
        self.assertTrue(running.driver.is_over)
        self.assertIsNone(running.next_call)
        running.taken()
        for again in (
            lambda: running.driver.tell(WebSocketClosed(1000)),
            lambda: running.driver.tell(WebSocketMessage(b"40/user", True)),
            lambda: running.reads(b'42/user,["late"]'),
            running.driver.close,
            running.driver.drop,
            running.driver.pause,
            running.driver.resume,
            lambda: running.driver.fail(RemoteProtocolError("padchat", "late")),
            lambda: running.driver.set_writable(True),
            lambda: running.clock.advance(1000),
        ):
            again()
            self.assertEqual(running.taken(), [])
        self.assertEqual(len(running.closed_with), 1)
        self.assertIsNone(running.next_call)

    def test_close_in_good_order(self) -> None:
        """Closing leaves the namespace, then the WebSocket, then tells."""
        running = client()
        running.opens()
        running.driver.close()
        self.assertEqual(
            running.taken(),
            [
                NamespaceLeft("/user", "io client disconnect"),
                b"41/user,",
                "resume",
                ("close", None),
                "flush",
            ],
        )
        self.assertEqual(running.next_call, CLOSE_TIMEOUT)
        running.driver.tell(WebSocketClosed(None))
        self.assertEqual(running.taken(), ["closed"])
        self.assertEqual(running.closed_with, [("io client disconnect", None)])
        self.check_over(running)

    def test_close_deadline(self) -> None:
        """A peer that does not answer the close is dropped after a while."""
        running = client()
        running.opens()
        running.driver.close()
        running.taken()
        running.clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(running.taken(), ["abort", "closed"])
        self.check_over(running)

    def test_drop(self) -> None:
        """Dropping aborts at once and tells why."""
        running = client()
        running.opens()
        running.driver.drop()
        self.assertEqual(
            running.taken(),
            [NamespaceLeft("/user", "transport error"), "abort", "closed"],
        )
        ((_, error),) = running.closed_with
        self.assertEqual(str(error), "the connection was lost: aborted")
        self.check_over(running)

    def test_drop_before_a_websocket_is_there(self) -> None:
        """An attempt can be dropped before it has a WebSocket."""
        running = client()
        running.driver.start()
        running.driver.drop()
        self.assertEqual(running.taken(), ["open", "closed"])
        self.check_over(running)

    def test_lost(self) -> None:
        """What connecting failed with is what the user is told."""
        running = client()
        running.driver.start()
        error = ConnectError("gateway.invalid:1", "refused")
        running.driver.tell(Lost(error))
        self.assertEqual(running.closed_with, [("transport error", error)])
        self.check_over(running)

    def test_peer_leaves(self) -> None:
        """The namespace is left before the end is told."""
        running = client()
        running.opens()
        running.driver.tell(WebSocketClosed(1001, "restart"))
        self.assertEqual(
            running.taken(), [NamespaceLeft("/user", "transport close"), "closed"]
        )
        ((_, error),) = running.closed_with
        self.assertIn("code 1001 restart", str(error))
        self.check_over(running)

    def test_left_by_the_server(self) -> None:
        """A peer that takes us out of the namespace is left, answer or not."""
        running = client()
        running.opens()
        running.reads(b"41/user,")
        self.assertEqual(running.next_call, CLOSE_TIMEOUT)
        running.clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(running.closed_with, [("io server disconnect", None)])
        self.check_over(running)

    def test_failed_above(self) -> None:
        """A rule that was broken above the wire closes with that error."""
        running = client()
        running.opens()
        error = RemoteProtocolError("padchat", "nonsense")
        running.driver.fail(error)
        running.driver.tell(WebSocketClosed(None))
        self.assertEqual(running.closed_with, [("parse error", error)])
        self.check_over(running)

    def test_ended_by_what_it_hears(self) -> None:
        """A user that drops the connection while it is told hears all of that read."""
        for end in ("drop", "close"):
            running = client()
            running.opens()
            running.on_occurrence = lambda _, r=running, e=end: getattr(r.driver, e)()  # type: ignore[misc] # lambda with defaults
            running.reads(b'42/user,["a"]', b'42/user,["b"]')
            names = [o.name for o in running.seen if isinstance(o, SocketEvent)]
            self.assertEqual(names, ["a", "b"])
            if end == "close":
                running.driver.tell(WebSocketClosed(None))
            self.assertEqual(running.taken()[-1], "closed")
            self.check_over(running)

    def test_when_over(self) -> None:
        """``when_over`` is called before the user is told."""
        running = client()
        running.opens()
        running.driver.when_over = lambda: running.seen.append("over")
        running.driver.drop()
        self.assertEqual(running.taken()[-3:], ["abort", "over", "closed"])
