"""How memory is looked at, and that the books of the soak stay small."""

from __future__ import annotations

import subprocess
import sys
from array import array

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from ..__main__ import ROOT
from . import memory
from .figures import MAX_GROWTH
from .ledger import Ledger, numbers
from .memory import LEAST_SAMPLES, SAMPLE_SECONDS, Memory, median_of_thirds

#: Looks nine times at its memory, and with each of the last three keeps 16 MiB. It is a
#: process of its own: one that has run tests has memory left over to hoard in.
HOARD = """
from twisted.internet.task import Clock
from tests.soak import memory
memory.LEAST_SAMPLES = 9
looking = memory.Memory(Clock())
hoard = []
for number in range(9):
    if number >= 6:
        hoard.append(bytearray(b"x") * 2**24)
    looking.start()
    looking.stop()
print(*memory.median_of_thirds(looking.samples))
"""


class MemoryTests(SynchronousTestCase):
    """Sizes, once in a while."""

    def test_samples(self) -> None:
        """It is looked at until that is stopped, which may be twice."""
        clock = Clock()
        memory = Memory(clock)
        memory.start()
        clock.pump([SAMPLE_SECONDS] * 3)
        memory.stop()
        memory.stop()
        clock.advance(10 * SAMPLE_SECONDS)
        self.assertEqual(len(memory.samples), 4)

    def test_thirds(self) -> None:
        """Each third has its median, which one peak does not move."""
        third = LEAST_SAMPLES // 3
        samples = array("Q", [5] * third + [7] * third + [9] * third)
        samples[-1] = 1_000_000
        self.assertEqual(median_of_thirds(samples), [5, 7, 9])

    def test_too_few(self) -> None:
        """Few samples say nothing, nor do those of a system that tells none."""
        self.assertEqual(median_of_thirds(array("Q", [5] * (LEAST_SAMPLES - 1))), [])
        self.assertEqual(median_of_thirds(array("Q", [0] * LEAST_SAMPLES)), [])

    def test_hoard(self) -> None:
        """What somebody keeps in the last third is seen as growth."""
        said = subprocess.run(
            [sys.executable, "-c", HOARD], cwd=ROOT, capture_output=True, check=True
        ).stdout
        _, before, last = map(int, said.split())
        self.assertGreater((last - before) / before, 10 * MAX_GROWTH)

    if not memory.resident():
        test_hoard.skip = "nobody tells how much memory there is"  # type: ignore[attr-defined]


class BooksTests(SynchronousTestCase):
    """What is noted of a message."""

    def test_small(self) -> None:
        """A byte for each end, however often it comes."""
        ledger = Ledger(1)
        for _ in range(300):
            for number in range(100):
                ledger.heard(f"alice -> bot: {number}")
                ledger.heard(f"bot -> alice: 0-{number}")
                ledger.handed("wxid_bot", number, is_marked=False)
        [mail] = ledger.mail.values()
        books = (mail.said, mail.fresh, ledger.sends[0].arrived)
        self.assertEqual([len(book) for book in books], [100] * 3)
        self.assertEqual(numbers(mail.fresh, 2), set(range(100)))
