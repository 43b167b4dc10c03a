"""A sandbox gateway in this process, and a service of accounts against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IProtocolFactory,
)
from twisted.logger import ILogObserver, LogEvent, eventAsText, globalLogPublisher
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.trial.unittest import TestCase
from zope.interface import provider

from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.service.accounts import PadChatService
from padchat_twisted.service.sockets import socket_path
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.store import SQLiteStore

KEY = "stage-key"


def real_reactor() -> Any:  # noqa: ANN401 - several interfaces in one
    """Return the reactor that runs the tests; imported late, as that installs it."""
    from twisted.internet import reactor

    return reactor


def hurry(sandbox: SandboxService) -> SandboxService:
    """Let the pretend people of a sandbox lose no time."""
    sandbox.world.settings = WorldSettings(auto_scan_seconds=0.0)
    return sandbox


def observe_log(test: TestCase) -> list[LogEvent]:
    """Return a list that gets everything that is logged until the test ends."""
    events: list[LogEvent] = []

    @provider(ILogObserver)
    def observe(event: LogEvent) -> None:
        events.append(event)

    globalLogPublisher.addObserver(observe)
    test.addCleanup(globalLogPublisher.removeObserver, observe)
    return events


def texts(events: list[LogEvent]) -> str:
    """Return what was logged as text, with tracebacks."""
    return "\n".join(eventAsText(event) for event in events)


def when_state(account: AccountSession, state: str) -> Deferred[StateChanged]:
    """Wait until an account enters a state."""
    entered: Deferred[StateChanged] = Deferred()

    def changed(_: AccountSession, change: StateChanged) -> None:
        if change.new == state and not entered.called:
            remove()
            entered.callback(change)

    remove = account.on(StateChanged, changed)
    return entered


def when_message(
    sandbox: SandboxService, is_it: Callable[[Message], bool]
) -> Deferred[Message]:
    """Wait until somebody in the pretend WeChat sends such a message."""
    sent: Deferred[Message] = Deferred()

    def look(message: Message) -> None:
        if not sent.called and is_it(message):
            remove()
            sent.callback(message)

    remove = sandbox.world.on_message(look)
    return sent


def when_says(sandbox: SandboxService, name: str, text: str) -> Deferred[Message]:
    """Wait until the person of that name, or an account's user, says something."""
    return when_message(
        sandbox,
        lambda message: message.sender.name == name and message.content == text,
    )


def when_detached(sandbox: SandboxService, name: str) -> Deferred[None]:
    """Wait until an account of the sandbox has no connection any more.

    The sandbox hears of it in the turn of the reactor that reads the closed socket.
    """
    reactor = real_reactor()
    detached: Deferred[None] = Deferred()

    def look() -> None:
        if sandbox.world.account(name).binding is None:
            detached.callback(None)
        else:
            reactor.callLater(0, look)

    look()
    return detached


class _Counted(WrappingFactory[ProtocolWrapper]):
    """Counts the connections of another factory."""

    noisy = False

    def __init__(self, factory: IProtocolFactory, counter: CountingReactor) -> None:
        super().__init__(factory)
        self._counter = counter

    def buildProtocol(self, addr: IAddress | None) -> ProtocolWrapper:
        self._counter.accepted += 1
        return super().buildProtocol(addr)


class CountingReactor:
    """The reactor, counting the TCP connections that it accepts.

    Args:
        reactor: does the work.

    Attributes:
        accepted: how many there were.
    """

    def __init__(self, reactor: Any) -> None:  # noqa: ANN401 - several interfaces
        self._reactor = reactor
        self.accepted = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it has
        return getattr(self._reactor, name)

    def listenTCP(
        self, port: int, factory: IProtocolFactory, **options: str
    ) -> IListeningPort:
        """Listen, and count who comes."""
        counted = _Counted(factory, self)
        listening: IListeningPort = self._reactor.listenTCP(port, counted, **options)
        return listening


class StageCase(TestCase):
    """Has a folder; what it starts is stopped with the test."""

    timeout = 60

    def setUp(self) -> None:
        """Make the folder."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()

    def start_sandbox(self, **options: Any) -> SandboxService:  # noqa: ANN401 - its own
        """Start a sandbox that scans by itself, at once."""
        options = {"port": 0, "auto_scan": True, "reactor": real_reactor(), **options}
        sandbox = hurry(SandboxService(**options))
        sandbox.startService()
        self.addCleanup(sandbox.stopService)
        return sandbox

    def make_service(
        self,
        url: str,
        *,
        key: str = KEY,
        store: str = "padchat.sqlite",
        has_control: bool = False,
    ) -> PadChatService:
        """Make a service that is stopped with the test, if it was started."""
        reactor = real_reactor()
        path = self.folder / store
        service = PadChatService(
            reactor,
            url,
            auth_key=key,
            store=SQLiteStore(reactor, path),
            control=socket_path(path) if has_control else None,
        )
        self.addCleanup(lambda: service.stopService() if service.running else None)
        return service
