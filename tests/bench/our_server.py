"""Our server as a server of the benchmark: ``padchat_twisted.socketio``."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.stdio import StandardIO
from twisted.internet.task import react
from twisted.python.failure import Failure
from twisted.web.resource import Resource

from padchat_twisted.socketio import BoundedSite, Socket, SocketIOServer
from tests.bench.client import Workload, load_workload, next_push

PACKAGES = ("padchat-twisted", "twisted", "autobahn", "msgspec")


class Lifeline(Protocol):
    """Standard input, with which the server ends."""

    def __init__(self) -> None:
        """Nobody has ended it yet."""
        self.ended: Deferred[None] = Deferred()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End."""
        self.ended.callback(None)


def serve(reactor: Any, workload: Workload) -> Resource:  # noqa: ANN401 - react's
    """Return the resource of a server that does what server.js does."""
    server = SocketIOServer(reactor)
    namespace = server.namespace(workload["namespace"])
    burst = range(workload["burst"])

    def send_message(_socket: Socket, command: dict[str, Any]) -> object:
        if command["content"] != workload["command"]["content"]:
            return {"success": False, "msg": "not the command of workload.json"}
        return workload["reply"]

    def send_burst(socket: Socket) -> None:
        for _ in burst:
            socket.emit("push", next_push(workload))

    def broadcast(_socket: Socket) -> None:
        namespace.broadcast("push", next_push(workload))

    namespace.on("sendMsg", send_message)
    namespace.on("bench-burst", send_burst)
    namespace.on("bench-broadcast", broadcast)
    root = Resource()
    root.putChild(b"socket.io", server.resource())
    return root


def main(reactor: Any) -> Deferred[None]:  # noqa: ANN401 - react's
    """Listen, say so, and serve until standard input ends."""
    site = BoundedSite(serve(reactor, load_workload()), reactor=reactor)
    port = reactor.listenTCP(0, site, interface="127.0.0.1")
    versions = {"python": platform.python_version()}
    versions.update({name: importlib.metadata.version(name) for name in PACKAGES})
    sys.stdout.write(
        json.dumps({"port": port.getHost().port, "versions": versions}) + "\n"
    )
    sys.stdout.flush()
    lifeline = Lifeline()
    StandardIO(lifeline, reactor=reactor)
    return lifeline.ended


if __name__ == "__main__":
    react(main, [])
