"""Area media: the files of messages, fetched on demand."""

from __future__ import annotations

from .base import LARGE_TIME_LIMIT, Answer, OfMessage, decode_base64

__all__ = [
    "GetMsgImage",
    "GetMsgVideo",
    "GetMsgVoice",
    "MessageImage",
    "MessageVideo",
    "MessageVoice",
]


class MessageImage(Answer, frozen=True, gc=False):
    """The full-size image of a message.

    Args:
        image: base64; ``content`` decodes it.
        size: size of the file (bytes).

    Source: commands.toml, getMsgImage.
    """

    image: str = ""
    size: int = 0

    @property
    def content(self) -> bytes:
        """The image file.

        Raises:
            ValueError: the gateway's text is not base64.
        """
        return decode_base64(self.image)


class GetMsgImage(OfMessage[MessageImage], frozen=True):
    """Fetch the full-size image of an image message.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: PADCHAT index.js, method getMsgImage.
    """

    time_limit = LARGE_TIME_LIMIT


class MessageVideo(Answer, frozen=True, gc=False):
    """The result of ``GetMsgVideo``.

    Args:
        video: video.
        size: size of the video in bytes.

    Source: commands.toml, getMsgVideo.
    """

    video: str = ""
    size: int = 0

    @property
    def content(self) -> bytes:
        """The file.

        Raises:
            ValueError: the gateway's text is not base64.
        """
        return decode_base64(self.video)


class GetMsgVideo(OfMessage[MessageVideo], frozen=True):
    """Fetch the video of a video message.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: commands.toml, getMsgVideo.
    """

    dialects = ("sdk",)
    time_limit = LARGE_TIME_LIMIT


class MessageVoice(Answer, frozen=True, gc=False):
    """The result of ``GetMsgVoice``.

    Args:
        voice: voice, silk format.
        size: size of the voice data in bytes.

    Source: commands.toml, getMsgVoice.
    """

    voice: str = ""
    size: int = 0

    @property
    def content(self) -> bytes:
        """The file.

        Raises:
            ValueError: the gateway's text is not base64.
        """
        return decode_base64(self.voice)


class GetMsgVoice(OfMessage[MessageVoice], frozen=True):
    """Fetch the voice data of a voice message.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: commands.toml, getMsgVoice.
    """

    dialects = ("sdk",)
    time_limit = LARGE_TIME_LIMIT
