"""Files of messages: fetched on demand, decoded in turns, saved whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Command,
    GetMsgImage,
    GetMsgVideo,
    GetMsgVoice,
    MessageImage,
    MessageVideo,
    MessageVoice,
)
from padchat_twisted.catalogue.media_messages import (
    ImageMessage,
    ShortVideo,
    VideoMessage,
    VoiceMessage,
)
from padchat_twisted.catalogue.messages import TextMessage
from padchat_twisted.errors import (
    CallRejected,
    MediaRefused,
    NotSent,
    OutcomeUnknown,
)
from padchat_twisted.session.media import (
    MAX_MEDIA_BYTES,
    PIECE_BYTES,
    Media,
    MediaMessage,
    SavedMedia,
)
from padchat_twisted.wire.limits import MAX_FRAME_BYTES

from .case import TEXT, TurnClock

#: Three pieces, the last one short, in which no two bytes are alike at the same place.
LARGE = bytes(range(251)) * (2 * PIECE_BYTES // 251 + 7)


def encoded(content: bytes) -> str:
    """Write a file as gateways do."""
    return base64.b64encode(content).decode()


class MediaCase(SynchronousTestCase):
    """The file of one message, at a gateway that is played by the test."""

    def setUp(self) -> None:
        """Keep the commands."""
        self.clock = TurnClock()
        self.commands: list[Command[Any]] = []
        self.answer: Deferred[Any] = Deferred()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def tearDown(self) -> None:
        """Nothing is left to do."""
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def call(self, command: Command[Any]) -> Deferred[Any]:
        """Send a command."""
        self.commands.append(command)
        return self.answer

    def media(self, message: MediaMessage | None = None) -> Media:
        """Return the file of a message, by default of an image."""
        return Media(self.clock, self.call, message or ImageMessage(msg_id="77"))

    def files(self) -> list[str]:
        """List what is in the folder."""
        return sorted(os.listdir(self.folder))


class FetchTests(MediaCase):
    """The file as bytes."""

    def test_on_demand(self) -> None:
        """Nothing is asked for until somebody wants it."""
        media = self.media()
        self.assertEqual(self.commands, [])
        fetching = media.fetch()
        self.assertEqual(self.commands, [GetMsgImage({})])
        self.answer.callback(MessageImage(image="YWJj", size=3))
        self.assertEqual(self.successResultOf(fetching), b"abc")

    def test_kinds(self) -> None:
        """Each kind has its command and its field."""
        for message, kind, command, result in (
            (ImageMessage(), "image", GetMsgImage, MessageImage(image="YWJj")),
            (VoiceMessage(), "voice", GetMsgVoice, MessageVoice(voice="YWJj")),
            (VideoMessage(), "video", GetMsgVideo, MessageVideo(video="YWJj")),
            (ShortVideo(), "video", GetMsgVideo, MessageVideo(video="YWJj")),
        ):
            media = self.media(message)
            self.assertEqual(media.kind, kind)
            fetching = media.fetch()
            self.assertIsInstance(self.commands.pop(), command)
            answer, self.answer = self.answer, Deferred()
            answer.callback(result)
            self.assertEqual(self.successResultOf(fetching), b"abc")

    def test_no_file(self) -> None:
        """Other messages have none."""
        self.assertRaises(TypeError, self.media, TextMessage())

    def test_size(self) -> None:
        """The size is what the message says, before anything is fetched."""
        for message, size in (
            (ImageMessage(content='<msg><img length="8139" /></msg>'), 8139),
            (VoiceMessage(content='<msg><voicemsg length="9" /></msg>'), 9),
            (VideoMessage(content='<msg><videomsg length="7" /></msg>'), 7),
            (ImageMessage(content="<msg><img /></msg>"), None),
            (ImageMessage(content="no XML"), None),
        ):
            self.assertEqual(self.media(message).size, size)

    def test_short_voice(self) -> None:
        """A voice that came with its message is not asked for."""
        fetching = self.media(VoiceMessage(data="YWJj")).fetch()
        self.assertEqual(self.successResultOf(fetching), b"abc")
        self.assertEqual(self.commands, [])

    def test_data_url(self) -> None:
        """What stands in front of some files is left out."""
        fetching = self.media().fetch()
        text = "data:image/png;base64,YWJj"
        self.answer.callback(MessageImage(image=text, size=3))
        self.assertEqual(self.successResultOf(fetching), b"abc")

    def test_turns(self) -> None:
        """A large file is decoded over several turns of the reactor."""
        fetching = self.media().fetch()
        self.answer.callback(MessageImage(image=encoded(LARGE), size=len(LARGE)))
        self.assertNoResult(fetching)
        self.clock.advance(0)
        self.assertEqual(self.clock.turns, 2)
        self.assertEqual(self.successResultOf(fetching), LARGE)

    def test_cancel(self) -> None:
        """Who does not want it any more is left alone, at each step."""
        fetching = self.media().fetch()
        fetching.cancel()
        self.failureResultOf(fetching, CancelledError)
        self.answer = Deferred()
        fetching = self.media().fetch()
        self.answer.callback(MessageImage(image=encoded(LARGE)))
        fetching.cancel()
        self.failureResultOf(fetching, CancelledError)

    def test_repr(self) -> None:
        """It says which message, and nothing of it."""
        media = self.media(ImageMessage(msg_id="77", content=TEXT, data="YWJj"))
        self.assertEqual(repr(media), "<Media image of message 77>")


class RefusedTests(MediaCase):
    """Files that are of no use."""

    def refused(self, problem: str, image: str, size: int = 0) -> None:
        """Expect that a file is refused."""
        fetching = self.media().fetch()
        answer, self.answer = self.answer, Deferred()
        answer.callback(MessageImage(image=image, size=size))
        self.clock.advance(0)
        error = self.failureResultOf(fetching, MediaRefused).value
        self.assertIn(problem, str(error))

    def test_no_base64(self) -> None:
        """Text that is no base64 is no file, wherever it is wrong."""
        for text in (
            "YWJ",
            "YW!j",
            "Y===",
            "YQ==YQ==",
            "====",
            "\u53ef\u53ef\u53ef\u53ef",
        ):
            self.refused("the image is not base64", text)
        large = encoded(LARGE)
        self.refused("the image is not base64", large[:-8] + "!" + large[-7:])
        step = PIECE_BYTES // 3 * 4
        padded = large[: step - 2] + "==" + large[step:]
        self.refused("the image is not base64", padded)

    def test_empty(self) -> None:
        """An empty text is no file."""
        for text in ("", "data:image/png;base64,"):
            self.refused("the image is empty", text)

    def test_size(self) -> None:
        """A file of another size than the gateway says was cut off."""
        self.refused("has 3 bytes instead of 4", "YWJj", 4)
        self.refused("has 1 bytes instead of 2", "YQ==", 2)

    def test_long_voice(self) -> None:
        """A voice that was cut off is told by what its message says."""
        content = '<msg><voicemsg length="61441" /></msg>'
        fetching = self.media(VoiceMessage(content=content)).fetch()
        self.answer.callback(MessageVoice(voice="YWJj", size=3))
        error = self.failureResultOf(fetching, MediaRefused).value
        self.assertIn("has 3 bytes instead of 61441: it was cut off", str(error))

    def test_too_large(self) -> None:
        """A file above the limit is not decoded."""
        text = "A" * (MAX_MEDIA_BYTES // 3 * 4 + 4)
        self.refused(f"the limit is {MAX_MEDIA_BYTES}", text)

    def test_too_large_by_its_message(self) -> None:
        """A file that is too large by what its message says is not asked for."""
        content = f'<msg><img length="{MAX_MEDIA_BYTES + 1}" /></msg>'
        fetching = self.media(ImageMessage(content=content)).fetch()
        error = self.failureResultOf(fetching, NotSent).value
        self.assertIn(f"the limit is {MAX_MEDIA_BYTES}", str(error))
        self.assertEqual(self.commands, [])

    def test_limit_fits(self) -> None:
        """The largest file fits into a frame, with something beside it."""
        self.assertLess(MAX_MEDIA_BYTES * 4 // 3 + 65536, MAX_FRAME_BYTES)
        self.assertEqual(PIECE_BYTES % 3, 0)

    def test_engine_refused(self) -> None:
        """A refusal of the engine comes as a success without a file."""
        fetching = self.media().fetch()
        self.answer.callback(MessageImage(message="too old", status=-5))
        error = self.failureResultOf(fetching, CallRejected).value
        self.assertEqual(error.args, ("getMsgImage", "too old", -5))

    def test_call_failed(self) -> None:
        """What happened to the call is what happened to the file."""
        fetching = self.media().fetch()
        self.answer.errback(OutcomeUnknown("getMsgImage", "time limit"))
        self.failureResultOf(fetching, OutcomeUnknown)


class SaveTests(MediaCase):
    """The file in a file."""

    def save(self, path: Path | str, content: str = "YWJj") -> Deferred[SavedMedia]:
        """Save the file that the gateway gives."""
        saving = self.media().save(path)
        answer, self.answer = self.answer, Deferred()
        answer.callback(MessageImage(image=content))
        return saving

    def test_save(self) -> None:
        """Path, size and hash are told; the file is its owner's."""
        path = self.folder / "picture.jpg"
        for name in (path, str(path)):
            saved = self.successResultOf(self.save(name))
            digest = hashlib.sha256(b"abc").hexdigest()
            self.assertEqual(saved, SavedMedia(path, 3, digest))
            self.assertEqual(path.read_bytes(), b"abc")
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.files(), ["picture.jpg"])

    def test_turns(self) -> None:
        """Until it is whole it has another name, and what was there stays."""
        path = self.folder / "picture.jpg"
        path.write_bytes(b"old")
        saving = self.save(path, encoded(LARGE))
        self.assertEqual(len(self.files()), 2)
        self.assertEqual(path.read_bytes(), b"old")
        self.clock.advance(0)
        self.assertEqual(self.clock.turns, 2)
        saved = self.successResultOf(saving)
        self.assertEqual(path.read_bytes(), LARGE)
        self.assertEqual(saved.size, len(LARGE))
        self.assertEqual(saved.sha256, hashlib.sha256(LARGE).hexdigest())
        self.assertEqual(self.files(), ["picture.jpg"])

    def test_nothing_is_left(self) -> None:
        """A file that turns out to be none leaves nothing behind."""
        large = encoded(LARGE)
        saving = self.save(self.folder / "a.jpg", large[:-8] + "!" + large[-7:])
        self.assertEqual(len(self.files()), 1)
        self.clock.advance(0)
        self.failureResultOf(saving, MediaRefused)
        self.assertEqual(self.files(), [])

    def test_cancel(self) -> None:
        """A save that was cancelled leaves nothing behind."""
        saving = self.save(self.folder / "a.jpg", encoded(LARGE))
        saving.cancel()
        self.failureResultOf(saving, CancelledError)
        self.assertEqual(self.files(), [])

    def test_cannot_be_written(self) -> None:
        """What the system says is passed on."""
        saving = self.save(self.folder / "missing" / "a.jpg")
        self.failureResultOf(saving, FileNotFoundError)
        (self.folder / "folder").mkdir()
        saving = self.save(self.folder / "folder")
        self.failureResultOf(saving, IsADirectoryError)
        self.assertEqual(self.files(), ["folder"])
