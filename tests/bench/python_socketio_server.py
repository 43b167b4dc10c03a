"""python-socketio's AsyncServer on aiohttp and uvloop, as a server of the benchmark."""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import json
import platform
import sys
from typing import Any

from tests.bench.client import load_workload, next_push

WORKLOAD = load_workload()
NAMESPACE = WORKLOAD["namespace"]
PACKAGES = ("python-socketio", "python-engineio", "aiohttp", "uvloop")


def application() -> Any:  # noqa: ANN401 - an aiohttp.web.Application
    """Return an application that does what server.js does."""
    # Neither is in the environment that mypy sees: hence no plain imports.
    server = importlib.import_module("socketio").AsyncServer(async_mode="aiohttp")
    served = importlib.import_module("aiohttp.web").Application()

    async def send_message(_sid: str, command: dict[str, Any]) -> object:
        if command["content"] != WORKLOAD["command"]["content"]:
            return {"success": False, "msg": "not the command of workload.json"}
        return WORKLOAD["reply"]

    async def send_burst(sid: str) -> None:
        for _ in range(WORKLOAD["burst"]):
            await server.emit("push", next_push(WORKLOAD), to=sid, namespace=NAMESPACE)

    async def broadcast(_sid: str) -> None:
        await server.emit("push", next_push(WORKLOAD), namespace=NAMESPACE)

    server.on("sendMsg", send_message, namespace=NAMESPACE)
    server.on("bench-burst", send_burst, namespace=NAMESPACE)
    server.on("bench-broadcast", broadcast, namespace=NAMESPACE)
    server.attach(served)
    return served


async def serve() -> None:
    """Listen, say so, and serve until standard input ends."""
    web = importlib.import_module("aiohttp.web")
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    versions = {"python": platform.python_version()}
    versions.update({name: importlib.metadata.version(name) for name in PACKAGES})
    port = runner.addresses[0][1]
    sys.stdout.write(json.dumps({"port": port, "versions": versions}) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    importlib.import_module("uvloop").run(serve())
