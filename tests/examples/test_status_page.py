"""The page of the examples: states, and the codes that must be scanned."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.test.requesthelper import DummyRequest

from padchat_twisted import AccountSession, MemoryStore
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.sandbox.server import qr_picture
from padchat_twisted.service.qrcode import Picture, read_code
from padchat_twisted.testing import FakeConnector, ready_account

from .running import load


class StatusPageTests(SynchronousTestCase):
    """A person reads it."""

    def rendered(self, page: Any) -> str:  # noqa: ANN401 - an example's class
        """Return the page as a browser gets it."""
        request = DummyRequest([b""])
        text: bytes = page.render_GET(request)
        kind = request.responseHeaders.getRawHeaders(b"content-type")
        self.assertEqual(kind, [b"text/html; charset=utf-8"])
        return text.decode()

    def waiting_account(self, page: Any) -> FakeConnector:  # noqa: ANN401 - see above
        """Put an account on the page that has asked for a code."""
        connector = FakeConnector()
        store = MemoryStore()
        self.successResultOf(store.open())
        key = AccountKey(connector.url, "0" * 16, "<shop>")
        account = AccountSession(Clock(), connector, key, store)
        page.add(account)
        self.successResultOf(account.start())
        connection = connector.let_in()
        connection.reply(connection.last_call("init").call_id)
        connection.reply(connection.last_call("login").call_id)
        return connector

    def test_ready(self) -> None:
        """An account that is logged in has its name and its state."""
        page = load("status_page").StatusPage()
        page.add(ready_account(name="shop-1")[0])
        self.assertIn("<p>shop-1: ready</p>", self.rendered(page))
        self.assertNotIn("<img", self.rendered(page))

    def test_code(self) -> None:
        """An account that waits for a scan shows its code, until somebody came."""
        page = load("status_page").StatusPage()
        connector = self.waiting_account(page)
        connection = connector.connections[-1]
        self.assertNotIn("<img", self.rendered(page))
        connection.notice("qrcode", {"qrCode": qr_picture("http://x.invalid/x/1")})
        found = re.search('src="data:image/png;base64,([^"]*)"', self.rendered(page))
        assert found is not None
        code = read_code(Picture(b64decode(found[1]), "PNG"))
        self.assertEqual(code, "http://x.invalid/x/1")
        connection.notice("scan", {"status": 1})
        self.assertNotIn("<img", self.rendered(page))

    def test_strangers(self) -> None:
        """What comes from outside is no markup."""
        page = load("status_page").StatusPage()
        connector = self.waiting_account(page)
        connector.connections[-1].notice("qrcode", {"qrCode": '"><script>'})
        rendered = self.rendered(page)
        self.assertIn("&lt;shop&gt;: awaiting_scan", rendered)
        self.assertNotIn("<script>", rendered)
