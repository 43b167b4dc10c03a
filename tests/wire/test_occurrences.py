"""Tests of padchat_twisted.wire.occurrences."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.occurrences import (
    ErrorReceived,
    NamespaceRequested,
    SocketAck,
    SocketEvent,
)

SAID = "secret-key-1"


class OccurrenceTests(SynchronousTestCase):
    """What comes out of a connection."""

    def test_shows_no_content(self) -> None:
        """The repr, which ends up in logs, holds no key and no message text."""
        body = f'["{SAID}"]'.encode()
        for value in (
            NamespaceRequested("/user", (("authKey", SAID),)),
            ErrorReceived("/user", body, is_refusal=True),
            SocketEvent("/user", "push", body, 3, (body,)),
            SocketAck("/user", 3, body, (body,)),
        ):
            self.assertNotIn(SAID, repr(value))
            self.assertIn("'/user'", repr(value))
