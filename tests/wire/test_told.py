"""Tests of padchat_twisted.wire.told."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.told import (
    HttpRequest,
    HttpResponse,
    PingWebSocket,
    SendWebSocket,
    WebSocketHeard,
    WebSocketMessage,
)

SAID = "晚上吃什么"


class ToldTests(SynchronousTestCase):
    """What is told and asked."""

    def test_shows_no_content(self) -> None:
        """The repr, which ends up in logs, tells sizes instead of content."""
        data = SAID.encode()
        for value in (
            HttpRequest(1, "POST", (("authKey", SAID),), (("Cookie", SAID),), data),
            HttpResponse(1, 200, (("Set-Cookie", SAID),), data),
            WebSocketMessage(data, is_text=True),
            SendWebSocket(data, is_text=True),
        ):
            shown = repr(value)
            self.assertNotIn(SAID, shown)
            self.assertNotIn(repr(data)[2:-1], shown)
            self.assertIn(f"{len(data)} bytes", shown)

    def test_values(self) -> None:
        """They are values: equal by content, and frozen."""
        message = WebSocketMessage(b"40", is_text=True)
        self.assertEqual(message, WebSocketMessage(b"40", is_text=True))
        self.assertNotEqual(message, WebSocketMessage(b"40", is_text=False))
        self.assertRaises(AttributeError, setattr, message, "data", b"41")
        self.assertEqual(PingWebSocket(), PingWebSocket())
        self.assertEqual(WebSocketHeard(), WebSocketHeard())
