"""The commands of area media: fetching the files of messages.

PURE. Source: commands.toml, group ``media``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ..binding import Binding
from ..refusals import Refused
from ..shelf import Medium
from .base import Parameters, Reply, Responder, done, raw_message_id

__all__ = ["MAX_FETCHED_VOICE_BYTES", "RESPONDERS"]

#: A voice is cut off here when it is fetched (bytes). Source: commands.toml,
#: getMsgVoice: "Above 60 kB the result is cut off"; that ``size`` is what is left of
#: it is *our choice*.
MAX_FETCHED_VOICE_BYTES = 60 * 1024


def get_msg_image(binding: Binding, params: Parameters) -> Reply:
    """Return the full picture of an image message."""
    image = _file(binding, params, Medium.IMAGE)
    return done(image=_encoded(image), size=len(image))


def get_msg_video(binding: Binding, params: Parameters) -> Reply:
    """Return the video of a video message."""
    video = _file(binding, params, Medium.VIDEO)
    return done(video=_encoded(video), size=len(video))


def get_msg_voice(binding: Binding, params: Parameters) -> Reply:
    """Return the voice of a voice message, or the beginning of a long one."""
    voice = _file(binding, params, Medium.VOICE)[:MAX_FETCHED_VOICE_BYTES]
    return done(voice=_encoded(voice), size=len(voice))


def _file(binding: Binding, params: Parameters, medium: Medium) -> bytes:
    """Return the file of a message that the account sent or got."""
    account = binding.account
    shelf = account.world.mail.shelf
    found = shelf.get(raw_message_id(params), medium, account.user.user_name)
    if found is None:
        raise Refused(f"there is no {medium} for this message, or not any more")
    return found


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "getMsgImage": Responder(get_msg_image),
    "getMsgVideo": Responder(get_msg_video),
    "getMsgVoice": Responder(get_msg_voice),
}
