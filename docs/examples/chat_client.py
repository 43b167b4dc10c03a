"""A person in the chat: what is typed is said, what others say is shown.

``python chat_client.py NAME [ROOM [URL]]``
"""

import sys

from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.stdio import StandardIO
from twisted.internet.task import react
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

from padchat_twisted.socketio import CallError, Client, Refused, connect


class Person(LineReceiver):
    """Somebody at a terminal.

    Args:
        client: in the chat's namespace.
        room: where to be.
    """

    delimiter = b"\n"

    def __init__(self, client: Client, room: str) -> None:
        self._client = client
        self._room = room
        client.on("said", lambda name, text: self.show(f"{name}: {text}"))
        client.on("entered", lambda name: self.show(f"{name} is here"))
        client.on("left", lambda name: self.show(f"{name} has left"))
        # Each time: after a lost connection the server knows nothing of us any more.
        client.on_connect(self._enter)
        client.on_disconnect(lambda reason: self.show(f"(disconnected: {reason})"))

    def show(self, text: str) -> None:
        """Write a line to the terminal."""
        print(text, flush=True)

    def lineReceived(self, line: bytes) -> None:
        """Say what was typed."""
        Deferred.fromCoroutine(self._say(line.decode(errors="replace")))

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Leave at the end of the input."""
        self._client.disconnect()

    async def _enter(self) -> None:
        names = await self._client.call("enter", self._room)
        self.show(f"in {self._room}: {', '.join(names)}")

    async def _say(self, text: str) -> None:
        try:
            await self._client.call("say", text, time_limit=10)
        except CallError as error:
            self.show(f"({error})")


async def main(
    reactor: ReactorBase,
    name: str,
    room: str = "hall",
    url: str = "http://127.0.0.1:8080",
) -> None:
    """Be in the chat until the end of the input, Ctrl-C or SIGTERM."""
    try:
        client = await connect(
            reactor,
            url,
            namespace="/chat",
            auth={"name": name},
            query=[("name", name)],
            handlers=lambda client: StandardIO(Person(client, room)),
        )
    except Refused as refused:
        sys.exit(f"not let in: {refused.message or refused.data}")
    reactor.addSystemEventTrigger("before", "shutdown", client.disconnect)
    print(await client.when_closed())


if __name__ == "__main__":
    react(main, sys.argv[1:])
