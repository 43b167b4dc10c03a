"""Tests of padchat_twisted.wire.heartbeat."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.wire.heartbeat import Heartbeat


def heartbeat(*, is_pinger: bool) -> Heartbeat:
    """Return one of 25 and 20 seconds, begun at 100."""
    made = Heartbeat(is_pinger=is_pinger)
    made.begin(25000, 20000, 100.0)
    return made


class PingerTests(SynchronousTestCase):
    """The side that pings."""

    def test_first_ping(self) -> None:
        """It is due an interval after the beginning, once."""
        pinger = heartbeat(is_pinger=True)
        self.assertEqual(pinger.next_deadline(), 125.0)
        self.assertFalse(pinger.is_ping_due(124.9))
        self.assertTrue(pinger.is_ping_due(125.0))
        self.assertFalse(pinger.is_ping_due(125.0))

    def test_next_ping(self) -> None:
        """It is due an interval after the pong, not after the ping."""
        pinger = heartbeat(is_pinger=True)
        pinger.is_ping_due(125.0)
        pinger.last_received = 128.0
        pinger.ponged(128.0)
        self.assertEqual(pinger.next_deadline(), 153.0)

    def test_gives_up(self) -> None:
        """Nothing after a ping for the timeout is the end."""
        pinger = heartbeat(is_pinger=True)
        pinger.is_ping_due(125.0)
        self.assertEqual(pinger.next_deadline(), 145.0)
        self.assertFalse(pinger.is_over(144.9))
        self.assertTrue(pinger.is_over(145.0))

    def test_any_packet_is_a_sign_of_life(self) -> None:
        """A packet that is no pong puts the end off, but brings no ping."""
        pinger = heartbeat(is_pinger=True)
        pinger.is_ping_due(125.0)
        pinger.last_received = 130.0
        self.assertFalse(pinger.is_over(145.0))
        self.assertEqual(pinger.next_deadline(), 175.0)
        self.assertTrue(pinger.is_over(175.0))

    def test_pong_for_nothing(self) -> None:
        """A pong that no ping asked for does not put off the next ping."""
        pinger = heartbeat(is_pinger=True)
        pinger.ponged(110.0)
        self.assertEqual(pinger.next_deadline(), 125.0)

    def test_deaf(self) -> None:
        """While we do not read, silence is no end, and pings go on."""
        pinger = heartbeat(is_pinger=True)
        pinger.is_ping_due(125.0)
        pinger.deaf(144.0)
        self.assertFalse(pinger.is_over(145.0))
        self.assertTrue(pinger.is_ping_due(144.0))


class OtherSideTests(SynchronousTestCase):
    """The side that answers."""

    def test_never_pings(self) -> None:
        """It waits for both times together after the last packet."""
        other = heartbeat(is_pinger=False)
        self.assertEqual(other.next_deadline(), 145.0)
        self.assertFalse(other.is_ping_due(200.0))
        other.last_received = 130.0
        self.assertFalse(other.is_over(174.9))
        self.assertTrue(other.is_over(175.0))

    def test_pong_for_nothing(self) -> None:
        """A pong from the wrong side changes nothing."""
        other = heartbeat(is_pinger=False)
        other.ponged(110.0)
        self.assertEqual(other.next_deadline(), 145.0)

    def test_deaf(self) -> None:
        """While we do not read, silence is no end."""
        other = heartbeat(is_pinger=False)
        other.deaf(140.0)
        self.assertFalse(other.is_over(150.0))
        self.assertEqual(other.next_deadline(), 185.0)

    def test_deaf_client_of_4(self) -> None:
        """Its pongs go on though it reads no ping, each before the server gives up."""
        client = Heartbeat(is_pinger=False, is_ponger=True)
        client.begin(25000, 20000, 100.0)
        self.assertEqual(client.next_deadline(), 135.0)
        self.assertFalse(client.is_pong_due(134.9))
        self.assertTrue(client.is_pong_due(135.0))
        self.assertFalse(client.is_pong_due(135.0))
        client.deaf(135.0)
        self.assertEqual(client.next_deadline(), 170.0)
        client.last_received = 160.0
        client.answered(160.0)
        self.assertEqual(client.next_deadline(), 195.0)
