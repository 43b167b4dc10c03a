"""The URL of a gateway: what it means, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import LocalProtocolError
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
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LocalProtocolError(f"gateway URL {url!r}: {error}") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        raise LocalProtocolError(
            f"gateway URL {url!r} is not of the form http://HOST:PORT/user"
        )
    if parts.query or parts.fragment or parts.username:
        raise LocalProtocolError(
            f"the gateway URL of {parts.hostname} must have no query, fragment or"
            " user; the auth key is given apart from it"
        )
    host = parts.hostname
    number = port or _PORTS[scheme]
    path = parts.path.rstrip("/")
    namespace = path or DEFAULT_NAMESPACE
    shown = f"[{host}]" if ":" in host else host
    return GatewayAddress(
        f"{scheme}://{shown}:{number}{namespace}",
        scheme == "https",
        host,
        number,
        namespace,
    )
