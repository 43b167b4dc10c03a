"""One client of a server: its connection, and its sockets by their namespaces."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from ..errors import BufferFull, LocalProtocolError, PadChatError, RemoteProtocolError
from ..transport.driver import Driver
from ..transport.resource import FirstRequest
from ..wire import json_text
from ..wire.occurrences import (
    NamespaceLeft,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
    SocketOccurrence,
)
from ..wire.socketio import decode_arguments
from ..wire.socketio_connection import SocketIOConnection
from .events import encode_answer, encode_refusal
from .flow import Flow
from .refusals import Refuse
from .server_namespace import ServerNamespace
from .sockets import Socket

__all__ = ["INVALID_NAMESPACE", "Peer"]

#: What a client is told that asks for a namespace which is not there.
#: Source: vectors ``*-connect-error-unknown-namespace``.
INVALID_NAMESPACE = "Invalid namespace"

#: What a client is told when the middleware failed: why is for our log alone.
MIDDLEWARE_FAILED = "the server failed"

_log = Logger()


class Peer:
    """One client of a server.

    Args:
        clock: for time limits.
        first: the request by which it came.
        namespaces: those of the server, by name.
        new_id: gives ids of sockets, hard to guess.
        when_over: called when the connection is over.
    """

    def __init__(
        self,
        clock: IReactorTime,
        first: FirstRequest,
        namespaces: Mapping[str, ServerNamespace],
        *,
        new_id: Callable[[], str],
        when_over: Callable[[Peer], None],
    ) -> None:
        self._clock = clock
        self._first = first
        self._namespaces = namespaces
        self._new_id = new_id
        self._when_over = when_over
        self._sockets: dict[str, Socket] = {}
        self._admissions: dict[str, Deferred[Any]] = {}
        self.connection: SocketIOConnection
        self.turn: Callable[[], None]
        self._driver: Driver
        self.flow = Flow(self._set_paused)

    # From the resource and the driver

    def begin(self, driver: Driver, connection: SocketIOConnection) -> None:
        """Take the connection."""
        self._driver = driver
        self.turn = driver.turn
        self.connection = connection

    def occurred(self, occurrences: Sequence[SocketOccurrence]) -> None:
        """Take in what the client did."""
        for occurrence in occurrences:
            # `type(x) is` costs a fraction of isinstance, which asks abc for a Struct.
            kind = type(occurrence)
            if kind is SocketEvent:
                self._event(occurrence)  # type: ignore[arg-type] # its type was looked at
            elif kind is SocketAck:
                self._acknowledged(occurrence)  # type: ignore[arg-type] # the same
            elif isinstance(occurrence, NamespaceRequested):
                self._requested(occurrence)
            elif isinstance(occurrence, NamespaceLeft):
                self._left(occurrence)

    def closed(self, reason: str, error: PadChatError | None) -> None:
        """The connection is over."""
        for admission in list(self._admissions.values()):
            admission.cancel()
        self._when_over(self)

    # For sockets and the server

    def leave(self, namespace: str) -> None:
        """Put the client out of a namespace."""
        self._sockets[namespace].is_connected = False
        self.connection.leave(namespace, now=self._driver.now())
        self._driver.turn()

    def close(self) -> None:
        """Put the client out of every namespace, and close."""
        for socket in self._sockets.values():
            socket.is_connected = False
        self._driver.close()

    def shut(self) -> None:
        """Close, so that the client may come back by itself."""
        for socket in self._sockets.values():
            socket.is_connected = False
        self.connection.shut(now=self._driver.now())
        self._driver.turn()

    def drop(self) -> None:
        """Drop a client that does not read."""
        _log.info("a client was dropped: it does not read what it is sent")
        self._driver.drop()

    def send_frame(self, namespace: str, frame: bytes) -> bool:
        """Send a frame that is ready; tell whether that could be."""
        return self.connection.takes_frames(namespace) and self._driver.send_frame(
            frame
        )

    # Steps

    def _event(self, event: SocketEvent) -> None:
        socket = self._sockets.get(event.namespace)
        if socket is None or not socket.is_connected:
            return
        namespace = self._namespaces[event.namespace]
        handler = namespace.handlers.find(event.name)
        if handler is None:
            return
        try:
            arguments = decode_arguments(event.body, event.attachments)
        except RemoteProtocolError as error:
            self._driver.fail(error)
            return
        # In place of the name.
        arguments[0] = socket
        ack_id = event.ack_id
        answer = None
        if ack_id is not None:

            def answer(value: object) -> None:
                self._answer(namespace.name, ack_id, value)

        self.flow.run(namespace.name, handler, arguments, answer)

    def _answer(self, namespace: str, ack_id: int, value: object) -> None:
        body, attachments = encode_answer(value)
        try:
            self.connection.acknowledge(namespace, ack_id, body, attachments)
        except BufferFull:
            self.drop()
        except LocalProtocolError:
            # The client left while its event was handled.
            return
        self._driver.turn()

    def _acknowledged(self, ack: SocketAck) -> None:
        # Each socket knows its own calls only: no client answers for another.
        socket = self._sockets.get(ack.namespace)
        if socket is not None:
            try:
                socket.acknowledged(ack)
            except RemoteProtocolError as error:
                self._driver.fail(error)

    def _requested(self, request: NamespaceRequested) -> None:
        name = request.namespace
        namespace = self._namespaces.get(name)
        if namespace is None:
            # The main one is there for everybody: protocol 4 connects it unasked.
            if name == "/":
                self.connection.accept(name, self._new_id())
            else:
                self._refuse(name, Refuse(INVALID_NAMESPACE))
            return
        socket = Socket(
            self._clock,
            self,
            name,
            namespace.ack_ids,
            namespace.rooms,
            socket_id=self._new_id(),
            first=self._first,
            query={**self._first.query, **dict(request.query)},
            auth=_auth(request.auth),
        )
        middleware = namespace.middleware.all()
        if middleware:
            asking = Deferred.fromCoroutine(_ask(middleware, socket))
            self._admissions[name] = asking
            asking.addBoth(self._decided, namespace, socket)
        else:
            self._let_in(namespace, socket)

    def _decided(
        self,
        refusal: Refuse | Failure | None,
        namespace: ServerNamespace,
        socket: Socket,
    ) -> None:
        """The middleware has decided; a Failure is a cancellation, mostly ours."""
        self._admissions.pop(namespace.name, None)
        if refusal is None and not self._driver.is_over:
            self._let_in(namespace, socket)
        else:
            socket.gone()
            if not isinstance(refusal, Refuse):
                refusal = Refuse(MIDDLEWARE_FAILED)
            self._refuse(namespace.name, refusal)
        self._driver.turn()

    def _let_in(self, namespace: ServerNamespace, socket: Socket) -> None:
        try:
            self.connection.accept(namespace.name, socket.id)
        except LocalProtocolError:
            # The client left while the middleware was asked.
            socket.gone()
            return
        self._sockets[namespace.name] = socket
        namespace.add(socket)
        for handler in namespace.connect_handlers.all():
            self.flow.run(namespace.name, handler, (socket,))

    def _refuse(self, name: str, refusal: Refuse) -> None:
        protocol = self.connection.protocol
        try:
            body = encode_refusal(refusal.message, refusal.data, protocol)
        except LocalProtocolError:
            _log.failure("the data of a refusal cannot be sent")
            body = encode_refusal(refusal.message, None, protocol)
        # A client that has left meanwhile need not know.
        with suppress(LocalProtocolError):
            self.connection.refuse(name, body)

    def _left(self, left: NamespaceLeft) -> None:
        socket = self._sockets.pop(left.namespace, None)
        if socket is not None:
            namespace = self._namespaces[left.namespace]
            namespace.remove(socket)
            for handler in namespace.disconnect_handlers.all():
                self.flow.run(namespace.name, handler, (socket, left.reason))

    def _set_paused(self, is_paused: bool) -> None:
        if is_paused:
            self._driver.pause()
        else:
            self._driver.resume()


async def _ask(
    middleware: Sequence[Callable[..., object]], socket: Socket
) -> Refuse | None:
    """Ask each middleware; return the refusal of the first that refuses."""
    try:
        for ask in middleware:
            outcome = ask(socket)
            if isinstance(outcome, Coroutine):
                outcome = Deferred.fromCoroutine(outcome)
            if isinstance(outcome, Deferred):
                await outcome
    except Refuse as refusal:
        return refusal
    except CancelledError:
        raise
    except Exception:
        _log.failure("middleware failed, and a client was refused")
        return Refuse(MIDDLEWARE_FAILED)
    return None


def _auth(body: bytes) -> dict[str, Any]:
    """Decode what a client of protocol 5 gave; what is no object counts as nothing."""
    try:
        auth = json_text.read(body) if body else {}
    except ValueError:
        return {}
    return auth if isinstance(auth, dict) else {}
