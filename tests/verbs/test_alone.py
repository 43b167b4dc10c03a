"""A session of our own for one call."""

from __future__ import annotations

import os
from collections.abc import Callable

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.errors import AuthKeyInvalid, Disconnected, StoreLocked
from padchat_twisted.interfaces import AccountKey
from padchat_twisted.secret import Secret
from padchat_twisted.service.terminal import QRTerminal
from padchat_twisted.store import SQLiteStore
from padchat_twisted.verbs.alone import Alone, NotLoggedIn
from padchat_twisted.verbs.gateway import Gateway

from ..service.stage import KEY, StageCase, real_reactor, when_detached


class AloneTests(StageCase):
    """Against a sandbox on a real port."""

    def setUp(self) -> None:
        """Nothing was shown yet."""
        super().setUp()
        self.shown: list[str] = []

    def make(
        self, url: str, *, key: str = KEY, show: Callable[[str], object] | None = None
    ) -> Alone:
        """Make a session, which is closed with the test; *show* shows codes."""
        reactor = real_reactor()
        terminal = None
        if show is not None:
            terminal = QRTerminal(
                reactor,
                show,
                is_terminal=False,
                style="ascii",
                width=80,
                picture_folder=self.folder / "qrcodes",
            )
        alone = Alone(
            reactor,
            Gateway(url),
            Secret(key),
            "one",
            self.folder / "padchat.sqlite",
            terminal=terminal,
        )
        self.addCleanup(alone.close)
        return alone

    async def test_by_code_then_by_token(self) -> None:
        """A code is shown where somebody looks; the login is kept for the next time."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        first = self.make(sandbox.url, show=self.shown.append)
        account = await first.log_in()
        self.assertEqual(account.state, "ready")
        self.assertIn("one: scan within 240 s", "".join(self.shown))
        await first.close()
        self.assertEqual(account.state, "closed")
        await when_detached(sandbox, "one")
        self.assertTrue(sandbox.world.account("one").is_logged_in)
        second = self.make(sandbox.url)
        self.assertEqual((await second.log_in()).state, "ready")

    async def test_leaves_messages(self) -> None:
        """What comes meanwhile does not count as seen: there is no bot."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        alone = self.make(sandbox.url, show=self.shown.append)
        account = await alone.log_in()
        came: Deferred[None] = Deferred()
        account.on(TextMessage, lambda _, message: came.callback(None))
        sandbox.world.person("alice").says("hello", to="one")
        await came
        await alone.close()
        store = SQLiteStore(real_reactor(), self.folder / "padchat.sqlite")
        await store.open()
        self.addCleanup(store.close)
        key = AccountKey(sandbox.url, Secret(KEY).fingerprint(), "one")
        record = await store.load(key)
        assert record is not None
        self.assertNotEqual(record.user_name, "")
        self.assertEqual(await store.seen_message_ids(key, 10), [])

    async def test_needs_a_scan(self) -> None:
        """Where nobody looks, an account without a login is told."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        with self.assertRaises(NotLoggedIn) as caught:
            await self.make(sandbox.url).log_in()
        self.assertIn("log it in once by `padchat run`", str(caught.exception))

    async def test_locked(self) -> None:
        """A store that another process has is left to it."""
        store = SQLiteStore(real_reactor(), self.folder / "padchat.sqlite")
        await store.open()
        self.addCleanup(store.close)
        with self.assertRaises(StoreLocked) as caught:
            await self.make("http://gateway.invalid/user").log_in()
        told = str(caught.exception)
        self.assertIn(f"this process ({os.getpid()}) has it open, and nothing", told)
        self.assertIn("padchat.sqlite.sock; if that is another `padchat call`", told)

    async def test_refused_key(self) -> None:
        """A key that is not accepted ends it."""
        sandbox = self.start_sandbox(auth_keys=[KEY])
        with self.assertRaises(AuthKeyInvalid):
            await self.make(sandbox.url, key="other").log_in()

    async def test_connection_lost(self) -> None:
        """A connection that is lost before the account is ready ends it."""
        sandbox = self.start_sandbox(auth_keys=[KEY], auto_scan=False)
        drop = sandbox.gateway.drop_clients
        alone = self.make(sandbox.url, show=lambda _: drop())
        with self.assertRaises(Disconnected):
            await alone.log_in()
