"""A gateway named on the command line: its options, and the auth key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IStreamClientEndpoint

from ..composing import check_way
from ..secret import Secret
from ..transport.address import GatewayAddress, parse_url
from ..transport.endpoints import endpoint_for
from ..transport.proxies import Proxy
from ..transport.revision import RevisionSetting
from ..transport.tls import TLSOptions

__all__ = ["KEY_VARIABLE", "Gateway", "add_way_options", "find_key", "gateway_of"]

#: The environment variable with the auth key, where it is not on the command line.
KEY_VARIABLE = "PADCHAT_AUTH_KEY"

#: The environment variable with the URL of a proxy, which may hold a password.
PROXY_VARIABLE = "PADCHAT_PROXY"

#: How a revision of Engine.IO is written.
REVISIONS: dict[str, RevisionSetting] = {"auto": "auto", "3": 3, "4": 4}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway, and how it is reached.

    Args:
        url: as it was given.
        revision: of Engine.IO, or to find out.
        transports: in the order to try them.
        fallback: whether the next one is tried when one does not work.
        tls: whom to trust and who we are, None for the usual.
        proxy: on the way, or its URL; None to connect directly.

    Raises:
        LocalProtocolError: no such URL or way.
    """

    url: str
    revision: RevisionSetting = "auto"
    transports: tuple[str, ...] = ("websocket",)
    fallback: bool = False
    tls: TLSOptions | None = None
    proxy: Proxy | str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check how it is to be reached."""
        check_way(self.address, self.revision, self.transports, fallback=self.fallback)

    @property
    def address(self) -> GatewayAddress:
        """What its URL says."""
        return parse_url(self.url)

    def endpoint(self, reactor: Any) -> IStreamClientEndpoint:  # noqa: ANN401
        """Return what leads to it.

        Raises:
            LocalProtocolError: no such proxy, or a file of TLS cannot be used.
        """
        return endpoint_for(reactor, self.address, tls=self.tls, proxy=self.proxy)


def add_way_options(parser: ArgumentParser) -> None:
    """Add the options that say how a gateway is reached."""
    parser.add_argument(
        "--proxy",
        metavar="URL",
        help=f"http://HOST:PORT or socks5://HOST:PORT; may be in {PROXY_VARIABLE}",
    )
    parser.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="trust these certificates"
    )
    parser.add_argument("--revision", choices=REVISIONS, help="of Engine.IO")
    parser.add_argument(
        "--transport",
        action="append",
        choices=("polling", "websocket"),
        help="may be repeated: the first is tried; websocket if left out",
    )
    parser.add_argument(
        "--fallback",
        action="store_true",
        help="try the next transport when one does not work",
    )


def gateway_of(options: Namespace, environ: Mapping[str, str]) -> Gateway:
    """Return the gateway of a command line.

    Raises:
        LocalProtocolError: no such URL or way.
    """
    return Gateway(
        options.gateway,
        revision=REVISIONS[options.revision or "auto"],
        transports=tuple(options.transport or ("websocket",)),
        fallback=options.fallback,
        tls=options.ca_file and TLSOptions(ca_file=options.ca_file),
        proxy=options.proxy or environ.get(PROXY_VARIABLE) or None,
    )


def find_key(given: str | None, environ: Mapping[str, str]) -> Secret | None:
    """Return the auth key from the command line or the environment, None for none."""
    key = environ.get(KEY_VARIABLE, "") if given is None else given
    return Secret(key) if key else None
