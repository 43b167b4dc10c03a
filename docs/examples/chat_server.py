"""A chat: people in rooms, as a Socket.IO server.

``python chat_server.py [ENDPOINT]``
"""

import sys

from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import react
from twisted.web.resource import Resource

from padchat_twisted.socketio import BoundedSite, Refuse, Socket, SocketIOServer


class Chat:
    """The namespace ``/chat`` of a server.

    Args:
        server: the server.
    """

    def __init__(self, server: SocketIOServer) -> None:
        self._chat = server.namespace("/chat")
        self._chat.use(self._let_in)
        self._chat.on("enter", self._enter)
        self._chat.on("say", self._say)
        self._chat.on_disconnect(self._left)

    def _let_in(self, socket: Socket) -> None:
        """Take everybody who says a name that nobody has."""
        # Clients of protocol 5 say it in auth, older ones in the query.
        name = socket.auth.get("name") or socket.query.get("name")
        if not isinstance(name, str) or not 0 < len(name) <= 20:
            raise Refuse("say a name of up to 20 characters")
        if any(other.data["name"] == name for other in self._chat.sockets.values()):
            raise Refuse("that name is taken", {"name": name})
        socket.data["name"] = name

    def _enter(self, socket: Socket, room: object) -> list[str]:
        """Put a client into one room, and answer who is there."""
        if not isinstance(room, str) or not 0 < len(room) <= 20:
            return []
        self._leave(socket)
        socket.data["room"] = room
        socket.enter(room)
        self._tell_room(socket, "entered")
        names = [
            other.data["name"]
            for other in self._chat.sockets.values()
            if other.data.get("room") == room
        ]
        return sorted(names)

    def _say(self, socket: Socket, text: object) -> bool:
        """Pass on what a client says, and answer whether anybody could hear it."""
        if not isinstance(text, str) or "room" not in socket.data:
            return False
        self._tell_room(socket, "said", text)
        return True

    def _left(self, socket: Socket, reason: str) -> None:
        """Tell the others that a client is gone."""
        self._leave(socket)

    def _leave(self, socket: Socket) -> None:
        if "room" in socket.data:
            self._tell_room(socket, "left")
            socket.leave(socket.data.pop("room"))

    def _tell_room(self, socket: Socket, event: str, *more: str) -> None:
        """Tell everybody else in the room of a client."""
        self._chat.broadcast(
            event, socket.data["name"], *more, to=socket.data["room"], except_=socket
        )


async def main(
    reactor: ReactorBase, endpoint: str = "tcp:8080:interface=127.0.0.1"
) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    server = SocketIOServer(reactor)
    Chat(server)
    root = Resource()
    root.putChild(b"socket.io", server.resource())
    site = BoundedSite(root, reactor=reactor)
    port = await serverFromString(reactor, endpoint).listen(site)
    print(f"serving on port {port.getHost().port}", flush=True)
    reactor.addSystemEventTrigger("before", "shutdown", server.stop)
    await Deferred()


if __name__ == "__main__":
    react(main, sys.argv[1:])
