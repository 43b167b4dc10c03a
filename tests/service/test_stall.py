"""Who holds the reactor up."""

from __future__ import annotations

import sys
import threading
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase, TestCase
from zope.interface import provider

from padchat_twisted.catalogue import TextMessage
from padchat_twisted.service.stall import (
    BEATS,
    MAX_TOLD_PLACES,
    TELL_AGAIN_SECONDS,
    Place,
    StallWatch,
    place_of,
)
from padchat_twisted.testing import ready_account, text_message

from ..session.case import LogWatch

reactor: Any = _reactor


def inner() -> Place:
    """Look from inside a function."""
    return place_of(sys._getframe())


class PlaceTests(SynchronousTestCase):
    """What a thread is doing."""

    def test_handler(self) -> None:
        """A handler is named with its account, and where in it the thread is."""
        places: list[Place] = []

        def on_text(_: object, __: object) -> None:
            places.append(inner())

        account, gateway = ready_account(name="shop-1")
        account.on(TextMessage, on_text)
        gateway.push(text_message("a"))
        account.close()
        (place,) = places
        self.assertTrue(place.function.endswith("test_handler.<locals>.on_text"))
        self.assertEqual(place.account, "shop-1")
        self.assertIn("test_stall.py:", place.line)
        self.assertTrue(place.line.endswith(" in inner"))
        self.assertIn("of account shop-1, at ", str(place))

    def test_coroutine(self) -> None:
        """So is a coroutine, by its first step; later ones by their function."""
        places: list[Place] = []
        waiting: Deferred[None] = Deferred()

        async def on_text(_: object, __: object) -> None:
            places.append(inner())
            await waiting
            places.append(inner())

        account, gateway = ready_account(name="shop-1")
        account.on(TextMessage, on_text)
        gateway.push(text_message("a"))
        waiting.callback(None)
        account.close()
        first, second = places
        self.assertEqual((first.account, second.account), ("shop-1", ""))
        self.assertTrue(first.function.endswith("on_text"))
        self.assertTrue(second.line.endswith(" in inner"))


class LookTests(SynchronousTestCase):
    """With a clock, and a thread that does nothing but wait."""

    def setUp(self) -> None:
        """Build a watch on a thread that holds up, and play its own thread."""
        self.log = LogWatch()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.clock = Clock()
        self.time = Clock()
        self.patch(threading.Thread, "start", lambda _: None)
        self.watch = StallWatch(self.clock, 1.0, now=self.time.seconds)
        self.watch.startService()
        self.addCleanup(self.watch.stopService)
        self.clock.advance(0)

    def told(self) -> int:
        """How often something was named."""
        return sum("does not turn" in line for line in self.log.lines)

    def test_turning(self) -> None:
        """Nothing is said of a reactor that turns."""
        for _ in range(10):
            self.time.advance(0.25)
            self.clock.advance(0.25)
            self.watch.look()
        self.time.advance(1.0)
        self.watch.look()
        self.assertEqual((self.told(), self.watch.stalls), (0, 0))

    def test_stalled(self) -> None:
        """It is told once while it lasts, and counted when it ends."""
        self.time.advance(1.001)
        self.watch.look()
        self.time.advance(1.0)
        self.watch.look()
        self.assertEqual((self.told(), self.watch.stalls), (1, 0))
        self.assertTrue(self.log.has("held up by "))
        self.clock.advance(1.0 / BEATS)
        self.assertEqual(self.watch.stalls, 1)
        self.assertAlmostEqual(self.watch.longest, 2.001)

    def test_told_again(self) -> None:
        """The same is not named again for a minute."""
        for _ in range(3):
            self.time.advance(1.5)
            self.watch.look()
            self.clock.advance(1.0 / BEATS)
        self.assertEqual((self.told(), self.watch.stalls), (1, 3))
        self.time.advance(TELL_AGAIN_SECONDS)
        self.watch.look()
        self.assertEqual(self.told(), 2)

    def test_bound(self) -> None:
        """So many places are remembered; the first is forgotten first."""
        self.watch._told = {str(number): 0.0 for number in range(MAX_TOLD_PLACES)}
        self.time.advance(1.5)
        self.watch.look()
        self.assertEqual(len(self.watch._told), MAX_TOLD_PLACES)
        self.assertNotIn("0", self.watch._told)

    def test_stopped(self) -> None:
        """After the end there is no timer, and the thread has an end."""
        self.watch.stopService()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.watch._watch(self.watch._ends)


class RealTests(TestCase):
    """On the real reactor, with a handler that blocks it."""

    timeout = 30

    async def test_blocking_handler(self) -> None:
        """The handler is named while it blocks, by another thread."""
        named = threading.Event()
        lines: list[str] = []

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            if "place" in event:
                lines.append(event["place"])
                named.set()

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        watch = StallWatch(reactor, 0.05)
        watch.startService()
        self.addCleanup(watch.stopService)
        await deferLater(reactor, 0)
        account, gateway = ready_account(name="shop-1", clock=reactor)
        self.addCleanup(account.close)

        def blocks(_: object, __: object) -> None:
            self.assertTrue(named.wait(20))

        account.on(TextMessage, blocks)
        gateway.push(text_message("a"))
        self.assertIn("blocks of account shop-1", lines[0])
        self.assertIn("test_stall.py:", lines[0])
        while not watch.stalls:
            await deferLater(reactor, 0)
        watch.stopService()
        watch._thread.join()  # type: ignore[union-attr] # it was started
