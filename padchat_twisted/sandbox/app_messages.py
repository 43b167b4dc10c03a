"""The app messages (type 49): links, files, mini programs, quotes, money.

PURE. Each is an element ``appmsg`` that the servers put into the element ``msg``.
Source: messages.toml, ``app_type`` and ``xml_shape``; open-questions.md, Q62;
a quote is that of WeChat's own clients.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..catalogue.message_types import AppType, MessageType
from ..catalogue.messages import ROOM_SUFFIX
from .fingerprints import fingerprint
from .fragments import read_fragment
from .markup import cdata, element, text
from .messages import Message
from .parcels import Parcel
from .refusals import Refused

if TYPE_CHECKING:
    from .people import Person

__all__ = [
    "cents",
    "chat_history",
    "file",
    "link",
    "mini_program",
    "quote",
    "red_packet",
    "sent_by_client",
    "transfer",
]

_NUMBER = re.compile(r"[0-9]{1,9}")

#: The titles of messages with money are Chinese. Source: messages.toml, ``app_type``.
_TRANSFER_TITLE, _RED_PACKET_TITLE = "微信转账", "微信红包"


def link(
    sender: Person,
    url: str,
    *,
    title: str,
    description: str = "",
    thumb_url: str = "",
    source_name: str = "",
    source_user_name: str = "",
    app_name: str = "",
) -> Parcel:
    """Pack a link.

    Args:
        sender: who sends it.
        url: where it leads.
        title: what stands on it.
        description: what stands below.
        thumb_url: address of the small picture.
        source_name: name of the official account that it comes from.
        source_user_name: id of that account.
        app_name: the app that it was shared from.
    """
    fragment = _appmsg(
        AppType.LINK,
        title,
        description,
        element("action", text("view")),
        element("showtype", text(0)),
        element("url", text(url)),
        element("thumburl", text(thumb_url)),
        element("sourceusername", text(source_user_name)),
        element("sourcedisplayname", text(source_name)),
    )
    return _parcel(sender, fragment, f"[link] {title}", app_name=app_name)


def file(sender: Person, name: str, content: bytes) -> Parcel:
    """Pack a file, of which a client sees the size only: no command fetches it.

    Args:
        sender: who sends it.
        name: its name.
        content: what is in it.
    """
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    attached = element(
        "appattach",
        element("totallen", text(len(content))),
        element("fileext", text(PurePosixPath(name).suffix.removeprefix("."))),
        element("attachid", text(f"@cdn_{fingerprint(md5)}")),
        element("cdnattachurl", text(fingerprint(f"{md5} file"))),
        element("aeskey", text(fingerprint(f"{md5} key")[:32])),
    )
    fragment = _appmsg(AppType.FILE, name, "", attached, element("md5", text(md5)))
    return _parcel(sender, fragment, f"[file] {name}")


def mini_program(
    sender: Person,
    *,
    title: str,
    name: str,
    user_name: str,
    app_id: str,
    page_path: str = "",
    url: str = "",
) -> Parcel:
    """Pack a mini program.

    Args:
        sender: who sends it.
        title: what stands on it.
        name: of the program.
        user_name: its id, ``gh_...@app``.
        app_id: its app id.
        page_path: page that opens.
        url: for clients that cannot open mini programs.
    """
    program = element(
        "weappinfo",
        element("username", cdata(user_name)),
        element("appid", cdata(app_id)),
        element("pagepath", cdata(page_path)),
    )
    fragment = _appmsg(
        AppType.MINI_PROGRAM,
        title,
        "",
        element("url", text(url)),
        element("sourceusername", text(user_name)),
        element("sourcedisplayname", text(name)),
        program,
    )
    return _parcel(sender, fragment, f"[mini program] {title}", app_name=name)


def quote(sender: Person, said: str, quoted: Message) -> Parcel:
    """Pack an answer that quotes a message.

    Args:
        sender: who answers.
        said: the answer.
        quoted: the message that is quoted.
    """
    writer = quoted.sender
    in_room = quoted.to.user_name.endswith(ROOM_SUFFIX)
    reference = element(
        "refermsg",
        element("type", text(int(quoted.kind))),
        element("svrid", text(quoted.message_id)),
        element("fromusr", text((quoted.to if in_room else writer).user_name)),
        element("chatusr", text(writer.user_name)),
        element("displayname", text(writer.nick_name)),
        element("content", text(quoted.content)),
    )
    return _parcel(sender, _appmsg(AppType.QUOTE, said, "", reference), said)


def chat_history(sender: Person, title: str, messages: Sequence[Message]) -> Parcel:
    """Pack messages that are forwarded together.

    Args:
        sender: who forwards them.
        title: what stands on it.
        messages: the messages; what is no text stands there by its kind.
    """
    items = [
        element(
            "dataitem",
            element("datadesc", text(message.shown)),
            element("sourcename", text(message.sender.nick_name)),
            datatype=1,
            dataid=message.message_id,
        )
        for message in messages
    ]
    record = element(
        "recordinfo",
        element("title", text(title)),
        element("datalist", *items, count=len(items)),
    )
    fragment = _appmsg(
        AppType.CHAT_HISTORY, title, "", element("recorditem", cdata(record))
    )
    return _parcel(sender, fragment, f"[chat history] {title}")


def transfer(
    sender: Person,
    *,
    fee: int,
    memo: str,
    transfer_id: str,
    step: int,
    expires_at: float,
) -> Parcel:
    """Pack what tells of a transfer.

    Args:
        sender: who did the step.
        fee: how much (cents).
        memo: note of the payer.
        transfer_id: its id.
        step: what happened: ``paysubtype``.
        expires_at: when it goes back (Unix time, seconds).
    """
    amount = cents(fee)
    paid = element(
        "wcpayinfo",
        element("paysubtype", text(step)),
        element("feedesc", cdata(amount)),
        element("transcationid", cdata(fingerprint(transfer_id)[:28])),
        element("transferid", cdata(transfer_id)),
        element("invalidtime", cdata(int(expires_at))),
        element("pay_memo", cdata(memo)),
    )
    fragment = _appmsg(AppType.TRANSFER, _TRANSFER_TITLE, amount, paid)
    return _parcel(sender, fragment, f"[transfer] {amount}", MessageType.TRANSFER)


def red_packet(sender: Person, *, send_id: str, wishing: str, in_room: bool) -> Parcel:
    """Pack a red packet.

    Args:
        sender: who gives it.
        send_id: its id.
        wishing: the greeting.
        in_room: whether it is for a room.
    """
    native = (
        "wxpay://c2cbizmessagehandler/hongbao/receivehongbao?msgtype=1"
        f"&channelid=1&sendid={send_id}&sendusername={sender.user_name}"
        f"&sign={fingerprint(send_id)}"
    )
    paid = element(
        "wcpayinfo",
        element("sendertitle", cdata(wishing)),
        element("scenetext", cdata(_RED_PACKET_TITLE)),
        element("nativeurl", cdata(native)),
        element("sceneid", text(1002 if in_room else 1001)),
    )
    fragment = _appmsg(AppType.RED_PACKET, _RED_PACKET_TITLE, wishing, paid)
    return _parcel(sender, fragment, f"[red packet] {wishing}", MessageType.RED_PACKET)


def sent_by_client(sender: Person, fragment: str) -> Parcel:
    """Pack the element ``appmsg`` that a client made.

    Args:
        sender: who sends it.
        fragment: the XML, as it came.

    Raises:
        Refused: it is no such element, has no type, or would be money: no command
            sends that.
    """
    read = read_fragment("content", fragment, "appmsg")
    if not fragment.lstrip().startswith("<appmsg"):
        raise Refused("content must begin with the element appmsg")
    number = read.findtext("type", "").strip()
    if not _NUMBER.fullmatch(number):
        raise Refused("content has no number in its element type")
    if int(number) in (AppType.TRANSFER, AppType.RED_PACKET):
        raise Refused("content is money, which no command sends")
    return _parcel(sender, fragment, f"[link] {read.findtext('title', '')}")


def cents(amount: int) -> str:
    """Write an amount as WeChat shows it."""
    return f"￥{amount // 100}.{amount % 100:02}"


def _appmsg(kind: AppType, title: str, description: str, *more: str) -> str:
    return element(
        "appmsg",
        element("title", cdata(title)),
        element("des", cdata(description)),
        element("type", text(int(kind))),
        *more,
        appid="",
        sdkver=0,
    )


def _parcel(
    sender: Person,
    fragment: str,
    summary: str,
    kind: MessageType = MessageType.APP,
    *,
    app_name: str = "",
) -> Parcel:
    whole = element(
        "msg",
        fragment,
        element("fromusername", text(sender.user_name)),
        element("scene", text(0)),
        element(
            "appinfo", element("version", text(1)), element("appname", text(app_name))
        ),
    )
    return Parcel(kind, whole, summary)
