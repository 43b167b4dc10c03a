"""The texts that WeChat itself writes, in the languages that are known.

A template is matched from the start of a text and more may follow, unless it says
otherwise. Names may hold anything, quotation marks too, so what stands between two
pieces of a template ends where the second piece comes first; only what the last piece
closes, at the very end of the text, goes as far as it can.

Matching looks for fixed pieces one after the other: it is linear in the text.

Source: messages.toml, [system_text_rules] and [[system_text]], in their order;
open-questions.md, Q69.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "CONFIRMING_TEXTS",
    "MAX_SYSTEM_TEXT",
    "SYSTEM_TEXTS",
    "SystemText",
    "match",
    "names_in",
]

#: Longest text that is compared with the templates (characters): a room of 500 whose
#: names have 32 characters each, in one list, has 17,000.
MAX_SYSTEM_TEXT = 20_000

_HOLE = re.compile(r"\{(\w+)\}")


class SystemText(NamedTuple):
    """A template.

    Args:
        kind: as the tables name it.
        lang: language.
        template: with names of roles in braces.
        self_role: which role is the account itself, empty for none.
        is_anywhere: whether only a part of the text is known, which may stand anywhere.
    """

    kind: str
    lang: str
    template: str
    self_role: str = ""
    is_anywhere: bool = False


#: Texts that are messages of type 1: the whole text, from who was asked.
CONFIRMING_TEXTS = frozenset(
    (
        "我通过了你的朋友验证请求，现在我们可以开始聊天了",
        "I've accepted your friend request. Now let's chat!",
    )
)

_JOIN, _LEAVE, _RENAME = "room_join", "room_leave", "room_rename"
_OWNER, _CONFIRM, _VERIFY = "room_owner", "friend_confirm", "friend_verify"

#: All others, in the order in which they are tried.
SYSTEM_TEXTS = (
    SystemText(_JOIN, "zh", '你邀请"{invitees}"加入了群聊', "inviter"),
    SystemText(_JOIN, "zh", '"{inviter}"邀请你加入了群聊', "invitees"),
    SystemText(_JOIN, "zh", '"{inviter}"邀请你和"{invitees}"加入了群聊', "invitees"),
    SystemText(_JOIN, "zh", '"{inviter}"邀请"{invitees}"加入了群聊'),
    SystemText(_JOIN, "zh", '"{invitees}"通过扫描你分享的二维码加入群聊', "inviter"),
    SystemText(_JOIN, "zh", '"{invitees}"通过扫描"{inviter}"分享的二维码加入群聊'),
    SystemText(_JOIN, "en", "You invited {invitees} to the group chat", "inviter"),
    SystemText(_JOIN, "en", "{inviter} invited you to a group chat", "invitees"),
    SystemText(
        _JOIN,
        "en",
        "{inviter} invited you and {invitees} to the group chat",
        "invitees",
    ),
    SystemText(_JOIN, "en", "{inviter} invited {invitees} to the group chat"),
    SystemText(
        _JOIN,
        "en",
        '"{invitees}" joined group chat via the QR code you shared',
        "inviter",
    ),
    SystemText(
        _JOIN,
        "en",
        '"{invitees}" joined the group chat via the QR Code shared by "{inviter}"',
    ),
    SystemText(_LEAVE, "zh", '你将"{leavers}"移出了群聊', "remover"),
    SystemText(_LEAVE, "zh", '你被"{remover}"移出群聊', "leavers"),
    SystemText(_LEAVE, "en", 'You removed "{leavers}" from the group chat', "remover"),
    SystemText(
        _LEAVE, "en", 'You were removed from the group chat by "{remover}"', "leavers"
    ),
    SystemText(_RENAME, "zh", "你修改群名为“{name}”", "actor"),
    SystemText(_RENAME, "zh", '"{actor}"修改群名为“{name}”'),
    SystemText(_RENAME, "en", 'You changed the group name to "{name}"', "actor"),
    SystemText(_RENAME, "en", '"{actor}" changed the group name to "{name}"'),
    SystemText(_OWNER, "zh", "你已成为新群主", "owner"),
    SystemText(_CONFIRM, "zh", "你已添加了{name}，现在可以开始聊天了。"),
    SystemText(_CONFIRM, "zh", "{name}刚刚把你添加到通讯录，现在可以开始聊天了。"),
    SystemText(_CONFIRM, "zh-Hant", "為朋友，現在可以聊天了。", is_anywhere=True),
    SystemText(
        _CONFIRM,
        "en",
        "You have added {name} as your WeChat contact. Start chatting!",
    ),
    SystemText(
        _CONFIRM,
        "en",
        "{name} just added you to his/her contacts list."
        " Send a message to him/her now!",
    ),
    SystemText(
        _VERIFY,
        "zh",
        "{name}开启了朋友验证，你还不是他（她）朋友。"
        "请先发送朋友验证请求，对方验证通过后，才能聊天。",
    ),
    SystemText(_VERIFY, "en", "{name} has enabled Friend Confirmation"),
)


class Match(NamedTuple):
    """A text that was known.

    Args:
        text: the template.
        names: what stands in its holes, by role.
        rest: what follows.
    """

    text: SystemText
    names: dict[str, str]
    rest: str


def match(content: str) -> Match | None:
    """Find the template of a text; None when it has none."""
    content = content.strip()
    if len(content) > MAX_SYSTEM_TEXT:
        return None
    for text, pieces, roles in _PIECES:
        if pieces[-1] not in content:
            continue
        found = _holes(content, pieces, text.is_anywhere)
        if found is not None:
            holes, rest = found
            return Match(text, dict(zip(roles, holes, strict=True)), rest)
    return None


def names_in(names: str, lang: str) -> tuple[str, ...]:
    """Split a list of names; a space may stand in front of it."""
    mark = "、" if lang.startswith("zh") else ", "
    return tuple(name for name in names.strip().split(mark) if name)


def _holes(
    content: str, pieces: tuple[str, ...], is_anywhere: bool
) -> tuple[list[str], str] | None:
    if is_anywhere:
        return ([], "") if pieces[0] in content else None
    if not content.startswith(pieces[0]):
        return None
    at = len(pieces[0])
    holes: list[str] = []
    for number, piece in enumerate(pieces[1:], 2):
        # One character at least stands in a hole.
        if number == len(pieces) and content.endswith(piece):
            end = len(content) - len(piece)
            if end <= at:
                return None
        else:
            end = content.find(piece, at + 1)
            if end < 0:
                return None
        holes.append(content[at:end])
        at = end + len(piece)
    return holes, content[at:]


_PIECES = tuple(
    (
        text,
        tuple(_HOLE.split(text.template)[::2]),
        tuple(_HOLE.findall(text.template)),
    )
    for text in SYSTEM_TEXTS
)
