"""The commands of area messages: sending them, and fetching those that wait.

PURE. Source: commands.toml, group ``message``.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import app_messages, parcels
from ..binding import Binding
from ..messages import Message
from ..parcels import Parcel
from ..refusals import Refused
from .base import (
    Parameters,
    Reply,
    Responder,
    done,
    file,
    picture,
    receiver,
    text,
    text_list,
    whole_number,
)

__all__ = ["MAX_TITLE_CHARACTERS", "RESPONDERS"]

#: Longest title of a card (characters), as the longest name.
MAX_TITLE_CHARACTERS = 64


def send_msg(binding: Binding, params: Parameters) -> Reply:
    """Send a text message."""
    to = receiver(binding, params)
    content = text(params, "content")
    mentioned = text_list(params, "atList")
    account = binding.account
    mail = account.world.mail
    return _sent(mail.send_text(account.user, to, content, mentioned=mentioned))


def send_app_msg(binding: Binding, params: Parameters) -> Reply:
    """Send an app message, of which the client gives the element ``appmsg``."""
    fragment = text(params, "content")
    user = binding.account.user
    return _sent(_send(binding, params, app_messages.sent_by_client(user, fragment)))


def send_image(binding: Binding, params: Parameters) -> Reply:
    """Send a picture."""
    image = picture(params, "image")
    message = _send(binding, params, parcels.image(image))
    return _sent(message, data=0, size=len(image))


def send_voice(binding: Binding, params: Parameters) -> Reply:
    """Send a voice."""
    voice = file(params, "file")
    milliseconds = whole_number(params, "time", 0)
    parcel = parcels.voice(binding.account.user, voice, milliseconds)
    return _sent(_send(binding, params, parcel), data=len(voice), size=0)


def share_card(binding: Binding, params: Parameters) -> Reply:
    """Send the contact card of somebody whom the account knows."""
    to = receiver(binding, params)
    title = text(params, "content", MAX_TITLE_CHARACTERS)
    account = binding.account
    world = account.world
    person = world.by_user_name.get(text(params, "userId"))
    if person is None:
        raise Refused("userId is nobody in this world")
    return _sent(world.mail.send_card(account.user, to, person, title=title))


def sync_msg(binding: Binding, params: Parameters) -> Reply:
    """Push the messages that wait to be fetched."""
    binding.feed.sync_messages()
    return Reply(True, "", {})


def _send(binding: Binding, params: Parameters, parcel: Parcel) -> Message:
    account = binding.account
    return account.world.mail.send(account.user, receiver(binding, params), parcel)


def _sent(message: Message, **sdk: object) -> Reply:
    reply = done(msgId=message.message_id)
    return Reply(True, "", reply.data, sdk)


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "sendMsg": Responder(send_msg),
    "sendAppMsg": Responder(send_app_msg),
    "sendImage": Responder(send_image),
    "sendVoice": Responder(send_voice),
    "shareCard": Responder(share_card),
    "syncMsg": Responder(sync_msg),
}
