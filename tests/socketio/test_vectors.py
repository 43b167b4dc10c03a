"""A recorded session, played to our client: connection state recovery.

The server's messages are those of the recording; what the client sends is compared with
what socket.io-client 4.8 sent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.socketio import Client
from padchat_twisted.socketio.link import ServerLink

from ..transport.by_hand import TEXT, answer_upgrade, frame, read_frames
from ..transport.in_memory import MemoryTransport
from .stage import PLACE

VECTORS = Path(__file__).parent.parent / "vectors"


@implementer(IStreamClientEndpoint)
class ByHand:
    """Leads to a server that says what the test says."""

    def __init__(self) -> None:
        self.protocol: Any = None
        self.transport = MemoryTransport()

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect, and open the WebSocket at once."""
        self.protocol = factory.buildProtocol(None)  # type: ignore[arg-type] # no address is needed
        self.transport = MemoryTransport()
        self.protocol.makeConnection(self.transport)
        self.protocol.dataReceived(answer_upgrade(self.transport.taken()))
        connected: Deferred[IProtocol] = succeed(self.protocol)
        return connected

    def says(self, text: str) -> None:
        """Send a text."""
        self.protocol.dataReceived(frame(TEXT, text.encode()))

    def heard(self) -> list[str]:
        """Take the texts that the client sent."""
        frames = read_frames(self.transport.taken())
        return [frame.payload.decode() for frame in frames if frame.opcode == TEXT]

    def lose(self) -> None:
        """Break the connection."""
        self.transport.disconnecting = True
        self.transport.disconnected = True
        self.transport.finish(self.protocol)


class RecoveryTests(SynchronousTestCase):
    """Vector eio4-ws-state-recovery."""

    def test_recovered(self) -> None:
        """The session is asked for again, and what was missed comes."""
        steps = json.loads((VECTORS / "eio4-ws-state-recovery.json").read_text())[
            "steps"
        ]
        clock, server = Clock(), ByHand()
        link = ServerLink(clock, PLACE, server, revision=4, transports=("websocket",))
        client = Client(
            clock, link, namespace="/user", retry_policy=lambda attempt: 1.0
        )
        heard: list[Any] = []
        recovered: list[bool] = []
        client.on("e", lambda *arguments: heard.append(arguments))
        client.on_connect(lambda: recovered.append(client.namespace.is_recovered))
        client.start()
        sent: list[str] = []
        for step in steps:
            if step["kind"] == "note":
                server.lose()
                clock.advance(1)
            elif step["kind"] == "ws-text" and step["dir"] == "s2c":
                server.says(step["text"])
                sent += server.heard()
        client.disconnect()
        sent += server.heard()
        self.assertEqual(
            sent,
            [
                step["text"]
                for step in steps
                if step["kind"] == "ws-text" and step["dir"] == "c2s"
            ],
        )
        self.assertEqual(heard, [("one",), ("missed",), ("after",)])
        self.assertEqual(recovered, [False, True])
        server.lose()
        self.assertEqual(clock.getDelayedCalls(), [])
