"""Buckets and lanes: never above a rate, in the right order, and nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session.pacer import MAX_CONVERSATIONS, Buckets, Pacer
from padchat_twisted.session.pacing import Pacing, Rate
from padchat_twisted.session.work import LANES, LARGE_BYTES, Lane, PacedKind, Work

#: What rounding may add (seconds).
ROUNDING = 1e-4

RATES = st.builds(
    Rate, st.floats(0.1, 60.0, allow_nan=False), st.integers(min_value=1, max_value=5)
)
KINDS = st.sampled_from(("text", "image", "friend"))
CONVERSATIONS = st.sampled_from(("", "a", "b"))
SETTINGS = st.builds(
    lambda overall, kinds, conversation: Pacing(
        overall=overall, kinds=kinds, conversation=conversation
    ),
    st.none() | RATES,
    st.dictionaries(KINDS, RATES),
    st.none() | RATES,
)

#: Seconds until it comes, kind, conversation, lane, size, how long it may wait.
ARRIVALS = st.lists(
    st.tuples(
        st.floats(0.0, 20.0),
        KINDS,
        CONVERSATIONS,
        st.sampled_from(LANES),
        st.sampled_from((0, LARGE_BYTES)),
        st.sampled_from((5.0, 1000.0)),
    ),
    max_size=30,
)
Arrival = tuple[float, PacedKind, str, Lane, int, float]


def work(
    kind: PacedKind = "text",
    conversation: str = "",
    lane: Lane = "command",
    size: int = 0,
    deadline: float = 1e12,
) -> Work:
    """Make a call."""
    return Work("code", kind, conversation, lane, size, deadline)


class Run:
    """Plays arrivals; large files take three seconds."""

    def __init__(self, pacing: Pacing, arrivals: Sequence[Arrival]) -> None:
        self.pacer = Pacer(pacing)
        self.now = 1.7e9
        self.went: list[tuple[float, Work]] = []
        self.overdue: list[Work] = []
        self.added: list[Work] = []
        self.under_way: list[tuple[float, Work]] = []
        self.most_large = 0
        self.broken: list[str] = []
        for delay, kind, conversation, lane, size, patience in arrivals:
            self.until(self.now + delay)
            one = Work("code", kind, conversation, lane, size, self.now + patience)
            self.added.append(one)
            self.pacer.add(one)
            self.turn()
        for _ in range(1000):
            if not len(self.pacer):
                break
            self.until(self.next_time() or self.now)
        else:
            self.broken.append("looked again and again")

    def next_time(self) -> float | None:
        """Return when something happens next."""
        times = [time for time, _ in self.under_way]
        due = self.pacer.next_at(self.now)
        return min([*times, *([] if due is None else [due])], default=None)

    def until(self, then: float) -> None:
        """Let time pass."""
        while (due := self.next_time()) is not None and due <= then:
            self.now = max(self.now, due)
            self.turn()
            if self.next_time() == due:
                break
        self.now = max(self.now, then)
        self.turn()

    def turn(self) -> None:
        """Do what a driver does."""
        for time, one in [*self.under_way]:
            if time <= self.now:
                self.under_way.remove((time, one))
                self.pacer.ended(one)
        while (late := self.pacer.take_overdue(self.now)) is not None:
            self.overdue.append(late)
        while (going := self.pacer.take(self.now)) is not None:
            self.went.append((self.now, going))
            self.most_large = max(self.most_large, self.pacer.large)
            if going.is_large:
                self.under_way.append((self.now + 3.0, going))
            else:
                self.pacer.ended(going)


def above(rate: Rate | None, times: Sequence[float]) -> list[tuple[float, float]]:
    """Find the windows in which more went than a rate allows."""
    if rate is None:
        return []
    return [
        (times[i], times[j])
        for i, j in combinations(range(len(times)), 2)
        if (j - i + 1 - rate.burst) * rate.every > times[j] - times[i] + ROUNDING
    ]


class PropertyTests(SynchronousTestCase):
    """What holds for all settings and all arrivals."""

    @given(SETTINGS, ARRIVALS)
    @settings(max_examples=150, deadline=None)
    def test_never_above_a_rate(
        self, pacing: Pacing, arrivals: Sequence[Arrival]
    ) -> None:
        """In no window does more go than each of the rates allows."""
        went = Run(pacing, arrivals).went
        self.assertEqual(above(pacing.overall, [time for time, _ in went]), [])
        for kind, rate in pacing.kinds.items():
            times = [time for time, one in went if one.kind == kind]
            self.assertEqual(above(rate, times), [])
        for name in ("a", "b"):
            times = [time for time, one in went if one.conversation == name]
            self.assertEqual(above(pacing.conversation, times), [])

    @given(SETTINGS, ARRIVALS)
    @settings(max_examples=150, deadline=None)
    def test_nothing_lost(self, pacing: Pacing, arrivals: Sequence[Arrival]) -> None:
        """Each call goes or is overdue, once, and large files one by one."""
        run = Run(pacing, arrivals)
        self.assertEqual(run.broken, [])
        ended = [one for _, one in run.went] + run.overdue
        self.assertEqual(sorted(map(id, ended)), sorted(id(one) for one in run.added))
        self.assertLessEqual(run.most_large, 1)
        for time, one in run.went:
            self.assertLessEqual(time, one.deadline)
        for one in run.overdue:
            self.assertGreater(one.deadline, 1.7e9)

    @given(SETTINGS, ARRIVALS)
    @settings(max_examples=150, deadline=None)
    def test_order(self, pacing: Pacing, arrivals: Sequence[Arrival]) -> None:
        """In a lane, what goes to one conversation goes in the order of the calls."""
        run = Run(pacing, arrivals)
        went = [one for _, one in run.went]
        for lane in LANES:
            for name in ("a", "b"):
                mine = [
                    one for one in went if (one.lane, one.conversation) == (lane, name)
                ]
                came = [one for one in run.added if one in mine]
                self.assertEqual(mine, came)

    @given(st.lists(st.sampled_from(LANES), max_size=20), RATES)
    @settings(max_examples=100, deadline=None)
    def test_lanes(self, lanes: Sequence[Lane], rate: Rate) -> None:
        """Of those that wait together, higher lanes go first, each in its order."""
        pacer = Pacer(Pacing(overall=rate))
        added = [work(lane=lane) for lane in lanes]
        for one in added:
            pacer.add(one)
        now, went = 0.0, list[Work]()
        while len(pacer):
            one_more = pacer.take(now)
            if one_more is None:
                due = pacer.next_at(now)
                assert due is not None
                now = due
            else:
                went.append(one_more)
        self.assertEqual(went, sorted(added, key=lambda one: LANES.index(one.lane)))


class BucketTests(SynchronousTestCase):
    """Buckets alone."""

    def test_burst_then_one_by_one(self) -> None:
        """A full bucket gives its burst, then one each time."""
        buckets = Buckets(Rate(2.0, 3))
        for _ in range(3):
            self.assertEqual(buckets.wait("a", 100.0), 0.0)
            buckets.take("a", 100.0)
        self.assertEqual(buckets.wait("a", 100.0), 2.0)
        self.assertEqual(buckets.wait("a", 102.0), 0.0)
        self.assertEqual(buckets.wait("b", 100.0), 0.0)

    def test_hold(self) -> None:
        """After a hold each has one token, also one that was never used."""
        buckets = Buckets(Rate(2.0, 3))
        buckets.hold(110.0)
        for key in ("a", "b"):
            self.assertEqual(buckets.wait(key, 100.0), 10.0)
            self.assertEqual(buckets.wait(key, 110.0), 0.0)
            buckets.take(key, 110.0)
            self.assertEqual(buckets.wait(key, 110.0), 2.0)

    def test_number_is_bounded(self) -> None:
        """At the limit a new one waits until one is full again; none is forgotten."""
        buckets = Buckets(Rate(10.0))
        for number in range(MAX_CONVERSATIONS):
            self.assertEqual(buckets.wait(str(number), 0.0), 0.0)
            buckets.take(str(number), number / MAX_CONVERSATIONS)
        self.assertEqual(len(buckets), MAX_CONVERSATIONS)
        self.assertEqual(buckets.wait("new", 5.0), 5.0)
        self.assertEqual(buckets.wait("0", 5.0), 5.0)
        self.assertEqual(buckets.wait("new", 10.0), 0.0)
        self.assertEqual(len(buckets), MAX_CONVERSATIONS - 1)

    def test_no_rate(self) -> None:
        """Without a rate nothing waits and nothing is kept."""
        buckets = Buckets(None)
        buckets.take("a", 0.0)
        buckets.hold(100.0)
        self.assertEqual((buckets.wait("a", 0.0), len(buckets)), (0.0, 0))


class PacerTests(SynchronousTestCase):
    """Single cases."""

    def test_nobody_is_held_up_by_another_conversation(self) -> None:
        """Who waits for its conversation lets those to others pass."""
        pacer = Pacer(Pacing(conversation=Rate(10.0)))
        first, second, other = work("text", "a"), work("text", "a"), work("text", "b")
        for one in (first, second, other):
            pacer.add(one)
        self.assertIs(pacer.take(0.0), first)
        self.assertIs(pacer.take(0.0), other)
        self.assertIsNone(pacer.take(0.0))
        self.assertEqual(pacer.next_at(0.0), 10.0)
        self.assertIs(pacer.take(10.0), second)

    def test_order_across_kinds(self) -> None:
        """A picture does not overtake a text to the same conversation."""
        pacer = Pacer(Pacing(kinds={"text": Rate(10.0)}))
        texts = [work("text", "a"), work("text", "a")]
        picture = work("image", "a")
        for one in (*texts, picture):
            pacer.add(one)
        self.assertIs(pacer.take(0.0), texts[0])
        self.assertIsNone(pacer.take(0.0))
        self.assertIs(pacer.take(10.0), texts[1])
        self.assertIs(pacer.take(10.0), picture)

    def test_large_files_one_by_one(self) -> None:
        """A large file waits for the end of another; small ones and texts do not."""
        pacer = Pacer(Pacing())
        files = [work("image", name, "media", LARGE_BYTES) for name in ("a", "b")]
        small, text = work("image", "c", "media", LARGE_BYTES - 1), work("text", "d")
        for one in (*files, small, text):
            pacer.add(one)
        self.assertEqual([pacer.take(0.0) for _ in range(3)], [text, files[0], small])
        self.assertIsNone(pacer.take(0.0))
        pacer.ended(files[0])
        self.assertIs(pacer.take(0.0), files[1])

    def test_removed(self) -> None:
        """Who was taken out does not go; taking out twice is once."""
        pacer = Pacer(Pacing())
        one = work()
        pacer.add(one)
        pacer.remove(one)
        pacer.remove(one)
        self.assertIsNone(pacer.take(0.0))
        self.assertIsNone(pacer.next_at(0.0))

    def test_counts(self) -> None:
        """Those that wait are counted by lane."""
        pacer = Pacer(Pacing())
        pacer.add(work(lane="push"))
        self.assertEqual(
            pacer.waiting(), {"reply": 0, "command": 0, "push": 1, "media": 0}
        )

    def test_leaving(self) -> None:
        """Until a call has left its conversation waits, in every lane; others go."""
        pacer = Pacer(Pacing())
        first, same, reply, other, nobody = (
            work(conversation="a"),
            work(conversation="a"),
            work(conversation="a", lane="reply"),
            work(conversation="b"),
            work(),
        )
        pacer.add(first)
        self.assertIs(pacer.take(0.0), first)
        pacer.leaving(first)
        for each in (same, reply, other, nobody):
            pacer.add(each)
        self.assertEqual([pacer.take(0.0) for _ in range(3)], [other, nobody, None])
        # Only the end of their patience is waited for.
        self.assertEqual(pacer.next_at(0.0), 1e12)
        pacer.left(first)
        self.assertEqual(pacer.next_at(0.0), 0.0)
        self.assertEqual([pacer.take(0.0) for _ in range(3)], [reply, same, None])
        pacer.leaving(nobody)
        pacer.add(nobody)
        self.assertIs(pacer.take(0.0), nobody)
