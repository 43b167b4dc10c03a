"""Tests of padchat_twisted.sandbox.responders.payment: transfers and red packets."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue import (
    AcceptedTransfer,
    OfferedRedPacket,
    RedPacket,
    RedPacketDetail,
    RedPacketOffer,
    TransferInfo,
    TransferResult,
)
from padchat_twisted.sandbox.messages import Message
from padchat_twisted.sandbox.red_packets import PAYMENT_SECONDS
from padchat_twisted.sandbox.responders.payment import OPENED_BEFORE, RECORDS_PER_PAGE

from ..stage import BEGIN, Client, Stage, as_read


class TransferTests(SynchronousTestCase):
    """Transfers, as accounts see them."""

    def setUp(self) -> None:
        """Have a person and two accounts."""
        self.stage = Stage()
        self.alice = self.stage.world.person("alice")
        self.client = self.stage.connect("bot1").log_in()
        self.other = self.stage.connect("bot2").log_in()
        self.user = self.client.account.user

    def query(self, message: Message) -> TransferInfo:
        """Read the state of a transfer."""
        read = as_read(self.client.call("queryTransfer", raw(message)), TransferResult)
        assert read.external is not None
        return read.external

    def test_pending(self) -> None:
        """A transfer has all that is documented, filled."""
        info = self.query(self.alice.transfers(20, to="bot1"))
        self.assertEqual((info.retcode, info.retmsg, info.fee), ("0", "ok", 20))
        self.assertEqual(
            (info.payer_name, info.receiver_name, info.is_payer),
            ("wxid_alice", self.user.user_name, False),
        )
        self.assertEqual((info.trans_status, info.modify_time), (2000, 0))
        self.assertEqual(info.pay_time, int(BEGIN))
        for field in ("fee_type", "refund_bank_type", "status_desc"):
            self.assertTrue(getattr(info, field), field)

    def test_accepted(self) -> None:
        """The receiver accepts once; then both see it."""
        message = self.alice.transfers(20, to="bot1")
        self.stage.wait(3)
        reply = self.client.call("acceptTransfer", raw(message))
        read = as_read(reply, AcceptedTransfer).external
        assert read is not None
        self.assertEqual((read.retcode, read.fee), ("0", 20))
        self.assertNotEqual(read.payer, read.receiver)
        info = self.query(message)
        self.assertEqual((info.trans_status, info.modify_time), (2001, BEGIN + 3))
        reason = self.client.refused("acceptTransfer", raw(message))
        self.assertEqual(reason, "the transfer is accepted already")
        self.assertEqual(len(self.alice.inbox), 1)

    def test_payer(self) -> None:
        """Who paid sees it, and cannot accept it."""
        message = self.user.transfers(20, to="alice")
        self.assertTrue(self.query(message).is_payer)
        reason = self.client.refused("acceptTransfer", raw(message))
        self.assertIn("only who is paid", reason)

    def test_expired(self) -> None:
        """After a day it is neither pending nor accepted."""
        message = self.alice.transfers(20, to="bot1")
        self.stage.wait(PAYMENT_SECONDS)
        info = self.query(message)
        self.assertNotIn(info.trans_status, (2000, 2001))
        self.assertIn("expired", self.client.refused("acceptTransfer", raw(message)))

    def test_others(self) -> None:
        """Others do not see it, and a text is none."""
        message = self.alice.transfers(20, to="bot1")
        text = self.alice.says("x", to="bot1")
        for code in ("queryTransfer", "acceptTransfer"):
            self.other.refused(code, raw(message))
            self.client.refused(code, raw(text))


class RedPacketTests(SynchronousTestCase):
    """Red packets, as accounts see them."""

    def setUp(self) -> None:
        """Have a room of one person and two accounts, and a red packet in it."""
        self.stage = Stage()
        self.world = self.stage.world
        self.alice = self.world.person("alice", nick_name="Alice")
        self.client = self.stage.connect("bot1").log_in()
        self.other = self.stage.connect("bot2").log_in()
        self.room = self.world.room("dev", members=["alice", "bot1", "bot2"])
        self.message = self.alice.sends_red_packet(
            300, shares=2, to="dev", wishing="luck"
        )

    def receive(self, client: Client, message: Message | None = None) -> RedPacketOffer:
        """Be offered the red packet."""
        reply = client.call("receiveRedPacket", raw(message or self.message))
        read = as_read(reply, OfferedRedPacket)
        assert read.external is not None
        self.assertEqual(read.key, read.external.timing_identifier)
        return read.external

    def open(self, client: Client, message: Message | None = None) -> RedPacketDetail:
        """Be offered the red packet, and open it."""
        key = self.receive(client, message).timing_identifier
        params = raw(message or self.message) | {"key": key}
        return detail(client, "openRedPacket", params)

    def query(self, client: Client, index: int = 0) -> RedPacketDetail:
        """Read the details of the red packet."""
        return detail(client, "queryRedPacket", raw(self.message) | {"index": index})

    def test_offer(self) -> None:
        """The offer has all that is documented, filled."""
        offer = self.receive(self.client)
        self.assertEqual((offer.retcode, offer.retmsg), (0, "ok"))
        self.assertEqual((offer.wishing, offer.is_sender), ("luck", 0))
        self.assertEqual((offer.receive_status, offer.hb_status), (0, 2))
        self.assertEqual(offer.send_user_name, "wxid_alice")
        self.assertTrue(offer.send_id and offer.status_mess)
        assert offer.agree_duty is not None
        self.assertTrue(offer.agree_duty.title)

    def test_opened(self) -> None:
        """Who opens it gets a share; the states change until nothing is left."""
        one = self.open(self.client)
        self.assertEqual((one.retcode, one.receive_status, one.hb_status), (0, 2, 3))
        self.assertEqual((one.total_num, one.rec_num), (2, 1))
        self.assertEqual((one.total_amount, one.rec_amount), (300, one.amount))
        self.assertEqual(one.session_user_name, self.room.user_name)
        self.assertIn("Alice", one.system_msg_context)
        two = self.open(self.other)
        self.assertEqual((two.hb_status, two.rec_amount), (4, 300))
        self.assertEqual(one.amount + two.amount, 300)
        luckiest = [record for record in two.record if record.game_tips]
        self.assertEqual(len(luckiest), 1)
        self.assertEqual(self.receive(self.client).receive_status, 2)

    def test_opened_before(self) -> None:
        """The second time is a success with a code, and takes nothing."""
        first = self.open(self.client)
        second = self.open(self.client)
        self.assertEqual(second.retcode, OPENED_BEFORE)
        self.assertNotEqual(second.retmsg, "ok")
        self.assertEqual((second.rec_num, second.amount), (1, first.amount))

    def test_too_late(self) -> None:
        """Who comes too late has no share, and sees who has."""
        self.alice.opens_red_packet(self.message)
        self.open(self.other)
        late = self.open(self.client)
        self.assertEqual((late.retcode, late.amount, late.receive_status), (0, 0, 0))
        self.assertEqual((late.hb_status, len(late.record)), (4, 2))

    def test_key(self) -> None:
        """Without the key of the offer nothing is opened."""
        self.client.refused("openRedPacket", raw(self.message))
        for key in ("x", self.receive(self.other).timing_identifier):
            params = raw(self.message) | {"key": key}
            reason = self.client.refused("openRedPacket", params)
            self.assertIn("receiveRedPacket", reason)

    def test_query_is_empty_before(self) -> None:
        """Before the offer, and before the opening, the details are empty."""
        for _ in range(2):
            empty = self.query(self.client)
            self.assertEqual((empty.send_id, empty.total_amount), ("", 0))
            self.assertEqual(empty.record, ())
            self.receive(self.client)
        self.open(self.client)
        self.assertEqual(self.query(self.client).total_amount, 300)

    def test_query_of_the_sender(self) -> None:
        """The sender sees it after the offer, with a hint that others do not get."""
        user = self.client.account.user
        self.message = user.sends_red_packet(300, shares=2, to="dev")
        self.assertEqual(self.query(self.client).total_amount, 0)
        self.receive(self.client)
        seen = self.query(self.client)
        self.assertEqual((seen.is_sender, seen.total_num, seen.rec_num), (1, 2, 0))
        self.assertIsNotNone(seen.operation_tail)
        self.assertIsNone(self.open(self.other).operation_tail)

    def test_pages(self) -> None:
        """Eleven records are a page; the rest comes with the next index."""
        people = [self.world.person(f"p{number}") for number in range(12)]
        self.room.invite(*people)
        self.message = self.alice.sends_red_packet(1200, shares=13, to="dev")
        for person in people:
            person.opens_red_packet(self.message)
        whole = self.open(self.client)
        self.assertEqual(len(whole.record), RECORDS_PER_PAGE)
        first = self.query(self.client)
        rest = self.query(self.client, RECORDS_PER_PAGE)
        self.assertEqual((first.is_continue, rest.is_continue), (1, 0))
        takers = [record.user_name for record in (*first.record, *rest.record)]
        user_name = self.client.account.user.user_name
        self.assertEqual(takers, [p.user_name for p in people] + [user_name])
        amounts = [record.receive_amount for record in (*first.record, *rest.record)]
        self.assertEqual((sum(amounts), first.rec_amount), (1200, 1200))
        self.assertEqual(self.query(self.client, 22).record, ())
        params = raw(self.message) | {"index": -1}
        self.client.refused("queryRedPacket", params)

    def test_private(self) -> None:
        """A private one is opened by the receiver only."""
        user = self.client.account.user
        mine = user.sends_red_packet(5, to="alice")
        key = self.receive(self.client, mine).timing_identifier
        self.client.refused("openRedPacket", raw(mine) | {"key": key})
        other = self.alice.sends_red_packet(5, to="bot1")
        opened = self.open(self.client, other)
        self.assertEqual(opened.amount, 5)
        self.assertEqual(opened.session_user_name, "wxid_alice")

    def test_expired(self) -> None:
        """After a day it cannot be opened any more."""
        self.stage.wait(PAYMENT_SECONDS)
        key = self.receive(self.client).timing_identifier
        params = raw(self.message) | {"key": key}
        self.assertIn("expired", self.client.refused("openRedPacket", params))

    def test_others(self) -> None:
        """Who is not in the room does not see it, and a text is none."""
        outsider = self.stage.connect("bot3").log_in()
        text = self.alice.says("x", to="dev")
        for code in ("receiveRedPacket", "queryRedPacket", "openRedPacket"):
            outsider.refused(code, raw(self.message) | {"key": "x"})
            self.client.refused(code, raw(text) | {"key": "x"})


def raw(message: Message) -> dict[str, Any]:
    """Return the parameter that names a message."""
    return {"rawMsgData": {"msgId": message.message_id}}


def detail(client: Client, code: str, params: dict[str, Any]) -> RedPacketDetail:
    """Call a command that tells of a red packet."""
    read = as_read(client.call(code, params), RedPacket)
    assert read.external is not None
    return read.external
