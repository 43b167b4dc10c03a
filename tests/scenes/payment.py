"""Scenes of area payment."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

from padchat_twisted.catalogue import (
    AcceptedTransfer,
    AcceptTransfer,
    OfferedRedPacket,
    OpenRedPacket,
    QueryRedPacket,
    QueryTransfer,
    ReceiveRedPacket,
    RedPacket,
    RedPacketConsent,
    RedPacketDetail,
    RedPacketHint,
    RedPacketOffer,
    RedPacketRecord,
    TransferAccepted,
    TransferInfo,
    TransferResult,
)

from .cast import Cast, MakeScene, Scene

__all__ = ["SCENES"]

#: What of the details is the same in each scene.
DETAIL: dict[str, Any] = {
    "retmsg": "ok",
    "send_id": ANY,
    "wishing": "Best wishes",
    "hb_type": 1,
    "hb_kind": 1,
    "status_mess": "Some shares are left",
    "head_title": ANY,
    "atomic_func": {"enable": 0},
    "jump_change": 1,
    "change_wording": ANY,
    "real_name_info": {"guideFlag": 0},
}


def query_transfer(cast: Cast) -> Scene:
    """Alice's transfer waits; the one for bob is not the bot's."""
    mine = cast.alice.transfers(20, to=cast.me, memo="lunch")
    other = cast.alice.transfers(20, to=cast.bob)
    return Scene(
        QueryTransfer(cast.item(mine)),
        TransferResult(
            external=TransferInfo(
                retcode="0",
                retmsg="ok",
                fee=20,
                fee_type="1",
                trans_status=2000,
                pay_time=int(mine.sent_at),
                refund_bank_type=ANY,
                payer_name=cast.alice.user_name,
                receiver_name=cast.me.user_name,
                status_desc=ANY,
                status_supplementary=ANY,
            )
        ),
        refused=QueryTransfer(cast.item(other)),
        because="there is no transfer",
    )


def accept_transfer(cast: Cast) -> Scene:
    """The bot takes alice's money, and cannot take it again."""
    message = cast.alice.transfers(20, to=cast.me)

    def check() -> None:
        assert "<paysubtype>3</paysubtype>" in cast.alice.inbox[-1].content

    return Scene(
        AcceptTransfer(cast.item(message)),
        AcceptedTransfer(
            external=TransferAccepted(
                retcode="0",
                retmsg="ok",
                fee=20,
                fee_type="1",
                payer=ANY,
                receiver=ANY,
            )
        ),
        refused=AcceptTransfer(cast.item(message)),
        because="accepted already",
        check=check,
    )


def receive_red_packet(cast: Cast) -> Scene:
    """The bot is offered alice's red packet; a text is none."""
    packet = cast.alice.sends_red_packet(500, shares=3, to=cast.club)
    text = cast.alice.says("hello", to=cast.club)
    return Scene(
        ReceiveRedPacket(cast.item(packet)),
        OfferedRedPacket(
            external=RedPacketOffer(
                retmsg="ok",
                send_id=ANY,
                wishing="Best wishes",
                hb_status=2,
                status_mess=ANY,
                hb_type=1,
                send_user_name=cast.alice.user_name,
                timing_identifier=ANY,
                agree_duty=RedPacketConsent(
                    title=ANY,
                    service_protocol_wording=ANY,
                    service_protocol_url=ANY,
                    button_wording=ANY,
                    agreed_flag=1,
                ),
            ),
            key=ANY,
        ),
        refused=ReceiveRedPacket(cast.item(text)),
        because="there is no red packet",
    )


def query_red_packet(cast: Cast) -> Scene:
    """The bot sees who took what of its own; there is no record before the first."""
    message = cast.me.sends_red_packet(500, shares=3, to=cast.room)
    share = cast.bob.opens_red_packet(message)
    assert share is not None
    cast.world.money.red_packet_in(cast.me, message.message_id).offer(cast.me)
    return Scene(
        QueryRedPacket(cast.item(message)),
        RedPacket(
            external=RedPacketDetail(
                **DETAIL,
                total_num=3,
                rec_num=1,
                total_amount=500,
                rec_amount=share.amount,
                is_sender=1,
                hb_status=3,
                record=(
                    RedPacketRecord(
                        user_name=cast.bob.user_name,
                        receive_amount=share.amount,
                        receive_time=ANY,
                        receive_id=share.share_id,
                        receive_open_id=ANY,
                        state=1,
                    ),
                ),
                operation_tail=RedPacketHint(name=ANY, type="Text", enable=1),
                send_user_name=cast.me.user_name,
            )
        ),
        refused=QueryRedPacket(cast.item(message), index=-11),
        because="index must be 0 or more",
    )


def open_red_packet(cast: Cast) -> Scene:
    """The bot takes a share of alice's red packet; another key opens nothing."""
    message = cast.alice.sends_red_packet(500, shares=3, to=cast.club, is_lucky=True)
    packet = cast.world.money.red_packet_in(cast.me, message.message_id)
    key = packet.offer(cast.me)
    amount = packet.amounts[0]

    def check() -> None:
        assert [share.taker for share in packet.taken] == [cast.me]

    return Scene(
        OpenRedPacket(cast.item(message), key),
        RedPacket(
            external=RedPacketDetail(
                **DETAIL,
                receive_id=ANY,
                total_num=3,
                rec_num=1,
                total_amount=500,
                rec_amount=amount,
                amount=amount,
                hb_status=3,
                receive_status=2,
                record=(
                    RedPacketRecord(
                        user_name=cast.me.user_name,
                        receive_amount=amount,
                        receive_time=ANY,
                        receive_id=ANY,
                        receive_open_id=ANY,
                        state=1,
                    ),
                ),
                send_user_name=cast.alice.user_name,
                session_user_name=cast.club.user_name,
                system_msg_context=ANY,
            )
        ),
        refused=OpenRedPacket(cast.item(message), "another key"),
        because="key is not that of receiveRedPacket",
        check=check,
    )


SCENES: dict[str, MakeScene] = {
    "queryTransfer": query_transfer,
    "acceptTransfer": accept_transfer,
    "receiveRedPacket": receive_red_packet,
    "queryRedPacket": query_red_packet,
    "openRedPacket": open_red_packet,
}
