"""Who talks with whom in the matrix, and how each side is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from twisted.internet.interfaces import IReactorProcess, IReactorTime

from .peers import INTEROP, Peer


@dataclass(frozen=True)
class Side:
    """A client or a server.

    Args:
        name: what people call it.
        language: ``ours``, ``js`` or ``python``.
        command: the script or module, and its arguments.
        revision: of Engine.IO that it is spoken to in; 0 for that of the other.
        is_chosen: whether it speaks others too, so that our client must be told.
    """

    name: str
    language: str
    command: tuple[str, ...]
    revision: int
    is_chosen: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is what is tested."""
        return self.language == "ours"


OUR_CLIENT = Side("our client", "ours", ("our_client",), 0)
OUR_SERVER = Side("our server", "ours", ("our_server",), 0)

SERVERS = (
    Side("socket.io 2.5.1", "js", ("socketio_server.js", "--release", "2"), 3),
    Side("socket.io 4.8.4", "js", ("socketio_server.js",), 4),
    Side(
        "socket.io 4.8.4, allowEIO3",
        "js",
        ("socketio_server.js", "--allow-eio3"),
        3,
        is_chosen=True,
    ),
    Side("python-socketio 5.18.1", "python", ("python_socketio_server",), 4),
)

CLIENTS = (
    Side(
        "socket.io-client 2.5.0",
        "js",
        ("socketio_client.js", "--release", "2"),
        3,
    ),
    Side("socket.io-client 4.8.4", "js", ("socketio_client.js",), 4),
    Side("python-socketio 5.18.1", "python", ("python_socketio_client",), 4),
)

#: Ways to transport, by what people call them.
WAYS: dict[str, tuple[str, ...]] = {
    "polling": ("polling",),
    "WebSocket": ("websocket",),
    "upgrade": ("polling", "websocket"),
}


@dataclass(frozen=True)
class Pair:
    """A client and a server.

    Args:
        client: one side.
        server: the other.
    """

    client: Side
    server: Side

    @property
    def other(self) -> Side:
        """The side that is not ours."""
        return self.server if self.client.is_ours else self.client

    @property
    def title(self) -> str:
        """What people call it."""
        role = "server" if self.client.is_ours else "client"
        return f"{self.other.name} ({role})"

    @property
    def revision(self) -> int:
        """The revision of Engine.IO that they speak with each other."""
        return self.other.revision

    @property
    def setting(self) -> Literal["auto"] | int:
        """What our client is told about the revision."""
        return self.revision if self.other.is_chosen else "auto"


PAIRS = (
    *(Pair(OUR_CLIENT, server) for server in SERVERS),
    *(Pair(client, OUR_SERVER) for client in CLIENTS),
)


def start_side(
    reactor: IReactorProcess, side: Side, node: Callable[[], str], *more: str
) -> Peer:
    """Run a side as a process of its own.

    Args:
        reactor: what runs it and, as `IReactorTime`, limits the waiting.
        side: which one.
        node: gives the path of node; called when it is needed.
        more: further arguments of its command line.
    """
    script, *arguments = side.command
    peer = Peer(IReactorTime(reactor), side.name)
    root = INTEROP.parent.parent
    if side.language == "js":
        command = [node(), str(INTEROP / script), *arguments, *more]
        env: dict[str, str] = {}
    else:
        command = [sys.executable, "-m", f"tests.interop.{script}", *arguments, *more]
        # The packages that the tests see, and nothing else of the environment.
        paths = os.pathsep.join([str(root), *filter(None, sys.path)])
        env = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    reactor.spawnProcess(peer, command[0], command, env=env, path=str(root))
    return peer
