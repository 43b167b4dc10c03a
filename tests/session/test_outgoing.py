"""Files that are sent: read piece by piece, and looked at before."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    Command,
    Dialect,
    Image,
    MessageImage,
    SendImage,
    SendMsg,
    SendVoice,
    Voice,
)
from padchat_twisted.catalogue.media_messages import (
    ImageMessage,
    VideoMessage,
    VoiceMessage,
)
from padchat_twisted.catalogue.sending import MAX_IMAGE_BYTES, MAX_VOICE_BYTES
from padchat_twisted.errors import NotSent
from padchat_twisted.session import outgoing as module
from padchat_twisted.session.dialects import DIALECTS
from padchat_twisted.session.media import PIECE_BYTES, Media, MediaMessage
from padchat_twisted.session.outgoing import Outgoing
from padchat_twisted.session.work import Lane

from .case import TurnClock

#: Three pieces, the last one short, in which no two bytes are alike at the same place.
LARGE = bytes(range(251)) * (2 * PIECE_BYTES // 251 + 7)


class OutgoingCase(SynchronousTestCase):
    """What goes out, and what is refused before."""

    dialect: Dialect = "sdk"

    def setUp(self) -> None:
        """Keep the commands that are sent."""
        self.clock = TurnClock()
        self.commands: list[Command[Any]] = []
        self.sizes: list[int] = []
        self.outgoing = Outgoing(self.clock, DIALECTS[self.dialect], self.upload)
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def tearDown(self) -> None:
        """Nothing is left to do."""
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def upload(
        self, command: Command[Any], size: int, lane: Lane | None, key: str | None
    ) -> Deferred[Any]:
        """Send a command with a file."""
        self.commands.append(command)
        self.sizes.append(size)
        return Deferred()

    def call(self, command: Command[Any]) -> Deferred[Any]:
        """Send a command without one."""
        self.commands.append(command)
        return Deferred()

    def file(self, name: str, content: bytes) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def send(
        self, what: Image | Voice | Media, to: str = "wxid_friend"
    ) -> Deferred[Any]:
        """Send a file."""
        return Deferred.fromCoroutine(self.outgoing.file(to, what))

    def sent(self) -> Command[Any]:
        """Let all turns pass, and take the only command."""
        self.clock.advance(0)
        (command,) = self.commands
        self.commands.clear()
        return command

    def refused(self, sending: Deferred[Any], *texts: str) -> None:
        """Expect that nothing left, and an error with these texts."""
        error = self.failureResultOf(sending, NotSent).value
        for text in texts:
            self.assertIn(text, str(error))
        self.assertEqual(self.commands, [])


class ManyFilesTests(OutgoingCase):
    """Files that are sent at the same time."""

    def setUp(self) -> None:
        """Have replies come when the test says so."""
        super().setUp()
        self.replies: list[Deferred[Any]] = []
        self.patch(module, "MAX_OUTGOING_BYTES", 10)

    def upload(
        self, command: Command[Any], size: int, lane: Lane | None, key: str | None
    ) -> Deferred[Any]:
        """Send a command with a file."""
        super().upload(command, size, lane, key)
        self.replies.append(Deferred())
        return self.replies[-1]

    def test_edge(self) -> None:
        """Files of the limit are sent; one byte more is refused, until one is done."""
        first = self.send(Image(b"12345"))
        path = self.file("image.png", b"12345")
        second = self.send(Image(path))
        self.assertEqual(self.outgoing.held_bytes, 10)
        self.commands.clear()
        self.refused(self.send(Voice(b"1")), "10 bytes of files are being sent")
        self.replies[0].callback("sent")
        self.assertEqual(self.successResultOf(first), "sent")
        self.assertEqual(self.outgoing.held_bytes, 5)
        third = self.send(Voice(b"1"))
        for sending in (second, third):
            sending.cancel()
            self.failureResultOf(sending, CancelledError)
        self.assertEqual(self.outgoing.held_bytes, 0)

    def test_what_fails(self) -> None:
        """A file that cannot be read holds nothing."""
        self.refused(self.send(Image(self.folder / "none")), "cannot be read")
        self.refused(self.send(Image(b"")), "is empty")
        self.assertEqual(self.outgoing.held_bytes, 0)


class FileTests(OutgoingCase):
    """Images and voices, as bytes and as files."""

    def test_bytes(self) -> None:
        """What is small is sent at once."""
        for what, command in (
            (Image(b"abc"), SendImage("wxid_friend", "YWJj")),
            (Voice(b"abc"), SendVoice("wxid_friend", "YWJj", 0)),
            (Voice(b"abc", 2400), SendVoice("wxid_friend", "YWJj", 2400)),
        ):
            self.send(what)
            self.assertEqual(self.clock.getDelayedCalls(), [])
            self.assertEqual(self.sent(), command)

    def test_path(self) -> None:
        """A file is named by a path, in either form."""
        path = self.file("picture.png", b"abc")
        for content in (path, str(path)):
            self.send(Image(content))
            self.assertEqual(self.sent(), SendImage("wxid_friend", "YWJj"))

    def test_pieces(self) -> None:
        """What is large is encoded over several turns, and is whole."""
        path = self.file("picture.png", LARGE)
        for content in (LARGE, path):
            self.send(Image(content))
            self.assertEqual(self.commands, [])
            command = self.sent()
            self.assertEqual(self.clock.turns, 2)
            self.clock.turns = 0
            assert isinstance(command, SendImage)
            self.assertEqual(base64.b64decode(command.image), LARGE)

    def test_largest(self) -> None:
        """What has as many bytes as are allowed is sent."""
        self.send(Voice(self.file("voice.silk", bytes(MAX_VOICE_BYTES))))
        self.assertIsInstance(self.sent(), SendVoice)

    def test_too_large(self) -> None:
        """One byte more is not, and neither is it read."""
        path = self.file("picture.png", b"")
        os.truncate(path, MAX_IMAGE_BYTES + 1)
        has = f"has {MAX_IMAGE_BYTES + 1} bytes, the limit is {MAX_IMAGE_BYTES}"
        self.refused(self.send(Image(path)), "'sendImage' was not sent", has)
        self.refused(self.send(Image(bytes(MAX_IMAGE_BYTES + 1))), has)
        self.refused(
            self.send(Voice(bytes(MAX_VOICE_BYTES + 1))),
            "'sendVoice' was not sent: the voice has",
        )

    def test_grows(self) -> None:
        """A file that grows while it is read is not read for ever."""
        path = self.file("voice.silk", bytes(MAX_VOICE_BYTES))
        sending = self.send(Voice(path))
        with path.open("ab") as file:
            file.write(b"more")
        self.clock.advance(0)
        self.refused(sending, f"the limit is {MAX_VOICE_BYTES}")

    def test_unreadable(self) -> None:
        """What is no file is named, with what is wrong with it."""
        missing = self.folder / "missing.png"
        self.refused(
            self.send(Image(missing)),
            f"the image cannot be read: {missing}: No such file or directory",
        )
        self.refused(self.send(Image(self.folder)), f"is no file: {self.folder}")
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        self.refused(self.send(Image(pipe)), f"is no file: {pipe}")

    def test_empty(self) -> None:
        """An empty file is not sent."""
        self.refused(self.send(Image(b"")), "the image is empty")
        self.refused(self.send(Image(self.file("a", b""))), "the image is empty")

    def test_something_else(self) -> None:
        """What is no file says what can be sent."""
        sending = self.send(b"photo")  # type: ignore[arg-type] # the mistake
        told = (
            "bytes cannot be sent: give a text, Image, Voice, or what account.media()"
            " gave"
        )
        error = self.failureResultOf(sending, TypeError).value
        self.assertEqual(str(error), told)

    def test_receiver_first(self) -> None:
        """A receiver that must not be written to is told before anything is read."""
        missing = Image(self.folder / "missing.png")
        self.refused(self.send(missing, "weixin"), "must not be written to")

    def test_cancel(self) -> None:
        """A file may be taken back while it is read, and while its call waits."""
        sending = self.send(Image(LARGE))
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        self.assertEqual(self.commands, [])
        sending = self.send(Image(b"abc"))
        self.sent()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)


class OtherDialectTests(OutgoingCase):
    """A dialect without voices."""

    dialect: Dialect = "socketio"

    def test_voice(self) -> None:
        """The file is not even looked for."""
        voice = Voice(self.folder / "missing.silk")
        self.refused(self.send(voice), "dialect socketio has no such command")


class MediaTests(OutgoingCase):
    """Files of messages that are sent on."""

    def media(self, message: MediaMessage) -> Media:
        """Return the file of a message."""
        return Media(self.clock, self.fetch, message)

    def fetch(self, command: Command[Any]) -> Deferred[Any]:
        """Ask for the file; the answer is up to the test."""
        self.fetching: Deferred[Any] = Deferred()
        return self.fetching

    def test_image(self) -> None:
        """It is fetched, then sent."""
        self.send(self.media(ImageMessage(msg_id="1")))
        self.assertEqual(self.commands, [])
        self.fetching.callback(MessageImage(image="YWJj", size=3))
        self.assertEqual(self.sent(), SendImage("wxid_friend", "YWJj"))

    def test_voice(self) -> None:
        """It is as long as it was."""
        content = '<msg><voicemsg voicelength="2400" length="3" /></msg>'
        self.send(self.media(VoiceMessage(content=content, data="YWJj")))
        self.assertEqual(self.sent(), SendVoice("wxid_friend", "YWJj", 2400))
        self.send(self.media(VoiceMessage(data="YWJj")))
        self.assertEqual(self.sent(), SendVoice("wxid_friend", "YWJj", 0))

    def test_video(self) -> None:
        """There is no command for it, so it is not fetched."""
        sending = self.send(self.media(VideoMessage()))
        self.refused(sending, "no command that sends a video")

    def test_receiver_first(self) -> None:
        """A receiver that must not be written to is told before it is fetched."""
        image = self.media(ImageMessage())
        self.refused(self.send(image, "weixin"), "must not be written to")


class TextTests(OutgoingCase):
    """Texts and their mentions."""

    def test_marks(self) -> None:
        """As many marks are added as are missing."""
        for content, at, expected in (
            ("hello", ("a",), "@\nhello"),
            ("@A hello", ("a",), "@A hello"),
            ("@A hello", ("a", "b", "c"), "@@\n@A hello"),
            ("a@b.c @A hello", ("a",), "a@b.c @A hello"),
            ("", ("a",), "@\n"),
        ):
            made = self.outgoing.mention("7@chatroom", content, at, add_marks=None)
            self.assertEqual(made, SendMsg("7@chatroom", expected, at))
            made = self.outgoing.mention("7@chatroom", content, at, add_marks=False)
            self.assertEqual(made, SendMsg("7@chatroom", content, at))
