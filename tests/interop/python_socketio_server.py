"""A Socket.IO server on python-socketio for the matrix; it speaks Engine.IO 4 only.

Orders and reports are those of socketio_server.js. Run it as a program.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tests.interop.asyncio_orders import obey_until_end, start
from tests.interop.json_lines import (
    ODD,
    REFUSAL,
    REFUSAL_DATA,
    STREAM_INTERVAL,
    pack,
    report,
)

MAX_FRAME = 5_000_000
CHAT = "/chat"

#: Packets that may come in one body.
MAX_PACKETS = 5_000


class Servers:
    """The servers, by their ids."""

    def __init__(self) -> None:
        self._socketio: Any = importlib.import_module("socketio")
        # It takes 16 by default; its manual says to raise it for peers that send more.
        payload: Any = importlib.import_module("engineio.payload").Payload
        payload.max_decode_packets = MAX_PACKETS
        self._web: Any = importlib.import_module("aiohttp.web")
        self._running: dict[str, tuple[Any, Any]] = {}
        self.orders: dict[str, Callable[[dict[str, Any]], object]] = {
            "serve": lambda order: start(self._serve(**order)),
            "stop": lambda order: start(self._stop(order["id"])),
        }

    async def _serve(
        self,
        *,
        id: str,
        port: int = 0,
        pingInterval: float = 25,
        pingTimeout: float = 20,
        do: str = "",
    ) -> None:
        server = self._socketio.AsyncServer(
            async_mode="aiohttp",
            ping_interval=pingInterval,
            ping_timeout=pingTimeout,
            max_http_buffer_size=MAX_FRAME,
        )
        attend(server, self._socketio.exceptions.ConnectionRefusedError)
        app = self._web.Application(client_max_size=MAX_FRAME)
        server.attach(app)
        runner = self._web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = self._web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self._running[id] = server, runner
        report("listening", id=id, port=runner.addresses[0][1])

    async def _stop(self, id: str) -> None:
        server, runner = self._running.pop(id)
        await server.shutdown()
        await runner.cleanup()
        report("stopped", id=id)


def attend(server: Any, refusal: Any) -> None:  # noqa: ANN401 - it has no types
    """Let in who says the key, and handle the events of the acts."""
    ids: dict[str, str] = {}
    items: dict[str, list[Any]] = {}

    async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:  # noqa: ANN401
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        said = {**query, **(auth or {})}
        if said.get("key") != "open":
            raise refusal(REFUSAL, REFUSAL_DATA)
        ids[sid] = query["id"]
        items[sid] = []
        report("entered", id=query["id"], query=pack(query), auth=pack(auth))

    async def disconnect(sid: str, reason: str) -> None:
        report("gone", id=ids[sid], reason=reason)

    async def emit(sid: str, name: str, *args: object) -> None:
        await server.emit(name, tuple(args), to=sid, namespace=CHAT)

    async def echo(sid: str, *args: Any) -> Any:  # noqa: ANN401 - any values
        return args

    async def ask(sid: str, *args: Any) -> None:  # noqa: ANN401 - any values
        answer = await server.call("question", args, to=sid, namespace=CHAT)
        arguments = answer if isinstance(answer, list | tuple) else (answer,)
        await emit(sid, "answered", *arguments)

    async def give(sid: str, what: str) -> None:
        await emit(sid, "given", *ODD[what])

    async def item(sid: str, number: int) -> None:
        items[sid].append(number)

    async def take_items(sid: str) -> Any:  # noqa: ANN401 - what came
        kept, items[sid] = items[sid], []
        return (kept,)

    async def burst(sid: str, count: int) -> None:
        for number in range(count):
            await emit(sid, "item", number)
        await emit(sid, "end")

    async def stream(sid: str, count: int) -> None:
        for number in range(count):
            await emit(sid, "item", number)
            await asyncio.sleep(STREAM_INTERVAL)
        await emit(sid, "end")

    async def transport(sid: str) -> str:
        return str(server.transport(sid, namespace=CHAT))

    async def kick(sid: str) -> None:
        await server.disconnect(sid, namespace=CHAT)

    handlers: dict[str, Any] = {
        "connect": connect,
        "disconnect": disconnect,
        "echo": echo,
        "ask": ask,
        "give": give,
        "item": item,
        "items": take_items,
        "burst": burst,
        "stream": stream,
        "transport": transport,
        "kick": kick,
    }
    for name, handler in handlers.items():
        server.on(name, handler, namespace=CHAT)


if __name__ == "__main__":
    asyncio.run(obey_until_end(Servers().orders))
