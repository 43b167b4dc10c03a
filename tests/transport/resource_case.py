"""What the tests of the resource have in common."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.engineio import EIO3, EIO4

from .http_by_hand import UPGRADE, Answer, Server, Tcp

ROOT = "/socket.io/"
POLLING = f"{ROOT}?EIO=3&transport=polling"
WEBSOCKET = f"{ROOT}?EIO=3&transport=websocket"

BOTH = frozenset({EIO3, EIO4})


class ResourceTestCase(SynchronousTestCase):
    """A server in memory."""

    def setUp(self) -> None:
        """Build it."""
        self.clock = Clock()
        self.build()

    def build(self, **options: Any) -> None:  # noqa: ANN401 - those of Server
        """Build a server with options."""
        self.server = Server(self.clock, **options)
        self.sockets = self.server.sockets

    def tearDown(self) -> None:
        """When all clients are gone, nothing is left."""
        self.sockets.drop_all()
        self.assertEqual(self.sockets.drivers, set())
        self.clock.pump((100, 100))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def opened(self, target: str = WEBSOCKET) -> Tcp:
        """Open a WebSocket."""
        tcp = self.server.connect()
        self.assertEqual(tcp.get(target, headers=UPGRADE).status, 101)
        return tcp

    def shake_hands(self, target: str = POLLING) -> str:
        """Begin a session over polling; return the URL for more of it."""
        self.assertEqual(self.server.get(target).status, 200)
        return f"{target}&sid=sid{len(self.server.served)}"


def code_of(answer: Answer) -> int:
    """Return engine.io's code of an error."""
    assert answer.header("content-type") == "application/json"
    said = json.loads(answer.body)
    assert said["message"]
    code: int = said["code"]
    return code
