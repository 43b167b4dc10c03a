"""Area contacts: people, rooms and official accounts that the account knows."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from msgspec import UNSET, UnsetType, field

from .base import LARGE_TIME_LIMIT, Answer, Command, Done
from .contact_profiles import ContactInfo, FoundContact
from .lenient import json_list
from .messages import ROOM_SUFFIX, PushItem
from .parameters import Dialect, For
from .sending import MAX_IMAGE_BYTES, media_problem

__all__ = [
    "AcceptUser",
    "AddContact",
    "AddContactSource",
    "AskedContact",
    "Contact",
    "DeleteContact",
    "DumpWxuser",
    "GetContact",
    "GetUserQrcode",
    "HeadImage",
    "QrcodeImage",
    "SayHello",
    "SearchContact",
    "SetHeadImg",
    "SetRemark",
    "SyncContact",
]

#: What the ids of official accounts begin with. Source: messages.toml, [item].
OFFICIAL_PREFIX = "gh_"

#: Status of the engine for a user who wants to be asked first.
NEEDS_VERIFICATION = -44


class Contact(PushItem, frozen=True, gc=False, tag_field="msgType", tag=2):
    """A contact, room or official account, pushed at a synchronisation or a change.

    Args:
        user_name: WeChat id; ``...@chatroom`` is a room, ``gh_...`` official.
        nick_name: nickname; for a room its name.
        remark: name that the account gave it.
        remark_py_initial: pinyin initials of the remark.
        remark_quan_pin: full pinyin of the remark.
        py_initial: pinyin initials of the nickname.
        quan_pin: full pinyin of the nickname.
        big_head: large avatar.
        small_head: small avatar.
        sex: see ``Sex``.
        country: country code.
        provincia: province (upstream spelling).
        city: city.
        signature: personal signature.
        stranger: the "v1" code.
        intro: official account: the company behind it.
        label: ids of the labels on it.
        source: how it became a contact, see ``AddContactSource``.
        level: unknown.
        bit_mask: unknown, 4294967295 in samples.
        bit_value: unknown flags.
        img_flag: unknown.
        id: unknown, 0 in samples.
        chatroom_id: room: its version, else 0.
        chatroom_owner: room: WeChat id of the owner.
        member_count: room: how many members it has.
        max_member_count: room: how many it may have.
        member: room: WeChat ids, as a list or as JSON text; see ``members``.
        status: 1 in samples.
        continues: 1 when more items follow (wire name ``continue``).
        uin: number of the account that received it, not of the contact.

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
    def is_official(self) -> bool:
        """Whether it is an official account."""
        return self.user_name.startswith(OFFICIAL_PREFIX)

    @property
    def display_name(self) -> str:
        """What the account sees: the remark, else the nickname."""
        return self.remark or self.nick_name

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


class GetContact(Command[ContactInfo], frozen=True):
    """Read the profile of a user, room or official account.

    Args:
        user_id: WeChat id.

    Source: PADCHAT index.js.
    """

    user_id: str


class SyncContact(Command[Done], frozen=True):
    """Begin a synchronisation: contacts are pushed, ``Loaded`` ends it.

    Args:
        reset: whether all is wanted and not only what changed; left out when it is not
            given, as clients of padchat-sdk 0.6 do.

    Source: PADCHAT index.js; commands.toml, syncContact.
    """

    reset: Annotated[bool | UnsetType, For(only=("sdk",))] = UNSET


class SearchContact(Command[FoundContact], frozen=True):
    """Search a user by WeChat id, phone number or QQ number.

    It also tells whether the user is a contact already.

    Args:
        user_id: search key: wxid, WeChat id, phone number or QQ number.

    Source: commands.toml, searchContact.
    """

    user_id: str


class AcceptUser(Command[Answer], frozen=True):
    """Accept an incoming friend request.

    Args:
        stranger: v1 code: attribute encryptusername of the friend request.
        ticket: v2 code: attribute ticket of the friend request.

    Source: commands.toml, acceptUser.
    """

    stranger: str
    ticket: str

    changes_world = True


class AddContactSource(IntEnum):
    """Where somebody was found: ``AddContact.type``. Not every dialect has them all.

    ``..._LATER`` is the number that newer clients have for the same.

    Source: commands.toml, AddContactSource; the sources disagree (open-questions.md).
    """

    SDK_WECHAT_ID = 0
    QQ_NUMBER = 1
    EMAIL = 2
    WECHAT_ID = 3
    QQ_FRIEND = 4
    VERIFICATION = 5
    VERIFICATION_WITH_ANSWER = 7
    ROOM = 8
    QQ_FRIEND_LATER = 12
    ROOM_LATER = 14
    PHONE_NUMBER = 15
    VERIFICATION_LATER = 16
    CARD = 17
    SHAKE = 22
    DRIFT_BOTTLE = 25
    QRCODE = 30


class AskedContact(Answer, frozen=True, gc=False):
    """The result of ``AddContact``. Source: commands.toml, addContact."""

    @property
    def needs_verification(self) -> bool:
        """Whether the user wants to be asked: go on with ``SayHello``.

        Source: commands.toml, status_code -44.
        """
        return self.status == NEEDS_VERIFICATION


class AddContact(Command[AskedContact], frozen=True):
    """Send a friend request, or add a one-sided contact when a ticket is given.

    Args:
        user_id: wxid of the user.
        stranger: v1 code of the user.
        ticket: v2 code of the user; when given the one-sided contact is added. Left out
            of the request when the caller has none.
        type: source of the contact, see ``AddContactSource``.
        content: verification text.

    Source: commands.toml, addContact.
    """

    user_id: Annotated[str | UnsetType, For(only=("legacy",), one_of="target")] = UNSET
    stranger: Annotated[
        str | UnsetType, For(needed=("socketio", "sdk"), one_of="target")
    ] = UNSET
    ticket: str | UnsetType = UNSET
    type: int = 3
    content: str = ""

    changes_world = True


class SayHello(Command[Answer], frozen=True):
    """Send a greeting (verification request) to a user who is not a contact.

    Args:
        user_id: wxid of the user.
        stranger: v1 code of the user.
        ticket: v2 code of the user; when given the one-sided contact is added. Left out
            of the request when the caller has none.
        content: greeting.

    Source: commands.toml, sayHello.
    """

    user_id: Annotated[str | UnsetType, For(only=("legacy",), one_of="target")] = UNSET
    stranger: Annotated[
        str | UnsetType, For(needed=("socketio", "sdk"), one_of="target")
    ] = UNSET
    ticket: str | UnsetType = UNSET
    content: str = ""

    changes_world = True


class DeleteContact(Command[Answer], frozen=True):
    """Delete a contact.

    Args:
        user_id: wxid of the user.

    Source: commands.toml, deleteContact.
    """

    user_id: str

    changes_world = True


class SetRemark(Command[Answer], frozen=True):
    """Set the remark name of a contact.

    Args:
        user_id: wxid of the user.
        remark: remark name.

    Source: commands.toml, setRemark.
    """

    user_id: str
    remark: str

    changes_world = True
    may_be_empty = ("remark",)


class HeadImage(Answer, frozen=True, gc=False):
    """The result of ``SetHeadImg``.

    Args:
        big_head: new large avatar.
        small_head: new small avatar.
        data: size of the image file in bytes.
        size: size of the image file in bytes.

    Source: commands.toml, setHeadImg.
    """

    big_head: str = ""
    small_head: str = ""
    data: int = 0
    size: int = 0


class SetHeadImg(Command[HeadImage], frozen=True):
    """Set the avatar of the account.

    Args:
        image: image file.

    Source: commands.toml, setHeadImg.
    """

    image: str

    dialects = ("sdk",)
    time_limit = LARGE_TIME_LIMIT
    changes_world = True

    def own_problem(self, dialect: Dialect) -> str | None:
        """Tell why it is no image that can be sent."""
        return media_problem("image", self.image, MAX_IMAGE_BYTES)


class QrcodeImage(Answer, frozen=True, gc=False):
    """The result of ``GetUserQrcode``.

    Args:
        qr_code: image; may start with the prefix ``data:image/jpeg;base64,``.
        footer: caption below the QR code.

    Source: commands.toml, getUserQrcode.
    """

    qr_code: str = ""
    footer: str = ""


class GetUserQrcode(Command[QrcodeImage], frozen=True):
    """Read the QR code of the account itself as an image.

    Args:
        user_id: wxid of the account itself; others are refused.
        style: style of the QR code, 0 to 3.

    Source: commands.toml, getUserQrcode.
    """

    user_id: str
    style: int = 0

    dialects = ("sdk",)


class DumpWxuser(Command[Done], frozen=True):
    """Private and undocumented; by its name it dumps the user data of the task.

    Source: commands.toml, dumpWxuser.
    """

    dialects = ("sdk",)
