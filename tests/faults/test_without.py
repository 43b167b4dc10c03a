"""Tests that have to fail when the mechanism that they are about is taken away."""

from __future__ import annotations

from unittest import TestResult

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session import dispatch
from padchat_twisted.session.calls import Calls
from padchat_twisted.session.seen import SeenMessages
from padchat_twisted.session.slow import SlowWatch

from ..session import test_account, test_calls, test_dispatch, test_slow


class WithoutTests(SynchronousTestCase):
    """One test for each mechanism."""

    def assert_fails(self, test: SynchronousTestCase) -> None:
        """Run *test*, which passes when its mechanism is there."""
        result = TestResult()
        test.run(result)
        self.assertEqual(result.testsRun, 1)
        self.assertFalse(result.wasSuccessful(), test)
        self.flushLoggedErrors()

    def test_seen_messages(self) -> None:
        """With a filter that knows no message, one that comes again is answered."""
        self.patch(SeenMessages, "is_new", lambda self, msg_id: True)
        self.assert_fails(test_account.MessageTests("test_repeated"))

    def test_lost_connection(self) -> None:
        """With calls that hear of no loss, they hang."""
        self.patch(Calls, "lost", lambda self, unsent: lambda: None)
        self.assert_fails(test_calls.OutcomeTests("test_connection_lost"))

    def test_time_limits(self) -> None:
        """With calls whose time is never over, they hang."""
        self.patch(Calls, "_look_at_deadlines", lambda self: None)
        self.assert_fails(test_calls.TimeLimitTests("test_edge"))

    def test_order(self) -> None:
        """With each event in a conversation of its own, they overtake each other."""
        self.patch(dispatch, "_conversation", lambda event: str(id(event)))
        self.assert_fails(test_dispatch.OrderTests("test_one_conversation"))

    def test_slow_handlers(self) -> None:
        """With nobody who looks, a slow handler is not named."""
        self.patch(SlowWatch, "_look", lambda self: None)
        self.assert_fails(test_slow.SlowTests("test_named"))
