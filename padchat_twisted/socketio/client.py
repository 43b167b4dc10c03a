"""A Socket.IO client: one connection after the other, and its namespaces.

::

    connecting --a namespace lets us in--> connected --lost--> waiting --> connecting
    connecting --the first attempt fails | no namespace is left--> closed
    any        --disconnect()--> closed
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.internet import backoffPolicy
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from ..errors import (
    ConnectError,
    Disconnected,
    LocalProtocolError,
    PadChatError,
    RemoteProtocolError,
)
from ..observers import Observers, cancelled_by
from ..transport.driver import Driver
from ..wire.occurrences import (
    ErrorReceived,
    NamespaceJoined,
    NamespaceLeft,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from ..wire.query import encode_query
from ..wire.socketio_connection import SocketIOConnection
from .acks import DEFAULT_TIME_LIMIT
from .events import check_namespace, decode_error, decode_refusal
from .flow import Flow, Handler
from .link import Query, ServerLink
from .namespace import Auth, Namespace
from .refusals import Refused

__all__ = ["FIRST_DELAY", "LONGEST_DELAY", "MAX_JOINED_NAMESPACES", "Client"]

#: Most namespaces that a client is in or asks for, over one connection: programs have
#: a few, and every one is asked for anew after each loss.
MAX_JOINED_NAMESPACES = 1000

#: First and longest delay between attempts to connect again (seconds), with jitter.
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0

#: Why a namespace is over for good: one of the two sides wanted that.
#: Source: socket.io-client 4.8, "disconnect" event, table of reasons.
_FINAL_REASONS = ("io server disconnect", "io client disconnect")

_log = Logger()


class Client:
    """A client of one server; ``connect`` gives it.

    Its own ``emit``, ``call`` and ``on...`` are those of the namespace that it was
    connected to; ``join`` gives others, over the same connection.

    Args:
        clock: for time limits and delays.
        link: the way to the server.
        namespace: the first one.
        query: pairs, for servers of protocol 4.
        auth: for servers of protocol 5.
        reconnect: whether to connect again by itself.
        retry_policy: gives the delay before the n-th attempt (seconds).

    Attributes:
        namespace: the first one.
        flow: its handlers.
    """

    def __init__(
        self,
        clock: IReactorTime,
        link: ServerLink,
        *,
        namespace: str = "/",
        query: Query = (),
        auth: Auth | None = None,
        reconnect: bool = True,
        retry_policy: Callable[[int], float] | None = None,
    ) -> None:
        self._clock = clock
        self._link = link
        self._reconnect = reconnect
        self._policy = retry_policy or backoffPolicy(FIRST_DELAY, LONGEST_DELAY)
        self._attempts = 0
        self._was_connected = False
        self._is_leaving = False
        self._driver: Driver | None = None
        self._connection: SocketIOConnection | None = None
        self._timer: IDelayedCall | None = None
        self._namespaces: dict[str, Namespace] = {}
        self._last_end: PadChatError | None = None
        self._end: PadChatError | None = None
        self._closing: Observers[PadChatError] = Observers()
        self.flow = Flow(self._set_paused)
        self.namespace = self._make(namespace, query, auth)
        self._namespaces[namespace] = self.namespace

    def __repr__(self) -> str:
        state = "closed" if self._end is not None else "connecting"
        if any(namespace.is_connected for namespace in self._namespaces.values()):
            state = "connected"
        return f"<Client of {self._link.place}, {state}>"

    # The first namespace

    @property
    def is_connected(self) -> bool:
        """Whether the server has let us into the first namespace."""
        return self.namespace.is_connected

    def emit(self, name: str, *arguments: object, volatile: bool = False) -> None:
        """Send an event in the first namespace; see ``Namespace.emit``."""
        self.namespace.emit(name, *arguments, volatile=volatile)

    def call(
        self, name: str, *arguments: object, time_limit: float = DEFAULT_TIME_LIMIT
    ) -> Deferred[Any]:
        """Call the server in the first namespace; see ``Namespace.call``."""
        return self.namespace.call(name, *arguments, time_limit=time_limit)

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Handle an event of the first namespace; see ``Namespace.on``."""
        return self.namespace.on(name, handler)

    def on_connect(self, handler: Handler) -> Callable[[], None]:
        """Hear of each connection; see ``Namespace.on_connect``."""
        return self.namespace.on_connect(handler)

    def on_disconnect(self, handler: Handler) -> Callable[[], None]:
        """Hear of each loss; see ``Namespace.on_disconnect``."""
        return self.namespace.on_disconnect(handler)

    # The client

    def join(
        self,
        name: str,
        *,
        query: Query = (),
        auth: Auth | None = None,
        handlers: Callable[[Namespace], object] | None = None,
    ) -> Deferred[Namespace]:
        """Ask for another namespace, over the same connection.

        Args:
            name: begins with a slash.
            query: pairs, for servers of protocol 4.
            auth: for servers of protocol 5: an object, or a function that is called
                for one at each attempt.
            handlers: called with the namespace before it is asked for, to register
                handlers.

        Returns:
            Fires with the namespace when the server let us in. Fails with ``Refused``
            when it did not. Cancel it to leave the namespace.

        Raises:
            LocalProtocolError: the client is closed, is in this namespace, or in too
                many.
        """
        if self._end is not None or self._is_leaving:
            raise LocalProtocolError("the client is closed; connect a new one")
        if name in self._namespaces:
            raise LocalProtocolError(f"namespace {name!r} is joined already")
        if len(self._namespaces) >= MAX_JOINED_NAMESPACES:
            problem = f"{MAX_JOINED_NAMESPACES} namespaces, which is the limit"
            raise LocalProtocolError(f"the client is in {problem}")
        namespace = self._make(name, query, auth)
        namespace.prepare()
        if handlers is not None:
            handlers(namespace)
        self._namespaces[name] = namespace
        if self._connection is not None:
            self._connection.join(name, namespace.query, namespace.auth)
            self.turn()
        return cancelled_by(namespace.when_connected(), namespace.leave)

    def when_closed(self) -> Deferred[PadChatError]:
        """Wait until the client is closed: nothing connects it again by itself.

        Returns:
            Fires with the reason, a value and no failure.
        """
        if self._end is not None:
            return succeed(self._end)
        return self._closing.wait()

    def disconnect(self) -> Deferred[None]:
        """Leave every namespace, and close in good order.

        Returns:
            Fires when the connection is closed; a server that does not answer is
            left after some seconds.
        """
        closed = self.when_closed().addCallback(lambda _: None)
        for namespace in self._namespaces.values():
            # What comes from now on is not handled any more.
            namespace.is_connected = False
        self._leave(Disconnected("io client disconnect"))
        return closed

    def start(self) -> None:
        """Begin to connect, once.

        Raises:
            LocalProtocolError: JSON cannot hold the auth of the first namespace.
        """
        if self._end is None:
            self.namespace.prepare()
            self._link.connect(self)

    # For its namespaces

    @property
    def connection(self) -> SocketIOConnection:
        """The connection of the wire; asked for only while there is one."""
        if self._connection is None:
            raise LocalProtocolError("not connected")
        return self._connection

    def turn(self) -> None:
        """Carry out what the connection was asked for."""
        if self._driver is not None:
            self._driver.turn()

    def leave(self, namespace: Namespace) -> None:
        """Leave a namespace for good; without any, disconnect."""
        was_connected, namespace.is_connected = namespace.is_connected, False
        if self._connection is not None and self._driver is not None:
            self._connection.leave(namespace.name, now=self._driver.now())
        if not was_connected:
            # Nobody says then that it is left.
            self._over(namespace, Disconnected("io client disconnect"))
        self.turn()

    def drop(self) -> None:
        """Drop the connection: the server does not read."""
        if self._driver is not None:
            self._driver.drop()

    # From the link and the driver

    def began(self, driver: Driver, connection: SocketIOConnection) -> None:
        """An attempt begins: ask for our namespaces."""
        self._driver = driver
        self._connection = connection
        for namespace in self._namespaces.values():
            connection.join(namespace.name, namespace.query, namespace.auth)

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Take in what the server did."""
        for occurrence in occurrences:
            namespace = self._namespaces.get(occurrence.namespace)
            if namespace is None:
                continue
            try:
                # `type(x) is` costs a fraction of isinstance, which asks abc.
                if type(occurrence) is SocketEvent:
                    namespace.happened(occurrence)
                elif type(occurrence) is SocketAck:
                    namespace.acknowledged(occurrence)
                else:
                    self._changed(namespace, occurrence)
            except RemoteProtocolError as error:
                if self._driver is not None:
                    self._driver.fail(error)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over, or did not come about."""
        self._driver = self._connection = None
        loss = error or Disconnected(reason)
        is_permanent = isinstance(loss, ConnectError) and loss.is_permanent
        if (
            self._reconnect
            and self._was_connected
            and self._namespaces
            and not self._is_leaving
            and not is_permanent
        ):
            self._attempts += 1
            delay = self._policy(self._attempts)
            _log.info(
                "{place}: {loss}; connecting again in {delay:.1f} seconds",
                place=self._link.place,
                loss=str(loss),
                delay=delay,
            )
            self._timer = self._clock.callLater(delay, self._connect_again)
        elif self._namespaces:
            is_first = not self._was_connected and not self._is_leaving
            if is_first and not isinstance(loss, ConnectError):
                cause, loss = loss, ConnectError(self._link.place, str(loss))
                loss.__cause__ = cause
            self._close(loss)
        else:
            self._close(self._last_end or loss)

    # Steps

    def _make(self, name: str, query: Query, auth: Auth | None) -> Namespace:
        return Namespace(
            self._clock,
            self,
            check_namespace(name),
            query=encode_query(query),
            auth=auth,
        )

    def _changed(self, namespace: Namespace, occurrence: SocketOccurrence) -> None:
        match occurrence:
            case NamespaceJoined():
                self._was_connected = True
                self._attempts = 0
                self.flow.connected()
                namespace.joined(occurrence)
            case NamespaceLeft(reason=reason):
                namespace.left(reason)
                if reason in _FINAL_REASONS:
                    self._over(namespace, Disconnected(reason))
            case ErrorReceived(body=body, is_refusal=True):
                message, data = decode_refusal(body)
                refused = Refused(
                    self._link.place, namespace.name, self._link.hide(message), data
                )
                self._over(namespace, refused)
            case ErrorReceived(body=body):
                namespace.failed(decode_error(body))
            case _:
                pass

    def _over(self, namespace: Namespace, error: PadChatError) -> None:
        """A namespace is left for good; a client without any disconnects."""
        if self._namespaces.get(namespace.name) is namespace:
            del self._namespaces[namespace.name]
            self._last_end = error
        namespace.ended(error)
        if not self._namespaces and not self._is_leaving:
            self._leave(error)

    def _leave(self, reason: PadChatError) -> None:
        self._is_leaving = True
        if self._driver is not None:
            self._driver.close()
        else:
            self._close(reason)

    def _connect_again(self) -> None:
        self._timer = None
        for namespace in list(self._namespaces.values()):
            try:
                namespace.prepare()
            except Exception as error:
                # A function of the program, which did work before.
                _log.failure("no auth for namespace {name}", name=namespace.name)
                problem = f"its auth failed with {type(error).__name__}"
                self._over(namespace, LocalProtocolError(problem))
        if self._end is None:
            self._link.connect(self)

    def _close(self, error: PadChatError) -> None:
        if self._end is not None:
            return
        self._end = error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        namespaces, self._namespaces = list(self._namespaces.values()), {}
        for namespace in namespaces:
            namespace.ended(error)
        self._closing.fire(error)

    def _set_paused(self, is_paused: bool) -> None:
        if self._driver is not None:
            if is_paused:
                self._driver.pause()
            else:
                self._driver.resume()
