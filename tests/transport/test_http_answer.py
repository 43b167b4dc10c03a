"""What a server answers in place of a WebSocket."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import MAX_QUOTED_BODY, MAX_QUOTED_TEXT, HandshakeRefused
from padchat_twisted.transport.http_answer import (
    MAX_HEAD_BYTES,
    MAX_REFUSAL_BYTES,
    HttpAnswer,
    is_http,
    is_switching,
)

PLACE = "gateway.invalid:7700"

_HEAD = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
_PLAIN = (
    _HEAD + b"Content-type: text/html\r\nContent-Length: 28\r\n\r\n"
    b"Unsupported protocol version"
)
_JSON = b'{"code":5,"message":"Unsupported protocol version"}'
_CHUNKED = (
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    b"10\r\n" + _JSON[:16] + b"\r\n23;x=y\r\n" + _JSON[16:] + b"\r\n0\r\n\r\n"
)


def refused(*pieces: bytes) -> HandshakeRefused:
    """Read an answer that comes in *pieces*."""
    answer = HttpAnswer("instead of a WebSocket")
    for piece in pieces:
        answer.take(piece)
    return answer.error(PLACE)


class HttpAnswerTests(SynchronousTestCase):
    """Reading an answer."""

    def test_refusals_of_engine_io(self) -> None:
        """The reason of a server for Node is in the error, whatever its form."""
        for data, body in (
            (_PLAIN, b"Unsupported protocol version"),
            (_CHUNKED, _JSON),
        ):
            error = refused(data)
            self.assertEqual((error.status, error.body), (400, body))
            self.assertEqual(error.hop, "HTTP")
            self.assertEqual(
                error.problem,
                f"HTTP 400 Bad Request instead of a WebSocket: {body.decode()}",
            )

    def test_pieces(self) -> None:
        """However an answer is cut, it is whole with its last byte, not before."""
        for data in (_PLAIN, _CHUNKED):
            for place in range(1, len(data)):
                answer = HttpAnswer("here")
                answer.take(data[:place])
                self.assertFalse(answer.is_whole, place)
                answer.take(data[place:])
                self.assertTrue(answer.is_whole, place)
                self.assertIn("Unsupported protocol version", str(answer.error(PLACE)))

    def test_without_length(self) -> None:
        """Without a length, what came with the head is all that is waited for."""
        error = refused(b"HTTP/1.1 403 Forbidden\r\n\r\nno", b" more")
        self.assertEqual((error.status, error.body), (403, b"no"))

    def test_cut_short(self) -> None:
        """What is there counts when the server leaves in the middle of it."""
        error = refused(_PLAIN[:-8])
        self.assertEqual((error.status, error.body), (400, b"Unsupported protocol"))
        error = refused(_CHUNKED[:-40])
        self.assertEqual(error.body, _JSON[: len(error.body)])
        self.assertGreater(len(error.body), 16)

    def test_bounds(self) -> None:
        """Neither a head nor a body without end is read to its end."""
        answer = HttpAnswer("here")
        answer.take(b"HTTP/1.1 400 Bad\r\n" + b"X: y\r\n" * (MAX_HEAD_BYTES // 6 - 4))
        self.assertFalse(answer.is_whole)
        answer.take(b"X: y\r\n" * 4)
        self.assertTrue(answer.is_whole)
        self.assertEqual(answer.error(PLACE).status, 400)
        for framing in (b"Content-Length: 99999999999999999999", b"TE: x"):
            if framing == b"TE: x":
                framing = b"Transfer-Encoding: gzip, chunked\r\n\r\nFFFFFFF"
            answer = HttpAnswer("here")
            answer.take(_HEAD + framing + b"\r\n\r\n"[: 2 if b"gz" in framing else 4])
            before = len(b"FFFFFFF\r\n") if b"gz" in framing else 0
            answer.take(b"x" * (MAX_REFUSAL_BYTES - before - 1))
            self.assertFalse(answer.is_whole)
            answer.take(b"x")
            self.assertTrue(answer.is_whole)
            error = answer.error(PLACE)
            self.assertEqual(len(error.body), MAX_QUOTED_BODY)
            self.assertLessEqual(len(error.problem), MAX_QUOTED_TEXT + 3)

    def test_pages_are_left_out(self) -> None:
        """A page and bytes without sense are evidence, and no part of the sentence."""
        for body in (b" <!DOCTYPE html><p>hi", b"\x1f\x8b\x08\xff\xfe"):
            error = refused(b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + body)
            self.assertEqual(
                error.problem, "HTTP 502 Bad Gateway instead of a WebSocket"
            )
            self.assertEqual(error.body[:5], body.decode(errors="replace").encode()[:5])

    def test_redirects(self) -> None:
        """A redirect says where it points to, without what its query may hold."""
        error = refused(
            b"HTTP/1.1 301 Moved Permanently\r\n"
            b"Location: https://b.invalid/user?authKey=K\r\n\r\n"
        )
        self.assertIn("it points to https://b.invalid/user, which", error.problem)
        self.assertNotIn("authKey", error.problem)

    def test_secrets(self) -> None:
        """Secrets are taken out of everything that the server repeats."""
        answer = HttpAnswer("here")
        answer.take(b"HTTP/1.1 400 SECRET\r\nLocation: /SECRET\r\n\r\nSECRET")
        error = answer.error(PLACE, lambda text: text.replace("SECRET", "***"))
        self.assertNotIn("SECRET", repr((error, str(error), error.body)))
        self.assertEqual(error.body, b"***")

    def test_no_status(self) -> None:
        """An answer without a status is one, too."""
        error = refused(b"HTTP/1.1\r\n\r\n")
        self.assertIsNone(error.status)
        self.assertIn("HTTP without a status", error.problem)

    def test_json_reads(self) -> None:
        """The body of a refusal over chunks is JSON for whoever looks into it."""
        self.assertEqual(json.loads(refused(_CHUNKED).body)["code"], 5)


class SignTests(SynchronousTestCase):
    """Telling answers of HTTP from others."""

    def test_is_http(self) -> None:
        """The beginning of an answer is known as far as it goes."""
        for begun in (b"", b"H", b"HTTP", b"HTTP/", b"HTTP/1.1 400 Bad"):
            self.assertTrue(is_http(begun))
        for begun in (b"\x81", b"HTTQ", b"h", b"http/1.1", b"\x15\x03"):
            self.assertFalse(is_http(begun))

    def test_is_switching(self) -> None:
        """101 and what cannot be told are left to autobahn."""
        for head in (b"HTTP/1.1 101 Switching Protocols", b"HTTP/1.1 OK", b"HTTP/1.1"):
            self.assertTrue(is_switching(head), head)
        for head in (b"HTTP/1.1 400 Bad", b"HTTP/1.0  503", b"HTTP/2.0 200\r\nX: y"):
            self.assertFalse(is_switching(head), head)
