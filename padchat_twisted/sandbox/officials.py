"""Official accounts, with their menus and pages.

PURE. Two are there from the beginning; more are made from Python::

    cafe = world.officials.add("cafe", nick_name="Café", menu=[Button("Hours", "9-17")])
    cafe.person.inbox
"""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from .fingerprints import fingerprint
from .people import Person, checked_name
from .refusals import Refused

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "CLICK",
    "LINK",
    "MAX_KEYWORD_CHARACTERS",
    "MAX_OFFICIAL_ACCOUNTS",
    "MAX_URL_CHARACTERS",
    "MAX_WEB_KEYS",
    "SUB_MENU",
    "Button",
    "OfficialAccount",
    "Officials",
    "PlacedButton",
    "WebKey",
]

#: Types of buttons. Source: commands.toml, ``MpMenuButton``.
SUB_MENU, CLICK, LINK = range(3)

#: Longest address of a page (characters): browsers take as much.
MAX_URL_CHARACTERS = 2048

#: Longest text to search for (characters): longer than any name.
MAX_KEYWORD_CHARACTERS = 100

#: Official accounts of one world. A search goes through all of them.
MAX_OFFICIAL_ACCOUNTS = 1000

#: Keys for pages that are good at the same time, the oldest dropped first. A bot
#: fetches a page right after it got the key for it.
MAX_WEB_KEYS = 1000

#: ``id`` of all buttons of a menu, which is its version in the sample; what tells
#: buttons apart is their key.
_MENU_ID = 425_306_837

#: Random bytes of a key for pages.
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a menu.

    Args:
        name: what stands on it.
        answer: what the account writes to who presses it.
        address: where it leads, in place of an answer.
        buttons: what it opens, in place of both; these open no others.
    """

    name: str
    answer: str = ""
    address: str = ""
    buttons: tuple[Button, ...] = ()

    @property
    def kind(self) -> int:
        """``SUB_MENU``, ``CLICK`` or ``LINK``."""
        if self.buttons:
            return SUB_MENU
        return LINK if self.address else CLICK


@dataclass(frozen=True, slots=True)
class PlacedButton:
    """A button at its place in a menu.

    Attributes:
        button: the button.
        menu_id: value for ``menuId``.
        key: value for ``menuKey``.
        buttons: what it opens.
    """

    button: Button
    menu_id: int
    key: str
    buttons: tuple[PlacedButton, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class OfficialAccount:
    """One official account. Made by :meth:`Officials.add`.

    Attributes:
        person: who writes its messages, and gets those written to it.
        alias: the id that people see and search for.
        signature: what it says about itself.
        company: whose it is.
        menu: its buttons.
    """

    person: Person
    alias: str
    signature: str
    company: str
    menu: tuple[PlacedButton, ...]

    def button(self, menu_id: int, key: str) -> Button:
        """Find a button.

        Raises:
            Refused: there is none of this id and key.
        """
        for placed in _all_of(self.menu):
            if (placed.menu_id, placed.key) == (menu_id, key):
                return placed.button
        raise Refused("the menu has no button of this menuId and menuKey")


@dataclass(frozen=True, slots=True)
class WebKey:
    """What lets an account into the pages of an official account.

    Attributes:
        key: value of ``X-WECHAT-KEY``.
        uin: value of ``X-WECHAT-UIN``.
        full_url: the address with both.
        share_url: the address for others.
    """

    key: str = field(repr=False)
    uin: str = field(repr=False)
    full_url: str = field(repr=False)
    share_url: str = field(repr=False)


class Officials:
    """The official accounts of one world.

    Args:
        world: where they are.

    Attributes:
        accounts: by their ``gh_`` id.
        news: writes the news of the day.
        shop: has a menu of two levels.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.accounts: dict[str, OfficialAccount] = {}
        # Whose key it is and which account's pages it opens, by its fingerprint.
        self._keys: OrderedDict[str, tuple[str, OfficialAccount]] = OrderedDict()
        archive = "http://news.example.invalid/archive"
        self.news = self.add(
            "example_news",
            nick_name="Example News",
            signature="What did not happen today",
            company="Example News Limited",
            menu=[
                Button("Today", answer="Nothing happened today."),
                Button("Archive", address=archive),
            ],
        )
        self.shop = self.add(
            "example_shop",
            nick_name="Example Shop",
            signature="Things that nobody can buy",
            company="Example Shop Limited",
            menu=[
                Button(
                    "Service",
                    buttons=(
                        Button("Orders", answer="You have no orders."),
                        Button("Hours", answer="We are never open."),
                    ),
                ),
                Button("Catalogue", address="http://shop.example.invalid/catalogue"),
            ],
        )

    def add(
        self,
        alias: str,
        *,
        nick_name: str,
        signature: str = "",
        company: str = "",
        menu: Sequence[Button] = (),
    ) -> OfficialAccount:
        """Make an official account; everybody can write to it.

        Args:
            alias: the id that people see; its ``gh_`` id is made of it.
            nick_name: its name.
            signature: what it says about itself.
            company: whose it is.
            menu: its buttons.

        Raises:
            Refused: there is one of this alias, or the alias is empty or too long;
                there are too many.
        """
        if len(self.accounts) >= MAX_OFFICIAL_ACCOUNTS:
            limit = MAX_OFFICIAL_ACCOUNTS
            raise Refused(f"the sandbox has at most {limit} official accounts")
        user_name = f"gh_{fingerprint(checked_name(alias))[:12]}"
        if user_name in self.accounts:
            raise Refused(f"there is an official account {alias!r} already")
        person = Person(
            self._world, alias, user_name=user_name, nick_name=nick_name, is_system=True
        )
        account = OfficialAccount(
            person, alias, signature, company, _placed(menu, "rselfmenu")
        )
        self.accounts[user_name] = account
        self._world.by_user_name[user_name] = person
        return account

    def find(self, user_name: str) -> OfficialAccount:
        """Find an official account by its ``gh_`` id.

        Raises:
            Refused: there is none.
        """
        account = self.accounts.get(user_name)
        if account is None:
            raise Refused("ghName is no official account in this world")
        return account

    def search(self, keyword: str) -> list[OfficialAccount]:
        """List the official accounts with *keyword* in a name or in what they say."""
        wanted = re.compile(re.escape(keyword), re.IGNORECASE)
        found = []
        for account in self.accounts.values():
            shown = (account.person.nick_name, account.alias, account.signature)
            if any(wanted.search(one) for one in shown):
                found.append(account)
        return found

    def press(self, person: Person, account: OfficialAccount, button: Button) -> None:
        """Press a button: the account writes its answer.

        Raises:
            Refused: the button is a link or opens others.
        """
        if button.kind == LINK:
            raise Refused("this button is a link: open its value with requestUrl")
        if button.kind == SUB_MENU:
            raise Refused("this button opens others: press one of them")
        self._world.mail.send_text(account.person, person, button.answer)

    def authorise(self, person: Person, account: OfficialAccount, url: str) -> WebKey:
        """Make a key for the pages of an official account.

        Args:
            person: who wants to see them.
            account: whose pages.
            url: one of them.

        Raises:
            Refused: *url* is no address of a page, or too long.
        """
        _check_url(url)
        key = self._world.random_hex(_KEY_BYTES)
        uin = base64.b64encode(str(person.uin).encode()).decode()
        self._keys[fingerprint(key)] = person.user_name, account
        if len(self._keys) > MAX_WEB_KEYS:
            self._keys.popitem(last=False)
        page, mark, place = url.partition("#")
        sign = "&" if "?" in page else "?"
        known = f"{page}{sign}uin={quote(uin, safe='')}&key={key}{mark}{place}"
        return WebKey(key, uin, known, f"{page}{sign}scene=1{mark}{place}")

    def page(self, person: Person, url: str, key: str, uin: str) -> str:
        """Fetch a pretend page.

        Args:
            person: who wants to see it.
            url: its address; nothing is really fetched.
            key: from :meth:`authorise`, as *uin* is.
            uin: whose key it is.

        Returns:
            The whole HTTP response, head included.

        Raises:
            Refused: *url* is no address of a page; the key is not known, or is
                another person's.
        """
        _check_url(url)
        owner, account = self._keys.get(fingerprint(key), ("", self.news))
        own_uin = base64.b64encode(str(person.uin).encode()).decode()
        if owner != person.user_name or uin != own_uin:
            raise Refused("xKey and xUin are not from getRequestToken of this account")
        title = escape(account.person.nick_name)
        body = (
            f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
            f"<body><p>A pretend page of {title}.</p></body></html>\n"
        )
        return (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )


def _placed(menu: Sequence[Button], above: str) -> tuple[PlacedButton, ...]:
    keys = [f"{above}_{place}" for place in range(len(menu))]
    return tuple(
        PlacedButton(button, _MENU_ID, key, _placed(button.buttons, key))
        for key, button in zip(keys, menu, strict=True)
    )


def _all_of(menu: Sequence[PlacedButton]) -> Iterator[PlacedButton]:
    for placed in menu:
        yield placed
        yield from placed.buttons


def _check_url(url: str) -> None:
    if len(url) > MAX_URL_CHARACTERS:
        raise Refused(f"url is longer than {MAX_URL_CHARACTERS} characters")
    try:
        parts = urlsplit(url)
        is_page = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_page = False
    if not is_page:
        raise Refused("url is no address of a page: http://... is expected")
