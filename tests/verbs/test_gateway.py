"""A gateway named on the command line."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.secret import Secret
from padchat_twisted.transport.tls import TLSOptions
from padchat_twisted.verbs.gateway import (
    Gateway,
    add_way_options,
    find_key,
    gateway_of,
)

from .stage import parsed

URL = "http://Gateway.invalid/user"


def add_options(parser: ArgumentParser) -> None:
    """Add the options, and the gateway itself."""
    parser.add_argument("--gateway")
    add_way_options(parser)


class GatewayTests(SynchronousTestCase):
    """What the options say."""

    def read(self, *words: str, environ: Mapping[str, str] | None = None) -> Gateway:
        """Read a command line."""
        options = parsed(add_options, *words)
        return gateway_of(options, environ or {})

    def test_usual(self) -> None:
        """Without options it is reached in the usual way."""
        gateway = self.read("--gateway", URL)
        self.assertEqual(gateway, Gateway(URL))
        self.assertEqual(gateway.address.url, "http://gateway.invalid:80/user")
        self.assertEqual(gateway.address.dialect, "socketio")

    def test_way(self) -> None:
        """Every option counts."""
        words = ["--revision=4", "--transport=polling", "--transport=websocket"]
        gateway = self.read(
            "--gateway", URL, *words, "--fallback", "--proxy=http://p:1"
        )
        expected = Gateway(
            URL,
            revision=4,
            transports=("polling", "websocket"),
            fallback=True,
            proxy="http://p:1",
        )
        self.assertEqual(gateway, expected)
        gateway = self.read("--gateway", "https://h/user", "--ca-file=ca.pem")
        self.assertEqual(gateway.tls, TLSOptions(ca_file=Path("ca.pem")))

    def test_proxy_in_environment(self) -> None:
        """The proxy may be in the environment; an empty one is none."""
        environ = {"PADCHAT_PROXY": "http://p:1"}
        gateway = self.read("--gateway", URL, environ=environ)
        self.assertEqual(gateway.proxy, "http://p:1")
        gateway = self.read("--gateway", URL, environ={"PADCHAT_PROXY": ""})
        self.assertIsNone(gateway.proxy)

    def test_cannot_be(self) -> None:
        """A URL or a way that cannot be is refused, an endpoint that cannot be too."""
        for words in (
            ("--gateway", "ftp://h"),
            ("--gateway", "ws://h/ws", "--revision=4"),
        ):
            with self.assertRaises(LocalProtocolError):
                self.read(*words)
        gateway = self.read("--gateway", URL, "--proxy=nothing")
        with self.assertRaises(LocalProtocolError):
            gateway.endpoint(MemoryReactorClock())


class KeyTests(SynchronousTestCase):
    """Where the auth key is."""

    def test_places(self) -> None:
        """The command line counts before the environment; an empty key is none."""
        environ = {"PADCHAT_AUTH_KEY": "b"}
        self.assertEqual(find_key("a", environ), Secret("a"))
        self.assertEqual(find_key(None, environ), Secret("b"))
        self.assertIsNone(find_key("", environ))
        self.assertIsNone(find_key(None, {}))
