"""What is sent, made into commands: texts with their mentions, and files.

A file is read and encoded piece by piece, and other accounts get their turns between
the pieces. That needs nothing of the reactor but its time, and no thread; who has files
on a disk that takes long for a piece reads them in a thread, and hands over the bytes.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from stat import S_ISREG
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from ..catalogue import (
    Command,
    Image,
    SendImage,
    SendMsg,
    SendVoice,
    SentMessage,
    Voice,
    VoiceMessage,
)
from ..catalogue.sending import MAX_IMAGE_BYTES, MAX_VOICE_BYTES
from ..errors import NotSent
from .dialects import LoginDialect
from .media import PIECE_BYTES, Kind, Media
from .work import Lane

__all__ = ["MAX_OUTGOING_BYTES", "Outgoing"]

#: Most bytes of files that an account reads, has wait for their turn, or waits for the
#: reply to: each is in memory meanwhile. Six of the largest, hundreds of usual ones.
MAX_OUTGOING_BYTES = 128 * 1024 * 1024

#: Largest files that are sent (bytes).
_LIMITS: dict[Kind, int] = {"image": MAX_IMAGE_BYTES, "voice": MAX_VOICE_BYTES}

#: Base64 in the place of a file, for a look at a command before its file is read.
_ANY_FILE = "AAAA"


class Outgoing:
    """What one account sends.

    Args:
        clock: for the turns between pieces.
        dialect: of the gateway.
        upload: sends a command with a file of so many bytes, in a lane, with a key
            where there is one.

    Attributes:
        held_bytes: of files that are being sent.
    """

    __slots__ = (
        "_clock",
        "_dialect",
        "_upload",
        "held_bytes",
    )

    def __init__(
        self,
        clock: IReactorTime,
        dialect: LoginDialect,
        upload: Callable[[Command[Any], int, Lane | None, str | None], Deferred[Any]],
    ) -> None:
        self._clock = clock
        self._dialect = dialect
        self._upload = upload
        self.held_bytes = 0

    def mention(
        self, to: str, content: str, at: str | Iterable[str], add_marks: bool | None
    ) -> SendMsg:
        """Make the command for a text that mentions somebody; see ``account.send``.

        Source: open-questions.md, Q57.
        """
        at_list = (at,) if isinstance(at, str) else tuple(at)
        if self._dialect.adds_marks if add_marks is None else add_marks:
            missing = len(at_list) - content.count("@")
            if missing > 0:
                content = "@" * missing + "\n" + content
        return SendMsg(to, content, at_list)

    async def file(
        self,
        to: str,
        what: Image | Voice | Media,
        key: str | None = None,
        lane: Lane | None = None,
    ) -> SentMessage:
        """Read or fetch a file, then send it; see ``account.send``."""
        kind, milliseconds = _about(what)
        if kind == "video":
            raise NotSent("getMsgVideo", "PadChat has no command that sends a video")
        # Whatever is wrong with the rest is told before the file is read.
        command = _command(kind, to, _ANY_FILE, milliseconds)
        problem = command.problem(self._dialect.name)
        if problem is not None:
            raise NotSent(command.wire_name, problem)
        content = await what.fetch() if isinstance(what, Media) else what.content
        held = min(_size_of(content), _LIMITS[kind])
        if self.held_bytes + held > MAX_OUTGOING_BYTES:
            problem = f"{self.held_bytes} bytes of files are being sent already"
            raise NotSent(command.wire_name, f"{problem}; wait for some of them")
        self.held_bytes += held
        try:
            try:
                text = await self._encoded(content, _LIMITS[kind])
            except ValueError as error:
                raise NotSent(command.wire_name, f"the {kind} {error}") from None
            command = _command(kind, to, text, milliseconds)
            size = len(text) // 4 * 3
            sent: SentMessage = await self._upload(command, size, lane, key)
            return sent
        finally:
            self.held_bytes -= held

    async def _encoded(self, content: bytes | str | PurePath, limit: int) -> str:
        size, texts = 0, list[str]()
        for piece in _pieces(content, limit):
            if texts:
                await deferLater(self._clock, 0)
            size += len(piece)
            _check_size(size, limit)
            texts.append(b64encode(piece).decode("ascii"))
        if not size:
            raise ValueError("is empty")
        return "".join(texts)


def _about(what: Image | Voice | Media) -> tuple[Kind, int]:
    """Say what kind of file is sent, and how long a voice lasts (milliseconds)."""
    if isinstance(what, Image):
        return "image", 0
    if isinstance(what, Voice):
        return "voice", what.milliseconds
    if not isinstance(what, Media):
        raise TypeError(
            f"{type(what).__name__} cannot be sent: give a text, Image, Voice, or what"
            " account.media() gave"
        )
    message = what.message
    if isinstance(message, VoiceMessage):
        return "voice", message.milliseconds or 0
    return what.kind, 0


def _command(
    kind: Kind, to: str, text: str, milliseconds: int
) -> SendImage | SendVoice:
    if kind == "image":
        return SendImage(to, text)
    return SendVoice(to, text, milliseconds)


def _pieces(content: bytes | str | PurePath, limit: int) -> Iterator[bytes]:
    """Yield a file piece by piece; its size is looked at before.

    Raises:
        ValueError: too large, no file, or not to be read; the text tells which.
    """
    if isinstance(content, bytes):
        _check_size(len(content), limit)
        for begin in range(0, len(content), PIECE_BYTES):
            yield content[begin : begin + PIECE_BYTES]
        return
    try:
        status = os.stat(content)
        if not S_ISREG(status.st_mode):
            # To open a pipe could take for ever.
            raise ValueError(f"is no file: {content}")
        _check_size(status.st_size, limit)
        with open(content, "rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise ValueError(f"cannot be read: {content}: {error.strerror}") from None


def _size_of(content: bytes | str | PurePath) -> int:
    """Return the size of a file (bytes); 0 where there is none, as reading it tells."""
    try:
        return len(content) if isinstance(content, bytes) else os.stat(content).st_size
    except (OSError, ValueError):
        return 0


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(f"has {size} bytes, the limit is {limit}")
