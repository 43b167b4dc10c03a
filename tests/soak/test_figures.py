"""What does not hold is found, and each figure has its line."""

from __future__ import annotations

from collections import Counter

from twisted.trial.unittest import SynchronousTestCase

from .figures import Figures
from .ledger import Ledger, Told
from .worker import RESULT

ACCOUNTS = 2


def good() -> Figures:
    """Make the figures of two accounts that are well."""
    ledger = Ledger(ACCOUNTS)
    for name in ("0", "1"):
        ledger.heard(f"alice -> {name}: 0")
        ledger.handed(f"wxid_{name}", 0, is_marked=False)
        ledger.heard(f"{name} -> alice: {name}-0")
        ledger.sends[int(name)].told.append(Told.DONE)
        ledger.begun["sends"] += 1
        ledger.ended["sends", RESULT] += 1
    return Figures(
        *(7, 15, ledger),
        states=Counter(ready=ACCOUNTS),
        well=ACCOUNTS,
        memory=[90, 100, 102],
    )


class ProblemTests(SynchronousTestCase):
    """One thing is wrong in each."""

    def setUp(self) -> None:
        """Have figures in which nothing is wrong yet."""
        self.figures = good()
        self.ledger = self.figures.ledger

    def assert_told(self, *problems: str) -> None:
        """Compare what the figures find."""
        self.assertEqual(self.figures.problems(), list(problems))

    def test_good(self) -> None:
        """Nothing is found; a message again with its mark is no problem."""
        self.assert_told()
        self.ledger.handed("wxid_1", 0, is_marked=True)
        self.assert_told()
        self.assertEqual(self.ledger.missing, 0)

    def test_lost(self) -> None:
        """A message that no handler had."""
        self.ledger.heard("alice -> 1: 3")
        self.assertEqual(self.ledger.missing, 1)
        self.assert_told("messages that no handler had: 1, such as 3 to wxid_1")

    def test_repeated(self) -> None:
        """A message that came again without its mark."""
        self.ledger.handed("wxid_0", 0, is_marked=False)
        self.assert_told("messages that came again unmarked: 1, such as 0 to wxid_0")

    def test_strange(self) -> None:
        """A message that the gateway never had."""
        self.ledger.handed("wxid_0", 9, is_marked=False)
        self.assert_told("messages that nobody said: 1, such as 9 to wxid_0")

    def test_doubled(self) -> None:
        """A send that came to the gateway twice."""
        self.ledger.heard("1 -> alice: 1-0")
        self.assert_told("sends that arrived twice: 1, such as 1-0")

    def test_gone(self) -> None:
        """A result for what never arrived, and the other way round."""
        told = self.ledger.sends[0].told
        told.append(Told.DONE)
        self.assert_told("sends told as done that did not arrive: 1, such as 0-1")
        told[:] = [Told.FREE, Told.UNKNOWN]
        self.assert_told("sends told as not done that arrived: 1, such as 0-0")

    def test_hanging(self) -> None:
        """A Deferred that did not end, and one that ended in what it should not."""
        self.ledger.begun["readings"] += 2
        self.ledger.ended["readings", "KeyError"] += 1
        self.assert_told("readings that ended in KeyError: 1", "readings that hang: 1")

    def test_unknown(self) -> None:
        """Sends of which the store says something else, or still nothing."""
        self.figures.untold, self.figures.left = 2, 1
        self.assert_told(
            "sends whose caller and store disagree: 2",
            "sends that are unknown still: 1",
        )

    def test_left_out(self) -> None:
        """An account that is not ready, or cannot do anything."""
        self.figures.states = Counter(ready=1, retrying=1)
        self.figures.well = 1
        self.assert_told(
            "accounts left out: 1 ready, 1 retrying", "accounts that cannot send: 1"
        )

    def test_memory(self) -> None:
        """Memory that grows by more than two percent; what was before is no matter."""
        self.figures.memory = [10, 100_000, 102_001]
        self.assert_told("memory grows: by 2.0% (limit 2%)")
        self.figures.minutes = 3
        self.assert_told()
        told = [line for line in self.figures.lines() if "growth" in line]
        self.assertIn("+2.00% (too early to tell)", told[0])
        self.figures.memory = []
        self.assert_told()

    def test_logged(self) -> None:
        """Whatever is logged as an error."""
        self.figures.logged = ["Unhandled error in Deferred"]
        self.assert_told("logged: Unhandled error in Deferred")


class LineTests(SynchronousTestCase):
    """What is printed."""

    def test_lines(self) -> None:
        """Each figure has a line, and the seed is the first."""
        figures = good()
        ledger = figures.ledger
        ledger.handed("wxid_1", 0, is_marked=True)
        ledger.heard("nobody is logged in yet")
        ledger.played.update(close=2, late=1)
        figures.unknown, figures.left = 3, 1
        lines = figures.lines()
        self.assertEqual(lines[0].split(), ["seed", "7"])
        found = {line[2:26].strip(): line[26:] for line in lines}
        for name, figure in (
            ("faults played", "3 (2 close, 1 late)"),
            ("messages", "2"),
            ("handed to handlers", "2"),
            ("handed again, marked", "1"),
            ("sends with a key", "2"),
            ("arrived", "2"),
            ("arrived twice", "0"),
            ("unknown, then settled", "3, 2"),
            ("Deferreds", "2 (2 sends)"),
            ("hanging", "0"),
            ("states at the end", "2 ready"),
            ("growth in the last one", "+2.00%"),
        ):
            self.assertEqual(found[name], figure, name)
