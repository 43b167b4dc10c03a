"""A world of a few lines behind the gateway, in each dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import SendMsg
from padchat_twisted.errors import CallRejected, NeedsHuman
from padchat_twisted.sandbox.binding import Notice
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.responders import Reply
from padchat_twisted.sandbox.server import SandboxGateway
from padchat_twisted.transport.site import BoundedSite

from ..transport.network import MemoryNetwork
from .gateway_stage import GatewayStage

#: Where our accounts connect, by dialect.
URLS = {
    "socketio": "http://sandbox.invalid:8080/user",
    "legacy": "ws://sandbox.invalid:8080/ws",
    "sdk": "ws://sandbox.invalid:8080",
}

#: Long enough for what is done in a moment (seconds).
INSTANT = 0.001

#: Whom the world refuses.
NOBODY = "nobody"


class EchoBinding:
    """Logs in whoever asks, and sends each text back."""

    state = 0
    is_over = False
    is_running = False
    fetches_news = False

    def __init__(self, wake: Callable[[], None]) -> None:
        self.device: dict[str, str] = {}
        self.wake = wake
        self.waiting: list[Notice] = []

    def respond(self, code: str, params: object) -> Reply:
        """Answer every command alike."""
        if code == "login":
            self.waiting += [Notice("login", ({},)), Notice("loaded", ({},))]
        if code == "sendMsg" and isinstance(params, dict):
            if params["content"] == "":
                return Reply(False, "there is nothing to send back", {})
            item = {"msgId": "2", "msgType": 1, "fromUser": params["toUserName"]}
            item |= {"toUser": "wxid_me", "content": params["content"]}
            self.waiting.append(Notice("push", ({"list": [item]},)))
        data = {"deviceData": "data", "token": "token", "msgId": "1", "status": 0}
        return Reply(True, "", data)

    def resume(self) -> dict[str, object]:
        """No task of this world runs."""
        return {}

    def take_notices(self) -> Iterator[Notice]:
        """Give what waits."""
        while self.waiting:
            yield self.waiting.pop(0)

    def detach(self) -> None:
        """Be over."""
        self.is_over = True


class EchoWorld:
    """Where nobody lives."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.bindings: list[EchoBinding] = []
        self.ticks = 0
        self._clock = clock
        self._deadline: float | None = clock() + 10

    def attach(self, auth_key: str, name: str, wake: Callable[[], None]) -> EchoBinding:
        """Take anybody but one."""
        if auth_key == NOBODY:
            raise Refused("not in this world")
        self.bindings.append(EchoBinding(wake))
        return self.bindings[-1]

    def find_code(self, code_id: str) -> None:
        """There are no codes."""

    def next_deadline(self) -> float | None:
        """Wait for one tick."""
        return self._deadline

    def tick(self) -> None:
        """Count."""
        self.ticks += 1
        self._deadline = None

    def random_hex(self, size: int) -> str:
        """Give zeros."""
        return "00" * size


class EchoStage(GatewayStage):
    """A gateway before that world."""

    def _serve(self) -> None:
        self.echo = EchoWorld(self.clock.seconds)
        self.gateway = SandboxGateway(self.clock, self.echo)
        site = BoundedSite(self.gateway.resource(), reactor=self.clock)
        self.network = MemoryNetwork(site, self.clock)


class OtherWorldTests(SynchronousTestCase):
    """The gateway needs no more of a world than the interface says."""

    def setUp(self) -> None:
        """Serve it."""
        self.stage = EchoStage()

    def test_served(self) -> None:
        """An account logs in, is answered, refused and pushed to, in each dialect."""
        for dialect, url in URLS.items():
            account = self.stage.account(url=url)
            self.assertEqual(account.state, "ready", dialect)
            sent = account.session.call(SendMsg("wxid_you", "hello"))
            self.stage.flush()
            self.assertEqual(self.successResultOf(sent).msg_id, "1")
            self.assertEqual(account.texts, ["hello"])
            refused = account.session.call_raw(
                "sendMsg", {"toUserName": "wxid_you", "content": ""}
            )
            self.stage.flush()
            refusal = self.failureResultOf(refused, CallRejected).value
            self.assertIn("nothing to send back", str(refusal))
            account.close()
            self.assertTrue(self.stage.echo.bindings[-1].is_over)

    def test_wakes(self) -> None:
        """What the world says unasked is sent when it calls ``wake``."""
        account = self.stage.account()
        binding = self.stage.echo.bindings[-1]
        item = {"msgId": "3", "msgType": 1, "fromUser": "wxid_you"}
        item |= {"toUser": "wxid_me", "content": "unasked"}
        binding.waiting.append(Notice("push", ({"list": [item]},)))
        binding.wake()
        self.stage.wait(INSTANT)
        self.assertEqual(account.texts, ["unasked"])

    def test_is_over(self) -> None:
        """A binding that is over is disconnected from."""
        account = self.stage.account()
        binding = self.stage.echo.bindings[-1]
        binding.is_over = True
        binding.wake()
        self.stage.wait(INSTANT)
        self.assertNotEqual(account.state, "ready")
        account.close()

    def test_refused(self) -> None:
        """Whom the world refuses is not let in, and is told why."""
        account = self.stage.account(key=NOBODY)
        ready = account.session.when_ready()
        problem = self.failureResultOf(ready, NeedsHuman).value
        self.assertIn("not in this world", str(problem))
        account.close()

    def test_time(self) -> None:
        """The world is called at its deadline."""
        self.stage.wait(9)
        self.assertEqual(self.stage.echo.ticks, 0)
        self.stage.wait(1)
        self.assertEqual(self.stage.echo.ticks, 1)

    def test_no_code(self) -> None:
        """A code that the world does not know has no page."""
        status, _, _ = self.stage.get("/x/1")
        self.assertEqual(status, 404)
