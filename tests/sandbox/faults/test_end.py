"""When the faults are over, none comes any more."""

from __future__ import annotations

from .case import URLS, FaultCase, scenario

#: When the connection falls silent, and when the faults are over (seconds).
SILENT_AT = 30
END = 10


class EndTests(FaultCase):
    """What was to happen to a connection that is there."""

    def test_planned(self) -> None:
        """A fault that a connection has later does not come behind the end."""
        for dialect in URLS:
            self.serve(
                scenario(
                    f'ends_after = {END}\n[[fault]]\ndo = "silence"\n'
                    f"after = {SILENT_AT}\nseconds = 60\n"
                )
            )
            account = self.log_in(dialect)
            self.stage.wait(SILENT_AT)
            self.assertEqual(self.outcome(self.send(account)), "SentMessage", dialect)
