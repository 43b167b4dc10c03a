"""The cookies of one connection, as a client keeps them for its one server."""

from __future__ import annotations

__all__ = ["MAX_COOKIES", "MAX_COOKIE_BYTES", "Cookies"]

#: Most cookies kept for one connection. A server sets one for its own id and a load
#: balancer one for its choice; a browser keeps at least 50. Source: RFC 6265, 6.1.
MAX_COOKIES = 50

#: Longest cookie, name and value together (bytes). Source: RFC 6265, 6.1.
MAX_COOKIE_BYTES = 4096


class Cookies:
    """What the server of one connection wants to have sent back to it.

    There is one host and one path, and it lasts as long as the connection; so of the
    attributes only ``Max-Age`` counts, which can take a cookie back. A load balancer
    finds the server of a session again by such a cookie. Source: engine.io-client 6.6,
    CookieJar; vector eio4-upgrade-cookie.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def learn(self, header: str) -> None:
        """Take in a ``Set-Cookie`` header; what is none, or too much, is ignored."""
        pair, *attributes = header.split(";")
        name, equals, value = pair.partition("=")
        name, value = name.strip(), value.strip()
        if not name or not equals or not (name + value).isprintable():
            return
        if len(name) + len(value) > MAX_COOKIE_BYTES:
            return
        if any(_takes_back(attribute) for attribute in attributes):
            self._values.pop(name, None)
        elif name in self._values or len(self._values) < MAX_COOKIES:
            self._values[name] = value

    def header(self) -> str:
        """Return the value of a ``Cookie`` header, empty without cookies."""
        return "; ".join(f"{name}={value}" for name, value in self._values.items())


def _takes_back(attribute: str) -> bool:
    name, _, value = attribute.partition("=")
    digits = value.strip()
    return name.strip().lower() == "max-age" and (
        digits.startswith("-") or digits.strip("0") == "" != digits
    )
