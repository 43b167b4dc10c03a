"""What stands on the way to a gateway: a CA, and an echo, with TLS or without."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    KeyPair,
    PrivateCertificate,
    trustRootFromCertificates,
)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from padchat_twisted.errors import ConnectError

#: The reactor, as the several interfaces that it is.
reactor: Any = _reactor

_DAY = datetime.timedelta(days=1)


class Identity:
    """A certificate with its key, signed by itself or by another.

    Args:
        names: host names and addresses.
        issuer: who signs; None for itself.
        days: from when until when it is valid, relative to now.
        is_ca: whether it may sign others.
    """

    def __init__(
        self,
        *names: str,
        issuer: Identity | None = None,
        days: tuple[int, int] = (-1, 1),
        is_ca: bool = False,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        common = names[0] if names else "nobody"
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        signer = issuer or self
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), True)
        )
        if names:
            told = [_general(name) for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(told), False)
        self.certificate: x509.Certificate = builder.sign(signer.key, hashes.SHA256())

    @property
    def certificate_pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self, passphrase: bytes | None = None) -> bytes:
        """Return the key."""
        encryption: serialization.KeySerializationEncryption
        encryption = serialization.NoEncryption()
        if passphrase is not None:
            encryption = serialization.BestAvailableEncryption(passphrase)
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def server_options(self, *, clients: Identity | None = None) -> CertificateOptions:
        """Return options of a server; *clients* is the CA that clients must be of."""
        own = PrivateCertificate.fromCertificateAndKeyPair(
            Certificate.loadPEM(self.certificate_pem),
            KeyPair.load(self.key_pem(), 1),
        )
        if clients is None:
            return CertificateOptions(
                privateKey=own.privateKey.original, certificate=own.original
            )
        trusted = Certificate.loadPEM(clients.certificate_pem)
        return CertificateOptions(
            privateKey=own.privateKey.original,
            certificate=own.original,
            trustRoot=trustRootFromCertificates([trusted]),
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Echo(Protocol):
    """Sends back what comes, and notes how it ends."""

    def __init__(self) -> None:
        self.received = b""
        self.waiting: Deferred[bytes] | None = None
        self.lost: Deferred[BaseException | None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        """Send it back."""
        assert self.transport is not None
        self.transport.write(data)


class Client(Echo):
    """Keeps what comes."""

    def dataReceived(self, data: bytes) -> None:
        """Keep it, and tell who waits."""
        self.received += data
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            waiting.callback(self.received)

    def when_received(self) -> Deferred[bytes]:
        """Fire with all that came, once there is more."""
        self.waiting = Deferred()
        return self.waiting

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell why."""
        lost, self.lost = self.lost, Deferred()
        lost.callback(reason.value)


class Played(Protocol):
    """A peer that does what the test says with what comes.

    Args:
        play: called with the peer and with all that came so far.
    """

    def __init__(self, play: Callable[[Played], None]) -> None:
        self._play = play
        self.received = b""

    def dataReceived(self, data: bytes) -> None:
        """Play."""
        self.received += data
        self._play(self)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        assert self.transport is not None
        self.transport.write(data)

    def leave(self) -> None:
        """Close the connection, what was sent goes first."""
        assert self.transport is not None
        self.transport.loseConnection()


class WayTestCase(TestCase):
    """Servers on this machine, all gone at the end."""

    timeout = 20

    def listen(self, kind: Callable[[], Protocol] | Factory) -> int:
        """Listen with *kind*; return the port."""
        factory = kind if isinstance(kind, Factory) else Factory.forProtocol(kind)
        factory.noisy = False
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(self._closed)
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    def listen_tls(
        self, identity: Identity, *, clients: Identity | None = None
    ) -> tuple[int, list[str]]:
        """Listen with an echo behind TLS.

        Returns:
            The port, and the list that gets the names that clients ask for.
        """
        options = identity.server_options(clients=clients)
        names: list[str] = []

        def asked(connection: Any) -> None:  # noqa: ANN401 - an OpenSSL connection
            names.append((connection.get_servername() or b"").decode())

        options.getContext().set_tlsext_servername_callback(asked)
        factory = Factory.forProtocol(Echo)
        factory.noisy = False
        port = reactor.listenSSL(0, factory, options, interface="127.0.0.1")
        self.addCleanup(self._closed)
        self.addCleanup(port.stopListening)
        return port.getHost().port, names

    async def _closed(self) -> None:
        # What was dropped ends in the reactor's next turns.
        for _ in range(4):
            await deferLater(reactor, 0.001)

    async def check_echo(self, endpoint: IStreamClientEndpoint) -> Client:
        """Check that bytes go there and back; the connection ends with the test."""
        client: Any = await endpoint.connect(Factory.forProtocol(Client))
        self.assertIsInstance(client, Client)
        self.addCleanup(self.drop, client)
        received = client.when_received()
        client.transport.write(b"hello")
        self.assertEqual(await received, b"hello")
        return client  # type: ignore[no-any-return] # asserted above

    async def drop(self, client: Client) -> None:
        """End a connection."""
        assert client.transport is not None
        client.transport.loseConnection()
        await deferLater(reactor, 0.001)

    async def error_of(
        self, endpoint: IStreamClientEndpoint, kind: type[ConnectError] = ConnectError
    ) -> ConnectError:
        """Check that there is no connection; return the error."""
        error: Any = await self.assertFailure(
            endpoint.connect(Factory.forProtocol(Client)), kind
        )
        self.assertIs(type(error), kind)
        return error  # type: ignore[no-any-return] # asserted above

    def write(self, name: str, content: bytes) -> Path:
        """Write a file into the test's folder."""
        folder = Path(self.mktemp())
        folder.mkdir()
        path = folder / name
        path.write_bytes(content)
        return path
