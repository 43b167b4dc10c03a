"""Proxies, and the URLs that name them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from ..errors import LocalProtocolError
from ..redaction import KNOWN
from ..secret import Secret
from .address import place
from .gates import ascii_name

__all__ = ["Proxy"]

#: Longest user name and longest password for a proxy (bytes). Source: RFC 1929, 2,
#: where each has one byte for its length.
MAX_PROXY_CREDENTIAL_BYTES = 255

_FORM = "it is written http://HOST:PORT or socks5://USER:PASSWORD@HOST:PORT"

_KINDS: dict[str, Literal["http", "socks5"]] = {
    "http": "http",
    "socks5": "socks5",
    "socks5h": "socks5",
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, for example ``Proxy.from_url("socks5://127.0.0.1:1080")``.

    Args:
        kind: ``http`` (the method CONNECT) or ``socks5``.
        host: name or address.
        port: TCP port.
        user: who we are there, None for nobody.
        password: its password.
    """

    kind: Literal["http", "socks5"]
    host: str
    port: int
    user: Secret | None = None
    password: Secret | None = None

    def __post_init__(self) -> None:
        """Keep the password out of logs, and the form in which HTTP sends it."""
        if self.user is not None and self.password is not None:
            password = self.password.reveal()
            pair = f"{self.user.reveal()}:{password}".encode()
            basic = b64encode(pair).decode("ascii")
            KNOWN.keep(("proxy", self.place), (password, basic))

    @classmethod
    def from_url(cls, url: str) -> Proxy:
        """Read the URL of a proxy; user name and password are percent-encoded in it.

        Raises:
            LocalProtocolError: no such URL; the text does not repeat it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise LocalProtocolError(
                f"the proxy's URL has a host or port that is none; {_FORM}"
            ) from None
        problem = ""
        # Programs tell by socks5h that the proxy looks names up; ours always does.
        kind = _KINDS.get(parts.scheme)
        if kind is None:
            problem = "begins with neither http:// nor socks5://"
        elif not parts.hostname or not port:
            problem = "needs a host and a port"
        elif parts.path not in ("", "/") or parts.query or parts.fragment:
            problem = "has more than host and port"
        elif "@" in parts.netloc and not (parts.username and parts.password):
            problem = "needs a user name and a password, or neither"
        if problem or kind is None or not parts.hostname or not port:
            raise LocalProtocolError(f"the proxy's URL {problem}; {_FORM}")
        user, password = (
            None if part is None else _credential(unquote(part))
            for part in (parts.username, parts.password)
        )
        return cls(kind, ascii_name(parts.hostname), port, user, password)

    @property
    def place(self) -> str:
        """Scheme, host and port, for people; without credentials."""
        return f"{self.kind}://{place(self.host, self.port)}"


def _credential(text: str) -> Secret:
    if len(text.encode()) > MAX_PROXY_CREDENTIAL_BYTES or not text.isprintable():
        raise LocalProtocolError(
            "user name and password of the proxy must be printable, and have at most"
            f" {MAX_PROXY_CREDENTIAL_BYTES} bytes each"
        )
    return Secret(text)
