"""The URL of a gateway."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.secret import Secret
from padchat_twisted.transport.address import GatewayAddress, parse_url
from padchat_twisted.transport.gateway import GatewayConnection


class ParseTests(SynchronousTestCase):
    """``parse_url``."""

    def test_whole(self) -> None:
        """Scheme, host, port and namespace are told apart."""
        self.assertEqual(
            parse_url("https://Gateway.Example:8443/user"),
            GatewayAddress(
                "https://gateway.example:8443/user",
                True,
                "gateway.example",
                8443,
                "/user",
                "socketio",
            ),
        )

    def test_defaults(self) -> None:
        """Left out, the port is that of the scheme and the namespace PadChat's."""
        for url, port in (
            ("http://gateway.example", 80),
            ("http://gateway.example/", 80),
            ("HTTPS://gateway.example", 443),
            ("http://gateway.example:7700//", 7700),
        ):
            address = parse_url(url)
            self.assertEqual((address.port, address.namespace), (port, "/user"))

    def test_one_spelling(self) -> None:
        """URLs that mean the same are stored under the same key."""
        urls = (
            "http://gateway.example/user",
            "HTTP://GATEWAY.example:80/user/",
            "http://gateway.example:80",
        )
        self.assertEqual(len({parse_url(url).url for url in urls}), 1)
        for url in urls:
            address = parse_url(url)
            self.assertEqual(parse_url(address.url), address)

    def test_ipv6(self) -> None:
        """An address in brackets keeps them where a port follows."""
        address = parse_url("http://[::1]:7700/user")
        self.assertEqual((address.host, address.place), ("::1", "[::1]:7700"))
        self.assertEqual(parse_url(address.url), address)

    def test_other_namespace(self) -> None:
        """The path is the namespace, as it is spelled."""
        self.assertEqual(parse_url("http://h.example/Bots/a").namespace, "/Bots/a")

    def test_refused(self) -> None:
        """What is no such URL is refused with a text that says how it is written."""
        for url, wanted in (
            ("", "http://HOST:PORT/user"),
            ("gateway.example:7700", "http://HOST:PORT/user"),
            ("ftp://gateway.example/ws", "http://HOST:PORT/user"),
            ("http://", "http://HOST:PORT/user"),
            ("http:///user", "http://HOST:PORT/user"),
            ("http://gateway.example:port/user", "host or port that is none"),
            ("http://gateway.example:70000/user", "host or port that is none"),
            ("http://[::1/user", "host or port that is none"),
            ("http://gateway.example:0/user", "a port above 0"),
            ("http://gateway.example/user?a=b", "no query"),
            ("http://gateway.example/user#x", "fragment"),
            ("http://me@gateway.example/user", "user"),
            ("http://gateway.example/a,b", "no comma"),
            ("http://gateway.example/\x01", "not printable"),
            ("http://gateway.example/" + "long," * 100, "..."),
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                parse_url(url)
            self.assertIn(wanted, str(caught.exception), url)

    def test_legacy(self) -> None:
        """A WebSocket at ``/ws`` is one of dialect ``legacy``."""
        for url, is_secure, port in (
            ("ws://Gateway.example/ws", False, 80),
            ("WSS://gateway.example/ws/", True, 443),
            ("ws://gateway.example:7700/ws", False, 7700),
        ):
            address = parse_url(url)
            self.assertEqual((address.dialect, address.path), ("legacy", "/ws"))
            self.assertEqual((address.is_secure, address.port), (is_secure, port))
            self.assertEqual(parse_url(address.url), address)
            self.assertEqual(address.websocket_path("KEY"), "/ws")
            self.assertNotIn("KEY", repr(address))

    def test_sdk(self) -> None:
        """A WebSocket without a path is one of dialect ``sdk``; the key is its path."""
        for url in ("ws://gateway.example:7777", "ws://gateway.example:7777/"):
            address = parse_url(url)
            self.assertEqual(address.dialect, "sdk")
            self.assertEqual(address.url, "ws://gateway.example:7777/")
            self.assertEqual(parse_url(address.url), address)
        for key, path in (("KEY-1", "/KEY-1"), ("a/b ?å", "/a%2Fb%20%3F%C3%A5")):
            self.assertEqual(address.websocket_path(key), path)

    def test_a_dialect_that_is_named(self) -> None:
        """What the caller says is the dialect, where the URL can be of it."""
        legacy = parse_url("ws://h/other/path", "legacy")
        self.assertEqual((legacy.dialect, legacy.path), ("legacy", "/other/path"))
        self.assertEqual(legacy.url, "ws://h:80/other/path")
        self.assertEqual(parse_url("ws://h", "legacy").path, "/ws")
        self.assertEqual(parse_url("http://h/user", "socketio").namespace, "/user")
        for url, dialect, wanted in (
            ("http://h/user", "sdk", "dialect sdk needs ws or wss"),
            ("http://h/user", "legacy", "dialect legacy needs ws or wss"),
            ("ws://h/ws", "socketio", "dialect socketio needs http or https"),
            ("ws://h/ws", "sdk", "has a path"),
            ("ws://h", "SDK", "it is one of legacy, socketio, sdk"),
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                parse_url(url, dialect)  # type: ignore[arg-type] # some are none
            self.assertIn(wanted, str(caught.exception))

    def test_a_key_in_the_path(self) -> None:
        """The path of a WebSocket may be the key: it is refused without showing it."""
        for url in (
            "ws://gateway.example/SECRET",
            "wss://gateway.example:7777/SECRET/",
            "ws://gateway.example/ws/SECRET",
            "ws://gateway.example:99999/SECRET",
            "ws://gateway.example/SECRET?a",
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                parse_url(url)
            self.assertNotIn("SECRET", str(caught.exception), url)

    def test_secrets_are_not_repeated(self) -> None:
        """A URL that has the key in it is refused without showing it."""
        for url in (
            "http://gateway.example/user?authKey=SECRET",
            "http://SECRET:x@gateway.example/user",
            "http://x:SECRET@gateway.example/user",
            "http://gateway.example/user#SECRET",
            "gateway.example/user?authKey=SECRET",
            "ws://gateway.example/user?authKey=SECRET",
            "http://gateway.example:99999/user?authKey=SECRET",
            "http://SECRET@gateway.example:99999/user",
            "http://:SECRET@gateway.example/user",
            "http://gateway.example:SECRET@h/user",
            "http://[::1/user?authKey=SECRET",
        ):
            with self.assertRaises(LocalProtocolError) as caught:
                parse_url(url)
            self.assertNotIn("SECRET", str(caught.exception), url)
            self.assertIsNone(caught.exception.__cause__)


class WebSocketURLTests(SynchronousTestCase):
    """The URL that opens the WebSocket."""

    def test_as_recorded(self) -> None:
        """The query stands as engine.io-client writes it."""
        for url, wanted in (
            ("http://h.example/user", "ws://h.example:80/socket.io/?"),
            ("https://h.example/user", "wss://h.example:443/socket.io/?"),
            ("http://[::1]:7/user", "ws://[::1]:7/socket.io/?"),
        ):
            clock = Clock()
            side = GatewayConnection(clock, parse_url(url), Secret("K"), "n")
            side.driver.start()
            self.assertEqual(
                side.factory.url, wanted + "authKey=K&name=n&EIO=3&transport=websocket"
            )
            side.driver.drop()
            self.assertEqual(clock.getDelayedCalls(), [])
