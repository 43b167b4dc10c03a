"""The example and the configuration of the page on reaching the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.protocols.portforward import ProxyFactory
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.config import load_configuration
from padchat_twisted.transport.handshakes import pin_of

from ..transport.proxy_servers import ConnectServer, ProxyServer, SOCKSServer
from ..transport.way import Identity, reactor
from .running import AUTH_KEY, EXAMPLES, ExampleTestCase, load

GATEWAY = "gw.invalid"


class ReachTests(ExampleTestCase):
    """The sandbox behind TLS, and a proxy on the way."""

    def listen(self, factory: Any, options: Any = None) -> int:  # noqa: ANN401 - Twisted's
        """Listen on a free port, with TLS where there are options."""
        factory.noisy = False
        place = {"interface": "127.0.0.1"}
        if options is None:
            port = reactor.listenTCP(0, factory, **place)
        else:
            port = reactor.listenSSL(0, factory, options, **place)
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    async def run_through(self, kind: Any, scheme: str) -> None:  # noqa: ANN401 - a class
        """Log in, be asked and answer, through a proxy of *kind*."""
        ca = Identity("ca", is_ca=True)
        own = Identity(GATEWAY, issuer=ca)
        sandbox_port = int(self.sandbox.url.rpartition(":")[2].partition("/")[0])
        gateway_port = self.listen(
            ProxyFactory("127.0.0.1", sandbox_port), own.server_options()
        )
        proxy = ProxyServer(kind, {f"{GATEWAY}:443": gateway_port}, ("me", "secret"))
        ca_file = self.folder / "ca.pem"
        ca_file.write_bytes(ca.certificate_pem)
        service: Any = load("embed_reach").make_service(
            reactor,
            f"https://{GATEWAY}/user",
            str(ca_file),
            pin_of(own.certificate),
            f"{scheme}://me:secret@127.0.0.1:{self.listen(proxy)}",
        )
        service.startService()
        self.addCleanup(lambda: maybeDeferred(service.stopService))
        await service.accounts["shop-1"].when_ready()
        answered = self.all_answered("pong", ["shop-1"])
        self.alice.says("ping", to="shop-1")
        await answered
        self.assertEqual(set(proxy.targets), {f"{GATEWAY}:443"})

    async def test_http(self) -> None:
        """An account lives behind a proxy that knows CONNECT."""
        await self.run_through(ConnectServer, "http")

    async def test_socks5(self) -> None:
        """And behind one of SOCKS5."""
        await self.run_through(SOCKSServer, "socks5")


class ConfigurationTests(SynchronousTestCase):
    """The configuration of the page."""

    def test_no_problems(self) -> None:
        """It is right, once its files and variables are there."""
        folder = Path(self.mktemp())
        folder.mkdir()
        own = Identity("own", is_ca=True)
        for name, content in (
            ("gateway-ca.pem", own.certificate_pem),
            ("client.pem", own.certificate_pem),
            ("client.key", own.key_pem()),
            *(
                (f, (EXAMPLES / f).read_bytes())
                for f in ("shop_bot.py", "reaching.toml")
            ),
        ):
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        variables = {
            "PADCHAT_AUTH_KEY": AUTH_KEY,
            "PADCHAT_PROXY": "http://me:secret@proxy.example:3128",
        }
        gateway = load_configuration(folder / "reaching.toml", variables).gateway
        self.assertIsNotNone(gateway.tls)
        self.assertIsNotNone(gateway.proxy)
