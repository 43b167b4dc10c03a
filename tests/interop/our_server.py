"""A Socket.IO server of ours for the matrix.

``python -m tests.interop.our_server [REVISION ...]``; orders and reports are those of
socketio_server.js. Run it as a program: importing it does nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorTCP, IReactorTime
from twisted.internet.task import LoopingCall, react
from twisted.web.resource import Resource

from padchat_twisted.socketio import (
    BoundedSite,
    Refuse,
    ServerNamespace,
    Socket,
    SocketIOServer,
)
from tests.interop.json_lines import (
    ODD,
    REFUSAL,
    REFUSAL_DATA,
    STREAM_INTERVAL,
    pack,
    report,
)
from tests.interop.our_client import Orders, obey_input

#: Largest message that is taken (bytes): a megabyte as base64, with room to spare.
MAX_FRAME = 5_000_000


class OurServers:
    """The servers, by their ids.

    Args:
        reactor: runs them.
        revisions: of Engine.IO that they speak.
    """

    def __init__(self, reactor: IReactorTime, revisions: frozenset[Any]) -> None:
        self._reactor = reactor
        self._revisions = revisions
        self._running: dict[str, tuple[SocketIOServer, IListeningPort]] = {}
        self.orders: dict[str, Callable[[dict[str, Any]], object]] = {
            "serve": lambda order: self._serve(**order),
            "stop": lambda order: Deferred.fromCoroutine(self._stop(order["id"])),
        }

    def _serve(
        self,
        *,
        id: str,
        port: int = 0,
        pingInterval: float = 25,
        pingTimeout: float = 20,
        do: str = "",
    ) -> None:
        server = SocketIOServer(
            self._reactor,
            ping_interval_ms=int(pingInterval * 1000),
            ping_timeout_ms=int(pingTimeout * 1000),
            max_frame=MAX_FRAME,
            revisions=self._revisions,
        )
        attend(self._reactor, server.namespace("/chat"))
        root = Resource()
        root.putChild(b"socket.io", server.resource())
        listening = cast(IReactorTCP, self._reactor).listenTCP(
            port,
            BoundedSite(root, reactor=self._reactor),  # type: ignore[arg-type]  # serves
            interface="127.0.0.1",
        )
        self._running[id] = server, listening
        report("listening", id=id, port=cast(Any, listening.getHost()).port)

    async def _stop(self, id: str) -> None:
        server, listening = self._running.pop(id)
        # Clients by polling fetch the last word, if there is still somebody to ask.
        await server.stop()
        await cast("Deferred[None]", listening.stopListening())
        report("stopped", id=id)


def attend(reactor: IReactorTime, chat: ServerNamespace) -> None:
    """Let in who says the key, and handle the events of the acts."""

    def let_in(socket: Socket) -> None:
        if {**socket.query, **socket.auth}.get("key") != "open":
            raise Refuse(REFUSAL, REFUSAL_DATA)
        socket.data["items"] = []

    def entered(socket: Socket) -> None:
        query, auth = dict(socket.query), dict(socket.auth)
        report("entered", id=socket.query["id"], query=pack(query), auth=pack(auth))

    def gone(socket: Socket, reason: str) -> None:
        report("gone", id=socket.query["id"], reason=reason)

    async def ask(socket: Socket, *args: Any) -> None:  # noqa: ANN401 - any values
        answer = await socket.call("question", *args)
        arguments = answer if isinstance(answer, tuple) else (answer,)
        socket.emit("answered", *arguments)

    def items(socket: Socket) -> Any:  # noqa: ANN401 - what came
        kept, socket.data["items"] = socket.data["items"], []
        return kept

    def burst(socket: Socket, count: int) -> None:
        for number in range(count):
            socket.emit("item", number)
        socket.emit("end")

    def stream(socket: Socket, count: int) -> None:
        numbers = iter(range(count))

        def send() -> None:
            number = next(numbers, None)
            if number is not None and socket.is_connected:
                socket.emit("item", number)
                return
            loop.stop()
            if socket.is_connected:
                socket.emit("end")

        loop = LoopingCall(send)
        loop.clock = reactor
        loop.start(STREAM_INTERVAL).addErrback(lambda f: report("fault", error=str(f)))

    chat.use(let_in)
    chat.on_connect(entered)
    chat.on_disconnect(gone)
    chat.on("echo", lambda socket, *args: args)
    chat.on("ask", ask)
    chat.on("give", lambda socket, what: socket.emit("given", *ODD[what]))
    chat.on("item", lambda socket, number: socket.data["items"].append(number))
    chat.on("items", items)
    chat.on("burst", burst)
    chat.on("stream", stream)
    chat.on("transport", transport_of)
    chat.on("kick", lambda socket: socket.disconnect())


def transport_of(socket: Socket) -> str:
    """Say over what a client is connected now."""
    engine = cast(Any, socket)._owner.connection._engine
    return "websocket" if engine._polling is None else "polling"


async def main(reactor: IReactorTime, *revisions: str) -> None:
    """Obey until the end of the input."""
    spoken = frozenset(int(revision) for revision in revisions or ("3", "4"))
    ended: Deferred[None] = Deferred()
    obey_input(Orders(OurServers(reactor, spoken).orders, ended))
    await ended


if __name__ == "__main__":
    react(
        lambda reactor, *revisions: Deferred.fromCoroutine(main(reactor, *revisions)),
        sys.argv[1:],
    )
