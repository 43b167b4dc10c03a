"""Socket.IO clients of ours for the matrix, many in one process.

``python -m tests.interop.our_client``; orders and reports are those of
socketio_client.js. Run it as a program: importing it does nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.stdio import StandardIO
from twisted.internet.task import LoopingCall, react
from twisted.python.failure import Failure

from padchat_twisted.socketio import CallError, Client, PadChatError, Refused, connect
from tests.interop.json_lines import STREAM_INTERVAL, obey, pack, report, unpack


class Orders(Protocol):
    """Carries out each line of standard input; the end of it is the end.

    Args:
        orders: what to do, by the field ``do``.
        ended: fires at the end of the input.
    """

    def __init__(
        self,
        orders: dict[str, Callable[[dict[str, Any]], object]],
        ended: Deferred[None],
    ) -> None:
        self._orders = orders
        self._ended = ended
        self._unfinished: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        """Take input; lines may be large."""
        first, *more = data.split(b"\n")
        self._unfinished.append(first)
        for part in more:
            line, self._unfinished = b"".join(self._unfinished), [part]
            obey(line, self._orders)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the process."""
        self._ended.callback(None)


class OurClients:
    """The clients, by their ids.

    Args:
        reactor: runs them.
    """

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._clients: dict[str, Client] = {}
        self.orders: dict[str, Callable[[dict[str, Any]], object]] = {
            "connect": lambda order: self._start(self._connect(**order)),
            "emit": lambda order: self._emit(**order),
            "call": lambda order: self._start(self._call(**order)),
            "burst": lambda order: self._burst(**order),
            "disconnect": lambda order: self._clients[order["id"]].disconnect(),
        }

    def _start(self, work: Awaitable[None]) -> None:
        def failed(failure: Failure) -> None:
            report("fault", error=failure.getTraceback())

        Deferred.fromCoroutine(work).addErrback(failed)  # type: ignore[arg-type]  # a coroutine

    async def _connect(
        self,
        *,
        id: str,
        url: str,
        transports: list[str],
        reconnect: bool = False,
        stream: int = 0,
        revision: Any = "auto",  # noqa: ANN401 - from JSON
        **order: str,
    ) -> None:
        said = {"id": id, "key": order["key"], "text": order["text"]}

        def prepare(client: Client) -> None:
            self._clients[id] = client
            self._listen(id, client, stream)

        try:
            await connect(
                self._reactor,
                url,
                namespace="/chat",
                auth=said,
                query=said.items(),
                handlers=prepare,
                transports=tuple(transports),
                reconnect=reconnect,
                retry_policy=lambda attempt: 0.05,
                revision=revision,
            )
        except Refused as refused:
            data = pack(refused.data)
            report("refused", id=id, message=refused.message, data=data)
        except PadChatError as error:
            report("failed", id=id, text=str(error))

    def _listen(self, id: str, client: Client, stream: int) -> None:
        items: list[int] = []

        def connected() -> None:
            if stream:
                self._stream(client, stream)
            report("connected", id=id)

        def ended() -> None:
            report("items", id=id, items=items)
            items.clear()

        def hear(name: str) -> Callable[..., None]:
            return lambda *args: report("heard", id=id, name=name, args=pack(args))

        client.on_connect(connected)
        client.on_disconnect(
            lambda reason: report("disconnected", id=id, reason=reason)
        )
        client.on("question", lambda *args: args)
        for name in ("answered", "given"):
            client.on(name, hear(name))
        client.on("item", items.append)
        client.on("end", ended)

    def _stream(self, client: Client, count: int) -> None:
        client.emit("stream", count)
        numbers = iter(range(count))

        def send() -> None:
            number = next(numbers, None)
            if number is None or not client.is_connected:
                loop.stop()
            else:
                client.emit("item", number)

        loop = LoopingCall(send)
        loop.clock = self._reactor
        loop.start(STREAM_INTERVAL).addErrback(lambda f: report("fault", error=str(f)))

    def _emit(self, *, id: str, name: str, args: Any = (), do: str = "") -> None:  # noqa: ANN401
        self._clients[id].emit(name, *unpack(args))

    async def _call(
        self,
        *,
        id: str,
        name: str,
        args: Any = (),  # noqa: ANN401 - from JSON
        do: str = "",
    ) -> None:
        try:
            answer = await self._clients[id].call(name, *unpack(args))
        except CallError:
            # What became of it is told by "disconnected".
            return
        if answer is None:
            answer = ()
        elif not isinstance(answer, tuple):
            answer = (answer,)
        report("ack", id=id, name=name, args=pack(answer))

    def _burst(self, *, id: str, count: int, do: str = "") -> None:
        for number in range(count):
            self._clients[id].emit("item", number)


def obey_input(orders: Orders) -> None:
    """Take orders from standard input."""
    StandardIO(orders)
    # StandardIO makes it non-blocking, but reports of any size are written to it.
    os.set_blocking(sys.stdout.fileno(), True)


async def main(reactor: IReactorTime) -> None:
    """Obey until the end of the input."""
    ended: Deferred[None] = Deferred()
    obey_input(Orders(OurClients(reactor).orders, ended))
    await ended


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(main(reactor)), sys.argv[1:])
