"""Peers that break WebSocket's rules, and the limits of what comes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import MAX_QUOTED_TEXT, RemoteProtocolError
from padchat_twisted.transport.websocket import MAX_HEAD_BYTES
from padchat_twisted.wire.limits import CLOSE_TIMEOUT, MAX_FRAME_BYTES

from .by_hand import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    answer_upgrade,
    close_frame,
    frame,
    header,
    read_frames,
)
from .driving import server
from .in_memory import Opened, Receiver, Side, open_server

#: Whether the other side is a client.
ROLES = (False, True)

MIB = 1024 * 1024


class BrokenRuleTests(SynchronousTestCase):
    """Each broken rule closes with its code, and is told at once, by name."""

    def check(
        self,
        code: int,
        *data: bytes,
        hears_client: bool,
        max_frame: int = MAX_FRAME_BYTES,
    ) -> str:
        """Feed bytes that break a rule; return what is told of it."""
        side = Side(hears_client=hears_client, max_frame=max_frame)
        for piece in data:
            side.websocket.dataReceived(piece)
        self.assertEqual(side.closes_with(), code)
        error = side.driver.failures[0]
        assert isinstance(error, RemoteProtocolError)
        self.assertEqual(error.layer, "websocket")
        # What follows is not heard, not kept, and changes nothing.
        heard = len(side.driver.messages)
        for _ in range(20):
            side.websocket.dataReceived(side.said(TEXT, b"later" * 100))
        self.assertEqual(len(side.driver.messages), heard)
        self.assertLess(len(side.websocket.data), 1000)
        return error.problem

    def test_compressed_without_extension(self) -> None:
        """A frame with the bit of compression is refused: we offer none."""
        for is_client in ROLES:
            data = frame(TEXT, b"x", reserved=4, is_client=is_client)
            problem = self.check(1002, data, hears_client=is_client)
            self.assertIn("no extension negotiated", problem)

    def test_masks(self) -> None:
        """Frames of clients must be masked, frames of servers must not."""
        for is_client in ROLES:
            for size in (0, 5, 125, 126, 70_000):
                data = frame(TEXT, bytes(size), is_client=not is_client)
                problem = self.check(1002, data, hears_client=is_client)
                self.assertIn("masked", problem)

    def test_announced_too_large(self) -> None:
        """The header of a frame above the limit is enough to refuse it."""
        for is_client in ROLES:
            mask = b"mask" if is_client else b""
            begin = header(TEXT, 1024 * MIB, mask=mask)
            problem = self.check(1009, begin, hears_client=is_client)
            self.assertIn(str(1024 * MIB), problem)

    def test_limit_at_its_edge(self) -> None:
        """A message of the limit passes; one byte more does not."""
        for is_client in ROLES:
            side = Side(hears_client=is_client, max_frame=70_000)
            side.websocket.dataReceived(side.said(BINARY, bytes(70_000)))
            self.assertEqual(len(side.driver.messages[0][0]), 70_000)
            self.assertEqual(side.driver.failures, [])
            data = side.said(BINARY, bytes(70_001))
            self.check(1009, data, hears_client=is_client, max_frame=70_000)

    def test_fragments_beyond_limit(self) -> None:
        """Fragments are refused as soon as they are too much together."""
        for is_client in ROLES:
            part = bytes(1000)
            data = [frame(BINARY, part, is_client=is_client, is_final=False)]
            more = frame(CONTINUATION, part, is_client=is_client, is_final=False)
            self.check(1009, *data, *[more] * 4, hears_client=is_client, max_frame=4500)

    def test_small_frame_beyond_limit(self) -> None:
        """The connection refuses what the short loop took, with the same code."""
        receiver = Receiver()
        opened = Opened(receiver, max_frame=200)
        opened.says(b"42" + b"x" * 198)
        self.assertEqual(receiver.losses, [])
        opened = Opened(receiver, max_frame=200)
        opened.says(b"42" + b"x" * 199)
        (sent,) = read_frames(opened.transport.taken())
        self.assertEqual((sent.opcode, sent.payload), (CLOSE, b"\x03\xf1"))
        opened.websocket.dataReceived(close_frame(1009))
        opened.finish()
        self.assertIsInstance(receiver.loss, RemoteProtocolError)
        self.assertIn("201 bytes; the limit is 200", str(receiver.loss))

    def test_invalid_utf8(self) -> None:
        """Text that autobahn reads must be UTF-8, also over fragments."""
        for is_client in ROLES:
            said = Side(hears_client=is_client).said

            cases = (
                (said(TEXT, b"a" * 70_000 + b"\xff"),),
                (said(TEXT, b"\xe6\xb1", is_final=False), said(CONTINUATION, b"\xff")),
                (said(TEXT, b"\xe6\xb1", is_final=False), said(CONTINUATION, b"")),
            )
            for case in cases:
                problem = self.check(1007, *case, hears_client=is_client)
                self.assertIn("UTF-8", problem)

    def test_small_text_is_not_checked(self) -> None:
        """Whole small texts pass unchecked: their JSON reader looks at them."""
        for is_client in ROLES:
            side = Side(hears_client=is_client)
            side.websocket.dataReceived(side.said(TEXT, b"\xff"))
            self.assertEqual(side.driver.messages, [(b"\xff", True)])

    def test_small_text_in_pieces(self) -> None:
        """A small text that is not whole after two reads fails at the wrong byte."""
        for is_client in ROLES:
            frame = Side(hears_client=is_client).said(TEXT, b"ab\xff" + b"c" * 90)
            start = len(frame) - 93
            pieces = (frame[: start + 2], frame[start + 2 : start + 4])
            problem = self.check(1007, *pieces, hears_client=is_client)
            self.assertIn("UTF-8", problem)

    def test_slightly_too_large(self) -> None:
        """Who sends one message above the limit can read the code to its end."""
        opened = Opened(receiver := Receiver(), max_frame=100_000)
        opened.websocket.dataReceived(header(TEXT, 100_001))
        for _ in range(100):
            opened.websocket.dataReceived(bytes(1000))
        self.assertFalse(opened.transport.disconnecting)
        opened.websocket.dataReceived(b"x" + close_frame(1009))
        self.assertTrue(opened.transport.disconnecting)
        self.assertFalse(opened.transport.disconnected)
        opened.finish()
        self.assertIn("exceeds payload limit of 100000", str(receiver.loss))

    def test_far_too_large(self) -> None:
        """Who goes on sending is dropped after twice as much again."""
        opened = Opened(receiver := Receiver(), max_frame=100_000)
        opened.websocket.dataReceived(header(TEXT, 10**9))
        for _ in range(200):
            opened.websocket.dataReceived(bytes(1000))
        self.assertFalse(opened.transport.disconnecting)
        opened.websocket.dataReceived(b"x")
        self.assertTrue(opened.transport.disconnected)
        opened.finish()
        self.assertIn("exceeds payload limit of 100000", str(receiver.loss))

    def test_first_error_counts(self) -> None:
        """One frame may break two rules; the connection ends with the first."""
        opened = Opened(receiver := Receiver())
        opened.websocket.dataReceived(header(TEXT, 1024 * MIB, mask=b"mask"))
        opened.clock.advance(CLOSE_TIMEOUT)
        self.assertIn("masked server-to-client frame", str(receiver.loss))
        self.assertTrue(opened.transport.disconnected)

    def test_order_of_frames(self) -> None:
        """Opcodes that cannot be here are refused."""
        for is_client in ROLES:
            said = Side(hears_client=is_client).said

            for case in (
                (said(CONTINUATION, b"x"),),
                (said(TEXT, b"x", is_final=False), said(TEXT, b"y")),
                (said(3, b""),),
                (said(11, b""),),
                (said(PING, b"", is_final=False),),
                (said(PING, bytes(126)),),
                (said(CLOSE, b"\x03"),),
            ):
                self.check(1002, *case, hears_client=is_client)

    def test_length_not_minimal(self) -> None:
        """A length that is written longer than needed is refused."""
        for is_client in ROLES:
            mask = b"mask" if is_client else b""
            bit = 0x80 if is_client else 0
            for length in (b"\x00\x7d", b"\x00\x00"):
                data = bytes((0x81, bit | 126)) + length + mask + b"x" * 125
                self.check(1002, data, hears_client=is_client)
            data = bytes((0x81, bit | 127)) + (65535).to_bytes(8, "big") + mask
            self.check(1002, data, hears_client=is_client)

    def test_wrong_close_code(self) -> None:
        """A close code that nobody may send is refused, and the connection ends."""
        for is_client in ROLES:
            for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000):
                side = Side(hears_client=is_client)
                data = close_frame(code, is_client=is_client)
                side.websocket.dataReceived(data)
                self.assertEqual(side.closes_with(), 1002)
                self.assertEqual(len(side.driver.failures), 1)
                self.assertTrue(side.transport.disconnecting)


class OrderTests(SynchronousTestCase):
    """What came before a broken rule."""

    def test_answered_first(self) -> None:
        """A message in the same read is answered before the close frame."""
        running = server()
        websocket, transport = open_server(running.driver)
        transport.taken()
        websocket.dataReceived(
            frame(TEXT, b"2", is_client=True)
            + frame(TEXT, b"40", is_client=True, reserved=2)
        )
        sent = read_frames(transport.taken())
        self.assertEqual([one.opcode for one in sent], [TEXT, CLOSE])
        self.assertEqual(sent[0].payload, b"3")


class HeadTests(SynchronousTestCase):
    """The HTTP head of a gateway's answer: bounded, and read with care."""

    def refused(self, *answer: bytes) -> str:
        """Feed an answer that is none; return what is told of it."""
        opened = Opened(receiver := Receiver(), is_joined=False)
        for piece in answer:
            opened.websocket.dataReceived(piece)
        opened.finish()
        return str(receiver.loss)

    def test_refusals(self) -> None:
        """What the gateway answered is part of the error."""
        for answer, wanted in (
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP 403 Forbidden"),
            (b"HTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n{}", "HTTP 400 Bad Request"),
            (b"HTTP/1.1 200 OK\r\n\r\n<html>welcome</html>", "HTTP 200 OK"),
            (b"HTTP/1.0 101 OK\r\n\r\n", "Unsupported HTTP version"),
            (b"HTTP/1.1 OK\r\n\r\n", "Bad HTTP status code"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP: 'SSH-2.0-Open"),
            (b"\r\n\r\n", "does not speak HTTP"),
            (b"\x15\x03\x01\x00\x02\x02\x46", "it speaks TLS"),
            (b"HTTP/1.1 101 Hello\r\nUpgrade: h2c\r\n\r\n", "Upgrade"),
        ):
            self.assertIn(wanted, self.refused(answer))

    def test_not_utf8(self) -> None:
        """A head that is not UTF-8 is refused instead of raising."""
        answer = b"HTTP/1.1 101 OK\r\nServer: \xff\xfe\r\n\r\n"
        self.assertIn("an HTTP head that is not UTF-8", self.refused(answer))

    def test_limit(self) -> None:
        """A head of the limit passes, and one byte more does not."""
        for size, is_taken in ((MAX_HEAD_BYTES, True), (MAX_HEAD_BYTES + 1, False)):
            opened = Opened(receiver := Receiver(), is_joined=False)
            room = size - len(answer_upgrade(opened.request))
            filler = b"X: " + b"x" * (room - 5) + b"\r\n"
            answer = answer_upgrade(opened.request, more_headers=filler)
            self.assertEqual(len(answer), size)
            opened.websocket.dataReceived(answer)
            opened.finish()
            self.assertEqual(receiver.losses == [], is_taken, size)

    def test_endless_head(self) -> None:
        """A head without an end is given up at the limit, in pieces or at once."""
        wanted = f"an HTTP head of more than {MAX_HEAD_BYTES} bytes"
        line = b"X: " + b"x" * 100 + b"\r\n"
        self.assertIn(wanted, self.refused(b"HTTP/1.1 101 OK\r\n" + line * 1000))
        self.assertIn(wanted, self.refused(b"HTTP/1.1 101 OK\r\n", *[line] * 1000))

    def test_frames_behind_head(self) -> None:
        """Frames in the same read as the head are not counted as head."""
        opened = Opened(receiver := Receiver(), is_joined=False)
        frames = (b'0{"sid":"x"}', b"40", b"40/user", b'42/user,["a","%b"]')
        frames = (*frames[:3], frames[3] % (b"x" * MAX_HEAD_BYTES))
        data = b"".join(frame(TEXT, text) for text in frames)
        opened.websocket.dataReceived(answer_upgrade(opened.request) + data)
        self.assertEqual(receiver.order, ["connected", "received"])

    def test_texts_are_bounded(self) -> None:
        """A long text of the gateway is cut, and what is not printable goes."""
        reason = b"\x1b[31m" + b"no" * MAX_QUOTED_TEXT
        text = self.refused(b"HTTP/1.1 403 " + reason + b"\r\n\r\n")
        self.assertLess(len(text), MAX_QUOTED_TEXT + 100)
        self.assertNotIn("\x1b", text)
        self.assertIn("...", text)
