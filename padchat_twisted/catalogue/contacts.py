"""Area contacts: people, rooms and official accounts that the account knows."""

from __future__ import annotations

from msgspec import field

from .base import Command, Done, Result, json_list
from .messages import ROOM_SUFFIX, PushItem

__all__ = ["Contact", "ContactInfo", "GetContact", "SyncContact"]


class Contact(PushItem, frozen=True, gc=False, tag_field="msgType", tag=2):
    """A contact, room or official account, pushed at a synchronisation or a change.

    Args:
        user_name: WeChat id; ``...@chatroom`` is a room, ``gh_...`` official.
        nick_name: nickname; for a room its name.
        uin: number of the account that received it, not of the contact.
        chatroom_owner: room: WeChat id of the owner.
        member: room: WeChat ids, as a list or as JSON text; see ``members``.
        stranger: the "v1" code.
        continues: 1 when more items follow (wire name ``continue``).

    Source: messages.toml, [[contact_field]].
    """

    user_name: str = ""
    nick_name: str = ""
    remark: str | None = None
    remark_py_initial: str | None = None
    remark_quan_pin: str | None = None
    py_initial: str | None = None
    quan_pin: str | None = None
    big_head: str | None = None
    small_head: str | None = None
    sex: int | None = None
    country: str | None = None
    provincia: str | None = None
    city: str | None = None
    signature: str | None = None
    stranger: str | None = None
    intro: str | None = None
    label: str | None = None
    source: int | None = None
    level: int | None = None
    bit_mask: int | None = None
    bit_value: int | None = None
    img_flag: int | None = None
    id: int | None = None
    chatroom_id: int | None = None
    chatroom_owner: str | None = None
    member_count: int | None = None
    max_member_count: int | None = None
    member: tuple[str, ...] | str | None = None
    status: int | None = None
    continues: int | None = field(default=None, name="continue")
    uin: int | None = None

    @property
    def is_room(self) -> bool:
        """Whether it is a room."""
        return self.user_name.endswith(ROOM_SUFFIX)

    @property
    def members(self) -> tuple[str, ...]:
        """WeChat ids of a room's members, however the gateway wrote them."""
        if isinstance(self.member, tuple):
            return self.member
        found = json_list(self.member) if self.member else self.raw.get("member")
        if not isinstance(found, list):
            return ()
        return tuple(name for name in found if isinstance(name, str))

    @property
    def conversation(self) -> str:
        """What it is about."""
        return self.user_name


class ContactInfo(Result, frozen=True, gc=False):
    """The profile of a user, room or official account.

    For an id that is unknown every text is empty: test ``user_name``.

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
    message: str = ""
    status: int = 0


class GetContact(Command[ContactInfo], frozen=True):
    """Read the profile of a user, room or official account.

    Args:
        user_id: WeChat id.

    Source: PADCHAT index.js.
    """

    user_id: str


class SyncContact(Command[Done], frozen=True):
    """Begin a synchronisation: contacts are pushed, ``Loaded`` ends it.

    Source: PADCHAT index.js.
    """
