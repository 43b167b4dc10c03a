"""The XML that WeChat itself writes: friend requests, and who came into a room.

PURE. Source: messages.toml, ``friend_request`` and ``sysmsg``.
"""

from __future__ import annotations

from collections.abc import Sequence

from .markup import cdata, element, text
from .people import Person, plain_letters

__all__ = ["friend_request", "members_joined"]

#: Kind of friend request, as in all samples.
_OPCODE = 2


def friend_request(asker: Person, greeting: str, ticket: str, source: int) -> str:
    """Write the friend request of *asker*, as the one who is asked gets it.

    Args:
        asker: who asks.
        greeting: what they say.
        ticket: the "v2" code of the request.
        source: how they found whom they ask (enum ``AddContactSource``).
    """
    profile = asker.profile
    letters = plain_letters(asker.nick_name)
    return element(
        "msg",
        element("brandlist", count=0, ver=0),
        fromusername=asker.user_name,
        encryptusername=asker.stranger,
        fromnickname=asker.nick_name,
        content=greeting,
        shortpy=letters.upper(),
        fullpy=letters.lower(),
        imagestatus=3,
        scene=source,
        country=profile.country,
        province=profile.provincia,
        city=profile.city,
        sign=profile.signature,
        percard=1,
        sex=profile.sex,
        alias=profile.alias,
        weibo="",
        weibonickname="",
        albumflag=0,
        albumstyle=0,
        albumbgimgid="",
        snsflag=0,
        snsbgimgid="",
        snsbgobjectid=0,
        mhash="",
        mfullhash="",
        bigheadimgurl=asker.head_url,
        smallheadimgurl=asker.head_url,
        ticket=ticket,
        opcode=_OPCODE,
        googlecontact="",
        qrticket="",
        chatroomusername="",
        sourceusername="",
        sourcenickname="",
    )


def members_joined(
    shown: str, undo: str, newcomers: Sequence[Person], code: str = ""
) -> str:
    """Write to a member of a room that people came by them, and can be removed again.

    Args:
        shown: the text that is shown of it.
        undo: label of the link that takes it back.
        newcomers: who came.
        code: content of the QR code that they scanned, empty for an invitation.
    """
    members = [element("username", cdata(person.user_name)) for person in newcomers]
    link = [
        element("scene", text("qrcode" if code else "invite")),
        element("text", cdata(undo)),
        element("memberlist", *members),
    ]
    if code:
        link.append(element("qrcode", cdata(code)))
    return element(
        "sysmsg",
        element(
            "delchatroommember",
            element("plain", cdata(shown)),
            element("text", cdata(shown)),
            element("link", *link),
        ),
        type="delchatroommember",
    )
