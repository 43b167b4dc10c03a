"""Area payment: transfers and red packets."""

from __future__ import annotations

from enum import IntEnum

from .base import Answer, OfMessage, Part
from .red_packets import RedPacketDetail, RedPacketOffer

__all__ = [
    "AcceptTransfer",
    "AcceptedTransfer",
    "OfferedRedPacket",
    "OpenRedPacket",
    "QueryRedPacket",
    "QueryTransfer",
    "ReceiveRedPacket",
    "RedPacket",
    "TransferAccepted",
    "TransferInfo",
    "TransferResult",
    "TransferStatus",
]


class TransferStatus(IntEnum):
    """``TransferInfo.trans_status``. Source: commands.toml, TransferStatus."""

    PENDING = 2000
    ACCEPTED = 2001


class TransferInfo(Part, frozen=True, gc=False):
    """State of a money transfer.

    Args:
        retcode: ``0`` on success.
        retmsg: ``ok`` on success.
        fee: amount in cents.
        fee_type: currency code.
        trans_status: see ``TransferStatus``.
        pay_time: unix time in seconds.
        modify_time: unix time in seconds, 0 when pending.
        refund_bank_type: bank code.
        payer_name: wxid of the payer.
        receiver_name: wxid of the receiver.
        status_desc: state as display text.
        status_supplementary: hint as display text, may contain link markup.
        delay_confirm_flag: unknown.
        is_payer: whether this account paid.

    Source: commands.toml, type TransferInfo.
    """

    retcode: str = ""
    retmsg: str = ""
    fee: int = 0
    fee_type: str = ""
    trans_status: int = 0
    pay_time: int = 0
    modify_time: int = 0
    refund_bank_type: str = ""
    payer_name: str = ""
    receiver_name: str = ""
    status_desc: str = ""
    status_supplementary: str = ""
    delay_confirm_flag: int = 0
    is_payer: bool = False


class TransferResult(Answer, frozen=True, gc=False):
    """The result of ``QueryTransfer``.

    Args:
        external: details.

    Source: commands.toml, queryTransfer.
    """

    external: TransferInfo | None = None


class QueryTransfer(OfMessage[TransferResult], frozen=True):
    """Read the state of a money transfer message.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: commands.toml, queryTransfer.
    """


class TransferAccepted(Part, frozen=True, gc=False):
    """Outcome of acceptTransfer.

    Args:
        retcode: ``0`` on success.
        retmsg: ``ok`` on success.
        fee: amount in cents.
        fee_type: currency code.
        payer: payment id of the payer.
        receiver: payment id of the receiver.

    Source: commands.toml, type TransferAccepted.
    """

    retcode: str = ""
    retmsg: str = ""
    fee: int = 0
    fee_type: str = ""
    payer: str = ""
    receiver: str = ""


class AcceptedTransfer(Answer, frozen=True, gc=False):
    """The result of ``AcceptTransfer``.

    Args:
        external: details.

    Source: commands.toml, acceptTransfer.
    """

    external: TransferAccepted | None = None


class AcceptTransfer(OfMessage[AcceptedTransfer], frozen=True):
    """Accept a money transfer.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: commands.toml, acceptTransfer.
    """

    changes_world = True


class OfferedRedPacket(Answer, frozen=True, gc=False):
    """The result of ``ReceiveRedPacket``.

    Args:
        external: details.
        key: key for openRedPacket.

    Source: commands.toml, receiveRedPacket.
    """

    external: RedPacketOffer | None = None
    key: str = ""


class ReceiveRedPacket(OfMessage[OfferedRedPacket], frozen=True):
    """Prepare a red packet; must come before openRedPacket and returns its key.

    Args:
        raw_msg_data: see ``OfMessage``.

    Source: commands.toml, receiveRedPacket.
    """

    changes_world = True


class RedPacket(Answer, frozen=True, gc=False):
    """The result of ``QueryRedPacket``.

    Args:
        external: details.

    Source: commands.toml, queryRedPacket.
    """

    external: RedPacketDetail | None = None


class QueryRedPacket(OfMessage[RedPacket], frozen=True):
    """Read the details of a red packet and who took a share.

    Args:
        raw_msg_data: see ``OfMessage``.
        index: first record: 0, 11, 22 and so on (11 records per page).

    Source: commands.toml, queryRedPacket.
    """

    index: int = 0


class OpenRedPacket(OfMessage[RedPacket], frozen=True):
    """Open a red packet.

    Args:
        raw_msg_data: see ``OfMessage``.
        key: key from receiveRedPacket.

    Source: commands.toml, openRedPacket.
    """

    key: str

    changes_world = True
