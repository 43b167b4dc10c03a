"""What is logged of a handler's exception."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote

from twisted.logger import eventAsText
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import TextMessage, UnknownEvent
from padchat_twisted.catalogue.base import remember
from padchat_twisted.session.dispatch import Dispatch
from padchat_twisted.session.handlers import HandlerFailed
from padchat_twisted.session.states import StateChanged
from padchat_twisted.session.withheld import (
    CODED,
    MAX_COMPARED_CHARACTERS,
    MAX_TOLD_CHARACTERS,
    told,
    without_words,
)

TEXT = "Wo xihuan mantou, 你今天早饭吃什么呢"
MESSAGE = TextMessage(content=TEXT)


class WordTests(SynchronousTestCase):
    """Texts of exceptions."""

    def shown(self, text: str, content: str = TEXT) -> str:
        """Say what is shown of a text."""
        return without_words(text, TextMessage(content=content))

    def test_whole(self) -> None:
        """A text that is repeated as a whole, as it is or by its repr."""
        for form in (TEXT, repr(TEXT), TEXT.upper(), f"\n{TEXT}\n"):
            shown = self.shown(f"cannot answer: {form}")
            self.assertIn("cannot answer: ", shown)
            self.assertIn("[message]", shown)
            for word in ("mantou", "MANTOU", "xihuan", "早饭", "呢"):
                self.assertNotIn(word, shown)

    def test_part(self) -> None:
        """A part of it, also one that stands in another word."""
        self.assertEqual(self.shown("KEY 'mantou'"), "KEY '[message]'")
        self.assertEqual(self.shown("no do_mantous here"), "no do_[message] here")
        self.assertEqual(self.shown("没有早饭"), "没有[message]")
        number = "invalid literal for int() with base 10: '77'"
        told_of = self.shown(number, "my number is 77")
        self.assertEqual(told_of, number.replace("77", "[message]"))

    def test_encoded(self) -> None:
        """As URLs, JSON, the repr of bytes, base64 and hex have it."""
        encoded = TEXT.encode()
        for form in (
            quote(TEXT),
            json.dumps(TEXT),
            ascii(TEXT),
            repr(encoded),
            b64encode(encoded).decode(),
            encoded.hex(),
        ):
            shown = self.shown(f"bad: {form}")
            self.assertTrue(shown.startswith("bad: "), shown)
            for character in ("V2", "576f", "mantou", "\\u", "\\x", "%E4", "%"):
                self.assertNotIn(character, shown)

    def test_xml(self) -> None:
        """What stands in the XML of a message in another spelling."""
        shown = self.shown("not '早饭'", "<title>&#26089;&#x996d;</title>")
        self.assertEqual(shown, "not '[message]'")

    def test_original_fields(self) -> None:
        """What stands in a field that the catalogue does not know."""
        event = UnknownEvent(event="news")
        remember(event, '["news",{"a":[{"b":"mantou"}]},"早饭"]'.encode())
        shown = without_words("no mantou, no 早饭, no news", event)
        self.assertEqual(shown, "no [message], no [message], no [message]")
        remember(event, b'["news",' + b"[" * 500)
        self.assertEqual(without_words("no mantou", event), "no mantou")

    def test_others(self) -> None:
        """What has nothing to do with it stays, to the letter."""
        for text in (
            "unsupported operand type(s) for +: 'int' and 'str'",
            "'Bot' object has no attribute 'answers'",
            "wxid_02545b97492c, 5663822889771432040: no",
            "",
        ):
            self.assertIs(self.shown(text), text)
        self.assertLess(19, CODED)

    def test_other_events(self) -> None:
        """What comes from no gateway is no message."""
        text = "cannot go from ready to retrying"
        self.assertIs(without_words(text, StateChanged("ready", "retrying")), text)

    def test_sizes(self) -> None:
        """A long text is cut; nothing is told beside a huge event."""
        long = "- " * MAX_TOLD_CHARACTERS
        self.assertEqual(self.shown(long), long[:MAX_TOLD_CHARACTERS] + "...")
        for form in ("mantou", "\\u65e9\\u996d"):
            for size in range(1, len(form)):
                # The end of the text that is shown is within the word.
                begin = long[: MAX_TOLD_CHARACTERS - size]
                self.assertEqual(
                    self.shown(begin + form).replace("[message]", ""), begin + "..."
                )
        edge = "a" * MAX_COMPARED_CHARACTERS
        self.assertEqual(self.shown("no way", edge), "no way")
        left_out = "(left out: the event is too large to be compared with)"
        self.assertEqual(self.shown("no way", edge + "a"), left_out)


class FailureTests(SynchronousTestCase):
    """Failures as they are logged."""

    def raised(self, error: Exception) -> Failure:
        """Return the failure of something that raised, as a handler does."""
        try:
            raise error
        except type(error):
            return Failure()

    def test_told(self) -> None:
        """Class and frames stay, the words go; the failure itself is as before."""
        for is_clean in (False, True):
            failure = self.raised(LookupError(f"no answer to {TEXT}"))
            if is_clean:
                # As a Deferred does it.
                failure.cleanFailure()
            shown = told(failure, MESSAGE)
            text = eventAsText({"log_failure": shown, "log_format": "it failed"})
            self.assertIn("it failed", text)
            self.assertIn("in raised\n    raise error", text)
            self.assertIn("builtins.LookupError: no answer to [message]", text)
            self.assertIs(shown.check(LookupError), LookupError)
            self.assertIn(TEXT, str(failure.value))

    def test_same(self) -> None:
        """A failure without such words is logged as it is."""
        failure = self.raised(LookupError("no answer"))
        self.assertIs(told(failure, MESSAGE), failure)

    def test_bad_str(self) -> None:
        """An exception that cannot be written is no trouble."""

        class Bad(Exception):
            def __str__(self) -> str:
                raise ValueError(TEXT)

        shown = told(self.raised(Bad()), MESSAGE)
        self.assertNotIn("mantou", eventAsText({"log_failure": shown}))

    def test_handler_of_failures(self) -> None:
        """What a handler for failures raises is about the event of before."""
        dispatch = Dispatch(None, "one", lambda _: None)

        def fail(_: object, event: object) -> None:
            had = event.event if isinstance(event, HandlerFailed) else event
            assert isinstance(had, TextMessage)
            raise LookupError(had.content)

        dispatch.on(TextMessage, fail)
        dispatch.on(HandlerFailed, fail)
        dispatch.deliver(MESSAGE)
        failures = self.flushLoggedErrors(LookupError)
        self.assertEqual([str(x.value) for x in failures], ["[message]"] * 2)

    def test_repr(self) -> None:
        """The event that tells a failure shows no text of it by itself."""
        failed = HandlerFailed("fail", MESSAGE, LookupError(TEXT))
        self.assertEqual(
            repr(failed), "HandlerFailed('fail', TextMessage, LookupError)"
        )
