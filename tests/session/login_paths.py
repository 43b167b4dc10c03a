"""Every path through the login machine, and what holds on each of them.

::

    python -m tests.session.login_paths              every sequence up to five, pruned
    python -m tests.session.login_paths 4 --all      all up to four, one by one
    python -m tests.session.login_paths 200 SEED...  random ones of that length

Pruned: of two sequences that leave the machine in the same condition only the first
goes on. To try all of five, one by one, takes half an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock

from padchat_twisted.session import login
from padchat_twisted.session.breaker import Breaker
from padchat_twisted.session.login import HELD_SECONDS, MAX_CODES

from .machine import ARGUMENTS, INPUTS, RecordedSteps

#: Failed logins that are enough here: few, so that short sequences get there.
LIMIT = 3
WINDOW = 100_000.0

#: Beside the inputs of the machine: time passes until its timer is due.
TIME = "time"
ACTS = (*INPUTS, TIME)

#: States that end by themselves after a time; nothing waits in the others.
WAITING = frozenset(
    (
        "awaiting_scan",
        "awaiting_confirm",
        "logging_in",
        "syncing",
        "syncing (answered)",
        "ready",
        "retrying",
    )
)

#: What leads on, and how often one of these is drawn for a random sequence.
ONWARD = (
    *("start", "connected", "token_found", "no_token", "code_granted", "scanned"),
    *("confirmed", "logged_in", "answered", "loaded", TIME, TIME),
)
ONWARD_SHARE = 0.5

#: What may begin an attempt: a person, or that time has passed.
BEGINS = frozenset(("start", "try_again", "overdue", TIME))

#: What each connection may be asked for at most; with ``BEGINS`` no path goes round
#: without waiting.
MOST_ASKED = {"connect": 1, "initialise": 1, "login_by_token": 1} | {
    "ask_for_code": MAX_CODES,
    "retry_delay": 1,
}


class Walk:
    """One machine that is led through a sequence of acts.

    Args:
        make_breaker: counts failed logins; another one shows what it is for.
    """

    def __init__(self, make_breaker: Callable[[], Breaker] | None = None) -> None:
        self.clock = Clock()
        self.steps = RecordedSteps()
        breaker = Breaker(LIMIT, WINDOW) if make_breaker is None else make_breaker()
        # When the time of the state is up, as often as the machine told it.
        self._told_due: list[float | None] = []
        self._core = login._Core(
            self.clock, self.steps, "bot", breaker, self._told_due.append
        )
        self._inputs = login._factory()(self._core)
        self._failures: list[str] = []

    @property
    def state(self) -> str:
        """The state of the machine, by Automat's own name."""
        name: str = vars(self._inputs)["__automat_transitioner__"]._state.name
        return name

    @property
    def timers(self) -> list[IDelayedCall]:
        """What is due some time."""
        return list(self.clock.getDelayedCalls())

    def condition(self) -> tuple[object, ...]:
        """Return all that decides what the machine does next."""
        core, now = self._core, self.clock.seconds()
        return (
            self.state,
            tuple(timer.getTime() - now for timer in self.timers),
            core.codes_shown,
            core.codes_asked,
            core.silent_logins,
            len(core.breaker),
            self.state == "ready" and now - core.ready_since >= HELD_SECONDS,
        )

    def act(self, act: str) -> None:
        """Do one thing, and look whether all holds.

        Raises:
            AssertionError: something does not.
        """
        state, asked, entered = self.state, len(self.steps.asked), self._entered()
        before, told = self.timers, len(self._told_due)
        if act != TIME:
            getattr(self._inputs, act)(*ARGUMENTS.get(act, ()))
        elif before:
            self.clock.advance(before[0].getTime() - self.clock.seconds())
        self._look(act, state, self.steps.asked[asked:], told)
        self._expect(self._entered() - entered <= 1, "one state at a time")

    def end(self) -> None:
        """Stop, whatever the state: nothing is left.

        Raises:
            AssertionError: something is.
        """
        self.act("stop")
        self.act("lost")
        self._expect(self.state == "closed", "a stop ends it")

    def _entered(self) -> int:
        return len(self.steps.entered_states)

    def _look(self, act: str, old: str, asked: Sequence[str], told: int) -> None:
        state, timers = self.state, self.timers
        self._expect(len(timers) == (state in WAITING), "one timer where it waits")
        due = timers[0].getTime() if timers else None
        told_due = self._told_due[-1] if self._told_due else None
        self._expect(due == told_due, "it is due as told")
        if state != old and (old, state) not in (
            # The time of the code, and of the login, goes on.
            ("awaiting_scan", "awaiting_confirm"),
            ("syncing", "syncing (answered)"),
        ):
            self._expect(len(self._told_due) > told, "the time of a left state is over")
        if "connect" in asked:
            self._expect(act in BEGINS, "nobody connects without waiting")
        since = self._since_connect()
        for step, most in MOST_ASKED.items():
            self._expect(since.count(step) <= most, f"{step} at most {most} times")
        if state == "ready" != old:
            self._expect(old == "syncing (answered)", "ready means answered")
        if old == "needs_human" != state:
            self._expect(act in ("try_again", "stop"), "a person ends it")
        if old == "closed":
            self._expect(state == "closed" and not asked, "closed is the end")

    def _since_connect(self) -> list[str]:
        asked = self.steps.asked
        for index in range(len(asked) - 1, -1, -1):
            if asked[index] == "connect":
                return asked[index:]
        return asked

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise AssertionError(what)


def walk(acts: Sequence[str], **kwargs: Callable[[], Breaker]) -> Walk:
    """Lead a machine through *acts*.

    Raises:
        AssertionError: something does not hold; the note says on which path.
    """
    walk = Walk(**kwargs)
    try:
        for act in acts:
            walk.act(act)
    except Exception as error:
        error.add_note(f"on the path {' '.join(acts)}")
        raise
    return walk


def explore(depth: int) -> tuple[int, int]:
    """Try every sequence up to *depth*, pruned.

    Returns:
        How many conditions there are, and how many sequences were walked.
    """
    known: set[tuple[object, ...]] = {Walk().condition()}
    paths: list[tuple[str, ...]] = [()]
    count = 0
    for _ in range(depth):
        longer = []
        for path in paths:
            for act in ACTS:
                walked = walk((*path, act))
                count += 1
                condition = walked.condition()
                if condition not in known:
                    known.add(condition)
                    longer.append((*path, act))
                    walked.end()
        paths = longer
    return len(known), count


def random_acts(length: int, seed: int) -> Iterator[str]:
    """Draw a sequence; what leads on is as likely as all the rest together.

    It is not stopped, which would be the end of it.
    """
    chance = Random(seed)
    rest = [act for act in ACTS if act != "stop"]
    for _ in range(length):
        yield chance.choice(ONWARD if chance.random() < ONWARD_SHARE else rest)


def main(arguments: Sequence[str]) -> None:
    """Walk, and say how far."""
    depth = int(arguments[0]) if arguments else 5
    if "--all" in arguments:
        count = 0
        for length in range(1, depth + 1):
            for acts in product(ACTS, repeat=length):
                walk(acts).end()
                count += 1
        print(f"{count} sequences, each to its end")
    elif arguments[1:]:
        for seed in map(int, arguments[1:]):
            walk(tuple(random_acts(depth, seed))).end()
        print(f"{len(arguments) - 1} random sequences of {depth}")
    else:
        conditions, count = explore(depth)
        print(f"{conditions} conditions, {count} sequences of up to {depth}")


if __name__ == "__main__":
    main(sys.argv[1:])
