"""The three applications that embed two accounts beside a web page of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import gatherResults

from padchat_twisted import AccountSession

from ..children import STDERR, STDOUT, start_child
from .running import EXAMPLES, ExampleTestCase, load, reactor

NAMES = ("shop-1", "shop-2")


class EmbedTests(ExampleTestCase):
    """Both accounts log in, answer, and are on the page; then all ends well."""

    def states_on(self, page: str) -> dict[str, str]:
        """Read the state of each account off a page."""
        return dict(re.findall(r"<p>([\w-]+): (\w+)</p>", page))

    async def play(self, accounts: Sequence[AccountSession]) -> None:
        """Have both accounts log in and answer, and look at the page."""
        await gatherResults([account.when_ready() for account in accounts])
        answered = self.all_answered("pong", NAMES)
        for name in NAMES:
            self.alice.says("ping", to=name)
        await answered
        page = await self.page()
        self.assertIn("text/html; charset=utf-8", page)
        self.assertEqual(self.states_on(page), dict.fromkeys(NAMES, "ready"))

    def assert_left(self, accounts: Sequence[AccountSession]) -> None:
        """Check that both accounts have left, and are not logged out."""
        self.assertEqual([account.state for account in accounts], ["closed"] * 2)
        for name in NAMES:
            self.assertTrue(self.sandbox.world.account(name).is_logged_in)
            self.assertIsNone(self.sandbox.world.account(name).binding)

    async def test_connect(self) -> None:
        """An application of coroutines connects one account after the other."""
        shop: Any = load("embed_connect").Shop(reactor, self.sandbox.url, self.web)
        await shop.start()
        await self.play(shop.page.accounts)
        await shop.stop()
        self.assert_left(shop.page.accounts)

    async def test_service(self) -> None:
        """An application that is a tree of services has the accounts as a branch."""
        shop: Any = load("embed_service").make_service(
            reactor, self.sandbox.url, self.web
        )
        shop.startService()
        accounts = list(next(iter(shop)).accounts.values())
        await self.play(accounts)
        await shop.stopService()
        self.assert_left(accounts)

    async def test_factory(self) -> None:
        """An application with endpoints of its own connects a factory per account."""
        endpoint = self.sandbox.url.removeprefix("http://").removesuffix("/user")
        shop: Any = load("embed_factory").Shop(
            reactor, self.sandbox.url, f"tcp:{endpoint}", self.web
        )
        shop.startService()
        await self.play(shop.page.accounts)
        await shop.stop()
        self.assert_left(shop.page.accounts)

    async def run_file(self, name: str, *arguments: str) -> None:
        """Run a file by itself, have both accounts answer, and end it."""
        for label in NAMES:
            # What is written to somebody who is not there yet comes with the login.
            self.alice.says("ping", to=self.sandbox.world.person(label))
        answered = self.all_answered("pong", NAMES)
        file = (str(EXAMPLES / name),)
        child = start_child(self, file, *arguments, self.web, folder=self.folder)
        await answered
        self.assertEqual(set(self.states_on(await self.page())), set(NAMES))
        child.signal("TERM")
        self.assertEqual(await child.when_ended(), 0)
        self.assertEqual((child.said(STDOUT), child.said(STDERR)), ("", ""))
        for label in NAMES:
            self.assertTrue(self.sandbox.world.account(label).is_logged_in)
            self.assertIsNone(self.sandbox.world.account(label).binding)

    async def test_connect_by_itself(self) -> None:
        """The file with coroutines runs as a program, until SIGTERM."""
        await self.run_file("embed_connect.py", self.sandbox.url)

    async def test_service_by_itself(self) -> None:
        """The file with services runs as a program, until SIGTERM."""
        await self.run_file("embed_service.py", self.sandbox.url)

    async def test_factory_by_itself(self) -> None:
        """The file with endpoints runs as a program, until SIGTERM."""
        endpoint = self.sandbox.url.removeprefix("http://").removesuffix("/user")
        await self.run_file("embed_factory.py", self.sandbox.url, f"tcp:{endpoint}")
