"""Money between three accounts: transfers and red packets, and a model of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.money import TransferStatus
from padchat_twisted.sandbox.red_packets import PAYMENT_SECONDS
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.responders.payment import OPENED_BEFORE

from .consistent_people import WHAT, WHO, Party
from .consistent_things import ThingsMachine

#: Cents.
AMOUNT = st.integers(1, 1000)


@dataclass
class Paid:
    """A transfer.

    Args:
        message: what brought it.
        payer: who pays.
        receiver: who is paid.
        fee: how much (cents).
        due: when it goes back.

    Attributes:
        status: its state.
    """

    message: Message
    payer: Party
    receiver: Party
    fee: int
    due: float
    status: TransferStatus = TransferStatus.PENDING


@dataclass
class Packet:
    """A red packet.

    Args:
        message: what brought it.
        total: how much (cents).
        shares: in how many shares.
        due: when the rest goes back.

    Attributes:
        taken: how much each taker got, in this order.
    """

    message: Message
    total: int
    shares: int
    due: float
    taken: dict[str, int] = field(default_factory=dict)


class MoneyMachine(ThingsMachine):
    """They pay each other and give red packets, and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.transfers: list[Paid] = []
        self.packets: list[Packet] = []
        for who in range(3):
            self.transfer(who, who, 100)
            self.give(who, who, 100, 3)

    # Transfers.

    @rule(who=WHO, what=WHAT, fee=AMOUNT)
    def transfer(self, who: int, what: int, fee: int) -> None:
        """Somebody pays on the telephone; who deleted them is not paid."""
        payer, receiver = self.parties[who], self.other(who, what)
        is_known = payer.user_name in receiver.contacts
        try:
            message = payer.user.transfers(fee, to=receiver.user)
        except Refused:
            assert not is_known
            return
        assert is_known
        due = self.stage.clock.seconds() + PAYMENT_SECONDS
        self.transfers.append(Paid(message, payer, receiver, fee, due))

    @rule(who=WHO, what=WHAT)
    def accept_transfer(self, who: int, what: int) -> None:
        """An account accepts a transfer: once, and only who is paid."""
        if not self.transfers:
            return
        paid = self.transfers[-1 - what % len(self.transfers)]
        reply = self.call(who, "acceptTransfer", rawMsgData=_item(paid.message))
        assert reply.success == self.is_decided_by(paid, self.parties[who])
        if reply.success:
            outcome: Any = reply.data["external"]
            assert outcome["fee"] == paid.fee
            paid.status = TransferStatus.ACCEPTED

    @rule(who=WHO, what=WHAT)
    def give_back(self, who: int, what: int) -> None:
        """Somebody sends a transfer back on the telephone."""
        if not self.transfers:
            return
        paid = self.transfers[-1 - what % len(self.transfers)]
        is_decided = self.is_decided_by(paid, self.parties[who])
        try:
            self.parties[who].user.returns_transfer(paid.message)
        except Refused:
            assert not is_decided
            return
        assert is_decided
        paid.status = TransferStatus.RETURNED

    def is_decided_by(self, paid: Paid, party: Party) -> bool:
        """Tell whether an account can accept a transfer, or send it back."""
        return party is paid.receiver and paid.status is TransferStatus.PENDING

    @invariant()
    def transfers_agree(self) -> None:
        """Both sides see one state of each transfer, and nobody else sees it."""
        for paid in self.transfers:
            for number, party in enumerate(self.parties):
                item = _item(paid.message)
                reply = self.call(number, "queryTransfer", rawMsgData=item)
                assert reply.success == (party in (paid.payer, paid.receiver))
                if reply.success:
                    seen: Any = reply.data["external"]
                    assert seen["transStatus"] == paid.status
                    assert seen["fee"] == paid.fee
                    assert seen["isPayer"] == (party is paid.payer)

    # Red packets.

    @rule(who=WHO, what=WHAT, total=AMOUNT, shares=st.integers(1, 4))
    def give(self, who: int, what: int, total: int, shares: int) -> None:
        """Somebody gives a red packet in a room that they are in."""
        room_id = self.room(what)
        user = self.parties[who].user
        try:
            message = user.sends_red_packet(total, shares=shares, to=room_id)
        except Refused:
            assert total < shares or user.user_name not in self.rooms[room_id]
            return
        due = self.stage.clock.seconds() + PAYMENT_SECONDS
        self.packets.append(Packet(message, total, shares, due))

    @rule(who=WHO, what=WHAT)
    def open(self, who: int, what: int) -> None:
        """An account opens a red packet, twice: one share is all that it gets."""
        if not self.packets:
            return
        packet = self.packets[-1 - what % len(self.packets)]
        item, name = _item(packet.message), self.parties[who].user_name
        offer = self.call(who, "receiveRedPacket", rawMsgData=item)
        if not offer.success:
            assert name not in self.rooms[packet.message.to.user_name]
            return
        for _ in range(2):
            self.take_share(who, packet, str(offer.data["key"]))

    def take_share(self, who: int, packet: Packet, key: str) -> None:
        """Have an account that was offered a red packet open it."""
        item, name = _item(packet.message), self.parties[who].user_name
        reply = self.call(who, "openRedPacket", rawMsgData=item, key=key)
        if not reply.success:
            assert self.stage.clock.seconds() >= packet.due
            return
        outcome: Any = reply.data["external"]
        if outcome["retcode"] == OPENED_BEFORE:
            assert outcome["amount"] == packet.taken.get(name, 0)
        elif outcome["amount"]:
            assert name not in packet.taken
            packet.taken[name] = outcome["amount"]
        else:
            assert len(packet.taken) == packet.shares

    @invariant()
    def packets_agree(self) -> None:
        """Who sees a red packet sees the same takers as all, and the sum is right."""
        for packet in self.packets:
            assert len(packet.taken) <= packet.shares
            taken = sum(packet.taken.values())
            assert taken <= packet.total
            if len(packet.taken) == packet.shares:
                assert taken == packet.total
            for number in self.members_of(packet.message.to.user_name):
                item = _item(packet.message)
                seen: Any = self.call(number, "queryRedPacket", rawMsgData=item).data
                if seen["external"]["record"] != [0]:
                    assert seen["external"]["recAmount"] == taken
                    assert {
                        share["userName"]: share["receiveAmount"]
                        for share in seen["external"]["record"]
                    } == packet.taken

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Time passes, and what was not accepted goes back after a day."""
        self.stage.wait(hours * 3600)
        now = self.stage.clock.seconds()
        for paid in self.transfers:
            if paid.status is TransferStatus.PENDING and paid.due <= now:
                paid.status = TransferStatus.EXPIRED


def _item(message: Message) -> dict[str, str]:
    return {"msgId": message.message_id}
