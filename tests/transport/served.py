"""A server and clients on real sockets, for the tests that need these."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.web.resource import Resource
from twisted.web.server import Site

from padchat_twisted.errors import PadChatError
from padchat_twisted.interfaces import IGatewayConnection
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.connectors import EndpointConnector
from padchat_twisted.transport.driver import Driver
from padchat_twisted.transport.resource import FirstRequest, SocketIOResource
from padchat_twisted.wire.envelope import Notice, Reply
from padchat_twisted.wire.occurrences import (
    NamespaceRequested,
    SocketEvent,
    SocketOccurrence,
)
from padchat_twisted.wire.socketio_connection import SocketIOConnection

from .in_memory import Receiver


class Echo:
    """Serves one client: lets it in everywhere, and sends back what it says."""

    def __init__(self, first: FirstRequest) -> None:
        self.query = first.query
        self.closed_with: list[tuple[str, PadChatError | None]] = []

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self.driver = driver
        self.connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Let it in, and answer."""
        for occurrence in occurrences:
            if isinstance(occurrence, NamespaceRequested):
                sid = "n1" if self.connection.protocol == 5 else ""
                self.connection.accept(occurrence.namespace, sid)
            elif isinstance(occurrence, SocketEvent):
                self.connection.emit(occurrence.namespace, occurrence.body)
                if occurrence.ack_id is not None:
                    self.connection.acknowledge(
                        occurrence.namespace, occurrence.ack_id, b'["done"]'
                    )

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """Note it."""
        self.closed_with.append((reason, error))


class EchoServer:
    """The ``/socket.io/`` resource on a site, with all clients that it served."""

    def __init__(
        self,
        clock: IReactorTime,
        **options: Any,  # noqa: ANN401 - those of SocketIOResource
    ) -> None:
        self.served: list[Echo] = []
        sids = itertools.count(1)
        self.sockets = SocketIOResource(
            clock,
            self._serve,
            new_sid=lambda: f"sid{next(sids)}",
            **options,
        )
        root = Resource()
        root.putChild(b"socket.io", self.sockets)
        self.site = Site(root, reactor=clock)

    def _serve(self, first: FirstRequest) -> Echo:
        echo = Echo(first)
        self.served.append(echo)
        return echo


class Waiter(Receiver):
    """A session that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, list[Deferred[None]]] = {}

    def when(self, event: str) -> Deferred[None]:
        """Fire at the next ``connected``, ``received`` or ``lost``."""
        deferred: Deferred[None] = Deferred()
        self._waiting.setdefault(event, []).append(deferred)
        return deferred

    def connected(self, connection: IGatewayConnection) -> None:
        """Note the connection, and tell."""
        super().connected(connection)
        self._fire("connected")

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Note the envelopes, and tell."""
        super().received(envelopes)
        self._fire("received")

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """Note the loss, and tell."""
        super().lost(reason, unsent)
        self._fire("lost")

    def _fire(self, event: str) -> None:
        for deferred in self._waiting.pop(event, ()):
            deferred.callback(None)


def connector_to(
    endpoint: IStreamClientEndpoint,
    clock: Any,  # noqa: ANN401 - a reactor or a Clock
    url: str = "http://localhost/user",
    **options: Any,  # noqa: ANN401 - those of EndpointConnector
) -> EndpointConnector:
    """Build a connector over an endpoint."""
    return EndpointConnector(
        clock, endpoint, parse_url(url), Secret("KEY-1"), "bot1", **options
    )


def make_certificate(host: str) -> tuple[bytes, bytes]:
    """Make a certificate that signs itself.

    Returns:
        PEM of the certificate, and PEM of its key.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
