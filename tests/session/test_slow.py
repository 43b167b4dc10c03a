"""Handlers that take long are named."""

from __future__ import annotations

from functools import partial

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.session.dispatch import Dispatch
from padchat_twisted.session.slow import (
    LOOK_SECONDS,
    MAX_TOLD_HANDLERS,
    SLOW_SECONDS,
    TELL_AGAIN_SECONDS,
    SlowHandler,
    SlowWatch,
)

from .case import INSTANT, TEXT, LogWatch


class SlowCase(SynchronousTestCase):
    """A dispatch with a watch."""

    def setUp(self) -> None:
        """Build it, with one slow handler."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.dispatch = Dispatch(object(), "bot", lambda _: None)
        self.watch = SlowWatch(self.clock, "bot", self.dispatch)
        self.open: list[Deferred[None]] = []
        self.told: list[SlowHandler] = []
        self.dispatch.on(TextMessage, self.slow)
        self.dispatch.on(SlowHandler, lambda _, slow: self.told.append(slow))

    def tearDown(self) -> None:
        """No timer is left, and no text was logged."""
        self.watch.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(self.log.has(TEXT))

    def slow(self, _: object, __: object) -> Deferred[None]:
        """Handle something until the test ends it."""
        handling: Deferred[None] = Deferred()
        self.open.append(handling)
        return handling

    def deliver(self, *from_users: str) -> None:
        """Deliver a message of each."""
        for from_user in from_users:
            self.dispatch.deliver(TextMessage(from_user=from_user, content=TEXT))

    def wait(self, seconds: float) -> None:
        """Let time pass, look by look."""
        self.clock.pump([LOOK_SECONDS] * int(seconds // LOOK_SECONDS))
        self.clock.advance(seconds % LOOK_SECONDS)


class SlowTests(SlowCase):
    """When one is named."""

    def test_named(self) -> None:
        """One that is not done in time is named: what it has, and who waits for it."""
        self.deliver("a", "a", "b")
        self.open[1].callback(None)
        self.wait(SLOW_SECONDS - INSTANT)
        self.assertEqual(self.told, [])
        self.clock.advance(INSTANT)
        name = "SlowCase.slow"
        self.assertEqual(
            self.told, [SlowHandler(name, "TextMessage", "a", SLOW_SECONDS, 1)]
        )
        self.assertTrue(
            self.log.has(f"handler {name} is not done with a TextMessage since 30 s")
        )

    def test_done_in_time(self) -> None:
        """Each event has the whole time, and one that began later is named later."""
        self.deliver("a", "a")
        self.wait(SLOW_SECONDS - 1)
        self.open[0].callback(None)
        self.wait(SLOW_SECONDS + 1 - INSTANT)
        self.assertEqual(self.told, [])
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(len(self.told), 1)

    def test_next_handler(self) -> None:
        """Handlers of one event are told apart."""

        def later(_: object, __: object) -> Deferred[None]:
            return Deferred()

        self.dispatch.on(TextMessage, partial(later))
        self.deliver("a")
        self.wait(SLOW_SECONDS - 1)
        self.open[0].callback(None)
        self.wait(SLOW_SECONDS + LOOK_SECONDS)
        (slow,) = self.told
        self.assertTrue(slow.handler.endswith("later"))

    def test_told_once(self) -> None:
        """A handler that never returns is named again after an hour, no sooner."""
        self.deliver("a", "b")
        self.wait(SLOW_SECONDS + TELL_AGAIN_SECONDS - LOOK_SECONDS)
        self.assertEqual(len(self.told), 1)
        self.wait(LOOK_SECONDS)
        self.assertEqual(len(self.told), 2)

    def test_others_go_on(self) -> None:
        """Only its conversation waits."""
        self.deliver("a")
        self.wait(SLOW_SECONDS)
        self.deliver("b")
        self.assertEqual(len(self.open), 2)

    def test_bound(self) -> None:
        """So many handlers are remembered as named; the first is forgotten first."""
        for number in range(MAX_TOLD_HANDLERS + 1):
            self.watch._tell(SlowHandler(str(number), "", "", 30.0, 0))
        self.assertEqual(len(self.watch._told or ()), MAX_TOLD_HANDLERS)
        self.assertNotIn("0", self.watch._told)


class IdleTests(SlowCase):
    """What it costs when nothing is slow."""

    def test_done_at_once(self) -> None:
        """Handlers that are done at once set no timer."""
        self.dispatch = Dispatch(object(), "bot", lambda _: None)
        self.watch = SlowWatch(self.clock, "bot", self.dispatch)
        self.dispatch.on(TextMessage, lambda _, __: None)
        self.deliver("a")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_timer(self) -> None:
        """However many are busy there is one timer, and none when they are done."""
        self.deliver("a", "b", "c")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.assertIsNone(self.dispatch.became_busy)
        for handling in self.open:
            handling.callback(None)
        self.clock.advance(LOOK_SECONDS)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.deliver("a")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_closed(self) -> None:
        """After the end nobody looks."""
        self.watch.close()
        self.deliver("a")
        self.assertEqual(self.clock.getDelayedCalls(), [])
