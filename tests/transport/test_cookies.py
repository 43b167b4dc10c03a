"""The cookies of one connection."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.transport.cookies import MAX_COOKIE_BYTES, MAX_COOKIES, Cookies


class CookiesTests(SynchronousTestCase):
    """What is learned, and what is sent."""

    def header(self, *learned: str) -> str:
        """Learn these headers; return the one to send."""
        cookies = Cookies()
        for header in learned:
            cookies.learn(header)
        return cookies.header()

    def test_as_recorded(self) -> None:
        """The server's id is sent back. Source: vector eio4-upgrade-cookie."""
        self.assertEqual(
            self.header("io=0oK7XSbTEFr866LzAAAS; Path=/; HttpOnly; SameSite=Strict"),
            "io=0oK7XSbTEFr866LzAAAS",
        )

    def test_several(self) -> None:
        """Each is kept by its name; the last value counts."""
        self.assertEqual(self.header(), "")
        self.assertEqual(self.header("a=1", "b=2;x", "a=3"), "a=3; b=2")
        self.assertEqual(self.header('a="x=y"', "b="), 'a="x=y"; b=')

    def test_taken_back(self) -> None:
        """A server takes one back with an age that is not above zero."""
        for age in ("0", "-1", "00"):
            self.assertEqual(self.header("a=1", f"a=; Max-Age={age}"), "", age)
        for age in ("1", "10", "", "x"):
            self.assertEqual(self.header(f"a=1; max-age={age}"), "a=1", age)

    def test_what_is_none(self) -> None:
        """What is no cookie, or would break a header, is ignored."""
        for header in ("", ";", "a", "=1", "a=\x00", "a=1\r\nb=2", "; a=1"):
            self.assertEqual(self.header(header), "", repr(header))

    def test_number(self) -> None:
        """The number is bounded; those that are known may still change."""
        cookies = Cookies()
        for number in range(MAX_COOKIES + 1):
            cookies.learn(f"c{number}=x")
        self.assertEqual(cookies.header().count("="), MAX_COOKIES)
        self.assertNotIn(f"c{MAX_COOKIES}=", cookies.header())
        cookies.learn("c0=y")
        self.assertTrue(cookies.header().startswith("c0=y; "))

    def test_size(self) -> None:
        """The size of each is bounded."""
        longest = "x" * (MAX_COOKIE_BYTES - 1)
        self.assertEqual(self.header(f"a={longest}"), f"a={longest}")
        self.assertEqual(self.header(f"a={longest}x"), "")
