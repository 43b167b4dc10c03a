"""Area messages: sending them, and what is pushed."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from ..wire import json_text
from .base import Command, Done, Event, Result, decode_base64

__all__ = [
    "MAX_IMAGE_BYTES",
    "REFUSED_RECEIVERS",
    "GetMsgImage",
    "Image",
    "ImageMessage",
    "Message",
    "MessageImage",
    "Push",
    "PushItem",
    "SendImage",
    "SendMsg",
    "SentMessage",
    "SyncMsg",
    "SystemMessage",
    "TextMessage",
    "UnknownItem",
    "receiver_problem",
]

ROOM_SUFFIX = "@chatroom"

#: Largest image that is sent (bytes): as base64 it fits into one frame of the wire.
MAX_IMAGE_BYTES = 20 * 1024 * 1024

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
        return f"{to_user_name!r} is a system account that must not be written to"
    return None


class SentMessage(Result, frozen=True, gc=False):
    """The WeChat engine's answer to something that was sent.

    Args:
        msg_id: id of the new message; 64 bits, so a text.
        message: text of the engine, informational.
        status: of the engine, 0 on success.

    Source: seed README; commands.toml, sendMsg.
    """

    msg_id: str = ""
    message: str = ""
    status: int = 0


class SendMsg(Command[SentMessage], frozen=True):
    """Send a text message to a contact or a room.

    Args:
        to_user_name: WeChat id of a contact, or of a room (``...@chatroom``).
        content: the text.
        at_list: WeChat ids of room members to mention; *content* should hold one
            ``@`` for each.

    Source: PADCHAT index.js, method sendMsg.
    """

    to_user_name: str
    content: str
    at_list: tuple[str, ...] = ()

    changes_world = True

    def problem(self) -> str | None:
        """Tell why it must not be sent, None when it may."""
        to_user_name = self.to_user_name
        if to_user_name and to_user_name not in REFUSED_RECEIVERS:
            return None
        return receiver_problem(to_user_name)


class Image(Struct, frozen=True):
    """An image to be sent: ``account.send(to, Image(content))``.

    Args:
        content: the file's bytes, at most ``MAX_IMAGE_BYTES``.
    """

    content: bytes

    def __repr__(self) -> str:
        return f"Image(<{len(self.content)}>)"


class SendImage(Command[SentMessage], frozen=True):
    """Send an image.

    Args:
        to_user_name: WeChat id of a contact, or of a room.
        image: base64 of the file, without a data URL in front.

    Source: PADCHAT index.js, method sendImage.
    """

    to_user_name: str
    image: str

    changes_world = True

    def problem(self) -> str | None:
        """Tell why it must not be sent, None when it may."""
        if len(self.image) > MAX_IMAGE_BYTES * 4 // 3 + 4:
            return f"the image has more than {MAX_IMAGE_BYTES} bytes"
        return receiver_problem(self.to_user_name)


class SyncMsg(Command[Done], frozen=True):
    """Fetch the messages that wait; they are pushed. Only in dialect ``sdk``.

    The account sends it by itself whenever the gateway tells of new messages.

    Source: padchat-sdk index.js, event notify.
    """


class MessageImage(Result, frozen=True, gc=False):
    """The full-size image of a message.

    Args:
        image: base64; ``content`` decodes it.
        size: size of the file (bytes).
        message: text of the engine, informational.
        status: of the engine, 0 on success.

    Source: commands.toml, getMsgImage.
    """

    image: str = ""
    size: int = 0
    message: str = ""
    status: int = 0

    @property
    def content(self) -> bytes:
        """The image file.

        Raises:
            ValueError: the gateway's text is not base64.
        """
        return decode_base64(self.image)


def without_thumbnail(item: dict[str, Any]) -> dict[str, Any]:
    """Copy a push item without its base64 field."""
    return {name: value for name, value in item.items() if name != "data"}


class GetMsgImage(Command[MessageImage], frozen=True):
    """Fetch the full-size image of an image message.

    Args:
        raw_msg_data: the push item as it came, ``ImageMessage.raw_msg_data``; what
            it has in ``data``, large and not needed, is left out of a copy.

    Source: PADCHAT index.js, method getMsgImage; dialects.md, 4, "rawMsgData".
    """

    raw_msg_data: dict[str, Any]

    def __post_init__(self) -> None:
        """Leave the thumbnail out."""
        if "data" in self.raw_msg_data:
            force_setattr(self, "raw_msg_data", without_thumbnail(self.raw_msg_data))


class PushItem(Event, frozen=True, gc=False):
    """One item of a push: a message, a contact, or something else.

    Args:
        msg_id: id of a message; 64 bits, so a text. Empty for what has none.
    """

    msg_id: str = ""

    @property
    def arguments(self) -> list[Any]:
        """The item as the only argument."""
        return [self.raw]

    @property
    def raw(self) -> dict[str, Any]:
        """The original fields of the item as they came, decoded now."""
        if not self._body:
            return {}
        item = json_text.read(self._body)[1]["list"][self._index]
        return item if isinstance(item, dict) else {}


def _room(from_user: str, to_user: str) -> str | None:
    if from_user.endswith(ROOM_SUFFIX):
        return from_user
    return to_user if to_user.endswith(ROOM_SUFFIX) else None


class Message(PushItem, frozen=True, gc=False, tag_field="msgType", tag=-1):
    """What all messages have.

    Args:
        from_user: sender, or the room in which a member wrote.
        to_user: receiver: the account, or a room for the account's own messages.
        content: text or XML; from a room with the writer in front, see ``text``.
        description: text of the notification.
        msg_source: XML with additional data.
        timestamp: Unix time (seconds).
        uin: number of the account that received it.
        status: 1 in all samples.
        continues: 1 when more items follow (wire name ``continue``).

    Source: messages.toml, [[item_field]] and [item].room_rule.
    """

    from_user: str = ""
    to_user: str = ""
    content: str = ""
    description: str | None = None
    msg_source: str | None = None
    timestamp: int = 0
    uin: int | None = None
    status: int | None = None
    continues: int | None = field(default=None, name="continue")

    @property
    def room(self) -> str | None:
        """Id of the room it was written in, None outside of rooms."""
        return _room(self.from_user, self.to_user)

    @property
    def sender(self) -> str:
        """WeChat id of who wrote it; the room when nobody is named."""
        if self.from_user.endswith(ROOM_SUFFIX):
            sender, mark, _ = self.content.partition(":\n")
            if mark and " " not in sender:
                return sender
        return self.from_user

    @property
    def text(self) -> str:
        """The content without the writer in front that messages in rooms have."""
        if self.from_user.endswith(ROOM_SUFFIX):
            sender, mark, rest = self.content.partition(":\n")
            if mark and " " not in sender:
                return rest
        return self.content

    @property
    def conversation(self) -> str:
        """Where an answer goes: the room, else the sender."""
        return _room(self.from_user, self.to_user) or self.from_user


class TextMessage(Message, frozen=True, gc=False, tag=1):
    """A text message."""


class ImageMessage(Message, frozen=True, gc=False, tag=3):
    """An image.

    Args:
        data: base64 of the thumbnail; the full size comes by ``GetMsgImage``.
    """

    data: str | None = None

    @property
    def raw_msg_data(self) -> dict[str, Any]:
        """The item to hand to ``GetMsgImage``: as it came, without its thumbnail.

        Source: dialects.md, 4, "rawMsgData".
        """
        return without_thumbnail(self.raw)


class SystemMessage(Message, frozen=True, gc=False, tag=10000):
    """A text of WeChat itself: somebody joined, a room was renamed, ...

    Source: messages.toml, type 10000; it has no writer in front.
    """

    @property
    def sender(self) -> str:
        """The conversation that it is about."""
        return self.from_user

    @property
    def text(self) -> str:
        """The content."""
        return self.content


class UnknownItem(PushItem, frozen=True, gc=False):
    """An item of a kind that the catalogue does not know, or of another shape.

    Args:
        msg_type: its type, None when it has none.
        from_user: see ``Message``; empty where it has none.
        to_user: see ``Message``; empty where it has none.
    """

    msg_type: int | None = None
    from_user: str = ""
    to_user: str = ""

    @property
    def conversation(self) -> str:
        """Where it was written, if anywhere: the room, else the sender."""
        return _room(self.from_user, self.to_user) or self.from_user


class Push(Event, frozen=True, gc=False):
    """Messages and contacts, several at once.

    Source: PADCHAT index.js, event push.
    """

    list: tuple[PushItem, ...] = ()
