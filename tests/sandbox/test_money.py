"""Tests of padchat_twisted.sandbox.money: transfers, and finding red packets."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.message_types import MessageType
from padchat_twisted.sandbox import money
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.money import (
    MAX_KEPT_PAYMENTS,
    MAX_MEMO_CHARACTERS,
    MAX_TRANSFER_CENTS,
    TransferStatus,
)
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.red_packets import PAYMENT_SECONDS
from padchat_twisted.sandbox.refusals import Refused

from .stage import BEGIN, Stage


class MoneyTests(SynchronousTestCase):
    """What happens to money, and who is told."""

    def setUp(self) -> None:
        """Have three people, two of them in a room."""
        self.stage = Stage()
        self.world = self.stage.world
        self.money = self.world.money
        self.alice = self.world.person("alice")
        self.bob = self.world.person("bob")
        self.carol = self.world.person("carol")
        self.room = self.world.room("dev", members=["alice", "bob"])

    def status(self, message: Message) -> TransferStatus:
        """Return the state of the transfer that a message is about."""
        return self.money.transfer_in(self.alice, message.message_id).status

    def told(self, person: Person) -> str:
        """Return what the last message to *person* says of a transfer."""
        message = person.inbox[-1]
        assert message.kind is MessageType.TRANSFER
        return message.content.partition("<paysubtype>")[2][:1]

    def test_transfer(self) -> None:
        """The receiver gets the message; the transfer waits."""
        message = self.alice.transfers(20, to="bob", memo="lunch")
        self.assertEqual(self.bob.inbox, [message])
        self.assertEqual(self.told(self.bob), "1")
        transfer = self.money.transfer_in(self.bob, message.message_id)
        self.assertEqual(
            (transfer.payer, transfer.receiver, transfer.fee, transfer.memo),
            (self.alice, self.bob, 20, "lunch"),
        )
        self.assertEqual(transfer.status, TransferStatus.PENDING)
        self.assertEqual((transfer.paid_at, transfer.changed_at), (BEGIN, 0.0))

    def test_accepted(self) -> None:
        """Who is paid accepts, once; the payer is told, by a message about it."""
        message = self.alice.transfers(20, to="bob")
        for person in (self.alice, self.carol):
            self.assertRaises(Refused, person.accepts_transfer, message)
        self.stage.wait(5)
        self.bob.accepts_transfer(message)
        self.assertEqual(self.told(self.alice), "3")
        self.assertEqual(self.status(message), TransferStatus.ACCEPTED)
        self.assertEqual(self.status(self.alice.inbox[-1]), TransferStatus.ACCEPTED)
        transfer = self.money.transfer_in(self.bob, message.message_id)
        self.assertEqual(transfer.changed_at, BEGIN + 5)
        for again in (self.bob.accepts_transfer, self.bob.returns_transfer):
            self.assertRaises(Refused, again, message)

    def test_accepted_at_once(self) -> None:
        """Who is called with the message can accept the transfer that it brings."""

        def accept(message: Message) -> None:
            if message.to is self.bob:
                self.bob.accepts_transfer(message)

        self.world.on_message(accept)
        message = self.alice.transfers(20, to="bob")
        self.assertEqual(self.status(message), TransferStatus.ACCEPTED)

    def test_returned(self) -> None:
        """Who is paid sends it back; then it cannot be accepted."""
        message = self.alice.transfers(20, to="bob")
        self.bob.returns_transfer(message)
        self.assertEqual(self.status(message), TransferStatus.RETURNED)
        self.assertEqual(self.told(self.alice), "4")
        self.assertRaises(Refused, self.bob.accepts_transfer, message)

    def test_expired(self) -> None:
        """After a day it goes back by itself, and not a moment sooner."""
        self.assertIsNone(self.money.next_deadline())
        first = self.alice.transfers(20, to="bob")
        self.stage.wait(10)
        second = self.alice.transfers(30, to="bob")
        self.assertEqual(self.world.next_deadline(), BEGIN + PAYMENT_SECONDS)
        self.stage.wait(PAYMENT_SECONDS - 11)
        self.world.tick()
        self.assertEqual(self.status(first), TransferStatus.PENDING)
        self.stage.wait(1)
        self.assertEqual(self.status(first), TransferStatus.EXPIRED)
        self.assertEqual(self.status(second), TransferStatus.PENDING)
        self.assertEqual(self.told(self.alice), "5")
        self.assertRaises(Refused, self.bob.accepts_transfer, first)
        self.stage.wait(10)
        self.assertEqual(self.status(second), TransferStatus.EXPIRED)
        self.assertIsNone(self.money.next_deadline())

    def test_transfers_refused(self) -> None:
        """Rooms, oneself, strangers, and what is out of bounds are refused."""
        self.alice.transfers(
            MAX_TRANSFER_CENTS, to="bob", memo="x" * MAX_MEMO_CHARACTERS
        )
        stranger = self.world.add_person("dave")
        for to in (self.room, self.alice, stranger):
            self.assertRaises(Refused, self.alice.transfers, 1, to=to)
        for fee in (0, -1, MAX_TRANSFER_CENTS + 1):
            self.assertRaises(Refused, self.alice.transfers, fee, to="bob")
        memo = "x" * (MAX_MEMO_CHARACTERS + 1)
        self.assertRaises(Refused, self.alice.transfers, 1, to="bob", memo=memo)
        self.assertEqual(len(self.bob.inbox), 1)

    def test_no_money_of_the_system(self) -> None:
        """What is refused to and by system accounts leaves nothing that waits."""
        weixin = self.world.weixin
        for to in (weixin, self.world.filehelper, self.world.officials.shop.person):
            self.assertRaises(Refused, self.alice.transfers, 1, to=to)
        self.assertRaises(Refused, weixin.transfers, 1, to="alice")
        self.assertIsNone(self.money.next_deadline())

    def test_found_by_those_concerned(self) -> None:
        """Others find neither; one is not the other, and a text is none."""
        transfer = self.alice.transfers(20, to="bob").message_id
        packet = self.alice.sends_red_packet(500, shares=2, to="dev").message_id
        text = self.alice.says("x", to="bob").message_id
        self.money.red_packet_in(self.bob, packet)
        for person, message_id in (
            (self.carol, transfer),
            (self.bob, packet),
            (self.bob, text),
        ):
            self.assertRaises(Refused, self.money.transfer_in, person, message_id)
        for person, message_id in (
            (self.carol, packet),
            (self.bob, transfer),
            (self.bob, text),
        ):
            self.assertRaises(Refused, self.money.red_packet_in, person, message_id)

    def test_red_packet(self) -> None:
        """A red packet comes as its own kind, and can be opened."""
        message = self.alice.sends_red_packet(500, to="bob", wishing="luck")
        self.assertEqual(self.bob.inbox[-1].kind, MessageType.RED_PACKET)
        share = self.bob.opens_red_packet(message)
        assert share is not None
        self.assertEqual(share.amount, 500)

    def test_red_packets_refused(self) -> None:
        """Neither oneself nor a stranger is given one."""
        stranger = self.world.add_person("dave")
        for to in (self.alice, stranger):
            self.assertRaises(Refused, self.alice.sends_red_packet, 5, to=to)
        self.assertRaises(Refused, self.carol.sends_red_packet, 5, to="dev")

    def test_bounded(self) -> None:
        """One more than the limit, and the oldest is forgotten, with its end."""
        self.patch(money, "MAX_KEPT_PAYMENTS", 3)
        self.assertGreater(MAX_KEPT_PAYMENTS, 3)
        first = self.alice.transfers(1, to="bob")
        self.stage.wait(1)
        second = self.alice.transfers(2, to="bob")
        self.alice.sends_red_packet(3, to="bob")
        self.status(first)
        self.alice.sends_red_packet(4, to="bob")
        self.assertRaises(Refused, self.status, first)
        self.status(second)
        self.assertEqual(self.money.next_deadline(), BEGIN + 1 + PAYMENT_SECONDS)
