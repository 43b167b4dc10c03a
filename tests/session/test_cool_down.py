"""The gateway says that it is too often: nothing is sent, and nothing tried again."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from padchat_twisted.catalogue import SentMessage
from padchat_twisted.errors import CallRejected, NotSent
from padchat_twisted.session.pacing import (
    COOL_DOWN,
    LONGEST_COOL_DOWN,
    CoolingDown,
    Pacing,
    Rate,
)
from padchat_twisted.store import MemoryStore
from padchat_twisted.testing import FakeConnection, ready_account

from .case import INSTANT, TEXT
from .paced_case import NOON, TOO_OFTEN, PacedCase


class CoolDownTests(PacedCase):
    """When it begins, how long it takes, and what happens meanwhile."""

    def test_refused_at_once(self) -> None:
        """What waits and what comes is refused until the time is over, and told why."""
        pacing = self.begin(conversation=Rate(10.0))
        first, waits = self.send(), self.send()
        self.refuse()
        self.failureResultOf(first, CallRejected)
        self.left()
        self.not_sent(waits, "too often")
        until = NOON + COOL_DOWN
        self.assertEqual(pacing.cooling_until, until)
        self.assertEqual(
            self.cool_downs.events, [CoolingDown(until, COOL_DOWN, TOO_OFTEN)]
        )
        self.not_sent(self.send("wxid_b"), "nothing is sent until 2026-01-31 12:05:00")
        self.clock.advance(COOL_DOWN - INSTANT)
        self.not_sent(self.send("wxid_b"), "too often")
        self.assertEqual(self.left(), [])
        self.clock.advance(INSTANT)
        self.assertIsNone(pacing.cooling_until)
        self.assertNoResult(self.send("wxid_b"))
        self.assertEqual(len(self.left()), 1)
        self.assertEqual((pacing.refused, pacing.cool_downs), (3, 1))

    def test_begins_slowly(self) -> None:
        """After it each bucket has one, not its whole burst."""
        self.begin(overall=Rate(10.0, 5))
        self.send()
        self.refuse()
        self.left()
        self.clock.advance(COOL_DOWN)
        for _ in range(3):
            self.send()
        self.assertEqual(len(self.left()), 1)
        self.clock.advance(10.0)
        self.assertEqual(len(self.left()), 1)

    def test_texts_and_codes(self) -> None:
        """Texts tell it, whatever their case, and codes; in refusals and in results."""
        for said, status, is_it in (
            (TOO_OFTEN, None, True),
            ("You do this TOO OFTEN.", None, True),
            ("Too many requests", -1, True),
            ("busy", -77, True),
            ("busy", -1, False),
            ("", None, False),
        ):
            for is_result in (False, True):
                pacing = self.begin(too_often_codes=frozenset((-77,)))
                self.send()
                if is_result:
                    self.answer({"message": said, "status": status or 0})
                else:
                    self.refuse(said, status)
                self.assertEqual(pacing.cool_downs, int(is_it), (said, status))
                self.account.close()
                self.clock.advance(2 * LONGEST_COOL_DOWN)

    def test_raw_results(self) -> None:
        """What a command by its name gives back is looked at as well."""
        for data, is_it in (
            ({"message": TOO_OFTEN, "status": -1}, True),
            ({"status": -77}, True),
            ({"message": 3, "status": "-77"}, False),
            ({}, False),
        ):
            pacing = self.begin(too_often_codes=frozenset((-77,)))
            calling = self.account.call_raw("massMsg", {})
            self.answer(dict(data) or {"x": 1})
            self.successResultOf(calling)
            self.assertEqual(pacing.cool_downs, int(is_it), data)
            self.account.close()
            self.clock.advance(2 * LONGEST_COOL_DOWN)

    def test_configured_texts(self) -> None:
        """Other texts take the place of the usual ones."""
        pacing = self.begin(too_often_texts=("halt",))
        self.send()
        self.refuse()
        self.assertEqual(pacing.cool_downs, 0)
        self.send()
        self.refuse("HALT!")
        self.assertEqual(pacing.cool_downs, 1)

    def test_twice_as_long(self) -> None:
        """The next one is twice as long, to a limit; after a long time it is short."""
        self.begin(cool_down=100.0, longest_cool_down=500.0)
        lengths = []
        for pause in (0.0, 0.0, 500.0, 0.0, 500.0 + INSTANT):
            self.send()
            self.refuse()
            lengths.append(self.cool_downs.events[-1].seconds)
            self.clock.advance(lengths[-1] + pause)
        self.send()
        self.refuse()
        lengths.append(self.cool_downs.events[-1].seconds)
        self.assertEqual(lengths, [100.0, 200.0, 400.0, 500.0, 500.0, 100.0])

    def test_was_on_its_way(self) -> None:
        """What left before and is refused as well does not make it longer."""
        pacing = self.begin()
        sends = [self.send() for _ in range(3)]
        for call in self.connection.calls:
            self.connection.refuse(call.call_id, TOO_OFTEN)
            self.clock.advance(1.0)
        for sending in sends:
            self.failureResultOf(sending, CallRejected)
        self.assertEqual(pacing.cooling_until, NOON + COOL_DOWN)
        self.assertEqual(pacing.cool_downs, 1)

    def test_restart(self) -> None:
        """A restart does not end it, nor forget how long the last one was."""
        self.begin(overall=Rate(10.0, 5))
        self.send()
        self.refuse()
        self.account.close()
        self.clock.advance(100.0)
        pacing = self.begin(overall=Rate(10.0, 5))
        self.assertEqual(pacing.cooling_until, NOON + COOL_DOWN)
        self.not_sent(self.send(), "nothing is sent until 2026-01-31 12:05:00")
        self.clock.advance(COOL_DOWN - 100.0)
        for _ in range(2):
            self.send()
        self.assertEqual(len(self.connection.calls), 1)
        self.refuse()
        self.assertEqual(self.cool_downs.events[-1].seconds, 2 * COOL_DOWN)

    def test_odd_times(self) -> None:
        """It holds from its first moment, however the time is rounded."""
        for fraction in (0.1, 0.3, 1 / 3, 0.7, 0.123456789):
            moment = NOON + fraction
            for seconds in (COOL_DOWN, 0.1, 1 / 3, 1e5 / 7):
                pacing = self.begin(
                    Pacing(
                        cool_down=seconds,
                        longest_cool_down=1e6,
                        unix_time=lambda moment=moment: moment,  # type: ignore[misc]
                    )
                )
                self.send()
                self.refuse()
                self.assertIsNotNone(pacing.cooling_until)
                self.account.close()
                self.store.close()
                self.store = MemoryStore()
                self.store.open()

    def test_clock_set_back(self) -> None:
        """A clock that was set back does not silence the account for years."""
        times = [NOON + 1e9]
        pacing = self.begin(Pacing(unix_time=lambda: times[-1]))
        self.send()
        self.refuse()
        self.assertIsNotNone(pacing.cooling_until)
        times.append(NOON)
        self.assertIsNone(pacing.cooling_until)

    def test_sends_in_its_handler(self) -> None:
        """Who is told may send, and is refused."""
        self.begin()
        tried: list[Deferred[SentMessage]] = []
        self.account.on(
            CoolingDown, lambda account, _: tried.append(account.send("wxid_a", TEXT))
        )
        self.send()
        self.refuse()
        self.failureResultOf(tried[0], NotSent)


class StrictGateway:
    """A gateway that punishes: more than some in a minute, or anything meanwhile.

    Attributes:
        tried: sends that came during a punishment, each of which makes it longer.
        punished: how often it began to punish.
    """

    def __init__(self, connection: FakeConnection, most: int) -> None:
        self._connection = connection
        self._most = most
        self._came: list[float] = []
        self._until = 0.0
        self.punished = self.tried = self.accepted = 0

    def answer(self, now: float) -> None:
        """Answer all that came."""
        calls, self._connection.calls = self._connection.calls, []
        for call in calls:
            self._came = [when for when in self._came if when > now - 60.0]
            if now < self._until:
                self.tried += 1
                self._until += 60.0
            elif len(self._came) >= self._most:
                self.punished += 1
                self._until = now + 60.0
            else:
                self._came.append(now)
                self.accepted += 1
                self._connection.reply(call.call_id, {"msgId": "1"})
                continue
            self._connection.refuse(call.call_id, TOO_OFTEN)


class StrictGatewayTests(PacedCase):
    """A bot that sends without end, at a gateway that punishes it."""

    def play(self, pacing: Pacing | None) -> StrictGateway:
        """Send every other second, for an hour."""
        self.account, connection = ready_account(
            clock=self.clock, store=self.store, pacing=pacing
        )
        self.accounts.append(self.account)
        connection.calls.clear()
        gateway = StrictGateway(connection, most=20)
        for _ in range(1800):
            self.send()
            gateway.answer(self.clock.seconds())
            self.clock.advance(2.0)
        return gateway

    def test_never_into_a_punishment(self) -> None:
        """Though its rate is too high, nothing is sent while the gateway punishes."""
        gateway = self.play(Pacing(cool_down=60.0, unix_time=self.clock.seconds))
        self.assertGreater(gateway.punished, 0)
        self.assertEqual(gateway.tried, 0)
        self.assertGreater(gateway.accepted, 0)

    def test_a_rate_that_fits(self) -> None:
        """With a rate below the gateway's it never punishes at all."""
        gateway = self.play(Pacing(overall=Rate(3.2), unix_time=self.clock.seconds))
        self.assertEqual((gateway.punished, gateway.tried), (0, 0))
        self.assertGreaterEqual(gateway.accepted, 900)

    def test_without_the_mechanism(self) -> None:
        """The same bot without pacing makes its punishment longer and longer."""
        gateway = self.play(None)
        self.assertGreater(gateway.tried, 1000)
        self.assertEqual(gateway.accepted, 20)
