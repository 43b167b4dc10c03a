"""Area messages: app messages, from links to money, told apart by their XML.

The names of their own fields are the paths of the tables; see ``xml_text``.

Source: messages.toml, [[app_type]], [[xml_shape]] of type 49 and [room_invitation];
open-questions.md, Q62.
"""

from __future__ import annotations

from typing import Any

from msgspec import field
from msgspec.structs import astuple

from .message_types import AppType, MessageType
from .messages import MESSAGE_FIELDS, Message, RoomInvite
from .xml_text import element_at, fields_in, read_xml

__all__ = [
    "AppMessage",
    "FileMessage",
    "LinkMessage",
    "MiniProgramMessage",
    "QuoteMessage",
    "RedPacketMessage",
    "RoomInvitation",
    "TransferMessage",
    "refine_app",
    "refine_red_packet",
    "refine_room_invite",
    "refine_transfer",
]


class AppMessage(Message, frozen=True, gc=False):
    """A message made by an app; those of the common kinds have subclasses.

    Args:
        msg_type: its type; 49 except where a gateway gives money one of its own.
        app_type: its kind, see ``AppType``; None when its XML cannot be read.
        title: title.
        des: description.
        url: link.
        thumb_url: thumbnail.
        source_user_name: official account or mini program that it comes from.
        source_display_name: name of that.
        md5: MD5 of the file.
        record_item: forwarded messages, XML text.
        from_user_name: who sent it.
        app_name: name of the app.
    """

    msg_type: int = field(default=49, name="~msgType")
    app_type: int | None = field(default=None, name="type")
    title: str = field(default="", name="title")
    des: str = field(default="", name="des")
    url: str = field(default="", name="url")
    thumb_url: str = field(default="", name="thumburl")
    source_user_name: str = field(default="", name="sourceusername")
    source_display_name: str = field(default="", name="sourcedisplayname")
    md5: str = field(default="", name="md5")
    record_item: str = field(default="", name="recorditem")
    from_user_name: str = field(default="", name="../fromusername")
    app_name: str = field(default="", name="../appinfo/appname")

    @property
    def type(self) -> MessageType:
        """Its kind as the protocol counts."""
        return MessageType(self.msg_type)

    @property
    def is_unparsed(self) -> bool:
        """Whether its XML cannot be read."""
        return self.app_type is None


class LinkMessage(AppMessage, frozen=True, gc=False):
    """A link."""


class RoomInvitation(LinkMessage, frozen=True, gc=False):
    """An invitation to a room; whoever follows ``url`` joins, no command does.

    Args:
        inviter: name of who invites; ``from_user`` is their WeChat id.
        room_name: name of the room.

    Source: messages.toml, [room_invitation].
    """

    inviter: str = field(default="", name="~inviter")
    room_name: str = field(default="", name="~roomName")


class FileMessage(AppMessage, frozen=True, gc=False):
    """A file; its name is the title. No command fetches it.

    Args:
        total_length: size (bytes).
        file_ext: extension of its name.
        attach_id: its id.
        cdn_attach_url: CDN id.
        aes_key: its key.
    """

    total_length: int | None = field(default=None, name="appattach/totallen")
    file_ext: str = field(default="", name="appattach/fileext")
    attach_id: str = field(default="", name="appattach/attachid")
    cdn_attach_url: str = field(default="", name="appattach/cdnattachurl")
    aes_key: str = field(default="", name="appattach/aeskey")


class MiniProgramMessage(AppMessage, frozen=True, gc=False):
    """A mini program.

    Args:
        user_name: its id, from ``gh_`` to ``@app``.
        app_id: its app id.
        page_path: its page.
    """

    user_name: str = field(default="", name="weappinfo/username")
    app_id: str = field(default="", name="weappinfo/appid")
    page_path: str = field(default="", name="weappinfo/pagepath")


class QuoteMessage(AppMessage, frozen=True, gc=False):
    """An answer to a message: ``title`` is what is said.

    Newer than the tables; the names are those that WeChat's clients write.

    Args:
        quoted_type: type of the quoted message.
        quoted_id: its id.
        quoted_from: conversation it was written in, or who wrote it.
        quoted_sender: WeChat id of who wrote it.
        quoted_name: name of that one.
        quoted_content: its content.
    """

    quoted_type: int | None = field(default=None, name="refermsg/type")
    quoted_id: str = field(default="", name="refermsg/svrid")
    quoted_from: str = field(default="", name="refermsg/fromusr")
    quoted_sender: str = field(default="", name="refermsg/chatusr")
    quoted_name: str = field(default="", name="refermsg/displayname")
    quoted_content: str = field(default="", name="refermsg/content")


class TransferMessage(AppMessage, frozen=True, gc=False):
    """A transfer of money: see ``QueryTransfer`` and ``AcceptTransfer``.

    Args:
        pay_sub_type: 1 sent, 3 received; other values for returns.
        fee_desc: amount as text.
        transfer_id: id of the transfer.
        transaction_id: id of the transaction.
        invalid_time: Unix time at which it expires (seconds).
        pay_memo: note.
    """

    pay_sub_type: int | None = field(default=None, name="wcpayinfo/paysubtype")
    fee_desc: str = field(default="", name="wcpayinfo/feedesc")
    transfer_id: str = field(default="", name="wcpayinfo/transferid")
    transaction_id: str = field(default="", name="wcpayinfo/transcationid")
    invalid_time: int | None = field(default=None, name="wcpayinfo/invalidtime")
    pay_memo: str = field(default="", name="wcpayinfo/pay_memo")


class RedPacketMessage(AppMessage, frozen=True, gc=False):
    """A red packet: see ``ReceiveRedPacket``.

    Args:
        native_url: link of the app, with who sent it and its id.
        sender_title: greeting.
        scene_text: name of the scene.
    """

    native_url: str = field(default="", name="wcpayinfo/nativeurl")
    sender_title: str = field(default="", name="wcpayinfo/sendertitle")
    scene_text: str = field(default="", name="wcpayinfo/scenetext")


#: Both of one language must fit: a link can imitate one of them. Of the description:
#: what stands in front of, between and behind the two names.
_INVITATIONS = (
    ("邀请你加入群聊", ('"', '"邀请你加入群聊', "，进入可查看详情。")),
    (
        "Group Chat Invitation",
        ('"', '" invited you to join the group chat "', '". Enter to view details.'),
    ),
)

_KINDS: dict[str, type[AppMessage]] = {
    str(int(app_type)): kind
    for app_type, kind in (
        (AppType.LINK, LinkMessage),
        (AppType.FILE, FileMessage),
        (AppType.MINI_PROGRAM, MiniProgramMessage),
        (AppType.MINI_PROGRAM_2, MiniProgramMessage),
        (AppType.QUOTE, QuoteMessage),
        (AppType.TRANSFER, TransferMessage),
        (AppType.RED_PACKET, RedPacketMessage),
    )
}


def refine_app(
    item: Message, msg_type: int = 49, kind: type[AppMessage] | None = None
) -> AppMessage:
    """Find out of which kind an app message is.

    Args:
        item: the message.
        msg_type: its type.
        kind: the class that its type says; None to go by its XML.
    """
    common = astuple(item)
    root = read_xml(item.text)
    element = element_at(root, "msg/appmsg")
    app_type = "" if element is None else (element.findtext("type") or "").strip()
    if element is None or not (app_type.isascii() and app_type.isdigit()):
        return _made(AppMessage, common, msg_type)
    if kind is None:
        kind = _KINDS.get(app_type, AppMessage)
    found = fields_in(element, kind, MESSAGE_FIELDS, root)
    if kind is LinkMessage:
        names = _invited(found.get("title", ""), found.get("des", ""))
        if names is not None:
            kind = RoomInvitation
            found["inviter"], found["room_name"] = names
    return _made(kind, common, msg_type, found)


def _made(
    kind: type[AppMessage],
    common: tuple[Any, ...],
    msg_type: int,
    found: dict[str, Any] | None = None,
) -> AppMessage:
    made: Any = kind
    message: AppMessage = made(*common, msg_type, **(found or {}))
    return message


def refine_transfer(item: Message) -> AppMessage:
    """Read a transfer that has a type of its own."""
    return refine_app(item, MessageType.TRANSFER, TransferMessage)


def refine_red_packet(item: Message) -> AppMessage:
    """Read a red packet that has a type of its own."""
    return refine_app(item, MessageType.RED_PACKET, RedPacketMessage)


def refine_room_invite(item: Message) -> Message:
    """Read an invitation that has a type of its own, if it looks like the others."""
    found = refine_app(item, MessageType.ROOM_INVITE)
    return found if isinstance(found, RoomInvitation) else RoomInvite(*astuple(item))


def _invited(title: str, des: str) -> tuple[str, str] | None:
    """Return who invites to which room, None when it is no invitation."""
    for wanted, (front, between, behind) in _INVITATIONS:
        if title.strip() != wanted:
            continue
        text = des.strip()
        inviter, mark, rest = text.removeprefix(front).partition(between)
        room_name, end, _ = rest.rpartition(behind)
        if text.startswith(front) and inviter and mark and end:
            return inviter, room_name
    return None
