"""Where the log of a process goes that is run from a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

__all__ = ["log_to_file", "log_to_terminal"]


def log_to_file(path: Path) -> None:
    """Write the log of this process to a file that only its owner reads.

    Raises:
        OSError: the file cannot be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    file = os.fdopen(handle, "a", encoding="utf-8", errors="replace")
    _begin(textFileLogObserver(file))


def log_to_terminal() -> None:
    """Write warnings, and what is worse, to the standard error stream."""
    predicate = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    _begin(FilteringLogObserver(textFileLogObserver(sys.stderr), [predicate]))


def _begin(observer: Any) -> None:  # noqa: ANN401 - an ILogObserver
    globalLogBeginner.beginLoggingTo(
        [observer], redirectStandardIO=False, discardBuffer=True
    )
