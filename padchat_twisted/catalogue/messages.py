"""Area messages: what is pushed, by kind.

Those with files are in ``media_messages``, those whose meaning is in their XML in
``xml_messages`` and ``app_messages``, texts of WeChat itself in ``system_messages``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import field
from msgspec.structs import force_setattr

from ..wire import json_text
from ..wire.json_pushes import KeyCase, read_item
from .base import Event, without_data
from .message_details import MessageSource
from .message_types import MessageType
from .parameters import For
from .xml_text import read_details

__all__ = [
    "MAYBE_SEEN",
    "MESSAGE_FIELDS",
    "REPLAYED",
    "ROOM_SUFFIX",
    "AvatarMessage",
    "ErrorMessage",
    "FriendConfirmText",
    "Message",
    "PossibleFriend",
    "Push",
    "PushItem",
    "RoomInvite",
    "SelfProfile",
    "StatusMessage",
    "SysNotice",
    "TextMessage",
    "UnknownItem",
    "UnparsedMessage",
    "VoipInvite",
    "VoipNotify",
    "mark",
]

ROOM_SUFFIX = "@chatroom"

#: What an item may be marked as.
REPLAYED = 1
MAYBE_SEEN = 2


class PushItem(Event, frozen=True, gc=False):
    """One item of a push: a message, a contact, or something else.

    Args:
        msg_id: id of a message; 64 bits, so a text. Empty for what has none.
    """

    _own: str = field(default="", name="~own")
    _case: KeyCase | Literal[""] = field(default="", name="~case")
    # The only value that a peer can send is the default; see ``mark``.
    _marks: Literal[0] = field(default=0, name="~marks")
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
        if self._case:
            return read_item(self._body, self._case, self._index)
        item = json_text.read(self._body)[1]["list"][self._index]
        return item if isinstance(item, dict) else {}

    @property
    def is_unparsed(self) -> bool:
        """Whether the item, or what its content holds, is of a shape not known."""
        return False

    @property
    def is_replayed(self) -> bool:
        """Whether it was old when it came; see ``InboxPolicy``, which asks for it."""
        return bool(self._marks & REPLAYED)

    @property
    def maybe_seen(self) -> bool:
        """Whether handlers may have had it before a crash; see ``InboxPolicy``."""
        return bool(self._marks & MAYBE_SEEN)


def mark(item: PushItem, marks: int) -> None:
    """Add ``REPLAYED`` or ``MAYBE_SEEN`` to an item that nobody has yet."""
    force_setattr(item, "_marks", item._marks | marks)


def _room(from_user: str, to_user: str) -> str | None:
    if from_user.endswith(ROOM_SUFFIX):
        return from_user
    return to_user if to_user.endswith(ROOM_SUFFIX) else None


class Message(PushItem, frozen=True, gc=False):
    """What all messages have.

    Args:
        from_user: sender, or the room in which a member wrote.
        to_user: receiver: the account, or a room for the account's own messages.
        content: text or XML; from a room with the writer in front, see ``text``.
        description: text of the notification.
        msg_source: XML with additional data, see ``source``.
        timestamp: Unix time (seconds).
        uin: number of the account that received it.
        status: 1 in all samples.
        continues: 1 when more items follow (wire name ``continue``).

    Source: messages.toml, [[item_field]] and [item].
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
    def type(self) -> MessageType:
        """Its kind as the protocol counts."""
        # Only this class itself, of which no message is, has no tag.
        tag = self.__struct_config__.tag
        return MessageType(tag if isinstance(tag, int) else MessageType.WRAPPER)

    @property
    def room(self) -> str | None:
        """Id of the room it was written in, None outside of rooms."""
        return _room(self.from_user, self.to_user)

    @property
    def sender(self) -> str:
        """WeChat id of who wrote it; the room when nobody is named."""
        return self._split()[0] or self.from_user

    @property
    def text(self) -> str:
        """The content without the writer in front that messages in rooms have."""
        return self._split()[1]

    def _split(self) -> tuple[str, str]:
        if self.from_user.endswith(ROOM_SUFFIX):
            sender, mark, rest = self.content.partition(":\n")
            # Ids have no spaces.
            if mark and sender.split() == [sender]:
                return sender, rest
        return "", self.content

    @property
    def is_from_me(self) -> bool:
        """Whether the account wrote it itself, on another device.

        What it sends through the gateway is not pushed. Source: open-questions.md, Q68.
        """
        if self.to_user.endswith(ROOM_SUFFIX):
            return True
        return bool(self._own) and self.sender == self._own

    @property
    def conversation(self) -> str:
        """Where an answer goes: the room, else the other one."""
        room = _room(self.from_user, self.to_user)
        if room is None and self._own and self.from_user == self._own:
            return self.to_user
        return room or self.from_user

    @property
    def source(self) -> MessageSource:
        """What ``msg_source`` holds, read now; empty where it holds nothing."""
        if not self.msg_source:
            return MessageSource()
        found = read_details(MessageSource, "msgsource", self.msg_source)
        return MessageSource() if found is None else found

    @property
    def mentions(self) -> tuple[str, ...]:
        """WeChat ids of the members that it mentions, read now."""
        if "atuserlist" not in (self.msg_source or ""):
            return ()
        names = self.source.at_user_list.split(",")
        return tuple(name.strip() for name in names if name.strip())

    @property
    def mentions_me(self) -> bool:
        """Whether it mentions the account itself."""
        return bool(self._own) and self._own in self.mentions

    @property
    def raw_msg_data(self) -> dict[str, Any]:
        """The item to hand to a command about it: as it came, without its file.

        Source: dialects.md, 4, "rawMsgData".
        """
        return without_data(self.raw)


#: How many fields all messages have: those of a kind's XML come after them.
MESSAGE_FIELDS = len(Message.__struct_fields__)


class TextMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=1):
    """A text message."""


class FriendConfirmText(TextMessage, frozen=True, gc=False):
    """The text by which somebody accepted the account's friend request.

    Source: messages.toml, [[system_text]] of type 1.
    """


class AvatarMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=35):
    """Data of an avatar; no sample is known."""


class PossibleFriend(Message, frozen=True, gc=False, tag_field="msgType", tag=40):
    """A contact that WeChat suggests; no sample is known."""


class VoipNotify(Message, frozen=True, gc=False, tag_field="msgType", tag=52):
    """A notification of a call; no sample is known."""


class VoipInvite(Message, frozen=True, gc=False, tag_field="msgType", tag=53):
    """An invitation to a call; no sample is known."""


class RoomInvite(Message, frozen=True, gc=False, tag_field="msgType", tag=3000):
    """An invitation to a room of which no sample is known.

    Those that are known are app messages: ``RoomInvitation``.
    """


class SysNotice(Message, frozen=True, gc=False, tag_field="msgType", tag=9999):
    """A notice of the system; no sample is known."""


class ErrorMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=-1):
    """An error of a gateway of 2017; the content says which."""


class StatusMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=0):
    """The login status that a gateway of 2017 told, now event ``scan``."""

    @property
    def details(self) -> dict[str, Any] | None:
        """What its JSON text says, read now; None when it holds no object.

        ``status`` is 1 wait for the scan, 3 confirmed, 4 logging in, 5 timed out, 6
        failed, 7 logged in or 8 logged out; ``data`` is the QR code.
        """
        try:
            found = json_text.read(json_text.to_utf8_text(self.content).encode())
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


class UnparsedMessage(Message, frozen=True, gc=False):
    """A message of a known kind whose content has another shape than that kind's.

    Args:
        msg_type: its type.
    """

    msg_type: int = 0

    @property
    def type(self) -> MessageType:
        """Its kind as the protocol counts."""
        return MessageType(self.msg_type)

    @property
    def is_unparsed(self) -> bool:
        """It is."""
        return True


class SelfProfile(PushItem, frozen=True, gc=False, tag_field="msgType", tag=101):
    """The profile of the account itself, from a gateway of 2017.

    Source: messages.toml, type 101.
    """

    user_name: str = ""
    nick_name: str = ""
    sex: int | None = None
    province: str | None = None
    city: str | None = None
    signature: str | None = None
    bind_uin: int | None = None
    bind_email: str | None = None
    bind_mobile: str | None = None


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

    @property
    def is_unparsed(self) -> bool:
        """It is."""
        return True


class Push(Event, frozen=True, gc=False):
    """Messages and contacts, several at once.

    Args:
        list: the items.
        type: 4 when they are contacts.

    Source: PADCHAT index.js, event push; events.toml.
    """

    list: tuple[PushItem, ...] = ()
    type: Annotated[int | None, For(only=("sdk",))] = None
