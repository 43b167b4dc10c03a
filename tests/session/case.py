"""An account at a fake gateway, with a watch on its states, timers and logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock
from twisted.logger import (
    ILogObserver,
    LogEvent,
    eventAsText,
    globalLogPublisher,
)
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.catalogue import Dialect
from padchat_twisted.errors import NotSent, PadChatError
from padchat_twisted.interfaces import AccountKey, AccountRecord
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.endurance import UNWATCHED
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnection, FakeConnector, RecordedHandler

#: What no log may hold; every test that uses them is looked at.
TOKEN = "c2VjcmV0LXRva2Vu"
DEVICE_DATA = "62706c6973745ec7e7"
TEXT = "a text that is nobody's business"
SECRETS = (TOKEN, DEVICE_DATA, TEXT)

USER_NAME = "wxid_bot"

#: What a limit is tested at the edge with (seconds): exact in binary.
INSTANT = 2.0**-10

DEVICE = {
    "deviceName": "An iPad",
    "deviceUuid": "00000000-0000-4000-8000-00000000ABCD",
    "deviceWifiName": "A Wi-Fi",
    "deviceWifiMac": "02:00:00:00:00:01",
}


def retry_policy(attempt: int) -> float:
    """Wait ten seconds more before each attempt."""
    return 10.0 * attempt


@implementer(ILogObserver)
class LogWatch:
    """Keeps what is logged, as text with tracebacks."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, event: LogEvent) -> None:
        """Keep it."""
        self.lines.append(eventAsText(event))

    def has(self, text: str) -> bool:
        """Whether *text* was logged."""
        return any(text in line for line in self.lines)


class TurnClock(Clock):
    """A clock that counts how often somebody waited for the next turn."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    def callLater(
        self,
        delay: float,
        callable: Callable[..., object],
        *args: object,
        **kw: object,
    ) -> IDelayedCall:
        """Count a call, and keep it."""
        self.turns += not delay
        return super().callLater(delay, callable, *args, **kw)


class AccountCase(SynchronousTestCase):
    """One account; after the test it is closed, and nothing must be left."""

    dialect: Dialect = "socketio"
    endurance = UNWATCHED

    def setUp(self) -> None:
        """Build it."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.clock = Clock()
        self.connector = FakeConnector()
        self.store = MemoryStore()
        self.store.open()
        self.states: RecordedHandler[StateChanged] = RecordedHandler()
        self.account = self.build()

    def build(
        self, name: str = "bot", device: Mapping[str, str] | None = None
    ) -> AccountSession:
        """Build an account whose states are recorded."""
        self.key = AccountKey(self.connector.url, "0" * 16, name)
        account = AccountSession(
            self.clock,
            self.connector,
            self.key,
            self.store,
            device=device,
            dialect=self.dialect,
            endurance=self.endurance,
            retry_policy=retry_policy,
        )
        account.on(StateChanged, self.states)
        return account

    def tearDown(self) -> None:
        """Close the account, and look at what it leaves."""
        over = self.account.close()
        if self.account.state == "closing":
            self.connection.lose()
        self.successResultOf(over)
        self.assertEqual(self.account.state, "closed")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        globalLogPublisher.removeObserver(self.log)
        for secret in SECRETS:
            self.assertFalse(self.log.has(secret), self.log.lines)

    @property
    def connection(self) -> FakeConnection:
        """The newest connection."""
        return self.connector.connections[-1]

    def entered(self) -> list[str]:
        """The states entered since the last look."""
        states = [event.new for event in self.states.events]
        self.states.events.clear()
        return states

    def reason(self) -> PadChatError | None:
        """Why the newest state was entered."""
        return self.states.events[-1].reason

    def record(self) -> AccountRecord:
        """What the store has of the account."""
        record = self.successResultOf(self.store.load(self.key))
        assert record is not None
        return record

    def codes(self) -> list[str]:
        """Wire names of the calls on the newest connection."""
        return [call.code for call in self.connection.calls]

    def answer(self, code: str, data: Mapping[str, object] | None = None) -> None:
        """Answer the newest call of a command."""
        self.connection.reply(self.connection.last_call(code).call_id, data)

    def refuse(self, code: str, msg: str = "", status: int | None = None) -> None:
        """Refuse the newest call of a command."""
        self.connection.refuse(self.connection.last_call(code).call_id, msg, status)

    # The steps of a login

    def begin(self) -> None:
        """Start, connect and initialise; ``login`` was sent."""
        self.successResultOf(self.account.start())
        self.go_in()

    def go_in(self) -> None:
        """Be let in and initialise; ``login`` was sent."""
        self.connector.let_in()
        self.answer("init", {})

    def show_code(self) -> None:
        """Have the code granted and shown."""
        self.answer("login")
        self.connection.notice("qrcode", {"qrCode": "/9j/4A=="})
        self.connection.notice("scan", {"status": 0, "expiredTime": 239})

    def finish_login(self, token: str | None = TOKEN) -> None:
        """From the event ``login`` to ``ready``."""
        self.connection.notice("login", {"data": {"userName": USER_NAME}})
        self.answer("getDeviceInfo", {**DEVICE, "deviceData": DEVICE_DATA})
        self.answer("getAutoLoginData", {} if token is None else {"token": token})
        self.connection.notice("loaded")

    def log_in(self) -> None:
        """Log in for the first time, by a code that is scanned."""
        self.begin()
        self.show_code()
        self.connection.notice("scan", {"status": 1, "headUrl": "", "nickName": "N"})
        self.connection.notice(
            "scan", {"status": 2, "subStatus": 0, "userName": USER_NAME}
        )
        self.finish_login()
        self.assertEqual(self.account.state, "ready")
        self.states.events.clear()
        self.connection.calls.clear()


class ReadyCase(AccountCase):
    """An account that is logged in."""

    def setUp(self) -> None:
        """Be ready."""
        super().setUp()
        self.log_in()

    def not_sent(self, calling: Deferred[Any], problem: str) -> None:
        """Expect that a call was refused before it left."""
        error = self.failureResultOf(calling, NotSent).value
        self.assertIn(problem, str(error))
        self.assertEqual(self.connection.calls, [])
