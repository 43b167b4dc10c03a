"""Bytes of frames that wait with their events."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import PushItem, TextMessage, decode_event, decode_push
from padchat_twisted.catalogue.base import remember
from padchat_twisted.session.frames import (
    LEAST_COUNTED_BYTES,
    WaitingFrames,
    holds_much,
)
from padchat_twisted.session.handlers import HandlerFailed
from padchat_twisted.session.states import StateChanged
from padchat_twisted.testing import text_message
from padchat_twisted.wire.dialect_socketio import notice_body
from padchat_twisted.wire.envelope import Notice


def pushed(*words: str) -> tuple[bytes, tuple[PushItem, ...]]:
    """Have messages come in one push."""
    frame = notice_body("push", {"list": [text_message(word) for word in words]})
    return frame, decode_push(Notice("push", frame)) or ()


class WaitingFramesTests(SynchronousTestCase):
    """What counts, and how often."""

    def setUp(self) -> None:
        """Have none."""
        self.frames = WaitingFrames()

    def test_shared(self) -> None:
        """Items of one push have their frame in common, in whatever order they go."""
        frame, items = pushed("1", "2", "3")
        for item in items:
            self.frames.hold(item)
            self.assertEqual(self.frames.held_bytes, len(frame))
        for at in (1, 0):
            self.frames.drop(items[at])
            self.assertEqual(self.frames.held_bytes, len(frame))
        self.frames.drop(items[2])
        self.assertEqual(self.frames.held_bytes, 0)
        self.assertEqual(self.frames._events, {})

    def test_equal(self) -> None:
        """Two frames of the same text are two."""
        (one, (first,)), (other, (second,)) = pushed("1"), pushed("1")
        self.frames.hold(first)
        self.frames.hold(second)
        self.assertEqual(self.frames.held_bytes, len(one) + len(other))
        self.frames.drop(first)
        self.assertEqual(self.frames.held_bytes, len(other))

    def test_least(self) -> None:
        """Small frames do not count."""
        for size, counts in ((LEAST_COUNTED_BYTES - 1, False), (1024, True)):
            event = TextMessage()
            remember(event, bytes(size))
            self.assertIs(holds_much(event), counts)

    def test_other_events(self) -> None:
        """Events of every kind have a frame."""
        frame = notice_body("brandNew", {"a": "b" * LEAST_COUNTED_BYTES})
        event = decode_event(Notice("brandNew", frame))
        self.assertTrue(holds_much(event))
        self.frames.hold(event)
        self.assertEqual(self.frames.held_bytes, len(frame))

    def test_news(self) -> None:
        """News of an account have none, but for the event that a handler failed on."""
        self.assertFalse(holds_much(StateChanged("ready", "ready")))
        self.assertFalse(
            holds_much(HandlerFailed("f", StateChanged("ready", "ready"), ValueError()))
        )
        frame, (item,) = pushed("1" * LEAST_COUNTED_BYTES)
        failed = HandlerFailed("on_text", item, ValueError())
        self.assertTrue(holds_much(failed))
        self.frames.hold(failed)
        self.assertEqual(self.frames.held_bytes, len(frame))
        self.frames.drop(failed)
        self.assertEqual(self.frames.held_bytes, 0)
