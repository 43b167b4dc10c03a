"""The file of a message: asked for when it is wanted, kept in memory or saved.

A file comes as one text of base64, which takes 0.1 s to decode when it is as large as
it may be. So it is decoded piece by piece, and other accounts get their turns between
the pieces.
"""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Literal

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from ..catalogue import (
    Command,
    GetMsgImage,
    GetMsgVideo,
    GetMsgVoice,
    ImageMessage,
    OfMessage,
    VideoMessage,
    VoiceMessage,
)
from ..errors import CallRejected, MediaRefused, NotSent

__all__ = [
    "MAX_MEDIA_BYTES",
    "PIECE_BYTES",
    "Kind",
    "Media",
    "MediaMessage",
    "SavedMedia",
]

#: Largest file of a message that is asked for (bytes): as base64 it fits into one frame
#: of the wire, and a larger reply would cost the account its connection.
MAX_MEDIA_BYTES = 23 * 1024 * 1024

#: How much of a file is decoded or encoded in one turn of the reactor (bytes), about a
#: millisecond's work; a multiple of three, so that pieces of base64 fit together.
PIECE_BYTES = 192 * 1024

#: The messages that have a file.
MediaMessage = ImageMessage | VoiceMessage | VideoMessage

#: What a file is; also the field of the result that holds it.
Kind = Literal["image", "voice", "video"]

_KINDS: tuple[tuple[type[MediaMessage], Kind, type[OfMessage[Any]]], ...] = (
    (ImageMessage, "image", GetMsgImage),
    (VoiceMessage, "voice", GetMsgVoice),
    (VideoMessage, "video", GetMsgVideo),
)


@dataclass(frozen=True, slots=True)
class SavedMedia:
    """A file of a message that was saved.

    Args:
        path: where it is.
        size: bytes.
        sha256: its hash, in hexadecimal.
    """

    path: Path
    size: int
    sha256: str


class Media:
    """The file of a message; ``account.media(message)`` gives it.

    Args:
        clock: for the turns between pieces.
        call: sends a command.
        message: an image, a voice or a video.

    Attributes:
        message: the message.
        kind: ``image``, ``voice`` or ``video``.
        size: what the message says of the file's size (bytes), None when it does not.
    """

    def __init__(
        self,
        clock: IReactorTime,
        call: Callable[[Command[Any]], Deferred[Any]],
        message: MediaMessage,
    ) -> None:
        self._clock = clock
        self._call = call
        self.message = message
        self.kind, self._command = _kind_of(message)
        self.size = message.size

    def __repr__(self) -> str:
        return f"<Media {self.kind} of message {self.message.msg_id}>"

    def fetch(self) -> Deferred[bytes]:
        """Fetch the file.

        Raises:
            MediaRefused: empty, no base64, cut off, or above ``MAX_MEDIA_BYTES``.
            NotSent: larger than that by what the message says, or the gateway's
                dialect has no command for it.
            CallRejected, OutcomeUnknown, CancelledError: see ``account.call``.
        """
        return Deferred.fromCoroutine(self._fetch())

    def save(self, path: str | os.PathLike[str]) -> Deferred[SavedMedia]:
        """Fetch the file and write it to *path*, over what is there.

        It is written beside *path* and gets its name when it is whole; only its owner
        may read it. When something goes wrong nothing is left.

        Raises:
            OSError: it cannot be written.
            MediaRefused, NotSent, CallRejected, OutcomeUnknown, CancelledError: see
                ``fetch``.
        """
        return Deferred.fromCoroutine(self._save(Path(path)))

    async def _fetch(self) -> bytes:
        pieces: list[bytes] = []
        await self._decode(await self._text(), pieces.append)
        return b"".join(pieces)

    async def _save(self, path: Path) -> SavedMedia:
        text = await self._text()
        digest = sha256()

        def keep(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        with _new_file(path) as file:
            size = await self._decode(text, keep)
        return SavedMedia(path, size, digest.hexdigest())

    async def _text(self) -> str:
        """Fetch the file as base64, its size checked."""
        if isinstance(self.message, VoiceMessage) and self.message.data:
            # A short voice comes with its message; of a gateway of dialect legacy or
            # socketio no other can be had.
            text, said = self.message.data, 0
        else:
            text, said = await self._ask()
        text = text[text.rfind(",") + 1 :]
        size = len(text) * 3 // 4 - text.count("=", -2)
        if size <= 0:
            raise MediaRefused(f"the {self.kind} is empty")
        if size > MAX_MEDIA_BYTES:
            raise MediaRefused(
                f"the {self.kind} has {size} bytes, the limit is {MAX_MEDIA_BYTES}"
            )
        if self.kind == "voice" and said:
            # Gateways cut long voices off, and may say the size of what is left.
            said = max(said, self.size or 0)
        if said and size != said:
            raise MediaRefused(
                f"the {self.kind} has {size} bytes instead of {said}: it was cut off,"
                " so look at it on the phone"
            )
        return text

    async def _ask(self) -> tuple[str, int]:
        code = self._command.wire_name
        if self.size is not None and self.size > MAX_MEDIA_BYTES:
            raise NotSent(
                code,
                f"the {self.kind} has {self.size} bytes, the limit is"
                f" {MAX_MEDIA_BYTES}: look at it on the phone",
            )
        result = await self._call(self._command(self.message.raw_msg_data))
        text: str = getattr(result, self.kind)
        if not text and not result.was_done:
            raise CallRejected(code, result.message, result.status)
        return text, result.size

    async def _decode(self, text: str, put: Callable[[bytes], object]) -> int:
        size = 0
        for piece in self._pieces(text):
            if size:
                await deferLater(self._clock, 0)
            put(piece)
            size += len(piece)
        return size

    def _pieces(self, text: str) -> Iterator[bytes]:
        step = PIECE_BYTES // 3 * 4
        try:
            if text.find("=", 0, -2) >= 0:
                raise ValueError("padding before the end")
            for begin in range(0, len(text), step):
                yield b64decode(text[begin : begin + step], validate=True)
        except ValueError:
            raise MediaRefused(f"the {self.kind} is not base64") from None


def _kind_of(message: MediaMessage) -> tuple[Kind, type[OfMessage[Any]]]:
    for message_type, kind, command in _KINDS:
        if isinstance(message, message_type):
            return kind, command
    raise TypeError(f"a {type(message).__name__} has no file")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that becomes *path* at the end, or nothing when that fails."""
    with NamedTemporaryFile(dir=path.parent, prefix=".padchat-", delete=False) as file:
        try:
            yield file
            file.close()
            os.replace(file.name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(file.name)
            raise
