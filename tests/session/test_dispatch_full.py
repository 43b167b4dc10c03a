"""Dispatch when too much waits: the connection is paused until there is room."""

from __future__ import annotations

from padchat_twisted.catalogue import (
    SystemMessage,
    TextMessage,
)
from padchat_twisted.session.dispatch import (
    MAX_WAITING_EVENTS,
    RESUME_AT,
)

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
