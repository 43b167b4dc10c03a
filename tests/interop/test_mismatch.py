"""Clients and servers of different revisions say what is wrong, and at once."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import TestCase

from .acts import KEY, TEXT
from .peers import PATIENCE, Line, Peer, real_reactor, require_node
from .sides import CLIENTS, OUR_CLIENT, OUR_SERVER, SERVERS, WAYS, Side, start_side
from .test_matrix import require

#: Where errors of ours begin; then comes what was answered, then what to do.
_HEAD = (
    "no connection to 127.0.0.1:{port} (Engine.IO): it speaks another revision of"
    " Engine.IO: revision "
)

_BODY = _HEAD + (
    '4 was answered with a body of the other revision; set revision to 3 or "auto"'
)

#: What our client says to servers that do not speak its revision, by way.
FROM_4_TO_2X = {
    "polling": _BODY,
    "WebSocket": _HEAD
    + (
        '4 was answered with "a connect packet without sid; the server seems to be a'
        ' socket.io 2.x, which speaks Engine.IO 3"; set revision to 3 or "auto"'
    ),
    "upgrade": _BODY,
}
_CODE_5 = '{"code":5,"message":"Unsupported protocol version"}'
_TO_4 = _HEAD + '3 was answered with HTTP 400 {answer}; set revision to 4 or "auto"'
_UNSUPPORTED = "Unsupported protocol version"
FROM_3_TO_4X = {"polling": _CODE_5, "WebSocket": _UNSUPPORTED, "upgrade": _CODE_5}

#: What clients of others say of our server, by way; older ones hide its answer.
FROM_2X_TO_US = {
    "polling": "xhr poll error: 400",
    "WebSocket": "websocket error: Unexpected server response: 400",
    "upgrade": "xhr poll error: 400",
}
FROM_4X_TO_US = {
    "polling": f"xhr poll error: {_CODE_5}",
    "WebSocket": "websocket error: Unexpected server response: 400",
    "upgrade": f"xhr poll error: {_CODE_5}",
}


class MismatchCase(TestCase):
    """Clients that connect, or do not."""

    timeout = 3 * PATIENCE

    def start(self, side: Side, *more: str) -> Peer:
        """Run a side until the test ends."""
        require(self, side)
        peer = start_side(real_reactor(), side, lambda: require_node(self), *more)
        self.addCleanup(peer.stop)
        return peer

    async def serve(self, side: Side, *more: str) -> int:
        """Run a server; return its port."""
        server = self.start(side, *more)
        server.send({"do": "serve", "id": "main"})
        port: int = (await server.when_event("listening", id="main"))["port"]
        return port

    async def outcome(
        self, client: Peer, port: int, way: str, **options: object
    ) -> Line:
        """Have a client connect; return its report."""
        name = f"{port}-{way}-{options}"
        client.send(
            {
                "do": "connect",
                "id": name,
                "url": f"http://127.0.0.1:{port}",
                "key": KEY,
                "text": TEXT,
                "transports": WAYS[way],
                **options,
            }
        )
        events = ("connected", "failed", "refused")
        return await client.when(
            lambda line: line.get("id") == name and line["event"] in events
        )


class OurClientTests(MismatchCase):
    """Our client says what was tried, what was answered, and what to set."""

    async def check_connected(self, side: Side, settings: Sequence[object]) -> None:
        """Our client connects by each way with each setting."""
        port = await self.serve(side)
        client = self.start(OUR_CLIENT)
        for setting in settings:
            for way in WAYS:
                line = await self.outcome(client, port, way, revision=setting)
                self.assertEqual(line["event"], "connected", (setting, way, line))

    async def test_right_revision(self) -> None:
        """The server's own revision connects, and so does finding it out."""
        await self.check_connected(SERVERS[0], (3, "auto"))
        await self.check_connected(SERVERS[1], (4, "auto"))
        await self.check_connected(SERVERS[2], (3, 4, "auto"))

    async def test_4_to_2x(self) -> None:
        """Revision 4 at a 2.x ends in an error that says to set 3."""
        port = await self.serve(SERVERS[0])
        client = self.start(OUR_CLIENT)
        for way, text in FROM_4_TO_2X.items():
            line = await self.outcome(client, port, way, revision=4)
            self.assertEqual(line["event"], "failed")
            self.assertEqual(line["text"], text.format(port=port))

    async def test_3_to_4x(self) -> None:
        """Revision 3 at a 4.x ends in an error that says to set 4."""
        port = await self.serve(SERVERS[1])
        client = self.start(OUR_CLIENT)
        for way, answer in FROM_3_TO_4X.items():
            line = await self.outcome(client, port, way, revision=3)
            self.assertEqual(line["event"], "failed")
            self.assertEqual(line["text"], _TO_4.format(port=port, answer=answer))


class OurServerTests(MismatchCase):
    """Our server answers clients of the other revision at once."""

    async def check(self, side: Side, revisions: str, texts: dict[str, str]) -> None:
        """Clients connect by each way, or fail with these texts."""
        port = await self.serve(OUR_SERVER, *revisions)
        client = self.start(side)
        for way in WAYS:
            line = await self.outcome(client, port, way)
            wanted = texts.get(way)
            self.assertEqual(line["event"], "failed" if wanted else "connected")
            self.assertEqual(line.get("text"), wanted)

    async def test_right_revision(self) -> None:
        """Clients of the server's revision, or of one of two, connect."""
        await self.check(CLIENTS[0], "3", {})
        await self.check(CLIENTS[0], "34", {})
        await self.check(CLIENTS[1], "4", {})
        await self.check(CLIENTS[1], "34", {})

    async def test_2x_to_4(self) -> None:
        """A 2.x client is refused by a server of revision 4 alone."""
        await self.check(CLIENTS[0], "4", FROM_2X_TO_US)

    async def test_4x_to_3(self) -> None:
        """A 4.x client is refused by a server of revision 3 alone, and told why."""
        await self.check(CLIENTS[1], "3", FROM_4X_TO_US)

    async def test_python_to_3(self) -> None:
        """A client of python-socketio is refused too, and told why by polling."""
        port = await self.serve(OUR_SERVER, "3")
        client = self.start(CLIENTS[2])
        for way in WAYS:
            line = await self.outcome(client, port, way)
            found = line.get("message"), line.get("text")
            wanted: tuple[str | None, str | None] = (_UNSUPPORTED, None)
            if way == "WebSocket":
                wanted = (None, "Connection error ['Connection error']")
            self.assertEqual(found, wanted)
