"""Area contacts: what is known of a user, a room or an official account."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from .base import Answer
from .parameters import For

__all__ = ["ContactInfo", "FoundContact", "Sex"]


class Sex(IntEnum):
    """Sex of a contact. Source: commands.toml, Sex."""

    UNKNOWN = 0
    MALE = 1
    FEMALE = 2


class ContactInfo(Answer, frozen=True, gc=False):
    """The profile of a user, room or official account.

    For an id that is unknown every text is empty: test ``user_name``.

    Args:
        user_name: wxid, room id or official account id.
        nick_name: nickname; for a room its name.
        big_head: large avatar.
        small_head: small avatar.
        sex: see ``Sex``.
        country: country code, for example CN.
        provincia: province (upstream spelling).
        city: city.
        signature: personal signature.
        py_initial: pinyin initials of the nickname.
        quan_pin: full pinyin of the nickname.
        stranger: v1 code of the user.
        ticket: v2 code; not empty where only this side has the other as a contact.
        remark: name that the account gave them.
        remark_py_initial: pinyin initials of the remark.
        remark_quan_pin: full pinyin of the remark.
        intro: official account: the company behind it.
        label: ids of the labels on the contact.
        chatroom_id: room: its version.
        chatroom_owner: room: WeChat id of the owner.
        member_count: room: how many members it has.
        max_member_count: room: how many it may have.
        member: room: WeChat ids of the members.

    Source: commands.toml, getContact.
    """

    user_name: str = ""
    nick_name: str = ""
    big_head: str = ""
    small_head: str = ""
    sex: int = 0
    country: str = ""
    provincia: str = ""
    city: str = ""
    signature: str = ""
    py_initial: str = ""
    quan_pin: str = ""
    stranger: str = ""
    ticket: str = ""
    remark: str = ""
    remark_py_initial: str = ""
    remark_quan_pin: str = ""
    intro: str = ""
    label: str = ""
    chatroom_id: Annotated[int | None, For(only=("sdk",))] = None
    chatroom_owner: Annotated[str | None, For(only=("sdk",))] = None
    member_count: Annotated[int | None, For(only=("sdk",))] = None
    max_member_count: Annotated[int | None, For(only=("sdk",))] = None
    member: Annotated[tuple[str, ...] | None, For(only=("sdk",))] = None


class FoundContact(Answer, frozen=True, gc=False):
    """The result of ``SearchContact``.

    Args:
        user_name: wxid, room id (``@chatroom`` suffix) or official account id (``gh_``
            prefix); empty when nothing was found.
        nick_name: nickname; for a room its name.
        big_head: large avatar.
        small_head: small avatar.
        sex: sex.
        country: country code, for example CN.
        provincia: province (upstream spelling).
        city: city.
        signature: personal signature.
        py_initial: pinyin initials of the nickname.
        quan_pin: full pinyin of the nickname.
        stranger: v1 code of the user (``v1_...@stranger``), to add them or to accept
            their request; for who is no contact ``user_name`` and it hold the v1 and
            the v2 code, in either order.

    Source: commands.toml, searchContact; open-questions.md, Q44.
    """

    user_name: str = ""
    nick_name: str = ""
    big_head: str = ""
    small_head: str = ""
    sex: int = 0
    country: str = ""
    provincia: str = ""
    city: str = ""
    signature: str = ""
    py_initial: str = ""
    quan_pin: str = ""
    stranger: str = ""

    @property
    def code(self) -> str:
        """The v1 code, whichever field holds it; empty for none."""
        return self._beginning_with("v1_")

    @property
    def ticket(self) -> str:
        """The v2 code, whichever field holds it; empty for a contact."""
        return self._beginning_with("v2_")

    def _beginning_with(self, mark: str) -> str:
        codes = (self.user_name, self.stranger)
        return next((code for code in codes if code.startswith(mark)), "")
