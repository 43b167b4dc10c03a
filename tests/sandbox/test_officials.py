"""Tests of padchat_twisted.sandbox.officials: official accounts and their pages."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.sandbox.officials import (
    CLICK,
    LINK,
    MAX_OFFICIAL_ACCOUNTS,
    MAX_URL_CHARACTERS,
    MAX_WEB_KEYS,
    SUB_MENU,
    Button,
)
from padchat_twisted.sandbox.refusals import Refused

from .stage import Stage

URL = "http://shop.example.invalid/catalogue"


class OfficialsTests(SynchronousTestCase):
    """The accounts, and who finds them."""

    def setUp(self) -> None:
        """Have a person."""
        self.world = Stage().world
        self.officials = self.world.officials
        self.shop = self.officials.shop
        self.alice = self.world.person("alice")

    def test_there_from_the_beginning(self) -> None:
        """Two are there, with ids that are always the same; more can be made."""
        for account in (self.officials.news, self.shop):
            user_name = account.person.user_name
            self.assertRegex(user_name, "^gh_[0-9a-f]{12}$")
            self.assertIs(self.officials.find(user_name), account)
            self.assertIs(self.world.find(user_name), account.person)
        other = Stage().world.officials.shop
        self.assertEqual(other.person.user_name, self.shop.person.user_name)
        cafe = self.officials.add("cafe", nick_name="Cafe")
        self.assertIs(self.officials.find(cafe.person.user_name), cafe)

    def test_refused(self) -> None:
        """An alias is there once, and a person is no official account."""
        self.assertRaises(
            Refused, self.officials.add, "example_shop", nick_name="Another"
        )
        self.assertRaises(Refused, self.officials.add, "", nick_name="Nobody")
        for user_name in (self.alice.user_name, "example_shop", "gh_1"):
            self.assertRaises(Refused, self.officials.find, user_name)

    def test_number_is_bounded(self) -> None:
        """At the limit those there are stay, and new ones are refused."""
        for number in range(MAX_OFFICIAL_ACCOUNTS - len(self.officials.accounts)):
            self.officials.add(f"shop{number}", nick_name="Shop")
        self.assertEqual(len(self.officials.accounts), MAX_OFFICIAL_ACCOUNTS)
        self.assertRaises(Refused, self.officials.add, "more", nick_name="Shop")
        self.assertIs(self.officials.find(self.shop.person.user_name), self.shop)

    def test_written_to(self) -> None:
        """Everybody can write to one, but none is in a contact list."""
        person = self.shop.person
        self.alice.says("hello", to=person.user_name)
        self.assertEqual([x.content for x in person.inbox], ["hello"])
        self.assertNotIn(person, self.alice.contact_list())

    def test_search(self) -> None:
        """Name, alias and signature are searched, in any letter case."""
        news, shop = self.officials.news, self.shop
        for keyword, found in (
            ("NEWS", [news]),
            ("example_shop", [shop]),
            ("nobody can", [shop]),
            ("example", [news, shop]),
            (".", []),
        ):
            self.assertEqual(self.officials.search(keyword), found)

    def test_not_in_the_dump(self) -> None:
        """A restart needs none of them, and keeps none."""
        self.assertNotIn("gh_", repr(self.world.dump()))


class MenuTests(SynchronousTestCase):
    """Menus and their buttons."""

    def setUp(self) -> None:
        """Have an account with a menu of all kinds of buttons."""
        self.world = Stage().world
        self.officials = self.world.officials
        self.alice = self.world.person("alice")
        click = Button("Hours", answer="9 to 17")
        link = Button("Map", address="http://example.invalid/map")
        self.buttons = (click, link, Button("More", buttons=(click, link)))
        self.cafe = self.officials.add("cafe", nick_name="Cafe", menu=self.buttons)

    def test_keys(self) -> None:
        """Every button has a key of its own, by its place."""
        hours, place, more = self.cafe.menu
        keys = [placed.key for placed in (hours, place, more, *more.buttons)]
        self.assertEqual(
            keys,
            [
                "rselfmenu_0",
                "rselfmenu_1",
                "rselfmenu_2",
                "rselfmenu_2_0",
                "rselfmenu_2_1",
            ],
        )
        kinds = [placed.button.kind for placed in self.cafe.menu]
        self.assertEqual(kinds, [CLICK, LINK, SUB_MENU])

    def test_found(self) -> None:
        """A button is found by id and key, in both levels; else it is refused."""
        below = self.cafe.menu[2].buttons[0]
        found = self.cafe.button(below.menu_id, below.key)
        self.assertEqual(found.answer, "9 to 17")
        self.assertRaises(Refused, self.cafe.button, below.menu_id + 1, below.key)
        self.assertRaises(Refused, self.cafe.button, below.menu_id, "rselfmenu_9")

    def test_press(self) -> None:
        """A click makes the account write; a link and a sub-menu are refused."""
        click, link, more = self.buttons
        self.officials.press(self.alice, self.cafe, click)
        (message,) = self.alice.inbox
        self.assertEqual(
            (message.sender, message.content), (self.cafe.person, "9 to 17")
        )
        for button in (link, more):
            self.assertRaises(
                Refused, self.officials.press, self.alice, self.cafe, button
            )
        self.assertEqual(len(self.alice.inbox), 1)


class PageTests(SynchronousTestCase):
    """Pages, and the keys for them."""

    def setUp(self) -> None:
        """Have two people."""
        world = Stage().world
        self.officials = world.officials
        self.shop = self.officials.shop
        self.alice = world.person("alice")
        self.bob = world.person("bob")

    def test_addresses(self) -> None:
        """The address gets the key and the uin, before what names a place in it."""
        for url, before, after in (
            ("https://a.invalid", "https://a.invalid?", ""),
            ("http://a.invalid/b?c=d#e", "http://a.invalid/b?c=d&", "#e"),
        ):
            found = self.officials.authorise(self.alice, self.shop, url)
            uin = found.uin.replace("=", "%3D")
            known = f"{before}uin={uin}&key={found.key}{after}"
            self.assertEqual(found.full_url, known)
            self.assertEqual(found.share_url, f"{before}scene=1{after}")
            self.assertNotIn(found.key, repr(found))

    def test_page(self) -> None:
        """A key opens a whole HTTP response, of the right length."""
        found = self.officials.authorise(self.alice, self.shop, URL)
        response = self.officials.page(self.alice, URL, found.key, found.uin)
        head, body = response.split("\r\n\r\n")
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"))
        self.assertIn(f"Content-Length: {len(body.encode())}", head)
        self.assertIn("Example Shop", body)

    def test_names_are_no_markup(self) -> None:
        """A name with markup in it is a text on the page."""
        evil = self.officials.add("evil", nick_name="<script>\u00e9")
        found = self.officials.authorise(self.alice, evil, URL)
        response = self.officials.page(self.alice, URL, found.key, found.uin)
        head, body = response.split("\r\n\r\n")
        self.assertIn("&lt;script&gt;\u00e9", body)
        self.assertIn(f"Content-Length: {len(body.encode())}", head)

    def test_not_the_key(self) -> None:
        """Another's key, another's uin and what is no key open nothing."""
        alices = self.officials.authorise(self.alice, self.shop, URL)
        bobs = self.officials.authorise(self.bob, self.shop, URL)
        for key, uin in (
            ("", alices.uin),
            (bobs.key, bobs.uin),
            (bobs.key, alices.uin),
            (alices.key, bobs.uin),
        ):
            self.assertRaises(Refused, self.officials.page, self.alice, URL, key, uin)

    def test_not_an_address(self) -> None:
        """What is no address of a page is refused, and one too long."""
        found = self.officials.authorise(self.alice, self.shop, URL)
        long = URL + "x" * (MAX_URL_CHARACTERS - len(URL))
        self.officials.authorise(self.alice, self.shop, long)
        for url in ("", "x", "ftp://a.invalid/", "http://", "http://[::1", long + "x"):
            self.assertRaises(
                Refused, self.officials.authorise, self.alice, self.shop, url
            )
            self.assertRaises(
                Refused, self.officials.page, self.alice, url, found.key, found.uin
            )

    def test_keys_are_bounded(self) -> None:
        """The oldest key is void after one too many."""
        first = self.officials.authorise(self.alice, self.shop, URL)
        for _ in range(MAX_WEB_KEYS - 1):
            self.officials.authorise(self.bob, self.shop, URL)
        self.officials.page(self.alice, URL, first.key, first.uin)
        self.officials.authorise(self.bob, self.shop, URL)
        self.assertRaises(
            Refused, self.officials.page, self.alice, URL, first.key, first.uin
        )
