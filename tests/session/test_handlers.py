"""What handlers are called, and what tells that one raised."""

from __future__ import annotations

from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.handlers import HandlerFailed, name_of
from padchat_twisted.testing import RecordedHandler

from .test_dispatch import text


class NameTests(SynchronousTestCase):
    """Names for people."""

    def hear(self, account: object, event: object) -> None:
        """Hear of an event."""

    def test_kinds(self) -> None:
        """A method has that of its class too, an object that of its class alone."""
        self.assertEqual(name_of(self.hear), "NameTests.hear")
        self.assertEqual(name_of(partial(self.hear)), "NameTests.hear")
        self.assertEqual(name_of(RecordedHandler()), "RecordedHandler")


class HandlerFailedTests(SynchronousTestCase):
    """What is handed out when a handler raised."""

    def test_repr(self) -> None:
        """It repeats neither the message nor what the error says."""
        failed = HandlerFailed("on_text", text("secret"), ValueError("secret"))
        self.assertEqual(
            repr(failed), "HandlerFailed('on_text', TextMessage, ValueError)"
        )
