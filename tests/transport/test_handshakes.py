"""TLS with real certificates over real sockets: who is trusted, and what is told."""

from __future__ import annotations

from typing import Any

from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import ConnectError, LocalProtocolError
from padchat_twisted.transport.endpoints import gateway_endpoint
from padchat_twisted.transport.handshakes import MAX_NAMES_TOLD, pin_of
from padchat_twisted.transport.tls import TLSOptions

from .way import Client, Echo, Identity, Played, WayTestCase, reactor


class HandshakeTestCase(WayTestCase):
    """A gateway that a CA of the test vouches for."""

    def setUp(self) -> None:
        """Make the CA."""
        self.ca = Identity("test CA", is_ca=True)
        self.ca_file = self.write("ca.pem", self.ca.certificate_pem)

    def endpoint(self, port: int, host: str = "localhost", **options: Any) -> Any:  # noqa: ANN401 - those of TLSOptions
        """Return the endpoint to *port*, with the CA trusted unless told otherwise."""
        tls = TLSOptions(**{"ca_file": self.ca_file, **options})
        return gateway_endpoint(reactor, host, port, is_secure=True, tls=tls)

    async def problem(self, identity: Identity, **options: Any) -> str:  # noqa: ANN401 - those of TLSOptions
        """Return what is told of a gateway with this certificate."""
        port, _ = self.listen_tls(identity)
        error = await self.error_of(self.endpoint(port, **options))
        self.assertEqual(error.hop, "TLS")
        self.assertEqual(error.where, f"localhost:{port}")
        return error.problem


class TrustTests(HandshakeTestCase):
    """Whom we trust."""

    async def test_ca_file(self) -> None:
        """A certificate of the CA is trusted, and the name is asked for."""
        port, names = self.listen_tls(Identity("localhost", issuer=self.ca))
        await self.check_echo(self.endpoint(port))
        self.assertEqual(names, ["localhost"])

    async def test_self_signed_in_ca_file(self) -> None:
        """A certificate that signs itself is trusted when it is the CA file."""
        own = Identity("localhost", is_ca=True)
        port, _ = self.listen_tls(own)
        path = self.write("own.pem", own.certificate_pem)
        await self.check_echo(self.endpoint(port, ca_file=path))

    async def test_address(self) -> None:
        """An address is verified as one, and is not sent as a name."""
        port, names = self.listen_tls(Identity("127.0.0.1", issuer=self.ca))
        await self.check_echo(self.endpoint(port, host="127.0.0.1"))
        self.assertEqual(names, [""])

    async def test_server_name(self) -> None:
        """The name of the options is asked for and verified, not the host's."""
        port, names = self.listen_tls(Identity("gw.example", issuer=self.ca))
        await self.check_echo(self.endpoint(port, server_name="gw.example"))
        self.assertEqual(names, ["gw.example"])

    async def test_international_name(self) -> None:
        """A name of another script goes over the wire in ASCII."""
        identity = Identity("xn--bcher-kva.example", issuer=self.ca)
        port, names = self.listen_tls(identity)
        await self.check_echo(self.endpoint(port, server_name="bücher.example"))
        self.assertEqual(names, ["xn--bcher-kva.example"])

    async def test_system_does_not_know_it(self) -> None:
        """Without a CA file the CA of the test is not trusted."""
        problem = await self.problem(
            Identity("localhost", issuer=self.ca), ca_file=None
        )
        self.assertIn("has an issuer that is not known here; set ca_file", problem)

    async def test_self_signed(self) -> None:
        """A certificate that signs itself is told as such."""
        problem = await self.problem(Identity("localhost"))
        self.assertIn("the gateway's certificate is self-signed", problem)

    async def test_expired(self) -> None:
        """One that has expired is told as such."""
        problem = await self.problem(
            Identity("localhost", issuer=self.ca, days=(-9, -2))
        )
        self.assertIn("the gateway's certificate has expired", problem)

    async def test_not_yet_valid(self) -> None:
        """One of tomorrow points at the clocks."""
        problem = await self.problem(Identity("localhost", issuer=self.ca, days=(2, 9)))
        self.assertIn("is not valid yet; look at the clocks", problem)

    async def test_expired_ca(self) -> None:
        """When the CA has expired, it is not the gateway's certificate that has."""
        ca = Identity("old CA", is_ca=True, days=(-9, -2))
        path = self.write("old.pem", ca.certificate_pem)
        problem = await self.problem(Identity("localhost", issuer=ca), ca_file=path)
        self.assertIn("has an issuer whose own certificate has expired", problem)

    async def test_other_name(self) -> None:
        """One for other names tells some of them."""
        names = [f"gw{n}.example" for n in range(MAX_NAMES_TOLD + 2)]
        problem = await self.problem(Identity(*names, issuer=self.ca))
        self.assertIn(
            "is for gw0.example, gw1.example, gw2.example and 2 more, and not for"
            " localhost; if that is the right gateway, set server_name",
            problem,
        )

    async def test_no_name(self) -> None:
        """One without names is for nobody."""
        problem = await self.problem(Identity(issuer=self.ca))
        self.assertIn("is for no name at all, and not for localhost", problem)


class PinTests(HandshakeTestCase):
    """Which key we trust besides."""

    async def test_fits(self) -> None:
        """One of several pins that fits is enough."""
        identity = Identity("localhost", issuer=self.ca)
        port, _ = self.listen_tls(identity)
        pins = (pin_of(self.ca.certificate), pin_of(identity.certificate))
        await self.check_echo(self.endpoint(port, pins=pins))

    async def test_other_key(self) -> None:
        """A trusted certificate with another key is refused; its pin is told."""
        identity = Identity("localhost", issuer=self.ca)
        other = pin_of(self.ca.certificate)
        problem = await self.problem(identity, pins=(other,))
        self.assertIn(f"has a key with the pin {pin_of(identity.certificate)}", problem)
        self.assertIn("none of the 1 that pins names", problem)

    async def test_does_not_replace_the_rest(self) -> None:
        """A pin that fits does not make up for an issuer that nobody knows."""
        identity = Identity("localhost")
        problem = await self.problem(identity, pins=(pin_of(identity.certificate),))
        self.assertIn("is self-signed", problem)


class ClientCertificateTests(HandshakeTestCase):
    """Who we are."""

    def setUp(self) -> None:
        """Make the gateway, which wants a certificate of its CA."""
        super().setUp()
        identity = Identity("localhost", issuer=self.ca)
        self.port, _ = self.listen_tls(identity, clients=self.ca)

    async def refused(self, **options: Any) -> ConnectError:  # noqa: ANN401 - those of TLSOptions
        """Connect; return what the protocol is told when the gateway refuses us."""
        endpoint = self.endpoint(self.port, **options)
        # In TLS 1.3 our side is done before the gateway has looked at us.
        client: Any = await endpoint.connect(Factory.forProtocol(Client))
        error = await client.lost
        self.assertIsInstance(error, ConnectError)
        self.assertEqual(error.hop, "TLS")
        return error  # type: ignore[no-any-return] # asserted above

    async def test_one_file(self) -> None:
        """A certificate with its key in one file lets us in."""
        own = Identity("bot1", issuer=self.ca)
        path = self.write("own.pem", own.certificate_pem + own.key_pem())
        await self.check_echo(self.endpoint(self.port, client_certificate=path))

    async def test_two_files(self) -> None:
        """So does one with its key apart."""
        own = Identity("bot1", issuer=self.ca)
        certificate = self.write("own.pem", own.certificate_pem)
        key = self.write("own.key", own.key_pem())
        await self.check_echo(
            self.endpoint(self.port, client_certificate=certificate, client_key=key)
        )

    async def test_none(self) -> None:
        """Without one, the error says what to set."""
        error = await self.refused()
        self.assertIn("set client_certificate and client_key", error.problem)
        self.assertIn("alert certificate required", error.problem)

    async def test_unknown(self) -> None:
        """One of another CA: the error says whom the gateway does not know."""
        own = Identity("bot1")
        path = self.write("own.pem", own.certificate_pem + own.key_pem())
        error = await self.refused(client_certificate=path)
        self.assertIn("the CA of our client certificate", error.problem)

    async def test_wrong_host_does_not_see_it(self) -> None:
        """The gateway's name is verified before we show who we are."""
        own = Identity("bot1", issuer=self.ca)
        path = self.write("own.pem", own.certificate_pem + own.key_pem())
        endpoint = self.endpoint(
            self.port, client_certificate=path, server_name="other.example"
        )
        error = await self.error_of(endpoint)
        self.assertIn("not for other.example", error.problem)


class HostileTests(HandshakeTestCase):
    """What answers is no honest TLS."""

    async def played(self, answer: bytes, *, leaves: bool = True) -> str:
        """Return what is told of a peer that answers so."""

        def play(peer: Played) -> None:
            peer.send(answer)
            if leaves:
                peer.leave()

        port = self.listen(lambda: Played(play))
        error = await self.error_of(self.endpoint(port))
        self.assertEqual(error.hop, "TLS")
        return error.problem

    async def test_http(self) -> None:
        """A port that speaks HTTP is told as one that speaks no TLS."""
        problem = await self.played(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.assertIn("what answered does not speak TLS; is the URL http", problem)

    async def test_garbage_without_end(self) -> None:
        """A peer that stays is left at once."""
        problem = await self.played(b"x" * 100_000, leaves=False)
        self.assertIn("does not speak TLS", problem)

    async def test_closed(self) -> None:
        """A peer that closes midway is told as such."""
        problem = await self.played(b"")
        self.assertIn("closed in the middle of", problem)

    async def test_alert(self) -> None:
        """An alert of the peer is told with its name."""
        # Source: RFC 8446, 6: level fatal, handshake_failure.
        problem = await self.played(b"\x15\x03\x03\x00\x02\x02\x28")
        self.assertIn("accepts none of our ciphers", problem)
        self.assertIn("alert handshake failure", problem)

    async def test_abrupt_end_later(self) -> None:
        """A connection that was used and is dropped is no failure to connect."""
        echoes: list[Echo] = []

        class Dropping(Echo):
            def connectionMade(self) -> None:
                echoes.append(self)

        identity = Identity("localhost", issuer=self.ca)
        factory = Factory.forProtocol(Dropping)
        factory.noisy = False
        port = reactor.listenSSL(
            0, factory, identity.server_options(), interface="127.0.0.1"
        )
        self.addCleanup(port.stopListening)
        client = await self.check_echo(self.endpoint(port.getHost().port))
        lost = client.lost
        transport: Any = echoes[0].transport
        transport.abortConnection()
        self.assertNotIsInstance(await lost, ConnectError)


class NameTests(SynchronousTestCase):
    """The name that is verified."""

    def test_name_that_is_none(self) -> None:
        """A server name that cannot be one is refused before anything is done."""
        tls = TLSOptions(server_name="ü" * 64)
        with self.assertRaises(LocalProtocolError):
            gateway_endpoint(object(), "localhost", 1, is_secure=True, tls=tls)
