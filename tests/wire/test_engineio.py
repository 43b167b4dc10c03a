"""Tests of padchat_twisted.wire.engineio."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import RemoteProtocolError
from padchat_twisted.wire import engineio
from padchat_twisted.wire.engineio import (
    EIO3,
    EIO4,
    Handshake,
    HttpError,
    Packet,
    Revision,
)
from padchat_twisted.wire.limits import MAX_PING_MS, MIN_PING_MS
from padchat_twisted.wire.told import HttpResponse

REVISIONS: tuple[Revision, ...] = (EIO3, EIO4)
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

    def test_messages_of_eio4(self) -> None:
        """In EIO4, bytes are a message as they are, and base64 has no type."""
        for data in (b"", b"\x04", b"4a", b"\x00\xff"):
            packet = Packet(engineio.MESSAGE, data, is_text=False)
            binary = engineio.encode_binary(engineio.MESSAGE, data, EIO4)
            self.assertEqual(binary, data)
            self.assertEqual(engineio.decode_binary(binary, EIO4), packet)
            text = engineio.encode_base64(engineio.MESSAGE, data, EIO4)
            self.assertEqual(engineio.decode_text(text, EIO4), packet)
        self.assertEqual(engineio.encode_base64(4, b"\x00\xff", EIO4), b"bAP8=")

    def test_either_kind_of_frame(self) -> None:
        """A frame is decoded as the kind that it was."""
        for revision in REVISIONS:
            packet = engineio.decode_frame(b"4a", is_text=True, revision=revision)
            self.assertEqual(packet, Packet(4, b"a"))
        packet = engineio.decode_frame(b"\x04a", is_text=False, revision=EIO3)
        self.assertEqual(packet, Packet(4, b"a", is_text=False))
        packet = engineio.decode_frame(b"\x04a", is_text=False, revision=EIO4)
        self.assertEqual(packet, Packet(4, b"\x04a", is_text=False))

    def test_unknown(self) -> None:
        """An empty frame, an unknown type and broken base64 are refused."""
        for text in (b"", b"7", b"x", b" 4", b"\xff", b"b", b"b7", b"b4!", b"b4A"):
            error = self.assertRaises(RemoteProtocolError, engineio.decode_text, text)
            self.assertEqual(error.layer, "engine.io")
        for text in (b"", b"7", b"x", b" 4", b"\xff", b"b!", b"bA", b"bAQ==AQ=="):
            self.assertRaises(RemoteProtocolError, engineio.decode_text, text, EIO4)
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
        for revision in REVISIONS:
            for is_text in (True, False):
                try:
                    packet = engineio.decode_frame(
                        garbage, is_text=is_text, revision=revision
                    )
                except RemoteProtocolError:
                    continue
                self.assertIn(packet.type, KINDS)

    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(st.sampled_from(KINDS), st.binary(max_size=20))
    def test_round_trip(self, kind: int, data: bytes) -> None:
        """What is encoded comes back, in each form that the revision has."""
        text = Packet(kind, data)
        binary = Packet(kind, data, is_text=False)
        message = Packet(engineio.MESSAGE, data, is_text=False)
        for revision, expected in ((EIO3, binary), (EIO4, message)):
            encoded = engineio.encode_text(kind, data)
            self.assertEqual(engineio.decode_text(encoded, revision), text)
            encoded = engineio.encode_binary(kind, data, revision)
            self.assertEqual(engineio.decode_binary(encoded, revision), expected)
            encoded = engineio.encode_base64(kind, data, revision)
            self.assertEqual(engineio.decode_text(encoded, revision), expected)


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
        text = b'{"sid":"a","colour":1}'
        self.assertEqual(engineio.decode_handshake(text), Handshake("a"))

    def test_largest_payload(self) -> None:
        """A server may say which bodies it takes; no body is smaller than a byte."""
        text = (
            b'{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,'
            b'"maxPayload":1}'
        )
        handshake = Handshake("a", max_payload=1)
        self.assertEqual(engineio.encode_handshake(handshake), text)
        self.assertEqual(engineio.decode_handshake(text), handshake)
        for size in (b"0", b"-1", b'"1"'):
            self.assertRaises(
                RemoteProtocolError,
                engineio.decode_handshake,
                b'{"sid":"a","maxPayload":%b}' % size,
            )

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


def pairs_of(query: str) -> dict[str, str]:
    """Split a query that holds nothing to be decoded."""
    return dict(pair.split("=") for pair in query.split("&") if pair)


class RefuseRequestTests(SynchronousTestCase):
    """The request that opens a transport is checked before a connection is made."""

    def code_of(self, response: HttpResponse | None) -> int | None:
        """Return the code of a refusal, after a look at the whole answer."""
        if response is None:
            return None
        answer = json.loads(response.body)
        self.assertEqual(response, engineio.http_error(HttpError(answer["code"])))
        return HttpError(answer["code"])

    def refusal(
        self,
        query: str,
        method: str = "GET",
        revisions: frozenset[Revision] = frozenset({EIO3}),
        is_websocket: bool | None = None,
    ) -> int | None:
        """Ask a server that offers both transports."""
        response = engineio.refuse_request(
            pairs_of(query),
            method,
            transports=("polling", "websocket"),
            revisions=revisions,
            is_websocket=is_websocket,
        )
        return self.code_of(response)

    def test_answers(self) -> None:
        """Each code has the status and text of the reference servers."""
        for code, status, message in (
            (0, 400, "Transport unknown"),
            (1, 400, "Session ID unknown"),
            (2, 400, "Bad handshake method"),
            (3, 400, "Bad request"),
            (4, 403, "Forbidden"),
            (5, 400, "Unsupported protocol version"),
        ):
            answer = engineio.http_error(HttpError(code))
            body = b'{"code":%d,"message":"%b"}' % (code, message.encode())
            headers = (("Content-Type", "application/json"),)
            self.assertEqual(answer, HttpResponse(0, status, headers, body))
        answer = engineio.http_error(HttpError.FORBIDDEN, "no entry 禁止")
        self.assertEqual(answer.body, '{"code":4,"message":"no entry 禁止"}'.encode())

    def test_good(self) -> None:
        """A GET for an offered transport is let in; revision 3 is the default."""
        for query in (
            "EIO=3&transport=websocket",
            "transport=websocket&authKey=x",
            "EIO=3&transport=polling&sid=",
            "EIO=9&transport=polling",
        ):
            self.assertIsNone(self.refusal(query), query)

    def test_refused(self) -> None:
        """Each fault has its code, in the order in which engine.io looks."""
        for query, method, code in (
            ("EIO=3&transport=abc", "GET", 0),
            ("EIO=3&transport=__proto__", "POST", 0),
            ("EIO=3&transport=", "GET", 0),
            ("", "GET", 0),
            ("EIO=4&transport=polling&sid=unknown", "POST", 1),
            ("EIO=4&transport=polling", "POST", 2),
            ("EIO=3&transport=polling", "HEAD", 2),
            ("EIO=4&transport=polling", "GET", 5),
        ):
            self.assertEqual(self.refusal(query, method), code, query)

    def test_transports(self) -> None:
        """A transport that this server does not offer is unknown."""
        response = engineio.refuse_request(
            {"EIO": "3", "transport": "polling"}, "GET", transports=("websocket",)
        )
        self.assertEqual(self.code_of(response), 0)

    def test_websocket_without_upgrade(self) -> None:
        """Transport websocket is for requests that ask for one, if that was seen."""
        query = "EIO=4&transport=websocket"
        for is_websocket, code in ((False, 3), (True, 5), (None, 5)):
            self.assertEqual(self.refusal(query, is_websocket=is_websocket), code)
        self.assertEqual(self.refusal(query, "POST", is_websocket=False), 2)
        polling = "EIO=3&transport=polling"
        self.assertIsNone(self.refusal(polling, is_websocket=False))

    def test_revisions(self) -> None:
        """4 is exactly 4, everything else is 3; what is not spoken is refused."""
        for asked, revision in (
            ("EIO=4&", EIO4),
            ("EIO=3&", EIO3),
            ("EIO=04&", EIO3),
            ("EIO=5&", EIO3),
            ("EIO=abc&", EIO3),
            ("", EIO3),
        ):
            query = f"{asked}transport=polling"
            self.assertEqual(engineio.revision_of(pairs_of(query)), revision)
            both = frozenset(REVISIONS)
            self.assertIsNone(self.refusal(query, revisions=both))
            only = frozenset({revision})
            self.assertIsNone(self.refusal(query, revisions=only))
            self.assertEqual(self.refusal(query, revisions=both - only), 5)


class RefuseKnownTests(SynchronousTestCase):
    """Further requests of a connection must fit to it."""

    def refusal(
        self, query: str, transport: str = "polling", is_websocket: bool = False
    ) -> int | None:
        """Ask for a connection of EIO4; return the code."""
        response = engineio.refuse_known(
            pairs_of(query),
            transport=transport,
            revision=EIO4,
            transports=("polling", "websocket"),
            is_websocket=is_websocket,
        )
        return None if response is None else json.loads(response.body)["code"]

    def test_good(self) -> None:
        """Polls, and the upgrade; a further upgrade is the connection's to refuse."""
        self.assertIsNone(self.refusal("EIO=4&transport=polling&sid=a"))
        upgrade = "EIO=4&transport=websocket&sid=a"
        self.assertIsNone(self.refusal(upgrade, is_websocket=True))
        self.assertIsNone(self.refusal(upgrade, "websocket", is_websocket=True))

    def test_refused(self) -> None:
        """An unknown transport, another one without upgrade, another revision."""
        for query, transport, code in (
            ("EIO=4&transport=abc&sid=a", "polling", 0),
            ("EIO=4&sid=a", "polling", 0),
            ("EIO=4&transport=websocket&sid=a", "polling", 3),
            ("EIO=4&transport=polling&sid=a", "websocket", 3),
            ("EIO=3&transport=polling&sid=a", "polling", 3),
            ("transport=polling&sid=a", "polling", 3),
        ):
            self.assertEqual(self.refusal(query, transport), code, query)
        upgrade = "EIO=3&transport=websocket&sid=a"
        self.assertEqual(self.refusal(upgrade, is_websocket=True), 3)
