"""How a server refuses a client, and what the refused client learns."""

from __future__ import annotations

from ..errors import NamespaceRefused, PadChatError, quoted

__all__ = ["Refuse", "Refused"]


class Refuse(PadChatError):
    """Raised in a server's middleware: do not let this client in.

    Args:
        message: why, for the client.
        data: more about it, anything that JSON can hold; None for nothing.
    """

    def __init__(self, message: str, data: object = None) -> None:
        super().__init__(message, data)
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return quoted(self.message)


class Refused(NamespaceRefused):
    """The server did not let us into a namespace; it is not asked again.

    Args:
        where: the server, as host and port.
        namespace: which one.
        message: the server's text, as it came.
        data: what else it said, decoded; None when nothing.
    """

    def __init__(
        self, where: str, namespace: str, message: str, data: object = None
    ) -> None:
        said = quoted(message) or "no reason given"
        super().__init__(where, f"the server refused namespace {namespace}: {said}")
        self.namespace = namespace
        self.message = message
        self.data = data
        self.args = (where, namespace, message, data)
