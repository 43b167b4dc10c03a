"""The whole sandbox gateway in memory, and our own accounts at it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.task import Clock
from zope.interface import implementer

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.composing import build_account, connector_for
from padchat_twisted.interfaces import IStateStore
from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.sandbox.settings import WorldSettings
from padchat_twisted.sandbox.world import World
from padchat_twisted.secret import Secret
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.store import MemoryStore
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.site import BoundedSite

from ..transport.in_memory import MemoryTransport
from ..transport.network import MemoryNetwork
from .stage import BEGIN, KEY, repeatable_hex

URL = "http://sandbox.invalid:8080/user"


class GatewayStage:
    """A gateway over a world, and a network that leads to it.

    Args:
        options: those of ``SandboxGateway``.
        settings: those of the world.
    """

    def __init__(
        self,
        *,
        settings: WorldSettings | None = None,
        **options: Any,  # noqa: ANN401 - each has a type of its own
    ) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        self._options = options
        self._random_hex = repeatable_hex()
        self.world = World(
            clock=self.clock.seconds,
            random_hex=self._random_hex,
            base_url="http://sandbox.invalid:8080",
            settings=settings,
        )
        self.accounts: list[Watched] = []
        self._serve()

    def _serve(self) -> None:
        self.gateway = SandboxGateway(self.clock, self.world, **self._options)
        site = BoundedSite(self.gateway.resource(), reactor=self.clock)
        self.network = MemoryNetwork(site, self.clock)

    def restart(self) -> None:
        """Stop the gateway, and start another one with what the world dumps."""
        self.gateway.stop()
        self.flush()
        self.world = World.load(
            self.world.dump(),
            clock=self.clock.seconds,
            random_hex=self._random_hex,
            base_url=self.world.base_url,
            settings=self.world.settings,
        )
        self._serve()

    def flush(self) -> None:
        """Move bytes until all is at rest."""
        self.network.flush()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.network.advance(seconds)

    def account(
        self,
        name: str = "bot1",
        *,
        key: str = KEY,
        url: str = URL,
        store: IStateStore | None = None,
        endpoint: IStreamClientEndpoint | None = None,
    ) -> Watched:
        """Start an account of ours, at this gateway or where *endpoint* leads."""
        account = Watched(self, name, key, url, store, endpoint or _Current(self))
        self.accounts.append(account)
        return account

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        """Ask for a page.

        Returns:
            Status, headers and text.
        """
        channel: Any = self.network.site.buildProtocol(None)  # type: ignore[arg-type] # no address is needed
        transport = MemoryTransport()
        channel.makeConnection(transport)
        request = f"GET {path} HTTP/1.0\r\nHost: sandbox.invalid\r\n\r\n"
        channel.dataReceived(request.encode())
        head, _, body = transport.taken().decode().partition("\r\n\r\n")
        transport.finish(channel)
        first, *lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, body


class Watched:
    """An account of ours, with what its handlers got.

    Attributes:
        session: the account.
        changes: all its changes of state.
        texts: the texts that it got.
    """

    def __init__(
        self,
        stage: GatewayStage,
        name: str,
        key: str,
        url: str,
        store: IStateStore | None,
        endpoint: IStreamClientEndpoint,
    ) -> None:
        self.changes: list[StateChanged] = []
        self.texts: list[str] = []
        self._stage = stage
        if store is None:
            store = MemoryStore()
            store.open()
        secret = Secret(key)
        address = parse_url(url)
        connector = connector_for(stage.clock, endpoint, address, secret, name)
        self.session = build_account(
            stage.clock,
            connector,
            secret,
            name,
            store,
            handlers=self._register,
            dialect=address.dialect,
        )
        self.session.start()
        stage.flush()

    def _register(self, account: AccountSession) -> None:
        account.on(StateChanged, lambda _, change: self.changes.append(change))
        account.on(TextMessage, lambda _, message: self.texts.append(message.text))

    @property
    def state(self) -> str:
        """The account's state."""
        return self.session.state

    def states(self) -> list[str]:
        """Return the states that were entered, and forget them."""
        states = [change.new for change in self.changes]
        self.changes.clear()
        return states

    def close(self) -> None:
        """Leave the gateway."""
        self.session.close()
        self._stage.flush()


@implementer(IStreamClientEndpoint)
class _Current:
    """Leads to the stage's current network, also after a restart."""

    def __init__(self, stage: GatewayStage) -> None:
        self._stage = stage

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect there."""
        return self._stage.network.connect(factory)
