"""An account explains itself, at a gateway that plants what nobody may read."""

from __future__ import annotations

from padchat_twisted.errors import (
    ConnectError,
    DeviceInUse,
    Disconnected,
    PadChatError,
    RemoteProtocolError,
)
from padchat_twisted.session.account import AccountSession, StateChanged
from padchat_twisted.session.explain import LANGUAGES
from padchat_twisted.session.history import MAX_ENTRIES, History
from padchat_twisted.session.local_time import local_time
from padchat_twisted.testing import FakeConnector, RecordedHandler

from ..secrets_in import secrets_in
from .case import DEVICE, AccountCase, retry_policy

#: What a hostile gateway says; the log of the tests may repeat these.
PLANTED = {
    "a token": "cGxhbnRlZC10b2tlbg",
    "device data": "706c616e746564",
    "a message": "planted text of a message",
    "a key": "planted-key",
    "a field": "{name} planted",
}
ALL = " ".join(PLANTED.values())


class NoHistory(History):
    """Keeps nothing."""

    def add(self, change: StateChanged, at: float) -> None:
        """Forget it."""


class ExplainedCase(AccountCase):
    """An account whose explanations are looked at when it is over."""

    def assert_secret(self) -> None:
        """Check that no explanation repeats what the gateway may say."""
        for language in LANGUAGES:
            told = str(self.account.explain(language))
            self.assertEqual(secrets_in(told, PLANTED), [], told)


class AccountExplainTests(ExplainedCase):
    """What an account tells of itself."""

    def test_night(self) -> None:
        """A lost connection, attempts that fail, and the account is back."""
        self.log_in()
        self.clock.advance(100)
        self.connection.lose(Disconnected("ping timeout"))
        explained = self.account.explain()
        lost = f"It was ready until {local_time(100)}; then the connection was lost: "
        self.assertEqual(len(explained.why), 1)
        self.assertTrue(explained.why[0].startswith(lost))
        self.assertIn("by itself in 10 seconds.", explained.next)
        self.clock.advance(10)
        self.connector.fail(ConnectError("h:1", "refused", hop="TCP"))
        self.clock.advance(19)
        explained = self.account.explain("zh")
        self.assertIn(f"（{local_time(110)}）：h:1 没有接受连接。", explained.why[1])
        self.assertEqual(explained.next, "接下来：1 秒后自动再试。")
        self.clock.advance(1)
        self.go_in()
        self.finish_login()
        (why,) = self.account.explain().why
        told = f"Before that it was away for 30 seconds, from {local_time(100)}: "
        self.assertTrue(why.startswith(told))

    def test_times_of_states(self) -> None:
        """What comes next is told with its time, as the machine has it."""
        self.begin()
        self.show_code()
        self.clock.advance(39)
        expires = "the code expires in 3 minutes 25 seconds, then"
        self.assertIn(expires, self.account.explain().next)
        self.connection.notice("scan", {"status": 1, "headUrl": "", "nickName": "N"})
        expires = "the code expires in 3 minutes 25 seconds, and"
        self.assertIn(expires, self.account.explain().next)
        self.finish_login()
        self.assertIn("saved anew in 1 hour", self.account.explain().next)
        self.successResultOf(self.account.close())
        self.assertIn("this session is over", self.account.explain().next)

    def test_not_started(self) -> None:
        """An account whose start failed says why, though it never left its state."""
        other = self.build("other", DEVICE)
        self.successResultOf(other.start())
        self.account = self.build("bot", DEVICE)
        self.failureResultOf(self.account.start(), DeviceInUse)
        (why,) = self.account.explain().why
        self.assertIn("account other in the store memory has the same device", why)
        self.account.close()
        (why,) = self.account.explain().why
        self.assertIn("account other in the store memory has the same device", why)
        other.close()

    def test_history(self) -> None:
        """The history is what handlers were told, with the time of each."""
        seen: RecordedHandler[StateChanged] = RecordedHandler()
        self.account.on(StateChanged, seen)
        self.clock.advance(7)
        self.log_in()
        told = [(entry.old, entry.state) for entry in self.account.history]
        self.assertEqual(told, [(event.old, event.new) for event in seen.events])
        self.assertEqual({entry.at for entry in self.account.history}, {7.0})

    def test_bounded(self) -> None:
        """A gateway that is away for days does not fill the memory."""
        self.log_in()
        self.connection.lose()
        for _ in range(MAX_ENTRIES):
            self.clock.pump([10_000.0])
            self.connector.fail()
        self.assertEqual(len(self.account.history), MAX_ENTRIES)
        explained = self.account.explain()
        self.assertIn(
            f"until {local_time(0)}; then the connection was", explained.why[0]
        )
        self.assertIn(f"tried to connect {MAX_ENTRIES} times", explained.why[-1])

    def test_without_history(self) -> None:
        """It is the history that tells: without one there is no why."""
        self.log_in()
        kept = self.account.history
        self.connection.lose()
        self.assertEqual(len(self.account.explain().why), 1)
        account = AccountSession(
            self.clock,
            FakeConnector(),
            self.key,
            self.store,
            retry_policy=retry_policy,
            history=NoHistory(),
        )
        self.successResultOf(account.start())
        self.assertEqual((len(account.history), account.explain().why), (0, ()))
        self.assertGreater(len(kept), 0)
        self.successResultOf(account.close())


class SecrecyTests(ExplainedCase):
    """A hostile gateway gets none of its words into an explanation."""

    def test_events(self) -> None:
        """Events with texts."""
        self.log_in()
        for event, fields in (
            ("logout", {"msg": ALL, "error": ALL}),
            ("close", {"msg": ALL}),
            ("warn", {"error": ALL}),
            ("close", {"msg": f"taken over {ALL}"}),
        ):
            self.connection.notice(event, fields)
            self.assert_secret()
            if self.account.state == "retrying":
                self.clock.advance(60)
                self.go_in()
                self.finish_login()
        self.assertEqual(self.account.state, "needs_human")

    def test_scan(self) -> None:
        """Texts of a scan, and a name that is a token."""
        self.begin()
        self.answer("login")
        for status in (1, 2, 3, 4):
            self.connection.notice(
                "scan",
                {
                    "status": status,
                    "subStatus": 1,
                    "userName": PLANTED["a token"],
                    "nickName": ALL,
                    "message": ALL,
                },
            )
            self.assert_secret()

    def test_refusals(self) -> None:
        """Refused commands, and a token that is refused."""
        self.begin()
        self.refuse("login", ALL, -1)
        self.assert_secret()
        self.clock.advance(60)
        self.go_in()
        self.show_code()
        self.finish_login()
        self.connection.lose()
        self.clock.advance(60)
        self.connector.let_in()
        self.refuse("init", ALL, -1)
        self.assert_secret()
        self.clock.advance(60)
        self.go_in()
        self.refuse("login", ALL, -1)
        self.assertEqual(self.account.state, "awaiting_scan")
        self.assert_secret()

    def test_losses(self) -> None:
        """Connections that end with its words."""
        self.successResultOf(self.account.start())
        reasons: tuple[PadChatError, ...] = (
            Disconnected(ALL, ALL),
            RemoteProtocolError(ALL, ALL),
            PadChatError(ALL),
        )
        for number, reason in enumerate(reasons, 1):
            self.connector.let_in().lose(reason)
            self.assert_secret()
            self.clock.advance(10 * number)
        self.connector.refuse(ALL)
        self.assertEqual(self.account.state, "needs_human")
        self.assert_secret()
