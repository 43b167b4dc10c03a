"""A control socket, and who asks it."""

from __future__ import annotations

import json
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from padchat_twisted.service.asking import ask
from padchat_twisted.service.control import CallRequest, ControlSocket
from padchat_twisted.service.outcomes import Outcome
from padchat_twisted.service.sockets import SocketName, socket_path
from padchat_twisted.session.account import AccountSession

from .stage import StageCase, real_reactor

URL = "http://gateway.invalid/user"

HI = {"toUserName": "filehelper", "content": "a message"}


class Asking(Protocol):
    """Sends a request, and takes what comes until the end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._answer = b""
        self.answered: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        """Send it."""
        assert self.transport is not None
        self.transport.write(self._content)

    def dataReceived(self, data: bytes) -> None:
        """Take a piece of the answer."""
        self._answer += data

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Tell what came."""
        self.answered.callback(self._answer)


class FakeAccount:
    """An account that is called once; the call ends as a test says.

    Attributes:
        ended: what the call gives.
        called: the command, with its time limit.
        when_called: fires with the call.
    """

    name = "one"
    state = "ready"
    user_name = "wxid_one"

    def __init__(self, ended: Deferred[Any] | None = None) -> None:
        self.ended: Deferred[Any] = ended or Deferred()
        self.called: list[object] = []
        self.when_called: Deferred[None] = Deferred()

    def call(
        self, command: object, *, time_limit: float | None, key: str | None
    ) -> Deferred[Any]:
        """Take a call."""
        self.called.append((command, time_limit))
        self.when_called.callback(None)
        return self.ended


class ControlCase(StageCase):
    """Has a folder, with a control socket in it."""

    def setUp(self) -> None:
        """Make the folder."""
        super().setUp()
        self.path = socket_path(self.folder / "padchat.sqlite")

    def open_control(self, account: FakeAccount) -> ControlSocket:
        """Open the socket for one account."""
        accounts = {"one": cast(AccountSession, account)}
        opened = ControlSocket(real_reactor(), self.path, URL, "fingerprint", accounts)
        opened.open()

        async def close() -> None:
            await opened.close()
            opened.drop_clients()

        self.addCleanup(close)
        return opened

    async def begin(self, content: bytes) -> Asking:
        """Connect, and send a request."""
        name = SocketName(self.path)
        self.addCleanup(name.close)
        endpoint = UNIXClientEndpoint(real_reactor(), name.text)
        asking: Asking = await connectProtocol(endpoint, Asking(content))
        return asking

    async def request(
        self, body: bytes, path: str = "/call", method: str = "POST"
    ) -> tuple[int, Any]:
        """Ask by hand; return status and JSON of the answer."""
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        asking = await self.begin(head.encode() + body)
        head_of_answer, _, content = (await asking.answered).partition(b"\r\n\r\n")
        found = json.loads(content) if content[:1] == b"{" else content
        return int(head_of_answer.split()[1]), found

    async def ask(self, account: str = "one", **options: Any) -> Outcome:  # noqa: ANN401
        """Ask as `padchat call` does."""
        options = {"command": "sendMsg", "params": HI, **options}
        request = CallRequest(account=account, **options)
        outcome = await ask(real_reactor(), self.path, request)
        assert outcome is not None
        return outcome
