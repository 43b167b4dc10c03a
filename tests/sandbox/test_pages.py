"""The pages of the sandbox, over HTTP."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from .gateway_stage import GatewayStage
from .stage import KEY


class _Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def tags(page: str) -> list[str]:
    """Return the tags of a page."""
    parser = _Tags()
    parser.feed(page)
    return parser.tags


class PageTests(SynchronousTestCase):
    """What a browser gets."""

    def setUp(self) -> None:
        """Build a gateway."""
        self.stage = GatewayStage()
        self.addCleanup(self.stage.gateway.stop)

    def shows_code(self, name: str) -> str:
        """Have an account show a code; return the path of its page."""
        account = self.stage.account(name)
        self.addCleanup(account.close)
        login = self.stage.world.account(name, auth_key=KEY).login
        assert login is not None
        return login.content.removeprefix(self.stage.world.base_url)

    def test_start(self) -> None:
        """The start page says what is here."""
        status, headers, page = self.stage.get("/")
        self.assertEqual(status, 200)
        self.assertEqual(headers["content-type"], "text/html; charset=utf-8")
        self.assertIn("<h1>PadChat sandbox gateway</h1>", page)
        self.assertIn("/user", page)

    def test_code(self) -> None:
        """The page of a code says whose it is, and that it is no code of WeChat."""
        status, _, page = self.stage.get(self.shows_code("bot1"))
        self.assertEqual(status, 200)
        self.assertIn("Login code of account bot1", page)
        self.assertIn("not of WeChat", page)

    def test_code_that_is_void(self) -> None:
        """A code that is void, or never was one, is not found."""
        for path in ("/x/0123456789abcdef", "/x/", "/x/%ff", "/x/a%2Fb"):
            status, _, page = self.stage.get(path)
            self.assertEqual(status, 404, path)
            self.assertIn("not valid any more", page)

    def test_labels_are_escaped(self) -> None:
        """A label is text, whatever is in it."""
        path = self.shows_code("<script>alert(1)</script>")
        _, _, page = self.stage.get(path)
        self.assertIn("&lt;script&gt;", page)
        self.assertNotIn("script", tags(page))

    def test_heads(self) -> None:
        """Everybody has an avatar: a picture with the first letter."""
        for path, letter in (
            ("/head/wxid_alice", "A"),
            ("/head/filehelper", "F"),
            ("/head/wxid_%E6%B1%89", "汉"),
            ("/head/wxid_%3Cb", "<"),
            ("/head/%22", '"'),
            ("/head/", "?"),
            ("/head/%01", "?"),
            ("/head/%20", "?"),
            ("/head/%ff", "\ufffd"),
        ):
            status, headers, page = self.stage.get(path)
            self.assertEqual(status, 200, path)
            self.assertEqual(headers["content-type"], "image/svg+xml")
            picture = ElementTree.fromstring(page)  # noqa: S314 - our own text
            self.assertEqual("".join(picture.itertext()).strip(), letter, path)

    def test_head_of_a_person(self) -> None:
        """The address that clients are told leads to the picture."""
        alice = self.stage.world.person("alice")
        path = alice.head_url.removeprefix(self.stage.world.base_url)
        self.assertEqual(self.stage.get(path)[0], 200)

    def test_other_addresses(self) -> None:
        """Nothing else is here; the gateway refuses what is no request of it."""
        self.assertEqual(self.stage.get("/nothing/here")[0], 404)
        self.assertEqual(self.stage.get("/x/../../etc/passwd")[0], 404)
        self.assertEqual(self.stage.get("/socket.io/?transport=x&EIO=3")[0], 400)
