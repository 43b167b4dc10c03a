"""Each rule and example of dialects.md is held by a test in both roles."""

from __future__ import annotations

import re
from importlib import import_module

from twisted.trial.unittest import SynchronousTestCase

from ..wire.json_examples import examples
from .held_examples import EXAMPLES
from .rules import NOT_OF_A_ROLE, RULES

#: How many numbered rules a part of the page has.
NUMBERED = {"1 client": 7, "1 server": 4, "3 reference": 4}

#: Its sections that have rules for client and gateway.
SECTIONS = (1, 3, 4, 6, 7, 8)


class DialectRuleTests(SynchronousTestCase):
    """The table of rules."""

    def test_every_example(self) -> None:
        """All examples of the page are there, in its order."""
        numbers = [
            f"{series}{n}"
            for series, last in (("L", 11), ("S", 10), ("K", 10))
            for n in range(1, last + 1)
        ]
        self.assertEqual(list(EXAMPLES), numbers)
        # The connection of S1 has no JSON of its own.
        self.assertEqual(set(examples()), set(numbers) - {"S1"})

    def test_every_rule(self) -> None:
        """All numbered rules are there, and every section has rules."""
        for part, count in NUMBERED.items():
            pattern = re.compile(rf"{part} (\d+)\Z")
            found = [int(match[1]) for name in RULES if (match := pattern.match(name))]
            self.assertEqual(found, list(range(1, count + 1)), part)
        self.assertEqual({int(name[0]) for name in RULES}, set(SECTIONS))

    def test_held(self) -> None:
        """What is said to hold a rule is a test that exists, in each role."""
        for name, holders in {**EXAMPLES, **RULES}.items():
            for role, tests in zip(("client", "server"), holders, strict=True):
                has_no_tests = (name, role) in NOT_OF_A_ROLE
                self.assertEqual(not tests, has_no_tests, (name, role))
                self.assertEqual(len(set(tests)), len(tests), (name, role))
                for held_by in tests:
                    module, _, place = held_by.partition(": ")
                    group, _, test = place.partition(".")
                    self.assertTrue(test.startswith("test_"), held_by)
                    loaded = import_module(f"tests.{module}")
                    found = getattr(getattr(loaded, group), test, None)
                    self.assertTrue(callable(found), f"{name}: {held_by}")
