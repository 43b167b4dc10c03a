"""The WebSockets of both roles: what is sent, and how it ends."""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, HandshakeRefused
from padchat_twisted.transport.factories import ClientFactory, ServerFactory
from padchat_twisted.transport.framing import MAX_UNREAD
from padchat_twisted.wire.told import WebSocketClosed, WebSocketOpened

from ..wire.recorded import scenario
from .by_hand import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Frame,
    answer_upgrade,
    close_frame,
    frame,
    read_frames,
)
from .in_memory import (
    MemoryTransport,
    Opened,
    Receiver,
    Recorder,
    Side,
    open_client,
)

#: Whether the WebSocket is a server's.
ROLES = (False, True)

PLACE = "gateway.invalid:7700"
URL = f"ws://{PLACE}/socket.io/?authKey=KEY"


def hide(text: str) -> str:
    """Take the key out of a text."""
    return text.replace("KEY", "***")


class SendingTests(SynchronousTestCase):
    """What goes out."""

    def test_frames(self) -> None:
        """Each message is one whole frame; those of clients are masked."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            wanted = []
            for size in (0, 1, 125, 126, 65535, 65536, 65537, 200_003):
                data = bytes(at * 7 % 251 for at in range(size))
                for is_text in (True, False):
                    side.websocket.send_message(data, is_text=is_text)
                    opcode = TEXT if is_text else BINARY
                    wanted.append(Frame(opcode, data, True, not is_server))
            side.websocket.flush()
            self.assertEqual(read_frames(side.transport.taken()), wanted)

    def test_no_limit_on_what_is_sent(self) -> None:
        """The limit is for what comes: a larger message of ours leaves."""
        side = Side(hears_client=True, max_frame=1000)
        side.websocket.send_message(bytes(2000), is_text=False)
        side.websocket.flush()
        (sent,) = read_frames(side.transport.taken())
        self.assertEqual(len(sent.payload), 2000)

    def test_one_write(self) -> None:
        """Messages are kept until ``flush``, then written in one piece."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            for number in range(100):
                side.websocket.send_message(b"%d" % number, is_text=True)
            self.assertEqual(side.transport.writes, [])
            side.websocket.flush()
            side.websocket.flush()
            self.assertEqual(len(side.transport.writes), 1)
            sent = read_frames(side.transport.taken())
            self.assertEqual([f.payload for f in sent], [b"%d" % n for n in range(100)])

    def test_masks_differ(self) -> None:
        """No two masks are alike, as far as chance has it."""
        side = Side(hears_client=False)
        for _ in range(3000):
            side.websocket.send_message(b"", is_text=True)
        side.websocket.flush()
        sent = side.transport.taken()
        masks = {sent[at + 2 : at + 6] for at in range(0, len(sent), 6)}
        self.assertGreater(len(masks), 2990)

    def test_nothing_after_close(self) -> None:
        """What was kept goes before the close frame; nothing goes after it."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.websocket.send_message(b"last", is_text=True)
            side.websocket.close_websocket(None, "")
            side.websocket.send_message(b"late", is_text=True)
            side.websocket.flush()
            sent = read_frames(side.transport.taken())
            self.assertEqual([f.payload for f in sent], [b"last", b""])
            self.assertEqual(sent[1].opcode, CLOSE)

    def test_close_reasons(self) -> None:
        """A reason goes with a code only, and is cut between two characters."""
        for code, reason, wanted in (
            (1000, "bye", b"\x03\xe8bye"),
            (None, "bye", b""),
            (1009, "汉" * 60, b"\x03\xf1" + "汉".encode() * 41),
        ):
            side = Side(hears_client=False)
            side.websocket.close_websocket(code, reason)
            (sent,) = read_frames(side.transport.taken())
            self.assertEqual(sent.payload, wanted)


class EndTests(SynchronousTestCase):
    """How a WebSocket ends."""

    def test_peer_closes(self) -> None:
        """A close frame is answered; then both roles let the connection go."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            data = close_frame(1001, "restart", is_client=is_server)
            side.websocket.dataReceived(data)
            self.assertEqual(side.closes_with(), 1000)
            self.assertTrue(side.transport.disconnecting)
            self.assertFalse(side.transport.disconnected)
            side.transport.finish(side.websocket)
            self.assertEqual(side.driver.told, [WebSocketClosed(1001, "restart")])

    def test_peer_answers(self) -> None:
        """The answer to our close frame ends the connection."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.websocket.close_websocket(None, "")
            self.assertFalse(side.transport.disconnecting)
            side.websocket.dataReceived(close_frame(None, is_client=is_server))
            self.assertTrue(side.transport.disconnecting)
            side.transport.finish(side.websocket)
            self.assertEqual(side.driver.told, [WebSocketClosed(None, "")])

    def test_peer_drops(self) -> None:
        """Without a close frame there is no code, but a text."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.transport.disconnecting = True
            side.transport.finish(side.websocket)
            (told,) = side.driver.told
            assert isinstance(told, WebSocketClosed)
            self.assertIsNone(told.code)
            self.assertIn("peer dropped the TCP connection", told.reason)

    def test_nothing_is_kept_after_the_end(self) -> None:
        """Bytes behind the peer's close frame are dropped."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.websocket.dataReceived(close_frame(1000, is_client=is_server))
            for _ in range(100):
                side.websocket.dataReceived(bytes(1000))
            self.assertEqual(side.websocket.data, b"")
            self.assertEqual(side.driver.messages, [])

    def test_abort(self) -> None:
        """``abort`` takes the producer away and drops the connection."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            self.assertIsNotNone(side.transport.producer)
            side.websocket.abort()
            self.assertIsNone(side.transport.producer)
            self.assertTrue(side.transport.disconnected)

    def test_transport_that_cannot_abort(self) -> None:
        """A transport that can only lose its connection is asked for that."""
        side = Side(hears_client=False)
        side.websocket.transport = _Without(side.transport)
        side.websocket.abort()
        self.assertTrue(side.transport.disconnecting)

    def test_abort_before_a_transport_is_there(self) -> None:
        """Before there is a transport, nothing is done."""
        factory = ServerFactory(Clock(), max_frame=1)
        factory.next_driver = Recorder()
        websocket = factory.buildProtocol(None)
        websocket.abort()
        websocket.pause_reading()
        websocket.resume_reading()


class _Without:
    """A transport that has no ``abortConnection``, as that of a process."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.unregisterProducer = transport.unregisterProducer
        self.loseConnection = transport.loseConnection


class RefusalTests(SynchronousTestCase):
    """What a server says in place of frames reaches the error."""

    def refused(
        self, *pieces: bytes, is_upgraded: bool, leaves: bool = False
    ) -> WebSocketClosed:
        """Feed *pieces* to a client, after 101 or in its place."""
        driver = Recorder()
        factory = ClientFactory(Clock(), URL, driver, max_frame=1000, hide=hide)
        websocket = factory.buildProtocol(None)
        assert websocket is not None
        transport = MemoryTransport()
        websocket.makeConnection(transport)
        head = answer_upgrade(transport.taken())
        if is_upgraded:
            pieces = (head + pieces[0], *pieces[1:])
        for piece in pieces:
            websocket.dataReceived(piece)
        if leaves:
            transport.disconnecting = True
        transport.finish(websocket)
        self.assertEqual(transport.value(), b"", "nothing is said to who is no server")
        *before, closed = driver.told
        self.assertEqual(before, [WebSocketOpened()] * is_upgraded)
        self.assertEqual(driver.failures, [])
        assert isinstance(closed, WebSocketClosed)
        return closed

    def test_recorded(self) -> None:
        """A 4.x server says 101 and then 400; it is the refusal that it means."""
        recorded = next(
            step
            for step in scenario("eio3on4-ws-unsupported-protocol").steps
            if step["kind"] == "ws-close" and step["dir"] == "s2c"
        )
        # The recorder read the answer as a close frame: its first four bytes are
        # "HT", and what it took for a close code.
        begin = (
            b"HT" + recorded["code"].to_bytes(2, "big") + recorded["reason"].encode()
        )
        answer = begin + b"28\r\n\r\nUnsupported protocol version"
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 Bad Request\r\n"))
        for is_upgraded in (True, False):
            for place in range(1, len(answer)):
                pieces = answer[:place], answer[place:]
                error = self.refused(*pieces, is_upgraded=is_upgraded).error
                assert isinstance(error, HandshakeRefused)
                self.assertEqual(error.status, 400)
                self.assertEqual(error.body, b"Unsupported protocol version")
                self.assertEqual((error.hop, error.where), ("HTTP", PLACE))
                where = "after 101" if is_upgraded else "instead of a WebSocket"
                self.assertEqual(
                    error.problem,
                    f"HTTP 400 Bad Request {where}: Unsupported protocol version",
                )

    def test_server_leaves(self) -> None:
        """A server that leaves in the middle of its answer has refused all the same."""
        answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\ntry later"
        for is_upgraded in (True, False):
            closed = self.refused(answer, is_upgraded=is_upgraded, leaves=True)
            error = closed.error
            assert isinstance(error, HandshakeRefused)
            self.assertEqual((error.status, error.body), (503, b"try later"))
            self.assertEqual(closed.reason, error.problem)

    def test_secrets(self) -> None:
        """A key that the server repeats is hidden in everything that is told."""
        for answer in (
            b"HTTP/1.1 400 no KEY\r\nContent-Length: 4\r\n\r\nKEY!",
            b"HTTP/1.1 302 Found\r\nLocation: /KEY\r\n\r\nKEY",
            b"HTTP/1.1 101 OK\r\nUpgrade: KEY\r\n\r\n",
            b"NOT HTTP KEY",
            b"220 " + b"x" * 54 + b"KEY",
            b"HTTP/1.1 400 no\r\nContent-Length: 514\r\n\r\n" + b"x" * 511 + b"KEY",
        ):
            closed = self.refused(answer, is_upgraded=False)
            error = closed.error
            assert isinstance(error, HandshakeRefused)
            told = repr((closed, error.args, error.body, str(error)))
            self.assertNotIn("K", told)

    def test_frames_that_begin_alike(self) -> None:
        """What only begins like HTTP is a frame, and breaks its rules."""
        driver = Recorder()
        websocket, transport = open_client(driver)
        driver.told.clear()
        for piece in (b"H", b"T", b"T", b"Q" + bytes(100)):
            self.assertEqual(driver.failures, [])
            websocket.dataReceived(piece)
        self.assertIn("the peer broke the websocket protocol", str(driver.failures[0]))
        (sent,) = read_frames(transport.taken())
        self.assertEqual(sent.opcode, CLOSE)

    def test_later(self) -> None:
        """After the first frame there is no answer of HTTP any more."""
        side = Side(hears_client=False)
        self.assertEqual(side.hears(side.said(TEXT, b"a")), [(b"a", True)])
        side.websocket.dataReceived(b"HTTP/1.1 400 Bad\r\n\r\n")
        self.assertEqual(side.closes_with(), 1002)

    def test_tls(self) -> None:
        """What TLS found wrong before the first frame names its hop."""
        for error, hop, text in (
            (SSL.Error([("SSL routines", "", "alert bad")]), "TLS", "alert bad"),
            (ConnectError(PLACE, "certificate", hop="TLS"), "TLS", "certificate"),
        ):
            driver = Recorder()
            factory = ClientFactory(Clock(), URL, driver, max_frame=1)
            websocket = factory.buildProtocol(None)
            assert websocket is not None
            websocket.makeConnection(MemoryTransport())
            websocket.connectionLost(Failure(error))
            (told,) = driver.told
            assert isinstance(told, WebSocketClosed)
            assert isinstance(told.error, ConnectError)
            self.assertEqual(told.error.hop, hop)
            self.assertIn(text, str(told.error))


class PongTests(SynchronousTestCase):
    """Pings, and answers to them."""

    def test_ping(self) -> None:
        """A ping of ours is kept until the turn's end; its answer is told."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            side.websocket.send_message(b"a", is_text=True)
            side.websocket.send_ping()
            self.assertEqual(side.transport.writes, [])
            side.websocket.flush()
            self.assertEqual(
                [frame.opcode for frame in read_frames(side.transport.taken())],
                [TEXT, PING],
            )
            self.assertEqual(side.driver.signs_of_life, 0)
            side.hears(side.said(PONG, b""))
            self.assertEqual(side.driver.signs_of_life, 1)

    def test_parts_of_a_large_message(self) -> None:
        """A large message is a sign of life before it is whole."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            large = side.said(TEXT, bytes(70_000))
            side.hears(large[:100], large[100:200])
            self.assertEqual(side.driver.signs_of_life, 1)

    def test_joined(self) -> None:
        """The pongs of one read go out in one write, in order."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            pings = [side.said(PING, b"%d" % number) for number in range(50)]
            side.hears(b"".join(pings))
            side.websocket.flush()
            self.assertEqual(len(side.transport.writes), 1)
            pongs = read_frames(side.transport.taken())
            self.assertEqual({pong.opcode for pong in pongs}, {PONG})
            wanted = [b"%d" % number for number in range(50)]
            self.assertEqual([pong.payload for pong in pongs], wanted)

    def test_before_the_close_frame(self) -> None:
        """Pongs come before the answer to a close frame, or not at all."""
        for is_server in ROLES:
            side = Side(hears_client=is_server)
            close = close_frame(1000, is_client=is_server)
            side.hears(side.said(PING, b"x") + close + side.said(PING, b"y"))
            side.websocket.flush()
            sent = read_frames(side.transport.taken())
            self.assertEqual([f.opcode for f in sent], [PONG, CLOSE])

    def test_peer_that_does_not_read(self) -> None:
        """A peer that pings and does not read is dropped, at the limit."""
        receiver = Receiver()
        opened = Opened(receiver)
        opened.transport.fill()
        size = len(frame(PONG, bytes(119), is_client=True))
        for _ in range(MAX_UNREAD // size):
            opened.websocket.dataReceived(frame(PING, bytes(119)))
        self.assertEqual(receiver.losses, [])
        for _ in range(3):
            opened.websocket.dataReceived(frame(PING, bytes(119)))
        self.assertTrue(opened.transport.disconnected)
        self.assertIn("the peer does not read", str(receiver.loss))

    def test_reading_again(self) -> None:
        """A peer that reads again begins anew."""
        receiver = Receiver()
        opened = Opened(receiver)
        for _ in range(10):
            opened.transport.fill()
            for _ in range(400):
                opened.websocket.dataReceived(frame(PING, bytes(119)))
            opened.transport.drain()
            for _ in range(400):
                opened.websocket.dataReceived(frame(PING, bytes(119)))
        self.assertEqual(receiver.losses, [])
