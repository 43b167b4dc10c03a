"""What a verb does with its process: output, exit status, the reactor's life."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from ..errors import PadChatError
from ..redaction import KNOWN

__all__ = ["FAILED", "USAGE", "complain", "run_reactor", "say"]

#: Exit status: something did not work; the command line was wrong.
FAILED = 1
USAGE = 2


def say(line: str) -> None:
    """Write a line for a person, as far as the terminal has the characters."""
    # People write what a terminal may not have, and halves of an emoji.
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding), flush=True)


def complain(problem: str, status: int = FAILED) -> int:
    """Tell what went wrong, on the error output.

    Args:
        problem: what, and what to do.
        status: the exit status for it.

    Returns:
        That status.
    """
    encoding = sys.stderr.encoding or "utf-8"
    line = f"padchat: {KNOWN.redact(problem)}"
    line = line.encode(encoding, "replace").decode(encoding)
    print(line, file=sys.stderr, flush=True)
    return status


def run_reactor(
    reactor: Any,  # noqa: ANN401 - several interfaces in one
    work: Callable[[], Coroutine[Deferred[Any], Any, int]],
    stop: Callable[[], Coroutine[Deferred[Any], Any, None]],
    interrupted: int = 0,
) -> int:
    """Run *work* until it ends or a signal comes; then *stop*.

    Args:
        reactor: runs them.
        work: what to do.
        stop: called before the reactor stops, however that came.
        interrupted: the exit status when a signal came first.

    Returns:
        What *work* returned, or *interrupted*.
    """
    status = interrupted
    is_stopping = False

    def ended(result: int) -> None:
        nonlocal status
        status = result
        reactor.stop()

    def failed(failure: Failure) -> None:
        if failure.check(PadChatError):
            ended(complain(failure.getErrorMessage()))
        else:
            sys.stderr.write(KNOWN.redact(failure.getTraceback()))
            ended(FAILED)

    def begin() -> None:
        working = Deferred.fromCoroutine(work())
        # What ends because we stop is no news.
        working.addCallbacks(
            lambda result: None if is_stopping else ended(result),
            lambda failure: None if is_stopping else failed(failure),
        )

    def stopping() -> Deferred[None]:
        nonlocal is_stopping
        is_stopping = True
        return Deferred.fromCoroutine(stop())

    reactor.addSystemEventTrigger("before", "shutdown", stopping)
    reactor.callWhenRunning(begin)
    reactor.run()
    return status
