"""A namespace of a server: who is let in, who hears what, and broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import count
from types import MappingProxyType

from ..transport.frames import FIN_TEXT, server_frame
from ..wire.engineio import MESSAGE, encode_text
from ..wire.socketio import EVENT, Packet, encode
from .events import encode_event
from .flow import Handler
from .handlers import Handlers, Listeners
from .rooms import Rooms
from .sockets import Socket

__all__ = ["ServerNamespace"]


class ServerNamespace:
    """A namespace of a server; ``SocketIOServer.namespace`` gives it.

    Each handler may return a Deferred or be a coroutine function.

    Attributes:
        name: begins with a slash.
        sockets: the clients in it now, by their ids.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._event_start = encode_text(MESSAGE, encode(Packet(EVENT, name)))
        self._sockets: dict[str, Socket] = {}
        self.sockets: Mapping[str, Socket] = MappingProxyType(self._sockets)
        self.rooms: Rooms[Socket] = Rooms()
        self.ack_ids = count()
        self.handlers = Handlers()
        self.middleware = Listeners()
        self.connect_handlers = Listeners()
        self.disconnect_handlers = Listeners()

    def __repr__(self) -> str:
        return f"<ServerNamespace {self.name!r} with {len(self._sockets)} clients>"

    def use(self, middleware: Handler) -> Callable[[], None]:
        """Have *middleware* decide who is let in.

        Args:
            middleware: called with the socket of a client that asks for this
                namespace, before it is in. It raises ``Refuse`` to keep the client
                out; any other exception does so too, and is logged. Several are
                asked one after the other.

        Returns:
            Call it to take the middleware away again.
        """
        return self.middleware.add(middleware)

    def on_connect(self, handler: Handler) -> Callable[[], None]:
        """Have *handler* called with the socket of each client that was let in.

        Returns:
            Call it to take the handler away again.
        """
        return self.connect_handlers.add(handler)

    def on_disconnect(self, handler: Handler) -> Callable[[], None]:
        """Have *handler* called with the socket of each client that left, and why.

        The reason is a text, as Socket.IO spells it: ``transport close``,
        ``ping timeout``, ``client namespace disconnect``, ...

        Returns:
            Call it to take the handler away again.
        """
        return self.disconnect_handlers.add(handler)

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Have *handler* called for each event of a name.

        Args:
            name: of the event.
            handler: called with the socket, and the arguments of the event. What it
                returns is the answer to a client that wants one: None for no
                arguments, a tuple for several, anything else for one.

        Returns:
            Call it to take the handler away again.

        Raises:
            LocalProtocolError: a reserved name, or one that has a handler.
        """
        return self.handlers.on(name, handler)

    def broadcast(
        self,
        name: str,
        *arguments: object,
        to: str | Collection[str] | None = None,
        except_: Socket | None = None,
        volatile: bool = False,
    ) -> None:
        """Send an event to many clients; it is encoded once.

        A client for whom too much waits already is dropped: it does not read.

        Args:
            name: of the event.
            arguments: anything that JSON can hold, and bytes at any depth.
            to: a room or several, each client in any of them once; the id of a
                socket is a room too. None for everybody in the namespace.
            except_: who is left out, mostly the client that brought it about.
            volatile: leave out who does not take it at once.

        Raises:
            LocalProtocolError: such a name or argument cannot be sent.
        """
        body, attachments = encode_event(name, arguments)
        if to is None:
            members = list(self._sockets.values())
        else:
            members = self.rooms.members((to,) if isinstance(to, str) else to)
        frame = b"" if attachments else server_frame(FIN_TEXT, self._event_start + body)
        for socket in members:
            if socket is not except_:
                socket.send_encoded(body, attachments, frame, volatile=volatile)

    # For the connections

    def add(self, socket: Socket) -> None:
        """A client is let in."""
        socket.is_connected = True
        self._sockets[socket.id] = socket
        socket.enter(socket.id)

    def remove(self, socket: Socket) -> None:
        """A client is gone."""
        self._sockets.pop(socket.id, None)
        socket.gone()
