"""Tunnels, byte by byte, and proxies that are hostile."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from unittest import mock

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.errors import ConnectError, ConnectTimedOut, LocalProtocolError
from padchat_twisted.secret import Secret
from padchat_twisted.transport import tunnels
from padchat_twisted.transport.proxies import Proxy
from padchat_twisted.transport.tunnels import (
    MAX_PROXY_HEAD_BYTES,
    PROXY_TIMEOUT,
    ProxyEndpoint,
)

from .way import Client

#: The name of the gateway, which the proxies alone can look up.
GATEWAY = "gw.invalid"

USER, PASSWORD = "al@ice", "pass:word-1"


@implementer(IStreamClientEndpoint)
class _Near:
    """Leads to a proxy in memory."""

    def __init__(self) -> None:
        self.transport = StringTransport()
        self.protocol: Any = None

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect at once."""
        self.protocol = protocolFactory.buildProtocol(IPv4Address("TCP", "h", 1))
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)


class AnswerCase(SynchronousTestCase):
    """One tunnel, its proxy played by the test."""

    scheme = "http"
    user = ""

    def setUp(self) -> None:
        """Connect to the proxy."""
        self.clock = Clock()
        self.ask(Proxy.from_url(f"{self.scheme}://{self.user}proxy.invalid:3128"))

    def ask(self, proxy: Proxy) -> None:
        """Ask *proxy* for a tunnel."""
        self.near = _Near()
        self.transport = self.near.transport
        endpoint = ProxyEndpoint(
            self.clock, self.near, proxy, GATEWAY, 443, f"{GATEWAY}:443"
        )
        self.connecting = endpoint.connect(Factory.forProtocol(Client))

    def answer(self, *parts: bytes) -> None:
        """Have the proxy send *parts*, as reads of their own."""
        for part in parts:
            self.near.protocol.dataReceived(part)

    def sent(self) -> bytes:
        """Take what was sent to the proxy."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def error(self, kind: type[ConnectError] = ConnectError) -> str:
        """Return the error's text; the connection is dropped, and no timer is left."""
        error = self.failureResultOf(self.connecting, kind).value
        self.assertEqual(error.hop, "proxy")
        self.assertTrue(self.transport.disconnected)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        return str(error)

    def assert_through(self, received: bytes) -> None:
        """Check that the tunnel is open, and what came through it."""
        client: Any = self.successResultOf(self.connecting)
        self.assertEqual(client.received, received)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_no_answer(self) -> None:
        """A proxy that never answers has its time, and no more."""
        self.clock.advance(PROXY_TIMEOUT - 0.01)
        self.assertNoResult(self.connecting)
        self.clock.advance(0.01)
        told = self.error(ConnectTimedOut)
        self.assertIn("opened no tunnel in 10 s", told)

    def test_cancelled(self) -> None:
        """Who gives up drops the connection."""
        self.connecting.cancel()
        self.failureResultOf(self.connecting)
        self.assertTrue(self.transport.disconnected)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class ConnectAnswerTests(AnswerCase):
    """Answers to CONNECT."""

    user = "al%40ice:pass%3Aword-1@"
    basic = b64encode(f"{USER}:{PASSWORD}".encode())

    def test_question(self) -> None:
        """The question, byte by byte."""
        self.assertEqual(
            self.sent(),
            b"CONNECT gw.invalid:443 HTTP/1.1\r\nHost: gw.invalid:443\r\n"
            b"Proxy-Authorization: Basic %b\r\n\r\n" % self.basic,
        )

    def test_cut_everywhere(self) -> None:
        """An answer is understood wherever it is cut; what follows it goes through."""
        whole = b"HTTP/1.0 200 OK\r\nVia: x\r\n\r\nfirst"
        for at in range(len(whole) + 1):
            self.setUp()
            self.answer(whole[:at], whole[at:])
            self.assert_through(b"first")

    def test_no_reason(self) -> None:
        """A status line may end behind the status."""
        self.answer(b"HTTP/1.1 204\r\n\r\n")
        self.assert_through(b"")

    def test_repeated_credentials(self) -> None:
        """What the proxy repeats of our credentials is not in the error."""
        self.answer(
            b"HTTP/1.1 403 no %b for %b\r\n\r\n" % (self.basic, PASSWORD.encode())
        )
        told = self.error()
        self.assertIn("'HTTP/1.1 403 no *** for ***': its rules forbid", told)

    def test_status_without_remedy(self) -> None:
        """A status that nobody expects is told as it is."""
        self.answer(b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")
        self.assertIn("answered 'HTTP/1.1 302 Found': it opens no tunnel", self.error())

    def test_head_size(self) -> None:
        """The longest head is read; one that goes on is not waited for."""
        line = b"HTTP/1.1 200 OK\r\n"
        fill = MAX_PROXY_HEAD_BYTES - len(line)
        self.answer(line + b"x" * fill + b"\r\n\r\n")
        self.assert_through(b"")
        self.setUp()
        self.answer(line + b"x" * (fill + 1) + b"\r\n\r\n")
        self.assertIn(f"a head of more than {MAX_PROXY_HEAD_BYTES} bytes", self.error())

    def test_endless_head(self) -> None:
        """A head without an end is kept up to the limit."""
        self.answer(b"HTTP/1.1 200 OK\r\n")
        for _ in range(MAX_PROXY_HEAD_BYTES // 1000):
            self.answer(b"x" * 1000)
        self.assertNoResult(self.connecting)
        self.answer(b"x" * 1000)
        self.assertIn("a head of more than", self.error())

    def test_endless_line(self) -> None:
        """So is a first line without an end."""
        self.answer(b"HTTP/1.1 200 " + b"x" * MAX_PROXY_HEAD_BYTES)
        self.assertIn("a head of more than", self.error())

    def test_no_http(self) -> None:
        """What cannot become an answer of HTTP is not waited for."""
        for bad in (b"\x05\x00", b"HTTP/2 200 OK\r\n", b"HTTP/1.1 2000 x\r\n", b"\r\n"):
            self.setUp()
            self.answer(bad)
            self.assertIn(
                "does not answer in HTTP; is it a socks5 proxy?", self.error()
            )

    def test_closes_midway(self) -> None:
        """A proxy that closes in its answer is told as such."""
        self.answer(b"HTTP/1.1 200 ")
        self.near.protocol.connectionLost(Failure(ConnectionDone()))
        self.assertIn("closed the connection in the middle of its answer", self.error())


class SOCKSAnswerTests(AnswerCase):
    """Answers of SOCKS5."""

    scheme = "socks5"

    def test_questions(self) -> None:
        """The questions, byte by byte."""
        self.assertEqual(self.sent(), b"\x05\x01\x00")
        self.answer(b"\x05\x00")
        self.assertEqual(self.sent(), b"\x05\x01\x00\x03\x0agw.invalid\x01\xbb")

    def test_questions_with_password(self) -> None:
        """With credentials, both methods are offered and the password is sent."""
        self.sent()
        self.ask(Proxy("socks5", "h", 1, Secret("us"), Secret("pä")))
        self.assertEqual(self.sent(), b"\x05\x02\x00\x02")
        self.answer(b"\x05\x02")
        self.assertEqual(self.sent(), b"\x01\x02us\x03p\xc3\xa4")
        self.answer(b"\x01\x00")
        self.assertEqual(self.sent()[:4], b"\x05\x01\x00\x03")

    def test_cut_everywhere(self) -> None:
        """Answers with each kind of address are understood wherever they are cut."""
        for address in (b"\x01abcd", b"\x04" + b"a" * 16, b"\x03\x03abc", b"\x03\x00"):
            whole = b"\x05\x00" + b"\x05\x00\x00" + address + b"\x00\x50" + b"first"
            for at in range(len(whole) + 1):
                self.setUp()
                self.answer(whole[:at], whole[at:])
                self.assert_through(b"first")

    def test_replies(self) -> None:
        """Each reply is told in words."""
        for code, told in (
            (1, "a failure that it does not explain"),
            (2, "its rules do not allow"),
            (3, "the gateway's network cannot be reached"),
            (4, "the gateway cannot be found or reached"),
            (5, "the gateway refused the connection"),
            (6, "too many hops away"),
            (7, "it cannot connect for others"),
            (8, "it does not take this kind of address"),
        ):
            self.setUp()
            self.answer(b"\x05\x00", b"\x05%c\x00\x01abcd\x00\x50" % code)
            self.assertIn(told, self.error())

    def test_strange(self) -> None:
        """What is no SOCKS5 is left at the first wrong byte."""
        for bad in (
            (b"HTTP/1.1 400",),
            (b"\x04",),
            (b"\x05\x33",),
            (b"\x05\x00", b"\x04"),
            (b"\x05\x00", b"\x05\x00\x00\x09\x00"),
            (b"\x05\x00", b"\x05\x63\x00\x01abcd\x00\x50"),
            (b"\x05\x00", b"\x05\x00\x00\x03\x02\xff\xff\x00\x50"),
        ):
            self.setUp()
            self.answer(*bad)
            self.assertIn("does not answer in SOCKS5; is it an http", self.error())

    def test_methods(self) -> None:
        """A proxy that wants what we do not have says so."""
        for answer in (b"\x05\xff", b"\x05\x02"):
            self.setUp()
            self.answer(answer)
            self.assertIn("give it a user name and a password", self.error())
        for answer in (b"\x05\xff", b"\x05\x01"):
            self.setUp()
            self.ask(Proxy("socks5", "h", 1, Secret("u"), Secret("p")))
            self.answer(answer)
            self.failureResultOf(self.connecting, ConnectError)

    def test_package_is_missing(self) -> None:
        """Without socksio, the error says what to install."""
        with (
            mock.patch.object(tunnels, "socksio", None),
            self.assertRaisesRegex(LocalProtocolError, r"padchat-twisted\[socks\]"),
        ):
            self.ask(Proxy("socks5", "h", 1))


del AnswerCase
