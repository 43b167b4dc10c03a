"""The texts that WeChat itself writes into a room (kind 10000).

PURE. Which text somebody reads depends on what they have to do with it::

                     did it            it was done to them      the others
    joined           You invited Bob   Al invited you           Al invited Bob
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

__all__ = ["Language", "joined", "new_owner", "removed", "renamed"]


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
    removed_by_self: str
    removed_self: str
    renamed_by_self: str
    renamed: str
    owner_self: str | None


_TEMPLATES = {
    Language.ENGLISH: _Templates(
        separator=", ",
        joined_by_self="You invited {people} to the group chat",
        joined_self="{by} invited you to a group chat",
        joined_self_and_others="{by} invited you and {people} to the group chat",
        joined="{by} invited {people} to the group chat",
        removed_by_self='You removed "{people}" from the group chat',
        removed_self='You were removed from the group chat by "{by}"',
        renamed_by_self='You changed the group name to "{name}"',
        renamed='"{by}" changed the group name to "{name}"',
        owner_self=None,
    ),
    Language.CHINESE: _Templates(
        separator="、",
        joined_by_self='你邀请"{people}"加入了群聊',
        joined_self='"{by}"邀请你加入了群聊',
        joined_self_and_others='"{by}"邀请你和"{people}"加入了群聊',
        joined='"{by}"邀请"{people}"加入了群聊',
        removed_by_self='你将"{people}"移出了群聊',
        removed_self='你被"{by}"移出群聊',
        renamed_by_self="你修改群名为“{name}”",
        renamed='"{by}"修改群名为“{name}”',
        owner_self="你已成为新群主",
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


def _names(texts: _Templates, people: Sequence[Person]) -> str:
    return texts.separator.join(person.nick_name for person in people)
