"""Our client before our own server, over each transport, in each revision."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected, HandshakeRefused
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.transport.polling_client import KEEP_ALIVE
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.limits import CLOSE_TIMEOUT

from .in_memory import Receiver
from .network import MemoryNetwork
from .served import EchoServer, connector_to

BOTH = frozenset({3, 4})
POLLING = ("polling",)
WEBSOCKET = ("websocket",)
UPGRADE = ("polling", "websocket")

#: How long a session does not read (seconds): more than two heartbeats.
LONG_PAUSE = 100

#: Revision that the server speaks, and transports of the client.
WAYS = [
    (revision, transports)
    for revision in (3, 4)
    for transports in (POLLING, WEBSOCKET, UPGRADE)
]


class Scene:
    """A client and a server, and the bytes between them."""

    def __init__(
        self,
        revision: int,
        transports: tuple[str, ...],
        *,
        revisions: frozenset[int] = frozenset(),
        offered: tuple[str, ...] = UPGRADE,
    ) -> None:
        self.clock = Clock()
        self.server = EchoServer(
            self.clock, revisions=revisions or {revision}, transports=offered
        )
        self.network = MemoryNetwork(self.server.site, self.clock)
        self.receiver = Receiver()
        self.connector = connector_to(
            self.network, self.clock, transports=transports, revision="auto"
        )

    def connect(self) -> IGatewayConnection:
        """Connect; return the connection."""
        self.connector.connect(self.receiver)
        self.settle()
        assert self.receiver.connection is not None, self.receiver.losses
        return self.receiver.connection

    def settle(self, seconds: float = 1.0) -> None:
        """Let everything happen that needs no more than this time."""
        for _ in range(10):
            self.network.flush()
            self.clock.advance(seconds / 10)
        self.network.flush()

    def count_websockets(self) -> int:
        """Count the server's WebSockets."""
        return sum(driver.has_websocket for driver in self.server.sockets.drivers)


class BothSidesTests(SynchronousTestCase):
    """The same session over each way."""

    def finish(self, scene: Scene) -> None:
        """Let it come to its end; nothing may be left."""
        scene.settle(CLOSE_TIMEOUT)
        self.assertEqual(scene.server.sockets.drivers, set())
        scene.settle(600)
        self.assertEqual(scene.clock.getDelayedCalls(), [])

    def check_echo(self, scene: Scene, connection: IGatewayConnection) -> None:
        """A call is answered, and its echo comes."""
        scene.receiver.envelopes.clear()
        connection.send_call(1, "a", '{"say":"你好 😀"}'.encode())
        scene.settle()
        self.assertEqual(
            scene.receiver.envelopes,
            [Notice("a", '["a",{"say":"你好 😀"}]'.encode()), Reply(1, b'["done"]')],
        )

    def test_session(self) -> None:
        """It connects, calls, is answered, and leaves in good order."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            connection = scene.connect()
            self.check_echo(scene, connection)
            is_websocket = "websocket" in transports
            self.assertEqual(scene.count_websockets(), int(is_websocket))
            self.check_echo(scene, connection)
            (echo,) = scene.server.served
            self.assertEqual(echo.query["authKey"], "KEY-1")
            connection.close()
            self.finish(scene)
            loss = scene.receiver.loss
            self.assertIsInstance(loss, Disconnected, (revision, transports))
            self.assertIn("io client disconnect", str(loss))

    def test_heartbeats(self) -> None:
        """It stays up while nobody says anything."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            connection = scene.connect()
            for _ in range(100):
                scene.settle(5)
            self.assertEqual(
                scene.receiver.order, ["connected"], (revision, transports)
            )
            self.check_echo(scene, connection)
            connection.abort()
            self.finish(scene)

    def test_large_messages(self) -> None:
        """A message may have any size that fits into a frame."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            connection = scene.connect()
            connection.send_call(1, "a", b'"%b"' % (b"x" * 1_000_000))
            scene.settle()
            self.assertEqual(len(scene.receiver.envelopes[0].body), 1_000_008)
            connection.close()
            self.finish(scene)

    def test_many_messages(self) -> None:
        """What is sent in a burst comes in order, also while it upgrades."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            scene.connector.connect(scene.receiver)
            sent = 0
            while sent < 300:
                scene.network.flush()
                if scene.receiver.connection is not None:
                    for _ in range(10):
                        scene.receiver.connection.send_call(sent, "a", b"%d" % sent)
                        sent += 1
                scene.clock.advance(0.02)
            scene.settle()
            notices = [e for e in scene.receiver.envelopes if isinstance(e, Notice)]
            self.assertEqual(
                [notice.body for notice in notices],
                [b'["a",%d]' % number for number in range(300)],
            )
            assert scene.receiver.connection is not None
            scene.receiver.connection.close()
            self.finish(scene)

    def test_paused(self) -> None:
        """While a session does not read, nothing comes, and it stays up."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            connection = scene.connect()
            connection.pause()
            scene.server.served[-1].connection.emit("/user", b'["a",1]')
            scene.server.served[-1].driver.turn()
            for _ in range(LONG_PAUSE):
                scene.settle(1)
            self.assertEqual(scene.receiver.envelopes, [], (revision, transports))
            connection.resume()
            scene.settle()
            self.assertEqual(
                scene.receiver.envelopes,
                [Notice("a", b'["a",1]')],
                (revision, transports, scene.receiver.losses),
            )
            connection.close()
            self.finish(scene)

    def test_server_leaves(self) -> None:
        """When the server closes, the client hears of it."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            scene.connect()
            scene.server.sockets.close_all()
            self.finish(scene)
            self.assertIsInstance(scene.receiver.loss, Disconnected)

    def test_server_vanishes(self) -> None:
        """When the server drops everything, too."""
        for revision, transports in WAYS:
            scene = Scene(revision, transports)
            scene.connect()
            scene.server.sockets.drop_all()
            scene.settle(60)
            self.assertIsInstance(scene.receiver.loss, Disconnected)
            self.finish(scene)

    def test_upgrade_that_is_refused(self) -> None:
        """Where a server offers polling alone, it stays at that."""
        for revision in (3, 4):
            scene = Scene(revision, UPGRADE, offered=POLLING)
            connection = scene.connect()
            self.check_echo(scene, connection)
            self.assertEqual(scene.count_websockets(), 0)
            connection.close()
            self.finish(scene)

    def test_server_of_both_revisions(self) -> None:
        """A server of both is spoken to in revision 3, as PadChat's own client does."""
        scene = Scene(3, WEBSOCKET, revisions=BOTH)
        connection = scene.connect()
        self.assertEqual(scene.server.served[0].query["EIO"], "3")
        connection.close()
        self.finish(scene)

    def test_server_of_no_transport_of_ours(self) -> None:
        """A server without polling refuses a client that only polls."""
        scene = Scene(3, POLLING, offered=WEBSOCKET)
        scene.connector.connect(scene.receiver)
        scene.settle()
        self.assertIsInstance(scene.receiver.loss, HandshakeRefused)
        self.assertIn("Transport unknown", str(scene.receiver.loss))
        self.finish(scene)

    def test_idle_connections(self) -> None:
        """HTTP connections that nobody needs are closed while the poll goes on."""
        scene = Scene(3, POLLING)
        connection = scene.connect()
        self.check_echo(scene, connection)
        scene.settle(KEEP_ALIVE + 1)
        open_ones = [w for w in scene.network.wires if w.ends[0].connected]
        self.assertEqual(len(open_ones), 1)
        connection.close()
        self.finish(scene)
