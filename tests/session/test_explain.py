"""Explanations: a history goes in, sentences come out."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted import errors
from padchat_twisted.errors import (
    AuthKeyInUse,
    CallRejected,
    ConnectError,
    ConnectTimedOut,
    DeviceInUse,
    Disconnected,
    HandshakeRefused,
    LoggedOut,
    NeedsHuman,
    OutcomeUnknown,
    PadChatError,
    QRCodeExpired,
    RemoteProtocolError,
    TakenOver,
)
from padchat_twisted.session.explain import (
    LANGUAGES,
    Explanation,
    Language,
    Situation,
    duration,
    explain,
    words_for,
)
from padchat_twisted.session.history import History
from padchat_twisted.session.states import StateChanged

from ..test_errors import EXAMPLES
from .machine import PATHS
from .test_history import history

LOST = Disconnected("ping timeout")

#: What a gateway must not get into our sentences.
PLANTED = "planted-by-the-gateway {name}"


def at(moment: float) -> str:
    """Write a point in time."""
    return f"T{moment:g}"


def human(reason: PadChatError) -> NeedsHuman:
    """Say that a person is needed for a reason."""
    needed = NeedsHuman("bot", str(reason))
    needed.__cause__ = reason
    return needed


class ExplainCase(SynchronousTestCase):
    """Explains histories of an account."""

    def explained(
        self,
        told: History,
        *,
        language: Language = "en",
        due: float | None = None,
        situation: Situation | None = None,
    ) -> Explanation:
        """Explain the newest state, five seconds after it was entered."""
        newest = told.newest
        assert newest is not None
        now = Situation("bot", newest.state, told, newest.at + 5, due, codes=3)
        return explain(situation or now, at, language)

    def why(self, reason: PadChatError, language: Language = "en") -> str:
        """Return what is said of a reason."""
        told = history("connecting", "retrying", reasons={"retrying": reason})
        (why,) = self.explained(told, language=language).why
        return why


class WholeTests(ExplainCase):
    """Whole texts."""

    def test_outage(self) -> None:
        """An outage: what began it, what came then, what comes next, what to do."""
        told = history("connecting", "ready", "retrying", reasons={"retrying": LOST})
        for moment in (30.0, 50.0):
            told.add(StateChanged("retrying", "connecting"), moment)
            refused = ConnectError("h:1", "refused", hop="TCP")
            told.add(StateChanged("connecting", "retrying", refused), moment + 10)
        self.assertEqual(
            str(self.explained(told, due=77.4)),
            "bot is offline and waits to connect again (state retrying), since T60"
            " (5 seconds ago).\n"
            "It was ready until T20; then the connection was lost: the gateway stopped"
            " answering heartbeats.\n"
            "The newest trouble, at T60: nothing took the connection at h:1.\n"
            "It has tried to connect 2 times so far.\n"
            "Next: another attempt follows by itself in 12 seconds.\n"
            "What you can do: start the gateway, or correct the URL; see whether a"
            " firewall is between.",
        )
        self.assertEqual(
            str(self.explained(told, language="zh", due=77.4)),
            "bot 不在线，正在等待重新连接（状态 retrying），从 T60 开始，已有 5 秒。\n"
            "它在 T20 之前一直就绪，后来连接断了：网关不再回应心跳。\n"
            "最近一次问题（T60）：h:1 没有接受连接。\n"
            "到现在已经尝试连接 2 次。\n"
            "接下来：12 秒后自动再试。\n"
            "建议：请启动网关，或改正 URL；检查中间有没有防火墙。",
        )

    def test_back(self) -> None:
        """An account that is back tells how long it was away, and why."""
        told = history(
            "ready", "retrying", "connecting", "ready", reasons={"retrying": LOST}
        )
        self.assertEqual(
            str(self.explained(told, due=3635)),
            "bot is online (state ready), since T30 (5 seconds ago).\n"
            "Before that it was away for 20 seconds, from T10: the connection was lost:"
            " the gateway stopped answering heartbeats.\n"
            "Next: it stays online; its login is saved anew in 1 hour.\n"
            "What you can do: nothing is needed.",
        )

    def test_unhurt(self) -> None:
        """An account that was never away has nothing to tell."""
        self.assertEqual(self.explained(history("connecting", "ready")).why, ())

    def test_not_started(self) -> None:
        """Before its start an account has no history."""
        told = explain(Situation("bot", "offline", History(), 5.0), at)
        self.assertEqual(told.head, "bot is not started (state offline).")
        self.assertEqual(told.why, ())

    def test_parts(self) -> None:
        """The text is its parts; the head stands in a list by itself."""
        told = self.explained(history("retrying", reasons={"retrying": LOST}))
        self.assertEqual((told.name, told.state), ("bot", "retrying"))
        lines = [told.head, *told.why, told.next, told.do]
        self.assertEqual(str(told).splitlines(), lines)

    def test_language(self) -> None:
        """A language that there is not is refused."""
        told = self.assertRaises(ValueError, words_for, "fr")
        self.assertEqual(str(told), "language 'fr': there are en, zh")


class StateTests(ExplainCase):
    """What each state says."""

    def test_each(self) -> None:
        """Each state says what it is, what comes, and what to do, in each language."""
        for language in LANGUAGES:
            found = set()
            for state in PATHS:
                told = self.explained(history(state), language=language, due=100.0)
                self.assertIn(state, told.head)
                self.assertTrue(told.next and told.do, state)
                self.assertNotIn("{", str(told))
                found.add(told.head.replace(state, ""))
            self.assertEqual(len(found), len(PATHS))

    def test_time(self) -> None:
        """What comes at a time says when; what is due already, or never, does not."""
        told = history("awaiting_scan")
        for due, has_time in ((5.4, False), (None, False), (6.0, True)):
            is_told = "in 1 second," in self.explained(told, due=due).next
            self.assertEqual(is_told, has_time, due)

    def test_codes(self) -> None:
        """Who shows a code says after how many it gives up, and why it needs one."""
        told = history("initialising", "awaiting_scan")
        explained = self.explained(told, due=239)
        self.assertIn("after 3 codes that nobody scanned", explained.next)
        no_login = "A code has to be scanned because there was no saved login."
        self.assertEqual(explained.why, (no_login,))
        expired = QRCodeExpired("bot")
        told.add(StateChanged("awaiting_scan", "awaiting_scan", expired), 300)
        told.add(StateChanged("awaiting_scan", "awaiting_confirm"), 310)
        newest = "The newest trouble, at T300: nobody scanned the QR code in time."
        self.assertEqual(self.explained(told).why, (no_login, newest))

    def test_refused_login(self) -> None:
        """A code that is shown since the login was refused says so."""
        told = history("initialising", "logging_in", "awaiting_scan")
        (why,) = self.explained(told).why
        expected = "A code has to be scanned because the saved login was not accepted."
        self.assertEqual(why, expected)

    def test_phone(self) -> None:
        """In dialect sdk the phone may ask while the account logs in."""
        told = history("logging_in")
        asks = "What you can do: look at the phone of this account: it may ask to"
        now = Situation("bot", "logging_in", told, 5, dialect="sdk")
        explained = self.explained(told, situation=now)
        self.assertTrue(explained.do.startswith(asks))
        self.assertFalse(self.explained(told).do.startswith(asks))

    def test_needs_human(self) -> None:
        """Who waits for a person says what that one has to do, and what then."""
        reason = human(TakenOver(PLANTED))
        told = history("ready", "needs_human", reasons={"needs_human": reason})
        explained = self.explained(told)
        self.assertEqual(
            explained.why,
            (
                "It was ready until T10; then another program took the account over: it"
                " runs it now.",
            ),
        )
        self.assertEqual(
            explained.do,
            "What you can do: stop one of the two programs that run the account; then"
            " restart the service, or have the program call account.try_again().",
        )

    def test_closed(self) -> None:
        """An account that its program closed says so."""
        told = history("ready", "closing", "closed")
        self.assertEqual(
            self.explained(told).why,
            ("It was ready until T10; then this program closed it.",),
        )
        again = "start the service again to have it online."
        self.assertEqual(self.explained(told).do, f"What you can do: {again}")
        told = history("retrying", "closed", reasons={"retrying": LOST})
        self.assertIn(f"its log; then {again}", self.explained(told).do)

    def test_without_a_reason(self) -> None:
        """An outage without a reason is told as one all the same."""
        told = self.explained(history("ready", "connecting"))
        self.assertEqual(
            told.why, ("It was ready until T10; then something went wrong.",)
        )

    def test_unknown(self) -> None:
        """A state that has no words yet is still explained."""
        for language in LANGUAGES:
            told = self.explained(
                history("asleep", reasons={"asleep": LOST}), language=language
            )
            self.assertIn("asleep", told.head)
            self.assertEqual(len(told.why), 1)


class ReasonTests(ExplainCase):
    """What each reason says."""

    def test_each(self) -> None:
        """Each class of errors says something of its own, in each language."""
        for language in LANGUAGES:
            found = set()
            for name, (arguments, _) in EXAMPLES.items():
                why = self.why(getattr(errors, name)(*arguments), language)
                self.assertNotIn("{", why, name)
                found.add(why)
            self.assertEqual(len(found), len(EXAMPLES))

    def test_steps(self) -> None:
        """Each step of the way to a gateway says what failed, and what to do."""
        for language in LANGUAGES:
            words = words_for(language)
            found = set()
            for hop in words.hops:
                reason = ConnectError("h:1", "no", hop=hop)
                told = history("retrying", reasons={"retrying": reason})
                explained = self.explained(told, language=language)
                self.assertIn("h:1", explained.why[0])
                found.add((explained.why, explained.do))
            self.assertEqual(len(found), len(words.hops))

    def test_time(self) -> None:
        """What took too long names the step, and has its remedy."""
        reason = ConnectTimedOut("h:1", "too slow", hop="TLS")
        told = self.explained(history("retrying", reasons={"retrying": reason}))
        self.assertIn("came about in time, at the step TLS.", told.why[0])
        self.assertIn("the certificate of the gateway", told.do)

    def test_numbers(self) -> None:
        """Numbers of the gateway are told."""
        refused = HandshakeRefused("h:1", "no", status=403)
        self.assertIn("h:1 answered with HTTP status 403, but", self.why(refused))
        refused = HandshakeRefused("h:1", "no", hop="WebSocket")
        self.assertIn("h:1 opened no WebSocket.", self.why(refused))
        rejected = CallRejected("init", PLANTED, -2)
        told = "the gateway refused the command init (status -2)."
        self.assertIn(told, self.why(rejected))
        rejected = CallRejected("init", PLANTED, 10**5000)
        self.assertIn("the gateway refused the command init.", self.why(rejected))

    def test_permanent(self) -> None:
        """What is wrong with the key is told of the key, whatever the step."""
        told = self.why(AuthKeyInUse("h:1", "no", hop="authentication"))
        self.assertIn("another connection to h:1 uses the auth key", told)

    def test_details(self) -> None:
        """Names of ours are told."""
        unknown = OutcomeUnknown("init", "time limit")
        told = "the gateway did not answer the command init in time."
        self.assertIn(told, self.why(unknown))
        broke = RemoteProtocolError("engine.io", "an empty frame")
        self.assertIn("broke the protocol (engine.io).", self.why(broke))
        device = DeviceInUse("/a.sqlite", "one", "two")
        self.assertIn("account two in the store /a.sqlite has", self.why(device))

    def test_bases(self) -> None:
        """A class that has no words has those of its base."""
        kind = type("KickedOut", (LoggedOut,), {})
        self.assertEqual(self.why(kind("bot", "x")), self.why(LoggedOut("bot", "x")))

    def test_planted(self) -> None:
        """Nothing that a gateway may say is repeated, in any class or language."""
        ours = {"where", "path", "other_name"}
        for name, (arguments, _) in EXAMPLES.items():
            reason = getattr(errors, name)(*arguments)
            for key, value in list(vars(reason).items()):
                if key not in ours and isinstance(value, str | tuple):
                    setattr(reason, key, PLANTED)
            reason.args = tuple(
                PLANTED if isinstance(each, str) else each for each in reason.args
            )
            self.assert_secret(reason)
            self.assert_secret(human(reason))

    def assert_secret(self, reason: PadChatError) -> None:
        """Check that nothing planted is told of a reason."""
        for state in PATHS:
            told = history("ready", "connecting", state, reasons={state: reason})
            for language in LANGUAGES:
                text = str(self.explained(told, language=language))
                self.assertNotIn("planted", text)


class DurationTests(SynchronousTestCase):
    """Times in words."""

    def test_units(self) -> None:
        """The two largest units are told, the second one when it is not zero."""
        for seconds, english, chinese in (
            (-3, "0 seconds", "0 秒"),
            (0.4, "0 seconds", "0 秒"),
            (1, "1 second", "1 秒"),
            (59.6, "1 minute", "1 分钟"),
            (61, "1 minute 1 second", "1 分钟 1 秒"),
            (3600, "1 hour", "1 小时"),
            (3661, "1 hour 1 minute", "1 小时 1 分钟"),
            (3601, "1 hour", "1 小时"),
            (200000, "2 days 7 hours", "2 天 7 小时"),
        ):
            self.assertEqual(duration(seconds, words_for("en")), english)
            self.assertEqual(duration(seconds, words_for("zh")), chinese)
