"""Transfers and red packets, with their states.

PURE. No account has a balance, and no money is moved anywhere. A transfer::

    pending --accept--> accepted
       |---give back--> returned
       +---a day------> expired

Source: commands.toml, group ``payment``; messages.toml, ``wcpayinfo``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from . import app_messages
from .messages import Message
from .people import Person
from .red_packets import PAYMENT_SECONDS, RedPacket
from .refusals import Refused
from .rooms import Room

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "MAX_KEPT_PAYMENTS",
    "MAX_MEMO_CHARACTERS",
    "MAX_TRANSFER_CENTS",
    "Money",
    "Transfer",
    "TransferStatus",
]

#: Messages with money that are remembered, the oldest forgotten first: twice the
#: inbox of one person, for a transfer has two.
MAX_KEPT_PAYMENTS = 1000

#: Most money in one transfer (cents): WeChat's own 200,000 yuan.
MAX_TRANSFER_CENTS = 20_000_000

#: Longest note of a transfer (characters). WeChat itself allows 10.
MAX_MEMO_CHARACTERS = 100


class TransferStatus(IntEnum):
    """State of a transfer.

    Source: commands.toml, enum ``TransferStatus``; the last two are *our choice*.
    """

    PENDING = 2000
    ACCEPTED = 2001
    RETURNED = 2002
    EXPIRED = 2003


#: ``paysubtype`` of the messages. Source: messages.toml, "1 sent, 3 received, other
#: values for returns", of which ours are a choice.
_SENT = 1
_STEPS = {
    TransferStatus.ACCEPTED: 3,
    TransferStatus.RETURNED: 4,
    TransferStatus.EXPIRED: 5,
}


@dataclass(slots=True, eq=False)
class Transfer:
    """One transfer. Made by :meth:`Money.transfer`.

    Attributes:
        transfer_id: its id.
        payer: who pays.
        receiver: who is paid.
        fee: how much (cents).
        memo: note of the payer.
        paid_at: when (Unix time, seconds).
        status: its state.
        changed_at: when the state changed, 0 while it is pending.
    """

    transfer_id: str
    payer: Person
    receiver: Person
    fee: int
    memo: str = field(repr=False)
    paid_at: float
    status: TransferStatus = TransferStatus.PENDING
    changed_at: float = 0.0

    @property
    def expires_at(self) -> float:
        """When it goes back (Unix time, seconds)."""
        return self.paid_at + PAYMENT_SECONDS


class Money:
    """The transfers and red packets of one world.

    Args:
        world: where they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: OrderedDict[str, Transfer | RedPacket] = OrderedDict()
        # By id, the oldest first: all wait as long.
        self._pending: OrderedDict[str, Transfer] = OrderedDict()

    # Transfers.

    def transfer(
        self,
        payer: Person,
        receiver: Person | Room,
        fee: int,
        memo: str = "",
        *,
        is_from_phone: bool = False,
    ) -> Message:
        """Transfer money; the receiver has a day to accept it.

        Args:
            payer: who pays.
            receiver: who is paid.
            fee: how much (cents).
            memo: a note.
            is_from_phone: see :meth:`.mail.Mail.send`.

        Returns:
            The message that brings it.

        Raises:
            Refused: the receiver is a room, the payer, or does not take their mail;
                one of them is a system account; the amount or the note is out of
                bounds.
        """
        if isinstance(receiver, Room) or receiver is payer:
            raise Refused("money is transferred to one other person")
        if payer.is_system or receiver.is_system:
            raise Refused("money is transferred between people")
        if not self._world.friends.takes_mail(receiver, payer):
            raise Refused(f"{payer.name} is no contact of {receiver.name}")
        if not 1 <= fee <= MAX_TRANSFER_CENTS:
            raise Refused(f"a transfer has 1 to {MAX_TRANSFER_CENTS} cents")
        if len(memo) > MAX_MEMO_CHARACTERS:
            raise Refused(f"a note has at most {MAX_MEMO_CHARACTERS} characters")
        now = self._world.now()
        transfer_id = f"10000{int(self._world.random_hex(9), 16):022}"
        transfer = Transfer(transfer_id, payer, receiver, fee, memo, now)
        self._pending[transfer_id] = transfer
        return self._tell(transfer, payer, _SENT, is_from_phone)

    def transfer_in(self, person: Person, message_id: str) -> Transfer:
        """Find the transfer that a message is about.

        Raises:
            Refused: it is about none, or about one of others.
        """
        found = self._kept.get(message_id)
        if isinstance(found, Transfer) and person in (found.payer, found.receiver):
            return found
        raise Refused("there is no transfer in this message, or not any more")

    def accept(
        self, person: Person, message_id: str, *, is_from_phone: bool = False
    ) -> Transfer:
        """Accept a transfer, of which the payer is told.

        Raises:
            Refused: as for :meth:`transfer_in`; *person* is not the receiver, or it
                is not pending any more.
        """
        transfer = self._to_be_decided(person, message_id)
        self._end(transfer, TransferStatus.ACCEPTED, is_from_phone)
        return transfer

    def give_back(self, person: Person, message_id: str) -> Transfer:
        """Send a transfer back on the telephone; as :meth:`accept` otherwise."""
        transfer = self._to_be_decided(person, message_id)
        self._end(transfer, TransferStatus.RETURNED, is_from_phone=True)
        return transfer

    # Red packets.

    def give(
        self,
        sender: Person,
        to: Person | Room,
        total: int,
        *,
        shares: int = 1,
        wishing: str = "Best wishes",
        is_lucky: bool = True,
        is_from_phone: bool = False,
    ) -> Message:
        """Give a red packet.

        Args:
            sender: who gives it.
            to: a person, or a room of which each member can have a share.
            total: how much (cents).
            shares: in how many shares.
            wishing: the greeting.
            is_lucky: whether the shares are of chance.
            is_from_phone: see :meth:`.mail.Mail.send`.

        Returns:
            The message that brings it.

        Raises:
            Refused: as for :class:`.RedPacket` and :meth:`.mail.Mail.send`; the
                receiver is the sender, or does not take their mail.
        """
        if isinstance(to, Person) and (
            to is sender or not self._world.friends.takes_mail(to, sender)
        ):
            raise Refused(f"{sender.name} can give {to.name} no red packet")
        packet = RedPacket(
            sender,
            to,
            total,
            shares=shares,
            wishing=wishing,
            is_lucky=is_lucky,
            now=self._world.now(),
            random_hex=self._world.random_hex,
        )
        parcel = app_messages.red_packet(
            sender,
            send_id=packet.send_id,
            wishing=wishing,
            in_room=isinstance(to, Room),
        )
        return self._world.mail.send(
            sender,
            to,
            parcel,
            is_from_phone=is_from_phone,
            on_made=lambda message: self._keep(message, packet),
        )

    def red_packet_in(self, person: Person, message_id: str) -> RedPacket:
        """Find the red packet that a message brought.

        Raises:
            Refused: it brought none, or one for others.
        """
        found = self._kept.get(message_id)
        if isinstance(found, RedPacket) and found.is_for(person):
            return found
        raise Refused("there is no red packet in this message, or not any more")

    # Time.

    def next_deadline(self) -> float | None:
        """Return when :meth:`tick` is due (Unix time, seconds); None for never."""
        first = next(iter(self._pending.values()), None)
        return None if first is None else first.expires_at

    def tick(self) -> None:
        """Let transfers expire; harmless at any other moment."""
        now = self._world.now()
        while (due := self.next_deadline()) is not None and due <= now:
            transfer = next(iter(self._pending.values()))
            self._end(transfer, TransferStatus.EXPIRED, is_from_phone=True)

    def _to_be_decided(self, person: Person, message_id: str) -> Transfer:
        transfer = self.transfer_in(person, message_id)
        if transfer.receiver is not person:
            raise Refused("only who is paid decides about a transfer")
        if transfer.transfer_id not in self._pending:
            raise Refused(f"the transfer is {transfer.status.name.lower()} already")
        return transfer

    def _end(
        self, transfer: Transfer, status: TransferStatus, is_from_phone: bool
    ) -> None:
        del self._pending[transfer.transfer_id]
        transfer.status = status
        transfer.changed_at = self._world.now()
        self._tell(transfer, transfer.receiver, _STEPS[status], is_from_phone)

    def _tell(
        self, transfer: Transfer, teller: Person, step: int, is_from_phone: bool
    ) -> Message:
        is_payer = teller is transfer.payer
        parcel = app_messages.transfer(
            teller,
            fee=transfer.fee,
            memo=transfer.memo,
            transfer_id=transfer.transfer_id,
            step=step,
            expires_at=transfer.expires_at,
        )
        return self._world.mail.send(
            teller,
            transfer.receiver if is_payer else transfer.payer,
            parcel,
            is_from_phone=is_from_phone,
            on_made=lambda message: self._keep(message, transfer),
        )

    def _keep(self, message: Message, payment: Transfer | RedPacket) -> None:
        self._kept[message.message_id] = payment
        if len(self._kept) > MAX_KEPT_PAYMENTS:
            _, forgotten = self._kept.popitem(last=False)
            if isinstance(forgotten, Transfer):
                self._pending.pop(forgotten.transfer_id, None)
