"""One side of a namespace: what both sides do alike."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred

from padchat_twisted.errors import BufferFull, NotSent, OutcomeUnknown
from padchat_twisted.socketio import Client, Socket

from .stage import StageCase


def calls_of(side: Client | Socket) -> int:
    """Return how many calls of one side are in flight."""
    return (side.namespace if isinstance(side, Client) else side).calls_in_flight


class EmitterTests(StageCase):
    """Both a client's namespace and a server's socket, over one connection."""

    def setUp(self) -> None:
        """Let a client in that answers what it is asked."""
        self.stage = self.make_stage()
        self.chat = self.stage.server.namespace("/chat")
        self.chat.on("echo", lambda socket, *arguments: arguments)
        self.chat.on("never", lambda socket: Deferred())
        self.client: Client = self.stage.client(
            handlers=lambda client: client.on("echo", lambda *arguments: arguments)
        )
        self.client.on("never", lambda: Deferred())
        (self.socket,) = self.chat.sockets.values()
        self.sides: list[Client | Socket] = [self.client, self.socket]

    def test_arguments_both_ways(self) -> None:
        """What JSON and attachments hold comes back the same, in both directions."""
        values = [1, None, "emoji 😀", {"deep": [b"\x00\xff", {"b": b""}]}, [1.5, True]]
        for side in self.sides:
            asked = side.call("echo", *values)
            self.stage.flush()
            self.assertEqual(self.successResultOf(asked), tuple(values))

    def test_one_answer_and_none(self) -> None:
        """One argument comes back as itself, none as None."""
        for side in self.sides:
            asked = [side.call("echo", [1]), side.call("echo")]
            self.stage.flush()
            self.assertEqual([self.successResultOf(one) for one in asked], [[1], None])

    def test_lone_surrogate(self) -> None:
        """A text that was cut within an emoji comes through as it is."""
        for side in self.sides:
            asked = side.call("echo", "cut \ud83d")
            self.stage.flush()
            self.assertEqual(self.successResultOf(asked), "cut \ud83d")

    def test_cancelled(self) -> None:
        """A call that left is unknown when it is cancelled, and its answer ignored."""
        for side in self.sides:
            asked = side.call("echo", 1)
            self.assertEqual(calls_of(side), 1)
            asked.cancel()
            self.failure_of(asked, OutcomeUnknown)
            self.assertEqual(calls_of(side), 0)
        self.stage.flush()

    def test_what_waits_for_the_transport(self) -> None:
        """A call whose bytes wait here is surely not sent, when it is cancelled."""
        self.stage.network.wires[0].ends[1].fill()
        asked, late = self.client.call("echo", 1), self.client.call("echo", 2)
        asked.cancel()
        self.failure_of(asked, CancelledError)
        self.stage.cut()
        self.failure_of(late, NotSent)

    def test_buffer_full(self) -> None:
        """Beyond the bound nothing is kept, and the caller knows."""
        self.stage.network.wires[0].ends[1].fill()
        text = "x" * 40_000
        self.client.emit("echo", text)
        error = self.assertRaises(NotSent, self.client.emit, "echo", text)
        self.assertIsInstance(error.__cause__, BufferFull)
        self.failure_of(self.client.call("echo", text), NotSent)
        self.client.emit("echo", text, volatile=True)
        self.assertTrue(self.client.is_connected)

    def test_connection_lost(self) -> None:
        """A call that left has an unknown outcome when the connection is lost."""
        asked = [side.call("never") for side in self.sides]
        self.stage.flush()
        self.stage.cut()
        for one in asked:
            self.failure_of(one, OutcomeUnknown)
        self.assertRaises(NotSent, self.client.emit, "echo")
        self.failure_of(self.client.call("echo"), NotSent)

    def test_burst(self) -> None:
        """A thousand events of a burst come in order."""
        heard: list[int] = []
        self.chat.on("n", lambda socket, number: heard.append(number))
        for number in range(1000):
            self.client.emit("n", number)
        self.stage.flush()
        self.assertEqual(heard, list(range(1000)))
