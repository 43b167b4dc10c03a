"""`padchat demo`: the service with three sub-accounts against the sandbox gateway."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, FirstError, TimeoutError, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

from ..catalogue import Contact, TextMessage
from ..errors import PadChatError
from ..sandbox.messages import Message
from ..sandbox.people import Person
from ..sandbox.service import Conversation, SandboxService
from ..session.account import AccountSession, Handlers, StateChanged
from ..store import SQLiteStore
from .accounts import PadChatService
from .bots import ping_pong
from .codes import watch_codes
from .terminal import QRTerminal

__all__ = ["ACCOUNTS", "FOLDER", "PERSON", "Demo"]

T = TypeVar("T")

#: The sub-accounts of the demonstration, all under one auth key.
ACCOUNTS = ("shop-1", "shop-2", "shop-3")

#: Where the demonstration keeps its store and the sandbox's state.
FOLDER = Path(".padchat-demo")

#: The auth key that the sandbox accepts; it opens nothing else.
AUTH_KEY = "demo-key"

#: Who talks to the bots.
PERSON = "alice"

#: The gateway as the accounts know it. The sandbox listens on a free port of this
#: machine, another one each time, and the store must know it again.
URL = "http://sandbox.invalid/user"

#: How long the logins may take, and then the answers, before the demonstration gives
#: up (seconds).
PATIENCE = 90.0


@dataclass
class _Part:
    """What one account did."""

    codes: int = 0
    logins: list[str] = field(default_factory=list)
    contacts: int = 0
    answers: int = 0
    is_done: bool = False


@implementer(ILogObserver)
class _Errors:
    """Counts what the log calls an error."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, event: LogEvent) -> None:
        if event.get("log_level", LogLevel.info) >= LogLevel.error:
            self.count += 1


class Demo:
    """The demonstration.

    Args:
        reactor: runs everything.
        show: writes a line of the transcript.
        terminal: builds what shows QR codes, given the folder for pictures.
        bot: what each account does.
        folder: keeps store and state.
        is_fresh: forget what an earlier run kept.

    Raises:
        SandboxStateError: the state that an earlier run kept cannot be used.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        show: Callable[[str], None],
        terminal: Callable[[Path], QRTerminal],
        *,
        bot: Handlers = ping_pong,
        folder: Path = FOLDER,
        is_fresh: bool = False,
    ) -> None:
        self._reactor = reactor
        self._show = show
        self._bot = bot
        if is_fresh:
            shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder.absolute()
        self._terminal = terminal(self._folder / "qrcodes")
        self._errors = _Errors()
        self._parts = {name: _Part() for name in ACCOUNTS}
        self._all_done: Deferred[None] = Deferred()
        self.sandbox = SandboxService(
            reactor,
            port=0,
            auth_keys=[AUTH_KEY],
            auto_scan=True,
            state_path=self._folder / "sandbox.json",
        )
        self.conversation = Conversation(self.sandbox.world, PERSON, show)
        self._service: PadChatService | None = None

    def run(self) -> Deferred[bool]:
        """Start everything and let each account do its part.

        Returns:
            Fires with whether every account did.
        """
        return Deferred.fromCoroutine(self._run())

    def say(self, line: str) -> None:
        """Say to the bots what was typed."""
        if line:
            self.conversation.say(line)

    async def stop(self) -> None:
        """Stop the service, then the gateway."""
        self._terminal.close()
        if self._service is not None:
            await self._service.stopService()
        if self.sandbox.running:
            await self.sandbox.stopService()
        globalLogPublisher.removeObserver(self._errors)

    # Steps

    async def _run(self) -> bool:
        globalLogPublisher.addObserver(self._errors)
        self.sandbox.startService()
        self._show(
            f"sandbox gateway at {self.sandbox.url}, with a pretend WeChat behind it"
        )
        self.sandbox.world.room("dev", members=[PERSON])
        self.sandbox.world.on_message(self._message_sent)
        store = SQLiteStore(self._reactor, self._folder / "padchat.sqlite")
        self._show(f"service with {len(ACCOUNTS)} accounts; store {store.location()}")
        port = int(self.sandbox.url.rpartition(":")[2].partition("/")[0])
        service = PadChatService(
            self._reactor,
            URL,
            auth_key=AUTH_KEY,
            store=store,
            endpoint=TCP4ClientEndpoint(self._reactor, "127.0.0.1", port),
        )
        self._service = service
        for name in ACCOUNTS:
            service.add_account(name, handlers=self._handlers)
        service.startService()
        try:
            await service.when_opened()
            accounts = service.accounts.values()
            ready = [account.when_ready() for account in accounts]
            await self._in_time(gatherResults(ready, consumeErrors=True))
            self.conversation.say("ping")
            await self._in_time(self._all_done)
        except FirstError as error:
            self._show(f"gave up: {error.subFailure.getErrorMessage()}")
        except TimeoutError:
            self._show(f"gave up: it took more than {PATIENCE:g} seconds")
        except PadChatError as error:
            self._show(f"gave up: {error}")
        return self._sum_up()

    def _in_time(self, waiting: Deferred[T]) -> Deferred[T]:
        return waiting.addTimeout(PATIENCE, self._reactor)

    def _handlers(self, account: AccountSession) -> None:
        part = self._parts[account.name]

        def state_changed(_: AccountSession, change: StateChanged) -> None:
            if change.new == "awaiting_scan":
                part.codes += 1
                self._show(f"{account.name}: needs a scan")
            elif change.new == "awaiting_confirm":
                self._show(f"{account.name}: scanned, waiting for the confirmation")
            elif change.new == "syncing":
                kind = "QR code" if part.codes else "token"
                part.logins.append(kind)
                self._show(f"{account.name}: logged in by {kind}")
            elif change.new == "ready":
                self._show(f"{account.name}: ready, {part.contacts} contacts")
            elif change.reason is not None:
                self._show(f"{account.name}: {change.new}: {change.reason}")

        def contact_came(_: AccountSession, contact: Contact) -> None:
            part.contacts += 1

        def message_handled(_: AccountSession, message: TextMessage) -> None:
            # Handlers of one event run one after the other: the bot is done with it.
            part.is_done = True
            is_over = self._all_done.called
            if not is_over and all(part.is_done for part in self._parts.values()):
                self._all_done.callback(None)

        account.on(StateChanged, state_changed)
        account.on(Contact, contact_came)
        watch_codes(account, self._terminal)
        self._bot(account)
        account.on(TextMessage, message_handled)

    def _message_sent(self, message: Message) -> None:
        sender = message.sender
        account = sender.account if isinstance(sender, Person) else None
        if account is None:
            self._show(f"  {sender.name} -> {message.to.name}: {message.content}")
            return
        self._show(f"  {account.name} -> {message.to.name}: {message.content}")
        part = self._parts.get(account.name)
        if part is not None and message.content == "pong":
            part.answers += 1

    def _sum_up(self) -> bool:
        parts = self._parts.values()
        errors = self._errors.count
        logins = [kind for part in parts for kind in part.logins]
        answered = sum(part.answers for part in parts)
        self._show(
            f"{len(self._parts)} accounts,"
            f" {logins.count('QR code')} QR logins,"
            f" {logins.count('token')} token logins,"
            f" {answered} messages answered, {errors} errors"
        )
        return errors == 0 and all(part.logins and part.answers for part in parts)
