"""Tests that are found by their names."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from .named import is_test


class NamedTests(SynchronousTestCase):
    """What is a test, and what is not."""

    def test_this_one(self) -> None:
        """A test is one; what is not there, or is no test, is none."""
        place = f"{NamedTests.__module__}.NamedTests"
        self.assertTrue(is_test(f"{place}.test_this_one"))
        for other in (
            f"{place}.test_another_one",
            f"{place}.assertTrue",
            "tests.test_named.Nobody.test_this_one",
            "tests.test_nothing.NamedTests.test_this_one",
            "tests.named.is_test.test_this_one",
        ):
            self.assertFalse(is_test(other), other)
