"""A short storm over real sockets (``make storm`` is the long one), and its figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from padchat_twisted.session.endurance import Endurance

from .children import new_folder
from .service.stage import real_reactor
from .storm import PROBE_SECONDS, Figures, Probe, Stall, Storm

#: Accounts of the short storm: twice as many as may begin in a second.
FEW = 20


class StormTests(TestCase):
    """D4, over sockets."""

    timeout = 180

    async def test_all_are_back(self) -> None:
        """After a restart of the gateway all are ready again, by their tokens."""
        said: list[str] = []
        impatient = Endurance(chance=lambda: 0.0)
        storm = Storm(real_reactor(), new_folder(self), said.append, impatient)
        self.addCleanup(storm.stop)
        figures = await storm.run(FEW, outage=0.5)
        self.assertEqual(figures.states, Counter(ready=FEW))
        self.assertEqual(figures.codes, 0)
        self.assertGreaterEqual(figures.connects, FEW)
        self.assertEqual(len(said), 3, said)


class FiguresTests(SynchronousTestCase):
    """What counts as met."""

    def test_aims(self) -> None:
        """Each figure that has an aim can miss it."""
        good = Figures(
            *(3, 1.0, Stall(0.5), 2.0, Stall(0.199)), 9, 10, 0, Counter(ready=3)
        )
        self.assertTrue(all(holds for _, holds in good.lines()))
        for bad, told in (
            (replace(good, stall=Stall(0.2, 0.1)), "200 ms, 100 ms of it at work (aim"),
            (replace(good, most=11), "connections begun in any second: 11 (aim: 10)"),
            (replace(good, codes=1), "codes shown after the restart: 1 (aim: 0)"),
            (
                replace(good, states=Counter(ready=2, retrying=1)),
                "states at the end: 2 ready, 1 retrying (aim: 3 ready)",
            ),
        ):
            (line,) = [line for line, holds in bad.lines() if not holds]
            self.assertIn(told, line)


class ProbeTests(SynchronousTestCase):
    """The longest time between two looks."""

    def test_longest(self) -> None:
        """It is that of the clock, and can begin anew; nothing is left at the end."""
        clock = Clock()
        probe = Probe(clock)
        for step in (PROBE_SECONDS, 0.25, 0.125):
            clock.advance(step)
        self.assertEqual(probe.longest.seconds, 0.25)
        probe.longest = Stall()
        clock.advance(0.0625)
        self.assertEqual(probe.longest.seconds, 0.0625)
        probe.stop()
        self.assertEqual(clock.getDelayedCalls(), [])
