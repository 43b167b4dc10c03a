"""What pages of other origins may do."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.cors import Cors

PAGE = "https://shop.example"
OTHER = "https://evil.example"


class CorsTests(SynchronousTestCase):
    """The headers of answers and of preflights."""

    def test_everybody(self) -> None:
        """A star lets all pages in, without cookies; vector raw-server4-cors-any."""
        for origin in (PAGE, None):
            self.assertEqual(
                Cors().headers(origin), [("Access-Control-Allow-Origin", "*")]
            )

    def test_everybody_with_cookies(self) -> None:
        """Browsers take no star then, so the origin comes back; raw-server2-cors."""
        cors = Cors(allows_credentials=True)
        self.assertEqual(
            cors.headers(PAGE),
            [
                ("Vary", "Origin"),
                ("Access-Control-Allow-Origin", PAGE),
                ("Access-Control-Allow-Credentials", "true"),
            ],
        )
        self.assertEqual(cors.headers(None), [("Access-Control-Allow-Origin", "*")])

    def test_some(self) -> None:
        """Only those that are named are let in, and the answer is theirs alone."""
        cors = Cors((PAGE,))
        self.assertEqual(
            cors.headers(PAGE),
            [("Vary", "Origin"), ("Access-Control-Allow-Origin", PAGE)],
        )
        for origin in (OTHER, None, PAGE + ".evil.example", "*"):
            self.assertEqual(cors.headers(origin), [("Vary", "Origin")])

    def test_preflight(self) -> None:
        """The methods of Engine.IO are allowed, and the headers that are named."""
        methods = ("Access-Control-Allow-Methods", "GET,POST")
        named = Cors(allowed_headers=("x-token", "x-other"))
        self.assertEqual(
            named.preflight_headers("x-evil"),
            [methods, ("Access-Control-Allow-Headers", "x-token,x-other")],
        )
        self.assertEqual(Cors(allowed_headers=()).preflight_headers("a"), [methods])

    def test_preflight_as_asked(self) -> None:
        """Without names, what is asked for is allowed."""
        methods = ("Access-Control-Allow-Methods", "GET,POST")
        vary = ("Vary", "Access-Control-Request-Headers")
        self.assertEqual(
            Cors().preflight_headers("x-a, x-b"),
            [methods, vary, ("Access-Control-Allow-Headers", "x-a, x-b")],
        )
        self.assertEqual(Cors().preflight_headers(None), [methods, vary])
