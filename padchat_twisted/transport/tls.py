"""Options of TLS towards a gateway: whom we trust, and who we are."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL, crypto
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    platformTrust,
    trustRootFromCertificates,
)

from ..errors import LocalProtocolError, quoted

__all__ = ["TLSOptions", "tls_problem"]

#: Largest file with certificates or a key (bytes): the whole list of CAs of a system
#: has 250 KB.
MAX_PEM_BYTES = 1024 * 1024

# Bytes of a SHA-256.
_PIN_BYTES = 32


# What OpenSSL says of a handshake that failed, and what that means.
_HANDSHAKE_PROBLEMS = {
    "alert certificate required": "the gateway wants a client certificate; set"
    " client_certificate and client_key",
    "alert bad certificate": "the gateway refused our client certificate",
    "alert certificate unknown": "the gateway refused our client certificate",
    "alert certificate expired": "the gateway says that our client certificate expired",
    "alert certificate revoked": "the gateway says that our client certificate was"
    " revoked",
    "alert unknown ca": "the gateway does not know the CA of our client certificate",
    "alert unrecognized name": "the gateway does not know the name that was asked for;"
    " set server_name",
    "alert handshake failure": "the gateway accepts none of our ciphers, or wants a"
    " client certificate",
    "alert protocol version": "the gateway speaks none of our versions of TLS (1.2 and"
    " later)",
    "unsupported protocol": "the gateway speaks none of our versions of TLS (1.2 and"
    " later)",
    "wrong version number": "what answered does not speak TLS; is the URL http, or the"
    " port another one?",
    "packet length too long": "what answered does not speak TLS; is the URL http, or"
    " the port another one?",
    "unexpected eof while reading": "the connection was closed in the middle of it",
}


@dataclass(frozen=True, slots=True)
class TLSOptions:
    """Whom we trust at the other end of TLS, and who we are.

    Files are PEM and are read once, when the way to the gateway is set up.

    Args:
        ca_file: certificates that are trusted instead of the system's.
        pins: SHA-256 of the public key (SPKI, DER) of the gateway's own certificate,
            in base64; one of them must fit. All else is verified as without pins.
        client_certificate: our certificate, with the chain behind it if there is one.
        client_key: its key, unencrypted; left out when it is in the same file.
        server_name: name to ask for (SNI) and to verify in place of the URL's host.
    """

    ca_file: str | PathLike[str] | None = None
    pins: Sequence[str] = ()
    client_certificate: str | PathLike[str] | None = None
    client_key: str | PathLike[str] | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        """Check what can be checked without reading a file.

        Raises:
            LocalProtocolError: a pin that is none, or a key without a certificate.
        """
        for pin in (self.pins,) if isinstance(self.pins, str) else self.pins:
            if not is_pin(pin):
                raise LocalProtocolError(
                    f"pin {quoted(str(pin))!r} is no SHA-256 in base64 (44 characters)"
                )
        if isinstance(self.pins, str):
            raise LocalProtocolError("pins is one text; write a tuple of texts")
        if self.client_key is not None and self.client_certificate is None:
            raise LocalProtocolError("client_key needs a client_certificate")


def is_pin(text: str) -> bool:
    """Tell whether *text* is a SHA-256 in base64."""
    try:
        return len(b64decode(text, validate=True)) == _PIN_BYTES
    except (NotBase64, ValueError):
        return False


def read_certificates(path: str | PathLike[str]) -> list[x509.Certificate]:
    """Read the certificates of a PEM file, at least one.

    Raises:
        LocalProtocolError: it cannot be read, or holds none.
    """
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError:
        raise LocalProtocolError(f"{path} holds no certificate in PEM form") from None


def read_key(path: str | PathLike[str]) -> crypto.PKey:
    """Read the private key of a PEM file.

    Raises:
        LocalProtocolError: it cannot be read, or holds none that is unencrypted.
    """
    content = _read(path)
    if b"ENCRYPTED" in content:
        raise LocalProtocolError(
            f"the key in {path} is encrypted, and nobody is there to type the"
            " passphrase; store it without one, for its owner alone"
        )
    try:
        return crypto.load_privatekey(crypto.FILETYPE_PEM, content)
    except (crypto.Error, ValueError, TypeError):
        raise LocalProtocolError(f"{path} holds no private key in PEM form") from None


def _read(path: str | PathLike[str]) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        raise LocalProtocolError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MAX_PEM_BYTES:
        raise LocalProtocolError(f"{path} has more than {MAX_PEM_BYTES} bytes")
    return content


def context_for(options: TLSOptions) -> SSL.Context:
    """Read the files of *options* into a context for all connections.

    Raises:
        LocalProtocolError: a file cannot be used, or key and certificate differ.
    """
    trust = platformTrust()
    if options.ca_file is not None:
        found = [
            Certificate(crypto.X509.from_cryptography(each))
            for each in read_certificates(options.ca_file)
        ]
        trust = trustRootFromCertificates(found)
    if options.client_certificate is None:
        return _made(CertificateOptions(trustRoot=trust))
    own, *chain = (
        crypto.X509.from_cryptography(each)
        for each in read_certificates(options.client_certificate)
    )
    key_file = options.client_key or options.client_certificate
    try:
        return _made(
            CertificateOptions(
                trustRoot=trust,
                privateKey=read_key(key_file),
                certificate=own,
                extraCertChain=chain,
            )
        )
    except SSL.Error:
        raise LocalProtocolError(
            f"the key in {key_file} is not that of the certificate in"
            f" {options.client_certificate}"
        ) from None


def _made(options: CertificateOptions) -> SSL.Context:
    context: SSL.Context = options.getContext()
    return context


def tls_problem(error: BaseException | None) -> str | None:
    """Say in words what a failure of TLS means; None if it is none of TLS."""
    if not isinstance(error, SSL.Error):
        return None
    said = [str(part[-1]) for part in error.args[0]] if error.args else []
    for text in said:
        for part, meaning in _HANDSHAKE_PROBLEMS.items():
            if part in text:
                return f"{meaning} (OpenSSL: {quoted(text)})"
    text = "; ".join(said) or "no reason given"
    return f"the handshake failed (OpenSSL: {quoted(text)})"
