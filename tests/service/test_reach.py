"""The keys of ``[gateway]`` for the way there: what they become, and what is told."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.testing import MemoryReactorClock

from padchat_twisted.service import check
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.config import load_configuration
from padchat_twisted.store import MemoryStore
from padchat_twisted.transport.proxies import Proxy
from padchat_twisted.transport.tls import TLSOptions

from ..transport.way import Identity
from .test_config import ENVIRON, ConfigCase

PIN = "A" * 43 + "="

#: A password that stands where it should not.
PASSWORD = "a-password-in-plain-sight"

_REST = '\n[[account]]\nname = "a"\nhandlers = "bots.shop:setup"\n'


class ReachCase(ConfigCase):
    """Writes the section; the files are in its folder."""

    environ: ClassVar = {
        **ENVIRON,
        "PADCHAT_PROXY": f"socks5://me:{PASSWORD}@h:1080\n",
        "BAD_PROXY": f"ftp://me:{PASSWORD}@h:1080",
    }

    def setUp(self) -> None:
        """Make certificates."""
        super().setUp()
        ca = Identity("ca", is_ca=True)
        own = Identity("own", issuer=ca)
        self.file("ca.pem", ca.certificate_pem)
        self.file("own.pem", own.certificate_pem)
        self.file("own.key", own.key_pem())
        self.file("both.pem", own.certificate_pem + own.key_pem())
        self.file("other.key", ca.key_pem())

    def file(self, name: str, content: bytes, mode: int = 0o600) -> None:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)

    def document(self, *lines: str, url: str = "https://h/user") -> str:
        """Return a configuration with *lines* in its section [gateway]."""
        first = f'[gateway]\nurl = "{url}"\nauth_key.env = "PADCHAT_AUTH_KEY"\n'
        return first + "\n".join(lines) + _REST

    def loaded(self, *lines: str, **options: str) -> Any:  # noqa: ANN401 - as it is
        """Load such a configuration; return the gateway."""
        path = self.write(self.document(*lines, **options))
        return load_configuration(path, self.environ).gateway

    def told(self, *lines: str, **options: str) -> str:
        """Return what is said of one."""
        path = self.write(self.document(*lines, **options))
        problems = check(path, self.environ)
        self.assertNotEqual(problems, [])
        told = "\n".join(str(problem) for problem in problems)
        self.assertNotIn(PASSWORD, told)
        return told.replace(f"{self.folder}/", "")


class TLSTests(ReachCase):
    """Options of TLS."""

    def test_none(self) -> None:
        """Without the keys there are no options, with TLS or without."""
        for url in ("http://h/user", "https://h/user"):
            self.assertEqual(self.loaded(url=url).tls, None)

    def test_all(self) -> None:
        """Each key arrives; files are found from the configuration's folder."""
        gateway = self.loaded(
            'ca_file = "ca.pem"',
            f'pins = ["{PIN}"]',
            'client_certificate = "own.pem"',
            'client_key = "own.key"',
            'server_name = "gw.example"',
            url="HTTPS://h/user",
        )
        folder = self.folder
        self.assertEqual(
            gateway.tls,
            TLSOptions(
                folder / "ca.pem",
                (PIN,),
                folder / "own.pem",
                folder / "own.key",
                "gw.example",
            ),
        )

    def test_key_in_the_same_file(self) -> None:
        """The key may stand in the file of the certificate."""
        gateway = self.loaded('client_certificate = "both.pem"')
        self.assertEqual(gateway.tls.client_key, None)

    def test_without_https(self) -> None:
        """Options of TLS for a gateway without TLS would protect nothing."""
        told = self.told('ca_file = "ca.pem"', url="http://h/user")
        self.assertEqual(
            told,
            "written.toml:4: [gateway] ca_file: this is for TLS, and the url begins"
            " with http://\n"
            "    expected: no such key, or a gateway with TLS\n"
            "    remedy: write https:// in url, or take this key out",
        )

    def test_files(self) -> None:
        """Each file that cannot be used is told, at its line."""
        self.file("open.key", (self.folder / "own.key").read_bytes(), 0o644)
        self.file("locked.key", Identity("x").key_pem(b"passphrase"))
        for line, told in (
            ('ca_file = "none.pem"', "none.pem cannot be read: No such file"),
            ('ca_file = "own.key"', "own.key holds no certificate in PEM form"),
            ('client_certificate = "none.pem"', "none.pem cannot be read"),
            ('client_certificate = "own.pem"', "own.pem holds no private key"),
        ):
            said = self.told(line)
            self.assertIn(f"written.toml:4: [gateway] {line.split()[0]}: ", said)
            self.assertIn(told, said)
        for key, told in (
            ("none.key", "none.key cannot be read: No such file"),
            ("open.key", "others can use open.key (mode 0644)"),
            ("locked.key", "the key in locked.key is encrypted"),
            ("own.pem", "own.pem holds no private key"),
            (
                "other.key",
                "the key in other.key is not that of the certificate",
            ),
        ):
            lines = ('client_certificate = "own.pem"', f'client_key = "{key}"')
            said = self.told(*lines)
            self.assertIn("written.toml:5: [gateway] client_key: ", said)
            self.assertIn(told, said)

    def test_open_file_with_both(self) -> None:
        """A file with the key in it is for its owner alone, whatever it is called."""
        (self.folder / "both.pem").chmod(0o644)
        told = self.told('client_certificate = "both.pem"')
        self.assertIn("others can use both.pem (mode 0644)", told)
        self.assertIn("run chmod 600", told)

    def test_key_alone(self) -> None:
        """A key needs its certificate."""
        told = self.told('client_key = "own.key"')
        self.assertIn("client_key: a key without its certificate", told)

    def test_pins(self) -> None:
        """Pins are an array of texts; the one that is wrong is numbered."""
        for line, told in (
            (f'pins = "{PIN}"', "pins: this is a text"),
            ("pins = []", "pins: there is none in it"),
            (f'pins = ["{PIN}", 1]', "pins: pin 2 is no SHA-256 in base64"),
            ('pins = ["sha256/x"]', "pins: pin 1 is no SHA-256 in base64"),
        ):
            self.assertIn(told, self.told(line))

    def test_server_name(self) -> None:
        """A name that cannot be one is told."""
        self.assertIn("is no host name", self.told(f'server_name = "{"a" * 64}"'))


class ProxyTests(ReachCase):
    """The proxy."""

    def test_written(self) -> None:
        """One without a password is written as it is."""
        gateway = self.loaded('proxy = "http://p:3128"', url="http://h/user")
        self.assertEqual(gateway.proxy, Proxy("http", "p", 3128))
        self.assertEqual(self.loaded().proxy, None)

    def test_with_password(self) -> None:
        """One with a password comes from a variable or a file, and is not shown."""
        self.file("proxy.url", f"http://me:{PASSWORD}@h:1\n".encode())
        for line in ('proxy.env = "PADCHAT_PROXY"', 'proxy.file = "proxy.url"'):
            gateway = self.loaded(line)
            self.assertEqual(gateway.proxy.password.reveal(), PASSWORD)
            self.assertNotIn(PASSWORD, repr(gateway))

    def test_password_in_the_file(self) -> None:
        """A password in the configuration is refused, with both ways out."""
        told = self.told(f'proxy = "http://me:{PASSWORD}@h:1"')
        self.assertIn("proxy: a user name or password is written here", told)
        self.assertIn('proxy = { env = "PADCHAT_PROXY" } or proxy = { file', told)

    def test_problems(self) -> None:
        """Everything else that is wrong is told without a secret."""
        self.file("open.url", f"http://me:{PASSWORD}@h:1".encode(), 0o644)
        for line, told in (
            ('proxy = "https://p:1"', "begins with neither http:// nor socks5://"),
            ('proxy = "p:3128"', "begins with neither"),
            ('proxy = "http://p"', "needs a host and a port"),
            ('proxy.env = "BAD_PROXY"', "begins with neither"),
            ('proxy.env = "NONE"', "there is no environment variable NONE"),
            ('proxy.file = "none.url"', "none.url cannot be read"),
            ('proxy.file = "open.url"', "others can use open.url (mode 0644)"),
            ("proxy = {}", "neither env nor file"),
            ('proxy = {env = "A", file = "b"}', "both env and file"),
            ('proxy.evn = "PADCHAT_PROXY"', "unknown key 'evn'"),
            ("proxy = 3128", "this is an integer"),
        ):
            said = self.told(line)
            self.assertIn("written.toml:4: [gateway] proxy", said)
            self.assertIn(told, said)
            self.assertNotIn("auth_key", said)


class WayTests(ReachCase):
    """Revision and transports."""

    def way(self, *lines: str) -> tuple[object, ...]:
        """Load a configuration with these lines; return what they became."""
        gateway = self.loaded(*lines)
        return gateway.revision, gateway.transports, gateway.fallback

    def test_written(self) -> None:
        """Each key is read; without them it is PadChat's own way."""
        usual = ("auto", ("websocket",), False)
        self.assertEqual(self.way(), usual)
        self.assertEqual(self.way('revision = "auto"', "fallback = false"), usual)
        self.assertEqual(self.way("revision = 4"), (4, ("websocket",), False))
        both = 'transports = ["websocket", "polling"]'
        self.assertEqual(
            self.way("revision = 3", both, "fallback = true"),
            (3, ("websocket", "polling"), True),
        )

    def test_other_dialects(self) -> None:
        """A dialect that knows one way has none of the keys."""
        for line in (
            'revision = "auto"',
            'transports = ["polling"]',
            "fallback = true",
        ):
            for url in ("ws://h/ws", "wss://h"):
                told = self.told(line, url=url)
                key = line.split()[0]
                self.assertIn(f"{key}: this is for dialect socketio, and", told)
                self.assertIn("take this key out, or write http:// in url", told)

    def test_problems(self) -> None:
        """Everything that cannot be is told, with what can."""
        one = 'the revision of Engine.IO: "auto" to find out, 3 or 4'
        several = 'an array: "polling", "websocket", or both in the order to try them'
        for line, told, expected in (
            ("revision = 5", "revision: this is 5", one),
            ("revision = 4.0", "revision: this is a number", one),
            ("revision = true", "revision: this is a boolean", one),
            ('revision = "4"', "revision: this is '4'", one),
            ('transports = "polling"', "transports: this is a text", several),
            ("transports = []", "transports: there is nothing in it", several),
            ("transports = [3]", "transports: not all in it are texts", several),
            ('transports = ["poling"]', "there is 'poling' in it", several),
            (
                'transports = ["polling", "polling"]',
                "there is 'polling', 'polling' in it",
                several,
            ),
            ("fallback = 1", "fallback: this is an integer", "true or false"),
            ("fallback = true", "there is no second transport", "two transports"),
        ):
            said = self.told(line)
            self.assertIn("written.toml:4: [gateway] ", said)
            self.assertIn(told, said)
            self.assertIn(f"expected: {expected}", said)
            self.assertIn("remedy: write ", said)
        told = self.told('transports = ["poling"]', "fallback = true")
        self.assertNotIn("fallback", told)


class ServiceTests(ReachCase):
    """What the service does with them."""

    def test_handed_on(self) -> None:
        """The endpoint of all accounts is made with them."""
        gateway = self.loaded('ca_file = "ca.pem"', 'proxy = "http://p:3128"')
        reactor: Any = MemoryReactorClock()
        service = PadChatService(
            reactor,
            gateway.url,
            auth_key=gateway.auth_key,
            store=MemoryStore(),
            tls=gateway.tls,
            proxy=gateway.proxy,
        )
        account = service.add_account("a")
        service.startService()
        [(_, port, *_)] = reactor.tcpClients
        self.assertEqual(port, 3128)
        self.successResultOf(service.stopService())
        self.assertEqual(account.state, "closed")
