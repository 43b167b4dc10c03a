"""Tests of padchat_twisted.sandbox.red_packets: shares, keys and states."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.catalogue.red_packets import RedPacketStatus
from padchat_twisted.sandbox.people import Person
from padchat_twisted.sandbox.red_packets import (
    MAX_RED_PACKET_CENTS,
    MAX_RED_PACKET_SHARES,
    MAX_WISHING_CHARACTERS,
    PAYMENT_SECONDS,
    AlreadyOpened,
    RedPacket,
    Share,
    split,
)
from padchat_twisted.sandbox.refusals import Refused
from padchat_twisted.sandbox.rooms import Room

from .stage import BEGIN, Stage, repeatable_hex


class SplitTests(SynchronousTestCase):
    """Dividing a sum."""

    @settings(database=None, deadline=None, max_examples=200)
    @given(st.integers(1, 100), st.integers(0, 10_000))
    def test_whole(self, shares: int, more: int) -> None:
        """The shares are together the sum, and none is nothing."""
        amounts = split(
            shares + more, shares, is_lucky=True, random_hex=repeatable_hex()
        )
        self.assertEqual((len(amounts), sum(amounts)), (shares, shares + more))
        self.assertGreaterEqual(min(amounts), 1)

    @settings(database=None, deadline=None, max_examples=100)
    @given(st.integers(2, 100), st.integers(0, 10_000), st.sampled_from("0f"))
    def test_extremes(self, shares: int, more: int, digit: str) -> None:
        """Whatever comes by chance, the same holds."""
        amounts = split(
            shares + more, shares, is_lucky=True, random_hex=lambda size: digit * size
        )
        self.assertEqual(sum(amounts), shares + more)
        self.assertGreaterEqual(min(amounts), 1)

    def test_alike(self) -> None:
        """Shares that are alike divide the sum exactly, or not at all."""
        alike = split(300, 3, is_lucky=False, random_hex=repeatable_hex())
        self.assertEqual(alike, (100, 100, 100))
        with self.assertRaises(Refused):
            split(301, 3, is_lucky=False, random_hex=repeatable_hex())

    def test_too_little(self) -> None:
        """There is a cent for each."""
        with self.assertRaises(Refused):
            split(2, 3, is_lucky=True, random_hex=repeatable_hex())


class RedPacketTests(SynchronousTestCase):
    """Who opens what, and what is seen of it."""

    def setUp(self) -> None:
        """Have three people in a room, and somebody else."""
        self.world = Stage().world
        self.people = [self.world.person(name) for name in ("al", "bo", "cy")]
        self.al, self.bo, self.cy = self.people
        self.stranger = self.world.person("dee")
        self.room = self.world.room("dev", members=["al", "bo", "cy"])

    def packet(
        self,
        to: Person | Room | None = None,
        total: int = 500,
        *,
        shares: int = 2,
        wishing: str = "luck",
        is_lucky: bool = True,
    ) -> RedPacket:
        """Have al give a red packet."""
        return RedPacket(
            self.al,
            to or self.room,
            total,
            shares=shares,
            wishing=wishing,
            is_lucky=is_lucky,
            now=BEGIN,
            random_hex=self.world.random_hex,
        )

    def take(self, packet: RedPacket, person: Person) -> Share | None:
        """Open a packet with the key that is given for it."""
        return packet.open(person, packet.offer(person), BEGIN)

    def test_states(self) -> None:
        """Nobody, some, all: the shares go in their order, and are the sum."""
        packet = self.packet()
        self.assertEqual(packet.status, RedPacketStatus.UNTOUCHED)
        one = self.take(packet, self.bo)
        self.assertEqual(packet.status, RedPacketStatus.SHARES_LEFT)
        self.assertIsNone(packet.luckiest)
        two = self.take(packet, self.al)
        self.assertEqual(packet.status, RedPacketStatus.ALL_TAKEN)
        assert one is not None
        assert two is not None
        self.assertEqual((one.amount, two.amount), packet.amounts)
        self.assertEqual(one.amount + two.amount, packet.total)
        self.assertNotEqual(one.share_id, two.share_id)
        self.assertIs(packet.share_of(self.bo), one)
        self.assertEqual(packet.luckiest, max(one, two, key=lambda share: share.amount))

    def test_too_late(self) -> None:
        """Who comes when all are taken gets nothing, also the second time."""
        packet = self.packet(shares=1)
        self.take(packet, self.bo)
        self.assertIsNone(self.take(packet, self.cy))
        self.assertEqual(len(packet.taken), 1)
        self.assertRaises(AlreadyOpened, self.take, packet, self.cy)

    def test_once(self) -> None:
        """Nobody opens it twice."""
        packet = self.packet()
        self.take(packet, self.bo)
        self.assertRaises(AlreadyOpened, self.take, packet, self.bo)
        self.assertEqual(len(packet.taken), 1)

    def test_keys(self) -> None:
        """A key is needed, is one's own, and is the same each time."""
        packet = self.packet()
        self.assertRaises(Refused, packet.open, self.bo, "", BEGIN)
        key = packet.offer(self.bo)
        self.assertEqual(packet.offer(self.bo), key)
        packet.offer(self.cy)
        self.assertRaises(Refused, packet.open, self.cy, key, BEGIN)
        self.assertNotEqual(self.packet().offer(self.bo), key)

    def test_private(self) -> None:
        """One for a person has one share, which the sender cannot take."""
        packet = self.packet(self.bo, shares=1)
        self.assertRaises(Refused, self.take, packet, self.al)
        self.assertIsNotNone(self.take(packet, self.bo))
        self.assertRaises(Refused, self.packet, self.bo, shares=2)

    def test_is_for(self) -> None:
        """The room sees it, or the two people, and nobody else."""
        for packet, readers in (
            (self.packet(), self.people),
            (self.packet(self.bo, shares=1), [self.al, self.bo]),
        ):
            seen = [
                person
                for person in (*self.people, self.stranger)
                if packet.is_for(person)
            ]
            self.assertEqual(seen, readers)

    def test_is_seen(self) -> None:
        """Its records are seen after the offer: by the sender, or who opened it."""
        packet = self.packet()
        self.assertFalse(packet.is_seen_by(self.al))
        packet.offer(self.al)
        packet.offer(self.bo)
        self.assertTrue(packet.is_seen_by(self.al))
        self.assertFalse(packet.is_seen_by(self.bo))
        self.take(packet, self.bo)
        self.assertTrue(packet.is_seen_by(self.bo))

    def test_expiry(self) -> None:
        """At the end of the day nothing can be taken any more."""
        packet = self.packet()
        end = BEGIN + PAYMENT_SECONDS
        packet.open(self.bo, packet.offer(self.bo), end - 1)
        key = packet.offer(self.cy)
        self.assertRaises(Refused, packet.open, self.cy, key, end)
        self.assertEqual(len(packet.taken), 1)

    def test_limits(self) -> None:
        """Shares, sum and greeting are bounded."""
        most = MAX_RED_PACKET_SHARES
        self.packet(shares=most, total=most * MAX_RED_PACKET_CENTS)
        self.packet(wishing="x" * MAX_WISHING_CHARACTERS)
        for shares, total, wishing in (
            (most + 1, 10_000, ""),
            (0, 100, ""),
            (1, MAX_RED_PACKET_CENTS + 1, ""),
            (1, 0, ""),
            (1, 1, "x" * (MAX_WISHING_CHARACTERS + 1)),
        ):
            with self.assertRaises(Refused):
                self.packet(shares=shares, total=total, wishing=wishing)

    def test_no_luck(self) -> None:
        """Where all shares are alike, nobody is the luckiest."""
        packet = self.packet(is_lucky=False)
        for person in (self.bo, self.cy):
            self.take(packet, person)
        self.assertIsNone(packet.luckiest)
