"""Client and server over real sockets: ``ws``, ``wss``, and other endpoints."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    serverFromString,
    wrapClientTLS,
)
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.ssl import Certificate, PrivateCertificate, optionsForClientTLS
from twisted.python.filepath import FilePath

from padchat_twisted.errors import ConnectError
from padchat_twisted.wire.envelope import Notice, Reply

from .real_case import EchoServerCase, reactor
from .served import Waiter, connector_to, make_certificate

#: More than any buffer of the operating system between two sockets on one machine.
LARGE = 8 * 1024 * 1024

MIB = 1024 * 1024


class RealSocketTests(EchoServerCase):
    """The same session over each kind of endpoint."""

    async def check_session(self, endpoint: IStreamClientEndpoint, url: str) -> None:
        """Connect, call, send something large both ways, and leave."""
        waiter = Waiter()
        connector = connector_to(endpoint, reactor, url)
        connected = waiter.when("connected")
        connector.connect(waiter)
        await connected
        connection = waiter.connection
        assert connection is not None
        received = waiter.when("received")
        connection.send_call(1, "a", b"{}")
        await received
        while len(waiter.envelopes) < 2:
            await waiter.when("received")
        self.assertEqual(
            waiter.envelopes, [Notice("a", b'["a",{}]'), Reply(1, b'["done"]')]
        )
        waiter.envelopes.clear()
        connection.send_call(2, "b", b'"%b"' % (b"x" * LARGE))
        while len(waiter.envelopes) < 2:
            await waiter.when("received")
        self.assertEqual(len(waiter.envelopes[0].body), LARGE + len('["b",""]'))
        lost = waiter.when("lost")
        connection.close()
        await lost
        self.assertEqual(
            str(waiter.loss), "the connection was lost: io client disconnect"
        )

    async def test_tcp(self) -> None:
        """``ws``."""
        listening = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = await listening.listen(self.server.site)
        self.ports.append(port)
        number = port.getHost().port
        endpoint = HostnameEndpoint(reactor, "127.0.0.1", number)
        await self.check_session(endpoint, f"http://127.0.0.1:{number}/user")

    async def test_unix(self) -> None:
        """Any stream endpoint will do, one without ports for example."""
        path = self.mktemp()[-60:].replace("/", "_")
        listening = UNIXServerEndpoint(reactor, path)
        self.ports.append(await listening.listen(self.server.site))
        self.addCleanup(FilePath(path).restat, False)
        endpoint = UNIXClientEndpoint(reactor, path)
        await self.check_session(endpoint, "http://gateway.invalid/user")

    async def listen_tls(self) -> tuple[int, Certificate]:
        """Listen with TLS; return the port and what to trust."""
        certificate, key = make_certificate("localhost")
        options = PrivateCertificate.loadPEM(certificate + key).options()
        port = reactor.listenSSL(0, self.server.site, options, interface="127.0.0.1")
        self.ports.append(port)
        return port.getHost().port, Certificate.loadPEM(certificate)

    async def test_tls(self) -> None:
        """``wss``."""
        number, trusted = await self.listen_tls()
        endpoint = wrapClientTLS(
            optionsForClientTLS("localhost", trustRoot=trusted),
            TCP4ClientEndpoint(reactor, "127.0.0.1", number),
        )
        await self.check_session(endpoint, f"https://localhost:{number}/user")

    async def test_tls_server_endpoint(self) -> None:
        """``wss`` behind a server endpoint that is described by a text."""
        certificate, key = make_certificate("localhost")
        files = []
        for content in (certificate, key):
            files.append(FilePath(self.mktemp()))
            files[-1].setContent(content)
        text = f"ssl:0:interface=127.0.0.1:privateKey={files[1].path}"
        text += f":certKey={files[0].path}"
        port = await serverFromString(reactor, text).listen(self.server.site)
        self.ports.append(port)
        number = port.getHost().port
        trusted = Certificate.loadPEM(certificate)
        endpoint = wrapClientTLS(
            optionsForClientTLS("localhost", trustRoot=trusted),
            TCP4ClientEndpoint(reactor, "127.0.0.1", number),
        )
        await self.check_session(endpoint, f"https://localhost:{number}/user")

    async def check_refused(self, endpoint: IStreamClientEndpoint, text: str) -> None:
        """The connection must fail with an error that has *text* in it."""
        waiter = Waiter()
        lost = waiter.when("lost")
        connector_to(endpoint, reactor, "https://localhost/user").connect(waiter)
        await lost
        self.assertIsInstance(waiter.loss, ConnectError)
        self.assertIn(text, str(waiter.loss))

    async def test_tls_not_trusted(self) -> None:
        """A certificate that nobody vouches for ends the attempt, and says so."""
        number, _ = await self.listen_tls()
        endpoint = wrapClientTLS(
            optionsForClientTLS("localhost"),
            TCP4ClientEndpoint(reactor, "127.0.0.1", number),
        )
        await self.check_refused(endpoint, "certificate verify failed")

    async def test_tls_wrong_name(self) -> None:
        """A certificate of somebody else ends the attempt."""
        number, trusted = await self.listen_tls()
        endpoint = wrapClientTLS(
            optionsForClientTLS("other.invalid", trustRoot=trusted),
            TCP4ClientEndpoint(reactor, "127.0.0.1", number),
        )
        await self.check_refused(endpoint, "hostname=b'other.invalid'")

    async def test_plain_to_tls(self) -> None:
        """Without TLS, a gateway that wants it ends the attempt."""
        number, _ = await self.listen_tls()
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", number)
        await self.check_refused(endpoint, "peer dropped the TCP connection")

    async def test_nodelay(self) -> None:
        """Small frames are not held back by Nagle's algorithm, on either side."""
        port = reactor.listenTCP(0, self.server.site, interface="127.0.0.1")
        self.ports.append(port)
        waiter = Waiter()
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        connector = connector_to(endpoint, reactor)
        connected = waiter.when("connected")
        connector.connect(waiter)
        await connected
        connection: Any = waiter.connection
        (driver,) = self.server.sockets.drivers
        websockets: list[Any] = [driver._websocket, connection.driver._websocket]
        for websocket in websockets:
            self.assertTrue(websocket.transport.getTcpNoDelay())
        await self.leave(waiter)

    async def test_pause(self) -> None:
        """A slow session stops the server, and gets everything in order later."""
        port = reactor.listenTCP(0, self.server.site, interface="127.0.0.1")
        self.ports.append(port)
        waiter = Waiter()
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        connected = waiter.when("connected")
        connector_to(endpoint, reactor).connect(waiter)
        await connected
        assert waiter.connection is not None
        waiter.connection.pause()
        (echo,) = self.server.served
        for number in range(16):
            echo.connection.emit("/user", b'["%d","%b"]' % (number, b"x" * MIB))
            echo.driver.turn()
        # The server's transport is full, so the rest waits in its connection.
        self.assertGreater(echo.connection.buffered_bytes, 0)
        self.assertEqual(waiter.envelopes, [])
        waiter.connection.resume()
        while len(waiter.envelopes) < 16:
            await waiter.when("received")
        names = [e.event for e in waiter.envelopes if isinstance(e, Notice)]
        self.assertEqual(names, [str(number) for number in range(16)])
        self.assertEqual(echo.connection.buffered_bytes, 0)
        await self.leave(waiter)

    async def leave(self, waiter: Waiter) -> None:
        """Close the connection of a session."""
        assert waiter.connection is not None
        lost: Deferred[None] = waiter.when("lost")
        waiter.connection.close()
        await lost
