"""Clients that are slow, silent, deaf or many, at our server: each has a bound.

Time is that of an injected clock; memory is what ``tracemalloc`` counts.
"""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import BufferFull, RemoteProtocolError
from padchat_twisted.transport.resource import MAX_CONNECTIONS
from padchat_twisted.wire.json_server import AUTH_TIMEOUT, SERVER_PING_INTERVAL
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, MAX_JSON_DEPTH, OPEN_TIMEOUT

from ..sandbox.json_stage import JsonCase, JsonClient, LegacyClient, SdkClient
from ..sandbox.stage import KEY
from .by_hand import TEXT, frame, header
from .heap_clock import HeapClock
from .http_by_hand import Tcp
from .resource_case import BOTH, ROOT, ResourceTestCase

KIB = 1024
MIB = 1024 * KIB

#: Time until a silent client is missed (seconds): an interval and a time-out.
MISSED = 45.0

#: What may be held beside the bytes that wait.
BESIDE = 256 * KIB

DEEP = b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1)


def target(revision: int, transport: str) -> str:
    """Write the URL of a handshake."""
    return f"{ROOT}?EIO={revision}&transport={transport}"


class Traced:
    """Counts the memory that is allocated while it is entered.

    Attributes:
        held: what is still there at the end (bytes).
        peak: the most that was there (bytes).
    """

    def __enter__(self) -> Traced:
        """Begin."""
        tracemalloc.start()
        self._before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        after, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.held = after - self._before
        self.peak = peak - self._before


class SlowTests(ResourceTestCase):
    """A byte a second."""

    def test_frame(self) -> None:
        """A frame that drips is no sign of life, be it small or large."""
        for revision in (3, 4):
            for size in (1000, 100_000):
                self.build(revisions=BOTH)
                tcp = self.opened(target(revision, "websocket"))
                if revision == 4:
                    tcp.say(b"40")
                tcp.write(header(TEXT, size, mask=bytes(4)))
                seconds = 0
                while self.sockets.drivers and seconds < 100:
                    tcp.write(b"4")
                    self.clock.advance(1)
                    seconds += 1
                self.assertEqual(seconds, MISSED, (revision, size))
                ((reason, _),) = self.server.served[-1].closed_with
                self.assertEqual(reason, "ping timeout")
                tcp.finish()

    def test_handshake(self) -> None:
        """A request for a WebSocket that drips never becomes a connection."""
        tcp = self.server.connect()
        head = f"GET {target(3, 'websocket')} HTTP/1.1\r\nUpgrade: websocket\r\nX: "
        tcp.write(head.encode())
        seconds = 0
        while not tcp.transport.disconnecting and seconds < 1000:
            tcp.write(b"x")
            self.clock.advance(1)
            seconds += 1
        self.assertEqual(seconds, 300)
        self.assertEqual(self.server.served, [])
        tcp.lose()


class DeafTests(ResourceTestCase):
    """Clients that take nothing."""

    def fill(self, push: Callable[[bytes], None]) -> None:
        """Send until there is no room; what is held must be what may wait."""
        with Traced() as traced, self.assertRaises(BufferFull):
            for number in range(1000):
                push(b'["%d","%b"]' % (number, b"x" * 10_000))
        self.assertLess(traced.held, MIB + BESIDE)
        self.assertGreater(traced.held, MIB / 2)

    def test_websocket(self) -> None:
        """What waits for a WebSocket that is not read has a bound."""
        for revision in (3, 4):
            self.build(revisions=BOTH, max_buffered=MIB)
            tcp = self.opened(target(revision, "websocket"))
            if revision == 4:
                tcp.say(b"40")
            tcp.transport.fill()
            self.fill(self.server.served[-1].push)
            self.clock.advance(MISSED)
            self.assertEqual(self.sockets.drivers, set())
            tcp.finish()

    def test_polling(self) -> None:
        """What waits for a client that does not poll has a bound."""
        for revision in (3, 4):
            self.build(revisions=BOTH, max_buffered=MIB)
            url = self.shake_hands(target(revision, "polling"))
            if revision == 4:
                self.server.get(url, b"40")
            self.fill(self.server.served[-1].push)
            self.clock.advance(MISSED)
            self.assertEqual(self.sockets.drivers, set())


class HalfOpenTests(ResourceTestCase):
    """Clients that are gone, and nobody said so."""

    def test_missed(self) -> None:
        """Each is missed by its heartbeat, over every transport."""
        for revision in (3, 4):
            for transport in ("websocket", "polling"):
                self.build(revisions=BOTH)
                url = target(revision, transport)
                if transport == "websocket":
                    tcp = self.opened(url)
                    if revision == 4:
                        tcp.say(b"40")
                else:
                    more = self.shake_hands(url)
                    if revision == 4:
                        self.server.get(more, b"40")
                    tcp = self.server.connect()
                    tcp.ask(more)
                # A server of revision 4 asks for a sign of life first.
                self.clock.pump((25, MISSED - 25 - 0.1))
                self.assertEqual(len(self.sockets.drivers), 1)
                self.clock.advance(0.2)
                self.assertEqual(self.sockets.drivers, set())
                ((reason, _),) = self.server.served[-1].closed_with
                self.assertEqual(reason, "ping timeout")
                tcp.lose()


class BombTests(ResourceTestCase):
    """What would grow when it is inflated."""

    def test_post(self) -> None:
        """A body in gzip is not inflated: it is no payload."""
        url = self.shake_hands(target(3, "polling"))
        bomb = gzip.compress(bytes(16 * MIB))
        with Traced() as traced:
            answer = self.server.get(url, bomb, headers=[("Content-Encoding", "gzip")])
        self.assertLess(traced.peak, BESIDE)
        self.assertEqual(answer.status, 400)
        ((_, error),) = self.server.served[-1].closed_with
        self.assertIsInstance(error, RemoteProtocolError)


class ManyTests(ResourceTestCase):
    """As many idle clients as there may be."""

    #: Over how many of them memory is measured.
    SAMPLE = 100

    #: What one of them may take (bytes). That makes 80 MiB for polling, and 400 MiB for
    #: WebSockets, transports of the test included.
    MAX_POLLING = 8 * KIB
    MAX_WEBSOCKET = 40 * KIB

    def setUp(self) -> None:
        """Build a server that has time for as many timers."""
        self.clock = HeapClock()
        self.build()

    def come(self, one_more: Callable[[], object], most: int) -> None:
        """Let them all come; one more is refused, and the memory is bounded."""
        for _ in range(MAX_CONNECTIONS - self.SAMPLE):
            one_more()
        with Traced() as traced:
            for _ in range(self.SAMPLE):
                one_more()
        self.assertLess(traced.held / self.SAMPLE, most)
        self.assertEqual(len(self.sockets.drivers), MAX_CONNECTIONS)
        self.assertEqual(self.server.get(target(3, "polling")).status, 503)

    def leave(self, within: float) -> None:
        """When time is up all are gone, at once."""
        self.clock.advance(within - 0.1)
        self.assertEqual(len(self.sockets.drivers), MAX_CONNECTIONS)
        self.clock.advance(0.2)
        self.assertEqual(self.sockets.drivers, set())
        self.assertEqual(self.server.get(target(3, "polling")).status, 200)

    def test_polling(self) -> None:
        """Ten thousand that shook hands and never poll go when they are missed."""
        tcp = self.server.connect()
        self.come(lambda: tcp.get(target(3, "polling")), self.MAX_POLLING)
        tcp.lose()
        self.leave(MISSED)

    def test_websockets(self) -> None:
        """Ten thousand WebSockets that never speak go when they are missed."""
        tcps: list[Tcp] = []
        self.come(
            lambda: tcps.append(self.opened(target(3, "websocket"))),
            self.MAX_WEBSOCKET,
        )
        self.leave(MISSED)
        for tcp in tcps:
            tcp.finish()

    def test_nobody_joins(self) -> None:
        """Those of revision 4 that ask for no namespace go even earlier."""
        self.build(revisions=BOTH, max_connections=100)
        for _ in range(100):
            self.server.get(target(4, "polling"))
        self.assertEqual(self.server.get(target(4, "polling")).status, 503)
        self.clock.advance(OPEN_TIMEOUT)
        self.clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(self.sockets.drivers, set())
        self.assertTrue(all(one.closed_with for one in self.server.served))

    def test_tcp(self) -> None:
        """TCP connections that say nothing are no clients, and go after a minute."""
        tcps = [self.server.connect() for _ in range(100)]
        self.assertEqual(self.sockets.drivers, set())
        self.clock.advance(60)
        for tcp in tcps:
            self.assertTrue(tcp.transport.disconnecting)
            tcp.finish()


class JsonDialectTests(JsonCase):
    """The same for clients of ``legacy`` and ``sdk``, at the sandbox."""

    def test_idle_handshakes(self) -> None:
        """WebSockets that never send ``auth`` go after ten seconds."""
        clients = [LegacyClient(self.stage) for _ in range(100)]
        self.stage.clock.advance(AUTH_TIMEOUT - 0.1)
        for client in clients:
            client.look()
            self.assertIsNone(client.closed_with)
        self.stage.clock.advance(0.1)
        self.stage.clock.advance(CLOSE_TIMEOUT)
        for client in clients:
            client.look()
            self.assertEqual(client.closed_with, 1008)
            self.assertFalse(client.is_open)
            client.leave()

    def test_slow_auth(self) -> None:
        """An ``auth`` that drips is none, be its frame small or large."""
        for size in (1000, 100_000):
            client = LegacyClient(self.stage)
            client.send_bytes(header(TEXT, size, mask=bytes(4)))
            seconds = 0
            while client.is_open and seconds < 100:
                client.send_bytes(b" ")
                self.stage.clock.advance(1)
                seconds += 1
            self.assertLessEqual(seconds, AUTH_TIMEOUT + CLOSE_TIMEOUT)
            client.leave()

    def test_half_open(self) -> None:
        """Who answers no ping is gone after the second one."""
        makers: tuple[Callable[[], JsonClient], ...] = (
            lambda: LegacyClient(self.stage, KEY),
            lambda: SdkClient(self.stage, KEY),
        )
        for make in makers:
            client = make()
            self.stage.clock.pump((SERVER_PING_INTERVAL - 0.1, 0.2))
            client.look()
            self.assertEqual(client.pings, 1)
            self.assertTrue(client.is_open)
            self.stage.clock.advance(SERVER_PING_INTERVAL)
            self.assertFalse(client.is_open)
            client.leave()

    def test_deep(self) -> None:
        """JSON that is too deep ends the connection, and no other one."""
        other = LegacyClient(self.stage, KEY)
        makers: tuple[Callable[[], JsonClient], ...] = (
            lambda: LegacyClient(self.stage),
            lambda: SdkClient(self.stage, KEY),
        )
        for make in makers:
            client = make()
            text = b'{"cmdId":"1","code":"init","cmd":"init","data":%b}' % DEEP
            client.send_bytes(frame(TEXT, text, is_client=True))
            self.assertIsNotNone(client.closed_with)
            client.leave()
        self.assertTrue(other.is_open)
        other.leave()


class CountTests(SynchronousTestCase):
    """That the memory is counted."""

    def test_traced(self) -> None:
        """What is kept is held; what is dropped shows in the peak only."""
        with Traced() as traced:
            kept = bytes(MIB)
            len(bytes(4 * MIB))
        self.assertEqual(len(kept), MIB)
        self.assertLess(abs(traced.held - MIB), BESIDE)
        self.assertGreater(traced.peak, 4 * MIB)
