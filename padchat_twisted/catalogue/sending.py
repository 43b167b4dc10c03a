"""Area messages: sending them, and fetching those that wait."""

from __future__ import annotations

from pathlib import PurePath
from string import ascii_letters, digits
from typing import Annotated, Generic

from msgspec import Struct

from .base import (
    LARGE_TIME_LIMIT,
    Answer,
    Command,
    Done,
    R,
)
from .parameters import Dialect, For

__all__ = [
    "MAX_IMAGE_BYTES",
    "MAX_VOICE_BYTES",
    "MAX_VOICE_MILLISECONDS",
    "REFUSED_RECEIVERS",
    "Image",
    "SendAppMsg",
    "SendImage",
    "SendMsg",
    "SendVoice",
    "SentImage",
    "SentMessage",
    "SentVoice",
    "ShareCard",
    "SyncMsg",
    "Voice",
    "media_problem",
    "receiver_problem",
]

#: Largest image that is sent (bytes): as base64 it fits into one frame of the wire.
MAX_IMAGE_BYTES = 20 * 1024 * 1024

#: Largest voice that is sent (bytes): a minute of silk has about 100 kB.
MAX_VOICE_BYTES = 1024 * 1024

#: Longest voice that is sent (milliseconds). Source: commands.toml, sendVoice.
MAX_VOICE_MILLISECONDS = 60_000


_BASE64_DIGITS = f"{ascii_letters}{digits}+/".encode()


def media_problem(name: str, text: str, limit: int) -> str | None:
    """Tell why *text* is no file that can be sent, None when it is one.

    Args:
        name: of the field, for the answer.
        text: base64, without a data URL in front.
        limit: largest file (bytes).
    """
    expected = f"expected a file of at most {limit} bytes as base64"
    bare = text.rstrip("=")
    padding = len(text) - len(bare)
    # Not decoded: that takes four times as long, and may be 20 MiB.
    if (
        len(text) % 4
        or padding > 2
        or not text.isascii()
        or bare.encode().translate(None, _BASE64_DIGITS)
    ):
        return f"{name}: found a text that is not base64, {expected}"
    size = len(text) // 4 * 3 - padding
    return f"{name}: found {size} bytes, {expected}" if size > limit else None


#: System accounts that must not be written to: WeChat takes it for abuse.
#: Source: PADCHAT index.js (enforced there); open-questions.md, Q70.
REFUSED_RECEIVERS = frozenset(
    (
        "weixin",
        "newsapp",
        "tmessage",
        "fmessage",
        "qmessage",
        "floatbottle",
        "medianote",
        "mphelper",
        "weibo",
    )
)


def receiver_problem(to_user_name: str) -> str | None:
    """Tell why nobody may write to *to_user_name*, None when it is allowed."""
    if not to_user_name:
        return "to_user_name is empty: name a WeChat id, a room or filehelper"
    if to_user_name in REFUSED_RECEIVERS:
        return (
            f"found {to_user_name!r}, a system account that must not be written to;"
            " expected a person, a room or filehelper"
        )
    return None


class SentMessage(Answer, frozen=True, gc=False):
    """The WeChat engine's answer to something that was sent.

    Args:
        msg_id: id of the new message; 64 bits, so a text.

    Source: seed README; commands.toml, sendMsg.
    """

    msg_id: str = ""


class SentImage(SentMessage, frozen=True, gc=False):
    """The answer to an image.

    Args:
        data: an undocumented number.
        size: bytes that were sent.

    Source: commands.toml, sendImage.
    """

    data: Annotated[int | None, For(only=("sdk",))] = None
    size: Annotated[int | None, For(only=("sdk",))] = None


class _Sending(Command[R], Generic[R], frozen=True):
    """Something that is sent to somebody."""

    to_user_name: str

    changes_world = True

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell why it must not be sent."""
        problem = receiver_problem(self.to_user_name)
        return None if problem is None else f"to_user_name: {problem}"


class SendMsg(_Sending[SentMessage], frozen=True):
    """Send a text message to a contact or a room.

    Args:
        to_user_name: WeChat id of a contact, or of a room (``...@chatroom``).
        content: the text.
        at_list: WeChat ids of room members to mention; *content* should hold one
            ``@`` for each.

    Source: PADCHAT index.js, method sendMsg.
    """

    content: str
    at_list: tuple[str, ...] = ()

    def problem(self, dialect: Dialect) -> str | None:
        """Tell why it must not be sent, None when it may."""
        to_user_name = self.to_user_name
        # What most calls are, without a look at each field.
        if (
            type(to_user_name) is str
            and type(self.content) is str
            and to_user_name
            and self.content
            and to_user_name not in REFUSED_RECEIVERS
            and self.at_list == ()
        ):
            return None
        return super().problem(dialect)


class Image(Struct, frozen=True):
    """An image to be sent: ``account.send(to, Image(content))``.

    Args:
        content: the file's bytes, or its path, which is read when it is sent; at most
            ``MAX_IMAGE_BYTES``.
    """

    content: bytes | str | PurePath

    def __repr__(self) -> str:
        return f"Image({_size_of(self.content)})"


class Voice(Struct, frozen=True):
    """A voice to be sent, in silk format: ``account.send(to, Voice(content))``.

    Args:
        content: the file's bytes, or its path, which is read when it is sent; at most
            ``MAX_VOICE_BYTES``.
        milliseconds: how long it lasts, at most 60000; 0 shows as one second.
    """

    content: bytes | str | PurePath
    milliseconds: int = 0

    def __repr__(self) -> str:
        return f"Voice({_size_of(self.content)})"


def _size_of(content: bytes | str | PurePath) -> str:
    return f"<{len(content)}>" if isinstance(content, bytes) else "..."


class SendImage(_Sending[SentImage], frozen=True):
    """Send an image.

    Args:
        to_user_name: WeChat id of a contact, or of a room.
        image: base64 of the file, without a data URL in front.

    Source: PADCHAT index.js, method sendImage.
    """

    image: str

    time_limit = LARGE_TIME_LIMIT

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell why it must not be sent."""
        problem = media_problem("image", self.image, MAX_IMAGE_BYTES)
        return problem or super().own_problem(dialect)


class SendAppMsg(_Sending[SentMessage], frozen=True):
    """Send an app message, such as a link, from an appmsg XML fragment.

    Args:
        to_user_name: receiver: wxid of a user or id of a room (with its ``@chatroom``
            suffix).
        content: the appmsg element only, without the surrounding msg element.

    Source: commands.toml, sendAppMsg.
    """

    content: str


class ShareCard(_Sending[SentMessage], frozen=True):
    """Send the contact card of a user.

    Args:
        to_user_name: receiver: wxid of a user or id of a room (with its ``@chatroom``
            suffix).
        content: title of the card.
        user_id: wxid of the user whose card is sent.

    Source: PADCHAT index.js, method shareCard, which has this order.
    """

    content: str
    user_id: str


class SentVoice(SentMessage, frozen=True, gc=False):
    """The answer to a voice.

    Args:
        data: size of the voice file.
        size: documented as 0.

    Source: commands.toml, sendVoice.
    """

    data: int | None = None
    size: int | None = None


class SendVoice(_Sending[SentVoice], frozen=True):
    """Send a voice message in silk format.

    Args:
        to_user_name: receiver: wxid of a user or id of a room (with its ``@chatroom``
            suffix).
        file: voice file, silk format.
        time: length in milliseconds (at most 60000); 0 shows as one second.

    Source: commands.toml, sendVoice.
    """

    file: str
    time: int = 0

    dialects = ("sdk",)
    time_limit = LARGE_TIME_LIMIT

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell why it must not be sent."""
        if not 0 <= self.time <= MAX_VOICE_MILLISECONDS:
            return (
                f"time: found {self.time} milliseconds, expected 0 to"
                f" {MAX_VOICE_MILLISECONDS}"
            )
        problem = media_problem("file", self.file, MAX_VOICE_BYTES)
        return problem or super().own_problem(dialect)


class SyncMsg(Command[Done], frozen=True):
    """Fetch the messages that wait; they are pushed. Only in dialect ``sdk``.

    The account sends it by itself whenever the gateway tells of new messages.

    Source: padchat-sdk index.js, event notify.
    """

    dialects = ("sdk",)
