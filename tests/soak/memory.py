"""How much memory this process has, looked at now and then."""

from __future__ import annotations

import gc
import os
from array import array
from pathlib import Path
from statistics import median

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

__all__ = ["LEAST_SAMPLES", "SAMPLE_SECONDS", "Memory", "median_of_thirds"]

#: Time between two looks (seconds).
SAMPLE_SECONDS = 1.0

#: Fewer looks than these say nothing of growth: accounts that have just begun grow.
LEAST_SAMPLES = 150

_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Return the bytes of this process that are in memory; 0 where nobody tells."""
    try:
        pages = int(_STATM.read_bytes().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def median_of_thirds(samples: array[int]) -> list[int]:
    """Return the medians of the first, second and last third; none of too few."""
    if len(samples) < LEAST_SAMPLES or not all(samples):
        return []
    third = len(samples) // 3
    return [int(median(samples[at * third : (at + 1) * third])) for at in range(3)]


class Memory:
    """Keeps the sizes of this process, each one after a collection of garbage.

    Args:
        clock: the reactor.

    Attributes:
        samples: the sizes (bytes).
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.samples: array[int] = array("Q")
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock

    def start(self) -> None:
        """Look from now on."""
        self._looking.start(SAMPLE_SECONDS)

    def stop(self) -> None:
        """Look no more."""
        if self._looking.running:
            self._looking.stop()

    def _look(self) -> None:
        gc.collect()
        self.samples.append(resident())
