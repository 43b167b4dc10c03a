"""Area messages: what WeChat itself says, as text or as XML.

Names in texts are nicknames or remarks, in the language of the account; only the XML
has WeChat ids. A role that the account itself plays has no name.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from msgspec import field
from msgspec.structs import astuple

from . import system_texts
from .message_types import MessageType
from .messages import MESSAGE_FIELDS, Message
from .system_texts import Match, names_in
from .xml_text import element_at, fields_in, read_xml

__all__ = [
    "FriendConfirm",
    "FriendVerify",
    "RecalledMessage",
    "RoomJoin",
    "RoomLeave",
    "RoomOwner",
    "RoomRename",
    "SysmsgMessage",
    "SystemMessage",
    "refine_sysmsg",
    "refine_system",
]


class SystemMessage(Message, frozen=True, gc=False, tag_field="msgType", tag=10000):
    """A text of WeChat itself that is not known; those that are have subclasses.

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

    @property
    def is_unparsed(self) -> bool:
        """Whether the text is not known."""
        return type(self) is SystemMessage


class RoomJoin(SystemMessage, frozen=True, gc=False):
    """Somebody joined a room.

    Args:
        inviter: name of who invited, or whose QR code was scanned; None for the
            account itself.
        invitees: names of those who came, without the account.
        includes_me: whether the account came too.
        others: names of who was there already, where the text says so.
        is_by_qr_code: whether they came by a QR code.
        user_names: WeChat ids of those who came; only known when the account invited
            them.
        plain: the text, where the content is XML.

    Source: messages.toml, [[system_text]] room_join, [[sysmsg]] delchatroommember.
    """

    inviter: str | None = None
    invitees: tuple[str, ...] = ()
    includes_me: bool = False
    others: tuple[str, ...] = ()
    is_by_qr_code: bool = False
    user_names: tuple[str, ...] = ()
    plain: str = ""

    @property
    def type(self) -> MessageType:
        """Its kind as the protocol counts: a text, or XML with it."""
        return MessageType.SYSMSG if self.plain else MessageType.SYSTEM

    @property
    def text(self) -> str:
        """The text."""
        return self.plain or self.content


class RoomLeave(SystemMessage, frozen=True, gc=False):
    """Somebody was removed from a room.

    No text is known for who leaves by choice, nor for whom somebody else removed:
    compare the members of the room.

    Args:
        remover: name of who did it, None for the account itself.
        leavers: names of who was removed, without the account.
        includes_me: whether it was the account that was removed.

    Source: messages.toml, [[system_text]] room_leave and [system_text_rules].
    """

    remover: str | None = None
    leavers: tuple[str, ...] = ()
    includes_me: bool = False


class RoomRename(SystemMessage, frozen=True, gc=False):
    """A room got another name.

    Args:
        actor: name of who did it, None for the account itself.
        name: the new name.

    Source: messages.toml, [[system_text]] room_rename.
    """

    actor: str | None = None
    name: str = ""


class RoomOwner(SystemMessage, frozen=True, gc=False):
    """The account owns a room from now on.

    Source: messages.toml, [[system_text]] room_owner.
    """


class FriendConfirm(SystemMessage, frozen=True, gc=False):
    """The account and ``from_user`` are friends now.

    Args:
        name: name of the other one; empty where the text is known in part only.

    Source: messages.toml, [[system_text]] friend_confirm; see ``FriendConfirmText``.
    """

    name: str = ""


class FriendVerify(SystemMessage, frozen=True, gc=False):
    """``from_user`` is no friend (any more): a message to them was not delivered.

    Args:
        name: name of the other one.

    Source: messages.toml, [[system_text]] friend_verify.
    """

    name: str = ""


class SysmsgMessage(Message, frozen=True, gc=False):
    """A message of the system in XML, of a kind without a class of its own.

    After each login one comes from ``weixin`` of kind ``dynacfg``: nothing to care for.

    Args:
        kind: the attribute ``type`` of the XML; empty when that cannot be read.

    Source: messages.toml, [[sysmsg]] and [item].official_notice.
    """

    kind: str = field(default="", name="@type")

    @property
    def type(self) -> MessageType:
        """Its kind as the protocol counts."""
        return MessageType.SYSMSG

    @property
    def is_unparsed(self) -> bool:
        """Whether its XML cannot be read."""
        return not self.kind


class RecalledMessage(SysmsgMessage, frozen=True, gc=False):
    """Somebody took a message back.

    Args:
        session: conversation.
        short_id: short id of the message.
        recalled_id: id of the message, its ``msg_id``.
        replacement: text to show instead.

    Source: messages.toml, [[sysmsg]] revokemsg.
    """

    session: str = field(default="", name="revokemsg/session")
    short_id: str = field(default="", name="revokemsg/msgid")
    recalled_id: str = field(default="", name="revokemsg/newmsgid")
    replacement: str = field(default="", name="revokemsg/replacemsg")


def refine_system(item: Message) -> Message:
    """Find out what a text of WeChat says."""
    found = system_texts.match(item.content)
    if found is None:
        return item
    kind, values = _said(found)
    return kind(*astuple(item), **values)


def refine_sysmsg(item: Message) -> Message:
    """Find out what a message of the system in XML says."""
    common = astuple(item)
    root = element_at(read_xml(item.text), "sysmsg")
    kind = "" if root is None else root.get("type", "")
    if root is not None and kind == "revokemsg":
        found = fields_in(root, RecalledMessage, MESSAGE_FIELDS)
        if found.get("recalled_id"):
            return RecalledMessage(*common, **found)
    if root is not None and kind == "delchatroommember":
        joined = _joined(root)
        if joined is not None:
            return RoomJoin(*common, **joined)
    made: Any = SysmsgMessage
    general: SysmsgMessage = made(*common, kind)
    return general


def _said(found: Match) -> tuple[type[SystemMessage], dict[str, Any]]:
    text, names, rest = found
    if text.kind == "room_join":
        return RoomJoin, {
            "inviter": names.get("inviter"),
            "invitees": names_in(names.get("invitees", ""), text.lang),
            "includes_me": text.self_role == "invitees",
            "others": _others(rest, text.lang),
            "is_by_qr_code": "二维码" in text.template or "QR" in text.template,
        }
    if text.kind == "room_leave":
        return RoomLeave, {
            "remover": names.get("remover"),
            "leavers": names_in(names.get("leavers", ""), text.lang),
            "includes_me": text.self_role == "leavers",
        }
    if text.kind == "room_rename":
        return RoomRename, names
    if text.kind == "room_owner":
        return RoomOwner, {}
    return (FriendConfirm if text.kind == "friend_confirm" else FriendVerify), names


def _others(rest: str, lang: str) -> tuple[str, ...]:
    """Return the names behind an invitation. Source: messages.toml, its notes."""
    for mark in ("，群聊参与人还有：", " with "):
        if rest.startswith(mark):
            return names_in(rest.removeprefix(mark), lang)
    return ()


def _joined(root: Element) -> dict[str, Any] | None:
    """Read whom the account invited; None when nothing says so."""
    element = root.find("delchatroommember")
    if element is None:
        return None
    plain = (element.findtext("plain") or element.findtext("text") or "").strip()
    found = system_texts.match(plain)
    members = element.findall("link/memberlist/username")
    user_names = tuple(member.text for member in members if member.text)
    is_known = found is not None and found.text.kind == "room_join"
    if not plain or not (is_known or user_names):
        return None
    said: dict[str, Any] = _said(found)[1] if found is not None and is_known else {}
    if element.findtext("link/scene") == "qrcode":
        said["is_by_qr_code"] = True
    return {**said, "user_names": user_names, "plain": plain}
