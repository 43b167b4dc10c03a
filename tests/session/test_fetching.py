"""Questions that a gateway does not answer are asked again."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import Command, Dialect, Done, SyncContact, SyncMsg
from padchat_twisted.errors import CallRejected, NotSent, OutcomeUnknown, PadChatError
from padchat_twisted.session.endurance import Endurance
from padchat_twisted.session.fetching import Fetching
from padchat_twisted.session.login import LOADED_SECONDS
from padchat_twisted.session.retry import FIRST_DELAY, LONGEST_DELAY
from padchat_twisted.session.states import Unheard

from ..sandbox.faults.case import NAME, URLS, FaultCase, scenario
from .case import INSTANT, USER_NAME, AccountCase, LogWatch

#: Chance that draws half of each delay.
HALF = 0.5

LOST = OutcomeUnknown("syncMsg", "time limit")


class FetchingTests(SynchronousTestCase):
    """By itself, with calls that end as a test says."""

    def setUp(self) -> None:
        """Begin with nothing asked."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.asked: list[tuple[str, Deferred[Done]]] = []
        self.fetching = Fetching(self.clock, "bot", self.send, lambda: HALF)

    def send(self, command: Command[Done]) -> Deferred[Done]:
        """Take a command."""
        self.asked.append((command.wire_name, Deferred()))
        return self.asked[-1][1]

    def fail_newest(self, error: Exception = LOST) -> None:
        """Have the newest question fail."""
        self.asked[-1][1].errback(error)

    def count(self) -> int:
        """Count what was asked."""
        return len(self.asked)

    def test_answered(self) -> None:
        """What is answered is asked once."""
        self.fetching.fetch(SyncMsg())
        self.assertIsNone(self.fetching.unheard)
        self.asked[0][1].callback(Done())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.log.lines, [])

    def test_repeated(self) -> None:
        """Whatever the failure, it is asked again, each time after a longer delay."""
        self.fetching.fetch(SyncMsg())
        delay = HALF * FIRST_DELAY
        for error in (LOST, CallRejected("syncMsg", "no"), NotSent("syncMsg", "full")):
            self.fail_newest(error)
            before = self.count()
            self.clock.advance(delay - INSTANT)
            self.assertEqual(self.count(), before)
            self.clock.advance(INSTANT)
            self.assertEqual(self.count(), before + 1)
            delay *= 2
        self.asked[-1][1].callback(Done())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual([code for code, _ in self.asked], ["syncMsg"] * 4)

    def test_longest_delay(self) -> None:
        """It is never given up, and the delay has an end."""
        self.fetching.fetch(SyncMsg())
        for _ in range(20):
            self.fail_newest()
            self.clock.advance(HALF * LONGEST_DELAY)
        self.assertEqual(self.count(), 21)
        self.fetching.stop()

    def test_told(self) -> None:
        """The log tells it once, with the reason, and when it works again."""
        self.fetching.fetch(SyncMsg())
        for _ in range(3):
            self.fail_newest()
            self.clock.advance(LONGEST_DELAY)
        (line,) = self.log.lines
        self.assertIn("account bot: syncMsg did not work, and is repeated: ", line)
        self.assertIn("time limit", line)
        self.asked[-1][1].callback(Done())
        self.assertIn("account bot: syncMsg works again", self.log.lines[-1])
        self.fetching.fetch(SyncMsg())
        self.fail_newest()
        self.assertEqual(len(self.log.lines), 3)
        self.fetching.stop()

    def test_asked_meanwhile(self) -> None:
        """A new reason to ask does not wait for the delay, and takes its place."""
        self.fetching.fetch(SyncMsg())
        self.fail_newest()
        self.fetching.fetch(SyncMsg())
        self.assertEqual(self.count(), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.asked[-1][1].callback(Done())
        self.assertIsNone(self.fetching.unheard)

    def test_newest_counts(self) -> None:
        """Of two at once the newer one says whether there is something to repeat."""
        self.fetching.fetch(SyncMsg())
        self.fetching.fetch(SyncMsg())
        self.asked[0][1].errback(LOST)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.asked[1][1].errback(LOST)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.fetching.stop()
        self.fetching.fetch(SyncMsg())
        self.fetching.fetch(SyncMsg())
        self.asked[2][1].callback(Done())
        self.asked[3][1].errback(LOST)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.fetching.stop()

    def test_stop(self) -> None:
        """After the end of a connection nothing is waited for or repeated."""
        self.fetching.fetch(SyncMsg())
        self.fail_newest()
        self.fetching.fetch(SyncContact())
        self.fetching.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertIsNone(self.fetching.unheard)
        lines = len(self.log.lines)
        self.fail_newest(OutcomeUnknown("syncContact", "connection lost"))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(len(self.log.lines), lines)

    def test_stop_while_sending(self) -> None:
        """A question with which the connection goes is not repeated behind its end."""
        outcomes = [succeed(Done()), fail(LOST)]

        def send(_: Command[Done]) -> Deferred[Done]:
            fetching.stop()
            return outcomes[-1]

        fetching = Fetching(self.clock, "bot", send, lambda: HALF)
        while outcomes:
            fetching.fetch(SyncMsg())
            self.assertEqual(self.clock.getDelayedCalls(), [])
            self.assertIsNone(self.successResultOf(outcomes.pop()))

    def test_late_answer(self) -> None:
        """What an older connection answers late is not for the next one."""
        self.fetching.fetch(SyncMsg())
        self.fetching.stop()
        self.fetching.fetch(SyncMsg())
        self.asked[0][1].callback(Done())
        self.fail_newest()
        self.assertEqual(self.fetching.unheard, Unheard("syncMsg", 0.0))
        self.fetching.stop()

    def test_unheard(self) -> None:
        """What fails for the longest time is what is told."""
        self.clock.advance(5)
        self.fetching.fetch(SyncContact())
        self.fail_newest()
        self.clock.advance(0.25)
        self.fetching.fetch(SyncMsg())
        self.fail_newest()
        self.assertEqual(self.fetching.unheard, Unheard("syncContact", 5.0))
        self.fetching.fetch(SyncContact())
        self.asked[-1][1].callback(Done())
        self.assertEqual(self.fetching.unheard, Unheard("syncMsg", 5.25))
        self.fetching.stop()

    def test_fails_at_once(self) -> None:
        """A command that cannot even be sent is repeated too."""
        send: Callable[[Command[Done]], Deferred[Done]] = lambda _: fail(  # noqa: E731
            NotSent("syncMsg", "too many calls")
        )
        fetching = Fetching(self.clock, "bot", send, lambda: HALF)
        fetching.fetch(SyncMsg())
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        fetching.stop()

    def test_mistake_of_ours(self) -> None:
        """What is no outcome of a call is logged, and not repeated."""
        self.fetching.fetch(SyncMsg())
        self.fail_newest(PadChatError("a mistake"))
        self.assertEqual(len(self.flushLoggedErrors(PadChatError)), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertIsNone(self.fetching.unheard)


class AccountTests(AccountCase):
    """An account of dialect ``sdk`` at a fake gateway."""

    dialect: Dialect = "sdk"
    endurance = Endurance(probe_every=None, watches_silence=False, chance=lambda: HALF)

    def log_in(self) -> None:
        """Log in by a code; contacts and messages were asked for."""
        self.begin()
        self.show_code()
        self.connection.notice("scan", {"status": 2, "userName": USER_NAME})
        self.finish_login()
        self.assertEqual(self.account.state, "ready")

    def test_time_limit(self) -> None:
        """A question without an answer ends by itself, and is asked again."""
        self.log_in()
        self.answer("syncContact")
        limit = self.account._dialect.limit("syncMsg")
        self.clock.advance(limit)
        self.assertEqual(self.codes().count("syncMsg"), 1)
        self.clock.advance(HALF * FIRST_DELAY)
        self.assertEqual(self.codes().count("syncMsg"), 2)
        self.answer("syncMsg")
        self.clock.advance(limit + LONGEST_DELAY)
        self.assertEqual(self.codes().count("syncMsg"), 2)
        self.assertEqual(self.account.state, "ready")

    def test_explained(self) -> None:
        """As long as it fails, ``explain`` says that something may be missing."""
        self.log_in()
        self.answer("syncContact")
        self.assertNotIn("syncMsg", str(self.account.explain()))
        self.refuse("syncMsg", "planted")
        for language, told in (
            ("en", "has not done syncMsg"),
            ("zh", "没有完成 syncMsg"),
        ):
            explained = str(self.account.explain(language))  # type: ignore[arg-type]  # both are
            self.assertIn(told, explained)
            self.assertNotIn("planted", explained)
        self.clock.advance(HALF * FIRST_DELAY)
        self.answer("syncMsg")
        self.assertNotIn("syncMsg", str(self.account.explain()))

    def test_connection_lost(self) -> None:
        """With the connection the repeating ends; the next login asks by itself."""
        self.log_in()
        self.refuse("syncMsg")
        self.connection.lose()
        # One timer is left: that of the next attempt.
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.assertNotIn("syncMsg", str(self.account.explain()))
        self.clock.advance(10)
        self.assertEqual(self.account.state, "connecting")

    def test_lost_while_asking(self) -> None:
        """A question that goes with its connection is not asked in the next one."""
        self.log_in()
        self.connection.lose()
        self.clock.advance(10)
        self.go_in()
        self.clock.advance(HALF * FIRST_DELAY)
        self.assertNotIn("syncMsg", self.codes())

    def test_close(self) -> None:
        """Nothing is left when the account is closed meanwhile."""
        self.log_in()
        self.refuse("syncMsg")
        self.refuse("syncContact")
        self.account.close()
        self.connection.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SandboxTests(FaultCase):
    """At the sandbox gateway, which refuses or loses the question."""

    def heard(self, fault: str, times: int) -> list[str]:
        """Log in, meet the fault when somebody writes; return the texts in the end."""
        self.serve(scenario(fault))
        account = self.log_in("sdk")
        self.alice.says("one", to=self.stage.world.account(NAME))
        self.stage.wait(120)
        self.assertEqual(self.trouble.played.total(), times)
        # Without another login.
        self.assertEqual(account.states(), [])
        return account.texts

    def test_refused(self) -> None:
        """A message that was not given the first time comes all the same."""
        fault = '[[fault]]\ncommand = "syncMsg"\nnth = 2\ntimes = 3\ndo = "refuse"\n'
        self.assertEqual(self.heard(fault, 3), ["one"])

    def test_reply_lost(self) -> None:
        """When only the reply is lost it comes once, and later ones come too."""
        fault = '[[fault]]\ncommand = "syncMsg"\nnth = 2\ndo = "drop"\n'
        self.assertEqual(self.heard(fault, 1), ["one"])
        self.alice.says("two", to=self.stage.world.account(NAME))
        self.stage.wait(5)
        self.assertEqual(self.stage.accounts[0].texts, ["one", "two"])

    def test_contacts(self) -> None:
        """Contacts that were refused at the login are there before it is given up."""
        fault = '[[fault]]\ncommand = "syncContact"\ntimes = 3\ndo = "refuse"\n'
        self.serve(scenario(fault))
        account = self.stage.account(NAME, url=URLS["sdk"])
        self.stage.wait(LOADED_SECONDS / 2)
        self.assertEqual(account.state, "ready")
        self.assertTrue(account.session.contacts.is_synced)
        self.assertEqual(account.states().count("logging_in"), 1)
