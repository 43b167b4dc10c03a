"""Dispatch when too much waits: the connection is paused until there is room."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.logger import globalLogPublisher

from padchat_twisted.catalogue import (
    SystemMessage,
    TextMessage,
    Warn,
)
from padchat_twisted.catalogue.base import remember
from padchat_twisted.errors import LocalProtocolError
from padchat_twisted.session.dispatch import (
    MAX_HANDLERS,
    MAX_WAITING_BYTES,
    MAX_WAITING_BYTES_DURING_CALLS,
    MAX_WAITING_EVENTS,
    MAX_WAITING_NEWS,
    RESUME_AT,
)
from padchat_twisted.session.frames import LEAST_COUNTED_BYTES
from padchat_twisted.session.handlers import HandlerFailed
from padchat_twisted.session.states import StateChanged

from .case import LogWatch
from .test_dispatch import DispatchCase, text


class BackPressureTests(DispatchCase):
    """When too much waits, reading is paused."""

    def fill(self, count: int) -> None:
        """Have so many events of one conversation; a handler has the first."""
        self.dispatch.on(TextMessage, self.slow)
        self.deliver(*(text(str(number)) for number in range(count)))

    def test_edge(self) -> None:
        """The pause is asked for by the event that makes it too many."""
        self.fill(MAX_WAITING_EVENTS - 1)
        self.assertEqual(self.paused, [])
        self.deliver(text("one more"))
        self.assertEqual(self.dispatch.pending, MAX_WAITING_EVENTS)
        self.assertEqual(self.paused, [True])
        self.deliver(text("another"))
        self.assertEqual(self.paused, [True, True])

    def test_resume(self) -> None:
        """The end of the pause comes when half of them are done."""
        self.fill(MAX_WAITING_EVENTS)
        self.paused.clear()
        for number in range(MAX_WAITING_EVENTS - RESUME_AT - 1):
            self.done(str(number))
        self.assertEqual(self.paused, [])
        self.done(str(MAX_WAITING_EVENTS - RESUME_AT - 1))
        self.assertEqual(self.dispatch.pending, RESUME_AT)
        self.assertEqual(self.paused, [False])

    def test_many_conversations(self) -> None:
        """What handlers have and are not done with counts, wherever it was written."""
        self.dispatch.on(TextMessage, self.slow)
        for number in range(MAX_WAITING_EVENTS):
            self.assertEqual(self.paused, [])
            self.deliver(text(str(number), from_user=f"wxid_{number}"))
        self.assertEqual(self.dispatch.pending, MAX_WAITING_EVENTS)
        self.assertEqual(self.paused, [True])
        for number in range(MAX_WAITING_EVENTS - RESUME_AT):
            self.assertEqual(self.paused, [True])
            self.done(str(number))
        self.assertEqual(self.paused, [True, False])
        for number in range(MAX_WAITING_EVENTS - RESUME_AT, MAX_WAITING_EVENTS):
            self.done(str(number))
        self.assertEqual(self.dispatch.pending, 0)
        self.assertEqual(self.dispatch.busy, {})

    def test_unhandled_events_do_not_wait(self) -> None:
        """What nobody handles takes no room."""
        self.fill(MAX_WAITING_EVENTS - 1)
        self.deliver(*(SystemMessage(from_user="a") for _ in range(10)))
        self.assertEqual(self.paused, [])


class BytesTests(DispatchCase):
    """Few events that hold much pause reading as many do."""

    def setUp(self) -> None:
        """Have a handler that is done when the test says so."""
        super().setUp()
        self.dispatch.on(TextMessage, self.slow)

    def receive(self, content: str, size: int, from_user: str = "a") -> None:
        """Have a message come in a frame of that size."""
        event = text(content, from_user=from_user)
        remember(event, bytes(size))
        self.deliver(event)

    def test_edge(self) -> None:
        """What a handler has counts with what waits for it, small ones left out."""
        half = MAX_WAITING_BYTES // 2
        self.receive("1", half)
        self.receive("2", half - LEAST_COUNTED_BYTES)
        self.receive("3", LEAST_COUNTED_BYTES - 1)
        self.assertEqual(self.paused, [])
        self.receive("4", LEAST_COUNTED_BYTES)
        self.assertEqual(self.dispatch.waiting_bytes, MAX_WAITING_BYTES)
        self.assertEqual(self.paused, [True])
        self.receive("5", 1)
        self.assertEqual(self.paused, [True, True])

    def test_resume(self) -> None:
        """The end of the pause comes when half of them are left."""
        half = MAX_WAITING_BYTES // 2
        least = LEAST_COUNTED_BYTES
        for content, size in (("1", half - least), ("2", 1), ("3", least), ("4", half)):
            self.receive(content, size)
        self.assertEqual(self.paused, [True])
        self.done("1")
        self.done("2")
        self.assertEqual(self.dispatch.waiting_bytes, half + least)
        self.assertEqual(self.paused, [True])
        self.done("3")
        self.assertEqual(self.paused, [True, False])
        self.done("4")
        self.assertEqual(self.dispatch.waiting_bytes, 0)
        self.assertEqual(self.paused, [True, False])

    def test_number_and_bytes(self) -> None:
        """There has to be room by both measures."""
        for number in range(MAX_WAITING_EVENTS - 1):
            self.receive(str(number), 1)
        self.receive("large", MAX_WAITING_BYTES)
        self.paused.clear()
        for number in range(MAX_WAITING_EVENTS - 1):
            self.done(str(number))
        self.assertEqual(self.paused, [])
        self.done("large")
        self.assertEqual(self.paused, [False])

    def test_many_conversations(self) -> None:
        """It does not matter for whom they wait."""
        share = MAX_WAITING_BYTES // 4
        for number in range(4):
            self.assertEqual(self.paused, [])
            self.receive(str(number), share, from_user=f"wxid_{number}")
        self.assertEqual(self.paused, [True])
        self.done("3")
        self.done("0")
        self.assertEqual(self.paused, [True, False])

    def test_during_calls(self) -> None:
        """While a call is in flight the limit is a higher one."""
        self.receive("1", MAX_WAITING_BYTES_DURING_CALLS - LEAST_COUNTED_BYTES)
        self.assertFalse(self.dispatch.is_overfull)
        self.receive("2", LEAST_COUNTED_BYTES)
        self.assertTrue(self.dispatch.is_overfull)

    def test_done_at_once(self) -> None:
        """What is handled at once is not counted."""
        self.dispatch.on(SystemMessage, self.sync)
        event = SystemMessage(from_user="a")
        remember(event, bytes(MAX_WAITING_BYTES))
        self.deliver(event)
        self.assertEqual((self.paused, self.dispatch.waiting_bytes), ([], 0))

    def test_dropped_news(self) -> None:
        """News that are dropped give their bytes back."""
        wedged: Deferred[None] = Deferred()
        self.dispatch.on(HandlerFailed, lambda *_: wedged)
        self.dispatch.on(SystemMessage, lambda *_: 1 / 0)
        count = MAX_WAITING_NEWS + 2
        for _ in range(count):
            event = SystemMessage(from_user="a")
            remember(event, bytes(LEAST_COUNTED_BYTES))
            self.deliver(event)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), count)
        self.assertEqual(self.dispatch.dropped, 1)
        self.assertEqual(self.dispatch.waiting_bytes, (count - 1) * LEAST_COUNTED_BYTES)
        wedged.callback(None)
        self.assertEqual(self.dispatch.waiting_bytes, 0)


class NewsTests(DispatchCase):
    """What an account tells of itself is bounded without a pause."""

    def setUp(self) -> None:
        """Have a handler that is not done."""
        super().setUp()
        self.heard: list[str] = []
        self.wedged: Deferred[None] = Deferred()
        self.dispatch.on(StateChanged, self.hear)
        self.tell(-1)

    def hear(self, account: object, change: StateChanged) -> Deferred[None]:
        """Wait for the first one."""
        self.heard.append(change.new)
        return self.wedged if len(self.heard) == 1 else succeed(None)

    def tell(self, *numbers: int) -> None:
        """Change the state as often as that."""
        self.deliver(*(StateChanged("connecting", str(n), None) for n in numbers))

    def test_edge(self) -> None:
        """The oldest that wait go, so that the handler hears the newest."""
        self.tell(*range(MAX_WAITING_NEWS))
        self.assertEqual(self.dispatch.dropped, 0)
        self.tell(MAX_WAITING_NEWS, MAX_WAITING_NEWS + 1)
        self.assertEqual(self.dispatch.dropped, 2)
        self.assertEqual(self.dispatch.pending, MAX_WAITING_NEWS + 1)
        self.wedged.callback(None)
        newest = [str(number) for number in range(2, MAX_WAITING_NEWS + 2)]
        self.assertEqual(self.heard, ["-1", *newest])
        self.assertEqual(self.dispatch.pending, 0)

    def test_told_once(self) -> None:
        """The log names the handler, once."""
        log = LogWatch()
        globalLogPublisher.addObserver(log)
        self.addCleanup(globalLogPublisher.removeObserver, log)
        self.tell(*range(MAX_WAITING_NEWS + 2))
        self.assertEqual(len(log.lines), 1)
        self.assertTrue(log.has("handler NewsTests.hear is not done"))

    def test_gateway_events_stay(self) -> None:
        """What the gateway told is never dropped: for that, reading is paused."""
        self.dispatch.on(Warn, self.sync)
        self.deliver(*(Warn() for _ in range(MAX_WAITING_NEWS + 1)))
        self.tell(*range(MAX_WAITING_NEWS))
        self.assertEqual(self.dispatch.dropped, 0)
        self.tell(MAX_WAITING_NEWS)
        self.assertEqual(self.dispatch.dropped, 1)
        self.wedged.callback(None)
        self.assertEqual(self.ran, ["Warn"] * (MAX_WAITING_NEWS + 1))


class HandlersTests(DispatchCase):
    """How many handlers there may be."""

    def test_bound(self) -> None:
        """One too many is refused, of whatever kind; there is room for it later."""
        remove = self.dispatch.on(TextMessage, self.sync)
        for _ in range(MAX_HANDLERS - 1):
            self.dispatch.on(SystemMessage, self.sync)
        with self.assertRaises(LocalProtocolError) as caught:
            self.dispatch.on(HandlerFailed, self.sync)
        self.assertIn("account bot", str(caught.exception))
        remove()
        self.dispatch.on(HandlerFailed, self.sync)
