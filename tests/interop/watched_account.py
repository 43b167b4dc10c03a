"""An account of our client, and what its handlers hear, for tests to wait for.

In a trial test::

    server = await self.start_server("--auto-scan")
    bot = await self.connect(server)
    await bot.when_state("ready")
    message = await bot.when(TextMessage, lambda message: message.text == "ping")
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import TestCase

from padchat_twisted import (
    AccountSession,
    Event,
    GetDeviceInfo,
    SQLiteStore,
    StateChanged,
    connect,
)
from padchat_twisted.interfaces import IStateStore

from .peers import (
    AUTH_KEY,
    PATIENCE,
    PadchatServer,
    real_reactor,
    start_padchat_server,
)

E = TypeVar("E")

#: Events kept until a test asks for them; no test hears as many.
MAX_KEPT_EVENTS = 5_000


class WatchedAccount:
    """An account whose events a test waits for; each is handed out once.

    Attributes:
        account: the account, as soon as `listen` was called.
    """

    account: AccountSession

    def __init__(self) -> None:
        self._events: deque[object] = deque(maxlen=MAX_KEPT_EVENTS)
        self._waits: list[tuple[Callable[[object], bool], Deferred[Any]]] = []

    def listen(self, account: AccountSession) -> None:
        """Register handlers for everything; for ``handlers`` of ``connect``."""
        self.account = account
        account.on(Event, self._hear)
        account.on(StateChanged, self._hear)

    def when(
        self, kind: type[E], is_meant: Callable[[E], bool] = lambda _: True
    ) -> Deferred[E]:
        """Wait for an event, which may have come already.

        Args:
            kind: its class, or one above it.
            is_meant: says whether it is this one.
        """

        def fits(event: object) -> bool:
            return isinstance(event, kind) and is_meant(event)

        for event in self._events:
            if isinstance(event, kind) and is_meant(event):
                self._events.remove(event)
                return succeed(event)
        deferred: Deferred[E] = Deferred()
        self._waits.append((fits, deferred))
        return deferred

    def when_state(self, state: str) -> Deferred[StateChanged]:
        """Wait until the account enters a state, which may have been before."""
        return self.when(StateChanged, lambda change: change.new == state)

    def take(self, kind: type[E]) -> list[E]:
        """Take all events of a kind that came and were not handed out."""
        taken = [event for event in self._events if isinstance(event, kind)]
        for event in taken:
            self._events.remove(event)
        return taken

    def _hear(self, account: AccountSession, event: object) -> None:
        for wait in self._waits:
            fits, deferred = wait
            if fits(event):
                self._waits.remove(wait)
                deferred.callback(event)
                return
        self._events.append(event)


class ClientTestCase(TestCase):
    """A test with padchat_server.js on one side and our client on the other."""

    # More than a peer is waited for, so that its error is the one that is shown.
    timeout = 2 * PATIENCE

    def store_path(self) -> Path:
        """Where a store may be made."""
        return Path(self.mktemp()).absolute() / "padchat.sqlite"

    async def open_store(self, path: Path) -> SQLiteStore:
        """A store, open; it closes with the test."""
        store = SQLiteStore(IReactorFromThreads(real_reactor()), path)
        await store.open()
        self.addCleanup(store.close)
        return store

    async def start_server(self, *arguments: str) -> PadchatServer:
        """Start the gateway."""
        return await start_padchat_server(self, real_reactor(), *arguments)

    async def order(self, server: PadchatServer, do: str, **fields: object) -> None:
        """Give the gateway an order and wait until it is carried out."""
        server.peer.send({"do": do, **fields})
        await server.peer.when_event("done", do=do)

    async def connect(
        self,
        server: PadchatServer,
        *,
        name: str = "bot1",
        auth_key: str = AUTH_KEY,
        url: str | None = None,
        store: IStateStore | Path | None = None,
    ) -> WatchedAccount:
        """Connect an account, which logs in by itself; it closes with the test."""
        bot = WatchedAccount()
        account = await connect(
            real_reactor(),
            url or server.url,
            auth_key=auth_key,
            name=name,
            handlers=bot.listen,
            store=store,
        )
        self.addCleanup(account.close)
        return bot

    async def logged_in(
        self, *arguments: str, store: IStateStore | Path | None = None
    ) -> tuple[PadchatServer, WatchedAccount]:
        """A gateway that scans by itself, and an account that has logged in.

        Its token has come too, so every command that the server reports from now on
        is one of the test.
        """
        server = await self.start_server("--auto-scan", *arguments)
        bot = await self.connect(server, store=store)
        await self.when_saved(server, bot)
        return server, bot

    async def when_saved(self, server: PadchatServer, bot: WatchedAccount) -> None:
        """Wait until the account is ready and its token was handed to its store."""
        await bot.when_state("ready")
        for cmd in ("getDeviceInfo", "getAutoLoginData"):
            await server.peer.when_event("command", cmd=cmd)
        # Replies come in order, so the one with the token came before this one.
        await bot.account.call(GetDeviceInfo())
        await server.peer.when_event("command", cmd="getDeviceInfo")
