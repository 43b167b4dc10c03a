"""Hears the connection of one account: replies end calls, notices go to the inbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import ConnectError, PadChatError, RemoteProtocolError
from ..interfaces import GatewayReceiver, IGatewayConnection
from ..wire.envelope import Notice, Reply
from .calls import Calls
from .inbox import Inbox
from .login_protocols import LoginInputs

__all__ = ["Receiver"]


class Receiver:
    """What an account hears of its connections, one at a time.

    Args:
        calls: the calls in flight.
        inbox: takes notices.
        up: called when the gateway let us in.
        down: called when an attempt to connect failed.

    Attributes:
        connection: the one that is up, else None.
        inputs: the login machine; whoever makes it sets it.
        is_paused: whether reading is paused.
    """

    __slots__ = (
        "_calls",
        "_down",
        "_hearing",
        "_inbox",
        "_up",
        "connection",
        "inputs",
        "is_paused",
    )

    inputs: LoginInputs

    def __init__(
        self,
        calls: Calls,
        inbox: Inbox,
        up: Callable[[], None],
        down: Callable[[ConnectError], None],
    ) -> None:
        self._calls = calls
        self._inbox = inbox
        self._up = up
        self._down = down
        self.connection: IGatewayConnection | None = None
        self.is_paused = False
        self._hearing: _Hearing | None = None

    def begin(self) -> GatewayReceiver:
        """Return who hears the next attempt; an older one is not heard any more."""
        self.leave()
        self._hearing = _Hearing(self, self._calls.replied, self._inbox.take)
        return self._hearing

    def leave(self) -> None:
        """Hear nothing of the connection any more."""
        self.connection = None
        if self._hearing is not None:
            self._hearing.is_over = True
            self._hearing = None

    def connected(self, connection: IGatewayConnection) -> None:
        """The gateway let us in."""
        self.connection = connection
        self.is_paused = False
        self._calls.connected(connection)
        self._up()
        self.inputs.connected()

    def refuse(self, error: RemoteProtocolError) -> None:
        """What came cannot be read: end the connection."""
        if self.connection is not None:
            self.connection.fail(error)

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """The connection is gone, or never came about."""
        self.leave()
        end_calls = self._calls.lost(unsent)
        if isinstance(reason, ConnectError):
            self._down(reason)
        if isinstance(reason, ConnectError) and reason.is_permanent:
            self.inputs.refused(reason)
        else:
            self.inputs.lost(reason)
        # The next connection may be up already.
        end_calls()

    def set_paused(self, is_paused: bool) -> None:
        """Stop reading, or read again; see ``Dispatch``.

        As long as a call is in flight reading goes on, for the handler that the
        others wait for may itself wait for a reply.
        """
        if is_paused and self._calls:
            is_paused = self._inbox.is_overfull()
        connection = self.connection
        if connection is not None and is_paused != self.is_paused:
            self.is_paused = is_paused
            if is_paused:
                connection.pause()
            else:
                connection.resume()


class _Hearing:
    """A ``GatewayReceiver``: hears one attempt, and what comes of it.

    A connector, or a connection that nobody wants any more, may tell something late;
    it must not be taken for news of the connection that is up now.
    """

    __slots__ = ("_receiver", "_replied", "_take", "is_over")

    def __init__(
        self,
        receiver: Receiver,
        replied: Callable[[Reply], None],
        take: Callable[[Notice], None],
    ) -> None:
        self._receiver = receiver
        self._replied = replied
        self._take = take
        self.is_over = False

    def connected(self, connection: IGatewayConnection) -> None:
        """The gateway let us in."""
        if self.is_over:
            connection.abort()
        else:
            self._receiver.connected(connection)

    def received(self, envelopes: Sequence[Reply | Notice]) -> None:
        """Replies and notices came."""
        if self.is_over:
            return
        try:
            for envelope in envelopes:
                if type(envelope) is Reply:
                    self._replied(envelope)
                elif type(envelope) is Notice:
                    self._take(envelope)
        except RemoteProtocolError as error:
            self._receiver.refuse(error)

    def lost(self, reason: PadChatError, unsent: frozenset[int]) -> None:
        """The connection is gone, or never came about."""
        if not self.is_over:
            self._receiver.lost(reason, unsent)
