"""The URL of a gateway: what it means, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import LocalProtocolError, quoted
from ..wire.dialect_socketio import DEFAULT_NAMESPACE

__all__ = ["GatewayAddress", "parse_url"]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """A gateway that speaks the dialect ``socketio``.

    Args:
        url: without query, lower-case scheme and host; the key of the store.
        is_secure: whether TLS is spoken.
        host: name or address.
        port: TCP port.
        namespace: the path of the URL.
    """

    url: str
    is_secure: bool
    host: str
    port: int
    namespace: str

    @property
    def place(self) -> str:
        """Host and port, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def websocket_url(self, query: str) -> str:
        """Return the URL that opens the WebSocket.

        Args:
            query: percent-encoded; ``EIO`` and ``transport`` come behind it.

        Source: vector eio3-ws-connect-user.
        """
        scheme = "wss" if self.is_secure else "ws"
        return f"{scheme}://{self.place}/socket.io/?{query}&EIO=3&transport=websocket"


def parse_url(url: str) -> GatewayAddress:
    """Read the URL of a gateway, for example ``http://127.0.0.1:7700/user``.

    Raises:
        LocalProtocolError: not such a URL; the text says what is wrong and how it
            is written.
    """
    shown = quoted(_bare(url))
    form = "it is written http://HOST:PORT/user"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # The error's own text may hold what must not be shown.
        raise LocalProtocolError(
            f"gateway URL {shown!r} has a host or port that is none; {form}"
        ) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname or port == 0:
        raise LocalProtocolError(
            f"gateway URL {shown!r} needs http or https, a host, and a port above 0;"
            f" {form}"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise LocalProtocolError(
            f"gateway URL {shown!r} must have no query, fragment or user; the auth key"
            " is given apart from it"
        )
    host = parts.hostname
    number = port or _PORTS[scheme]
    namespace = parts.path.rstrip("/") or DEFAULT_NAMESPACE
    if "," in namespace or not namespace.isprintable():
        raise LocalProtocolError(
            f"gateway URL {shown!r} has a path that is no namespace: it must hold no"
            " comma and nothing that is not printable"
        )
    bracketed = f"[{host}]" if ":" in host else host
    return GatewayAddress(
        f"{scheme}://{bracketed}:{number}{namespace}",
        scheme == "https",
        host,
        number,
        namespace,
    )


def _bare(url: str) -> str:
    """Return *url* without user, query and fragment: a key may stand there."""
    before = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = before.rpartition("//")
    return scheme + slashes + rest.rpartition("@")[2]
