"""A few cases of every group in both roles; ``make conformance`` runs them all."""

from __future__ import annotations

import unittest
from importlib.util import find_spec

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from ..interop.peers import real_reactor
from .__main__ import GROUPS, count, differences, is_as_good, table
from .runs import ROLES, Result, run

#: Some of every group, none of which waits for long.
CASES = (
    *("1.1.1", "1.1.6", "1.1.8", "1.2.6"),
    *("2.4", "2.5", "2.6", "2.10"),
    *("3.2", "3.4", "3.7"),
    *("4.1.2", "4.2.4"),
    *("5.1", "5.2", "5.8", "5.14", "5.18"),
    *("6.2.3", "6.3.1", "6.4.3", "6.6.2", "6.12.1"),
    *("7.1.1", "7.3.1", "7.3.6", "7.5.1", "7.7.1", "7.9.1"),
    *("9.1.1", "9.3.5", "9.7.1"),
    "10.1.1",
    *("12.1.1", "12.2.3", "12.5.2"),
    *("13.1.1", "13.3.2", "13.4.3", "13.7.1"),
)


def result(case: str, behavior: str = "OK", close: str = "OK") -> Result:
    """Make the result of a case."""
    passed = behavior in ("OK", "NON-STRICT", "INFORMATIONAL") and close != "FAILED"
    return Result(case, behavior, close, passed, 500, "", "should", "did")


class SuiteTests(TestCase):
    """Our WebSockets and the suite, over real sockets."""

    timeout = 120

    @unittest.skipIf(find_spec("kosoku") is None, "kosoku is not installed")
    def test_roles(self) -> Deferred[None]:
        """Cases of every group pass, as client and as server."""
        self.assertEqual({case.split(".")[0] for case in CASES}, set(GROUPS))

        async def runs() -> None:
            for role in ROLES:
                results = await run(real_reactor(), "ours", role, CASES)
                self.assertEqual([r.case for r in results], list(CASES))
                failed = {
                    r.case: (r.verdict, r.result) for r in results if r.verdict != "OK"
                }
                allowed = {"7.1.6", "7.13.1"}
                self.assertEqual(set(failed) - allowed, set(), failed)

        return Deferred.fromCoroutine(runs())


class VerdictTests(SynchronousTestCase):
    """What counts as success."""

    def test_as_good_as_autobahn(self) -> None:
        """A case must pass, and be no worse than autobahn's own."""
        for ours, theirs, is_good in (
            (result("1.1.1"), result("1.1.1"), True),
            (result("1.1.1"), result("1.1.1", "FAILED"), True),
            (result("1.1.1", "FAILED"), result("1.1.1", "FAILED"), False),
            (result("1.1.1", close="FAILED"), result("1.1.1"), False),
            (result("1.1.1", "NON-STRICT"), result("1.1.1"), False),
            (result("1.1.1", "NON-STRICT"), result("1.1.1", "NON-STRICT"), True),
        ):
            self.assertEqual(is_as_good(ours, theirs), is_good, (ours, theirs))

    def test_table(self) -> None:
        """The table counts verdicts by group, in the order of groups."""
        ours = [result("1.1.1"), result("10.1.1"), result("6.4.3", "NON-STRICT")]
        theirs = [result("1.1.1"), result("10.1.1"), result("6.4.3")]
        self.assertEqual(
            table("client", ours, theirs),
            [
                "as client         ours           autobahn's own",
                "1 framing         1 OK           1 OK",
                "6 UTF-8 handling  1 NON-STRICT   1 OK",
                "10 miscellaneous  1 OK           1 OK",
                "passed            3 of 3 in 2 s  3 of 3 in 2 s",
            ],
        )
        verdicts = [result("2.1", "FAILED"), result("2.2"), result("2.3", close="X")]
        self.assertEqual(count(verdicts, "2"), "1 OK, 1 FAILED, 1 OK (closing: X)")

    def test_differences(self) -> None:
        """A case that went another way is named; a worse one with what it did."""
        ours = [result("1.1.1", "FAILED"), result("6.4.3"), result("2.1")]
        theirs = [result("1.1.1"), result("6.4.3", "NON-STRICT"), result("2.1")]
        self.assertEqual(
            differences(ours, theirs),
            [
                "! 1.1.1: FAILED; autobahn's own: OK",
                "    should",
                "    did",
                "  6.4.3: OK; autobahn's own: NON-STRICT",
            ],
        )
