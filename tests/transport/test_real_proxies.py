"""Tunnels through real proxies, over real sockets."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import (
    IStreamClientEndpoint,
)

from padchat_twisted.transport.endpoints import gateway_endpoint
from padchat_twisted.transport.tls import TLSOptions

from .proxy_servers import ConnectServer, ProxyServer, SOCKSServer, TunnelServer
from .way import Echo, Identity, Played, WayTestCase, reactor

#: The name of the gateway, which the proxies alone can look up.
GATEWAY = "gw.invalid"

USER, PASSWORD = "al@ice", "pass:word-1"


class _ProxyCases(WayTestCase):
    """What both kinds do; *kind* and *scheme* say which."""

    kind: Callable[[ProxyServer], TunnelServer] = staticmethod(ConnectServer)
    scheme = "http"

    def set_up_proxy(
        self, port: int, credentials: tuple[str, str] | None = None
    ) -> None:
        """Listen with a proxy that leads to *port*."""
        places = {
            f"{host}:443": port for host in (GATEWAY, "192.0.2.1", "[2001:db8::1]")
        }
        self.proxy = ProxyServer(self.kind, places, credentials)
        self.proxy_port = self.listen(self.proxy)

    def url(self, user: str = "") -> str:
        """Return the URL of the proxy."""
        return f"{self.scheme}://{user}127.0.0.1:{self.proxy_port}"

    def endpoint(self, user: str = "", host: str = GATEWAY) -> IStreamClientEndpoint:
        """Return the endpoint to the gateway, without TLS."""
        return gateway_endpoint(
            reactor, host, 443, is_secure=False, proxy=self.url(user)
        )

    async def test_by_name(self) -> None:
        """The proxy gets the name; nobody looks it up here."""
        self.set_up_proxy(self.listen(Echo))
        await self.check_echo(self.endpoint())
        self.assertEqual(self.proxy.targets, [f"{GATEWAY}:443"])

    async def test_by_address(self) -> None:
        """Addresses of both kinds are asked for as such."""
        self.set_up_proxy(self.listen(Echo))
        for host in ("192.0.2.1", "2001:db8::1"):
            await self.check_echo(self.endpoint(host=host))
        self.assertEqual(self.proxy.targets, ["192.0.2.1:443", "[2001:db8::1]:443"])

    async def test_tls_behind_it(self) -> None:
        """TLS is spoken with the gateway, whose certificate is verified."""
        ca = Identity("ca", is_ca=True)
        port, names = self.listen_tls(Identity(GATEWAY, issuer=ca))
        self.set_up_proxy(port)
        tls = TLSOptions(ca_file=self.write("ca.pem", ca.certificate_pem))
        endpoint = gateway_endpoint(
            reactor, GATEWAY, 443, is_secure=True, tls=tls, proxy=self.url()
        )
        await self.check_echo(endpoint)
        self.assertEqual(names, [GATEWAY])
        untrusting = gateway_endpoint(
            reactor, GATEWAY, 443, is_secure=True, proxy=self.url()
        )
        error = await self.error_of(untrusting)
        self.assertEqual(error.hop, "TLS")

    async def test_credentials(self) -> None:
        """User name and password let us through."""
        self.set_up_proxy(self.listen(Echo), (USER, PASSWORD))
        await self.check_echo(self.endpoint("al%40ice:pass%3Aword-1@"))

    async def test_wrong_credentials(self) -> None:
        """Others do not; the error repeats neither."""
        self.set_up_proxy(self.listen(Echo), (USER, PASSWORD))
        error = await self.error_of(self.endpoint("mallory:guess@"))
        self.assertEqual(error.hop, "proxy")
        self.assertIn("user name and ", str(error))
        for secret in ("mallory", "guess", USER, PASSWORD):
            self.assertNotIn(secret, str(error))

    async def test_no_credentials(self) -> None:
        """A proxy that wants some says what to do."""
        self.set_up_proxy(self.listen(Echo), (USER, PASSWORD))
        error = await self.error_of(self.endpoint())
        self.assertEqual(error.hop, "proxy")
        self.assertIn("a user name and a password", error.problem)

    async def test_gateway_is_not_there(self) -> None:
        """What the proxy says of the gateway is the error."""
        self.set_up_proxy(self.listen(Echo))
        error = await self.error_of(self.endpoint(host="other.invalid"))
        self.assertEqual(error.hop, "proxy")
        self.assertEqual(error.where, "other.invalid:443")
        self.assertIn(f"the proxy {self.url()} answered", error.problem)
        self.assertIn("reach", error.problem)

    async def test_proxy_is_not_there(self) -> None:
        """A proxy that refuses is a failure of TCP; the proxy and address are named."""
        self.set_up_proxy(1)
        self.proxy_port = 1
        error = await self.error_of(self.endpoint())
        self.assertEqual(error.hop, "TCP")
        self.assertIn(f"the proxy {self.url()} at 127.0.0.1:1: ", error.problem)

    async def test_closes(self) -> None:
        """A proxy that closes without an answer is told as such."""
        self.proxy_port = self.listen(lambda: Played(Played.leave))
        error = await self.error_of(self.endpoint())
        self.assertEqual(error.hop, "proxy")
        self.assertIn("closed the connection without an answer", error.problem)

    async def test_garbage(self) -> None:
        """A proxy that says something else is left at its first word."""
        self.proxy_port = self.listen(lambda: Played(lambda p: p.send(b"\xff" * 9)))
        error = await self.error_of(self.endpoint())
        self.assertEqual(error.hop, "proxy")
        self.assertIn("does not answer in", error.problem)


class ConnectTests(_ProxyCases):
    """The method CONNECT."""


class SOCKSTests(_ProxyCases):
    """SOCKS5."""

    kind = staticmethod(SOCKSServer)
    scheme = "socks5"


del _ProxyCases
