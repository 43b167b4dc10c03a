"""A namespace as its client sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Protocol

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime

from ..errors import BufferFull, LocalProtocolError, PadChatError
from ..observers import Observers
from ..wire import json_text
from ..wire.occurrences import NamespaceJoined, SocketEvent
from ..wire.socketio_connection import SocketIOConnection
from .emitter import Carrier, Emitter
from .events import arguments_of, encode_answer
from .flow import Handler
from .handlers import Handlers, Listeners
from .recovery import Recovery

__all__ = ["Auth", "Namespace", "NamespaceCarrier"]

#: What is given to a server of protocol 5; a function is called for each attempt.
Auth = Mapping[str, object] | Callable[[], Mapping[str, object]]


class NamespaceCarrier(Carrier, Protocol):
    """The client, with its other namespaces."""

    def leave(self, namespace: Namespace) -> None:
        """Leave a namespace for good."""

    def drop(self) -> None:
        """Drop the connection: the server does not read."""


class Namespace(Emitter):
    """A namespace that a client is in, or wants to be in.

    ``Client.join`` gives it. It outlives connections: when the client connects again,
    it is asked for again, and its handlers stay.

    Args:
        clock: for time limits.
        client: whose it is.
        name: begins with a slash.
        query: percent-encoded, for servers of protocol 4.
        auth: for servers of protocol 5.

    Attributes:
        name: begins with a slash.
        sid: the server's id of us here; empty while not connected, and with protocol 4.
        is_connected: whether the server has let us in.
        is_recovered: whether it is the same session as before the connection was lost,
            and what was missed comes now; only servers that keep it have that.
    """

    def __init__(
        self,
        clock: IReactorTime,
        client: NamespaceCarrier,
        name: str,
        *,
        query: str = "",
        auth: Auth | None = None,
    ) -> None:
        super().__init__(clock, client, name, count())
        self.name = name
        self.sid = ""
        self.is_recovered = False
        self.query = query
        self._recovery = Recovery()
        self.auth = b""
        self._client = client
        self._auth = auth
        self._handlers = Handlers()
        self._connect_handlers = Listeners()
        self._disconnect_handlers = Listeners()
        self._error_handlers = Listeners()
        self._joining: Observers[Namespace] = Observers()
        self._closing: Observers[PadChatError] = Observers()
        self._end: PadChatError | None = None

    def __repr__(self) -> str:
        state = "connected" if self.is_connected else "not connected"
        return f"<Namespace {self.name!r}, {state}>"

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Have *handler* called for each event of a name.

        Args:
            name: of the event.
            handler: called with the arguments of the event; it may return a Deferred
                or be a coroutine function. What it returns is the answer to a server
                that wants one: None for no arguments, a tuple for several, anything
                else for one.

        Returns:
            Call it to take the handler away again.

        Raises:
            LocalProtocolError: a reserved name, or one that has a handler.
        """
        return self._handlers.on(name, handler)

    def on_connect(self, handler: Handler) -> Callable[[], None]:
        """Have *handler* called, without arguments, each time that we are let in.

        Returns:
            Call it to take the handler away again.
        """
        return self._connect_handlers.add(handler)

    def on_disconnect(self, handler: Handler) -> Callable[[], None]:
        """Have *handler* called each time that the connection is gone.

        The handler is called with the reason, a text as Socket.IO spells it:
        ``transport close``, ``ping timeout``, ``io server disconnect``, ...

        Returns:
            Call it to take the handler away again.
        """
        return self._disconnect_handlers.add(handler)

    def on_error(self, handler: Handler) -> Callable[[], None]:
        """Have *handler* called with the data of each error in a running session.

        Only servers of protocol 4 send these; the connection stays.

        Returns:
            Call it to take the handler away again.
        """
        return self._error_handlers.add(handler)

    def when_connected(self) -> Deferred[Namespace]:
        """Wait until we are let in.

        Returns:
            Fires with this namespace, at once when it is connected. Fails with the
            error that ended it: ``Refused``, ``ConnectError`` or ``Disconnected``.
        """
        if self._end is not None:
            return fail(self._end)
        if self.is_connected:
            return succeed(self)
        return self._joining.wait()

    def when_closed(self) -> Deferred[PadChatError]:
        """Wait until it is left for good: nothing connects it again by itself.

        Returns:
            Fires with the reason, a value and no failure.
        """
        if self._end is not None:
            return succeed(self._end)
        return self._closing.wait()

    def leave(self) -> None:
        """Leave it for good; a client that is in no other one disconnects."""
        if self._end is None:
            self._client.leave(self)

    # For the client

    @property
    def is_over(self) -> bool:
        """Whether it was left for good."""
        return self._end is not None

    def prepare(self) -> None:
        """Have ``auth`` ready for the next connection.

        Raises:
            LocalProtocolError: JSON cannot hold it.

        Source: socket.io-client 4.8, Socket.onopen; vectors ``*-state-recovery``.
        """
        auth = self._auth() if callable(self._auth) else self._auth
        given = {**self._recovery.wish(), **(auth or {})}
        try:
            self.auth = json_text.write(given) if given else b""
        except (TypeError, ValueError) as error:
            raise LocalProtocolError(f"auth that JSON cannot hold: {error}") from None

    def joined(self, joined: NamespaceJoined) -> None:
        """The server let us in."""
        self.is_connected = True
        self.sid = joined.sid
        self.is_recovered = self._recovery.begin(joined.recovery_id)
        for handler in self._connect_handlers.all():
            self._carrier.flow.run(self.name, handler, ())
        self._joining.fire(self)

    def left(self, reason: str) -> None:
        """The connection is gone, or has left this namespace."""
        self.sid = ""
        self.end_calls()
        for handler in self._disconnect_handlers.all():
            self._carrier.flow.run(self.name, handler, (reason,))

    def ended(self, error: PadChatError) -> None:
        """It is over for good."""
        if self._end is None:
            self.is_connected = False
            self._end = error
            self._joining.fail(error)
            self._closing.fire(error)

    def happened(self, event: SocketEvent) -> None:
        """An event came.

        Raises:
            RemoteProtocolError: its arguments cannot be read.
        """
        if not self.is_connected:
            return
        handler = self._handlers.find(event.name)
        if handler is None and not self._recovery.is_possible:
            return
        arguments: list[Any] = arguments_of(event.body, event.attachments)
        ack_id = event.ack_id
        if self._recovery.is_possible and ack_id is None:
            self._recovery.take_offset(arguments)
        if handler is None:
            return
        answer = None
        if ack_id is not None:
            connection = self._carrier.connection

            def answer(value: object) -> None:
                self._answer(connection, ack_id, value)

        self._carrier.flow.run(self.name, handler, arguments, answer)

    def failed(self, data: object) -> None:
        """The server sent an error in the middle of the session."""
        for handler in self._error_handlers.all():
            self._carrier.flow.run(self.name, handler, (data,))

    # Steps

    def _answer(
        self, connection: SocketIOConnection, ack_id: int, value: object
    ) -> None:
        body, attachments = encode_answer(value)
        if not self.is_connected or self._carrier.connection is not connection:
            # The id means nothing to the connection that came after.
            return
        try:
            connection.acknowledge(self.name, ack_id, body, attachments)
        except BufferFull:
            self._client.drop()
        except LocalProtocolError:
            # It was left while the event was handled.
            return
        self._carrier.turn()
