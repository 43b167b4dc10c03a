"""URLs of proxies."""

from __future__ import annotations

from base64 import b64encode

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.redaction import KNOWN
from padchat_twisted.transport.proxies import MAX_PROXY_CREDENTIAL_BYTES, Proxy


class URLTests(SynchronousTestCase):
    """What a URL becomes."""

    def test_plain(self) -> None:
        """Kind, host and port; nobody in particular asks."""
        for url, kind, host, place in (
            ("http://proxy.example:3128", "http", "proxy.example", None),
            ("http://proxy.example:3128/", "http", "proxy.example", None),
            ("SOCKS5://127.0.0.1:3128", "socks5", "127.0.0.1", None),
            ("socks5h://[::1]:3128", "socks5", "::1", "socks5://[::1]:3128"),
        ):
            proxy = Proxy.from_url(url)
            self.assertEqual((proxy.kind, proxy.host, proxy.port), (kind, host, 3128))
            self.assertEqual(proxy.place, place or f"{kind}://{host}:3128")
            self.assertEqual((proxy.user, proxy.password), (None, None))

    def test_credentials(self) -> None:
        """User name and password are percent-decoded, and never shown."""
        proxy = Proxy.from_url("socks5://al%40ice:p%3Ass%E5%8F%B7@h:1")
        assert proxy.user and proxy.password
        self.assertEqual(proxy.user.reveal(), "al@ice")
        self.assertEqual(proxy.password.reveal(), "p:ss号")
        for shown in (repr(proxy), proxy.place):
            self.assertNotIn("ice", shown)
            self.assertNotIn("ss", shown.replace("password", "").replace("socks", ""))

    def test_credentials_are_known(self) -> None:
        """The password is kept out of logs, also as HTTP sends it."""
        proxy = Proxy.from_url("http://alice:pass-of-alice@h:1")
        self.addCleanup(KNOWN.forget, ("proxy", proxy.place))
        basic = b64encode(b"alice:pass-of-alice").decode()
        head = f"Proxy-Authorization: Basic {basic} (pass-of-alice)"
        told = "Proxy-Authorization: Basic [secret] ([secret])"
        self.assertEqual(KNOWN.redact(head), told)

    def test_credential_size(self) -> None:
        """The longest credential is taken, one byte more is refused."""
        longest = "x" * MAX_PROXY_CREDENTIAL_BYTES
        self.assertTrue(Proxy.from_url(f"http://{longest}:{longest}@h:1").password)
        for bad in (f"{longest}x:p", f"u:{longest}x", "u:a%0D%0AHost: b"):
            with self.assertRaisesRegex(LocalProtocolError, "at most 255 bytes"):
                Proxy.from_url(f"http://{bad}@h:1")

    def test_refused(self) -> None:
        """What is no such URL is refused with the form, and is not repeated."""
        for url, told in (
            ("", "begins with neither"),
            ("secret:1080", "begins with neither"),
            ("https://secret:1080", "begins with neither"),
            ("socks4://secret:1080", "begins with neither"),
            ("http://secret", "needs a host and a port"),
            ("http://:1080", "needs a host and a port"),
            ("http://secret:0", "needs a host and a port"),
            ("http://secret:99999", "a host or port that is none"),
            ("http://[secret:1080", "a host or port that is none"),
            ("http://h:1/secret", "more than host and port"),
            ("http://h:1?secret", "more than host and port"),
            ("http://secret@h:1", "a user name and a password, or neither"),
            ("http://:secret@h:1", "a user name and a password, or neither"),
            ("http://secret:@h:1", "a user name and a password, or neither"),
        ):
            error = self.assertRaises(LocalProtocolError, Proxy.from_url, url)
            self.assertIn(told, str(error), url)
            self.assertIn("it is written http://HOST:PORT or socks5://", str(error))
            self.assertNotIn("secret", str(error))
