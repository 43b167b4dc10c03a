"""A client of ours that is no session: it calls what a test says, when it says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import Command, Init, Login, LoginEvent, Result
from padchat_twisted.catalogue.events import decode_event
from padchat_twisted.composing import connector_for
from padchat_twisted.errors import NotSent, PadChatError
from padchat_twisted.interfaces import IConnector, IGatewayConnection
from padchat_twisted.sandbox.binding import State
from padchat_twisted.secret import Secret
from padchat_twisted.session.calls import Calls
from padchat_twisted.transport.address import parse_url
from padchat_twisted.transport.endpoints import endpoint_for
from padchat_twisted.wire.envelope import Notice, Reply

__all__ = ["TypedClient"]

R = TypeVar("R", bound=Result)

#: How long a reply may take (seconds): more than any does here.
PATIENCE = 20.0

DEVICE = Init(
    "Example iPad",
    "00000000-0000-4000-8000-00000000ABCD",
    "ExampleWifi",
    "02:00:00:00:00:01",
)


class TypedClient:
    """One connection, and typed calls over it.

    Args:
        reactor: runs it.
        url: of the gateway.
        key: the auth key.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401 - several interfaces in one
        url: str,
        key: str,
    ) -> None:
        address = parse_url(url)
        self._connector: IConnector = connector_for(
            reactor, endpoint_for(reactor, address), address, Secret(key), "0"
        )
        self._dialect = address.dialect
        self._calls = Calls(reactor)
        self._up: Deferred[None] = Deferred()
        self._logged_in: Deferred[None] = Deferred()

    async def connect(self) -> None:
        """Connect; the gateway has let us in afterwards."""
        self._connector.connect(self)
        await self._up

    def stop(self) -> None:
        """Leave."""
        self._connector.stop()
        self._calls.abandon()

    async def become(self, state: State) -> None:
        """Initialise the task and log in, as far as it should be."""
        if state >= State.INITIALISED:
            await self.call(Init() if self._dialect == "sdk" else DEVICE)
        if state >= State.LOGGED_IN:
            await self.call(Login(login_type="qrcode"))
            await self._logged_in

    async def call(self, command: Command[R]) -> R:
        """Send a command, as a session does.

        Raises:
            CallRejected, NotSent, OutcomeUnknown: see ``AccountSession.call``.
        """
        code = command.wire_name
        if (problem := command.problem(self._dialect)) is not None:
            raise NotSent(code, problem)
        result: R = await self._calls.call(code, command, command.result_type, PATIENCE)
        return result

    # What a connection tells

    def connected(self, connection: IGatewayConnection) -> None:
        """The gateway let us in."""
        self._calls.connected(connection)
        self._up.callback(None)

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Replies and notices came."""
        for envelope in envelopes:
            if isinstance(envelope, Reply):
                self._calls.replied(envelope)
            elif envelope.event == "login":
                assert isinstance(decode_event(envelope), LoginEvent)
                self._logged_in.callback(None)

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """The connection is over."""
        self._calls.lost(unsent)()
        if not self._up.called:
            self._up.errback(reason)
