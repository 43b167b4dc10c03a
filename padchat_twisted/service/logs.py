"""Where the log of a process goes, and what is taken out of it on the way.

Source: ``docs/design/0009-secrets.md``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LegacyLogObserverWrapper,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    eventAsText,
    globalLogBeginner,
    textFileLogObserver,
)
from twisted.python.components import Componentized
from twisted.python.log import ILogObserver as ILegacyLogObserver
from zope.interface import implementer

from ..redaction import KNOWN, KnownSecrets

__all__ = [
    "RedactingLogObserver",
    "log_to_file",
    "log_to_terminal",
    "redact_log_of_twistd",
]

#: What is taken over of an event in which a secret was found. None of them can hold
#: one, and its text is made anew.
_KEPT = ("log_time", "time", "log_level", "log_namespace")


@implementer(ILogObserver)
class RedactingLogObserver:
    """Hands events to another observer, without secrets that are in use.

    Whoever logged it, if the text of an event, its traceback or its system has a known
    secret in it, the observer gets an event that is nothing but the redacted text. Any
    other event is handed on as it is. Observers of others are not touched.

    Args:
        observer: writes the log.
        known: the secrets to look for; those of this process's accounts if left out.
    """

    def __init__(self, observer: ILogObserver, known: KnownSecrets = KNOWN) -> None:
        self._observer = observer
        self._known = known

    def __call__(self, event: LogEvent) -> None:
        """Hand an event on."""
        text = eventAsText(event, includeTimestamp=False)
        if self._known.redact(text) is text:
            self._observer(event)
            return
        clean = {key: event[key] for key in _KEPT if key in event}
        text = eventAsText(event, includeTimestamp=False, includeSystem=False)
        clean["log_text"] = self._known.redact(text)
        clean["log_format"] = "{log_text}"
        if "log_system" in event:
            clean["log_system"] = self._known.redact(str(event["log_system"]))
        self._observer(clean)


def log_to_file(path: Path) -> None:
    """Write the log of this process to a file that only its owner reads.

    Raises:
        OSError: the file cannot be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    file = os.fdopen(handle, "a", encoding="utf-8", errors="replace")
    _begin(RedactingLogObserver(textFileLogObserver(file)))


def log_to_terminal() -> None:
    """Write warnings, and what is worse, to the standard error stream."""
    predicate = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    observer = RedactingLogObserver(textFileLogObserver(sys.stderr))
    _begin(FilteringLogObserver(observer, [predicate]))


def redact_log_of_twistd(application: object, options: Mapping[str, object]) -> None:
    """Have twistd redact the log that its own options name, before it begins it.

    An observer that the user chose, by ``--logger`` or as a component of the
    application, is the user's.

    Args:
        application: to which a plugin's service is added; others are left alone.
        options: the command line of twistd.
    """
    if not isinstance(application, Componentized) or options.get("logger"):
        return
    if application.getComponent(ILogObserver) is not None:
        return
    if application.getComponent(ILegacyLogObserver) is not None:
        return
    # Asked where it is needed: the module has a part for each system.
    from twisted.scripts import twistd

    # There is no public way to the observer that the options mean: tests hold both
    # names, and see that a daemon's log is redacted.
    runner: Any = vars(twistd)["_SomeApplicationRunner"]
    logger = runner.loggerFactory(options)
    observer = logger._getLogObserver()
    if not ILogObserver.providedBy(observer):
        observer = LegacyLogObserverWrapper(observer)
    application.setComponent(ILogObserver, RedactingLogObserver(observer))


def _begin(observer: ILogObserver) -> None:
    globalLogBeginner.beginLoggingTo(
        [observer], redirectStandardIO=False, discardBuffer=True
    )
