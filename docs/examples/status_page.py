"""A page of the application's own: the accounts, their states and their QR codes."""

from html import escape

from twisted.web.http import Request
from twisted.web.resource import Resource

from padchat_twisted import AccountSession, QRCode

_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="5"><title>Accounts</title></head>
<body><h1>Accounts</h1>{lines}</body></html>
"""


class StatusPage(Resource):
    """One line for each account that was added.

    Whoever sees a QR code can log in with it: keep the page for yourselves.
    """

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[AccountSession] = []
        self._codes: dict[str, str] = {}

    def add(self, account: AccountSession) -> None:
        """Show an account from now on."""
        self.accounts.append(account)
        account.on(QRCode, self._code_came)

    def render_GET(self, request: Request) -> bytes:
        """Look at the accounts now."""
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        lines = "".join(self._line(account) for account in self.accounts)
        return _PAGE.format(lines=lines).encode()

    def _code_came(self, account: AccountSession, code: QRCode) -> None:
        self._codes[account.name] = code.qr_code

    def _line(self, account: AccountSession) -> str:
        line = f"<p>{escape(account.name)}: {account.state}</p>\n"
        if account.state == "awaiting_scan" and account.name in self._codes:
            picture = escape(self._codes[account.name])
            line += f'<p><img alt="QR code" src="data:image/png;base64,{picture}"></p>'
        return line
