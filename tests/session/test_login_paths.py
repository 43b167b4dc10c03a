"""Every path through the login machine: what ``login_paths`` finds."""

from __future__ import annotations

from itertools import product

from twisted.trial.unittest import SynchronousTestCase

from padchat_twisted.session import login
from padchat_twisted.session.breaker import Breaker

from .login_paths import ACTS, WAITING, explore, random_acts, walk
from .machine import PATHS

#: Further than the five that are asked for: what a breaker and three codes need.
DEPTH = 8
SHORT = 2

#: Random sequences, and how long they are.
SEEDS = range(40)
LENGTH = 200


class ExhaustiveTests(SynchronousTestCase):
    """Every sequence up to a length."""

    def test_pruned(self) -> None:
        """What has to hold does, on every path that leads to something new."""
        conditions, _ = explore(DEPTH)
        self.assertGreater(conditions, 200)

    def test_one_by_one(self) -> None:
        """Short ones are all tried; each can be stopped at its end."""
        for acts in product(ACTS, repeat=SHORT):
            walk(acts).end()

    def test_pruning_misses_nothing(self) -> None:
        """All sequences of a length lead to no condition but the known ones."""
        found = {walk(acts).condition() for acts in product(ACTS, repeat=SHORT)}
        found |= {walk((act,)).condition() for act in ACTS} | {walk(()).condition()}
        self.assertEqual(len(found), explore(SHORT)[0])

    def test_states(self) -> None:
        """The walks know each state, and which of them wait."""
        for state, path in PATHS.items():
            walked = walk(path)
            self.assertEqual(walked.state, state)
            self.assertEqual(bool(walked.timers), state in WAITING, state)


class RandomTests(SynchronousTestCase):
    """Long sequences."""

    def test_long(self) -> None:
        """The same holds for two hundred inputs; a seed that fails is told."""
        reached = set()
        for seed in SEEDS:
            walked = walk(tuple(random_acts(LENGTH, seed)))
            walked.end()
            reached |= {state for state, _ in walked.steps.entered_states}
        visible = {state.partition(" ")[0] for state in PATHS}
        self.assertEqual(reached, visible - {"offline"})


class NullBreaker(Breaker):
    """Counts nothing."""

    def failed(self, now: float) -> bool:
        """Never enough."""
        return False


class BiteTests(SynchronousTestCase):
    """The checks find what they are for."""

    def finds(self, what: str, *acts: str) -> None:
        """Expect that a walk fails, and says where."""
        error = self.assertRaises(AssertionError, walk, acts)
        self.assertEqual(str(error), what)
        self.assertEqual(error.__notes__, [f"on the path {' '.join(acts)}"])

    def test_codes_without_end(self) -> None:
        """A gateway that ends codes which it never granted gets three."""
        self.patch(login, "MAX_CODES", 100)
        ends = ("code_ended",) * 3
        self.finds(
            "ask_for_code at most 3 times", "start", "connected", "no_token", *ends
        )

    def test_timer_that_stays(self) -> None:
        """A timer of a state that was left is found."""
        self.patch(login._Core, "set_timer", _add_timer)
        self.finds("one timer where it waits", "start", "lost", "try_again")

    def test_without_the_breaker(self) -> None:
        """Logins that fail go round for ever without it."""
        acts = ("start", *("connected", "failed", "time") * 3)
        self.assertEqual(walk(acts).state, "needs_human")
        walked = walk(acts, make_breaker=lambda: NullBreaker(1, 1.0))
        self.assertEqual(walked.state, "connecting")


def _add_timer(core: login._Core, inputs: object, seconds: float | None) -> None:
    """Forget to cancel."""
    timer = None if seconds is None else core.clock.callLater(seconds, lambda: None)
    core.due(None if timer is None else timer.getTime())
