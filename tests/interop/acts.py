"""What a client and a server of Socket.IO do with each other in the matrix.

Each act is a coroutine function with a `Stage`, in which both sides can be of any make:
all of them take the same orders. It raises `Mismatch` when something else comes about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from twisted.internet.interfaces import IReactorTCP

from .json_lines import REFUSAL, REFUSAL_DATA, pack, unpack
from .peers import Line, Peer
from .relay import Relay
from .sides import WAYS, Pair

#: A key that opens the namespace, with a text that needs encoding in a query.
KEY = "open"
TEXT = "嗨 😀&=%+ #"

#: Events of a burst.
BURST = 1_000

#: Events of each side while the transport changes.
STREAM = 200

#: Bytes of what is large.
MEGABYTE = 1_000_000

#: Bytes that come in one read.
LESS = 30_000

#: Seconds of a heartbeat; python-socketio takes whole ones only.
PING_INTERVAL = 1
PING_TIMEOUT = 1


#: Reasons of a connection that broke, and of one of which nothing is heard.
_BROKEN = ("transport close", "transport error")
_UNNOTICED = (*_BROKEN, "ping timeout")


class Mismatch(Exception):
    """Something else came about than what was expected."""


def expect(found: object, wanted: object, what: str) -> None:
    """Compare.

    Raises:
        Mismatch: they differ.
    """
    if found != wanted:
        raise Mismatch(f"{what}: {_short(found)} instead of {_short(wanted)}")


def expect_one_of(found: object, wanted: tuple[object, ...], what: str) -> None:
    """Look whether it is one of several.

    Raises:
        Mismatch: it is none of them.
    """
    if found not in wanted:
        raise Mismatch(f"{what}: {_short(found)}, and none of {wanted}")


@dataclass
class Stage:
    """One act with one way of transport.

    Args:
        pair: who they are.
        way: a key of `WAYS`.
        reactor: for relays.
        client: the process of the client.
        server: that of the server.
        name: of the act, unique in both processes together with the way.
        port: of the server that serves most acts.
    """

    pair: Pair
    way: str
    reactor: IReactorTCP
    client: Peer
    server: Peer
    name: str
    port: int

    @property
    def id(self) -> str:
        """The id of the client."""
        return f"{self.way}-{self.name}"

    @property
    def setting(self) -> Literal["auto"] | int:
        """What our client is told about the revision.

        A 2.x does not look at the revision of a WebSocket, so while our client finds
        out, the server may see one more client for a moment.
        """
        if self.pair.revision == 3 and self.way == "WebSocket":
            return 3
        return self.pair.setting

    async def connect(
        self, *, port: int = 0, key: str = KEY, **options: object
    ) -> tuple[Line, Line]:
        """Connect, and return how server and client report it."""
        self.ask_to_connect(port=port, key=key, **options)
        entered = await self.server.when_event("entered", id=self.id)
        connected = await self.client.when_event("connected", id=self.id)
        return entered, connected

    async def serve(self) -> int:
        """Have a server started with a fast heartbeat; return its port."""
        fast = {"pingInterval": PING_INTERVAL, "pingTimeout": PING_TIMEOUT}
        self.server.send({"do": "serve", "id": self.id, **fast})
        port: int = (await self.server.when_event("listening", id=self.id))["port"]
        return port

    def ask_to_connect(
        self, *, port: int = 0, key: str = KEY, **options: object
    ) -> None:
        """Have the client begin to connect."""
        self.order(
            "connect",
            url=f"http://127.0.0.1:{port or self.port}",
            key=key,
            text=TEXT,
            transports=WAYS[self.way],
            revision=self.setting,
            **options,
        )

    def order(self, do: str, **fields: object) -> None:
        """Give the client an order."""
        self.client.send({"do": do, "id": self.id, **fields})

    async def call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Have the client call the server; return the answer's arguments, packed."""
        self.order("call", name=name, args=pack(arguments))
        line = await self.client.when_event("ack", id=self.id, name=name)
        return line["args"]

    async def ask(self, *arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Have the server call the client; return the answer's arguments, packed."""
        self.order("emit", name="ask", args=pack(arguments))
        return await self.heard("answered")

    async def heard(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the arguments of an event that the client heard, packed."""
        line = await self.client.when_event("heard", id=self.id, name=name)
        return line["args"]

    async def both_ways(self, *arguments: object, wanted: object = None) -> None:
        """Send values to the server and back, and from there to the client and back."""
        expected = pack(arguments) if wanted is None else wanted
        expect(await self.call("echo", *arguments), expected, "the server's answer")
        expect(await self.ask(*arguments), expected, "the client's answer")

    async def disconnect(self) -> None:
        """Have the client leave, in good order."""
        self.order("disconnect")
        await self.server.when_event("gone", id=self.id)


async def connects(stage: Stage) -> None:
    """The server learns what the client says of itself, and over which transport."""
    entered, _ = await stage.connect()
    where = "query" if stage.pair.revision == 3 else "auth"
    said = {"id": stage.id, "key": KEY, "text": TEXT}
    found = {key: entered[where].get(key) for key in said}
    expect(found, said, where)
    await stage.disconnect()


async def refused(stage: Stage) -> None:
    """Who is not let in learns why; protocol 4 has room for the data only."""
    stage.ask_to_connect(key="wrong")
    line = await stage.client.when_event("refused", id=stage.id)
    expect(line["data"], REFUSAL_DATA, "data of the refusal")
    message = "" if stage.pair.revision == 3 else REFUSAL
    expect(line["message"], message, "message of the refusal")


async def calls(stage: Stage) -> None:
    """Events and acknowledgements, with several arguments and with none."""
    await stage.connect()
    await stage.both_ways("a", 1, True, None, {"b": [1.5, {}]})
    expect(await stage.call("echo"), [], "the server's answer without arguments")
    await stage.disconnect()


async def binary(stage: Stage) -> None:
    """Bytes at any depth, several of them, empty ones too."""
    await stage.connect()
    deep = {"list": [b"\x00\xff", {"deep": bytes(range(256))}], "name": "x"}
    await stage.both_ways(deep, b"", [b"a", b"b"], "end")
    await stage.disconnect()


async def megabyte(stage: Stage) -> None:
    """A megabyte as text and as bytes."""
    await stage.connect()
    size = MEGABYTE
    if stage.pair.server.language == "python" and stage.way != "WebSocket":
        # It reads a body only as far as that has come already: python-engineio 4,
        # AsyncSocket.handle_post_request.
        size = LESS
    for value in ({"$repeat": ["é", size // 2]}, {"$repeatByte": [200, size]}):
        await stage.both_ways(value, wanted=pack(unpack([value])))
    await stage.disconnect()


async def texts(stage: Stage) -> None:
    """Texts of every kind, and halves of an emoji."""
    await stage.connect()
    await stage.both_ways(
        "😀", "\x00\x1e\x7f\u2028\ufeff", '"\\/</', "\ud83d", "\ude00x"
    )
    stage.order("emit", name="give", args=["surrogate"])
    expect(await stage.heard("given"), ["\ud83d", "\ude00x"], "the server's event")
    await stage.disconnect()


async def no_numbers(stage: Stage) -> None:
    """NaN and infinities come as null; python-socketio sends what is no JSON."""
    odd = [{"$number": "NaN"}, {"$number": "-Infinity"}, 1]
    await stage.connect()
    if stage.pair.client.language == "python":
        stage.order("call", name="echo", args=odd)
        await stage.server.when_event("gone", id=stage.id, reason="parse error")
        return
    stage.order("call", name="echo", args=odd)
    answer = await stage.client.when_event("ack", id=stage.id, name="echo")
    expect(answer["args"], [None, None, 1], "the server's answer")
    stage.order("emit", name="give", args=["nan"])
    if stage.pair.server.language == "python":
        await stage.client.when_event("disconnected", id=stage.id, reason="parse error")
        return
    expect(await stage.heard("given"), [None, None, {"deep": [None]}], "the event")
    await stage.disconnect()


async def large_ids(stage: Stage) -> None:
    """Ids above 2^53 keep their digits, but for those that JavaScript loses."""
    await stage.connect()
    ids = [2**53 + 1, 9_000_000_000_000_000_123, -(2**53) - 1]
    wanted: list[int] = list(ids)
    if "js" in (stage.pair.client.language, stage.pair.server.language):
        wanted = [9007199254740992, 9_000_000_000_000_000_000, -9007199254740992]
    await stage.both_ways(*ids, "9000000000000000123", wanted=[*wanted, f"{ids[1]}"])
    await stage.disconnect()


async def bursts(stage: Stage) -> None:
    """A thousand events at once come in order, in each direction."""
    await stage.connect()
    wanted = list(range(BURST))
    stage.order("burst", count=BURST)
    expect(await stage.call("items"), [wanted], "what the server got")
    stage.order("emit", name="burst", args=[BURST])
    line = await stage.client.when_event("items", id=stage.id)
    expect(line["items"], wanted, "what the client got")
    await stage.disconnect()


async def streams(stage: Stage) -> None:
    """Events of both sides from the first moment on, while the transport changes."""
    await stage.connect(stream=STREAM)
    wanted = list(range(STREAM))
    line = await stage.client.when_event("items", id=stage.id)
    expect(line["items"], wanted, "what the client got")
    got: list[int] = []
    while len(got) < STREAM:
        got += (await stage.call("items"))[0]
    expect(got, wanted, "what the server got")
    used = "polling" if stage.way == "polling" else "websocket"
    expect(await stage.call("transport"), [used], "the transport")
    await stage.disconnect()


async def falls_silent(stage: Stage) -> None:
    """When nothing comes any more, both sides notice in time."""
    relay = Relay(stage.reactor, await stage.serve())
    try:
        await stage.connect(port=relay.port)
        relay.is_silent = True
        reasons = [
            (await stage.client.when_event("disconnected", id=stage.id))["reason"],
            (await stage.server.when_event("gone", id=stage.id))["reason"],
        ]
        if stage.pair.client.language == "python" and reasons[0] == "transport error":
            # It calls any silence that.
            reasons[0] = "ping timeout"
        expect(reasons, ["ping timeout"] * 2, "reasons of client and server")
    finally:
        await relay.stop()


async def kicks(stage: Stage) -> None:
    """The server puts the client out."""
    await stage.connect(reconnect=True)
    stage.order("emit", name="kick")
    line = await stage.client.when_event("disconnected", id=stage.id)
    gone = await stage.server.when_event("gone", id=stage.id)
    reasons = [line["reason"], gone["reason"]]
    client, server = stage.pair.client.language, stage.pair.server.language
    wanted = ["io server disconnect", "server namespace disconnect"]
    wanted[0] = "server disconnect" if client == "python" else wanted[0]
    wanted[1] = "server disconnect" if server == "python" else wanted[1]
    expect(reasons, wanted, "reasons of client and server")


async def drops(stage: Stage) -> None:
    """The network breaks for a while; both notice, and the client comes back."""
    relay = Relay(stage.reactor, await stage.serve())
    try:
        await stage.connect(port=relay.port, reconnect=True)
        relay.cut()
        line = await stage.client.when_event("disconnected", id=stage.id)
        expect_one_of(line["reason"], _BROKEN, "reason of the client")
        # By polling there may be no connection on which the server could notice.
        line = await stage.server.when_event("gone", id=stage.id)
        expect_one_of(line["reason"], _UNNOTICED, "reason of the server")
        relay.is_cut = False
        await stage.server.when_event("entered", id=stage.id)
        await stage.client.when_event("connected", id=stage.id)
        await stage.both_ways("back")
        await stage.disconnect()
    finally:
        await relay.stop()


async def restarts(stage: Stage) -> None:
    """The server stops and starts again; the client comes back."""
    stage.server.send({"do": "serve", "id": stage.id})
    listening = await stage.server.when_event("listening", id=stage.id)
    await stage.connect(port=listening["port"], reconnect=True)
    stage.server.send({"do": "stop", "id": stage.id})
    await stage.server.when_event("stopped", id=stage.id)
    await stage.client.when_event("disconnected", id=stage.id)
    if stage.pair.server.language != "python":
        # python-socketio forgets its clients without a word.
        await stage.server.when_event("gone", id=stage.id)
    if stage.pair.client.language == "python" and stage.way == "polling":
        # It does not come back when it was told CLOSE, the last word of a poll.
        return
    stage.server.send({"do": "serve", "id": stage.id, "port": listening["port"]})
    await stage.server.when_event("entered", id=stage.id)
    await stage.client.when_event("connected", id=stage.id)
    await stage.both_ways("back")
    await stage.disconnect()


#: Every act, by what people call it.
ACTS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "connect to a namespace, with query and auth": connects,
    "refused, with data": refused,
    "events and acknowledgements": calls,
    "bytes in objects": binary,
    "a megabyte, as text and as bytes": megabyte,
    "emoji, halves of an emoji, control characters": texts,
    "NaN and infinities": no_numbers,
    "ids above 2^53": large_ids,
    "1,000 events in a burst": bursts,
    "events while the transport changes": streams,
    "silence: ping timeout on both sides": falls_silent,
    "the server puts the client out": kicks,
    "the network breaks": drops,
    "the server restarts": restarts,
}


#: Acts that do not come off with a server of a language, and why: gaps of ours.
GAPS: dict[tuple[str, str], str] = {}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:140]} ... {text[-140:]}"
