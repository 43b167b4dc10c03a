"""The login machine alone: every input in every state."""

from __future__ import annotations

from padchat_twisted.session.login import (
    CODE_GRACE,
    CODE_SECONDS,
    LOADED_SECONDS,
    LOGIN_SECONDS,
    TOKEN_SECONDS,
)

from .machine import INPUTS, PATHS, RETRY_DELAY, TROUBLE, MachineCase

#: What follows: state -> input -> state entered and steps, in order. A pair that is
#: missing is ignored; "" is no state entered.
Outcome = tuple[str, tuple[str, ...]]

_RETRY: Outcome = ("retrying", ("retry_delay",))
_DROP: Outcome = ("retrying", ("drop", "retry_delay"))
_HUMAN: Outcome = ("needs_human", ("drop",))
_CODE: Outcome = ("awaiting_scan", ("ask_for_code",))
_SAVE: Outcome = ("", ("save_login",))
_ONLINE: dict[str, Outcome] = {
    "lost": _RETRY,
    "failed": _DROP,
    "refused": _HUMAN,
    "stop": ("closing", ("close",)),
}
_BEFORE_LOGIN: dict[str, Outcome] = {"logged_in": ("syncing", ("save_login",))}
_SHOWING_CODE: dict[str, Outcome] = {
    "code_granted": ("", ()),
    "code_ended": _CODE,
    "overdue": _CODE,
    "gave_up": _HUMAN,
    "confirmed": ("logging_in", ()),
}
TABLE: dict[str, dict[str, Outcome]] = {
    "offline": {"start": ("connecting", ("connect",)), "stop": ("closed", ())},
    "connecting": {
        "connected": ("initialising", ("initialise",)),
        "lost": _RETRY,
        "refused": _HUMAN,
        "stop": ("closed", ("drop",)),
    },
    "initialising": {
        "token_found": ("logging_in", ("login_by_token",)),
        "no_token": _CODE,
        **_BEFORE_LOGIN,
        **_ONLINE,
    },
    "awaiting_scan": {
        "code_expires_in": ("", ()),
        "scanned": ("awaiting_confirm", ()),
        **_SHOWING_CODE,
        **_BEFORE_LOGIN,
        **_ONLINE,
    },
    "awaiting_confirm": {**_SHOWING_CODE, **_BEFORE_LOGIN, **_ONLINE},
    "logging_in": {
        "login_takes": ("", ()),
        "token_refused": _CODE,
        "overdue": _DROP,
        **_BEFORE_LOGIN,
        **_ONLINE,
    },
    "syncing": {
        "logged_in": _SAVE,
        "answered": ("", ()),
        "overdue": _DROP,
        **_ONLINE,
    },
    "syncing (answered)": {
        "logged_in": _SAVE,
        "loaded": ("ready", ()),
        "overdue": ("ready", ()),
        **_ONLINE,
    },
    "ready": {"logged_in": _SAVE, "overdue": _SAVE, **_ONLINE},
    "retrying": {
        "overdue": ("connecting", ("connect",)),
        "gave_up": _HUMAN,
        "try_again": ("connecting", ("connect",)),
        "stop": ("closed", ()),
    },
    "needs_human": {
        "try_again": ("connecting", ("connect",)),
        "stop": ("closed", ()),
    },
    "closing": {"lost": ("closed", ())},
    "closed": {},
}

#: Pairs that change a timer, although they enter no state.
SETS_TIMER = {
    ("awaiting_scan", "code_expires_in"),
    ("logging_in", "login_takes"),
    ("ready", "overdue"),
}


class TableTests(MachineCase):
    """Every (state, input) pair."""

    def test_every_pair(self) -> None:
        """What is in the table happens, and nothing else does."""
        count = 0
        for state in PATHS:
            for name in INPUTS:
                self.reach(state)
                asked = len(self.steps.asked)
                entered = len(self.steps.entered_states)
                timers = self.timers()
                self.clock.advance(1.0)
                self.give(name)
                outcome = (
                    "".join(s for s, _ in self.steps.entered_states[entered:]),
                    tuple(self.steps.asked[asked:]),
                )
                pair = f"{name} in {state}"
                self.assertEqual(outcome, TABLE[state].get(name, ("", ())), pair)
                if not outcome[0] and (state, name) not in SETS_TIMER:
                    left = [seconds - 1.0 for seconds in timers]
                    self.assertEqual(self.timers(), left, pair)
                count += 1
        self.assertEqual(count, 13 * 21)

    def test_table_names_what_there_is(self) -> None:
        """The table has every state, and no input that does not exist."""
        self.assertEqual(set(TABLE), set(PATHS))
        for state, inputs in TABLE.items():
            self.assertLessEqual(set(inputs), set(INPUTS), state)

    def test_one_timer_at_most(self) -> None:
        """A state has the timer that belongs to it, and none of an older state."""
        expected = {
            "awaiting_scan": CODE_SECONDS + CODE_GRACE,
            "awaiting_confirm": CODE_SECONDS + CODE_GRACE,
            "logging_in": LOGIN_SECONDS,
            "syncing": LOADED_SECONDS,
            "syncing (answered)": LOADED_SECONDS,
            "ready": TOKEN_SECONDS,
            "retrying": RETRY_DELAY,
        }
        for state in PATHS:
            self.reach(state)
            timers = [expected[state]] if state in expected else []
            self.assertEqual(self.timers(), timers, state)

    def test_reasons_are_handed_on(self) -> None:
        """Who watches the states is told why."""
        for name in ("lost", "failed"):
            self.reach("ready")
            self.give(name)
            self.assertIs(self.reason, TROUBLE)

    def test_stop_leaves_no_timer(self) -> None:
        """After a stop in any state, nothing is left to happen."""
        for state in PATHS:
            self.reach(state)
            self.inputs.stop()
            self.inputs.lost(TROUBLE)
            self.assertEqual(self.state, "closed", state)
            self.assertEqual(self.timers(), [], state)
