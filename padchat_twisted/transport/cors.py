"""What pages of other origins may do with a server, by the rules of browsers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cors"]

#: What clients of Engine.IO use.
METHODS = "GET,POST"


@dataclass(frozen=True)
class Cors:
    """Lets pages of other origins use a server by long polling.

    A browser asks before, with the method OPTIONS, and looks at the headers of each
    answer. It does neither for a WebSocket.

    Args:
        origins: for example ``https://example.com``; ``*`` among them stands for all.
        allows_credentials: whether a browser may send its cookies along.
        allowed_headers: names of headers that a request may have; None for those that
            it asks for.

    Source: socket.io 4.8.4, option ``cors``; of 2.5.1 all origins with credentials;
    vectors raw-server4-cors-any, raw-server4-cors-configured, raw-server2-cors.
    """

    origins: tuple[str, ...] = ("*",)
    allows_credentials: bool = False
    allowed_headers: tuple[str, ...] | None = None

    def headers(self, origin: str | None) -> list[tuple[str, str]]:
        """Return the headers of every answer to a request from *origin*."""
        is_for_all = "*" in self.origins
        if is_for_all and (origin is None or not self.allows_credentials):
            # A browser takes no star for a request with cookies.
            return [("Access-Control-Allow-Origin", "*")]
        headers = [("Vary", "Origin")]
        if origin is not None and (is_for_all or origin in self.origins):
            headers.append(("Access-Control-Allow-Origin", origin))
        if self.allows_credentials:
            headers.append(("Access-Control-Allow-Credentials", "true"))
        return headers

    def preflight_headers(self, asked: str | None) -> list[tuple[str, str]]:
        """Return the further headers of the answer to OPTIONS.

        Args:
            asked: names of the headers that the request wants to have.
        """
        headers = [("Access-Control-Allow-Methods", METHODS)]
        if self.allowed_headers is not None:
            names: str | None = ",".join(self.allowed_headers)
        else:
            names = asked
            headers.append(("Vary", "Access-Control-Request-Headers"))
        if names:
            headers.append(("Access-Control-Allow-Headers", names))
        return headers
