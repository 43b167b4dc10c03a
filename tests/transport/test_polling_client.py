"""The requests of long polling, as a client, before a server that the test plays."""

from __future__ import annotations

import gzip
import os

from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseDone

from padchat_twisted.errors import ConnectError, RemoteProtocolError
from padchat_twisted.transport import polling_client as module
from padchat_twisted.transport.polling_client import KEEP_ALIVE, PollingClient
from padchat_twisted.wire.told import HttpFailed, HttpRequest, HttpResponse, Told

from .fake_endpoint import Wire, WireEndpoint

QUERY = (("authKey", "k/ y"), ("EIO", "3"), ("transport", "polling"), ("b64", "1"))
GET = HttpRequest(1, "GET", QUERY)
POST = HttpRequest(
    2, "POST", QUERY, (("Content-Type", "text/plain;charset=UTF-8"),), "2:40é".encode()
)


class PollingClientCase(SynchronousTestCase):
    """A client whose connections are made at once."""

    limit = 1000

    def setUp(self) -> None:
        """Build it."""
        self.clock = Clock()
        self.endpoint = WireEndpoint(is_prompt=True)
        self.told: list[Told] = []
        self.client = self.build()

    def build(
        self, url: str = "http://gateway.invalid:7700/socket.io/"
    ) -> PollingClient:
        """Build a client for *url*."""
        return PollingClient(
            self.clock,
            url,
            self.endpoint,
            place="gateway.invalid:7700",
            max_body=self.limit,
            headers=(("X-Ours", "yes"),),
            hide=lambda text: text.replace("k/ y", "***"),
        )

    def tearDown(self) -> None:
        """When it is over, no timer is left and no connection."""
        self.client.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        for wire in self.endpoint.wires:
            self.assertTrue(wire.is_dropped)
            wire.ends()

    def asks(self, request: HttpRequest = GET) -> Wire:
        """Make a request; return the connection it went over."""
        self.client.request(request, self.told.append)
        return self.endpoint.wires[-1]

    def answered(self) -> HttpResponse:
        """Take the one thing that was told, an answer."""
        (told,) = self.told
        self.told.clear()
        assert isinstance(told, HttpResponse), told
        return told

    def failed(self) -> HttpFailed:
        """Take the one thing that was told, a failure."""
        (told,) = self.told
        self.told.clear()
        assert isinstance(told, HttpFailed), told
        return told


class RequestTests(PollingClientCase):
    """What is sent."""

    def test_poll(self) -> None:
        """A poll is as recorded. Source: vector eio3-polling-connect-user."""
        head, _, body = self.asks().taken().decode().partition("\r\n\r\n")
        first, *headers = head.split("\r\n")
        self.assertRegex(
            first,
            r"^GET /socket\.io/\?authKey=k%2F%20y&EIO=3&transport=polling&b64=1"
            r"&t=[\w-]+ HTTP/1\.1$",
        )
        self.assertEqual(
            sorted(headers),
            [
                "Accept-Encoding: gzip",
                "Accept: */*",
                "Host: gateway.invalid:7700",
                "X-Ours: yes",
            ],
        )
        self.assertEqual(body, "")

    def test_post(self) -> None:
        """A POST has its body in one piece, with its type and length."""
        head, _, body = self.asks(POST).taken().partition(b"\r\n\r\n")
        self.assertEqual(body, POST.body)
        self.assertIn(b"\r\nContent-Type: text/plain;charset=UTF-8", head)
        self.assertIn(b"\r\nContent-Length: 6", head)

    def test_no_cache_knows_it(self) -> None:
        """No two requests of any connections are alike."""
        seen = set()
        for _ in range(3):
            self.client.cancel()
            self.client = self.build()
            for _ in range(3):
                wire = self.asks()
                seen.add(wire.taken().split(b"\r\n")[0])
                wire.answers(b"")
        self.assertEqual(len(seen), 9)

    def test_ipv6(self) -> None:
        """An IPv6 address stands in brackets."""
        self.client = self.build("http://[::1]:7700/socket.io/")
        self.assertIn(b"\r\nHost: [::1]:7700\r\n", self.asks().taken())

    def test_default_port(self) -> None:
        """With the port in the URL, the header leaves out the usual one."""
        self.client = self.build("https://gateway.invalid:443/socket.io/")
        self.assertIn(b"\r\nHost: gateway.invalid\r\n", self.asks().taken())

    def test_kept_connections(self) -> None:
        """One connection serves request after request, a second one what overlaps."""
        for _ in range(3):
            self.asks().answers(b"x")
        self.assertEqual(len(self.endpoint.wires), 1)
        self.asks(GET)
        self.asks(POST)
        self.assertEqual(len(self.endpoint.wires), 2)

    def test_idle_connections(self) -> None:
        """A connection that was idle for long is closed before the server does it."""
        self.asks().answers(b"x")
        self.clock.advance(KEEP_ALIVE - 0.25)
        self.assertFalse(self.endpoint.wires[0].is_dropped)
        self.clock.advance(0.25)
        self.assertTrue(self.endpoint.wires[0].is_dropped)

    def test_connection_that_the_server_closed(self) -> None:
        """A kept connection that the server closed is not used again."""
        self.asks().answers(b"x")
        self.endpoint.wires[0].ends()
        self.asks().answers(b"y")
        self.assertEqual(len(self.endpoint.wires), 2)

    def test_cookies(self) -> None:
        """What a server sets is sent back, on whatever connection."""
        self.asks(GET).answers(b"x", "Set-Cookie: io=1; Path=/", "Set-Cookie: lb=a")
        self.asks(GET)
        self.assertIn(b"\r\nCookie: io=1; lb=a\r\n", self.endpoint.wires[0].taken())
        wire = self.asks(POST)
        self.assertIn(b"\r\nCookie: io=1; lb=a\r\n", wire.taken())


class AnswerTests(PollingClientCase):
    """What is told."""

    def test_answer(self) -> None:
        """An answer is told with its status, headers and body."""
        self.asks().answers(b"2:40", "Content-Type: text/plain", "X-A: 1", "X-A: 2")
        answer = self.answered()
        self.assertEqual((answer.id, answer.status, answer.body), (1, 200, b"2:40"))
        self.assertIn(("content-type", "text/plain"), answer.headers)
        self.assertIn(("x-a", "1"), answer.headers)
        self.assertIn(("x-a", "2"), answer.headers)

    def test_refusal(self) -> None:
        """So is one that refuses; our secrets are taken out of it."""
        body = '{"code":5,"message":"k/ y?"}'
        self.asks().answers(body.encode(), status="400 Bad Request")
        answer = self.answered()
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.body, b'{"code":5,"message":"***?"}')

    def test_redirect(self) -> None:
        """A redirect is an answer like any other: it is not followed."""
        self.asks().answers(b"", "Location: http://x.invalid/", status="302 Found")
        self.assertEqual(self.answered().status, 302)
        self.assertEqual(len(self.endpoint.attempts), 1)

    def test_forms_of_bodies(self) -> None:
        """A body may come in chunks, or last until the end of the connection."""
        self.asks().says(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
        )
        self.assertEqual(self.answered().body, b"abcde")
        wire = self.asks()
        wire.says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")
        wire.says(b"de")
        self.assertEqual(self.told, [])
        wire.ends()
        self.assertEqual(self.answered().body, b"abcde")

    def test_gzip(self) -> None:
        """A compressed body is inflated, in whatever pieces it comes."""
        body = b"2:40" * 200
        packed = gzip.compress(body)
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        )
        for step in (1000, 1):
            wire = self.asks()
            data = head % len(packed) + packed
            for at in range(0, len(data), step):
                wire.says(data[at : at + step])
            self.assertEqual(self.answered().body, body)

    def test_empty_gzip(self) -> None:
        """A body that is empty is empty, whatever its encoding."""
        self.asks().answers(b"", "Content-Encoding: gzip")
        self.assertEqual(self.answered().body, b"")

    def test_told_at_once(self) -> None:
        """The next request may be made by who is told of the answer."""
        told: list[Told] = []
        self.client.request(GET, lambda _: self.client.request(POST, told.append))
        wire = self.endpoint.wires[0]
        wire.answers(b"x")
        wire = self.endpoint.wires[-1]
        wire.answers(b"ok")
        self.assertEqual([t.id for t in told if isinstance(t, HttpResponse)], [2])


class LimitTests(PollingClientCase):
    """What a hostile server gets to do."""

    def check_broken(self, problem: str) -> None:
        """It failed, and the reason is a rule that the server broke."""
        failed = self.failed()
        assert isinstance(failed.error, RemoteProtocolError)
        self.assertEqual(failed.error.layer, "http")
        self.assertIn(problem, failed.error.problem)
        self.assertTrue(self.endpoint.wires[-1].is_dropped)

    def test_body_at_the_limit(self) -> None:
        """A body of the largest size passes; one byte more does not."""
        self.asks().answers(b"x" * self.limit)
        self.assertEqual(len(self.answered().body), self.limit)
        self.asks().answers(b"x" * (self.limit + 1))
        self.check_broken("a body of more than 1000 bytes")

    def test_endless_body(self) -> None:
        """A body without end is cut at the limit."""
        wire = self.asks()
        wire.says(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(11):
            wire.says(b"x" * 100)
        self.check_broken("a body of more than 1000 bytes")

    def test_small_pieces(self) -> None:
        """A body that comes in small pieces takes no more memory than it has bytes."""
        reader = module._Reader(self.limit, "")
        for _ in range(self.limit // 2):
            reader.dataReceived(b"ab")
        self.assertEqual(len(reader._pieces), 1)
        reader.connectionLost(Failure(ResponseDone()))
        self.assertEqual(self.successResultOf(reader.finished), b"ab" * 500)

    def test_inflating(self) -> None:
        """The limit holds for what is inflated, and no more than that is."""
        packed = gzip.compress(b"x" * self.limit)
        self.asks().answers(packed, "Content-Encoding: gzip")
        self.assertEqual(len(self.answered().body), self.limit)
        bomb = gzip.compress(b"x" * 10_000_000)
        self.asks().answers(bomb, "Content-Encoding: gzip")
        self.check_broken("a body of more than 1000 bytes")

    def test_gzip_that_grows(self) -> None:
        """What is sent is bounded too, where inflating makes nothing of it."""
        empty = gzip.compress(b"")
        wire = self.asks()
        wire.says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + empty[:10])
        wire.says(b"\x00\x00\x00\xff\xff" * 201)
        self.check_broken("a body of more than 1000 bytes")

    def test_broken_gzip(self) -> None:
        """What cannot be inflated, or ends too early, is a broken rule."""
        self.asks().answers(os.urandom(50), "Content-Encoding: gzip")
        self.check_broken("no gzip")
        self.asks().answers(gzip.compress(b"abc")[:-1], "Content-Encoding: gzip")
        self.check_broken("ends too early")

    def test_other_encodings(self) -> None:
        """An encoding that we did not ask for is refused."""
        self.asks().answers(b"x", "Content-Encoding: br")
        self.check_broken("did not ask for")
        self.asks().answers(b"x", "Content-Encoding: gzip", "Content-Encoding: gzip")
        self.check_broken("did not ask for")
        self.asks().answers(b"x", "Content-Encoding: identity")
        self.assertEqual(self.answered().body, b"x")

    def test_endless_head(self) -> None:
        """A head without end is cut at its limit."""
        wire = self.asks()
        wire.says(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            wire.says(b"X: ".ljust(98, b"y") + b"\r\n")
        wire.ends()
        self.check_broken("HTTP head of more than 16384 bytes")

    def test_no_http(self) -> None:
        """What is no HTTP is told, and nothing of it is repeated."""
        for said in (
            b"SSH-2.0 SECRET\r\n\r\n",
            b"HTTP/1.1 SECRET\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n",
        ):
            self.endpoint = WireEndpoint(is_prompt=True)
            self.client = self.build()
            wire = self.asks()
            wire.says(said)
            wire.ends()
            failed = self.failed()
            assert isinstance(failed.error, RemoteProtocolError), said
            self.assertIn("does not speak HTTP", failed.reason)
            self.assertNotIn("SECRET", failed.reason)
            self.client.cancel()


class FailureTests(PollingClientCase):
    """How a request ends without an answer."""

    def test_refused(self) -> None:
        """When no connection comes about, the error names the hop."""
        self.endpoint = WireEndpoint()
        self.client = self.build()
        self.client.request(GET, self.told.append)
        self.endpoint.attempts[0][0].errback(ConnectionRefusedError("nobody"))
        failed = self.failed()
        assert isinstance(failed.error, ConnectError)
        self.assertEqual(failed.error.hop, "TCP")
        self.assertEqual(failed.error.where, "gateway.invalid:7700")
        self.assertEqual(failed.id, 1)

    def test_lost_before_the_answer(self) -> None:
        """When the connection ends before the answer, there is none, and no retry."""
        self.asks().answers(b"x")
        self.told.clear()
        self.asks().ends()
        failed = self.failed()
        self.assertIn("no answer over HTTP", failed.reason)
        self.assertIn("closed cleanly", failed.reason)
        self.assertEqual(len(self.endpoint.attempts), 1)

    def test_lost_within_the_answer(self) -> None:
        """The same holds for an answer that was cut."""
        wire = self.asks()
        wire.says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        wire.ends()
        self.assertIn("no answer over HTTP", self.failed().reason)

    def test_cancelled_at_any_time(self) -> None:
        """After ``cancel`` nothing is told, and nothing is left."""
        for said in (
            b"",
            b"HTTP/1.1 200",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n012345678",
        ):
            self.endpoint = WireEndpoint(is_prompt=True)
            self.client = self.build()
            wire = self.asks()
            wire.says(said)
            self.told.clear()
            self.client.cancel()
            self.assertTrue(wire.is_dropped, said)
            wire.ends()
            self.assertEqual(self.told, [])
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled_before_there_was_a_connection(self) -> None:
        """``cancel`` reaches the endpoint."""
        self.endpoint = WireEndpoint()
        self.client = self.build()
        self.client.request(GET, self.told.append)
        self.client.cancel()
        self.assertEqual(self.endpoint.cancelled, 1)
        self.assertEqual(self.told, [])
