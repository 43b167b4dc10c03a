"""What is sent, and what must not be."""

from __future__ import annotations

import base64
from pathlib import PurePath

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Command,
    Image,
    SendAppMsg,
    SendImage,
    SendMsg,
    SendVoice,
    ShareCard,
    SyncMsg,
    Voice,
)
from padchat_twisted.catalogue.sending import (
    MAX_IMAGE_BYTES,
    MAX_VOICE_BYTES,
    MAX_VOICE_MILLISECONDS,
    REFUSED_RECEIVERS,
    media_problem,
    receiver_problem,
)
from padchat_twisted.wire import json_text


def encoded(size: int) -> str:
    """Return a file of *size* bytes as base64."""
    return base64.b64encode(bytes(size)).decode()


class ReceiverTests(SynchronousTestCase):
    """To whom nobody may write."""

    def test_refused(self) -> None:
        """System accounts are refused, whatever is sent to them, in each dialect."""
        for to in REFUSED_RECEIVERS:
            commands: tuple[Command, ...] = (  # type: ignore[type-arg] # of any
                SendMsg(to, "x"),
                SendMsg(to, "x", ("wxid_a",)),
                SendAppMsg(to, "<appmsg/>"),
                SendImage(to, "/9j/"),
                ShareCard(to, content="x", user_id="wxid_a"),
                SendVoice(to, "/9j/"),
            )
            for command in commands:
                for dialect in command.dialects:
                    self.assertEqual(
                        command.problem(dialect),
                        f"to_user_name: found {to!r}, a system account that must not be"
                        " written to; expected a person, a room or filehelper",
                    )
            self.assertIn(repr(to), receiver_problem(to) or "")

    def test_allowed(self) -> None:
        """filehelper, people, rooms and official accounts are not."""
        for to in ("filehelper", "wxid_a", "1@chatroom", "gh_a"):
            for command in (SendMsg(to, "x"), SendMsg(to, "x", ("a",))):
                self.assertIsNone(command.problem("socketio"))
            self.assertIsNone(SendImage(to, "/9j/").problem("legacy"))

    def test_nobody(self) -> None:
        """A receiver or a text that is empty or none is refused."""
        for command, name in (
            (SendMsg("", "x"), "to_user_name"),
            (SendMsg("a", ""), "content"),
        ):
            self.assertEqual(
                command.problem("sdk"),
                f"{name}: found an empty text, expected a text",
            )
        self.assertIn("name a WeChat id", receiver_problem("") or "")
        number = SendMsg("a", 5)  # type: ignore[arg-type] # the mistake
        self.assertEqual(number.problem("sdk"), "content: found 5, expected a text")


class FileTests(SynchronousTestCase):
    """Images and voices."""

    def test_limits(self) -> None:
        """The largest file is the largest, and one more byte is not."""
        for limit, problem in (
            (MAX_IMAGE_BYTES, lambda text: SendImage("a", text).problem("sdk")),
            (MAX_VOICE_BYTES, lambda text: SendVoice("a", text).problem("sdk")),
        ):
            self.assertIsNone(problem(encoded(limit)))
            self.assertIn(
                f": found {limit + 1} bytes, expected a file of at most {limit} bytes",
                problem(encoded(limit + 1)) or "",
            )

    def test_voice_time(self) -> None:
        """A voice has no more than a minute, and no less than nothing."""
        for time in (0, MAX_VOICE_MILLISECONDS):
            self.assertIsNone(SendVoice("a", "/9j/", time).problem("sdk"))
        for time in (-1, MAX_VOICE_MILLISECONDS + 1):
            self.assertEqual(
                SendVoice("a", "/9j/", time).problem("sdk"),
                f"time: found {time} milliseconds, expected 0 to 60000",
            )

    def test_every_padding(self) -> None:
        """Sizes are counted right for each padding."""
        for size in range(1, 9):
            self.assertIsNone(media_problem("image", encoded(size), size))
            self.assertIn(
                f"image: found {size} bytes",
                media_problem("image", encoded(size), size - 1) or "",
            )

    def test_not_base64(self) -> None:
        """What Python's decoder refuses is refused, without its text."""
        for text in (
            *("x", "xxxxx", "xx x", "xxx\n", "=xxx", "xx=x", "x===", "===="),
            *(
                "/9j/4A=",
                "データです",
                "data:image/jpeg;base64,/9j/",
                "xx-_",
                "\ud83dxxx",
            ),
        ):
            with self.assertRaises(ValueError):
                base64.b64decode(text, validate=True)
            problem = SendImage("a", text).problem("sdk")
            self.assertEqual(
                problem,
                "image: found a text that is not base64, expected a file of at most"
                f" {MAX_IMAGE_BYTES} bytes as base64",
            )

    def test_repr(self) -> None:
        """A file shows its size only, and nothing of its path."""
        for kind in (Image, Voice):
            self.assertEqual(repr(kind(b"secret")), f"{kind.__name__}(<6>)")
            for path in ("secret", PurePath("secret")):
                self.assertEqual(repr(kind(path)), f"{kind.__name__}(...)")


class WrittenTests(SynchronousTestCase):
    """Commands as they leave."""

    def test_lone_surrogates(self) -> None:
        """A text of ours that was cut inside an emoji leaves as JavaScript's does."""
        written = json_text.write(SendMsg("a", "cut \ud83d"))
        self.assertEqual(
            written, b'{"toUserName":"a","content":"cut \\ud83d","atList":[]}'
        )

    def test_world(self) -> None:
        """Sending changes something in WeChat, fetching does not."""
        self.assertTrue(SendMsg.changes_world)
        self.assertTrue(SendImage.changes_world)
        self.assertFalse(SyncMsg.changes_world)
