"""Options of TLS: what is refused before anything is connected."""

from __future__ import annotations

from pathlib import Path

from OpenSSL.SSL import Error
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.transport.tls import (
    MAX_PEM_BYTES,
    TLSOptions,
    context_for,
    read_certificates,
    read_key,
    tls_problem,
)

from .way import Identity

PIN = "A" * 43 + "="


class FileCase(SynchronousTestCase):
    """Writes files."""

    def write(self, name: str, content: bytes) -> Path:
        """Write a file into a folder of its own."""
        path = Path(self.mktemp()) / name
        path.parent.mkdir()
        path.write_bytes(content)
        return path

    def refusal(self, options: TLSOptions) -> str:
        """Return why the files of *options* cannot be used."""
        return str(self.assertRaises(LocalProtocolError, context_for, options))


class OptionTests(FileCase):
    """The values themselves."""

    def test_pins(self) -> None:
        """A pin is 32 bytes in base64, and there is a tuple of them."""
        self.assertEqual(TLSOptions(pins=(PIN, PIN)).pins, (PIN, PIN))
        for bad in ("", "sha256/" + PIN, "A" * 42 + "==", "A" * 44, "ü" * 44):
            with self.assertRaisesRegex(LocalProtocolError, "no SHA-256 in base64"):
                TLSOptions(pins=(bad,))
        with self.assertRaisesRegex(LocalProtocolError, "write a tuple"):
            TLSOptions(pins=PIN)

    def test_key_alone(self) -> None:
        """A key without a certificate is refused."""
        with self.assertRaisesRegex(LocalProtocolError, "needs a client_certificate"):
            TLSOptions(client_key="own.key")

    def test_nothing_is_read(self) -> None:
        """Files that are not there matter when the way is set up, and not before."""
        options = TLSOptions(ca_file="/nowhere/ca.pem")
        self.assertEqual(
            self.refusal(options),
            "/nowhere/ca.pem cannot be read: No such file or directory",
        )

    def test_system(self) -> None:
        """Without options the system's certificates are trusted."""
        self.assertEqual(TLSOptions().ca_file, None)
        self.assertIsNotNone(context_for(TLSOptions()))


class FileTests(FileCase):
    """What stands in the files."""

    def test_several_certificates(self) -> None:
        """A file may hold several certificates, with text between them."""
        one, other = (Identity(name, is_ca=True) for name in ("one", "other"))
        content = (
            b"# one\n" + one.certificate_pem + b"# other\n" + other.certificate_pem
        )
        found = read_certificates(self.write("ca.pem", content))
        self.assertEqual(found, [one.certificate, other.certificate])

    def test_no_certificate(self) -> None:
        """A file without one is refused, a key among them."""
        for content in (b"", b"no PEM", Identity("x").key_pem()):
            path = self.write("ca.pem", content)
            self.assertEqual(
                self.refusal(TLSOptions(ca_file=path)),
                f"{path} holds no certificate in PEM form",
            )

    def test_size(self) -> None:
        """The largest file is read, one byte more is refused."""
        content = Identity("x").certificate_pem
        padding = b"\n" * (MAX_PEM_BYTES - len(content))
        self.assertEqual(
            len(read_certificates(self.write("a.pem", content + padding))), 1
        )
        path = self.write("b.pem", content + padding + b"\n")
        self.assertEqual(
            self.refusal(TLSOptions(ca_file=path)),
            f"{path} has more than {MAX_PEM_BYTES} bytes",
        )

    def test_encrypted_key(self) -> None:
        """A key with a passphrase is refused with what to do."""
        path = self.write("own.key", Identity("x").key_pem(b"secret"))
        error = self.assertRaises(LocalProtocolError, read_key, path)
        self.assertIn("is encrypted", str(error))
        self.assertIn("store it without one", str(error))

    def test_no_key(self) -> None:
        """A certificate without a key beside it is refused."""
        path = self.write("own.pem", Identity("x").certificate_pem)
        self.assertEqual(
            self.refusal(TLSOptions(client_certificate=path)),
            f"{path} holds no private key in PEM form",
        )

    def test_other_key(self) -> None:
        """A key that does not belong to the certificate is refused, both named."""
        certificate = self.write("own.pem", Identity("x").certificate_pem)
        key = self.write("own.key", Identity("x").key_pem())
        self.assertEqual(
            self.refusal(TLSOptions(client_certificate=certificate, client_key=key)),
            f"the key in {key} is not that of the certificate in {certificate}",
        )

    def test_chain(self) -> None:
        """Certificates behind the first are the chain to send."""
        ca = Identity("ca", is_ca=True)
        own = Identity("x", issuer=ca)
        path = self.write(
            "own.pem", own.certificate_pem + ca.certificate_pem + own.key_pem()
        )
        self.assertIsNotNone(context_for(TLSOptions(client_certificate=path)))


class ProblemTests(SynchronousTestCase):
    """Words for failures."""

    def test_others(self) -> None:
        """What is none of TLS has no words here."""
        self.assertIs(tls_problem(ValueError("x")), None)
        self.assertIs(tls_problem(None), None)

    def test_known_reason(self) -> None:
        """A reason of the table is told with what OpenSSL says."""
        told = tls_problem(Error([("SSL routines", "", "tlsv1 alert unknown ca")]))
        assert told is not None
        self.assertTrue(told.startswith("the gateway does not know the CA"), told)
        self.assertTrue(told.endswith("(OpenSSL: tlsv1 alert unknown ca)"), told)

    def test_unknown_reason(self) -> None:
        """Another is told as OpenSSL says it."""
        told = tls_problem(Error([("SSL routines", "", "bad\nluck")]))
        self.assertEqual(told, "the handshake failed (OpenSSL: bad luck)")
        self.assertEqual(
            tls_problem(Error()), "the handshake failed (OpenSSL: no reason given)"
        )
