"""Area messages: images, voice, video and stickers as they are pushed."""

from __future__ import annotations

from .message_details import (
    EmoticonDetails,
    ImageDetails,
    VideoDetails,
    VoiceDetails,
)
from .messages import Message
from .xml_text import read_details

__all__ = [
    "EmoticonMessage",
    "ImageMessage",
    "ShortVideo",
    "VideoMessage",
    "VoiceMessage",
]


class ImageMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=3):
    """An image.

    Args:
        data: base64 of the thumbnail; the full size comes by ``GetMsgImage``.
    """

    data: str | None = None

    @property
    def details(self) -> ImageDetails | None:
        """What its XML says, read now; None when that cannot be read."""
        return read_details(ImageDetails, "msg/img", self.text)

    @property
    def size(self) -> int | None:
        """Size of the image (bytes), None when it is not said."""
        details = self.details
        return details.length if details else None


class VoiceMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=34):
    """A voice message.

    Args:
        data: base64 of the file in silk format, only up to about 30 kB; what is longer
            comes by ``GetMsgVoice``.
    """

    data: str | None = None

    @property
    def details(self) -> VoiceDetails | None:
        """What its XML says, read now; None when that cannot be read."""
        return read_details(VoiceDetails, "msg/voicemsg", self.text)

    @property
    def size(self) -> int | None:
        """Size of the file (bytes), None when it is not said."""
        details = self.details
        return details.length if details else None

    @property
    def milliseconds(self) -> int | None:
        """How long it is, None when it is not said."""
        details = self.details
        return details.voice_length if details else None


class VideoMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=43):
    """A video; its file comes by ``GetMsgVideo``."""

    @property
    def details(self) -> VideoDetails | None:
        """What its XML says, read now; None when that cannot be read."""
        return read_details(VideoDetails, "msg/videomsg", self.text)

    @property
    def size(self) -> int | None:
        """Size of the file (bytes), None when it is not said."""
        details = self.details
        return details.length if details else None


class ShortVideo(VideoMessage, frozen=True, gc=False, tag_field="msgType", tag=62):
    """A short video that was made for its message."""


class EmoticonMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=47):
    """A sticker."""

    @property
    def details(self) -> EmoticonDetails | None:
        """What its XML says, read now; None when that cannot be read."""
        return read_details(EmoticonDetails, "msg/emoji", self.text)
