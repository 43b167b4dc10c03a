"""Client and gateway that speak different revisions: found out, or told plainly.

Every combination of revision, transport and kind of server; what the servers answer is
as recorded. Source: vectors eio3on4-*-unsupported-protocol, mismatch-*-client4-server2.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import (
    AuthKeyInvalid,
    ConnectError,
    ConnectTimedOut,
    HandshakeRefused,
)
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.connectors import EndpointConnector, OfferedConnector
from padchat_twisted.transport.revision import RevisionSetting
from padchat_twisted.transport.websocket import ClientWebSocket
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, OPEN_TIMEOUT

from .by_hand import CLOSE, TEXT, answer_upgrade, close_frame, frame, read_frames
from .fake_endpoint import ADDRESS, Wire, WireEndpoint
from .in_memory import KEY, URL, Receiver

OPEN = b'0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
REFUSED = b'{"code":5,"message":"Unsupported protocol version"}'
TOO_OLD = (
    b'"The client is using an unsupported version of the Socket.IO or Engine.IO'
    b' protocols"'
)
POLLING = ("polling",)
WEBSOCKET = ("websocket",)

Answer = Callable[[Wire, bytes], None]


def http_400(body: bytes, kind: str = "application/json") -> Answer:
    """Answer a request as a server does that does not speak the revision."""
    return lambda wire, _: wire.answers(
        body, f"Content-Type: {kind}", "Connection: close", status="400 Bad Request"
    )


def after_101(wire: Wire, request: bytes) -> None:
    """Answer as a socket.io 4.x does: an HTTP answer on the open WebSocket."""
    wire.says(answer_upgrade(request))
    wire.says(
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-type: text/html\r\n"
        b"Content-Length: 28\r\n\r\nUnsupported protocol version"
    )
    wire.ends()


def says(*texts: bytes) -> Answer:
    """Open the WebSocket and say this."""

    def answer(wire: Wire, request: bytes) -> None:
        wire.says(answer_upgrade(request))
        wire.says(b"".join(frame(TEXT, text) for text in texts))
        if not wire.is_dropped:
            return
        wire.says(close_frame(None))

    return answer


def polled(body: bytes) -> Answer:
    """Answer the first poll with this payload, and leave the next requests open."""
    return lambda wire, _: wire.answers(body, "Content-Type: text/plain")


LETS_IN: dict[tuple[str, int], Answer] = {
    ("websocket", 3): says(OPEN, b"40", b"40/user,"),
    ("websocket", 4): says(OPEN, b'40/user,{"sid":"n1"}'),
    ("polling", 3): polled(b"%d:%b2:408:40/user," % (len(OPEN), OPEN)),
    ("polling", 4): polled(OPEN + b'\x1e40/user,{"sid":"n1"}'),
}

#: What a server that speaks the other revision answers, by transport and by what was
#: asked for; the first words of what is then told of that.
MISMATCHES: tuple[tuple[str, int, Answer, str], ...] = (
    ("websocket", 3, http_400(b"Unsupported protocol version", "text/html"), "400"),
    ("websocket", 3, http_400(TOO_OLD), "400"),
    ("websocket", 3, http_400(b""), "400"),
    ("websocket", 3, after_101, "400"),
    ("websocket", 4, says(OPEN, b"40", b"40/user,"), "without sid"),
    ("websocket", 4, http_400(b"Unsupported protocol version", "text/html"), "400"),
    ("polling", 3, http_400(REFUSED), "400"),
    ("polling", 3, http_400(TOO_OLD), "400"),
    ("polling", 3, polled(OPEN), "other revision"),
    ("polling", 4, polled(b"%d:%b2:40" % (len(OPEN), OPEN)), "other revision"),
    ("polling", 4, http_400(REFUSED), "400"),
)


class MismatchTests(SynchronousTestCase):
    """An endpoint connector before servers of another revision."""

    def setUp(self) -> None:
        """Have an endpoint that connects at once."""
        self.clock = Clock()
        self.endpoint = WireEndpoint(is_prompt=True)
        self.receiver = Receiver()

    def connector(
        self,
        revision: RevisionSetting = "auto",
        transports: tuple[str, ...] = WEBSOCKET,
        *,
        has_fallback: bool = False,
    ) -> EndpointConnector:
        """Build a connector."""
        return EndpointConnector(
            self.clock,
            self.endpoint,
            parse_url(URL),
            Secret(KEY),
            "bot1",
            revision=revision,
            transports=transports,
            has_fallback=has_fallback,
        )

    def meets(self, number: int, answer: Answer) -> bytes:
        """Have attempt *number* answered; return its first line."""
        wire = self.endpoint.wires[number]
        request = wire.taken()
        answer(wire, request)
        self.settle(wire)
        return request.split(b"\r\n")[0]

    def settle(self, wire: Wire) -> None:
        """Let a closing handshake of ours end."""
        if isinstance(wire.protocol, ClientWebSocket) and not wire.is_dropped:
            sent = read_frames(wire.taken())
            if any(one.opcode == CLOSE for one in sent):
                wire.says(close_frame(None))
        if wire.is_dropped:
            wire.ends()

    def finish(self, connector: EndpointConnector) -> None:
        """Stop, and look that nothing is left."""
        connector.stop()
        self.clock.advance(CLOSE_TIMEOUT)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_found_out(self) -> None:
        """With ``auto`` the second attempt uses what the server speaks."""
        for transport, asked, answer, _ in MISMATCHES:
            self.setUp()
            connector = self.connector(transports=(transport,))
            if asked == 4:
                # It was a server of revision 4 once.
                self.learns(connector, transport)
            begin = len(self.endpoint.wires)
            connector.connect(self.receiver)
            first = self.meets(begin, answer)
            self.assertIn(b"EIO=%d&" % asked, first)
            self.assertEqual(self.receiver.order, [], (transport, asked))
            second = self.meets(begin + 1, LETS_IN[transport, 7 - asked])
            self.assertIn(b"EIO=%d&" % (7 - asked), second)
            self.assertEqual(self.receiver.order, ["connected"], (transport, asked))
            self.finish(connector)

    def learns(self, connector: EndpointConnector, transport: str) -> None:
        """Let the connector find a server of revision 4."""
        connector.connect(Receiver())
        self.meets(0, http_400(REFUSED))
        self.meets(1, LETS_IN[transport, 4])
        self.finish(connector)

    def test_remembered(self) -> None:
        """The next time the revision that worked comes first."""
        for transport in ("websocket", "polling"):
            self.setUp()
            connector = self.connector(transports=(transport,))
            self.learns(connector, transport)
            count = len(self.endpoint.wires)
            connector.connect(self.receiver)
            self.assertIn(b"EIO=4&", self.meets(count, LETS_IN[transport, 4]))
            self.assertEqual(self.receiver.order, ["connected"])
            self.finish(connector)

    def test_revision_that_was_set(self) -> None:
        """A revision that was set is not left; the error says what to set."""
        for transport, asked, answer, text in MISMATCHES:
            self.setUp()
            connector = self.connector(3 if asked == 3 else 4, (transport,))
            connector.connect(self.receiver)
            self.meets(0, answer)
            self.assertEqual(len(self.endpoint.wires), 1)
            error = self.receiver.loss
            self.assertIsInstance(error, HandshakeRefused)
            self.assertIn(f"revision {asked} was answered with", str(error))
            self.assertIn(text, str(error))
            self.assertIn(f'set revision to {7 - asked} or "auto"', str(error))
            self.finish(connector)

    def test_neither(self) -> None:
        """A server that refuses both is told of, with both answers."""
        for transport in ("websocket", "polling"):
            self.setUp()
            connector = self.connector(transports=(transport,))
            connector.connect(self.receiver)
            self.meets(0, http_400(REFUSED))
            self.meets(1, http_400(TOO_OLD))
            text = str(self.receiver.loss)
            self.assertIn("revision 3 was answered with HTTP 400", text)
            self.assertIn("revision 4 was answered with HTTP 400", text)
            self.assertIn("port and path", text)
            self.assertEqual(len(self.endpoint.wires), 2)
            self.finish(connector)

    def test_one_time_limit(self) -> None:
        """All attempts together have the time of one."""
        connector = self.connector()
        connector.connect(self.receiver)
        self.clock.advance(OPEN_TIMEOUT - 1)
        self.meets(0, http_400(b""))
        self.assertEqual(self.receiver.order, [])
        self.clock.advance(1)
        self.assertIsInstance(self.receiver.loss, ConnectTimedOut)
        self.assertIn("with revision 4 of Engine.IO", str(self.receiver.loss))
        self.assertIn("revision 3 was answered with HTTP 400", str(self.receiver.loss))
        self.finish(connector)

    def test_stopped_between(self) -> None:
        """``stop`` ends the search, whichever attempt is under way."""
        connector = self.connector()
        connector.connect(self.receiver)
        self.meets(0, http_400(b""))
        connector.stop()
        self.assertTrue(self.endpoint.wires[1].is_dropped)
        self.assertEqual(len(self.endpoint.wires), 2)
        self.assertEqual(self.receiver.order, [])
        self.finish(connector)

    def test_other_refusal(self) -> None:
        """What has nothing to do with the revision is told after one attempt."""
        for answer in (
            http_400(b'{"code":0,"message":"Transport unknown"}'),
            says(OPEN, b"40", b'44/user,"no such key"'),
        ):
            self.setUp()
            connector = self.connector()
            connector.connect(self.receiver)
            self.meets(0, answer)
            self.assertEqual(len(self.endpoint.wires), 1)
            self.assertIsInstance(self.receiver.loss, ConnectError)
            self.assertNotIn("set revision", str(self.receiver.loss))
            self.finish(connector)

    def test_refused_namespace_of_the_second(self) -> None:
        """An auth key that the found revision refuses is told as such."""
        connector = self.connector()
        connector.connect(self.receiver)
        self.meets(0, after_101)
        self.meets(1, says(OPEN, b'44/user,{"message":"no such key"}'))
        self.assertIsInstance(self.receiver.loss, AuthKeyInvalid)
        self.finish(connector)

    def test_fallback(self) -> None:
        """When WebSockets do not work, polling is tried if that was asked for."""
        connector = self.connector(
            transports=("websocket", "polling"), has_fallback=True
        )
        connector.connect(self.receiver)
        forbidden: Answer = lambda wire, _: wire.answers(b"", status="403 Forbidden")  # noqa: E731 - short
        self.meets(0, forbidden)
        self.assertEqual(self.receiver.order, [])
        self.assertIn(b"transport=polling", self.meets(1, LETS_IN["polling", 3]))
        self.assertEqual(self.receiver.order, ["connected"])
        self.finish(connector)


class OfferedMismatchTests(SynchronousTestCase):
    """Where somebody else connects, one connection learns from the one before."""

    def test_next_connection(self) -> None:
        """The connection after one that was refused uses the other revision."""
        clock = Clock()
        connector = OfferedConnector(clock, parse_url(URL), Secret(KEY), "bot1")
        receiver = Receiver()
        for asked, answer in (
            (3, after_101),
            (4, LETS_IN["websocket", 4]),
            (4, says(OPEN, b"40", b"40/user,")),
            (3, LETS_IN["websocket", 3]),
            (3, LETS_IN["websocket", 3]),
        ):
            connector.connect(receiver)
            websocket = connector.offer(ADDRESS)
            assert websocket is not None
            wire = Wire(websocket)
            request = wire.taken()
            self.assertIn(b"EIO=%d&" % asked, request)
            answer(wire, request)
            if not wire.is_dropped:
                wire.says(close_frame(None))
            wire.ends()
        self.assertEqual(
            receiver.order,
            ["lost", *("connected", "lost"), "lost"] + 2 * ["connected", "lost"],
        )
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_nothing_works(self) -> None:
        """When both were refused, the second one tells of both."""
        clock = Clock()
        connector = OfferedConnector(clock, parse_url(URL), Secret(KEY), "bot1")
        receiver = Receiver()
        for _ in range(2):
            connector.connect(receiver)
            websocket = connector.offer(ADDRESS)
            assert websocket is not None
            wire = Wire(websocket)
            after_101(wire, wire.taken())
        (_, (reason, _)) = receiver.losses
        self.assertIn("revision 3 was answered with", str(reason))
        self.assertIn("revision 4 was answered with", str(reason))
