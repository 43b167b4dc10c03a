"""The log of a process that is run from a terminal; a process has but one."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from twisted.application.service import Application
from twisted.logger import (
    ILogObserver,
    LegacyLogObserverWrapper,
    LogEvent,
    Logger,
    LogLevel,
    LogPublisher,
    eventAsText,
    jsonFileLogObserver,
)
from twisted.python.failure import Failure
from twisted.python.log import ILogObserver as ILegacyLogObserver
from twisted.scripts import twistd
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from padchat_twisted.redaction import KNOWN, KnownSecrets
from padchat_twisted.service.logs import RedactingLogObserver, redact_log_of_twistd

from ..secrets_in import secrets_in

PROGRAM = """
from pathlib import Path
from twisted.logger import Logger
from padchat_twisted.service.logs import log_to_file, log_to_terminal
{begin}
log = Logger("bot")
log.info("so far, so good")
log.warn("\\u4f60\\ud83d")
from padchat_twisted.redaction import KNOWN
KNOWN.keep("test", ["a-known-secret-1234"])
log.warn("GET /?key=a-known-secret-1234&name=0")
print("shown")
"""


class LogTests(SynchronousTestCase):
    """In processes of their own."""

    def run_with(self, begin: str) -> tuple[str, str]:
        """Run a program that logs; return what it wrote to the terminal."""
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(begin=begin)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout, ran.stderr

    def test_file(self) -> None:
        """A file gets everything, behind what is in it, and is its owner's alone."""
        path = Path(self.mktemp()).absolute()
        for _ in range(2):
            out, err = self.run_with(f"log_to_file(Path({str(path)!r}))")
            self.assertEqual((out, err), ("shown\n", ""))
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count("[bot#info] so far, so good\n"), 2)
        self.assertEqual(text.count("[bot#warn] 你?\n"), 2)
        self.assertEqual(text.count("[bot#warn] GET /?key=[secret]&name=0\n"), 2)
        self.assertNotIn("a-known-secret", text)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_terminal(self) -> None:
        """The terminal gets warnings only."""
        out, err = self.run_with("log_to_terminal()")
        self.assertEqual(out, "shown\n")
        self.assertIn("[bot#warn] 你", err)
        self.assertNotIn("so far", err)
        self.assertIn("[bot#warn] GET /?key=[secret]&name=0\n", err)
        self.assertNotIn("a-known-secret", err)


SECRET = "plänted/secret+0123456789"


@implementer(ILogObserver)
class Collector:
    """An observer that keeps its events."""

    def __init__(self) -> None:
        self.events: list[LogEvent] = []

    def __call__(self, event: LogEvent) -> None:
        """Keep one."""
        self.events.append(event)


class RedactingTests(SynchronousTestCase):
    """Events on their way to an observer."""

    def setUp(self) -> None:
        """Put a redacted and an ordinary observer beside each other."""
        self.known = KnownSecrets()
        self.known.keep("test", [SECRET])
        self.redacted, self.plain = Collector(), Collector()
        publisher = LogPublisher(
            self.plain, RedactingLogObserver(self.redacted, self.known)
        )
        self.library = Logger("library", observer=publisher)

    def written(self) -> str:
        """Write what came through, in every way in which it could be."""
        out = io.StringIO()
        legacy: Any = lambda event: out.write(f"{event}\n")  # noqa: E731
        for event in self.redacted.events:
            out.write(f"{eventAsText(event)}\n{event}\n")
            jsonFileLogObserver(out)(event)
            LegacyLogObserverWrapper(legacy)(dict(event))
        return out.getvalue()

    def assert_redacted(self, *texts: str) -> None:
        """Check that nothing was shown, and that the rest of the text was."""
        written = self.written()
        self.assertEqual(secrets_in(written, {"it": SECRET}), [])
        for text in texts:
            self.assertIn(text, written)

    def test_text(self) -> None:
        """A secret in the text of a line, in a field, and in a repr."""
        url = f"/?key={quote(SECRET)}&name=0"
        self.library.info("connecting to {url}", url=url)
        self.library.warn("headers: {headers!r}", headers={"X-Key": SECRET.encode()})
        self.library.error(
            "{account.key} is wrong", account=Holder(SECRET), hidden=SECRET
        )
        self.assert_redacted("/?key=[secret]&name=0", "'X-Key': b'[secret]'", "wrong")
        self.assertEqual(len(self.redacted.events), 3)

    def test_failure(self) -> None:
        """A secret in the message of an error and in its traceback."""
        try:
            raise LookupError(f"no {SECRET} here")
        except LookupError:
            self.library.failure("it failed on {what}", what=SECRET)
        self.assert_redacted("it failed on [secret]", "no [secret] here", "LookupError")
        self.flushLoggedErrors(LookupError)

    def test_unhandled(self) -> None:
        """A Deferred that nobody looked at, as Twisted logs it."""
        failure = Failure(ValueError(f"bad token {SECRET}"))
        self.library.failure("Unhandled error in Deferred:", failure=failure)
        self.assert_redacted("bad token [secret]", "Unhandled error in Deferred")

    def test_legacy(self) -> None:
        """What a library logs in the old way."""
        event: LogEvent = {"log_time": 1.0, "log_level": LogLevel.info}
        event |= {"message": (f"token {SECRET}",), "system": SECRET}
        event |= {"log_system": SECRET, "log_format": "{log_text}"}
        event |= {"log_text": f"token {SECRET}"}
        RedactingLogObserver(self.redacted, self.known)(event)
        self.assert_redacted("[[secret]] token [secret]")

    def test_broken_event(self) -> None:
        """An event that cannot be formatted shows its fields, so they are looked at."""
        self.library.info("{nothing.there}", token=SECRET)
        self.assert_redacted("Unable to format event")

    def test_others(self) -> None:
        """Other observers get the event as it was; other events come as they are."""
        self.library.info("key {key}", key=SECRET)
        self.library.info("no secret {key}", key="a", more=7)
        self.assertEqual(self.plain.events[0]["key"], SECRET)
        self.assertIs(self.redacted.events[1], self.plain.events[1])
        redacted = self.redacted.events[0]
        self.assertEqual(redacted["log_namespace"], "library")
        self.assertEqual(redacted["log_level"], self.plain.events[0]["log_level"])
        self.assertEqual(redacted["log_time"], self.plain.events[0]["log_time"])

    def test_null_registry(self) -> None:
        """With a registry that knows nothing, the looks above would find it."""
        for event in self.logged_plainly():
            RedactingLogObserver(self.redacted, KnownSecrets())(event)
        self.assertTrue(secrets_in(self.written(), {"it": SECRET}))

    def logged_plainly(self) -> list[LogEvent]:
        """Log a secret; return the events."""
        self.library.info("key {key}", key=SECRET)
        return self.plain.events

    def test_by_default(self) -> None:
        """Left out, the registry is that of the process."""
        KNOWN.keep(self, [SECRET])
        self.addCleanup(KNOWN.forget, self)
        event: LogEvent = {"log_time": 1.0, "log_level": LogLevel.info}
        event |= {"log_format": "{k}", "k": SECRET}
        RedactingLogObserver(self.redacted)(event)
        self.assert_redacted("[secret]")


class Holder:
    """Something with a secret in it."""

    def __init__(self, key: str) -> None:
        self.key = key


class TwistdTests(SynchronousTestCase):
    """The log of twistd."""

    def hide(self, application: object, **options: object) -> None:
        """Do what the plugin does."""
        folder = Path(self.mktemp())
        folder.mkdir()
        self.path = folder / "log"
        options = {"logfile": str(self.path), "nodaemon": True, **options}
        # The observer that writes to a file takes this signal where it is free.
        free = signal.getsignal(signal.SIGUSR1)
        self.addCleanup(signal.signal, signal.SIGUSR1, free)
        redact_log_of_twistd(application, options)

    def test_hooks(self) -> None:
        """Two names of Twisted that are not public are still what they were."""
        runner: Any = vars(twistd)["_SomeApplicationRunner"]
        logger = runner.loggerFactory({"nodaemon": True, "logfile": "-"})
        observer = logger._getLogObserver()
        self.assertTrue(ILogObserver.providedBy(observer))

    def test_file(self) -> None:
        """What twistd's own options say is where the redacted log goes."""
        KNOWN.keep(self, [SECRET])
        self.addCleanup(KNOWN.forget, self)
        application = Application("test")
        self.hide(application)
        observer = ILogObserver(application)
        observer({"log_format": "key {key}", "key": SECRET, "log_time": 1.0})
        self.assertIn("key [secret]\n", self.path.read_text())

    def test_of_the_user(self) -> None:
        """An observer that somebody chose stays."""
        for kind in (ILogObserver, ILegacyLogObserver):
            application: Any = Application("test")
            chosen = Collector()
            application.setComponent(kind, chosen)
            self.hide(application)
            self.assertIs(application.getComponent(kind), chosen)
            self.assertFalse(self.path.exists())
        application = Application("test")
        self.hide(application, logger=Collector)
        self.assertIsNone(application.getComponent(ILogObserver))

    def test_elsewhere(self) -> None:
        """Another parent than twistd's application is left alone."""
        self.hide(object())
        self.assertFalse(self.path.exists())
