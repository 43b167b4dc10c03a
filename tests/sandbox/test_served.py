"""What clients of all dialects have in common."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import LocalProtocolError, PadChatError
from padchat_twisted.sandbox.binding import Notice
from padchat_twisted.sandbox.interfaces import WorldNotice, WorldReply
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.served import Served
from padchat_twisted.sandbox.world import World
from padchat_twisted.wire.envelope import Call

from ..transport.in_memory import Recorder
from .stage import KEY, Stage


class _Driver(Recorder):
    """Notes how it is ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[str] = []

    def close(self) -> None:
        self.ends.append("closed")

    def drop(self) -> None:
        self.ends.append("dropped")

    def fail(self, error: PadChatError) -> None:
        self.ends.append(str(error))


class _Client(Served):
    """Notes what it is to send; sends nothing when ``is_full``."""

    is_full = False

    def __init__(self, stage: Stage) -> None:
        self.clock = stage.clock
        self.looks = 0
        super().__init__(_Gateway(self, stage.world))
        self.sent: list[object] = []
        self.driver = self.recorder = _Driver()

    def reply(self, call_id: int, reply: WorldReply) -> None:
        self._send((call_id, reply.success))

    def notify(self, notice: WorldNotice) -> None:
        self._send(notice.event)

    def _send(self, what: object) -> None:
        if self.is_full:
            raise LocalProtocolError("full")
        self.sent.append(what)


class _Gateway:
    """A gateway of one client."""

    trouble = None

    def __init__(self, client: _Client, world: World) -> None:
        self._client = client
        self.clock: Clock = client.clock
        self.world = world

    def accepts(self, auth_key: str) -> bool:
        return True

    def look_at_time(self) -> None:
        self._client.looks += 1


class ServedTests(SynchronousTestCase):
    """One client, without a wire."""

    def setUp(self) -> None:
        """Have a client with an account."""
        self.stage = Stage()
        self.client = _Client(self.stage)
        self.binding = self.client.bind(KEY, "bot1")
        self.account = self.stage.world.account("bot1")

    def call(self, code: str, call_id: int | None = 1, body: bytes = b"") -> None:
        """Have the client send a command."""
        body = body or f'["{code}",{{"loginType":"qrcode"}}]'.encode()
        self.client.called(Call(call_id, code, body), self.binding)

    def initialise(self) -> None:
        """Have the account ready for a login."""
        name = '"deviceName":"a","deviceUuid":"b","deviceWifiName":"c"'
        body = f'["init",{{{name},"deviceWifiMac":"d"}}]'.encode()
        self.call("init", body=body)
        self.client.sent.clear()

    def test_reply_before_events(self) -> None:
        """Events that a command causes come after its reply, and once."""
        self.initialise()
        self.call("login")
        self.assertEqual(self.client.sent, [(1, True), "qrcode", "scan"])
        self.assertEqual(self.client.looks, 2)
        self.stage.clock.advance(0)
        self.assertEqual(len(self.client.sent), 3)

    def test_without_id(self) -> None:
        """A command without id has no reply; what follows from it comes."""
        self.initialise()
        self.call("login", None)
        self.assertEqual(self.client.sent, ["qrcode", "scan"])

    def test_woken(self) -> None:
        """What happens in the world is sent in a moment, not within the call."""
        self.account.warns("in trouble")
        self.account.warns("in trouble")
        self.assertEqual(self.client.sent, [])
        self.stage.clock.advance(0)
        self.assertEqual(self.client.sent, ["warn", "warn"])

    def test_unreadable(self) -> None:
        """A command that is no JSON ends the connection."""
        self.call("init", body=b"[")
        (end,) = self.client.recorder.ends
        self.assertIn("a command that cannot be read", end)
        self.assertEqual(self.client.sent, [])

    def test_full(self) -> None:
        """A client that takes neither reply nor event is dropped."""
        self.client.is_full = True
        self.call("init")
        self.assertEqual(self.client.recorder.ends, ["dropped"])
        self.assertTrue(self.binding.is_over)

    def test_full_of_events(self) -> None:
        """The same holds for events."""
        self.client.is_full = True
        self.account.warns("in trouble")
        self.stage.clock.advance(0)
        self.assertEqual(self.client.recorder.ends, ["dropped"])
        self.assertIsNone(self.client.binding)

    def test_taken_over(self) -> None:
        """A newer connection ends it, after it was told."""
        self.stage.connect("bot1")
        self.stage.clock.advance(0)
        self.assertEqual(self.client.sent, ["close"])
        self.assertEqual(self.client.recorder.ends, ["closed"])
        self.assertIsNone(self.client.binding)

    def test_closed(self) -> None:
        """A connection that is gone holds nothing, and is not woken any more."""
        self.account.warns("in trouble")
        self.client.closed("gone", None)
        self.assertTrue(self.binding.is_over)
        self.assertEqual(self.stage.clock.getDelayedCalls(), [])
        self.client.closed("gone", None)

    def test_left_to_subclasses(self) -> None:
        """What a dialect has to do is not done here."""
        served = Served(_Gateway(self.client, self.stage.world))
        reply = Reply(True, "", {})
        self.assertRaises(NotImplementedError, served.reply, 1, reply)
        self.assertRaises(NotImplementedError, served.notify, Notice("x", ()))
