"""Socket.IO clients on python-socketio for the matrix; they speak Engine.IO 4 only.

Orders and reports are those of socketio_client.js. Run it as a program.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from tests.interop.asyncio_orders import obey_until_end, start
from tests.interop.json_lines import STREAM_INTERVAL, pack, report, unpack

CHAT = "/chat"

#: Packets that may come in one body.
MAX_PACKETS = 5_000

#: How long an HTTP request may take (seconds): as long as an act of the matrix.
REQUEST_TIMEOUT = 30


class Clients:
    """The clients, by their ids."""

    def __init__(self) -> None:
        self._socketio: Any = importlib.import_module("socketio")
        # It takes 16 by default; its manual says to raise it for peers that send more.
        payload: Any = importlib.import_module("engineio.payload").Payload
        payload.max_decode_packets = MAX_PACKETS
        self._clients: dict[str, Any] = {}
        self.orders: dict[str, Callable[[dict[str, Any]], object]] = {
            "connect": lambda order: start(self._connect(**order)),
            "emit": lambda order: start(self._emit(**order)),
            "call": lambda order: start(self._call(**order)),
            "burst": lambda order: start(self._burst(**order)),
            "disconnect": lambda order: start(self._clients[order["id"]].disconnect()),
        }

    async def _connect(
        self,
        *,
        id: str,
        url: str,
        transports: list[str],
        reconnect: bool = False,
        stream: int = 0,
        **order: str,
    ) -> None:
        client = self._clients[id] = self._socketio.AsyncClient(
            reconnection=reconnect,
            reconnection_delay=0.05,
            reconnection_delay_max=0.2,
            # Of 5 s by default, after which it gives the connection up: a machine that
            # has other work takes longer now and then.
            request_timeout=REQUEST_TIMEOUT,
            handle_sigint=False,
        )
        said = {"id": id, "key": order["key"], "text": order["text"]}
        refusals: list[Any] = []
        self._listen(id, client, stream, refusals)
        try:
            await client.connect(
                f"{url}?{urlencode(said)}",
                auth=said,
                transports=transports,
                namespaces=[CHAT],
                wait_timeout=10,
            )
        except self._socketio.exceptions.ConnectionError as error:
            if refusals and isinstance(refusals[0], dict):
                message, data = refusals[0].get("message"), refusals[0].get("data")
                report("refused", id=id, message=message, data=pack(data))
            else:
                report("failed", id=id, text=f"{error} {refusals or ''}".strip())

    def _listen(
        self,
        id: str,
        client: Any,  # noqa: ANN401 - it has no types
        stream: int,
        refusals: list[Any],
    ) -> None:
        items: list[Any] = []

        async def connected() -> None:
            report("connected", id=id)
            if stream:
                start(self._stream(client, stream))

        async def disconnected(reason: str) -> None:
            report("disconnected", id=id, reason=reason)

        async def question(*args: Any) -> Any:  # noqa: ANN401 - any values
            return args

        async def answered(*args: Any) -> None:  # noqa: ANN401 - any values
            report("heard", id=id, name="answered", args=pack(args))

        async def given(*args: Any) -> None:  # noqa: ANN401 - any values
            report("heard", id=id, name="given", args=pack(args))

        async def item(number: int) -> None:
            items.append(number)

        async def ended() -> None:
            report("items", id=id, items=items)
            items.clear()

        async def refused(data: Any) -> None:  # noqa: ANN401 - any value
            refusals.append(data)

        handlers = {
            "connect": connected,
            "disconnect": disconnected,
            "item": item,
            "question": question,
            "answered": answered,
            "given": given,
            "end": ended,
            "connect_error": refused,
        }
        for name, handler in handlers.items():
            client.on(name, handler, namespace=CHAT)

    async def _stream(self, client: Any, count: int) -> None:  # noqa: ANN401
        await client.emit("stream", count, namespace=CHAT)
        for number in range(count):
            await client.emit("item", number, namespace=CHAT)
            await asyncio.sleep(STREAM_INTERVAL)

    async def _emit(self, *, id: str, name: str, args: Any = (), do: str = "") -> None:  # noqa: ANN401
        await self._clients[id].emit(name, tuple(unpack(args)), namespace=CHAT)

    async def _call(self, *, id: str, name: str, args: Any = (), do: str = "") -> None:  # noqa: ANN401
        def answered(*answer: Any) -> None:  # noqa: ANN401 - any values
            report("ack", id=id, name=name, args=pack(answer))

        # Of a client that is not connected any more "disconnected" tells.
        with suppress(self._socketio.exceptions.BadNamespaceError):
            await self._clients[id].emit(
                name, tuple(unpack(args)), namespace=CHAT, callback=answered
            )

    async def _burst(self, *, id: str, count: int, do: str = "") -> None:
        for number in range(count):
            await self._clients[id].emit("item", number, namespace=CHAT)


if __name__ == "__main__":
    asyncio.run(obey_until_end(Clients().orders))
