"""Where the JSON dialects are on the sandbox's port."""

from __future__ import annotations

from urllib.parse import quote

from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyChannel

from padchat_twisted.sandbox.json_pages import HIDDEN_PATH

from .json_stage import JsonCase, JsonClient, LegacyClient, SdkClient
from .stage import KEY


class PlaceTests(JsonCase):
    """Addresses, as a browser and as a client see them."""

    def test_pages(self) -> None:
        """A browser is told which dialect is where."""
        for path, dialect in (("/ws", "legacy"), (f"/{KEY}", "sdk"), ("/test", "sdk")):
            status, headers, page = self.stage.get(path)
            self.assertEqual(status, 200, path)
            self.assertEqual(headers["content-type"], "text/html; charset=utf-8")
            self.assertIn(f"A WebSocket of dialect {dialect} is here", page)
        self.assertEqual(self.stage.world.accounts, {})

    def test_start_page(self) -> None:
        """The start page names all three."""
        _, _, page = self.stage.get("/")
        for place in ("/user", "/ws", "/AUTH_KEY"):
            self.assertIn(place, page)

    def test_websockets(self) -> None:
        """Both speak WebSocket, each its own dialect."""
        for client in (LegacyClient(self.stage), SdkClient(self.stage, KEY)):
            self.addCleanup(client.leave)
            self.assertTrue(client.head.startswith(b"HTTP/1.1 101 "), client.head)
        self.assertEqual(len(self.stage.world.accounts), 1)

    def test_not_one_segment(self) -> None:
        """A key is one segment of the path; nothing else is served."""
        for path in (f"/{KEY}/", f"/{KEY}/x", "/ws/x", "/ws/"):
            client = JsonClient(self.stage, path)
            self.addCleanup(client.leave)
            self.assertTrue(client.head.startswith(b"HTTP/1.1 404 "), path)

    def test_any_key(self) -> None:
        """A key of any characters can stand in the path."""
        key = "密 /?%#"
        self.stage.gateway._auth_keys = frozenset({key})
        client = SdkClient(self.stage, quote(key, safe=""))
        self.addCleanup(client.leave)
        self.assertTrue(client.call("init")["success"])
        self.stage.world.account("0", auth_key=key)

    def test_key_is_not_logged(self) -> None:
        """What a site logs of a request has no key in it."""
        root = self.stage.gateway.resource()
        for path in (b"/KEY-0001", b"/KEY-0001/x", b"/KEY-0001?a=KEY-0001"):
            request = Request(DummyChannel())
            request.uri = path
            first, *rest = path.partition(b"?")[0].strip(b"/").split(b"/")
            request.prepath, request.postpath = [first], rest
            root.getChildWithDefault(first, request)
            self.assertEqual(request.uri, HIDDEN_PATH)
