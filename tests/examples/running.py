"""What the tests of the examples share: the files, and the sandbox they run against."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import cast

from twisted.internet import reactor as installed_reactor
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.service import SandboxService
from padchat_twisted.sandbox.settings import WorldSettings

from ..children import PATIENCE, ROOT, new_folder

EXAMPLES = ROOT / "docs" / "examples"

#: What the examples give as auth key.
AUTH_KEY = "demo-key"

#: Whichever reactor the tests were started with.
reactor = cast(ReactorBase, installed_reactor)


def load(name: str) -> ModuleType:
    """Import an example as it stands; examples import each other by their names."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(EXAMPLES))


class _Get(Protocol):
    """Asks for a page and takes what comes until the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._received: list[bytes] = []
        self.finished: Deferred[str] = Deferred()

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(f"GET {self._path} HTTP/1.0\r\n\r\n".encode())

    def dataReceived(self, data: bytes) -> None:
        self._received.append(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.finished.callback(b"".join(self._received).decode())


class ExampleTestCase(TestCase):
    """A test with the sandbox gateway on a free port and a place for a web page.

    Attributes:
        sandbox: scans and confirms each code at once.
        web: description of an endpoint for a web page, new for each test.
    """

    timeout = PATIENCE

    def setUp(self) -> None:
        """Start the sandbox."""
        self.folder = new_folder(self)
        # The path of a socket has room for some 100 characters.
        sockets = tempfile.TemporaryDirectory(prefix="padchat-")
        self.addCleanup(sockets.cleanup)
        self._socket = Path(sockets.name) / "web"
        self.web = f"unix:{self._socket}"
        self.sandbox = SandboxService(
            reactor, port=0, auth_keys=[AUTH_KEY], auto_scan=True
        )
        self.sandbox.world.settings = WorldSettings(auto_scan_seconds=0.0)
        self.sandbox.startService()
        self.addCleanup(self.sandbox.stopService)

    @property
    def alice(self) -> Person:
        """Who writes to the bots."""
        return self.sandbox.world.person("alice")

    def all_answered(self, text: str, names: Collection[str]) -> Deferred[None]:
        """Return a Deferred that fires when each account has written *text*."""
        missing = set(names)
        finished: Deferred[None] = Deferred()

        def message_sent(message: Message) -> None:
            sender = message.sender
            if isinstance(sender, Person) and sender.account is not None:
                if message.content == text:
                    missing.discard(sender.account.name)
                if not missing and not finished.called:
                    finished.callback(None)

        self.addCleanup(self.sandbox.world.on_message(message_sent))
        return finished

    async def page(self) -> str:
        """Fetch the page that is served at ``web``, with its headers."""
        endpoint = UNIXClientEndpoint(reactor, str(self._socket))
        get: _Get = await connectProtocol(endpoint, _Get("/"))
        return await get.finished
