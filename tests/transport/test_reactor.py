"""No global reactor: neither autobahn nor we touch it, for any part of a session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from .session_in_memory import run_session

ROOT = Path(__file__).parent.parent.parent

#: Runs the tests of this module where no reactor is there.
_ALONE = """
import sys
sys.dont_write_bytecode = True
from twisted.internet.task import Clock
from tests.transport.session_in_memory import run_session
run_session(Clock())
if "twisted.internet.reactor" in sys.modules:
    sys.exit("a session in memory installed a reactor")
print("no reactor")
"""


class ReactorTests(SynchronousTestCase):
    """A whole session in memory."""

    def test_nothing_is_installed(self) -> None:
        """In a process without a reactor, a session brings none."""
        ran = subprocess.run(
            [sys.executable, "-c", _ALONE],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(ran.stdout.strip(), "no reactor", ran.stderr)

    def test_no_delayed_calls(self) -> None:
        """In a process with a reactor, nothing is left on it or on our clock."""
        before = reactor.getDelayedCalls()
        clock = Clock()
        run_session(clock)
        self.assertEqual(reactor.getDelayedCalls(), before)
        self.assertEqual(clock.getDelayedCalls(), [])
