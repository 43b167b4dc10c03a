"""The URL of a gateway: what it means, and where it leads."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import NamedTuple, get_args
from urllib.parse import quote, urlsplit

from ..catalogue.parameters import Dialect
from ..errors import LocalProtocolError, quoted
from ..wire.dialect_socketio import DEFAULT_NAMESPACE

__all__ = [
    "LEGACY_PATH",
    "GatewayAddress",
    "URLParts",
    "bracketed",
    "parse_url",
    "place",
    "split_url",
]

#: Where the WebSocket of ``legacy`` is. Source: dialects.md, the table, "URL".
LEGACY_PATH = "/ws"

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_FORM = (
    "it is written http://HOST:PORT/user, or ws://HOST:PORT/ws (dialect legacy), or"
    " ws://HOST:PORT (dialect sdk)"
)


def bracketed(host: str) -> str:
    """Write a host as a URL does: an address of IPv6 between brackets."""
    return f"[{host}]" if ":" in host else host


def place(host: str, port: int) -> str:
    """Say host and port, for people and URLs."""
    # Every account of a gateway has it in several places.
    return sys.intern(f"{bracketed(host)}:{port}")


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """A gateway, and the dialect that it speaks.

    Args:
        url: without query, lower-case scheme and host; the key of the store.
        is_secure: whether TLS is spoken.
        host: name or address.
        port: TCP port.
        namespace: of ``socketio``: the path of the URL; else empty.
        dialect: ``socketio``, ``legacy`` or ``sdk``.
        path: of ``legacy``: where its WebSocket is. In ``sdk`` the auth key is the
            path.
    """

    url: str
    is_secure: bool
    host: str
    port: int
    namespace: str
    dialect: Dialect = "socketio"
    path: str = ""

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return place(self.host, self.port)

    def websocket_path(self, auth_key: str) -> str:
        """Return the path that opens the WebSocket of a JSON dialect.

        Args:
            auth_key: stands in it in dialect ``sdk``.

        Source: dialects.md, the table, "URL".
        """
        return self.path or f"/{quote(auth_key, safe='')}"


class URLParts(NamedTuple):
    """A URL that leads to a server: scheme, host, port and path."""

    scheme: str
    host: str
    port: int
    path: str


def split_url(
    url: str, named: str, *, schemes: str, beside: str, form: str
) -> URLParts:
    """Take a URL apart that has a host, and neither user nor query.

    Args:
        url: the URL.
        named: what it is, and itself as far as it may be shown, for the error.
        schemes: which schemes it may have, for the error.
        beside: what is given apart from it, for the error.
        form: how it is written, for the error.

    Raises:
        LocalProtocolError: it has another form.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # The error's own text may hold what must not be shown.
        raise LocalProtocolError(
            f"{named} has a host or port that is none; {form}"
        ) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname or port == 0:
        raise LocalProtocolError(
            f"{named} needs {schemes}, a host, and a port above 0; {form}"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise LocalProtocolError(
            f"{named} must have no query, fragment or user; {beside}"
        )
    return URLParts(scheme, parts.hostname, port or _PORTS[scheme], parts.path)


def parse_url(url: str, dialect: Dialect | None = None) -> GatewayAddress:
    """Read the URL of a gateway, for example ``http://127.0.0.1:7700/user``.

    Its scheme tells the dialect: ``http`` and ``https`` mean ``socketio``, whose
    namespace is the path; ``ws`` and ``wss`` mean ``legacy`` when the path is ``/ws``,
    and ``sdk`` when there is none.

    Args:
        url: in one of these forms.
        dialect: for a gateway whose URL does not tell it, such as one of ``legacy``
            with another path; None to go by the URL.

    Raises:
        LocalProtocolError: not such a URL; the text says what is wrong and how it
            is written.
    """
    shown = quoted(_bare(url))
    scheme, host, number, path = split_url(
        url,
        f"gateway URL {shown!r}",
        schemes="http or https (ws or wss for the older dialects)",
        beside="the auth key is given apart from it",
        form=_FORM,
    )
    path = path.rstrip("/")
    origin = f"{scheme}://{place(host, number)}"
    if dialect is None:
        dialect = _dialect_of(scheme, path)
    _check(shown, scheme, dialect, path)
    is_secure = scheme in ("https", "wss")
    if dialect == "socketio":
        namespace = path or DEFAULT_NAMESPACE
        return GatewayAddress(
            origin + namespace, is_secure, host, number, namespace, dialect
        )
    if dialect == "legacy":
        path = path or LEGACY_PATH
        return GatewayAddress(origin + path, is_secure, host, number, "", dialect, path)
    return GatewayAddress(f"{origin}/", is_secure, host, number, "", dialect)


def _dialect_of(scheme: str, path: str) -> Dialect:
    if scheme in ("http", "https"):
        return "socketio"
    return "legacy" if path == LEGACY_PATH else "sdk"


def _check(shown: str, scheme: str, dialect: Dialect, path: str) -> None:
    """Refuse a URL that is not written as its dialect is."""
    if dialect not in get_args(Dialect):
        known = ", ".join(get_args(Dialect))
        raise LocalProtocolError(
            f"there is no dialect {quoted(str(dialect))!r}; it is one of {known}"
        )
    if (dialect == "socketio") is not (scheme in ("http", "https")):
        wanted = "http or https" if dialect == "socketio" else "ws or wss"
        raise LocalProtocolError(
            f"gateway URL {shown!r}: dialect {dialect} needs {wanted}; {_FORM}"
        )
    if "," in path or not path.isprintable():
        raise LocalProtocolError(
            f"gateway URL {shown!r} has a path that is no namespace: it must hold no"
            " comma and nothing that is not printable"
        )
    if dialect == "sdk" and path:
        raise LocalProtocolError(
            f"gateway URL {shown!r} has a path; what stands there in dialect sdk is the"
            f" auth key, which is given apart from it. {_FORM}"
        )


def _bare(url: str) -> str:
    """Return *url* without user, query and fragment: a key may stand there.

    Of a WebSocket, the path goes too, but for ``/ws``: in dialect ``sdk`` it is the
    key.
    """
    before = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = before.rpartition("//")
    rest = rest.rpartition("@")[2]
    if scheme.lower() in ("ws:", "wss:"):
        place, slash, path = rest.partition("/")
        rest = place + slash + (path if slash + path == LEGACY_PATH else "...")
        rest = rest if slash else place
    return scheme + slashes + rest
