"""picows on uvloop: about the least that a client in Python can cost.

No product code: Engine.IO and Socket.IO are framed by hand, for one namespace and
without checks, over a WebSocket written in Cython, with msgspec for the JSON.

Source: engine.io-protocol v4 and socket.io-protocol v5 (open, CONNECT, EVENT, ACK,
ping from the server).
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec

from tests.bench.client import (
    Assignment,
    CPUWindow,
    IdleMemory,
    Measure,
    batches,
    load_workload,
    report,
)

WORKLOAD = load_workload()
NAMESPACE = WORKLOAD["namespace"].encode()
CONNECT = b"40%b," % NAMESPACE
EVENT = b"42%b," % NAMESPACE
ACK = b"43%b," % NAMESPACE


class Sent(msgspec.Struct, gc=False, rename="camel"):
    """Data of the reply."""

    msg_id: str
    status: int


class Reply(msgspec.Struct, gc=False):
    """Argument of the acknowledgement."""

    success: bool
    msg: str
    data: Sent


class Message(msgspec.Struct, gc=False, rename="camel"):
    """A pushed message."""

    msg_id: str
    msg_type: int
    from_user: str
    to_user: str
    content: str
    description: str
    msg_source: str
    timestamp: int
    status: int
    uin: int


class Push(msgspec.Struct, gc=False):
    """Argument of the event ``push``."""

    messages: list[Message] = msgspec.field(name="list")


write = msgspec.json.Encoder().encode
read_reply = msgspec.json.Decoder(tuple[Reply]).decode
read_push = msgspec.json.Decoder(tuple[str, Push]).decode


class HandFramed:
    """One connection: frames in by ``receive``, frames out by ``send``."""

    def __init__(self) -> None:
        """Start without a transport: ``send`` is set when there is one."""
        self.send: Callable[[bytes], object] = bytes
        self.on_connected: Callable[[None], object] = repr
        self.on_push: Callable[[Push], object] = repr
        self._replies: dict[int, Callable[[Reply], object]] = {}
        self._next_ack_id = 0

    def call(
        self, name: str, parameters: object, on_reply: Callable[[Reply], object]
    ) -> None:
        """Send an event that asks for an acknowledgement."""
        ack_id = self._next_ack_id
        self._next_ack_id = ack_id + 1
        self._replies[ack_id] = on_reply
        self.send(b"%b%d%b" % (EVENT, ack_id, write([name, parameters])))

    def emit(self, name: str) -> None:
        """Send an event without arguments, which nobody answers."""
        self.send(b"%b%b" % (EVENT, write([name])))

    def receive(self, frame: bytes) -> None:
        """Take one text frame."""
        if frame.startswith(ACK):
            start = frame.index(b"[")
            on_reply = self._replies.pop(int(frame[len(ACK) : start]))
            on_reply(read_reply(frame[start:])[0])
        elif frame.startswith(EVENT):
            self.on_push(read_push(frame[len(EVENT) :])[1])
        elif frame == b"2":
            self.send(b"3")
        elif frame.startswith(b"0"):
            self.send(CONNECT)
        elif frame.startswith(CONNECT):
            self.on_connected(None)


def check_reply(reply: Reply) -> None:
    """Refuse an acknowledgement that is no success: the figure would mean nothing.

    Raises:
        RuntimeError: the server did not get the command of workload.json.
    """
    if not reply.success:
        raise RuntimeError(f"the server refused the command: {reply.msg}")


def listener_class(picows: ModuleType) -> type:
    """Make the picows listener that feeds a connection.

    The class is made at run time because picows is in requirements.txt of this
    folder and not in the environment that mypy sees.
    """
    text = picows.WSMsgType.TEXT

    def initialise(self: Any, connection: HandFramed) -> None:  # noqa: ANN401 - made
        self.connection = connection

    def connected(self: Any, transport: Any) -> None:  # noqa: ANN401 - see above
        self.connection.send = lambda frame: transport.send(text, frame)

    def framed(self: Any, transport: Any, frame: Any) -> None:  # noqa: ANN401
        if frame.msg_type == text:
            self.connection.receive(frame.get_payload_as_bytes())

    methods = {
        "__init__": initialise,
        "on_ws_connected": connected,
        "on_ws_frame": framed,
    }
    return type("Listener", (picows.WSListener,), methods)


class Peer:
    """picows, imported once, and how to connect with it."""

    def __init__(self, port: int) -> None:
        """Import picows."""
        self._picows = importlib.import_module("picows")
        self._listener = listener_class(self._picows)
        self._port = port

    async def connect(self, name: str) -> HandFramed:
        """Open one connection in the name of an account."""
        connection = HandFramed()
        connected = asyncio.get_running_loop().create_future()
        connection.on_connected = connected.set_result
        query = f"authKey={WORKLOAD['auth_key']}&name={name}&EIO=4&transport=websocket"
        url = f"ws://127.0.0.1:{self._port}/socket.io/?{query}"
        await self._picows.ws_connect(lambda: self._listener(connection), url)
        await connected
        return connection


async def commands(assignment: Assignment[Measure]) -> float:
    """CPU time per command with reply, in microseconds."""
    connection = await Peer(assignment.port).connect("bench")
    finished = asyncio.Event()
    window = CPUWindow(assignment, finished.set)
    left = assignment.total
    to_user_name = WORKLOAD["command"]["toUserName"]
    content = WORKLOAD["command"]["content"]

    def call() -> None:
        nonlocal left
        if left:
            left -= 1
            parameters = {"toUserName": to_user_name, "content": content, "atList": []}
            connection.call("sendMsg", parameters, replied)

    def replied(reply: Reply) -> None:
        check_reply(reply)
        window.tick()
        call()

    for _ in range(WORKLOAD["in_flight"]):
        call()
    await finished.wait()
    return window.figure()


async def pushes(assignment: Assignment[Measure]) -> float:
    """CPU time per pushed message, in microseconds."""
    connection = await Peer(assignment.port).connect("bench")
    finished = asyncio.Event()
    window = CPUWindow(assignment, finished.set)
    length = len(WORKLOAD["push"]["list"][0]["content"])

    def on_push(push: Push) -> None:
        for message in push.messages:
            if len(message.content) != length:
                raise RuntimeError("not the push of workload.json")
            window.tick()

    connection.on_push = on_push
    trigger = {
        "toUserName": WORKLOAD["push_trigger"],
        "content": str(assignment.total),
        "atList": [],
    }
    connection.call("sendMsg", trigger, check_reply)
    await finished.wait()
    return window.figure()


async def idle(assignment: Assignment[Measure]) -> float:
    """Resident memory per idle connection, in KiB."""
    peer = Peer(assignment.port)
    connections = [await peer.connect("first")]
    await asyncio.sleep(WORKLOAD["settle_seconds"])
    memory = IdleMemory()
    for batch in batches(WORKLOAD, assignment.operations):
        connections += await asyncio.gather(
            *(peer.connect(f"idle-{number}") for number in batch)
        )
    await asyncio.sleep(WORKLOAD["settle_seconds"])
    return memory.figure(assignment.operations)


def main() -> None:
    """Do the assignment of the command line."""
    assignment = Assignment.from_arguments(sys.argv[1:])
    work = {"command": commands, "push": pushes, "idle": idle}[assignment.measure]
    figure = importlib.import_module("uvloop").run(work(assignment))
    report(assignment, figure, "picows", "uvloop", "msgspec")


if __name__ == "__main__":
    main()
