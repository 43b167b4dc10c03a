"""What a person types."""

from __future__ import annotations

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.service.typed import TypedLines


class TypedLineTests(SynchronousTestCase):
    """The lines; that they are read from a terminal is seen in tests/test_cli.py."""

    def test_lines(self) -> None:
        """Each line is handed out, stripped; empty ones are not."""
        typed: list[str] = []
        lines = TypedLines(typed.append)
        lines.makeConnection(StringTransport())
        lines.dataReceived(" ping \r\n\n  \n店".encode())
        self.assertEqual(typed, ["ping"])
        lines.dataReceived(b"\xff\n")
        self.assertEqual(typed, ["ping", "店�"])
