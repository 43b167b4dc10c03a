"""The commands of area payment: transfers and red packets.

PURE. Texts that WeChat shows are *our choice*, in English, as are the values of fields
whose meaning is unknown. Source: commands.toml, group ``payment`` and its types.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...catalogue.red_packets import RedPacketReceiveStatus, RedPacketStatus
from ..app_messages import cents
from ..binding import Binding
from ..fingerprints import fingerprint
from ..money import Transfer, TransferStatus
from ..people import Person
from ..pushes import Fields
from ..red_packets import AlreadyOpened, RedPacket, Share
from ..refusals import Refused
from ..rooms import Room
from .base import Parameters, Reply, Responder, done, raw_message_id, text, whole_number

__all__ = ["OPENED_BEFORE", "RECORDS_PER_PAGE", "RESPONDERS"]

#: ``retcode`` of a red packet that was opened before. Source: commands.toml.
OPENED_BEFORE = 268502336

#: Records in one answer. Source: commands.toml, queryRedPacket.
RECORDS_PER_PAGE = 11

#: Currency of all money: the code of the yuan in sample K8.
_YUAN = "1"

#: Bank code of the balance that money goes back to.
_BALANCE = "CFT"

#: Values of ``hbType``, which no source explains.
_ALIKE, _LUCKY = 0, 1

_TRANSFER_STATES = {
    TransferStatus.PENDING: "Waiting to be accepted",
    TransferStatus.ACCEPTED: "Accepted",
    TransferStatus.RETURNED: "Returned",
    TransferStatus.EXPIRED: "Returned, for it was not accepted within a day",
}

_RED_PACKET_STATES = {
    RedPacketStatus.UNTOUCHED: "Nobody has opened it yet",
    RedPacketStatus.SHARES_LEFT: "Some shares are left",
    RedPacketStatus.ALL_TAKEN: "All shares are taken",
}


def query_transfer(binding: Binding, params: Parameters) -> Reply:
    """Tell the state of a transfer."""
    account = binding.account
    user = account.user
    transfer = account.world.money.transfer_in(user, raw_message_id(params))
    return done(external=_transfer_info(transfer, user))


def accept_transfer(binding: Binding, params: Parameters) -> Reply:
    """Accept a transfer, once."""
    account = binding.account
    money = account.world.money
    transfer = money.accept(account.user, raw_message_id(params))
    return done(
        external={
            "retcode": "0",
            "retmsg": "ok",
            "fee": transfer.fee,
            "feeType": _YUAN,
            "payer": _payment_id(transfer.payer),
            "receiver": _payment_id(transfer.receiver),
        }
    )


def receive_red_packet(binding: Binding, params: Parameters) -> Reply:
    """Show a red packet, and give the key with which it can be opened."""
    packet = _red_packet(binding, params)
    user = binding.account.user
    key = packet.offer(user)
    consent = {
        "title": "Agreement",
        "serviceProtocolWording": "The sandbox moves no money",
        "serviceProtocolUrl": f"{binding.account.world.base_url}/",
        "buttonWording": "Agree",
        "delayExpiredTime": 0,
        "agreedFlag": 1,
    }
    offer = {
        "retcode": 0,
        "retmsg": "ok",
        "sendId": packet.send_id,
        "wishing": packet.wishing,
        "isSender": int(user is packet.sender),
        "receiveStatus": _receive_status(packet, user),
        "hbStatus": int(packet.status),
        "statusMess": _RED_PACKET_STATES[packet.status],
        "hbType": _LUCKY if packet.is_lucky else _ALIKE,
        "watermark": "",
        "sendUserName": packet.sender.user_name,
        "timingIdentifier": key,
        "agreeDuty": consent,
    }
    return done(external=offer, key=key)


def query_red_packet(binding: Binding, params: Parameters) -> Reply:
    """Tell the state of a red packet, and who took what."""
    packet = _red_packet(binding, params)
    index = whole_number(params, "index", 0)
    if index < 0:
        raise Refused("index must be 0 or more")
    user = binding.account.user
    if not packet.is_seen_by(user):
        # "[0] when not received yet": commands.toml, type RedPacketDetail.
        return done(external={"retcode": 0, "retmsg": "ok", "record": [0]})
    return done(external=_detail(packet, user, index))


def open_red_packet(binding: Binding, params: Parameters) -> Reply:
    """Take a share of a red packet."""
    packet = _red_packet(binding, params)
    account = binding.account
    user = account.user
    outcome: Fields = {}
    try:
        packet.open(user, text(params, "key"), account.world.now())
    except AlreadyOpened as refusal:
        outcome = {"retcode": OPENED_BEFORE, "retmsg": refusal.text}
    whose = packet.sender.nick_name
    session = packet.to if isinstance(packet.to, Room) else packet.sender
    outcome |= {
        "sessionUserName": session.user_name,
        "systemMsgContext": f"You opened the red packet of {whose}"
        ' <_wc_custom_link_ color="#FD9931"'
        f' href="weixin://weixinhongbao/opendetail?sendid={packet.send_id}">'
        "Details</_wc_custom_link_>",
    }
    return done(external=_detail(packet, user, 0) | outcome)


def _red_packet(binding: Binding, params: Parameters) -> RedPacket:
    account = binding.account
    return account.world.money.red_packet_in(account.user, raw_message_id(params))


def _transfer_info(transfer: Transfer, user: Person) -> Fields:
    return {
        "retcode": "0",
        "retmsg": "ok",
        "fee": transfer.fee,
        "feeType": _YUAN,
        "transStatus": int(transfer.status),
        "payTime": int(transfer.paid_at),
        "modifyTime": int(transfer.changed_at),
        "refundBankType": _BALANCE,
        "payerName": transfer.payer.user_name,
        "receiverName": transfer.receiver.user_name,
        "statusDesc": _TRANSFER_STATES[transfer.status],
        "statusSupplementary": "It goes back when it is not accepted within a day",
        "delayConfirmFlag": 0,
        "isPayer": user is transfer.payer,
    }


def _detail(packet: RedPacket, user: Person, index: int) -> Fields:
    share = packet.share_of(user)
    taken = packet.taken
    is_sender = user is packet.sender
    taken_amount = sum(share.amount for share in taken)
    hint = {
        "name": "What is left goes back after a day",
        "type": "Text",
        "content": "",
        "enable": 1,
        "iconUrl": "",
        "ossKey": 0,
    }
    detail: Fields = {"operationTail": hint} if is_sender else {}
    return detail | {
        "retcode": 0,
        "retmsg": "ok",
        "sendId": packet.send_id,
        "receiveId": "" if share is None else share.share_id,
        "totalNum": len(packet.amounts),
        "recNum": len(taken),
        "totalAmount": packet.total,
        "recAmount": taken_amount,
        "amount": 0 if share is None else share.amount,
        "wishing": packet.wishing,
        "isSender": int(is_sender),
        "hasWriteAnswer": 0,
        "hbType": _LUCKY if packet.is_lucky else _ALIKE,
        "hbKind": 1,
        "isContinue": int(len(taken) > index + RECORDS_PER_PAGE),
        "hbStatus": int(packet.status),
        "receiveStatus": _receive_status(packet, user),
        "statusMess": _RED_PACKET_STATES[packet.status],
        "headTitle": f"{len(taken)} of {len(packet.amounts)} opened,"
        f" {cents(taken_amount)} of {cents(packet.total)}",
        "canShare": 0,
        "record": [
            _record(share, packet) for share in taken[index : index + RECORDS_PER_PAGE]
        ],
        "operationHeader": [],
        "atomicFunc": {"enable": 0},
        "jumpChange": 1,
        "changeWording": "Added to the balance",
        "sendUserName": packet.sender.user_name,
        "realNameInfo": {"guideFlag": 0},
        "watermark": "",
    }


def _record(share: Share, packet: RedPacket) -> Fields:
    return {
        "userName": share.taker.user_name,
        "receiveAmount": share.amount,
        "receiveTime": str(int(share.taken_at)),
        "receiveId": share.share_id,
        "receiveOpenId": _payment_id(share.taker),
        "answer": "",
        "state": 1,
        "gameTips": "Luckiest draw" if share is packet.luckiest else "",
    }


def _receive_status(packet: RedPacket, user: Person) -> int:
    if packet.share_of(user) is None:
        return int(RedPacketReceiveStatus.NOT_TAKEN)
    return int(RedPacketReceiveStatus.TAKEN)


def _payment_id(person: Person) -> str:
    return fingerprint(f"{person.user_name} payment")[:32]


#: By canonical name.
RESPONDERS: Mapping[str, Responder] = {
    "queryTransfer": Responder(query_transfer),
    "acceptTransfer": Responder(accept_transfer),
    "receiveRedPacket": Responder(receive_red_packet),
    "queryRedPacket": Responder(query_red_packet),
    "openRedPacket": Responder(open_red_packet),
}
