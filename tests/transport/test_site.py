"""The bounds of a site: large and slow requests."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import Site

from padchat_twisted.transport.site import REQUEST_TIMEOUT, BoundedSite

from .http_by_hand import Tcp

LIMIT = 1000

FORM = ("Content-Type", "application/x-www-form-urlencoded")


class _Page(Resource):
    """Tells the size of what it is sent, and its arguments."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.args: list[object] = []

    def render(self, request: Request) -> bytes:
        """Note the request."""
        assert request.content is not None
        self.sizes.append(len(request.content.read()))
        self.args.append(request.args)
        return b"fine"


class _SiteTests(SynchronousTestCase):
    """A site with one page."""

    def setUp(self) -> None:
        """Build it."""
        self.clock = Clock()
        self.page = _Page()
        self.site = BoundedSite(self.page, reactor=self.clock, max_body=LIMIT)
        self.tcp = Tcp(self.site)

    def tearDown(self) -> None:
        """No timer is left when the connection is gone."""
        self.tcp.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def assert_refused(self, status: int) -> None:
        """It was answered so, once, and the connection is being closed."""
        (answer,) = self.tcp.answers()
        self.assertEqual((answer.status, answer.body), (status, b""))
        self.assertEqual(answer.header("connection"), "close")
        self.assertTrue(self.tcp.transport.disconnecting)
        self.assertEqual(self.page.sizes, [])


class SizeTests(_SiteTests):
    """Large bodies."""

    def test_limit(self) -> None:
        """A body of the limit passes, whole or in chunks; and the next request."""
        self.assertEqual(self.tcp.get("/", b"x" * LIMIT).body, b"fine")
        self.tcp.ask(
            "/",
            b"258\r\n" + b"x" * 600 + b"\r\n190\r\n" + b"x" * 400 + b"\r\n0\r\n\r\n",
            headers=[("Transfer-Encoding", "chunked")],
        )
        self.assertEqual(self.tcp.answers()[0].body, b"fine")
        self.assertEqual(self.tcp.get("/").body, b"fine")
        self.assertEqual(self.page.sizes, [LIMIT, LIMIT, 0])

    def test_too_large(self) -> None:
        """One byte more is refused by its head, before any of it came."""
        self.tcp.ask("/", b"", headers=[("Content-Length", str(LIMIT + 1))])
        self.assert_refused(413)
        # What was on its way is passed over, and what follows, too.
        self.tcp.write(b"x" * (LIMIT + 1) + b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(self.tcp.answers(), [])
        self.assertEqual(self.page.sizes, [])

    def test_too_large_in_one_read(self) -> None:
        """It is refused once when body and head come together."""
        self.tcp.ask("/", b"x" * (LIMIT + 1))
        self.assert_refused(413)

    def test_nobody_is_told_to_go_on(self) -> None:
        """Who asks whether to send a body that is too large is told not to."""
        self.tcp.ask(
            "/",
            b"",
            headers=[("Content-Length", "1001"), ("Expect", "100-continue")],
        )
        self.assert_refused(413)

    def test_too_large_in_chunks(self) -> None:
        """A body without a length is refused by the chunk that is too much."""
        self.tcp.ask("/", b"", headers=[("Transfer-Encoding", "chunked")])
        self.tcp.write(b"3e8\r\n" + b"x" * LIMIT + b"\r\n")
        self.assertEqual(self.tcp.answers(), [])
        self.tcp.write(b"1\r\nx\r\n")
        self.assert_refused(413)
        for _ in range(3):
            self.tcp.write(b"3e8\r\n" + b"x" * LIMIT + b"\r\n")
        self.tcp.write(b"0\r\n\r\n")
        self.assertEqual(self.tcp.answers(), [])
        self.assertEqual(self.page.sizes, [])

    def test_nothing_more_is_kept(self) -> None:
        """What is refused is written nowhere."""
        self.tcp.ask("/", b"", headers=[("Transfer-Encoding", "chunked")])
        channel = self.tcp.protocol._channel
        (request,) = channel.requests
        for _ in range(5):
            self.tcp.write(b"258\r\n" + b"x" * 600 + b"\r\n")
        self.assertEqual(request.content.tell(), 600)

    def test_forms_are_not_read(self) -> None:
        """A form stays in the body: reading it takes a hundred times its size."""
        self.tcp.get("/?q=1", b"a=b&c", headers=[FORM])
        self.assertEqual(self.page.args, [{b"q": [b"1"]}])
        self.assertEqual(self.page.sizes, [5])


class TimeTests(_SiteTests):
    """Slow requests."""

    def drip(self, data: bytes, *, seconds: float) -> None:
        """Send a byte now and then."""
        for byte in data:
            self.tcp.write(bytes((byte,)))
            self.clock.advance(seconds)

    def test_slow_body(self) -> None:
        """A byte now and then is no progress: it is refused when time is up."""
        self.tcp.ask("/", b"", headers=[("Content-Length", "100")])
        self.drip(b"x" * 9, seconds=30)
        self.assertEqual(self.tcp.answers(), [])
        self.drip(b"x", seconds=30)
        self.assert_refused(408)

    def test_slow_head(self) -> None:
        """So is a head without an end."""
        self.tcp.write(b"GET / HTTP/1.1\r\nX: ")
        self.drip(b"y" * 10, seconds=30)
        self.assert_refused(408)

    def test_in_time(self) -> None:
        """A request that is whole just before passes."""
        self.tcp.ask("/", b"", headers=[("Content-Length", "10")])
        self.drip(b"x" * 9, seconds=30)
        self.clock.advance(REQUEST_TIMEOUT - 9 * 30 - 1)
        self.tcp.write(b"x")
        self.assertEqual(self.tcp.answers()[0].body, b"fine")

    def test_silence(self) -> None:
        """Who says nothing any more is dropped by twisted.web, after a minute."""
        self.tcp.ask("/", b"x", headers=[("Content-Length", "100")])
        self.clock.advance(60)
        self.assertTrue(self.tcp.transport.disconnecting)
        self.assertEqual(self.tcp.answers(), [])

    def test_each_request_has_its_time(self) -> None:
        """A connection that is kept alive may be older than a request may take."""
        for _ in range(20):
            self.assertEqual(self.tcp.get("/", b"x").body, b"fine")
            self.clock.advance(30)

    def test_given_up(self) -> None:
        """A request that is given up leaves no timer."""
        self.tcp.ask("/", b"x", headers=[("Content-Length", "100")])
        self.tcp.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class ProtocolTests(SynchronousTestCase):
    """What else the site does otherwise."""

    def test_no_http2(self) -> None:
        """HTTP/2 is not offered: a WebSocket cannot be had over it."""
        site = BoundedSite(_Page(), reactor=Clock())
        self.assertEqual(site.acceptableProtocols(), [b"http/1.1"])

    def test_an_ordinary_site_takes_it(self) -> None:
        """A plain site takes a body of any size: that is why this one is there."""
        page = _Page()
        tcp = Tcp(Site(page, reactor=Clock()))
        tcp.ask("/", b"x" * (LIMIT * 10))
        self.assertEqual(page.sizes, [LIMIT * 10])
        tcp.lose()
