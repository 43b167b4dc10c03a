"""Running handlers: failures stay where they are, slow ones slow the peer down."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import NotSent
from padchat_twisted.socketio.flow import (
    MAX_RUNNING_DURING_CALLS,
    MAX_RUNNING_HANDLERS,
    Flow,
)


class FlowTests(SynchronousTestCase):
    """One connection's handlers."""

    def setUp(self) -> None:
        """Make the flow of a connection that notes its pauses."""
        self.pauses: list[bool] = []
        self.flow = Flow(self.pauses.append)
        self.answers: list[object] = []
        self.slow: list[Deferred[Any]] = []

    def wait(self) -> Deferred[Any]:
        """Handle something slowly."""
        deferred: Deferred[Any] = Deferred()
        self.slow.append(deferred)
        return deferred

    def run_slow(self, number: int) -> None:
        """Run slow handlers."""
        for _ in range(number):
            self.flow.run("/chat", self.wait, ())

    def test_answers(self) -> None:
        """What a handler returns is the answer, at once or when it is there."""

        async def later() -> object:
            return await self.wait()

        for handler in (lambda: 1, self.wait, later):
            self.flow.run("/chat", handler, (), self.answers.append)
        self.assertEqual(self.answers, [1])
        self.slow[1].callback(3)
        self.slow[0].callback(2)
        self.assertEqual(self.answers, [1, 3, 2])

    def test_a_handler_that_raises(self) -> None:
        """Its failure is logged with its name, answers nothing and harms nobody."""

        def bad() -> None:
            raise ValueError("oh")

        async def worse() -> None:
            raise ValueError("oh")

        for handler in (bad, worse):
            self.flow.run("/chat", handler, (), self.answers.append)
            self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
            self.assertEqual(self.answers, [])

    def test_a_handler_whose_call_failed(self) -> None:
        """An event for somebody who is gone is one line in the log, no traceback."""

        def bad() -> None:
            raise NotSent("hi", "not connected")

        with capturedLogs() as events:
            self.flow.run("/chat", bad, ())
        (event,) = events
        self.assertIs(event["log_level"], LogLevel.warn)
        self.assertIn("bad of namespace /chat", event["what"])
        self.assertNotIn("log_failure", event)

    def test_an_answer_that_fails(self) -> None:
        """An answer that cannot be sent is the handler's failure."""

        def answer(value: object) -> None:
            raise ValueError("oh")

        self.flow.run("/chat", lambda: 1, (), answer)
        self.flow.run("/chat", self.wait, (), answer)
        self.slow[0].callback(1)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)

    def test_paused_at_the_limit(self) -> None:
        """Reading is paused at the limit, and goes on when half of it is done."""
        self.run_slow(MAX_RUNNING_HANDLERS - 1)
        self.assertEqual(self.pauses, [])
        self.run_slow(1)
        self.assertEqual(self.pauses, [True])
        half = MAX_RUNNING_HANDLERS // 2
        for deferred in self.slow[: half - 1]:
            deferred.callback(None)
        self.assertEqual(self.pauses, [True])
        self.slow[half - 1].callback(None)
        self.assertEqual(self.pauses, [True, False])

    def test_a_call_while_paused(self) -> None:
        """A handler that calls the peer sees the answer, though too many run."""
        self.run_slow(MAX_RUNNING_HANDLERS)
        self.flow.call_began()
        self.assertEqual(self.pauses, [True, False])
        self.run_slow(MAX_RUNNING_DURING_CALLS - MAX_RUNNING_HANDLERS)
        self.assertEqual(self.pauses, [True, False, True])
        self.flow.call_ended()
        self.assertEqual(self.pauses, [True, False, True])

    def test_failures_end_handlers_too(self) -> None:
        """A slow handler that fails makes room as well as any."""
        self.run_slow(MAX_RUNNING_HANDLERS)
        for deferred in self.slow:
            deferred.errback(NotSent("hi", "not connected"))
        self.assertEqual(self.pauses, [True, False])

    def test_another_connection(self) -> None:
        """A connection that comes while too many run is paused too."""
        self.flow.connected()
        self.assertEqual(self.pauses, [])
        self.run_slow(MAX_RUNNING_HANDLERS)
        self.flow.connected()
        self.assertEqual(self.pauses, [True, True])
