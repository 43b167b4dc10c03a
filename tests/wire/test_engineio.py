"""Tests of padchat_twisted.wire.engineio."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import Handshake, Packet
from padchat_twisted.wire.limits import MAX_PING_MS, MIN_PING_MS

KINDS = range(engineio.OPEN, engineio.NOOP + 1)


class FrameTests(SynchronousTestCase):
    """One packet is one frame; the vectors hold more of them."""

    def test_every_type(self) -> None:
        """Each type goes out and comes back, with text, bytes and base64."""
        for kind in KINDS:
            text = engineio.encode_text(kind, "汉".encode())
            self.assertEqual(text, b"%d\xe6\xb1\x89" % kind)
            self.assertEqual(engineio.decode_text(text), Packet(kind, "汉".encode()))
            binary = engineio.encode_binary(kind, b"\x00\xff")
            self.assertEqual(binary, bytes((kind, 0, 255)))
            packet = Packet(kind, b"\x00\xff", is_text=False)
            self.assertEqual(engineio.decode_binary(binary), packet)
            base64 = engineio.encode_base64(kind, b"\x00\xff")
            self.assertEqual(base64, b"b%dAP8=" % kind)
            self.assertEqual(engineio.decode_text(base64), packet)

    def test_unknown(self) -> None:
        """An empty frame, an unknown type and broken base64 are refused."""
        for text in (b"", b"7", b"x", b" 4", b"\xff", b"b", b"b7", b"b4!", b"b4A"):
            error = self.assertRaises(RemoteProtocolError, engineio.decode_text, text)
            self.assertEqual(error.layer, "engine.io")
        for binary in (b"", b"\x07", b"4"):
            self.assertRaises(RemoteProtocolError, engineio.decode_binary, binary)

    def test_error_holds_no_content(self) -> None:
        """What a peer sent is not repeated in the error."""
        error = self.assertRaises(
            RemoteProtocolError, engineio.decode_text, b"secret text"
        )
        self.assertNotIn("secret", str(error))
        self.assertNotIn("secret", repr(Packet(4, b"secret")))

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(st.binary(max_size=20))
    def test_garbage(self, garbage: bytes) -> None:
        """Garbage is a packet or the one error of a peer."""
        for decode in (engineio.decode_text, engineio.decode_binary):
            try:
                packet = decode(garbage)
            except RemoteProtocolError:
                continue
            self.assertIn(packet.type, KINDS)


class HandshakeTests(SynchronousTestCase):
    """The content of the open packet."""

    def test_as_the_server_writes_it(self) -> None:
        """Order and spelling are those of engine.io 3.6."""
        handshake = Handshake("a-1", ("websocket",), 300, 250)
        text = engineio.encode_handshake(handshake)
        self.assertEqual(
            text,
            b'{"sid":"a-1","upgrades":["websocket"],"pingInterval":300,'
            b'"pingTimeout":250}',
        )
        self.assertEqual(engineio.decode_handshake(text), handshake)

    def test_unknown_fields(self) -> None:
        """What newer servers add is ignored; what is missing has its default."""
        text = b'{"sid":"a","maxPayload":1000000}'
        self.assertEqual(engineio.decode_handshake(text), Handshake("a"))

    def test_unreadable(self) -> None:
        """What is no JSON, no object or has no sid is refused."""
        for text in (
            b"",
            b"{",
            b"[]",
            b"{}",
            b'{"sid":1}',
            b'{"sid":"a","upgrades":1}',
        ):
            self.assertRaises(RemoteProtocolError, engineio.decode_handshake, text)

    def test_heartbeat_limits(self) -> None:
        """A heartbeat must leave time to breathe and come within a day."""
        for milliseconds, is_good in (
            (MIN_PING_MS, True),
            (MIN_PING_MS - 1, False),
            (MAX_PING_MS, True),
            (MAX_PING_MS + 1, False),
            (-1, False),
        ):
            for handshake in (
                Handshake("a", (), ping_interval=milliseconds),
                Handshake("a", (), ping_timeout=milliseconds),
            ):
                text = engineio.encode_handshake(handshake)
                if is_good:
                    self.assertEqual(engineio.decode_handshake(text), handshake)
                else:
                    self.assertRaises(
                        RemoteProtocolError, engineio.decode_handshake, text
                    )


class RefuseRequestTests(SynchronousTestCase):
    """The request that opens a transport is checked before a connection is made."""

    def refusal(self, query: str, method: str = "GET") -> tuple[int, str] | None:
        """Ask a server that offers WebSocket alone."""
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        response = engineio.refuse_request(pairs, method, transports=("websocket",))
        if response is None:
            return None
        self.assertEqual(response.status, 400)
        self.assertIn(("Content-Type", "application/json"), response.headers)
        answer = json.loads(response.body)
        return answer["code"], answer["message"]

    def test_good(self) -> None:
        """A GET for an offered transport is let in; revision 3 is the default."""
        self.assertIsNone(self.refusal("EIO=3&transport=websocket"))
        self.assertIsNone(self.refusal("transport=websocket&authKey=x"))

    def test_refused(self) -> None:
        """Each fault has its code, in the order in which engine.io 3 looks."""
        for query, method, code in (
            ("EIO=3&transport=polling", "GET", 0),
            ("EIO=3&transport=__proto__", "POST", 0),
            ("", "GET", 0),
            ("EIO=4&transport=websocket", "GET", 5),
            ("EIO=3&transport=websocket&sid=unknown", "GET", 1),
            ("EIO=3&transport=websocket&sid=unknown", "POST", 1),
            ("EIO=3&transport=websocket", "POST", 2),
        ):
            refusal = self.refusal(query, method)
            assert refusal is not None, query
            self.assertEqual(refusal[0], code, query)
        self.assertEqual(self.refusal("transport=x"), (0, "Transport unknown"))
