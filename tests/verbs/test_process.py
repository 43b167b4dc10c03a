"""Output and exit status of a verb, and the life of the reactor."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.errors import PadChatError
from padchat_twisted.redaction import KNOWN
from padchat_twisted.verbs.process import FAILED, complain, run_reactor, say

from .stage import written


class OutputTests(SynchronousTestCase):
    """Lines for people."""

    def test_complaint(self) -> None:
        """A complaint goes to the error output, and tells the status."""
        told = "padchat: it broke\n"
        self.assertEqual(written(lambda: complain("it broke", 7)), (7, "", told))
        self.assertEqual(written(lambda: complain("it broke")), (FAILED, "", told))

    def test_secret(self) -> None:
        """What is in use is not told, whoever put it into an error."""
        KNOWN.keep(self, ["a-known-secret-1234"])
        self.addCleanup(KNOWN.forget, self)
        ran = written(lambda: complain("bad key a-known-secret-1234"))
        self.assertEqual(ran, (FAILED, "", "padchat: bad key [secret]\n"))

    def test_poor_terminal(self) -> None:
        """What the terminal does not have is replaced, and breaks nothing."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "ascii") for _ in range(2))
        with redirect_stdout(out), redirect_stderr(err):
            say("早 \ud83d")
            complain("早")
        for stream, expected in ((out, "? ?\n"), (err, "padchat: ?\n")):
            stream.seek(0)
            self.assertEqual(stream.read(), expected)


class FakeReactor:
    """A reactor that runs until it is stopped.

    Args:
        signal: whether a signal comes, as soon as it runs.
    """

    def __init__(self, *, signal: bool = False) -> None:
        self._signal = signal
        self._begin: Callable[[], object] = lambda: None
        self._before: Callable[[], Deferred[None]] | None = None

    def addSystemEventTrigger(
        self, phase: str, event: str, call: Callable[[], Deferred[None]]
    ) -> None:
        """Take what is done before the end."""
        self._before = call

    def callWhenRunning(self, call: Callable[[], object]) -> None:
        """Take what is done at the beginning."""
        self._begin = call

    def run(self) -> None:
        """Run."""
        self._begin()
        if self._signal:
            self.stop()

    def stop(self) -> None:
        """Stop."""
        before, self._before = self._before, None
        if before is not None:
            before()


class RunTests(SynchronousTestCase):
    """How the work of a verb ends."""

    def setUp(self) -> None:
        """Nothing was stopped yet."""
        self.stopped = 0

    async def stop(self) -> None:
        """Count the ends."""
        self.stopped += 1

    def run_work(
        self, work: Callable[[], Deferred[int]], *, signal: bool = False
    ) -> tuple[int, str, str]:
        """Run *work*; 9 stands for a signal."""

        async def awaited() -> int:
            return await work()

        reactor = FakeReactor(signal=signal)
        ran = written(lambda: run_reactor(reactor, awaited, self.stop, 9))
        self.assertEqual(self.stopped, 1)
        return ran

    def test_done(self) -> None:
        """Its status is the process's."""

        async def work() -> int:
            return 5

        self.assertEqual(self.run_work(lambda: ensureDeferred(work())), (5, "", ""))

    def test_failed(self) -> None:
        """An error of ours is one line, any other a traceback."""

        async def work() -> int:
            raise PadChatError("it broke")

        ran = self.run_work(lambda: ensureDeferred(work()))
        self.assertEqual(ran, (FAILED, "", "padchat: it broke\n"))

    def test_bug(self) -> None:
        """Any other error is told with its place."""

        async def work() -> int:
            raise ZeroDivisionError

        status, out, err = self.run_work(lambda: ensureDeferred(work()))
        self.assertEqual((status, out), (FAILED, ""))
        self.assertIn("ZeroDivisionError", err)
        self.assertIn("test_process.py", err)

    def test_secret_in_a_bug(self) -> None:
        """A secret in use is not in the traceback."""
        KNOWN.keep(self, ["a-known-secret-1234"])
        self.addCleanup(KNOWN.forget, self)

        async def work() -> int:
            raise ZeroDivisionError("a-known-" + "secret-1234")

        status, out, err = self.run_work(lambda: ensureDeferred(work()))
        self.assertEqual((status, out), (FAILED, ""))
        self.assertIn("ZeroDivisionError: [secret]", err)

    def test_interrupted(self) -> None:
        """A signal ends it with the status for that; what fails then is no news."""
        waiting: Deferred[int] = Deferred()
        self.assertEqual(self.run_work(lambda: waiting, signal=True), (9, "", ""))
        waiting.errback(PadChatError("because it stops"))
