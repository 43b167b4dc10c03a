"""A page of the application's own: which account is in which state."""

from collections.abc import Collection

from twisted.web.http import Request
from twisted.web.resource import Resource

from padchat_twisted import AccountSession


class StatusPage(Resource):
    """One line for each account."""

    isLeaf = True

    def __init__(self, accounts: Collection[AccountSession]) -> None:
        super().__init__()
        self._accounts = accounts

    def render_GET(self, request: Request) -> bytes:
        """Look at the accounts now."""
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        lines = [f"{account.name}: {account.state}\n" for account in self._accounts]
        return "".join(lines).encode()
