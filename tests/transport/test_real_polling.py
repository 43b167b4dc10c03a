"""Long polling and the upgrade over real sockets, with and without TLS."""

from __future__ import annotations

from typing import Any

from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    serverFromString,
    wrapClientTLS,
)
from twisted.internet.interfaces import (
    IStreamClientEndpoint,
    IStreamServerEndpoint,
)
from twisted.internet.ssl import Certificate, optionsForClientTLS
from twisted.python.filepath import FilePath

from padchat_twisted.errors import ConnectError
from padchat_twisted.wire.envelope import Notice, Reply

from .real_case import EchoServerCase, reactor
from .served import Waiter, connector_to, make_certificate

#: More than a socket takes at once.
LARGE = 1024 * 1024


class RealPollingTests(EchoServerCase):
    """A session whose requests go through the operating system."""

    revisions = frozenset({3, 4})

    async def listen(self, endpoint: IStreamServerEndpoint) -> int:
        """Listen; return the port."""
        port: Any = await endpoint.listen(self.server.site)
        self.ports.append(port)
        number: int = port.getHost().port
        return number

    async def check_session(
        self,
        endpoint: IStreamClientEndpoint,
        url: str,
        transports: tuple[str, ...],
        revision: int,
    ) -> None:
        """Connect, call, send something large both ways, and leave."""
        waiter = Waiter()
        connector = connector_to(
            endpoint, reactor, url, transports=transports, revision=revision
        )
        connected = waiter.when("connected")
        connector.connect(waiter)
        await connected
        connection = waiter.connection
        assert connection is not None
        for number, body in enumerate((b"{}", b'"%b"' % (b"x" * LARGE))):
            waiter.envelopes.clear()
            connection.send_call(number, "a", body)
            while len(waiter.envelopes) < 2:
                await waiter.when("received")
            self.assertEqual(
                waiter.envelopes,
                [Notice("a", b'["a",%b]' % body), Reply(number, b'["done"]')],
            )
        lost = waiter.when("lost")
        connection.close()
        await lost
        self.assertIn("io client disconnect", str(waiter.loss))

    async def test_tcp(self) -> None:
        """Polling, in both revisions."""
        endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = await self.listen(endpoint)
        to_server = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
        url = f"http://127.0.0.1:{port}/user"
        await self.check_session(to_server, url, ("polling",), 3)
        await self.check_session(to_server, url, ("polling",), 4)

    async def test_tls(self) -> None:
        """Polling and the upgrade, over one endpoint with TLS."""
        certificate, key = make_certificate("localhost")
        path = FilePath(self.mktemp())
        path.setContent(key + certificate)
        server = serverFromString(
            reactor, f"ssl:0:interface=127.0.0.1:privateKey={path.path}"
        )
        port = await self.listen(server)
        trusted = optionsForClientTLS("localhost", Certificate.loadPEM(certificate))
        to_server = wrapClientTLS(
            trusted, HostnameEndpoint(reactor, b"localhost", port)
        )
        url = f"https://localhost:{port}/user"
        await self.check_session(to_server, url, ("polling", "websocket"), 3)
        await self.check_session(to_server, url, ("polling",), 4)

    async def test_untrusted(self) -> None:
        """A certificate that is not trusted is what the error names."""
        certificate, key = make_certificate("localhost")
        path = FilePath(self.mktemp())
        path.setContent(key + certificate)
        server = serverFromString(
            reactor, f"ssl:0:interface=127.0.0.1:privateKey={path.path}"
        )
        port = await self.listen(server)
        to_server = wrapClientTLS(
            optionsForClientTLS("localhost"),
            HostnameEndpoint(reactor, b"localhost", port),
        )
        waiter = Waiter()
        lost = waiter.when("lost")
        connector_to(
            to_server,
            reactor,
            f"https://localhost:{port}/user",
            transports=("polling",),
        ).connect(waiter)
        await lost
        assert isinstance(waiter.loss, ConnectError)
        self.assertEqual(waiter.loss.hop, "TLS")

    async def test_cut_off(self) -> None:
        """A server that drops everything while a poll is open ends it."""
        endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = await self.listen(endpoint)
        waiter = Waiter()
        connected, lost = waiter.when("connected"), waiter.when("lost")
        connector_to(
            TCP4ClientEndpoint(reactor, "127.0.0.1", port),
            reactor,
            f"http://127.0.0.1:{port}/user",
            transports=("polling",),
        ).connect(waiter)
        await connected
        self.server.sockets.drop_all()
        await lost
        # The next poll may come after it.
        self.assertIn("HTTP", str(waiter.loss))
