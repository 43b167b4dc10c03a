"""The handshake of TLS: what is verified, and what went wrong, in words."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL, crypto
from service_identity import VerificationError
from service_identity.exceptions import CertificateError
from service_identity.hazmat import (
    DNS_ID,
    IPAddress_ID,
    ServiceID,
    verify_service_identity,
)
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import (
    IHandshakeListener,
    IOpenSSLClientConnectionCreator,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import ConnectError, ConnectTimedOut, quoted
from .gates import Gate, GateFactory, ascii_name
from .tls import TLSOptions, context_for, tls_problem

__all__ = ["TLSEndpoint"]

#: Time for the TLS handshake (seconds): two round trips and some arithmetic. Less than
#: the time for the whole way, so that the error names the hop.
TLS_TIMEOUT = 10.0

#: Most names of a certificate that an error repeats: people compare a few.
MAX_NAMES_TOLD = 3

# What OpenSSL's codes mean for somebody who wants a connection. Source: OpenSSL,
# x509_vfy.h; RFC 5280, 6.
_CERTIFICATE_PROBLEMS = {
    9: "is not valid yet; look at the clocks of both machines",
    10: "has expired; the gateway needs a new one (or look at this machine's clock)",
    18: "is self-signed and not trusted here; if it is right, set ca_file to it",
    19: "ends in a root that is not trusted here; set ca_file to the CA that issued it",
    20: "has an issuer that is not known here; set ca_file to the CA that issued it",
    21: "came without its issuer; the gateway must send the chain, or set ca_file",
    23: "was revoked",
    24: "was issued by a certificate that is no CA",
    26: "is not meant for servers",
    66: "has a key that is too weak",
    67: "was issued by a CA with a key that is too weak",
    68: "is signed with a digest that is too weak",
}


class _Checks:
    """Verifies the certificates of one connection, and says what was wrong.

    Args:
        name: host name or address that the certificate must be for.
        pins: see ``TLSOptions``.
    """

    def __init__(self, name: str, pins: Sequence[str]) -> None:
        self._name = name
        self._pins = pins
        self.problem: str | None = None
        self.is_passed = False

    def verified(
        self, _: SSL.Connection, found: crypto.X509, code: int, depth: int, ok: int
    ) -> bool:
        """Look at one certificate of the chain; the gateway's own has depth 0."""
        try:
            if not ok:
                self.problem = self._chain_problem(found, code, depth)
            elif depth == 0:
                self.problem = self._name_problem(found) or self._pin_problem(found)
                self.is_passed = self.problem is None
        except Exception as error:
            # It would be lost inside of OpenSSL; an unreadable certificate is refused.
            self.problem = f"cannot be read ({type(error).__name__})"
            self.is_passed = False
        return self.problem is None

    def _chain_problem(self, found: crypto.X509, code: int, depth: int) -> str:
        problem = _CERTIFICATE_PROBLEMS.get(
            code, f"was not accepted (OpenSSL's verification error {code})"
        )
        if depth and code in (9, 10, 23):
            return f"has an issuer whose own certificate {problem}"
        return problem

    def _name_problem(self, found: crypto.X509) -> str | None:
        is_address = isIPAddress(self._name) or isIPv6Address(self._name)
        wanted: ServiceID = (IPAddress_ID if is_address else DNS_ID)(self._name)
        try:
            verify_service_identity(extract_patterns(found), [wanted], [])
        except (VerificationError, CertificateError):
            return (
                f"is for {_names_of(found)}, and not for {self._name}; if that is the"
                " right gateway, set server_name"
            )
        return None

    def _pin_problem(self, found: crypto.X509) -> str | None:
        if not self._pins:
            return None
        pin = pin_of(found.to_cryptography())
        if pin in self._pins:
            return None
        return (
            f"has a key with the pin {pin}, which is none of the {len(self._pins)} that"
            " pins names; has the gateway a new key, or is this another one?"
        )


def pin_of(certificate: x509.Certificate) -> str:
    """Return the pin of a certificate: SHA-256 of its SPKI, in base64."""
    spki = certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return b64encode(hashlib.sha256(spki).digest()).decode("ascii")


def _names_of(found: crypto.X509) -> str:
    try:
        names = found.to_cryptography().extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        told = [str(each.value) for each in names.value]
    except (x509.ExtensionNotFound, ValueError):
        told = []
    if not told:
        return "no name at all"
    more = len(told) - MAX_NAMES_TOLD
    shown = [quoted(name) for name in told[:MAX_NAMES_TOLD]]
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Makes the OpenSSL connection of one attempt."""

    def __init__(self, context: SSL.Context, name: str, checks: _Checks) -> None:
        self._context = context
        self._name = name
        self._checks = checks

    def clientConnectionForTLS(self, _: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Ask for the name, and verify what comes."""
        connection = SSL.Connection(self._context, None)
        if not (isIPAddress(self._name) or isIPv6Address(self._name)):
            # RFC 6066, 3: an address is no server name.
            connection.set_tlsext_host_name(self._name.encode("ascii"))
        connection.set_verify(
            SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._checks.verified
        )
        return connection


@implementer(IHandshakeListener)
class _TLSGate(Gate):
    """Waits for the handshake."""

    def __init__(self, factory: IProtocolFactory, where: str, checks: _Checks) -> None:
        super().__init__(factory)
        self._where = where
        self._checks = checks
        self._has_read = False

    def handshakeCompleted(self) -> None:
        """Pass on: everything was verified."""
        if not self._checks.is_passed:
            self.refuse(self._error("the gateway showed no certificate"))
            return
        self.pass_on()

    def opened(self, protocol: IProtocol) -> None:
        """Notice the first bytes, and no more."""

        def first_read(data: bytes) -> None:
            self._has_read = True
            super(_TLSGate, self).opened(protocol)
            protocol.dataReceived(data)

        self.dataReceived = first_read  # type: ignore[method-assign] # see Gate.opened

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Say what TLS found wrong.

        In TLS 1.3 our side is done before the gateway has seen our certificate, so its
        alert comes when the protocol behind the gate waits for its first bytes.
        """
        problem = tls_problem(reason.value)
        if self._protocol is not None and problem and not self._has_read:
            reason = Failure(self._error(problem))
        super().connectionLost(reason)

    def lost(self, reason: Failure) -> Exception:
        """Say what was wrong with the certificate or the handshake."""
        if self._checks.problem is not None:
            return self._error(f"the gateway's certificate {self._checks.problem}")
        closed = "the connection was closed in the middle of the handshake"
        return self._error(tls_problem(reason.value) or closed)

    def _error(self, problem: str) -> ConnectError:
        return ConnectError(self._where, problem, hop="TLS")


@implementer(IStreamClientEndpoint)
class TLSEndpoint:
    """Speaks TLS over another endpoint; connected means that all was verified.

    Args:
        reactor: for time.
        endpoint: leads to the gateway.
        host: name or address of it; verified, unless *options* names another.
        options: whom we trust, and who we are.
        where: the gateway, for errors.

    Raises:
        LocalProtocolError: a file of *options* cannot be used, or no such name.
    """

    def __init__(
        self,
        reactor: IReactorTime,
        endpoint: IStreamClientEndpoint,
        host: str,
        options: TLSOptions,
        where: str,
    ) -> None:
        self._reactor = reactor
        self._endpoint = endpoint
        self._name = ascii_name(options.server_name or host)
        self._pins = tuple(options.pins)
        self._context = context_for(options)
        self._where = where

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect, and do the handshake.

        Raises:
            ConnectError: it failed; says at which hop and why.
        """
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        checks = _Checks(self._name, self._pins)
        gate = _TLSGate(factory, self._where, checks)
        creator = _Creator(self._context, self._name, checks)
        await self._endpoint.connect(
            TLSMemoryBIOFactory(creator, True, GateFactory(gate), self._reactor)
        )
        try:
            return await gate.when_passed().addTimeout(TLS_TIMEOUT, self._reactor)
        except TimeoutError:
            raise ConnectTimedOut(
                self._where,
                f"the handshake was not done in {TLS_TIMEOUT:g} s; does this port speak"
                " TLS?",
                hop="TLS",
            ) from None
