"""Area payment: what is told of a red packet, part by part."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from .base import Part

__all__ = [
    "RedPacketConsent",
    "RedPacketDetail",
    "RedPacketHint",
    "RedPacketOffer",
    "RedPacketReceiveStatus",
    "RedPacketRecord",
    "RedPacketStatus",
]


class RedPacketStatus(IntEnum):
    """State of a red packet. Source: commands.toml, RedPacketStatus."""

    UNTOUCHED = 2
    SHARES_LEFT = 3
    ALL_TAKEN = 4


class RedPacketReceiveStatus(IntEnum):
    """State of a red packet for one account.

    Source: commands.toml, RedPacketReceiveStatus.
    """

    NOT_TAKEN = 0
    TAKEN = 2


class RedPacketConsent(Part, frozen=True, gc=False):
    """Consent text of a red packet.

    Args:
        title: title.
        service_protocol_wording: text.
        service_protocol_url: link.
        button_wording: label of the button.
        delay_expired_time: unknown.
        agreed_flag: 1 when agreed.

    Source: commands.toml, type RedPacketConsent.
    """

    title: str = ""
    service_protocol_wording: str = ""
    service_protocol_url: str = ""
    button_wording: str = ""
    delay_expired_time: int = 0
    agreed_flag: int = 0


class RedPacketOffer(Part, frozen=True, gc=False):
    """Outcome of receiveRedPacket.

    Args:
        retcode: 0 on success.
        retmsg: ``ok`` on success.
        send_id: id of the red packet.
        wishing: greeting.
        is_sender: 1 when this account sent it.
        receive_status: see ``RedPacketReceiveStatus``.
        hb_status: see ``RedPacketStatus``.
        status_mess: state as display text.
        hb_type: kind of red packet.
        watermark: unknown.
        send_user_name: wxid of the sender.
        timing_identifier: key, same as the result field key.
        agree_duty: consent text, not always present.

    Source: commands.toml, type RedPacketOffer.
    """

    retcode: int = 0
    retmsg: str = ""
    send_id: str = ""
    wishing: str = ""
    is_sender: int = 0
    receive_status: int = 0
    hb_status: int = 0
    status_mess: str = ""
    hb_type: int = 0
    watermark: str = ""
    send_user_name: str = ""
    timing_identifier: str = ""
    agree_duty: RedPacketConsent | None = None


class RedPacketRecord(Part, frozen=True, gc=False):
    """Share of a red packet.

    Args:
        user_name: wxid of the taker.
        receive_amount: amount in cents.
        receive_time: unix time in seconds, as a string.
        receive_id: id of the share.
        receive_open_id: id of the share.
        answer: answer, queryRedPacket only.
        state: state.
        game_tips: set for the best luck once the red packet is empty.

    Source: commands.toml, type RedPacketRecord.
    """

    user_name: str = ""
    receive_amount: int = 0
    receive_time: str = ""
    receive_id: str = ""
    receive_open_id: str = ""
    answer: str = ""
    state: int = 0
    game_tips: str = ""


class RedPacketHint(Part, frozen=True, gc=False):
    """Hint of a red packet.

    Args:
        name: text.
        type: kind, for example Text.
        content: content.
        enable: 1 when shown.
        icon_url: icon.
        oss_key: unknown.

    Source: commands.toml, type RedPacketHint.
    """

    name: str = ""
    type: str = ""
    content: str = ""
    enable: int = 0
    icon_url: str = ""
    oss_key: int = 0


class RedPacketDetail(Part, frozen=True, gc=False):
    """Details of a red packet.

    Args:
        retcode: 0 on success; 268502336 opened before.
        retmsg: ``ok`` on success, otherwise the error text.
        send_id: id of the red packet.
        receive_id: id of the own share.
        total_num: number of shares.
        rec_num: number of shares taken.
        total_amount: total in cents.
        rec_amount: amount taken in cents.
        amount: own share in cents.
        wishing: greeting.
        is_sender: 1 when this account sent it.
        has_write_answer: 1 when an answer was written.
        hb_type: kind of red packet.
        hb_kind: kind of red packet.
        is_continue: whether more records follow.
        hb_status: see ``RedPacketStatus``.
        receive_status: see ``RedPacketReceiveStatus``.
        status_mess: state as display text.
        head_title: headline as display text.
        can_share: whether it can be shared.
        record: shares taken; [0] when not received yet.
        operation_header: unknown.
        operation_tail: hint, sender only.
        atomic_func: one number enable, meaning unknown.
        jump_change: unknown.
        change_wording: hint as display text.
        send_user_name: wxid of the sender.
        session_user_name: wxid or room id of the conversation (openRedPacket).
        system_msg_context: system message with link markup (openRedPacket); raw key
            SystemMsgContext.
        real_name_info: one number guideFlag, meaning unknown.
        watermark: unknown.

    Source: commands.toml, type RedPacketDetail.
    """

    retcode: int = 0
    retmsg: str = ""
    send_id: str = ""
    receive_id: str = ""
    total_num: int = 0
    rec_num: int = 0
    total_amount: int = 0
    rec_amount: int = 0
    amount: int = 0
    wishing: str = ""
    is_sender: int = 0
    has_write_answer: int = 0
    hb_type: int = 0
    hb_kind: int = 0
    is_continue: int = 0
    hb_status: int = 0
    receive_status: int = 0
    status_mess: str = ""
    head_title: str = ""
    can_share: int = 0
    record: tuple[RedPacketRecord, ...] = ()
    operation_header: tuple[dict[str, Any], ...] = ()
    operation_tail: RedPacketHint | None = None
    atomic_func: dict[str, Any] | None = None
    jump_change: int = 0
    change_wording: str = ""
    send_user_name: str = ""
    session_user_name: str = ""
    system_msg_context: str = ""
    real_name_info: dict[str, Any] | None = None
    watermark: str = ""
