"""The way to a gateway: which hop failed, and in what time."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import (
    ConnectBindError,
    ConnectionLost,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
    TCPTimedOutError,
)
from twisted.internet.error import ConnectError as TwistedConnectError
from twisted.internet.error import TimeoutError as ConnectingTimedOut
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseNeverReceived
from zope.interface import implementer
from zope.interface.verify import verifyObject

from padchat_twisted.errors import ConnectError, ConnectTimedOut, LocalProtocolError
from padchat_twisted.transport.address import parse_url, place
from padchat_twisted.transport.endpoints import (
    MAX_ADDRESSES,
    NAME_TIMEOUT,
    TCP_TIMEOUT,
    HostEndpoint,
    connect_error,
    endpoint_for,
    gateway_endpoint,
)
from padchat_twisted.transport.handshakes import TLS_TIMEOUT, TLSEndpoint
from padchat_twisted.transport.proxies import Proxy
from padchat_twisted.transport.tls import TLSOptions
from padchat_twisted.transport.tunnels import ProxyEndpoint
from padchat_twisted.wire.limits import OPEN_TIMEOUT

from .way import Client, Echo, WayTestCase, reactor


@implementer(IHostnameResolver)
class Resolver:
    """Knows what the test says, when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, Any]] = []

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: object = None,
        transportSemantics: str = "TCP",
    ) -> Any:  # noqa: ANN401 - nobody looks at it
        """Note who asks."""
        self.asked.append((hostName, portNumber, resolutionReceiver))

    def answer(self, hosts: Sequence[str]) -> None:
        """Answer the question before."""
        _, port, receiver = self.asked[-1]
        receiver.resolutionBegan(None)
        for host in hosts:
            kind = IPv6Address if ":" in host else IPv4Address
            receiver.addressResolved(kind("TCP", host, port))
        receiver.resolutionComplete()


class MemoryCase(SynchronousTestCase):
    """A reactor in memory; the resolver is the test."""

    def setUp(self) -> None:
        """Begin to connect."""
        self.reactor: Any = MemoryReactorClock()
        self.resolver = self.reactor.nameResolver = Resolver()
        self.begin()

    connecting: defer.Deferred[Any] = defer.succeed(None)

    def begin(self, **options: Any) -> None:  # noqa: ANN401 - those of gateway_endpoint
        """Connect to the gateway with *options*, and to nobody else."""
        self.connecting.addErrback(lambda _: None).cancel()
        options = {"is_secure": False, **options}
        endpoint = gateway_endpoint(self.reactor, "gw.example", 7700, **options)
        self.connecting = endpoint.connect(Factory.forProtocol(Client))

    def attempts(self) -> list[str]:
        """List the addresses that were connected to."""
        return [place(host, port) for host, port, *_ in self.reactor.tcpClients]

    def refuse(self, error: Exception) -> None:
        """Have the newest attempt fail."""
        _, _, factory, *_ = self.reactor.tcpClients[-1]
        factory.clientConnectionFailed(self.reactor.connectors[-1], Failure(error))

    def accept(self) -> StringTransport:
        """Have the newest attempt succeed."""
        transport = StringTransport()
        _, _, factory, *_ = self.reactor.tcpClients[-1]
        factory.buildProtocol(None).makeConnection(transport)
        return transport

    def error(self, hop: str, kind: type[ConnectError] = ConnectError) -> str:
        """Return the problem; no timer is left."""
        error = self.failureResultOf(self.connecting, ConnectError).value
        self.assertIs(type(error), kind)
        self.assertEqual((error.hop, error.where), (hop, "gw.example:7700"))
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        return str(error.problem)


class NameTests(MemoryCase):
    """The hop "name"."""

    def test_asked(self) -> None:
        """The name is asked for with its port."""
        [(host, port, _)] = self.resolver.asked
        self.assertEqual((host, port), ("gw.example", 7700))
        self.assertTrue(verifyObject(IHostnameResolver, self.resolver))

    def test_unknown(self) -> None:
        """A name without addresses says whose it is."""
        self.resolver.answer([])
        self.assertIn(
            "there is no address for the name gw.example of the gateway;"
            " is it spelt right",
            self.error("name"),
        )

    def test_time(self) -> None:
        """A resolver that does not answer has its time; its answer is ignored then."""
        self.reactor.advance(NAME_TIMEOUT - 0.01)
        self.assertNoResult(self.connecting)
        self.reactor.advance(0.01)
        self.assertIn("was not looked up in 8 s", self.error("name", ConnectTimedOut))
        self.resolver.answer(["192.0.2.1"])
        self.assertEqual(self.attempts(), [])

    def test_cancelled(self) -> None:
        """Who gives up ends it, and a late answer connects to nothing."""
        self.connecting.cancel()
        self.failureResultOf(self.connecting, defer.CancelledError)
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.resolver.answer(["192.0.2.1"])
        self.assertEqual(self.attempts(), [])

    def test_proxy(self) -> None:
        """With a proxy its name is looked up, and not the gateway's."""
        self.begin(proxy="http://proxy.example:3128")
        self.assertEqual(self.resolver.asked[-1][0], "proxy.example")
        self.resolver.answer([])
        told = self.error("name")
        self.assertIn("of the proxy http://proxy.example:3128", told)


class TCPTests(MemoryCase):
    """The hop "TCP"."""

    def test_first_that_answers(self) -> None:
        """Addresses are tried one after the other; the first that answers is it."""
        self.resolver.answer(["2001:db8::1", "192.0.2.1"])
        self.assertEqual(self.attempts(), ["[2001:db8::1]:7700"])
        self.reactor.advance(0.3)
        self.assertEqual(self.attempts()[1:], ["192.0.2.1:7700"])
        self.accept()
        self.assertIsInstance(self.successResultOf(self.connecting), Client)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_all_refuse(self) -> None:
        """Both addresses are told."""
        self.resolver.answer(["192.0.2.1", "192.0.2.2"])
        self.refuse(ConnectionRefusedError())
        self.reactor.advance(0.3)
        self.refuse(ConnectionRefusedError())
        self.reactor.advance(0.3)
        self.assertEqual(
            self.error("TCP"),
            "the gateway at 192.0.2.1:7700, 192.0.2.2:7700: the connection was refused;"
            " does it run, and is the port right?",
        )

    def test_time(self) -> None:
        """An address that does not answer has its time."""
        self.begin(connect_timeout=3.0)
        self.resolver.answer(["192.0.2.1"])
        self.assertEqual(self.reactor.tcpClients[-1][3], 3.0)
        self.refuse(ConnectingTimedOut())
        self.reactor.advance(0.3)
        self.assertIn(
            "nothing answered; is a firewall", self.error("TCP", ConnectTimedOut)
        )

    def test_one_address(self) -> None:
        """Of whatever kind it is, it is connected to, and leaves no class behind."""
        gc.collect()
        before = len(type.__subclasses__(object))
        for host in ("192.0.2.1", "2001:db8::1"):
            self.begin()
            self.resolver.answer([host])
            self.assertEqual(self.attempts()[-1], place(host, 7700))
            self.accept()
            self.assertIsInstance(self.successResultOf(self.connecting), Client)
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertEqual(len(type.__subclasses__(object)), before)

    def test_usual_time(self) -> None:
        """So many seconds, when nobody says otherwise."""
        self.resolver.answer(["192.0.2.1"])
        self.assertEqual(self.reactor.tcpClients[-1][3], TCP_TIMEOUT)

    def test_addresses(self) -> None:
        """A name of many addresses has some of them tried."""
        self.resolver.answer([f"192.0.2.{n}" for n in range(MAX_ADDRESSES + 5)])
        for _ in range(MAX_ADDRESSES + 5):
            self.reactor.advance(0.3)
        self.assertEqual(len(self.attempts()), MAX_ADDRESSES)
        self.connecting.cancel()
        self.failureResultOf(self.connecting)

    def test_cancelled(self) -> None:
        """Who gives up stops the attempts."""
        self.resolver.answer(["192.0.2.1", "192.0.2.2"])
        self.connecting.cancel()
        self.failureResultOf(self.connecting)
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)


class TLSTimeTests(MemoryCase):
    """The hop "TLS": its time."""

    def setUp(self) -> None:
        """Connect with TLS."""
        super().setUp()
        self.begin(is_secure=True)
        self.resolver.answer(["192.0.2.1"])
        self.transport = self.accept()

    def test_time(self) -> None:
        """A peer that takes our hello and says nothing has its time."""
        self.assertEqual(self.transport.value()[:1], b"\x16")
        self.reactor.advance(TLS_TIMEOUT - 0.01)
        self.assertNoResult(self.connecting)
        self.reactor.advance(0.01)
        told = self.failureResultOf(self.connecting, ConnectTimedOut).value
        self.assertEqual(told.hop, "TLS")
        self.assertIn("was not done in 10 s; does this port speak TLS?", told.problem)
        self.assertTrue(self.transport.disconnected)

    def test_cancelled(self) -> None:
        """Who gives up drops the connection."""
        self.connecting.cancel()
        self.failureResultOf(self.connecting, defer.CancelledError)
        self.assertTrue(self.transport.disconnected)


class CompositionTests(SynchronousTestCase):
    """Which endpoints a way is made of."""

    def test_kinds(self) -> None:
        """TLS over a proxy over TCP, as far as asked for."""
        for is_secure, proxy, kind in (
            (False, None, HostEndpoint),
            (True, None, TLSEndpoint),
            (False, "http://h:1", ProxyEndpoint),
            (True, Proxy("http", "h", 1), TLSEndpoint),
        ):
            endpoint = gateway_endpoint(
                object(), "h", 1, is_secure=is_secure, proxy=proxy
            )
            self.assertIs(type(endpoint), kind)

    def test_of_url(self) -> None:
        """The URL says whether TLS is spoken."""
        for url, kind in (
            ("http://h/user", HostEndpoint),
            ("https://h/u", TLSEndpoint),
        ):
            self.assertIs(type(endpoint_for(object(), parse_url(url))), kind)

    def test_tls_without_tls(self) -> None:
        """Options of TLS for a URL without TLS are no silent loss of protection."""
        with self.assertRaisesRegex(LocalProtocolError, "its URL is http; write https"):
            endpoint_for(object(), parse_url("http://h/user"), tls=TLSOptions())

    def test_bad_values(self) -> None:
        """What cannot work is refused before anything is connected."""
        with self.assertRaises(LocalProtocolError):
            gateway_endpoint(object(), "h", 1, is_secure=False, proxy="ftp://h:1")
        with self.assertRaises(LocalProtocolError):
            gateway_endpoint(object(), "ü" * 64, 1, is_secure=False)

    def test_hops_end_before_the_whole(self) -> None:
        """Each hop has less time than the whole way: one that stands still is named."""
        for limit in (NAME_TIMEOUT, TCP_TIMEOUT + 0.3 * MAX_ADDRESSES, TLS_TIMEOUT):
            self.assertLess(limit, OPEN_TIMEOUT - 2)

    def test_place(self) -> None:
        """An IPv6 address gets its brackets."""
        self.assertEqual(place("h", 1), "h:1")
        self.assertEqual(place("::1", 1), "[::1]:1")

    def test_no_reactor(self) -> None:
        """Importing and building a way installs no reactor."""
        code = (
            "import sys; from padchat_twisted.transport.endpoints import *;"
            "gateway_endpoint(object(), 'h', 1, is_secure=True, proxy='socks5://h:1');"
            "sys.exit('twisted.internet.reactor' in sys.modules)"
        )
        command = [sys.executable, "-B", "-c", code]
        self.assertEqual(subprocess.run(command, check=False).returncode, 0)


class ErrorTests(SynchronousTestCase):
    """Failures of other people's endpoints, and of requests."""

    def made(self, error: Exception) -> ConnectError:
        """Return what *error* becomes."""
        return connect_error("gw:1", Failure(error))

    def test_hops(self) -> None:
        """Twisted's classes tell the hop."""
        for error, hop, kind, told in (
            (DNSLookupError("x"), "name", ConnectError, "x"),
            (ConnectionRefusedError(), "TCP", ConnectError, "was refused"),
            (ConnectingTimedOut(), "TCP", ConnectTimedOut, "nothing answered"),
            (TCPTimedOutError(), "TCP", ConnectTimedOut, "nothing answered"),
            (NoRouteError(), "TCP", ConnectError, "no route"),
            (ConnectBindError(), "TCP", ConnectError, "gave no port"),
            (
                TwistedConnectError(osError=OSError(5, "odd")),
                "TCP",
                ConnectError,
                "odd",
            ),
            (TwistedConnectError(string="strange"), "TCP", ConnectError, "strange"),
            (ValueError("bad\nname"), "", ConnectError, "bad name"),
            (ValueError(), "", ConnectError, "ValueError"),
        ):
            made = self.made(error)
            self.assertEqual((made.hop, type(made), made.where), (hop, kind, "gw:1"))
            self.assertIn(told, made.problem)
            self.assertIs(made.__cause__, error)

    def test_ours(self) -> None:
        """An error of ours stays what it is."""
        error = ConnectError("h:1", "no", hop="proxy")
        self.assertIs(self.made(error), error)

    def test_of_a_request(self) -> None:
        """In the failure of a request, the reason that knows its hop is found."""
        error = ConnectError("h:1", "no", hop="TLS")
        reasons = [Failure(ConnectionLost()), Failure(error)]
        self.assertIs(self.made(ResponseNeverReceived(reasons)), error)
        other = self.made(ResponseNeverReceived(reasons[:1]))
        self.assertEqual(other.hop, "")

    def test_tls(self) -> None:
        """A failure of TLS is told in words."""
        from OpenSSL.SSL import Error

        made = self.made(Error([("SSL routines", "", "tlsv1 alert unknown ca")]))
        self.assertEqual(made.hop, "TLS")
        self.assertIn("does not know the CA", made.problem)


class RealTests(WayTestCase):
    """With the real reactor and its resolver."""

    async def test_connected(self) -> None:
        """A name and an address lead there."""
        port = self.listen(Echo)
        for host in ("localhost", "127.0.0.1"):
            endpoint = gateway_endpoint(reactor, host, port, is_secure=False)
            await self.check_echo(endpoint)

    async def test_refused(self) -> None:
        """A port where nobody listens fails at the hop "TCP", with the address."""
        endpoint = gateway_endpoint(reactor, "127.0.0.1", 1, is_secure=False)
        error = await self.error_of(endpoint)
        self.assertEqual(error.hop, "TCP")
        self.assertIn("the gateway at 127.0.0.1:1: the connection was", str(error))
