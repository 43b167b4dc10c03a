"""The messages that are pushed to a client, in the spelling of dialect socketio.

PURE. The shapes are those of messages.toml (``item_field``, ``message_type``,
``msg_source``) and of the samples L6, S5 and K4 of dialects.md. Contacts are in
``profiles``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

from ..catalogue.message_types import MessageType
from .markup import element, text
from .messages import Message
from .people import Person
from .rooms import Room

__all__ = [
    "CONTACTS_PER_PUSH",
    "MESSAGES_PER_PUSH",
    "Fields",
    "batches",
    "message_push",
]

#: Contacts in one push event: a few kilobytes, so that no frame is large.
CONTACTS_PER_PUSH = 20

#: Messages in one push event after a login. Fewer than contacts, for each may bring
#: a long text or a small picture.
MESSAGES_PER_PUSH = 10

#: Kinds whose ``msgSource`` is empty: WeChat's own. Source: messages.toml,
#: ``msg_source``.
_WITHOUT_SOURCE = (MessageType.SYSTEM, MessageType.SYSMSG, MessageType.STATUS_NOTIFY)

#: An object of the wire: keys as they are sent.
Fields: TypeAlias = dict[str, object]

T = TypeVar("T")


def batches(things: Sequence[T], size: int) -> Iterator[list[tuple[T, bool]]]:
    """Cut *things* into lists of at most *size*, each with whether more follow."""
    last = len(things) - 1
    for start in range(0, len(things), size):
        yield [
            (thing, start + place < last)
            for place, thing in enumerate(things[start : start + size])
        ]


def message_push(message: Message, reader: Person, *, more: bool) -> Fields:
    """Make the push item of a message, as *reader*'s account gets it.

    In a room the sender stands before the content, but neither for a text of the
    room itself nor for what the account wrote on its own telephone (messages.toml,
    ``room_rule``).
    """
    sender, to, content = message.sender, message.to, message.content
    from_user, to_user = sender.user_name, to.user_name
    if isinstance(to, Room) and sender is not reader:
        from_user, to_user = to.user_name, reader.user_name
        content = f"{sender.user_name}:\n{content}"
    pushed: Fields = {
        "msgId": message.message_id,
        "msgType": int(message.kind),
        "fromUser": from_user,
        "toUser": to_user,
        "content": content,
        "description": _description(message),
        "msgSource": _msg_source(message),
        "timestamp": int(message.sent_at),
        "status": 1,
        "continue": int(more),
        "uin": reader.uin,
    }
    if message.data:
        pushed["data"] = message.data
    return pushed


def _description(message: Message) -> str:
    said = message.content if message.kind is MessageType.TEXT else message.summary
    return f"{message.sender.nick_name} : {said}" if said else ""


def _msg_source(message: Message) -> str:
    if message.kind in _WITHOUT_SOURCE:
        return ""
    name = message.file_name
    file_name = element("img_file_name", text(name)) if name else ""
    if not isinstance(message.to, Room):
        return element("msgsource", file_name) + "\n"
    mentions = ",".join(message.mentioned)
    return element(
        "msgsource",
        element("atuserlist", text(mentions)) if mentions else "",
        element("silence", text(0)),
        element("membercount", text(len(message.to.memberships))),
        file_name,
    )
