"""Scenes of area contacts."""

from __future__ import annotations

import base64
from dataclasses import replace
from unittest.mock import ANY

from padchat_twisted.catalogue import (
    AcceptUser,
    AddContact,
    Answer,
    AskedContact,
    ContactInfo,
    DeleteContact,
    Done,
    DumpWxuser,
    FoundContact,
    GetContact,
    GetUserQrcode,
    HeadImage,
    QrcodeImage,
    SayHello,
    SearchContact,
    SetHeadImg,
    SetRemark,
    SyncContact,
)
from padchat_twisted.catalogue.contacts import NEEDS_VERIFICATION
from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox.binding import State
from padchat_twisted.sandbox.people import Profile
from padchat_twisted.sandbox.responders.contacts import STATUS_NOT_FOUND

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

PICTURE = b"\xff\xd8\xff a picture"

#: Codes that stand for nobody.
NO_STRANGER, NO_TICKET = "v1_nobody@stranger", "v2_nobody@stranger"

NOT_LOGGED_IN = "not logged in"


def get_contact(cast: Cast) -> Scene:
    """The whole profile of a contact; a bot that is not logged in knows nobody."""
    cast.alice.profile = Profile(
        sex=2, provincia="Guangdong", city="Shenzhen", signature="No news today"
    )
    label_id = cast.world.labels.add(cast.me, "buyers")
    cast.world.labels.put(cast.me, cast.alice, label_id)
    cast.world.friends.set_remark(cast.me, cast.alice, "Ali")
    return Scene(
        GetContact(cast.alice.user_name),
        ContactInfo(
            user_name=cast.alice.user_name,
            nick_name="alice",
            big_head=cast.alice.head_url,
            small_head=cast.alice.head_url,
            sex=2,
            country="CN",
            provincia="Guangdong",
            city="Shenzhen",
            signature="No news today",
            py_initial="ALICE",
            quan_pin="alice",
            stranger=cast.alice.stranger,
            remark="Ali",
            remark_py_initial="ALI",
            remark_quan_pin="ali",
            label="1",
        ),
        refused=GetContact(cast.alice.user_name),
        because=NOT_LOGGED_IN,
        refused_at=State.INITIALISED,
    )


def sync_contact(cast: Cast) -> Scene:
    """The contacts are pushed again."""
    return Scene(
        SyncContact(),
        Done(),
        refused=SyncContact(),
        because=NOT_LOGGED_IN,
        refused_at=State.INITIALISED,
    )


def search_contact(cast: Cast) -> Scene:
    """Two codes stand for somebody who is no contact; nobody has this number."""
    cast.dave.profile = Profile(phone="13800000001")
    return Scene(
        SearchContact("13800000001"),
        FoundContact(
            user_name=cast.dave.stranger,
            stranger=cast.dave.ticket_for(cast.me),
            nick_name="dave",
            big_head=cast.dave.head_url,
            small_head=cast.dave.head_url,
            country="CN",
            py_initial="DAVE",
            quan_pin="dave",
        ),
        refused=SearchContact("13800000002"),
        because="no such user",
        status=STATUS_NOT_FOUND,
        is_success=True,
    )


def accept_user(cast: Cast) -> Scene:
    """Dave asks, and is accepted; his codes are good for once."""
    cast.dave.asks(cast.bot, "I am dave")
    (request,) = cast.world.friends.requests_to(cast.me)
    command = AcceptUser(stranger=cast.dave.stranger, ticket=request.ticket)

    def check() -> None:
        assert cast.world.friends.are_contacts(cast.me, cast.dave)

    return Scene(
        command,
        Answer(),
        refused=command,
        because="open friend request",
        check=check,
    )


def add_contact(cast: Cast) -> Scene:
    """Dave does not want to be asked; somebody else does."""
    erin = cast.world.add_person("erin")
    cast.dave.profile = replace(cast.dave.profile, needs_verification=False)

    def check() -> None:
        assert cast.world.friends.are_contacts(cast.me, cast.dave)

    return Scene(
        AddContact(stranger=cast.dave.stranger, content="I am a bot"),
        AskedContact(),
        refused=AddContact(stranger=erin.stranger, content="I am a bot"),
        because="user need verify",
        status=NEEDS_VERIFICATION,
        is_success=True,
        check=check,
    )


def say_hello(cast: Cast) -> Scene:
    """Dave is asked, and accepts; nobody has the other code."""

    def check() -> None:
        asked = cast.dave.inbox[-1]
        assert asked.kind is MessageType.FRIEND_REQUEST
        assert 'content="I am a bot"' in asked.content
        cast.dave.accepts(cast.me)
        assert cast.world.friends.are_contacts(cast.me, cast.dave)

    return Scene(
        SayHello(
            stranger=cast.dave.stranger,
            ticket=cast.dave.ticket_for(cast.me),
            content="I am a bot",
        ),
        Answer(),
        refused=SayHello(stranger=NO_STRANGER, ticket=NO_TICKET, content="hello"),
        because="v1 code",
        check=check,
    )


def delete_contact(cast: Cast) -> Scene:
    """Alice is deleted, and keeps the bot; she cannot be deleted twice."""

    def check() -> None:
        assert not cast.me.knows(cast.alice)
        assert cast.alice.knows(cast.me)

    return Scene(
        DeleteContact(cast.alice.user_name),
        Answer(),
        refused=DeleteContact(cast.alice.user_name),
        because="no contact",
        check=check,
    )


def set_remark(cast: Cast) -> Scene:
    """Bob gets another name; dave is no contact."""

    def check() -> None:
        assert cast.me.notes_on(cast.bob).remark == "Bobby"

    return Scene(
        SetRemark(cast.bob.user_name, "Bobby"),
        Answer(),
        refused=SetRemark(cast.dave.user_name, "Davy"),
        because="no contact",
        check=check,
    )


def set_head_img(cast: Cast) -> Scene:
    """The avatar has another address."""
    before = cast.me.head_url
    command = SetHeadImg(base64.b64encode(PICTURE).decode())

    def check() -> None:
        assert cast.me.head_url != before

    return Scene(
        command,
        HeadImage(big_head=ANY, small_head=ANY, data=len(PICTURE), size=len(PICTURE)),
        refused=command,
        because=NOT_LOGGED_IN,
        check=check,
        refused_at=State.INITIALISED,
    )


def get_user_qrcode(cast: Cast) -> Scene:
    """The bot shows its own code, and nobody else's."""
    return Scene(
        GetUserQrcode(cast.me.user_name),
        QrcodeImage(qr_code=ANY, footer="Scan the code to add this contact"),
        refused=GetUserQrcode(cast.alice.user_name),
        because="account itself",
    )


def dump_wxuser(cast: Cast) -> Scene:
    """Nothing is seen of it."""
    return Scene(
        DumpWxuser(),
        Done(),
        refused=DumpWxuser(),
        because=NOT_LOGGED_IN,
        refused_at=State.INITIALISED,
    )


SCENES: dict[str, MakeScene] = {
    "getContact": get_contact,
    "syncContact": sync_contact,
    "searchContact": search_contact,
    "acceptUser": accept_user,
    "addContact": add_contact,
    "sayHello": say_hello,
    "deleteContact": delete_contact,
    "setRemark": set_remark,
    "setHeadImg": set_head_img,
    "getUserQrcode": get_user_qrcode,
    "dumpWxuser": dump_wxuser,
}
