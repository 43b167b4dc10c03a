"""An echo server for the tests that use the reactor and real sockets.

It is apart from ``served.py``, which installs no reactor.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from padchat_twisted.wire.engineio import Revision

from .served import EchoServer

#: The reactor, as the several interfaces that it is.
reactor: Any = _reactor


class EchoServerCase(TestCase):
    """Has an echo server, which each test listens for in its own way."""

    timeout = 20

    #: What the server speaks.
    revisions: frozenset[Revision] = frozenset({3})

    def setUp(self) -> None:
        """Build the server."""
        self.server = EchoServer(reactor, revisions=self.revisions)
        self.ports: list[IListeningPort] = []
        self.addCleanup(self.clean_up)

    async def clean_up(self) -> None:
        """Nothing of the server is left; trial looks for what is left of the client."""
        self.server.sockets.drop_all()
        for port in self.ports:
            await maybeDeferred(port.stopListening)
        # Connections that were dropped end in the reactor's next turns.
        for _ in range(3):
            await deferLater(reactor, 0)
        self.assertEqual(self.server.sockets.drivers, set())
