"""An account that counts as ready is asked whether it is there."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import Disconnected, OutcomeUnknown
from padchat_twisted.session.endurance import UNWATCHED, Endurance
from padchat_twisted.session.liveness import (
    LOOK_SECONDS,
    SECOND_TRY_SECONDS,
    SPREAD,
    Liveness,
)
from padchat_twisted.session.login import TOKEN_SECONDS
from padchat_twisted.session.saving import ANSWER_SECONDS
from padchat_twisted.testing import text_message

from .case import INSTANT, ReadyCase

#: Seldom enough that nothing else happens meanwhile.
EVERY = 700.0

DAY = 86400.0


class WatchedCase(ReadyCase):
    """An account that is ready and watched."""

    def why(self) -> str:
        """Why the state ``ready`` was left."""
        self.assertEqual([event.new for event in self.states.events], ["retrying"])
        reason = self.reason()
        assert isinstance(reason, Disconnected)
        return reason.reason

    def come_back(self) -> None:
        """Log in again."""
        self.clock.advance(10)
        self.go_in()
        self.answer("login")
        self.finish_login()
        self.assertEqual(self.account.state, "ready")
        self.states.events.clear()
        self.connection.calls.clear()


class ProbeTests(WatchedCase):
    """A cheap command, now and then."""

    endurance = replace(UNWATCHED, probe_every=EVERY, chance=lambda: 0.5)

    def test_answered(self) -> None:
        """As long as it is answered nothing happens, and it is asked again."""
        for _ in range(4):
            self.clock.advance(EVERY - INSTANT)
            self.assertEqual(self.codes(), [])
            self.clock.advance(INSTANT)
            self.assertEqual(self.codes(), ["getDeviceInfo"])
            self.answer("getDeviceInfo")
            self.connection.calls.clear()
        self.assertEqual(self.entered(), [])

    def test_beside_another_watch(self) -> None:
        """A look at the silence does not put it off."""
        self.account.close()
        self.endurance = Endurance(probe_every=EVERY, chance=lambda: 0.5)
        self.account = self.build()
        self.log_in()
        self.connection.calls.clear()
        self.clock.advance(LOOK_SECONDS)
        self.clock.advance(LOOK_SECONDS)
        self.clock.advance(EVERY - 2 * LOOK_SECONDS - INSTANT)
        self.assertEqual(self.codes(), [])
        self.clock.advance(INSTANT)
        self.assertEqual(self.codes(), ["getDeviceInfo"])

    def test_refused(self) -> None:
        """A refusal is an answer."""
        for _ in range(4):
            self.clock.advance(EVERY)
            self.refuse("getDeviceInfo", "not now")
        self.assertEqual(self.entered(), [])

    def miss(self) -> None:
        """Let the time for the answer pass."""
        self.assertEqual(self.codes()[-1], "getDeviceInfo")
        self.clock.advance(ANSWER_SECONDS)

    def test_one_miss(self) -> None:
        """One reply may be lost: the second try comes soon, and saves it."""
        for _ in range(3):
            self.clock.advance(EVERY)
            self.miss()
            self.clock.advance(SECOND_TRY_SECONDS)
            self.answer("getDeviceInfo")
        self.assertEqual(self.entered(), [])

    def test_two_misses(self) -> None:
        """A session that answers nothing is left, and the login begins anew."""
        self.clock.advance(EVERY)
        self.miss()
        self.clock.advance(SECOND_TRY_SECONDS)
        self.assertEqual(self.account.state, "ready")
        self.miss()
        self.assertEqual(self.why(), "no answer")
        self.assertTrue(self.connection.is_closing)
        self.assertTrue(self.log.has("does not seem to be there"))
        self.come_back()
        # What was missed before does not count any more.
        self.clock.advance(EVERY)
        self.miss()
        self.assertEqual(self.entered(), [])

    def test_bytes_that_do_not_leave(self) -> None:
        """A peer that takes no bytes does not answer either."""
        self.connection.is_writable = False
        self.clock.advance(EVERY)
        self.clock.advance(ANSWER_SECONDS)
        self.clock.advance(SECOND_TRY_SECONDS)
        self.clock.advance(ANSWER_SECONDS)
        self.assertEqual(self.why(), "no answer")

    def test_lost_meanwhile(self) -> None:
        """When the connection goes there is no probe, and no timer of one."""
        self.clock.advance(EVERY)
        self.connection.lose()
        self.assertEqual(self.why(), "transport close")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_closed_meanwhile(self) -> None:
        """The same holds for a close in good order: see ``tearDown``."""
        self.clock.advance(EVERY)
        self.connection.closes_at_once = False
        self.account.close()
        self.assertEqual(self.account.state, "closing")
        self.clock.advance(10 * EVERY)
        self.assertEqual(self.codes(), ["getDeviceInfo"])
        self.assertEqual(self.clock.getDelayedCalls(), [])


class StoppedTests(SynchronousTestCase):
    """A connection that goes while the command for a sign of life is being sent."""

    def test_while_asking(self) -> None:
        """Nothing is looked at any more, whatever comes of the command."""
        clock = Clock()
        asked: list[Deferred[None]] = []

        def ask() -> Deferred[None]:
            watching.stop()
            asked.append(Deferred())
            return asked[-1]

        settings = replace(UNWATCHED, probe_every=EVERY, chance=lambda: 0.5)
        watching = Liveness(
            *(clock, "bot", settings, ask, lambda _: Deferred(), lambda: 0),
            self.fail,
        )
        watching.start()
        clock.advance(EVERY)
        asked[0].errback(OutcomeUnknown("getDeviceInfo", "connection lost"))
        self.assertEqual(clock.getDelayedCalls(), [])
        watching.start()
        self.assertEqual(len(clock.getDelayedCalls()), 1)


class WithoutProbeTests(WatchedCase):
    """The same without the mechanism: the session stands there for ever."""

    def test_nobody_asks(self) -> None:
        """Nothing is found out until somebody sends something."""
        for _ in range(20):
            self.clock.advance(EVERY)
            for code in ("getDeviceInfo", "getAutoLoginData"):
                if code in self.codes():
                    self.answer(code)
            self.connection.calls.clear()
        self.assertEqual(self.entered(), [])


class SpreadTests(WatchedCase):
    """Accounts do not ask all at once."""

    endurance = replace(UNWATCHED, probe_every=EVERY, chance=lambda: 0.0)

    def test_sooner(self) -> None:
        """Chance makes it a fifth sooner at most."""
        self.clock.advance(EVERY * (1 - SPREAD) - INSTANT)
        self.assertEqual(self.codes(), [])
        self.clock.advance(2 * INSTANT)
        self.assertEqual(self.codes(), ["getDeviceInfo"])


class NoteTests(WatchedCase):
    """The whole way to WeChat, when asked for."""

    endurance = replace(
        UNWATCHED, note_every=EVERY, note="all is well", chance=lambda: 0.5
    )

    def test_taken(self) -> None:
        """As long as WeChat takes it nothing happens."""
        for _ in range(4):
            self.clock.advance(EVERY)
            note = self.connection.last_call("sendMsg")
            self.assertEqual(note.params["toUserName"], "filehelper")
            self.assertEqual(note.params["content"], "all is well")
            self.answer("sendMsg", {"msgId": "1"})
        self.assertEqual(self.entered(), [])

    def test_refused(self) -> None:
        """A gateway that answers, with a WeChat behind it that takes nothing."""
        self.clock.advance(EVERY)
        self.refuse("sendMsg", "not logged in")
        self.clock.advance(SECOND_TRY_SECONDS)
        self.assertEqual(self.entered(), [])
        self.clock.advance(0)
        self.refuse("sendMsg", "not logged in")
        self.assertEqual(self.why(), "no way to WeChat")

    def test_unanswered(self) -> None:
        """The same when nothing is said at all."""
        self.clock.advance(EVERY)
        self.clock.advance(60)
        self.clock.advance(SECOND_TRY_SECONDS)
        self.clock.advance(60)
        self.assertEqual(self.why(), "no way to WeChat")

    def test_not_sent(self) -> None:
        """A note that did not leave says nothing about WeChat."""
        self.connection.is_writable = False
        for _ in range(3):
            self.clock.advance(EVERY)
            self.clock.advance(60)
        self.assertEqual(self.entered(), [])

    def test_not_asked_for(self) -> None:
        """By itself no account writes anything."""
        self.assertIsNone(Endurance().note_every)


class SilenceTests(WatchedCase):
    """An account that is silent against its habit."""

    endurance = Endurance(probe_every=None, chance=lambda: 0.5)

    def live(self, seconds: float, *, is_spoken_to: bool) -> None:
        """Let time pass, with a message in each look or with none."""
        for _ in range(int(seconds / LOOK_SECONDS)):
            if self.account.state != "ready":
                return
            if is_spoken_to:
                self.connection.push(text_message("hello"))
            self.clock.advance(LOOK_SECONDS)
            self.tend()

    def tend(self) -> None:
        """Answer what is asked each hour."""
        for code in ("getDeviceInfo", "getAutoLoginData"):
            if code in self.codes():
                self.answer(code)
        self.connection.calls.clear()

    def test_missed(self) -> None:
        """After two weeks with messages, hours without any end the connection."""
        self.live(14 * DAY, is_spoken_to=True)
        self.assertEqual(self.entered(), [])
        self.live(2 * 3600, is_spoken_to=False)
        self.assertEqual(self.entered(), [])
        self.live(3600, is_spoken_to=False)
        self.assertEqual(self.why(), "silent")
        self.come_back()
        # It was of no help, and is not done again and again.
        self.live(2 * DAY, is_spoken_to=False)
        self.assertEqual(self.entered(), [])

    def test_always_silent(self) -> None:
        """Nobody misses messages where there never were any."""
        self.live(3 * DAY, is_spoken_to=False)
        self.assertEqual(self.entered(), [])
        self.assertLess(TOKEN_SECONDS, DAY)


class SeveralSignsTests(WatchedCase):
    """Signs that are looked at together, each in its own time."""

    endurance = Endurance(probe_every=LOOK_SECONDS + 10, chance=lambda: 0.5)

    def test_each_in_its_time(self) -> None:
        """A look at the silence does not put off what is due soon after it."""
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(self.codes(), [])
        self.clock.advance(10)
        self.assertEqual(self.codes(), ["getDeviceInfo"])

    def test_second_try(self) -> None:
        """Nor does it put off the second try after a miss."""
        self.clock.advance(LOOK_SECONDS)
        self.clock.advance(10)
        self.connection.calls.clear()
        self.clock.advance(ANSWER_SECONDS)
        self.clock.advance(SECOND_TRY_SECONDS)
        self.assertEqual(self.codes(), ["getDeviceInfo"])
