"""Values that must not be shown."""

from __future__ import annotations

import copy
import pickle
import string
import traceback
from dataclasses import asdict, dataclass

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.secret import FINGERPRINT_DIGITS, Secret

from .secrets_in import text_of_events

TEXT = "s3cret-KEY"


@dataclass
class Holder:
    """Something that has a secret in it."""

    secret: Secret


class SecretTests(SynchronousTestCase):
    """A secret in memory."""

    def test_reveal(self) -> None:
        """Only ``reveal`` gives the text."""
        self.assertEqual(Secret(TEXT).reveal(), TEXT)

    def test_not_shown(self) -> None:
        """No way to write a value shows it."""
        secret = Secret(TEXT)
        for shown in (
            repr(secret),
            str(secret),
            f"{secret}",
            f"{secret!r:>40}",
            "%s %r" % (secret, secret),  # noqa: UP031 - the old way is meant
            repr([secret]),
            repr(Holder(secret)),
            repr({"a": secret}),
        ):
            self.assertNotIn(TEXT, shown)
            self.assertIn("<secret ", shown)

    def test_not_in_tracebacks(self) -> None:
        """Neither a traceback nor a Failure shows it, locals included."""
        secret = Secret(TEXT)
        try:
            raise ValueError(secret)
        except ValueError as error:
            failure = Failure(captureVars=True)
            shown = "".join(traceback.format_exception(error))
        for text in (shown, failure.getTraceback(), failure.getErrorMessage()):
            self.assertNotIn(TEXT, text)

    def test_fingerprint(self) -> None:
        """A fingerprint is the same for the same secret, and tells others apart."""
        fingerprint = Secret(TEXT).fingerprint()
        self.assertEqual(fingerprint, Secret(TEXT).fingerprint())
        self.assertNotEqual(fingerprint, Secret(TEXT + " ").fingerprint())
        self.assertEqual(len(fingerprint), FINGERPRINT_DIGITS)
        self.assertEqual(set(fingerprint) - set(string.hexdigits), set())
        # Stored with accounts: it must stay what it is.
        self.assertEqual(Secret("KEY").fingerprint(), "5ca24005b740717b")

    def test_any_text(self) -> None:
        """Every text has a fingerprint, the empty one and lone surrogates too."""
        texts = ("", "密钥", "\ud83d", "a" * 10_000)
        self.assertEqual(len({Secret(text).fingerprint() for text in texts}), 4)

    def test_equality(self) -> None:
        """Secrets are equal when their texts are, and never equal to a text."""
        self.assertEqual(Secret(TEXT), Secret(TEXT))
        self.assertEqual(hash(Secret(TEXT)), hash(Secret(TEXT)))
        self.assertNotEqual(Secret(TEXT), Secret("x"))
        self.assertNotEqual(Secret(TEXT), TEXT)

    def test_not_pickled(self) -> None:
        """It is not written down by accident, in whatever holds it."""
        for value in (Secret(TEXT), [Secret(TEXT)], Holder(Secret(TEXT))):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                error = self.assertRaises(TypeError, pickle.dumps, value, protocol)
                self.assertNotIn(TEXT, str(error))

    def test_copied(self) -> None:
        """What holds it may be copied; the copy holds the same."""
        secret = Secret(TEXT)
        self.assertIs(copy.copy(secret), secret)
        self.assertIs(copy.deepcopy([secret])[0], secret)
        self.assertEqual(asdict(Holder(secret)), {"secret": secret})

    def test_not_in_events(self) -> None:
        """An event that has one in a field shows it to nobody, in text or JSON."""
        event = {"log_format": "{secret} {secret!r}", "secret": Secret(TEXT)}
        text = text_of_events([event])
        self.assertNotIn(TEXT, text)
        self.assertIn("<secret ", text)
