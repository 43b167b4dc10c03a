"""The texts that WeChat itself writes: into rooms, and about contacts (kind 10000).

PURE. Which text of a room somebody reads depends on what they have to do with it::

                     did it            it was done to them      the others
    joined           You invited Bob   Al invited you           Al invited Bob
    ... by a code    ... you shared    ... shared by Al         ... shared by Al
    removed          You removed Bob   You were removed by Al   -
    renamed          You changed ...                            Al changed ...
    became owner                       (Chinese only)           -

No text is known for a member who leaves by choice, nor for what others read when a
member is removed, nor for a new owner in English: then there is none here either.

Source: wechaty-puppet-padchat ``src/pure-function-helpers``, as collected in
messages.toml, ``system_text`` and ``system_text_rules``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .people import Person
    from .rooms import Room

__all__ = [
    "Language",
    "accepted",
    "added_you",
    "announced",
    "code_footer",
    "friend_verify",
    "invitation",
    "joined",
    "joined_by_code",
    "new_owner",
    "no_such_user",
    "recalled",
    "removed",
    "renamed",
    "room_code_footer",
    "take_back",
    "you_added",
]

#: What a phone shows as a link below a text that asks for a friend request.
_VERIFY_LINK = '<a href="weixin://findfriend/verifycontact">{}</a>'


class Language(StrEnum):
    """Language of the pretend WeChat."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class _Templates:
    separator: str
    joined_by_self: str
    joined_self: str
    joined_self_and_others: str
    joined: str
    joined_by_own_code: str
    joined_by_code: str
    removed_by_self: str
    removed_self: str
    renamed_by_self: str
    renamed: str
    owner_self: str | None
    announced: str
    invitation_title: str
    invitation: str
    take_back: str
    recalled: str
    accepted: str
    you_added: str
    added_you: str
    friend_verify: str
    verify: str
    no_such_user: str
    code_footer: str
    room_code_footer: str


_TEMPLATES = {
    Language.ENGLISH: _Templates(
        separator=", ",
        joined_by_self="You invited {people} to the group chat",
        joined_self="{by} invited you to a group chat",
        joined_self_and_others="{by} invited you and {people} to the group chat",
        joined="{by} invited {people} to the group chat",
        joined_by_own_code='"{people}" joined group chat via the QR code you shared',
        joined_by_code=(
            '"{people}" joined the group chat via the QR Code shared by "{by}"'
        ),
        removed_by_self='You removed "{people}" from the group chat',
        removed_self='You were removed from the group chat by "{by}"',
        renamed_by_self='You changed the group name to "{name}"',
        renamed='"{by}" changed the group name to "{name}"',
        owner_self=None,
        announced="@All\n{text}",
        invitation_title="Group Chat Invitation",
        invitation=(
            '"{by}" invited you to join the group chat "{room}". Enter to view details.'
        ),
        take_back="Take back",
        recalled='"{name}" has recalled a message.',
        accepted="I've accepted your friend request. Now let's chat!",
        you_added="You have added {name} as your WeChat contact. Start chatting!",
        added_you=(
            "{name} just added you to his/her contacts list."
            " Send a message to him/her now!"
        ),
        friend_verify=(
            "{name} has enabled Friend Confirmation, and you are not a contact."
            " Send a friend request first. {link}"
        ),
        verify="Send friend request",
        no_such_user="There is no such user, or the user cannot be searched",
        code_footer="Scan the code to add this contact",
        room_code_footer="Valid for {days} days, until {date}",
    ),
    Language.CHINESE: _Templates(
        separator="、",
        joined_by_self='你邀请"{people}"加入了群聊',
        joined_self='"{by}"邀请你加入了群聊',
        joined_self_and_others='"{by}"邀请你和"{people}"加入了群聊',
        joined='"{by}"邀请"{people}"加入了群聊',
        joined_by_own_code='"{people}"通过扫描你分享的二维码加入群聊',
        joined_by_code='"{people}"通过扫描"{by}"分享的二维码加入群聊',
        removed_by_self='你将"{people}"移出了群聊',
        removed_self='你被"{by}"移出群聊',
        renamed_by_self="你修改群名为“{name}”",
        renamed='"{by}"修改群名为“{name}”',
        owner_self="你已成为新群主",
        announced="@所有人\n{text}",
        invitation_title="邀请你加入群聊",
        invitation='"{by}"邀请你加入群聊{room}，进入可查看详情。',
        take_back="撤销",
        recalled='"{name}" 撤回了一条消息',
        accepted="我通过了你的朋友验证请求，现在我们可以开始聊天了",
        you_added="你已添加了{name}，现在可以开始聊天了。",
        added_you="{name}刚刚把你添加到通讯录，现在可以开始聊天了。",
        friend_verify=(
            "{name}开启了朋友验证，你还不是他（她）朋友。"
            "请先发送朋友验证请求，对方验证通过后，才能聊天。{link}"
        ),
        verify="发送朋友验证",
        no_such_user="没有这个用户，或者该用户不能被搜索",
        code_footer="扫描此二维码，加为联系人",
        room_code_footer="此二维码{days}天内有效，截止{date}",
    ),
}


def joined(
    language: Language, reader: Person, by: Person, invitees: Sequence[Person]
) -> str:
    """Say to *reader* that *by* invited *invitees*."""
    texts = _TEMPLATES[language]
    others = [person for person in invitees if person is not reader]
    if by is reader:
        template = texts.joined_by_self
    elif len(others) == len(invitees):
        template = texts.joined
    elif others:
        template = texts.joined_self_and_others
    else:
        template = texts.joined_self
    return template.format(by=by.nick_name, people=_names(texts, others))


def joined_by_code(
    language: Language, reader: Person, by: Person, newcomer: Person
) -> str:
    """Say to *reader* that *newcomer* scanned the room's code, which *by* shared."""
    texts = _TEMPLATES[language]
    template = texts.joined_by_own_code if by is reader else texts.joined_by_code
    return template.format(by=by.nick_name, people=newcomer.nick_name)


def removed(
    language: Language, reader: Person, by: Person, leavers: Sequence[Person]
) -> str | None:
    """Say to *reader* that *by* removed *leavers*; None for mere spectators."""
    texts = _TEMPLATES[language]
    if by is reader:
        return texts.removed_by_self.format(people=_names(texts, leavers))
    if reader in leavers:
        return texts.removed_self.format(by=by.nick_name)
    return None


def renamed(language: Language, reader: Person, by: Person, name: str) -> str:
    """Say to *reader* that *by* called the room *name*."""
    texts = _TEMPLATES[language]
    template = texts.renamed_by_self if by is reader else texts.renamed
    return template.format(by=by.nick_name, name=name)


def new_owner(language: Language, reader: Person, owner: Person) -> str | None:
    """Say to *reader* that *owner* owns the room now; None for the others."""
    return _TEMPLATES[language].owner_self if reader is owner else None


def announced(language: Language, text: str) -> str:
    """Write the message that brings the announcement of a room to all its members."""
    return _TEMPLATES[language].announced.format(text=text)


def invitation(language: Language, inviter: Person, room: Room) -> tuple[str, str]:
    """Write title and description of an invitation to *room*."""
    texts = _TEMPLATES[language]
    description = texts.invitation.format(by=inviter.nick_name, room=room.nick_name)
    return texts.invitation_title, description


def take_back(language: Language) -> str:
    """Label the link that takes an invitation back."""
    return _TEMPLATES[language].take_back


def recalled(language: Language, name: str) -> str:
    """Say that *name* recalled a message."""
    return _TEMPLATES[language].recalled.format(name=name)


def accepted(language: Language) -> str:
    """Write the text message of who accepts a friend request."""
    return _TEMPLATES[language].accepted


def you_added(language: Language, contact: Person) -> str:
    """Say to somebody that *contact* is a contact of theirs now."""
    return _TEMPLATES[language].you_added.format(name=contact.nick_name)


def added_you(language: Language, adder: Person) -> str:
    """Say to somebody that *adder* made them a contact."""
    return _TEMPLATES[language].added_you.format(name=adder.nick_name)


def friend_verify(language: Language, name: str) -> str:
    """Say that a message to *name* did not arrive, for they want to be asked first."""
    texts = _TEMPLATES[language]
    link = _VERIFY_LINK.format(texts.verify)
    return texts.friend_verify.format(name=name, link=link)


def no_such_user(language: Language) -> str:
    """Say that a search found nobody."""
    return _TEMPLATES[language].no_such_user


def code_footer(language: Language) -> str:
    """Write what stands below somebody's QR code."""
    return _TEMPLATES[language].code_footer


def room_code_footer(language: Language, days: int, date: str) -> str:
    """Write what stands below the QR code of a room: how long it is good."""
    return _TEMPLATES[language].room_code_footer.format(days=days, date=date)


def _names(texts: _Templates, people: Sequence[Person]) -> str:
    return texts.separator.join(person.nick_name for person in people)
